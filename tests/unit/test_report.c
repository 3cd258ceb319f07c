/* What status prints: a stable form, plain numbers, null for unknown, and nothing that a terminal
 * would obey. */
#include "base/json.h"
#include "base/mem.h"
#include "report/report.h"
#include "tests/check.h"
#include "tests/unit/logs_world.h"
#include "tests/unit/world_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct findings found;

static struct report_input input(struct fixture *f)
{
    const struct pipeline *p = fixture_pipeline(f);
    found = diagnosis_run(f->diagnosis, f->world, 0, p, f->arena);
    return (struct report_input){f->world, 0, p, &found};
}

static cJSON *document(struct fixture *f)
{
    struct report_input in = input(f);
    char *text = report_json(&in);
    assert_null(strchr(text, '\n')); /* one document a line */
    cJSON *root = cJSON_Parse(text);
    assert_non_null(root);
    cJSON_free(text);
    return root;
}

static const cJSON *first(const cJSON *root, const char *list)
{
    const cJSON *item = cJSON_GetArrayItem(json_get(root, list), 0);
    if (item == NULL)
        fail_msg("%s is empty", list);
    return item;
}

/* The README promises these; scripts rely on them. */
static const struct {
    const char *list; /* NULL: the document itself */
    const char *fields;
} promised[] = {
    {NULL,         "schema time pipeline environment verdict end_to_end_s end_to_end_s_is_lower_bound "
           "headline findings muted unanswered hops sources "
           "slots topics groups connectors prefixes snapshots cloudwatch logs msk"                },
    {"logs",       "connector service group stream from to error events"                                    },
    {"cloudwatch", "namespace metric object statistic unit value time age_s before before_time"             },
    {"hops",       "title name verdict word figure age_s age_s_is_lower_bound budget_s late"                },
    {"sources",    "kind state age_s skew_s took_s version error error_kind failures notes"                 },
    {"slots",      "name verdict why stale state type plugin database active active_pid wal_status "
              "invalidation_reason restart_lsn confirmed_flush_lsn retained_bytes "
              "unconfirmed_bytes safe_wal_size_bytes retained_bytes_per_s lost_in_s idle_s owner "
              "application_name client_addr"                                                   },
    {"topics",     "name verdict why stale partitions messages messages_per_s bytes_per_s_est group "
               "lag lag_s lag_s_is_lower_bound newest leaderless under_replicated offsets"    },
    {"groups",     "name verdict why stale state members connector lag lag_s lag_s_is_lower_bound "
               "trend"                                                                        },
    {"connectors",
     "name verdict why stale service type class state worker cause lsn behind_bytes behind_s "
     "behind_s_is_lower_bound "
     "lag tasks_running tasks_failed tasks_age_s tasks"                                                     },
    {"prefixes",   "name verdict why stale path connector newest_key newest newest_age_s "
                 "newest_bytes due_s rotates_by_itself late_s waiting_records objects_per_s"},
    {"snapshots",  "connector id type state percent eta_low_s eta_high_s rows_per_s tables_per_s "
                  "still_s tables"                                                         },
    {"findings",   "id severity hop object title advice since evidence explains remedy remedy_target "
                 "confidence check clearing"                                                },
};

static void edit_log(struct fixture *f, struct snapshot *snap)
{
    struct log_tail *t = logs_world_tail(f, snap, SERVICE_MSK_CONNECT, "sink");
    logs_world_event(f, snap, t, LOGGED_TASK_DIED, 2, 60 * 1000, "ERROR\nat x", "NullPointer");
}

static void test_a_log_is_told(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_LOGS] = edit_log;
    fixture_tick(&f, 2000);
    cJSON *root = document(&f);
    const cJSON *log = first(root, "logs"), *event = first(log, "events");
    assert_string_equal(json_str(log, "service", ""), "mskconnect");
    assert_string_equal(json_str(log, "group", ""), "/log/shop");
    assert_string_equal(json_str(event, "what", ""), "task died");
    assert_int_equal(json_int(event, "task", -1), 2);
    assert_string_equal(json_str(event, "cause", ""), "NullPointer");
    assert_string_equal(json_str(event, "text", ""), "ERROR\nat x");
    cJSON_Delete(root);
    fixture_close(&f);
}

/* An incremental snapshot of a table of 1,000 rows that has come to key f->n. */
static void edit_snapshot(struct fixture *f, struct snapshot *snap)
{
    struct arena *a = snap->arena;
    struct kv *data = arena_array(a, 5, sizeof(*data));
    data[0] = (struct kv){"connector_name", "shop"};
    data[1] = (struct kv){"current_collection_in_progress", "public.orders"};
    data[2] = (struct kv){"last_processed_key", arena_printf(a, "%d", (int)f->n)};
    data[3] = (struct kv){"maximum_key", "1000"};
    data[4] = (struct kv){"total_rows", "1000"};
    struct dbz_notification *note = arena_alloc(a, sizeof(*note));
    *note = (struct dbz_notification){.topic = "notes",
                                      .id = "id-1",
                                      .aggregate_type = "Incremental Snapshot",
                                      .type = "IN_PROGRESS",
                                      .data = data,
                                      .ndata = 5,
                                      .time_ms = f->wall_ms};
    snap->kafka.notifications = note;
    snap->kafka.nnotifications = 1;
}

static void test_a_snapshot_has_its_eta_after_three_samples(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_KAFKA] = edit_snapshot;
    for (int i = 1; i <= 4; i++) {
        f.n = 100 * i;
        fixture_tick(&f, 2000);
        cJSON *root = document(&f);
        const cJSON *s = first(root, "snapshots");
        assert_string_equal(json_str(s, "connector", ""), "src");
        assert_string_equal(json_str(s, "id", ""), "id-1");
        assert_string_equal(json_str(s, "type", ""), "incremental");
        assert_string_equal(json_str(s, "state", ""), "running");
        assert_int_equal(json_int(s, "percent", -1), 10 * i);
        const cJSON *t = cJSON_GetArrayItem(json_get(s, "tables"), 0);
        assert_string_equal(json_str(t, "name", ""), "public.orders");
        assert_string_equal(json_str(t, "state", ""), "reading");
        assert_int_equal(json_int(t, "rows", -1), 100 * i);
        assert_int_equal(json_int(t, "total_rows", -1), 1000);
        if (i < 3) {
            assert_true(cJSON_IsNull(json_get(s, "eta_low_s")));
            assert_true(cJSON_IsNull(json_get(s, "rows_per_s")));
        } else { /* 50 rows/s */
            assert_int_equal(json_int(s, "rows_per_s", -1), 50);
            assert_int_equal(json_int(s, "eta_low_s", -1), (1000 - 100 * i) / 50);
            assert_int_equal(json_int(s, "eta_high_s", -1), (1000 - 100 * i) / 50);
        }
        cJSON_Delete(root);
    }
    fixture_close(&f);
}

static void edit_figures(struct fixture *f, struct snapshot *snap)
{
    struct cw_metric *m = arena_array(snap->arena, 1, sizeof(*m));
    *m = (struct cw_metric){.space = "AWS/RDS",
                            .name = "FreeStorageSpace",
                            .object = "orders",
                            .stat = "Minimum",
                            .value = 41.2e9,
                            .at_ms = f->wall_ms - 120 * 1000,
                            .before = NAN,
                            .before_ms = UNKNOWN};
    snap->cloudwatch = (struct cloudwatch_snap){.metrics = m, .nmetrics = 1};
}

static void edit_cost(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->s3.requests = 7;
    snap->s3.usd_micro_per_hour = 45000;
}

static void test_figures_and_cost_have_their_time_and_unit(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_CLOUDWATCH] = edit_figures;
    f.edit[SOURCE_S3] = edit_cost;
    fixture_tick(&f, 2000);
    cJSON *root = document(&f);
    const cJSON *m = first(root, "cloudwatch");
    assert_string_equal(json_str(m, "unit", ""), "bytes");
    assert_true(json_get(m, "age_s")->valuedouble == 120);
    assert_true(cJSON_IsNull(json_get(m, "before")));
    assert_true(cJSON_IsNull(json_get(m, "before_time")));
    const cJSON *s3 = cJSON_GetArrayItem(json_get(root, "sources"), SOURCE_S3);
    assert_int_equal(json_int(s3, "requests", 0), 7);
    assert_true(json_get(s3, "usd_per_hour_est")->valuedouble == 0.045);
    cJSON_Delete(root);
    fixture_close(&f);
}

static void test_every_promised_field_is_there(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_KAFKA] = edit_snapshot;
    f.edit[SOURCE_CLOUDWATCH] = edit_figures;
    f.edit[SOURCE_LOGS] = edit_log;
    f.sink_task = "FAILED";
    f.sink_cause = "something";
    fixture_tick(&f, 2000);
    cJSON *root = document(&f);
    assert_int_equal(json_int(root, "schema", 0), 1);
    for (size_t i = 0; i < ARRAY_LEN(promised); i++) {
        const cJSON *at = promised[i].list != NULL ? first(root, promised[i].list) : root;
        char words[400];
        (void)snprintf(words, sizeof(words), "%s", promised[i].fields);
        char *rest = words;
        for (char *word; (word = strsep(&rest, " ")) != NULL;) {
            if (json_get(at, word) == NULL)
                fail_msg("%s has no %s", promised[i].list != NULL ? promised[i].list : "document",
                         word);
        }
        int n = 1;
        for (const char *p = promised[i].fields; *p != '\0'; p++)
            n += *p == ' ';
        if (cJSON_GetArraySize(at) != n)
            fail_msg("%s has a field that is not documented",
                     promised[i].list != NULL ? promised[i].list : "document");
    }
    assert_string_equal(json_str(json_get(root, "headline"), "id", ""), "C01");
    cJSON_Delete(root);
    fixture_close(&f);
}

static void test_unknown_is_null_and_known_is_a_number(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.committed = UNKNOWN;
    fixture_tick(&f, 2000);
    cJSON *root = document(&f);
    const cJSON *topic = first(root, "topics");
    assert_true(cJSON_IsNull(json_get(topic, "messages_per_s")));
    assert_true(cJSON_IsNull(json_get(topic, "lag")));
    assert_int_equal(json_int(topic, "messages", -1), 1000);
    const cJSON *slot = first(root, "slots");
    assert_int_equal(json_int(slot, "retained_bytes", -1), 0x100000);
    assert_string_equal(json_str(slot, "restart_lsn", ""), "0/F00000");
    assert_true(cJSON_IsNull(json_get(slot, "lost_in_s")));
    cJSON_Delete(root);
    fixture_close(&f);
}

static void test_exit_codes(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_tick(&f, 2000);
    struct report_input in = input(&f);
    assert_int_equal(report_exit_code(report_verdict(&in)), 0);
    f.lsn_now = f.restart + UINT64_C(3000000000);
    f.confirmed = f.lsn_now;
    fixture_tick(&f, 2000);
    in = input(&f);
    assert_int_equal(report_exit_code(report_verdict(&in)), 1);
    f.fails[SOURCE_S3] = true;
    fixture_tick(&f, 2000);
    in = input(&f);
    assert_int_equal(report_exit_code(report_verdict(&in)), 3); /* a warning hides no ignorance */
    f.sink_task = "FAILED";
    fixture_tick(&f, 2000);
    in = input(&f);
    assert_int_equal(report_exit_code(report_verdict(&in)), 2);
    fixture_close(&f);
}

/* What was seen a moment ago and is gone is told as such, and is no verdict of now. */
static void test_what_is_gone_is_no_alarm(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.sink_task = "FAILED";
    fixture_tick(&f, 2000);
    struct report_input in = input(&f);
    assert_int_equal(report_exit_code(report_verdict(&in)), 2);
    f.sink_task = "RUNNING";
    fixture_tick(&f, 2000);
    in = input(&f);
    assert_true(found.count > 0 && found.items[0].clearing);
    assert_int_equal(report_exit_code(report_verdict(&in)), 0);
    char *text = report_text(&in);
    assert_non_null(strstr(text, "(clearing) "));
    free(text);
    fixture_close(&f);
}

static void test_hostile_names_do_no_harm(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    static char name[10001];
    memset(name, 'x', sizeof(name) - 1);
    memcpy(name, "\033[2J\"\\\n\xE2\x80\xAE\xFF", 11);
    f.slot_name = name;
    fixture_tick(&f, 2000);
    struct report_input in = input(&f);
    char *text = report_text(&in);
    for (const char *p = text; *p != '\0'; p++)
        assert_true((unsigned char)*p >= 0x20 || *p == '\n');
    assert_null(strstr(text, "\xE2\x80\xAE"));
    free(text);
    cJSON *root = document(&f);
    assert_true(strncmp(json_str(first(root, "slots"), "name", ""), "\033[2J\"\\\n", 7) == 0);
    cJSON_Delete(root);
    fixture_close(&f);
}

static void test_what_is_muted_and_what_is_unanswered_is_told(void **state)
{
    (void)state;
    struct fixture f;
    struct mute mute;
    fixture_open(&f);
    f.sink_task = "FAILED";
    assert_null(mute_parse("C01: being rebuilt", &mute));
    assert_true(diagnosis_mute(f.diagnosis, f.world, &mute));
    f.fails[SOURCE_S3] = true;
    fixture_tick(&f, 2000);
    cJSON *root = document(&f);
    const cJSON *muted = first(root, "muted");
    assert_string_equal(json_str(muted, "id", ""), "C01");
    assert_string_equal(json_str(muted, "mute_reason", ""), "being rebuilt");
    assert_true(cJSON_IsNull(json_get(muted, "muted_until")));
    assert_string_equal(json_str(first(root, "unanswered"), "source", ""), "s3");
    assert_string_equal(json_str(json_get(root, "headline"), "id", ""), "Z01");
    cJSON_Delete(root);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_promised_field_is_there),
        cmocka_unit_test(test_a_log_is_told),
        cmocka_unit_test(test_figures_and_cost_have_their_time_and_unit),
        cmocka_unit_test(test_a_snapshot_has_its_eta_after_three_samples),
        cmocka_unit_test(test_unknown_is_null_and_known_is_a_number),
        cmocka_unit_test(test_exit_codes),
        cmocka_unit_test(test_what_is_gone_is_no_alarm),
        cmocka_unit_test(test_hostile_names_do_no_harm),
        cmocka_unit_test(test_what_is_muted_and_what_is_unanswered_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
