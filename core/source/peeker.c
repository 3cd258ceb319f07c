#include "source/peeker.h"

#include "aws/kafka_login.h"
#include "base/clock.h"
#include "base/mailbox.h"
#include "base/mem.h"
#include "base/thread.h"
#include "source/kafka_peek.h"
#include "source/s3_peek.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { LOOK_MS = 10 * 1000, IDLE_MS = 60 * 1000 };

/* Where the servers are. */
struct place {
    char *bootstrap; /* NULL: the configuration's */
    char *protocol, *mechanism;
    struct s3_place s3;
};

struct job {
    unsigned id;
    struct peek_request *request;
    struct place place;
};

struct peeker {
    const struct config *config;
    struct aws *const *aws;
    int bell, stop_fd, wake_fd;
    int halt_fd; /* readable when either of the two before is: "give up" */
    struct mailbox jobs, answers;
    atomic_bool ended;
    pthread_t thread;
    struct place *places; /* by pipeline; of the asking thread alone */
    /* Below: the thread's own. */
    struct kafkaclient *client;
    struct kafka_login *login;
    size_t pipeline; /* whose client that is */
    char *bootstrap;
};

static void place_clear(struct place *place)
{
    free(place->bootstrap);
    free(place->protocol);
    free(place->mechanism);
    place->bootstrap = place->protocol = place->mechanism = NULL;
}

static void job_free(struct job *job)
{
    if (job == NULL)
        return;
    peek_request_free(job->request);
    place_clear(&job->place);
    free(job);
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void disconnect(struct peeker *p)
{
    kafkaclient_close(p->client);
    kafka_login_free(p->login);
    free(p->bootstrap);
    p->client = NULL;
    p->login = NULL;
    p->bootstrap = NULL;
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool connect_client(struct peeker *p, const struct job *job,
                           const struct kafkaclient_until *until, struct err *err)
{
    const struct pipeline_config *cfg = &p->config->pipelines[job->request->pipeline];
    const struct kafka_place place = {job->place.bootstrap, job->place.protocol,
                                      job->place.mechanism};
    struct kafkaclient_login how;
    if (p->client != NULL &&
        (p->pipeline != job->request->pipeline || !same_text(p->bootstrap, place.bootstrap)))
        disconnect(p);
    if (p->client != NULL)
        return true;
    kafka_login_free(p->login);
    p->login = kafka_login_new(cfg, p->aws != NULL ? p->aws[job->request->pipeline] : NULL);
    if (!kafka_login_settle(p->login, &place, until, &how, err))
        return false;
    p->client = kafkaclient_new(&cfg->kafka, place.bootstrap, &how, err);
    p->pipeline = job->request->pipeline;
    free(p->bootstrap);
    p->bootstrap = mem_strdup(place.bootstrap);
    return p->client != NULL;
}

/* A login that was refused is read anew once: the secret may be another one by now. */
static bool look_into_topic(struct peeker *p, const struct job *job, struct peek_answer *answer,
                            struct err *err)
{
    const struct kafka_config *cfg = &p->config->pipelines[job->request->pipeline].kafka;
    const struct kafkaclient_until until = {.deadline_ms = clock_mono_ms() + LOOK_MS,
                                            .stop_fd = p->halt_fd};
    if (cfg->bootstrap_servers.count == 0 && job->place.bootstrap == NULL)
        return err_set(err, ERR_CONFIG, 0, "no Kafka is configured: give --kafka");
    for (int i = 0; i < 2; i++) {
        if (!connect_client(p, job, &until, err))
            return false;
        if (kafka_peek(p->client, &until, answer, err))
            return true;
        if (!kafka_login_refused(p->login, &until, err))
            return false;
        kafkaclient_close(p->client);
        p->client = NULL;
    }
    return false;
}

static struct peek_answer *look(struct peeker *p, const struct job *job)
{
    struct peek_answer *answer = peek_answer_new(job->id, job->request);
    struct err err = ERR_INIT;
    size_t pipeline = job->request->pipeline;
    int64_t start = clock_mono_ms();
    bool ok =
        job->request->kind == PEEK_TOPIC
            ? look_into_topic(p, job, answer, &err)
            : s3_peek(p->aws != NULL ? p->aws[pipeline] : NULL, &p->config->pipelines[pipeline].s3,
                      &job->place.s3, start + LOOK_MS, p->halt_fd, answer, &err);
    if (ok)
        peek_answer_read(answer);
    else
        answer->err = err;
    answer->took_ms = clock_mono_ms() - start;
    return answer;
}

static bool is_readable(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    return poll(&one, 1, 0) > 0;
}

/* A wake that came with the job itself looks like a newer request: then the job goes on. */
static void do_job(struct peeker *p, struct job *job)
{
    while (job != NULL) {
        bell_clear(p->wake_fd);
        struct job *newer = mailbox_take(&p->jobs);
        if (newer != NULL) {
            job_free(job);
            job = newer;
        }
        struct peek_answer *answer = look(p, job);
        bool given_up = answer->err.kind == ERR_STOPPED;
        if (given_up && !is_readable(p->stop_fd)) {
            peek_answer_free(answer);
            continue;
        }
        job_free(job);
        job = NULL;
        peek_answer_free(mailbox_put(&p->answers, answer));
        bell_ring(p->bell);
    }
}

static void *run(void *arg)
{
    struct peeker *p = arg;
    (void)pthread_setname_np(pthread_self(), "peek");
    struct pollfd fds[2] = {
        {.fd = p->stop_fd, .events = POLLIN},
        {.fd = p->wake_fd, .events = POLLIN}
    };
    for (;;) {
        int n = poll(fds, 2, p->client != NULL ? IDLE_MS : -1);
        if (n > 0 && (fds[0].revents & POLLIN) != 0)
            break;
        if (n == 0)
            disconnect(p);
        do_job(p, mailbox_take(&p->jobs));
    }
    disconnect(p);
    atomic_store(&p->ended, true);
    bell_ring(p->bell);
    return NULL;
}

/* ---- who asks -------------------------------------------------------------------------------- */

static void close_all(struct peeker *p)
{
    const int fds[] = {p->wake_fd, p->halt_fd};
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        if (fds[i] >= 0)
            (void)close(fds[i]);
    }
    for (size_t i = 0; i < p->config->npipelines; i++)
        place_clear(&p->places[i]);
    free(p->places);
    free(p);
}

static bool watch(const struct peeker *p, int fd)
{
    struct epoll_event event = {.events = EPOLLIN};
    return fd >= 0 && epoll_ctl(p->halt_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

struct peeker *peeker_start(const struct config *config, struct aws *const *aws, int bell,
                            int stop_fd, struct err *err)
{
    struct peeker *p = mem_alloc(sizeof(*p));
    p->config = config;
    p->aws = aws;
    p->bell = bell;
    p->stop_fd = stop_fd;
    p->places = mem_calloc(config->npipelines + 1, sizeof(*p->places));
    for (size_t i = 0; i < config->npipelines; i++)
        (void)s3_topics_place(&config->pipelines[i], NULL, &p->places[i].s3, NULL);
    p->wake_fd = bell_open();
    p->halt_fd = epoll_create1(EPOLL_CLOEXEC);
    if (!watch(p, p->stop_fd) || !watch(p, p->wake_fd) ||
        pthread_create(&p->thread, NULL, run, p) != 0) {
        err_set(err, ERR_IO, 0, "no thread to look into topics");
        close_all(p);
        return NULL;
    }
    return p;
}

void peeker_hints(struct peeker *peeker, size_t pipeline, const struct hints *hints)
{
    const struct pipeline_config *cfg = &peeker->config->pipelines[pipeline];
    struct place *place = &peeker->places[pipeline];
    struct s3_place s3;
    if (cfg->kafka.bootstrap_servers.count == 0 && hints->bootstrap_servers != NULL) {
        place_clear(place);
        place->bootstrap = mem_strdup(hints->bootstrap_servers);
        place->protocol = mem_strdup(hints->kafka_protocol);
        place->mechanism = mem_strdup(hints->kafka_mechanism);
    }
    if (s3_topics_place(cfg, hints, &s3, NULL))
        place->s3 = s3;
}

void peeker_ask(struct peeker *peeker, unsigned id, const struct peek_request *request)
{
    const struct place *place = &peeker->places[request->pipeline];
    struct job *job = mem_alloc(sizeof(*job));
    *job = (struct job){.id = id, .request = peek_request_copy(request), .place = *place};
    job->place.bootstrap = mem_strdup(place->bootstrap);
    job->place.protocol = mem_strdup(place->protocol);
    job->place.mechanism = mem_strdup(place->mechanism);
    job_free(mailbox_put(&peeker->jobs, job));
    bell_ring(peeker->wake_fd);
}

struct peek_answer *peeker_take(struct peeker *peeker)
{
    return mailbox_take(&peeker->answers);
}

bool peeker_join(struct peeker *peeker, int64_t deadline_ms)
{
    if (!thread_join(peeker->thread, &peeker->ended, deadline_ms))
        return false;
    job_free(mailbox_take(&peeker->jobs));
    peek_answer_free(mailbox_take(&peeker->answers));
    close_all(peeker);
    return true;
}
