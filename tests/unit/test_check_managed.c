/* What is checked of connectors that AWS runs: each state with what can be done about it, which is
 * not what Kafka Connect could do. */
#include "check/check.h"
#include "tests/check.h"
#include "tests/unit/dms_world.h"
#include "tests/unit/msk_world.h"

#include <math.h>
#include <string.h>

/* The line of that check about that connector; fails the test without one. */
static const struct check_line *line_of(const struct check_list *list, const char *id,
                                        const char *object)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct check_line *line = &list->lines[i];
        if (strcmp(line->id, id) == 0 && line->object != NULL && strcmp(line->object, object) == 0)
            return line;
    }
    fail_msg("%s says nothing of %s", id, object);
    return NULL;
}

static void expect(const struct check_line *line, enum check_result result, const char *fix)
{
    bool fits = fix[0] != '\0' ? strstr(line->fix, fix) != NULL : line->fix[0] == '\0';
    if (line->result != result || !fits)
        fail_msg("%s: %s, \"%s\"", line->evidence, check_result_name(line->result), line->fix);
}

static struct check_list judge(struct fixture *f)
{
    fixture_tick(f, 2000);
    return check_all(f->world, 0, fixture_pipeline(f), f->arena);
}

#define WAITS "passes by itself"

static void test_each_state_of_msk_connect(void **state)
{
    (void)state;
    static const struct {
        const char *state;
        enum check_result result;
        const char *fix;
    } cases[] = {
        {"RUNNING",    RESULT_UNKNOWN, ""                                   }, /* no figures */
        {"PAUSED",     RESULT_WARNING, "cdctop do resume sink"              },
        {"CREATING",   RESULT_WARNING, WAITS                                },
        {"UPDATING",   RESULT_WARNING, WAITS                                },
        {"RESTARTING", RESULT_WARNING, WAITS                                },
        {"PAUSING",    RESULT_WARNING, WAITS                                },
        {"RESUMING",   RESULT_WARNING, WAITS                                },
        {"FAILED",     RESULT_FAILED,  "MSK Connect cannot restart it: save"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture f;
        fixture_open(&f);
        msk_takes_over(&f);
        f.sink_state = cases[i].state;
        struct check_list list = judge(&f);
        expect(line_of(&list, "connect.running", "sink"), cases[i].result, cases[i].fix);
        fixture_close(&f);
    }
}

static void counts(struct fixture *f, struct snapshot *snap)
{
    msk_figure(f, snap, "sink", "RunningTaskCount", 3, NAN);
    msk_figure(f, snap, "sink", "ErroredTaskCount", (double)f->n, NAN);
}

static void test_tasks_as_cloudwatch_counts_them(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    msk_takes_over(&f);
    f.edit[SOURCE_CLOUDWATCH] = counts;
    struct check_list list = judge(&f);
    expect(line_of(&list, "connect.running", "sink"), RESULT_OK, "");
    f.n = 1;
    list = judge(&f);
    expect(line_of(&list, "connect.running", "sink"), RESULT_FAILED, "cdctop do restart sink");
    fixture_close(&f);
}

static const char *literals[] = {"database.password"};

static void written_out(struct fixture *f, struct snapshot *snap)
{
    msk_connectors(f, snap);
    snap->connect.connectors[1].literals = literals;
    snap->connect.connectors[1].nliterals = 1;
}

/* Its workers have no files of ours. */
static void test_a_secret_of_msk_connect_goes_to_secrets_manager(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    msk_takes_over(&f);
    f.edit[SOURCE_MSK_CONNECT] = written_out;
    struct check_list list = judge(&f);
    expect(line_of(&list, "connect.secrets", "src"), RESULT_WARNING,
           "\"database.password\": \"${secretManager:src:database.password}\"");
    fixture_close(&f);
}

static void test_each_status_of_dms(void **state)
{
    (void)state;
    static const struct {
        const char *status;
        enum check_result result;
        const char *fix;
    } cases[] = {
        {"running",     RESULT_OK,      ""                         },
        {"ready",       RESULT_WARNING, "cdctop do start dms-shop" },
        {"stopped",     RESULT_WARNING, "cdctop do resume dms-shop"},
        {"failed",      RESULT_FAILED,  "cdctop do resume dms-shop"},
        {"failed-move", RESULT_WARNING, ""                         },
        {"starting",    RESULT_WARNING, WAITS                      },
        {"stopping",    RESULT_WARNING, WAITS                      },
        {"moving",      RESULT_WARNING, WAITS                      },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture f;
        fixture_open(&f);
        dms_world_join(&f);
        dms_world.task.status = cases[i].status;
        struct check_list list = judge(&f);
        expect(line_of(&list, "connect.running", "dms-shop"), cases[i].result, cases[i].fix);
        for (size_t k = 0; k < list.count; k++) /* it shows none of its endpoints' passwords */
            assert_false(strcmp(list.lines[k].id, "connect.secrets") == 0 &&
                         strcmp(list.lines[k].object, "dms-shop") == 0);
        fixture_close(&f);
    }
}

/* "running" is a word: without statistics nobody knows. */
static void test_a_task_of_whose_work_nothing_is_seen(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    dms_world_join(&f);
    dms_world.has_slot = false;
    dms_world.task.ntables = 0;
    struct check_list list = judge(&f);
    expect(line_of(&list, "connect.running", "dms-shop"), RESULT_UNKNOWN, "");
    fixture_close(&f);
}

static void test_tables_in_error_are_loaded_again(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    dms_world_join(&f);
    dms_world.task.tables_errored = 1;
    struct check_list list = judge(&f); /* which one is not read */
    expect(line_of(&list, "connect.running", "dms-shop"), RESULT_WARNING, "");
    dms_world.tables[1].state = "Table error";
    dms_world.tables[1].name = "odd name";
    list = judge(&f);
    expect(line_of(&list, "connect.running", "dms-shop"), RESULT_WARNING,
           "cdctop do reload dms-shop 'public.odd name'");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_state_of_msk_connect),
        cmocka_unit_test(test_tasks_as_cloudwatch_counts_them),
        cmocka_unit_test(test_a_secret_of_msk_connect_goes_to_secrets_manager),
        cmocka_unit_test(test_each_status_of_dms),
        cmocka_unit_test(test_a_task_of_whose_work_nothing_is_seen),
        cmocka_unit_test(test_tables_in_error_are_loaded_again),
    };
    return cmocka_run_group_tests_name("check_managed", tests, NULL, NULL);
}
