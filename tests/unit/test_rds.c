/* The RDS source: answers as its model has them, what the host's name tells, pages, refusals. */
#include "aws/aws.h"
#include "aws/rdshost.h"
#include "base/clock.h"
#include "model/snapshot.h"
#include "source/rds_parse.h"
#include "source/source.h"
#include "tests/check.h"
#include "tests/unit/fakeaws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLENTY_MS = 120000, SAMPLES = 8 };
#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define HOST   ".abcdefghijkl.eu-west-3.rds.amazonaws.com"

static char *bodies[SAMPLES];
enum { INSTANCE, REPLICA, MEMBERS_1, MEMBERS_2, CLUSTER, EVENTS, MAINTENANCE };

static int read_samples(void **state)
{
    static const char *const names[] = {"instance", "replica", "members_1",  "members_2",
                                        "cluster",  "events",  "maintenance"};
    (void)state;
    for (size_t i = 0; i < LEN(names); i++) {
        char path[100];
        (void)snprintf(path, sizeof(path), "tests/samples/aws/rds_%s.xml", names[i]);
        FILE *f = fopen(path, "r");
        assert_non_null(f);
        bodies[i] = calloc(1, 16384);
        assert_true(fread(bodies[i], 1, 16383, f) > 100);
        (void)fclose(f);
    }
    return 0;
}

static int free_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++)
        free(bodies[i]);
    return 0;
}

struct rig {
    struct fakeaws fake;
    struct pipeline_config cfg;
    struct aws *aws;
    void *source;
};

static void rig_start(struct rig *r, const char *instance, const char *conninfo)
{
    fakeaws_start(&r->fake, &r->cfg);
    fakeaws_set(&r->cfg, "pipeline.rds", "instance", instance);
    fakeaws_set(&r->cfg, "pipeline.postgres", "conninfo", conninfo);
    r->aws = aws_open(&r->cfg, -1);
    r->source = source_rds.open(&r->cfg, NULL);
}

static void rig_stop(struct rig *r)
{
    source_rds.close(r->source);
    assert_true(aws_close(r->aws, clock_mono_ms() + PLENTY_MS));
    fakeaws_stop(&r->fake, &r->cfg);
}

static struct snapshot *poll_rig(struct rig *r, struct err *err)
{
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + PLENTY_MS, .stop_fd = -1, .aws = r->aws, .full = true};
    err_clear(err);
    return source_rds.poll(r->source, &ctx, err);
}

/* What RDS tells where it answers like this: there is something. rig_stop it. */
static struct snapshot *told(struct rig *r, const char *instance, const char *conninfo,
                             const struct fakeaws_answer *answers, size_t n)
{
    struct err err;
    rig_start(r, instance, conninfo);
    fakeaws_answers(&r->fake, answers, n);
    struct snapshot *snap = poll_rig(r, &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    return snap;
}

/* What surrounds an instance or cluster. */
#define AROUND                                                               \
    {"Action=DescribeEvents&", 200, bodies[EVENTS]},                         \
    {                                                                        \
        "Action=DescribePendingMaintenanceActions", 200, bodies[MAINTENANCE] \
    }

static void an_instance_by_its_host(void **state)
{
    (void)state;
    struct rig r;
    const struct fakeaws_answer answers[] = {
        {"DBInstanceIdentifier=shop", 200, bodies[INSTANCE]},
        AROUND,
    };
    struct snapshot *snap =
        told(&r, "auto", "host=shop" HOST " user=cdctop dbname=shop", answers, LEN(answers));
    const struct rds_snap *s = &snap->rds;
    assert_string_equal(s->host, "shop" HOST);
    assert_string_equal(s->role, "instance");
    assert_string_equal(s->engine, "postgres");
    assert_string_equal(s->version, "17.4");
    assert_null(s->cluster);
    assert_int_equal(s->iam_login, TRI_YES);
    assert_string_equal(s->secret_status, "active");
    assert_false(rds_is_aurora(s));
    const struct rds_instance *i = rds_behind(s);
    assert_ptr_equal(i, &s->instances[0]);
    assert_string_equal(i->id, "shop");
    assert_string_equal(i->status, "available");
    assert_int_equal(i->port, 5432);
    assert_int_equal(i->allocated_gib, 100);
    assert_int_equal(i->max_allocated_gib, 500);
    assert_int_equal(i->multi_az, TRI_YES);
    assert_int_equal(i->backup_days, 7);
    assert_string_equal(kv_find(i->parameter_groups, i->nparameter_groups, "shop-pg17"),
                        "pending-reboot");
    assert_string_equal(kv_find(i->pending, i->npending, "DBInstanceClass"), "db.m7g.xlarge");
    assert_null(kv_find(i->pending, i->npending, "MasterUserPassword"));
    assert_int_equal(i->npending, 3);
    assert_int_equal(i->certificate_ends_ms, clock_parse_iso("2027-06-08T14:03:22Z"));
    assert_true(s->events_read);
    assert_int_equal(s->nevents, 3);
    assert_string_equal(s->events[0].message, "Multi-AZ instance failover completed");
    assert_string_equal(s->events[0].categories, "failover, availability");
    assert_int_equal(s->events[2].at_ms, clock_parse_iso("2026-11-20T03:03:22Z"));
    assert_true(s->maintenance_read);
    assert_int_equal(s->nmaintenance, 2);
    assert_string_equal(s->maintenance[0].object, "shop");
    assert_string_equal(s->maintenance[0].action, "os-upgrade");
    assert_false(s->maintenance[0].forced);
    assert_true(s->maintenance[1].forced);
    assert_int_equal(snap->notes.count, 0);
    assert_int_equal(snap->every_ms, 60000);
    snapshot_free(snap);
    rig_stop(&r);
}

static void a_cluster_with_its_members(void **state)
{
    (void)state;
    static const struct {
        const char *host, *role;
    } cases[] = {
        {"shop-aurora.cluster-abcdefghijkl.eu-west-3.rds.amazonaws.com",    "writer endpoint"},
        {"SHOP-aurora.cluster-ro-abcdefghijkl.eu-west-3.rds.amazonaws.com", "reader endpoint"},
    };
    for (size_t k = 0; k < LEN(cases); k++) {
        struct rig r;
        char conninfo[200];
        (void)snprintf(conninfo, sizeof(conninfo), "postgresql://u@%s/shop", cases[k].host);
        const struct fakeaws_answer answers[] = {
            {"Action=DescribeDBClusters", 200, bodies[CLUSTER]  },
            {"Marker=page%2B2%2F%3D",     200, bodies[MEMBERS_2]},
            {"Filters.Filter.1.Name=db-cluster-id&Filters.Filter.1.Values.Value.1=shop-aurora"
             "&MaxRecords",  200, bodies[MEMBERS_1]},
            AROUND,
        };
        struct snapshot *snap = told(&r, "auto", conninfo, answers, LEN(answers));
        const struct rds_snap *s = &snap->rds;
        assert_string_equal(s->role, cases[k].role);
        assert_true(rds_is_aurora(s));
        assert_string_equal(s->cluster, "shop-aurora");
        assert_string_equal(s->secret_status, "rotating");
        assert_int_equal(s->ninstances, 2);
        assert_string_equal(s->instances[0].id, "shop-aurora-1"); /* the writer first */
        assert_int_equal(s->instances[0].writer, TRI_YES);
        assert_int_equal(s->instances[1].writer, TRI_NO);
        assert_string_equal(kv_find(s->instances[0].parameter_groups,
                                    s->instances[0].nparameter_groups, "shop-aurora16"),
                            "pending-reboot");
        assert_ptr_equal(rds_behind(s), &s->instances[0]);
        assert_int_equal(s->nevents, 9); /* of the cluster and of both */
        snapshot_free(snap);
        rig_stop(&r);
    }
}

static void an_instance_of_a_cluster_leads_to_it(void **state)
{
    (void)state;
    struct rig r;
    const struct fakeaws_answer answers[] = {
        {"DBInstanceIdentifier=shop-aurora-2",  200, bodies[MEMBERS_2]},
        {"DBClusterIdentifier=shop-aurora",     200, bodies[CLUSTER]  },
        {"Filters.Filter.1.Name=db-cluster-id", 200, bodies[MEMBERS_2]},
        AROUND,
    };
    struct snapshot *snap = told(&r, "shop-aurora-2", "host=localhost", answers, LEN(answers));
    assert_string_equal(snap->rds.cluster, "shop-aurora");
    assert_null(snap->rds.role); /* a tunnel: nothing tells which of them it leads to */
    snapshot_free(snap);
    rig_stop(&r);
}

static void what_a_host_does_not_tell_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *conninfo, *says;
    } cases[] = {
        {"host=db.internal dbname=shop",                                "no endpoint of RDS"},
        {"host=10.0.0.7",                                               "no endpoint of RDS"},
        {"host=p.proxy-abc.eu-west-3.rds.amazonaws.com",                "proxy"             },
        {"host=reports.cluster-custom-abc.eu-west-3.rds.amazonaws.com", "custom endpoint"   },
        {"dbname=shop",                                                 "not known yet"     },
        {"host=/run/postgresql",                                        "not known yet"     },
        {"${secret:prod/dsn}",                                          "not known yet"     },
    };
    (void)unsetenv("PGHOST");
    for (size_t i = 0; i < LEN(cases); i++) {
        struct rig r;
        struct err err;
        rig_start(&r, "auto", cases[i].conninfo);
        assert_null(poll_rig(&r, &err));
        if (strstr(err.text, cases[i].says) == NULL || strstr(err.text, "[pipeline.rds]") == NULL)
            fail_msg("%s: %s", cases[i].conninfo, err.text);
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_int_equal(fakeaws_requests(&r.fake), 0);
        rig_stop(&r);
    }
}

#define ERROR(code)                                        \
    "<ErrorResponse><Error><Type>Sender</Type><Code>" code \
    "</Code><Message>no</Message></Error></ErrorResponse>"

static void a_refusal_costs_what_it_would_have_told(void **state)
{
    (void)state;
    struct rig r;
    const struct fakeaws_answer answers[] = {
        {"DBInstanceIdentifier=shop", 200, bodies[INSTANCE]     },
        {"Action=DescribeEvents&",    403, ERROR("AccessDenied")},
        {"Action=DescribePending",    403, ERROR("AccessDenied")},
    };
    struct snapshot *snap = told(&r, "shop", "host=shop" HOST, answers, LEN(answers));
    assert_false(snap->rds.events_read);
    assert_int_equal(snap->notes.count, 2);
    assert_non_null(strstr(snap->notes.items[0].fix, "\"rds:DescribeEvents\""));
    assert_non_null(strstr(snap->notes.items[1].fix, "\"rds:DescribePendingMaintenanceActions\""));
    snapshot_free(snap);
    rig_stop(&r);
}

static void what_is_not_there_is_said(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body, *says;
        enum err_kind kind;
    } cases[] = {
        {404, ERROR("DBInstanceNotFound"),                                   "RDS has no instance or cluster shop in eu-west-3",
         ERR_NOTFOUND                                                                                                                        },
        {403, ERROR("AccessDenied"),                                         "AccessDenied",                                     ERR_DENIED  },
        {200, "<html>",                                                      "",                                                 ERR_PROTOCOL},
        {200, "<DescribeDBInstancesResponse></DescribeDBInstancesResponse>", "has no",
         ERR_PROTOCOL                                                                                                                        },
        {200, "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",                  "",                                                 ERR_PROTOCOL},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        struct rig r;
        struct err err;
        rig_start(&r, "shop", "host=shop" HOST);
        const struct fakeaws_answer answer = {NULL, cases[i].status, cases[i].body};
        fakeaws_answers(&r.fake, &answer, 1);
        assert_null(poll_rig(&r, &err));
        if (err.kind != cases[i].kind || strstr(err.text, cases[i].says) == NULL)
            fail_msg("case %zu: %d %s", i, (int)err.kind, err.text);
        rig_stop(&r);
    }
}

static void a_marker_that_repeats_ends(void **state)
{
    (void)state;
    struct rig r;
    struct err err;
    rig_start(&r, "arn:aws:rds:eu-west-3:123456789012:cluster:shop-aurora", "host=x");
    const struct fakeaws_answer answers[] = {
        {"Action=DescribeDBClusters",  200, bodies[CLUSTER]  },
        {"Action=DescribeDBInstances", 200, bodies[MEMBERS_1]},
    };
    fakeaws_answers(&r.fake, answers, LEN(answers));
    assert_null(poll_rig(&r, &err));
    assert_int_equal(err.kind, ERR_PROTOCOL);
    assert_non_null(strstr(err.text, "same page"));
    assert_true(fakeaws_requests(&r.fake) <= 4);
    rig_stop(&r);
}

static void sizes_beyond_any_disk_are_unknown(void **state)
{
    (void)state;
    assert_int_equal(rds_bytes(100), INT64_C(107374182400));
    assert_int_equal(rds_bytes(0), 0);
    assert_int_equal(rds_bytes(UNKNOWN), UNKNOWN);
    assert_int_equal(rds_bytes(-1), UNKNOWN);
    assert_int_equal(rds_bytes(INT64_MAX), UNKNOWN);
}

static void kinds_of_endpoints(void **state)
{
    (void)state;
    static const struct {
        const char *host, *id;
        enum rdshost_kind kind;
    } cases[] = {
        {"shop" HOST,                                        "shop", RDSHOST_INSTANCE},
        {"shop.cluster-abc.eu-west-3.rds.amazonaws.com",     "shop", RDSHOST_CLUSTER },
        {"shop.cluster-ro-abc.eu-west-3.rds.amazonaws.com",  "shop", RDSHOST_CLUSTER },
        {"r.cluster-custom-abc.eu-west-3.rds.amazonaws.com", "r",    RDSHOST_CUSTOM  },
        {"p.proxy-abc.eu-west-3.rds.amazonaws.com",          "p",    RDSHOST_PROXY   },
        {"p.abc.rds.cn-north-1.amazonaws.com.cn",            "p",    RDSHOST_INSTANCE},
        {"localhost",                                        "",     RDSHOST_OTHER   },
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        char id[RDSHOST_ID];
        assert_int_equal(rdshost_kind(cases[i].host, id), cases[i].kind);
        assert_string_equal(id, cases[i].id);
    }
}

static void the_host_is_waited_for_where_somebody_tells_it(void **state)
{
    (void)state;
    static char host[] = "d" HOST;
    const struct hints none = {.nsinks = 0}, sink = {.nsinks = 1}, database = {.pg_host = host};
    struct fakeaws fake;
    struct pipeline_config cfg;
    (void)unsetenv("PGHOST");
    fakeaws_start(&fake, &cfg);
    assert_false(source_rds.configured(&cfg, &database)); /* nobody asked for RDS */
    fakeaws_set(&cfg, "pipeline.rds", "instance", "auto");
    assert_true(source_rds.configured(&cfg, NULL)); /* who should tell? the poll says so */
    fakeaws_set(&cfg, "pipeline.connect", "urls", "http://c:8083");
    assert_false(source_rds.configured(&cfg, NULL));
    assert_false(source_rds.configured(&cfg, &none));
    assert_true(source_rds.configured(&cfg, &sink)); /* all was told, and no database in it */
    assert_true(source_rds.configured(&cfg, &database));
    fakeaws_set(&cfg, "pipeline.rds", "instance", "shop");
    assert_true(source_rds.configured(&cfg, NULL));
    fakeaws_stop(&fake, &cfg);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instance_by_its_host),
        cmocka_unit_test(a_cluster_with_its_members),
        cmocka_unit_test(an_instance_of_a_cluster_leads_to_it),
        cmocka_unit_test(what_a_host_does_not_tell_is_said),
        cmocka_unit_test(a_refusal_costs_what_it_would_have_told),
        cmocka_unit_test(what_is_not_there_is_said),
        cmocka_unit_test(a_marker_that_repeats_ends),
        cmocka_unit_test(sizes_beyond_any_disk_are_unknown),
        cmocka_unit_test(kinds_of_endpoints),
        cmocka_unit_test(the_host_is_waited_for_where_somebody_tells_it),
    };
    return cmocka_run_group_tests(tests, read_samples, free_samples);
}
