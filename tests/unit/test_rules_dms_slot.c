/* P13 where the slot is one that the endpoint of a DMS task names: what is said when it is not
 * there or not for it, and when nothing is said. */
#include "tests/unit/dms_world.h"
#include "tests/unit/rule_cases.h"

#include "base/mem.h"
#include "model/dms_slot.h"

#include <string.h>

static void stopped(struct fixture *f)
{
    dms_world_join(f);
    dms_world.task.status = "stopped";
    dms_world.task.stop_reason = "Stop Reason NORMAL";
    dms_world.task.stopped_ms = f->wall_ms - 60 * 1000;
    dms_world.task.checkpoint = "checkpoint:V1#42#00000003/00000000#0#0#*#0#0";
    dms_world.active = TRI_NO;
    dms_world.has_slot = false;
}

static void failed(struct fixture *f)
{
    stopped(f);
    dms_world.task.status = "failed";
    dms_world.task.stop_reason = "Stop Reason FATAL_ERROR Error Level FATAL";
    dms_world.task.failure = "Logical replication slot dms_made does not exist";
}

static void never_ran(struct fixture *f)
{
    stopped(f);
    dms_world.task.status = "ready";
    dms_world.task.stop_reason = NULL;
    dms_world.task.checkpoint = NULL;
    dms_world.task.started_ms = dms_world.task.stopped_ms = UNKNOWN;
}

static void follows_only(struct fixture *f)
{
    stopped(f);
    dms_world.task.migration = "cdc";
}

static void of_another_database(struct fixture *f)
{
    stopped(f);
    dms_world.has_slot = true;
    dms_world.slot_database = "crm";
}

static void of_another_plugin(struct fixture *f)
{
    stopped(f);
    dms_world.has_slot = true;
    dms_world.slot_plugin = "pgoutput";
}

static void of_no_plugin(struct fixture *f)
{
    stopped(f);
    dms_world.has_slot = true;
    dms_world.slot_plugin = NULL;
}

static void by_another_name_of_the_host(struct fixture *f)
{
    stopped(f);
    dms_world.task.source_host = "shop.example.net";
}

static const struct finding *p13_of(struct fixture *f, void (*make)(struct fixture *f))
{
    fixture_open(f);
    rule_ticks(f, 3, 2000);
    make(f);
    rule_ticks(f, 2, 2000);
    struct findings all = fixture_findings(f);
    for (size_t i = 0; i < all.count; i++) {
        if (strcmp(all.items[i].id, "P13") == 0 && strcmp(all.items[i].object, "dms-shop") == 0)
            return &all.items[i];
    }
    return NULL;
}

static bool is_told(const struct finding *f, const char *part)
{
    bool told = strstr(f->title, part) != NULL || strstr(f->advice, part) != NULL;
    for (int i = 0; i < f->nevidence; i++)
        told = told || strstr(f->evidence[i], part) != NULL;
    return told;
}

static void test_what_is_said_of_a_slot_that_is_of_no_use(void **state)
{
    (void)state;
    static const struct {
        void (*make)(struct fixture *f);
        enum verdict severity;
        enum confidence confidence;
        const char *says[4];
    } rows[] = {
        {stopped,
         VERDICT_CRIT, CONFIDENCE_HIGH,
         {"slot dms_made of DMS task dms-shop does not exist", "DMS makes none",
          "pg_create_logical_replication_slot('dms_made', 'test_decoding')",
          "then reload all of it (reload --all)"}                                                 },
        {failed,
         VERDICT_CRIT, CONFIDENCE_HIGH,
         {"does not exist", "last failure: Logical replication slot dms_made", "reload --all",
          "00000003"}                                                                             },
        {never_ran,
         VERDICT_WARN, CONFIDENCE_HIGH,
         {"does not exist", "before it is started", "no CdcStartPosition", "LSN"}                 },
        {follows_only,
         VERDICT_CRIT, CONFIDENCE_HIGH,
         {"does not exist", "CdcStartPosition", "have another task load its tables",
          "in database shop"}                                                                     },
        {of_another_database,
         VERDICT_CRIT, CONFIDENCE_HIGH,
         {"is of database crm, not of shop", "ANOTHER_NAME", "SlotName", "reload --all"}          },
        {of_another_plugin,
         VERDICT_CRIT, CONFIDENCE_HIGH,
         {"has plugin pgoutput, which DMS does not read", "ANOTHER_NAME", "test_decoding", "shop"}},
        {of_no_plugin,
         VERDICT_CRIT, CONFIDENCE_HIGH,
         {"is physical, which DMS does not read", "ANOTHER_NAME", "test_decoding", "shop"}        },
        {by_another_name_of_the_host,
         VERDICT_CRIT, CONFIDENCE_MEDIUM,
         {"does not exist", "shop.example.net is taken for this server", "reload --all", "shop"}  },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fixture f;
        const struct finding *p13 = p13_of(&f, rows[i].make);
        if (p13 == NULL) {
            fail_msg("row %zu: nothing is said", i);
            return;
        }
        assert_int_equal(p13->severity, rows[i].severity);
        assert_int_equal(p13->confidence, rows[i].confidence);
        for (size_t k = 0; k < ARRAY_LEN(rows[i].says); k++) {
            if (!is_told(p13, rows[i].says[k]))
                fail_msg("row %zu says nothing of %s: %s", i, rows[i].says[k], p13->advice);
        }
        /* A key that would fail is no help. */
        assert_false(p13->has_remedy);
        fixture_close(&f);
    }
}

/* The task that failed for it is a symptom. */
static void test_it_explains_the_task_that_failed(void **state)
{
    (void)state;
    struct fixture f;
    const struct finding *p13 = p13_of(&f, failed);
    assert_non_null(p13);
    assert_null(fixture_finding(fixture_findings(&f), "D01"));
    p13 = fixture_finding(fixture_findings(&f), "P13");
    bool folded = false;
    for (size_t i = 0; i < (size_t)p13->nexplains; i++)
        folded = folded || strcmp(p13->explains[i].id, "D01") == 0;
    assert_true(folded);
    fixture_close(&f);
}

/* ---- nothing is said ------------------------------------------------------------------------- */

static void there(struct fixture *f)
{
    stopped(f);
    dms_world.has_slot = true;
}

static void not_readable(struct fixture *f)
{
    stopped(f);
    dms_world.slots_denied = true;
}

static void of_another_server(struct fixture *f)
{
    stopped(f);
    dms_world.task.source_database = "crm";
}

static void database_not_told(struct fixture *f)
{
    stopped(f);
    dms_world.task.source_database = NULL;
}

static void names_none(struct fixture *f)
{
    stopped(f);
    dms_world.task.slot = NULL;
}

static void loads_only(struct fixture *f)
{
    stopped(f);
    dms_world.task.migration = "full-load";
}

static void of_mysql(struct fixture *f)
{
    stopped(f);
    dms_world.task.source_engine = "mysql";
}

static void database_away(struct fixture *f)
{
    stopped(f);
    f->fails[SOURCE_POSTGRES] = true;
    rule_ticks(f, 5, 2000);
}

static void standby(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->pg.nslots = 0;
    snap->pg.in_recovery = TRI_YES;
    snap->pg.database = "shop";
}

static void looked_at_from_a_standby(struct fixture *f)
{
    stopped(f);
    f->edit[SOURCE_POSTGRES] = standby;
}

static void tell_rds(struct fixture *f, struct snapshot *snap)
{
    struct rds_instance *one = arena_array(snap->arena, 1, sizeof(*one));
    *one = (struct rds_instance){.id = "shop", .host = "shop.x.eu-west-3.rds.amazonaws.com"};
    (void)f;
    snap->rds = (struct rds_snap){.host = one->host,
                                  .role = "instance",
                                  .engine = "postgres",
                                  .instances = one,
                                  .ninstances = 1};
}

static void of_another_instance(struct fixture *f)
{
    stopped(f);
    f->edit[SOURCE_RDS] = tell_rds;
    dms_world.task.source_host = "crm.x.eu-west-3.rds.amazonaws.com";
}

static void test_when_nothing_can_be_said(void **state)
{
    (void)state;
    static void (*const rows[])(struct fixture * f) = {
        there,      not_readable, of_another_server, database_not_told,        names_none,
        loads_only, of_mysql,     database_away,     looked_at_from_a_standby, of_another_instance,
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fixture f;
        const struct finding *p13 = p13_of(&f, rows[i]);
        if (p13 != NULL)
            fail_msg("row %zu: %s", i, p13->title);
        fixture_close(&f);
    }
}

/* Who may not read the slots says nothing of Debezium's either. */
static void test_slots_that_may_not_be_read_are_not_missing(void **state)
{
    (void)state;
    struct fixture f;
    (void)p13_of(&f, not_readable);
    assert_null(fixture_finding(fixture_findings(&f), "P13"));
    assert_false(fixture_pipeline(&f)->slots_told);
    fixture_close(&f);
}

/* Every name by which RDS knows the database behind the DSN is this server's. */
static void test_hosts_have_many_names(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        enum dms_slot slot;
        bool sure;
    } rows[] = {
        {"DB.internal",                                      DMS_SLOT_MISSING, true },
        {"writer.cluster-x.eu-west-3.rds.amazonaws.com",     DMS_SLOT_MISSING, true },
        {"one.x.eu-west-3.rds.amazonaws.com",                DMS_SLOT_MISSING, true },
        {"dms.cluster-custom-x.eu-west-3.rds.amazonaws.com", DMS_SLOT_MISSING, false},
        {"p.proxy-x.eu-west-3.rds.amazonaws.com",            DMS_SLOT_MISSING, false},
        {"10.0.0.7",                                         DMS_SLOT_MISSING, false},
        {NULL,                                               DMS_SLOT_MISSING, false},
        {"other.x.eu-west-3.rds.amazonaws.com",              DMS_SLOT_UNTOLD,  false},
        {"other.x.cn-north-1.rds.amazonaws.com.cn",          DMS_SLOT_UNTOLD,  false},
    };
    struct rds_instance one = {.id = "one", .host = "one.x.eu-west-3.rds.amazonaws.com"};
    const struct rds_snap rds = {.host = "db.internal",
                                 .role = "writer",
                                 .writer_host = "writer.cluster-x.eu-west-3.rds.amazonaws.com",
                                 .instances = &one,
                                 .ninstances = 1};
    const struct pg_snap pg = {.host = "127.0.0.1", .database = "shop", .in_recovery = TRI_NO};
    struct dms_task task = {
        .slot = "s", .source_engine = "postgres", .source_database = "shop", .migration = "cdc"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool sure;
        const struct pg_slot *found;
        task.source_host = rows[i].host;
        if (dms_slot(&task, &pg, &rds, &found, &sure) != rows[i].slot || sure != rows[i].sure)
            fail_msg("%s", rows[i].host != NULL ? rows[i].host : "no host");
        assert_null(found);
    }
    /* Without RDS another name says nothing. */
    task.source_host = "other.x.eu-west-3.rds.amazonaws.com";
    assert_int_equal(dms_slot(&task, &pg, NULL, NULL, NULL), DMS_SLOT_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_said_of_a_slot_that_is_of_no_use),
        cmocka_unit_test(test_it_explains_the_task_that_failed),
        cmocka_unit_test(test_when_nothing_can_be_said),
        cmocka_unit_test(test_slots_that_may_not_be_read_are_not_missing),
        cmocka_unit_test(test_hosts_have_many_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
