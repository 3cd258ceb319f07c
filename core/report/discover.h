/* discover.h: a configuration from what is seen: where Kafka Connect's connectors say that the
 * database, the brokers and the bucket are.
 *
 * What the configuration gave already stays. Nothing that a server wrote is taken where it would
 * act ("${…}"), and no secret is taken at all: where one is needed the value is "${env:NAME}".
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

/* Everything in *out is its own. */
void discover(const struct world *world, size_t index, const struct pipeline *p,
              struct discovery *out);
void discovery_free(struct discovery *out);

#endif
