/* diagnose: how long one evaluation of all rules takes over 1,000 entities, well and in trouble.
 * The world is made by hand: 50 slots, 250 connectors, 500 topics with their groups, 200 prefixes.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "diagnosis/diagnosis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 50, CONNECTORS = 250, TOPICS = 500, PREFIXES = 200, POLLS = 60, RUNS = 200 };

static const int64_t start_wall_ms = INT64_C(1795183402000);

struct scene {
    struct config *config;
    struct world *world;
    int64_t mono_ms, wall_ms;
    int poll;
    bool trouble;
};

static void fill_pg(const struct scene *s, struct snapshot *snap)
{
    struct pg_snap *pg = &snap->pg;
    uint64_t now = UINT64_C(0x100000000) + (uint64_t)s->poll * 1000000;
    *pg = (struct pg_snap){.version_num = 150018,
                           .database = "shop",
                           .wal_level = "logical",
                           .lsn_now = now,
                           .max_slot_wal_keep_size = -1,
                           .max_replication_slots = 100,
                           .max_wal_senders = 100,
                           .wal_sender_timeout_ms = 60000,
                           .idle_replication_slot_timeout_ms = UNKNOWN,
                           .timeline = 1,
                           .nslots = SLOTS};
    pg->slots = arena_array(snap->arena, SLOTS, sizeof(*pg->slots));
    for (int i = 0; i < SLOTS; i++) {
        bool idle = s->trouble && i % 5 == 0;
        uint64_t at = idle ? UINT64_C(0x100000000) : now - 1000;
        pg->slots[i] = (struct pg_slot){.name = arena_printf(snap->arena, "slot_%02d", i),
                                        .plugin = "pgoutput",
                                        .type = "logical",
                                        .database = "shop",
                                        .wal_status = "reserved",
                                        .active = idle ? TRI_NO : TRI_YES,
                                        .active_pid = idle ? 0 : 1000 + i,
                                        .restart_lsn = at,
                                        .confirmed_flush_lsn = at,
                                        .safe_wal_size = UNKNOWN,
                                        .inactive_since_ms = UNKNOWN,
                                        .retained = (int64_t)(now - at),
                                        .unconfirmed = (int64_t)(now - at),
                                        .spill_txns = UNKNOWN,
                                        .spill_bytes = UNKNOWN,
                                        .total_txns = UNKNOWN,
                                        .total_bytes = UNKNOWN,
                                        .xmin_age = UNKNOWN,
                                        .catalog_xmin_age = 1000};
    }
}

static struct kv *pairs(struct arena *a, const char *const *text, size_t *n)
{
    struct kv *out = arena_array(a, 20, sizeof(*out));
    *n = 0;
    for (; text[0] != NULL; text += 2)
        out[(*n)++] = (struct kv){text[0], text[1]};
    return out;
}

static void fill_connector(const struct scene *s, struct arena *a, struct connect_connector *c,
                           int i)
{
    bool sink = i >= SLOTS;
    bool fails = s->trouble && i % 5 == 0;
    const char *source[] = {"connector.class",
                            "io.debezium.connector.postgresql.PostgresConnector",
                            "slot.name",
                            arena_printf(a, "slot_%02d", i),
                            "topic.prefix",
                            arena_printf(a, "p%d", i),
                            "database.dbname",
                            "shop",
                            NULL};
    const char *s3[] = {"connector.class",
                        "io.confluent.connect.s3.S3SinkConnector",
                        "topics",
                        arena_printf(a, "topic_%03d,topic_%03d", i * 2, i * 2 + 1),
                        "s3.bucket.name",
                        "lake",
                        "flush.size",
                        "500",
                        "rotate.schedule.interval.ms",
                        "10000",
                        NULL};
    c->name = arena_printf(a, "connector_%03d", i);
    c->type = sink ? "sink" : "source";
    c->class_name = sink ? s3[1] : source[1];
    c->config = pairs(a, sink ? s3 : source, &c->nconfig);
    c->state = "RUNNING";
    c->ntasks = 1;
    c->tasks = arena_array(a, 1, sizeof(*c->tasks));
    c->tasks[0] =
        (struct connect_task){.state = fails ? "FAILED" : "RUNNING",
                              .worker = "10.0.0.1:8083",
                              .trace = fails ? "X\nCaused by: y: Connection refused" : NULL,
                              .cause = fails ? "y: Connection refused" : NULL};
    c->source_ms = UNKNOWN;
}

static void fill_connect(const struct scene *s, struct snapshot *snap)
{
    struct connect_snap *cs = &snap->connect;
    cs->url = "http://connect:8083";
    cs->nconnectors = CONNECTORS;
    cs->connectors = arena_array(snap->arena, CONNECTORS, sizeof(*cs->connectors));
    for (int i = 0; i < CONNECTORS; i++)
        fill_connector(s, snap->arena, &cs->connectors[i], i);
}

static void fill_kafka(const struct scene *s, struct snapshot *snap)
{
    struct arena *a = snap->arena;
    struct kafka_snap *k = &snap->kafka;
    k->ntopics = k->topics_visible = TOPICS;
    k->topics = arena_array(a, TOPICS, sizeof(*k->topics));
    k->ngroups = CONNECTORS - SLOTS;
    k->groups = arena_array(a, k->ngroups, sizeof(*k->groups));
    for (int i = 0; i < TOPICS; i++) {
        struct kafka_topic *t = &k->topics[i];
        *t = (struct kafka_topic){.name = arena_printf(a, "topic_%03d", i),
                                  .retention_ms = UNKNOWN,
                                  .retention_bytes = UNKNOWN,
                                  .max_message_bytes = UNKNOWN,
                                  .min_insync = UNKNOWN,
                                  .npartitions = 1};
        t->partitions = arena_array(a, 1, sizeof(*t->partitions));
        t->partitions[0] = (struct kafka_partition){.leader = 1,
                                                    .replicas = 1,
                                                    .isr = 1,
                                                    .end = 1000 + s->poll * 20,
                                                    .newest_ms = UNKNOWN,
                                                    .record_bytes = UNKNOWN};
    }
    for (size_t g = 0; g < k->ngroups; g++) {
        int i = (int)g + SLOTS;
        bool stuck = s->trouble && i % 5 == 0;
        struct kafka_offset *o = arena_array(a, 2, sizeof(*o));
        for (int t = 0; t < 2; t++)
            o[t] = (struct kafka_offset){arena_printf(a, "topic_%03d", i * 2 + t), 0,
                                         stuck ? 1000 : 1000 + s->poll * 20};
        k->groups[g] = (struct kafka_group){.name = arena_printf(a, "connect-connector_%03d", i),
                                            .state = stuck ? "Empty" : "Stable",
                                            .protocol_type = "consumer",
                                            .members = stuck ? 0 : 1,
                                            .offsets = o,
                                            .noffsets = 2,
                                            .offsets_read = true};
    }
}

static void fill_s3(const struct scene *s, struct snapshot *snap)
{
    struct arena *a = snap->arena;
    struct s3_snap *s3 = &snap->s3;
    s3->bucket = "lake";
    s3->nprefixes = PREFIXES;
    s3->prefixes = arena_array(a, PREFIXES, sizeof(*s3->prefixes));
    for (int i = 0; i < PREFIXES; i++) {
        struct s3_object *o = arena_alloc(a, sizeof(*o));
        bool late = s->trouble && i % 10 == 0;
        int topic = i + 2 * SLOTS;
        *o = (struct s3_object){.key = "k",
                                .size = 4096,
                                .modified_ms = late ? start_wall_ms : s->wall_ms - 3000,
                                .start_offset = 1,
                                .records = UNKNOWN};
        s3->prefixes[i] =
            (struct s3_prefix){.topic = arena_printf(a, "topic_%03d", topic),
                               .path = arena_printf(a, "topics/topic_%03d/", topic),
                               .newest_path = arena_printf(a, "topics/topic_%03d/hour=14/", topic),
                               .layout = "confluent",
                               .objects = o,
                               .nobjects = 1,
                               .complete = true,
                               .uploads = UNKNOWN,
                               .oldest_upload_ms = UNKNOWN,
                               .since_ms = start_wall_ms - 3600 * 1000};
    }
}

static void poll_all(struct scene *s)
{
    static void (*const fill[SOURCE_KIND_COUNT])(const struct scene *, struct snapshot *) = {
        [SOURCE_POSTGRES] = fill_pg,
        [SOURCE_KAFKA] = fill_kafka,
        [SOURCE_CONNECT] = fill_connect,
        [SOURCE_S3] = fill_s3,
    };
    s->poll++;
    s->mono_ms += 2000;
    s->wall_ms += 2000;
    world_now(s->world, s->mono_ms, s->wall_ms);
    for (int k = 0; k < SOURCE_OWN_COUNT; k++) {
        struct report *r = mem_alloc(sizeof(*r));
        r->mono_ms = s->mono_ms;
        r->snap = snapshot_new((enum source_kind)k);
        r->snap->mono_ms = s->mono_ms;
        r->snap->wall_ms = r->snap->server_ms = s->wall_ms;
        fill[k](s, r->snap);
        world_accept(s->world, 0, (enum source_kind)k, r);
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void measure(struct scene *s, const char *name)
{
    struct diagnosis *diag = diagnosis_new();
    struct arena *joined = arena_new();
    struct arena *arena = arena_new();
    double ms[RUNS];
    size_t found = 0;
    for (int i = 0; i < POLLS; i++)
        poll_all(s);
    const struct pipeline *p = pipeline_join(s->world, 0, joined);
    for (int i = 0; i < RUNS; i++) {
        arena_reset(arena);
        s->mono_ms += 10;
        world_now(s->world, s->mono_ms, s->wall_ms);
        int64_t from = clock_mono_us();
        struct findings all = diagnosis_run(diag, s->world, 0, p, arena);
        ms[i] = (double)(clock_mono_us() - from) / 1000;
        found = all.count;
    }
    qsort(ms, RUNS, sizeof(ms[0]), by_value);
    (void)printf(
        "| diagnosis of 1,000 entities, %s (%zu findings), median of %d | %.2f ms | – | – | – | "
        "≤ 2 ms |\n",
        name, found, RUNS, ms[RUNS / 2]);
    arena_free(arena);
    arena_free(joined);
    diagnosis_free(diag);
}

static void run(bool trouble)
{
    struct config_flags flags = {.pg = "postgresql://db/shop",
                                 .kafka = "k:9092",
                                 .connect = "http://c:8083",
                                 .s3 = "s3://lake"};
    struct config_problems problems = {0};
    struct scene s = {.mono_ms = 1000000, .wall_ms = start_wall_ms, .trouble = trouble};
    s.config = config_load(&flags, &problems);
    config_problems_free(&problems);
    if (s.config == NULL)
        exit(1);
    s.world = world_new(s.config);
    measure(&s, trouble ? "a fifth of them in trouble" : "all well");
    world_free(s.world);
    config_free(s.config);
}

int main(void)
{
    run(false);
    run(true);
    return 0;
}
