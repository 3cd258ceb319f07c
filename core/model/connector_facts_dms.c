/* Facts of a DMS task: from its endpoints, not from a connector's config. Its table mappings are
 * not read: by their rules single tables may go to topics of their own. */
#include "model/connector_config.h"

#include <string.h>

bool connector_facts_dms_postgres(const struct dms_task *t)
{
    const char *engine = t->source_engine;
    return engine != NULL &&
           (strcmp(engine, "postgres") == 0 || strcmp(engine, "aurora-postgresql") == 0);
}

void connector_facts_fill_dms(struct connector_facts *f)
{
    const struct dms_task *t = f->connector->dms;
    f->topic_delimiter = ".";
    if (t == NULL)
        return;
    f->db_host = t->source_host;
    f->db_name = t->source_database;
    f->db_user = t->source_user;
    int64_t port = connector_config_int(f->connector, "source.Port", 0);
    f->db_port = port > 0 && port <= 65535 ? (int)port : 0;
    if (connector_facts_dms_postgres(t)) {
        f->slot_name = t->slot;
        f->plugin = t->plugin;
    }
    bool kafka = t->target_engine != NULL && strcmp(t->target_engine, "kafka") == 0;
    /* The name that DMS takes where none is given: its API's own documentation. */
    if (kafka)
        f->default_topic = t->target_topic != NULL ? t->target_topic : "kafka-default-topic";
}
