/* checks.h: what a check is, for the files that hold them. check.h is the door for readers. */
#ifndef CDCTOP_CHECK_CHECKS_H
#define CDCTOP_CHECK_CHECKS_H

#include "base/strbuf.h"
#include "check/check.h"
#include "model/connector_facts.h"

#define NEEDS_OF(kind) (1u << (kind))

struct check_run; /* one evaluation of all checks */

/* A row. A source in `needs` that gives no fresh answer makes one unknown line of the row. */
struct check_row {
    const char *id; /* "subject.name" */
    const char *title;
    enum hop_id hop;
    unsigned needs; /* NEEDS_OF(…) */
    /* One of them: of the pipeline, of each of its PostgreSQL sources, of each of its sinks. */
    void (*eval)(struct check_run *run);
    void (*of_source)(struct check_run *run, const struct connector_row *c);
    void (*of_sink)(struct check_run *run, const struct connector_row *c);
};

struct check_run {
    const struct check_row *row;
    const struct world *world;
    size_t index;
    const struct pipeline_config *config;
    const struct pipeline *p;
    /* NULL unless the row needs the source; then fresh. */
    const struct pg_snap *pg;
    const struct kafka_snap *kafka;
    const struct connect_snap *connect;
    const struct s3_snap *s3;
    const struct rds_snap *rds;
    struct arena *arena;
    struct check_line *lines;
    size_t count, cap;
};

/* A new line; the evidence is printf-style. object lives as long as the pipeline or the arena;
 * NULL: none. Never NULL, valid until the next check_say. */
struct check_line *check_say(struct check_run *run, const char *object, enum check_result result,
                             const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* What mends it; ignored for a line that is ok. */
void check_fix(struct check_run *run, struct check_line *line, enum check_fix_kind kind,
               const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* ---- names inside fixes: whatever a server calls its things, the text stays what it says ---- */

const char *check_ident(struct check_run *run, const char *name); /* SQL: quoted where needed */
const char *check_table(struct check_run *run, const char *schema, const char *name);
const char *check_word(struct check_run *run, const char *text);   /* a shell's word */
const char *check_string(struct check_run *run, const char *text); /* JSON, with its quotes */
/* "schema.table" as a setting of a connector holds it → its SQL name. */
const char *check_dotted(struct check_run *run, const char *dotted);

/* Names after a comma each: for reading, "and N more" beyond a handful; for copying, all of them.
 */
struct check_names {
    struct strbuf few, many;
    size_t count;
    const char *all; /* in the arena, from check_names_end on */
};
void check_names_init(struct check_names *names);
void check_names_add(struct check_names *names, const char *name);
const char *check_names_end(struct check_names *names, struct check_run *run); /* "" without any */

/* ---- what checks of several files ask ---- */

/* The i-th connector of that role from *at on; advances *at. NULL at the end. */
const struct connector_row *check_next_pg_source(const struct check_run *run, size_t *at);
const struct connector_row *check_next_sink(const struct check_run *run, size_t *at);
const char *check_config(const struct connector_row *c, const char *key); /* NULL: not set */
/* Is it RDS or Aurora: are roles and parameters changed there the way that they want it? */
bool check_is_rds(const struct pg_snap *pg);
const struct pg_publication *check_publication(const struct pg_snap *pg, const char *name);
bool check_published(const struct pg_snap *pg, const struct pg_publication *pub, const char *schema,
                     const char *table);
/* What its role may do with "schema.table"; NULL: not read. */
const struct pg_grant *check_grant(const struct pg_snap *pg, const struct connector_facts *f,
                                   const char *dotted);

/* A host, host:port or URL on this machine (or a socket's directory). */
bool check_is_local(const char *address);

/* Each file's table ends with a row whose id is NULL. */
extern const struct check_row checks_postgres[], checks_publication[], checks_signal[],
    checks_connect[], checks_sink[], checks_kafka[], checks_s3[], checks_trust[], checks_aws[],
    checks_rds[], checks_msk[];

#endif
