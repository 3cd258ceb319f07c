/* pane_draw.c: a pane on the screen: title line, state of its source, table. */
#include "base/human.h"
#include "base/iamtext.h"
#include "tui/draw/box.h"
#include "tui/draw/doc.h"
#include "tui/draw/glyph.h"
#include "tui/view/pane.h"

#include <string.h>

static const char *off_words(enum source_kind kind)
{
    switch (kind) {
    case SOURCE_POSTGRES: return "not configured: give --pg or [pipeline.postgres]";
    case SOURCE_KAFKA: return "not configured: give --kafka or [pipeline.kafka]";
    case SOURCE_CONNECT: return "not configured: --connect, or [pipeline.mskconnect]";
    case SOURCE_S3: return "not configured: give --s3 or [pipeline.s3]";
    default: break;
    }
    return "";
}

/* The error verbatim, wrapped, then what to do. */
static int failing_words(const struct scene *s, enum source_kind kind, struct rect r)
{
    const struct source_slot *src = scene_source(s, kind);
    if (src == NULL)
        return 0;
    struct doc *d = doc_new(s->arena, r.w);
    const char *text = src->err.text;
    if (kind >= SOURCE_OWN_COUNT) /* one of several that tell of what stands here: which one? */
        text = scene_text(s, "%s: %s", source_kind_title(kind), text);
    doc_wrap(d, 2, ROLE_UNKNOWN, text);
    const char *next = iam_next_step(&src->err);
    if (next[0] != '\0')
        doc_wrap(d, 2, ROLE_DIM, next);
    int lines = (int)d->count;
    if (lines > r.h)
        lines = r.h;
    doc_draw(d, s->cv, (struct rect){r.x, r.y, r.w, lines}, 0, NULL);
    return lines;
}

bool source_words(const struct scene *s, enum source_kind kind, struct rect r, int *lines)
{
    kind = scene_teller(s, kind);
    *lines = 0;
    switch (scene_state(s, kind)) {
    case STATE_OFF:
        (void)canvas_fit(s->cv, r.x + 2, r.y, r.w - 3, ROLE_DIM, off_words(kind));
        *lines = 1;
        return true;
    case STATE_WAITING:
        (void)canvas_fit(s->cv, r.x + 2, r.y, r.w - 3, ROLE_DIM,
                         scene_text(s, "asking %s…", scene_where(s, kind)));
        *lines = 1;
        return true;
    case STATE_FAILING: *lines = failing_words(s, kind, r); return true;
    case STATE_FRESH:
    case STATE_STALE: break;
    }
    return false;
}

static void empty_words(const struct scene *s, const struct pane_ops *ops,
                        const struct row_list *list, struct rect r)
{
    const struct pane_state *st = &s->app->panes[ops->id];
    const char *text = ops->empty;
    if (list->total > 0 && st->filter[0] != '\0')
        text = scene_text(s, "none of %zu matches /%s  (Esc clears it)", list->total, st->filter);
    else if (list->total > 0)
        text = scene_text(s, "none of %zu has a fault  (f shows all)", list->total);
    (void)canvas_fit(s->cv, r.x + 2, r.y, r.w - 3, ROLE_DIM, text);
}

/* What the server did not let us read, and the remedy, on the last line; about has it all.
 */
static int rights_line(const struct scene *s, enum source_kind kind, struct rect r)
{
    enum { LEAST = 5 };
    const struct source_slot *src = scene_source(s, scene_teller(s, kind));
    if (src == NULL || src->snap == NULL || src->snap->notes.count == 0 || r.h < LEAST)
        return 0;
    const struct notes *notes = &src->snap->notes;
    const struct note *n = &notes->items[0];
    const char *more =
        notes->count > 1 ? scene_text(s, " (and %zu more: :about)", notes->count - 1) : "";
    const char *text = scene_text(s, "%s%s%s%s", n->what, n->fix != NULL ? ": " : "",
                                  n->fix != NULL ? n->fix : "", more);
    (void)canvas_text(s->cv, r.x, r.y + r.h - 1, ROLE_INFO, glyph_verdict(VERDICT_INFO));
    (void)canvas_fit(s->cv, r.x + 2, r.y + r.h - 1, r.w - 3, ROLE_INFO, text);
    return 1;
}

static bool is_marked(const void *ctx, const struct row_base *row)
{
    return marks_has(ctx, row->name);
}

static void hot_table(const struct scene *s, enum pane_id id, const struct table *t, struct rect r,
                      int shown)
{
    struct rect heads[TABLE_COLUMNS_MAX];
    int index[TABLE_COLUMNS_MAX];
    hot_add(s, (struct hot){
                   {r.x, r.y + 1, r.w, shown},
                   HOT_ROWS, (int)id, t->scroll, 1
    });
    int n = s->app->mouse ? table_heads(t, r, heads, index) : 0;
    for (int i = 0; i < n; i++)
        hot_add(s, (struct hot){heads[i], HOT_HEAD, (int)id, index[i], 0});
}

void pane_body(const struct scene *s, enum pane_id id, struct rect r, bool focused)
{
    const struct pane_ops *ops = pane_ops(id);
    struct pane_state *st = &s->app->panes[id];
    int used = 0;
    struct row_list list = pane_list(s, id);
    if (ops->has_source && source_words(s, ops->source, r, &used) && list.total == 0)
        return;
    if (ops->words != NULL && ops->words(s, r, &used) && list.total == 0)
        return;
    r.y += used;
    r.h -= used;
    if (r.h < 2)
        return;
    if (ops->has_source && used == 0)
        r.h -= rights_line(s, ops->source, r);
    int at = pane_selected(st, &list);
    if (ops->draw != NULL) {
        ops->draw(s, &list, r, at, focused);
        return;
    }
    if (list.n == 0) {
        empty_words(s, ops, &list, r);
        return;
    }
    st->page = r.h - 1;
    st->scroll = table_scroll(st->scroll, at, list.n, st->page);
    struct table t = {.columns = ops->columns,
                      .ncolumns = ops->ncolumns,
                      .ctx = s,
                      .rows = list.rows,
                      .nrows = list.n,
                      .selected = at,
                      .focused = focused,
                      .scroll = st->scroll,
                      .sort = st->sort,
                      .reverse = st->reverse,
                      .chosen = st->columns,
                      .nchosen = st->ncolumns,
                      .marked = st->marks.n > 0 ? is_marked : NULL,
                      .mark_ctx = &st->marks};
    hot_table(s, id, &t, r, table_draw(&t, s->cv, r));
}

/* How old the data is, where that has to be said. */
static const char *age_note(const struct scene *s, const struct pane_ops *ops, unsigned *style)
{
    if (!ops->has_source)
        return NULL;
    char buf[HUMAN_SIZE];
    enum source_kind kind = scene_teller(s, ops->source);
    enum source_state state = scene_state(s, kind);
    int64_t age = s->wp != NULL ? world_age(s->m->world, s->app->pipeline, kind) : UNKNOWN;
    if (state == STATE_FAILING) {
        *style = ROLE_UNKNOWN | STYLE_BOLD;
        if (age == UNKNOWN)
            return "UNKNOWN";
        return scene_text(s, "UNKNOWN · last answer %s ago", human_duration_ms(buf, age));
    }
    if (state == STATE_STALE) {
        *style = ROLE_WARN;
        return scene_text(s, "%s old", human_duration_ms(buf, age));
    }
    return NULL;
}

int pane_notes(const struct scene *s, enum pane_id id, int width, struct box_note notes[PANE_NOTES])
{
    const struct pane_ops *ops = pane_ops(id);
    const struct pane_state *st = &s->app->panes[id];
    size_t counts[VERDICT_COUNT];
    int n = 0;
    unsigned style = ROLE_DIM;
    const char *age = age_note(s, ops, &style);
    if (st->marks.n > 0)
        notes[n++] = (struct box_note){ROLE_KEY, scene_text(s, "◆ %zu marked", st->marks.n)};
    bool part = st->filter[0] != '\0' || st->faults;
    if (part) { /* that rows are hidden must never be overlooked */
        struct row_list list = pane_list(s, id);
        const char *what = st->filter[0] != '\0' ? scene_text(s, "/%s", st->filter) : "";
        if (st->faults)
            what = scene_text(s, "%s%sfaults only", what, what[0] != '\0' ? " " : "");
        notes[n++] = (struct box_note){ROLE_KEY, what};
        notes[n++] = (struct box_note){ROLE_TEXT, scene_text(s, "%zu of %zu", list.n, list.total)};
    }
    if (age != NULL)
        notes[n++] = (struct box_note){style, age};
    memset(counts, 0, sizeof(counts));
    if (!ops->messages)
        pane_counts(s, id, counts);
    if (counts[VERDICT_CRIT] > 0)
        notes[n++] = (struct box_note){ROLE_CRIT | STYLE_BOLD,
                                       scene_text(s, "%zu failing", counts[VERDICT_CRIT])};
    else if (counts[VERDICT_WARN] > 0)
        notes[n++] =
            (struct box_note){ROLE_WARN, scene_text(s, "%zu warning%s", counts[VERDICT_WARN],
                                                    counts[VERDICT_WARN] > 1 ? "s" : "")};
    const char *note = part || ops->note == NULL ? NULL : ops->note(s);
    if (note != NULL && (age == NULL || width >= 90))
        notes[n++] = (struct box_note){ROLE_DIM, note};
    return n;
}

void pane_draw(const struct scene *s, enum pane_id id, struct rect r, bool focused)
{
    const struct pane_ops *ops = pane_ops(id);
    struct box_note notes[PANE_NOTES];
    int n = pane_notes(s, id, r.w, notes);
    hot_add(s, (struct hot){r, HOT_PANE, (int)id, 0, 0});
    box_title(s->cv, r.x, r.y, r.w, ops->number, ops->title, focused, notes, n);
    pane_body(s, id, (struct rect){r.x, r.y + 1, r.w, r.h - 1}, focused);
}

void pane_draw_untitled(const struct scene *s, enum pane_id id, struct rect r)
{
    struct box_note notes[PANE_NOTES];
    int n = pane_notes(s, id, r.w, notes);
    box_title(s->cv, r.x, r.y, r.w, NULL, NULL, true, notes, n);
    pane_body(s, id, (struct rect){r.x, r.y + 1, r.w, r.h - 1}, true);
}
