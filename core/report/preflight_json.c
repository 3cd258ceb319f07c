#include "base/clock.h"
#include "base/json.h"
#include "report/json_put.h"
#include "report/preflight.h"

enum { PREFLIGHT_SCHEMA = 1 };

static cJSON *line_json(const struct preflight *in, const struct check_line *line)
{
    cJSON *o = cJSON_CreateObject();
    json_put_text(o, "id", line->id);
    json_put_text(o, "subject", line->subject);
    json_put_text(o, "hop", in->pipeline->hops[line->hop].title);
    json_put_text(o, "title", line->title);
    json_put_text(o, "object", line->object);
    json_put_text(o, "result", check_result_name(line->result));
    json_put_text(o, "evidence", line->evidence);
    json_put_text(o, "fix_kind",
                  line->fix_kind != FIX_NONE ? check_fix_name(line->fix_kind) : NULL);
    json_put_text(o, "fix", line->fix);
    return o;
}

char *preflight_json(const struct preflight *in)
{
    char when[40];
    cJSON *root = cJSON_CreateObject();
    cJSON_AddNumberToObject(root, "schema", PREFLIGHT_SCHEMA);
    json_put_text(root, "time", clock_iso_ms(in->world->wall_ms, when, sizeof(when)));
    json_put_text(root, "pipeline", in->pipeline->name);
    json_put_text(root, "environment", in->pipeline->environment);
    json_put_text(root, "result", check_result_name(check_worst(&in->list)));
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
