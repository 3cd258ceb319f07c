#include "action/worker.h"

#include "action/audit.h"
#include "base/clock.h"
#include "base/iamtext.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/mem.h"
#include "base/thread.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHANGES = 64, SEND_MS = 60 * 1000 };

/* Either an action to carry out (args set) or an outcome to write down. */
struct job {
    unsigned id;
    struct action_args *args;
    struct action_route *route;
    char **request;
    size_t nrequest;
    struct action_status outcome;
};

struct worker {
    const struct config *config;
    struct aws *const *aws;
    int bell, stop_fd, wake_fd;
    pthread_t thread;
    atomic_bool ended;
    struct audit *audit;
    pthread_mutex_t lock; /* guards what follows; held for copies only */
    struct job *queue[WORKER_QUEUE * 2];
    size_t head, queued, actions;
    struct action_status changes[CHANGES];
    size_t nchanges;
    unsigned next_id;
};

static void job_free(struct job *job)
{
    action_args_free(job->args);
    action_route_free(job->route);
    for (size_t i = 0; i < job->nrequest; i++)
        free(job->request[i]);
    free(job->request);
    free(job);
}

struct progress_ctx {
    struct worker *w;
    const struct job *job;
};

static void change(struct worker *w, const struct job *job, enum action_state state,
                   const char *text)
{
    struct action_status s = {
        .id = job->id, .kind = job->args->kind, .state = state, .percent = -1};
    (void)snprintf(s.target, sizeof(s.target), "%s", job->args->target);
    (void)snprintf(s.text, sizeof(s.text), "%s", text);
    pthread_mutex_lock(&w->lock);
    /* A reader that does not come loses steps in between, never the last word. */
    if (w->nchanges == CHANGES)
        w->nchanges--;
    w->changes[w->nchanges++] = s;
    pthread_mutex_unlock(&w->lock);
    bell_ring(w->bell);
}

static void on_progress(void *ctx, enum action_state state, const char *text)
{
    struct progress_ctx *p = ctx;
    change(p->w, p->job, state, text);
}

static void carry_out(struct worker *w, const struct job *job)
{
    const struct pipeline_config *cfg = &w->config->pipelines[job->args->pipeline];
    struct err err = ERR_INIT;
    struct progress_ctx ctx = {w, job};
    char text[sizeof((struct action_status){0}.text)];
    struct action_run run = {.args = job->args,
                             .config = w->config,
                             .pipeline = cfg,
                             .aws = w->aws != NULL ? w->aws[job->args->pipeline] : NULL,
                             .route = job->route,
                             .deadline_ms = clock_mono_ms() + SEND_MS,
                             .stop_fd = w->stop_fd,
                             .progress = on_progress,
                             .progress_ctx = &ctx};
    if (!audit_request(w->audit, job->id, job->args, cfg->name, (const char *const *)job->request,
                       job->nrequest, &err)) {
        err_wrap(&err, "not sent, because it could not be recorded");
        change(w, job, ACTION_FAILED, err.text);
        return;
    }
    change(w, job, ACTION_SENDING, "sending");
    if (action_send(&run, &err))
        change(w, job, ACTION_WATCHING, "accepted");
    else
        change(w, job, ACTION_FAILED, iam_refusal(text, sizeof(text), err.text));
}

static struct job *next(struct worker *w)
{
    struct job *job = NULL;
    pthread_mutex_lock(&w->lock);
    if (w->queued > 0) {
        job = w->queue[w->head];
        w->head = (w->head + 1) % ARRAY_LEN(w->queue);
        w->queued--;
        w->actions -= job->args != NULL;
    }
    pthread_mutex_unlock(&w->lock);
    return job;
}

static void do_job(struct worker *w, struct job *job)
{
    struct err err = ERR_INIT;
    if (job->args != NULL)
        carry_out(w, job);
    else if (!audit_outcome(w->audit, &job->outcome, &err))
        log_put(LOG_ERROR, "the outcome was not recorded: %s", err.text);
    job_free(job);
}

static void *run(void *arg)
{
    struct worker *w = arg;
    (void)pthread_setname_np(pthread_self(), "actions");
    struct pollfd fds[2] = {
        {.fd = w->stop_fd, .events = POLLIN},
        {.fd = w->wake_fd, .events = POLLIN}
    };
    bool stop = false;
    while (!stop) {
        (void)poll(fds, 2, -1);
        stop = (fds[0].revents & POLLIN) != 0;
        bell_clear(w->wake_fd);
        for (struct job *job; (job = next(w)) != NULL;) {
            /* Outcomes are still written when we stop; what was not sent stays unsent. */
            if (!stop || job->args == NULL)
                do_job(w, job);
            else
                job_free(job);
        }
    }
    atomic_store(&w->ended, true);
    bell_ring(w->bell);
    return NULL;
}

struct worker *worker_start(const struct config *config, struct aws *const *aws, int bell,
                            int stop_fd, struct err *err)
{
    struct worker *w = mem_alloc(sizeof(*w));
    w->config = config;
    w->aws = aws;
    w->bell = bell;
    w->stop_fd = stop_fd;
    w->next_id = 1;
    w->audit = audit_new(config->audit_log, config->syslog);
    (void)pthread_mutex_init(&w->lock, NULL);
    w->wake_fd = bell_open();
    int rc = w->wake_fd < 0 ? -1 : pthread_create(&w->thread, NULL, run, w);
    if (rc != 0) {
        err_set(err, ERR_IO, rc, "no thread for actions");
        if (w->wake_fd >= 0)
            (void)close(w->wake_fd);
        audit_free(w->audit);
        free(w);
        return NULL;
    }
    return w;
}

/* False when there is no room; the job then still belongs to the caller. */
static bool enqueue(struct worker *w, struct job *job)
{
    pthread_mutex_lock(&w->lock);
    /* Half of the places are for outcomes: actions can never crowd them out. */
    bool room = job->args != NULL ? w->actions < WORKER_QUEUE : w->queued < ARRAY_LEN(w->queue);
    if (room) {
        w->queue[(w->head + w->queued++) % ARRAY_LEN(w->queue)] = job;
        w->actions += job->args != NULL;
    }
    pthread_mutex_unlock(&w->lock);
    if (room)
        bell_ring(w->wake_fd);
    return room;
}

unsigned worker_submit(struct worker *worker, const struct action_args *args,
                       struct action_route *route, const char *const *request, size_t nrequest,
                       struct err *err)
{
    if (worker->config->read_only) {
        action_route_free(route);
        err_set(err, ERR_DENIED, 0, "read-only mode: nothing is changed");
        return 0;
    }
    struct job *job = mem_alloc(sizeof(*job));
    unsigned id = worker->next_id++;
    job->id = id;
    job->args = action_args_copy(args);
    job->route = route;
    job->request = mem_calloc(nrequest, sizeof(*job->request));
    for (; job->nrequest < nrequest; job->nrequest++)
        job->request[job->nrequest] = mem_strdup(request[job->nrequest]);
    if (enqueue(worker, job))
        return id;
    job_free(job);
    err_set(err, ERR_CONFLICT, 0, "%d actions wait already", WORKER_QUEUE);
    return 0;
}

bool worker_collect(struct worker *worker, struct action_status *out)
{
    pthread_mutex_lock(&worker->lock);
    bool any = worker->nchanges > 0;
    if (any) {
        *out = worker->changes[0];
        worker->nchanges--;
        for (size_t i = 0; i < worker->nchanges; i++)
            worker->changes[i] = worker->changes[i + 1];
    }
    pthread_mutex_unlock(&worker->lock);
    return any;
}

void worker_outcome(struct worker *worker, const struct action_status *status)
{
    struct job *job = mem_alloc(sizeof(*job));
    job->id = status->id;
    job->outcome = *status;
    if (!enqueue(worker, job))
        job_free(job);
}

bool worker_join(struct worker *worker, int64_t deadline_ms)
{
    if (!thread_join(worker->thread, &worker->ended, deadline_ms))
        return false;
    for (struct job *job; (job = next(worker)) != NULL;)
        job_free(job);
    audit_free(worker->audit);
    (void)close(worker->wake_fd);
    (void)pthread_mutex_destroy(&worker->lock);
    free(worker);
    return true;
}
