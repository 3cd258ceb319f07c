/* reel_head.c: the header of a recording: whose it is. */
#include "base/json.h"
#include "base/mem.h"
#include "config/options.h"
#include "record/record.h"
#include "record/reel_int.h"

#include <stdlib.h>
#include <string.h>

static const int64_t time_max = INT64_C(1) << 53;

/* What this version does not know, or holds to be wrong, is as by default. */
static void read_option(struct pipeline_config *pc, const struct option *o, const cJSON *value)
{
    const char *why = NULL;
    if (cJSON_IsString(value) && !options_is_list(o)) {
        (void)options_set(o, pc, value->valuestring, &why);
        return;
    }
    if (!cJSON_IsArray(value) || !options_is_list(o))
        return;
    options_clear(o, pc);
    const cJSON *item;
    cJSON_ArrayForEach(item, value)
    {
        if (cJSON_IsString(item))
            (void)options_append(o, pc, item->valuestring, &why);
    }
}

static void read_options(struct pipeline_config *pc, const cJSON *all)
{
    for (size_t i = 0; i < options_count; i++) {
        const struct option *o = &options[i];
        const struct option_section_info *section = &option_sections[o->section];
        const cJSON *value = json_get(json_get(all, section->name), o->key);
        if (value != NULL && section->per_pipeline && (o->flags & OPTION_SECRET) == 0)
            read_option(pc, o, value);
    }
}

static void replace(char **field, const char *text)
{
    free(*field);
    *field = mem_strdup(text);
}

static bool read_pipeline(struct reel *reel, struct config *config, size_t i, const cJSON *item,
                          struct err *err)
{
    struct pipeline_config *pc = &config->pipelines[i];
    const char *name = json_str(item, "name", NULL);
    if (name == NULL || name[0] == '\0')
        return err_set(err, ERR_PROTOCOL, 0, "line 1: a pipeline without a name");
    read_options(pc, json_get(item, "options"));
    replace(&pc->name, name);
    replace(&pc->environment, json_str(item, "environment", ""));
    const cJSON *source;
    cJSON_ArrayForEach(source, json_get(item, "sources"))
    {
        for (int k = 0; k < SOURCE_KIND_COUNT; k++)
            if (cJSON_IsString(source) &&
                strcmp(source->valuestring, source_kind_name((enum source_kind)k)) == 0)
                reel->asked[i][k] = true;
    }
    return true;
}

static bool read_pipelines(struct reel *reel, struct config *config, const cJSON *list,
                           struct err *err)
{
    int n = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
    if (n < 1 || n > RECORD_PIPELINES_MAX)
        return err_set(err, ERR_PROTOCOL, 0, "line 1: no pipelines, or more than %d",
                       RECORD_PIPELINES_MAX);
    for (size_t i = 0; i < config->npipelines; i++)
        options_free(true, &config->pipelines[i]);
    free(config->pipelines);
    config->npipelines = (size_t)n;
    config->pipelines = mem_calloc(config->npipelines, sizeof(*config->pipelines));
    reel->asked = mem_calloc(config->npipelines, sizeof(*reel->asked));
    for (size_t i = 0; i < config->npipelines; i++)
        options_defaults(true, &config->pipelines[i]);
    size_t i = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (!read_pipeline(reel, config, i++, item, err))
            return false;
    }
    return true;
}

bool reel_read_head(struct reel *reel, struct config *config, const cJSON *head, struct err *err)
{
    if (strcmp(json_str(head, "cdctop", ""), "recording") != 0)
        return err_set(err, ERR_PROTOCOL, 0, "this is no recording of cdctop");
    if (json_int(head, "schema", 0) != RECORD_SCHEMA)
        return err_set(err, ERR_UNSUPPORTED, 0,
                       "a recording of schema %d, and this program reads schema %d",
                       (int)json_int(head, "schema", 0), RECORD_SCHEMA);
    reel->mono_ms = json_int(head, "mono_ms", -1);
    reel->wall_ms = json_int(head, "wall_ms", -1);
    reel->interval_ms = json_int(head, "interval_ms", 2000);
    reel->redacted = json_bool(head, "redacted", false);
    if (reel->mono_ms < 0 || reel->mono_ms > time_max || reel->wall_ms < 0 ||
        reel->wall_ms > time_max || reel->interval_ms < 100 || reel->interval_ms > 3600000)
        return err_set(err, ERR_PROTOCOL, 0, "line 1: the clocks are missing or not possible");
    config->interval_ms = reel->interval_ms;
    return read_pipelines(reel, config, json_get(head, "pipelines"), err);
}
