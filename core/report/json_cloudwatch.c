#include "report/json_cloudwatch.h"

#include "model/metrics.h"
#include "report/json_put.h"

#include <math.h>

static const char *unit_of(const struct cw_metric *m)
{
    static const char *const words[] = {
        [UNIT_COUNT] = "count",         [UNIT_PERCENT] = "percent", [UNIT_BYTES] = "bytes",
        [UNIT_BYTES_PER_S] = "bytes/s", [UNIT_KB_PER_S] = "KB/s",   [UNIT_PER_S] = "1/s",
        [UNIT_SECONDS] = "seconds",     [UNIT_MS] = "milliseconds",
    };
    const struct metric_row *row = metric_find(m->space, m->name);
    return row != NULL ? words[row->unit] : "";
}

void json_cloudwatch_add(cJSON *root, const struct world *world, size_t index)
{
    const struct snapshot *snap = world_snap(world, index, SOURCE_CLOUDWATCH);
    int64_t now = world_server_now(world, index, SOURCE_CLOUDWATCH);
    cJSON *list = cJSON_AddArrayToObject(root, "cloudwatch");
    for (size_t i = 0; snap != NULL && i < snap->cloudwatch.nmetrics; i++) {
        const struct cw_metric *m = &snap->cloudwatch.metrics[i];
        int64_t age_ms = metric_age_ms(m, now);
        cJSON *o = json_put_item(list);
        cJSON_AddStringToObject(o, "namespace", m->space);
        cJSON_AddStringToObject(o, "metric", m->name);
        cJSON_AddStringToObject(o, "object", m->object);
        cJSON_AddStringToObject(o, "statistic", m->stat != NULL ? m->stat : "");
        cJSON_AddStringToObject(o, "unit", unit_of(m));
        json_put_num(o, "value", m->value);
        json_put_time_s(o, "time", m->at_ms);
        json_put_num(o, "age_s", age_ms == UNKNOWN ? NAN : (double)age_ms / 1000);
        json_put_num(o, "before", m->before);
        json_put_time_s(o, "before_time", m->before_ms);
    }
}

void json_s3_cost_add(cJSON *source, const struct s3_snap *s3)
{
    bool known = s3->usd_micro_per_hour != UNKNOWN && s3->usd_micro_per_hour > 0;
    cJSON_AddNumberToObject(source, "requests", (double)s3->requests);
    cJSON_AddNumberToObject(source, "keys_listed", (double)s3->keys);
    cJSON_AddNumberToObject(source, "requests_charged_to_reader", (double)s3->charged);
    json_put_num(source, "usd_per_hour_est", known ? (double)s3->usd_micro_per_hour / 1e6 : NAN);
}
