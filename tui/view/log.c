/* log.c: everything that happened, newest first, as a list; and one line of it as a page. */
#include "tui/view/log.h"

#include "base/clock.h"
#include "base/human.h"
#include "base/mem.h"
#include "tui/draw/glyph.h"
#include "tui/view/events.h"
#include "tui/view/view.h"

#include <string.h>

static const struct event_row *event_of(const struct row_base *row)
{
    return (const struct event_row *)row;
}

static size_t rows(const struct scene *s, const struct row_base ***out)
{
    struct event_row *made;
    size_t n = event_rows(s, &made);
    *out = arena_array(s->arena, n + 1, sizeof(const struct row_base *));
    for (size_t i = 0; i < n; i++)
        (*out)[i] = &made[i].base;
    return n;
}

static void time_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    out->text = event_time(ctx, event_of(row)->wall_ms);
    out->style = ROLE_DIM;
}

static void kind_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = event_of(row)->kind;
    out->style = ROLE_DIM;
}

static void word_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = event_of(row)->word;
    out->style = event_of(row)->style;
}

static void text_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = event_of(row)->text;
    out->style = event_of(row)->style == ROLE_FAINT ? ROLE_FAINT : ROLE_TEXT;
}

static int by_time(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(event_of(a)->wall_ms, event_of(b)->wall_ms);
}
static int by_kind(const struct row_base *a, const struct row_base *b)
{
    int c = strcmp(event_of(a)->kind, event_of(b)->kind);
    return c != 0 ? c : -by_time(a, b);
}
static int by_word(const struct row_base *a, const struct row_base *b)
{
    int c = strcmp(event_of(a)->word, event_of(b)->word);
    return c != 0 ? c : -by_time(a, b);
}
static int by_text(const struct row_base *a, const struct row_base *b)
{
    return strcmp(event_of(a)->text, event_of(b)->text);
}

static const char *subject(const struct row_base *row)
{
    return event_of(row)->text;
}

static const char *connector(const struct row_base *row)
{
    return event_of(row)->view == VIEW_CONNECTOR ? event_of(row)->object : NULL;
}

/* So that a filter finds all that is on the line. */
static const char *text(const struct row_base *row)
{
    return event_of(row)->kind;
}

static const char *note(const struct scene *s)
{
    (void)s;
    return "newest first";
}

static const struct column columns[] = {
    {.id = "time",
     .title = "TIME",
     .help = "when, UTC",
     .width = 10,
     .grow = 14,
     .descending = true,
     .cell = time_cell,
     .compare = by_time    },
    {.id = "kind",
     .title = "WHERE",
     .help =
         "action: from here; finding; connector, kafka, postgres: on the servers; log: the diary", .width = 9,
     .priority = 3,
     .cell = kind_cell,
     .compare = by_kind  },
    {.id = "what",
     .title = "WHAT",
     .help = "what happened in a word",
     .width = 9,
     .priority = 2,
     .cell = word_cell,
     .compare = by_word},
    {.id = "text",
     .title = "TEXT",
     .help = "what happened",
     .width = 24,
     .grow = GROW_ALL,
     .priority = 1,
     .cell = text_cell,
     .compare = by_text},
};

const struct pane_ops list_events = {
    .id = LIST_EVENTS,
    .number = "9",
    .title = "Actions and events",
    .empty = "nothing has happened in this session",
    .ordered = true,
    .messages = true,
    .columns = columns,
    .ncolumns = ARRAY_LEN(columns),
    .rows = rows,
    .note = note,
    .subject = subject,
    .connector = connector,
    .text = text,
    .detail = VIEW_EVENT,
};

const struct view_ops view_log = {.id = VIEW_LOG, .list = &list_events};

/* ---- one of them ----------------------------------------------------------------------------- */

static void build(const struct scene *s, struct doc *d)
{
    const struct row_base *row = view_row(s, LIST_EVENTS);
    char iso[40];
    char age[HUMAN_SIZE];
    if (row == NULL) {
        doc_wrap(d, 2, ROLE_DIM, "the log has moved on: this line is forgotten");
        return;
    }
    const struct event_row *e = event_of(row);
    doc_wrap(d, 4, ROLE_STRONG, e->text);
    doc_blank(d);
    d->label = 12;
    doc_kv(d, "when", ROLE_TEXT,
           scene_text(s, "%s, %s ago", clock_iso_ms(e->wall_ms, iso, sizeof(iso)),
                      human_duration_ms(age, s->m->wall_ms - e->wall_ms)));
    doc_kv(d, "where", ROLE_TEXT, e->kind);
    doc_kv(d, "what", e->style, e->word);
    if (e->object[0] != '\0')
        doc_kv(d, "about", ROLE_TEXT, e->object);
}

static void open_object(const struct scene *s)
{
    const struct row_base *row = view_row(s, LIST_EVENTS);
    if (row == NULL || event_of(row)->view == VIEW_COUNT)
        app_toast(s->app, s->m, VERDICT_INFO, "this line is about nothing that can be opened");
    else
        view_open(s, event_of(row)->view, event_of(row)->object);
}

const struct view_ops view_event = {.id = VIEW_EVENT,
                                    .title = "Event",
                                    .key = true,
                                    .build = build,
                                    .of = &list_events,
                                    .open = open_object,
                                    .open_label = "its object"};
