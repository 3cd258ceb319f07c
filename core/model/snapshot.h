/* snapshot.h: what one source saw at one time.
 *
 * A snapshot owns an arena in which everything it points to lives. It is filled by one source
 * thread, immutable once published, and has exactly one owner: the source until it is put into the
 * mailbox, then the world. snapshot_free takes all of it.
 *
 * Conventions for every figure: int64_t UNKNOWN (and a NULL string) means "not known": the server
 * said NULL, this version has no such column, or the right to read it is missing. 0 is a value.
 * Times are milliseconds since 1970 by the clock of the server that said them; bytes are bytes.
 * All strings are as the server gave them, capped in length, NOT yet safe for a terminal.
 */
#ifndef CDCTOP_MODEL_SNAPSHOT_H
#define CDCTOP_MODEL_SNAPSHOT_H

#include "base/arena.h"
#include "model/snap_aws.h"
#include "model/snap_connect.h"
#include "model/snap_kafka.h"
#include "model/snap_logs.h"
#include "model/snap_pg.h"
#include "model/snap_s3.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum source_kind {
    SOURCE_POSTGRES,
    SOURCE_KAFKA,
    SOURCE_CONNECT,
    SOURCE_S3,
    SOURCE_OWN_COUNT, /* those before are shown even where they are not configured */
    /* AWS's own services. */
    SOURCE_AWS = SOURCE_OWN_COUNT,
    SOURCE_MSK,
    SOURCE_MSK_CONNECT,
    SOURCE_DMS,
    SOURCE_RDS,
    SOURCE_CLOUDWATCH,
    SOURCE_LOGS,
    SOURCE_KIND_COUNT
};

/* Something that the source could not read, and the exact remedy ("GRANT pg_monitor TO viewer"). */
struct note {
    const char *what;
    const char *fix; /* NULL if none is known */
};

struct notes {
    struct note *items;
    size_t count, cap;
};

struct snapshot {
    struct arena *arena;
    enum source_kind kind;
    int64_t mono_ms;   /* our monotonic clock when the poll ended */
    int64_t wall_ms;   /* our wall clock then */
    int64_t server_ms; /* the server's clock at the same moment; UNKNOWN */
    int64_t took_us;
    int64_t every_ms;            /* how often this source asks; 0: once per interval */
    enum tri encrypted;          /* the way to the server; TRI_UNKNOWN: its library does not tell */
    const char *tls;             /* "TLSv1.3"; NULL */
    int64_t certificate_ends_ms; /* of the server's certificate; UNKNOWN */
    struct notes notes;
    union {
        struct pg_snap pg;
        struct kafka_snap kafka;
        struct connect_snap connect; /* of SOURCE_CONNECT, SOURCE_MSK_CONNECT and SOURCE_DMS */
        struct s3_snap s3;
        struct aws_snap aws;
        struct msk_snap msk;
        struct rds_snap rds;
        struct cloudwatch_snap cloudwatch;
        struct logs_snap logs;
    };
};

struct snapshot *snapshot_new(enum source_kind kind);
void snapshot_free(struct snapshot *snap); /* NULL is fine */

/* printf-style text for both; fix may be NULL. */
void snapshot_note(struct snapshot *snap, const char *fix, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* What is known of the way to the server. version: "TLSv1.3", NULL; certificate_ends_ms: -1
 * unknown.
 */
void snapshot_tls(struct snapshot *snap, bool encrypted, const char *version,
                  int64_t certificate_ends_ms);

/* The source that tells of the connectors of a service. */
enum source_kind service_source(enum connect_service service);

const char *source_kind_name(enum source_kind kind);  /* "postgres", as in JSON and config */
const char *source_kind_title(enum source_kind kind); /* "PostgreSQL" */

#endif
