/* msk_connect.c: the connectors of MSK Connect.
 *
 * Every poll lists them. A description has a call of its own: it is read when the list shows
 * another state or version, and now and then; what was read last is kept, so that a poll that runs
 * out of time, or one connector that may not be described, spoils nothing. Operations came in 2025
 * and are not everywhere: whether they are shows when they are asked for. */
#include "source/source.h"

#include "aws/aws.h"
#include "aws/mskconnect.h"
#include "base/clock.h"
#include "base/mem.h"
#include "source/aws_note.h"
#include "source/connect_parse.h"
#include "source/msk_connect_parse.h"

#include <stdlib.h>
#include <string.h>

enum {
    PAGE = 100,
    PAGES_MAX = 200,
    RESERVE_MS = 300,    /* of a poll: less is left for no further call */
    KEEP_MS = 60 * 1000, /* a description is read again after */
    BUSY_EVERY_MS = 3000 /* while something goes on there */
};

struct answer { /* the newest body of one kind; NULL: none so far */
    char *body;
    size_t len;
};

struct known {
    char *arn, *state, *version; /* as the list had them when it was described */
    struct answer description, operations;
    struct answer failure; /* DescribeConnectorOperation of the newest one, if that failed */
    char *failure_of;      /* … whose ARN is this */
    struct err err;        /* of the last try to describe it */
    int64_t described_ms;  /* monotonic; 0: never */
    bool seen, busy;
};

struct msk_connect_source {
    const struct pipeline_config *cfg;
    struct aws_client *client;
    struct known *known;
    size_t nknown;
    size_t next; /* whose turn it is to be read again */
    struct err operations_err;
};

struct round {
    struct msk_connect_source *self;
    const struct poll_ctx *ctx;
    struct snapshot *snap;
    struct mskc_list list;
    size_t undescribed; /* … and the first reason */
    struct err why;
};

static bool configured(const struct pipeline_config *cfg, const struct hints *hints)
{
    (void)hints;
    return cfg->mskconnect.connectors.count > 0;
}

static void *open_source(const struct pipeline_config *cfg, struct err *err)
{
    (void)err;
    struct msk_connect_source *s = mem_alloc(sizeof(*s));
    s->cfg = cfg;
    return s;
}

static void known_free(struct known *k)
{
    free(k->arn);
    free(k->state);
    free(k->version);
    mem_wipe_free(k->description.body); /* it has the connector's config, passwords too */
    free(k->operations.body);
    free(k->failure.body);
    free(k->failure_of);
}

static void close_source(void *self)
{
    struct msk_connect_source *s = self;
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->nknown; i++)
        known_free(&s->known[i]);
    free(s->known);
    aws_client_close(s->client);
    free(s);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static bool has_time(const struct round *r)
{
    struct err err = ERR_INIT;
    return clock_left_ms(r->ctx->deadline_ms) > RESERVE_MS && !source_give_up(r->ctx, &err);
}

static bool ask(struct round *r, enum aws_call call, const char *path, const char *query,
                const char *resource, struct aws_answer *answer, struct err *err)
{
    struct aws_request request = {.call = call,
                                  .path = path,
                                  .query = query,
                                  .resource = resource,
                                  .deadline_ms = r->ctx->deadline_ms,
                                  .stop_fd = r->ctx->stop_fd};
    return aws_send(r->self->client, &request, answer, err);
}

/* What the answer says is kept until the next one. */
static bool keep(struct round *r, enum aws_call call, char *path, const char *resource,
                 struct answer *to, struct err *err)
{
    struct aws_answer answer;
    bool ok = ask(r, call, path, NULL, resource, &answer, err);
    free(path);
    if (!ok)
        return false;
    mem_wipe_free(to->body);
    to->len = answer.body.len;
    to->body = mem_strndup(answer.body.text, answer.body.len);
    mem_wipe(answer.body.text, answer.body.len);
    aws_answer_free(&answer);
    return true;
}

/* nextToken is foreign text: it goes back percent-encoded, whatever stands in it. */
static char *list_query(const char *token)
{
    if (token == NULL)
        return mem_printf("maxResults=%d", PAGE);
    char *encoded = mskconnect_encode(token);
    char *query = mem_printf("maxResults=%d&nextToken=%s", PAGE, encoded);
    free(encoded);
    return query;
}

static bool read_list(struct round *r, struct err *err)
{
    const char *token = NULL;
    const struct strlist *globs = &r->self->cfg->mskconnect.connectors;
    for (int page = 0; page < PAGES_MAX; page++) {
        struct aws_answer answer;
        char *query = list_query(token);
        bool ok = ask(r, MSKC_LIST, "/v1/connectors", query, NULL, &answer, err);
        free(query);
        if (!ok)
            return false;
        ok = mskc_parse_list(r->snap->arena, answer.body.text, answer.body.len, globs, &r->list,
                             &token, err);
        aws_answer_free(&answer);
        if (!ok || token == NULL)
            return ok;
        if (source_give_up(r->ctx, err))
            return false;
    }
    r->list.cut = true;
    return true;
}

/* ---- what is remembered ---------------------------------------------------------------------- */

static struct known *known_of(struct msk_connect_source *s, const char *arn)
{
    for (size_t i = 0; i < s->nknown; i++) {
        if (strcmp(s->known[i].arn, arn) == 0)
            return &s->known[i];
    }
    s->known = mem_realloc(s->known, (s->nknown + 1) * sizeof(*s->known));
    struct known *k = &s->known[s->nknown++];
    *k = (struct known){.arn = mem_strdup(arn)};
    return k;
}

static void forget_gone(struct msk_connect_source *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->nknown; i++) {
        if (s->known[i].seen)
            s->known[kept++] = s->known[i];
        else
            known_free(&s->known[i]);
    }
    s->nknown = kept;
}

/* RUNNING, PAUSED and FAILED last; every other state, new ones too, is on its way to another. */
static bool is_passing(const char *state)
{
    return state == NULL || (strcmp(state, "RUNNING") != 0 && strcmp(state, "PAUSED") != 0 &&
                             strcmp(state, "FAILED") != 0);
}

/* ---- descriptions and operations ------------------------------------------------------------- */

static void read_operations(struct round *r, struct known *k)
{
    struct msk_connect_source *s = r->self;
    struct err err = ERR_INIT;
    if (aws_offers(r->ctx->aws, MSKC_LIST_OPERATIONS) == TRI_NO || !has_time(r))
        return;
    bool ok = keep(r, MSKC_LIST_OPERATIONS, mskconnect_path(k->arn, "/operations"), k->arn,
                   &k->operations, &err);
    s->operations_err = err;
    if (ok || err.kind == ERR_UNSUPPORTED)
        aws_offered(r->ctx->aws, MSKC_LIST_OPERATIONS, ok);
}

static void describe(struct round *r, const struct connect_connector *c, struct known *k)
{
    if (!has_time(r))
        return;
    err_clear(&k->err);
    if (!keep(r, MSKC_DESCRIBE, mskconnect_path(k->arn, ""), k->arn, &k->description, &k->err))
        return;
    free(k->state);
    free(k->version);
    k->state = c->state != NULL ? mem_strdup(c->state) : NULL;
    k->version = c->msk->current_version != NULL ? mem_strdup(c->msk->current_version) : NULL;
    k->described_ms = clock_mono_ms();
}

static bool is_due(const struct connect_connector *c, const struct known *k)
{
    return k->described_ms == 0 || k->busy || !mem_same(c->state, k->state) ||
           is_passing(c->state) || !mem_same(c->msk->current_version, k->version);
}

static void refresh(struct round *r, const struct connect_connector *c)
{
    struct known *k = known_of(r->self, c->msk->arn);
    describe(r, c, k);
    read_operations(r, k);
}

/* First what has changed, then those that were not read for the longest time. */
static void read_descriptions(struct round *r)
{
    struct msk_connect_source *s = r->self;
    size_t n = r->list.count;
    for (size_t i = 0; i < s->nknown; i++)
        s->known[i].seen = false;
    for (size_t i = 0; i < n; i++) {
        const struct connect_connector *c = &r->list.items[i];
        struct known *k = known_of(s, c->msk->arn);
        k->seen = true;
        if (is_due(c, k))
            refresh(r, c);
    }
    for (size_t i = 0; i < n && has_time(r); i++) {
        const struct connect_connector *c = &r->list.items[(s->next + i) % n];
        const struct known *k = known_of(s, c->msk->arn);
        if (!r->ctx->full && clock_mono_ms() - k->described_ms < KEEP_MS)
            continue;
        if (!is_due(c, k))
            refresh(r, c);
        s->next = (s->next + i + 1) % n;
    }
    forget_gone(s);
}

/* ---- the snapshot ---------------------------------------------------------------------------- */

/* Why the newest one failed is told by its description alone. */
static void put_failure(struct round *r, struct known *k, struct msk_operation *op)
{
    struct err err = ERR_INIT;
    if (op->arn == NULL || !mskconnect_ended(op->state) || mskconnect_succeeded(op->state) ||
        op->error_code != NULL)
        return;
    if (!mem_same(k->failure_of, op->arn) && has_time(r) &&
        keep(r, MSKC_DESCRIBE_OPERATION, mskconnect_operation_path(op->arn), op->arn, &k->failure,
             &err)) {
        free(k->failure_of);
        k->failure_of = mem_strdup(op->arn);
    }
    if (mem_same(k->failure_of, op->arn))
        (void)mskc_parse_operation(r->snap->arena, k->failure.body, k->failure.len, op, &err);
}

static enum tri worst(enum tri a, enum tri b)
{
    return a == TRI_NO || b == TRI_NO ? TRI_NO : a == TRI_YES ? a : b;
}

static void put_operations(struct round *r, struct known *k, struct msk_connector *m)
{
    struct err err = ERR_INIT;
    if (k->operations.body == NULL ||
        !mskc_parse_operations(r->snap->arena, k->operations.body, k->operations.len,
                               &m->operations, &m->noperations, &err))
        return;
    for (size_t i = 0; i < m->noperations; i++)
        k->busy = k->busy || m->operations[i].ended_ms == UNKNOWN;
    if (m->noperations > 0)
        put_failure(r, k, &m->operations[0]);
}

/* What was read of it, now or before; the list's newer word for its state stands. */
static void fill(struct round *r, struct connect_connector *c)
{
    struct known *k = known_of(r->self, c->msk->arn);
    struct err err = k->err;
    const char *state = c->state;
    bool told =
        k->description.body != NULL &&
        mskc_parse_connector(r->snap->arena, k->description.body, k->description.len, c, &err);
    if (!told && r->undescribed++ == 0)
        r->why = err;
    c->state = state;
    k->busy = is_passing(state);
    /* Just made, and nobody else has it yet. */
    struct msk_connector *m = (struct msk_connector *)(uintptr_t)c->msk;
    put_operations(r, k, m);
    m->can_restart = aws_offers(r->ctx->aws, MSKC_RESTART);
    m->can_pause = worst(aws_offers(r->ctx->aws, MSKC_PAUSE), aws_offers(r->ctx->aws, MSKC_RESUME));
    if (k->busy && r->snap->every_ms > BUSY_EVERY_MS)
        r->snap->every_ms = BUSY_EVERY_MS;
}

static void put_notes(struct round *r)
{
    const struct err *ops = &r->self->operations_err;
    if (r->list.cut)
        snapshot_note(r->snap, "narrow [pipeline.mskconnect] connectors",
                      "there are more than %zu connectors: the rest is not shown", r->list.count);
    if (r->undescribed > 0)
        snapshot_note(r->snap, aws_remedy(r->snap, MSKC_DESCRIBE, NULL, &r->why),
                      "%zu of %zu connectors cannot be described: %s", r->undescribed,
                      r->list.count, r->why.kind != ERR_NONE ? r->why.text : "not asked in time");
    if (ops->kind == ERR_DENIED)
        snapshot_note(r->snap, aws_remedy(r->snap, MSKC_LIST_OPERATIONS, NULL, ops),
                      "operations are not told: %s", ops->text);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct connect_connector *)a)->name,
                  ((const struct connect_connector *)b)->name);
}

/* One that moved from one page to the next meanwhile is told twice. */
static void sort_by_name(struct mskc_list *list)
{
    size_t kept = 0;
    if (list->count > 1)
        qsort(list->items, list->count, sizeof(*list->items), by_name);
    for (size_t i = 0; i < list->count; i++) {
        if (kept == 0 || strcmp(list->items[kept - 1].name, list->items[i].name) != 0)
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

static void put_where(struct round *r)
{
    struct err err = ERR_INIT;
    char *url = aws_endpoint(r->ctx->aws, AWS_KAFKACONNECT, aws_region(r->ctx->aws), &err);
    r->snap->connect.url = arena_strdup(r->snap->arena, url != NULL ? url : "");
    free(url);
    snapshot_tls(r->snap, strncmp(r->snap->connect.url, "https://", 8) == 0, NULL, -1);
    r->snap->server_ms = aws_server_ms(r->ctx->aws);
}

static struct snapshot *poll_source(void *self, const struct poll_ctx *ctx, struct err *err)
{
    struct msk_connect_source *s = self;
    if (!aws_client_ready(&s->client, ctx->aws, err))
        return NULL;
    struct snapshot *snap = snapshot_new(SOURCE_MSK_CONNECT);
    struct round r = {.self = s, .ctx = ctx, .snap = snap};
    snap->every_ms = s->cfg->aws.interval_ms;
    if (!read_list(&r, err)) {
        snapshot_free(snap);
        return NULL;
    }
    read_descriptions(&r);
    for (size_t i = 0; i < r.list.count; i++)
        fill(&r, &r.list.items[i]);
    sort_by_name(&r.list);
    snap->connect.connectors = r.list.items;
    snap->connect.nconnectors = r.list.count;
    put_notes(&r);
    put_where(&r);
    return snap;
}

const struct source_ops source_msk_connect = {
    .name = "mskconnect",
    .kind = SOURCE_MSK_CONNECT,
    .configured = configured,
    .open = open_source,
    .poll = poll_source,
    .close = close_source,
    .least_ms = source_least_aws,
};
