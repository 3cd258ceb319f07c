/* What keys do: selection, filter, sort, commands, dialogs, effects; on made-up worlds. */
#include "tests/check.h"
#include "tests/screen/golden.h"

#include "tui/command.h"
#include "tui/view/pane.h"

#include <stdlib.h>
#include <string.h>

static const char *selected(struct stage *st)
{
    struct scene s = scene_make(st->app, fixture_model(st->fixture), NULL);
    const struct row_base *row = pane_row(&s, st->app->pane);
    return row != NULL ? row->name : "";
}

/* The next effect's kind, or -1; frees what it carries. */
static int effect(struct stage *st)
{
    struct effect e;
    if (!app_take(st->app, &e))
        return -1;
    free(e.text);
    action_args_free(e.args);
    return (int)e.kind;
}

static void test_trouble_stands_first_and_is_selected(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    assert_string_equal(selected(&st), "old_export");
    stage_keys(&st, "3");
    assert_string_equal(selected(&st), "s3-sink");
    stage_close(&st);
}

static void test_the_selection_survives_a_refresh_that_moves_rows(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "jj");
    assert_string_equal(selected(&st), "dms_audit");
    struct fixture *other = fixture_new(FIXTURE_HEALTHY); /* old_export is gone */
    fixture_free(st.fixture);
    st.fixture = other;
    stage_draw(&st);
    assert_string_equal(selected(&st), "dms_audit");
    stage_close(&st);
}

static void test_a_row_that_left_does_not_hand_its_selection_to_an_action(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "D");
    fixture_free(st.fixture);
    st.fixture = fixture_new(FIXTURE_HEALTHY);
    stage_draw(&st);
    assert_true(
        stage_has(&st, "old_export")); /* the dialog is still about what it was opened for */
    stage_close(&st);
}

static void test_filters(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "2/pay\r");
    assert_string_equal(selected(&st), "cdc.public.payments");
    assert_true(stage_has(&st, "/pay"));
    stage_key(&st, K_ESC);
    stage_keys(&st, "/!public\r");
    assert_string_equal(selected(&st), "cdc.heartbeat");
    stage_key(&st, K_ESC);
    stage_keys(&st, "/~ord.*s$\r");
    assert_true(stage_has(&st, "cdc.public.order_items"));
    stage_keys(&st, "/~(((");
    assert_true(stage_has(&st, "cdc.public.")); /* half a regex hides nothing */
    stage_key(&st, K_ESC);
    assert_int_equal(st.app->panes[PANE_TOPICS].filter[0], '\0');
    stage_keys(&st, "f");
    assert_string_equal(selected(&st), "cdc.public.orders");
    assert_true(stage_has(&st, "faults only"));
    stage_close(&st);
}

static void test_sorting(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "1:sort retained\r");
    struct scene s = scene_make(st.app, fixture_model(st.fixture), NULL);
    struct row_list list = pane_list(&s, PANE_SLOTS);
    assert_string_equal(list.rows[0]->name, "old_export");
    assert_string_equal(list.rows[2]->name, "dms_audit");
    stage_keys(&st, "I");
    list = pane_list(&s, PANE_SLOTS);
    assert_string_equal(list.rows[0]->name, "dms_audit");
    stage_keys(&st, "s\r"); /* the menu stands on what is chosen */
    assert_int_equal(st.app->panes[PANE_SLOTS].sort, 3);
    stage_close(&st);
}

static void test_ten_thousand_rows_scroll_to_the_end(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_HUGE, 120, 36, false);
    stage_keys(&st, "2G");
    struct scene s = scene_make(st.app, fixture_model(st.fixture), NULL);
    struct row_list list = pane_list(&s, PANE_TOPICS);
    assert_string_equal(selected(&st), list.rows[9999]->name);
    stage_keys(&st, "gkk");
    s = scene_make(st.app, fixture_model(st.fixture), NULL);
    list = pane_list(&s, PANE_TOPICS);
    assert_string_equal(selected(&st), list.rows[0]->name);
    stage_close(&st);
}

static void test_enter_and_escape_are_a_round_trip(void **state)
{
    (void)state;
    for (char pane = '1'; pane <= '5'; pane++) {
        char keys[3] = {pane, '\r', '\0'};
        struct stage st;
        stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
        stage_keys(&st, keys);
        assert_int_equal(st.app->depth, 2);
        stage_key(&st, K_ESC);
        assert_int_equal(st.app->depth, 1);
        assert_int_equal(effect(&st), -1);
        stage_keys(&st, "q");
        assert_int_equal(effect(&st), EFFECT_QUIT);
        stage_close(&st);
    }
}

static void test_a_detail_says_when_its_object_is_gone(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "1\r");
    fixture_free(st.fixture);
    st.fixture = fixture_new(FIXTURE_HEALTHY);
    stage_draw(&st);
    assert_true(stage_has(&st, "old_export is not there any more"));
    stage_close(&st);
}

static void test_no_is_the_default(void **state)
{
    (void)state;
    static const char *const refusals[] = {"\r", "n", "q", "\033"};
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct stage st;
        stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
        stage_keys(&st, "3R");
        assert_true(stage_has(&st, "y/N"));
        stage_keys(&st, refusals[i]);
        assert_int_equal(st.app->dialog.kind, DIALOG_NONE);
        assert_int_equal(effect(&st), -1);
        stage_close(&st);
    }
}

static void test_the_key_beside_a_finding_works_from_anywhere(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "1R"); /* the slot has no connector; the first finding says "R restart" */
    assert_true(stage_has(&st, "restart: s3-sink"));
    stage_key(&st, K_ESC);
    stage_keys(&st, "2D");
    assert_true(stage_has(&st, "Drop replication slot old_export"));
    stage_close(&st);
}

static void test_a_finding_is_muted_with_a_reason_or_not_at_all(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "5:mute 2h");
    stage_key(&st, K_ENTER);
    assert_string_equal(fixture_muted(st.fixture)->rule, "");
    assert_true(stage_has(&st, "DURATION REASON"));
    stage_keys(&st, ":mute 2h the bucket moves");
    stage_key(&st, K_ENTER);
    assert_string_equal(fixture_muted(st.fixture)->rule, "S03");
    assert_string_equal(fixture_muted(st.fixture)->object, "s3-sink");
    assert_string_equal(fixture_muted(st.fixture)->reason, "the bucket moves");
    assert_true(fixture_muted(st.fixture)->until_wall_ms == FIXTURE_WALL + INT64_C(7200000));
    stage_keys(&st, ":mute X99 1h no keys");
    stage_key(&st, K_ENTER);
    assert_string_equal(fixture_muted(st.fixture)->rule, "S03"); /* there is no rule X99 */
    stage_keys(&st, ":mute P03 1h known");
    stage_key(&st, K_ENTER);
    assert_string_equal(fixture_muted(st.fixture)->rule, "P03");
    assert_string_equal(fixture_muted(st.fixture)->object, "");
    stage_close(&st);
}

static void test_the_row_of_a_symptom_leads_to_its_cause(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "2d"); /* cdc.public.orders is late because the sink may not write */
    assert_true(stage_has(&st, "AccessDenied on PutObject"));
    assert_true(stage_has(&st, "What to check"));
    assert_true(stage_has(&st, "objects of cdc.public.orders are late"));
    stage_close(&st);
}

static void test_the_menu_opens_on_what_is_recommended(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "1a");
    assert_true(stage_has(&st, "old_export: recommended for P03"));
    stage_key(&st, K_ENTER);
    assert_true(stage_has(&st, "Drop replication slot old_export"));
    stage_close(&st);
}

static void test_a_healthy_connector_can_be_restarted_as_a_whole(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_HEALTHY, 120, 36, false);
    stage_keys(&st, "3R");
    assert_true(stage_has(&st, "[all tasks]"));
    assert_true(stage_has(&st, "onlyFailed=false"));
    stage_key(&st, K_SHIFT_TAB);
    assert_true(stage_has(&st, "not possible: nothing of it has failed"));
    stage_keys(&st, "y");
    assert_int_equal(effect(&st), -1);
    stage_close(&st);
}

static void test_missing_rights_are_named_in_the_pane(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    struct world *world = (struct world *)(uintptr_t)fixture_model(st.fixture)->world;
    snapshot_note(world->pipelines[0].sources[SOURCE_POSTGRES].snap, "GRANT pg_monitor TO viewer",
                  "walsenders are hidden");
    stage_draw(&st);
    assert_true(stage_has(&st, "walsenders are hidden: GRANT pg_monitor TO viewer"));
    stage_close(&st);
}

static void test_a_dangerous_action_wants_the_whole_name(void **state)
{
    (void)state;
    struct stage st;
    struct effect e;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "1D");
    stage_keys(&st, "y\r");
    assert_int_equal(effect(&st), -1);
    assert_true(stage_has(&st, "(not the name)"));
    stage_key(&st, K_BACKSPACE);
    stage_keys(&st, "old_expor\r");
    assert_int_equal(effect(&st), -1);
    assert_true(stage_has(&st, "(incomplete)"));
    stage_keys(&st, "t\r");
    assert_true(app_take(st.app, &e));
    assert_int_equal(e.kind, EFFECT_SUBMIT);
    assert_int_equal(e.args->kind, ACTION_DROP_SLOT);
    assert_string_equal(e.args->target, "old_export");
    free(e.text);
    action_args_free(e.args);
    stage_close(&st);
}

static void test_what_is_not_allowed_cannot_be_sent(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, ":drop-slot debezium\r");
    assert_true(stage_has(&st, "not possible: the slot is active"));
    stage_keys(&st, "debezium\r");
    assert_int_equal(effect(&st), -1);
    stage_close(&st);
}

static void test_a_dialog_follows_its_action(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "3Ry");
    assert_int_equal(effect(&st), EFFECT_SUBMIT);
    fixture_action(st.fixture, ACTION_RESTART, "s3-sink", ACTION_WATCHING, "RUNNING 3/3");
    app_submitted(st.app, 1, "");
    stage_draw(&st);
    assert_true(stage_has(&st, "waiting to see that it works"));
    golden_check(&st, "dialog-following");
    fixture_model(st.fixture)->actions[0].state = ACTION_WORKED;
    fixture_model(st.fixture)->actions[0].ended_mono_ms = FIXTURE_MONO;
    stage_draw(&st);
    assert_true(stage_has(&st, "worked"));
    golden_check(&st, "dialog-worked");
    stage_close(&st);
}

static void test_an_action_that_ends_unwatched_is_told(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    fixture_action(st.fixture, ACTION_PAUSE, "jdbc-audit", ACTION_FAILED, "409: rebalancing");
    stage_draw(&st);
    assert_true(stage_has(&st, "409: rebalancing"));
    stage_close(&st);
}

static void test_a_refused_submission_is_shown(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "3Ry");
    app_submitted(st.app, 0, "read-only: nothing is changed");
    stage_draw(&st);
    assert_true(stage_has(&st, "read-only: nothing is changed"));
    stage_keys(&st, "y");
    assert_int_equal(effect(&st), EFFECT_SUBMIT); /* the first one only */
    assert_int_equal(effect(&st), -1);
    stage_close(&st);
}

static void test_dialogs_look_right(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *name;
    } cases[] = {
        {"1Dold_exp",             "dialog-drop"            },
        {"3R",                    "dialog-restart"         },
        {"3R\t\t",                "dialog-restart-task"    },
        {":drop-slot debezium\r", "dialog-refused"         },
        {"3a",                    "dialog-actions"         },
        {"2s",                    "dialog-sort"            },
        {"T j ",                  "dialog-tables"          },
        {"T b\tid > 100",         "dialog-tables-condition"},
        {"T \r",                  "dialog-snapshot"        },
        {"1K",                    "dialog-terminate"       },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        golden_sizes(FIXTURE_INCIDENT, cases[i].keys, cases[i].name);
}

static void test_the_session_that_holds_a_slot_back_is_ended_by_its_pid(void **state)
{
    (void)state;
    struct stage st;
    struct effect e;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "3K");
    assert_true(stage_has(&st, "select a slot first"));
    stage_keys(&st, "1Ky\r");
    assert_int_equal(effect(&st), -1);
    stage_key(&st, K_BACKSPACE);
    stage_keys(&st, "41877\r");
    assert_true(app_take(st.app, &e));
    assert_int_equal(e.args->kind, ACTION_TERMINATE);
    assert_true(e.args->session_ms == FIXTURE_WALL - 900000);
    free(e.text);
    action_args_free(e.args);
    stage_close(&st);
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, ":terminate 5\r5\r"); /* nobody that is seen to hold anything */
    assert_int_equal(effect(&st), -1);
    stage_close(&st);
}

static void test_tables_are_marked_and_handed_on(void **state)
{
    (void)state;
    struct stage st;
    struct effect e;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "T jb\tid > 7\r\ry");
    assert_true(app_take(st.app, &e));
    assert_int_equal(e.args->kind, ACTION_SNAPSHOT);
    assert_string_equal(e.args->target, "debezium-pg");
    assert_int_equal(e.args->ntables, 1);
    assert_string_equal(e.args->tables[0], "public.orders");
    assert_true(e.args->blocking);
    assert_string_equal(e.args->filter, "id > 7");
    assert_non_null(e.args->signal_id);
    free(e.text);
    action_args_free(e.args);
    stage_close(&st);
}

static void test_command_lines(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int effect;
    } cases[] = {
        {":quit\r",                     EFFECT_QUIT    },
        {":poll\r",                     EFFECT_POLL    },
        {":interval 5\r",               EFFECT_INTERVAL},
        {":theme light\r",              EFFECT_THEME   },
        {":write /tmp/x\r",             EFFECT_WRITE   },
        {":copy name\r",                EFFECT_COPY    },
        {":interval soon\r",            -1             },
        {":\r",                         -1             },
        {":nonsense\r",                 -1             },
        {":restart nobody\r",           -1             },
        {":restart s3-sink --task x\r", -1             }
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stage st;
        stage_open(&st, FIXTURE_INCIDENT, 80, 24, false);
        stage_keys(&st, cases[i].line);
        assert_int_equal(effect(&st), cases[i].effect);
        assert_int_equal(st.app->dialog.kind, DIALOG_NONE);
        stage_close(&st);
    }
}

static void test_completion_and_history(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 80, 24, false);
    stage_keys(&st, ":drop\t");
    assert_string_equal(st.app->edit.text, "drop-slot ");
    stage_keys(&st, "old\t");
    assert_string_equal(st.app->edit.text, "drop-slot old_export ");
    stage_key(&st, K_ESC);
    stage_keys(&st, ":faults\r:zoom\r:");
    stage_key(&st, K_UP);
    stage_key(&st, K_UP);
    assert_string_equal(st.app->edit.text, "faults");
    stage_key(&st, K_DOWN);
    assert_string_equal(st.app->edit.text, "zoom");
    stage_close(&st);
}

static void test_every_command_can_be_run_in_every_world(void **state)
{
    (void)state;
    for (int kind = 0; kind < FIXTURE_COUNT; kind++)
        for (size_t i = 0; command_at(i) != NULL; i++) {
            struct stage st;
            if (kind == FIXTURE_HUGE)
                continue;
            stage_open(&st, (enum fixture_kind)kind, 80, 24, false);
            struct scene s = scene_make(st.app, fixture_model(st.fixture), NULL);
            command_run(&s, command_at(i), NULL);
            stage_draw(&st);
            /* a key is never silent: something changed, or the line says why not */
            stage_close(&st);
        }
}

/* Keys of all kinds at all sizes: nothing may fall over, whatever is on the screen. */
static void test_random_keys_and_sizes(void **state)
{
    (void)state;
    static const char keys[] = "jkgG\r\033q123456789z/nN:<>sIfaRPCSDTdlywp+-?0 \t~!xyb";
    unsigned seed = 42;
    for (int kind = 0; kind < FIXTURE_COUNT; kind++) {
        struct stage st;
        if (kind == FIXTURE_HUGE)
            continue;
        stage_open(&st, (enum fixture_kind)kind, 80, 24, (kind & 1) != 0);
        for (int i = 0; i < 1500; i++) {
            seed = seed * 1103515245U + 12345U;
            if (seed >> 16 % 7 == 0 || i % 5 == 0)
                canvas_resize(&st.canvas, (int)(seed >> 8 & 255) % 210, (int)(seed >> 18 & 63));
            stage_key(&st, (unsigned char)keys[(seed >> 16) % (sizeof(keys) - 1)]);
            while (effect(&st) >= 0)
                ;
        }
        stage_close(&st);
    }
}

static void test_lists_of_their_own_are_filtered_sorted_and_left(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "3\r6"); /* from anywhere */
    assert_true(stage_has(&st, "analytics-loader"));
    stage_keys(&st, "/audit\r");
    assert_true(stage_lacks(&st, "analytics-loader"));
    assert_true(stage_has(&st, "1 of 5"));
    stage_key(&st, K_ESC); /* the filter first, then the screen */
    assert_true(stage_has(&st, "analytics-loader"));
    stage_keys(&st, ":sort lag\r");
    struct scene s = scene_make(st.app, fixture_model(st.fixture), NULL);
    assert_string_equal(pane_list(&s, LIST_GROUPS).rows[0]->name, "analytics-loader");
    stage_keys(&st, "f");
    assert_true(stage_lacks(&st, "analytics-loader"));
    assert_true(stage_has(&st, "connect-s3-sink"));
    stage_key(&st, K_ESC);
    stage_key(&st, K_ESC);
    assert_true(stage_has(&st, "Connector s3-sink"));
    stage_close(&st);
}

static void test_a_group_leads_to_its_partitions_and_topics(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "6/connect-s3\r\r");
    assert_true(stage_has(&st, "Group connect-s3-sink"));
    assert_true(stage_has(&st, "no leader: nobody"));
    stage_keys(&st, "R"); /* of the sink whose group it is */
    assert_true(stage_has(&st, "restart: s3-sink"));
    stage_key(&st, K_ESC);
    stage_keys(&st, "/items\rG\r");
    assert_true(stage_has(&st, "Topic cdc.public.order_items"));
    stage_key(&st, K_ESC);
    assert_true(stage_has(&st, "/items")); /* as it was left */
    stage_key(&st, K_ESC);
    stage_key(&st, K_ESC);
    stage_key(&st, K_ESC);
    stage_keys(&st, "6j\r");
    assert_true(stage_lacks(&st, "/items")); /* another group begins anew */
    stage_close(&st);
}

static void test_snapshots_lead_to_their_tables_and_topics(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 200, 50, false);
    stage_keys(&st, "7");
    assert_true(stage_has(&st, "never seen"));
    assert_true(stage_has(&st, "adhoc-17"));
    stage_keys(&st, "/77aa\r\r");
    assert_true(stage_has(&st, "est. 46m00s to 1h 12m"));
    assert_true(stage_has(&st, "NO_PRIMARY_KEY"));
    stage_keys(&st, "/orders\r\r");
    assert_true(stage_has(&st, "Topic cdc.public.orders"));
    stage_key(&st, K_ESC);
    stage_keys(&st, "P"); /* of its connector */
    assert_true(stage_has(&st, "debezium-pg"));
    stage_close(&st);
}

static void test_findings_that_are_gone_are_remembered(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "8G");
    assert_true(stage_has(&st, "gone"));
    fixture_free(st.fixture);
    st.fixture = fixture_new(FIXTURE_INCIDENT);
    fixture_model(st.fixture)->pipelines = NULL; /* nothing holds any more */
    stage_keys(&st, "\r");
    assert_true(stage_has(&st, "gone: this finding does not hold any more"));
    assert_true(stage_has(&st, "AccessDenied on PutObject"));
    assert_true(stage_has(&st, "(after 1m01s)"));
    stage_close(&st);
}

static void test_a_finding_of_the_history_is_acted_on_and_muted(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "8jD");
    assert_true(stage_has(&st, "Drop replication slot old_export"));
    stage_key(&st, K_ESC);
    stage_keys(&st, ":mute 1h known\r");
    assert_string_equal(fixture_muted(st.fixture)->rule, "P03");
    assert_string_equal(fixture_muted(st.fixture)->object, "old_export");
    stage_close(&st);
    stage_open(&st, FIXTURE_STALE, 120, 36, false);
    stage_keys(&st, "8");
    assert_true(stage_has(&st, "the export comes back"));
    stage_keys(&st, "\r");
    assert_true(stage_has(&st, "until 2026-11-21T14:03:22Z: the export comes back on Monday"));
    stage_close(&st);
}

static void test_the_log_is_filtered_and_leads_to_what_it_is_about(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    fixture_action(st.fixture, ACTION_RESTART, "s3-sink", ACTION_UNSEEN, "no progress in 90 s");
    stage_keys(&st, "9");
    assert_true(stage_has(&st, "restart s3-sink: no progress in 90 s"));
    stage_keys(&st, "/connector\r"); /* where it happened */
    assert_true(stage_lacks(&st, "started with 1 pipeline"));
    assert_true(stage_has(&st, "10.0.4.11:8083 → 10.0.4.12:8083"));
    stage_keys(&st, "j\r");
    assert_true(stage_has(&st, "moved"));
    stage_keys(&st, "\r");
    assert_true(stage_has(&st, "Connector s3-sink"));
    stage_close(&st);
}

static void test_about_tells_the_cost_and_no_secret(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_FLEET, 200, 50, false);
    stage_keys(&st, ":about\r"); /* of all pipelines, also from the list of them */
    assert_true(stage_has(&st, "0.52 % of a core"));
    assert_true(stage_has(&st, "1,412 requests made"));
    stage_keys(&st, "/audit-prod\r");
    assert_true(stage_has(&st, "Pipeline audit-prod"));
    stage_close(&st);
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    struct config *config = (struct config *)(uintptr_t)fixture_model(st.fixture)->config;
    static char conninfo[] = "postgresql://monitor:geheim@db.internal:5433/shop";
    config->pipelines[0].postgres.conninfo = conninfo;
    stage_keys(&st, ":about\r");
    assert_true(stage_has(&st, "db.internal:5433"));
    assert_true(stage_lacks(&st, "geheim"));
    stage_close(&st);
}

static void test_about_tells_what_is_paid_for(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 200, 50, false);
    struct source_slot *sources = fixture_model(st.fixture)->world->pipelines[0].sources;
    sources[SOURCE_S3].snap->s3.usd_micro_per_hour = 45000;
    struct source_slot *figures = &sources[SOURCE_CLOUDWATCH];
    figures->configured = true;
    figures->snap = snapshot_new(SOURCE_CLOUDWATCH);
    figures->snap->mono_ms = sources[SOURCE_S3].snap->mono_ms;
    figures->snap->cloudwatch =
        (struct cloudwatch_snap){.asked_per_hour = 6000, .left_out = 12, .period_s = 60};
    figures->report_mono_ms = figures->snap->mono_ms;
    figures->recent_us[figures->nrecent++] = 9000;
    snapshot_note(figures->snap, "raise metrics_per_hour in [pipeline.cloudwatch]",
                  "12 of 512 figures of CloudWatch are left out: 6000 may be asked for in an hour");
    stage_keys(&st, ":about\r");
    assert_true(stage_has(&st, "about $0.045 an hour by list price"));
    assert_true(stage_has(&st, "0 figures, 6,000 asked for an hour, 12 left out"));
    assert_true(stage_has(&st, "raise metrics_per_hour in [pipeline.cloudwatch]"));
    stage_close(&st);
}

static void test_lines_above_a_list_can_have_the_screen(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 60, 15, false);
    stage_keys(&st, "6\r");
    assert_true(stage_has(&st, "more lines: z"));
    stage_keys(&st, "z");
    assert_true(stage_has(&st, "s3-sink, RUNNING, 2 of 3 tasks running"));
    stage_keys(&st, "/running\r"); /* it is text now */
    assert_true(stage_has(&st, "▶   connector"));
    stage_key(&st, K_ESC); /* back to the list, not out of it */
    assert_true(stage_has(&st, "more lines: z"));
    stage_key(&st, K_ESC);
    assert_true(stage_has(&st, "Consumer groups"));
    stage_close(&st);
}

static void test_the_fleet(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_FLEET, 120, 36, false);
    assert_true(stage_has(&st, "12 pipelines"));
    stage_keys(&st, "R"); /* of which of them? */
    assert_int_equal(st.app->dialog.kind, DIALOG_NONE);
    stage_keys(&st, "\r");
    assert_true(stage_has(&st, "1 of 3 failed")); /* the worst was first */
    stage_key(&st, K_ESC);
    stage_keys(&st, "/shop\r\r");
    assert_true(stage_has(&st, "shop-lab"));
    stage_keys(&st, "0");
    assert_true(stage_has(&st, "12 pipelines"));
    assert_true(stage_has(&st, "/shop")); /* the way back is to where one was */
    stage_key(&st, K_ESC);
    stage_keys(&st, "\r");
    assert_true(stage_has(&st, "shop-lab"));
    stage_close(&st);
}

static void test_every_key_has_one_command(void **state)
{
    (void)state;
    const struct command *c;
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        assert_ptr_equal(command_find(command_name(c)), c);
        assert_true(strlen(command_help(c)) > 3);
    }
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 80, 24, false);
    struct scene s = scene_make(st.app, fixture_model(st.fixture), NULL);
    for (int key = 1; key < 128; key++) {
        c = command_for_key(&s, key);
        if (c != NULL && c->section == SECTION_ACT && strcmp(command_name(c), "actions") != 0)
            assert_true(key >= 'A' && key <= 'Z'); /* lower case never changes a server */
    }
    stage_close(&st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trouble_stands_first_and_is_selected),
        cmocka_unit_test(test_the_selection_survives_a_refresh_that_moves_rows),
        cmocka_unit_test(test_a_row_that_left_does_not_hand_its_selection_to_an_action),
        cmocka_unit_test(test_filters),
        cmocka_unit_test(test_sorting),
        cmocka_unit_test(test_ten_thousand_rows_scroll_to_the_end),
        cmocka_unit_test(test_enter_and_escape_are_a_round_trip),
        cmocka_unit_test(test_a_detail_says_when_its_object_is_gone),
        cmocka_unit_test(test_no_is_the_default),
        cmocka_unit_test(test_a_finding_is_muted_with_a_reason_or_not_at_all),
        cmocka_unit_test(test_the_row_of_a_symptom_leads_to_its_cause),
        cmocka_unit_test(test_the_menu_opens_on_what_is_recommended),
        cmocka_unit_test(test_the_key_beside_a_finding_works_from_anywhere),
        cmocka_unit_test(test_a_healthy_connector_can_be_restarted_as_a_whole),
        cmocka_unit_test(test_missing_rights_are_named_in_the_pane),
        cmocka_unit_test(test_a_dangerous_action_wants_the_whole_name),
        cmocka_unit_test(test_what_is_not_allowed_cannot_be_sent),
        cmocka_unit_test(test_a_dialog_follows_its_action),
        cmocka_unit_test(test_an_action_that_ends_unwatched_is_told),
        cmocka_unit_test(test_a_refused_submission_is_shown),
        cmocka_unit_test(test_dialogs_look_right),
        cmocka_unit_test(test_the_session_that_holds_a_slot_back_is_ended_by_its_pid),
        cmocka_unit_test(test_tables_are_marked_and_handed_on),
        cmocka_unit_test(test_command_lines),
        cmocka_unit_test(test_completion_and_history),
        cmocka_unit_test(test_every_command_can_be_run_in_every_world),
        cmocka_unit_test(test_random_keys_and_sizes),
        cmocka_unit_test(test_lists_of_their_own_are_filtered_sorted_and_left),
        cmocka_unit_test(test_a_group_leads_to_its_partitions_and_topics),
        cmocka_unit_test(test_snapshots_lead_to_their_tables_and_topics),
        cmocka_unit_test(test_findings_that_are_gone_are_remembered),
        cmocka_unit_test(test_a_finding_of_the_history_is_acted_on_and_muted),
        cmocka_unit_test(test_the_log_is_filtered_and_leads_to_what_it_is_about),
        cmocka_unit_test(test_about_tells_the_cost_and_no_secret),
        cmocka_unit_test(test_about_tells_what_is_paid_for),
        cmocka_unit_test(test_lines_above_a_list_can_have_the_screen),
        cmocka_unit_test(test_the_fleet),
        cmocka_unit_test(test_every_key_has_one_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
