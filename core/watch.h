/* watch.h: who wants to hear what an engine hears: a recording, the kept history.
 *
 * All calls are of the engine's one thread, and short. Everything passed is borrowed for the call.
 */
#ifndef CDCTOP_WATCH_H
#define CDCTOP_WATCH_H

#include "model/ledger.h"
#include "model/pipeline.h"
#include "model/world.h"

struct engine_watch {
    void *ctx;
    /* A report, before the world takes it; before: the newest snapshot of that source; NULL. */
    void (*report)(void *ctx, const struct world *world, size_t pipeline, enum source_kind kind,
                   const struct report *report, const struct snapshot *before);
    /* What cdctop did, and again when more is known of it. */
    void (*action)(void *ctx, const struct world *world, size_t pipeline,
                   const struct ledger_entry *entry);
    /* After each step, for every pipeline: the loudest finding; VERDICT_NONE and "": there is none.
     */
    void (*verdict)(void *ctx, const struct world *world, size_t pipeline, enum verdict verdict,
                    const char *id);
    void (*stepped)(void *ctx, const struct world *world);
    /* The world began anew: time went back. */
    void (*anew)(void *ctx, const struct world *world);
};

#endif
