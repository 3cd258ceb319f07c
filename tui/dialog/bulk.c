/* bulk.c: one action on all marked rows: every request on one page, what is refused with why, one
 * confirmation; then how each of them goes. */
#include "base/mem.h"
#include "tui/command.h"
#include "tui/dialog/dialog.h"
#include "tui/draw/doc.h"
#include "tui/draw/glyph.h"
#include "tui/view/pane.h"

#include <stdlib.h>
#include <string.h>

/* Each of these asks something of its own: tables, or the one session behind all slots. */
static bool one_at_a_time(enum action_kind kind)
{
    return kind == ACTION_SNAPSHOT || kind == ACTION_TERMINATE || kind == ACTION_RELOAD;
}

/* ---- what is asked for ----------------------------------------------------------------------- */

static const struct row_base *row_named(const struct row_base **rows, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i]->name, name) == 0)
            return rows[i];
    return NULL;
}

static bool has_target(const struct bulk *b, const char *target)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->items[i].args != NULL && strcmp(b->items[i].args->target, target) == 0)
            return true;
    return false;
}

/* An item per marked row; of rows that mean the same target the first. */
static void collect(const struct scene *s, enum action_kind kind, struct bulk *b)
{
    const struct pane_ops *ops = pane_ops(list_now(s));
    const struct marks *marks = &s->app->panes[ops->id].marks;
    const struct row_base **rows;
    size_t n = ops->rows(s, &rows);
    *b = (struct bulk){.kind = kind, .items = mem_calloc(marks->n + 1, sizeof(*b->items))};
    for (size_t i = 0; i < marks->n; i++) {
        const struct row_base *row = row_named(rows, n, marks->names[i]);
        const char *target = row != NULL ? act_target_of(s, kind, ops, row) : NULL;
        if (target != NULL && has_target(b, target))
            continue;
        struct bulk_item *it = &b->items[b->n++];
        it->name = mem_strdup(marks->names[i]);
        if (target != NULL)
            it->args = action_args_new(kind, s->app->pipeline, target);
        else
            it->refused = mem_strdup(row == NULL ? "it is not there any more"
                                     : action_info(kind)->target == TARGET_SLOT
                                         ? "no slot belongs to it"
                                         : "no connector belongs to it");
        if (target != NULL && kind > ACTION_SNAPSHOT && kind <= ACTION_SNAPSHOT_RESUME)
            it->args->signal_id = action_signal_id(s->m->wall_ms);
    }
}

static const struct action_plan *plan_of(const struct scene *s, const struct bulk_item *it)
{
    return it->args != NULL ? s->m->plan(it->args, s->m->world, s->p, s->arena) : NULL;
}

struct tally {
    size_t possible;
    bool danger, typed;
    const char *why_not; /* of the first that is refused */
};

static struct tally tally(const struct scene *s, const struct bulk *b)
{
    struct tally t = {0};
    for (size_t i = 0; i < b->n; i++) {
        const struct action_plan *p = plan_of(s, &b->items[i]);
        bool ok = p != NULL && p->allowed;
        t.possible += ok;
        t.danger = t.danger || (ok && p->danger);
        t.typed = t.typed || (ok && (p->danger || p->type_name != NULL));
        if (!ok && t.why_not == NULL)
            t.why_not = p != NULL ? p->why_not : b->items[i].refused;
    }
    return t;
}

static void set_scope(struct bulk *b, enum restart_scope scope)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->items[i].args != NULL)
            b->items[i].args->scope = scope;
}

/* Failed tasks where any has failed, else all. */
static void first_scope(const struct scene *s, struct bulk *b)
{
    if (b->kind == ACTION_RESTART && tally(s, b).possible == 0)
        set_scope(b, RESTART_ALL);
}

const char *bulk_blocked(const struct scene *s, enum action_kind kind, size_t *possible)
{
    struct bulk b;
    *possible = 0;
    if (s->p == NULL)
        return "nothing is known yet";
    if (one_at_a_time(kind))
        return "one at a time: take the marks back first (U)";
    collect(s, kind, &b);
    first_scope(s, &b);
    struct tally t = tally(s, &b);
    *possible = t.possible;
    const char *why = t.possible > 0 ? NULL : scene_text(s, "%s", t.why_not);
    bulk_clear(&b);
    return why;
}

void bulk_open(const struct scene *s, enum action_kind kind)
{
    struct app *app = s->app;
    dialog_close(app);
    if (app->bulk.running) {
        app_toast(app, s->m, VERDICT_WARN, "%s of %zu still runs: l shows each",
                  action_info(app->bulk.kind)->label, app->bulk.n);
        return;
    }
    bulk_clear(&app->bulk);
    collect(s, kind, &app->bulk);
    first_scope(s, &app->bulk);
    app->dialog = (struct dialog){.kind = DIALOG_BULK};
    app->frozen = false;
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* "drop-slot 3": the word and the count, so that neither is pressed by habit. */
static const char *phrase(const struct scene *s, const struct tally *t)
{
    return scene_text(s, "%s %zu", action_info(s->app->bulk.kind)->name, t->possible);
}

static void confirm(const struct scene *s)
{
    struct bulk *b = &s->app->bulk;
    for (size_t i = 0; i < b->n; i++) {
        struct bulk_item *it = &b->items[i];
        const struct action_plan *p = plan_of(s, it);
        if (p != NULL && !p->allowed)
            it->refused = mem_strdup(p->why_not);
    }
    marks_clear(&s->app->panes[list_now(s)].marks);
    b->running = true;
    s->app->dialog.scroll = 0;
    bulk_tick(s->app, s->m);
}

static bool scrolls(struct dialog *d, int key)
{
    int by = key == K_UP          ? -1
             : key == K_DOWN      ? 1
             : key == K_PAGE_UP   ? -5
             : key == K_PAGE_DOWN ? 5
                                  : 0;
    d->scroll += by;
    return by != 0;
}

static void ask_key(const struct scene *s, int key)
{
    struct bulk *b = &s->app->bulk;
    struct dialog *d = &s->app->dialog;
    struct tally t = tally(s, b);
    bool leave = t.possible == 0 && (key == K_ENTER || key == 'q' || key == K_BACKSPACE);
    if ((key == K_TAB || key == K_SHIFT_TAB) && b->kind == ACTION_RESTART) {
        enum restart_scope now =
            b->n > 0 && b->items[0].args != NULL ? b->items[0].args->scope : RESTART_FAILED;
        set_scope(b, now == RESTART_FAILED ? RESTART_ALL : RESTART_FAILED);
        edit_set(&d->edit, "");
    } else if (t.possible == 0 && !leave) {
        return;
    } else if (t.typed) {
        if (key != K_ENTER)
            (void)edit_key(&d->edit, key);
        else if (strcmp(d->edit.text, phrase(s, &t)) == 0)
            confirm(s);
    } else if (key == 'y' || key == 'Y') {
        confirm(s);
    } else if (leave || key == K_ENTER || key == 'n' || key == 'N' || key == 'q') {
        dialog_close(s->app);
    }
}

void bulk_key(const struct scene *s, int key)
{
    const struct bulk *b = &s->app->bulk;
    if (scrolls(&s->app->dialog, key))
        return;
    if (key == K_ESC || key == K_CTRL_C)
        dialog_close(s->app);
    else if (!b->running && !b->done)
        ask_key(s, key);
    else if (key == K_ENTER || key == 'q' || key == K_BACKSPACE)
        dialog_close(s->app);
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void line(struct doc *d, const char *mark, unsigned style, const char *name,
                 const char *text, unsigned text_style)
{
    enum { NAME = 28 };
    doc_line(d);
    doc_span(d, 0, 1, false, style, mark);
    doc_span(d, 2, NAME, false, ROLE_STRONG, name);
    doc_wrap_on(d, 2 + NAME + 1, text_style, text);
}

/* AWS is asked once; the lines of it are head, body and what its CLI would say. */
static size_t requests_of(const struct scene *s, const struct action_plan *p, const char *target)
{
    const struct connector_row *row = pipeline_connector(s->p, target);
    return row != NULL && row->connector->service != SERVICE_CONNECT ? 1 : p->nrequest;
}

static void preview(const struct scene *s, struct doc *d, const struct tally *t)
{
    const struct bulk *b = &s->app->bulk;
    size_t requests = 0;
    for (size_t i = 0; i < b->n; i++) {
        const struct action_plan *p = plan_of(s, &b->items[i]);
        if (p != NULL && p->allowed)
            requests += requests_of(s, p, b->items[i].args->target);
    }
    doc_wrap(d, 0, ROLE_TEXT,
             scene_text(s, "%zu request%s for %zu of %zu marked%s", requests,
                        requests == 1 ? "" : "s", t->possible, b->n,
                        t->possible < b->n ? "; the others are refused and left alone" : ""));
    if (b->kind == ACTION_RESTART) {
        bool all = b->items[0].args != NULL && b->items[0].args->scope == RESTART_ALL;
        doc_line(d);
        doc_span(d, 0, 3, false, ROLE_KEY, "Tab");
        doc_span(d, 4, 6, false, ROLE_DIM, "which");
        doc_span(d, 10, 19, false, all ? ROLE_DIM : ROLE_STRONG,
                 all ? " failed tasks only " : "[failed tasks only]");
        doc_span(d, 30, 0, false, all ? ROLE_STRONG : ROLE_DIM,
                 all ? "[all tasks]" : " all tasks ");
    }
    doc_blank(d);
    for (size_t i = 0; i < b->n; i++) {
        const struct bulk_item *it = &b->items[i];
        const struct action_plan *p = plan_of(s, it);
        if (p == NULL || !p->allowed) {
            line(d, "✖", ROLE_CRIT, it->name, p != NULL ? p->why_not : it->refused, ROLE_CRIT);
            continue;
        }
        doc_line(d);
        doc_span(d, 0, 1, false, ROLE_OK, "✔");
        doc_span(d, 2, 0, false, ROLE_STRONG, it->name);
        for (size_t k = 0; k < p->nrequest; k++)
            doc_wrap(d, 4, ROLE_REQUEST, p->request[k]);
        for (size_t k = 0; k < p->nchecks; k++)
            if (p->checks[k].level == CHECK_WARN)
                doc_wrap(d, 4, ROLE_WARN, scene_text(s, "▲ %s", p->checks[k].text));
    }
}

static void progress(const struct scene *s, struct doc *d)
{
    static const struct {
        const char *mark;
        unsigned style;
    } looks[] = {
        [ACTION_QUEUED] = {"○", ROLE_DIM },
          [ACTION_CHECKING] = {"○", ROLE_INFO},
        [ACTION_SENDING] = {"○", ROLE_INFO},
          [ACTION_WATCHING] = {"○", ROLE_INFO},
        [ACTION_WORKED] = {"✔", ROLE_OK  },
          [ACTION_FAILED] = {"✖", ROLE_CRIT},
        [ACTION_UNSEEN] = {"▲", ROLE_WARN},
    };
    const struct bulk *b = &s->app->bulk;
    size_t counts[ACTION_UNSEEN + 1] = {0};
    size_t refused = 0;
    for (size_t i = 0; i < b->n; i++) {
        refused += b->items[i].refused != NULL;
        counts[b->items[i].state] += b->items[i].refused == NULL;
    }
    size_t open =
        b->n - refused - counts[ACTION_WORKED] - counts[ACTION_FAILED] - counts[ACTION_UNSEEN];
    doc_wrap(d, 0, ROLE_TEXT,
             scene_text(s,
                        "%zu worked, %zu failed, %zu not seen to work, %zu under way, %zu not sent",
                        counts[ACTION_WORKED], counts[ACTION_FAILED], counts[ACTION_UNSEEN], open,
                        refused));
    doc_blank(d);
    for (size_t i = 0; i < b->n; i++) {
        const struct bulk_item *it = &b->items[i];
        if (it->refused != NULL)
            line(d, "✖", ROLE_CRIT, it->name, scene_text(s, "not sent: %s", it->refused),
                 ROLE_TEXT);
        else
            line(d, looks[it->state].mark, looks[it->state].style, it->name,
                 it->text[0] != '\0' ? it->text : "queued",
                 it->state == ACTION_QUEUED ? ROLE_DIM : ROLE_TEXT);
    }
}

static void foot_keys(const struct scene *s, int x, int y, const char *key, const char *label,
                      bool live)
{
    if (key != NULL) {
        x += canvas_text(s->cv, x, y, live ? ROLE_KEY : ROLE_FAINT, key) + 1;
        x += canvas_text(s->cv, x, y, live ? ROLE_TEXT : ROLE_DIM, label) + 3;
    }
    dialog_esc(s, x, y, ROLE_TEXT,
               s->app->bulk.running ? "close; it goes on, l shows each"
               : s->app->bulk.done  ? "close"
                                    : "leave it alone");
}

static void foot(const struct scene *s, struct rect in, const struct tally *t)
{
    const struct bulk *b = &s->app->bulk;
    struct dialog *dl = &s->app->dialog;
    const char *label = scene_text(s, "%s %zu", action_info(b->kind)->label, t->possible);
    int last = in.y + in.h - 1;
    if (b->running || b->done || t->possible == 0) {
        foot_keys(s, in.x, last, NULL, NULL, false);
    } else if (t->typed) {
        const char *want = phrase(s, t);
        int x = in.x;
        x += canvas_text(s->cv, x, in.y, ROLE_TEXT, "Type ");
        x += canvas_text(s->cv, x, in.y, ROLE_STRONG, want);
        x += canvas_text(s->cv, x, in.y, ROLE_TEXT, " to confirm: ");
        edit_draw(&dl->edit, s->cv, x, in.y, in.x + in.w - x, ROLE_INPUT);
        foot_keys(s, in.x, last, "Enter", label, strcmp(dl->edit.text, want) == 0);
    } else {
        int x = in.x + canvas_text(s->cv, in.x, in.y, ROLE_TEXT, "Send all of this?");
        (void)canvas_text(s->cv, x + 1, in.y, ROLE_STRONG, "y/N");
        foot_keys(s, in.x, last, "y", label, true);
    }
}

void bulk_draw(const struct scene *s)
{
    enum { WIDTH = 100 };
    const struct bulk *b = &s->app->bulk;
    struct dialog *dl = &s->app->dialog;
    bool asked = b->running || b->done;
    struct tally t = asked ? (struct tally){0} : tally(s, b);
    int inner = (s->cv->w - 2 < WIDTH ? s->cv->w - 2 : WIDTH) - 6;
    struct doc *d = doc_new(s->arena, inner + 2);
    if (asked)
        progress(s, d);
    else
        preview(s, d, &t);
    int under = asked || t.possible == 0 ? 2 : 3;
    struct rect in =
        dialog_frame(s, WIDTH, (int)d->count + under + 4, t.danger ? ROLE_CRIT : ROLE_KEY,
                     scene_text(s, "%s: %zu marked", action_info(b->kind)->label, b->n));
    struct rect body = {in.x, in.y, in.w + 1, in.h - under};
    int most = (int)d->count - body.h;
    dl->scroll = dl->scroll > most ? most : dl->scroll;
    dl->scroll = dl->scroll < 0 ? 0 : dl->scroll;
    doc_draw(d, s->cv, body, dl->scroll, NULL);
    if (most > 0)
        (void)canvas_right(s->cv, in.x, in.y + in.h, in.w, ROLE_WARN,
                           scene_text(s, " Up Down: lines %d–%d of %zu ", dl->scroll + 1,
                                      dl->scroll + body.h, d->count));
    int lines = under == 2 ? 1 : 2;
    foot(s, (struct rect){in.x, in.y + in.h - lines, in.w, lines}, &t);
}
