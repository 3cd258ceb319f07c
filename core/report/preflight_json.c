#include "base/clock.h"
#include "base/json.h"
#include "report/preflight.h"

enum { PREFLIGHT_SCHEMA = 1 };

static void add_text(cJSON *o, const char *key, const char *s)
{
    if (s != NULL && s[0] != '\0')
        cJSON_AddStringToObject(o, key, s);
    else
        cJSON_AddNullToObject(o, key);
}

static cJSON *line_json(const struct preflight *in, const struct check_line *line)
{
    cJSON *o = cJSON_CreateObject();
    add_text(o, "id", line->id);
    add_text(o, "subject", line->subject);
    add_text(o, "hop", in->pipeline->hops[line->hop].title);
    add_text(o, "title", line->title);
    add_text(o, "object", line->object);
    add_text(o, "result", check_result_name(line->result));
    add_text(o, "evidence", line->evidence);
    add_text(o, "fix_kind", line->fix_kind != FIX_NONE ? check_fix_name(line->fix_kind) : NULL);
    add_text(o, "fix", line->fix);
    return o;
}

char *preflight_json(const struct preflight *in)
{
    char when[40];
    cJSON *root = cJSON_CreateObject();
    cJSON_AddNumberToObject(root, "schema", PREFLIGHT_SCHEMA);
    add_text(root, "time", clock_iso_ms(in->world->wall_ms, when, sizeof(when)));
    add_text(root, "pipeline", in->pipeline->name);
    add_text(root, "environment", in->pipeline->environment);
    add_text(root, "result", check_result_name(check_worst(&in->list)));
    cJSON *counts = cJSON_AddObjectToObject(root, "counts");
    for (int r = 0; r < RESULT_COUNT; r++)
        cJSON_AddNumberToObject(counts, check_result_name((enum check_result)r),
                                (double)in->list.counts[r]);
    cJSON *checks = cJSON_AddArrayToObject(root, "checks");
    for (size_t i = 0; i < in->list.count; i++)
        cJSON_AddItemToArray(checks, line_json(in, &in->list.lines[i]));
    char *text = cJSON_PrintUnformatted(root);
    cJSON_Delete(root);
    return text;
}
