#include "tui/dump.h"

#include "base/human.h"
#include "base/utf8.h"
#include "config/values.h"
#include "engine.h"
#include "tui/app.h"
#include "tui/at.h"
#include "tui/keymap.h"
#include "tui/term/screen.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    EXIT_MISUSE = 2,
    SIZE_MAX_W = 500,
    SIZE_MAX_H = 300,
    DEFAULT_AT_MS = 60 * 1000,
    DAY_MS = 24 * 3600 * 1000,
    OUTPUT_MAX = 64 * 1024 * 1024,
};

struct dump {
    const struct dump_options *o;
    const struct dump_source *source;
    struct theme theme;
    struct app *app;
    struct app_model model;
    struct canvas canvas;
    bool quit;
    struct err *err;
};

/* ---- what was asked for ---------------------------------------------------------------------- */

static bool parse_size(const char *text, int *w, int *h, struct err *err)
{
    char rest;
    if (text == NULL)
        text = "120x36";
    if (sscanf(text, "%dx%d%c", w, h, &rest) == 2 && *w >= 1 && *w <= SIZE_MAX_W && *h >= 1 &&
        *h <= SIZE_MAX_H)
        return true;
    return err_set(err, ERR_CONFIG, 0, "--size: \"%s\": want COLUMNSxROWS, at most %dx%d", text,
                   SIZE_MAX_W, SIZE_MAX_H);
}

static bool is_svg(const char *form)
{
    return strcmp(form, "svg") == 0;
}

static bool parse_at(const struct dump *d, const struct play *play, int64_t *at_ms)
{
    int64_t mono;
    int64_t wall;
    d->source->run.now(d->source->run.ctx, &mono, &wall);
    *at_ms = play->length_ms != UNKNOWN ? play->length_ms : play->begin_ms + DEFAULT_AT_MS;
    return d->o->at == NULL || at_parse(d->o->at, play, wall, at_ms, d->err) ||
           err_wrap(d->err, "--at");
}

/* ---- time and effects ------------------------------------------------------------------------ */

static void refresh(struct dump *d)
{
    const struct run_source *run = &d->source->run;
    (void)run->step(run->ctx);
    run->now(run->ctx, &d->model.mono_ms, &d->model.wall_ms);
    run->fill(run->ctx, &d->model);
    d->model.ui_ms = d->model.mono_ms; /* there is no other clock: the same bytes each time */
    app_tick(d->app, &d->model);
}

static void go(struct dump *d, int64_t at_ms)
{
    (void)d->source->go(d->source->run.ctx, at_ms);
    refresh(d);
}

static void submit(struct dump *d, const struct action_args *args)
{
    struct err err = ERR_INIT;
    const struct run_source *run = &d->source->run;
    app_submitted(d->app, run->submit(run->ctx, args, &err), err.text);
}

static void peek(struct dump *d, const struct peek_request *request)
{
    struct err err = ERR_INIT;
    const struct run_source *run = &d->source->run;
    if (request == NULL)
        run->peek_forget(run->ctx);
    else
        app_asked(d->app, run->peek(run->ctx, request, &err), err.text);
}

static void change_time(struct dump *d, const struct effect *e)
{
    char text[400] = "";
    const struct run_source *run = &d->source->run;
    bool ok = run->time(run->ctx, e, d->app->pipeline, text, sizeof(text));
    refresh(d);
    if (text[0] != '\0')
        app_toast(d->app, &d->model, ok ? VERDICT_OK : VERDICT_INFO, "%s", text);
}

/* What concerns a terminal or a file means nothing here. */
static void take_effects(struct dump *d)
{
    const struct run_source *run = &d->source->run;
    struct effect e;
    struct err err = ERR_INIT;
    while (app_take(d->app, &e)) {
        if (e.kind == EFFECT_QUIT)
            d->quit = true;
        else if (e.kind == EFFECT_SUBMIT)
            submit(d, e.args);
        else if (e.kind == EFFECT_TOUR)
            run->tour(run->ctx, (int)e.number);
        else if (e.kind == EFFECT_POLL)
            run->poll_now(run->ctx);
        else if (e.kind == EFFECT_INTERVAL)
            run->interval(run->ctx, e.number);
        else if (e.kind >= EFFECT_STEP && e.kind <= EFFECT_PACE)
            change_time(d, &e);
        else if (e.kind == EFFECT_PEEK)
            peek(d, e.request);
        else if (e.kind == EFFECT_THEME && !theme_load(&d->theme, e.text, &err))
            app_toast(d->app, &d->model, VERDICT_WARN, "%s", err.text);
        effect_free(&e);
    }
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void press(struct dump *d, int key)
{
    app_render(d->app, &d->model, &d->canvas); /* what a view has to know of its size */
    app_key(d->app, &d->model, key);
    take_effects(d);
    refresh(d);
}

static bool wait(struct dump *d, const char *text)
{
    int64_t ms;
    if (!value_duration(text, &ms) || ms > DAY_MS)
        return err_set(d->err, ERR_CONFIG, 0, "--keys: <wait %s>: want a duration: <wait 5s>",
                       text);
    struct play play; /* a tour moves it too */
    if (d->source->play(d->source->run.ctx, &play))
        go(d, play.at_ms + ms);
    return true;
}

/* One word between < and >. */
static bool special(struct dump *d, const char *word, size_t n)
{
    char text[64];
    (void)snprintf(text, sizeof(text), "%.*s", (int)n, word);
    if (strncmp(text, "wait ", 5) == 0)
        return wait(d, text + 5);
    int key = strcmp(text, "lt") == 0 ? '<' : n > 1 ? keymap_code(word, n) : K_NONE;
    if (key == K_NONE)
        return err_set(d->err, ERR_CONFIG, 0,
                       "--keys: there is no key <%s>: want <Enter>, <Esc>, <Tab>, <Down>, <Ctrl-R> "
                       "and the like, <wait 5s>, or <lt> for <",
                       text);
    press(d, key);
    return true;
}

static bool type(struct dump *d, const char *keys)
{
    size_t left = keys != NULL ? strlen(keys) : 0;
    while (left > 0 && !d->quit) {
        const char *end = *keys == '<' ? memchr(keys, '>', left) : NULL;
        int32_t cp;
        size_t n;
        if (*keys == '<') {
            n = end != NULL ? (size_t)(end - keys) + 1 : left;
            if (!special(d, keys + 1, end != NULL ? n - 2 : n - 1))
                return false;
        } else {
            n = utf8_decode(keys, left, &cp);
            press(d, cp);
        }
        keys += n;
        left -= n;
    }
    if (d->quit)
        return err_set(d->err, ERR_CONFIG, 0,
                       "--keys: they leave the program: nothing is left to show");
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* Topics on the screen are looked at from the round before, as they would have been. */
static void look(struct dump *d)
{
    enum { LOOK_MAX = 24 };
    const struct run_source *run = &d->source->run;
    const char *topics[LOOK_MAX];
    app_render(d->app, &d->model, &d->canvas);
    size_t n = app_topics(d->app, &d->model, topics, LOOK_MAX);
    if (n > 0)
        run->look_at(run->ctx, d->app->pipeline, topics, n);
}

static bool play_it(struct dump *d, struct strbuf *out)
{
    struct play play;
    int64_t at;
    if (!d->source->play(d->source->run.ctx, &play))
        return err_set(d->err, ERR_CONFIG, 0,
                       "--dump prints a demo or a recording, of which it can set the time; a live "
                       "screen is written by its key w, and `cdctop status` prints what it knows");
    if (!parse_at(d, &play, &at))
        return false;
    int64_t before = at - d->o->config->interval_ms;
    go(d, before > 0 ? before : 0);
    look(d);
    go(d, at);
    if (!type(d, d->o->keys))
        return false;
    app_render(d->app, &d->model, &d->canvas);
    if (is_svg(d->o->form))
        screen_svg(&d->canvas, &d->theme, out);
    else
        screen_dump(&d->canvas, false, out);
    return true;
}

bool dump_screen(const struct dump_options *o, const struct dump_source *source, struct strbuf *out,
                 struct err *err)
{
    struct dump d = {.o = o, .source = source, .err = err};
    int w;
    int h;
    if (!is_svg(o->form) && o->form[0] != '\0' && strcmp(o->form, "text") != 0)
        return err_set(err, ERR_CONFIG, 0, "--dump: \"%s\": want text or svg", o->form);
    if (!parse_size(o->size, &w, &h, err) || !theme_load(&d.theme, o->config->theme, err) ||
        !source->run.start(source->run.ctx, err))
        return false;
    human_ascii(o->ascii);
    d.app = app_new(o->config, o->pipeline, o->ascii);
    canvas_init(&d.canvas, w, h, o->ascii);
    bool ok = play_it(&d, out);
    canvas_free(&d.canvas);
    app_free(d.app);
    return ok;
}

static bool engine_play_of(void *ctx, struct play *out)
{
    return engine_play(run_engine_engine(ctx), out);
}

static bool engine_go_to(void *ctx, int64_t at_ms)
{
    engine_pace(run_engine_engine(ctx), 1, true); /* only we move it */
    return engine_go(run_engine_engine(ctx), at_ms);
}

struct dump_source dump_engine(struct run_engine *engine)
{
    return (struct dump_source){
        .run = run_engine_source(engine), .play = engine_play_of, .go = engine_go_to};
}

int dump_run(const struct dump_options *o, struct backend from)
{
    struct err err = ERR_INIT;
    struct strbuf out;
    struct run_engine *engine = run_engine_new(o->config, from);
    run_engine_reel(engine, o->reel);
    run_engine_demo(engine, o->demo, o->tour);
    struct dump_source source = dump_engine(engine);
    strbuf_init(&out, OUTPUT_MAX);
    int code = 0;
    if (!dump_screen(o, &source, &out, &err)) {
        (void)fprintf(stderr, "cdctop: %s\n", err.text);
        code = EXIT_MISUSE;
    } else if (fputs(out.text, stdout) < 0 || fflush(stdout) != 0) {
        perror("cdctop: standard output");
        code = 1;
    }
    strbuf_free(&out);
    if (!source.run.stop(source.run.ctx))
        _exit(code);
    return code;
}
