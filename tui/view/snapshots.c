/* snapshots.c: the list of snapshots: how far each is, how fast, and how long it will take. */
#include "tui/view/snapshots.h"

#include "base/human.h"
#include "base/mem.h"
#include "tui/draw/glyph.h"
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct snapshot_row *snap_of(const struct row_base *row)
{
    return (const struct snapshot_row *)row;
}

static size_t rows(const struct scene *s, const struct row_base ***out)
{
    struct snapshot_row *made;
    size_t n = snapshot_rows(s, &made);
    *out = arena_array(s->arena, n + 1, sizeof(const struct row_base *));
    for (size_t i = 0; i < n; i++)
        (*out)[i] = &made[i].base;
    return n;
}

/* What runs, then the newest. */
static int order(const struct row_base *a, const struct row_base *b)
{
    if (snap_of(a)->running != snap_of(b)->running)
        return snap_of(b)->running - snap_of(a)->running;
    return compare_i64(snap_of(b)->started_ms, snap_of(a)->started_ms);
}

void snapshot_bar(struct cell_out *out, double fraction)
{
    enum { CELLS = 10 };
    char percent[HUMAN_SIZE];
    int full = fraction > 0 ? (int)(fraction * CELLS + 0.5) : 0;
    size_t n = 0;
    out->text = out->buf;
    if (isnan(fraction)) {
        out->text = "–";
        out->style = ROLE_DIM;
        return;
    }
    for (int i = 0; i < CELLS; i++)
        n += (size_t)snprintf(out->buf + n, sizeof(out->buf) - n, "%s", i < full ? "█" : "░");
    (void)snprintf(out->buf + n, sizeof(out->buf) - n, " %s", human_percent(percent, fraction));
}

const char *snapshot_left(const struct scene *s, const struct snapshot_status *st)
{
    char low[HUMAN_SIZE];
    char high[HUMAN_SIZE];
    if (!st->eta.known)
        return "not known yet";
    human_duration_ms(low, st->eta.low_ms);
    if (st->eta.high_ms == INT64_MAX)
        return scene_text(s, "at least %s", low);
    return scene_text(s, "%s to %s", low, human_duration_ms(high, st->eta.high_ms));
}

const char *snapshot_rate(const struct scene *s, const struct snapshot_status *st)
{
    char rate[HUMAN_SIZE];
    if (!st->eta.known)
        return NULL;
    if (st->eta_by_rows)
        return scene_text(s, "%s rows/s", human_count(rate, (int64_t)st->eta.per_s));
    return scene_text(s, "%.1f tables/min", st->eta.per_s * 60);
}

static void connector_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = snap_of(row)->connector->base.name;
}

static void state_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = snap_of(row)->state;
    out->style = row->verdict >= VERDICT_INFO ? glyph_style(row->verdict) : (unsigned)ROLE_TEXT;
}

static void type_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = snap_of(row)->type;
    out->style = ROLE_DIM;
}

static double fraction_of(const struct row_base *row)
{
    const struct snapshot_progress *p = snap_of(row)->p;
    if (p == NULL)
        return NAN;
    return p->state == SNAPSHOT_COMPLETED && p->failed == 0 ? 1 : p->fraction;
}

static void done_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->style = snap_of(row)->running ? ROLE_INFO : ROLE_DIM;
    snapshot_bar(out, fraction_of(row));
}

static void tables_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct snapshot_progress *p = snap_of(row)->p;
    (void)ctx;
    out->text = p != NULL && p->ntables > 0 ? out->buf : "–";
    if (p != NULL)
        (void)snprintf(out->buf, sizeof(out->buf), "%d of %zu", p->done, p->ntables);
    out->style = p == NULL ? ROLE_DIM : p->failed > 0 ? ROLE_WARN : ROLE_TEXT;
}

static int64_t rows_of(const struct row_base *row)
{
    return snap_of(row)->p != NULL ? snap_of(row)->p->rows : UNKNOWN;
}

static void rows_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_count(out->buf, rows_of(row));
    out->style = rows_of(row) == UNKNOWN ? ROLE_DIM : ROLE_TEXT;
}

static void rate_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct snapshot_row *r = snap_of(row);
    const char *rate = r->running && r->status != NULL ? snapshot_rate(ctx, r->status) : NULL;
    out->text = rate != NULL ? rate : r->running ? "…" : "–";
    out->style = rate != NULL ? ROLE_TEXT : ROLE_DIM;
}

static void left_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct snapshot_row *r = snap_of(row);
    bool known = r->running && r->status != NULL && r->status->eta.known;
    out->text = known ? snapshot_left(ctx, r->status) : r->running ? "…" : "–";
    out->style = known ? ROLE_TEXT : ROLE_DIM;
}

static void started_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct scene *s = ctx;
    int64_t at = snap_of(row)->started_ms;
    char age[HUMAN_SIZE];
    (void)snprintf(out->buf, sizeof(out->buf), "%s ago",
                   human_duration_ms(age, at != UNKNOWN ? s->m->wall_ms - at : UNKNOWN));
    out->text = at != UNKNOWN ? out->buf : "–";
    out->style = at != UNKNOWN ? ROLE_TEXT : ROLE_DIM;
}

static void took_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_duration_ms(out->buf, snap_of(row)->took_ms);
    out->style = snap_of(row)->took_ms == UNKNOWN ? ROLE_DIM : ROLE_TEXT;
}

static void id_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = snap_of(row)->id != NULL ? snap_of(row)->id : "–";
    out->style = ROLE_DIM;
}

static void why_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = row->verdict > VERDICT_INFO ? row->why : "";
    out->style = glyph_style(row->verdict);
}

static int by_connector(const struct row_base *a, const struct row_base *b)
{
    return strcmp(snap_of(a)->connector->base.name, snap_of(b)->connector->base.name);
}
static int by_state(const struct row_base *a, const struct row_base *b)
{
    return strcmp(snap_of(a)->state, snap_of(b)->state);
}
static int by_type(const struct row_base *a, const struct row_base *b)
{
    return strcmp(snap_of(a)->type, snap_of(b)->type);
}
static int by_done(const struct row_base *a, const struct row_base *b)
{
    return compare_double(fraction_of(a), fraction_of(b));
}
static int by_rows(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(rows_of(a), rows_of(b));
}
static int by_started(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(snap_of(a)->started_ms, snap_of(b)->started_ms);
}
static int by_took(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(snap_of(a)->took_ms, snap_of(b)->took_ms);
}
static int by_id(const struct row_base *a, const struct row_base *b)
{
    const char *x = snap_of(a)->id;
    const char *y = snap_of(b)->id;
    return strcmp(x != NULL ? x : "", y != NULL ? y : "");
}

static const char *connector(const struct row_base *row)
{
    return snap_of(row)->connector->base.name;
}

static const char *text(const struct row_base *row)
{
    return snap_of(row)->state;
}

static const char *note(const struct scene *s)
{
    struct snapshot_row *made;
    size_t n = snapshot_rows(s, &made);
    size_t running = 0;
    for (size_t i = 0; i < n; i++)
        running += made[i].running;
    return n > 0 ? scene_text(s, "%zu known · %zu running", n, running) : NULL;
}

static const struct column columns[] = {
    {.id = "connector",
     .title = "CONNECTOR",
     .help = "source connector that takes it",
     .width = 12,
     .grow = 40,
     .cell = connector_cell,
     .compare = by_connector            },
    { .id = "state",
     .title = "STATE",
     .help = "running, paused, stuck, completed, aborted, signalled, never seen",
     .width = 11,
     .cell = state_cell,
     .compare = by_state },
    {                       .id = "type",
     .title = "TYPE",
     .help = "incremental, blocking, initial",
     .width = 11,
     .grow = 20,
     .priority = 6,
     .cell = type_cell,
     .compare = by_type},
    {                  .id = "done",
     .title = "EST. DONE",
     .help = "how far it is: an estimate from keys, rows or tables until it has ended",
     .width = 16,
     .priority = 1,
     .descending = true,
     .cell = done_cell,
     .compare = by_done},
    {                     .id = "tables",
     .title = "TABLES",
     .help = "tables that have ended, of all",
     .width = 8,
     .priority = 4,
     .right = true,
     .descending = true,
     .cell = tables_cell,
     .compare = by_done},
    {     .id = "rows",
     .title = "ROWS",
     .help = "rows read in the tables that have ended",
     .width = 10,
     .priority = 7,
     .right = true,
     .descending = true,
     .cell = rows_cell,
     .compare = by_rows},
    {                  .id = "rate",
     .title = "EST. RATE",
     .help = "rows per second where rows are known, else tables per minute",
     .width = 14,
     .priority = 5,
     .right = true,
     .cell = rate_cell,
     .compare = by_rows},
    {                  .id = "left",
     .title = "EST. LEFT",
     .help = "time until it ends, from the fastest to the slowest third of what was seen",
     .width = 16,
     .priority = 2,
     .right = true,
     .cell = left_cell,
     .compare = by_done},
    {                  .id = "started",
     .title = "STARTED",
     .help = "when it began, or was signalled",
     .width = 10,
     .priority = 3,
     .right = true,
     .descending = true,
     .cell = started_cell,
     .compare = by_started},
    {                 .id = "took",
     .title = "TOOK",
     .help = "how long it took, or runs by now",
     .width = 7,
     .priority = 8,
     .right = true,
     .descending = true,
     .cell = took_cell,
     .compare = by_took},
    {                     .id = "id",
     .title = "ID",
     .help = "of its signal; initial and blocking ones have none of their own",
     .width = 20,
     .grow = 40,
     .priority = 10,
     .cell = id_cell,
     .compare = by_id},
    {                       .id = "remark",
     .title = "REMARK",
     .help = "what is to be said of it",
     .width = 14,
     .grow = GROW_ALL,
     .priority = 9,
     .cell = why_cell,
     .compare = by_state},
};

const struct pane_ops list_snapshots = {
    .id = LIST_SNAPSHOTS,
    .number = "7",
    .title = "Snapshots",
    .empty = "no snapshot is known of",
    .has_source = true,
    .source = SOURCE_CONNECT,
    .columns = columns,
    .ncolumns = ARRAY_LEN(columns),
    .rows = rows,
    .order = order,
    .note = note,
    .subject = connector,
    .connector = connector,
    .text = text,
    .detail = VIEW_SNAPSHOT,
};

const struct view_ops view_snapshots = {.id = VIEW_SNAPSHOTS, .list = &list_snapshots};
