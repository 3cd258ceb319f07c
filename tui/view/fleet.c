/* fleet.c: several pipelines: one line each, worst first; Enter goes in. */
#include "base/human.h"
#include "base/mem.h"
#include "tui/draw/box.h"
#include "tui/draw/glyph.h"
#include "tui/view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fleet_row {
    struct row_base base;
    size_t index;
    const char *environment, *headline;
    int64_t end_to_end_ms;
    bool late;
    size_t findings;
};

static const struct fleet_row *fleet_of(const struct row_base *row)
{
    return (const struct fleet_row *)row;
}

static void fill(const struct scene *s, size_t i, struct fleet_row *row)
{
    const struct app_pipeline *ap = &s->m->pipelines[i];
    const struct pipeline_config *config =
        s->m->config != NULL && i < s->m->config->npipelines ? &s->m->config->pipelines[i] : NULL;
    const struct pipeline *p = ap->pipeline;
    row->index = i;
    row->base.name = p != NULL ? p->name : config != NULL ? config->name : "";
    row->environment = p != NULL ? p->environment : config != NULL ? config->environment : "";
    row->end_to_end_ms = p != NULL ? p->end_to_end_ms : UNKNOWN;
    row->late = p != NULL && p->end_to_end_late;
    row->headline = p == NULL ? "asking…" : "";
    row->base.verdict = p != NULL ? VERDICT_OK : VERDICT_NONE;
    for (int h = 0; p != NULL && h < HOP_COUNT; h++)
        if (p->hops[h].verdict > row->base.verdict)
            row->base.verdict = p->hops[h].verdict;
    if (ap->findings != NULL && ap->findings->count > 0) {
        row->findings = ap->findings->count;
        row->headline = ap->findings->items[0].title;
        if (ap->findings->items[0].severity > row->base.verdict)
            row->base.verdict = ap->findings->items[0].severity;
    }
    row->base.why = row->headline;
}

static int worse(const void *pa, const void *pb)
{
    const struct row_base *a = *(const struct row_base *const *)pa;
    const struct row_base *b = *(const struct row_base *const *)pb;
    if (a->verdict != b->verdict)
        return (int)b->verdict - (int)a->verdict;
    return strcmp(a->name, b->name);
}

size_t fleet_rows(const struct scene *s, struct row_list *list)
{
    size_t n = s->m->npipelines;
    struct fleet_row *made = arena_array(s->arena, n + 1, sizeof(*made));
    list->rows = arena_array(s->arena, n + 1, sizeof(const struct row_base *));
    list->n = list->total = n;
    for (size_t i = 0; i < n; i++) {
        fill(s, i, &made[i]);
        list->rows[i] = &made[i].base;
    }
    if (n > 1)
        qsort(list->rows, n, sizeof(const struct row_base *), worse);
    return n;
}

int fleet_selected(const struct scene *s)
{
    struct row_list list;
    (void)fleet_rows(s, &list);
    int at = pane_selected(&s->app->fleet, &list);
    return at < 0 ? -1 : (int)fleet_of(list.rows[at])->index;
}

static void env_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = fleet_of(row)->environment;
    out->style = ROLE_WARN;
}

static void verdict_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = row->verdict == VERDICT_NONE ? "asking…" : verdict_name(row->verdict);
    out->style = glyph_style(row->verdict);
}

static void late_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_duration_ms(out->buf, fleet_of(row)->end_to_end_ms);
    out->style = fleet_of(row)->late ? ROLE_CRIT : ROLE_TEXT;
}

static void findings_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    (void)snprintf(out->buf, sizeof(out->buf), "%zu", fleet_of(row)->findings);
    out->text = out->buf;
}

static void headline_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = fleet_of(row)->headline;
    out->style = ROLE_DIM;
}

static const struct column columns[] = {
    {.id = "pipeline",
     .title = "PIPELINE",
     .width = 14,
     .grow = 40,
     .cell = cell_name,
     .compare = compare_name  },
    {                .id = "environment",
     .title = "ENVIRON",
     .width = 8,
     .grow = 16,
     .priority = 4,
     .cell = env_cell,
     .compare = compare_name},
    {                  .id = "verdict",
     .title = "VERDICT",
     .width = 8,
     .priority = 1,
     .cell = verdict_cell,
     .compare = compare_name},
    {     .id = "late",
     .title = "END TO END",
     .width = 10,
     .priority = 2,
     .right = true,
     .cell = late_cell,
     .compare = compare_name},
    { .id = "findings",
     .title = "FINDINGS",
     .width = 8,
     .priority = 5,
     .right = true,
     .cell = findings_cell,
     .compare = compare_name},
    { .id = "headline",
     .title = "HEADLINE",
     .width = 12,
     .grow = GROW_ALL,
     .priority = 3,
     .cell = headline_cell,
     .compare = compare_name},
};

static void draw(const struct scene *s, struct rect r)
{
    struct row_list list;
    struct pane_state *st = &s->app->fleet;
    (void)fleet_rows(s, &list);
    int at = pane_selected(st, &list);
    box_title(s->cv, r.x, r.y + 1, r.w, NULL, "Pipelines", true, NULL, 0);
    r.y += 2;
    r.h -= 2;
    st->scroll = table_scroll(st->scroll, at, list.n, r.h - 1);
    struct table t = {.columns = columns,
                      .ncolumns = ARRAY_LEN(columns),
                      .ctx = s,
                      .rows = list.rows,
                      .nrows = list.n,
                      .selected = at,
                      .focused = true,
                      .scroll = st->scroll,
                      .sort = -1};
    (void)table_draw(&t, s->cv, r);
}

const struct view_ops view_fleet = {.id = VIEW_FLEET, .title = "Pipelines", .draw = draw};
