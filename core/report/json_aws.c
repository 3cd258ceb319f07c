#include "report/json_aws.h"

#include "report/json_put.h"

static void add_scaled(cJSON *o, const char *key, int64_t v, double unit)
{
    if (v != UNKNOWN)
        cJSON_AddNumberToObject(o, key, (double)v / unit);
    else
        cJSON_AddNullToObject(o, key);
}

static void add_denied(cJSON *o, const struct aws_snap *aws)
{
    cJSON *list = cJSON_AddArrayToObject(o, "denied");
    for (size_t i = 0; i < aws->ndenied; i++) {
        const struct aws_denied *d = &aws->denied[i];
        cJSON *one = json_put_item(list);
        json_put_text(one, "service", d->service);
        json_put_text(one, "operation", d->operation);
        json_put_text(one, "action", d->action);
        json_put_text(one, "resource", d->resource);
        json_put_text(one, "message", d->message);
        json_put_time_s(one, "at", d->at_ms);
    }
}

static void add_calls(cJSON *o, const struct aws_snap *aws)
{
    cJSON *list = cJSON_AddArrayToObject(o, "calls");
    for (size_t i = 0; i < aws->nspent; i++) {
        const struct aws_spent *c = &aws->spent[i];
        cJSON *one = json_put_item(list);
        json_put_text(one, "service", c->service);
        json_put_text(one, "operation", c->operation);
        cJSON_AddNumberToObject(one, "calls", (double)c->calls);
        cJSON_AddNumberToObject(one, "errors", (double)c->errors);
        cJSON_AddNumberToObject(one, "throttled", (double)c->throttled);
        cJSON_AddNumberToObject(one, "units", (double)c->units);
        add_scaled(one, "usd_est", c->usd_micro, 1e6);
    }
}

void json_aws_add(cJSON *root, const struct world *world, size_t index)
{
    const struct source_slot *slot = &world->pipelines[index].sources[SOURCE_AWS];
    if (!slot->configured || slot->snap == NULL)
        return;
    const struct aws_snap *aws = &slot->snap->aws;
    cJSON *o = cJSON_AddObjectToObject(root, "aws");
    json_put_text(o, "account", aws->account);
    json_put_text(o, "arn", aws->arn);
    json_put_text(o, "region", aws->region);
    json_put_text(o, "partition", aws->partition);
    json_put_text(o, "credentials", aws->credentials);
    json_put_time_s(o, "credentials_end", aws->expires_ms);
    json_put_text(o, "refresh_error", aws->refresh_error);
    add_scaled(o, "skew_s", aws->skew_ms, 1000);
    add_denied(o, aws);
    add_calls(o, aws);
    json_put_time_s(o, "calls_since", aws->spent_since_ms);
    add_scaled(o, "usd_per_hour_est", aws->usd_micro_per_hour, 1e6);
}
