/* CloudWatch: which figures are asked for, and how they are read. */
#include "base/mem.h"
#include "model/feed.h"
#include "model/metrics.h"
#include "tests/check.h"
#include "tests/unit/world_fixture.h"

#include <math.h>
#include <string.h>

enum { MINUTE = 60 * 1000 };

static void tell_cluster(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    static struct msk_node nodes[] = {{.id = 1}, {.id = 2}, {.id = -1}};
    snap->msk = (struct msk_snap){.name = "shop", .nodes = nodes, .nnodes = 3};
}

static void tell_connectors(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    static struct connect_connector connectors[] = {{.name = "orders-source"}};
    snap->connect = (struct connect_snap){.connectors = connectors, .nconnectors = 1};
}

static void tell_tasks(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    static const struct dms_task tasks[] = {
        {.id = "orders",      .resource = "ABCD",  .instance = "dms-1"},
        {              .id = "clients", .resource = "EFGH", .instance = "dms-1"                   },
        { .id = "nobody",
         .arn = "arn:aws:dms:eu-west-3:123456789012:replication-config:dms-1",
         .resource = "dms-1",
         .serverless = true},
    };
    static struct connect_connector connectors[] = {
        {.name = "orders",  .dms = &tasks[0]},
        {.name = "clients", .dms = &tasks[1]},
        {.name = "nobody",  .dms = &tasks[2]}
    };
    snap->connect = (struct connect_snap){.connectors = connectors, .nconnectors = 3};
}

static void tell_databases(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    static struct rds_instance instances[] = {{.id = "orders"}};
    snap->rds = (struct rds_snap){.cluster = "orders", .instances = instances, .ninstances = 1};
}

static const struct hint_metrics *hint(const struct hints *h, const char *space, const char *object,
                                       const char *dim)
{
    for (size_t i = 0; i < h->nmetrics; i++) {
        const struct hint_metrics *m = &h->metrics[i];
        if (m->ndims > 0 && strcmp(m->space, space) == 0 && strcmp(m->object, object) == 0 &&
            strcmp(m->dims[m->ndims - 1].key, dim) == 0)
            return m;
    }
    return NULL;
}

static void test_what_the_services_tell_of_is_asked_for(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_tick(&f, 2000);
    struct hints *h = pipeline_hints(f.world, 0, fixture_pipeline(&f), NULL, 0);
    assert_int_equal(h->nmetrics, 0);
    hints_free(h);
    f.edit[SOURCE_MSK] = tell_cluster;
    f.edit[SOURCE_MSK_CONNECT] = tell_connectors;
    f.edit[SOURCE_DMS] = tell_tasks;
    f.edit[SOURCE_RDS] = tell_databases;
    fixture_tick(&f, 2000);
    h = pipeline_hints(f.world, 0, fixture_pipeline(&f), NULL, 0);
    assert_non_null(hint(h, SPACE_KAFKA, "shop", "Cluster Name"));
    const struct hint_metrics *broker = hint(h, SPACE_KAFKA, "shop/2", "Broker ID");
    assert_non_null(broker);
    assert_string_equal(broker->dims[0].value, "shop");
    assert_string_equal(broker->dims[1].value, "2");
    assert_non_null(hint(h, SPACE_CONNECT, "orders-source", "ConnectorName"));
    const struct hint_metrics *task = hint(h, SPACE_DMS, "ABCD", "ReplicationTaskIdentifier");
    assert_non_null(task);
    assert_string_equal(task->dims[0].value, "dms-1");
    assert_non_null(hint(h, SPACE_DMS, "dms-1", "ReplicationInstanceIdentifier"));
    /* An instance and a cluster of one name are two things. */
    assert_non_null(hint(h, SPACE_RDS, "orders", "DBInstanceIdentifier"));
    assert_non_null(hint(h, SPACE_RDS, "orders", "DBClusterIdentifier"));
    /* A serverless replication that is called as the instance is: by what its dimension may hold.
     */
    const struct hint_metrics *own = NULL;
    for (size_t i = 0; i < h->nmetrics; i++)
        own = h->metrics[i].ndims == 0 ? &h->metrics[i] : own;
    assert_non_null(own);
    assert_string_equal(own->object, "arn:aws:dms:eu-west-3:123456789012:replication-config:dms-1");
    assert_string_equal(own->values[0], "123456789012:dms-1");
    assert_string_equal(own->values[1], "123456789012:nobody");
    /* A controller and the second task's instance add nothing. */
    assert_int_equal(h->nmetrics, 1 + 2 + 1 + 2 + 1 + 2 + 1);
    hints_free(h);
    fixture_close(&f);
}

/* Every object that is told of must find rows in the table, by the names of its dimensions. */
static void test_every_hint_has_metrics(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.edit[SOURCE_MSK] = tell_cluster;
    f.edit[SOURCE_MSK_CONNECT] = tell_connectors;
    f.edit[SOURCE_DMS] = tell_tasks;
    f.edit[SOURCE_RDS] = tell_databases;
    fixture_tick(&f, 2000);
    struct hints *h = pipeline_hints(f.world, 0, fixture_pipeline(&f), NULL, 0);
    for (size_t i = 0; i < h->nmetrics; i++) {
        const struct hint_metrics *m = &h->metrics[i];
        size_t rows = 0;
        for (size_t r = 0; r < metric_rows_count; r++)
            rows += metric_covers(&metric_rows[r], m->space, m->dims, m->ndims);
        assert_true(rows > 0);
    }
    hints_free(h);
    fixture_close(&f);
}

static void test_no_metric_is_in_the_table_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < metric_rows_count; i++) {
        const struct metric_row *a = &metric_rows[i];
        assert_true(a->rank >= 1 && a->rank <= 3);
        assert_true(a->use[0] != '\0');
        /* metric_find knows space and name alone: the unit must be one. */
        assert_ptr_equal(metric_find(a->space, a->name)->name, a->name);
        assert_int_equal(metric_find(a->space, a->name)->unit, a->unit);
        for (size_t k = 0; k < i; k++) {
            const struct metric_row *b = &metric_rows[k];
            struct kv dims[2] = {
                {b->dims[0], ""},
                {b->dims[1], ""}
            };
            size_t n = (b->dims[0] != NULL) + (b->dims[1] != NULL);
            assert_false(strcmp(a->name, b->name) == 0 && metric_covers(a, b->space, dims, n));
        }
    }
}

static void test_figures_are_found_and_dated(void **state)
{
    (void)state;
    struct cw_metric metrics[] = {
        {SPACE_RDS,   "FreeStorageSpace",      "b",      "Minimum", 41.2e9, 5 * MINUTE, 42.4e9, -15 * MINUTE},
        {SPACE_DMS,   "CDCLatencyTarget",      "T",      "Maximum", 192,    5 * MINUTE, NAN,    UNKNOWN     },
        {SPACE_RDS,   "FreeStorageSpace",      "a",      "Minimum", 1,      1,          NAN,    UNKNOWN     },
        {SPACE_KAFKA, "KafkaDataLogsDiskUsed", "shop/1", "Maximum", 83,     1,          NAN,    UNKNOWN     },
    };
    struct cloudwatch_snap cw = {.metrics = metrics, .nmetrics = ARRAY_LEN(metrics)};
    char buf[METRIC_AGE];
    cloudwatch_sort(&cw);
    const struct cw_metric *m = cloudwatch_find(&cw, SPACE_RDS, "FreeStorageSpace", "b");
    assert_non_null(m);
    assert_string_equal(metric_value(buf, m), "41.2 GB");
    assert_string_equal(metric_age(buf, m, 7 * MINUTE), "2m old");
    assert_true(fabs(metric_per_s(m) + 1e6) < 1); /* 1.2 GB in twenty minutes */
    m = cloudwatch_find(&cw, SPACE_DMS, "CDCLatencyTarget", "T");
    assert_string_equal(metric_value(buf, m), "3m12s");
    assert_true(isnan(metric_per_s(m)));
    /* A clock behind CloudWatch's gives no negative age. */
    assert_string_equal(metric_age(buf, m, 0), "0.0s old");
    m = cloudwatch_find(&cw, SPACE_KAFKA, "KafkaDataLogsDiskUsed", "shop/1");
    assert_string_equal(metric_value(buf, m), "83 %");
    assert_null(cloudwatch_find(&cw, SPACE_RDS, "FreeStorageSpace", "c"));
    assert_null(cloudwatch_find(&cw, SPACE_RDS, "FreeStorageSpace", NULL));
    assert_null(cloudwatch_find(&(struct cloudwatch_snap){0}, SPACE_RDS, "FreeStorageSpace", "a"));
    assert_string_equal(metric_age(buf, NULL, 0), "");
}

/* What CloudWatch tells at each tick: the same datapoint until f->n moves on. */
static void tell_figures(struct fixture *f, struct snapshot *snap)
{
    struct cw_metric *m = arena_array(snap->arena, 1, sizeof(*m));
    *m = (struct cw_metric){.space = SPACE_RDS,
                            .name = "FreeStorageSpace",
                            .object = "orders",
                            .value = 100 - (double)f->n,
                            .at_ms = f->wall_ms / MINUTE * MINUTE - 3 * MINUTE,
                            .before = 120,
                            .before_ms = f->wall_ms / MINUTE * MINUTE - 13 * MINUTE};
    snap->cloudwatch = (struct cloudwatch_snap){.metrics = m, .nmetrics = 1};
    snap->every_ms = 10000;
}

static void test_a_series_has_the_datapoints_at_their_own_times(void **state)
{
    (void)state;
    struct fixture f;
    char key[FEED_KEY];
    struct point p;
    fixture_open(&f);
    f.edit[SOURCE_CLOUDWATCH] = tell_figures;
    f.wall_ms = f.wall_ms / MINUTE * MINUTE;
    fixture_tick(&f, 1000);
    feed_metric_key(key, SPACE_RDS, "FreeStorageSpace", "orders");
    const struct series_store *store = f.world->pipelines[0].series;
    assert_int_equal(series_samples(series_find(store, key)), 2); /* the one before, and this */
    assert_true(series_at(series_find(store, key), 0, &p));
    assert_int_equal(p.t, f.mono_ms - 3 * MINUTE - 1000);
    assert_true(p.v == 100);
    /* Told again: no new sample. A minute later: one. */
    for (int i = 0; i < 5; i++)
        fixture_tick(&f, 10000);
    assert_int_equal(series_samples(series_find(store, key)), 2);
    f.n = 1;
    fixture_tick(&f, 10000);
    assert_int_equal(series_samples(series_find(store, key)), 3);
    /* 21 bytes in eleven minutes, whenever it was told. */
    assert_true(fabs(series_rate(series_find(store, key), 60 * MINUTE) + 21.0 / 660) < 1e-6);
    /* Nobody tells any more: it goes as the others do. */
    f.silent[SOURCE_CLOUDWATCH] = true;
    fixture_tick(&f, 9 * MINUTE);
    assert_non_null(series_find(store, key));
    fixture_tick(&f, 2 * MINUTE);
    assert_null(series_find(store, key));
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_services_tell_of_is_asked_for),
        cmocka_unit_test(test_every_hint_has_metrics),
        cmocka_unit_test(test_no_metric_is_in_the_table_twice),
        cmocka_unit_test(test_figures_are_found_and_dated),
        cmocka_unit_test(test_a_series_has_the_datapoints_at_their_own_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
