#include "tests/unit/world_fixture.h"

#include "base/lsn.h"
#include "base/mem.h"
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

enum { START_MONO_MS = 1000 * 1000, CONFIG_MAX = 60 };
#define START_WALL_MS INT64_C(1795183402000)

void fixture_open(struct fixture *f)
{
    *f = (struct fixture){.mono_ms = START_MONO_MS,
                          .wall_ms = START_WALL_MS,
                          .lsn_now = 0x1000000,
                          .confirmed = 0x1000000,
                          .restart = 0xF00000,
                          .active = TRI_YES,
                          .wal_status = "reserved",
                          .slot_name = "dbz",
                          .safe_wal_size = UNKNOWN,
                          .src_state = "RUNNING",
                          .src_task = "RUNNING",
                          .sink_state = "RUNNING",
                          .sink_task = "RUNNING",
                          .sink_tasks = 1,
                          .schedule_ms = "10000",
                          .flush_size = "500",
                          .end = 1000,
                          .committed = 1000,
                          .group_state = "Stable",
                          .leader = 1,
                          .object_age_ms = 1000};
    struct config_flags flags = {.pg = "postgresql://db/shop",
                                 .kafka = "k:9092",
                                 .connect = "http://c:8083",
                                 .s3 = "s3://lake"};
    struct config_problems problems = {0};
    f->config = config_load(&flags, &problems);
    assert_non_null(f->config);
    config_problems_free(&problems);
    f->config->interval_ms = 2000;
    f->world = world_new(f->config);
    f->diagnosis = diagnosis_new();
    f->arena = arena_new();
    world_now(f->world, f->mono_ms, f->wall_ms);
}

void fixture_close(struct fixture *f)
{
    arena_free(f->arena);
    diagnosis_free(f->diagnosis);
    world_free(f->world);
    config_free(f->config);
}

static void fill_pg(const struct fixture *f, struct snapshot *snap)
{
    struct arena *a = snap->arena;
    struct pg_snap *pg = &snap->pg;
    struct pg_slot *s = arena_alloc(a, sizeof(*s));
    *s = (struct pg_slot){.name = f->slot_name,
                          .plugin = "pgoutput",
                          .type = "logical",
                          .database = "shop",
                          .wal_status = f->wal_status,
                          .temporary = TRI_NO,
                          .active = f->active,
                          .synced = TRI_UNKNOWN,
                          .restart_lsn = f->restart,
                          .confirmed_flush_lsn = f->confirmed,
                          .safe_wal_size = f->safe_wal_size,
                          .inactive_since_ms = UNKNOWN,
                          .retained = (int64_t)(f->lsn_now - f->restart),
                          .unconfirmed = (int64_t)(f->lsn_now - f->confirmed)};
    *pg = (struct pg_snap){.version_num = 150018,
                           .database = "shop",
                           .wal_level = "logical",
                           .in_recovery = TRI_NO,
                           .lsn_now = f->lsn_now,
                           .max_slot_wal_keep_size = -1,
                           .max_replication_slots = 10,
                           .max_wal_senders = 10,
                           .wal_sender_timeout_ms = 60000,
                           .idle_replication_slot_timeout_ms = UNKNOWN,
                           .timeline = 1,
                           .slots = s,
                           .nslots = 1};
    snap->server_ms = f->wall_ms;
}

static struct kv *config_of(struct arena *a, const char *const *pairs, size_t *n)
{
    struct kv *out = arena_array(a, CONFIG_MAX, sizeof(*out));
    *n = 0;
    for (; pairs[0] != NULL; pairs += 2) {
        if (pairs[1] != NULL)
            out[(*n)++] = (struct kv){pairs[0], pairs[1]};
    }
    return out;
}

static void fill_connector(struct arena *a, struct connect_connector *c, const char *state,
                           const char *task, int ntasks, const char *cause)
{
    c->state = state;
    c->tasks = arena_array(a, (size_t)ntasks, sizeof(*c->tasks));
    c->ntasks = (size_t)ntasks;
    for (int i = 0; i < ntasks; i++)
        c->tasks[i] = (struct connect_task){
            .id = i, .state = i == 0 ? task : "RUNNING", .cause = i == 0 ? cause : NULL};
    c->source_ms = UNKNOWN;
}

void fixture_connect(const struct fixture *f, struct snapshot *snap)
{
    struct arena *a = snap->arena;
    struct connect_connector *c = arena_array(a, 2, sizeof(*c));
    const char *sink[] = {"connector.class",
                          "io.confluent.connect.s3.S3SinkConnector",
                          "topics.regex",
                          "shop\\.public\\..*",
                          "s3.bucket.name",
                          "lake",
                          "flush.size",
                          f->flush_size,
                          "rotate.schedule.interval.ms",
                          f->schedule_ms,
                          NULL};
    const char *src[] = {"connector.class",
                         "io.debezium.connector.postgresql.PostgresConnector",
                         "slot.name",
                         "dbz",
                         "topic.prefix",
                         "shop",
                         "database.dbname",
                         "shop",
                         "signal.data.collection",
                         "public.debezium_signal",
                         "notification.enabled.channels",
                         "sink",
                         "notification.sink.topic.name",
                         "notes",
                         NULL};
    c[0].name = "sink";
    c[0].type = "sink";
    c[0].class_name = sink[1];
    c[0].config = config_of(a, sink, &c[0].nconfig);
    fill_connector(a, &c[0], f->sink_state, f->sink_task, f->sink_tasks, f->sink_cause);
    c[1].name = "src";
    c[1].type = "source";
    c[1].class_name = src[1];
    c[1].config = config_of(a, src, &c[1].nconfig);
    c[1].lsn = f->confirmed;
    fill_connector(a, &c[1], f->src_state, f->src_task, 1, f->src_cause);
    snap->connect.url = "http://c:8083";
    snap->connect.connectors = c;
    snap->connect.nconnectors = 2;
    snap->server_ms = f->wall_ms;
}

static void fill_kafka(const struct fixture *f, struct snapshot *snap)
{
    struct arena *a = snap->arena;
    struct kafka_topic *t = arena_alloc(a, sizeof(*t));
    t->name = "shop.public.orders";
    t->npartitions = 1;
    t->retention_ms = t->retention_bytes = t->max_message_bytes = t->min_insync = UNKNOWN;
    t->partitions = arena_alloc(a, sizeof(*t->partitions));
    t->partitions[0] = (struct kafka_partition){.leader = f->leader,
                                                .replicas = 1,
                                                .isr = f->leader < 0 ? 0 : 1,
                                                .end = f->end,
                                                .newest_ms = UNKNOWN,
                                                .record_bytes = UNKNOWN};
    struct kafka_offset *o = arena_alloc(a, sizeof(*o));
    *o = (struct kafka_offset){t->name, 0, f->committed};
    struct kafka_group *g = arena_alloc(a, sizeof(*g));
    *g = (struct kafka_group){.name = "connect-sink",
                              .state = f->group_state,
                              .protocol_type = "consumer",
                              .members = 1,
                              .offsets = o,
                              .noffsets = 1,
                              .offsets_read = true};
    snap->kafka = (struct kafka_snap){
        .topics = t, .ntopics = 1, .topics_visible = 1, .groups = g, .ngroups = 1};
}

static void fill_s3(const struct fixture *f, struct snapshot *snap)
{
    struct arena *a = snap->arena;
    struct s3_object *o = arena_alloc(a, sizeof(*o));
    *o = (struct s3_object){.key = "topics/shop.public.orders/hour=14/shop.public.orders+0+1.json",
                            .size = 4096,
                            .modified_ms = f->wall_ms - f->object_age_ms,
                            .start_offset = 1,
                            .records = UNKNOWN};
    struct s3_prefix *p = arena_alloc(a, sizeof(*p));
    *p = (struct s3_prefix){.topic = "shop.public.orders",
                            .path = "topics/shop.public.orders/",
                            .newest_path = "topics/shop.public.orders/year=2026/hour=14/",
                            .layout = "confluent",
                            .objects = o,
                            .nobjects = 1,
                            .complete = true,
                            .uploads = UNKNOWN,
                            .oldest_upload_ms = UNKNOWN,
                            .since_ms = f->wall_ms - 3600 * 1000};
    snap->s3 = (struct s3_snap){.bucket = "lake", .prefixes = p, .nprefixes = 1};
    snap->server_ms = f->wall_ms;
}

void fixture_tick(struct fixture *f, int64_t ms)
{
    static void (*const fill[SOURCE_KIND_COUNT])(const struct fixture *, struct snapshot *) = {
        [SOURCE_POSTGRES] = fill_pg,
        [SOURCE_KAFKA] = fill_kafka,
        [SOURCE_CONNECT] = fixture_connect,
        [SOURCE_S3] = fill_s3,
    };
    f->mono_ms += ms;
    f->wall_ms += ms;
    world_now(f->world, f->mono_ms, f->wall_ms);
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        if (f->silent[k] || (fill[k] == NULL && f->edit[k] == NULL && !f->fails[k]))
            continue;
        struct report *r = mem_alloc(sizeof(*r));
        r->mono_ms = f->mono_ms;
        if (f->fails[k]) {
            err_set(&r->err, f->fails_as != ERR_NONE ? f->fails_as : ERR_REFUSED, 0, "%s",
                    f->fails_text != NULL ? f->fails_text : "connection refused");
            r->fails = f->world->pipelines[0].sources[k].fails + 1;
        } else {
            r->snap = snapshot_new((enum source_kind)k);
            r->snap->mono_ms = f->mono_ms;
            r->snap->wall_ms = f->wall_ms;
            if (fill[k] != NULL)
                fill[k](f, r->snap);
            if (f->edit[k] != NULL)
                f->edit[k](f, r->snap);
        }
        const struct snapshot *before = world_snap(f->world, 0, (enum source_kind)k);
        if (f->watch != NULL)
            f->watch->report(f->watch->ctx, f->world, 0, (enum source_kind)k, r, before);
        world_accept(f->world, 0, (enum source_kind)k, r);
    }
    /* As the engine does: what is remembered follows the polls. */
    struct findings found = fixture_findings(f);
    if (f->watch == NULL)
        return;
    enum verdict loudest = found.count > 0 ? found.items[0].severity : VERDICT_NONE;
    f->watch->verdict(f->watch->ctx, f->world, 0, loudest,
                      found.count > 0 ? found.items[0].id : "");
    f->watch->stepped(f->watch->ctx, f->world);
}

void fixture_config(struct snapshot *snap, const char *connector, const char *key,
                    const char *value)
{
    for (size_t i = 0; i < snap->connect.nconnectors; i++) {
        struct connect_connector *c = &snap->connect.connectors[i];
        if (strcmp(c->name, connector) != 0)
            continue;
        size_t at = 0;
        while (at < c->nconfig && strcmp(c->config[at].key, key) != 0)
            at++;
        assert_true(at < CONFIG_MAX);
        c->config[at] = (struct kv){key, value};
        c->nconfig += at == c->nconfig;
        if (value == NULL)
            c->config[at] = c->config[--c->nconfig];
    }
}

const struct pipeline *fixture_pipeline(struct fixture *f)
{
    arena_reset(f->arena);
    return pipeline_join(f->world, 0, f->arena);
}

struct findings fixture_findings(struct fixture *f)
{
    const struct pipeline *p = fixture_pipeline(f);
    return diagnosis_run(f->diagnosis, f->world, 0, p, f->arena);
}

const struct finding *fixture_finding(struct findings all, const char *id)
{
    for (size_t i = 0; i < all.count; i++) {
        if (strcmp(all.items[i].id, id) == 0)
            return &all.items[i];
    }
    return NULL;
}
