/* dump.h: the screen of a pipeline that needs no server, printed: after keys, at a moment of its
 * time, as text or as a picture. No terminal is touched, and the same call gives the same bytes. */
#ifndef CDCTOP_TUI_DUMP_H
#define CDCTOP_TUI_DUMP_H

#include "base/strbuf.h"
#include "tui/run.h"

struct dump_options {
    const struct config *config;
    const char *pipeline; /* begin with this one; NULL */
    bool ascii;
    const char *form; /* "", "text" or "svg" */
    const char *size; /* "120x36"; NULL: that */
    const char
        *keys; /* as typed, and <Enter>, <Ctrl-R> … (keymap.h), <lt>, <wait 5s>; NULL: none */
    const char *at;    /* since its beginning ("90s"), or a time (ISO 8601, or 14:03:22 of its first
                          day); NULL: the end of a recording, else a minute */
    const char *demo;  /* its title; NULL: it is none */
    struct tour *tour; /* NULL: none; its first stop is shown when it is gone to */
    const struct reel *reel; /* the recording that is played; NULL */
};

/* What is drawn, and how its time is set. */
struct dump_source {
    struct run_source run;
    bool (*play)(void *ctx, struct play *out); /* false: time is real */
    bool (*go)(void *ctx, int64_t at_ms);      /* since its beginning */
};

/* False with *err: what was asked for is not understood, or cannot be. */
bool dump_screen(const struct dump_options *options, const struct dump_source *source,
                 struct strbuf *out, struct err *err);

struct dump_source dump_engine(struct run_engine *engine);

/* The same on an engine with this backend, to standard output. Returns the exit code: 0, 1 when it
 * could not be written, 2 for a misuse. */
int dump_run(const struct dump_options *options, struct backend from);

#endif
