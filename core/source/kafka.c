/* kafka.c: the Kafka source: metadata now and then, offsets at every poll, groups, samples. */
#include "aws/kafka_login.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "net/kafkaclient.h"
#include "source/kafka_config.h"
#include "source/kafka_groups.h"
#include "source/kafka_last.h"
#include "source/kafka_read.h"
#include "source/kafka_topics.h"
#include "source/source.h"

#include <stdlib.h>
#include <string.h>

enum {
    METADATA_MS = 45 * 1000,
    METADATA_TROUBLE_MS = 5000, /* while partitions have no leader, or a topic is missing */
    MISSING_MS = 5 * 60 * 1000, /* one that is missing may come so long after */
    BEGIN_MS = 8 * 1000,
    RETRY_WITHIN_MS = 500,
    EXTRAS_MS = 3000 /* samples and notifications may take this long */
};

struct kafka_source {
    const struct pipeline_config *pipeline;
    const struct kafka_config *cfg;
    struct kafka_login *login;
    struct kafkaclient *client;
    struct arena *found;      /* what the place's strings live in */
    struct kafka_place place; /* as the join found it */
    struct kafka_topics *topics;
    struct kafka_groups *groups;
    struct kafka_notes *notes;
    struct kafka_configs *configs;
    struct kafka_lasts *lasts;
    int64_t metadata_ms, begin_ms; /* monotonic, of the last good answer */
    bool stale;                    /* the metadata is known to be out of date */
    bool leaderless;               /* some partition had no leader when it was read */
    int64_t missing_ms;            /* monotonic: when a topic was found to be missing; 0 */
    uint64_t wanted;               /* hash of what the hints asked for */
    size_t turn;
};

static bool kafka_configured(const struct pipeline_config *cfg, const struct hints *hints)
{
    return cfg->kafka.bootstrap_servers.count > 0 ||
           (hints != NULL && (hints->bootstrap_servers != NULL || hints->kafka_unknown != NULL));
}

static void *kafka_open(const struct pipeline_config *cfg, struct err *err)
{
    (void)err;
    struct kafka_source *self = mem_alloc(sizeof(*self));
    self->pipeline = cfg;
    self->cfg = &cfg->kafka;
    self->groups = kafka_groups_new();
    self->notes = kafka_notes_new();
    self->configs = kafka_configs_new();
    self->lasts = kafka_lasts_new();
    return self;
}

static void kafka_close(void *arg)
{
    struct kafka_source *self = arg;
    if (self == NULL)
        return;
    kafkaclient_close(self->client);
    kafka_login_free(self->login);
    kafka_topics_free(self->topics);
    kafka_groups_free(self->groups);
    kafka_notes_free(self->notes);
    kafka_configs_free(self->configs);
    kafka_lasts_free(self->lasts);
    if (self->found != NULL)
        arena_free(self->found);
    free(self);
}

static void disconnect(struct kafka_source *self)
{
    kafkaclient_close(self->client);
    self->client = NULL;
}

/* What the configuration does not name, MSK or the connectors' own settings may. Once found it
 * stays until something else is found. */
static void find_place(struct kafka_source *self, const struct hints *hints)
{
    if (self->cfg->bootstrap_servers.count > 0 || hints == NULL || hints->bootstrap_servers == NULL)
        return;
    if (mem_same(self->place.bootstrap, hints->bootstrap_servers) &&
        mem_same(self->place.security_protocol, hints->kafka_protocol) &&
        mem_same(self->place.mechanism, hints->kafka_mechanism))
        return;
    disconnect(self);
    if (self->found != NULL)
        arena_free(self->found);
    self->found = arena_new();
    self->place = (struct kafka_place){
        .bootstrap = arena_strdup(self->found, hints->bootstrap_servers),
        .security_protocol = arena_strdup(self->found, hints->kafka_protocol),
        .mechanism = arena_strdup(self->found, hints->kafka_mechanism),
    };
}

static bool connect_client(struct kafka_source *self, const struct kafkaclient_until *until,
                           const struct poll_ctx *ctx, struct err *err)
{
    struct kafkaclient_login login;
    find_place(self, ctx->hints);
    if (self->client != NULL)
        return true;
    if (self->cfg->bootstrap_servers.count == 0 && self->place.bootstrap == NULL &&
        ctx->hints != NULL && ctx->hints->kafka_unknown != NULL)
        return err_set(err, ERR_CONFIG, 0, "%s", ctx->hints->kafka_unknown);
    if (self->login == NULL)
        self->login = kafka_login_new(self->pipeline, ctx->aws);
    if (!kafka_login_settle(self->login, &self->place, until, &login, err))
        return false;
    self->client = kafkaclient_new(self->cfg, self->place.bootstrap, &login, err);
    self->stale = true;
    return self->client != NULL;
}

static uint64_t hash_names(uint64_t h, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        h = hash_more(h, names[i], strlen(names[i]) + 1); /* its end, too */
    }
    return h;
}

static uint64_t hash_hints(const struct hints *hints)
{
    uint64_t h = HASH_START;
    if (hints == NULL)
        return h;
    h = hash_names(h, hints->topics, hints->ntopics);
    h = hash_names(h, hints->topic_globs, hints->ntopic_globs);
    h = hash_names(h, hints->last_topics, hints->nlast_topics);
    return hash_names(h, hints->notification_topics, hints->nnotification_topics);
}

static bool refresh_topics(struct kafka_source *self, const struct kafkaclient_until *until,
                           const struct poll_ctx *ctx, struct err *err)
{
    uint64_t wanted = hash_hints(ctx->hints);
    int64_t now = clock_mono_ms();
    bool trouble =
        self->leaderless || (self->missing_ms != 0 && now - self->missing_ms < MISSING_MS);
    if (self->topics != NULL && !self->stale && !ctx->full && wanted == self->wanted &&
        now - self->metadata_ms < (trouble ? METADATA_TROUBLE_MS : METADATA_MS))
        return true;
    struct arena *arena = arena_new();
    struct kafkaclient_meta meta;
    bool ok = kafkaclient_metadata(self->client, until, arena, &meta, err);
    if (ok) {
        struct kafka_topics *topics =
            kafka_topics_build(&meta, self->cfg, ctx->hints, self->topics);
        bool gone =
            self->topics != NULL && wanted == self->wanted && topics->count < self->topics->count;
        /* A connector that was just made has not made its topics yet. */
        if (gone || (wanted != self->wanted && kafka_topics_lack(topics, ctx->hints)))
            self->missing_ms = now;
        kafka_topics_free(self->topics);
        kafka_configs_internals(self->configs, &meta);
        self->topics = topics;
        self->metadata_ms = now;
        self->wanted = wanted;
        self->stale = false;
        self->leaderless = kafka_topics_leaderless(topics) > 0;
    }
    arena_free(arena);
    return ok;
}

static bool read_offsets(struct kafka_source *self, const struct kafkaclient_until *until,
                         const struct poll_ctx *ctx, struct err *err)
{
    if (!kafka_topics_read_edges(self->topics, self->client, until, KAFKACLIENT_END, &self->stale,
                                 err)) {
        self->stale = true;
        return false;
    }
    int64_t now = clock_mono_ms();
    if (ctx->full || now - self->begin_ms >= BEGIN_MS || kafka_topics_lack_begin(self->topics)) {
        /* Without the log starts the rest is still worth showing. */
        if (kafka_topics_read_edges(self->topics, self->client, until, KAFKACLIENT_BEGIN,
                                    &self->stale, NULL))
            self->begin_ms = now;
    }
    return true;
}

/* A topic that was deleted, or a partition that moved, loses the answers of a whole leader: with
 * the new metadata the second try is right at once. A leader that let us wait is not asked twice.
 */
static bool read_topics(struct kafka_source *self, const struct kafkaclient_until *until,
                        const struct poll_ctx *ctx, struct err *err)
{
    int64_t start = clock_mono_ms();
    bool ok = refresh_topics(self, until, ctx, err);
    if (!ok)
        return false;
    ok = read_offsets(self, until, ctx, err);
    if ((ok && !self->stale) || clock_mono_ms() - start > RETRY_WITHIN_MS ||
        kafkaclient_stopped(until, NULL))
        return ok;
    return refresh_topics(self, until, ctx, err) && read_offsets(self, until, ctx, err);
}

static void note_missing(const struct kafka_topics *topics, struct snapshot *snap)
{
    size_t leaderless = kafka_topics_leaderless(topics), silent = 0;
    for (size_t i = 0; i < topics->count; i++) {
        for (size_t k = 0; k < topics->items[i].nparts; k++) {
            const struct kafka_part *p = &topics->items[i].parts[k];
            silent += p->leader >= 0 && p->end == UNKNOWN;
        }
    }
    if (leaderless > 0)
        snapshot_note(snap, "check the brokers of this cluster", "%zu partitions have no leader",
                      leaderless);
    if (silent > 0)
        snapshot_note(snap, "check the brokers of this cluster",
                      "%zu partitions: their leader gave no offsets", silent);
}

static struct snapshot *read_all(struct kafka_source *self, const struct kafkaclient_until *until,
                                 const struct poll_ctx *ctx, struct err *err)
{
    kafkaclient_tidy(self->client);
    if (!read_topics(self, until, ctx, err))
        return NULL;
    struct snapshot *snap = snapshot_new(SOURCE_KAFKA);
    if (!kafka_groups_poll(self->groups, self->client, until, self->cfg, ctx->hints, self->topics,
                           ctx->full, snap, err)) {
        snapshot_free(snap);
        return NULL;
    }
    struct kafkaclient_until extras = *until;
    int64_t end = clock_mono_ms() + EXTRAS_MS;
    extras.deadline_ms = end < until->deadline_ms ? end : until->deadline_ms;
    kafka_notes_poll(self->notes, self->client, &extras, ctx->hints, self->topics, snap);
    kafka_read_samples(self->topics, self->client, &extras, ctx->hints, &self->turn, snap);
    kafka_lasts_poll(self->lasts, self->client, &extras, ctx->hints, self->topics, snap);
    kafka_topics_publish(self->topics, snap);
    kafka_configs_poll(self->configs, self->client, &extras, ctx->full, snap);
    note_missing(self->topics, snap);
    return snap;
}

static struct snapshot *kafka_poll(void *arg, const struct poll_ctx *ctx, struct err *err)
{
    struct kafka_source *self = arg;
    const struct kafkaclient_until until = {.deadline_ms = ctx->deadline_ms,
                                            .stop_fd = ctx->stop_fd};
    if (source_give_up(ctx, err) || !connect_client(self, &until, ctx, err))
        return NULL;
    struct snapshot *snap = read_all(self, &until, ctx, err);
    if (snap == NULL && kafka_login_refused(self->login, &until, err))
        disconnect(self);
    return snap;
}

const struct source_ops source_kafka = {
    .name = "kafka",
    .kind = SOURCE_KAFKA,
    .configured = kafka_configured,
    .open = kafka_open,
    .poll = kafka_poll,
    .close = kafka_close,
};
