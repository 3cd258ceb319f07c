/* creds.c: the keys that we have now, and the thread that fetches and renews them.
 *
 * Whoever needs keys asks here and waits for the first ones; all fetching is done by one thread,
 * which is started when keys are wanted that have to be fetched. It renews them ahead of their end.
 * When that fails, the old ones stay until they end, and it is tried again with growing pauses.
 */
#include "aws/creds_int.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/mem.h"
#include "base/thread.h"
#include "model/fact.h"

#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum {
    AHEAD_MS = 10 * 60 * 1000, /* renewed this long before their end, at most */
    PAUSE_MS = 5 * 1000,       /* after the first failure; doubled by each further one */
    PAUSE_MAX_MS = 60 * 1000,  /* at most; and what was refused is fetched anew that often */
    SPARE_MS = 1000,           /* keys with less to live are not given away */
    LOOK_MS = 50,              /* how often who waits looks at his own stop descriptor */
};

struct aws_creds {
    struct aws *aws;
    int wake_fd, quit_fd;
    int halt_fd; /* readable: the pipeline stops, or we are closed */
    pthread_t thread;
    bool started;
    atomic_bool ended;
    pthread_mutex_t lock; /* guards what follows, and started */
    pthread_cond_t changed;
    bool busy;        /* a fetch is wanted or under way */
    unsigned fetches; /* that have ended */
    struct creds_found have;
    int64_t got_ms, renew_ms; /* wall clock as AWS has it; have.from NULL: nothing is there */
    bool refused;             /* a service did not take them */
    struct err error;         /* of the last fetch */
    int failures;             /* since the last good one */
    int64_t again_ms;         /* not before */
};

/* ---- under the lock -------------------------------------------------------------------------- */

static bool alive(const struct aws_creds *c, int64_t now_ms)
{
    return c->have.from != NULL &&
           (c->have.keys.expires_ms == INT64_MAX || c->have.keys.expires_ms - SPARE_MS > now_ms);
}

static bool due(const struct aws_creds *c, int64_t now_ms)
{
    /* A clock that was set back must not keep us waiting. */
    bool pausing = c->failures > 0 && now_ms < c->again_ms && c->again_ms - now_ms <= PAUSE_MAX_MS;
    return c->refused || (!pausing && (c->have.from == NULL || now_ms >= c->renew_ms));
}

static void take(struct aws_creds *c, const struct creds_found *found, int64_t now_ms)
{
    int64_t left = found->keys.expires_ms != INT64_MAX ? found->keys.expires_ms - now_ms : 0;
    int64_t ahead = left / 2 < AHEAD_MS ? left / 2 : AHEAD_MS;
    creds_found_free(&c->have);
    c->have = *found;
    c->got_ms = now_ms;
    c->renew_ms = left > 0 ? now_ms + left - ahead : INT64_MAX;
    c->failures = 0;
    c->refused = false;
    err_clear(&c->error);
}

static void miss(struct aws_creds *c, const struct err *err, int64_t now_ms)
{
    int64_t pause = PAUSE_MS;
    for (int i = 0; i < c->failures && pause < PAUSE_MAX_MS; i++)
        pause *= 2;
    c->failures++;
    c->again_ms = now_ms + (pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS);
    c->refused = false;
    c->error = *err;
}

static void copy(const struct aws_credentials *from, struct aws_credentials *to)
{
    *to = (struct aws_credentials){
        .access_key_id = mem_strdup(from->access_key_id),
        .secret_access_key = mem_strdup(from->secret_access_key),
        .session_token = mem_strdup(from->session_token),
        .expires_ms = from->expires_ms,
    };
}

/* ---- the thread ------------------------------------------------------------------------------ */

static bool fetch(struct aws_creds *c, struct creds_found *found, struct err *err)
{
    char ended[32];
    if (!creds_chain(c->aws, c->halt_fd, found, err))
        return false;
    if (found->keys.expires_ms - SPARE_MS > aws_now_ms(c->aws))
        return true;
    err_set(err, ERR_AUTH, 0, "%.300s gave keys that ended at %s", found->from,
            clock_iso(found->keys.expires_ms, ended, sizeof(ended)));
    creds_found_free(found);
    return false;
}

static void settle(struct aws_creds *c, bool ok, const struct creds_found *found,
                   const struct err *err)
{
    const char *name = c->aws->cfg->name != NULL ? c->aws->cfg->name : "";
    int64_t now_ms = aws_now_ms(c->aws);
    pthread_mutex_lock(&c->lock);
    int failures = c->failures;
    if (ok)
        take(c, found, now_ms);
    else
        miss(c, err, now_ms);
    c->busy = false;
    c->fetches++;
    pthread_cond_broadcast(&c->changed);
    if (ok && failures > 0)
        log_put(LOG_INFO, "%s aws: keys are there again: %s", name, c->have.from);
    else if (!ok && failures == 0)
        log_put(LOG_WARN, "%s aws: keys: %s", name, c->error.text);
    pthread_mutex_unlock(&c->lock);
}

/* True: fetch now. False: sleep so long (-1: until woken). */
static bool next(struct aws_creds *c, int *sleep_ms)
{
    int64_t now_ms = aws_now_ms(c->aws);
    pthread_mutex_lock(&c->lock);
    c->busy = c->busy || (c->have.from != NULL && due(c, now_ms));
    bool busy = c->busy;
    int64_t left = (c->failures > 0 ? c->again_ms : c->renew_ms) - now_ms;
    *sleep_ms = c->have.from == NULL || left > INT_MAX ? -1 : (int)left;
    pthread_mutex_unlock(&c->lock);
    return busy;
}

/* Until woken or the time is over. False: stop. */
static bool nap(const struct aws_creds *c, int ms)
{
    struct pollfd fds[2] = {
        {.fd = c->halt_fd, .events = POLLIN},
        {.fd = c->wake_fd, .events = POLLIN}
    };
    (void)poll(fds, 2, ms);
    if (fds[1].revents != 0)
        bell_clear(c->wake_fd);
    return fds[0].revents == 0;
}

static void *run(void *arg)
{
    struct aws_creds *c = arg;
    int sleep_ms = 0;
    (void)pthread_setname_np(pthread_self(), "aws-keys");
    while (nap(c, sleep_ms)) {
        struct creds_found found;
        struct err err = ERR_INIT;
        if (!next(c, &sleep_ms))
            continue;
        bool ok = fetch(c, &found, &err);
        if (!ok && !nap(c, 0)) /* it failed because we stop: nothing to be told */
            break;
        settle(c, ok, &found, &err);
        sleep_ms = 0;
    }
    pthread_mutex_lock(&c->lock);
    atomic_store(&c->ended, true);
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* ---- its beginning and end ------------------------------------------------------------------- */

struct aws_creds *aws_creds_new(struct aws *aws)
{
    struct aws_creds *c = mem_alloc(sizeof(*c));
    pthread_condattr_t attr;
    c->aws = aws;
    c->wake_fd = c->quit_fd = c->halt_fd = -1;
    (void)pthread_mutex_init(&c->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&c->changed, &attr);
    (void)pthread_condattr_destroy(&attr);
    return c;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static bool watch(const struct aws_creds *c, int fd)
{
    struct epoll_event event = {.events = EPOLLIN};
    return fd >= 0 && epoll_ctl(c->halt_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* Under the lock. */
static bool start(struct aws_creds *c, struct err *err)
{
    if (c->started)
        return true;
    c->wake_fd = bell_open();
    c->quit_fd = bell_open();
    c->halt_fd = epoll_create1(EPOLL_CLOEXEC);
    if (c->wake_fd >= 0 && watch(c, c->quit_fd) &&
        (c->aws->stop_fd < 0 || watch(c, c->aws->stop_fd)) &&
        pthread_create(&c->thread, NULL, run, c) == 0) {
        c->started = true;
        return true;
    }
    close_fd(&c->wake_fd);
    close_fd(&c->quit_fd);
    close_fd(&c->halt_fd);
    return err_set(err, ERR_IO, 0, "no thread to fetch AWS keys");
}

bool aws_creds_free(struct aws_creds *c, int64_t deadline_ms)
{
    if (c->started) {
        bell_ring(c->quit_fd);
        if (!thread_join(c->thread, &c->ended, deadline_ms))
            return false;
    }
    close_fd(&c->wake_fd);
    close_fd(&c->quit_fd);
    close_fd(&c->halt_fd);
    creds_found_free(&c->have);
    (void)pthread_cond_destroy(&c->changed);
    (void)pthread_mutex_destroy(&c->lock);
    free(c);
    return true;
}

/* ---- who asks -------------------------------------------------------------------------------- */

static bool give_up(const struct aws_creds *c, int64_t deadline_ms, int stop_fd, struct err *err)
{
    struct pollfd stop = {.fd = stop_fd, .events = POLLIN};
    if (atomic_load(&c->ended) || poll(&stop, 1, 0) > 0)
        return !err_set(err, ERR_STOPPED, 0, "asked to stop");
    if (clock_left_ms(deadline_ms) == 0)
        return !err_set(err, ERR_TIMEOUT, 0, "AWS keys were not there in time");
    return false;
}

/* Under the lock, which is free meanwhile. */
static void wait_a_little(struct aws_creds *c)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    (void)pthread_cond_timedwait(&c->changed, &c->lock, &until);
}

/* Under the lock. True: keys that live are there; false: *err says why none are. */
static bool await(struct aws_creds *c, int64_t deadline_ms, int stop_fd, struct err *err)
{
    unsigned before = c->fetches;
    for (;;) {
        int64_t now_ms = aws_now_ms(c->aws);
        if (!c->busy && c->fetches == before && due(c, now_ms)) {
            c->busy = true;
            bell_ring(c->wake_fd);
        }
        if (alive(c, now_ms) && !c->refused)
            return true;
        if (!c->busy && c->error.kind != ERR_NONE) {
            if (err != NULL)
                *err = c->error;
            return false;
        }
        if (give_up(c, deadline_ms, stop_fd, err))
            return false;
        wait_a_little(c);
    }
}

bool aws_credentials(struct aws *aws, int64_t deadline_ms, int stop_fd,
                     struct aws_credentials *creds, struct err *err)
{
    struct aws_creds *c = aws->creds;
    struct creds_found found;
    *creds = (struct aws_credentials){0};
    switch (creds_at_hand(aws, &found, err)) {
    case CREDS_FAILED: return false;
    case CREDS_FOUND:
        *creds = found.keys;
        free(found.from);
        return true;
    case CREDS_NONE: break;
    }
    pthread_mutex_lock(&c->lock);
    bool ok = start(c, err) && await(c, deadline_ms, stop_fd, err);
    if (ok)
        copy(&c->have.keys, creds);
    pthread_mutex_unlock(&c->lock);
    return ok;
}

bool aws_credentials_for_s3(struct aws *aws, const struct s3_config *cfg, int64_t deadline_ms,
                            int stop_fd, struct aws_credentials *creds, struct err *err)
{
    struct creds_found found;
    *creds = (struct aws_credentials){0};
    switch (creds_keys(cfg->access_key_id, cfg->secret_access_key, cfg->session_token,
                       "[pipeline.s3]", &found, err)) {
    case CREDS_FAILED: return false;
    case CREDS_FOUND:
        *creds = found.keys;
        free(found.from);
        return true;
    case CREDS_NONE: break;
    }
    if (aws == NULL)
        return err_set(err, ERR_CONFIG, 0, "no AWS keys are in [pipeline.s3]");
    return aws_credentials(aws, deadline_ms, stop_fd, creds, err);
}

static bool same(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

bool aws_credentials_same(const struct aws_credentials *a, const struct aws_credentials *b)
{
    return same(a->access_key_id, b->access_key_id) &&
           same(a->secret_access_key, b->secret_access_key) &&
           same(a->session_token, b->session_token);
}

void aws_credentials_refused(struct aws *aws)
{
    struct aws_creds *c = aws->creds;
    int64_t now_ms = aws_now_ms(aws);
    pthread_mutex_lock(&c->lock);
    if (c->have.from != NULL && !c->busy &&
        (now_ms - c->got_ms >= PAUSE_MAX_MS || now_ms < c->got_ms)) {
        c->refused = true;
        c->got_ms = now_ms; /* once, also where the fetch fails */
    }
    pthread_mutex_unlock(&c->lock);
}

void aws_creds_tell(struct aws_creds *c, char **from, int64_t *expires_ms, char **error)
{
    struct creds_found found;
    struct err err = ERR_INIT;
    *from = *error = NULL;
    *expires_ms = UNKNOWN;
    enum creds_answer answer = creds_at_hand(c->aws, &found, &err);
    if (answer != CREDS_NONE) {
        *from = mem_strdup(found.from);
        *error = answer == CREDS_FAILED ? mem_strdup(err.text) : NULL;
        if (answer == CREDS_FOUND && found.keys.expires_ms != INT64_MAX)
            *expires_ms = found.keys.expires_ms;
        creds_found_free(&found);
        return;
    }
    pthread_mutex_lock(&c->lock);
    *from = mem_strdup(c->have.from);
    if (c->have.from != NULL && c->have.keys.expires_ms != INT64_MAX)
        *expires_ms = c->have.keys.expires_ms;
    if (c->error.kind != ERR_NONE)
        *error = mem_strdup(c->error.text);
    pthread_mutex_unlock(&c->lock);
}
