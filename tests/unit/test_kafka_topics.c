/* Which topics the Kafka source watches, what it remembers of them, what it publishes. */
#include "base/mem.h"
#include "source/kafka_topics.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct kafkaclient_part parts[] = {
    {.id = 1, .leader = 2,  .replicas = 3, .isr = 2},
    {.id = 0, .leader = -1, .replicas = 3, .isr = 0},
};
static struct kafkaclient_topic cluster[] = {
    {.name = "shop.public.orders",    .parts = parts,                  .nparts = 2},
    {.name = "shop.public.customers", .parts = parts,                  .nparts = 2},
    {.name = "shop-notifications",    .parts = parts,                  .nparts = 1},
    {.name = "other",                 .error = "Leader not available"},
    {.name = "_connect_configs",                 .parts = parts,                     .nparts = 1           },
    {.name = "__consumer_offsets",                 .parts = parts,                     .nparts = 2},
    {.name = "a\x1b[31m\xff",                 .parts = parts,                     .nparts = 1           },
};
static struct kafkaclient_broker brokers[] = {
    {.id = 2, .host = "kafka-2", .port = 9092}
};
static const struct kafkaclient_meta meta = {.cluster_id = "abc",
                                             .brokers = brokers,
                                             .nbrokers = 1,
                                             .topics = cluster,
                                             .ntopics = ARRAY_LEN(cluster)};

static struct kafka_topics *build(char **globs, size_t nglobs, const struct hints *hints)
{
    struct kafka_config cfg = {
        .topics = {.items = globs, .count = nglobs}
    };
    return kafka_topics_build(&meta, &cfg, hints, NULL);
}

static void expect(struct kafka_topics *topics, const char *names)
{
    char got[400] = "";
    for (size_t i = 0; i < topics->count; i++) {
        size_t n = strlen(got);
        (void)snprintf(got + n, sizeof(got) - n, "%s%s", i > 0 ? " " : "", topics->items[i].name);
    }
    assert_string_equal(got, names);
    kafka_topics_free(topics);
}

static void test_everything_but_internal_by_default(void **state)
{
    (void)state;
    struct kafka_topics *topics = build(NULL, 0, NULL);
    assert_int_equal(topics->visible, ARRAY_LEN(cluster));
    expect(topics,
           "a\x1b[31m\xff other shop-notifications shop.public.customers shop.public.orders");
}

static void test_globs(void **state)
{
    (void)state;
    char shop[] = "shop*", no[] = "!*.customers", internal[] = "__*";
    char *some[] = {shop, no}, *only_no[] = {no}, *offsets[] = {internal};
    expect(build(some, 2, NULL), "shop-notifications shop.public.orders");
    expect(build(only_no, 1, NULL), "a\x1b[31m\xff other shop-notifications shop.public.orders");
    expect(build(offsets, 1, NULL), "__consumer_offsets");
}

static void test_hints_are_the_pipeline(void **state)
{
    (void)state;
    const char *wanted[] = {"shop.public.orders", "shop.public.customers", "not.there"};
    const char *notes[] = {"shop-notifications"};
    struct hints hints = {.topics = wanted, .ntopics = 3};
    char other[] = "oth*", no[] = "!shop*";
    char *globs[] = {other}, *none[] = {no};
    expect(build(NULL, 0, &hints), "shop.public.customers shop.public.orders");
    expect(build(globs, 1, &hints), "other shop.public.customers shop.public.orders");
    hints.notification_topics = notes;
    hints.nnotification_topics = 1;
    /* Excluded by name; but the notifications are needed to follow a snapshot. */
    expect(build(none, 1, &hints), "shop-notifications");
}

/* A heartbeat's topic that is known hides none of those of which nobody tells. */
static void test_hints_that_are_not_all_hide_nothing(void **state)
{
    (void)state;
    const char *wanted[] = {"__consumer_offsets"};
    struct hints hints = {.topics = wanted, .ntopics = 1, .other_topics = true};
    char other[] = "oth*";
    char *globs[] = {other};
    expect(build(NULL, 0, &hints), "__consumer_offsets a\x1b[31m\xff other shop-notifications "
                                   "shop.public.customers shop.public.orders");
    expect(build(globs, 1, &hints), "__consumer_offsets other");
}

static void test_a_topic_that_is_not_there_yet_is_missed(void **state)
{
    (void)state;
    const char *wanted[] = {"shop.public.orders", "not.there"};
    const char *heartbeat[] = {"__debezium-heartbeat.shop"};
    struct hints hints = {.topics = wanted, .ntopics = 1};
    struct kafka_topics *topics = build(NULL, 0, &hints);
    assert_false(kafka_topics_lack(topics, NULL));
    assert_false(kafka_topics_lack(topics, &hints));
    hints.ntopics = 2;
    assert_true(kafka_topics_lack(topics, &hints));
    hints.ntopics = 1;
    hints.last_topics = heartbeat;
    hints.nlast_topics = 1;
    assert_true(kafka_topics_lack(topics, &hints));
    kafka_topics_free(topics);
}

static void test_memory_is_carried_over_by_name(void **state)
{
    (void)state;
    struct kafka_config cfg = {.timeout_ms = 0};
    struct kafka_topics *old = kafka_topics_build(&meta, &cfg, NULL, NULL);
    struct kafka_topic_state *t = kafka_topics_find(old, "shop.public.orders");
    assert_int_equal(t->parts[0].id, 0); /* in order, whatever the broker's was */
    assert_true(t->parts[1].begin == UNKNOWN);
    t->parts[1].begin = 7;
    t->parts[1].bytes = 300;
    t->parts[1].sampled = 3;
    struct kafka_topics *topics = kafka_topics_build(&meta, &cfg, NULL, old);
    kafka_topics_free(old);
    t = kafka_topics_find(topics, "shop.public.orders");
    assert_true(t->parts[1].begin == 7);
    assert_true(kafka_topics_find(topics, "shop.public.customers")->parts[1].begin == UNKNOWN);
    assert_null(kafka_topics_find(topics, "not.there"));
    kafka_topics_free(topics);
}

static void test_published_facts(void **state)
{
    (void)state;
    struct kafka_topics *topics = build(NULL, 0, NULL);
    struct kafka_part *p = &kafka_topics_find(topics, "shop.public.orders")->parts[1];
    p->begin = 5;
    p->end = 105;
    p->bytes = 900;
    p->sampled = 3;
    p->newest_ms = 1234;
    struct snapshot *snap = snapshot_new(SOURCE_KAFKA);
    kafka_topics_publish(topics, snap);
    assert_int_equal(kafka_topics_leaderless(topics), 2);
    kafka_topics_free(topics); /* the snapshot needs nothing of it */
    assert_int_equal(snap->notes.count, 0);
    assert_string_equal(snap->kafka.cluster_id, "abc");
    assert_string_equal(snap->kafka.brokers[0].host, "kafka-2");
    assert_int_equal(snap->kafka.topics_visible, ARRAY_LEN(cluster));
    assert_string_equal(snap->kafka.topics[1].error, "Leader not available");
    const struct kafka_topic *orders = &snap->kafka.topics[snap->kafka.ntopics - 1];
    assert_string_equal(orders->name, "shop.public.orders");
    assert_int_equal(orders->partitions[0].leader, -1);
    assert_true(orders->partitions[0].end == UNKNOWN);
    assert_true(orders->partitions[0].record_bytes == UNKNOWN);
    assert_true(orders->partitions[1].end == 105);
    assert_true(orders->partitions[1].record_bytes == 300);
    assert_true(orders->partitions[1].newest_ms == 1234);
    assert_int_equal(orders->partitions[1].isr, 2);
    snapshot_free(snap);
}

static void test_an_answer_that_did_not_come_is_unknown(void **state)
{
    (void)state;
    struct kafka_topics *topics = build(NULL, 0, NULL);
    struct kafka_part *p = &kafka_topics_find(topics, "shop.public.orders")->parts[1];
    p->begin = 5; /* known from before, but this time the leader is silent */
    p->newest_ms = 1234;
    struct snapshot *snap = snapshot_new(SOURCE_KAFKA);
    kafka_topics_publish(topics, snap);
    const struct kafka_topic *orders = &snap->kafka.topics[snap->kafka.ntopics - 1];
    assert_true(orders->partitions[1].begin == UNKNOWN);
    assert_true(orders->partitions[1].newest_ms == UNKNOWN);
    snapshot_free(snap);
    kafka_topics_free(topics);
}

static void test_nothing_visible_is_said(void **state)
{
    (void)state;
    struct kafka_config cfg = {.timeout_ms = 0};
    struct kafkaclient_meta none = {.brokers = brokers, .nbrokers = 1};
    struct kafka_topics *topics = kafka_topics_build(&none, &cfg, NULL, NULL);
    struct snapshot *snap = snapshot_new(SOURCE_KAFKA);
    kafka_topics_publish(topics, snap);
    assert_int_equal(snap->notes.count, 1);
    assert_string_equal(snap->notes.items[0].what, "0 topics visible (ACL?)");
    assert_non_null(strstr(snap->notes.items[0].fix, "Describe"));
    snapshot_free(snap);
    kafka_topics_free(topics);
}

static void test_too_many_topics_are_capped_and_said(void **state)
{
    (void)state;
    enum { MANY = KAFKA_TOPICS_MAX + 500 };
    struct kafkaclient_topic *many = mem_calloc(MANY, sizeof(*many));
    struct arena *arena = arena_new();
    for (int i = 0; i < MANY; i++)
        many[i].name = arena_printf(arena, "t%05d", i);
    struct kafkaclient_meta big = {.topics = many, .ntopics = MANY};
    struct kafka_config cfg = {.timeout_ms = 0};
    struct kafka_topics *topics = kafka_topics_build(&big, &cfg, NULL, NULL);
    assert_int_equal(topics->count, KAFKA_TOPICS_MAX);
    assert_int_equal(topics->matched, MANY);
    struct snapshot *snap = snapshot_new(SOURCE_KAFKA);
    kafka_topics_publish(topics, snap);
    assert_int_equal(snap->notes.count, 1);
    assert_non_null(strstr(snap->notes.items[0].what, "2000 of 2500"));
    snapshot_free(snap);
    kafka_topics_free(topics);
    arena_free(arena);
    free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_but_internal_by_default),
        cmocka_unit_test(test_globs),
        cmocka_unit_test(test_hints_are_the_pipeline),
        cmocka_unit_test(test_hints_that_are_not_all_hide_nothing),
        cmocka_unit_test(test_a_topic_that_is_not_there_yet_is_missed),
        cmocka_unit_test(test_memory_is_carried_over_by_name),
        cmocka_unit_test(test_published_facts),
        cmocka_unit_test(test_an_answer_that_did_not_come_is_unknown),
        cmocka_unit_test(test_nothing_visible_is_said),
        cmocka_unit_test(test_too_many_topics_are_capped_and_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
