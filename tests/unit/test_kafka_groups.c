/* More groups than handles: against the mock cluster of librdkafka. */
#include "base/clock.h"
#include "base/mem.h"
#include "net/kafkaclient_int.h"
#include "source/kafka_groups.h"
#include "tests/check.h"
#include "tests/unit/threads.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <string.h>

enum { GROUPS = KAFKACLIENT_KEPT + 3, POLLS = 3 };

struct rig {
    int threads; /* before it */
    rd_kafka_t *rk;
    rd_kafka_mock_cluster_t *mock;
    struct kafka_config cfg;
    struct kafkaclient *client;
    struct kafka_topics *topics;
    struct hints *hints;
};

static struct kafkaclient_until soon(void)
{
    return (struct kafkaclient_until){.deadline_ms = clock_mono_ms() + 120000, .stop_fd = -1};
}

static void rig_open(struct rig *r)
{
    char text[200];
    struct err err = ERR_INIT;
    *r = (struct rig){.threads = threads_count(), .cfg.timeout_ms = 5000};
    r->rk = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), text, sizeof(text));
    assert_non_null(r->rk);
    r->mock = rd_kafka_mock_cluster_new(r->rk, 1);
    assert_int_equal(rd_kafka_mock_topic_create(r->mock, "t", 1, 1), RD_KAFKA_RESP_ERR_NO_ERROR);
    r->client = kafkaclient_new(&r->cfg, rd_kafka_mock_cluster_bootstraps(r->mock), NULL, &err);
    if (r->client == NULL)
        fail_msg("%s", err.text);
    r->hints = hints_new();
    r->hints->ngroups = GROUPS;
    r->hints->groups = arena_array(r->hints->arena, GROUPS, sizeof(char *));
    for (size_t i = 0; i < GROUPS; i++)
        r->hints->groups[i] = arena_printf(r->hints->arena, "connect-sink-%zu", i);
    struct arena *arena = arena_new();
    struct kafkaclient_meta meta;
    struct kafkaclient_until until = soon();
    if (!kafkaclient_metadata(r->client, &until, arena, &meta, &err))
        fail_msg("%s", err.text);
    r->topics = kafka_topics_build(&meta, &r->cfg, NULL, NULL);
    arena_free(arena);
}

static void rig_close(struct rig *r)
{
    kafka_topics_free(r->topics);
    hints_free(r->hints);
    kafkaclient_close(r->client);
    rd_kafka_mock_cluster_destroy(r->mock);
    rd_kafka_destroy(r->rk);
    threads_wait(r->threads);
}

static const struct kafka_group *group_of(const struct snapshot *snap, const char *name)
{
    for (size_t i = 0; i < snap->kafka.ngroups; i++) {
        if (strcmp(snap->kafka.groups[i].name, name) == 0)
            return &snap->kafka.groups[i];
    }
    return NULL;
}

static bool is_kept(const struct kafkaclient *client, const char *group)
{
    for (size_t i = 0; i < KAFKACLIENT_KEPT; i++) {
        if (client->kept[i] != NULL && strcmp(client->kept[i]->group, group) == 0)
            return true;
    }
    return false;
}

static void test_more_groups_than_handles_take_turns(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    struct kafka_groups *groups = kafka_groups_new();
    for (int poll = 0; poll < POLLS; poll++) {
        struct snapshot *snap = snapshot_new(SOURCE_KAFKA);
        struct kafkaclient_until until = soon();
        struct err err = ERR_INIT;
        if (!kafka_groups_poll(groups, r.client, &until, &r.cfg, r.hints, r.topics, false, snap,
                               &err))
            fail_msg("%s", err.text);
        /* Every group is there, once; the last ones too were asked by now. */
        assert_int_equal(snap->kafka.ngroups, GROUPS);
        for (size_t i = 0; i < GROUPS; i++) {
            const struct kafka_group *g = group_of(snap, r.hints->groups[i]);
            assert_non_null(g);
            assert_true(g->offsets_read);
        }
        /* The same ones keep their connections at each poll. */
        for (size_t i = 0; i < KAFKACLIENT_KEPT; i++)
            assert_true(is_kept(r.client, r.hints->groups[i]));
        snapshot_free(snap);
    }
    kafka_groups_free(groups);
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_groups_than_handles_take_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
