#include "tui/app.h"

#include "base/mem.h"
#include "tui/choices.h"
#include "tui/command.h"
#include "tui/dialog/dialog.h"
#include "tui/keymap.h"
#include "tui/view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct app *app_new(const struct config *config, const char *pipeline, bool ascii)
{
    struct app *app = mem_alloc(sizeof(*app));
    app->arena = arena_new();
    app->ascii = ascii;
    app->mouse = config != NULL && config->mouse;
    app->w = 80;
    app->h = 24;
    for (int i = 0; i < LIST_COUNT; i++)
        app->panes[i].sort = -1;
    app->theme = mem_strdup(config != NULL && config->theme != NULL ? config->theme : "dark");
    choices_apply(app, config);
    size_t n = config != NULL ? config->npipelines : 0;
    bool found = false;
    for (size_t i = 0; pipeline != NULL && i < n; i++)
        if (strcmp(config->pipelines[i].name, pipeline) == 0) {
            app->pipeline = i;
            found = true;
        }
    app_push(app, n > 1 ? VIEW_FLEET : VIEW_OVERVIEW, NULL);
    if (n > 1 && found)
        app_push(app, VIEW_OVERVIEW, NULL);
    return app;
}

void app_free(struct app *app)
{
    struct effect e;
    if (app == NULL)
        return;
    while (app_pop(app))
        ;
    free(app->stack[0].object);
    while (app_take(app, &e))
        effect_free(&e);
    peek_request_free(app->looking.request);
    for (int i = 0; i < app->nhistory; i++)
        free(app->history[i]);
    app_unmark(app);
    free(app->theme);
    free(app->preview);
    bulk_clear(&app->bulk);
    dialog_close(app);
    arena_free(app->arena);
    free(app);
}

bool app_take(struct app *app, struct effect *out)
{
    if (app->neffects == 0)
        return false;
    *out = app->effects[0];
    memmove(&app->effects[0], &app->effects[1],
            (size_t)(--app->neffects) * sizeof(app->effects[0]));
    return true;
}

void app_submitted(struct app *app, unsigned id, const char *why_not)
{
    if (bulk_submitted(app, id, why_not))
        return;
    app->dialog.id = id;
    if (id == 0)
        (void)snprintf(app->dialog.error, sizeof(app->dialog.error), "%s", why_not);
    app->frozen = false; /* what is done to a server must be seen */
}

void app_asked(struct app *app, unsigned id, const char *why_not)
{
    app->looking.id = id;
    if (id == 0)
        (void)snprintf(app->looking.error, sizeof(app->looking.error), "%s", why_not);
    app->frozen = false; /* what one asks for should be seen to come */
}

/* ---- input line ------------------------------------------------------------------------------ */

static void remember(struct app *app, const char *line)
{
    if (app->nhistory > 0 && strcmp(app->history[app->nhistory - 1], line) == 0)
        return;
    if (app->nhistory == HISTORY_MAX) {
        free(app->history[0]);
        memmove(&app->history[0], &app->history[1], (HISTORY_MAX - 1) * sizeof(app->history[0]));
        app->nhistory--;
    }
    app->history[app->nhistory++] = mem_strdup(line);
}

static void recall(struct app *app, int by)
{
    int at = app->history_at + by;
    if (at < 0 || at > app->nhistory)
        return;
    app->history_at = at;
    edit_set(&app->edit, at < app->nhistory ? app->history[at] : "");
}

static void input_done(const struct scene *s)
{
    struct app *app = s->app;
    enum input_mode mode = app->input;
    char line[sizeof(app->edit.text)];
    memcpy(line, app->edit.text, sizeof(line));
    app->input = INPUT_NONE;
    if (mode == INPUT_COMMAND) {
        if (line[0] != '\0')
            remember(app, line);
        command_line(s, line);
        app_preview(app, NULL); /* unless it was chosen */
    } else if (mode == INPUT_SEARCH) {
        command_run(s, command_find("filter"), line);
    }
}

static void input_key(const struct scene *s, int key)
{
    struct app *app = s->app;
    enum pane_id id = list_now(s);
    char *filter = id != LIST_NONE ? app->panes[id].filter : scene_view(s)->search;
    if (key == K_ENTER) {
        input_done(s);
        return;
    }
    if (key == K_ESC || key == K_CTRL_C || (key == K_BACKSPACE && app->edit.len == 0)) {
        if (app->input == INPUT_FILTER)
            filter[0] = '\0';
        app->input = INPUT_NONE;
        app_preview(app, NULL);
        return;
    }
    if (app->input == INPUT_COMMAND && key == K_TAB)
        (void)command_complete(s, &app->edit);
    else if (app->input == INPUT_COMMAND && (key == K_UP || key == K_DOWN))
        recall(app, key == K_UP ? -1 : 1);
    else if (edit_key(&app->edit, key) && app->input == INPUT_FILTER)
        (void)snprintf(filter, FILTER_MAX, "%.*s", FILTER_MAX - 1, app->edit.text);
    if (app->input == INPUT_COMMAND)
        theme_typed(s, app->edit.text);
}

void app_key(struct app *app, const struct app_model *m, int key)
{
    arena_reset(app->arena);
    struct scene s = scene_make(app, m, NULL);
    app->toast.until_ms = 0; /* it has been read */
    if (app->input != INPUT_NONE) {
        input_key(&s, key);
        return;
    }
    if (app->dialog.kind != DIALOG_NONE) {
        dialog_key(&s, key);
        return;
    }
    if (m->tour != NULL && (key == 'n' || key == 'b')) { /* its caption says so */
        app_effect(app, EFFECT_TOUR, key == 'n' ? 1 : -1, NULL, NULL);
        return;
    }
    const struct command *c = command_for_key(&s, key);
    if (c != NULL)
        command_run(&s, c, NULL);
    else if (key >= 0x20 && key < K_SPECIAL)
        app_toast(app, m, VERDICT_INFO, "that key does nothing here: %s lists those that do",
                  command_key(&s, command_find("help")));
}

/* ---- what happens by itself ------------------------------------------------------------------ */

static enum verdict action_tone(enum action_state state)
{
    return state == ACTION_WORKED   ? VERDICT_OK
           : state == ACTION_UNSEEN ? VERDICT_WARN
                                    : VERDICT_CRIT;
}

/* A stop of the tour begins where the program does, and goes on from there by keys. Each sees what
 * the one before it has brought to the screen: how far a page goes is known when it was drawn. */
static void arrive(struct app *app, const struct app_model *m)
{
    struct canvas unseen;
    canvas_init(&unseen, app->w, app->h, app->ascii);
    app->stop = m->tour->nth;
    app->frozen = app->zoom = false;
    app->input = INPUT_NONE;
    dialog_close(app);
    while (app_pop(app))
        ;
    for (int i = 0; i < LIST_COUNT; i++)
        app->panes[i].filter[0] = '\0';
    app->pane = PANE_SLOTS;
    for (const char *keys = m->tour->keys; *keys != '\0';) {
        size_t n = strcspn(keys, " ");
        app_render(app, m, &unseen);
        app_key(app, m, keymap_code(keys, n));
        keys += n;
        keys += strspn(keys, " ");
    }
    canvas_free(&unseen);
}

void app_tick(struct app *app, const struct app_model *m)
{
    if (m->tour != NULL && m->tour->nth != app->stop && m->world != NULL)
        arrive(app, m);
    if (app->toast.until_ms != 0 && m->ui_ms > app->toast.until_ms)
        app->toast.until_ms = 0;
    /* Oldest first, so that the newest end is the one that stays on the screen. */
    for (size_t i = m->nactions; i > 0; i--) {
        const struct action_status *a = &m->actions[i - 1];
        if (a->id <= app->followed || !action_done(a->state))
            continue;
        app->followed = a->id;
        bool watched = app->dialog.kind == DIALOG_CONFIRM && app->dialog.id == a->id;
        if (!watched && !bulk_has(&app->bulk, a->id))
            app_toast(app, m, action_tone(a->state), "%s %s: %s", action_info(a->kind)->label,
                      a->target, a->text);
    }
    bulk_tick(app, m);
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void draw_small(const struct scene *s)
{
    const char *text = scene_text(s, "terminal too small (%d×%d needed)", APP_MIN_W, APP_MIN_H);
    (void)canvas_fit(s->cv, 0, 0, s->cv->w, ROLE_WARN, text);
}

void app_render(struct app *app, const struct app_model *m, struct canvas *cv)
{
    arena_reset(app->arena);
    canvas_clear(cv);
    app->nhots = 0;
    app->w = cv->w;
    app->h = cv->h;
    struct scene s = scene_make(app, m, cv);
    if (cv->w < APP_MIN_W || cv->h < APP_MIN_H) {
        draw_small(&s);
        return;
    }
    header_draw(&s);
    int caption = tour_line_height(&s);
    view_draw(&s, (struct rect){0, 1, cv->w, cv->h - 3 - caption});
    tour_line_draw(&s, cv->h - 2 - caption);
    keyline_draw(&s);
    if (app->dialog.kind != DIALOG_NONE) {
        app->nhots = 0; /* what lies behind it is out of reach */
        dialog_draw(&s);
    }
}

size_t app_topics(struct app *app, const struct app_model *m, const char **out, size_t max)
{
    struct scene s = scene_make(app, m, NULL);
    size_t n = 0;
    if (scene_view(&s)->id == VIEW_TOPIC && max > 0)
        out[n++] = scene_view(&s)->object;
    if (scene_view(&s)->id != VIEW_OVERVIEW)
        return n;
    struct row_list list = pane_list(&s, PANE_TOPICS);
    for (size_t i = (size_t)app->panes[PANE_TOPICS].scroll; i < list.n && n < max; i++)
        out[n++] = list.rows[i]->name;
    return n;
}
