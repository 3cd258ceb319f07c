/* logs.c: the logs of MSK Connect's workers and of DMS's tasks in CloudWatch Logs.
 *
 * Each log is searched for the few lines that tell why something died or stands still. One of MSK
 * Connect is looked into once, so that a missing right shows before it is needed; then only while
 * one of its connectors has failed, further and further back until a death of it is found. Most
 * polls ask nothing: they answer from what is kept. */
#include "source/source.h"

#include "base/mem.h"
#include "base/secrets.h"
#include "source/aws_note.h"
#include "source/logs_search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALLS = 5 }; /* in one poll: the service allows few a second to all of an account */

struct logs_source {
    const struct pipeline_config *cfg;
    struct aws_client *client;
    struct log_search *logs;
    size_t nlogs;
    size_t next; /* whose turn it is */
};

static bool configured(const struct pipeline_config *cfg, const struct hints *hints)
{
    (void)hints;
    return cfg->logs.read && (cfg->mskconnect.connectors.count > 0 || cfg->dms.tasks.count > 0);
}

static void *open_source(const struct pipeline_config *cfg, struct err *err)
{
    (void)err;
    struct logs_source *s = mem_alloc(sizeof(*s));
    s->cfg = cfg;
    return s;
}

static void close_source(void *self)
{
    struct logs_source *s = self;
    for (size_t i = 0; i < s->nlogs; i++)
        log_search_free(&s->logs[i]);
    free(s->logs);
    aws_client_close(s->client);
    free(s);
}

/* ---- which logs there are -------------------------------------------------------------------- */

static struct log_search *log_of(struct logs_source *s, const struct hint_log *hint)
{
    for (size_t i = 0; i < s->nlogs; i++) {
        if (s->logs[i].service == hint->service && mem_same(s->logs[i].group, hint->group) &&
            mem_same(s->logs[i].stream, hint->stream))
            return &s->logs[i];
    }
    s->logs = mem_realloc(s->logs, (s->nlogs + 1) * sizeof(*s->logs));
    struct log_search *l = &s->logs[s->nlogs++];
    log_search_init(l, hint->service, hint->group, hint->stream);
    return l;
}

static void take_hints(struct logs_source *s, const struct hints *h)
{
    for (size_t i = 0; i < s->nlogs; i++)
        s->logs[i].seen = s->logs[i].wanted = false;
    for (size_t i = 0; h != NULL && i < h->nlogs; i++) {
        struct log_search *l = log_of(s, &h->logs[i]);
        l->seen = true;
        l->wanted = l->wanted || h->logs[i].wanted;
    }
    size_t kept = 0;
    for (size_t i = 0; i < s->nlogs; i++) {
        if (s->logs[i].seen)
            s->logs[kept++] = s->logs[i];
        else
            log_search_free(&s->logs[i]);
    }
    s->nlogs = kept;
}

static void read_logs(struct logs_source *s, struct log_round *r)
{
    size_t idle = 0;
    for (size_t i = 0; i < s->nlogs; i++)
        s->logs[i].searching = true;
    while (idle < s->nlogs && r->calls > 0 && log_round_has_time(r)) {
        struct log_search *l = &s->logs[s->next++ % s->nlogs];
        l->searching = log_search_step(r, l);
        idle = l->searching ? 0 : idle + 1;
    }
}

/* ---- the snapshot ---------------------------------------------------------------------------- */

/* How many connectors have their log there. */
static size_t users(const struct hints *h, const struct log_search *l)
{
    size_t n = 0;
    for (size_t i = 0; i < h->nlogs; i++)
        n += h->logs[i].service == l->service && mem_same(h->logs[i].group, l->group);
    return n;
}

/* A worker's death names no connector: it is of the one that its stream is named after, or of the
 * only one that logs there. */
static bool is_of(const struct hints *h, const struct log_search *l, const struct log_found *f,
                  const char *connector)
{
    if (l->service == SERVICE_DMS)
        return true;
    if (f->connector != NULL)
        return strcmp(f->connector, connector) == 0;
    const char *best = NULL; /* "shop" is the beginning of "shop-sink" too */
    for (size_t i = 0; i < h->nlogs; i++) {
        const char *name = h->logs[i].connector;
        if (strncmp(f->stream, name, strlen(name)) == 0 &&
            (best == NULL || strlen(name) > strlen(best)))
            best = name;
    }
    return users(h, l) == 1 || mem_same(best, connector);
}

static void put_tail(struct snapshot *snap, const struct hints *h, const struct hint_log *hint,
                     const struct log_search *l)
{
    struct arena *a = snap->arena;
    struct log_tail *t = &snap->logs.tails[snap->logs.ntails++];
    *t = (struct log_tail){.service = (int)hint->service,
                           .connector = arena_strdup(a, hint->connector),
                           .group = arena_strdup(a, l->group),
                           .stream = arena_strdup(a, l->stream),
                           .from_ms = l->from_ms,
                           .to_ms = l->to_ms};
    t->wanted = hint->wanted;
    t->searching = l->searching;
    if (l->err.kind != ERR_NONE)
        t->error = secrets_masked(a, l->err.text, sizeof(l->err.text));
    t->events = arena_array(a, l->nfound, sizeof(*t->events));
    for (size_t i = 0; i < l->nfound; i++) {
        const struct log_found *f = &l->found[i];
        if (!is_of(h, l, f, hint->connector))
            continue;
        t->events[t->nevents++] = (struct log_event){
            .kind = (int)f->m.kind,
            .task = f->m.task,
            .at_ms = f->at_ms,
            .text = arena_strdup(a, f->text),
            .cause = arena_strdup(a, f->cause),
        };
    }
    log_sort(t);
}

/* DMS writes none unless a task's settings say so, and none before it runs: no wonder. */
static bool remarkable(const struct log_search *l)
{
    return l->err.kind != ERR_NONE && !(l->service == SERVICE_DMS && l->err.kind == ERR_NOTFOUND);
}

static void put_notes(const struct logs_source *s, const struct log_round *r, struct snapshot *snap)
{
    for (size_t i = 0; i < s->nlogs; i++) {
        const struct log_search *l = &s->logs[i];
        if (!remarkable(l))
            continue;
        char *resource = log_search_resource(r, l);
        snapshot_note(snap, aws_remedy(snap, LOGS_FILTER, resource, &l->err),
                      "the log %s cannot be read: %s", l->group, l->err.text);
        free(resource);
    }
}

/* Nobody answers at all: then it is the service that does not, and not one log. */
static bool all_silent(const struct logs_source *s, struct err *err)
{
    bool any = false;
    for (size_t i = 0; i < s->nlogs; i++) {
        const struct log_search *l = &s->logs[i];
        if (l->err.kind == ERR_NONE && l->to_ms == UNKNOWN)
            continue; /* not asked yet */
        if (l->err.kind == ERR_NONE || l->err.kind == ERR_DENIED || l->err.kind == ERR_NOTFOUND)
            return false;
        *err = l->err;
        any = true;
    }
    return any;
}

static struct snapshot *poll_source(void *self, const struct poll_ctx *ctx, struct err *err)
{
    struct logs_source *s = self;
    if (!aws_client_ready(&s->client, ctx->aws, err))
        return NULL;
    struct log_round r = {
        .client = s->client, .ctx = ctx, .interval_ms = s->cfg->logs.interval_ms, .calls = CALLS};
    take_hints(s, ctx->hints);
    read_logs(s, &r);
    if (all_silent(s, err))
        return NULL;
    err_clear(err);
    struct snapshot *snap = snapshot_new(SOURCE_LOGS);
    const struct hints *h = ctx->hints;
    snap->logs.tails = arena_array(snap->arena, h != NULL ? h->nlogs : 0, sizeof(struct log_tail));
    for (size_t i = 0; h != NULL && i < h->nlogs; i++)
        put_tail(snap, h, &h->logs[i], log_of(s, &h->logs[i]));
    put_notes(s, &r, snap);
    snap->server_ms = aws_server_ms(ctx->aws);
    return snap;
}

const struct source_ops source_logs = {
    .name = "logs",
    .kind = SOURCE_LOGS,
    .configured = configured,
    .open = open_source,
    .poll = poll_source,
    .close = close_source,
    .least_ms = source_least_aws,
};
