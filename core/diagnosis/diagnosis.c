#include "diagnosis/diagnosis.h"

#include "base/mem.h"
#include "diagnosis/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEN_MAX = 512, FORGET_MS = 60 * 1000 };

/* When each finding was first and last seen; one that stays away a minute starts anew. */
struct seen {
    char key[160];
    int64_t first_wall_ms, last_mono_ms;
};

struct diagnosis {
    struct seen seen[SEEN_MAX];
    size_t count;
};

const struct diag_rule *const diag_tables[] = {
    rules_source,   rules_clock, rules_slot, rules_publication, rules_connect, rules_trace,
    rules_snapshot, rules_kafka, rules_sink, rules_s3,          NULL};

const char *confidence_name(enum confidence c)
{
    return c == CONFIDENCE_MEDIUM ? "medium" : "high";
}

struct diagnosis *diagnosis_new(void)
{
    return mem_alloc(sizeof(struct diagnosis));
}

void diagnosis_free(struct diagnosis *diag)
{
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

static bool evidence_fresh(const struct rule_run *run)
{
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        if ((run->rule->needs & NEEDS(k)) != 0 &&
            world_state(run->world, run->index, (enum source_kind)k) != STATE_FRESH)
            return false;
    }
    return true;
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

static bool explains(const struct pipeline *p, const struct finding *cause,
                     const struct finding *symptom)
{
    for (const char *const *id = cause->folds; *id != NULL; id++) {
        if (strcmp(*id, symptom->id) == 0)
            return related(p, cause, symptom);
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
        others += strcmp(items[i].id, RULE_LAST_RESORT) != 0 && strcmp(items[i].id, "Z02") != 0;
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

/* The headline first: severity, then the way of the data, then a stable order. */
static int by_rank(const void *a, const void *b)
{
    const struct finding *x = a;
    const struct finding *y = b;
    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    if (x->hop != y->hop)
        return x->hop < y->hop ? -1 : 1;
    int c = strcmp(x->id, y->id);
    return c != 0 ? c : strcmp(x->object, y->object);
}

/* A free place, or that of the finding which has been away the longest. */
static struct seen *place_for(struct diagnosis *diag)
{
    if (diag->count < SEEN_MAX)
        return &diag->seen[diag->count++];
    struct seen *oldest = &diag->seen[0];
    for (size_t i = 1; i < SEEN_MAX; i++)
        oldest = diag->seen[i].last_mono_ms < oldest->last_mono_ms ? &diag->seen[i] : oldest;
    return oldest;
}

static void remember(struct diagnosis *diag, struct finding *f, const struct world *world)
{
    char key[160];
    (void)snprintf(key, sizeof(key), "%s %s", f->id, f->object);
    struct seen *s = NULL;
    for (size_t i = 0; i < diag->count && s == NULL; i++) {
        if (strcmp(diag->seen[i].key, key) == 0)
            s = &diag->seen[i];
    }
    if (s == NULL) {
        s = place_for(diag);
        memcpy(s->key, key, sizeof(key));
        s->first_wall_ms = world->wall_ms;
    } else if (world->mono_ms - s->last_mono_ms > FORGET_MS) {
        s->first_wall_ms = world->wall_ms;
    }
    s->last_mono_ms = world->mono_ms;
    f->since_wall_ms = s->first_wall_ms;
}

struct findings diagnosis_run(struct diagnosis *diag, const struct world *world, size_t pipeline,
                              const struct pipeline *p, struct arena *arena)
{
    struct rule_run run = {.world = world,
                           .index = pipeline,
                           .p = p,
                           .limits = &world->pipelines[pipeline].config->thresholds,
                           .arena = arena};
    for (size_t t = 0; diag_tables[t] != NULL; t++) {
        for (run.rule = diag_tables[t]; run.rule->id != NULL; run.rule++) {
            if (evidence_fresh(&run))
                run.rule->eval(&run);
        }
    }
    struct findings out = {.items = run.items, .count = fold(p, arena, run.items, run.count)};
    if (out.count > 1)
        qsort(out.items, out.count, sizeof(*out.items), by_rank);
    for (size_t i = 0; i < out.count; i++)
        remember(diag, &out.items[i], world);
    return out;
}
