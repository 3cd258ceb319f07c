/* record.h: what the sources saw, as lines of JSON: the form of a recording.
 *
 * A recording is text, one JSON object a line; a file named .zst is the same compressed by zstd, in
 * as many frames as it likes. Times called t are milliseconds since the recording began; those
 * called mono_ms (and since_ms of a Connect URL, busy_since_ms, tables_mono_ms) are of the
 * recording machine's monotonic clock, all others milliseconds since 1970. A line is one of:
 *
 *   header      the first: "cdctop": "recording", "schema" 1, "version" of the program, "time", and
 *               both clocks at the beginning as "wall_ms" and "mono_ms"; "redacted"; "interval_ms";
 *               "pipelines": "name" "environment" "sources" (those that are asked), "options": by
 *               section of the configuration the thresholds and whatever else the join and the
 *               checks go by, as a configuration file has them. No secret, no conninfo.
 *
 *   report      {"t", "pipeline", "source", …}: what a poll brought: "mono_ms" "took_us" "polls"
 *               "failures" "fails" and, if it failed, "error" {"kind" "code" "text"}; else
 *               "snapshot": all of it, or "changes": what is not as in that source's snapshot
 *               before. Their members are those of the structs in core/model/snap_*.h, by name.
 *               What was not said is left out. In "changes" a member that is left out is as it was,
 *               null is not said any more, an array of rows has for each either an object with what
 *               differs from the row at the same place before, or for several in succession that
 *               did not change [FROM, COUNT]: so many rows of before.
 *
 *   action      {"t", "pipeline", "action": {"verb" "state" "id" "target" …}}: what cdctop was told
 *               to do, and again, with the same id, when more was known of it (struct
 *               ledger_entry).
 *
 *   verdict     {"t", "pipeline", "verdict", "headline"}: when it changed: severity and
 *               rule of the loudest finding. For finding one's way; a replay judges for itself.
 *
 *   checkpoint  {"t", "checkpoint": true}: all known follows once more, as reports and actions with
 *               "again": true, which say nothing new. One can begin to read here.
 *
 * t never falls. Within one schema lines and members are only added; readers pass over those that
 * they do not know.
 */
#ifndef CDCTOP_RECORD_RECORD_H
#define CDCTOP_RECORD_RECORD_H

#include "base/strbuf.h"
#include "model/pipeline.h"
#include "model/world.h"

enum {
    RECORD_SCHEMA = 1,
    RECORD_LINE_MAX = 16 * 1024 * 1024,
    RECORD_CHECKPOINT_MS = 60 * 1000,
    RECORD_PIPELINES_MAX = 1000
};

/* Makes the lines, each with its line break, into out. */
struct recorder;

struct recorder *recorder_new(const struct world *world, bool redact);
void recorder_free(struct recorder *r); /* NULL is fine */

int64_t recorder_t(const struct recorder *r, const struct world *world);

void recorder_header(struct recorder *r, const struct world *world, struct strbuf *out);
/* A checkpoint, and all that the world knows. */
void recorder_checkpoint(struct recorder *r, const struct world *world, struct strbuf *out);
/* before: what the world has of that source so far. */
void recorder_report(struct recorder *r, const struct world *world, size_t pipeline,
                     enum source_kind kind, const struct report *report,
                     const struct snapshot *before, struct strbuf *out);
void recorder_action(struct recorder *r, const struct world *world, size_t pipeline,
                     const struct ledger_entry *entry, struct strbuf *out);
/* Nothing if it is as it was. True: it was written. */
bool recorder_verdict(struct recorder *r, const struct world *world, size_t pipeline,
                      enum verdict verdict, const char *id, struct strbuf *out);

const char *record_ledger_state(enum ledger_state state);

#endif
