/* snapshot_status.h: the newest snapshot of a source connector, joined from all who know of it: its
 * notifications, its stored offsets, and how its topics grow against the rows of its tables. Pure.
 *
 * Who is believed (observed with Debezium 2.3.4, 2.7.4 and 3.7):
 *  - Notifications come at once and tell every state; they may be off, and 2.3 sends none of an
 *    initial or blocking snapshot but one "Status COMPLETED" at its end.
 *  - Offsets are as old as offset.flush.interval.ms. `snapshot` (true up to 2.7, INITIAL or
 *    BLOCKING in 3.x) stays until the first change after the snapshot is stored: ts_usec tells when
 *    it began. The incremental_snapshot_* keys stay while it is paused, vanish however it ended.
 *  - Neither tells how far the present table of an initial or blocking snapshot is: nothing but its
 *    rows is written to the table's topic meanwhile, so the growth of that topic does.
 */
#ifndef CDCTOP_MODEL_SNAPSHOT_STATUS_H
#define CDCTOP_MODEL_SNAPSHOT_STATUS_H

#include "model/connector_facts.h"
#include "model/ledger.h"
#include "model/series.h"
#include "model/snapshot_progress.h"

enum snapshot_type {
    SNAPSHOT_FULL, /* initial or blocking: nobody tells which */
    SNAPSHOT_INITIAL,
    SNAPSHOT_BLOCKING,
    SNAPSHOT_INCREMENTAL,
    SNAPSHOT_TYPE_COUNT
};

/* What is looked at; borrowed. NULL where that source has not answered. */
struct snapshot_witness {
    const struct connector_facts *facts; /* never NULL */
    const struct kafka_snap *kafka;
    const struct pg_snap *pg;
    const struct series_store *series;
    const struct ledger *ledger;
    int64_t mono_ms, wall_ms;
};

struct snapshot_status {
    enum snapshot_type type;
    struct snapshot_progress p; /* rows and fractions of tables include the estimates */
    bool halted;                /* its connector, or all of its tasks, do not run */
    bool by_notes, by_offsets;  /* who says that it runs */
    bool by_growth;             /* topics tell how far its tables are */
    double tables_left;         /* 2.4: two and the better part of a third */
    int64_t rows_left;          /* est.; UNKNOWN where the rows of a table are not known */
    struct projection eta;      /* rests on eta_by_rows ? rows : tables a second */
    bool eta_by_rows;
    int64_t still_ms; /* no sign of life for at least so long; UNKNOWN: cannot be told */
    double mark;      /* another one whenever a key or a table is another one */
    char key[64];     /* tells it from others of the same connector, as long as it is seen */
};

/* Why a signal cannot be heard, by the connector's config and the database; NULL: nothing is seen
 * against it. *fix: what to do. Both in the arena or static. */
const char *snapshot_signal_fault(struct arena *arena, const struct connector_facts *facts,
                                  const struct pg_snap *pg, bool by_topic, const char **fix);

/* False: none is seen. Strings point into the sources or into the arena. */
bool snapshot_status_of(struct arena *arena, const struct snapshot_witness *w,
                        struct snapshot_status *out);

/* "running", "paused", "stopped" …; "interrupted": its connector does not run. */
const char *snapshot_status_name(const struct snapshot_status *s);

/* It runs, or waits for a resume, and its connector is there to do it. */
bool snapshot_status_running(const struct snapshot_status *s); /* false for NULL */

const char *snapshot_type_name(enum snapshot_type type); /* "incremental"; NULL: FULL */

#endif
