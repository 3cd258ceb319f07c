/* run_time.h: the time that run_engine shows, and what is recorded of it. */
#ifndef CDCTOP_TUI_RUN_TIME_H
#define CDCTOP_TUI_RUN_TIME_H

#include "engine.h"
#include "tui/state.h"

struct run_time;

/* reel: of the recording that is played; NULL: none. config outlives it. */
struct run_time *run_time_new(const struct config *config, const struct reel *reel);
void run_time_begin(struct run_time *t, struct engine *engine); /* it has started */
void run_time_free(struct run_time *t);                         /* before the engine is stopped */

/* The engine whose world is shown: of the present, or of the past. */
struct engine *run_time_engine(const struct run_time *t);
bool run_time_is_now(const struct run_time *t);
void run_time_fill(struct run_time *t, struct when *when);
/* As run_source.time. */
bool run_time_do(struct run_time *t, const struct effect *e, size_t pipeline, char *text,
                 size_t size);

/* What would happen, where nothing can. */
struct action_plan *run_time_no_plan(const struct action_args *args, const struct world *world,
                                     const struct pipeline *pipeline, struct arena *arena);

#endif
