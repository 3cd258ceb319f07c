#include "source/runner.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/mem.h"
#include "base/thread.h"
#include "source/pace.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FULL_EVERY_MS = 60 * 1000 };

struct runner {
    const struct source_ops *ops;
    const struct pipeline_config *cfg;
    struct aws *aws;
    int bell, stop_fd, wake_fd;
    struct mailbox reports, hints_in;
    _Atomic int64_t interval_ms;
    atomic_bool full_wanted, configured, ended;
    pthread_t thread;
    /* Below: the thread's own. */
    void *self;
    struct hints *hints;
    int64_t polls, failures, full_at_ms;
    int fails;
    struct pace pace;
};

int64_t runner_poll_timeout(enum source_kind kind, const struct pipeline_config *cfg)
{
    switch (kind) {
    case SOURCE_POSTGRES:
        return cfg->postgres.connect_timeout_ms + cfg->postgres.statement_timeout_ms;
    case SOURCE_KAFKA: return cfg->kafka.timeout_ms;
    case SOURCE_CONNECT: return cfg->connect.timeout_ms;
    case SOURCE_S3: return cfg->s3.timeout_ms;
    default: return cfg->aws.timeout_ms;
    }
}

static void post(struct runner *r, struct report *report)
{
    struct report *unread = mailbox_take(&r->reports);
    if (unread != NULL && report->snap == NULL) {
        report->snap = unread->snap;
        unread->snap = NULL;
    }
    report_free(unread);
    report_free(mailbox_put(&r->reports, report));
    bell_ring(r->bell);
}

static struct report *poll_once(struct runner *r)
{
    struct report *report = mem_alloc(sizeof(*report));
    int64_t start = clock_mono_us();
    int64_t now = start / 1000;
    bool wanted = atomic_exchange(&r->full_wanted, false);
    bool full = wanted || r->full_at_ms == 0 || now - r->full_at_ms >= FULL_EVERY_MS;
    struct poll_ctx ctx = {.deadline_ms = now + runner_poll_timeout(r->ops->kind, r->cfg),
                           .stop_fd = r->stop_fd,
                           .hints = r->hints,
                           .aws = r->aws,
                           .full = full};
    if (wanted)
        pace_anew(&r->pace);
    if (r->self == NULL)
        r->self = r->ops->open(r->cfg, &report->err);
    if (r->self != NULL)
        report->snap = r->ops->poll(r->self, &ctx, &report->err);
    report->mono_ms = clock_mono_ms();
    report->took_us = clock_mono_us() - start;
    r->polls++;
    if (report->snap != NULL) {
        err_clear(&report->err);
        report->snap->mono_ms = report->mono_ms;
        report->snap->wall_ms = clock_wall_ms();
        report->snap->took_us = report->took_us;
        pace_answered(&r->pace, report->snap->every_ms);
        r->fails = 0;
        if (full)
            r->full_at_ms = now;
    } else {
        if (report->err.kind == ERR_NONE)
            err_set(&report->err, ERR_PROTOCOL, 0, "%s gave no answer and no reason", r->ops->name);
        pace_failed(&r->pace, report->err.kind);
        r->fails++;
        r->failures++;
        if (r->fails == 1)
            log_put(LOG_WARN, "%s %s: %s", r->cfg->name, r->ops->name, report->err.text);
    }
    report->polls = r->polls;
    report->failures = r->failures;
    report->fails = r->fails;
    return report;
}

/* Sleeps until the time, a wake or the stop. False: stop. */
static bool sleep_until(struct runner *r, int64_t until_ms)
{
    struct pollfd fds[2] = {
        {.fd = r->stop_fd, .events = POLLIN},
        {.fd = r->wake_fd, .events = POLLIN}
    };
    for (;;) {
        int timeout = until_ms == INT64_MAX ? -1 : clock_left_ms(until_ms);
        int n = poll(fds, 2, timeout);
        if (n > 0 && (fds[0].revents & POLLIN) != 0)
            return false;
        if (n > 0 && (fds[1].revents & POLLIN) != 0) {
            bell_clear(r->wake_fd);
            return true;
        }
        if (n == 0)
            return true;
    }
}

/* Sleeps until it is this source's turn again, or somebody wants to know at once. False: stop. */
static bool wait_turn(struct runner *r, int64_t start_ms)
{
    int64_t due;
    do {
        due = start_ms + pace_ms(&r->pace, atomic_load(&r->interval_ms));
        if (!sleep_until(r, due))
            return false;
    } while (!atomic_load(&r->full_wanted) && clock_left_ms(due) > 0);
    return true;
}

static void take_hints(struct runner *r)
{
    struct hints *fresh = mailbox_take(&r->hints_in);
    if (fresh == NULL)
        return;
    hints_free(r->hints);
    r->hints = fresh;
}

static void *run(void *arg)
{
    struct runner *r = arg;
    char name[16];
    (void)snprintf(name, sizeof(name), "src-%s", r->ops->name);
    (void)pthread_setname_np(pthread_self(), name);
    bool go = true;
    while (go) {
        take_hints(r);
        bool configured = r->ops->configured(r->cfg, r->hints);
        if (configured != atomic_exchange(&r->configured, configured))
            bell_ring(r->bell);
        if (!configured) {
            /* Who brought hints while this was still "configured" did not ring: look once more. */
            go = atomic_load(&r->hints_in.slot) != NULL || sleep_until(r, INT64_MAX);
            continue;
        }
        int64_t start = clock_mono_ms();
        struct report *report = poll_once(r);
        bool stopped = report->err.kind == ERR_STOPPED;
        post(r, report);
        go = !stopped && wait_turn(r, start);
    }
    if (r->self != NULL)
        r->ops->close(r->self);
    hints_free(r->hints);
    r->hints = NULL;
    atomic_store(&r->ended, true);
    bell_ring(r->bell);
    return NULL;
}

struct runner *runner_start(const struct source_ops *ops, const struct pipeline_config *cfg,
                            struct aws *aws, int64_t interval_ms, int bell, int stop_fd,
                            struct err *err)
{
    struct runner *r = mem_alloc(sizeof(*r));
    r->ops = ops;
    r->cfg = cfg;
    r->aws = aws;
    r->pace.least_ms = ops->least_ms != NULL ? ops->least_ms(cfg) : 0;
    r->bell = bell;
    r->stop_fd = stop_fd;
    atomic_init(&r->interval_ms, interval_ms);
    /* Known at once from the configuration alone, so that the first frame can say so. */
    atomic_init(&r->configured, ops->configured(cfg, NULL));
    r->wake_fd = bell_open();
    if (r->wake_fd < 0) {
        err_set(err, ERR_IO, 0, "eventfd for %s failed", ops->name);
        free(r);
        return NULL;
    }
    int rc = pthread_create(&r->thread, NULL, run, r);
    if (rc != 0) {
        err_set(err, ERR_IO, rc, "no thread for %s", ops->name);
        (void)close(r->wake_fd);
        free(r);
        return NULL;
    }
    return r;
}

struct report *runner_take(struct runner *runner)
{
    return mailbox_take(&runner->reports);
}

void runner_hints(struct runner *runner, struct hints *hints)
{
    hints_free(mailbox_put(&runner->hints_in, hints));
    /* A source that waits to learn where its server is must not sleep on. */
    if (!atomic_load(&runner->configured))
        bell_ring(runner->wake_fd);
}

void runner_interval(struct runner *runner, int64_t interval_ms)
{
    atomic_store(&runner->interval_ms, interval_ms);
    bell_ring(runner->wake_fd);
}

void runner_poll_now(struct runner *runner)
{
    atomic_store(&runner->full_wanted, true);
    bell_ring(runner->wake_fd);
}

bool runner_configured(const struct runner *runner)
{
    return atomic_load(&runner->configured);
}

bool runner_join(struct runner *runner, int64_t deadline_ms)
{
    if (!thread_join(runner->thread, &runner->ended, deadline_ms))
        return false;
    report_free(mailbox_take(&runner->reports));
    hints_free(mailbox_take(&runner->hints_in));
    (void)close(runner->wake_fd);
    free(runner);
    return true;
}
