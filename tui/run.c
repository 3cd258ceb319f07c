#include "tui/run.h"

#include "action/audit.h"
#include "base/clock.h"
#include "base/human.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "config/options.h"
#include "config/save.h"
#include "tui/app.h"
#include "tui/choices.h"
#include "tui/term/loop.h"
#include "tui/term/screen.h"
#include "tui/write.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FRAME_MS = 50, LOOK_MAX = 24, EXIT_MISUSE = 2 };

struct run {
    const struct run_source *source;
    struct loop loop;
    struct screen *screen;
    struct app *app;
    struct canvas canvas;
    struct app_model model;
    struct self_usage self;
    int64_t sampled_ms; /* when what we cost was looked at */
    char *audit_path;
    bool ascii, quit;
    int64_t drawn_ms;
    char theme[512]; /* the last that could be loaded */
    uint64_t saved;  /* hash of the configuration file as it was read or written */
    uint64_t looked; /* hash of the topics that the engine was told of */
};

/* Terminals that show no more than a few hundred characters, whatever the locale says: the Linux
 * console's font has neither our marks nor the bars. */
static bool small_font(const char *term)
{
    static const char *const names[] = {"linux", "vt100", "vt102", "vt220",
                                        "dumb",  "ansi",  "cons25"};
    for (size_t i = 0; term != NULL && i < ARRAY_LEN(names); i++) {
        size_t n = strlen(names[i]);
        if (strncmp(term, names[i], n) == 0 && (term[n] == '\0' || term[n] == '-'))
            return true;
    }
    return false;
}

bool run_ascii(const struct config *config)
{
    const char *wish = config->glyphs;
    (void)setlocale(LC_CTYPE, "");
    bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    if (strcmp(wish, "auto") == 0 && small_font(getenv("TERM")))
        return true;
    if (strcmp(wish, "ascii") == 0)
        return true;
    if (!utf8 && strcmp(wish, "unicode") == 0)
        utf8 = setlocale(LC_CTYPE, "C.UTF-8") != NULL;
    return !utf8;
}

static void refresh_model(struct run *r)
{
    r->source->now(r->source->ctx, &r->model.mono_ms, &r->model.wall_ms);
    r->source->fill(r->source->ctx, &r->model);
    r->model.ui_ms = clock_mono_ms();
}

/* What we cost ourselves, every few seconds, along with what wakes us anyway. */
static void look_at_self(struct run *r)
{
    enum { SELF_MS = 5000 };
    int64_t now = clock_mono_ms();
    if (now - r->sampled_ms < SELF_MS)
        return;
    r->sampled_ms = now;
    self_sample(&r->self, now);
}

static void draw(struct run *r)
{
    app_render(r->app, &r->model, &r->canvas);
    screen_show(r->screen, &r->canvas);
    r->drawn_ms = clock_mono_ms();
}

static void look(struct run *r)
{
    const char *topics[LOOK_MAX];
    size_t n = app_topics(r->app, &r->model, topics, LOOK_MAX);
    uint64_t h = 1 + r->app->pipeline;
    for (size_t i = 0; i < n; i++)
        h = h * 31 + name_hash(topics[i]);
    if (h == r->looked || n == 0)
        return;
    r->looked = h;
    r->source->look_at(r->source->ctx, r->app->pipeline, topics, n);
}

/* ---- what the app wants done ----------------------------------------------------------------- */

static void set_theme(struct run *r, const char *name, bool preview)
{
    struct theme theme;
    struct err err = ERR_INIT;
    if (theme_load(&theme, name, &err)) {
        screen_theme(r->screen, &theme);
        if (!preview)
            (void)snprintf(r->theme, sizeof(r->theme), "%s", name);
    } else if (!preview) {
        app_toast(r->app, &r->model, VERDICT_WARN, "%s", err.text);
        app_theme(r->app, r->theme); /* the last that was one */
    }
}

static void set_glyphs(struct run *r, const char *wish)
{
    struct config config = *r->model.config;
    char *text = mem_strdup(wish);
    config.glyphs = text;
    r->app->ascii = r->canvas.ascii = run_ascii(&config);
    human_ascii(r->app->ascii);
    free(text);
}

/* Into the file that the configuration came from. */
static void save(struct run *r)
{
    struct config now;
    struct strbuf said;
    struct err err = ERR_INIT;
    strbuf_init(&said, sizeof(r->app->toast.text) - 1);
    choices_config(r->app, &r->model, &now);
    bool ok = config_save(r->model.config, &now, &r->saved, &said, &err);
    app_toast(r->app, &r->model, ok ? VERDICT_OK : VERDICT_WARN, "%s", ok ? said.text : err.text);
    options_free(false, &now);
    strbuf_free(&said);
}

static void submit(struct run *r, const struct action_args *args)
{
    struct err err = ERR_INIT;
    unsigned id = r->source->submit(r->source->ctx, args, &err);
    app_submitted(r->app, id, err.text);
}

static void peek(struct run *r, const struct peek_request *request)
{
    struct err err = ERR_INIT;
    if (request == NULL)
        r->source->peek_forget(r->source->ctx);
    else
        app_asked(r->app, r->source->peek(r->source->ctx, request, &err), err.text);
}

/* What is held would be gone. */
static void change_time(struct run *r, const struct effect *e)
{
    char text[400] = "";
    r->app->frozen = false;
    bool ok = r->source->time(r->source->ctx, e, r->app->pipeline, text, sizeof(text));
    refresh_model(r);
    if (text[0] != '\0')
        app_toast(r->app, &r->model, ok ? VERDICT_OK : VERDICT_INFO, "%s", text);
}

static void fit_screen(struct run *r)
{
    int w;
    int h;
    screen_size(r->screen, &w, &h);
    if (w != r->canvas.w || h != r->canvas.h)
        canvas_resize(&r->canvas, w, h);
}

static void do_effects(struct run *r)
{
    struct effect e;
    while (app_take(r->app, &e)) {
        switch (e.kind) {
        case EFFECT_QUIT: r->quit = true; break;
        case EFFECT_SUSPEND:
            screen_suspend(r->screen);
            fit_screen(r);
            break;
        case EFFECT_POLL: r->source->poll_now(r->source->ctx); break;
        case EFFECT_INTERVAL: r->source->interval(r->source->ctx, e.number); break;
        case EFFECT_SUBMIT: submit(r, e.args); break;
        case EFFECT_COPY: write_copy(r->app, &r->model, r->screen, e.text); break;
        case EFFECT_WRITE: write_out(r->app, &r->model, &r->canvas, e.text); break;
        case EFFECT_REPAINT: screen_repaint(r->screen); break;
        case EFFECT_THEME: set_theme(r, e.text, e.number == 1); break;
        case EFFECT_GLYPHS: set_glyphs(r, e.text); break;
        case EFFECT_SAVE: save(r); break;
        case EFFECT_MOUSE: screen_mouse(r->screen, e.number != 0); break;
        case EFFECT_PEEK: peek(r, e.request); break;
        case EFFECT_TOUR: r->source->tour(r->source->ctx, (int)e.number); break;
        case EFFECT_STEP:
        case EFFECT_CHANGE:
        case EFFECT_TIME:
        case EFFECT_PACE:
        case EFFECT_RECORD:
        case EFFECT_INCIDENT: change_time(r, &e); break;
        }
        effect_free(&e);
    }
}

/* ---- the loop -------------------------------------------------------------------------------- */

/* True if there was any that can have changed something. */
static bool take_keys(struct run *r)
{
    int key;
    bool any = false;
    while (!r->quit && (key = screen_key(r->screen)) >= 0) {
        if (key == K_NONE)
            continue;
        any = true;
        struct mouse event;
        if (key != K_MOUSE)
            app_key(r->app, &r->model, key);
        else if (screen_mouse_event(r->screen, &event))
            app_mouse(r->app, &r->model, &event);
        do_effects(r);
        if (!r->app->frozen) /* what an effect changed is there for the next key */
            refresh_model(r);
    }
    return any;
}

/* One round: wait, take what came, draw if anything can have changed. */
static void round_once(struct run *r, bool *pending)
{
    bool frozen = r->app->frozen;
    int64_t mono, wall;
    int64_t now = clock_mono_ms();
    r->source->now(r->source->ctx, &mono, &wall);
    int64_t wake = now + 1000 - wall % 1000;
    int64_t stale =
        r->model.world != NULL && !frozen ? world_next_stale(r->model.world) : INT64_MAX;
    if (stale != INT64_MAX)
        stale++;
    wake = stale != INT64_MAX && now + stale - mono < wake ? now + stale - mono : wake;
    int64_t next = frozen ? INT64_MAX : r->source->next_ms(r->source->ctx);
    wake = next < wake ? next : wake;
    if (*pending && screen_ready(r->screen) && r->drawn_ms + FRAME_MS < wake)
        wake = r->drawn_ms + FRAME_MS;
    int timeout = wake > now ? (int)(wake - now) : 0;
    int what = loop_wait(&r->loop, frozen ? -1 : r->source->fd(r->source->ctx), timeout);
    /* The second changed, or an answer has just become overdue: what is drawn is not true any more.
     */
    r->source->now(r->source->ctx, &mono, &wall);
    bool clock_moved = wall / 1000 != r->model.wall_ms / 1000 || mono >= stale;
    if ((what & LOOP_QUIT) != 0) {
        r->quit = true;
        return;
    }
    if ((what & (LOOP_RESIZE | LOOP_RESUME)) != 0) {
        if ((what & LOOP_RESUME) != 0)
            screen_resumed(r->screen);
        screen_resized(r->screen);
        fit_screen(r);
    }
    if (!frozen && ((what & LOOP_ENGINE) != 0 || clock_moved || clock_mono_ms() >= next))
        *pending = r->source->step(r->source->ctx) || *pending || clock_moved;
    if (!frozen) /* a step leaves nothing of the old model behind */
        refresh_model(r);
    else
        r->model.ui_ms = clock_mono_ms();
    look_at_self(r);
    app_tick(r->app, &r->model);
    do_effects(r);
    bool acted = (what & LOOP_INPUT) != 0 && take_keys(r);
    bool at_once = acted || (what & (LOOP_RESIZE | LOOP_RESUME)) != 0 || clock_moved;
    if (r->quit || (!at_once && !(*pending && clock_mono_ms() - r->drawn_ms >= FRAME_MS)))
        return;
    if (!screen_ready(r->screen)) { /* what is true when it has come is drawn then */
        *pending = true;
        return;
    }
    draw(r);
    look(r);
    *pending = false;
}

static bool open_all(struct run *r, const struct run_options *o, struct err *err)
{
    struct theme theme;
    r->ascii = o->ascii;
    r->sampled_ms = clock_mono_ms();
    self_begin(&r->self, r->sampled_ms);
    r->audit_path = audit_path(o->config->audit_log);
    r->model.self = &r->self;
    r->model.audit_path = r->audit_path;
    human_ascii(o->ascii);
    if (!theme_load(&theme, o->config->theme, err))
        return false;
    if (!loop_open(&r->loop, err))
        return false;
    restore_on_crash();
    r->screen = screen_open(&theme, o->no_color, err);
    if (r->screen == NULL)
        return false;
    mem_on_fatal(restore_now);
    screen_mouse(r->screen, o->config->mouse);
    (void)snprintf(r->theme, sizeof(r->theme), "%s", o->config->theme);
    r->saved = o->config->text_hash;
    r->app = app_new(o->config, o->pipeline, o->ascii);
    canvas_init(&r->canvas, 0, 0, o->ascii);
    fit_screen(r);
    refresh_model(r);
    draw(r); /* before anything that could take time */
    return true;
}

static bool begin_at(const struct run *r, const char *at, struct err *err)
{
    char text[400] = "", copy[64];
    struct effect e = {.kind = EFFECT_TIME, .text = copy};
    if (at == NULL)
        return true;
    (void)snprintf(copy, sizeof(copy), "%s", at);
    return r->source->time(r->source->ctx, &e, 0, text, sizeof(text)) ||
           err_set(err, ERR_CONFIG, 0, "--at: %s", text);
}

int run_loop(const struct run_options *o, const struct run_source *source)
{
    struct run *r = mem_alloc(sizeof(*r));
    struct err err = ERR_INIT;
    bool pending = true;
    r->source = source;
    bool ok = open_all(r, o, &err) && source->start(source->ctx, &err);
    ok = ok && begin_at(r, o->at, &err);
    while (ok && !r->quit)
        round_once(r, &pending);
    int code = ok ? 0 : EXIT_MISUSE;
    screen_close(r->screen); /* the terminal first: nothing after this can hold it up */
    if (!ok)
        (void)fprintf(stderr, "cdctop: %s\n", err.text);
    if (!source->stop(source->ctx))
        _exit(code);
    app_free(r->app);
    canvas_free(&r->canvas);
    loop_close(&r->loop);
    free(r->audit_path);
    free(r);
    return code;
}
