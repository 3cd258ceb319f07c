#include "diagnosis/diagnosis.h"

#include "base/mem.h"
#include "diagnosis/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct diagnosis {
    struct memory *memory;
};

const struct diag_rule *const diag_tables[] = {
    rules_dms,         rules_msk_connect, /* services beside Connect */
    rules_source,      rules_clock,       rules_slot,   rules_wal,     rules_growth, rules_gap,
    rules_publication, rules_grants,      rules_worker, rules_connect, rules_stream, rules_trace,
    rules_snapshot,    rules_kafka,       rules_group,  rules_sink,    rules_s3,     rules_aws,
    rules_rds,         rules_msk,         NULL};

const char *confidence_name(enum confidence c)
{
    return c == CONFIDENCE_MEDIUM ? "medium" : "high";
}

struct diagnosis *diagnosis_new(void)
{
    struct diagnosis *diag = mem_alloc(sizeof(*diag));
    diag->memory = memory_new();
    return diag;
}

void diagnosis_free(struct diagnosis *diag)
{
    if (diag == NULL)
        return;
    memory_free(diag->memory);
    free(diag);
}

struct finding *rule_emit(struct rule_run *run, const char *object, const char *fmt, ...)
{
    struct finding *f =
        arena_push(run->arena, &run->items, &run->count, &run->cap, sizeof(struct finding));
    va_list ap;
    va_start(ap, fmt);
    *f = (struct finding){.id = run->rule->id,
                          .severity = run->rule->severity,
                          .hop = run->rule->hop,
                          .confidence = run->rule->confidence,
                          .hold_ms = run->rule->hold_ms,
                          .check = run->rule->check != NULL ? run->rule->check : "",
                          .object = object,
                          .title = arena_vprintf(run->arena, fmt, ap),
                          .advice = "",
                          .folds = run->rule->explains};
    va_end(ap);
    return f;
}

void rule_advise(struct rule_run *run, struct finding *f, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    f->advice = arena_vprintf(run->arena, fmt, ap);
    va_end(ap);
}

void rule_evidence(struct rule_run *run, struct finding *f, const char *fmt, ...)
{
    if (f->nevidence == FINDING_EVIDENCE)
        return;
    va_list ap;
    va_start(ap, fmt);
    f->evidence[f->nevidence++] = arena_vprintf(run->arena, fmt, ap);
    va_end(ap);
}

void rule_remedy(struct finding *f, enum action_kind kind)
{
    rule_remedy_on(f, kind, f->object);
}

void rule_remedy_on(struct finding *f, enum action_kind kind, const char *target)
{
    f->has_remedy = true;
    f->remedy = kind;
    f->remedy_target = target;
}

/* The connector that a finding is about, by whatever object it names; NULL: about no single one. */
static const char *connector_of(const struct pipeline *p, const struct finding *f)
{
    if (pipeline_connector(p, f->object) != NULL)
        return f->object;
    const struct slot_row *slot = pipeline_slot(p, f->object);
    if (slot != NULL)
        return slot->owner != NULL ? slot->owner->name : f->object;
    const struct prefix_row *prefix = pipeline_prefix(p, f->object);
    return prefix != NULL ? prefix->connector : NULL;
}

/* One connector's trouble is no reason to hide another's, nor does the database's hide a sink's. */
static bool related(const struct pipeline *p, const struct finding *cause,
                    const struct finding *symptom)
{
    if (cause->hop < HOP_CAPTURE && symptom->hop > HOP_CAPTURE)
        return false;
    const char *a = connector_of(p, cause);
    const char *b = connector_of(p, symptom);
    return a == NULL || b == NULL || strcmp(a, b) == 0;
}

/* What fails a connector of Connect fails those of AWS's services, whose rules say it for them. */
static bool is_same(const char *id, const char *symptom)
{
    static const char *const managed[] = {"C16", "D01", "D02"};
    bool failed = false;
    for (size_t i = 0; i < ARRAY_LEN(managed); i++)
        failed = failed || strcmp(symptom, managed[i]) == 0;
    return strcmp(id, symptom) == 0 || (failed && strcmp(id, "C02") == 0);
}

static bool explains(const struct pipeline *p, const struct finding *cause,
                     const struct finding *symptom)
{
    if (symptom->waits_for != NULL)
        return strcmp(symptom->id, cause->id) == 0 &&
               strcmp(symptom->waits_for, cause->object) == 0;
    for (const char *const *id = cause->folds; *id != NULL; id++) {
        if (!is_same(*id, symptom->id))
            continue;
        /* Z01 is of any server: only of one at the same hop. */
        bool elsewhere = strcmp(*id, "Z01") == 0 && cause->hop != symptom->hop;
        return !elsewhere && related(p, cause, symptom);
    }
    return false;
}

static void add_folded(struct arena *arena, struct finding *cause, const struct folded *one)
{
    struct folded *list = arena_array(arena, (size_t)cause->nexplains + 1, sizeof(*list));
    if (cause->nexplains > 0)
        memcpy(list, cause->explains, (size_t)cause->nexplains * sizeof(*list));
    list[cause->nexplains++] = *one;
    cause->explains = list;
}

/* The symptom, and what had been folded under it before. */
static void fold_under(struct arena *arena, struct finding *cause, const struct finding *symptom)
{
    struct folded one = {symptom->id, symptom->object, symptom->title, symptom->severity};
    add_folded(arena, cause, &one);
    for (int i = 0; i < symptom->nexplains; i++)
        add_folded(arena, cause, &symptom->explains[i]);
}

/* What explains that data comes late: any alarm, and the remarks that something is held on purpose
 * or that a snapshot runs. */
static bool excuses(const struct finding *f)
{
    static const char *const remarks[] = {"C22", "P05", "N01"};
    if (strcmp(f->id, RULE_LAST_RESORT) == 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(remarks); i++) {
        if (strcmp(f->id, remarks[i]) == 0)
            return true;
    }
    return f->severity > VERDICT_INFO;
}

/* Folds symptoms under the first cause that explains them: one headline instead of five alarms. */
static size_t fold(const struct pipeline *p, struct arena *arena, struct finding *items, size_t n)
{
    bool *folded = mem_calloc(n, sizeof(*folded));
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            if (i == k || folded[i] || folded[k] || !explains(p, &items[i], &items[k]))
                continue;
            folded[k] = true;
            fold_under(arena, &items[i], &items[k]);
        }
    }
    size_t others = 0;
    for (size_t i = 0; i < n; i++)
        others += excuses(&items[i]);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (others > 0 && strcmp(items[i].id, RULE_LAST_RESORT) == 0)
            continue;
        if (!folded[i])
            items[kept++] = items[i];
    }
    free(folded);
    return kept;
}

/* The headline first: severity, then the way of the data, then confidence, then a stable order. */
static int by_rank(const void *a, const void *b)
{
    const struct finding *x = a;
    const struct finding *y = b;
    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    if (x->hop != y->hop)
        return x->hop < y->hop ? -1 : 1;
    if (x->confidence != y->confidence)
        return x->confidence < y->confidence ? -1 : 1;
    int c = strcmp(x->id, y->id);
    return c != 0 ? c : strcmp(x->object, y->object);
}

/* SOURCE_CONNECT stands for whoever tells of connectors. */
static enum source_state state_of(const struct rule_run *run, int kind)
{
    return kind == SOURCE_CONNECT ? world_connectors(run->world, run->index)
                                  : world_state(run->world, run->index, (enum source_kind)kind);
}

/* The first source that the rule needs and that has nothing fresh to say; -1: all answer. */
static int lacks(const struct rule_run *run, const struct diag_rule *rule)
{
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        if ((rule->needs & NEEDS(k)) != 0 && state_of(run, k) != STATE_FRESH)
            return k;
    }
    return -1;
}

static const struct diag_rule *rule_by_id(const char *id)
{
    for (size_t t = 0; diag_tables[t] != NULL; t++) {
        for (const struct diag_rule *r = diag_tables[t]; r->id != NULL; r++) {
            if (strcmp(r->id, id) == 0)
                return r;
        }
    }
    return NULL;
}

static bool answered(void *ctx, const char *id)
{
    const struct diag_rule *rule = rule_by_id(id);
    return rule != NULL && lacks(ctx, rule) < 0;
}

/* What is not configured at all is not missing. */
static void evaluate(struct rule_run *run, struct findings *out)
{
    size_t cap = 0;
    for (size_t t = 0; diag_tables[t] != NULL; t++) {
        for (run->rule = diag_tables[t]; run->rule->id != NULL; run->rule++) {
            int k = lacks(run, run->rule);
            if (k < 0) {
                run->rule->eval(run);
            } else if (state_of(run, k) != STATE_OFF) {
                struct unanswered *u =
                    arena_push(run->arena, &out->unanswered, &out->nunanswered, &cap, sizeof(*u));
                *u = (struct unanswered){run->rule->id, (enum source_kind)k};
            }
        }
    }
}

/* A key that would only be refused is no advice. */
static void drop_remedies(struct rule_run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        struct finding *f = &run->items[i];
        const struct connector_row *c =
            f->has_remedy ? pipeline_connector(run->p, f->remedy_target) : NULL;
        if (c != NULL && !rule_is_offered(c, f->remedy))
            f->has_remedy = false;
    }
}

static void set_apart_muted(const struct diagnosis *diag, const struct world *world,
                            struct arena *arena, struct findings *out)
{
    size_t kept = 0;
    out->muted = arena_array(arena, out->count, sizeof(*out->muted));
    for (size_t i = 0; i < out->count; i++) {
        if (memory_muted(diag->memory, world, &out->items[i]))
            out->muted[out->nmuted++] = out->items[i];
        else
            out->items[kept++] = out->items[i];
    }
    out->count = kept;
}

struct findings diagnosis_run(struct diagnosis *diag, const struct world *world, size_t pipeline,
                              const struct pipeline *p, struct arena *arena)
{
    struct rule_run run = {.world = world,
                           .index = pipeline,
                           .p = p,
                           .limits = &world->pipelines[pipeline].config->thresholds,
                           .arena = arena};
    struct findings out = {0};
    evaluate(&run, &out);
    drop_remedies(&run);
    struct finding_list list = {run.items, run.count, run.cap};
    memory_settle(diag->memory, world, arena, &list, answered, &run);
    list.count = fold(p, arena, list.items, list.count);
    if (list.count > 1)
        qsort(list.items, list.count, sizeof(*list.items), by_rank);
    memory_note(diag->memory, world, &list);
    out.items = list.items;
    out.count = list.count;
    set_apart_muted(diag, world, arena, &out);
    return out;
}

/* ---- mutes and history ----------------------------------------------------------------------- */

bool diagnosis_has_rule(const char *id)
{
    return rule_by_id(id) != NULL;
}

bool diagnosis_mute(struct diagnosis *diag, const struct world *world, const struct mute *mute)
{
    return diagnosis_has_rule(mute->rule) && memory_mute(diag->memory, world, mute);
}

bool diagnosis_unmute(struct diagnosis *diag, const struct world *world, const char *rule,
                      const char *object)
{
    return memory_unmute(diag->memory, world, rule, object);
}

size_t diagnosis_history(const struct diagnosis *diag, struct finding_event *out, size_t max)
{
    return memory_history(diag->memory, out, max);
}
