/* sim.h: one simulated pipeline: what its servers would hold, and how that goes on.
 *
 * Causal, in the way of the data: rows are written → WAL → a source reads it and writes records to
 * topics, stores its offset, confirms it to its slot → sinks read, write objects when their
 * rotation closes a file, commit then. Time is that of the demo: 0 is its beginning. The same seed
 * and the same events give the same pipeline, however time was cut into steps: it goes in ticks of
 * its own.
 */
#ifndef CDCTOP_DEMO_SIM_H
#define CDCTOP_DEMO_SIM_H

#include "demo/sim_parts.h"
#include "model/snapshot.h"

struct sim {
    const struct scenario *scenario;
    const struct scenario_pipeline *made;
    struct arena *arena;
    uint64_t seed;
    int64_t base_ms; /* wall clock at 0 */
    int64_t now_ms;
    uint64_t lsn;
    double wal_due, wal_other;
    uint32_t xid;
    int64_t checkpoint_next_ms, candidate_next_ms;
    int next_pid;
    const char *down[SOURCE_KIND_COUNT]; /* its answer; NULL: it works */
    int64_t down_since_ms;
    int broker_down; /* id; 0: none */
    struct sim_source *sources;
    int nsources;
    struct sim_sink *sinks;
    int nsinks;
    struct sim_topic *topics;
    int ntopics;
    struct sim_slot *slots;
    int nslots, slots_cap;
    struct sim_holder holders[8];
    int nholders;
    struct sim_note notes[SIM_NOTES];
    int nnotes;
    int64_t notes_ever;
    bool *happened; /* per event of the scenario */
    int64_t s3_requests;
    struct sim_minute minutes[SIM_MINUTES]; /* ring, the newest before next_minute */
    int next_minute;
    int64_t filled;      /* of the database's storage, by somebody else */
    uint64_t kept_first; /* WAL that the slots kept at the beginning */
    uint64_t lsn_minute; /* the position at the beginning of this minute */
    struct sim_operation operations[SIM_OPERATIONS];
    int noperations; /* ever */
};

struct sim *sim_new(const struct scenario *scenario, size_t index, uint64_t seed, int64_t base_ms);
void sim_free(struct sim *sim);
void sim_advance(struct sim *sim, int64_t to_ms); /* forward only */

/* see_*.c: what the source of that kind would see now. Owned by the caller. */
struct snapshot *sim_see_pg(const struct sim *sim);
struct snapshot *sim_see_kafka(const struct sim *sim);
struct snapshot *sim_see_connect(const struct sim *sim);
struct snapshot *sim_see_s3(const struct sim *sim);
struct snapshot *sim_see_msk_connect(const struct sim *sim);
struct snapshot *sim_see_dms(const struct sim *sim);
struct snapshot *sim_see_aws(const struct sim *sim);
struct snapshot *sim_see_msk(const struct sim *sim);
struct snapshot *sim_see_rds(const struct sim *sim);
struct snapshot *sim_see_cloudwatch(const struct sim *sim);
struct snapshot *sim_see_logs(const struct sim *sim);
/* Is there a source of that kind? Those of AWS are there where the scenario says so. */
bool sim_has(const struct sim *sim, enum source_kind kind);

#endif
