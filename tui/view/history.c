/* history.c: findings over time: what holds, what is muted and why, what came and went. */
#include "base/clock.h"
#include "base/human.h"
#include "base/mem.h"
#include "tui/draw/glyph.h"
#include "tui/view/events.h"
#include "tui/view/findings.h"
#include "tui/view/view.h"

#include <stdio.h>
#include <string.h>

enum history_state { HISTORY_HOLDS, HISTORY_CLEARING, HISTORY_MUTED, HISTORY_GONE };

struct history_row {
    struct row_base base;
    enum history_state state;
    const struct finding *finding; /* NULL: gone */
    enum verdict severity;
    const char *id, *object, *title;
    int64_t since_ms, lasted_ms; /* wall clock; UNKNOWN: before this session */
};

static const struct history_row *row_of(const struct row_base *row)
{
    return (const struct history_row *)row;
}

static void standing(const struct scene *s, const struct finding *f, bool muted,
                     struct history_row *row)
{
    char until[40];
    *row = (struct history_row){.state = muted         ? HISTORY_MUTED
                                         : f->clearing ? HISTORY_CLEARING
                                                       : HISTORY_HOLDS,
                                .finding = f,
                                .severity = f->severity,
                                .id = f->id,
                                .object = f->object,
                                .title = f->title,
                                .since_ms = f->since_wall_ms,
                                .lasted_ms = s->m->wall_ms - f->since_wall_ms};
    row->base = (struct row_base){.name = scene_text(s, "%s %s", f->id, f->object),
                                  .verdict = muted || f->clearing ? VERDICT_NONE : f->severity,
                                  .why = f->title};
    if (muted)
        row->title = scene_text(
            s, "(%s%s: %s) %s", f->muted_until_ms == INT64_MAX ? "for good" : "until ",
            f->muted_until_ms == INT64_MAX ? ""
                                           : clock_iso(f->muted_until_ms, until, sizeof(until)),
            f->mute_reason != NULL ? f->mute_reason : "no reason given", f->title);
}

static void gone(const struct scene *s, const struct finding_event *e, struct history_row *row)
{
    *row = (struct history_row){.state = HISTORY_GONE,
                                .severity = e->severity,
                                .id = e->id,
                                .object = e->object,
                                .title = e->title,
                                .since_ms =
                                    e->lasted_ms != UNKNOWN ? e->wall_ms - e->lasted_ms : UNKNOWN,
                                .lasted_ms = e->lasted_ms};
    row->base = (struct row_base){
        .name = scene_text(s, "%s %s @%lld", e->id, e->object, (long long)e->wall_ms),
        .verdict = VERDICT_NONE,
        .why = e->title};
}

static size_t rows(const struct scene *s, const struct row_base ***out)
{
    size_t nevents;
    const struct finding_event *events = history_events(s, &nevents);
    size_t most = nevents + (s->f != NULL ? s->f->count + s->f->nmuted : 0);
    struct history_row *made = arena_array(s->arena, most + 1, sizeof(*made));
    size_t n = 0;
    for (size_t i = 0; s->f != NULL && i < s->f->count; i++)
        standing(s, &s->f->items[i], false, &made[n++]);
    for (size_t i = 0; s->f != NULL && i < s->f->nmuted; i++)
        standing(s, &s->f->muted[i], true, &made[n++]);
    for (size_t i = 0; i < nevents; i++)
        if (events[i].kind == EVENT_CLEARED)
            gone(s, &events[i], &made[n++]);
    *out = arena_array(s->arena, n + 1, sizeof(const struct row_base *));
    for (size_t i = 0; i < n; i++)
        (*out)[i] = &made[i].base;
    return n;
}

static void id_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = row_of(row)->id;
    out->style = ROLE_DIM;
}

static void state_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    static const char *const words[] = {[HISTORY_HOLDS] = "holds",
                                        [HISTORY_CLEARING] = "clearing",
                                        [HISTORY_MUTED] = "muted",
                                        [HISTORY_GONE] = "gone"};
    (void)ctx;
    out->text = words[row_of(row)->state];
    out->style = row_of(row)->state == HISTORY_HOLDS ? glyph_style(row_of(row)->severity)
                                                     : (unsigned)ROLE_DIM;
}

static void severity_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = verdict_name(row_of(row)->severity);
    out->style = row_of(row)->state == HISTORY_HOLDS ? glyph_style(row_of(row)->severity)
                                                     : (unsigned)ROLE_DIM;
}

static void since_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    out->text = event_time(ctx, row_of(row)->since_ms);
    out->style = row_of(row)->since_ms == UNKNOWN ? ROLE_DIM : ROLE_TEXT;
}

static void lasted_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_duration_ms(out->buf, row_of(row)->lasted_ms);
    out->style = row_of(row)->lasted_ms == UNKNOWN ? ROLE_DIM : ROLE_TEXT;
}

static void object_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = row_of(row)->object;
}

static void title_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = row_of(row)->title;
    out->style = row_of(row)->state == HISTORY_HOLDS ? ROLE_TEXT : ROLE_DIM;
}

static int by_id(const struct row_base *a, const struct row_base *b)
{
    return strcmp(row_of(a)->id, row_of(b)->id);
}
static int by_state(const struct row_base *a, const struct row_base *b)
{
    return (int)row_of(a)->state - (int)row_of(b)->state;
}
static int by_severity(const struct row_base *a, const struct row_base *b)
{
    return (int)row_of(a)->severity - (int)row_of(b)->severity;
}
static int by_since(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(row_of(a)->since_ms, row_of(b)->since_ms);
}
static int by_lasted(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(row_of(a)->lasted_ms, row_of(b)->lasted_ms);
}
static int by_object(const struct row_base *a, const struct row_base *b)
{
    return strcmp(row_of(a)->object, row_of(b)->object);
}
static int by_title(const struct row_base *a, const struct row_base *b)
{
    return strcmp(row_of(a)->title, row_of(b)->title);
}

static const char *subject(const struct row_base *row)
{
    return row_of(row)->object;
}

/* What its remedy is done to, else what it is about; nothing once it is gone. */
static const char *remedied(const struct row_base *row)
{
    const struct finding *f = row_of(row)->finding;
    return f == NULL ? NULL : f->has_remedy ? f->remedy_target : f->object;
}

static const struct finding *finding(const struct row_base *row)
{
    return row_of(row)->finding;
}

static const char *text(const struct row_base *row)
{
    return row_of(row)->title;
}

static void open_finding(const struct scene *s, const struct row_base *row)
{
    view_open(s, VIEW_FINDING, scene_text(s, "%s %s", row_of(row)->id, row_of(row)->object));
}

static const char *note(const struct scene *s)
{
    size_t nevents;
    size_t cleared = 0;
    const struct finding_event *events = history_events(s, &nevents);
    if (s->f == NULL)
        return NULL;
    for (size_t i = 0; i < nevents; i++)
        cleared += events[i].kind == EVENT_CLEARED;
    return scene_text(s, "%zu hold · %zu muted · %zu gone", s->f->count, s->f->nmuted, cleared);
}

static const struct column columns[] = {
    {.id = "rule",
     .title = "RULE",
     .help = "id of its rule",
     .width = 4,
     .cell = id_cell,
     .compare = by_id                      },
    { .id = "state",
     .title = "STATE",
     .help = "holds, clearing, muted, gone",
     .width = 8,
     .cell = state_cell,
     .compare = by_state},
    {                      .id = "severity",
     .title = "SEVERITY",
     .help = "how loud it is, or was",
     .width = 8,
     .priority = 6,
     .descending = true,
     .cell = severity_cell,
     .compare = by_severity},
    {                    .id = "since",
     .title = "FIRST SEEN",
     .help = "when it was first seen, UTC",
     .width = 10,
     .priority = 2,
     .right = true,
     .descending = true,
     .cell = since_cell,
     .compare = by_since},
    {     .id = "lasted",
     .title = "LASTED",
     .help = "how long it lasted, or holds by now",
     .width = 7,
     .priority = 3,
     .right = true,
     .descending = true,
     .cell = lasted_cell,
     .compare = by_lasted},
    {                   .id = "object",
     .title = "OBJECT",
     .help = "what it is about",
     .width = 12,
     .grow = 36,
     .priority = 4,
     .cell = object_cell,
     .compare = by_object},
    {                   .id = "title",
     .title = "FINDING",
     .help = "what was found; of a muted one until when, and why",
     .width = 26,
     .grow = GROW_ALL,
     .priority = 1,
     .cell = title_cell,
     .compare = by_title},
};

const struct pane_ops list_history = {
    .id = LIST_HISTORY,
    .number = "8",
    .title = "Findings and their history",
    .empty = "nothing was found in this session",
    .ordered = true,
    .messages = true,
    .columns = columns,
    .ncolumns = ARRAY_LEN(columns),
    .rows = rows,
    .note = note,
    .subject = subject,
    .connector = remedied,
    .slot = remedied,
    .finding = finding,
    .text = text,
    .open = open_finding,
};

const struct view_ops view_history = {.id = VIEW_HISTORY, .list = &list_history};
