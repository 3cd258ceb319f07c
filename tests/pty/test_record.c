/* Recordings of the whole program: made without a screen, told of by status and check, broken off,
 * shown. */
#include "tests/check.h"
#include "tests/pty/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The shell's words in a directory of their own; $0 is the program. What it printed, and its
 * complaints. */
static char *sh(const char *script)
{
    char full[1500];
    (void)snprintf(
        full, sizeof(full),
        "d=$(mktemp -d \"${TEST_RUN_DIR:-/tmp}/record.XXXXXX\") && cd \"$d\" && { %s\n} 2>&1; "
        "[ -n \"$TEST_RUN_DIR\" ] || rm -rf \"$d\"",
        script);
    return rig_sh(full, NULL);
}

static void test_what_is_recorded_is_told_again(void **state)
{
    static const char *const words[] = {"a.zst: 3m", "left 0",        "S03",     "shop",
                                        "mode 600",  "there already", "again 1", NULL};
    (void)state;
    rig_has(
        sh("\"$0\" record a.zst --demo=incident --for 3m; echo \"left $?\"; stat -c 'mode %a' "
           "a.zst; "
           "\"$0\" status --replay a.zst; \"$0\" record a.zst --demo --for 1m; echo \"again $?\""),
        words);
}

static void test_a_moment_of_it_can_be_asked_for(void **state)
{
    static const char *const words[] = {"early 1", "late 2", "checked", "within what was recorded",
                                        NULL};
    (void)state;
    rig_has(sh("\"$0\" record a.jsonl --demo=incident --for 3m; "
               "\"$0\" status --replay a.jsonl --at 10s >/dev/null; echo \"early $?\"; "
               "\"$0\" status --replay a.jsonl >/dev/null; echo \"late $?\"; "
               "\"$0\" check --replay a.jsonl | grep -q '^shop' && echo checked; "
               "\"$0\" status --replay a.jsonl --at 10m"),
            words);
}

static void test_without_names_it_says_the_same(void **state)
{
    static const char *const words[] = {"none", "C01", "late 2", NULL};
    (void)state;
    rig_has(
        sh("\"$0\" record a.zst --demo=incident --for 3m; \"$0\" record b.jsonl --redact --replay "
           "a.zst; grep -qE 'shop|orders|dbz_|old_export' b.jsonl || echo none; "
           "\"$0\" status --replay b.jsonl; echo \"late $?\""),
        words);
}

static void test_killed_it_can_be_read_to_its_end(void **state)
{
    static const char *const words[] = {"lines", "plays", NULL};
    (void)state;
    /* as soon as there is something to be read */
    rig_has(
        sh("\"$0\" record a.zst --interval 500ms --pg 'host=127.0.0.1 port=9' & p=$!; "
           "plays() { \"$0\" status --json --replay a.zst | grep -q '\"pipeline\"'; }; "
           "until plays 2>/dev/null; do sleep 0.2; done; kill -9 $p; wait $p; plays && echo plays; "
           "[ -s a.zst ] && echo lines"),
        words);
}

static void test_a_signal_ends_it_well(void **state)
{
    static const char *const words[] = {"recorded", "left 0", NULL};
    (void)state;
    rig_has(
        sh("\"$0\" record a.jsonl --pg 'host=127.0.0.1 port=9' & p=$!; "
           "until [ -s a.jsonl ]; do sleep 0.1; done; kill -TERM $p; wait $p; echo \"left $?\""),
        words);
}

static void test_what_is_no_recording_is_refused(void **state)
{
    static const char *const words[] = {"no recording", "not JSON",         "empty",
                                        "No such file", "not a plain file", NULL};
    (void)state;
    rig_has(
        sh("echo '{\"a\":1}' >a; echo x >b; : >c; for f in a b c d .; do \"$0\" status --replay "
           "$f; "
           "done; true"),
        words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_recorded_is_told_again),
        cmocka_unit_test(test_a_moment_of_it_can_be_asked_for),
        cmocka_unit_test(test_without_names_it_says_the_same),
        cmocka_unit_test(test_killed_it_can_be_read_to_its_end),
        cmocka_unit_test(test_a_signal_ends_it_well),
        cmocka_unit_test(test_what_is_no_recording_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
