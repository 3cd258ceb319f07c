/* DMS's answers: what is cut, what is kept, and bodies that are not what they should be. */
#include "base/mem.h"
#include "base/strbuf.h"
#include "model/dms_task.h"
#include "source/dms_parse.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *many_tables(int n)
{
    struct strbuf sb;
    strbuf_init(&sb, 8 << 20);
    strbuf_puts(&sb, "{\"TableStatistics\":[");
    for (int i = 0; i < n; i++)
        strbuf_printf(&sb,
                      "%s{\"SchemaName\":\"s\",\"TableName\":\"t%05d\",\"Inserts\":%d,"
                      "\"TableState\":\"%s\"}",
                      i > 0 ? "," : "", i, i, i == 3 ? "Table error" : "Table completed");
    strbuf_puts(&sb, "]}");
    return strbuf_take(&sb);
}

/* Of thousands the one with an error stays, though little happens in it, and the busy ones do. */
static void keeps_the_loud(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct dms_tables tables = {0};
    const char *marker;
    char *body = many_tables(3000);
    assert_true(dms_parse_tables(arena, body, strlen(body), &tables, &marker, NULL));
    dms_tables_settle(&tables);
    assert_int_equal(tables.total, 3000);
    assert_int_equal(tables.count, DMS_KEPT_TABLES);
    assert_string_equal(tables.items[0].name, "t00003");
    assert_string_equal(tables.items[1].name, "t02501");
    assert_string_equal(tables.items[DMS_KEPT_TABLES - 1].name, "t02999");
    free(body);
    arena_free(arena);
}

static const struct dms_task *one(struct arena *arena, const char *members)
{
    struct dms_seen_list list = {0};
    const char *marker;
    char *body = mem_printf("{\"ReplicationTasks\":[{\"ReplicationTaskIdentifier\":\"a\","
                            "\"ReplicationTaskArn\":\"arn:x:task:A\"%s}]}",
                            members);
    assert_true(dms_parse_tasks(arena, body, strlen(body), &list, &marker, NULL));
    free(body);
    assert_int_equal(list.count, 1);
    return &list.items[0].task;
}

static void hostile_values(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct dms_task *t = one(arena, ",\"Status\":null,\"ReplicationTaskStats\":"
                                          "{\"TablesErrored\":-3,\"TablesLoaded\":1e300,"
                                          "\"StartDate\":1e300,\"StopDate\":\"yesterday\","
                                          "\"FreshStartDate\":\"2026-11-20T14:03:22Z\"}");
    assert_null(t->status);
    assert_true(t->tables_errored == UNKNOWN);
    assert_true(t->tables_loaded == UNKNOWN);
    assert_true(t->started_ms == UNKNOWN);
    assert_true(t->stopped_ms == UNKNOWN);
    assert_true(t->fresh_start_ms == INT64_C(1795183402000));
    t = one(arena, ",\"Status\":{},\"ReplicationTaskStats\":[1,2]");
    assert_null(t->status);
    assert_true(t->load_percent == UNKNOWN);
    arena_free(arena);
}

static void hostile_bodies(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "", "[]", "null", "7", "{\"ReplicationTasks\":{}}", "{{{", "\x00", "<html></html>"};
    struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct dms_seen_list list = {0};
        struct err err = ERR_INIT;
        const char *marker;
        assert_false(dms_parse_tasks(arena, bodies[i], strlen(bodies[i]), &list, &marker, &err));
        assert_int_equal(err.kind, ERR_PROTOCOL);
    }
    /* No list is an empty one; members without a name are none. */
    struct dms_seen_list list = {0};
    const char *marker;
    const char *none = "{\"ReplicationTasks\":[7,null,{},{\"ReplicationTaskIdentifier\":\"x\"}]}";
    assert_true(dms_parse_tasks(arena, "{}", 2, &list, &marker, NULL));
    assert_true(dms_parse_tasks(arena, none, strlen(none), &list, &marker, NULL));
    assert_int_equal(list.count, 0);
    arena_free(arena);
}

static void attributes(void **state)
{
    (void)state;
    static const char body[] =
        "{\"Endpoints\":[{\"EndpointArn\":\"arn:e\",\"EngineName\":\"postgres\","
        "\"ExtraConnectionAttributes\":\"captureDDLs=N; SLOTNAME=old_way;heartbeatEnable=Y\"}]}";
    struct arena *arena = arena_new();
    struct dms_around around = {0};
    const char *marker;
    assert_true(dms_parse_endpoints(arena, body, strlen(body), &around, &marker, NULL));
    assert_string_equal(around.endpoints[0].slot, "old_way");
    assert_int_equal(around.endpoints[0].heartbeat, TRI_YES);
    assert_int_equal(around.endpoints[0].capture_ddls, TRI_NO);
    assert_null(around.endpoints[0].plugin);
    arena_free(arena);
}

/* The words of a status: of tasks and of serverless replications, and one of next year. */
static void test_phases(void **state)
{
    (void)state;
    static const struct {
        const char *status;
        enum dms_phase phase;
    } rows[] = {
        {"ready",                        DMS_PHASE_NEW     },
        {"created",                      DMS_PHASE_NEW     },
        {"modifying",                    DMS_PHASE_BUSY    },
        {"deleting",                     DMS_PHASE_BUSY    },
        {"starting",                     DMS_PHASE_STARTING},
        {"initializing",                 DMS_PHASE_STARTING},
        {"preparing_metadata_resources", DMS_PHASE_STARTING},
        {"testing_connection",           DMS_PHASE_STARTING},
        {"fetching_metadata",            DMS_PHASE_STARTING},
        {"calculating_capacity",         DMS_PHASE_STARTING},
        {"provisioning_capacity",        DMS_PHASE_STARTING},
        {"replication_starting",         DMS_PHASE_STARTING},
        {"running",                      DMS_PHASE_RUNNING },
        {"stopping",                     DMS_PHASE_STOPPING},
        {"stopped",                      DMS_PHASE_STOPPED },
        {"failed",                       DMS_PHASE_FAILED  },
        {"failed-move",                  DMS_PHASE_FAILED  },
        {"dreaming",                     DMS_PHASE_UNKNOWN },
        {NULL,                           DMS_PHASE_UNKNOWN },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (dms_phase(rows[i].status) != rows[i].phase)
            fail_msg("%s", rows[i].status);
        bool said = dms_phase_text(rows[i].status)[0] != '\0';
        assert_int_equal(said,
                         rows[i].phase != DMS_PHASE_UNKNOWN && rows[i].phase != DMS_PHASE_RUNNING);
    }
}

/* What was stopped is to be started again before DMS takes its capacity away. */
static void stopped_replication(void **state)
{
    (void)state;
    static const char body[] =
        "{\"Replications\":[{\"ReplicationConfigIdentifier\":\"a\",\"ReplicationConfigArn\":"
        "\"arn:aws:dms:eu-west-3:1:replication-config:A\",\"Status\":\"stopped\","
        "\"ReplicationLastStopTime\":1795183380.5,\"ReplicationDeprovisionTime\":1795356180},"
        "{\"ReplicationConfigIdentifier\":\"b\",\"ReplicationConfigArn\":"
        "\"arn:aws:dms:eu-west-3:1:replication-config:B\",\"Status\":\"running\"}]}";
    struct arena *a = arena_new();
    struct dms_seen_list list = {0};
    const char *marker;
    struct err err = ERR_INIT;
    assert_true(dms_parse_replications(a, body, strlen(body), &list, &marker, &err));
    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[0].task.stopped_ms, INT64_C(1795183380500));
    assert_int_equal(list.items[0].task.deprovision_ms, INT64_C(1795356180000));
    assert_int_equal(list.items[1].task.deprovision_ms, UNKNOWN);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_loud), cmocka_unit_test(hostile_values),
        cmocka_unit_test(hostile_bodies), cmocka_unit_test(attributes),
        cmocka_unit_test(test_phases),    cmocka_unit_test(stopped_replication),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
