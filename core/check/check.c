#include "check/check.h"

#include "base/mem.h"
#include "check/checks.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *const result_names[] = {
    [RESULT_OK] = "ok",
    [RESULT_UNKNOWN] = "unknown",
    [RESULT_WARNING] = "warning",
    [RESULT_FAILED] = "failed",
};
static_assert(ARRAY_LEN(result_names) == RESULT_COUNT, "a name per result");

static const char *const fix_names[] = {
    [FIX_NONE] = "none", [FIX_SQL] = "sql",     [FIX_CONFIG] = "connector",
    [FIX_IAM] = "iam",   [FIX_SHELL] = "shell", [FIX_OTHER] = "words",
};
static_assert(ARRAY_LEN(fix_names) == FIX_KIND_COUNT, "a name per kind");

static const struct check_row *const check_tables[] = {
    checks_postgres, checks_publication, checks_signal, checks_connect, checks_sink, checks_kafka,
    checks_s3,       checks_trust,       checks_aws,    checks_rds,     checks_msk,
};

const char *check_result_name(enum check_result r)
{
    return (unsigned)r < RESULT_COUNT ? result_names[r] : "unknown";
}

const char *check_fix_name(enum check_fix_kind kind)
{
    return (unsigned)kind < FIX_KIND_COUNT ? fix_names[kind] : "none";
}

struct check_line *check_say(struct check_run *run, const char *object, enum check_result result,
                             const char *fmt, ...)
{
    const struct check_row *row = run->row;
    struct check_line *line =
        arena_push(run->arena, &run->lines, &run->count, &run->cap, sizeof(*line));
    va_list ap;
    va_start(ap, fmt);
    *line = (struct check_line){
        .id = row->id,
        .subject = arena_strndup(run->arena, row->id, strcspn(row->id, ".")),
        .title = row->title,
        .hop = row->hop,
        .object = object != NULL ? object : "",
        .result = result,
        .evidence = arena_vprintf(run->arena, fmt, ap),
        .fix = "",
    };
    va_end(ap);
    return line;
}

void check_fix(struct check_run *run, struct check_line *line, enum check_fix_kind kind,
               const char *fmt, ...)
{
    if (line->result == RESULT_OK)
        return;
    va_list ap;
    va_start(ap, fmt);
    line->fix_kind = kind;
    line->fix = arena_vprintf(run->arena, fmt, ap);
    va_end(ap);
}

/* Why that source says nothing, in words. */
static const char *silence(const struct check_run *run, enum source_kind kind)
{
    static const char *const flags[] = {
        [SOURCE_POSTGRES] = "--pg",
        [SOURCE_KAFKA] = "--kafka",
        [SOURCE_CONNECT] = "--connect",
        [SOURCE_S3] = "--s3",
        [SOURCE_AWS] = "[pipeline.aws]",
        [SOURCE_MSK] = "[pipeline.msk] cluster",
        [SOURCE_MSK_CONNECT] = "[pipeline.mskconnect] connectors",
        [SOURCE_DMS] = "[pipeline.dms] tasks",
        [SOURCE_RDS] = "[pipeline.rds] instance",
        [SOURCE_CLOUDWATCH] = "[pipeline.cloudwatch] metrics_per_hour",
        [SOURCE_LOGS] = "[pipeline.logs] read",
    };
    const struct source_slot *s = &run->world->pipelines[run->index].sources[kind];
    const char *title = source_kind_title(kind), *help = strstr(s->err.text, "; ");
    /* What may help against a refused login is said by the check of the login, once. */
    bool once = s->err.kind == ERR_AUTH && (kind == SOURCE_POSTGRES || kind == SOURCE_KAFKA);
    int told = (int)(once && help != NULL ? (size_t)(help - s->err.text) : strlen(s->err.text));
    switch (world_state(run->world, run->index, kind)) {
    case STATE_OFF: return arena_printf(run->arena, "%s is not known: give %s", title, flags[kind]);
    case STATE_FAILING: return arena_printf(run->arena, "%s: %.*s", title, told, s->err.text);
    case STATE_STALE: return arena_printf(run->arena, "%s answers late", title);
    case STATE_WAITING:
    case STATE_FRESH: break;
    }
    return arena_printf(run->arena, "%s has not answered yet", title);
}

/* Nobody gave that server, and no connector needs it: what is not there need not be checked. */
static bool needless(const struct check_run *run, enum source_kind kind)
{
    if (kind >= SOURCE_OWN_COUNT) /* a service of AWS that nobody asked for */
        return world_state(run->world, run->index, kind) == STATE_OFF;
    if (world_state(run->world, run->index, kind) != STATE_OFF ||
        world_connectors(run->world, run->index) != STATE_FRESH)
        return false;
    size_t at = 0;
    if (kind == SOURCE_POSTGRES)
        return check_next_pg_source(run, &at) == NULL;
    const struct connector_row *c;
    while ((c = check_next_sink(run, &at)) != NULL) {
        if (connector_role_is_s3(c->facts->role))
            return false;
    }
    return kind == SOURCE_S3;
}

/* False after an unknown line: some source that the row needs gives no fresh answer. */
static bool has_evidence(struct check_run *run)
{
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        enum source_kind kind = (enum source_kind)k;
        if ((run->row->needs & NEEDS_OF(k)) == 0)
            continue;
        if (kind == SOURCE_CONNECT) /* stands for whoever tells of connectors */
            kind = world_connectors_kind(run->world, run->index);
        if (world_state(run->world, run->index, kind) == STATE_FRESH)
            continue;
        if (!needless(run, kind))
            (void)check_say(run, NULL, RESULT_UNKNOWN, "%s", silence(run, kind));
        return false;
    }
    return true;
}

static void hand_out(struct check_run *run)
{
    const struct snapshot *snap[SOURCE_KIND_COUNT];
    for (int k = 0; k < SOURCE_KIND_COUNT; k++)
        snap[k] = (run->row->needs & NEEDS_OF(k)) != 0
                      ? world_snap(run->world, run->index, (enum source_kind)k)
                      : NULL;
    run->pg = snap[SOURCE_POSTGRES] != NULL ? &snap[SOURCE_POSTGRES]->pg : NULL;
    run->kafka = snap[SOURCE_KAFKA] != NULL ? &snap[SOURCE_KAFKA]->kafka : NULL;
    run->connect = snap[SOURCE_CONNECT] != NULL ? &snap[SOURCE_CONNECT]->connect : NULL;
    run->rds = snap[SOURCE_RDS] != NULL ? &snap[SOURCE_RDS]->rds : NULL;
    run->s3 = snap[SOURCE_S3] != NULL ? &snap[SOURCE_S3]->s3 : NULL;
}

static void evaluate(struct check_run *run)
{
    const struct check_row *row = run->row;
    const struct connector_row *c;
    if (row->eval != NULL)
        row->eval(run);
    for (size_t at = 0; row->of_source != NULL && (c = check_next_pg_source(run, &at)) != NULL;)
        row->of_source(run, c);
    for (size_t at = 0; row->of_sink != NULL && (c = check_next_sink(run, &at)) != NULL;)
        row->of_sink(run, c);
}

/* By hop, the worst first, and otherwise as they came: the order of the tables. Insertion keeps
 * that order, and the lists are short. */
static void sort_lines(struct check_line *lines, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct check_line one = lines[i];
        size_t k = i;
        while (k > 0 && (lines[k - 1].hop > one.hop ||
                         (lines[k - 1].hop == one.hop && lines[k - 1].result < one.result))) {
            lines[k] = lines[k - 1];
            k--;
        }
        lines[k] = one;
    }
}

struct check_list check_all(const struct world *world, size_t index, const struct pipeline *p,
                            struct arena *arena)
{
    struct check_run run = {.world = world,
                            .index = index,
                            .config = world->pipelines[index].config,
                            .p = p,
                            .arena = arena};
    for (size_t t = 0; t < ARRAY_LEN(check_tables); t++) {
        for (run.row = check_tables[t]; run.row->id != NULL; run.row++) {
            if (!has_evidence(&run))
                continue;
            hand_out(&run);
            evaluate(&run);
        }
    }
    struct check_list out = {.lines = run.lines, .count = run.count};
    for (size_t i = 0; i < out.count; i++)
        out.counts[out.lines[i].result]++;
    sort_lines(out.lines, out.count);
    return out;
}

enum check_result check_worst(const struct check_list *list)
{
    for (int r = RESULT_COUNT - 1; r > RESULT_OK; r--) {
        if (list->counts[r] > 0)
            return (enum check_result)r;
    }
    return list->count > 0 ? RESULT_OK : RESULT_UNKNOWN;
}

int check_exit_code(enum check_result worst)
{
    static const int codes[RESULT_COUNT] = {
        [RESULT_OK] = 0, [RESULT_WARNING] = 1, [RESULT_FAILED] = 2, [RESULT_UNKNOWN] = 3};
    return codes[worst];
}
