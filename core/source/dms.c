/* dms.c: replication tasks of the Database Migration Service, and its serverless replications.
 *
 * Every poll asks for the tasks. Endpoints, instances and configurations change rarely: they are
 * asked with a full poll, or when a task names one that is new. Statistics have a call per task and
 * page, and DMS itself renews them about once a minute: they are asked afterwards within a small
 * budget, oldest first, and what was learned is kept. A call that is refused costs what it would
 * have told, not the rest.
 */
#include "source/dms_int.h"

#include "base/clock.h"
#include "base/mem.h"
#include "config/globs.h"
#include "model/dms_task.h"
#include "source/aws_note.h"

#include <stdlib.h>
#include <string.h>

enum {
    TABLES_EVERY_MS = 60 * 1000,
    TABLES_LOADING_MS = 10 * 1000,
    TABLES_SOON_MS = 5000,
    TABLES_CALLS = 20, /* per poll */
    TABLES_MS = 3000,
    BUSY_EVERY_MS = 3000 /* while something starts or stops */
};

static bool configured(const struct pipeline_config *cfg, const struct hints *hints)
{
    (void)hints;
    return cfg->dms.tasks.count > 0;
}

static void *open_source(const struct pipeline_config *cfg, struct err *err)
{
    (void)err;
    struct dms_source *s = mem_alloc(sizeof(*s));
    s->cfg = cfg;
    s->serverless = true;
    return s;
}

static void kept_free(struct dms_kept *k)
{
    arena_free(k->arena);
    free(k->arn);
}

static void close_source(void *self)
{
    struct dms_source *s = self;
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->nkept; i++)
        kept_free(&s->kept[i]);
    free(s->kept);
    arena_free(s->around_arena);
    aws_client_close(s->client);
    free(s);
}

/* ---- tasks and serverless replications ------------------------------------------------------- */

static bool take_tasks(void *to, const char *body, size_t len, const char **marker, struct err *err)
{
    struct dms_round *r = to;
    return dms_parse_tasks(r->snap->arena, body, len, &r->list, marker, err);
}

static bool take_replications(void *to, const char *body, size_t len, const char **marker,
                              struct err *err)
{
    struct dms_round *r = to;
    return dms_parse_replications(r->snap->arena, body, len, &r->list, marker, err);
}

static void keep_wanted(struct dms_round *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->list.count; i++) {
        if (globs_match(&r->self->cfg->dms.tasks, r->list.items[i].task.id, true))
            r->list.items[n++] = r->list.items[i];
    }
    r->list.count = n;
}

static bool read_lists(struct dms_round *r, struct err *err)
{
    struct dms_source *s = r->self;
    struct dms_question q = {.call = DMS_TASKS,
                             .page = DMS_PAGE_LIST,
                             .deadline_ms = r->ctx->deadline_ms - DMS_RESERVE_MS,
                             .take = take_tasks,
                             .to = r};
    struct err tasks = ERR_INIT;
    struct err more = ERR_INIT;
    if (!dms_ask(r, &q, NULL, &tasks) && !dms_bearable(&tasks)) {
        *err = tasks;
        return false;
    }
    if (r->ctx->full || s->serverless || tasks.kind != ERR_NONE) {
        q.call = DMS_REPLICATIONS;
        q.take = take_replications;
        if (!dms_ask(r, &q, NULL, &more) && (!dms_bearable(&more) || tasks.kind != ERR_NONE)) {
            *err = tasks.kind != ERR_NONE ? tasks : more;
            return false;
        }
    }
    keep_wanted(r);
    if (tasks.kind != ERR_NONE)
        aws_note(r->snap, DMS_TASKS, NULL, "replication tasks are not told", &tasks);
    if (more.kind == ERR_DENIED)
        aws_note(r->snap, DMS_REPLICATIONS, NULL, "serverless replications are not told", &more);
    s->serverless = false;
    for (size_t i = 0; i < r->list.count; i++)
        s->serverless = s->serverless || r->list.items[i].task.serverless;
    return true;
}

/* ---- statistics ------------------------------------------------------------------------------ */

static struct dms_kept *kept_of(struct dms_source *s, const char *arn)
{
    for (size_t i = 0; i < s->nkept; i++) {
        if (strcmp(s->kept[i].arn, arn) == 0)
            return &s->kept[i];
    }
    s->kept = mem_realloc(s->kept, (s->nkept + 1) * sizeof(*s->kept));
    struct dms_kept *k = &s->kept[s->nkept++];
    *k = (struct dms_kept){.arn = mem_strdup(arn)};
    return k;
}

static void forget_gone(struct dms_source *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->nkept; i++) {
        if (s->kept[i].seen)
            s->kept[n++] = s->kept[i];
        else
            kept_free(&s->kept[i]);
    }
    s->nkept = n;
}

struct tables_to {
    struct arena *arena;
    struct dms_tables tables;
};

static bool take_tables(void *to, const char *body, size_t len, const char **marker,
                        struct err *err)
{
    struct tables_to *t = to;
    return dms_parse_tables(t->arena, body, len, &t->tables, marker, err);
}

static bool status_is(const struct dms_task *t, const char *status)
{
    return t->status != NULL && strcmp(t->status, status) == 0;
}

static bool loading(const struct dms_task *t, const struct dms_tables *tables)
{
    for (size_t i = 0; i < tables->count; i++) {
        const char *state = tables->items[i].state;
        if (state != NULL && strcmp(state, "Table is being reloaded") == 0)
            return true;
    }
    return status_is(t, "running") && ((t->tables_loading != UNKNOWN && t->tables_loading > 0) ||
                                       (t->tables_queued != UNKNOWN && t->tables_queued > 0));
}

/* False: no more are to be asked in this poll. */
static bool read_tables_of(struct dms_round *r, const struct dms_task *t, int64_t end_ms,
                           int *calls)
{
    struct dms_kept *k = kept_of(r->self, t->arn);
    struct tables_to to = {.arena = arena_new()};
    struct dms_question q = {
        .call = t->serverless ? DMS_REPLICATION_TABLES : DMS_TABLES,
        .arn_key = t->serverless ? "ReplicationConfigArn" : "ReplicationTaskArn",
        .arn = t->arn,
        .page = DMS_PAGE_TABLES,
        .deadline_ms = end_ms,
        .take = take_tables,
        .to = &to,
    };
    struct err err = ERR_INIT;
    if (dms_ask(r, &q, calls, &err)) {
        arena_free(k->arena);
        dms_tables_settle(&to.tables);
        k->arena = to.arena;
        k->tables = to.tables;
        k->read_ms = clock_mono_ms();
        k->due_ms = k->read_ms + (loading(t, &k->tables) ? TABLES_LOADING_MS : TABLES_EVERY_MS);
        return true;
    }
    arena_free(to.arena);
    /* Gone since, or in a state that has none: ask later. */
    k->due_ms = clock_mono_ms() + TABLES_LOADING_MS;
    if (err.kind == ERR_NOTFOUND || (err.kind == ERR_CONFLICT && *calls > 0))
        return true;
    r->self->tables_err = err;
    return err.kind != ERR_STOPPED && err.kind != ERR_TIMEOUT && !dms_bearable(&err);
}

static const struct dms_task *next_due(struct dms_round *r, int64_t now)
{
    const struct dms_task *best = NULL;
    int64_t oldest = INT64_MAX;
    for (size_t i = 0; i < r->list.count; i++) {
        const struct dms_task *t = &r->list.items[i].task;
        const struct dms_kept *k = kept_of(r->self, t->arn);
        if (!dms_never_ran(t) && k->due_ms <= now && k->due_ms < oldest) {
            oldest = k->due_ms;
            best = t;
        }
    }
    return best;
}

/* Somebody asked, or acts: what is older than a few seconds is read again, the rest as soon as it
 * is that old. */
static void hasten(struct dms_kept *k, int64_t now)
{
    int64_t soon = k->read_ms + TABLES_SOON_MS > now ? k->read_ms + TABLES_SOON_MS : now;
    if (k->due_ms > soon)
        k->due_ms = soon;
}

static void read_tables(struct dms_round *r)
{
    struct dms_source *s = r->self;
    int64_t start = clock_mono_ms();
    int64_t end = r->ctx->deadline_ms - DMS_RESERVE_MS;
    int calls = TABLES_CALLS;
    if (end > start + TABLES_MS)
        end = start + TABLES_MS;
    for (size_t i = 0; i < s->nkept; i++)
        s->kept[i].seen = false;
    for (size_t i = 0; i < r->list.count; i++)
        kept_of(s, r->list.items[i].task.arn)->seen = true;
    forget_gone(s);
    s->tables_err = (struct err)ERR_INIT;
    const struct dms_task *t;
    for (size_t i = 0; r->ctx->full && i < s->nkept; i++)
        hasten(&s->kept[i], start);
    while (calls > 0 && clock_mono_ms() < end && (t = next_due(r, start)) != NULL) {
        if (!read_tables_of(r, t, end, &calls))
            break;
    }
    for (size_t i = 0; i < r->list.count; i++) {
        struct dms_task *task = &r->list.items[i].task;
        const struct dms_kept *k = kept_of(s, task->arn);
        if (k->arena != NULL)
            dms_put_tables(r->snap->arena, task, &k->tables);
    }
    if (s->tables_err.kind != ERR_NONE && s->tables_err.kind != ERR_STOPPED)
        aws_note(r->snap, s->serverless ? DMS_REPLICATION_TABLES : DMS_TABLES, NULL,
                 "statistics of tables are not told", &s->tables_err);
}

/* ---- the poll -------------------------------------------------------------------------------- */

/* Something is under way: it is looked at more often until it is done. */
static int64_t every_ms(const struct dms_round *r)
{
    int64_t usual = r->self->cfg->aws.interval_ms;
    for (size_t i = 0; i < r->list.count; i++) {
        enum dms_phase phase = dms_phase(r->list.items[i].task.status);
        if (phase == DMS_PHASE_BUSY || phase == DMS_PHASE_STARTING || phase == DMS_PHASE_STOPPING)
            return usual < BUSY_EVERY_MS ? usual : BUSY_EVERY_MS;
    }
    return usual;
}

static struct snapshot *poll_source(void *self, const struct poll_ctx *ctx, struct err *err)
{
    struct dms_source *s = self;
    if (!aws_client_ready(&s->client, ctx->aws, err))
        return NULL;
    struct dms_round r = {.self = s, .ctx = ctx, .snap = snapshot_new(SOURCE_DMS)};
    if (!read_lists(&r, err)) {
        snapshot_free(r.snap);
        return NULL;
    }
    dms_read_around(&r);
    dms_note_around(&r);
    read_tables(&r);
    if (source_give_up(&(struct poll_ctx){.deadline_ms = INT64_MAX, .stop_fd = ctx->stop_fd},
                       err)) {
        snapshot_free(r.snap);
        return NULL;
    }
    char *url = aws_endpoint(ctx->aws, AWS_DMS, aws_region(ctx->aws), NULL);
    r.snap->connect.url = arena_strdup(r.snap->arena, url);
    free(url);
    dms_put_connectors(r.snap, &r.list, &s->around);
    r.snap->every_ms = every_ms(&r);
    r.snap->server_ms = aws_server_ms(ctx->aws);
    return r.snap;
}

const struct source_ops source_dms = {
    .name = "dms",
    .kind = SOURCE_DMS,
    .configured = configured,
    .open = open_source,
    .poll = poll_source,
    .close = close_source,
    .least_ms = source_least_aws,
};
