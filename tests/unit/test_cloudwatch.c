/* CloudWatch: its answers, the plan of what is asked for, and the source against a service on
 * loopback that pages, throttles, refuses, freezes and talks nonsense. */
#include "aws/aws.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "source/cloudwatch_plan.h"
#include "source/source.h"
#include "tests/check.h"
#include "tests/unit/fakehttp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE };

/* ---- answers --------------------------------------------------------------------------------- */

static bool read_data(struct arena *a, struct cw_query *q, size_t n, const char *body,
                      const char **token, const char **message)
{
    struct err err = ERR_INIT;
    bool ok = cw_read_data(body, strlen(body), q, n, a, token, message, &err);
    assert_true(ok || err.kind == ERR_PROTOCOL);
    return ok;
}

static void test_pages_come_together_newest_first(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct cw_query q[2] = {{0}};
    const struct cw_point *now, *before;
    const char *token, *message;
    assert_true(read_data(a, q, 2,
                          "{\"MetricDataResults\":[{\"Id\":\"m0\",\"StatusCode\":\"PartialData\","
                          "\"Timestamps\":[1795183380,1795183320],\"Values\":[7,6.5]},"
                          "{\"Id\":\"m7\",\"Timestamps\":[1],\"Values\":[1]}],\"NextToken\":\"t\"}",
                          &token, &message));
    assert_string_equal(token, "t");
    assert_int_equal(q[0].status, CW_PARTIAL);
    assert_true(read_data(a, q, 2,
                          "{\"MetricDataResults\":[{\"Id\":\"m0\",\"StatusCode\":\"Complete\","
                          "\"Timestamps\":[1795183320,1795182780,1.79518272E9],"
                          "\"Values\":[6.5,5,4]}],"
                          "\"Messages\":[{\"Code\":\"C\",\"Value\":\"v\"}]}",
                          &token, &message));
    assert_null(token);
    assert_string_equal(message, "C: v");
    assert_int_equal(q[0].status, CW_COMPLETE);
    assert_int_equal(q[0].npoints, 4);
    assert_true(cw_newest(&q[0], &now, &before));
    assert_true(now->value == 7 && now->at_ms == INT64_C(1795183380000));
    assert_true(before->value == 5 && before->at_ms == INT64_C(1795182780000)); /* ten minutes */
    /* Nothing came of the other: no value, and not 0. */
    assert_int_equal(q[1].status, CW_NONE);
    assert_false(cw_newest(&q[1], &now, &before));
    arena_free(a);
}

static void test_more_points_than_are_kept(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct cw_query q = {0};
    const char *token, *message;
    for (int i = 0; i < 3 * CW_POINTS; i++) {
        char *body = mem_printf("{\"MetricDataResults\":[{\"Id\":\"m0\",\"Timestamps\":[%d],"
                                "\"Values\":[%d]}]}",
                                1000 + i * 60, i);
        assert_true(read_data(a, &q, 1, body, &token, &message));
        free(body);
    }
    assert_int_equal(q.npoints, CW_POINTS);
    assert_true(q.points[0].value == 3 * CW_POINTS - 1);
    assert_true(q.points[CW_POINTS - 1].value == 2 * CW_POINTS);
    arena_free(a);
}

static void count_listed(void *arg, const struct cw_listed *m)
{
    *(size_t *)arg += m->ndims;
}

static void test_bad_bodies_are_no_answers(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "", "[]", "null", "<html>", "{\"MetricDataResults\":7}", "{\"Metrics\":{}}"};
    struct arena *a = arena_new();
    struct cw_query q = {0};
    const char *token, *message;
    size_t seen = 0;
    struct err err = ERR_INIT;
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        assert_false(read_data(a, &q, 1, bodies[i], &token, &message));
    for (size_t i = 0; i < 4; i++)
        assert_false(
            cw_read_list(bodies[i], strlen(bodies[i]), count_listed, &seen, a, &token, &err));
    /* Values that are none, ids that are not ours, times that cannot be. */
    assert_true(read_data(a, &q, 1,
                          "{\"MetricDataResults\":[7,null,{},{\"Id\":\"m0\",\"StatusCode\":\"New\","
                          "\"Timestamps\":[\"x\",-5,1e300,60],\"Values\":[1,2,3,null]},"
                          "{\"Id\":\"m00x\",\"Timestamps\":[60],\"Values\":[1]},"
                          "{\"Id\":\"m-1\",\"Timestamps\":[60],\"Values\":[1]}]}",
                          &token, &message));
    assert_int_equal(q.npoints, 0);
    assert_int_equal(q.status, CW_ERROR); /* a word that is new to us is no success */
    arena_free(a);
}

/* ---- the plan -------------------------------------------------------------------------------- */

static struct hints *hints_of(size_t connectors, bool database)
{
    struct hints *h = hints_new();
    struct hint_metrics *m = arena_array(h->arena, connectors + 1, sizeof(*m));
    for (size_t i = 0; i < connectors; i++) {
        const char *name = arena_printf(h->arena, "c-%zu", i);
        m[h->nmetrics++] = (struct hint_metrics){
            .space = SPACE_CONNECT, .object = name, .dims = {{"ConnectorName", name}}, .ndims = 1};
    }
    if (database)
        m[h->nmetrics++] = (struct hint_metrics){.space = SPACE_RDS,
                                                 .object = "orders",
                                                 .dims = {{"DBInstanceIdentifier", "orders"}},
                                                 .ndims = 1};
    h->metrics = m;
    return h;
}

static void test_the_budget_first_stretches_and_then_leaves_out(void **state)
{
    (void)state;
    struct cw_plan plan = {0};
    struct hints *h = hints_of(5, false); /* 60 metrics */
    assert_true(cw_plan_sync(&plan, h));
    assert_false(cw_plan_sync(&plan, h));
    size_t n = plan.count;
    cw_plan_budget(&plan, MINUTE, (int64_t)n * 60);
    assert_int_equal(plan.every_ms, MINUTE);
    assert_int_equal(plan.used, n);
    cw_plan_budget(&plan, MINUTE, (int64_t)n * 30); /* half of that: half as often */
    assert_int_equal(plan.every_ms, 2 * MINUTE);
    assert_int_equal(plan.used, n);
    cw_plan_budget(&plan, MINUTE, (int64_t)n * 6); /* every five minutes, half of them */
    assert_int_equal(plan.every_ms, 5 * MINUTE);
    assert_int_equal(plan.used, n / 2);
    /* What rules rest on is kept: it stands first. */
    assert_int_equal(plan.items[0].row->rank, 1);
    assert_int_equal(plan.items[n - 1].row->rank, 3);
    cw_plan_budget(&plan, MINUTE, 4); /* one every quarter of an hour */
    assert_int_equal(plan.every_ms, 15 * MINUTE);
    assert_int_equal(plan.used, 1);
    for (int64_t per_hour = 1; per_hour < 5000; per_hour++) {
        cw_plan_budget(&plan, 20 * 1000, per_hour);
        assert_true(plan.used > 0 && plan.every_ms >= 20 * 1000);
        assert_true((int64_t)plan.used * HOUR <= per_hour * plan.every_ms);
    }
    hints_free(h);
    cw_plan_free(&plan);
}

static void test_what_is_not_listed_is_not_asked_for(void **state)
{
    (void)state;
    struct cw_plan plan = {0};
    struct hints *h = hints_of(2, false);
    assert_true(cw_plan_sync(&plan, h));
    assert_int_equal(plan.nfilters, 2);
    struct cw_listed seen = {SPACE_CONNECT, "CpuUtilization", {{"ConnectorName", "c-0"}}, 1};
    cw_plan_seen(&plan, &seen);
    seen.dims[1] = (struct kv){"TaskId", "1"}; /* another thing */
    seen.name = "WorkerCount";
    seen.ndims = 2;
    cw_plan_seen(&plan, &seen);
    cw_plan_listed(&plan, &plan.filters[0]);
    size_t first = cw_plan_next(&plan, 0);
    cw_plan_budget(&plan, MINUTE, 1000000);
    /* One of c-0, and all of c-1, which nobody listed so far. */
    assert_int_equal(plan.wanted, plan.count / 2 + 1);
    assert_true(first < plan.count);
    /* Figures that are known stay when another connector comes. */
    plan.items[first].value = 42;
    const struct metric_row *row = plan.items[first].row;
    char *object = mem_strdup(plan.items[first].object);
    hints_free(h);
    h = hints_of(40, false);
    assert_true(cw_plan_sync(&plan, h));
    size_t kept = 0;
    for (size_t i = 0; i < plan.count; i++)
        kept += plan.items[i].row == row && strcmp(plan.items[i].object, object) == 0 &&
                plan.items[i].value == 42;
    assert_int_equal(kept, 1);
    assert_int_equal(plan.nfilters, 1); /* so many are one listing of the whole space */
    assert_null(plan.filters[0].dim.key);
    free(object);
    hints_free(h);
    cw_plan_free(&plan);
    cw_plan_free(&plan);
}

/* ---- what is found by its value -------------------------------------------------------------- */

/* A serverless replication "orders" of the ID "ABCD", and one whose ID is "orders". */
static struct hints *hints_of_replications(void)
{
    static const struct hint_metrics both[] = {
        {.space = SPACE_DMS, .object = "arn-1", .values = {"1:ABCD", "1:orders", "ABCD", "orders"}},
        {.space = SPACE_DMS,
         .object = "arn-2",
         .values = {"1:orders", "1:second", "orders", "second"}                                   },
    };
    struct hints *h = hints_new();
    h->metrics = both;
    h->nmetrics = ARRAY_LEN(both);
    return h;
}

static const struct cw_item *item_of(const struct cw_plan *plan, const char *name,
                                     const char *object)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (strcmp(plan->items[i].row->name, name) == 0 &&
            strcmp(plan->items[i].object, object) == 0)
            return &plan->items[i];
    }
    fail_msg("no item %s of %s", name, object);
    return NULL;
}

static void see(struct cw_plan *plan, const char *name, const char *dim, const char *value)
{
    const struct cw_listed m = {SPACE_DMS, name, {{dim, value}}, 1};
    cw_plan_seen(plan, &m);
}

static void test_a_dimension_that_nobody_publishes_is_found_by_its_value(void **state)
{
    (void)state;
    static const char latency[] = "CDCLatencyTarget";
    struct cw_plan plan = {0};
    struct hints *h = hints_of_replications();
    assert_true(cw_plan_sync(&plan, h));
    assert_int_equal(plan.nfilters, 1); /* all of the space */
    assert_null(plan.filters[0].dim.key);
    /* Not known how to ask for them: nothing is asked, whatever the budget. */
    cw_plan_budget(&plan, MINUTE, 1000000);
    assert_int_equal(plan.wanted, 0);
    assert_int_equal(cw_plan_next(&plan, 0), plan.count);
    assert_true(cw_plan_waits(&plan));
    /* An instance of that name, and a metric that is not asked for, are others. */
    see(&plan, "CPUUtilization", "ReplicationInstanceIdentifier", "orders");
    see(&plan, "NewOfNextYear", "ReplicationConfigId", "1:ABCD");
    assert_int_equal(item_of(&plan, "CPUUtilization", "arn-1")->ndims, 0);
    assert_int_equal(item_of(&plan, "CPUUtilization", "arn-2")->ndims, 0);
    /* What is the name of one and the ID of the other is the other's. */
    see(&plan, latency, "ReplicationConfigId", "1:orders");
    assert_int_equal(item_of(&plan, latency, "arn-1")->ndims, 0);
    const struct cw_item *item = item_of(&plan, latency, "arn-2");
    assert_int_equal(item->listed, TRI_YES);
    assert_string_equal(item->dims[0].key, "ReplicationConfigId");
    assert_string_equal(item->dims[0].value, "1:orders");
    see(&plan, latency, "WhateverItIsCalled", "ABCD");
    assert_string_equal(item_of(&plan, latency, "arn-1")->dims[0].key, "WhateverItIsCalled");
    /* The surer value has it, whichever comes first. */
    see(&plan, latency, "ReplicationConfigId", "1:ABCD");
    see(&plan, latency, "WhateverItIsCalled", "ABCD");
    assert_string_equal(item_of(&plan, latency, "arn-1")->dims[0].key, "ReplicationConfigId");
    cw_plan_listed(&plan, &plan.filters[0]);
    cw_plan_budget(&plan, MINUTE, 1000000);
    assert_int_equal(plan.wanted, 2);
    hints_free(h);
    cw_plan_free(&plan);
}

/* What was found goes on being asked for when others come, and until a listing lacks it. */
static void test_what_was_found_by_its_value_is_kept(void **state)
{
    (void)state;
    static const char latency[] = "CDCLatencyTarget";
    struct cw_plan plan = {0};
    struct hints *h = hints_of_replications();
    assert_true(cw_plan_sync(&plan, h));
    see(&plan, latency, "ReplicationConfigId", "1:ABCD");
    size_t at = (size_t)(item_of(&plan, latency, "arn-1") - plan.items);
    plan.items[at].value = 7;
    assert_false(cw_plan_sync(&plan, h));
    h->nmetrics = 1; /* the second is gone */
    assert_true(cw_plan_sync(&plan, h));
    const struct cw_item *item = item_of(&plan, latency, "arn-1");
    assert_string_equal(item->dims[0].value, "1:ABCD");
    assert_true(item->value == 7);
    assert_true(cw_plan_next(&plan, 0) < plan.count);
    for (size_t i = 0; i < plan.count; i++) /* listed anew */
        plan.items[i].listed = TRI_UNKNOWN;
    see(&plan, latency, "ReplicationConfigId", "1:ABCD");
    assert_true(item_of(&plan, latency, "arn-1")->value == 7);
    for (size_t i = 0; i < plan.count; i++)
        plan.items[i].listed = TRI_UNKNOWN;
    cw_plan_listed(&plan, &plan.filters[0]);
    assert_int_equal(cw_plan_next(&plan, 0), plan.count);
    /* Under another dimension it is another series: nothing of the one before is shown as its. */
    see(&plan, latency, "Another", "1:ABCD");
    assert_true(isnan(item_of(&plan, latency, "arn-1")->value));
    hints_free(h);
    cw_plan_free(&plan);
}

/* ---- the source ------------------------------------------------------------------------------ */

struct rig {
    struct fakehttp *http;
    struct pipeline_config cfg;
    struct aws *aws;
    struct hints *hints;
    void *self;
    int stop_fd;
    char url[64];
    /* How it answers; to be changed after fakehttp_sync. */
    int list_status, data_status; /* 0: never */
    const char *error;            /* body of what is not 200 */
    const char *garbage;          /* body of a 200 */
    const char *status;           /* StatusCode of every metric */
    size_t per_page;              /* results of one page */
    const char *silent;           /* a metric without datapoints */
    bool list_nothing;
    double value;
    /* What was asked for. */
    int lists, datas;
    size_t queries; /* of the latest first page */
    bool sane;      /* every request was as it should be */
};

static void answer_list(struct rig *rig, int fd, const cJSON *root)
{
    const char *space = json_str(root, "Namespace", "");
    const cJSON *filter = cJSON_GetArrayItem(json_get(root, "Dimensions"), 0);
    const char *token = json_str(root, "NextToken", NULL);
    struct strbuf sb;
    rig->lists++;
    rig->sane = rig->sane && strcmp(json_str(root, "RecentlyActive", ""), "PT3H") == 0;
    strbuf_init(&sb, 1 << 20);
    strbuf_puts(&sb, "{\"Metrics\":[");
    bool first = true;
    for (size_t i = 0; !rig->list_nothing && i < metric_rows_count; i++) {
        const struct metric_row *row = &metric_rows[i];
        /* The second half comes with the second page. */
        if (strcmp(row->space, space) != 0 || row->dims[1] != NULL || filter == NULL ||
            (i % 2 == 0) != (token == NULL))
            continue;
        strbuf_printf(&sb,
                      "%s{\"Namespace\":\"%s\",\"MetricName\":\"%s\",\"Dimensions\":[{\"Name\":"
                      "\"%s\",\"Value\":\"%s\"}]}",
                      first ? "" : ",", space, row->name, json_str(filter, "Name", ""),
                      json_str(filter, "Value", ""));
        first = false;
    }
    strbuf_puts(&sb, token == NULL ? "],\"NextToken\":\"second\"}" : "]}");
    fakehttp_answer(fd, 200, "Content-Type: application/x-amz-json-1.0\r\n", sb.text);
    strbuf_free(&sb);
}

static void answer_data(struct rig *rig, int fd, const cJSON *root)
{
    const cJSON *queries = json_get(root, "MetricDataQueries");
    const char *token = json_str(root, "NextToken", "0");
    size_t from = (size_t)strtoul(token, NULL, 10), n = (size_t)cJSON_GetArraySize(queries);
    int64_t end = json_int(root, "EndTime", 0);
    struct strbuf sb;
    rig->datas++;
    if (from == 0)
        rig->queries = n;
    rig->sane = rig->sane && n > 0 && n <= CW_QUERIES && end % 60 == 0 &&
                json_int(root, "StartTime", 0) < end;
    strbuf_init(&sb, 8 << 20);
    strbuf_puts(&sb, "{\"MetricDataResults\":[");
    size_t i = from;
    for (; i < n && i < from + rig->per_page; i++) {
        const cJSON *q = cJSON_GetArrayItem(queries, (int)i);
        const cJSON *metric = json_get(json_get(q, "MetricStat"), "Metric");
        bool silent =
            rig->silent != NULL && strcmp(json_str(metric, "MetricName", ""), rig->silent) == 0;
        strbuf_printf(&sb, "%s{\"Id\":\"%s\",\"StatusCode\":\"%s\",", i > from ? "," : "",
                      json_str(q, "Id", ""), rig->status);
        if (silent || strcmp(rig->status, "Complete") != 0)
            strbuf_puts(&sb, "\"Timestamps\":[],\"Values\":[]}");
        else
            strbuf_printf(&sb, "\"Timestamps\":[%lld,%lld],\"Values\":[%g,1]}",
                          (long long)end - 180, (long long)end - 900, rig->value);
    }
    strbuf_puts(&sb, "]");
    if (i < n)
        strbuf_printf(&sb, ",\"NextToken\":\"%zu\"", i);
    strbuf_puts(&sb, "}");
    fakehttp_answer(fd, 200, "Content-Type: application/x-amz-json-1.0\r\n", sb.text);
    strbuf_free(&sb);
}

static void handle(struct fakehttp *server, int fd, const struct fakehttp_request *req, void *arg)
{
    struct rig *rig = arg;
    char target[128];
    fakehttp_header(req, "x-amz-target", target, sizeof(target));
    bool list = strcmp(target, "GraniteServiceVersion20100801.ListMetrics") == 0;
    rig->sane =
        rig->sane && (list || strcmp(target, "GraniteServiceVersion20100801.GetMetricData") == 0);
    int status = list ? rig->list_status : rig->data_status;
    if (status == 0) {
        fakehttp_hold(server, fd);
        return;
    }
    if (status != 200 || rig->garbage != NULL) {
        rig->lists += list;
        rig->datas += !list;
        fakehttp_answer(fd, status, NULL, status != 200 ? rig->error : rig->garbage);
        return;
    }
    cJSON *root = json_parse(req->body, strlen(req->body), NULL);
    (list ? answer_list : answer_data)(rig, fd, root);
    cJSON_Delete(root);
}

static void setup(struct rig *rig)
{
    *rig = (struct rig){.list_status = 200,
                        .data_status = 200,
                        .status = "Complete",
                        .per_page = 1000,
                        .value = 42,
                        .sane = true,
                        .stop_fd = eventfd(0, 0)};
    rig->http = fakehttp_start(handle, rig);
    (void)snprintf(rig->url, sizeof(rig->url), "http://127.0.0.1:%d", fakehttp_port(rig->http));
    rig->cfg.aws = (struct aws_config){.region = mem_strdup("eu-west-3"),
                                       .access_key_id = mem_strdup("AKIDEXAMPLE"),
                                       .secret_access_key = mem_strdup("not-a-real-key"),
                                       .endpoint = mem_strdup(rig->url),
                                       .timeout_ms = 20000};
    rig->cfg.rds.instance = mem_strdup("shop");
    rig->cfg.msk.cluster = mem_strdup("");
    /* So short that every poll is a round. */
    rig->cfg.cloudwatch =
        (struct cloudwatch_config){.interval_ms = 1, .metrics_per_hour = INT64_C(100000000000)};
    rig->aws = aws_open(&rig->cfg, rig->stop_fd);
    rig->hints = hints_of(1, true);
    rig->self = source_cloudwatch.open(&rig->cfg, NULL);
}

static void teardown(struct rig *rig)
{
    source_cloudwatch.close(rig->self);
    (void)eventfd_write(rig->stop_fd, 1);
    assert_true(aws_close(rig->aws, clock_mono_ms() + 120000));
    fakehttp_stop(rig->http);
    hints_free(rig->hints);
    (void)close(rig->stop_fd);
    free(rig->cfg.aws.region);
    free(rig->cfg.aws.access_key_id);
    free(rig->cfg.aws.secret_access_key);
    free(rig->cfg.aws.endpoint);
    free(rig->cfg.rds.instance);
    free(rig->cfg.msk.cluster);
}

static struct snapshot *poll_for(struct rig *rig, int64_t ms, struct err *err)
{
    struct poll_ctx ctx = {.deadline_ms = clock_mono_ms() + ms,
                           .stop_fd = rig->stop_fd,
                           .hints = rig->hints,
                           .aws = rig->aws};
    (void)usleep(3000); /* past the interval */
    struct snapshot *snap = source_cloudwatch.poll(rig->self, &ctx, err);
    fakehttp_sync(rig->http);
    return snap;
}

static struct snapshot *poll_well(struct rig *rig)
{
    struct err err = ERR_INIT;
    struct snapshot *snap = poll_for(rig, 20000, &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    return snap;
}

static const struct cw_metric *figure(const struct snapshot *snap, const char *space,
                                      const char *name, const char *object)
{
    return cloudwatch_find(&snap->cloudwatch, space, name, object);
}

static bool noted(const struct snapshot *snap, const char *part)
{
    for (size_t i = 0; i < snap->notes.count; i++) {
        if (strstr(snap->notes.items[i].what, part) != NULL)
            return true;
    }
    return false;
}

static void test_figures_come_with_their_own_time(void **state)
{
    (void)state;
    struct rig rig;
    setup(&rig);
    rig.silent = "WorkerCount";
    struct snapshot *snap = poll_well(&rig);
    const struct cw_metric *m = figure(snap, SPACE_RDS, "FreeStorageSpace", "orders");
    assert_non_null(m);
    assert_true(m->value == 42 && m->before == 1);
    assert_int_equal(m->at_ms - m->before_ms, 12 * MINUTE);
    int64_t age = metric_age_ms(m, snap->server_ms);
    assert_true(age >= 3 * MINUTE && age < 6 * MINUTE);
    assert_string_equal(m->stat, "Minimum");
    assert_non_null(figure(snap, SPACE_CONNECT, "CpuUtilization", "c-0"));
    /* No datapoint: no figure, above all no 0. */
    assert_null(figure(snap, SPACE_CONNECT, "WorkerCount", "c-0"));
    assert_int_equal(rig.lists, 4); /* two objects, two pages each */
    assert_int_equal(rig.datas, 1);
    assert_true(rig.sane);
    assert_int_equal(snap->notes.count, 0);
    assert_int_equal(snap->cloudwatch.left_out, 0);
    assert_int_equal(snap->cloudwatch.objects, rig.hints->nmetrics); /* of all of them */
    snapshot_free(snap);
    /* What there is is not listed again with every poll. */
    rig.value = 43;
    snap = poll_well(&rig);
    assert_int_equal(rig.lists, 4);
    assert_true(figure(snap, SPACE_CONNECT, "CpuUtilization", "c-0")->value == 43);
    snapshot_free(snap);
    teardown(&rig);
}

static void test_the_figures_asked_for_are_counted_as_cost(void **state)
{
    (void)state;
    struct rig rig;
    struct arena *a = arena_new();
    struct aws_snap facts;
    setup(&rig);
    rig.per_page = 7;
    struct snapshot *snap = poll_well(&rig);
    assert_true(rig.datas > 2);
    assert_non_null(figure(snap, SPACE_CONNECT, "CpuUtilization", "c-0"));
    aws_facts(rig.aws, a, &facts);
    int64_t units = 0;
    for (size_t i = 0; i < facts.nspent; i++) {
        if (strcmp(facts.spent[i].operation, "GetMetricData") == 0)
            units = facts.spent[i].units;
    }
    assert_true(units >= (int64_t)rig.queries);
    snapshot_free(snap);
    arena_free(a);
    teardown(&rig);
}

static void test_a_budget_is_kept_and_said(void **state)
{
    (void)state;
    struct rig rig;
    setup(&rig);
    rig.cfg.cloudwatch = (struct cloudwatch_config){.interval_ms = MINUTE, .metrics_per_hour = 60};
    struct snapshot *snap = poll_well(&rig);
    assert_int_equal(rig.queries, 5); /* each five minutes */
    assert_true(snap->cloudwatch.left_out > 0);
    assert_int_equal(snap->cloudwatch.asked_per_hour, 60);
    assert_true(noted(snap, "left out"));
    snapshot_free(snap);
    /* The next polls answer from what is kept. */
    for (int i = 0; i < 3; i++) {
        snap = poll_well(&rig);
        assert_int_equal(snap->cloudwatch.nmetrics, 5);
        snapshot_free(snap);
    }
    assert_int_equal(rig.datas, 1);
    /* Something new is asked for at once, alone. */
    rig.cfg.cloudwatch.metrics_per_hour = 6000;
    hints_free(rig.hints);
    rig.hints = hints_of(2, true);
    size_t all = rig.queries;
    snapshot_free(poll_well(&rig));
    assert_int_equal(rig.datas, 2);
    assert_true(rig.queries > all);
    size_t new_ones = rig.queries;
    hints_free(rig.hints);
    rig.hints = hints_of(3, true);
    snapshot_free(poll_well(&rig));
    assert_int_equal(rig.datas, 3);
    assert_true(rig.queries < new_ones);
    teardown(&rig);
}

static void test_throttled_is_asked_later(void **state)
{
    (void)state;
    struct rig rig;
    struct err err = ERR_INIT;
    setup(&rig);
    snapshot_free(poll_well(&rig));
    rig.data_status = 409;
    rig.error = "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}";
    assert_null(poll_for(&rig, 2000, &err));
    int datas = rig.datas;
    err_clear(&err);
    /* While it rests the error stands, and nobody is asked. */
    assert_null(poll_for(&rig, 2000, &err));
    assert_int_equal(rig.datas, datas);
    assert_true(err.kind != ERR_NONE);
    teardown(&rig);
}

static void test_what_may_not_be_listed_is_asked_for_all_the_same(void **state)
{
    (void)state;
    struct rig rig;
    setup(&rig);
    rig.list_status = 403;
    rig.error =
        "{\"__type\":\"AccessDeniedException\",\"message\":\"User: arn:aws:iam::1:user/u is "
        "not authorized to perform: cloudwatch:ListMetrics\"}";
    struct snapshot *snap = poll_well(&rig);
    assert_non_null(figure(snap, SPACE_CONNECT, "CpuUtilization", "c-0"));
    assert_true(noted(snap, "it is not known which figures there are"));
    assert_int_equal(rig.lists, 1);
    snapshot_free(snap);
    teardown(&rig);
}

static void test_denied_is_an_error_and_forbidden_a_gap(void **state)
{
    (void)state;
    struct rig rig;
    struct err err = ERR_INIT;
    setup(&rig);
    rig.data_status = 403;
    rig.error =
        "{\"__type\":\"AccessDeniedException\",\"message\":\"User: arn:aws:iam::1:user/u is "
        "not authorized to perform: cloudwatch:GetMetricData\"}";
    assert_null(poll_for(&rig, 5000, &err));
    assert_non_null(strstr(err.text, "cloudwatch:GetMetricData"));
    rig.data_status = 200;
    rig.status = "Forbidden";
    struct snapshot *snap = poll_well(&rig);
    assert_int_equal(snap->cloudwatch.nmetrics, 0);
    assert_true(noted(snap, "Forbidden"));
    snapshot_free(snap);
    rig.status = "Complete";
    snap = poll_well(&rig);
    size_t n = snap->cloudwatch.nmetrics;
    assert_true(n > 0);
    snapshot_free(snap);
    /* What CloudWatch could not tell this time keeps its figure, with the figure's own time. */
    rig.status = "InternalError";
    snap = poll_well(&rig);
    assert_int_equal(snap->cloudwatch.nmetrics, n);
    assert_true(noted(snap, "InternalError"));
    snapshot_free(snap);
    teardown(&rig);
}

static void test_frozen_and_garbage_end_as_errors(void **state)
{
    (void)state;
    static const char *const bodies[] = {"", "<html>busy</html>",
                                         "{\"MetricDataResults\":", "\x01\x02\xff", "[]"};
    struct rig rig;
    struct err err = ERR_INIT;
    setup(&rig);
    rig.list_status = rig.data_status = 0;
    assert_null(poll_for(&rig, 700, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    rig.list_status = rig.data_status = 200;
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        rig.garbage = bodies[i];
        err_clear(&err);
        assert_null(poll_for(&rig, 5000, &err));
        assert_int_equal(err.kind, ERR_PROTOCOL);
    }
    rig.garbage = NULL;
    struct snapshot *snap = poll_well(&rig);
    assert_true(snap->cloudwatch.nmetrics > 0);
    snapshot_free(snap);
    teardown(&rig);
}

static void test_silence_is_told_also_with_nothing_to_ask_for(void **state)
{
    (void)state;
    struct rig rig;
    struct err err = ERR_INIT;
    setup(&rig);
    hints_free(rig.hints);
    rig.hints = NULL;
    rig.list_status = 0;
    assert_null(poll_for(&rig, 500, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    /* It is not fresh while it rests, and well again as soon as there is something to ask for. */
    err_clear(&err);
    assert_null(poll_for(&rig, 500, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    rig.list_status = 200;
    rig.hints = hints_of(1, false);
    struct snapshot *snap = poll_well(&rig);
    assert_true(snap->cloudwatch.nmetrics > 0);
    snapshot_free(snap);
    teardown(&rig);
}

static void test_nothing_to_ask_for_is_only_tried(void **state)
{
    (void)state;
    struct rig rig;
    setup(&rig);
    hints_free(rig.hints);
    rig.hints = NULL;
    struct snapshot *snap = poll_well(&rig);
    assert_int_equal(snap->cloudwatch.nmetrics, 0);
    assert_int_equal(snap->every_ms, 0); /* it looks again at every interval */
    assert_int_equal(rig.lists, 1);      /* whether it answers */
    assert_int_equal(rig.datas, 0);
    snapshot_free(snap);
    snapshot_free(poll_well(&rig));
    assert_int_equal(rig.lists, 1);
    rig.hints = hints_of(1, false);
    rig.list_nothing = true;
    snap = poll_well(&rig);
    assert_int_equal(rig.datas, 0); /* there are no such metrics */
    snapshot_free(snap);
    teardown(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_come_together_newest_first),
        cmocka_unit_test(test_more_points_than_are_kept),
        cmocka_unit_test(test_bad_bodies_are_no_answers),
        cmocka_unit_test(test_the_budget_first_stretches_and_then_leaves_out),
        cmocka_unit_test(test_what_is_not_listed_is_not_asked_for),
        cmocka_unit_test(test_a_dimension_that_nobody_publishes_is_found_by_its_value),
        cmocka_unit_test(test_what_was_found_by_its_value_is_kept),
        cmocka_unit_test(test_figures_come_with_their_own_time),
        cmocka_unit_test(test_the_figures_asked_for_are_counted_as_cost),
        cmocka_unit_test(test_a_budget_is_kept_and_said),
        cmocka_unit_test(test_throttled_is_asked_later),
        cmocka_unit_test(test_what_may_not_be_listed_is_asked_for_all_the_same),
        cmocka_unit_test(test_denied_is_an_error_and_forbidden_a_gap),
        cmocka_unit_test(test_frozen_and_garbage_end_as_errors),
        cmocka_unit_test(test_nothing_to_ask_for_is_only_tried),
        cmocka_unit_test(test_silence_is_told_also_with_nothing_to_ask_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
