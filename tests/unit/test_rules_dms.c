/* The rules of rules_dms.c: each in a world where it fires, and where it must not; and those about
 * slots, where a task of DMS owns one. */
#include "tests/unit/dms_world.h"
#include "tests/unit/logs_world.h"
#include "tests/unit/rule_cases.h"

#include "base/mem.h"

enum { MB = 1000 * 1000 };

static void stop(struct fixture *f, const char *status, const char *reason)
{
    dms_world_join(f);
    dms_world.task.status = status;
    dms_world.task.stop_reason = reason;
    dms_world.task.stopped_ms = f->wall_ms - 60 * 1000;
    dms_world.task.failure = "Last Error Stream component failed at subtask 0";
    dms_world.active = TRI_NO;
}

static void make_d01(struct fixture *f)
{
    stop(f, "stopped", "Stop Reason FATAL_ERROR Error Level FATAL");
    f->lsn_now += UINT64_C(5000) * MB;
    f->confirmed = f->restart = f->lsn_now;
}

static void near_d01(struct fixture *f) /* on purpose; what failed before is history */
{
    stop(f, "stopped", "Stop Reason NORMAL");
}

static void make_d09(struct fixture *f)
{
    stop(f, "deleting", NULL);
}

static void make_d09_move(struct fixture *f)
{
    stop(f, "failed-move", NULL);
}

static void make_d02(struct fixture *f)
{
    stop(f, "stopped", "Stop Reason STOPPED_DUE_TO_LOW_DISK");
}

static void near_d02(struct fixture *f) /* it was continued: DMS still tells the reason */
{
    stop(f, "running", "Stop Reason RECOVERABLE_ERROR");
    dms_world.active = TRI_YES;
}

static void make_d03(struct fixture *f)
{
    dms_world_join(f);
    dms_world.task.tables_errored = 1;
    dms_world.tables[1].state = "Table error";
}

static void near_d03(struct fixture *f) /* loading is no error */
{
    dms_world_join(f);
    dms_world.tables[1].state = "Table is being reloaded";
}

static void make_d04(struct fixture *f)
{
    dms_world_join(f);
    dms_world.latency_source = 900;
    dms_world.latency_target = 905;
}

static void near_d04(struct fixture *f) /* a figure of half an hour ago says nothing of now */
{
    make_d04(f);
    dms_world.figures_age_ms = 30 * 60 * 1000;
}

static void make_d05(struct fixture *f)
{
    dms_world_join(f);
    dms_world.latency_source = 4;
    dms_world.latency_target = 900;
}

static void pauses(struct fixture *f, struct snapshot *snap)
{
    static const char text[] =
        "Reading from source is paused. Total disk usage exceeded the limit 90%";
    struct log_tail *t = logs_world_tail(f, snap, SERVICE_DMS, "dms-shop");
    if (f->n == 1)
        logs_world_event(f, snap, t, LOGGED_RESUMED, -1, 30 * 1000, "resumed", "resumed");
    logs_world_event(f, snap, t, LOGGED_PAUSED, -1, 60 * 1000, text, text);
}

/* The same of a serverless replication: its figures are found by its ARN, and it has no instance.
 */
static void serverless(struct fixture *f)
{
    dms_world_join(f);
    dms_world.task.serverless = true;
    dms_world.task.arn = "arn:aws:dms:eu-west-3:123456789012:replication-config:TASKONE";
    dms_world.task.instance = dms_world.task.instance_class = dms_world.task.instance_status = NULL;
    dms_world.task.naddresses = 0;
    dms_world.task.storage_gib = UNKNOWN;
    dms_world.task.capacity_units = dms_world.task.max_units = 8;
    dms_world.task.min_units = 2;
    dms_world.capacity = 97;
    dms_world.cpu = 55;
}

static void make_d02_serverless(struct fixture *f)
{
    serverless(f);
    dms_world.task.status = "stopped";
    dms_world.task.stop_reason = "Stop Reason STOPPED_DUE_TO_LOW_MEMORY";
    dms_world.task.stopped_ms = f->wall_ms - 60 * 1000;
    dms_world.task.deprovision_ms = f->wall_ms + 47 * 3600 * 1000;
    dms_world.active = TRI_NO;
}

static void make_d04_serverless(struct fixture *f)
{
    serverless(f);
    dms_world.latency_source = 900;
    dms_world.latency_target = 905;
}

static void make_d05_serverless(struct fixture *f)
{
    serverless(f);
    dms_world.latency_source = 4;
    dms_world.latency_target = 900;
}

/* What is not told is no 0, and no latency. */
static void near_d04_serverless(struct fixture *f)
{
    make_d04_serverless(f);
    dms_world.figures = false;
}

static void make_d06(struct fixture *f)
{
    dms_world_join(f);
    f->edit[SOURCE_LOGS] = pauses;
}

static void near_d06(struct fixture *f) /* it has gone on since */
{
    make_d06(f);
    f->n = 1;
}

static void stall(struct fixture *f)
{
    dms_world_join(f);
    dms_world.confirmed = f->confirmed;
    for (int i = 0; i < 400; i++) {
        f->lsn_now += MB;
        f->confirmed = f->restart = f->lsn_now;
        fixture_tick(f, 2000);
    }
}

static void make_d07(struct fixture *f)
{
    dms_world_join(f);
    dms_world.task.heartbeat = TRI_NO;
    dms_world.confirmed = f->confirmed;
    for (int i = 0; i < 400; i++) {
        f->lsn_now += MB;
        f->confirmed = f->restart = f->lsn_now;
        fixture_tick(f, 2000);
    }
}

static void near_d07(struct fixture *f) /* its tables change: it hangs, or is slow */
{
    dms_world_join(f);
    dms_world.task.heartbeat = TRI_NO;
    dms_world.confirmed = f->confirmed;
    for (int i = 0; i < 400; i++) {
        f->lsn_now += 1000;
        f->confirmed = f->restart = f->lsn_now;
        dms_world.tables[0].inserts++;
        fixture_tick(f, 2000);
    }
}

static void cases(void **state)
{
    (void)state;
    static const struct rule_case all[] = {
        {"D01", "dms-shop", make_d01,            VERDICT_CRIT, near_d01,            NULL },
        {"D02", "dms-shop", make_d02,            VERDICT_WARN, near_d02,            NULL },
        {"D03", "dms-shop", make_d03,            VERDICT_WARN, near_d03,            NULL },
        {"D04", "dms-shop", make_d04,            VERDICT_WARN, near_d04,            NULL },
        {"D05", "dms-shop", make_d05,            VERDICT_WARN, make_d04,            "D04"},
        {"D06", "dms-shop", make_d06,            VERDICT_WARN, near_d06,            NULL },
        {"D07", "dms_made", make_d07,            VERDICT_WARN, near_d07,            "E03"},
        {"D09", "dms-shop", make_d09,            VERDICT_WARN, near_d01,            NULL },
        {"D09", "dms-shop", make_d09_move,       VERDICT_WARN, near_d01,            NULL },
        {"D02", "dms-shop", make_d02_serverless, VERDICT_WARN, serverless,          NULL },
        {"D04", "dms-shop", make_d04_serverless, VERDICT_WARN, near_d04_serverless, NULL },
        {"D05", "dms-shop", make_d05_serverless, VERDICT_WARN, make_d04_serverless, "D04"},
    };
    rule_cases_run(rules_dms, all, ARRAY_LEN(all));
}

static struct findings after(struct fixture *f, void (*make)(struct fixture *f), int ticks)
{
    fixture_open(f);
    rule_ticks(f, 3, 2000);
    make(f);
    rule_ticks(f, ticks, 2000);
    return fixture_findings(f);
}

/* What follows from a dead task is folded under it, and the key that helps is offered. */
static void explains(void **state)
{
    (void)state;
    struct fixture f;
    struct findings all = after(&f, make_d01, 2);
    const struct finding *d01 = fixture_finding(all, "D01");
    assert_non_null(d01);
    assert_null(fixture_finding(all, "P05"));
    assert_true(d01->nexplains > 0);
    assert_int_equal(d01->remedy, ACTION_CONTINUE);
    assert_string_equal(d01->remedy_target, "dms-shop");
    fixture_close(&f);
}

static bool is_told(const struct finding *f, const char *part)
{
    bool told = strstr(f->title, part) != NULL || strstr(f->advice, part) != NULL;
    for (int i = 0; i < f->nevidence; i++)
        told = told || strstr(f->evidence[i], part) != NULL;
    return told;
}

/* No instance is named where there is none, and what helps is its capacity. */
static void serverless_words(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        void (*make)(struct fixture *f);
        const char *says[4];
    } rows[] = {
        {"D02",
         make_d02_serverless, {"its capacity lacks memory", "MinCapacityUnits", "CapacityUtilization 97 %",
          "takes its capacity away in 1d"}},
        {"D04",
         make_d04_serverless, {"the CPU of the replication", "capacity: 8 units, at most 8", "CPUUtilization 55 %",
          "15m"}                          },
        {"D05",
         make_d05_serverless, {"the CPU of the replication", "capacity: 8 units, at most 8", "CapacityUtilization 97 %",
          "dms.shop"}                     },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fixture f;
        struct findings all = after(&f, rows[i].make, 2);
        const struct finding *found = fixture_finding(all, rows[i].id);
        assert_non_null(found);
        for (size_t k = 0; k < ARRAY_LEN(rows[i].says); k++) {
            if (!is_told(found, rows[i].says[k]))
                fail_msg("%s says nothing of %s", rows[i].id, rows[i].says[k]);
        }
        assert_false(is_told(found, "instance"));
        fixture_close(&f);
    }
}

/* Tables of a task that only follows changes are reloaded by none of its keys. */
static void errored_of_cdc(struct fixture *f)
{
    make_d03(f);
    dms_world.task.migration = "cdc";
}

static void no_reload_of_cdc(void **state)
{
    (void)state;
    struct fixture f;
    struct findings all = after(&f, errored_of_cdc, 2);
    const struct finding *d03 = fixture_finding(all, "D03");
    assert_non_null(d03);
    assert_false(d03->has_remedy);
    assert_true(is_told(d03, "have another task load them"));
    fixture_close(&f);
}

/* With its slot lost it cannot go on: the slot is the cause, and what is said to do is what DMS
 * can. */
static void lost(struct fixture *f)
{
    make_d01(f);
    f->wal_status = "lost";
}

static void lost_slot(void **state)
{
    (void)state;
    struct fixture f;
    struct findings all = after(&f, lost, 2);
    bool said = false;
    assert_null(fixture_finding(all, "D01"));
    for (size_t i = 0; i < all.count; i++) {
        const struct finding *p01 = &all.items[i];
        if (strcmp(p01->id, "P01") != 0 || strcmp(p01->object, "dms_made") != 0)
            continue;
        said = true;
        assert_non_null(strstr(p01->advice, "then reload all of it (reload --all)"));
        assert_string_equal(p01->explains[0].id, "D01");
    }
    assert_true(said);
    fixture_close(&f);
}

/* Not to be resumed either while its database says nothing. */
static void database_away(void **state)
{
    (void)state;
    struct fixture f;
    struct findings all = after(&f, make_d01, 2);
    assert_non_null(fixture_finding(all, "D01"));
    f.fails[SOURCE_POSTGRES] = true;
    rule_ticks(&f, 5, 2000);
    all = fixture_findings(&f);
    assert_non_null(fixture_finding(all, "Z01"));
    assert_null(fixture_finding(all, "D01"));
    fixture_close(&f);
}

/* An idle slot that a known task may have made is nobody's orphan. */
static void unnamed(struct fixture *f)
{
    stop(f, "stopped", "Stop Reason NORMAL");
    dms_world.task.slot = NULL;
    rule_ticks(f, 1000, 2000);
}

static void of_another_plugin(struct fixture *f)
{
    stop(f, "stopped", "Stop Reason NORMAL");
    dms_world.task.slot = NULL;
    dms_world.task.source_database = "other";
    rule_ticks(f, 1000, 2000);
}

static void no_orphan(void **state)
{
    (void)state;
    struct fixture f;
    struct findings all = after(&f, unnamed, 1);
    assert_null(fixture_finding(all, "P03"));
    assert_non_null(fixture_finding(all, "P05"));
    assert_int_equal(fixture_finding(all, "P05")->confidence, CONFIDENCE_MEDIUM);
    fixture_close(&f);
    all = after(&f, of_another_plugin, 1);
    assert_non_null(fixture_finding(all, "P03"));
    fixture_close(&f);
}

/* A slot that nobody names is known by who reads it: the endpoint's user, or a session from the
 * replication instance. */
static void known_by_its_reader(void **state)
{
    (void)state;
    static const struct {
        const char *reader, *address, *database;
        bool owned;
    } rows[] = {
        {"dms",     "10.9.9.9",  "shop",  true },
        {"another", "10.0.7.21", "shop",  true },
        {"another", "10.9.9.9",  "shop",  false},
        {NULL,      NULL,        "shop",  false},
        {"dms",     "10.0.7.21", "other", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fixture f;
        fixture_open(&f);
        dms_world_join(&f);
        dms_world.task.slot = NULL;
        dms_world.task.source_database = rows[i].database;
        dms_world.reader = rows[i].reader;
        dms_world.address = rows[i].address;
        rule_ticks(&f, 2, 2000);
        const struct slot_row *s = pipeline_slot(fixture_pipeline(&f), "dms_made");
        assert_non_null(s);
        if ((s->owner != NULL) != rows[i].owned)
            fail_msg("row %zu", i);
        if (rows[i].owned)
            assert_int_equal(s->claim, CLAIM_SESSION);
        fixture_close(&f);
    }
}

/* "running" is a word; statistics of the last minutes are work. */
static void running_is_no_proof(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    dms_world_join(&f);
    f.fails[SOURCE_POSTGRES] = true;
    rule_ticks(&f, 2, 2000);
    const struct connector_row *c = pipeline_connector(fixture_pipeline(&f), "dms-shop");
    assert_int_equal(c->base.verdict, VERDICT_OK);
    dms_world.task.ntables = 0;
    rule_ticks(&f, 1, 2000);
    c = pipeline_connector(fixture_pipeline(&f), "dms-shop");
    assert_int_equal(c->base.verdict, VERDICT_UNKNOWN);
    assert_non_null(strstr(c->base.why, "of its work nothing is seen"));
    fixture_close(&f);
}

/* With heartbeats DMS moves the slot itself: something else is wrong, D07 has nothing to say. */
static void with_heartbeat(void **state)
{
    (void)state;
    struct fixture f;
    struct findings all = after(&f, stall, 1);
    assert_null(fixture_finding(all, "D07"));
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases),
        cmocka_unit_test(explains),
        cmocka_unit_test(serverless_words),
        cmocka_unit_test(no_reload_of_cdc),
        cmocka_unit_test(lost_slot),
        cmocka_unit_test(database_away),
        cmocka_unit_test(no_orphan),
        cmocka_unit_test(with_heartbeat),
        cmocka_unit_test(known_by_its_reader),
        cmocka_unit_test(running_is_no_proof),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
