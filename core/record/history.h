/* history.h: what an engine heard lately, kept in memory as a recording, compressed: so that one
 * can go back in it while it goes on, and save it when something has happened.
 *
 * Bounded by age and by bytes, whichever is reached first; the oldest minute leaves then.
 */
#ifndef CDCTOP_RECORD_HISTORY_H
#define CDCTOP_RECORD_HISTORY_H

#include "record/reel.h"
#include "watch.h"

struct history;

/* keep_ms 0: nothing is kept. config is that of the engine, and outlives it. */
struct history *history_new(const struct config *config, int64_t keep_ms, int64_t bytes);
void history_free(struct history *h); /* NULL is fine */
const struct engine_watch *history_watch(const struct history *h);

/* All that was heard until now, to be played. It stays the same object, and grows and shrinks with
 * what is heard; NULL: nothing was kept so far. */
struct reel *history_reel(struct history *h);
/* The same without looking for what came since it was asked for last; NULL: nothing was heard. */
const struct reel *history_peek(const struct history *h);
/* Writes it into a new file. */
bool history_save(struct history *h, const char *path, struct err *err);

size_t history_bytes(const struct history *h); /* it holds so many */

#endif
