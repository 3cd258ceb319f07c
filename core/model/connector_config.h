/* connector_config.h: typed reading of a connector's config; shared by the files of
 * connector_facts. */
#ifndef CDCTOP_MODEL_CONNECTOR_CONFIG_H
#define CDCTOP_MODEL_CONNECTOR_CONFIG_H

#include "model/connector_facts.h"

/* An empty value counts as absent, as in Kafka's own configs of these connectors. */
const char *connector_config_str(const struct connect_connector *c, const char *key,
                                 const char *fallback);
/* UNKNOWN if it stands there but is no number (a reference to a config provider). */
int64_t connector_config_int(const struct connect_connector *c, const char *key, int64_t fallback);
bool connector_config_bool(const struct connect_connector *c, const char *key, bool fallback);
struct fact_list connector_config_list(const struct connect_connector *c, struct arena *arena,
                                       const char *key, const char *fallback);

void connector_facts_fill_sink(struct connector_facts *f, struct arena *arena);
void connector_facts_fill_dms(struct connector_facts *f);

/* Connect has seen the connector use this topic. */
bool connector_facts_tracked(const struct connector_facts *facts, const char *topic);

#endif
