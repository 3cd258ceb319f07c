#include "report/json_aws.h"

#include "base/clock.h"

static void add_text(cJSON *o, const char *key, const char *s)
{
    if (s != NULL && s[0] != '\0')
        cJSON_AddStringToObject(o, key, s);
    else
        cJSON_AddNullToObject(o, key);
}

static void add_scaled(cJSON *o, const char *key, int64_t v, double unit)
{
    if (v != UNKNOWN)
        cJSON_AddNumberToObject(o, key, (double)v / unit);
    else
        cJSON_AddNullToObject(o, key);
}

static void add_time(cJSON *o, const char *key, int64_t ms)
{
    char buf[40];
    add_text(o, key, ms != UNKNOWN && ms > 0 ? clock_iso(ms, buf, sizeof(buf)) : NULL);
}

static void add_denied(cJSON *o, const struct aws_snap *aws)
{
    cJSON *list = cJSON_AddArrayToObject(o, "denied");
    for (size_t i = 0; i < aws->ndenied; i++) {
        const struct aws_denied *d = &aws->denied[i];
        cJSON *one = cJSON_CreateObject();
        cJSON_AddItemToArray(list, one);
        add_text(one, "service", d->service);
        add_text(one, "operation", d->operation);
        add_text(one, "action", d->action);
        add_text(one, "resource", d->resource);
        add_text(one, "message", d->message);
        add_time(one, "at", d->at_ms);
    }
}

static void add_calls(cJSON *o, const struct aws_snap *aws)
{
    cJSON *list = cJSON_AddArrayToObject(o, "calls");
    for (size_t i = 0; i < aws->nspent; i++) {
        const struct aws_spent *c = &aws->spent[i];
        cJSON *one = cJSON_CreateObject();
        cJSON_AddItemToArray(list, one);
        add_text(one, "service", c->service);
        add_text(one, "operation", c->operation);
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
    add_text(o, "account", aws->account);
    add_text(o, "arn", aws->arn);
    add_text(o, "region", aws->region);
    add_text(o, "partition", aws->partition);
    add_text(o, "credentials", aws->credentials);
    add_time(o, "credentials_end", aws->expires_ms);
    add_text(o, "refresh_error", aws->refresh_error);
    add_scaled(o, "skew_s", aws->skew_ms, 1000);
    add_denied(o, aws);
    add_calls(o, aws);
    add_time(o, "calls_since", aws->spent_since_ms);
    add_scaled(o, "usd_per_hour_est", aws->usd_micro_per_hour, 1e6);
}
