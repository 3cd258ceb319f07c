/* The rules of rules_snapshot.c: each in a world where it fires, and where it must not. */
#include "base/mem.h"
#include "tests/unit/rule_cases.h"

static void tell(struct fixture *f, struct snapshot *snap, const char *const (*said)[4], size_t n)
{
    struct dbz_notification *notes = arena_array(snap->arena, n, sizeof(*notes));
    for (size_t i = 0; i < n; i++) {
        struct kv *data = arena_array(snap->arena, 4, sizeof(*data));
        data[0] = (struct kv){"connector_name", "shop"};
        data[1] = (struct kv){"data_collections", "public.orders"};
        data[2] = (struct kv){said[i][1], said[i][2]};
        data[3] = (struct kv){"status", said[i][3]};
        notes[i] = (struct dbz_notification){.topic = "notes",
                                             .id = "id-1",
                                             .aggregate_type = "Incremental Snapshot",
                                             .type = said[i][0],
                                             .data = data,
                                             .ndata = said[i][3] != NULL ? 4 : 3,
                                             .offset = (int64_t)i,
                                             .time_ms = f->wall_ms - 1000};
    }
    snap->kafka.notifications = notes;
    snap->kafka.nnotifications = n;
}

static const char *const said[][4] = {
    {"STARTED",              "x",                              "x",             NULL            },
    {"IN_PROGRESS",          "current_collection_in_progress", "public.orders", NULL            },
    {"TABLE_SCAN_COMPLETED", "scanned_collection",             "public.orders", "NO_PRIMARY_KEY"},
    {"COMPLETED",            "x",                              "x",             NULL            },
};

static void edit_running(struct fixture *f, struct snapshot *snap)
{
    tell(f, snap, said, 2);
}
static void edit_left_out(struct fixture *f, struct snapshot *snap)
{
    tell(f, snap, said, 4);
}

static void make_n01(struct fixture *f)
{
    f->edit[SOURCE_KAFKA] = edit_running;
}
static void make_n04(struct fixture *f)
{
    f->edit[SOURCE_KAFKA] = edit_left_out;
}

static const struct rule_case cases[] = {
    {"N01", "src", make_n01, VERDICT_INFO, make_n04, "N04"},
    {"N04", "src", make_n04, VERDICT_WARN, make_n01, NULL },
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_snapshot, cases, ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
