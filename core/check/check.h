/* check.h: the preflight: is the whole way from the database to the bucket set up so that it will
 * hold? Judged before there is an incident, from the same world that the screen shows.
 *
 * A check is a row of a table (checks.h): pure, it reads the world and the joined pipeline and
 * emits a line for each object that it judged, with what was seen and the statement that mends it.
 * What cannot be judged because the evidence is missing or old is a line of its own: unknown is
 * never ok. A check that does not apply (no sink to S3, no dead letter queue) emits nothing.
 */
#ifndef CDCTOP_CHECK_CHECK_H
#define CDCTOP_CHECK_CHECK_H

#include "model/pipeline.h"

enum check_result { RESULT_OK, RESULT_UNKNOWN, RESULT_WARNING, RESULT_FAILED, RESULT_COUNT };
const char *check_result_name(enum check_result r); /* "ok", "warning": as in JSON */

/* Where the text of a fix belongs. */
enum check_fix_kind {
    FIX_NONE,
    FIX_SQL,    /* statements, each ended by a semicolon */
    FIX_CONFIG, /* members of the connector's config, as in its JSON document */
    FIX_IAM,    /* one statement of a policy */
    FIX_SHELL,  /* a command line of Kafka's or AWS's own tools */
    FIX_OTHER,  /* words */
    FIX_KIND_COUNT
};
const char *check_fix_name(enum check_fix_kind kind); /* "sql", "connector", "iam" … */

struct check_line {
    const char *id;      /* "postgres.wal_level": stable, for scripts */
    const char *subject; /* "postgres" */
    const char *title;   /* what should be: "wal_level is logical" */
    enum hop_id hop;
    const char *object; /* connector, table, topic; "" when there is only one */
    enum check_result result;
    const char *evidence; /* one line: what was seen, or why nothing was */
    enum check_fix_kind fix_kind;
    const char *fix; /* may have several lines, copyable as it stands; "" */
};

struct check_list {
    struct check_line *lines; /* by hop, the worst first in each */
    size_t count;
    size_t counts[RESULT_COUNT];
};

/* Everything lives in the arena, or where world and pipeline live. */
struct check_list check_all(const struct world *world, size_t index, const struct pipeline *p,
                            struct arena *arena);

/* The loudest result of all: failed before warning before unknown before ok. */
enum check_result check_worst(const struct check_list *list);

/* 0 ok, 1 warning, 2 failed, 3 nothing worse than unknown; as the exit code of status. */
int check_exit_code(enum check_result worst);

#endif
