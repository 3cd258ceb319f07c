/* A serverless replication of DMS in its details: with CloudWatch's figures, without them, and
 * stopped. */
#include "base/mem.h"
#include "model/dms_task.h"
#include "model/metrics.h"
#include "tests/check.h"
#include "tests/screen/golden.h"

#include <math.h>
#include <string.h>

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS };

static struct world *world_of(struct stage *st)
{
    return (struct world *)(uintptr_t)fixture_model(st->fixture)->world;
}

static struct snapshot *made(enum source_kind kind)
{
    struct snapshot *snap = snapshot_new(kind);
    snap->mono_ms = FIXTURE_MONO;
    snap->wall_ms = FIXTURE_WALL;
    return snap;
}

static void tell(struct stage *st, enum source_kind kind, struct snapshot *snap)
{
    struct report *r = mem_alloc(sizeof(*r));
    r->snap = snap;
    r->mono_ms = FIXTURE_MONO;
    r->polls = 1;
    world_of(st)->pipelines[0].sources[kind].configured = true;
    world_accept(world_of(st), 0, kind, r);
}

static struct dms_task replication(const char *status)
{
    static struct dms_table tables[] = {
        {.schema = "public",
         .name = "invoices",
         .state = "Table completed",
         .validation = "Not enabled",
         .inserts = 910,
         .updates = 44,
         .loaded = 52000,
         .pending = UNKNOWN,
         .failed = UNKNOWN,
         .suspended = UNKNOWN,
         .updated_ms = FIXTURE_WALL - MINUTE_MS,
         .load_ended_ms = UNKNOWN},
    };
    return (struct dms_task){
        .arn = "arn:aws:dms:eu-west-3:123456789012:replication-config:K4PD7XWQ2",
        .id = "invoices-serverless",
        .resource = "K4PD7XWQ2",
        .serverless = true,
        .migration = "full-load-and-cdc",
        .status = status,
        .load_percent = 100,
        .tables_loaded = 1,
        .tables_loading = 0,
        .tables_queued = 0,
        .tables_errored = 0,
        .fresh_start_ms = FIXTURE_WALL - 30 * HOUR_MS,
        .started_ms = FIXTURE_WALL - 30 * HOUR_MS,
        .stopped_ms = UNKNOWN,
        .load_started_ms = FIXTURE_WALL - 30 * HOUR_MS,
        .load_finished_ms = FIXTURE_WALL - 29 * HOUR_MS,
        .storage_gib = UNKNOWN,
        .provision_state = "provisioned",
        .capacity_units = 4,
        .min_units = 1,
        .max_units = 16,
        .deprovision_ms = UNKNOWN,
        .source_engine = "aurora-postgresql",
        .source_host = "billing.cluster-x.eu-west-3.rds.amazonaws.com",
        .source_database = "billing",
        .source_user = "dms",
        .heartbeat = TRI_YES,
        .capture_ddls = TRI_NO,
        .target_engine = "kafka",
        .target_topic = "dms.billing",
        .tables = tables,
        .ntables = 1,
        .tables_total = 1,
        .tables_read = true,
    };
}

/* The first connector of the fixture becomes the replication. */
static void tell_task(struct stage *st, struct dms_task task)
{
    struct snapshot *snap = made(SOURCE_DMS);
    struct dms_task *t = arena_alloc(snap->arena, sizeof(*t));
    struct connect_connector *c = arena_alloc(snap->arena, sizeof(*c));
    struct connector_row *row =
        &((struct pipeline *)(uintptr_t)fixture_model(st->fixture)->pipelines[0].pipeline)
             ->connectors[0];
    *t = task;
    *c = (struct connect_connector){.name = t->id,
                                    .type = "source",
                                    .state = t->status,
                                    .class_name = "DMS",
                                    .source_ms = UNKNOWN,
                                    .offsets_ms = UNKNOWN,
                                    .service = SERVICE_DMS,
                                    .dms = t};
    snap->connect = (struct connect_snap){.connectors = c, .nconnectors = 1};
    tell(st, SOURCE_DMS, snap);
    *row = (struct connector_row){
        .base = {.name = t->id, .verdict = VERDICT_INFO, .why = dms_phase_text(t->status)},
        .connector = c,
        .facts = connector_facts_of(c, snap->arena),
        .tasks_ms = UNKNOWN,
        .behind_bytes = UNKNOWN,
        .behind_ms = UNKNOWN,
        .lag = UNKNOWN,
        .failed_task = -1,
        .cause = ""
    };
}

static void tell_figures(struct stage *st, const char *object)
{
    static const struct {
        const char *name;
        double value;
    } told[] = {
        {"CDCLatencySource",        3   },
        {"CDCLatencyTarget",        8   },
        {"CDCIncomingChanges",      120 },
        {"CDCThroughputRowsTarget", 41.5},
        {"CapacityUtilization",     63  },
        {"CPUUtilization",          27  },
    };
    struct snapshot *snap = made(SOURCE_CLOUDWATCH);
    struct cw_metric *m = arena_array(snap->arena, ARRAY_LEN(told), sizeof(*m));
    for (size_t i = 0; i < ARRAY_LEN(told); i++)
        m[i] = (struct cw_metric){.space = SPACE_DMS,
                                  .name = told[i].name,
                                  .object = object,
                                  .stat = "Maximum",
                                  .value = told[i].value,
                                  .at_ms = FIXTURE_WALL - 2 * MINUTE_MS,
                                  .before = NAN,
                                  .before_ms = UNKNOWN};
    snap->cloudwatch = (struct cloudwatch_snap){.metrics = m, .nmetrics = ARRAY_LEN(told)};
    cloudwatch_sort(&snap->cloudwatch);
    tell(st, SOURCE_CLOUDWATCH, snap);
}

static void look(struct stage *st)
{
    stage_keys(st, "3\r");
    stage_draw(st);
}

static void test_figures(void **state)
{
    (void)state;
    struct stage st;
    struct dms_task task = replication("running");
    stage_open(&st, FIXTURE_HEALTHY, 120, 60, false);
    tell_task(&st, task);
    tell_figures(&st, task.arn);
    look(&st);
    assert_true(stage_has(&st, "8.0s, 2m old (CloudWatch)"));
    assert_true(stage_has(&st, "4 now, 1 to 16"));
    assert_true(stage_has(&st, "63 %, 2m old (CloudWatch)"));
    assert_true(stage_has(&st, "27 %, 2m old (CloudWatch)"));
    golden_check(&st, "dms-serverless");
    stage_close(&st);
}

/* What nobody tells is not 0; figures of an instance that is called alike are none of it. */
static void test_without_figures(void **state)
{
    (void)state;
    struct stage st;
    struct dms_task task = replication("running");
    stage_open(&st, FIXTURE_HEALTHY, 120, 60, false);
    tell_task(&st, task);
    look(&st);
    assert_true(stage_has(&st, "unknown: CloudWatch is not asked"));
    tell_figures(&st, task.resource);
    stage_draw(&st);
    assert_true(stage_has(&st, "unknown: CloudWatch tells none of it"));
    assert_true(stage_lacks(&st, "63 %"));
    stage_close(&st);
}

static void test_stopped_and_starting(void **state)
{
    (void)state;
    struct stage st;
    struct dms_task task = replication("stopped");
    task.stop_reason = "Stop Reason NORMAL";
    task.stopped_ms = FIXTURE_WALL - 5 * HOUR_MS;
    task.deprovision_ms = FIXTURE_WALL + 43 * HOUR_MS;
    stage_open(&st, FIXTURE_HEALTHY, 120, 60, false);
    tell_task(&st, task);
    look(&st);
    assert_true(stage_has(&st, "continue it before that"));
    assert_true(stage_lacks(&st, "latencies"));
    stage_close(&st);
    stage_open(&st, FIXTURE_HEALTHY, 120, 60, false);
    tell_task(&st, replication("provisioning_capacity"));
    look(&st);
    assert_true(stage_has(&st, "its capacity is made ready"));
    stage_close(&st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_without_figures),
        cmocka_unit_test(test_stopped_and_starting),
    };
    return cmocka_run_group_tests_name("dms_facts", tests, NULL, NULL);
}
