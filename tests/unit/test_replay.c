/* A recording played: what the world comes to is what it was; there and back in time; damage; no
 * name left. */
#include "base/json.h"
#include "base/mem.h"
#include "record/codec.h"
#include "record/record.h"
#include "record/replay.h"
#include "tests/check.h"
#include "tests/unit/record_rig.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void same_findings(struct findings a, const struct findings *b)
{
    assert_int_equal(a.count, b->count);
    for (size_t i = 0; i < a.count; i++) {
        assert_string_equal(a.items[i].id, b->items[i].id);
        assert_string_equal(a.items[i].object, b->items[i].object);
        assert_string_equal(a.items[i].title, b->items[i].title);
        assert_int_equal(a.items[i].severity, b->items[i].severity);
        assert_int_equal(a.items[i].nevidence, b->items[i].nevidence);
        for (int e = 0; e < a.items[i].nevidence; e++)
            assert_string_equal(a.items[i].evidence[e], b->items[i].evidence[e]);
    }
}

static void same_world(const struct fixture *f, const struct engine *e)
{
    const struct world *w = engine_world(e);
    for (int k = 0; k < SOURCE_OWN_COUNT; k++) {
        const struct source_slot *a = &f->world->pipelines[0].sources[k],
                                 *b = &w->pipelines[0].sources[k];
        assert_int_equal(a->err.kind, b->err.kind);
        assert_string_equal(a->err.text, b->err.text);
        assert_int_equal(a->fails, b->fails);
        assert_int_equal(a->failing_since_ms, b->failing_since_ms);
        assert_int_equal(a->report_mono_ms, b->report_mono_ms);
        assert_true(shape_same(&shape_head, a->snap, b->snap));
        assert_true(shape_same(shape_of((enum source_kind)k), shape_part_const(a->snap),
                               shape_part_const(b->snap)));
    }
    assert_int_equal(w->mono_ms, f->world->mono_ms);
    assert_int_equal(w->wall_ms, f->world->wall_ms);
}

/* The same in every answer, so written once. */
static void say_of_itself(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->every_ms = 5000;
    snap->took_us = 1200;
    snap->encrypted = TRI_YES;
    snap->tls = "TLSv1.3";
    snap->certificate_ends_ms = 1234567;
}

/* A sink that fails, a database that goes away and comes back, a backlog. */
static void live_through(struct record_rig *r)
{
    struct fixture *f = &r->f;
    f->edit[SOURCE_CONNECT] = say_of_itself;
    record_rig_ticks(r, 40, 2000);
    f->sink_task = "FAILED";
    f->sink_cause = "AccessDenied: Access Denied";
    for (int i = 0; i < 40; i++) {
        f->end += 500;
        f->lsn_now += 100000;
        record_rig_ticks(r, 1, 2000);
    }
    f->fails[SOURCE_POSTGRES] = true;
    record_rig_ticks(r, 10, 2000);
    f->fails[SOURCE_POSTGRES] = false;
    record_rig_ticks(r, 10, 2000);
}

static void replays_as_it_was(const char *name)
{
    struct record_rig r;
    struct replayed p;
    struct err err = ERR_INIT;
    record_rig_open(&r, name, false);
    live_through(&r);
    record_rig_end(&r);
    if (!replayed_open(&p, r.path, &err))
        fail_msg("%s", err.text);
    struct play play;
    assert_true(engine_play(p.engine, &play));
    assert_true(play.paused);
    assert_string_equal(p.reel->damage, "");
    replayed_go(&p, play.length_ms);
    same_world(&r.f, p.engine);
    struct findings live = fixture_findings(&r.f);
    assert_true(live.count > 0);
    same_findings(live, engine_findings(p.engine, 0));
    /* Its own configuration, without what is nobody's business. */
    assert_string_equal(p.config->pipelines[0].name, r.f.config->pipelines[0].name);
    assert_int_equal(p.config->pipelines[0].thresholds.lag_warn,
                     r.f.config->pipelines[0].thresholds.lag_warn);
    replayed_close(&p);
    record_rig_close(&r);
}

static void test_a_replay_comes_to_what_was_lived_through(void **state)
{
    (void)state;
    replays_as_it_was("r.jsonl");
    replays_as_it_was("r.jsonl.zst");
}

static enum verdict loudest(const struct engine *e)
{
    const struct findings *f = engine_findings(e, 0);
    return f->count > 0 ? f->items[0].severity : VERDICT_NONE;
}

static void test_time_goes_back_and_forth(void **state)
{
    (void)state;
    struct record_rig r;
    struct replayed p;
    struct err err = ERR_INIT;
    record_rig_open(&r, "r.jsonl.zst", false);
    live_through(&r);
    record_rig_end(&r);
    assert_true(replayed_open(&p, r.path, &err));
    replayed_go(&p, 150 * 1000);
    assert_int_equal(loudest(p.engine), VERDICT_CRIT);
    replayed_go(&p, 60 * 1000);
    assert_true(loudest(p.engine) < VERDICT_WARN);
    struct play play;
    assert_true(engine_play(p.engine, &play));
    assert_int_equal(play.at_ms, 60 * 1000);
    /* The marks say when it turned, without playing. */
    int64_t turned = reel_change(p.reel, 0, p.reel->first + 60 * 1000, 1);
    assert_true(turned != UNKNOWN && turned >= 80 * 1000 && turned <= 90 * 1000);
    replayed_go(&p, turned - p.reel->first);
    assert_true(loudest(p.engine) >= VERDICT_WARN);
    assert_int_equal(reel_change(p.reel, 0, turned + 1, -1), turned);
    replayed_go(&p, 1000000000); /* behind the end is the end */
    assert_true(engine_play(p.engine, &play));
    assert_int_equal(play.at_ms, play.length_ms);
    same_world(&r.f, p.engine);
    replayed_close(&p);
    record_rig_close(&r);
}

/* Far on and far back it begins at a checkpoint close by, and comes to the same snapshots. */
static void test_an_hour_is_not_played_from_its_beginning(void **state)
{
    (void)state;
    struct record_rig r;
    struct replayed p;
    struct err err = ERR_INIT;
    record_rig_open(&r, "r.jsonl.zst", false);
    for (int i = 0; i < 720; i++) {
        r.f.end += 10;
        r.f.committed += 10;
        record_rig_ticks(&r, 1, 5000);
    }
    record_rig_end(&r);
    assert_true(replayed_open(&p, r.path, &err));
    assert_true(p.reel->nplaces > 50);
    replayed_go(&p, 3600 * 1000);
    same_world(&r.f, p.engine);
    const struct world *w = engine_world(p.engine);
    int64_t end = world_snap(w, 0, SOURCE_KAFKA)->kafka.topics[0].partitions[0].end;
    replayed_go(&p, 3000 * 1000);
    w = engine_world(p.engine);
    assert_int_equal(world_snap(w, 0, SOURCE_KAFKA)->kafka.topics[0].partitions[0].end,
                     end - 120 * 10);
    replayed_close(&p);
    record_rig_close(&r);
}

static void test_nothing_is_written_over_or_shown_to_others(void **state)
{
    (void)state;
    struct record_rig r;
    struct err err = ERR_INIT;
    struct stat st;
    record_rig_open(&r, "r.jsonl", false);
    assert_null(recording_open(r.path, r.f.world, false, &err));
    assert_non_null(strstr(err.text, "there already"));
    assert_int_equal(stat(r.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    record_rig_close(&r);
}

/* ---- damage ---------------------------------------------------------------------------------- */

/* Plays what can be played. True: it is a recording at all. */
static bool plays(const char *path, char *damage, size_t size)
{
    struct replayed p;
    struct err err = ERR_INIT;
    if (!replayed_open(&p, path, &err)) {
        assert_int_not_equal(err.kind, ERR_NONE);
        reel_close(p.reel);
        config_free(p.config);
        return false;
    }
    replayed_go(&p, p.reel->last - p.reel->first);
    (void)snprintf(damage, size, "%s", p.reel->damage);
    replayed_close(&p);
    return true;
}

static void test_cut_anywhere_it_plays_up_to_there(void **state)
{
    (void)state;
    static const char *const names[] = {"r.jsonl", "r.jsonl.zst"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct record_rig r;
        size_t n;
        char damage[300];
        record_rig_open(&r, names[i], false);
        record_rig_ticks(&r, 3, 2000);
        record_rig_end(&r);
        char *data = record_rig_read(r.path, &n);
        size_t step = n > 4000 ? 7 : 1;
        size_t played = 0;
        for (size_t cut = 0; cut < n; cut += step) {
            record_rig_write(r.path, data, cut);
            played += plays(r.path, damage, sizeof(damage));
        }
        if (i == 0) /* but for the header all of it is worth something */
            assert_true(played > n / step / 3);
        record_rig_write(r.path, data, n - 1); /* only the last break is missing */
        if (i == 0) {
            assert_true(plays(r.path, damage, sizeof(damage)));
            assert_string_equal(damage, "");
        }
        free(data);
        record_rig_close(&r);
    }
}

static void test_any_byte_may_be_another(void **state)
{
    (void)state;
    struct record_rig r;
    size_t n;
    char damage[300];
    record_rig_open(&r, "r.jsonl", false);
    record_rig_ticks(&r, 2, 2000);
    record_rig_end(&r);
    char *data = record_rig_read(r.path, &n);
    for (size_t at = 0; at < n; at += 3) {
        static const char others[] = "\"}0,\n";
        char was = data[at];
        data[at] = others[at % (sizeof(others) - 1)];
        record_rig_write(r.path, data, n);
        (void)plays(r.path, damage, sizeof(damage));
        data[at] = was;
    }
    free(data);
    record_rig_close(&r);
}

static void test_damage_is_told_by_its_place(void **state)
{
    (void)state;
    struct record_rig r;
    size_t n;
    char damage[300], want[60];
    record_rig_open(&r, "r.jsonl", false);
    record_rig_ticks(&r, 5, 2000);
    record_rig_end(&r);
    char *data = record_rig_read(r.path, &n);
    char *third = strchr(strchr(data, '\n') + 1, '\n') + 1;
    char *sixth = third;
    for (int i = 0; i < 3; i++)
        sixth = strchr(sixth, '\n') + 1;
    sixth[0] = 'x';
    record_rig_write(r.path, data, n);
    assert_true(plays(r.path, damage, sizeof(damage)));
    (void)snprintf(want, sizeof(want), "line 6, byte %zu: ", (size_t)(sixth - data));
    assert_non_null(strstr(damage, want));
    /* What is well-formed and yet wrong is met only when it is played. */
    sixth[0] = '{';
    char *field = strstr(sixth, "\"mono_ms\":");
    field[10] = '"';
    field[11] = '"';
    char *comma = strchr(field, ',');
    memset(field + 12, ' ', (size_t)(comma - field - 12));
    record_rig_write(r.path, data, n);
    assert_true(plays(r.path, damage, sizeof(damage)));
    assert_non_null(strstr(damage, want));
    assert_non_null(strstr(damage, "mono_ms"));
    free(data);
    record_rig_close(&r);
}

/* ---- who it is about ------------------------------------------------------------------------- */

/* All that a person named in the fixture. */
static const char *const named[] = {"shop", "orders", "dbz", "src", "10.0.", "10.1."};

static void test_redacted_it_says_the_same_of_nobody(void **state)
{
    (void)state;
    struct record_rig r;
    struct replayed p;
    struct err err = ERR_INIT;
    size_t n;
    record_rig_open(&r, "r.jsonl", true);
    live_through(&r);
    record_rig_end(&r);
    char *data = record_rig_read(r.path, &n);
    for (size_t i = 0; i < ARRAY_LEN(named); i++) {
        const char *at = strstr(data, named[i]);
        if (at != NULL)
            fail_msg("%s is left: %.80s", named[i], at - (at - data > 30 ? 30 : at - data));
    }
    free(data);
    assert_true(replayed_open(&p, r.path, &err));
    assert_true(p.reel->redacted);
    replayed_go(&p, p.reel->last);
    /* The join holds: the slot has its owner, the topic its group, the prefix its sink. */
    const struct pipeline *a = fixture_pipeline(&r.f), *b = engine_pipeline(p.engine, 0);
    assert_int_equal(a->nslots, b->nslots);
    assert_int_equal(a->nprefixes, b->nprefixes);
    for (size_t i = 0; i < a->nslots; i++)
        assert_int_equal(a->slots[i].owner != NULL, b->slots[i].owner != NULL);
    for (size_t i = 0; i < a->ntopics; i++) {
        assert_int_equal(a->topics[i].lag, b->topics[i].lag);
    }
    for (size_t i = 0; i < a->nprefixes; i++)
        assert_int_equal(a->prefixes[i].connector != NULL, b->prefixes[i].connector != NULL);
    for (int h = 0; h < HOP_COUNT; h++)
        assert_int_equal(a->hops[h].verdict, b->hops[h].verdict);
    replayed_close(&p);
    record_rig_close(&r);
}

/* Names in order, which made-up ones are not; each topic has an end of its own. */
enum { MANY = 90 };

static const char *nth(struct snapshot *snap, const char *prefix, int i)
{
    return arena_printf(snap->arena, "%s%c%c-names", prefix, 'a' + i / 26, 'a' + i % 26);
}

/* One more topic after some ticks, near the beginning: changes are told by the place. */
static void many_topics(struct fixture *f, struct snapshot *snap)
{
    int n = f->n > 20 ? MANY : MANY - 1;
    snap->kafka.topics = arena_array(snap->arena, MANY, sizeof(*snap->kafka.topics));
    snap->kafka.ntopics = (size_t)n;
    for (int i = 0; i < n; i++) {
        int name = n < MANY && i > 2 ? i + 1 : i;
        struct kafka_partition *one = arena_array(snap->arena, 1, sizeof(*one));
        *one = (struct kafka_partition){.leader = 1,
                                        .replicas = 1,
                                        .isr = 1,
                                        .end = 1000 * name + f->n,
                                        .newest_ms = UNKNOWN,
                                        .record_bytes = UNKNOWN};
        snap->kafka.topics[i] = (struct kafka_topic){.name = nth(snap, "shop.", name),
                                                     .retention_ms = UNKNOWN,
                                                     .retention_bytes = UNKNOWN,
                                                     .max_message_bytes = UNKNOWN,
                                                     .min_insync = UNKNOWN,
                                                     .partitions = one,
                                                     .npartitions = 1};
    }
    f->n++;
}

static void many_connectors(struct fixture *f, struct snapshot *snap)
{
    const struct connect_connector sink = snap->connect.connectors[0];
    (void)f;
    snap->connect.connectors = arena_array(snap->arena, MANY, sizeof(sink));
    snap->connect.nconnectors = MANY;
    for (int i = 0; i < MANY; i++) {
        snap->connect.connectors[i] = sink;
        snap->connect.connectors[i].name = nth(snap, "", i);
    }
}

static void many_figures(struct fixture *f, struct snapshot *snap)
{
    snap->cloudwatch.metrics = arena_array(snap->arena, MANY, sizeof(struct cw_metric));
    snap->cloudwatch.nmetrics = MANY;
    for (int i = 0; i < MANY; i++)
        snap->cloudwatch.metrics[i] = (struct cw_metric){.space = "AWS/KafkaConnect",
                                                         .name = "WorkerCount",
                                                         .object = nth(snap, "", i),
                                                         .stat = "Average",
                                                         .value = i,
                                                         .at_ms = f->wall_ms,
                                                         .before = NAN,
                                                         .before_ms = UNKNOWN};
}

static void finds_its_topics(const struct engine *e, int64_t ticks)
{
    const struct kafka_snap *kafka = &world_snap(engine_world(e), 0, SOURCE_KAFKA)->kafka;
    const struct pipeline *p = engine_pipeline(e, 0);
    bool seen[MANY] = {false};
    assert_int_equal(kafka->ntopics, MANY);
    assert_int_equal(p->ntopics, MANY);
    for (size_t i = 0; i < MANY; i++) {
        const struct kafka_topic *t = &kafka->topics[i];
        assert_null(strstr(t->name, "names"));
        assert_ptr_equal(kafka_find_topic(kafka, t->name), t);
        assert_ptr_equal(pipeline_topic(p, p->topics[i].base.name), &p->topics[i]);
        /* … and what was said of it, as of the last tick. */
        int64_t end = t->partitions[0].end - (ticks - 1);
        assert_true(end >= 0 && end % 1000 == 0 && end / 1000 < MANY && !seen[end / 1000]);
        seen[end / 1000] = true;
    }
}

static void test_redacted_everything_is_found_by_its_name(void **state)
{
    (void)state;
    struct record_rig r;
    struct replayed p;
    struct err err = ERR_INIT;
    record_rig_open(&r, "r.jsonl", true);
    r.f.edit[SOURCE_KAFKA] = many_topics;
    r.f.edit[SOURCE_CONNECT] = many_connectors;
    r.f.edit[SOURCE_CLOUDWATCH] = many_figures;
    record_rig_ticks(&r, 50, 2000); /* a checkpoint among them */
    record_rig_end(&r);
    assert_true(replayed_open(&p, r.path, &err));
    replayed_go(&p, p.reel->last);
    finds_its_topics(p.engine, r.f.n);
    replayed_go(&p, 10 * 1000);
    assert_int_equal(engine_pipeline(p.engine, 0)->ntopics, MANY - 1);
    replayed_go(&p, p.reel->last);
    finds_its_topics(p.engine, r.f.n);
    const struct world *w = engine_world(p.engine);
    const struct cloudwatch_snap *cw = &world_snap(w, 0, SOURCE_CLOUDWATCH)->cloudwatch;
    const struct pipeline *pipeline = engine_pipeline(p.engine, 0);
    assert_int_equal(cw->nmetrics, MANY);
    assert_int_equal(pipeline->nconnectors, MANY);
    for (size_t i = 0; i < MANY; i++) {
        const struct cw_metric *m = &cw->metrics[i];
        assert_ptr_equal(cloudwatch_find(cw, m->space, m->name, m->object), m);
        const struct connector_row *c = &pipeline->connectors[i];
        assert_ptr_equal(pipeline_connector(pipeline, c->base.name), c);
        /* The connector's own figure is found by its name. */
        assert_non_null(cloudwatch_find(cw, m->space, m->name, c->base.name));
    }
    replayed_close(&p);
    record_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_replay_comes_to_what_was_lived_through),
        cmocka_unit_test(test_time_goes_back_and_forth),
        cmocka_unit_test(test_an_hour_is_not_played_from_its_beginning),
        cmocka_unit_test(test_nothing_is_written_over_or_shown_to_others),
        cmocka_unit_test(test_cut_anywhere_it_plays_up_to_there),
        cmocka_unit_test(test_any_byte_may_be_another),
        cmocka_unit_test(test_damage_is_told_by_its_place),
        cmocka_unit_test(test_redacted_it_says_the_same_of_nobody),
        cmocka_unit_test(test_redacted_everything_is_found_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
