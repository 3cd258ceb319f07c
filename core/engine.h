/* engine.h: starts and stops everything: the only door for a front end.
 *
 * The answers come from a backend (backend.h): real servers, a thread each, or something simulated
 * or recorded that is taken for them. The front end runs one loop:
 * poll() on engine_fd() and its own descriptors, then engine_step(). All calls are for that one
 * thread. No call blocks on a network.
 */
#ifndef CDCTOP_ENGINE_H
#define CDCTOP_ENGINE_H

#include "action/action.h"
#include "backend.h"
#include "config/config.h"
#include "diagnosis/diagnosis.h"
#include "model/pipeline.h"
#include "model/world.h"
#include "watch.h"

struct engine;

enum { ENGINE_WATCHES = 4 };

/* config is borrowed and must outlive the engine; the backend is taken, also when this fails.
 * Signals must be blocked by the caller before. */
struct engine *engine_start(const struct config *config, struct backend from, struct err *err);

/* Asks every thread to stop and waits at most wait_ms for the sources, which have nothing to lose,
 * and 500 ms for an action under way. False: one is still inside a library call
 * that does not return; the process must then leave by _exit, for that thread may yet use its
 * memory. */
bool engine_stop(struct engine *engine, int64_t wait_ms);

int engine_fd(const struct engine *engine); /* readable: call engine_step */

/* Takes what arrived into the world and joins again. True if anything visible changed. Call it also
 * when a second has passed: ages and staleness move with the clock. */
bool engine_step(struct engine *engine);

/* The backend's clocks: what a front end that shows ages goes by. */
void engine_now(const struct engine *engine, int64_t *mono_ms, int64_t *wall_ms);

/* How the backend's own clock stands; false: it is the real one. */
bool engine_play(const struct engine *engine, struct play *out);
void engine_pace(struct engine *engine, double speed, bool paused);
/* Goes to that moment since the beginning, in steps of the interval, so that series and diagnosis
 * see what they would have seen; backwards by beginning anew: what was done is forgotten. False:
 * time is real. */
bool engine_go(struct engine *engine, int64_t at_ms);

/* When engine_step is worth calling even if the bell does not ring, by the real monotonic clock;
 * INT64_MAX: the bell is enough. */
int64_t engine_next_ms(const struct engine *engine);

/* watch is borrowed until engine_unwatch. False: ENGINE_WATCHES do already. */
bool engine_watch(struct engine *engine, const struct engine_watch *watch);
void engine_unwatch(struct engine *engine, const struct engine_watch *watch);

const struct world *engine_world(const struct engine *engine);

/* Valid until the next engine_step. */
const struct pipeline *engine_pipeline(const struct engine *engine, size_t index);
const struct findings *engine_findings(const struct engine *engine, size_t index);

void engine_poll_now(struct engine *engine);                      /* Ctrl-R */
void engine_interval(struct engine *engine, int64_t interval_ms); /* + and - */
int64_t engine_interval_ms(const struct engine *engine);
/* Topics whose newest records are worth sampling: what is on the screen. Copies the names. */
void engine_look_at(struct engine *engine, size_t pipeline, const char *const *topics, size_t n);

/* No alarm of a rule for a time; lives as long as the engine. False: no such rule, or too many. */
bool engine_mute(struct engine *engine, size_t pipeline, const struct mute *mute);
bool engine_unmute(struct engine *engine, size_t pipeline, const char *rule, const char *object);
/* What came and went, newest first; returns how many were written. */
size_t engine_history(const struct engine *engine, size_t pipeline, struct finding_event *out,
                      size_t max);

/* Queues an action (copies args). 0 and *err when it is not allowed or the queue is full. */
unsigned engine_submit(struct engine *engine, const struct action_args *args, struct err *err);
/* Newest first; returns how many there are in all. */
size_t engine_actions(const struct engine *engine, struct action_status *out, size_t max);
bool engine_action(const struct engine *engine, unsigned id, struct action_status *out);

/* Looks into a topic or an object: asked here, answered by a later step. 0 and *err: impossible.
 * A new request takes the place of the one before. */
unsigned engine_peek(struct engine *engine, const struct peek_request *request, struct err *err);
/* The newest answer, its id telling to what; valid until the next step. While another request is
 * under way that is the answer to an older one. */
const struct peek_answer *engine_peeked(const struct engine *engine);
void engine_peek_forget(struct engine *engine); /* nobody looks any more: drops the answer */

#endif
