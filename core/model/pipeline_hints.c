/* What the sources should look at next, read off the join. */
#include "base/hash.h"
#include "base/mem.h"
#include "config/msk_kind.h"
#include "model/join.h"
#include "model/snapshot_status.h"

#include <stdlib.h>
#include <string.h>

/* Names without repeats, in the order in which they came. A connector may have 20,000 topics. */
struct list {
    struct arena *arena;
    const char **items;
    size_t count, cap;
    size_t *places; /* a hash table of indexes + 1; at most half full */
    size_t nplaces; /* a power of two */
};

static size_t *place_of(const struct list *l, const char *s)
{
    uint64_t h = hash_text(HASH_START, s);
    size_t at = (size_t)(h ^ h >> 32) & (l->nplaces - 1);
    while (l->places[at] != 0 && strcmp(l->items[l->places[at] - 1], s) != 0)
        at = (at + 1) & (l->nplaces - 1);
    return &l->places[at];
}

static void more_places(struct list *l)
{
    l->nplaces = l->nplaces == 0 ? 32 : l->nplaces * 2;
    l->places = arena_array(l->arena, l->nplaces, sizeof(*l->places));
    for (size_t i = 0; i < l->count; i++)
        *place_of(l, l->items[i]) = i + 1;
}

static void add(struct list *l, const char *s)
{
    if (s == NULL || s[0] == '\0')
        return;
    if (l->count * 2 >= l->nplaces)
        more_places(l);
    size_t *place = place_of(l, s);
    if (*place != 0)
        return;
    const char **at = arena_push(l->arena, &l->items, &l->count, &l->cap, sizeof(*l->items));
    *at = arena_strdup(l->arena, s);
    *place = l->count;
}

/* "${file:…}" is resolved by the worker: no name that anybody else knows. */
static const char *told(const char *value)
{
    return value != NULL && strstr(value, "${") == NULL ? value : NULL;
}

/* Connect does not tell its own brokers, but some connectors must name them. */
static void add_bootstrap(struct hints *h, const struct connect_connector *c)
{
    static const char *const keys[] = {
        "signal.kafka.bootstrap.servers",
        "schema.history.internal.kafka.bootstrap.servers",
        "database.history.kafka.bootstrap.servers",
        "producer.override.bootstrap.servers",
        "consumer.override.bootstrap.servers",
        "admin.override.bootstrap.servers",
        "confluent.topic.bootstrap.servers",
    };
    for (size_t i = 0; h->bootstrap_servers == NULL && i < ARRAY_LEN(keys); i++)
        h->bootstrap_servers =
            arena_strdup(h->arena, told(kv_find(c->config, c->nconfig, keys[i])));
}

/* Connect tells the topics of a new connector late; how far its snapshot is shows there only. */
static void add_snapshot(struct list *topics, const struct connector_row *c)
{
    const struct snapshot_status *s = c->snapshot;
    for (size_t i = 0; snapshot_status_running(s) && i < s->p.ntables; i++) {
        const char *table = s->p.tables[i].name;
        const char *dot = strchr(table, '.');
        if (dot == NULL)
            continue;
        const char *schema = arena_strndup(topics->arena, table, (size_t)(dot - table));
        add(topics, connector_facts_table_topic(c->facts, topics->arena, schema, dot + 1));
    }
}

static void add_source(struct hints *h, struct list *topics, struct list *notes, struct list *lasts,
                       const struct connector_row *c)
{
    const struct connector_facts *f = c->facts;
    for (size_t t = 0; t < c->connector->ntopics; t++)
        add(topics, c->connector->topics[t]);
    add_snapshot(topics, c);
    add(topics, f->default_topic);
    add(topics, f->heartbeat_topic);
    add(lasts, f->heartbeat_topic);
    add(notes, f->notification_topic);
    bool dms = f->role == CONNECTOR_SOURCE_DMS && f->connector->dms != NULL &&
               connector_facts_dms_postgres(f->connector->dms);
    if ((f->role != CONNECTOR_SOURCE_POSTGRES && !dms) || h->pg_host != NULL)
        return;
    h->pg_host = arena_strdup(h->arena, told(f->db_host));
    h->pg_port = f->db_port;
    h->pg_database = arena_strdup(h->arena, told(f->db_name));
    h->pg_user = arena_strdup(h->arena, told(f->db_user));
}

static void add_capture(struct hints *h, struct hint_capture *captures,
                        const struct connector_row *c)
{
    const struct connector_facts *f = c->facts;
    if (f->role != CONNECTOR_SOURCE_POSTGRES)
        return;
    captures[h->ncaptures++] = (struct hint_capture){
        .connector = arena_strdup(h->arena, c->base.name),
        .role = arena_strdup(h->arena, told(f->db_user)),
        .publication = arena_strdup(h->arena, f->publication_name),
        .signal_table = arena_strdup(h->arena, f->signal_table),
        .heartbeat_table = arena_strdup(h->arena, f->heartbeat_table),
    };
}

static void add_sink(struct hints *h, const struct pipeline *p, const struct connector_row *c,
                     struct hint_sink *sink)
{
    const struct connector_facts *f = c->facts;
    struct list topics = {.arena = h->arena};
    for (size_t t = 0; t < c->connector->ntopics; t++)
        add(&topics, c->connector->topics[t]);
    bool listed = f->topic_globs.count == 0 && f->topics_regex == NULL;
    for (size_t t = 0; listed && t < f->topics.count; t++) {
        if (pipeline_topic(p, f->topics.items[t]) != NULL)
            add(&topics, f->topics.items[t]);
    }
    for (size_t t = 0; !listed && t < p->ntopics; t++) {
        if (connector_facts_topic_matches(f, p->topics[t].base.name))
            add(&topics, p->topics[t].base.name);
    }
    *sink = (struct hint_sink){
        .connector = arena_strdup(h->arena, c->base.name),
        .bucket = arena_strdup(h->arena, f->bucket),
        .region = arena_strdup(h->arena, f->region),
        .endpoint = arena_strdup(h->arena, f->endpoint),
        .topics_dir = arena_strdup(h->arena, f->topics_dir),
        .layout = f->role == CONNECTOR_SINK_S3_AIVEN ? "aiven" : "confluent",
        .path_format = arena_strdup(h->arena, f->path_format),
        .timezone = arena_strdup(h->arena, f->timezone),
        .name_template = f->name_template == NULL
                             ? NULL
                             : arena_printf(h->arena, "%s%s", f->name_prefix, f->name_template),
        .topics = topics.items,
        .ntopics = topics.count,
    };
}

/* Why it is not known where the brokers are, though MSK was to tell. */
static const char *msk_silent(const struct hints *h, const struct world *world, size_t index)
{
    const struct source_slot *slot = &world->pipelines[index].sources[SOURCE_MSK];
    if (slot->snap == NULL)
        return slot->err.kind == ERR_NONE
                   ? NULL
                   : arena_printf(h->arena, "MSK did not tell where the brokers are: %s",
                                  slot->err.text);
    const struct msk_snap *msk = &slot->snap->msk;
    if (!msk->bootstraps_read)
        return "MSK did not tell where the brokers are";
    return arena_printf(h->arena, "the MSK cluster %s has no listener that fits",
                        msk->name != NULL ? msk->name : "");
}

/* MSK Connect tells no connector's topics, Kafka Connect not where tracking is switched off. */
static bool tells_no_topics(const struct world *world, size_t index, const struct pipeline *p)
{
    const struct snapshot *connect =
        world != NULL ? world_snap(world, index, SOURCE_CONNECT) : NULL;
    bool untold = connect != NULL && connect->connect.topics_untold;
    for (size_t i = 0; i < p->nconnectors; i++)
        untold = untold || p->connectors[i].connector->msk != NULL;
    return untold;
}

/* MSK knows better than a connector's config where its brokers are, and how they are talked to.
 * Also after it stopped answering: they do not move. */
static void add_msk(struct hints *h, const struct world *world, size_t index)
{
    const struct pipeline_config *cfg = world->pipelines[index].config;
    const struct snapshot *snap = world_snap(world, index, SOURCE_MSK);
    const char *wanted = snap != NULL ? snap->msk.wanted : NULL;
    const struct msk_kind *kind = wanted != NULL ? msk_kind_of(wanted) : NULL;
    const char *brokers =
        kind != NULL ? kv_find(snap->msk.bootstraps, snap->msk.nbootstraps, wanted) : NULL;
    if (brokers != NULL) {
        h->bootstrap_servers = arena_strdup(h->arena, brokers);
        h->kafka_protocol = kind->protocol;
        h->kafka_mechanism = kind->mechanism;
    } else if (cfg != NULL && cfg->msk.cluster != NULL && *cfg->msk.cluster != '\0') {
        h->kafka_unknown = msk_silent(h, world, index);
    }
}

struct hints *pipeline_hints(const struct world *world, size_t index,
                             const struct pipeline *pipeline, const char *const *sample_topics,
                             size_t nsample)
{
    struct hints *h = hints_new();
    struct list topics = {.arena = h->arena};
    struct list groups = {.arena = h->arena};
    struct list notes = {.arena = h->arena};
    struct list samples = {.arena = h->arena};
    struct list lasts = {.arena = h->arena};
    struct list globs = {.arena = h->arena};
    struct hint_sink *sinks =
        arena_array(h->arena, pipeline->nconnectors + 1, sizeof(struct hint_sink));
    struct hint_capture *captures =
        arena_array(h->arena, pipeline->nconnectors + 1, sizeof(struct hint_capture));
    if (world != NULL)
        add_msk(h, world, index);
    h->other_topics = tells_no_topics(world, index, pipeline);
    for (size_t i = 0; i < pipeline->nconnectors; i++) {
        const struct connector_row *c = &pipeline->connectors[i];
        add_bootstrap(h, c->connector);
        for (size_t t = 0; t < c->facts->topic_globs.count; t++)
            add(&globs, c->facts->topic_globs.items[t]);
        if (!c->facts->sink) {
            add_source(h, &topics, &notes, &lasts, c);
            add_capture(h, captures, c);
            continue;
        }
        for (size_t t = 0; t < c->connector->ntopics; t++)
            add(&topics, c->connector->topics[t]);
        add(&topics, c->facts->dlq_topic);
        add(&lasts, c->facts->dlq_topic);
        add(&groups, c->facts->group_id);
        if (connector_role_is_s3(c->facts->role))
            add_sink(h, pipeline, c, &sinks[h->nsinks++]);
    }
    for (size_t i = 0; i < nsample; i++)
        add(&samples, sample_topics[i]);
    h->topics = topics.items;
    h->ntopics = topics.count;
    h->topic_globs = globs.items;
    h->ntopic_globs = globs.count;
    h->groups = groups.items;
    h->ngroups = groups.count;
    h->notification_topics = notes.items;
    h->nnotification_topics = notes.count;
    h->last_topics = lasts.items;
    h->nlast_topics = lasts.count;
    h->sample_topics = samples.items;
    h->nsample_topics = samples.count;
    h->sinks = sinks;
    h->captures = captures;
    join_log_hints(pipeline, h);
    if (world != NULL)
        join_metric_hints(world, index, h);
    return h;
}
