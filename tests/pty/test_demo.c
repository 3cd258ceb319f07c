/* The demo as a person starts it: with and without a screen, no server anywhere near. */
#include "tests/check.h"
#include "tests/pty/pty.h"
#include "tests/pty/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SOON = 30000 };

static void test_status_check_and_do_work_without_waiting(void **state)
{
    static const char *const words[] = {"shop demo: ok",
                                        "left 0",
                                        "P03",
                                        "left 1",
                                        "0 failed",
                                        "checked 3",
                                        "stays gone",
                                        "done 0",
                                        "SELECT pg_drop_replication_slot('old_export')",
                                        "planned 0",
                                        "refused: its owner",
                                        NULL};
    (void)state;
    rig_has(
        rig_sh(
            "exec 2>&1; $0 status --demo=healthy; echo \"left $?\"; $0 status --demo; echo \"left "
            "$?\"; $0 check --demo=healthy; echo \"checked $?\"; "
            "$0 do drop-slot old_export --yes old_export --demo; echo \"done $?\"; "
            "$0 do drop-slot old_export --dry-run --demo; echo \"planned $?\"; "
            "$0 do drop-slot dbz_shop --yes dbz_shop --demo || true",
            NULL),
        words);
}

static void test_a_connectors_config_is_printed(void **state)
{
    static const char *const words[] = {"\"connectorName\":\t\"shop-s3\"",
                                        "\"s3.bucket.name\":\t\"lake\"",
                                        "printed 0",
                                        "there is no connector shop-s4",
                                        "did you mean shop-s3?",
                                        "not known 1",
                                        NULL};
    (void)state;
    rig_has(rig_sh("exec 2>&1; $0 config shop-s3 --demo=msk-connect; echo \"printed $?\"; "
                   "$0 config shop-s4 --demo=msk-connect; echo \"not known $?\"",
                   NULL),
            words);
}

static void test_what_does_not_go_with_it_is_said(void **state)
{
    static const char *const words[] = {"there is no demo nothing",
                                        "it stands without --config",
                                        "it stands without init",
                                        "from 0.1 to 1000",
                                        "a guided tour",
                                        "all is well",
                                        NULL};
    (void)state;
    rig_has(rig_sh("exec 2>&1; $0 --demo=nothing; $0 --demo --pg host=x; $0 init --demo; $0 --demo "
                   "--demo-speed 0; $0 --demo=list",
                   NULL),
            words);
}

static struct pty *start(const char *what)
{
    char flag[60];
    (void)snprintf(flag, sizeof(flag), "--demo=%s", what);
    const char *argv[] = {rig_program(), flag, NULL};
    struct pty *pty = pty_start(&(struct pty_options){.argv = argv});
    assert_non_null(pty);
    return pty;
}

static void test_it_lives_and_takes_what_is_done(void **state)
{
    (void)state;
    struct pty *pty = start("stale-slot");
    assert_true(pty_expect(pty, "slot old_export: no owner", SOON));
    pty_send(pty, "1D");
    assert_true(pty_expect(pty, "SELECT pg_drop_replication_slot('old_export')", SOON));
    pty_send(pty, "old_export\r");
    assert_true(pty_expect(pty, "stays gone", SOON));
    pty_free(pty);
}

static void test_the_tour_goes_on_and_back(void **state)
{
    (void)state;
    struct pty *pty = start("tour");
    assert_true(pty_expect(pty, "1/10", SOON));
    pty_send(pty, "nn");
    assert_true(pty_expect(pty, "3/10", SOON));
    assert_true(pty_expect(pty, "may not write to S3", SOON));
    pty_send(pty, "b");
    assert_true(pty_expect(pty, "2/10", SOON));
    pty_free(pty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status_check_and_do_work_without_waiting),
        cmocka_unit_test(test_a_connectors_config_is_printed),
        cmocka_unit_test(test_what_does_not_go_with_it_is_said),
        cmocka_unit_test(test_it_lives_and_takes_what_is_done),
        cmocka_unit_test(test_the_tour_goes_on_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
