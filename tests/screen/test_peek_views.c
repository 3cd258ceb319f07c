/* Messages, records and the beginnings of objects: how they look, and what keys do there. */
#include "tests/check.h"
#include "tests/screen/fixture_peek.h"

#include "tui/view/records.h"

#include <string.h>

static void check_at(const char *keys, enum peek_scene what, const char *then, const char *name,
                     int w, int h, bool ascii)
{
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, w, h, ascii);
    stage_keys(&st, keys);
    (void)stage_peek(&st, what);
    stage_keys(&st, then);
    golden_check(&st, name);
    stage_close(&st);
}

static void check_sizes(const char *keys, enum peek_scene what, const char *then, const char *name)
{
    check_at(keys, what, then, name, 120, 36, false);
    check_at(keys, what, then, name, 80, 24, false);
    check_at(keys, what, then, name, 60, 15, false);
}

static void test_messages(void **state)
{
    (void)state;
    check_sizes("2m", PEEK_SCENE_MIX, "", "messages");
    check_at("2m", PEEK_SCENE_MIX, "", "messages", 200, 50, false);
    check_at("2m", PEEK_SCENE_MIX, "", "messages", 120, 36, true);
    check_at("2m", PEEK_SCENE_MIX, "/gift\r", "messages-filter", 80, 24, false);
    check_at("2m", PEEK_SCENE_LATER, "", "messages-asking", 80, 24, false);
    check_at("2m", PEEK_SCENE_ERROR, "", "messages-error", 80, 24, false);
    check_at("2m", PEEK_SCENE_EMPTY, "", "messages-empty", 80, 24, false);
    check_at("2m", PEEK_SCENE_HOSTILE, "", "messages-hostile", 120, 36, false);
    check_at("2m", PEEK_SCENE_HOSTILE, "", "messages-hostile", 80, 24, true);
    check_at("2m", PEEK_SCENE_WIDE, "", "messages-wide", 80, 24, false);
}

static void test_messages_that_are_asked_for_anew(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 80, 24, false);
    stage_keys(&st, "2m");
    (void)stage_peek(&st, PEEK_SCENE_MIX);
    stage_keys(&st, "o");
    (void)stage_peek(&st, PEEK_SCENE_LATER);
    golden_check(&st, "messages-stale");
    stage_close(&st);
}

static void test_records(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *name;
    } rows[] = {
        {"\r",         "record-binary"   },
        {"j\r",        "record-tombstone"},
        {"jj\r",       "record-delete"   },
        {"jjj\r",      "record-json"     },
        {"jjjj\r",     "record-untold"   },
        {"jjjjjj\r",   "record-registry" },
        {"jjjjjjj\r",  "record-create"   },
        {"jjjjjjjj\r", "record-text"     },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_at("2m", PEEK_SCENE_MIX, rows[i].keys, rows[i].name, 120, 36, false);
    check_sizes("2m", PEEK_SCENE_MIX, "jjjjj\r", "record-update");
    check_at("2m", PEEK_SCENE_MIX, "jjjjj\r", "record-update", 120, 36, true);
    check_at("2m", PEEK_SCENE_HOSTILE, "\r", "record-hostile-empty", 80, 24, false);
    check_at("2m", PEEK_SCENE_HOSTILE, "j\r", "record-hostile", 80, 24, false);
    check_at("2m", PEEK_SCENE_HOSTILE, "j\rG", "record-hostile-end", 80, 24, true);
    check_at("2m", PEEK_SCENE_WIDE, "\r", "record-wide-cut", 80, 24, false);
    check_at("2m", PEEK_SCENE_WIDE, "j\r", "record-wide", 80, 24, false);
}

static void test_objects(void **state)
{
    (void)state;
    check_sizes("4\r\r", PEEK_SCENE_JSONL, "", "object");
    check_at("4\r\r", PEEK_SCENE_JSONL, "", "object", 120, 36, true);
    check_at("4\r\r", PEEK_SCENE_JSONL, "jj\r", "object-record", 80, 24, false);
    check_at("4\r\r", PEEK_SCENE_AVRO, "", "object-avro", 80, 24, false);
    check_at("4\r\r", PEEK_SCENE_AVRO, "", "object-avro", 60, 15, false);
    check_at("4\r\r", PEEK_SCENE_LATER, "", "object-asking", 80, 24, false);
    check_at("4\r\r", PEEK_SCENE_ERROR, "", "object-error", 80, 24, false);
}

/* ---- what is asked for ----------------------------------------------------------------------- */

static const struct peek_request *asked(struct stage *st, const char *line)
{
    stage_keys(st, line);
    return st->app->looking.request;
}

static void test_what_the_command_line_asks_for(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    const struct peek_request *r = asked(&st, ":messages cdc.public.orders\r");
    assert_string_equal(r->name, "cdc.public.orders");
    assert_true(r->from == PEEK_NEWEST && r->partition == -1 && r->count == 50);
    r = asked(&st, ":messages newest 7\r"); /* of the topic that is open */
    assert_string_equal(r->name, "cdc.public.orders");
    assert_int_equal(r->count, 7);
    r = asked(&st, ":messages cdc.public.payments/3 from -100\r");
    assert_string_equal(r->name, "cdc.public.payments");
    assert_true(r->partition == 3 && r->from == PEEK_OFFSET && r->offset == -100);
    r = asked(&st, ":messages x at 2026-11-20T10:00:00Z\r");
    assert_true(r->from == PEEK_TIME && r->time_ms == INT64_C(1795168800000));
    r = asked(&st, ":messages x at 14:03\r");
    assert_true(r->time_ms == FIXTURE_WALL - 22000);
    r = asked(&st, ":messages x at 14:04:00\r"); /* yesterday's: it has not come yet today */
    assert_true(r->time_ms == FIXTURE_WALL + 38000 - INT64_C(86400000));
    r = asked(&st, ":messages x at 5m\r");
    assert_true(r->time_ms == FIXTURE_WALL - 300000);
    assert_int_equal(st.app->depth, 2); /* each in place of the one before */
    (void)stage_peek(&st, PEEK_SCENE_EMPTY);
    static const char *const bad[] = {":messages x from y\r",    ":messages x at noon\r",
                                      ":messages x newest 0\r",  ":messages x newest 201\r",
                                      ":messages x sometimes\r", ":messages x at 25:00\r"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        stage_keys(&st, bad[i]);
        assert_true(st.app->toast.until_ms != 0);
        assert_int_equal(stage_peek(&st, PEEK_SCENE_EMPTY), 0);
    }
    stage_close(&st);
}

static void test_pages_go_on_from_what_was_read(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "2mo");
    assert_true(st.app->looking.request->from == PEEK_NEWEST); /* nothing was read yet */
    assert_int_equal(stage_peek(&st, PEEK_SCENE_MIX), 1);
    stage_keys(&st, "o");
    const struct peek_request *r = st.app->looking.request;
    assert_int_equal(r->from, PEEK_BEFORE);
    assert_int_equal(r->nedges, 3);
    assert_true(r->edges[1].partition == 1 && r->edges[1].offset == 58205);
    (void)stage_peek(&st, PEEK_SCENE_EMPTY);
    assert_true(stage_has(&st, "no message: the topic holds none"));
    stage_keys(&st, "o");
    assert_true(stage_has(&st, "the topic begins here"));
    stage_keys(&st, "O"); /* at the end: the newest once more */
    assert_int_equal(st.app->looking.request->from, PEEK_NEWEST);
    stage_close(&st);
}

static void test_beside_a_record_lies_the_next(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "2m");
    (void)stage_peek(&st, PEEK_SCENE_MIX);
    stage_keys(&st, "j\r");
    assert_true(stage_has(&st, "Record 0/61192"));
    stage_keys(&st, "o");
    assert_true(stage_has(&st, "Record 0/61191"));
    stage_keys(&st, "OOO");
    assert_true(stage_has(&st, "the last one in the list"));
    assert_true(stage_has(&st, "Record 2/59002"));
    stage_key(&st, K_ESC);
    struct scene s = scene_make(st.app, fixture_model(st.fixture), NULL);
    assert_string_equal(pane_row(&s, LIST_MESSAGES)->name, "2/59002");
    stage_close(&st);
}

static void test_what_was_read_is_given_up_when_it_is_left(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "2m");
    (void)stage_peek(&st, PEEK_SCENE_MIX);
    stage_keys(&st, "\r");
    assert_int_equal(stage_peek(&st, PEEK_SCENE_MIX), 0);
    stage_key(&st, K_ESC);
    assert_int_equal(stage_peek(&st, PEEK_SCENE_MIX), 0); /* the list is still open */
    stage_key(&st, K_ESC);
    assert_int_equal(stage_peek(&st, PEEK_SCENE_MIX), -1);
    assert_null(st.app->looking.request);
    stage_keys(&st, "m");
    (void)stage_peek(&st, PEEK_SCENE_MIX);
    stage_keys(&st, "\r1"); /* straight back to a pane */
    assert_int_equal(stage_peek(&st, PEEK_SCENE_MIX), -1);
    stage_close(&st);
}

/* An answer that comes late belongs to the topic that it names. */
static void test_an_answer_is_shown_under_its_own_topic_alone(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, ":messages one\r");
    (void)stage_peek(&st, PEEK_SCENE_MIX);
    assert_true(stage_has(&st, "tombstone"));
    stage_keys(&st, ":messages two\r");
    stage_draw(&st); /* the answer about the other topic is still there */
    assert_true(stage_lacks(&st, "tombstone"));
    assert_true(stage_has(&st, "asking"));
    stage_close(&st);
}

static void test_refusals_and_polls(void **state)
{
    (void)state;
    struct stage st;
    struct effect e;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "2pm");
    assert_true(app_take(st.app, &e));
    assert_int_equal(e.kind, EFFECT_PEEK);
    effect_free(&e);
    app_asked(st.app, 0, "the replay backend has nothing to look into");
    assert_false(st.app->frozen);
    stage_draw(&st);
    assert_true(stage_has(&st, "the replay backend has nothing to look into"));
    stage_key(&st, 'R' - '@'); /* Ctrl-R asks for the records too */
    assert_int_equal(stage_peek(&st, PEEK_SCENE_MIX), 1);
    assert_true(stage_has(&st, "tombstone"));
    stage_key(&st, K_ESC);
    stage_keys(&st, "1m");
    assert_true(stage_has(&st, "select a topic"));
    stage_close(&st);
}

static void test_filters_look_at_the_whole_value(void **state)
{
    (void)state;
    struct stage st;
    stage_open(&st, FIXTURE_INCIDENT, 120, 36, false);
    stage_keys(&st, "2m");
    (void)stage_peek(&st, PEEK_SCENE_MIX);
    stage_keys(&st, "/37833120\r"); /* the position, which the list does not show */
    struct scene s = scene_make(st.app, fixture_model(st.fixture), NULL);
    assert_int_equal(pane_list(&s, LIST_MESSAGES).n, 1);
    assert_string_equal(pane_row(&s, LIST_MESSAGES)->name, "0/61191");
    stage_key(&st, K_ESC);
    stage_keys(&st, "/!id=7\r");
    assert_int_equal(pane_list(&s, LIST_MESSAGES).n, 6);
    stage_close(&st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_messages_that_are_asked_for_anew),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_objects),
        cmocka_unit_test(test_what_the_command_line_asks_for),
        cmocka_unit_test(test_pages_go_on_from_what_was_read),
        cmocka_unit_test(test_beside_a_record_lies_the_next),
        cmocka_unit_test(test_what_was_read_is_given_up_when_it_is_left),
        cmocka_unit_test(test_an_answer_is_shown_under_its_own_topic_alone),
        cmocka_unit_test(test_refusals_and_polls),
        cmocka_unit_test(test_filters_look_at_the_whole_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
