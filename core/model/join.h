/* join.h: what the parts of the join share; pipeline.h is the door for everybody else. */
#ifndef CDCTOP_MODEL_JOIN_H
#define CDCTOP_MODEL_JOIN_H

#include "model/connector_facts.h"
#include "model/pipeline.h"

struct join {
    const struct world *world;
    const struct world_pipeline *wp;
    size_t index;
    struct arena *arena;
    struct pipeline *out;
    enum source_state state[SOURCE_KIND_COUNT];
    const struct snapshot *snap[SOURCE_KIND_COUNT]; /* newest good, NULL */
    bool connectors_told;    /* every service that is asked for connectors has told of its own */
    enum source_kind teller; /* world_connectors_kind: its state is that of all connectors */
};

/* What the connector's config says, and before it what cdctop's own configuration says. */
const struct connector_facts *join_facts(const struct join *j, const struct connect_connector *c);
void join_connectors(struct join *j); /* first: the others ask who owns what */
/* join_managed.c: the state of one of a managed service, and its tasks as CloudWatch counts them.
 */
void join_judge_msk(const struct join *j, struct connector_row *row);
void join_judge_dms(const struct join *j, struct connector_row *row); /* join_dms.c */
void join_slots(struct join *j);
void join_topics(struct join *j);
void join_groups(struct join *j);
void join_prefixes(struct join *j);
void join_connector_lags(struct join *j); /* after slots and topics: how far behind each is */
void join_hops(struct join *j);           /* after all of them */
void join_fresh(struct join *j);          /* last: the freshness of the hops */

/* The end of the newest of ten equal parts of a span: a graph that ends there moves on once per
 * part, not with every refresh. */
int64_t join_spark_end(int64_t now, int64_t span_ms);

/* join_logs.c: what the log of a managed one tells, put into its row; and which logs there are. */
void join_logged(const struct join *j, struct connector_row *row);
void join_log_hints(const struct pipeline *p, struct hints *h);

/* What CloudWatch has figures of, by what the services of AWS tell. */
void join_metric_hints(const struct world *world, size_t index, struct hints *h);

/* Raises the row to at least v; the reason of the loudest wins. */
void join_raise(struct row_base *base, enum verdict v, const char *why);
/* What an old or missing answer does to a verdict: OK is not OK any more. */
void join_trust(const struct join *j, struct row_base *base, enum source_kind kind);

/* The sink that reads this topic, or NULL. */
const struct connector_row *join_sink_of(const struct pipeline *p, const char *topic);
/* How often this sink closes a file of this topic: ms, DUE_NEVER, or 0 for a sink that is not to
 * S3. */
int64_t join_rotation(const struct connector_row *sink, const struct topic_row *topic);

/* May all that waits be tombstones which this sink skips? It commits what it has written: one that
 * is the last record of its partition stays behind, as lag, until another record comes. */
bool join_skips_tail(const struct connector_row *sink, const struct topic_row *topic);

/* Is this a source of PostgreSQL whose slot the server does not have? False while nobody told. */
bool join_lacks_slot(const struct pipeline *p, const struct connector_row *source);

/* … and the same of a task of DMS whose endpoint names one: not there, or none that it can use. */
bool join_dms_lacks_slot(const struct join *j, const struct connector_row *task);

/* Does DMS tell statistics of its tables that are of the last minutes? */
bool join_dms_works(const struct join *j, const struct connector_row *row);

/* The DMS task that made this slot, which no connector names; or NULL. A task whose slot is not
 * known claims every idle one that fits: better none is dropped than its own. */
const struct connector_row *join_dms_owner(const struct join *j, const struct pg_slot *slot,
                                           enum slot_claim *claim);

/* The source connector that uses this slot, or NULL. */
const struct connector_row *join_owner_of(const struct pipeline *p, const struct pg_slot *slot);

#endif
