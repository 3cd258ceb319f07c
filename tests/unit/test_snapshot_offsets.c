/* Progress of an incremental snapshot read off a connector's offsets. The Integer key is what
 * Debezium 2.7.4 stored while it read 60,500 rows. */
#include "base/mem.h"
#include "model/snapshot_offsets.h"
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTEGER                                                                                  \
    "aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c02000078700000000173" \
    "7200116a6176612e6c616e672e496e746567657212e2a0a4f781873802000149000576616c7565787200106a61" \
    "76612e6c616e672e4e756d62657286ac951d0b94e08b02000078700000ec54"
#define LONG                                                                                     \
    "aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c02000078700000000173" \
    "72000e6a6176612e6c616e672e4c6f6e673b8be490cc8f23df0200014a000576616c7565787200106a6176612e" \
    "6c616e672e4e756d62657286ac951d0b94e08b0200007870000000e8d4a51000"

static void test_keys_of_whole_numbers(void **state)
{
    (void)state;
    int64_t v = 0;
    assert_true(snapshot_offsets_key(INTEGER, &v));
    assert_int_equal(v, 60500);
    assert_true(snapshot_offsets_key(LONG, &v));
    assert_true(v == INT64_C(1000000000000));
}

static void test_every_cut_and_every_flipped_byte_is_survived(void **state)
{
    (void)state;
    int64_t v = 0;
    char text[sizeof(INTEGER)];
    for (size_t cut = 0; cut + 1 < sizeof(INTEGER); cut++) {
        memcpy(text, INTEGER, sizeof(text));
        text[cut] = '\0';
        assert_false(snapshot_offsets_key(text, &v));
    }
    for (size_t at = 0; at + 1 < sizeof(INTEGER); at++) {
        for (const char *c = "0f7g"; *c != '\0'; c++) {
            memcpy(text, INTEGER, sizeof(text));
            text[at] = *c;
            (void)snapshot_offsets_key(text, &v); /* no crash, whatever it says */
        }
    }
    assert_false(snapshot_offsets_key(NULL, &v));
    assert_false(snapshot_offsets_key("", &v));
}

static void offsets(struct connect_connector *c, struct connect_offset *o, struct kv *values,
                    size_t n)
{
    *o = (struct connect_offset){.values = values, .nvalues = n, .number = -1};
    *c = (struct connect_connector){.name = "src", .offsets = o, .noffsets = 1, .offsets_ms = 5};
}

static void test_the_remaining_tables_and_how_far_the_current_one_is(void **state)
{
    (void)state;
    struct kv values[] = {
        {"incremental_snapshot_correlation_id", "sig-1"                },
        {"incremental_snapshot_collections",
         "[{\"incremental_snapshot_collections_id\":\"public.customers\"},"
         "{\"incremental_snapshot_collections_id\":\"public.orders\"}]"},
        {"incremental_snapshot_maximum_key",    INTEGER                },
        {"incremental_snapshot_primary_key",    INTEGER                },
    };
    struct connect_connector c;
    struct connect_offset o;
    struct arena *arena = arena_new();
    offsets(&c, &o, values, ARRAY_LEN(values));
    struct snapshot_progress p = snapshot_offsets_progress(arena, &c, "sig-1");
    assert_int_equal(p.state, SNAPSHOT_IN_PROGRESS);
    assert_int_equal(p.ntables, 2);
    assert_string_equal(p.tables[0].name, "public.customers");
    assert_int_equal(p.tables[0].state, TABLE_READING);
    assert_true(p.tables[0].fraction == 1);
    assert_true(isnan(p.tables[1].fraction));
    assert_int_equal(snapshot_offsets_progress(arena, &c, "another").state, SNAPSHOT_NOT_SEEN);
    values[1].value = "<html>";
    assert_int_equal(snapshot_offsets_progress(arena, &c, "sig-1").ntables, 0);
    o.nvalues = 0;
    assert_int_equal(snapshot_offsets_progress(arena, &c, NULL).state, SNAPSHOT_NOT_SEEN);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_of_whole_numbers),
        cmocka_unit_test(test_every_cut_and_every_flipped_byte_is_survived),
        cmocka_unit_test(test_the_remaining_tables_and_how_far_the_current_one_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
