/* The DMS source against a service that answers as its model says, and on bad days. */
#include "base/clock.h"
#include "base/mem.h"
#include "source/source.h"
#include "tests/check.h"
#include "tests/unit/dms_rig.h"

#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { PLENTY_MS = 120000 };

static const char denied[] =
    "{\"__type\":\"AccessDeniedException\",\"Message\":\"User: arn:aws:iam::123456789012:user/x is "
    "not authorized\"}";

static struct snapshot *poll_for(struct dms_rig *rig, void *self, bool full, int ms,
                                 struct err *err)
{
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + ms, .stop_fd = -1, .aws = rig->aws, .full = full};
    return source_dms.poll(self, &ctx, err);
}

static struct snapshot *poll_once(struct dms_rig *rig, void *self, bool full)
{
    struct err err = ERR_INIT;
    struct snapshot *snap = poll_for(rig, self, full, PLENTY_MS, &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    return snap;
}

static const struct connect_connector *find(const struct snapshot *snap, const char *name)
{
    for (size_t i = 0; i < snap->connect.nconnectors; i++) {
        if (strcmp(snap->connect.connectors[i].name, name) == 0)
            return &snap->connect.connectors[i];
    }
    return NULL;
}

static bool noted(const struct snapshot *snap, const char *text)
{
    for (size_t i = 0; i < snap->notes.count; i++) {
        const struct note *n = &snap->notes.items[i];
        if (strstr(n->what, text) != NULL || (n->fix != NULL && strstr(n->fix, text) != NULL))
            return true;
    }
    return false;
}

static void everything(void **state)
{
    (void)state;
    struct dms_rig rig;
    dms_rig_start(&rig);
    assert_true(source_dms.configured(&rig.cfg, NULL));
    void *self = source_dms.open(&rig.cfg, NULL);
    struct snapshot *snap = poll_once(&rig, self, true);
    /* Both pages, the serverless one; not the other team's. */
    assert_int_equal(snap->connect.nconnectors, 4);
    assert_int_equal(snap->notes.count, 0);
    const struct connect_connector *c = find(snap, "shop-cdc");
    assert_int_equal(c->service, SERVICE_DMS);
    assert_string_equal(c->type, "source");
    assert_string_equal(c->state, "running");
    assert_string_equal(c->dms->resource, "SHOPCDC");
    assert_true(c->dms->started_ms == INT64_C(1795010602500));
    assert_true(c->dms->stopped_ms == UNKNOWN);
    assert_string_equal(c->dms->instance, "shop-dms");
    assert_string_equal(c->dms->addresses[0], "10.0.7.21");
    assert_int_equal(c->dms->storage_gib, 100);
    assert_string_equal(c->dms->source_database, "shop");
    assert_string_equal(c->dms->plugin, "test-decoding");
    assert_null(c->dms->slot);
    assert_int_equal(c->dms->heartbeat, TRI_NO); /* DMS's own default */
    assert_int_equal(c->dms->capture_ddls, TRI_NO);
    assert_string_equal(c->dms->target_topic, "dms.shop");
    assert_true(c->dms->tables_read);
    assert_int_equal(c->dms->ntables, 3);
    assert_string_equal(c->dms->tables[0].name, "order_items");
    assert_int_equal(c->dms->tables[0].failed, 7);
    assert_true(c->dms->tables[1].failed == UNKNOWN);
    assert_int_equal(c->dms->tables[1].applied, 160);
    c = find(snap, "shop-serverless");
    assert_true(c->dms->serverless);
    assert_string_equal(c->dms->slot, "dms_shop");
    assert_int_equal(c->dms->heartbeat, TRI_YES);
    assert_string_equal(c->dms->failure, "second failure");
    assert_null(c->cause); /* it runs: what once failed is no cause now */
    assert_int_equal(c->dms->max_units, 16);
    assert_int_equal(c->dms->load_percent, 40);
    c = find(snap, "shop-orders");
    assert_string_equal(c->dms->stop_reason, "Stop Reason FATAL_ERROR");
    assert_non_null(strstr(c->cause, "subtask 0"));
    assert_null(strstr(c->cause, "hunter2"));
    /* One that never ran has no statistics to ask for. */
    assert_false(find(snap, "shop-new")->dms->tables_read);
    assert_null(strstr(dms_rig_last(&rig, "DescribeTableStatistics"), "SHOPNEW"));
    assert_non_null(strstr(dms_rig_last(&rig, "DescribeReplicationTasks"), "\"page-2\""));
    assert_non_null(
        strstr(dms_rig_last(&rig, "DescribeReplicationTasks"), "\"WithoutSettings\":true"));
    snapshot_free(snap);
    source_dms.close(self);
    dms_rig_stop(&rig);
}

static void masks(void **state)
{
    (void)state;
    struct dms_rig rig;
    dms_rig_start(&rig);
    void *self = source_dms.open(&rig.cfg, NULL);
    struct snapshot *snap = poll_once(&rig, self, true);
    size_t n = 0;
    for (size_t i = 0; i < snap->connect.nconnectors; i++) {
        const struct connect_connector *c = &snap->connect.connectors[i];
        for (size_t k = 0; k < c->nconfig; k++, n++)
            assert_null(strstr(c->config[k].value, "hunter2"));
    }
    assert_true(n > 20);
    const struct connect_connector *c = find(snap, "shop-cdc");
    assert_string_equal(kv_find(c->config, c->nconfig, "target.KafkaSettings.Topic"), "dms.shop");
    assert_string_equal(kv_find(c->config, c->nconfig, "source.EngineName"), "aurora-postgresql");
    snapshot_free(snap);
    source_dms.close(self);
    dms_rig_stop(&rig);
}

/* What changes rarely is not asked again with each poll. */
static void spares(void **state)
{
    (void)state;
    struct dms_rig rig;
    dms_rig_start(&rig);
    void *self = source_dms.open(&rig.cfg, NULL);
    snapshot_free(poll_once(&rig, self, true));
    int tables = dms_rig_count(&rig, "DescribeTableStatistics");
    struct snapshot *snap = poll_once(&rig, self, false);
    assert_int_equal(dms_rig_count(&rig, "DescribeEndpoints"), 1);
    assert_int_equal(dms_rig_count(&rig, "DescribeReplicationInstances"), 1);
    assert_int_equal(dms_rig_count(&rig, "DescribeTableStatistics"), tables);
    assert_int_equal(find(snap, "shop-cdc")->dms->ntables, 3);
    assert_string_equal(find(snap, "shop-cdc")->dms->source_user, "dms");
    assert_int_equal(snap->every_ms, 20000);
    snapshot_free(snap);
    source_dms.close(self);
    dms_rig_stop(&rig);
}

static void hurries_while_busy(void **state)
{
    (void)state;
    struct dms_rig rig;
    dms_rig_start(&rig);
    dms_rig_set(&rig, "DescribeReplicationTasks", 200,
                "{\"ReplicationTasks\":[{\"ReplicationTaskIdentifier\":\"shop-a\","
                "\"ReplicationTaskArn\":\"arn:aws:dms:x:1:task:A\",\"Status\":\"stopping\"}]}");
    void *self = source_dms.open(&rig.cfg, NULL);
    struct snapshot *snap = poll_once(&rig, self, true);
    assert_int_equal(snap->every_ms, 3000);
    snapshot_free(snap);
    source_dms.close(self);
    dms_rig_stop(&rig);
}

static void one_refusal_is_a_note(void **state)
{
    (void)state;
    static const struct {
        const char *operation, *action;
    } calls[] = {
        {"DescribeEndpoints",            "dms:DescribeEndpoints"           },
        {"DescribeReplicationInstances", "dms:DescribeReplicationInstances"},
        {"DescribeReplicationConfigs",   "dms:DescribeReplicationConfigs"  },
        {"DescribeTableStatistics",      "statistics of tables"            },
        {"DescribeReplications",         "dms:DescribeReplications"        },
        {"DescribeReplicationTasks",     "dms:DescribeReplicationTasks"    },
    };
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        struct dms_rig rig;
        dms_rig_start(&rig);
        dms_rig_set(&rig, calls[i].operation, 403, denied);
        void *self = source_dms.open(&rig.cfg, NULL);
        struct snapshot *snap = poll_once(&rig, self, true);
        if (!noted(snap, calls[i].action))
            fail_msg("%s", calls[i].operation);
        assert_true(snap->connect.nconnectors > 0);
        snapshot_free(snap);
        source_dms.close(self);
        dms_rig_stop(&rig);
    }
}

/* Tasks that did not come are not tasks that are gone. */
static void bad_days(void **state)
{
    (void)state;
    static const struct {
        const char *operation;
        int status;
        const char *body;
    } days[] = {
        {"DescribeReplicationTasks", 500, "{\"__type\":\"InternalFailure\"}"              },
        {"DescribeReplicationTasks", 200, "<html>no</html>"                               },
        {"DescribeReplicationTasks", 200, "{\"ReplicationTasks\":7}"                      },
        {"DescribeReplicationTasks", 200, "{\"ReplicationTasks\":[],\"Marker\":\"again\"}"},
        {"DescribeReplicationTasks", 0,   NULL                                            },
        {"DescribeReplications",     500, "{\"__type\":\"InternalFailure\"}"              },
    };
    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        struct dms_rig rig;
        struct err err = ERR_INIT;
        dms_rig_start(&rig);
        dms_rig_set(&rig, days[i].operation, days[i].status, days[i].body);
        void *self = source_dms.open(&rig.cfg, NULL);
        assert_null(poll_for(&rig, self, true, 1500, &err));
        assert_int_not_equal(err.kind, ERR_NONE);
        source_dms.close(self);
        dms_rig_stop(&rig);
    }
}

/* The rest of the answers may be garbage: the tasks are shown. */
static void garbage_around(void **state)
{
    (void)state;
    static const char *const operations[] = {"DescribeEndpoints", "DescribeReplicationInstances",
                                             "DescribeReplicationConfigs",
                                             "DescribeTableStatistics"};
    for (size_t i = 0; i < ARRAY_LEN(operations); i++) {
        struct dms_rig rig;
        dms_rig_start(&rig);
        dms_rig_set(&rig, operations[i], 200, "garbage");
        void *self = source_dms.open(&rig.cfg, NULL);
        struct snapshot *snap = poll_once(&rig, self, true);
        assert_int_equal(snap->connect.nconnectors, 4);
        assert_int_equal(snap->notes.count, 1);
        snapshot_free(snap);
        source_dms.close(self);
        dms_rig_stop(&rig);
    }
}

/* What was read once stays when the next answer does not come. */
static void remembers(void **state)
{
    (void)state;
    struct dms_rig rig;
    dms_rig_start(&rig);
    void *self = source_dms.open(&rig.cfg, NULL);
    snapshot_free(poll_once(&rig, self, true));
    dms_rig_set(&rig, "DescribeEndpoints", 500, "{}");
    struct snapshot *snap = poll_once(&rig, self, true);
    assert_string_equal(find(snap, "shop-cdc")->dms->source_database, "shop");
    assert_true(noted(snap, "endpoints are not told"));
    snapshot_free(snap);
    source_dms.close(self);
    dms_rig_stop(&rig);
}

static void stops_when_told(void **state)
{
    (void)state;
    struct dms_rig rig;
    struct err err = ERR_INIT;
    dms_rig_start(&rig);
    dms_rig_set(&rig, "DescribeReplicationTasks", 0, NULL);
    void *self = source_dms.open(&rig.cfg, NULL);
    int fd = eventfd(1, EFD_CLOEXEC);
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + PLENTY_MS, .stop_fd = fd, .aws = rig.aws, .full = true};
    assert_null(source_dms.poll(self, &ctx, &err));
    assert_int_equal(err.kind, ERR_STOPPED);
    (void)close(fd);
    source_dms.close(self);
    dms_rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything),
        cmocka_unit_test(masks),
        cmocka_unit_test(spares),
        cmocka_unit_test(hurries_while_busy),
        cmocka_unit_test(one_refusal_is_a_note),
        cmocka_unit_test(bad_days),
        cmocka_unit_test(garbage_around),
        cmocka_unit_test(remembers),
        cmocka_unit_test(stops_when_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
