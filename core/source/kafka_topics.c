#include "source/kafka_topics.h"

#include "base/mem.h"
#include "config/globs.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static bool listed(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

static bool excluded(const struct strlist *globs, const char *name)
{
    for (size_t i = 0; i < globs->count; i++) {
        if (globs->items[i][0] == '!' && fnmatch(globs->items[i] + 1, name, 0) == 0)
            return true;
    }
    return false;
}

static bool fits(const char *const *globs, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (fnmatch(globs[i], name, 0) == 0)
            return true;
    }
    return false;
}

static bool is_wanted(const struct kafka_config *cfg, const struct hints *hints, const char *name)
{
    bool by_hints =
        hints != NULL && !hints->other_topics && hints->ntopics + hints->ntopic_globs > 0;
    if (hints != NULL && listed(hints->notification_topics, hints->nnotification_topics, name))
        return true; /* what is read from it is needed, shown or not */
    if (hints != NULL && listed(hints->last_topics, hints->nlast_topics, name))
        return true;
    if (hints != NULL && (listed(hints->topics, hints->ntopics, name) ||
                          fits(hints->topic_globs, hints->ntopic_globs, name)))
        return !excluded(&cfg->topics, name);
    /* Without a pattern and without a pipeline that tells all of its topics: everything but the
     * internal ones. */
    return globs_match(&cfg->topics, name, !by_hints && name[0] != '_');
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct kafka_topic_state *)a)->name,
                  ((const struct kafka_topic_state *)b)->name);
}

static int by_id(const void *a, const void *b)
{
    int32_t x = ((const struct kafka_part *)a)->id, y = ((const struct kafka_part *)b)->id;
    return (x > y) - (x < y);
}

static const struct kafka_part *find_part(const struct kafka_topic_state *topic, int32_t id)
{
    if (topic == NULL || topic->nparts == 0)
        return NULL;
    struct kafka_part key = {.id = id};
    return bsearch(&key, topic->parts, topic->nparts, sizeof(key), by_id);
}

static void add_topic(struct kafka_topics *topics, const struct kafkaclient_topic *in,
                      const struct kafka_topics *old)
{
    struct kafka_topic_state *out = &topics->items[topics->count++];
    const struct kafka_topic_state *before = old != NULL ? kafka_topics_find(old, in->name) : NULL;
    out->name = arena_strdup(topics->arena, in->name);
    out->error = arena_strdup(topics->arena, in->error);
    out->parts = arena_array(topics->arena, in->nparts, sizeof(*out->parts));
    out->nparts = in->nparts;
    topics->partitions += in->nparts;
    for (size_t i = 0; i < in->nparts; i++) {
        struct kafka_part *p = &out->parts[i];
        const struct kafka_part *known = find_part(before, in->parts[i].id);
        if (known != NULL)
            *p = *known;
        else
            *p = (struct kafka_part){.begin = UNKNOWN,
                                     .end = UNKNOWN,
                                     .last_end = UNKNOWN,
                                     .newest_ms = UNKNOWN,
                                     .newest_end = UNKNOWN,
                                     .back = 1};
        p->id = in->parts[i].id;
        p->leader = in->parts[i].leader;
        p->replicas = in->parts[i].replicas;
        p->isr = in->parts[i].isr;
    }
    qsort(out->parts, out->nparts, sizeof(*out->parts), by_id);
}

struct kafka_topics *kafka_topics_build(const struct kafkaclient_meta *meta,
                                        const struct kafka_config *cfg, const struct hints *hints,
                                        const struct kafka_topics *old)
{
    struct kafka_topics *topics = mem_alloc(sizeof(*topics));
    topics->arena = arena_new();
    topics->cluster_id = arena_strdup(topics->arena, meta->cluster_id);
    topics->visible = meta->ntopics;
    topics->nbrokers = meta->nbrokers;
    topics->brokers = arena_array(topics->arena, meta->nbrokers, sizeof(*topics->brokers));
    for (size_t i = 0; i < meta->nbrokers; i++)
        topics->brokers[i] =
            (struct kafka_broker){.id = meta->brokers[i].id,
                                  .host = arena_strdup(topics->arena, meta->brokers[i].host),
                                  .port = meta->brokers[i].port};
    bool *wanted = mem_calloc(meta->ntopics + 1, sizeof(*wanted));
    for (size_t i = 0; i < meta->ntopics; i++) {
        wanted[i] = is_wanted(cfg, hints, meta->topics[i].name);
        topics->matched += wanted[i];
    }
    size_t cap = topics->matched < KAFKA_TOPICS_MAX ? topics->matched : KAFKA_TOPICS_MAX;
    topics->items = arena_array(topics->arena, cap, sizeof(*topics->items));
    for (size_t i = 0; i < meta->ntopics && topics->count < cap; i++) {
        if (wanted[i] && topics->partitions + meta->topics[i].nparts <= KAFKA_PARTITIONS_MAX)
            add_topic(topics, &meta->topics[i], old);
    }
    free(wanted);
    qsort(topics->items, topics->count, sizeof(*topics->items), by_name);
    return topics;
}

void kafka_topics_free(struct kafka_topics *topics)
{
    if (topics == NULL)
        return;
    arena_free(topics->arena);
    free(topics);
}

struct kafka_topic_state *kafka_topics_find(const struct kafka_topics *topics, const char *name)
{
    struct kafka_topic_state key = {.name = name};
    if (topics->count == 0)
        return NULL;
    return bsearch(&key, topics->items, topics->count, sizeof(key), by_name);
}

static bool lack_one(const struct kafka_topics *topics, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (kafka_topics_find(topics, names[i]) == NULL)
            return true;
    }
    return false;
}

bool kafka_topics_lack(const struct kafka_topics *topics, const struct hints *hints)
{
    return hints != NULL &&
           (lack_one(topics, hints->topics, hints->ntopics) ||
            lack_one(topics, hints->last_topics, hints->nlast_topics) ||
            lack_one(topics, hints->notification_topics, hints->nnotification_topics));
}

/* The same name, begun anew: what was known of the old log is void. */
static void forget_log(struct kafka_part *p)
{
    p->begin = p->newest_ms = p->newest_end = UNKNOWN;
    p->bytes = p->sampled = 0;
    p->back = 1;
}

static void take_edge(struct kafka_part *p, enum kafkaclient_edge edge, int64_t offset)
{
    if (edge == KAFKACLIENT_BEGIN) {
        if (offset != KAFKACLIENT_NONE)
            p->begin = offset;
        return;
    }
    p->end = offset == KAFKACLIENT_NONE ? UNKNOWN : offset;
    if (p->end == UNKNOWN)
        return;
    if (p->last_end != UNKNOWN && p->end < p->last_end)
        forget_log(p);
    p->last_end = p->end;
}

bool kafka_topics_read_edges(struct kafka_topics *topics, struct kafkaclient *client,
                             const struct kafkaclient_until *until, enum kafkaclient_edge edge,
                             bool *stale, struct err *err)
{
    struct kafkaclient_offset *ask = mem_calloc(topics->partitions + 1, sizeof(*ask));
    struct kafka_part **part = mem_calloc(topics->partitions + 1, sizeof(struct kafka_part *));
    size_t n = 0;
    for (size_t i = 0; i < topics->count; i++) {
        for (size_t k = 0; k < topics->items[i].nparts; k++) {
            struct kafka_part *p = &topics->items[i].parts[k];
            if (edge == KAFKACLIENT_END)
                p->end = UNKNOWN;
            if (p->leader < 0) /* it would lose the whole call */
                continue;
            part[n] = p;
            ask[n++] = (struct kafkaclient_offset){
                .topic = topics->items[i].name, .partition = p->id, .leader = p->leader};
        }
    }
    bool ok = kafkaclient_edges(client, until, edge, ask, n, stale, err);
    for (size_t i = 0; ok && i < n; i++)
        take_edge(part[i], edge, ask[i].offset);
    free(ask);
    free(part);
    return ok;
}

bool kafka_topics_lack_begin(const struct kafka_topics *topics)
{
    for (size_t i = 0; i < topics->count; i++) {
        for (size_t k = 0; k < topics->items[i].nparts; k++) {
            const struct kafka_part *p = &topics->items[i].parts[k];
            if (p->begin == UNKNOWN && p->end != UNKNOWN)
                return true;
        }
    }
    return false;
}

size_t kafka_topics_leaderless(const struct kafka_topics *topics)
{
    size_t n = 0;
    for (size_t i = 0; i < topics->count; i++) {
        for (size_t k = 0; k < topics->items[i].nparts; k++)
            n += topics->items[i].parts[k].leader < 0;
    }
    return n;
}

static void publish_topic(const struct kafka_topic_state *in, struct kafka_topic *out,
                          struct arena *arena)
{
    out->name = arena_strdup(arena, in->name);
    out->error = arena_strdup(arena, in->error);
    out->partitions = arena_array(arena, in->nparts, sizeof(*out->partitions));
    out->npartitions = in->nparts;
    out->retention_ms = out->retention_bytes = UNKNOWN;
    out->max_message_bytes = out->min_insync = UNKNOWN;
    for (size_t i = 0; i < in->nparts; i++) {
        const struct kafka_part *p = &in->parts[i];
        out->partitions[i] = (struct kafka_partition){
            .id = p->id,
            .leader = p->leader,
            .replicas = p->replicas,
            .isr = p->isr,
            .begin = p->end == UNKNOWN ? UNKNOWN : p->begin,
            .end = p->end,
            .newest_ms = p->end == UNKNOWN ? UNKNOWN : p->newest_ms,
            .record_bytes = p->sampled > 0 ? p->bytes / p->sampled : UNKNOWN};
    }
}

void kafka_topics_publish(const struct kafka_topics *topics, struct snapshot *snap)
{
    struct kafka_snap *k = &snap->kafka;
    k->cluster_id = arena_strdup(snap->arena, topics->cluster_id);
    k->nbrokers = topics->nbrokers;
    k->brokers = arena_array(snap->arena, topics->nbrokers, sizeof(*k->brokers));
    for (size_t i = 0; i < topics->nbrokers; i++) {
        k->brokers[i] = topics->brokers[i];
        k->brokers[i].host = arena_strdup(snap->arena, topics->brokers[i].host);
    }
    k->topics_visible = topics->visible;
    k->ntopics = topics->count;
    k->topics = arena_array(snap->arena, topics->count, sizeof(*k->topics));
    for (size_t i = 0; i < topics->count; i++)
        publish_topic(&topics->items[i], &k->topics[i], snap->arena);
    if (topics->visible == 0)
        snapshot_note(snap, "grant this user Describe on the topics of the pipeline",
                      "0 topics visible (ACL?)");
    else if (topics->count < topics->matched)
        snapshot_note(snap, "narrow kafka.topics in the configuration",
                      "%zu of %zu matching topics are watched", topics->count, topics->matched);
}
