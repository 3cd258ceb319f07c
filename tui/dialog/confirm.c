/* confirm.c: the confirmation: what will happen, the exact request, what was seen, the checks. No
 * is the default; a dangerous action wants the name typed. After that it follows the action until
 * it is known whether it worked. */
#include "base/human.h"
#include "base/mem.h"
#include "tui/dialog/dialog.h"
#include "tui/draw/doc.h"
#include "tui/draw/glyph.h"

#include <string.h>

void confirm_open(const struct scene *s, struct action_args *args)
{
    dialog_close(s->app);
    s->app->dialog = (struct dialog){.kind = DIALOG_CONFIRM, .args = args};
}

static const struct action_status *status_of(const struct scene *s, unsigned id)
{
    for (size_t i = 0; i < s->m->nactions; i++)
        if (s->m->actions[i].id == id)
            return &s->m->actions[i];
    return NULL;
}

/* ---- scope of a restart ---------------------------------------------------------------------- */

static int task_count(const struct scene *s, const char *name)
{
    const struct connector_row *row = s->p != NULL ? pipeline_connector(s->p, name) : NULL;
    return row != NULL ? (int)row->connector->ntasks : 0;
}

/* failed tasks → all tasks → task 0 → task 1 … */
static void step_scope(const struct scene *s, int by)
{
    struct action_args *a = s->app->dialog.args;
    int n = 2 + task_count(s, a->target);
    int at = a->scope == RESTART_FAILED ? 0 : a->scope == RESTART_ALL ? 1 : 2 + a->task;
    at = (at + by + n) % n;
    a->scope = at == 0 ? RESTART_FAILED : at == 1 ? RESTART_ALL : RESTART_TASK;
    a->task = at >= 2 ? at - 2 : 0;
}

static void draw_scope(const struct scene *s, struct doc *d)
{
    const struct action_args *a = s->app->dialog.args;
    int n = task_count(s, a->target) > 0 ? 3 : 2; /* MSK Connect tells of no single task */
    int x = 10;
    doc_blank(d);
    doc_line(d);
    doc_span(d, 0, 3, false, ROLE_KEY, "Tab");
    doc_span(d, 4, 6, false, ROLE_DIM, "which");
    const char *names[] = {"failed tasks only", "all tasks", NULL};
    if (a->scope == RESTART_TASK)
        names[2] = scene_text(s, "task %d", a->task);
    else
        names[2] = "one task";
    for (int i = 0; i < n; i++) {
        bool here = (int)a->scope == i;
        const char *text = scene_text(s, here ? "[%s]" : " %s ", names[i]);
        doc_span(d, x, 0, false, here ? ROLE_STRONG : ROLE_DIM, text);
        x += (int)strlen(text) + 1;
    }
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void submit(const struct scene *s)
{
    struct dialog *d = &s->app->dialog;
    if (d->args->kind == ACTION_SNAPSHOT && d->args->signal_id == NULL)
        d->args->signal_id = action_signal_id(s->m->wall_ms);
    app_effect(s->app, EFFECT_SUBMIT, 0, NULL, action_args_copy(d->args));
}

/* It runs or is done: leaving is all that is left to do. */
static void running_key(const struct scene *s, int key)
{
    if (key == 'Q')
        app_effect(s->app, EFFECT_QUIT, 0, NULL, NULL);
    else if (key == K_ENTER || key == 'q' || key == K_BACKSPACE)
        dialog_close(s->app);
}

/* Enter alone means the default: No. */
static void yes_no_key(const struct scene *s, int key)
{
    if (key == 'y' || key == 'Y')
        submit(s);
    else if (key == 'Q')
        app_effect(s->app, EFFECT_QUIT, 0, NULL, NULL);
    else if (key == K_ENTER || key == 'n' || key == 'N' || key == 'q')
        dialog_close(s->app);
}

static void typed_key(const struct scene *s, const char *name, int key)
{
    struct dialog *d = &s->app->dialog;
    if (key != K_ENTER)
        (void)edit_key(&d->edit, key);
    else if (strcmp(d->edit.text, name) == 0)
        submit(s);
}

static bool scroll_key(struct dialog *d, int key)
{
    enum { PAGE = 5 };
    switch (key) {
    case K_UP: d->scroll--; return true;
    case K_DOWN: d->scroll++; return true;
    case K_PAGE_UP: d->scroll -= PAGE; return true;
    case K_PAGE_DOWN: d->scroll += PAGE; return true;
    default: return false;
    }
}

void confirm_key(const struct scene *s, int key)
{
    struct dialog *d = &s->app->dialog;
    if (key == K_ESC || key == K_CTRL_C) {
        dialog_close(s->app);
        return;
    }
    if (scroll_key(d, key))
        return;
    if (d->id != 0 || d->error[0] != '\0') {
        running_key(s, key);
        return;
    }
    if (d->args->kind == ACTION_RESTART && (key == K_TAB || key == K_SHIFT_TAB)) {
        step_scope(s, key == K_TAB ? 1 : -1);
        return;
    }
    const struct action_plan *plan = s->m->plan(d->args, s->m->world, s->p, s->arena);
    if (!plan->allowed)
        running_key(s, key);
    else if (plan->type_name == NULL)
        yes_no_key(s, key);
    else
        typed_key(s, plan->type_name, key);
}

/* ---- drawing --------------------------------------------------------------------------------- */

static unsigned tone(enum check_level level, bool quiet_ok)
{
    switch (level) {
    case CHECK_OK: return quiet_ok ? ROLE_TEXT : ROLE_OK;
    case CHECK_WARN: return ROLE_WARN;
    case CHECK_FAIL: return ROLE_CRIT;
    }
    return ROLE_TEXT;
}

static void describe(const struct scene *s, struct doc *d, const struct action_plan *plan)
{
    static const char *const marks[] = {[CHECK_OK] = "✔", [CHECK_WARN] = "▲", [CHECK_FAIL] = "✖"};
    doc_wrap(d, 0, ROLE_TEXT, plan->summary);
    if (s->app->dialog.args->kind == ACTION_RESTART)
        draw_scope(s, d);
    if (plan->nlines > 0)
        doc_blank(d);
    for (size_t i = 0; i < plan->nlines; i++) {
        const struct plan_line *line = &plan->lines[i];
        bool plain = strcmp(line->label, "frees") != 0;
        doc_line(d);
        doc_span(d, 0, 9, false, ROLE_DIM, line->label);
        doc_wrap_on(d, 10, tone(line->tone, plain), line->text);
    }
    if (plan->nrequest > 0)
        doc_blank(d), doc_line(d), doc_span(d, 0, 0, false, ROLE_DIM, "Request");
    for (size_t i = 0; i < plan->nrequest; i++)
        doc_wrap(d, 2, ROLE_REQUEST, plan->request[i]);
    if (plan->nchecks > 0)
        doc_blank(d), doc_line(d), doc_span(d, 0, 0, false, ROLE_DIM, "Checks");
    for (size_t i = 0; i < plan->nchecks; i++) {
        enum check_level level = plan->checks[i].level;
        doc_line(d);
        doc_span(d, 2, 2, false, tone(level, false), marks[level]);
        doc_wrap_on(d, 4, ROLE_TEXT, plan->checks[i].text);
    }
}

static void keys_line(const struct scene *s, struct rect in, const char *key, bool live,
                      const char *label, const char *leave)
{
    int x = in.x;
    x += canvas_text(s->cv, x, in.y, live ? ROLE_KEY : ROLE_FAINT, key) + 1;
    x += canvas_text(s->cv, x, in.y, live ? ROLE_TEXT : ROLE_DIM, label) + (in.w < 60 ? 2 : 5);
    dialog_esc(s, x, in.y, ROLE_TEXT, leave);
}

/* Why not, on as many lines as it takes; of what is possible none. */
static struct doc *refusal(const struct scene *s, const struct action_plan *plan, int w)
{
    struct doc *d = doc_new(s->arena, w);
    if (plan->allowed)
        return d;
    doc_line(d);
    doc_span(d, 0, 2, false, ROLE_CRIT, "✖");
    doc_wrap_on(d, 2, ROLE_CRIT, scene_text(s, "not possible: %s", plan->why_not));
    return d;
}

/* The question at the foot of the dialog, and its keys: on the first and the last line of `in`. */
static void ask(const struct scene *s, struct rect in, const struct action_plan *plan,
                const struct doc *no)
{
    struct dialog *d = &s->app->dialog;
    bool whole = d->args->kind == ACTION_RELOAD && d->args->scope == RESTART_ALL;
    const char *label = whole ? "reload all" : action_info(d->args->kind)->label;
    struct rect keys = {in.x, in.y + in.h - 1, in.w, 1};
    if (!plan->allowed) {
        doc_draw(no, s->cv, (struct rect){in.x, in.y, in.w + 1, (int)no->count}, 0, NULL);
        dialog_esc(s, in.x, keys.y, ROLE_TEXT, "leave");
        return;
    }
    if (plan->type_name == NULL) {
        int x = in.x + canvas_text(s->cv, in.x, in.y, ROLE_TEXT, "Send this?");
        (void)canvas_text(s->cv, x + 1, in.y, ROLE_STRONG, "y/N");
        keys_line(s, keys, "y", true, label, "leave it alone");
        return;
    }
    bool match = strcmp(d->edit.text, plan->type_name) == 0;
    const char *what = action_info(d->args->kind)->target == TARGET_SESSION ? "pid" : "name";
    int x = in.x + canvas_text(s->cv, in.x, in.y, ROLE_TEXT,
                               scene_text(s, "Type the %s to confirm: ", what));
    edit_draw(&d->edit, s->cv, x, in.y, in.x + in.w - x, ROLE_INPUT);
    bool begun = strncmp(d->edit.text, plan->type_name, strlen(d->edit.text)) == 0;
    if (!match)
        label = begun ? scene_text(s, "%s (incomplete)", label)
                      : scene_text(s, "%s (not the %s)", label, what);
    keys_line(s, keys, "Enter", match, label, "leave it alone");
}

static const char *state_words(enum action_state state)
{
    switch (state) {
    case ACTION_QUEUED: return "queued";
    case ACTION_CHECKING: return "reading again, just before";
    case ACTION_SENDING: return "sending";
    case ACTION_WATCHING: return "accepted; waiting to see that it works";
    case ACTION_WORKED: return "worked";
    case ACTION_FAILED: return "failed";
    case ACTION_UNSEEN: return "sent, but its effect was not seen in time";
    }
    return "";
}

/* "… worked after 28s": the time is not said a second time. */
static bool ends_with_time(const char *text)
{
    static const char *const words[] = {" after ", " for "};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        const char *at = text;
        while ((at = strstr(at, words[i])) != NULL) {
            at += strlen(words[i]);
            if (at[strspn(at, "0123456789.smhd ")] == '\0')
                return true;
        }
    }
    return false;
}

static void follow(const struct scene *s, struct doc *d)
{
    const struct dialog *dl = &s->app->dialog;
    char took[HUMAN_SIZE];
    if (dl->error[0] != '\0') {
        doc_line(d);
        doc_span(d, 0, 0, false, ROLE_CRIT | STYLE_BOLD, "✖ not done");
        doc_wrap(d, 2, ROLE_TEXT, dl->error);
        return;
    }
    const struct action_status *a = status_of(s, dl->id);
    if (a == NULL) {
        doc_wrap(d, 0, ROLE_DIM, "queued");
        return;
    }
    bool done = action_done(a->state);
    unsigned style = a->state == ACTION_WORKED   ? ROLE_OK
                     : a->state == ACTION_FAILED ? ROLE_CRIT
                     : a->state == ACTION_UNSEEN ? ROLE_WARN
                                                 : ROLE_INFO;
    const char *mark = a->state == ACTION_WORKED   ? "✔"
                       : a->state == ACTION_FAILED ? "✖"
                       : a->state == ACTION_UNSEEN ? "▲"
                                                   : "○";
    int64_t end = done ? a->ended_mono_ms : s->m->mono_ms;
    (void)human_duration_ms(took, end - a->started_mono_ms);
    doc_line(d);
    doc_span(d, 0, 0, false, style | STYLE_BOLD,
             scene_text(s, "%s %s", mark, state_words(a->state)));
    doc_wrap(d, 2, ROLE_TEXT, a->text);
    if (a->percent >= 0 && !done)
        doc_wrap(d, 2, ROLE_TEXT, scene_text(s, "est. %d %%", a->percent));
    if (!ends_with_time(a->text))
        doc_wrap(d, 2, ROLE_DIM, scene_text(s, done ? "after %s" : "for %s", took));
}

/* Keeps lines with something on them. */
static void drop_blanks(struct doc *d)
{
    size_t kept = 0;
    for (size_t i = 0; i < d->count; i++)
        if (d->lines[i].n > 0)
            d->lines[kept++] = d->lines[i];
    d->count = kept;
}

/* What does not fit is reached with the arrows, and the frame says so. */
static void draw_body(const struct scene *s, struct doc *d, struct rect r)
{
    struct dialog *dl = &s->app->dialog;
    int most = (int)d->count - r.h;
    dl->scroll = dl->scroll > most ? most : dl->scroll;
    dl->scroll = dl->scroll < 0 ? 0 : dl->scroll;
    doc_draw(d, s->cv, (struct rect){r.x, r.y, r.w + 1, r.h}, dl->scroll, NULL);
    if (most <= 0)
        return;
    const char *text =
        scene_text(s, " Up Down: lines %d–%d of %zu ", dl->scroll + 1, dl->scroll + r.h, d->count);
    (void)canvas_right(s->cv, r.x, s->cv->h - 2, r.w, ROLE_WARN, text);
}

static void draw_running_foot(const struct scene *s, struct rect in)
{
    const struct dialog *dl = &s->app->dialog;
    const struct action_status *a = status_of(s, dl->id);
    bool done = dl->error[0] != '\0' || (a != NULL && action_done(a->state));
    int y = in.y + in.h - 1;
    dialog_esc(s, in.x, y, ROLE_TEXT, done ? "close" : "close; it goes on, l shows it");
}

void confirm_draw(const struct scene *s)
{
    struct dialog *dl = &s->app->dialog;
    enum { WIDTH = 88 };
    bool running = dl->id != 0 || dl->error[0] != '\0';
    const struct action_plan *plan = s->m->plan(dl->args, s->m->world, s->p, s->arena);
    int inner = (s->cv->w - 2 < WIDTH ? s->cv->w - 2 : WIDTH) - 6;
    struct doc *d = doc_new(s->arena, inner + 2);
    if (running)
        follow(s, d);
    else
        describe(s, d, plan);
    struct doc *no = refusal(s, plan, inner + 2);
    int more = no->count > 1 && !running ? (int)no->count - 1 : 0;
    int foot = running ? 1 : 3 + more;
    bool tight = (int)d->count + foot + 5 > s->cv->h - 2;
    if (tight) { /* a small terminal: air goes first */
        drop_blanks(d);
        foot = running ? 1 : 2 + more;
    }
    int pad = tight ? 0 : 1;
    unsigned frame = plan->danger ? ROLE_CRIT : ROLE_KEY;
    struct rect in = dialog_frame(s, WIDTH, (int)d->count + foot + 2 + 3 * pad, frame, plan->title);
    draw_body(s, d, (struct rect){in.x, in.y + pad, in.w, in.h - foot - 3 * pad});
    struct rect under = {in.x, in.y + in.h - foot - pad, in.w, foot};
    if (running)
        draw_running_foot(s, under);
    else
        ask(s, under, plan, no);
}
