/* The MSK cluster in the details of a topic and in :about: fresh, overdue, refused, without
 * figures. */
#include "base/mem.h"
#include "model/metrics.h"
#include "tests/check.h"
#include "tests/screen/golden.h"

#include <math.h>
#include <string.h>

static struct world *world_of(struct stage *st)
{
    return (struct world *)(uintptr_t)fixture_model(st->fixture)->world;
}

static void tell(struct stage *st, enum source_kind kind, struct snapshot *snap,
                 const struct err *err)
{
    struct report *r = mem_alloc(sizeof(*r));
    r->snap = snap;
    r->mono_ms = FIXTURE_MONO;
    r->polls = 1;
    if (err != NULL)
        r->err = *err;
    world_of(st)->pipelines[0].sources[kind].configured = true;
    world_accept(world_of(st), 0, kind, r);
}

static struct snapshot *made(enum source_kind kind)
{
    struct snapshot *snap = snapshot_new(kind);
    snap->mono_ms = FIXTURE_MONO;
    snap->wall_ms = FIXTURE_WALL;
    return snap;
}

static void tell_cluster(struct stage *st, const char *state, bool nodes)
{
    static struct kv on[] = {
        {"iam", "b-1.x:9098"},
        {"tls", "b-1.x:9094"}
    };
    struct snapshot *snap = made(SOURCE_MSK);
    struct msk_node *n = arena_array(snap->arena, 3, sizeof(*n));
    for (int i = 0; i < 3; i++)
        n[i] = (struct msk_node){.id = i + 1,
                                 .instance = "m7g.large",
                                 .address = arena_printf(snap->arena, "10.0.%d.17", i + 1),
                                 .version = "3.7.x"};
    snap->msk = (struct msk_snap){.name = "shop-events",
                                  .type = "PROVISIONED",
                                  .state = state,
                                  .kafka_version = "3.7.x",
                                  .instance = "kafka.m7g.large",
                                  .monitoring = "DEFAULT",
                                  .client_broker = "TLS",
                                  .public_access = "DISABLED",
                                  .customer_action = "NONE",
                                  .brokers = 3,
                                  .volume_gib = 500,
                                  .created_ms = UNKNOWN,
                                  .bootstraps = on,
                                  .nbootstraps = 2,
                                  .bootstraps_read = true,
                                  .wanted = "iam",
                                  .nodes = n,
                                  .nnodes = nodes ? 3 : 0,
                                  .nodes_read = nodes};
    tell(st, SOURCE_MSK, snap, NULL);
}

static void tell_figures(struct stage *st)
{
    struct snapshot *snap = made(SOURCE_CLOUDWATCH);
    static const struct {
        const char *name;
        double value;
    } of_two[] = {
        {"KafkaDataLogsDiskUsed", 87.4},
        {"CpuUser",               31  },
        {"CpuSystem",             8   },
    };
    struct cw_metric *m = arena_array(snap->arena, 3, sizeof(*m));
    for (int i = 0; i < 3; i++)
        m[i] = (struct cw_metric){.space = SPACE_KAFKA,
                                  .name = of_two[i].name,
                                  .object = "shop-events/2",
                                  .stat = "Average",
                                  .value = of_two[i].value,
                                  .at_ms = FIXTURE_WALL - 3 * 60 * 1000,
                                  .before = NAN,
                                  .before_ms = UNKNOWN};
    snap->cloudwatch = (struct cloudwatch_snap){.metrics = m, .nmetrics = 3};
    cloudwatch_sort(&snap->cloudwatch);
    tell(st, SOURCE_CLOUDWATCH, snap, NULL);
}

static void open_topic(struct stage *st, int w, int h)
{
    static char cluster[] = "shop-events";
    stage_open(st, FIXTURE_HEALTHY, w, h, false);
    struct pipeline_config *cfg =
        (struct pipeline_config *)(uintptr_t)world_of(st)->pipelines[0].config;
    cfg->msk.cluster = cluster;
}

static void look(struct stage *st)
{
    stage_keys(st, "2\rG");
    stage_draw(st);
}

static void test_facts_and_figures(void **state)
{
    (void)state;
    struct stage st;
    open_topic(&st, 120, 60);
    tell_cluster(&st, "ACTIVE", true);
    tell_figures(&st);
    look(&st);
    assert_true(stage_has(&st, "shop-events, Kafka 3.7.x"));
    assert_true(stage_has(&st, "3 × kafka.m7g.large, 500 GiB each"));
    assert_true(stage_has(&st, "iam, tls"));
    assert_true(stage_has(&st, "2  m7g.large             10.0.2.17"));
    assert_true(stage_has(&st, "87 %"));
    assert_true(stage_has(&st, "39 %"));
    assert_true(stage_has(&st, "3m"));
    golden_check(&st, "msk-topic");
    stage_close(&st);
    open_topic(&st, 80, 48);
    tell_cluster(&st, "HEALING", true);
    look(&st);
    assert_true(stage_has(&st, "HEALING"));
    assert_true(stage_lacks(&st, "87 %"));
    golden_check(&st, "msk-topic");
    stage_close(&st);
}

/* A refusal is said as it is; without any answer nothing is made up. */
static void test_what_is_not_known(void **state)
{
    (void)state;
    struct stage st;
    struct err err = ERR_INIT;
    open_topic(&st, 120, 60);
    err_set(&err, ERR_DENIED, 0, "AccessDeniedException: not authorized: kafka:DescribeClusterV2");
    tell(&st, SOURCE_MSK, NULL, &err);
    look(&st);
    assert_true(stage_has(&st, "not authorized: kafka:DescribeClusterV2"));
    assert_true(stage_lacks(&st, "listener used"));
    stage_close(&st);
    open_topic(&st, 120, 60);
    tell_cluster(&st, "ACTIVE", false);
    look(&st);
    assert_true(stage_has(&st, "listener used"));
    assert_true(stage_lacks(&st, "INSTANCE"));
    stage_close(&st);
}

static void test_about_has_a_line_of_it(void **state)
{
    (void)state;
    struct stage st;
    open_topic(&st, 200, 60);
    tell_cluster(&st, "ACTIVE", true);
    stage_keys(&st, ":about\r");
    stage_draw(&st);
    assert_true(stage_has(&st, "ACTIVE, Kafka 3.7.x, 3 × kafka.m7g.large"));
    stage_close(&st);
}

/* Whoever has no MSK sees nothing of it. */
static void test_without_a_cluster_no_word(void **state)
{
    (void)state;
    struct stage st;
    open_topic(&st, 120, 60);
    look(&st);
    assert_true(stage_lacks(&st, "MSK"));
    stage_close(&st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts_and_figures),
        cmocka_unit_test(test_what_is_not_known),
        cmocka_unit_test(test_about_has_a_line_of_it),
        cmocka_unit_test(test_without_a_cluster_no_word),
    };
    return cmocka_run_group_tests_name("msk_facts", tests, NULL, NULL);
}
