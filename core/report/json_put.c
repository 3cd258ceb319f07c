#include "report/json_put.h"

#include "base/clock.h"

#include <math.h>

cJSON *json_put_item(cJSON *list)
{
    cJSON *o = cJSON_CreateObject();
    cJSON_AddItemToArray(list, o);
    return o;
}

void json_put_str(cJSON *o, const char *key, const char *s)
{
    if (s != NULL)
        cJSON_AddStringToObject(o, key, s);
    else
        cJSON_AddNullToObject(o, key);
}

void json_put_text(cJSON *o, const char *key, const char *s)
{
    json_put_str(o, key, s != NULL && s[0] != '\0' ? s : NULL);
}

void json_put_num(cJSON *o, const char *key, double v)
{
    if (isfinite(v))
        cJSON_AddNumberToObject(o, key, v);
    else
        cJSON_AddNullToObject(o, key);
}

void json_put_int(cJSON *o, const char *key, int64_t v)
{
    json_put_num(o, key, v == UNKNOWN ? NAN : (double)v);
}

void json_put_tri(cJSON *o, const char *key, enum tri v)
{
    if (v == TRI_UNKNOWN)
        cJSON_AddNullToObject(o, key);
    else
        cJSON_AddBoolToObject(o, key, v == TRI_YES);
}

static bool is_time(int64_t ms)
{
    return ms != UNKNOWN && ms > 0;
}

void json_put_time(cJSON *o, const char *key, int64_t ms)
{
    char buf[40];
    json_put_str(o, key, is_time(ms) ? clock_iso_ms(ms, buf, sizeof(buf)) : NULL);
}

void json_put_time_s(cJSON *o, const char *key, int64_t ms)
{
    char buf[40];
    json_put_str(o, key, is_time(ms) ? clock_iso(ms, buf, sizeof(buf)) : NULL);
}
