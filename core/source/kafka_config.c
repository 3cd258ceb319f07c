#include "source/kafka_config.h"

#include "base/clock.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { EVERY_MS = 10 * 1000, MORE_MS = 5 * 1000, INTERNALS_MAX = 30 };

struct known { /* what was read of one topic */
    char *topic;
    int64_t asked_ms; /* monotonic; INT64_MIN: never */
    bool read, denied, wanted;
    int64_t retention_ms, retention_bytes, max_message_bytes, min_insync;
    char *cleanup_policy;
};

struct kafka_configs {
    struct known *items; /* by name */
    size_t count, cap;
    char *internals[INTERNALS_MAX];
    size_t ninternals;
    int64_t next_ms;
    struct err trouble; /* of the latest reading; ERR_NONE */
};

struct kafka_configs *kafka_configs_new(void)
{
    return mem_alloc(sizeof(struct kafka_configs));
}

static void known_free(struct known *k)
{
    free(k->topic);
    free(k->cleanup_policy);
}

void kafka_configs_free(struct kafka_configs *configs)
{
    if (configs == NULL)
        return;
    for (size_t i = 0; i < configs->count; i++)
        known_free(&configs->items[i]);
    for (size_t i = 0; i < configs->ninternals; i++)
        free(configs->internals[i]);
    free(configs->items);
    free(configs);
}

/* ---- which topics are Connect's own ---- */

/* As the documentation, Confluent's and Debezium's images and MSK Connect spell them. */
static const char *const words[][3] = {
    {"offsets", "configs", "status"  },
    {"offsets", "configs", "statuses"},
    {"offsets", "config",  "status"  },
    {"offset",  "config",  "status"  },
};

static const struct kafkaclient_topic *topic_of(const struct kafkaclient_meta *meta,
                                                const char *name)
{
    for (size_t i = 0; i < meta->ntopics; i++) {
        if (strcmp(meta->topics[i].name, name) == 0)
            return &meta->topics[i];
    }
    return NULL;
}

static bool is_edge(char c)
{
    return c == '\0' || c == '-' || c == '_' || c == '.';
}

/* Where the word stands in the name as a word of its own, the last time; NULL. */
static const char *find_word(const char *name, const char *word)
{
    const char *found = NULL;
    size_t n = strlen(word);
    for (const char *p = strstr(name, word); p != NULL; p = strstr(p + 1, word)) {
        if (is_edge(p[n]) && (p == name || is_edge(p[-1])))
            found = p;
    }
    return found;
}

static bool has_siblings(const struct kafkaclient_meta *meta, const char *name, const char *at,
                         const char *const *trio, size_t mine)
{
    int head = (int)(at - name);
    const char *tail = at + strlen(trio[mine]);
    for (size_t i = 0; i < 3; i++) {
        char *other = mem_printf("%.*s%s%s", head, name, trio[i], tail);
        const struct kafkaclient_topic *t = topic_of(meta, other);
        free(other);
        if (t == NULL || (i == 1 && t->nparts != 1))
            return false;
    }
    return true;
}

bool kafka_configs_is_internal(const struct kafkaclient_meta *meta, const char *name)
{
    for (size_t w = 0; w < ARRAY_LEN(words); w++) {
        for (size_t i = 0; i < 3; i++) {
            const char *at = find_word(name, words[w][i]);
            if (at != NULL && has_siblings(meta, name, at, words[w], i))
                return true;
        }
    }
    return false;
}

void kafka_configs_internals(struct kafka_configs *configs, const struct kafkaclient_meta *meta)
{
    for (size_t i = 0; i < configs->ninternals; i++)
        free(configs->internals[i]);
    configs->ninternals = 0;
    for (size_t i = 0; i < meta->ntopics && configs->ninternals < INTERNALS_MAX; i++) {
        if (kafka_configs_is_internal(meta, meta->topics[i].name))
            configs->internals[configs->ninternals++] = mem_strdup(meta->topics[i].name);
    }
}

/* ---- reading ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct known *)a)->topic, ((const struct known *)b)->topic);
}

static struct known *find(const struct kafka_configs *configs, char *name)
{
    struct known key = {.topic = name};
    if (configs->count == 0)
        return NULL;
    return bsearch(&key, configs->items, configs->count, sizeof(key), by_name);
}

static void want(struct kafka_configs *configs, size_t sorted, const char *name)
{
    char *key = mem_strdup(name);
    struct known probe = {.topic = key};
    struct known *k =
        sorted > 0 ? bsearch(&probe, configs->items, sorted, sizeof(probe), by_name) : NULL;
    if (k != NULL) {
        k->wanted = true;
        free(key);
        return;
    }
    if (configs->count == configs->cap) {
        configs->cap = configs->cap == 0 ? 32 : configs->cap * 2;
        configs->items = mem_realloc(configs->items, configs->cap * sizeof(*configs->items));
    }
    configs->items[configs->count++] =
        (struct known){.topic = key, .asked_ms = INT64_MIN, .wanted = true};
}

/* The topics of this snapshot and Connect's own; what is not among them any more is forgotten. */
static void choose(struct kafka_configs *configs, const struct kafka_snap *k)
{
    size_t sorted = configs->count;
    for (size_t i = 0; i < sorted; i++)
        configs->items[i].wanted = false;
    for (size_t i = 0; i < k->ntopics; i++)
        want(configs, sorted, k->topics[i].name);
    for (size_t i = 0; i < configs->ninternals; i++) {
        if (kafka_find_topic(k, configs->internals[i]) == NULL)
            want(configs, sorted, configs->internals[i]);
    }
    size_t kept = 0;
    for (size_t i = 0; i < configs->count; i++) {
        if (configs->items[i].wanted)
            configs->items[kept++] = configs->items[i];
        else
            known_free(&configs->items[i]);
    }
    configs->count = kept;
    if (kept > 1)
        qsort(configs->items, kept, sizeof(*configs->items), by_name);
}

static int by_age(const void *a, const void *b)
{
    const struct known *x = *(struct known *const *)a;
    const struct known *y = *(struct known *const *)b;
    return (x->asked_ms > y->asked_ms) - (x->asked_ms < y->asked_ms);
}

static void take(struct known *k, const struct kafkaclient_topic_config *got, int64_t now)
{
    k->asked_ms = now;
    k->read = got->read;
    k->denied = got->denied;
    k->retention_ms = got->retention_ms;
    k->retention_bytes = got->retention_bytes;
    k->max_message_bytes = got->max_message_bytes;
    k->min_insync = got->min_insync;
    free(k->cleanup_policy);
    k->cleanup_policy = mem_strdup(got->cleanup_policy);
}

static void read_some(struct kafka_configs *configs, struct kafkaclient *client,
                      const struct kafkaclient_until *until)
{
    struct known **old = mem_calloc(configs->count + 1, sizeof(struct known *));
    for (size_t i = 0; i < configs->count; i++)
        old[i] = &configs->items[i];
    if (configs->count > 1)
        qsort(old, configs->count, sizeof(*old), by_age);
    size_t n = configs->count < KAFKACLIENT_CONFIGS_MAX ? configs->count : KAFKACLIENT_CONFIGS_MAX;
    struct kafkaclient_topic_config *ask = mem_calloc(n + 1, sizeof(*ask));
    for (size_t i = 0; i < n; i++)
        ask[i].topic = old[i]->topic;
    struct arena *arena = arena_new();
    int64_t now = clock_mono_ms();
    err_clear(&configs->trouble);
    bool ok = kafkaclient_topic_configs(client, until, arena, ask, n, &configs->trouble);
    for (size_t i = 0; ok && i < n; i++)
        take(old[i], &ask[i], now);
    bool more = ok && n < configs->count && old[n]->asked_ms == INT64_MIN;
    configs->next_ms = now + (more ? MORE_MS : EVERY_MS);
    arena_free(arena);
    free(ask);
    free(old);
}

static void publish(const struct kafka_configs *configs, struct kafka_topic *t, struct arena *arena)
{
    char *name = mem_strdup(t->name);
    const struct known *k = find(configs, name);
    free(name);
    t->retention_ms = t->retention_bytes = t->max_message_bytes = t->min_insync = UNKNOWN;
    if (k == NULL || !k->read)
        return;
    t->retention_ms = k->retention_ms;
    t->retention_bytes = k->retention_bytes;
    t->max_message_bytes = k->max_message_bytes;
    t->min_insync = k->min_insync;
    t->cleanup_policy = arena_strdup(arena, k->cleanup_policy);
}

static void note_trouble(const struct kafka_configs *configs, struct snapshot *snap)
{
    size_t denied = 0;
    for (size_t i = 0; i < configs->count; i++)
        denied += configs->items[i].denied;
    if (denied > 0)
        snapshot_note(snap, "grant this user DescribeConfigs on the topics of the pipeline",
                      "retention and compaction of %zu topics are not known: not permitted",
                      denied);
    else if (configs->trouble.kind != ERR_NONE && configs->trouble.kind != ERR_STOPPED)
        snapshot_note(snap, err_next_step(configs->trouble.kind), "%s", configs->trouble.text);
}

void kafka_configs_poll(struct kafka_configs *configs, struct kafkaclient *client,
                        const struct kafkaclient_until *until, bool full, struct snapshot *snap)
{
    struct kafka_snap *k = &snap->kafka;
    size_t before = configs->count;
    choose(configs, k);
    if (full || configs->count > before || clock_mono_ms() >= configs->next_ms)
        read_some(configs, client, until);
    for (size_t i = 0; i < k->ntopics; i++)
        publish(configs, &k->topics[i], snap->arena);
    k->ninternals = configs->ninternals;
    k->internals = arena_array(snap->arena, k->ninternals, sizeof(*k->internals));
    for (size_t i = 0; i < k->ninternals; i++) {
        k->internals[i].name = arena_strdup(snap->arena, configs->internals[i]);
        publish(configs, &k->internals[i], snap->arena);
    }
    note_trouble(configs, snap);
}
