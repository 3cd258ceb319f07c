/* detail_snapshot.c: a snapshot: how it stands and who says so, and as a list its tables. */
#include "base/clock.h"
#include "base/human.h"
#include "base/mem.h"
#include "tui/draw/glyph.h"
#include "tui/view/snapshots.h"
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct table_row {
    struct row_base base;
    const struct snapshot_table *table;
    size_t at; /* in the order in which they are read */
};

static const struct table_row *table_of(const struct row_base *row)
{
    return (const struct table_row *)row;
}

/* The snapshot that is open; NULL when it is known no more. */
static const struct snapshot_row *snapshot_open(const struct scene *s)
{
    if (scene_view(s)->id != VIEW_SNAPSHOT)
        return NULL;
    return (const struct snapshot_row *)view_row(s, LIST_SNAPSHOTS);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static const char *const state_words[] = {[TABLE_WAITING] = "waiting",
                                          [TABLE_READING] = "reading",
                                          [TABLE_DONE] = "done",
                                          [TABLE_FAILED] = "not read"};

static size_t rows(const struct scene *s, const struct row_base ***out)
{
    const struct snapshot_row *r = snapshot_open(s);
    size_t n = r != NULL && r->p != NULL ? r->p->ntables : 0;
    struct table_row *made = arena_array(s->arena, n + 1, sizeof(*made));
    *out = arena_array(s->arena, n + 1, sizeof(const struct row_base *));
    for (size_t i = 0; i < n; i++) {
        const struct snapshot_table *t = &r->p->tables[i];
        made[i] = (struct table_row){
            .base = {t->name, VERDICT_OK, "", r->base.stale},
              .table = t, .at = i
        };
        if (t->state == TABLE_FAILED) {
            made[i].base.verdict = VERDICT_WARN;
            made[i].base.why = t->status != NULL ? t->status : "not read";
        } else if (t->state == TABLE_READING && r->running) {
            made[i].base.verdict = VERDICT_INFO;
        }
        (*out)[i] = &made[i].base;
    }
    return n;
}

static int order(const struct row_base *a, const struct row_base *b)
{
    return compare_i64((int64_t)table_of(a)->at, (int64_t)table_of(b)->at);
}

static void state_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = state_words[table_of(row)->table->state];
    out->style = row->verdict >= VERDICT_INFO                   ? glyph_style(row->verdict)
                 : table_of(row)->table->state == TABLE_WAITING ? (unsigned)ROLE_DIM
                                                                : (unsigned)ROLE_TEXT;
}

static double fraction_of(const struct row_base *row)
{
    const struct snapshot_table *t = table_of(row)->table;
    return t->state == TABLE_DONE ? 1 : t->state == TABLE_WAITING ? 0 : t->fraction;
}

static void done_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->style = table_of(row)->table->state == TABLE_READING ? ROLE_INFO : ROLE_DIM;
    snapshot_bar(out, fraction_of(row));
}

static void rows_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    int64_t n = table_of(row)->table->rows;
    (void)ctx;
    out->text = human_count(out->buf, n);
    out->style = n == UNKNOWN ? ROLE_DIM : ROLE_TEXT;
}

static void total_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    int64_t n = table_of(row)->table->total;
    (void)ctx;
    out->text = human_count(out->buf, n);
    out->style = ROLE_DIM;
}

static void key_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct snapshot_table *t = table_of(row)->table;
    out->text = t->last_key == NULL ? ""
                                    : scene_text(ctx, "%s of %s", t->last_key,
                                                 t->maximum_key != NULL ? t->maximum_key : "?");
    out->style = ROLE_DIM;
}

static void status_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const char *status = table_of(row)->table->status;
    (void)ctx;
    out->text = status != NULL ? status : "";
    out->style = row->verdict >= VERDICT_WARN ? glyph_style(row->verdict) : (unsigned)ROLE_DIM;
}

static int by_state(const struct row_base *a, const struct row_base *b)
{
    return (int)table_of(a)->table->state - (int)table_of(b)->table->state;
}
static int by_done(const struct row_base *a, const struct row_base *b)
{
    return compare_double(fraction_of(a), fraction_of(b));
}
static int by_rows(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(table_of(a)->table->rows, table_of(b)->table->rows);
}
static int by_total(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(table_of(a)->table->total, table_of(b)->table->total);
}

/* Its topic, where there is one. */
static void open_topic(const struct scene *s, const struct row_base *row)
{
    const struct snapshot_row *r = snapshot_open(s);
    const char *dot = strchr(row->name, '.');
    const char *topic = NULL;
    if (r != NULL && dot != NULL)
        topic = connector_facts_table_topic(
            r->connector->facts, s->arena,
            arena_strndup(s->arena, row->name, (size_t)(dot - row->name)), dot + 1);
    if (topic != NULL && pipeline_topic(s->p, topic) != NULL)
        view_open(s, VIEW_TOPIC, topic);
    else
        app_toast(s->app, s->m, VERDICT_INFO, "no topic of %s is known here", row->name);
}

static const char *note(const struct scene *s)
{
    const struct snapshot_row *r = snapshot_open(s);
    if (r == NULL || r->p == NULL || r->p->ntables == 0)
        return NULL;
    return scene_text(s, "%d of %zu tables have ended", r->p->done, r->p->ntables);
}

static const struct column columns[] = {
    {.id = "table",
     .title = "TABLE",
     .help = "schema and name",
     .width = 14,
     .grow = 60,
     .cell = cell_name,
     .compare = compare_name},
    {            .id = "state",
     .title = "STATE",
     .help = "waiting, reading, done, not read",
     .width = 8,
     .priority = 1,
     .cell = state_cell,
     .compare = by_state  },
    { .id = "done",
     .title = "EST. DONE",
     .help = "how far it is: an estimate from its keys or rows while it is read",
     .width = 16,
     .priority = 2,
     .descending = true,
     .cell = done_cell,
     .compare = by_done},
    {    .id = "rows",
     .title = "ROWS",
     .help = "rows read; an estimate while it is read",
     .width = 10,
     .priority = 3,
     .right = true,
     .descending = true,
     .cell = rows_cell,
     .compare = by_rows},
    {                 .id = "total",
     .title = "OF EST.",
     .help = "rows that it has, as far as known: mostly an estimate of the database",
     .width = 10,
     .priority = 5,
     .right = true,
     .descending = true,
     .cell = total_cell,
     .compare = by_total},
    {                  .id = "status",
     .title = "STATUS",
     .help = "what Debezium said at its end",
     .width = 14,
     .grow = 30,
     .priority = 4,
     .cell = status_cell,
     .compare = by_state},
    {                  .id = "key",
     .title = "KEY",
     .help = "the last key that was read, and the last one there is",
     .width = 16,
     .grow = GROW_ALL,
     .priority = 6,
     .cell = key_cell,
     .compare = compare_name},
};

const struct pane_ops list_tables = {
    .id = LIST_TABLES,
    .title = "Tables",
    .empty = "nobody has told its tables",
    .columns = columns,
    .ncolumns = ARRAY_LEN(columns),
    .rows = rows,
    .order = order,
    .note = note,
    .open = open_topic,
};

/* ---- the snapshot ---------------------------------------------------------------------------- */

static const char *who_says(const struct snapshot_row *r)
{
    const struct snapshot_status *st = r->status;
    if (r->p == NULL)
        return "nobody but the record of what was sent from here";
    if (st == NULL || (st->by_notes && !st->by_offsets))
        return "by its notifications";
    if (st->by_notes)
        return "by its notifications and the connector's offsets";
    return st->by_offsets ? "by the connector's offsets: no notifications are sent"
                          : "it has ended";
}

static void put_progress(const struct scene *s, struct doc *d, const struct snapshot_row *r)
{
    struct cell_out bar = {.text = ""};
    char rows_text[HUMAN_SIZE];
    if (r->p == NULL)
        return;
    snapshot_bar(&bar, r->p->state == SNAPSHOT_COMPLETED && r->p->failed == 0 ? 1 : r->p->fraction);
    const char *rate = r->running && r->status != NULL ? snapshot_rate(s, r->status) : NULL;
    doc_kv(d, "done", r->running ? ROLE_INFO : ROLE_TEXT,
           scene_text(s, "%s%s, %s rows in tables that have ended%s%s", r->running ? "est. " : "",
                      bar.text, human_count(rows_text, r->p->rows), rate != NULL ? ", est. " : "",
                      rate != NULL ? rate : ""));
    if (r->running && r->status != NULL)
        doc_kv(d, "left", ROLE_TEXT,
               scene_text(s, "%s%s", r->status->eta.known ? "est. " : "",
                          snapshot_left(s, r->status)));
}

static void put_times(const struct scene *s, struct doc *d, const struct snapshot_row *r)
{
    char iso[40];
    char age[HUMAN_SIZE];
    char took[HUMAN_SIZE];
    if (r->started_ms == UNKNOWN)
        return;
    const char *text = scene_text(s, "%s, %s ago", clock_iso(r->started_ms, iso, sizeof(iso)),
                                  human_duration_ms(age, s->m->wall_ms - r->started_ms));
    if (r->took_ms != UNKNOWN)
        text = scene_text(s, "%s; %s %s", text, r->ended_ms != UNKNOWN ? "took" : "runs for",
                          human_duration_ms(took, r->took_ms));
    doc_kv(d, r->p == NULL ? "signalled" : "started", ROLE_TEXT, text);
}

/* Why a signal cannot be heard, where that can be seen. */
static void put_fault(const struct scene *s, struct doc *d, const struct snapshot_row *r)
{
    const struct snapshot *pg = world_snap(s->m->world, s->app->pipeline, SOURCE_POSTGRES);
    const char *fix = NULL;
    if (r->p != NULL)
        return;
    const char *fault = snapshot_signal_fault(
        s->arena, r->connector->facts, pg != NULL ? &pg->pg : NULL, r->asked->by_topic, &fix);
    doc_kv(d, "heard", fault != NULL ? ROLE_WARN : ROLE_TEXT,
           fault != NULL ? fault : "nothing is seen that would keep the connector from hearing it");
    if (fault != NULL && fix != NULL)
        doc_kv(d, "to do", ROLE_TEXT, fix);
}

static void build(const struct scene *s, struct doc *d)
{
    const struct snapshot_row *r = snapshot_open(s);
    if (r == NULL) {
        view_gone(s, d, SOURCE_CONNECT);
        return;
    }
    d->label = 11;
    unsigned style =
        r->base.verdict >= VERDICT_INFO ? glyph_style(r->base.verdict) : (unsigned)ROLE_TEXT;
    bool remark = r->base.verdict > VERDICT_INFO && r->base.why[0] != '\0';
    doc_kv(d, "state", style,
           scene_text(s, "%s%s%s", r->state, remark ? ": " : "", remark ? r->base.why : ""));
    put_progress(s, d, r);
    put_fault(s, d, r);
    put_times(s, d, r);
    doc_kv(d, "what", ROLE_TEXT,
           scene_text(s, "%s, of %s, %s", r->type, r->connector->base.name, who_says(r)));
    doc_kv(d, "asked", ROLE_TEXT,
           r->asked == NULL ? "not from here, as far as this session knows"
                            : scene_text(s, "from here, through the signal %s",
                                         r->asked->by_topic ? "topic" : "table"));
}

const struct view_ops view_snapshot = {.id = VIEW_SNAPSHOT,
                                       .title = "Snapshot",
                                       .build = build,
                                       .list = &list_tables,
                                       .of = &list_snapshots};
