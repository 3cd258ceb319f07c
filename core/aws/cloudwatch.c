#include "aws/cloudwatch.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_MAX = 16 * 1024, MESSAGE_MAX = 300 };

/* ---- what is sent ---------------------------------------------------------------------------- */

static void put_dims(cJSON *parent, const struct kv *dims, size_t n)
{
    cJSON *list = cJSON_AddArrayToObject(parent, "Dimensions");
    for (size_t i = 0; i < n; i++) {
        cJSON *dim = cJSON_CreateObject();
        cJSON_AddStringToObject(dim, "Name", dims[i].key);
        cJSON_AddStringToObject(dim, "Value", dims[i].value);
        cJSON_AddItemToArray(list, dim);
    }
}

static char *printed(cJSON *body)
{
    char *text = cJSON_PrintUnformatted(body);
    cJSON_Delete(body);
    if (text == NULL)
        mem_fatal("out of memory");
    char *own = mem_strdup(text);
    cJSON_free(text);
    return own;
}

char *cw_list_body(const char *space, const struct kv *filter, const char *token)
{
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "Namespace", space);
    if (filter != NULL)
        put_dims(body, filter, 1);
    cJSON_AddStringToObject(body, "RecentlyActive", "PT3H");
    if (token != NULL)
        cJSON_AddStringToObject(body, "NextToken", token);
    return printed(body);
}

static cJSON *query_of(const struct cw_query *q, size_t id, int period_s)
{
    char name[24];
    cJSON *query = cJSON_CreateObject();
    (void)snprintf(name, sizeof(name), "m%zu", id);
    cJSON_AddStringToObject(query, "Id", name);
    cJSON *stat = cJSON_AddObjectToObject(query, "MetricStat");
    cJSON *metric = cJSON_AddObjectToObject(stat, "Metric");
    cJSON_AddStringToObject(metric, "Namespace", q->space);
    cJSON_AddStringToObject(metric, "MetricName", q->name);
    put_dims(metric, q->dims, q->ndims);
    cJSON_AddNumberToObject(stat, "Period", period_s);
    cJSON_AddStringToObject(stat, "Stat", q->stat);
    return query;
}

char *cw_data_body(const struct cw_query *queries, size_t n, int64_t start_ms, int64_t end_ms,
                   int period_s, const char *token)
{
    int64_t start_s = start_ms / 1000, end_s = end_ms / 1000;
    cJSON *body = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(body, "MetricDataQueries");
    for (size_t i = 0; i < n; i++)
        cJSON_AddItemToArray(list, query_of(&queries[i], i, period_s));
    cJSON_AddNumberToObject(body, "StartTime", (double)start_s);
    cJSON_AddNumberToObject(body, "EndTime", (double)end_s);
    cJSON_AddStringToObject(body, "ScanBy", "TimestampDescending");
    if (token != NULL)
        cJSON_AddStringToObject(body, "NextToken", token);
    return printed(body);
}

/* ---- what comes back ------------------------------------------------------------------------- */

static const char *token_of(const cJSON *root, struct arena *arena)
{
    const char *token = json_str(root, "NextToken", NULL);
    return token != NULL && token[0] != '\0' && strlen(token) <= TOKEN_MAX
               ? arena_strdup(arena, token)
               : NULL;
}

static void list_one(const cJSON *item, cw_list_visit *visit, void *arg)
{
    struct cw_listed m = {.space = json_str(item, "Namespace", ""),
                          .name = json_str(item, "MetricName", "")};
    const cJSON *dim;
    cJSON_ArrayForEach(dim, json_get(item, "Dimensions"))
    {
        if (m.ndims == CW_DIMENSIONS)
            return;
        m.dims[m.ndims++] = (struct kv){json_str(dim, "Name", ""), json_str(dim, "Value", "")};
    }
    visit(arg, &m);
}

bool cw_read_list(const char *body, size_t len, cw_list_visit *visit, void *arg,
                  struct arena *arena, const char **token, struct err *err)
{
    *token = NULL;
    cJSON *root = json_parse(body, len, err);
    if (root == NULL)
        return false;
    const cJSON *metrics = json_get(root, "Metrics"), *item;
    bool ok = cJSON_IsObject(root) && (metrics == NULL || cJSON_IsArray(metrics));
    if (ok) {
        cJSON_ArrayForEach(item, metrics) list_one(item, visit, arg);
        *token = token_of(root, arena);
    } else {
        err_set(err, ERR_PROTOCOL, 0, "ListMetrics answered without a list of metrics");
    }
    cJSON_Delete(root);
    return ok;
}

/* "m17" → 17; n: it is none of ours. */
static size_t index_of(const char *id, size_t n)
{
    char *end;
    if (id[0] != 'm' || id[1] < '0' || id[1] > '9')
        return n;
    unsigned long at = strtoul(id + 1, &end, 10);
    return *end == '\0' && at < n ? at : n;
}

/* Seconds since 1970; moto writes ISO-8601. */
static int64_t time_of(const cJSON *item)
{
    if (cJSON_IsNumber(item) && item->valuedouble > 0 && item->valuedouble < 1e11)
        return llround(item->valuedouble * 1000);
    return cJSON_IsString(item) ? clock_parse_iso(item->valuestring) : -1;
}

/* Into its place, the newest first. One that is there already is replaced: pages may overlap. */
static void add_point(struct cw_query *q, int64_t at_ms, double value)
{
    size_t at = 0;
    while (at < q->npoints && q->points[at].at_ms > at_ms)
        at++;
    if (at == CW_POINTS)
        return;
    if (at == q->npoints || q->points[at].at_ms != at_ms) {
        q->npoints += q->npoints < CW_POINTS;
        memmove(&q->points[at + 1], &q->points[at], (q->npoints - at - 1) * sizeof(q->points[0]));
    }
    q->points[at] = (struct cw_point){at_ms, value};
}

static enum cw_status status_of(const char *word)
{
    static const struct {
        const char *word;
        enum cw_status status;
    } words[] = {
        {"Complete",      CW_COMPLETE },
        {"PartialData",   CW_PARTIAL  },
        {"InternalError", CW_ERROR    },
        {"Forbidden",     CW_FORBIDDEN},
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(words[i].word, word) == 0)
            return words[i].status;
    }
    return CW_ERROR;
}

static void take_result(const cJSON *result, struct cw_query *q)
{
    const cJSON *times = json_get(result, "Timestamps"), *values = json_get(result, "Values");
    q->status = status_of(json_str(result, "StatusCode", "Complete"));
    if (!cJSON_IsArray(times) || !cJSON_IsArray(values))
        return;
    const cJSON *t = times->child, *v = values->child;
    for (; t != NULL && v != NULL; t = t->next, v = v->next) {
        int64_t at = time_of(t);
        if (at > 0 && cJSON_IsNumber(v) && isfinite(v->valuedouble))
            add_point(q, at, v->valuedouble);
    }
}

static const char *message_of(const cJSON *root, struct arena *arena)
{
    const cJSON *list = json_get(root, "Messages");
    const cJSON *first = cJSON_IsArray(list) ? list->child : NULL;
    if (first == NULL)
        return NULL;
    return arena_printf(arena, "%.60s: %.*s", json_str(first, "Code", "no code"), MESSAGE_MAX,
                        json_str(first, "Value", ""));
}

bool cw_read_data(const char *body, size_t len, struct cw_query *queries, size_t n,
                  struct arena *arena, const char **token, const char **message, struct err *err)
{
    *token = *message = NULL;
    cJSON *root = json_parse(body, len, err);
    if (root == NULL)
        return false;
    const cJSON *results = json_get(root, "MetricDataResults"), *result;
    bool ok = cJSON_IsArray(results);
    if (ok) {
        cJSON_ArrayForEach(result, results)
        {
            size_t at = index_of(json_str(result, "Id", ""), n);
            if (at < n)
                take_result(result, &queries[at]);
        }
        *token = token_of(root, arena);
        *message = message_of(root, arena);
    } else {
        err_set(err, ERR_PROTOCOL, 0, "GetMetricData answered without results");
    }
    cJSON_Delete(root);
    return ok;
}

bool cw_newest(const struct cw_query *query, const struct cw_point **now,
               const struct cw_point **before)
{
    *now = *before = NULL;
    if (query->npoints == 0)
        return false;
    *now = &query->points[0];
    for (size_t i = 1; i < query->npoints && *before == NULL; i++) {
        if (query->points[i].at_ms <= (*now)->at_ms - CW_TREND_MS)
            *before = &query->points[i];
    }
    return true;
}
