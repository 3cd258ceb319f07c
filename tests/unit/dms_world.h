/* dms_world.h: a task of DMS beside the pipeline of world_fixture.h: what it says, its slot, its
 * figures. Change it, then fixture_tick. */
#ifndef CDCTOP_TESTS_DMS_WORLD_H
#define CDCTOP_TESTS_DMS_WORLD_H

#include "tests/unit/world_fixture.h"

enum { DMS_WORLD_TABLES = 4 };

struct dms_world {
    struct dms_task task;
    struct dms_table tables[DMS_WORLD_TABLES];
    bool figures; /* CloudWatch tells of it */
    double latency_source, latency_target;
    int64_t figures_age_ms;
    double capacity, cpu; /* percent, of a serverless one; NAN: not told */
    bool has_slot;        /* "dms_made", of the task's database, by test_decoding; or … */
    const char *slot_database, *slot_plugin; /* … of these */
    bool slots_denied;                       /* PostgreSQL tells of none: it may not be asked */
    const char *database, *host;             /* that PostgreSQL is looked at by */
    enum tri active;
    const char *reader, *address; /* of its walsender; NULL: not told */
    uint64_t confirmed;           /* 0: all */
};
extern struct dms_world dms_world;

/* A running task that reads "dms_made", all well, its slot named by the endpoint. */
void dms_world_join(struct fixture *f);

#endif
