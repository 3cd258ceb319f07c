#include "tests/unit/dms_rig.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *dms_sample(const char *name)
{
    struct strbuf sb;
    char path[200];
    (void)snprintf(path, sizeof(path), "tests/samples/aws/%s", name);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        fail_msg("%s is missing", path);
    strbuf_init(&sb, 1 << 20);
    char part[4096];
    size_t n;
    while ((n = fread(part, 1, sizeof(part), f)) > 0)
        strbuf_add(&sb, part, n);
    (void)fclose(f);
    return strbuf_take(&sb);
}

static const struct dms_rule *rule_of(const struct dms_rig *rig, const char *operation,
                                      const char *body)
{
    for (size_t i = 0; i < rig->nrules; i++) {
        const struct dms_rule *r = &rig->rules[i];
        if (strcmp(r->operation, operation) == 0 &&
            (r->having == NULL || strstr(body, r->having) != NULL))
            return r;
    }
    return NULL;
}

static void handle(struct fakehttp *server, int fd, const struct fakehttp_request *req, void *arg)
{
    struct dms_rig *rig = arg;
    char target[128];
    fakehttp_header(req, "X-Amz-Target", target, sizeof(target));
    const char *dot = strchr(target, '.');
    const char *operation = dot != NULL ? dot + 1 : "";
    if (rig->nseen < DMS_RIG_SEEN) {
        (void)snprintf(rig->seen[rig->nseen].operation, sizeof(rig->seen[0].operation), "%s",
                       operation);
        (void)snprintf(rig->seen[rig->nseen].body, sizeof(rig->seen[0].body), "%s", req->body);
        rig->nseen++;
    }
    const struct dms_rule *r = rule_of(rig, operation, req->body);
    if (r == NULL)
        fakehttp_answer(fd, 400, NULL,
                        "{\"__type\":\"InvalidParameterValueException\",\"message\":\"no rule\"}");
    else if (r->status == 0)
        fakehttp_hold(server, fd);
    else
        fakehttp_answer(fd, r->status, NULL, r->body);
}

static void add(struct dms_rig *rig, const char *operation, const char *having, const char *sample)
{
    char *body = dms_sample(sample);
    rig->samples[rig->nsamples++] = body;
    rig->rules[rig->nrules++] = (struct dms_rule){operation, having, 200, body};
}

void dms_rig_start(struct dms_rig *rig)
{
    *rig = (struct dms_rig){0};
    add(rig, "DescribeReplicationTasks", "page-2", "dms_tasks_2.json");
    add(rig, "DescribeReplicationTasks", NULL, "dms_tasks_1.json");
    add(rig, "DescribeReplications", NULL, "dms_replications.json");
    add(rig, "DescribeReplicationConfigs", NULL, "dms_configs.json");
    add(rig, "DescribeEndpoints", NULL, "dms_endpoints.json");
    add(rig, "DescribeReplicationInstances", NULL, "dms_instances.json");
    add(rig, "DescribeTableStatistics", NULL, "dms_tables.json");
    add(rig, "DescribeReplicationTableStatistics", NULL, "dms_replication_tables.json");
    rig->http = fakehttp_start(handle, rig);
    (void)snprintf(rig->url, sizeof(rig->url), "http://127.0.0.1:%d", fakehttp_port(rig->http));
    rig->cfg.aws = (struct aws_config){
        .region = mem_strdup("eu-west-3"),
        .access_key_id = mem_strdup("AKIDEXAMPLE"),
        .secret_access_key = mem_strdup("not-a-real-key"),
        .endpoint = mem_strdup(rig->url),
        .timeout_ms = 10000,
        .interval_ms = 20000,
    };
    rig->cfg.dms.tasks.items = mem_calloc(1, sizeof(char *));
    rig->cfg.dms.tasks.items[0] = mem_strdup("shop-*");
    rig->cfg.dms.tasks.count = 1;
    rig->aws = aws_open(&rig->cfg, -1);
}

void dms_rig_stop(struct dms_rig *rig)
{
    assert_true(aws_close(rig->aws, clock_mono_ms() + 120000));
    fakehttp_stop(rig->http);
    for (size_t i = 0; i < rig->nsamples; i++)
        free(rig->samples[i]);
    free(rig->cfg.aws.region);
    free(rig->cfg.aws.access_key_id);
    free(rig->cfg.aws.secret_access_key);
    free(rig->cfg.aws.endpoint);
    free(rig->cfg.dms.tasks.items[0]);
    free(rig->cfg.dms.tasks.items);
}

void dms_rig_set(struct dms_rig *rig, const char *operation, int status, const char *body)
{
    size_t n = 0;
    fakehttp_sync(rig->http);
    for (size_t i = 0; i < rig->nrules; i++) {
        if (strcmp(rig->rules[i].operation, operation) != 0)
            rig->rules[n++] = rig->rules[i];
    }
    rig->rules[n++] = (struct dms_rule){operation, NULL, status, body};
    rig->nrules = n;
}

int dms_rig_count(struct dms_rig *rig, const char *operation)
{
    int n = 0;
    fakehttp_sync(rig->http);
    for (size_t i = 0; i < rig->nseen; i++)
        n += strcmp(rig->seen[i].operation, operation) == 0;
    return n;
}

const char *dms_rig_last(struct dms_rig *rig, const char *operation)
{
    fakehttp_sync(rig->http);
    for (size_t i = rig->nseen; i > 0; i--) {
        if (strcmp(rig->seen[i - 1].operation, operation) == 0)
            return rig->seen[i - 1].body;
    }
    return "";
}
