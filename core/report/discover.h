/* discover.h: a configuration from what is seen: where the connectors of Kafka Connect and MSK
 * Connect, and DMS's tasks, say that the database, the brokers and the bucket are.
 *
 * What the configuration gave already stays. Nothing that a server wrote is taken where it would
 * act ("${…}"), and no secret is taken at all: where one is needed the value is "${env:NAME}", or a
 * reference to Secrets Manager where it is certain that it leads nowhere else (discover_aws.c).
 */
#ifndef CDCTOP_REPORT_DISCOVER_H
#define CDCTOP_REPORT_DISCOVER_H

#include "base/strbuf.h"
#include "model/pipeline.h"

struct discovery {
    struct config config;  /* one pipeline for each database; for config_draft */
    struct strbuf found;   /* lines for people, not yet safe for a terminal */
    struct strbuf missing; /* what is to be given still, a line each */
    struct strbuf env;     /* names of the variables that the draft refers to, a line each */
};

/* What AWS's own lists tell beside the connectors (survey.h). */
struct discover_aws {
    struct arena *arena;       /* of all but the snapshots */
    struct msk_snap *clusters; /* of the region */
    size_t nclusters;
    struct err clusters_err;   /* ERR_NONE: these are all, and their listeners are known */
    struct discover_database { /* an endpoint of RDS that a connector reads from … */
        const char *host;
        struct snapshot *snap; /* … of SOURCE_RDS; NULL: */
        struct err err;
    } * databases;
    size_t ndatabases;
    const struct aws_denied *denied; /* of these questions */
    size_t ndenied;
};

/* Everything in *out is its own. aws NULL: AWS was not asked. */
void discover(const struct world *world, size_t index, const struct pipeline *p,
              const struct discover_aws *aws, struct discovery *out);
void discovery_free(struct discovery *out);

/* What the services that tell of connectors did not tell, a line each; then the statements that a
 * policy lacks. aws may be NULL. */
void discover_troubles(const struct world *world, size_t index, const struct discover_aws *aws,
                       struct strbuf *out);

#endif
