#include "tui/view/view.h"

#include "tui/draw/box.h"

#include <string.h>

enum { TIGHT = 18 }; /* so low that no line is left blank */

const struct view_ops *view_ops(enum view_id id)
{
    static const struct view_ops *const all[] = {
        [VIEW_FLEET] = &view_fleet,         [VIEW_OVERVIEW] = &view_overview,
        [VIEW_SLOT] = &view_slot,           [VIEW_TOPIC] = &view_topic,
        [VIEW_CONNECTOR] = &view_connector, [VIEW_PREFIX] = &view_prefix,
        [VIEW_FINDING] = &view_finding,     [VIEW_GROUPS] = &view_groups,
        [VIEW_GROUP] = &view_group,         [VIEW_SNAPSHOTS] = &view_snapshots,
        [VIEW_SNAPSHOT] = &view_snapshot,   [VIEW_HELP] = &view_help,
        [VIEW_HISTORY] = &view_history,     [VIEW_LOG] = &view_log,
        [VIEW_EVENT] = &view_event,         [VIEW_ABOUT] = &view_about,
        [VIEW_MESSAGES] = &view_messages,   [VIEW_OBJECT] = &view_object,
        [VIEW_RECORD] = &view_record,
    };
    return all[id];
}

enum pane_id list_now(const struct scene *s)
{
    const struct view_ops *ops = view_ops(scene_view(s)->id);
    if (ops->list != NULL && !scene_view(s)->whole)
        return ops->list->id;
    return ops->id == VIEW_OVERVIEW ? s->app->pane : LIST_NONE;
}

void view_open(const struct scene *s, enum view_id id, const char *object)
{
    const struct pane_ops *list = view_ops(id)->list;
    app_push(s->app, id, object);
    if (list == NULL || object == NULL)
        return;
    struct pane_state *st = &s->app->panes[list->id];
    marks_clear(&st->marks);
    st->selected = 0; /* its order and its columns stay as they were chosen */
    st->index = st->scroll = 0;
    st->faults = false;
    st->filter[0] = '\0';
}

const struct row_base *view_row(const struct scene *s, enum pane_id id)
{
    const struct row_base **rows;
    size_t n = pane_ops(id)->rows(s, &rows);
    const char *name = scene_view(s)->object;
    for (size_t i = 0; i < n && name != NULL; i++)
        if (strcmp(rows[i]->name, name) == 0)
            return rows[i];
    return NULL;
}

void view_gone(const struct scene *s, struct doc *d, enum source_kind kind)
{
    const char *name = scene_view(s)->object;
    kind = scene_teller(s, kind);
    doc_blank(d);
    if (scene_state(s, kind) == STATE_WAITING || s->p == NULL)
        doc_wrap(d, 2, ROLE_DIM, scene_text(s, "asking %s…", scene_where(s, kind)));
    else
        doc_wrap(d, 2, ROLE_WARN, scene_text(s, "%s is not there any more", name));
}

struct doc *view_doc(const struct scene *s, int width)
{
    const struct view_ops *ops = view_ops(scene_view(s)->id);
    if (ops->build == NULL || (ops->list != NULL && !scene_view(s)->whole))
        return NULL;
    struct doc *d = doc_new(s->arena, width);
    ops->build(s, d);
    if (d->dropped > 0) {
        d->lines[d->count - 1].n = 0;
        size_t left = d->dropped;
        d->dropped = 0;
        doc_span(d, 4, 0, false, ROLE_DIM, scene_text(s, "…%zu more", left + 1));
    }
    return d;
}

static const char *title_of(const struct scene *s, const struct view_ops *ops)
{
    const char *object = scene_view(s)->object;
    const char *title = ops->title == NULL && ops->list != NULL ? ops->list->title : ops->title;
    return object != NULL && !ops->key ? scene_text(s, "%s %s", title, object) : title;
}

/* What is said above a list: at most `room` lines, and how many more there would be. */
static int draw_above(const struct scene *s, const struct view_ops *ops, struct rect r, int room)
{
    if (ops->build == NULL)
        return 0;
    struct doc *d = doc_new(s->arena, r.w);
    ops->build(s, d);
    int n = (int)d->count;
    int shown = n <= room ? n : room - 1;
    doc_draw(d, s->cv, (struct rect){r.x, r.y, r.w, shown}, 0, NULL);
    if (n > shown)
        (void)canvas_printf(s->cv, r.x + 4, r.y + shown, ROLE_DIM, "…%d more lines: z", n - shown);
    return n > shown ? room : n;
}

static void draw_list(const struct scene *s, const struct view_ops *ops, struct rect r)
{
    enum { LIST_LEAST = 6 };
    bool tight = r.h < TIGHT;
    struct box_note notes[PANE_NOTES];
    int n = pane_notes(s, ops->list->id, r.w, notes);
    int y = r.y + (tight ? 0 : 1);
    box_title(s->cv, r.x, y++, r.w, ops->list->number, title_of(s, ops), true, notes, n);
    int above = draw_above(s, ops, (struct rect){r.x, y, r.w, 0}, r.y + r.h - y - LIST_LEAST);
    y += above + (above > 0 && !tight ? 1 : 0);
    pane_body(s, ops->list->id, (struct rect){r.x, y, r.w, r.y + r.h - y}, true);
}

void view_draw(const struct scene *s, struct rect r)
{
    struct view_state *v = scene_view(s);
    const struct view_ops *ops = view_ops(v->id);
    if (ops->draw != NULL) {
        ops->draw(s, r);
        return;
    }
    if (ops->list != NULL && !v->whole) {
        draw_list(s, ops, r);
        return;
    }
    unsigned style = ROLE_DIM;
    const char *note = ops->note != NULL ? ops->note(s, &style) : NULL;
    struct box_note notes[2];
    int n = 0;
    if (v->search[0] != '\0')
        notes[n++] = (struct box_note){ROLE_KEY, scene_text(s, "/%s", v->search)};
    if (note != NULL)
        notes[n++] = (struct box_note){style, note};
    int y = r.y + (r.h < TIGHT ? 0 : 1);
    box_title(s->cv, r.x, y, r.w, NULL, title_of(s, ops), true, notes, n);
    y += r.h < TIGHT ? 1 : 2;
    struct doc *d = view_doc(s, r.w);
    v->lines = (int)d->count;
    v->page = r.y + r.h - y;
    if (v->found >= v->lines) /* of a page that was longer, in another width */
        v->found = -1;
    if (v->scroll > v->lines - v->page)
        v->scroll = v->lines - v->page;
    if (v->scroll < 0)
        v->scroll = 0;
    hot_add(s, (struct hot){r, HOT_TEXT, 0, 0, 0});
    doc_draw(d, s->cv, (struct rect){r.x, y, r.w, v->page}, v->scroll, v->search);
}
