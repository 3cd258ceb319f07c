#include "source/cloudwatch_plan.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOUR_MS = 3600 * 1000,
    MAX_EVERY_MS = 5 * 60 * 1000, /* older figures help nobody in trouble */
    FILTERS_PER_SPACE = 10,       /* more: the space is listed as a whole */
    ITEMS_MAX = 20000,
};

static bool same_text(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool same_dim(const struct kv *a, const struct kv *b)
{
    if (a->key == NULL || b->key == NULL)
        return a->key == b->key;
    return same_text(a->key, b->key) && same_text(a->value, b->value);
}

static struct cw_item *find(const struct cw_plan *plan, const struct metric_row *row,
                            const char *object)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->items[i].row == row && same_text(plan->items[i].object, object))
            return &plan->items[i];
    }
    return NULL;
}

static void add_filter(struct cw_plan *plan, size_t *cap, const char *space, const struct kv *dim)
{
    for (size_t i = 0; i < plan->nfilters; i++) {
        const struct cw_filter *f = &plan->filters[i];
        if (same_text(f->space, space) && same_dim(&f->dim, dim))
            return;
    }
    struct cw_filter *f = arena_push(plan->arena, &plan->filters, &plan->nfilters, cap, sizeof(*f));
    *f = (struct cw_filter){space, *dim};
}

/* Where there would be many listings of one space, there is one of all of it; and so it is where
 * something is looked for by its value. */
static void merge_filters(struct cw_plan *plan)
{
    static const char *const spaces[] = {SPACE_KAFKA, SPACE_CONNECT, SPACE_DMS, SPACE_RDS};
    for (size_t s = 0; s < ARRAY_LEN(spaces); s++) {
        size_t n = 0, kept = 0;
        bool whole = false;
        for (size_t i = 0; i < plan->nfilters; i++) {
            bool of_space = same_text(plan->filters[i].space, spaces[s]);
            n += of_space;
            whole = whole || (of_space && plan->filters[i].dim.key == NULL);
        }
        if (n <= FILTERS_PER_SPACE && !whole)
            continue;
        for (size_t i = 0; i < plan->nfilters; i++) {
            if (!same_text(plan->filters[i].space, spaces[s]))
                plan->filters[kept++] = plan->filters[i];
        }
        plan->filters[kept++] = (struct cw_filter){.space = spaces[s]};
        plan->nfilters = kept;
    }
}

static void add_items(struct cw_plan *plan, size_t *cap, const struct hint_metrics *m, int rank)
{
    for (size_t r = 0; r < metric_rows_count && plan->count < ITEMS_MAX; r++) {
        const struct metric_row *row = &metric_rows[r];
        if (row->rank != rank || !metric_covers(row, m->space, m->dims, m->ndims))
            continue;
        struct cw_item *item =
            arena_push(plan->arena, &plan->items, &plan->count, cap, sizeof(*item));
        *item = (struct cw_item){.row = row,
                                 .object = arena_strdup(plan->arena, m->object),
                                 .ndims = m->ndims,
                                 .listed = TRI_UNKNOWN,
                                 .value = NAN,
                                 .before = NAN,
                                 .at_ms = UNKNOWN,
                                 .before_ms = UNKNOWN};
        for (size_t d = 0; d < m->ndims; d++)
            item->dims[d] = (struct kv){row->dims[d], arena_strdup(plan->arena, m->dims[d].value)};
        for (size_t v = 0; m->ndims == 0 && v < HINT_VALUES; v++)
            item->values[v] = arena_strdup(plan->arena, m->values[v]);
    }
}

static bool is_same(const struct cw_plan *a, const struct cw_plan *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) {
        const struct cw_item *x = &a->items[i], *y = &b->items[i];
        same = x->row == y->row && same_text(x->object, y->object);
        for (size_t d = 0; same && x->values[0] == NULL && d < x->ndims; d++)
            same = same_text(x->dims[d].value, y->dims[d].value);
        for (size_t v = 0; same && v < HINT_VALUES && x->values[v] != NULL; v++)
            same = y->values[v] != NULL && same_text(x->values[v], y->values[v]);
    }
    return same;
}

/* What was found and read before goes on. */
static void take_over(struct cw_plan *plan, struct cw_item *item, const struct cw_item *old)
{
    item->listed = old->listed;
    item->status = old->status;
    item->value = old->value;
    item->before = old->before;
    item->at_ms = old->at_ms;
    item->before_ms = old->before_ms;
    if (item->values[0] == NULL)
        return;
    item->fit = old->fit;
    item->ndims = old->ndims;
    for (size_t d = 0; d < old->ndims; d++)
        item->dims[d] = (struct kv){arena_strdup(plan->arena, old->dims[d].key),
                                    arena_strdup(plan->arena, old->dims[d].value)};
}

bool cw_plan_sync(struct cw_plan *plan, const struct hints *hints)
{
    struct cw_plan fresh = {.arena = arena_new()};
    size_t cap = 0, cap_filters = 0;
    size_t n = hints != NULL ? hints->nmetrics : 0;
    for (int rank = 1; rank <= 3; rank++) {
        for (size_t i = 0; i < n; i++)
            add_items(&fresh, &cap, &hints->metrics[i], rank);
    }
    if (is_same(&fresh, plan)) {
        arena_free(fresh.arena);
        return false;
    }
    for (size_t i = 0; i < fresh.count; i++) {
        struct cw_item *item = &fresh.items[i];
        const struct cw_item *old = find(plan, item->row, item->object);
        static const struct kv any = {NULL, NULL};
        if (old != NULL)
            take_over(&fresh, item, old);
        add_filter(&fresh, &cap_filters, item->row->space,
                   item->values[0] != NULL ? &any : &item->dims[0]);
    }
    merge_filters(&fresh);
    cw_plan_free(plan);
    *plan = fresh;
    return true;
}

void cw_plan_free(struct cw_plan *plan)
{
    arena_free(plan->arena);
    *plan = (struct cw_plan){0};
}

/* ---- what there is --------------------------------------------------------------------------- */

static bool is_of(const struct cw_item *item, const struct cw_listed *m)
{
    if (item->values[0] != NULL || item->ndims != m->ndims ||
        !same_text(item->row->name, m->name) || !same_text(item->row->space, m->space))
        return false;
    for (size_t d = 0; d < item->ndims; d++) {
        const char *value = kv_find(m->dims, m->ndims, item->dims[d].key);
        if (value == NULL || !same_text(value, item->dims[d].value))
            return false;
    }
    return true;
}

/* An instance, or its task, may be called as a replication is. */
static bool is_of_instance(const struct kv *dim)
{
    static const char *const classic[] = {"ReplicationInstance", "ReplicationTask"};
    for (size_t i = 0; i < ARRAY_LEN(classic); i++) {
        if (strncmp(dim->key, classic[i], strlen(classic[i])) == 0)
            return true;
    }
    return false;
}

/* By which of its values this metric would be the item's, from 1; 0: by none. */
static size_t fit_of(const struct cw_item *item, const struct cw_listed *m)
{
    if (item->values[0] == NULL || !same_text(item->row->name, m->name) ||
        !same_text(item->row->space, m->space))
        return 0;
    for (size_t d = 0; d < m->ndims; d++) {
        if (is_of_instance(&m->dims[d]))
            return 0;
    }
    for (size_t v = 0; v < HINT_VALUES && item->values[v] != NULL; v++) {
        for (size_t d = 0; d < m->ndims; d++) {
            if (same_text(m->dims[d].value, item->values[v]))
                return v + 1;
        }
    }
    return 0;
}

/* One that had others so far: what was read by those is not of this one. */
static void take_dims(struct cw_plan *plan, struct cw_item *item, const struct cw_listed *m,
                      size_t fit)
{
    bool same = item->ndims == m->ndims;
    for (size_t d = 0; same && d < m->ndims; d++)
        same = same_dim(&item->dims[d], &m->dims[d]);
    item->fit = fit;
    item->listed = TRI_YES;
    if (same)
        return;
    item->ndims = m->ndims;
    for (size_t d = 0; d < m->ndims; d++)
        item->dims[d] = (struct kv){arena_strdup(plan->arena, m->dims[d].key),
                                    arena_strdup(plan->arena, m->dims[d].value)};
    item->status = CW_NONE;
    item->value = item->before = NAN;
    item->at_ms = item->before_ms = UNKNOWN;
}

/* The surer value beats the other, and what is of the replication as a whole (one dimension) what
 * is of a part of it. */
static bool is_better(const struct cw_item *item, const struct cw_listed *m, size_t fit)
{
    if (item->fit != fit)
        return item->fit == 0 || fit < item->fit;
    return m->ndims < item->ndims || (m->ndims == item->ndims && item->listed != TRI_YES);
}

/* The name of one may be the ID of another: whom the metric fits best has it. */
static void find_by_value(struct cw_plan *plan, const struct cw_listed *metric)
{
    size_t best = 0;
    for (size_t i = 0; i < plan->count; i++) {
        size_t fit = fit_of(&plan->items[i], metric);
        best = fit != 0 && (best == 0 || fit < best) ? fit : best;
    }
    for (size_t i = 0; best != 0 && i < plan->count; i++) {
        struct cw_item *item = &plan->items[i];
        if (fit_of(item, metric) == best && is_better(item, metric, best))
            take_dims(plan, item, metric, best);
    }
}

void cw_plan_seen(struct cw_plan *plan, const struct cw_listed *metric)
{
    if (metric->ndims == 0 || metric->ndims > 2) /* by topic or group: not among ours */
        return;
    find_by_value(plan, metric);
    for (size_t i = 0; i < plan->count; i++) {
        if (is_of(&plan->items[i], metric))
            plan->items[i].listed = TRI_YES;
    }
}

void cw_plan_listed(struct cw_plan *plan, const struct cw_filter *filter)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct cw_item *item = &plan->items[i];
        bool of_filter = same_text(item->row->space, filter->space) &&
                         (filter->dim.key == NULL ||
                          (item->values[0] == NULL && same_dim(&item->dims[0], &filter->dim)));
        if (!of_filter || item->listed != TRI_UNKNOWN)
            continue;
        item->listed = TRI_NO;
        item->fit = 0; /* whatever comes next is better */
    }
}

/* ---- how often, how many --------------------------------------------------------------------- */

/* One whose dimensions nobody has listed cannot be asked for. */
static bool is_asked_for(const struct cw_item *item)
{
    return item->listed != TRI_NO && item->ndims > 0;
}

bool cw_plan_waits(const struct cw_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->items[i].ndims == 0)
            return true;
    }
    return false;
}

void cw_plan_budget(struct cw_plan *plan, int64_t interval_ms, int64_t per_hour)
{
    int64_t longest = interval_ms > MAX_EVERY_MS ? interval_ms : MAX_EVERY_MS;
    plan->wanted = 0;
    for (size_t i = 0; i < plan->count; i++)
        plan->wanted += is_asked_for(&plan->items[i]);
    int64_t fits = ((int64_t)plan->wanted * HOUR_MS + per_hour - 1) / per_hour;
    plan->every_ms = fits > interval_ms ? fits : interval_ms;
    plan->used = plan->wanted;
    if (plan->every_ms <= longest)
        return;
    plan->every_ms = longest;
    int64_t room = per_hour * longest / HOUR_MS;
    if (room == 0) { /* not even one so often */
        plan->every_ms = (HOUR_MS + per_hour - 1) / per_hour;
        room = 1;
    }
    plan->used = (size_t)room < plan->wanted ? (size_t)room : plan->wanted;
}

size_t cw_plan_next(const struct cw_plan *plan, size_t i)
{
    while (i < plan->count && !is_asked_for(&plan->items[i]))
        i++;
    return i;
}
