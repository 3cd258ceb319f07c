/* Every view on made-up worlds, at the sizes that matter, against goldens.
 * UPDATE_GOLDEN=1 make unit writes them anew; `test_views preview [FIXTURE]` shows one. */
#include "tests/check.h"
#include "tests/screen/golden.h"
#include "tests/screen/preview.h"

#include "tui/key.h"

#include <stdio.h>
#include <string.h>

static void check_sizes(enum fixture_kind kind, const char *keys, const char *name)
{
    golden_sizes(kind, keys, name);
    golden_at(kind, keys, name, 200, 50, false);
}

static void test_overview(void **state)
{
    (void)state;
    check_sizes(FIXTURE_INCIDENT, "", "overview-incident");
    check_sizes(FIXTURE_HEALTHY, "", "overview-healthy");
    golden_at(FIXTURE_INCIDENT, "", "overview-incident", 120, 36, true);
    golden_at(FIXTURE_INCIDENT, "3", "overview-incident-3", 80, 24, true);
}

static void test_overview_bad_days(void **state)
{
    (void)state;
    static const enum fixture_kind kinds[] = {FIXTURE_STALE, FIXTURE_UNKNOWN, FIXTURE_WAITING,
                                              FIXTURE_EMPTY, FIXTURE_NOTHING, FIXTURE_BEFORE};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "overview-%s", fixture_name(kinds[i]));
        golden_at(kinds[i], "", name, 120, 36, false);
        golden_at(kinds[i], "", name, 80, 24, false);
    }
}

static void test_overview_of_many_and_hostile_rows(void **state)
{
    (void)state;
    golden_at(FIXTURE_HUGE, "", "overview-huge", 120, 36, false);
    golden_at(FIXTURE_HUGE, "2zG", "overview-huge-zoom", 120, 36, false);
    golden_at(FIXTURE_HOSTILE, "", "overview-hostile", 120, 36, false);
    golden_at(FIXTURE_HOSTILE, "", "overview-hostile", 120, 36, true);
}

static void test_panes(void **state)
{
    (void)state;
    char keys[8];
    char name[32];
    for (char pane = '1'; pane <= '5'; pane++) {
        (void)snprintf(keys, sizeof(keys), "%c", pane);
        (void)snprintf(name, sizeof(name), "pane-%c", pane);
        golden_at(FIXTURE_INCIDENT, keys, name, 80, 24, false);
        golden_at(FIXTURE_INCIDENT, keys, name, 60, 15, false);
        (void)snprintf(keys, sizeof(keys), "%cz", pane);
        (void)snprintf(name, sizeof(name), "pane-%c-zoom", pane);
        golden_at(FIXTURE_INCIDENT, keys, name, 120, 36, false);
        golden_at(FIXTURE_INCIDENT, keys, name, 200, 50, false);
    }
    golden_at(FIXTURE_INCIDENT, "2z/pay\r", "pane-filter", 120, 36, false);
    golden_at(FIXTURE_INCIDENT, "2z/nothing-like-it\r", "pane-filter-none", 120, 36, false);
    golden_at(FIXTURE_INCIDENT, "1zf", "pane-faults", 120, 36, false);
    golden_at(FIXTURE_INCIDENT, "1z>>>", "pane-sorted", 120, 36, false);
}

static void test_details(void **state)
{
    (void)state;
    static const char panes[] = "12345";
    static const char *const names[] = {"slot", "topic", "connector", "prefix", "finding"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char keys[8];
        char name[32];
        (void)snprintf(keys, sizeof(keys), "%c\r", panes[i]);
        (void)snprintf(name, sizeof(name), "detail-%s", names[i]);
        check_sizes(FIXTURE_INCIDENT, keys, name);
        golden_at(FIXTURE_INCIDENT, keys, name, 120, 36, true);
        (void)snprintf(name, sizeof(name), "detail-%s-hostile", names[i]);
        golden_at(FIXTURE_HOSTILE, keys, name, 80, 24, false);
    }
    golden_at(FIXTURE_INCIDENT, "4j\r", "detail-prefix-counted", 120, 36, false);
    golden_at(FIXTURE_INCIDENT, "4j\r", "detail-prefix-counted", 80, 24, false);
    golden_at(FIXTURE_INCIDENT, "1j\r", "detail-slot-active", 120, 36, false);
    golden_at(FIXTURE_INCIDENT, "1jj\r", "detail-slot-new", 80, 24, false);
    golden_at(FIXTURE_INCIDENT, "3\rG", "detail-connector-end", 120, 36, false);
    golden_at(FIXTURE_INCIDENT, "3\r/Caused\r", "detail-connector-search", 80, 24, false);
}

static void test_groups(void **state)
{
    (void)state;
    check_sizes(FIXTURE_INCIDENT, "6", "groups");
    golden_at(FIXTURE_INCIDENT, "6", "groups", 120, 36, true);
    golden_at(FIXTURE_EMPTY, "6", "groups-empty", 80, 24, false);
    golden_at(FIXTURE_UNKNOWN, "6", "groups-unknown", 120, 36, false);
    golden_at(FIXTURE_WAITING, "6", "groups-waiting", 80, 24, false);
    golden_at(FIXTURE_HUGE, "6G", "groups-huge", 120, 36, false);
    golden_at(FIXTURE_HOSTILE, "6", "groups-hostile", 80, 24, false);
    check_sizes(FIXTURE_INCIDENT, "6\r", "detail-group");
    golden_at(FIXTURE_INCIDENT, "6\r", "detail-group", 120, 36, true);
    golden_at(FIXTURE_INCIDENT, "6j\r", "detail-group-busy", 120, 36, false);
    golden_at(FIXTURE_INCIDENT, "6G\r", "detail-group-workers", 80, 24, false);
}

static void test_snapshots(void **state)
{
    (void)state;
    check_sizes(FIXTURE_INCIDENT, "7", "snapshots");
    golden_at(FIXTURE_INCIDENT, "7", "snapshots", 120, 36, true);
    golden_at(FIXTURE_HEALTHY, "7", "snapshots-none", 80, 24, false);
    golden_at(FIXTURE_UNKNOWN, "7", "snapshots-unknown", 120, 36, false);
    golden_at(FIXTURE_HOSTILE, "7", "snapshots-hostile", 120, 36, false);
    check_sizes(FIXTURE_INCIDENT, "7/77aa\r\r", "detail-snapshot");
    golden_at(FIXTURE_INCIDENT, "7/77aa\r\r", "detail-snapshot", 120, 36, true);
    golden_at(FIXTURE_INCIDENT, "7/dead\r\r", "detail-snapshot-unheard", 120, 36, false);
    golden_at(FIXTURE_INCIDENT, "7/adhoc-18\r\r", "detail-snapshot-aborted", 80, 24, false);
}

static void test_history_and_log(void **state)
{
    (void)state;
    check_sizes(FIXTURE_INCIDENT, "8", "history");
    golden_at(FIXTURE_INCIDENT, "8", "history", 120, 36, true);
    golden_at(FIXTURE_STALE, "8", "history-muted", 120, 36, false);
    golden_at(FIXTURE_HEALTHY, "8", "history-empty", 80, 24, false);
    golden_at(FIXTURE_STALE, "8\r", "detail-finding-muted", 80, 24, false);
    check_sizes(FIXTURE_INCIDENT, "9", "log");
    golden_at(FIXTURE_INCIDENT, "9", "log", 120, 36, true);
    golden_at(FIXTURE_HUGE, "9", "log-huge", 120, 36, false);
    golden_at(FIXTURE_BEFORE, "9", "log-before", 80, 24, false);
    golden_at(FIXTURE_INCIDENT, "9/failed\rG\r", "detail-event", 80, 24, false);
}

static void test_about(void **state)
{
    (void)state;
    check_sizes(FIXTURE_INCIDENT, ":about\r", "about");
    golden_at(FIXTURE_INCIDENT, ":about\r", "about", 120, 36, true);
    golden_at(FIXTURE_UNKNOWN, ":about\r", "about-unknown", 120, 36, false);
    golden_at(FIXTURE_WAITING, ":about\r", "about-waiting", 120, 36, false);
    golden_at(FIXTURE_BEFORE, ":about\r", "about-before", 80, 24, false);
    golden_at(FIXTURE_FLEET, ":about\rG", "about-fleet-end", 120, 36, false);
}

static void test_fleet(void **state)
{
    (void)state;
    check_sizes(FIXTURE_FLEET, "", "fleet");
    golden_at(FIXTURE_FLEET, "", "fleet", 120, 36, true);
    golden_at(FIXTURE_FLEETS, "G", "fleet-200-pipelines", 120, 36, false);
    golden_at(FIXTURE_FLEET, "f", "fleet-faults", 80, 24, false);
}

static void test_help_log_and_lines(void **state)
{
    (void)state;
    check_sizes(FIXTURE_INCIDENT, "?", "help");
    golden_at(FIXTURE_INCIDENT, "?G", "help-end", 120, 36, false);
    golden_at(FIXTURE_INCIDENT, "?", "help", 80, 24, true);
    golden_at(FIXTURE_INCIDENT, ":re", "command-line", 120, 36, false);
    golden_at(FIXTURE_INCIDENT, "/", "filter-line", 80, 24, false);
    golden_at(FIXTURE_INCIDENT, ":nosuch\r", "toast", 80, 24, false);
    golden_at(FIXTURE_INCIDENT, "p", "frozen", 120, 36, false);
    golden_at(FIXTURE_INCIDENT, "", "too-small", 59, 15, false);
    golden_at(FIXTURE_INCIDENT, "", "too-small", 20, 2, false);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "preview") == 0)
        return preview_main(argc - 1, argv + 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overview),
        cmocka_unit_test(test_overview_bad_days),
        cmocka_unit_test(test_overview_of_many_and_hostile_rows),
        cmocka_unit_test(test_panes),
        cmocka_unit_test(test_details),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_snapshots),
        cmocka_unit_test(test_history_and_log),
        cmocka_unit_test(test_about),
        cmocka_unit_test(test_fleet),
        cmocka_unit_test(test_help_log_and_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
