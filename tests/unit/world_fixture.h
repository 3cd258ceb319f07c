/* world_fixture.h: a pipeline written by hand: what the four sources say, and the world that hears
 * it. */
#ifndef CDCTOP_TESTS_WORLD_FIXTURE_H
#define CDCTOP_TESTS_WORLD_FIXTURE_H

#include "diagnosis/diagnosis.h"
#include "model/pipeline.h"
#include "model/world.h"
#include "watch.h"

/* What the next snapshots will say. Change it, then fixture_tick. */
struct fixture {
    struct config *config;
    struct world *world;
    struct diagnosis *diagnosis;
    struct arena *arena;
    int64_t mono_ms, wall_ms;

    /* PostgreSQL: one slot "dbz", owned by connector "src". */
    uint64_t lsn_now, confirmed, restart;
    enum tri active;
    const char *wal_status, *slot_name;
    int64_t safe_wal_size;
    /* Connect */
    const char *src_cause;
    const char *src_state, *src_task, *sink_state, *sink_task, *sink_cause;
    int sink_tasks;
    const char *schedule_ms; /* rotate.schedule.interval.ms; NULL: not set */
    const char *flush_size;
    /* Kafka: topic "shop.public.orders", one partition */
    int64_t end, committed;
    int32_t leader;
    const char *group_state;
    /* S3 */
    int64_t object_age_ms;
    /* Sources that fail instead of answering. */
    bool fails[SOURCE_KIND_COUNT];
    enum err_kind fails_as; /* ERR_NONE: ERR_REFUSED */
    const char *fails_text; /* NULL: "connection refused" */
    /* Last word on a snapshot before the world hears it: for all that has no field above. The
     * arrays of the snapshot live in its arena and may be replaced. AWS's own services are silent
     * unless there is one: it fills the whole snapshot. */
    void (*edit[SOURCE_KIND_COUNT])(struct fixture *f, struct snapshot *snap);
    int64_t n; /* for the edits to count with */
    /* Sources that say nothing at all. */
    bool silent[SOURCE_KIND_COUNT];
    /* Hears all of it, as with an engine; NULL. */
    const struct engine_watch *watch;
};

void fixture_open(struct fixture *f); /* a healthy pipeline */
void fixture_close(struct fixture *f);

/* ms pass, then every source answers once, and the diagnosis looks. What fixture_pipeline and
 * fixture_findings gave before is gone then. */
void fixture_tick(struct fixture *f, int64_t ms);

/* What Connect says: for services that run the same connectors. */
void fixture_connect(const struct fixture *f, struct snapshot *snap);

/* Joined as of now; valid until the next call. */
const struct pipeline *fixture_pipeline(struct fixture *f);
struct findings fixture_findings(struct fixture *f);
const struct finding *fixture_finding(struct findings all, const char *id);

/* Changes or adds one setting of a connector, in a Connect snapshot. NULL: takes it away. */
void fixture_config(struct snapshot *snap, const char *connector, const char *key,
                    const char *value);

#endif
