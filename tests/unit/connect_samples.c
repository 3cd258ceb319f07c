#include "tests/unit/connect_samples.h"

#include "base/mem.h"
#include "source/connect_parse.h"
#include "tests/check.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *connect_sample(const char *name)
{
    char path[300];
    (void)snprintf(path, sizeof(path), "tests/samples/connect/%s", name);
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        fail_msg("%s is missing", path);
    char *text = mem_alloc(1024 * 1024);
    size_t n = fread(text, 1, 1024 * 1024 - 1, f);
    (void)fclose(f);
    text[n] = '\0';
    if (text[0] == '#' && text[1] == ' ') {
        const char *rest = strchr(text, '\n');
        char *body = mem_strdup(rest != NULL ? rest + 1 : "");
        free(text);
        return body;
    }
    return text;
}

size_t connect_sample_traces(const char *text, void (*each)(const char *trace, void *arg),
                             void *arg)
{
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, "\"trace\"")) != NULL;) {
        p += strlen("\"trace\"");
        p += strspn(p, " :");
        cJSON *value = cJSON_ParseWithOpts(p, NULL, 0);
        if (cJSON_IsString(value)) {
            n++;
            each(value->valuestring, arg);
        }
        cJSON_Delete(value);
    }
    return n;
}

struct snapshot *connect_sample_list(const char *name)
{
    char *body = connect_sample(name);
    struct snapshot *snap = snapshot_new(SOURCE_CONNECT);
    struct err err = ERR_INIT;
    if (!connect_parse_list(snap, body, strlen(body), NULL, &err))
        fail_msg("%s: %s", name, err.text);
    free(body);
    return snap;
}

struct connect_connector *connect_sample_config(struct snapshot *snap, const char *name,
                                                const char *connector, const char *type)
{
    char *config = connect_sample(name);
    char *list = mem_printf("{\"%s\":{\"status\":{\"name\":\"%s\",\"connector\":{\"state\":"
                            "\"RUNNING\"},\"tasks\":[],\"type\":\"%s\"},\"info\":{\"config\":%s}}}",
                            connector, connector, type, config);
    struct err err = ERR_INIT;
    if (!connect_parse_list(snap, list, strlen(list), NULL, &err))
        fail_msg("%s: %s", name, err.text);
    free(list);
    free(config);
    return snap->connect.connectors;
}

const struct connect_connector *connect_sample_find(const struct snapshot *snap, const char *name)
{
    for (size_t i = 0; i < snap->connect.nconnectors; i++) {
        if (strcmp(snap->connect.connectors[i].name, name) == 0)
            return &snap->connect.connectors[i];
    }
    fail_msg("no connector %s", name);
    return NULL;
}
