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
        if (same_text(f->space, space) && same_text(f->dim.key, dim->key) &&
            same_text(f->dim.value, dim->value))
            return;
    }
    struct cw_filter *f = arena_push(plan->arena, &plan->filters, &plan->nfilters, cap, sizeof(*f));
    *f = (struct cw_filter){space, *dim};
}

/* Where there would be many listings of one space, there is one of all of it. */
static void merge_filters(struct cw_plan *plan)
{
    static const char *const spaces[] = {SPACE_KAFKA, SPACE_CONNECT, SPACE_DMS, SPACE_RDS};
    for (size_t s = 0; s < ARRAY_LEN(spaces); s++) {
        size_t n = 0, kept = 0;
        for (size_t i = 0; i < plan->nfilters; i++)
            n += same_text(plan->filters[i].space, spaces[s]);
        if (n <= FILTERS_PER_SPACE)
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
    }
}

static bool is_same(const struct cw_plan *a, const struct cw_plan *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) {
        const struct cw_item *x = &a->items[i], *y = &b->items[i];
        same = x->row == y->row && same_text(x->object, y->object);
        for (size_t d = 0; same && d < x->ndims; d++)
            same = same_text(x->dims[d].value, y->dims[d].value);
    }
    return same;
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
        if (old != NULL) {
            item->listed = old->listed;
            item->status = old->status;
            item->value = old->value;
            item->before = old->before;
            item->at_ms = old->at_ms;
            item->before_ms = old->before_ms;
        }
        add_filter(&fresh, &cap_filters, item->row->space, &item->dims[0]);
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
    if (item->ndims != m->ndims || !same_text(item->row->name, m->name) ||
        !same_text(item->row->space, m->space))
        return false;
    for (size_t d = 0; d < item->ndims; d++) {
        const char *value = kv_find(m->dims, m->ndims, item->dims[d].key);
        if (value == NULL || !same_text(value, item->dims[d].value))
            return false;
    }
    return true;
}

void cw_plan_seen(struct cw_plan *plan, const struct cw_listed *metric)
{
    if (metric->ndims == 0 || metric->ndims > 2) /* by topic or group: not among ours */
        return;
    for (size_t i = 0; i < plan->count; i++) {
        if (is_of(&plan->items[i], metric))
            plan->items[i].listed = TRI_YES;
    }
}

void cw_plan_listed(struct cw_plan *plan, const struct cw_filter *filter)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct cw_item *item = &plan->items[i];
        bool of_filter =
            same_text(item->row->space, filter->space) &&
            (filter->dim.key == NULL || (same_text(item->dims[0].key, filter->dim.key) &&
                                         same_text(item->dims[0].value, filter->dim.value)));
        if (of_filter && item->listed == TRI_UNKNOWN)
            item->listed = TRI_NO;
    }
}

/* ---- how often, how many --------------------------------------------------------------------- */

void cw_plan_budget(struct cw_plan *plan, int64_t interval_ms, int64_t per_hour)
{
    int64_t longest = interval_ms > MAX_EVERY_MS ? interval_ms : MAX_EVERY_MS;
    plan->wanted = 0;
    for (size_t i = 0; i < plan->count; i++)
        plan->wanted += plan->items[i].listed != TRI_NO;
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
    while (i < plan->count && plan->items[i].listed == TRI_NO)
        i++;
    return i;
}
