/* The rules that rest on RDS and CloudWatch: the disk, failovers, readers, parameters that wait. */
#include "base/mem.h"
#include "model/metrics.h"
#include "tests/unit/rule_cases.h"

#include <math.h>

#define GIB (INT64_C(1) << 30)
static const int64_t minute = 60 * 1000;

/* What RDS and CloudWatch tell; the tests change it. */
static struct told {
    const char *engine, *status, *host, *role, *group_status;
    const char *event, *categories; /* NULL: there is none */
    int64_t event_ago_ms, max_gib, age_ms;
    double free, fall; /* bytes, and by how much at each look */
    enum tri writer;
    const char *cluster;
} told;

static void usual(void)
{
    told = (struct told){
        .engine = "postgres",
        .status = "available",
        .host = "shop.abc.eu-west-3.rds.amazonaws.com",
        .role = "instance",
        .group_status = "in-sync",
        .max_gib = UNKNOWN,
        .age_ms = 90 * 1000,
        .free = 60.0 * (double)GIB,
        .writer = TRI_UNKNOWN,
    };
}

static void tell_rds(struct fixture *f, struct snapshot *snap)
{
    struct arena *a = snap->arena;
    struct rds_instance *n = arena_array(a, 1, sizeof(*n));
    struct kv *group = arena_array(a, 1, sizeof(*group));
    *group = (struct kv){"shop-pg17", told.group_status};
    *n = (struct rds_instance){
        .id = "shop",
        .status = told.status,
        .zone = "eu-west-3a",
        .writer = told.writer,
        .host = "shop.abc.eu-west-3.rds.amazonaws.com",
        .allocated_gib = 100,
        .max_allocated_gib = told.max_gib,
        .parameter_groups = group,
        .nparameter_groups = 1,
    };
    snap->rds = (struct rds_snap){
        .host = told.host,
        .role = told.role,
        .engine = told.engine,
        .version = "17.4",
        .cluster = told.cluster,
        .writer_host = told.cluster != NULL ? "shop.cluster-abc" : NULL,
        .reader_host = told.cluster != NULL ? "shop.cluster-ro-abc" : NULL,
        .instances = n,
        .ninstances = 1,
        .events_read = true,
    };
    if (told.event == NULL)
        return;
    struct rds_event *e = arena_array(a, 1, sizeof(*e));
    *e = (struct rds_event){f->wall_ms - told.event_ago_ms, "shop", told.categories, told.event};
    snap->rds.events = e;
    snap->rds.nevents = 1;
}

static void tell_metrics(struct fixture *f, struct snapshot *snap)
{
    static const char *const names[] = {"FreeStorageSpace", "ReplicationSlotDiskUsage"};
    struct cw_metric *m = arena_array(snap->arena, 2, sizeof(*m));
    told.free -= told.fall;
    for (size_t i = 0; i < 2; i++)
        m[i] = (struct cw_metric){
            .space = SPACE_RDS,
            .name = names[i],
            .object = "shop",
            .stat = "Minimum",
            .value = i == 0 ? told.free : 12e9,
            .at_ms = f->wall_ms - told.age_ms,
            .before = NAN,
            .before_ms = UNKNOWN,
        };
    snap->cloudwatch = (struct cloudwatch_snap){.metrics = m, .nmetrics = 2, .period_s = 60};
    cloudwatch_sort(&snap->cloudwatch);
}

static void on_rds(struct fixture *f)
{
    f->edit[SOURCE_RDS] = tell_rds;
    f->edit[SOURCE_CLOUDWATCH] = tell_metrics;
}

static void grow_wal(struct fixture *f, struct snapshot *snap)
{
    (void)snap;
    f->lsn_now += 1000;
    f->n++;
}

static void falls(struct fixture *f, double per_look, int looks)
{
    on_rds(f);
    told.fall = per_look;
    f->edit[SOURCE_POSTGRES] = grow_wal;
    rule_ticks(f, looks, minute);
}

/* ---- P35 ---- */

static void make_p35(struct fixture *f)
{
    usual();
    falls(f, 1e9, 20); /* some 40 minutes are left */
}

static void near_p35_still(struct fixture *f)
{
    usual();
    told.free = 25.0 * (double)GIB; /* much is used, but it stays so */
    on_rds(f);
    rule_ticks(f, 20, minute);
}

static void near_p35_aurora(struct fixture *f)
{
    usual();
    told.engine = "aurora-postgresql";
    falls(f, 1e9, 20);
}

static void near_p35_two_samples(struct fixture *f)
{
    usual();
    falls(f, 1e9, 1);
}

static void near_p35_old_figure(struct fixture *f)
{
    usual();
    told.age_ms = 60 * minute;
    falls(f, 1e9, 20);
}

/* ---- P36 ---- */

static void make_p36(struct fixture *f)
{
    usual();
    told.event = "Multi-AZ instance failover started.";
    told.categories = "failover";
    told.event_ago_ms = 2 * minute;
    on_rds(f);
    f->fails[SOURCE_POSTGRES] = true;
    rule_ticks(f, 5, 2000);
}

static void make_p36_status(struct fixture *f)
{
    usual();
    told.status = "rebooting";
    on_rds(f);
    f->fails[SOURCE_POSTGRES] = true;
    rule_ticks(f, 5, 2000);
}

static void near_p36(struct fixture *f) /* it was backed up, and answers */
{
    make_p36(f);
    told.categories = "backup";
    f->fails[SOURCE_POSTGRES] = false;
    rule_ticks(f, 30, 2000);
}

static void test_a_refused_login_is_no_failover(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    f.fails_as = ERR_AUTH;
    make_p36(&f);
    assert_null(fixture_finding(fixture_findings(&f), "P36"));
    fixture_close(&f);
}

/* ---- P34 ---- */

static void edit_host(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    fixture_config(snap, "src", "database.hostname", "SHOP.cluster-ro-abc");
}

static void make_p34(struct fixture *f)
{
    usual();
    told.engine = "aurora-postgresql";
    told.cluster = "shop-aurora";
    told.writer = TRI_YES;
    on_rds(f);
    f->edit[SOURCE_CONNECT] = edit_host;
    rule_ticks(f, 3, 2000);
}

static void make_p34_ours(struct fixture *f)
{
    usual();
    told.engine = "aurora-postgresql";
    told.cluster = "shop-aurora";
    told.writer = TRI_NO;
    on_rds(f);
    rule_ticks(f, 3, 2000);
}

static void near_p34(struct fixture *f) /* the writer */
{
    make_p34_ours(f);
    told.writer = TRI_YES;
    rule_ticks(f, 30, 2000);
}

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    static const struct rule_case cases[] = {
        {"P35", "shop",        make_p35,        VERDICT_CRIT, near_p35_still,       NULL},
        {"P35", "shop",        make_p35,        VERDICT_CRIT, near_p35_aurora,      NULL},
        {"P35", "shop",        make_p35,        VERDICT_CRIT, near_p35_two_samples, NULL},
        {"P35", "shop",        make_p35,        VERDICT_CRIT, near_p35_old_figure,  NULL},
        {"P36", "shop",        make_p36,        VERDICT_CRIT, near_p36,             NULL},
        {"P36", "shop",        make_p36_status, VERDICT_CRIT, NULL,                 NULL},
        {"P34", "src",         make_p34,        VERDICT_CRIT, near_p34,             NULL},
        {"P34", "shop-aurora", make_p34_ours,   VERDICT_WARN, NULL,                 NULL},
    };
    rule_cases_run(rules_rds, cases, ARRAY_LEN(cases));
}

static bool says(const struct finding *f, const char *text)
{
    for (int i = 0; i < f->nevidence; i++) {
        if (strstr(f->evidence[i], text) != NULL)
            return true;
    }
    return strstr(f->title, text) != NULL || strstr(f->advice, text) != NULL;
}

static void test_a_full_disk_is_a_range_with_the_age_of_its_figure(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    make_p35(&f);
    const struct finding *found = fixture_finding(fixture_findings(&f), "P35");
    assert_non_null(found);
    static const char *const texts[] = {
        "full in", "free", " old)", "free space falls by", "files of slots", "modify-db-instance"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        if (!says(found, texts[i]))
            fail_msg("%s: no %s", found->title, texts[i]);
    }
    fixture_close(&f);
}

/* It is loud either way when nearly nothing is left; less so where RDS makes room by itself. */
static void test_nearly_full_without_any_trend(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    usual();
    on_rds(&f);
    told.free = 5.0 * (double)GIB;
    rule_ticks(&f, 3, 2000);
    const struct finding *found = fixture_finding(fixture_findings(&f), "P35");
    assert_non_null(found);
    assert_true(says(found, "95 % full"));
    assert_int_equal(found->severity, VERDICT_CRIT);
    told.max_gib = 500;
    rule_ticks(&f, 60, 2000);
    found = fixture_finding(fixture_findings(&f), "P35");
    assert_int_equal(found->severity, VERDICT_WARN);
    assert_true(says(found, "grows by itself"));
    fixture_close(&f);
    fixture_open(&f);
    on_rds(&f);
    told.free = 0.4 * (double)GIB; /* it has not, though a tenth was left long ago */
    rule_ticks(&f, 3, 2000);
    found = fixture_finding(fixture_findings(&f), "P35");
    assert_non_null(found);
    assert_int_equal(found->severity, VERDICT_CRIT);
    assert_true(says(found, "99 % full")); /* not 100: something is left */
    fixture_close(&f);
}

static void edit_replica_level(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->pg.wal_level = "replica";
}

static void test_parameters_that_wait_for_a_reboot_are_the_advice(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    usual();
    told.group_status = "pending-reboot";
    on_rds(&f);
    f.edit[SOURCE_POSTGRES] = edit_replica_level;
    rule_ticks(&f, 3, 2000);
    const struct finding *found = fixture_finding(fixture_findings(&f), "P25");
    assert_non_null(found);
    assert_true(says(found, "reboot shop: its parameter group shop-pg17"));
    told.group_status = "in-sync";
    rule_ticks(&f, 3, 2000);
    found = fixture_finding(fixture_findings(&f), "P25");
    assert_false(says(found, "pending-reboot"));
    fixture_close(&f);
}

/* It waits for CloudWatch, and says so; without AWS it waits for nobody. */
static void test_the_disk_is_unanswered_without_cloudwatch(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    rule_ticks(&f, 3, 2000);
    struct findings all = fixture_findings(&f);
    for (size_t i = 0; i < all.nunanswered; i++)
        assert_true(strcmp(all.unanswered[i].id, "P35") != 0);
    on_rds(&f);
    usual();
    f.fails[SOURCE_CLOUDWATCH] = true;
    rule_ticks(&f, 3, 2000);
    all = fixture_findings(&f);
    bool told_so = false;
    for (size_t i = 0; i < all.nunanswered; i++)
        told_so = told_so || (strcmp(all.unanswered[i].id, "P35") == 0 &&
                              all.unanswered[i].source == SOURCE_CLOUDWATCH);
    assert_true(told_so);
    fixture_close(&f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_a_full_disk_is_a_range_with_the_age_of_its_figure),
        cmocka_unit_test(test_nearly_full_without_any_trend),
        cmocka_unit_test(test_a_refused_login_is_no_failover),
        cmocka_unit_test(test_parameters_that_wait_for_a_reboot_are_the_advice),
        cmocka_unit_test(test_the_disk_is_unanswered_without_cloudwatch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
