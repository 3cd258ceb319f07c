/* The join: who owns what, how far behind, how late; and what happens to verdicts when evidence
 * ages. */
#include "base/lsn.h"
#include "config/options.h"
#include "model/connector_facts.h"
#include "tests/check.h"
#include "tests/unit/world_fixture.h"

#include <math.h>
#include <string.h>

static void test_everything_is_joined_from_the_connectors_configs(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_tick(&f, 2000);
    const struct pipeline *p = fixture_pipeline(&f);
    assert_string_equal(pipeline_slot(p, "dbz")->owner->name, "src");
    assert_string_equal(pipeline_topic(p, "shop.public.orders")->group, "connect-sink");
    assert_string_equal(pipeline_prefix(p, "shop.public.orders")->connector, "sink");
    assert_int_equal(pipeline_prefix(p, "shop.public.orders")->due_ms, 10000);
    assert_string_equal(pipeline_prefix(p, "shop.public.orders")->label, "orders/…/hour=14");
    for (int i = 0; i < HOP_COUNT; i++)
        assert_int_equal(p->hops[i].verdict, VERDICT_OK);
    assert_int_equal(p->first_bad, -1);
    fixture_close(&f);
}

/* The sink stops committing: it is the first hop that is late, and those before it are fresh. */
static void test_the_first_late_hop_is_named(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    for (int i = 0; i < 60; i++) {
        f.lsn_now += 10000;
        f.confirmed = f.lsn_now - 1000;
        f.end += 100;
        f.committed = i < 10 ? f.end : f.committed;
        f.object_age_ms = 1000 + (i < 10 ? 0 : (i - 10) * 2000);
        fixture_tick(&f, 2000);
        if (i == 9)
            assert_int_equal(fixture_pipeline(&f)->first_late, -1);
    }
    const struct pipeline *p = fixture_pipeline(&f);
    assert_int_equal(p->first_late, HOP_SINK);
    assert_true(p->hops[HOP_SLOT].age_ms < 10000);
    assert_false(p->hops[HOP_SLOT].late);
    assert_int_equal(p->hops[HOP_SINK].budget_ms, 60000);
    assert_true(p->hops[HOP_SINK].age_ms >= 98000);
    assert_true(p->hops[HOP_OBJECTS].late);
    f.fails[SOURCE_KAFKA] = true;
    fixture_tick(&f, 2000);
    p = fixture_pipeline(&f);
    assert_true(p->hops[HOP_SINK].age_ms == UNKNOWN); /* what nobody told is neither late nor not */
    assert_false(p->hops[HOP_SINK].late);
    assert_int_equal(p->first_late, -1); /* whether records wait for objects, Kafka tells */
    fixture_close(&f);
}

static void test_rates_need_two_samples(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_tick(&f, 2000);
    assert_true(isnan(pipeline_topic(fixture_pipeline(&f), "shop.public.orders")->per_s));
    f.end = f.committed = 1100;
    fixture_tick(&f, 2000);
    double rate = pipeline_topic(fixture_pipeline(&f), "shop.public.orders")->per_s;
    assert_true(rate > 49.9 && rate < 50.1);
    /* The topic was recreated: a counter that goes backwards is not a negative rate. */
    f.end = f.committed = 5;
    fixture_tick(&f, 2000);
    assert_true(isnan(pipeline_topic(fixture_pipeline(&f), "shop.public.orders")->per_s));
    fixture_close(&f);
}

static void test_lag_in_messages_and_in_time(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    for (int i = 0; i < 10; i++) {
        fixture_tick(&f, 2000);
        f.end += 100; /* 50 a second; commits stand still at 1000 */
    }
    const struct topic_row *t = pipeline_topic(fixture_pipeline(&f), "shop.public.orders");
    assert_int_equal(t->lag, 900);
    assert_false(t->lag_ms_more);
    assert_int_equal(t->lag_ms, 18000);
    f.committed = 500; /* older than anything remembered: a lower bound, not an extrapolation */
    fixture_tick(&f, 2000);
    t = pipeline_topic(fixture_pipeline(&f), "shop.public.orders");
    assert_true(t->lag_ms_more);
    f.committed = UNKNOWN; /* no file closed yet: not a lag of N */
    fixture_tick(&f, 2000);
    t = pipeline_topic(fixture_pipeline(&f), "shop.public.orders");
    assert_true(t->never_committed);
    assert_true(t->lag == UNKNOWN);
    fixture_close(&f);
}

static void test_a_group_tells_its_trend(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_tick(&f, 2000);
    assert_string_equal(fixture_pipeline(&f)->groups[0].trend, "OK"); /* it has caught up */
    f.end += 500;
    for (int i = 0; i < 65; i++)
        fixture_tick(&f, 2000); /* records wait and nothing is committed */
    assert_string_equal(fixture_pipeline(&f)->groups[0].trend, "STALL");
    for (int i = 0; i < 65; i++)
        fixture_tick(&f, 2000);
    assert_string_equal(fixture_pipeline(&f)->groups[0].trend, "STOP");
    f.committed -= 100;
    fixture_tick(&f, 2000);
    assert_string_equal(fixture_pipeline(&f)->groups[0].trend, "REWIND");
    fixture_close(&f);
}

static void test_an_open_file_is_not_late_but_a_silent_sink_is(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_tick(&f, 2000);
    f.end = 1200;
    f.object_age_ms = 8000;
    fixture_tick(&f, 6000);
    const struct prefix_row *p = pipeline_prefix(fixture_pipeline(&f), "shop.public.orders");
    assert_int_equal(p->late_ms, 0);
    assert_int_equal(p->base.verdict, VERDICT_OK);
    /* Nothing is written for far longer than the 10 s schedule, while records wait. */
    for (int i = 0; i < 60; i++) {
        f.end += 100;
        f.object_age_ms += 2000;
        fixture_tick(&f, 2000);
    }
    p = pipeline_prefix(fixture_pipeline(&f), "shop.public.orders");
    assert_true(p->late_ms > 60 * 1000);
    assert_true(p->base.verdict >= VERDICT_WARN);
    fixture_close(&f);
}

static void test_what_open_files_may_hold_is_no_alarm(void **state)
{
    (void)state;
    static const struct {
        const char *flush;
        enum verdict verdict;
    } cases[] = {
        {"500",   VERDICT_WARN},
        {"50000", VERDICT_OK  }
    };
    for (size_t i = 0; i < 2; i++) {
        struct fixture f;
        fixture_open(&f);
        f.flush_size = cases[i].flush;
        fixture_tick(&f, 2000);
        f.end += 12000; /* above lag_warn */
        fixture_tick(&f, 2000);
        const struct pipeline *p = fixture_pipeline(&f);
        assert_true(pipeline_connector(p, "sink")->lag > 10000);
        assert_int_equal(pipeline_connector(p, "sink")->base.verdict, cases[i].verdict);
        assert_int_equal(p->hops[HOP_SINK].verdict, cases[i].verdict);
        fixture_close(&f);
    }
}

static void test_a_quiet_topic_has_old_objects_and_is_not_late(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.object_age_ms = 24LL * 3600 * 1000;
    fixture_tick(&f, 2000);
    fixture_tick(&f, 2000);
    const struct prefix_row *p = pipeline_prefix(fixture_pipeline(&f), "shop.public.orders");
    assert_int_equal(p->late_ms, 0);
    assert_int_equal(p->base.verdict, VERDICT_OK);
    fixture_close(&f);
}

static void test_a_file_that_nothing_closes_is_named(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.schedule_ms = NULL;
    f.end = 1010;
    fixture_tick(&f, 2000);
    fixture_tick(&f, 2000);
    const struct prefix_row *p = pipeline_prefix(fixture_pipeline(&f), "shop.public.orders");
    assert_true(p->due_ms == DUE_NEVER);
    assert_int_equal(p->late_ms, 0);
    /* Two records a minute apart are no quiet topic yet. */
    assert_int_equal(p->base.verdict, VERDICT_INFO);
    for (int i = 0; i < 40; i++)
        fixture_tick(&f, 2000);
    p = pipeline_prefix(fixture_pipeline(&f), "shop.public.orders");
    assert_int_equal(p->base.verdict, VERDICT_WARN);
    assert_false(fixture_pipeline(&f)->end_to_end_late);
    fixture_close(&f);
}

static void test_a_rotation_of_ages_is_never_and_not_late(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.schedule_ms = "9223372036854775807";
    f.end = 1010;
    for (int i = 0; i < 60; i++)
        fixture_tick(&f, 2000);
    const struct prefix_row *p = pipeline_prefix(fixture_pipeline(&f), "shop.public.orders");
    assert_true(p->due_ms == DUE_NEVER);
    assert_int_equal(p->late_ms, 0);
    fixture_close(&f);
}

static void test_silence_makes_stale_and_failure_makes_unknown(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_tick(&f, 2000);
    for (int k = 0; k < SOURCE_OWN_COUNT; k++) {
        f.silent[k] = true;
        fixture_tick(&f, 2000);
        assert_int_equal(world_state(f.world, 0, (enum source_kind)k), STATE_FRESH);
        int64_t stale = world_next_stale(f.world);
        world_now(f.world, stale, f.wall_ms);
        assert_int_equal(world_state(f.world, 0, (enum source_kind)k), STATE_FRESH);
        world_now(f.world, stale + 1, f.wall_ms);
        assert_int_equal(world_state(f.world, 0, (enum source_kind)k), STATE_STALE);
        assert_true(world_next_stale(f.world) > stale);
        fixture_tick(&f, 1000);
        assert_int_equal(world_state(f.world, 0, (enum source_kind)k), STATE_STALE);
        f.silent[k] = false;
        f.fails[k] = true;
        fixture_tick(&f, 2000);
        assert_int_equal(world_state(f.world, 0, (enum source_kind)k), STATE_FAILING);
        f.fails[k] = false;
        fixture_tick(&f, 2000);
        assert_int_equal(world_state(f.world, 0, (enum source_kind)k), STATE_FRESH);
    }
    f.fails[SOURCE_POSTGRES] = true;
    fixture_tick(&f, 2000);
    const struct pipeline *p = fixture_pipeline(&f);
    assert_int_equal(p->hops[HOP_SOURCE].verdict, VERDICT_UNKNOWN);
    assert_int_equal(p->hops[HOP_SLOT].verdict, VERDICT_UNKNOWN);
    assert_int_equal(p->hops[HOP_TOPICS].verdict, VERDICT_OK);
    assert_int_equal(pipeline_slot(p, "dbz")->base.verdict, VERDICT_UNKNOWN);
    assert_true(pipeline_slot(p, "dbz")->base.stale);
    fixture_close(&f);
}

static void test_time_until_a_slot_is_lost_needs_three_samples(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.active = TRI_NO;
    f.safe_wal_size = 100000000;
    for (int i = 0; i < 3; i++) {
        fixture_tick(&f, 2000);
        const struct slot_row *s = pipeline_slot(fixture_pipeline(&f), "dbz");
        if (i < 2)
            assert_true(s->lost_in_ms == UNKNOWN);
        else
            assert_int_equal(s->lost_in_ms, 96000);
        f.lsn_now += 2000000;
        f.safe_wal_size -= 2000000;
    }
    fixture_close(&f);
}

static void test_a_healthy_slot_is_not_projected_to_be_lost(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.safe_wal_size = 100000000;
    for (int i = 0; i < 100; i++) {
        /* restart_lsn moves in jumps, safe_wal_size not before the next segment */
        f.lsn_now += 20000;
        f.confirmed = f.lsn_now - 2000;
        f.safe_wal_size -= 20000;
        if (i % 8 == 0)
            f.restart = f.lsn_now - 5000;
        fixture_tick(&f, 2000);
        assert_true(pipeline_slot(fixture_pipeline(&f), "dbz")->lost_in_ms == UNKNOWN);
    }
    fixture_close(&f);
}

static void test_running_without_anybody_on_the_slot_is_not_ok(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.active = TRI_NO;
    fixture_tick(&f, 2000);
    const struct pipeline *p = fixture_pipeline(&f);
    assert_int_equal(pipeline_connector(p, "src")->base.verdict, VERDICT_WARN);
    assert_int_equal(p->first_bad, HOP_SLOT);
    f.src_state = "STOPPED"; /* on purpose: worth a word, no alarm */
    fixture_tick(&f, 2000);
    p = fixture_pipeline(&f);
    assert_int_equal(pipeline_slot(p, "dbz")->base.verdict, VERDICT_INFO);
    fixture_close(&f);
}

static void test_running_with_no_task_is_critical_and_stopped_is_not(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.sink_tasks = 0;
    fixture_tick(&f, 2000);
    assert_int_equal(pipeline_connector(fixture_pipeline(&f), "sink")->base.verdict, VERDICT_CRIT);
    f.sink_state = "STOPPED";
    fixture_tick(&f, 2000);
    assert_int_equal(pipeline_connector(fixture_pipeline(&f), "sink")->base.verdict, VERDICT_INFO);
    f.sink_state = "LEVITATING";
    fixture_tick(&f, 2000);
    assert_int_equal(pipeline_connector(fixture_pipeline(&f), "sink")->base.verdict,
                     VERDICT_UNKNOWN);
    fixture_close(&f);
}

static void test_hints_name_each_topic_once_in_order(void **state)
{
    (void)state;
    enum { N = 100 };
    const char *topics[2 * N];
    struct arena *arena = arena_new();
    for (size_t i = 0; i < N; i++)
        topics[i] = topics[N + i] = arena_printf(arena, "t-%zu", i);
    struct connect_connector connector = {.name = "c", .topics = topics, .ntopics = 2 * N};
    struct connector_facts facts = {.connector = &connector, .source = true};
    struct connector_row rows[] = {
        {.connector = &connector, .facts = &facts},
        {.connector = &connector, .facts = &facts}
    };
    struct pipeline p = {.connectors = rows, .nconnectors = 2};
    struct hints *h = pipeline_hints(NULL, 0, &p, NULL, 0);
    assert_int_equal(h->ntopics, N);
    for (size_t i = 0; i < N; i++)
        assert_string_equal(h->topics[i], topics[i]);
    hints_free(h);
    arena_free(arena);
}

static void tell_captures(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    fixture_config(snap, "src", "database.user", "dbz");
    fixture_config(snap, "src", "heartbeat.action.query", "UPDATE public.hb SET ts = now()");
}

static void hide_role(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    fixture_config(snap, "src", "database.user", "${file:/secrets:user}");
}

static void test_hints_tell_the_sources_where_to_look(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_tick(&f, 2000);
    const char *look[] = {"shop.public.orders"};
    struct hints *h = pipeline_hints(f.world, 0, fixture_pipeline(&f), look, 1);
    assert_int_equal(h->ngroups, 1);
    assert_string_equal(h->groups[0], "connect-sink");
    assert_int_equal(h->nsinks, 1);
    assert_string_equal(h->sinks[0].bucket, "lake");
    assert_string_equal(h->sinks[0].topics[0], "shop.public.orders");
    assert_string_equal(h->notification_topics[0], "notes");
    assert_string_equal(h->sample_topics[0], "shop.public.orders");
    assert_string_equal(h->pg_database, "shop");
    hints_free(h);
    f.edit[SOURCE_CONNECT] = tell_captures;
    fixture_tick(&f, 2000);
    h = pipeline_hints(f.world, 0, fixture_pipeline(&f), NULL, 0);
    assert_int_equal(h->ncaptures, 1); /* a sink captures nothing */
    assert_string_equal(h->captures[0].connector, "src");
    assert_string_equal(h->captures[0].role, "dbz");
    assert_string_equal(h->captures[0].publication, "dbz_publication"); /* Debezium's default */
    assert_string_equal(h->captures[0].signal_table, "public.debezium_signal");
    assert_string_equal(h->captures[0].heartbeat_table, "public.hb");
    hints_free(h);
    f.edit[SOURCE_CONNECT] = hide_role;
    fixture_tick(&f, 2000);
    h = pipeline_hints(f.world, 0, fixture_pipeline(&f), NULL, 0);
    assert_null(h->captures[0].role);
    hints_free(h);
    fixture_close(&f);
}

static void test_running_is_not_ok_while_nobody_tells_whether_it_moves(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_tick(&f, 2000);
    f.object_age_ms = 300 * 1000; /* a quiet topic or a dead sink: only Kafka could tell */
    f.fails[SOURCE_KAFKA] = true;
    fixture_tick(&f, 2000);
    const struct pipeline *p = fixture_pipeline(&f);
    assert_int_equal(pipeline_connector(p, "sink")->base.verdict, VERDICT_UNKNOWN);
    assert_int_equal(p->hops[HOP_SINK].verdict, VERDICT_UNKNOWN);
    assert_true(pipeline_connector(p, "sink")->lag == UNKNOWN);
    assert_int_equal(p->hops[HOP_OBJECTS].verdict, VERDICT_UNKNOWN);
    assert_true(pipeline_prefix(p, "shop.public.orders")->late_ms == UNKNOWN);
    assert_int_equal(p->hops[HOP_CAPTURE].verdict, VERDICT_OK);
    f.object_age_ms = 1000; /* files come: that is proof enough */
    fixture_tick(&f, 2000);
    assert_int_equal(fixture_pipeline(&f)->hops[HOP_OBJECTS].verdict, VERDICT_OK);
    fixture_close(&f);
}

static void test_no_end_to_end_without_the_database(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_tick(&f, 2000);
    fixture_tick(&f, 2000);
    assert_true(fixture_pipeline(&f)->end_to_end_ms == 0);
    f.fails[SOURCE_POSTGRES] = true;
    fixture_tick(&f, 2000);
    const struct pipeline *p = fixture_pipeline(&f);
    assert_true(p->end_to_end_ms == UNKNOWN);
    assert_true(pipeline_connector(p, "src")->behind_ms == UNKNOWN);
    assert_int_equal(p->hops[HOP_CAPTURE].verdict, VERDICT_UNKNOWN);
    assert_int_equal(p->hops[HOP_SINK].verdict, VERDICT_OK);
    assert_false(p->end_to_end_more);
    assert_string_equal(p->hops[HOP_SOURCE].word, "no answer");
    f.fails_as = ERR_AUTH;
    fixture_tick(&f, 2000);
    assert_string_equal(fixture_pipeline(&f)->hops[HOP_SOURCE].word, "login refused");
    fixture_close(&f);
}

static void test_end_to_end_is_a_lower_bound_where_memory_is_short(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.committed = 10; /* long before the first look */
    fixture_tick(&f, 2000);
    fixture_tick(&f, 2000);
    assert_true(fixture_pipeline(&f)->end_to_end_more);
    fixture_close(&f);
}

static void test_a_stuck_sink_is_not_ok_however_few_messages_wait(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    for (int i = 0; i < 60; i++) { /* two minutes, 10 messages each time, no commit */
        fixture_tick(&f, 2000);
        f.end += 10;
    }
    const struct pipeline *p = fixture_pipeline(&f);
    assert_true(pipeline_connector(p, "sink")->base.verdict >= VERDICT_WARN);
    assert_non_null(strstr(pipeline_connector(p, "sink")->base.why, "behind"));
    assert_true(p->hops[HOP_SINK].verdict >= VERDICT_WARN);
    fixture_close(&f);
}

static void test_a_slot_that_is_gone_is_named(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.slot_name = "another";
    fixture_tick(&f, 2000);
    const struct pipeline *p = fixture_pipeline(&f);
    assert_string_equal(p->hops[HOP_SLOT].name, "dbz");
    assert_string_equal(p->hops[HOP_SLOT].word, "missing");
    assert_true(p->hops[HOP_SLOT].verdict >= VERDICT_WARN);
    fixture_close(&f);
}

/* ---- what the configuration knows better ---- */

static void rename_all(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    fixture_config(snap, "src", "transforms", "route");
    fixture_config(snap, "src", "transforms.route.type",
                   "org.apache.kafka.connect.transforms.RegexRouter");
    fixture_config(snap, "sink", "topics.regex", "lake\\..*");
}

static void set_join(struct fixture *f, const char *key, const char *value)
{
    const char *why;
    const struct option *option = options_find(SECTION_JOIN, key);
    assert_non_null(option);
    assert_true(options_set(option, &f->config->pipelines[0], value, &why));
}

static void test_the_configuration_joins_what_configs_do_not_tell(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.slot_name = "other_slot";
    f.edit[SOURCE_CONNECT] = rename_all;
    fixture_tick(&f, 2000);
    const struct pipeline *p = fixture_pipeline(&f);
    assert_null(pipeline_slot(p, "other_slot")->owner);
    assert_null(pipeline_topic(p, "shop.public.orders")->group);
    set_join(&f, "slots", "src=other_slot,nobody=dbz");
    set_join(&f, "publications", "src=my_pub");
    set_join(&f, "topics", "src=shop.*,sink=shop.public.o*");
    set_join(&f, "groups", "sink=archivers");
    set_join(&f, "prefixes", "sink=archive/cdc");
    p = fixture_pipeline(&f);
    assert_string_equal(pipeline_slot(p, "other_slot")->owner->name, "src");
    assert_string_equal(pipeline_topic(p, "shop.public.orders")->group, "archivers");
    const struct connector_facts *src = pipeline_connector(p, "src")->facts;
    const struct connector_facts *sink = pipeline_connector(p, "sink")->facts;
    assert_string_equal(src->publication_name, "my_pub");
    assert_string_equal(sink->topics_dir, "archive/cdc");
    assert_true(connector_facts_produces(src, "shop.public.orders"));
    assert_false(connector_facts_topic_matches(sink, "shop.public.customers"));
    struct hints *h = pipeline_hints(f.world, 0, p, NULL, 0);
    assert_string_equal(h->sinks[0].topics_dir, "archive/cdc");
    assert_string_equal(h->groups[0], "archivers");
    assert_int_equal(h->ntopic_globs, 2);
    hints_free(h);
    /* "nobody" is a slip of the pen: said, not swallowed. */
    const struct finding *said = fixture_finding(fixture_findings(&f), "Z02");
    assert_non_null(said);
    assert_string_equal(said->object, "nobody=dbz");
    assert_int_equal(said->severity, VERDICT_INFO);
    fixture_close(&f);
}

static void test_a_name_that_begins_like_another_is_another(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    set_join(&f, "groups", "sin=wrong,sink2=wrong");
    fixture_tick(&f, 2000);
    const struct pipeline *p = fixture_pipeline(&f);
    assert_string_equal(pipeline_connector(p, "sink")->facts->group_id, "connect-sink");
    size_t at = 0;
    const struct join_config *given = &f.config->pipelines[0].join;
    assert_string_equal(pipeline_join_unknown(given, p, &at), "sin=wrong");
    assert_string_equal(pipeline_join_unknown(given, p, &at), "sink2=wrong");
    assert_null(pipeline_join_unknown(given, p, &at));
    fixture_close(&f);
}

static void only_overrides(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    fixture_config(snap, "src", "database.hostname", "${file:db.properties:host}");
    fixture_config(snap, "src", "database.user", "${env:DB_USER}");
    fixture_config(snap, "sink", "consumer.override.bootstrap.servers", "k1:9092,k2:9092");
}

static void test_brokers_and_database_are_found_where_somebody_names_them(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_CONNECT] = only_overrides;
    fixture_tick(&f, 2000);
    struct hints *h = pipeline_hints(f.world, 0, fixture_pipeline(&f), NULL, 0);
    assert_string_equal(h->bootstrap_servers, "k1:9092,k2:9092");
    assert_null(h->pg_host); /* a reference is no name */
    assert_null(h->pg_user);
    assert_string_equal(h->pg_database, "shop");
    hints_free(h);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_is_joined_from_the_connectors_configs),
        cmocka_unit_test(test_the_first_late_hop_is_named),
        cmocka_unit_test(test_rates_need_two_samples),
        cmocka_unit_test(test_lag_in_messages_and_in_time),
        cmocka_unit_test(test_a_group_tells_its_trend),
        cmocka_unit_test(test_an_open_file_is_not_late_but_a_silent_sink_is),
        cmocka_unit_test(test_what_open_files_may_hold_is_no_alarm),
        cmocka_unit_test(test_a_quiet_topic_has_old_objects_and_is_not_late),
        cmocka_unit_test(test_a_file_that_nothing_closes_is_named),
        cmocka_unit_test(test_a_rotation_of_ages_is_never_and_not_late),
        cmocka_unit_test(test_silence_makes_stale_and_failure_makes_unknown),
        cmocka_unit_test(test_time_until_a_slot_is_lost_needs_three_samples),
        cmocka_unit_test(test_a_healthy_slot_is_not_projected_to_be_lost),
        cmocka_unit_test(test_running_without_anybody_on_the_slot_is_not_ok),
        cmocka_unit_test(test_running_with_no_task_is_critical_and_stopped_is_not),
        cmocka_unit_test(test_running_is_not_ok_while_nobody_tells_whether_it_moves),
        cmocka_unit_test(test_no_end_to_end_without_the_database),
        cmocka_unit_test(test_end_to_end_is_a_lower_bound_where_memory_is_short),
        cmocka_unit_test(test_a_stuck_sink_is_not_ok_however_few_messages_wait),
        cmocka_unit_test(test_a_slot_that_is_gone_is_named),
        cmocka_unit_test(test_hints_name_each_topic_once_in_order),
        cmocka_unit_test(test_hints_tell_the_sources_where_to_look),
        cmocka_unit_test(test_the_configuration_joins_what_configs_do_not_tell),
        cmocka_unit_test(test_a_name_that_begins_like_another_is_another),
        cmocka_unit_test(test_brokers_and_database_are_found_where_somebody_names_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
