#include "tests/screen/fixture_int.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *dup(struct fixture *f, const char *s)
{
    return arena_strdup(f->arena, s);
}

const char *fixture_name(enum fixture_kind kind)
{
    static const char *const names[] = {
        [FIXTURE_HEALTHY] = "healthy", [FIXTURE_INCIDENT] = "incident", [FIXTURE_STALE] = "stale",
        [FIXTURE_UNKNOWN] = "unknown", [FIXTURE_WAITING] = "waiting",   [FIXTURE_EMPTY] = "empty",
        [FIXTURE_HUGE] = "huge",       [FIXTURE_HOSTILE] = "hostile",   [FIXTURE_FLEET] = "fleet",
        [FIXTURE_FLEETS] = "fleets",   [FIXTURE_NOTHING] = "nothing",   [FIXTURE_BEFORE] = "before",
    };
    return names[kind];
}

static size_t count(enum fixture_kind kind)
{
    return kind == FIXTURE_NOTHING  ? 0
           : kind == FIXTURE_FLEET  ? 12
           : kind == FIXTURE_FLEETS ? 200
                                    : 1;
}

/* Of a fleet some are in trouble, each in its own. */
static enum fixture_kind kind_of(enum fixture_kind kind, size_t i)
{
    static const enum fixture_kind fleet[] = {[1] = FIXTURE_INCIDENT,
                                              [4] = FIXTURE_STALE,
                                              [7] = FIXTURE_UNKNOWN,
                                              [9] = FIXTURE_EMPTY,
                                              [10] = FIXTURE_WAITING};
    if (kind != FIXTURE_FLEET && kind != FIXTURE_FLEETS)
        return kind;
    return i < ARRAY_LEN(fleet) ? fleet[i] : FIXTURE_HEALTHY;
}

static void set_config(struct fixture *f)
{
    static const char *const names[] = {
        "orders-prod",  "billing-prod", "shop-lab", "stock-prod", "users-prod", "ledger-prod",
        "search-stage", "carts-prod",   "mail-lab", "new-stage",  "risk-prod",  "audit-prod"};
    static const char *const envs[] = {"prod",  "prod", "lab", "prod",  "prod", "prod",
                                       "stage", "prod", "lab", "stage", "prod", "prod"};
    f->config.interval_ms = 2000;
    f->config.theme = dup(f, "dark");
    f->config.glyphs = dup(f, "auto");
    f->config.path = f->config.audit_log = f->config.log_file = f->config.log_level = dup(f, "");
    f->config.pipelines = f->pipelines;
    f->config.npipelines = count(f->kind);
    for (size_t i = 0; i < f->config.npipelines; i++) {
        struct pipeline_config *p = &f->pipelines[i];
        size_t k = i % ARRAY_LEN(names);
        p->name = i == k ? dup(f, names[k]) : arena_printf(f->arena, "%s-%03zu", names[k], i);
        p->environment = dup(f, envs[k]);
        p->thresholds.snapshot_stuck_ms = 600000;
        p->postgres.conninfo = dup(f, "host=orders-db.internal dbname=orders user=cdctop");
        p->kafka.bootstrap_servers.items = arena_array(f->arena, 1, sizeof(char *));
        p->kafka.bootstrap_servers.items[0] = dup(f, "kafka-1.internal:9092");
        p->kafka.bootstrap_servers.count = 1;
        p->connect.urls.items = arena_array(f->arena, 1, sizeof(char *));
        p->connect.urls.items[0] = dup(f, "http://connect-1.internal:8083");
        p->connect.urls.count = 1;
        p->s3.url = dup(f, "s3://lake/topics");
        p->s3.endpoint = p->s3.region = p->kafka.security_protocol = dup(f, "");
    }
}

/* ---- sources --------------------------------------------------------------------------------- */

static void pg_facts(struct fixture *f, struct pg_snap *pg)
{
    static const char *const tables[] = {"orders", "order_items", "customers", "payments",
                                         "debezium_signal"};
    pg->version_num = 150018;
    pg->version = "15.18";
    pg->max_slot_wal_keep_size = INT64_C(64) * 1000 * 1000 * 1000;
    pg->ntables = pg->tables_total = ARRAY_LEN(tables);
    pg->tables = arena_array(f->arena, pg->ntables, sizeof(*pg->tables));
    for (size_t i = 0; i < pg->ntables; i++)
        pg->tables[i] = (struct pg_table){.publication = "dbz_publication",
                                          .schema = "public",
                                          .name = tables[i],
                                          .replica_identity = 'd',
                                          .has_pk = TRI_YES,
                                          .live_rows = 1200 * (int64_t)(i + 1) * (int64_t)(i + 1),
                                          .changes = 0};
    pg->nholders = 1;
    pg->holders = arena_array(f->arena, 1, sizeof(*pg->holders));
    pg->holders[0] = (struct pg_holder){.pid = 41877,
                                        .user = "report",
                                        .application_name = "nightly-report",
                                        .state = "idle in transaction",
                                        .query = "SELECT o.id, sum(i.amount) FROM orders o JOIN "
                                                 "order_items i ON i.order_id = o.id GROUP BY 1",
                                        .xact_start_ms = FIXTURE_WALL - 754000,
                                        .xid_age = 1200,
                                        .xmin_age = 1200,
                                        .type = "client backend",
                                        .backend_start_ms = FIXTURE_WALL - 900000,
                                        .superuser = TRI_NO,
                                        .may_signal = TRI_YES};
}

static void answer(struct fixture *f, size_t pipeline, enum source_kind kind)
{
    struct source_slot *src = &f->world->pipelines[pipeline].sources[kind];
    src->snap = snapshot_new(kind);
    src->snap->mono_ms = FIXTURE_MONO - 400;
    src->snap->wall_ms = src->snap->server_ms = FIXTURE_WALL - 400;
    src->snap->took_us = 8300;
    src->report_mono_ms = FIXTURE_MONO - 400;
    src->took_us = 8300;
    src->polls = 120;
    for (int i = 0; i < 60; i++) /* one of them was slow */
        src->recent_us[src->nrecent++] = i == 41 ? 1240000 : 7000 + i % 9 * 300;
    if (kind == SOURCE_POSTGRES)
        pg_facts(f, &src->snap->pg);
    else if (kind == SOURCE_KAFKA)
        src->snap->kafka.nbrokers = 3;
    else if (kind == SOURCE_CONNECT)
        src->snap->connect.version = "3.9.0";
    else
        src->snap->s3.requests = 1412, src->snap->s3.keys = 120340;
}

static void fail(struct source_slot *src, enum err_kind err, const char *text)
{
    (void)err_set(&src->err, err, 0, "%s", text);
    src->fails = 3;
    src->failures = 3;
    src->failing_since_ms = FIXTURE_MONO - 6000;
    if (src->snap != NULL)
        src->snap->mono_ms = FIXTURE_MONO - 42000;
}

static void set_sources(struct fixture *f, size_t i)
{
    enum fixture_kind kind = kind_of(f->kind, i);
    struct source_slot *sources = f->world->pipelines[i].sources;
    for (int k = 0; k < SOURCE_OWN_COUNT; k++) {
        sources[k].configured = true;
        sources[k].opened_mono_ms = FIXTURE_MONO - 240000;
        if (kind != FIXTURE_WAITING)
            answer(f, i, (enum source_kind)k);
    }
    if (kind == FIXTURE_WAITING)
        sources[SOURCE_S3].configured = false;
    if (kind == FIXTURE_STALE) {
        sources[SOURCE_POSTGRES].snap->mono_ms = FIXTURE_MONO - 12000;
        sources[SOURCE_POSTGRES].report_mono_ms = FIXTURE_MONO - 12000;
    }
    if (kind == FIXTURE_UNKNOWN) {
        fail(&sources[SOURCE_KAFKA], ERR_TIMEOUT,
             "kafka-1.internal:9092: metadata: timed out after 3 s");
        fail(&sources[SOURCE_CONNECT], ERR_PROTOCOL,
             "http://connect-1.internal:8083/connectors: not JSON: <html><head><title>502 Bad "
             "Gateway</title></head>");
        snapshot_free(sources[SOURCE_CONNECT].snap);
        sources[SOURCE_CONNECT].snap = NULL;
    }
}

static void set_world(struct fixture *f)
{
    f->world = world_new(&f->config);
    f->world->interval_ms = 2000;
    for (size_t i = 0; i < f->world->npipelines; i++)
        set_sources(f, i);
    for (int t = 0; t < 60; t++)
        if (f->world->npipelines > 0)
            series_push_gauge(f->world->pipelines[0].series, "retained old_export",
                              FIXTURE_MONO - 590000 + t * 10000, 40.6e9 + t * 1e7 + t % 4 * 2e6);
    for (int t = 0; t < 120 && f->world->npipelines > 0; t++) /* a saw-tooth: the slot moves on */
        series_push_gauge(f->world->pipelines[0].series, "retained debezium",
                          FIXTURE_MONO - 238000 + t * 2000, 4e6 + (t * 7 % 50) * 6e5);
    if (f->kind == FIXTURE_INCIDENT)
        fixture_past(f);
    world_now(f->world, FIXTURE_MONO, FIXTURE_WALL);
}

/* ---- the strip ------------------------------------------------------------------------------- */

static struct hop fixture_hop(const char *title, const char *name, const char *figure,
                              const char *brief, const char *word, enum verdict verdict)
{
    return (struct hop){.title = title,
                        .name = name,
                        .figure = figure,
                        .brief = brief,
                        .word = word,
                        .curt = strcmp(word, "no answer") == 0 ? "silent" : NULL,
                        .verdict = verdict,
                        .age_ms = UNKNOWN,
                        .budget_ms = UNKNOWN};
}

static void set_hops(struct fixture *f, struct pipeline *p)
{
    bool bad = fixture_incident(f);
    bool stale = f->kind == FIXTURE_STALE;
    bool unknown = f->kind == FIXTURE_UNKNOWN;
    enum verdict if_told = unknown ? VERDICT_UNKNOWN : VERDICT_OK;
    enum verdict if_fresh = stale ? VERDICT_UNKNOWN : VERDICT_OK;
    const char *database = stale ? "12s old" : "ok";
    const struct hop hops[HOP_COUNT] = {
        fixture_hop("source", "orders-db", "WAL 1.2 MB/s", "1.2 MB/s", database, if_fresh),
        fixture_hop("slot", "debezium", "18.4 MB behind", "18.4 MB", database, if_fresh),
        fixture_hop("capture", "debezium-pg", unknown ? "" : "0.4 s behind", unknown ? "" : "0.4 s",
                    unknown ? "no answer" : "running 1/1", if_told),
        fixture_hop("topics", "cdc.public.*", unknown ? "" : "842 msg/s", unknown ? "" : "842/s",
                    unknown ? "no answer" : "12 topics", if_told),
        fixture_hop("sink", "s3-sink",
                    unknown ? ""
                    : bad   ? "61,204 behind"
                            : "0 behind",
                    unknown ? ""
                    : bad   ? "2/3"
                            : "3/3",
                    unknown ? "no answer"
                    : bad   ? "1 of 3 failed"
                            : "running 3/3",
                    bad ? VERDICT_CRIT : if_told),
        fixture_hop("objects", "lake/topics", bad ? "newest 3m12s" : "newest 22s",
                    bad ? "+2m12s" : "22s", bad ? "late by 2m12s" : "on time",
                    bad ? VERDICT_WARN : VERDICT_OK),
    };
    memcpy(p->hops, hops, sizeof(hops));
    p->hops[HOP_SOURCE].tight = "1.2M/s";
    p->hops[HOP_SLOT].tight = "18MB";
    p->first_bad = bad ? HOP_SINK : stale ? HOP_SOURCE : unknown ? HOP_CAPTURE : -1;
    p->end_to_end_ms = bad ? 192000 : unknown ? UNKNOWN : 22000;
    p->end_to_end_late = bad;
    p->route = "PostgreSQL 15 → Kafka 3.9 → S3";
}

static void set_findings(struct fixture *f, struct findings *out)
{
    static struct folded folded[] = {
        {"C01", "s3-sink",           "s3-sink task 1 failed",                          VERDICT_CRIT},
        {"S02", "cdc.public.orders", "objects of cdc.public.orders are late by 2m12s",
         VERDICT_WARN                                                                              },
    };
    static const struct finding incident[] = {
        {.id = "S03",
         .severity = VERDICT_CRIT,
         .hop = HOP_SINK,
         .object = "s3-sink",
         .title = "s3-sink task 1 failed: AccessDenied on PutObject s3://lake/topics/orders",
         .advice = "the role of the sink may not write there: give it s3:PutObject first, a "
                   "restart alone will fail again", .evidence = {"task 1 is FAILED on worker 10.0.3.21:8083 since 14:00:10Z",
                      "the last Caused by names AmazonS3Exception: Access Denied (403)"},
         .nevidence = 2,
         .check =
             "the bucket policy and the role that the worker runs with; the KMS key if the bucket "
             "has one",  .explains = folded,
         .nexplains = 2,
         .has_remedy = true,
         .remedy = ACTION_RESTART,
         .remedy_target = "s3-sink",
         .since_wall_ms = FIXTURE_WALL - 192000},
        {.id = "P03",
         .severity = VERDICT_WARN,
         .hop = HOP_SLOT,
         .object = "old_export",
         .title = "slot old_export: no owner, idle 2 days, retains 41.2 GB, disk full in est. "
                  "6h 10m",                                                              .advice = "last held by pg_recvlogical from 10.0.3.17; dropping frees 41.2 GB after the "
                   "next checkpoint",                         .evidence = {"inactive since 2026-11-18T13:55:02Z", "retained WAL grows 1.0 MB/s"},
         .nevidence = 2,
         .confidence = CONFIDENCE_MEDIUM,
         .check = "whether another Connect cluster, a DMS task or a subscription still owns it",
         .has_remedy = true,
         .remedy = ACTION_DROP_SLOT,
         .remedy_target = "old_export",
         .since_wall_ms = FIXTURE_WALL - 172800000},
    };
    static const struct finding unknown[] = {
        {.id = "Z01",
         .severity = VERDICT_UNKNOWN,
         .hop = HOP_TOPICS,
         .object = "kafka",
         .title = "Kafka does not answer: metadata: timed out after 3 s",
         .advice = "what depends on it is unknown until then",
         .check = "",
         .since_wall_ms = FIXTURE_WALL - 42000},
    };
    if (fixture_incident(f))
        *out =
            (struct findings){.items = arena_array(f->arena, 2, sizeof(*out->items)), .count = 2};
    else if (f->kind == FIXTURE_STALE)
        *out =
            (struct findings){.muted = arena_array(f->arena, 1, sizeof(*out->muted)), .nmuted = 1};
    else if (f->kind == FIXTURE_UNKNOWN)
        *out =
            (struct findings){.items = arena_array(f->arena, 1, sizeof(*out->items)), .count = 1};
    for (size_t i = 0; i < out->nmuted; i++) {
        out->muted[i] = incident[1];
        out->muted[i].mute_reason = "the export comes back on Monday";
        out->muted[i].muted_until_ms = FIXTURE_WALL + 86400000;
    }
    if (out->count > 0)
        memcpy(out->items, f->kind == FIXTURE_UNKNOWN ? unknown : incident,
               out->count * sizeof(*out->items));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct row_base *)a)->name, ((const struct row_base *)b)->name);
}

static struct pipeline *make_pipeline(struct fixture *f, size_t i)
{
    struct pipeline *p = arena_alloc(f->arena, sizeof(*p));
    p->name = f->pipelines[i].name;
    p->environment = f->pipelines[i].environment;
    set_hops(f, p);
    if (f->kind == FIXTURE_WAITING || f->kind == FIXTURE_EMPTY) {
        for (int h = 0; h < HOP_COUNT; h++) {
            p->hops[h].name = p->hops[h].title;
            p->hops[h].figure = p->hops[h].brief = "";
            p->hops[h].word = f->kind == FIXTURE_EMPTY ? "none" : "asking";
            p->hops[h].verdict = f->kind == FIXTURE_EMPTY ? VERDICT_NONE : VERDICT_UNKNOWN;
        }
        p->end_to_end_ms = UNKNOWN;
        p->route = "PostgreSQL → Kafka → S3";
        return p;
    }
    fixture_slots(f, p);
    fixture_topics(f, p);
    fixture_connectors(f, p);
    /* As the join gives them. */
    if (p->ntopics > 1)
        qsort(p->topics, p->ntopics, sizeof(*p->topics), by_name);
    if (p->nconnectors > 1)
        qsort(p->connectors, p->nconnectors, sizeof(*p->connectors), by_name);
    fixture_groups(f, p);
    fixture_prefixes(f, p);
    fixture_kafka(f, i, p);
    fixture_snapshots(f, i, p);
    return p;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void set_log(struct fixture *f)
{
    static const struct log_line lines[] = {
        {FIXTURE_WALL - 200000, LOG_INFO,  "started with 1 pipeline"             },
        {FIXTURE_WALL - 192000, LOG_WARN,  "connect: s3-sink task 1 is FAILED"   },
        {FIXTURE_WALL - 60000,  LOG_ERROR, "kafka: metadata: timed out after 3 s"},
    };
    memcpy(f->log, lines, sizeof(lines));
    f->model.log = f->log;
    f->model.nlog = (int)ARRAY_LEN(lines);
}

static void set_self(struct fixture *f)
{
    f->self = (struct self_usage){
        .started_mono_ms = FIXTURE_MONO - 7800000,
        .samples = {{FIXTURE_MONO - 60000, 40000000, 90000}, {FIXTURE_MONO, 40312000, 92940}},
        .nsamples = 2,
        .rss_bytes = 19700000,
        .peak_bytes = 21300000,
        .read_bytes = 8100000,
        .written_bytes = 1240000,
        .threads = 9,
        .files = 31
    };
    f->model.self = &f->self;
    f->model.audit_path = "/var/lib/cdctop/audit.jsonl";
}

static size_t fixture_history(void *ctx, size_t pipeline, struct finding_event *out, size_t max)
{
    static const struct finding_event events[] = {
        {FIXTURE_WALL - 192000,  UNKNOWN, EVENT_RAISED,  VERDICT_CRIT, "S03", "s3-sink",
         "s3-sink task 1 failed: AccessDenied on PutObject s3://lake/topics/orders"         },
        {FIXTURE_WALL - 900000,  61000,   EVENT_CLEARED, VERDICT_CRIT, "S03", "s3-sink",
         "s3-sink task 1 failed: AccessDenied on PutObject s3://lake/topics/orders"         },
        {FIXTURE_WALL - 961000,  UNKNOWN, EVENT_RAISED,  VERDICT_CRIT, "S03", "s3-sink",
         "s3-sink task 1 failed: AccessDenied on PutObject s3://lake/topics/orders"         },
        {FIXTURE_WALL - 7200000, UNKNOWN, EVENT_RAISED,  VERDICT_WARN, "P03", "old_export",
         "slot old_export: no owner, idle 2 days, retains 41.2 GB, disk full in est. 6h 10m"},
    };
    const struct fixture *f = ctx;
    if (pipeline != 0 || f->kind != FIXTURE_INCIDENT)
        return 0;
    size_t n = ARRAY_LEN(events) < max ? ARRAY_LEN(events) : max;
    memcpy(out, events, n * sizeof(*out));
    return n;
}

static bool fixture_mute(void *ctx, size_t pipeline, const struct mute *mute)
{
    (void)pipeline;
    ((struct fixture *)ctx)->muted = *mute;
    return true;
}

static bool fixture_unmute(void *ctx, size_t pipeline, const char *rule, const char *object)
{
    (void)ctx;
    (void)pipeline;
    (void)rule;
    (void)object;
    return false;
}

const struct mute *fixture_muted(const struct fixture *f)
{
    return &f->muted;
}

struct fixture *fixture_new(enum fixture_kind kind)
{
    struct fixture *f = mem_alloc(sizeof(*f));
    f->kind = kind;
    f->arena = arena_new();
    size_t n = count(kind) + 1;
    f->pipelines = arena_array(f->arena, n, sizeof(*f->pipelines));
    f->shown = arena_array(f->arena, n, sizeof(*f->shown));
    f->findings = arena_array(f->arena, n, sizeof(*f->findings));
    set_config(f);
    set_world(f);
    f->model = (struct app_model){.config = &f->config,
                                  .world = kind == FIXTURE_BEFORE ? NULL : f->world,
                                  .pipelines = f->shown,
                                  .npipelines = f->config.npipelines,
                                  .mono_ms = FIXTURE_MONO,
                                  .ui_ms = FIXTURE_MONO,
                                  .wall_ms = FIXTURE_WALL,
                                  .interval_ms = 2000,
                                  .ctx = f,
                                  .history = kind == FIXTURE_BEFORE ? NULL : fixture_history,
                                  .mute = fixture_mute,
                                  .unmute = fixture_unmute,
                                  .plan = fixture_plan};
    for (size_t i = 0; i < f->model.npipelines && kind != FIXTURE_BEFORE; i++) {
        f->kind = kind_of(kind, i);
        f->shown[i].pipeline = make_pipeline(f, i);
        set_findings(f, &f->findings[i]);
        f->shown[i].findings = &f->findings[i];
        f->kind = kind;
    }
    set_log(f);
    set_self(f);
    return f;
}

void fixture_free(struct fixture *f)
{
    world_free(f->world);
    arena_free(f->arena);
    free(f);
}

struct app_model *fixture_model(struct fixture *f)
{
    return &f->model;
}

void fixture_now(struct fixture *f, int64_t mono_ms, int64_t wall_ms)
{
    f->model.mono_ms = mono_ms;
    f->model.ui_ms = mono_ms;
    f->model.wall_ms = wall_ms;
}

void fixture_action(struct fixture *f, enum action_kind kind, const char *target,
                    enum action_state state, const char *text)
{
    struct action_status *a = &f->model.actions[0];
    memmove(&f->model.actions[1], a, sizeof(*a) * (MODEL_ACTIONS - 1));
    *a = (struct action_status){.id = (unsigned)f->model.nactions + 1,
                                .kind = kind,
                                .state = state,
                                .started_wall_ms = FIXTURE_WALL - 14000,
                                .started_mono_ms = FIXTURE_MONO - 14000,
                                .ended_mono_ms = action_done(state) ? FIXTURE_MONO : 0,
                                .percent = -1};
    (void)snprintf(a->target, sizeof(a->target), "%s", target);
    (void)snprintf(a->text, sizeof(a->text), "%s", text);
    f->model.nactions++;
}
