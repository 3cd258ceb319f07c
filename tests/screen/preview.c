#include "tests/screen/preview.h"

#include "base/clock.h"
#include "base/mem.h"
#include "tests/screen/fixture_peek.h"
#include "tui/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct preview {
    struct fixture *fixture;
    int64_t base_mono, base_wall;
    struct peek_answer *peeked;
};

static bool start(void *ctx, struct err *err)
{
    (void)ctx;
    (void)err;
    return true;
}

static int fd(void *ctx)
{
    (void)ctx;
    return -1;
}

static void now(void *ctx, int64_t *mono_ms, int64_t *wall_ms)
{
    const struct preview *p = ctx;
    *mono_ms = FIXTURE_MONO + clock_mono_ms() - p->base_mono;
    *wall_ms = FIXTURE_WALL + clock_wall_ms() - p->base_wall;
}

static int64_t next_ms(void *ctx)
{
    (void)ctx;
    return INT64_MAX;
}

static bool step(void *ctx)
{
    (void)ctx;
    return false;
}

static void fill(void *ctx, struct app_model *m)
{
    struct preview *p = ctx;
    int64_t mono_ms, wall_ms;
    now(ctx, &mono_ms, &wall_ms);
    fixture_now(p->fixture, mono_ms, wall_ms);
    *m = *fixture_model(p->fixture);
    m->peeked = p->peeked;
}

static void nothing(void *ctx)
{
    (void)ctx;
}

static void interval(void *ctx, int64_t ms)
{
    struct preview *p = ctx;
    fixture_model(p->fixture)->interval_ms = ms;
}

static void look_at(void *ctx, size_t pipeline, const char *const *topics, size_t n)
{
    (void)ctx;
    (void)pipeline;
    (void)topics;
    (void)n;
}

static unsigned submit(void *ctx, const struct action_args *args, struct err *err)
{
    struct preview *p = ctx;
    (void)err;
    fixture_action(p->fixture, args->kind, args->target, ACTION_WATCHING,
                   "202 Accepted; task 1 is RUNNING again, waiting for its lag to fall");
    return (unsigned)fixture_model(p->fixture)->nactions;
}

static void peek_forget(void *ctx)
{
    struct preview *p = ctx;
    peek_answer_free(p->peeked);
    p->peeked = NULL;
}

static unsigned peek(void *ctx, const struct peek_request *request, struct err *err)
{
    static unsigned id;
    struct preview *p = ctx;
    (void)err;
    peek_forget(ctx);
    p->peeked =
        fixture_peek(++id, request,
                     request->kind == PEEK_OBJECT                               ? PEEK_SCENE_JSONL
                     : fixture_model(p->fixture)->pipelines[0].pipeline == NULL ? PEEK_SCENE_ERROR
                                                                                : PEEK_SCENE_MIX);
    return id;
}

static bool stop(void *ctx)
{
    struct preview *p = ctx;
    peek_forget(ctx);
    fixture_free(p->fixture);
    return true;
}

static bool no_time(void *ctx, const struct effect *e, size_t pipeline, char *text, size_t size)
{
    (void)ctx;
    (void)e;
    (void)pipeline;
    (void)snprintf(text, size, "a made-up world stands still");
    return false;
}

int preview_main(int argc, char **argv)
{
    struct preview p = {.base_mono = clock_mono_ms(), .base_wall = clock_wall_ms()};
    enum fixture_kind kind = FIXTURE_INCIDENT;
    const char *theme = "dark";
    const char *glyphs = "auto";
    for (int i = 1; i < argc; i++) {
        for (int k = 0; k < FIXTURE_COUNT; k++)
            if (strcmp(argv[i], fixture_name((enum fixture_kind)k)) == 0)
                kind = (enum fixture_kind)k;
        if (strcmp(argv[i], "--ascii") == 0)
            glyphs = "ascii";
        else if (strncmp(argv[i], "--", 2) == 0)
            theme = argv[i] + 2;
    }
    p.fixture = fixture_new(kind);
    struct config config = *fixture_model(p.fixture)->config;
    char *owned_theme = mem_strdup(theme);
    char *owned_glyphs = mem_strdup(glyphs);
    config.theme = owned_theme;
    config.glyphs = owned_glyphs;
    const char *no_color = getenv("NO_COLOR");
    const struct run_options options = {
        .config = &config, .ascii = run_ascii(&config), .no_color = no_color != NULL};
    const struct run_source source = {.ctx = &p,
                                      .start = start,
                                      .fd = fd,
                                      .now = now,
                                      .next_ms = next_ms,
                                      .step = step,
                                      .fill = fill,
                                      .poll_now = nothing,
                                      .interval = interval,
                                      .look_at = look_at,
                                      .submit = submit,
                                      .peek = peek,
                                      .peek_forget = peek_forget,
                                      .time = no_time,
                                      .stop = stop};
    int rc = run_loop(&options, &source);
    free(owned_theme);
    free(owned_glyphs);
    return rc;
}
