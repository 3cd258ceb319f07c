/* live.c: the backend of real servers: a thread per source, one that acts, one that looks into
 * topics and objects. */
#include "action/worker.h"
#include "aws/aws.h"
#include "backend.h"
#include "base/clock.h"
#include "base/mailbox.h"
#include "base/mem.h"
#include "source/peeker.h"
#include "source/runner.h"

#include <stdlib.h>
#include <unistd.h>

/* An action under way gets the time to write its outcome into the record. */
enum { STOP_WORKER_MS = 500 };

static const struct source_ops *const all_sources[SOURCE_KIND_COUNT] = {
    [SOURCE_POSTGRES] = &source_postgres,
    [SOURCE_KAFKA] = &source_kafka,
    [SOURCE_CONNECT] = &source_connect,
    [SOURCE_S3] = &source_s3,
    [SOURCE_AWS] = &source_aws,
    [SOURCE_MSK] = &source_msk,
    [SOURCE_MSK_CONNECT] = &source_msk_connect,
    [SOURCE_DMS] = &source_dms,
    [SOURCE_RDS] = &source_rds,
    [SOURCE_CLOUDWATCH] = &source_cloudwatch,
    [SOURCE_LOGS] = &source_logs,
};

struct live {
    int stop_fd;
    size_t nrunners;
    struct runner **runners; /* npipelines × SOURCE_KIND_COUNT; NULL: never asked for */
    size_t npipelines;
    struct aws **aws; /* by pipeline */
    struct worker *worker;
    struct peeker *peeker;
};

static struct runner *runner_at(const struct live *l, size_t pipeline, enum source_kind kind)
{
    return l->runners[pipeline * SOURCE_KIND_COUNT + (size_t)kind];
}

static bool start(void *self, const struct config *config, int64_t interval_ms, int bell,
                  struct err *err)
{
    struct live *l = self;
    l->stop_fd = bell_open();
    if (l->stop_fd < 0)
        return err_set(err, ERR_IO, 0, "no descriptors left");
    l->nrunners = config->npipelines * SOURCE_KIND_COUNT;
    l->runners = mem_calloc(l->nrunners, sizeof(struct runner *));
    l->npipelines = config->npipelines;
    l->aws = mem_calloc(l->npipelines, sizeof(struct aws *));
    for (size_t i = 0; i < l->npipelines; i++)
        l->aws[i] = aws_open(&config->pipelines[i], l->stop_fd);
    for (size_t i = 0; i < l->nrunners; i++) {
        const struct pipeline_config *pipeline = &config->pipelines[i / SOURCE_KIND_COUNT];
        const struct source_ops *ops = all_sources[i % SOURCE_KIND_COUNT];
        /* Those of AWS are known from the configuration, but for the host of the database: no
         * thread waits for what never comes. */
        const struct hints most = {.pg_host = "host"};
        if (ops->kind >= SOURCE_OWN_COUNT && !ops->configured(pipeline, &most))
            continue;
        l->runners[i] = runner_start(ops, pipeline, l->aws[i / SOURCE_KIND_COUNT], interval_ms,
                                     bell, l->stop_fd, err);
        if (l->runners[i] == NULL)
            return false;
    }
    l->worker = worker_start(config, l->aws, bell, l->stop_fd, err);
    if (l->worker != NULL)
        l->peeker = peeker_start(config, l->aws, bell, l->stop_fd, err);
    return l->peeker != NULL;
}

static bool stop(void *self, int64_t wait_ms)
{
    struct live *l = self;
    int64_t now = clock_mono_ms();
    bool all = true;
    if (l->stop_fd >= 0)
        bell_ring(l->stop_fd);
    for (size_t i = 0; i < l->nrunners; i++) {
        if (l->runners[i] != NULL)
            all = runner_join(l->runners[i], now + wait_ms) && all;
    }
    if (l->peeker != NULL)
        all = peeker_join(l->peeker, now + wait_ms) && all;
    if (l->worker != NULL)
        all = worker_join(l->worker, now + STOP_WORKER_MS) && all;
    for (size_t i = 0; all && i < l->npipelines; i++)
        all = aws_close(l->aws[i], now + wait_ms) && all;
    if (!all)
        return false; /* memory stays: a thread may still look at it */
    if (l->stop_fd >= 0)
        (void)close(l->stop_fd);
    free(l->runners);
    free(l->aws);
    free(l);
    return true;
}

static int64_t mono_ms(void *self)
{
    (void)self;
    return clock_mono_ms();
}

static int64_t wall_ms(void *self)
{
    (void)self;
    return clock_wall_ms();
}

static bool configured(void *self, size_t pipeline, enum source_kind kind)
{
    const struct runner *r = runner_at(self, pipeline, kind);
    return r != NULL && runner_configured(r);
}

static struct report *take(void *self, size_t pipeline, enum source_kind kind)
{
    struct runner *r = runner_at(self, pipeline, kind);
    return r != NULL ? runner_take(r) : NULL;
}

static void hints(void *self, size_t pipeline, enum source_kind kind, struct hints *h)
{
    peeker_hints(((struct live *)self)->peeker, pipeline, h);
    struct runner *r = runner_at(self, pipeline, kind);
    if (r != NULL)
        runner_hints(r, h);
    else
        hints_free(h);
}

static void interval(void *self, int64_t ms)
{
    const struct live *l = self;
    for (size_t i = 0; i < l->nrunners; i++)
        if (l->runners[i] != NULL)
            runner_interval(l->runners[i], ms);
}

static void poll_now(void *self)
{
    const struct live *l = self;
    for (size_t i = 0; i < l->nrunners; i++)
        if (l->runners[i] != NULL)
            runner_poll_now(l->runners[i]);
}

static unsigned submit(void *self, const struct action_args *args, struct action_route *route,
                       const char *const *request, size_t nrequest, struct err *err)
{
    return worker_submit(((struct live *)self)->worker, args, route, request, nrequest, err);
}

static bool collect(void *self, struct action_status *out)
{
    return worker_collect(((struct live *)self)->worker, out);
}

static void outcome(void *self, const struct action_status *status)
{
    worker_outcome(((struct live *)self)->worker, status);
}

static bool peek(void *self, unsigned id, const struct peek_request *request, struct err *err)
{
    (void)err;
    peeker_ask(((struct live *)self)->peeker, id, request);
    return true;
}

static struct peek_answer *peeked(void *self)
{
    return peeker_take(((struct live *)self)->peeker);
}

static const struct backend_ops live_ops = {
    .name = "live",
    .start = start,
    .stop = stop,
    .mono_ms = mono_ms,
    .wall_ms = wall_ms,
    .configured = configured,
    .take = take,
    .hints = hints,
    .interval = interval,
    .poll_now = poll_now,
    .submit = submit,
    .collect = collect,
    .outcome = outcome,
    .peek = peek,
    .peeked = peeked,
};

struct backend live_backend(void)
{
    struct live *l = mem_alloc(sizeof(*l));
    l->stop_fd = -1;
    return (struct backend){&live_ops, l};
}
