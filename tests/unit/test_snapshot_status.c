/* What is known of a snapshot, joined from notifications, offsets, topics and the slot: who is
 * believed, how far it is, and when nobody can tell. Values as recorded from Debezium 2.3.4, 2.7.4
 * and 3.7.0. */
#include "base/mem.h"
#include "model/snapshot_status.h"
#include "tests/check.h"
#include "tests/unit/world_fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct snapshot_status *status(struct fixture *f)
{
    const struct connector_row *c = pipeline_connector(fixture_pipeline(f), "src");
    assert_non_null(c);
    return c->snapshot;
}

/* ---- what the sources say ---- */

struct script {
    const char *snapshot, *last, *completed; /* of the offset; NULL: not there */
    const char *id, *tables, *key, *maximum; /* incremental_snapshot_… */
    int64_t source_age_ms;
    bool no_notes;
    const char *note_id, *note_type, *note_aggregate;
    int64_t note_age_ms;
    int64_t live_rows;
};
static struct script now;

static void add(struct connect_offset *o, const char *key, const char *value)
{
    if (value != NULL)
        o->values[o->nvalues++] = (struct kv){key, value};
}

static void edit_connect(struct fixture *f, struct snapshot *snap)
{
    struct connect_connector *c = &snap->connect.connectors[1];
    struct connect_offset *o = arena_alloc(snap->arena, sizeof(*o));
    *o = (struct connect_offset){.number = -1,
                                 .values = arena_array(snap->arena, 10, sizeof(*o->values))};
    add(o, "snapshot", now.snapshot);
    add(o, "last_snapshot_record", now.last);
    add(o, "snapshot_completed", now.completed);
    add(o, "incremental_snapshot_correlation_id", now.id);
    add(o, "incremental_snapshot_collections", now.tables);
    add(o, "incremental_snapshot_primary_key", now.key);
    add(o, "incremental_snapshot_maximum_key", now.maximum);
    c->offsets = o;
    c->noffsets = 1;
    c->offsets_read = true;
    c->offsets_ms = f->wall_ms;
    c->source_ms = f->wall_ms - now.source_age_ms;
    if (now.no_notes)
        fixture_config(snap, "src", "notification.enabled.channels", "log");
}

static void edit_kafka(struct fixture *f, struct snapshot *snap)
{
    if (now.note_type == NULL)
        return;
    struct kv *data = arena_array(snap->arena, 2, sizeof(*data));
    data[0] = (struct kv){"connector_name", "shop"};
    data[1] = (struct kv){"data_collections", "public.orders"};
    struct dbz_notification *note = arena_alloc(snap->arena, sizeof(*note));
    *note = (struct dbz_notification){.topic = "notes",
                                      .id = now.note_id,
                                      .aggregate_type = now.note_aggregate,
                                      .type = now.note_type,
                                      .data = data,
                                      .ndata = 2,
                                      .offset = 40,
                                      .time_ms = f->wall_ms - now.note_age_ms};
    snap->kafka.notifications = note;
    snap->kafka.nnotifications = 1;
}

static void edit_pg(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    struct pg_relation *r = arena_array(snap->arena, 2, sizeof(*r));
    r[0] = (struct pg_relation){
        .schema = "public", .name = "debezium_signal", .kind = 'r', .live_rows = 3};
    r[1] = (struct pg_relation){
        .schema = "public", .name = "orders", .kind = 'r', .live_rows = now.live_rows};
    snap->pg.relations = r;
    snap->pg.nrelations = 2;
}

static void open_with(struct fixture *f, struct script script)
{
    now = script;
    fixture_open(f);
    f->edit[SOURCE_CONNECT] = edit_connect;
    f->edit[SOURCE_KAFKA] = edit_kafka;
    f->edit[SOURCE_POSTGRES] = edit_pg;
}

/* ---- initial and blocking ---- */

/* 2.3 says nothing of an initial snapshot before its end, and anybody may have switched
 * notifications off: the offset and the growth of the topic are all there is. */
static void test_offsets_and_growth_alone_must_do(void **state)
{
    (void)state;
    struct fixture f;
    open_with(&f, (struct script){.snapshot = "true",
                                  .last = "false",
                                  .no_notes = true,
                                  .source_age_ms = 1000,
                                  .live_rows = 10000});
    f.active = TRI_NO;
    f.end = 0;
    for (int i = 1; i <= 4; i++) {
        f.end += 1000;
        now.source_age_ms += 2000;
        fixture_tick(&f, 2000);
        const struct snapshot_status *s = status(&f);
        assert_non_null(s);
        assert_true(snapshot_status_running(s));
        assert_int_equal(s->type, SNAPSHOT_INITIAL); /* nobody reads the slot yet */
        assert_false(s->by_notes);
        assert_int_equal(s->p.ntables, 1); /* the signal table is not read */
        assert_string_equal(s->p.tables[0].name, "public.orders");
        assert_true(s->by_growth);
        assert_true(s->p.tables[0].rows == 1000 * i);
        assert_true(fabs(s->p.fraction - 0.1 * i) < 1e-6);
        assert_int_equal(s->eta.known, i >= 3); /* never from fewer than three samples */
        if (i < 3)
            continue;
        assert_true(s->eta_by_rows && fabs(s->eta.per_s - 500) < 1);
        assert_true(s->eta.low_ms == (10000 - 1000 * i) * 2);
    }
    f.end += 20000; /* more than PostgreSQL's count: no part above 99 % before somebody says so */
    now.source_age_ms += 2000;
    fixture_tick(&f, 2000);
    assert_true(status(&f)->p.fraction < 0.991);
    f.active = TRI_YES; /* it streams: it is through, though the offset is still the old one */
    now.source_age_ms += 2000;
    fixture_tick(&f, 2000);
    assert_false(snapshot_status_running(status(&f)));
    assert_int_equal(status(&f)->type, SNAPSHOT_INITIAL);
    fixture_close(&f);
}

static void test_a_blocking_one_counts_from_where_its_topic_was(void **state)
{
    (void)state;
    struct fixture f;
    open_with(&f, (struct script){.no_notes = true, .live_rows = 1000});
    f.end = 5000;
    for (int i = 0; i < 3; i++)
        fixture_tick(&f, 2000);
    assert_null(status(&f));
    now.snapshot = "BLOCKING"; /* as 3.x writes it; the slot is held all the time */
    now.last = now.completed = "false";
    now.source_age_ms = 1000;
    f.end += 250;
    fixture_tick(&f, 2000);
    const struct snapshot_status *s = status(&f);
    assert_int_equal(s->type, SNAPSHOT_BLOCKING);
    assert_true(s->p.tables[0].rows == 250);
    now.snapshot = "true"; /* as 2.7 does */
    now.completed = NULL;
    now.source_age_ms += 2000;
    fixture_tick(&f, 2000);
    assert_int_equal(status(&f)->type, SNAPSHOT_BLOCKING);
    fixture_close(&f);
}

/* A topic that was full before and a beginning that nobody saw: rows cannot be told. */
static void test_an_unseen_beginning_has_no_rows(void **state)
{
    (void)state;
    struct fixture f;
    open_with(&f, (struct script){.snapshot = "true",
                                  .last = "false",
                                  .no_notes = true,
                                  .source_age_ms = 600000,
                                  .live_rows = 1000});
    f.end = 5000;
    fixture_tick(&f, 2000);
    const struct snapshot_status *s = status(&f);
    assert_true(snapshot_status_running(s));
    assert_true(s->p.tables[0].rows == UNKNOWN);
    assert_true(isnan(s->p.tables[0].fraction));
    assert_true(isnan(s->p.fraction)); /* unknown is not 0 % */
    fixture_close(&f);
}

/* `snapshot` stays in the offset until the next change is stored. */
static void test_what_ended_is_not_running(void **state)
{
    (void)state;
    static const struct script by_offset = {.snapshot = "true", .last = "true", .no_notes = true};
    static const struct script by_3x = {
        .snapshot = "INITIAL", .last = "false", .completed = "true", .no_notes = true};
    static const struct script plain = {.snapshot = "false", .no_notes = true};
    static const struct script by_note = {.snapshot = "true",
                                          .last = "false",
                                          .source_age_ms = 60000,
                                          .note_age_ms = 5000,
                                          .note_id = "r",
                                          .note_aggregate = "Initial Snapshot",
                                          .note_type = "Status COMPLETED"};
    const struct script *over[] = {&by_offset, &by_3x, &plain, &by_note};
    for (size_t i = 0; i < ARRAY_LEN(over); i++) {
        struct fixture f;
        open_with(&f, *over[i]);
        fixture_tick(&f, 2000);
        if (snapshot_status_running(status(&f)))
            fail_msg("case %zu looks as if it ran", i);
        fixture_close(&f);
    }
    /* … but an end from before it began is of another one. */
    struct fixture f;
    struct script again = by_note;
    again.note_age_ms = 120000;
    open_with(&f, again);
    fixture_tick(&f, 2000);
    assert_true(snapshot_status_running(status(&f)));
    fixture_close(&f);
}

/* ---- incremental ---- */

#define ONE_TABLE "[{\"incremental_snapshot_collections_id\":\"public.orders\"}]"
#define TWO_TABLES                                                  \
    "[{\"incremental_snapshot_collections_id\":\"public.orders\"}," \
    "{\"incremental_snapshot_collections_id\":\"public.more\"}]"

/* new Object[] { Integer v }, as java.io.ObjectOutputStream writes it */
static const char *java_key(char *buf, size_t size, unsigned v)
{
    (void)snprintf(
        buf, size,
        "aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c0200007870"
        "00000001737200116a6176612e6c616e672e496e746567657212e2a0a4f7818738020001490005"
        "76616c7565787200106a6176612e6c616e672e4e756d62657286ac951d0b94e08b0200007870"
        "%08x",
        v);
    return buf;
}

static void test_an_incremental_one_by_its_offsets(void **state)
{
    (void)state;
    static char key[400], maximum[400];
    struct fixture f;
    open_with(&f, (struct script){
                      .id = "sig-1", .tables = TWO_TABLES, .no_notes = true, .live_rows = UNKNOWN});
    now.maximum = java_key(maximum, sizeof(maximum), 1000);
    for (unsigned i = 1; i <= 4; i++) {
        now.key = java_key(key, sizeof(key), 100 * i);
        fixture_tick(&f, 2000);
        const struct snapshot_status *s = status(&f);
        assert_int_equal(s->type, SNAPSHOT_INCREMENTAL);
        assert_string_equal(s->p.id, "sig-1");
        assert_true(fabs(s->p.tables[0].fraction - 0.1 * i) < 1e-6);
        assert_true(fabs(s->tables_left - (2 - 0.1 * i)) < 1e-6);
        assert_int_equal(s->eta.known, i >= 3);
        assert_false(s->eta_by_rows); /* nobody knows the rows: tables a second */
    }
    /* It stands still: the time since counts, and no ETA lives on old paces. */
    for (int i = 0; i < 120; i++)
        fixture_tick(&f, 2000);
    const struct snapshot_status *s = status(&f);
    assert_true(s->still_ms == 240000);
    assert_false(s->eta.known);
    fixture_close(&f);
}

static void test_bad_keys_tell_nothing_and_do_no_harm(void **state)
{
    (void)state;
    struct fixture f;
    open_with(&f, (struct script){.id = "sig-1",
                                  .tables = ONE_TABLE,
                                  .no_notes = true,
                                  .key = "aced00057572ffff",
                                  .maximum = "zz",
                                  .live_rows = 10});
    fixture_tick(&f, 2000);
    const struct snapshot_status *s = status(&f);
    assert_true(snapshot_status_running(s));
    assert_true(isnan(s->p.tables[0].fraction) && isnan(s->p.fraction));
    assert_true(s->rows_left == UNKNOWN);
    now.tables = "[[[";
    fixture_tick(&f, 2000);
    assert_int_equal(status(&f)->p.ntables, 0);
    fixture_close(&f);
}

/* Offsets are stored late: the end that was notified is believed, and the keys that still lie there
 * are not. */
static void test_notified_end_beats_old_offsets(void **state)
{
    (void)state;
    struct fixture f;
    open_with(&f, (struct script){.id = "sig-1",
                                  .tables = ONE_TABLE,
                                  .note_id = "sig-1",
                                  .note_aggregate = "Incremental Snapshot",
                                  .note_type = "COMPLETED",
                                  .note_age_ms = 1000});
    fixture_tick(&f, 2000);
    assert_false(snapshot_status_running(status(&f)));
    now.note_id = "another"; /* … of another one: this one runs */
    fixture_tick(&f, 2000);
    assert_true(snapshot_status_running(status(&f)));
    assert_string_equal(status(&f)->p.id, "sig-1");
    fixture_close(&f);
}

/* The end may get lost. A later position that knows of no snapshot proves it. */
static void test_offsets_prove_an_end_that_nobody_notified(void **state)
{
    (void)state;
    struct fixture f;
    open_with(&f, (struct script){.note_id = "sig-1",
                                  .note_aggregate = "Incremental Snapshot",
                                  .note_type = "IN_PROGRESS",
                                  .note_age_ms = 60000});
    fixture_tick(&f, 2000);
    assert_true(snapshot_status_running(status(&f))); /* not stored yet, perhaps */
    now.note_age_ms = 300000;
    fixture_tick(&f, 2000);
    assert_false(snapshot_status_running(status(&f)));
    assert_string_equal(snapshot_status_name(status(&f)), "aborted");
    fixture_close(&f);
}

static void test_our_own_pause_is_known_without_notifications(void **state)
{
    (void)state;
    struct fixture f;
    open_with(&f, (struct script){.id = "sig-1", .tables = ONE_TABLE, .no_notes = true});
    fixture_tick(&f, 2000);
    struct ledger_entry e = {.id = 1, .verb = "snapshot-pause", .state = LEDGER_UNSEEN};
    (void)snprintf(e.target, sizeof(e.target), "src");
    ledger_put(&f.world->pipelines[0].ledger, &e);
    assert_int_equal(status(&f)->p.state, SNAPSHOT_PAUSED);
    e.id = 2;
    e.verb = "snapshot-resume";
    ledger_put(&f.world->pipelines[0].ledger, &e);
    assert_int_equal(status(&f)->p.state, SNAPSHOT_IN_PROGRESS);
    fixture_close(&f);
}

static void test_without_its_connector_it_is_interrupted(void **state)
{
    (void)state;
    struct fixture f;
    open_with(&f, (struct script){.id = "sig-1", .tables = ONE_TABLE, .no_notes = true});
    f.src_task = "FAILED";
    fixture_tick(&f, 2000);
    assert_false(snapshot_status_running(status(&f)));
    assert_string_equal(snapshot_status_name(status(&f)), "interrupted");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_offsets_and_growth_alone_must_do),
        cmocka_unit_test(test_a_blocking_one_counts_from_where_its_topic_was),
        cmocka_unit_test(test_an_unseen_beginning_has_no_rows),
        cmocka_unit_test(test_what_ended_is_not_running),
        cmocka_unit_test(test_an_incremental_one_by_its_offsets),
        cmocka_unit_test(test_bad_keys_tell_nothing_and_do_no_harm),
        cmocka_unit_test(test_notified_end_beats_old_offsets),
        cmocka_unit_test(test_offsets_prove_an_end_that_nobody_notified),
        cmocka_unit_test(test_our_own_pause_is_known_without_notifications),
        cmocka_unit_test(test_without_its_connector_it_is_interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
