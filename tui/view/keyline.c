/* keyline.c: the last two lines: the keys that matter now, or what is being typed, or what just
 * happened. */
#include "base/utf8.h"
#include "tui/command.h"
#include "tui/draw/glyph.h"
#include "tui/keymap.h"
#include "tui/view/view.h"

#include <string.h>

/* What the key line calls it in this view; NULL: it is not there now. */
static const char *label_of(const struct scene *s, const struct command *c)
{
    enum view_id id = scene_view(s)->id;
    const char *name = command_name(c);
    if (command_blocked(s, c) != NULL || (id == VIEW_FLEET && strcmp(name, "actions") == 0))
        return NULL;
    if (list_now(s) == LIST_NONE && strcmp(name, "filter") == 0)
        return "search";
    if (s->app->depth > 1 && id != VIEW_OVERVIEW && strcmp(name, "quit") == 0)
        return "back";
    if (id != VIEW_OVERVIEW && strcmp(name, "zoom") == 0) /* "…4 more lines: z" says it there */
        return NULL;
    if (view_ops(id)->open_label != NULL && strcmp(name, "open") == 0)
        return view_ops(id)->open_label;
    return c->label;
}

static void keys_draw(const struct scene *s, int y)
{
    static const char *const order[] = {"help",    "next-pane", "open",    "messages",
                                        "older",   "newer",     "actions", "filter",
                                        "command", "zoom",      "quit"};
    enum { N = sizeof(order) / sizeof(order[0]), QUIT = N - 1 };
    const struct command *quit = command_find(order[QUIT]);
    int x = 1;
    int gap = s->cv->w >= 100 ? 3 : 2;
    int room = s->cv->w - 1 - 2 - utf8_width(label_of(s, quit));
    for (size_t i = 0; i < N; i++) {
        const struct command *c = command_find(order[i]);
        const char *label = label_of(s, c);
        if (label == NULL)
            continue;
        const char *key = command_key(s, c);
        if (key[0] == '\0')
            continue;
        int w = utf8_width(key) + 1 + utf8_width(label);
        if (i != QUIT && x + w + gap > room) /* the way out is always on the line */
            continue;
        hot_add(s, (struct hot){
                       {x, y, w, 1},
                       HOT_KEY, keymap_code(key, strlen(key)), 0, 0
        });
        x += canvas_text(s->cv, x, y, ROLE_KEY, key) + 1;
        x += canvas_text(s->cv, x, y, ROLE_DIM, label) + gap;
    }
}

/* Of the same line while the time shown is not now: how to go through it. */
static void time_keys_draw(const struct scene *s, int y)
{
    static const struct {
        const char *keys, *label;
        bool played; /* in a recording alone */
    } words[] = {
        {"[ ]", "step",              false},
        {"{ }", "change of verdict", false},
        {"p",   "play, pause",       true },
        {"+ -", "speed",             true },
        {":",   "command",           false},
        {"?",   "help",              false},
    };
    bool played = s->m->when.kind == WHEN_RECORDING;
    const char *last = played ? "quit" : "back to now", *key = played ? "q" : "Esc";
    int gap = s->cv->w >= 100 ? 3 : 2;
    int room = s->cv->w - 3 - utf8_width(last) - (int)strlen(key);
    int x = 1;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        int w = utf8_width(words[i].keys) + 1 + utf8_width(words[i].label);
        if ((words[i].played && !played) || x + w + gap > room)
            continue;
        x += canvas_text(s->cv, x, y, ROLE_KEY, words[i].keys) + 1;
        x += canvas_text(s->cv, x, y, ROLE_DIM, words[i].label) + gap;
    }
    x += canvas_text(s->cv, x, y, ROLE_KEY, key) + 1;
    (void)canvas_text(s->cv, x, y, ROLE_DIM, last);
}

/* How far down the page is, at the right end of the line above. */
static void position_draw(const struct scene *s, int y)
{
    const struct view_state *v = scene_view(s);
    if (view_ops(v->id)->build == NULL || list_now(s) != LIST_NONE || v->lines <= v->page)
        return;
    int last = v->scroll + v->page < v->lines ? v->scroll + v->page : v->lines;
    const char *text = scene_text(s, " %d–%d of %d ", v->scroll + 1, last, v->lines);
    (void)canvas_right(s->cv, s->cv->w - 34, y, 32, ROLE_DIM, text);
}

static void input_draw(const struct scene *s, int y)
{
    struct app *app = s->app;
    const char *prompt = app->input == INPUT_COMMAND ? ":" : "/";
    (void)canvas_text(s->cv, 1, y, ROLE_KEY, prompt);
    edit_draw(&app->edit, s->cv, 2, y, s->cv->w - 4, ROLE_INPUT);
    if (app->input == INPUT_COMMAND) {
        const char *list = command_candidates(s, &app->edit);
        canvas_fill(s->cv, (struct rect){0, y - 1, s->cv->w, 1}, ROLE_DIM, " ");
        (void)canvas_fit(s->cv, 2, y - 1, s->cv->w - 3, ROLE_DIM, list);
        return;
    }
    const char *hint = app->input == INPUT_FILTER
                           ? "Enter keeps it   Esc clears it   !text inverse   ~text regex"
                           : "Enter searches   Esc leaves   then n and N";
    int w = utf8_width(hint);
    if (w + (int)app->edit.len + 8 < s->cv->w)
        (void)canvas_text(s->cv, s->cv->w - w - 1, y, ROLE_DIM, hint);
}

void keyline_draw(const struct scene *s)
{
    int y = s->cv->h - 1;
    if (s->m->when.kind == WHEN_NOW) {
        canvas_hline(s->cv, 0, y - 1, s->cv->w, ROLE_BORDER);
        position_draw(s, y - 1);
    } else {
        timeline_draw(s, y - 1);
    }
    if (s->app->input != INPUT_NONE) {
        input_draw(s, y);
        return;
    }
    const struct toast *t = &s->app->toast;
    if (t->until_ms != 0) {
        unsigned style = glyph_style(t->verdict);
        (void)canvas_text(s->cv, 1, y, style, glyph_verdict(t->verdict));
        (void)canvas_fit(s->cv, 3, y, s->cv->w - 4,
                         t->verdict >= VERDICT_WARN ? style : (unsigned)ROLE_TEXT, t->text);
        return;
    }
    if (s->m->when.kind == WHEN_NOW)
        keys_draw(s, y);
    else
        time_keys_draw(s, y);
}
