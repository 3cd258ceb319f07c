/* DMS's answers: what is cut, what is kept, and bodies that are not what they should be. */
#include "base/mem.h"
#include "base/strbuf.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_loud),
        cmocka_unit_test(hostile_values),
        cmocka_unit_test(hostile_bodies),
        cmocka_unit_test(attributes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
