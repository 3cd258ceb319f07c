/* Snapshots in the offsets that Connect really told, Debezium 2.3.4, 2.7.4 and 3.7.0. */
#include "base/mem.h"
#include "model/snapshot_status.h"
#include "source/connect_parse.h"
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 16384 };

/* What is known from this answer alone; false: no snapshot. */
static bool status_of(struct arena *arena, const char *body, enum tri reads_slot,
                      struct snapshot_status *out)
{
    static struct kv config[] = {
        {"connector.class", "io.debezium.connector.postgresql.PostgresConnector"},
        {"slot.name",       "dbz"                                               },
        {"topic.prefix",    "shop"                                              },
    };
    static struct connect_task task = {.state = "RUNNING"};
    struct connect_connector *c = arena_alloc(arena, sizeof(*c));
    *c = (struct connect_connector){.name = "src",
                                    .type = "source",
                                    .state = "RUNNING",
                                    .class_name = config[0].value,
                                    .tasks = &task,
                                    .ntasks = 1,
                                    .config = config,
                                    .nconfig = 3};
    struct err err = ERR_INIT;
    if (!connect_parse_offsets(arena, body, strlen(body), c, &err))
        fail_msg("%s", err.text);
    struct pg_slot *slot = arena_alloc(arena, sizeof(*slot));
    *slot = (struct pg_slot){.name = "dbz", .active = reads_slot};
    struct pg_snap *pg = arena_alloc(arena, sizeof(*pg));
    *pg = (struct pg_snap){.slots = slot, .nslots = 1};
    struct series_store *series = series_store_new();
    struct snapshot_witness w = {.facts = connector_facts_of(c, arena),
                                 .pg = pg,
                                 .series = series,
                                 .mono_ms = 1000000,
                                 .wall_ms = INT64_C(1795215400000)};
    bool any = snapshot_status_of(arena, &w, out);
    series_store_free(series);
    return any;
}

static FILE *open_sample(const char *name)
{
    char path[200];
    (void)snprintf(path, sizeof(path), "tests/samples/snapshots/%s", name);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        fail_msg("%s is missing", path);
    return f;
}

static void test_full_ones_are_told_by_offset_or_slot(void **state)
{
    (void)state;
    static char line[LINE_MAX_BYTES];
    FILE *f = open_sample("offsets-full.txt");
    int lines = 0;
    while (fgets(line, sizeof(line), f) != NULL) {
        char version[20], what[20];
        assert_int_equal(sscanf(line, "%19s %19s", version, what), 2);
        struct arena *arena = arena_new();
        struct snapshot_status s;
        bool initial = strcmp(what, "initial") == 0;
        bool any = status_of(arena, strchr(line, '{'), initial ? TRI_NO : TRI_YES, &s);
        lines++;
        if (strcmp(what, "streaming") == 0) {
            assert_false(any);
        } else {
            assert_true(any && snapshot_status_running(&s));
            assert_string_equal(snapshot_type_name(s.type), what);
            assert_true(s.p.started_ms > INT64_C(1795213000000));
        }
        arena_free(arena);
    }
    (void)fclose(f);
    assert_int_equal(lines, 6);
}

static void test_an_incremental_one_from_its_start_to_its_stop(void **state)
{
    (void)state;
    static char line[LINE_MAX_BYTES];
    FILE *f = open_sample("offsets-2.7.4-incremental.txt");
    int lines = 0, running = 0;
    double fraction = -1;
    while (fgets(line, sizeof(line), f) != NULL) {
        struct arena *arena = arena_new();
        struct snapshot_status s;
        bool any = status_of(arena, line, TRI_YES, &s);
        bool should = strstr(line, "incremental_snapshot") != NULL;
        assert_int_equal(any, should);
        if (any) {
            assert_string_equal(s.p.id, "inc-1");
            assert_int_equal(s.p.ntables, 2);
            assert_string_equal(s.p.tables[0].name, "public.big");
            assert_string_equal(s.p.tables[1].name, "public.customers");
            assert_true(s.p.tables[0].fraction >= fraction && s.p.tables[0].fraction < 1);
            fraction = s.p.tables[0].fraction;
            running++;
        }
        lines++;
        arena_free(arena);
    }
    (void)fclose(f);
    assert_true(lines >= 8 && running >= 5 && fraction > 0.05);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_ones_are_told_by_offset_or_slot),
        cmocka_unit_test(test_an_incremental_one_from_its_start_to_its_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
