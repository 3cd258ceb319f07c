/* run.h: the loop: keys and news in, frames out. Where the news come from is behind run_source, so
 * that the very same loop runs on the engine and on made-up worlds. */
#ifndef CDCTOP_TUI_RUN_H
#define CDCTOP_TUI_RUN_H

#include "backend.h"
#include "tui/state.h"
#include "tui/tour.h"

struct run_source {
    void *ctx;
    bool (*start)(void *ctx, struct err *err); /* after the first frame is on the screen */
    int (*fd)(void *ctx);
    void (*now)(void *ctx, int64_t *mono_ms, int64_t *wall_ms); /* the clocks of what is shown */
    int64_t (*next_ms)(void *ctx); /* step is due then though fd is silent; INT64_MAX */
    bool (*step)(void *ctx);       /* true: something visible changed */
    void (*fill)(void *ctx, struct app_model *model); /* also before start */
    void (*poll_now)(void *ctx);
    void (*interval)(void *ctx, int64_t ms);
    void (*look_at)(void *ctx, size_t pipeline, const char *const *topics, size_t n);
    unsigned (*submit)(void *ctx, const struct action_args *args, struct err *err);
    unsigned (*peek)(void *ctx, const struct peek_request *request, struct err *err);
    void (*peek_forget)(void *ctx);
    void (*tour)(void *ctx, int by); /* to the next stop, or the one before */
    /* An effect about time or recordings. False: text, in size bytes, says why not; else what there
     * is to say, or "". */
    bool (*time)(void *ctx, const struct effect *e, size_t pipeline, char *text, size_t size);
    bool (*stop)(void *ctx); /* false: leave by _exit */
};

struct run_options {
    const struct config *config;
    const char *pipeline; /* begin with this one; NULL */
    const char *at;       /* of a recording: where to begin, paused; NULL: at its beginning */
    bool ascii, no_color;
};

/* Returns the exit code; the terminal is as it was. Signals must not have been blocked before. */
int run_loop(const struct run_options *options, const struct run_source *source);

/* The engine as a source; config must outlive it; from is taken. */
struct run_engine;
struct run_engine *run_engine_new(const struct config *config, struct backend from);
/* It plays this recording; borrowed; before start. */
void run_engine_reel(struct run_engine *engine, const struct reel *reel);
/* Borrowed; before start. Both NULL: real servers. */
void run_engine_demo(struct run_engine *engine, const char *title, struct tour *tour);
struct run_source run_engine_source(struct run_engine *engine);
struct engine *run_engine_engine(struct run_engine *engine); /* NULL before start */

/* Whether to draw with ASCII alone: as told, or where the locale is not UTF-8 or the terminal has
 * only a small font. Settles the locale (LC_CTYPE alone). */
bool run_ascii(const struct config *config);

#endif
