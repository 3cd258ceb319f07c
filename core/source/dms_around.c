/* What stands around DMS's tasks: endpoints, replication instances, capacity of the serverless. It
 * changes rarely: asked with a full poll, or when a task names what is new. */
#include "source/dms_int.h"

#include "source/aws_note.h"

#include <string.h>

enum { FILTER_VALUES = 20 }; /* ARNs in one question */

static bool take_endpoints(void *to, const char *body, size_t len, const char **marker,
                           struct err *err)
{
    struct dms_source *s = to;
    return dms_parse_endpoints(s->around_arena, body, len, &s->around, marker, err);
}

static bool take_instances(void *to, const char *body, size_t len, const char **marker,
                           struct err *err)
{
    struct dms_source *s = to;
    return dms_parse_instances(s->around_arena, body, len, &s->around, marker, err);
}

static bool take_configs(void *to, const char *body, size_t len, const char **marker,
                         struct err *err)
{
    struct dms_source *s = to;
    return dms_parse_configs(s->around_arena, body, len, &s->around, marker, err);
}

static const struct {
    enum aws_call call;
    const char *filter, *what;
    bool (*take)(void *to, const char *body, size_t len, const char **marker, struct err *err);
} parts[DMS_PART_COUNT] = {
    [DMS_PART_ENDPOINTS] = {DMS_ENDPOINTS,           "endpoint-arn",
                            "endpoints are not told: which slot and which topic is not known", take_endpoints},
    [DMS_PART_INSTANCES] = {DMS_INSTANCES,           "replication-instance-arn",
                            "replication instances are not told",                              take_instances},
    [DMS_PART_CONFIGS] = {DMS_REPLICATION_CONFIGS, "replication-config-arn",
                            "the capacity of serverless replications is not told",             take_configs  },
};

/* The i-th ARN that a task names of this part; NULL. */
static const char *named(const struct dms_seen *seen, enum dms_part part, int i)
{
    if (part == DMS_PART_ENDPOINTS)
        return i == 0 ? seen->source_arn : seen->target_arn;
    if (i > 0)
        return NULL;
    return part == DMS_PART_INSTANCES ? seen->instance_arn
           : seen->task.serverless    ? seen->task.arn
                                      : NULL;
}

static bool has(const struct dms_around *around, enum dms_part part, const char *arn)
{
    const struct dms_around *a = around;
    for (size_t i = 0; part == DMS_PART_ENDPOINTS && i < a->nendpoints; i++)
        if (strcmp(a->endpoints[i].arn, arn) == 0)
            return true;
    for (size_t i = 0; part == DMS_PART_INSTANCES && i < a->ninstances; i++)
        if (strcmp(a->instances[i].arn, arn) == 0)
            return true;
    for (size_t i = 0; part == DMS_PART_CONFIGS && i < a->nscales; i++)
        if (strcmp(a->scales[i].arn, arn) == 0)
            return true;
    return false;
}

/* Every ARN of this part that is in use, once; in the snapshot's arena. */
static const char **in_use(const struct dms_round *r, enum dms_part part, size_t *n)
{
    const char **out = arena_array(r->snap->arena, 2 * r->list.count, sizeof(*out));
    *n = 0;
    for (size_t i = 0; i < r->list.count; i++) {
        for (int k = 0; k < 2; k++) {
            const char *arn = named(&r->list.items[i], part, k);
            size_t at = 0;
            while (arn != NULL && at < *n && strcmp(out[at], arn) != 0)
                at++;
            if (arn != NULL && at == *n)
                out[(*n)++] = arn;
        }
    }
    return out;
}

static bool ask_part(struct dms_round *r, enum dms_part part, struct err *err)
{
    size_t n;
    const char **arns = in_use(r, part, &n);
    for (size_t at = 0; at < n; at += FILTER_VALUES) {
        struct dms_question q = {
            .call = parts[part].call,
            .page = DMS_PAGE_LIST,
            .filter = parts[part].filter,
            .values = arns + at,
            .nvalues = n - at < FILTER_VALUES ? n - at : FILTER_VALUES,
            .deadline_ms = r->ctx->deadline_ms - DMS_RESERVE_MS,
            .take = parts[part].take,
            .to = r->self,
        };
        if (!dms_ask(r, &q, NULL, err))
            return false;
    }
    return true;
}

/* Is there anything in use that was not read, and not refused either? */
static bool lacks(const struct dms_round *r)
{
    for (enum dms_part p = 0; p < DMS_PART_COUNT; p++) {
        size_t n;
        const char **arns = in_use(r, p, &n);
        for (size_t i = 0; i < n && r->self->around_err[p].kind == ERR_NONE; i++)
            if (!has(&r->self->around, p, arns[i]))
                return true;
    }
    return false;
}

void dms_read_around(struct dms_round *r)
{
    struct dms_source *s = r->self;
    bool first = s->around_arena == NULL;
    if (!first && !r->ctx->full && !lacks(r))
        return;
    struct arena *old_arena = s->around_arena;
    struct dms_around old = s->around;
    bool lost = false;
    s->around_arena = arena_new();
    s->around = (struct dms_around){0};
    for (enum dms_part p = 0; p < DMS_PART_COUNT; p++) {
        s->around_err[p] = (struct err)ERR_INIT;
        if (!ask_part(r, p, &s->around_err[p]))
            lost = lost || !dms_bearable(&s->around_err[p]);
    }
    if (!lost || first) {
        arena_free(old_arena);
        return;
    }
    /* An answer that did not come does not make us forget the one before. */
    arena_free(s->around_arena);
    s->around_arena = old_arena;
    s->around = old;
}

void dms_note_around(struct dms_round *r)
{
    for (enum dms_part p = 0; p < DMS_PART_COUNT; p++) {
        if (r->self->around_err[p].kind != ERR_NONE)
            aws_note(r->snap, parts[p].call, NULL, parts[p].what, &r->self->around_err[p]);
    }
}
