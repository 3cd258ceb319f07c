/* cloudwatch.c: the figures of CloudWatch: found by ListMetrics every half hour, asked for by
 * GetMetricData as often as the budget allows. A poll comes more often than that: then it answers
 * from what is kept, each figure with its own time, and learns what is new to be asked for. */
#include "aws/aws.h"
#include "base/clock.h"
#include "base/mem.h"
#include "source/aws_note.h"
#include "source/cloudwatch_plan.h"
#include "source/source.h"

#include <math.h>
#include <stdlib.h>

enum {
    TICK_MS = 10 * 1000, /* how often there is a look at what is due */
    LIST_EVERY_MS = 30 * 60 * 1000,
    LIST_PAGES = 40, /* of one listing, 500 metrics each; more: it is not known what there is */
    DATA_PAGES = 20, /* of one GetMetricData */
    PERIOD_S = 60,   /* the finest that these services send */
    WINDOW_MS = 45 * 60 * 1000, /* so old may the newest datapoint be */
    SLOW_FIRST_MS = 30 * 1000,  /* what a throttled answer puts on top of the interval */
    SLOW_MAX_MS = 15 * 60 * 1000,
    LIST_AGAIN_MS = 5 * 60 * 1000, /* after it failed, or something is new */
};

struct cloudwatch_source {
    const struct pipeline_config *cfg;
    struct aws_client *client;
    struct arena *scratch;
    struct cw_plan plan;
    struct cw_query *queries; /* CW_QUERIES */
    size_t at_filter;         /* the next to be listed; plan.nfilters: all were */
    int64_t list_ms;          /* monotonic: when all is listed anew */
    int64_t try_ms;        /* … when it is tried whether anybody answers, with nothing to ask */
    struct err no_list;    /* why it is not known what there is */
    size_t at_item, asked; /* of the round under way: the next item, and how many it has had */
    bool only_new;         /* … which began early, for items that were never asked for */
    int64_t round_ms;      /* monotonic: when the next round begins; 0: at once */
    int64_t slow_ms;       /* on top of the interval, since it was throttled */
    struct err why;        /* of the last round; ERR_NONE: it went well */
    char message[300];     /* what CloudWatch said of it as a whole */
};

static bool configured(const struct pipeline_config *cfg, const struct hints *hints)
{
    (void)hints;
    return cfg->cloudwatch.metrics_per_hour > 0 &&
           (*cfg->msk.cluster != '\0' || *cfg->rds.instance != '\0' ||
            cfg->mskconnect.connectors.count > 0 || cfg->dms.tasks.count > 0);
}

static void *open_source(const struct pipeline_config *cfg, struct err *err)
{
    (void)err;
    struct cloudwatch_source *s = mem_alloc(sizeof(*s));
    s->cfg = cfg;
    s->scratch = arena_new();
    s->queries = mem_calloc(CW_QUERIES, sizeof(*s->queries));
    return s;
}

static void close_source(void *self)
{
    struct cloudwatch_source *s = self;
    aws_client_close(s->client);
    cw_plan_free(&s->plan);
    arena_free(s->scratch);
    free(s->queries);
    free(s);
}

/* ---- calls ----------------------------------------------------------------------------------- */

/* Sends and frees the body. */
static bool send(struct cloudwatch_source *s, const struct poll_ctx *ctx, enum aws_call call,
                 char *body, int64_t units, struct aws_answer *answer, struct err *err)
{
    struct aws_request request = {.call = call,
                                  .body = body,
                                  .units = units,
                                  .deadline_ms = ctx->deadline_ms,
                                  .stop_fd = ctx->stop_fd};
    bool ok = aws_send(s->client, &request, answer, err);
    free(body);
    return ok;
}

/* Enough of this poll for one more call? */
static bool time_left(const struct cloudwatch_source *s, const struct poll_ctx *ctx)
{
    return clock_left_ms(ctx->deadline_ms) > s->cfg->aws.timeout_ms / 4;
}

/* ---- what there is --------------------------------------------------------------------------- */

static void seen(void *arg, const struct cw_listed *metric)
{
    cw_plan_seen(arg, metric);
}

/* False: an error. *whole: all pages were read. */
static bool list_filter(struct cloudwatch_source *s, const struct poll_ctx *ctx,
                        const struct cw_filter *filter, bool *whole, struct err *err)
{
    const char *token = NULL;
    *whole = false;
    for (int page = 0; page < LIST_PAGES && !*whole; page++) {
        struct aws_answer answer;
        char *body =
            cw_list_body(filter->space, filter->dim.key != NULL ? &filter->dim : NULL, token);
        if (!send(s, ctx, CW_LIST_METRICS, body, 0, &answer, err))
            return false;
        bool ok = cw_read_list(answer.body.text, answer.body.len, seen, &s->plan, s->scratch,
                               &token, err);
        aws_answer_free(&answer);
        if (!ok)
            return false;
        *whole = token == NULL;
    }
    return true;
}

static void list_anew(struct cloudwatch_source *s, int64_t again_ms)
{
    for (size_t i = 0; i < s->plan.count; i++)
        s->plan.items[i].listed = TRI_UNKNOWN;
    s->at_filter = 0;
    err_clear(&s->no_list);
    s->list_ms = clock_mono_ms() + again_ms;
}

/* What cannot be listed is asked for all the same: that costs more, and tells as much. */
static void list_metrics(struct cloudwatch_source *s, const struct poll_ctx *ctx)
{
    while (s->at_filter < s->plan.nfilters && time_left(s, ctx)) {
        const struct cw_filter *filter = &s->plan.filters[s->at_filter];
        bool whole;
        arena_reset(s->scratch);
        if (!list_filter(s, ctx, filter, &whole, &s->no_list)) {
            s->list_ms = clock_mono_ms() + LIST_AGAIN_MS;
            s->at_filter = s->plan.nfilters;
            return;
        }
        if (whole)
            cw_plan_listed(&s->plan, filter);
        s->at_filter++;
    }
}

/* ---- the figures ----------------------------------------------------------------------------- */

static void fill_query(struct cw_query *q, const struct cw_item *item)
{
    q->space = item->row->space;
    q->name = item->row->name;
    q->stat = item->row->stat;
    q->dims[0] = item->dims[0];
    q->dims[1] = item->dims[1];
    q->ndims = item->ndims;
    q->status = CW_NONE;
    q->npoints = 0;
}

/* The next items of the round; it moves on behind them. */
static size_t next_batch(struct cloudwatch_source *s, size_t items[CW_QUERIES])
{
    size_t n = 0, i = cw_plan_next(&s->plan, s->at_item);
    for (; n < CW_QUERIES && i < s->plan.count && s->asked < s->plan.used;
         i = cw_plan_next(&s->plan, i + 1)) {
        s->asked++;
        if (s->only_new && s->plan.items[i].status != CW_NONE)
            continue;
        fill_query(&s->queries[n], &s->plan.items[i]);
        items[n++] = i;
    }
    s->at_item = i;
    return n;
}

/* No datapoint is no zero: after an answer that is complete the figure is unknown. After one that
 * is not, what was known before stands, with its own time. */
static void take_figure(struct cw_item *item, const struct cw_query *q)
{
    const struct cw_point *now, *before;
    item->status = q->status;
    bool any = cw_newest(q, &now, &before);
    if (any || q->status == CW_COMPLETE || q->status == CW_FORBIDDEN) {
        item->value = any ? now->value : NAN;
        item->at_ms = any ? now->at_ms : UNKNOWN;
        item->before = before != NULL ? before->value : NAN;
        item->before_ms = before != NULL ? before->at_ms : UNKNOWN;
    }
}

static bool ask_pages(struct cloudwatch_source *s, const struct poll_ctx *ctx, size_t n,
                      struct err *err)
{
    int64_t minute = PERIOD_S * 1000;
    int64_t end_ms = aws_now_ms(ctx->aws) / minute * minute;
    const char *token = NULL, *message;
    for (int page = 0; page < DATA_PAGES && (page == 0 || token != NULL); page++) {
        struct aws_answer answer;
        char *body = cw_data_body(s->queries, n, end_ms - WINDOW_MS, end_ms, PERIOD_S, token);
        if (!send(s, ctx, CW_GET_DATA, body, (int64_t)n, &answer, err))
            return false;
        bool ok = cw_read_data(answer.body.text, answer.body.len, s->queries, n, s->scratch, &token,
                               &message, err);
        aws_answer_free(&answer);
        if (!ok)
            return false;
        if (message != NULL)
            (void)snprintf(s->message, sizeof(s->message), "%s", message);
    }
    return true;
}

static bool ask_batch(struct cloudwatch_source *s, const struct poll_ctx *ctx, struct err *err)
{
    size_t items[CW_QUERIES];
    size_t n = next_batch(s, items);
    arena_reset(s->scratch);
    if (n > 0 && !ask_pages(s, ctx, n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        take_figure(&s->plan.items[items[i]], &s->queries[i]);
    return true;
}

static void end_round(struct cloudwatch_source *s, const struct err *why)
{
    if (why->kind == ERR_CONFLICT) {
        s->slow_ms = s->slow_ms == 0 ? SLOW_FIRST_MS : s->slow_ms * 2;
        s->slow_ms = s->slow_ms < SLOW_MAX_MS ? s->slow_ms : SLOW_MAX_MS;
    } else if (why->kind == ERR_NONE) {
        s->slow_ms = s->slow_ms > SLOW_FIRST_MS ? s->slow_ms / 2 : 0;
    }
    s->why = *why;
    int64_t now = clock_mono_ms();
    if (!s->only_new || s->round_ms <= now || why->kind != ERR_NONE)
        s->round_ms = now + s->plan.every_ms + s->slow_ms;
    s->only_new = false;
    s->at_item = s->asked = 0;
}

/* Asks until all figures of this round came, or the time of this poll is used up: then the next one
 * goes on. */
static void go_round(struct cloudwatch_source *s, const struct poll_ctx *ctx)
{
    struct err why = ERR_INIT;
    if (s->asked == 0)
        s->message[0] = '\0';
    do {
        if (!ask_batch(s, ctx, &why)) {
            end_round(s, &why);
            return;
        }
        if (s->at_item >= s->plan.count || s->asked >= s->plan.used) {
            end_round(s, &why);
            return;
        }
    } while (time_left(s, ctx));
}

/* ---- the snapshot ---------------------------------------------------------------------------- */

static void add_figures(const struct cloudwatch_source *s, struct snapshot *snap)
{
    struct cloudwatch_snap *cw = &snap->cloudwatch;
    int64_t now = snap->server_ms != UNKNOWN ? snap->server_ms : clock_wall_ms();
    int64_t oldest = now - 2 * (int64_t)WINDOW_MS;
    cw->metrics = arena_array(snap->arena, s->plan.count, sizeof(*cw->metrics));
    for (size_t i = 0; i < s->plan.count; i++) {
        const struct cw_item *item = &s->plan.items[i];
        if (isnan(item->value) || item->at_ms < oldest)
            continue;
        cw->metrics[cw->nmetrics++] = (struct cw_metric){
            .space = item->row->space,
            .name = item->row->name,
            .object = arena_strdup(snap->arena, item->object),
            .stat = item->row->stat,
            .value = item->value,
            .at_ms = item->at_ms,
            .before = item->before,
            .before_ms = item->before_ms,
        };
    }
    cloudwatch_sort(cw);
}

static size_t count_status(const struct cloudwatch_source *s, enum cw_status status)
{
    size_t n = 0;
    for (size_t i = 0; i < s->plan.count; i++)
        n += s->plan.items[i].status == status;
    return n;
}

static void add_notes(const struct cloudwatch_source *s, struct snapshot *snap)
{
    const struct cloudwatch_snap *cw = &snap->cloudwatch;
    size_t forbidden = count_status(s, CW_FORBIDDEN), broken = count_status(s, CW_ERROR);
    if (cw->left_out > 0)
        snapshot_note(snap, "raise metrics_per_hour in [pipeline.cloudwatch]",
                      "%lld of %zu figures of CloudWatch are left out: %lld may be asked for in an "
                      "hour",
                      (long long)cw->left_out, s->plan.wanted,
                      (long long)s->cfg->cloudwatch.metrics_per_hour);
    if (s->no_list.kind != ERR_NONE)
        aws_note(snap, CW_LIST_METRICS, NULL,
                 cw_plan_waits(&s->plan)
                     ? "it is not known which figures there are, so all are asked for but those of "
                       "DMS Serverless, found in that list alone"
                     : "it is not known which figures there are, so all are asked for",
                 &s->no_list);
    if (forbidden > 0)
        snapshot_note(snap, "allow cloudwatch:GetMetricData on \"*\"",
                      "CloudWatch refuses %zu figures (Forbidden)", forbidden);
    if (broken > 0)
        snapshot_note(snap, NULL, "CloudWatch could not tell %zu figures (InternalError)", broken);
    if (s->message[0] != '\0')
        snapshot_note(snap, NULL, "CloudWatch says %s", s->message);
    if (s->slow_ms > 0)
        snapshot_note(snap, NULL, "CloudWatch throttled: it is asked %lld s later than usual",
                      (long long)(s->slow_ms / 1000));
}

static struct snapshot *make_snapshot(const struct cloudwatch_source *s, const struct poll_ctx *ctx)
{
    struct snapshot *snap = snapshot_new(SOURCE_CLOUDWATCH);
    struct cloudwatch_snap *cw = &snap->cloudwatch;
    int64_t every = s->plan.every_ms + s->slow_ms;
    snap->server_ms = aws_server_ms(ctx->aws);
    cw->period_s = PERIOD_S;
    /* With nothing to be asked for yet it looks at every interval. */
    if (s->plan.count > 0) {
        snap->every_ms = TICK_MS;
        cw->left_out = (int64_t)(s->plan.wanted - s->plan.used);
        cw->asked_per_hour = (int64_t)s->plan.used * 3600 * 1000 / every;
        cw->objects = s->at_item == 0 ? (int64_t)ctx->hints->nmetrics : -1;
    }
    add_figures(s, snap);
    add_notes(s, snap);
    return snap;
}

/* What is due at this moment: a listing, a round. */
static void go_on(struct cloudwatch_source *s, const struct poll_ctx *ctx, bool changed)
{
    int64_t now = clock_mono_ms();
    bool under_way = s->at_item > 0;
    if (changed || now >= s->list_ms)
        list_anew(s, changed ? LIST_AGAIN_MS : LIST_EVERY_MS); /* new ones send nothing at first */
    list_metrics(s, ctx);
    cw_plan_budget(&s->plan, s->cfg->cloudwatch.interval_ms, s->cfg->cloudwatch.metrics_per_hour);
    if (changed) {
        s->at_item = s->asked = 0;
        /* What is new need not wait for the next round, unless there was an error. */
        s->only_new = now < s->round_ms && s->why.kind == ERR_NONE && !under_way;
    }
    if (now >= s->round_ms || s->only_new || (under_way && !changed))
        go_round(s, ctx);
}

/* With nothing to ask for so far: does it answer at all? */
static void try_it(struct cloudwatch_source *s, const struct poll_ctx *ctx)
{
    const struct pipeline_config *cfg = s->cfg;
    const char *space = *cfg->rds.instance != '\0'             ? SPACE_RDS
                        : *cfg->msk.cluster != '\0'            ? SPACE_KAFKA
                        : cfg->mskconnect.connectors.count > 0 ? SPACE_CONNECT
                                                               : SPACE_DMS;
    const char *token;
    struct aws_answer answer;
    err_clear(&s->why);
    err_clear(&s->no_list);
    arena_reset(s->scratch);
    bool ok = send(s, ctx, CW_LIST_METRICS, cw_list_body(space, NULL, NULL), 0, &answer, &s->why);
    if (ok) {
        ok = cw_read_list(answer.body.text, answer.body.len, seen, &s->plan, s->scratch, &token,
                          &s->why);
        aws_answer_free(&answer);
    }
    s->try_ms = clock_mono_ms() + (ok ? LIST_EVERY_MS : TICK_MS);
    if (s->why.kind == ERR_DENIED) { /* the figures may be allowed all the same */
        s->no_list = s->why;
        err_clear(&s->why);
    }
}

static struct snapshot *poll_source(void *self, const struct poll_ctx *ctx, struct err *err)
{
    struct cloudwatch_source *s = self;
    if (source_give_up(ctx, err))
        return NULL;
    if (!aws_client_ready(&s->client, ctx->aws, err))
        return NULL;
    bool changed = cw_plan_sync(&s->plan, ctx->hints);
    if (s->plan.count > 0)
        go_on(s, ctx, changed);
    else if (changed || clock_mono_ms() >= s->try_ms)
        try_it(s, ctx);
    if (s->why.kind != ERR_NONE) {
        *err = s->why;
        return NULL;
    }
    return make_snapshot(s, ctx);
}

const struct source_ops source_cloudwatch = {
    .name = "cloudwatch",
    .kind = SOURCE_CLOUDWATCH,
    .configured = configured,
    .open = open_source,
    .poll = poll_source,
    .close = close_source,
    .least_ms = source_least_aws,
};
