/* Debezium's notifications as recorded from 2.3, 2.7 and 3.7, and what they say about a snapshot.
 */
#include "base/mem.h"
#include "model/dbz_note.h"
#include "model/snapshot_progress.h"
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOTES_MAX = 1000 };

struct recording {
    struct arena *arena;
    struct dbz_notification notes[NOTES_MAX];
    size_t n;
};

/* A line is the value alone, or "CreateTime:… Partition:… Offset:… key value" with tabs between. */
static void take_line(struct recording *r, char *line)
{
    char *value = strrchr(line, '\t');
    value = value != NULL ? value + 1 : line;
    value[strcspn(value, "\n")] = '\0';
    if (value[0] == '#' || value[0] == '\0')
        return;
    struct err err = ERR_INIT;
    assert_in_range(r->n, 0, NOTES_MAX - 1);
    if (!dbz_note_parse(r->arena, value, strlen(value), &r->notes[r->n], &err))
        fail_msg("%s: %s", value, err.text);
    if (r->notes[r->n].time_ms == UNKNOWN)
        r->notes[r->n].time_ms = 1000 * (int64_t)r->n;
    r->notes[r->n].offset = (int64_t)r->n;
    r->n++;
}

static struct recording *load(const char *name)
{
    char path[200], line[8192];
    (void)snprintf(path, sizeof(path), "tests/samples/kafka/%s", name);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        fail_msg("%s is missing", path);
    struct recording *r = mem_alloc(sizeof(*r));
    r->arena = arena_new();
    while (fgets(line, sizeof(line), f) != NULL)
        take_line(r, line);
    (void)fclose(f);
    return r;
}

static void unload(struct recording *r)
{
    arena_free(r->arena);
    free(r);
}

/* A topic that others write to as well is read for days. */
static void test_what_is_no_notification_costs_no_memory(void **state)
{
    (void)state;
    static const char other[] =
        "{\"id\":\"0123456789\",\"type\":\"execute-snapshot\",\"additional_data\":{\"a\":\"b\"}}";
    struct arena *arena = arena_new();
    struct dbz_notification note;
    struct err err = ERR_INIT;
    assert_false(dbz_note_parse(arena, other, strlen(other), &note, &err));
    assert_int_equal(err.kind, ERR_PROTOCOL);
    assert_int_equal(arena_used(arena), 0);
    arena_free(arena);
}

static struct snapshot_progress progress_of(struct recording *r, const char *connector,
                                            const char *id)
{
    struct snapshot_query query = {.connector = connector, .id = id, .since_ms = UNKNOWN};
    return snapshot_progress_build(r->arena, r->notes, r->n, &query);
}

static void test_every_recording_parses_in_full(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t notes;
    } files[] = {
        {"notifications-blocking.txt",                       8  },
        {"notifications-conditions-and-bad-signals.txt",     16 },
        {"notifications-dbz-v23.txt",                        5  },
        {"notifications-dbz-v3.txt",                         12 },
        {"notifications-incremental-signal-table.txt",       86 },
        {"notifications-initial-snapshot.txt",               10 },
        {"notifications-kafka-signal-pause-resume-stop.txt", 605},
        {"notifications-stop-snapshot.txt",                  325},
        {"mariadb-notifications.txt",                        4  },
    };
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct recording *r = load(files[i].name);
        assert_int_equal(r->n, files[i].notes);
        for (size_t k = 0; k < r->n; k++)
            assert_non_null(r->notes[k].id);
        unload(r);
    }
}

static void test_envelope_and_odd_values(void **state)
{
    (void)state;
    static const char text[] =
        "{\"schema\":{\"type\":\"struct\"},\"payload\":{\"id\":\"a\",\"aggregate_type\":"
        "\"Incremental Snapshot\",\"type\":\"STARTED\",\"additional_data\":{\"connector_name\":"
        "\"shop\",\"n\":12,\"none\":null},\"timestamp\":1795193485289}}";
    struct arena *arena = arena_new();
    struct dbz_notification note;
    assert_true(dbz_note_parse(arena, text, sizeof(text) - 1, &note, NULL));
    assert_string_equal(note.id, "a");
    assert_true(note.time_ms == INT64_C(1795193485289));
    assert_string_equal(dbz_note_get(&note, "connector_name"), "shop");
    assert_string_equal(dbz_note_get(&note, "n"), "12");
    assert_null(dbz_note_get(&note, "none"));
    arena_free(arena);
}

static void test_what_is_no_notification_is_refused(void **state)
{
    (void)state;
    static const char *bad[] = {"",
                                "null",
                                "[]",
                                "{}",
                                "{\"id\":\"x\"}",
                                "<html>",
                                "{\"payload\":1}",
                                "{\"type\":1,\"aggregate_type\":2}"};
    struct arena *arena = arena_new();
    struct dbz_notification note;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err err = ERR_INIT;
        assert_false(dbz_note_parse(arena, bad[i], strlen(bad[i]), &note, &err));
        assert_int_equal(err.kind, ERR_PROTOCOL);
    }
    char *big = mem_alloc(DBZ_NOTE_BYTES_MAX + 1);
    memset(big, ' ', DBZ_NOTE_BYTES_MAX + 1);
    struct err err = ERR_INIT;
    assert_false(dbz_note_parse(arena, big, DBZ_NOTE_BYTES_MAX + 1, &note, &err));
    assert_int_equal(err.kind, ERR_TOOBIG);
    free(big);
    arena_free(arena);
}

static void test_incremental_with_a_table_without_key(void **state)
{
    (void)state;
    struct recording *r = load("notifications-incremental-signal-table.txt");
    struct snapshot_progress p = progress_of(r, "shop", "sig-inc-1");
    assert_int_equal(p.state, SNAPSHOT_COMPLETED);
    assert_int_equal(p.ntables, 3);
    assert_int_equal(p.done, 3);
    assert_int_equal(p.failed, 1); /* completed, and yet not all was read */
    assert_true(p.rows == 38090 + 500);
    assert_string_equal(p.tables[2].name, "public.nopk");
    assert_int_equal(p.tables[2].state, TABLE_FAILED);
    assert_string_equal(p.tables[2].status, "NO_PRIMARY_KEY");
    assert_false(snapshot_progress_running(&p));
    assert_int_equal(p.current, -1);
    unload(r);
}

static void test_incremental_half_way(void **state)
{
    (void)state;
    struct recording *r = load("notifications-incremental-signal-table.txt");
    r->n = 40; /* as it was then */
    struct snapshot_progress p = progress_of(r, "shop", NULL);
    assert_int_equal(p.state, SNAPSHOT_IN_PROGRESS);
    assert_string_equal(p.id, "sig-inc-1");
    assert_true(snapshot_progress_running(&p));
    assert_int_equal(p.current, 0);
    const struct snapshot_table *t = &p.tables[p.current];
    assert_string_equal(t->name, "public.orders");
    assert_string_equal(t->last_key, "18690");
    assert_string_equal(t->maximum_key, "38780");
    assert_true(fabs(t->fraction - 18690.0 / 38780.0) < 1e-9);
    assert_true(fabs(p.fraction - t->fraction / 3) < 1e-9);
    unload(r);
}

static void test_pause_and_resume_keep_the_id(void **state)
{
    (void)state;
    struct recording *r = load("notifications-kafka-signal-pause-resume-stop.txt");
    size_t all = r->n;
    size_t paused = 0;
    while (strcmp(r->notes[paused].type, "PAUSED") != 0)
        paused++;
    r->n = paused + 1;
    struct snapshot_progress p = progress_of(r, "shop", "ksig-1");
    assert_int_equal(p.state, SNAPSHOT_PAUSED);
    assert_true(snapshot_progress_running(&p));
    r->n = paused + 2;
    assert_int_equal(progress_of(r, "shop", "ksig-1").state, SNAPSHOT_RESUMED);
    r->n = all;
    p = progress_of(r, "shop", "ksig-1");
    assert_int_equal(p.state, SNAPSHOT_COMPLETED);
    assert_int_equal(p.failed, 0);
    assert_true(p.rows == 60000);
    assert_true(p.fraction == 1.0);
    unload(r);
}

static void test_completed_and_aborted_is_stopped(void **state)
{
    (void)state;
    struct recording *r = load("notifications-stop-snapshot.txt");
    struct snapshot_progress p = progress_of(r, "shop", "stop-1");
    assert_int_equal(p.state, SNAPSHOT_STOPPED);
    assert_string_equal(snapshot_state_name(p.state), "stopped");
    assert_int_equal(p.done, 0);
    r->n--; /* before ABORTED came: not all tables were scanned */
    p = progress_of(r, "shop", "stop-1");
    assert_int_equal(p.state, SNAPSHOT_COMPLETED);
    assert_int_equal(p.done, 0);
    assert_int_equal(p.ntables, 1);
    unload(r);
}

/* ABORTED has a random id: it is of the snapshot that ended just before, not of an earlier one. */
static void test_stopping_another_one_leaves_the_first_as_it_was(void **state)
{
    (void)state;
    struct recording *stop = load("notifications-stop-snapshot.txt");
    struct recording *r = load("notifications-conditions-and-bad-signals.txt");
    for (size_t i = 0; i < stop->n && r->n < NOTES_MAX; i++)
        r->notes[r->n++] = stop->notes[i];
    assert_int_equal(progress_of(r, "shop", "stop-1").state, SNAPSHOT_STOPPED);
    assert_int_equal(progress_of(r, "shop", "cond-1").state, SNAPSHOT_COMPLETED);
    unload(stop);
    unload(r);
}

static void test_unknown_table_completes_with_a_failure(void **state)
{
    (void)state;
    struct recording *r = load("notifications-conditions-and-bad-signals.txt");
    struct snapshot_progress p = progress_of(r, "shop", "bad-1");
    assert_int_equal(p.state, SNAPSHOT_COMPLETED);
    assert_int_equal(p.failed, 1);
    assert_string_equal(p.tables[0].status, "UNKNOWN_SCHEMA");
    p = progress_of(r, "shop", "cond-1");
    assert_int_equal(p.state, SNAPSHOT_COMPLETED);
    assert_true(p.rows == 1000);
    p = progress_of(r, "shop", "never-sent");
    assert_int_equal(p.state, SNAPSHOT_NOT_SEEN);
    assert_false(snapshot_progress_running(&p));
    assert_int_equal(progress_of(r, "other", "cond-1").state, SNAPSHOT_NOT_SEEN);
    unload(r);
}

static void test_initial_and_blocking_have_random_ids(void **state)
{
    (void)state;
    struct recording *r = load("notifications-initial-snapshot.txt");
    struct snapshot_progress p = progress_of(r, "shop", NULL);
    assert_int_equal(p.state, SNAPSHOT_COMPLETED);
    assert_null(p.id);
    assert_string_equal(p.aggregate_type, "Initial Snapshot");
    assert_int_equal(p.failed, 0);
    unload(r);

    r = load("notifications-blocking.txt");
    p = progress_of(r, "shop", NULL);
    assert_int_equal(p.state, SNAPSHOT_COMPLETED);
    assert_true(p.rows == 48864 + 50 + 180000);
    r->n = 5; /* one of three tables is done, all were announced up front */
    p = progress_of(r, "shop", NULL);
    assert_int_equal(p.state, SNAPSHOT_IN_PROGRESS);
    assert_int_equal(p.done, 1);
    assert_true(fabs(p.fraction - 1.0 / 3) < 1e-9);
    /* Only what is newer than the signal counts: before it came, there is nothing. */
    struct snapshot_query query = {.connector = "shop", .since_ms = INT64_C(1795193700000)};
    p = snapshot_progress_build(r->arena, r->notes, r->n, &query);
    assert_int_equal(p.state, SNAPSHOT_NOT_SEEN);
    unload(r);
}

static void test_versions_2_3_and_3_7(void **state)
{
    (void)state;
    struct recording *r = load("notifications-dbz-v23.txt");
    assert_string_equal(r->notes[0].type, "Status COMPLETED");
    assert_string_equal(dbz_note_type(&r->notes[0]), "COMPLETED");
    struct snapshot_progress p = progress_of(r, "v23", "multi-2");
    assert_int_equal(p.state, SNAPSHOT_COMPLETED);
    assert_true(p.rows == 500);
    r->n = 1;
    p = progress_of(r, "v23", NULL);
    assert_int_equal(p.state, SNAPSHOT_COMPLETED);
    unload(r);

    r = load("notifications-dbz-v3.txt");
    r->n = 10;
    p = progress_of(r, "v3", "multi-1");
    assert_int_equal(p.state, SNAPSHOT_IN_PROGRESS);
    assert_true(p.fraction == 1.0); /* chunk 1 of 1 */
    assert_true(p.tables[0].total == 500);
    r->n = 7;
    p = progress_of(r, "v3", NULL);
    assert_int_equal(p.state, SNAPSHOT_COMPLETED);
    assert_true(p.rows == 501);
    unload(r);
}

static void test_skipped_on_restart(void **state)
{
    (void)state;
    struct recording *r = load("notifications-incremental-signal-table.txt");
    r->n = 3;
    struct snapshot_progress p = progress_of(r, "shop", NULL);
    assert_int_equal(p.state, SNAPSHOT_SKIPPED);
    assert_string_equal(snapshot_state_name(p.state), "skipped");
    unload(r);
}

/* The signal table is announced with the others (3.7, and 2.7 with the first table), never read. */
static void test_the_signal_table_is_not_waited_for(void **state)
{
    (void)state;
    struct recording *r = load("notifications-dbz-v3.txt");
    r->n = 7;
    struct snapshot_query query = {.connector = "v3", .since_ms = UNKNOWN};
    struct snapshot_progress p = snapshot_progress_build(r->arena, r->notes, r->n, &query);
    assert_int_equal(p.ntables, 3);
    query.signals = "public.debezium_signal";
    p = snapshot_progress_build(r->arena, r->notes, r->n, &query);
    assert_int_equal(p.ntables, 2);
    assert_int_equal(p.done, 2);
    unload(r);
}

/* The connector restarts: "Initial Snapshot" SKIPPED, and the incremental one goes on. */
static void test_restart_during_an_incremental_snapshot(void **state)
{
    (void)state;
    struct recording *skip = load("notifications-incremental-signal-table.txt");
    struct recording *r = load("notifications-kafka-signal-pause-resume-stop.txt");
    r->notes[100] = skip->notes[0];
    r->n = 101;
    struct snapshot_progress p = progress_of(r, "shop", NULL);
    assert_string_equal(p.id, "ksig-1");
    assert_int_equal(p.state, SNAPSHOT_IN_PROGRESS);
    r->n = 605;
    p = progress_of(r, "shop", NULL);
    assert_int_equal(p.state, SNAPSHOT_COMPLETED);
    assert_string_equal(p.id, "ksig-1");
    r->notes[r->n++] = skip->notes[1]; /* after it, a restart is news */
    assert_int_equal(progress_of(r, "shop", NULL).state, SNAPSHOT_SKIPPED);
    unload(r);
    unload(skip);
}

/* Only the newest notifications are kept: the STARTED may be gone. */
static void test_the_beginning_may_be_missing(void **state)
{
    (void)state;
    struct recording *r = load("notifications-kafka-signal-pause-resume-stop.txt");
    struct snapshot_query query = {.connector = "shop", .since_ms = UNKNOWN};
    struct snapshot_progress p = snapshot_progress_build(r->arena, r->notes + 50, 200, &query);
    assert_int_equal(p.state, SNAPSHOT_IN_PROGRESS);
    assert_string_equal(p.tables[0].name, "public.big");
    unload(r);
}

/* Figures are text in a notification: what fits no counter is unknown, and no sum overflows. */
static void test_rows_beyond_counting_are_unknown(void **state)
{
    (void)state;
    static const char *const rows[] = {"14347500000000000000", "9223372036854775807", "-5"};
    struct arena *arena = arena_new();
    struct dbz_notification notes[3];
    for (int i = 0; i < 3; i++) {
        const char *text = arena_printf(
            arena,
            "{\"id\":\"s\",\"type\":\"TABLE_SCAN_COMPLETED\",\"aggregate_type\":"
            "\"Incremental Snapshot\",\"additional_data\":{\"scanned_collection\":\"public.t%d\","
            "\"connector_name\":\"shop\",\"total_rows_scanned\":\"%s\",\"status\":\"SUCCEEDED\"},"
            "\"timestamp\":1795193486585}",
            i, rows[i]);
        assert_true(dbz_note_parse(arena, text, strlen(text), &notes[i], NULL));
    }
    struct snapshot_query query = {.connector = "shop", .since_ms = UNKNOWN};
    struct snapshot_progress p = snapshot_progress_build(arena, notes, 3, &query);
    assert_int_equal(p.ntables, 3);
    for (int i = 0; i < 3; i++)
        assert_true(p.tables[i].rows == UNKNOWN);
    assert_true(p.rows == 0);
    arena_free(arena);
}

static void test_copy_needs_nothing_of_the_original(void **state)
{
    (void)state;
    struct recording *r = load("notifications-dbz-v3.txt");
    struct arena *arena = arena_new();
    struct dbz_notification copy = dbz_note_copy(arena, &r->notes[9]);
    unload(r);
    assert_string_equal(copy.id, "multi-1");
    assert_string_equal(dbz_note_get(&copy, "total_rows"), "500");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_no_notification_costs_no_memory),
        cmocka_unit_test(test_every_recording_parses_in_full),
        cmocka_unit_test(test_envelope_and_odd_values),
        cmocka_unit_test(test_what_is_no_notification_is_refused),
        cmocka_unit_test(test_incremental_with_a_table_without_key),
        cmocka_unit_test(test_incremental_half_way),
        cmocka_unit_test(test_pause_and_resume_keep_the_id),
        cmocka_unit_test(test_completed_and_aborted_is_stopped),
        cmocka_unit_test(test_stopping_another_one_leaves_the_first_as_it_was),
        cmocka_unit_test(test_unknown_table_completes_with_a_failure),
        cmocka_unit_test(test_initial_and_blocking_have_random_ids),
        cmocka_unit_test(test_versions_2_3_and_3_7),
        cmocka_unit_test(test_skipped_on_restart),
        cmocka_unit_test(test_the_signal_table_is_not_waited_for),
        cmocka_unit_test(test_restart_during_an_incremental_snapshot),
        cmocka_unit_test(test_the_beginning_may_be_missing),
        cmocka_unit_test(test_rows_beyond_counting_are_unknown),
        cmocka_unit_test(test_copy_needs_nothing_of_the_original),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
