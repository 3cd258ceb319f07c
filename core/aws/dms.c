#include "aws/dms.h"

#include "base/json.h"
#include "base/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A row per verb: of tasks, and of serverless replications. */
static const struct {
    enum aws_call task, serverless;
    const char *type; /* StartReplicationTaskType, StartReplicationType; NULL: it takes none */
    const char *task_command, *serverless_command;
} verbs[] = {
    [DMS_VERB_START] = {DMS_START,  DMS_START_REPLICATION,  "start-replication",
                        "start-replication-task",                                                         "start-replication"},
    [DMS_VERB_RESUME] = {DMS_START,  DMS_START_REPLICATION,  "resume-processing",
                        "start-replication-task",                                                         "start-replication"},
    [DMS_VERB_RELOAD_ALL] = {DMS_START,  DMS_START_REPLICATION,  "reload-target",
                        "start-replication-task",                                                         "start-replication"},
    [DMS_VERB_STOP] = {DMS_STOP,   DMS_STOP_REPLICATION,   NULL,                "stop-replication-task",
                        "stop-replication"                                                                                   },
    [DMS_VERB_RELOAD] = {DMS_RELOAD, DMS_RELOAD_REPLICATION, NULL,                "reload-tables",
                        "reload-replication-tables"                                                                          },
};
static_assert(ARRAY_LEN(verbs) == DMS_VERB_COUNT, "a row per verb");

static const char *arn_key(bool serverless)
{
    return serverless ? "ReplicationConfigArn" : "ReplicationTaskArn";
}

enum aws_call dms_order_call(const struct dms_order *order)
{
    return order->serverless ? verbs[order->verb].serverless : verbs[order->verb].task;
}

bool dms_split(const char *text, char **schema, const char **table)
{
    const char *dot = strchr(text, '.');
    if (dot == NULL || dot == text || dot[1] == '\0')
        return false;
    *schema = mem_strndup(text, (size_t)(dot - text));
    *table = dot + 1;
    return true;
}

static bool put_tables(cJSON *list, const struct dms_order *order, struct err *err)
{
    for (size_t i = 0; i < order->ntables; i++) {
        char *schema;
        const char *table;
        if (!dms_split(order->tables[i], &schema, &table))
            return err_set(err, ERR_CONFIG, 0, "%s is no schema.table", order->tables[i]);
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "SchemaName", schema);
        cJSON_AddStringToObject(item, "TableName", table);
        cJSON_AddItemToArray(list, item);
        free(schema);
    }
    return true;
}

char *dms_order_body(const struct dms_order *order, struct err *err)
{
    const char *type = verbs[order->verb].type;
    cJSON *body = cJSON_CreateObject();
    bool ok = true;
    cJSON_AddStringToObject(body, arn_key(order->serverless), order->arn);
    if (type != NULL)
        cJSON_AddStringToObject(
            body, order->serverless ? "StartReplicationType" : "StartReplicationTaskType", type);
    if (order->verb == DMS_VERB_RELOAD) {
        ok = put_tables(cJSON_AddArrayToObject(body, "TablesToReload"), order, err);
        cJSON_AddStringToObject(body, "ReloadOption",
                                order->validate ? "validate-only" : "data-reload");
    }
    char *printed = ok ? cJSON_PrintUnformatted(body) : NULL;
    char *copy = mem_strdup(printed);
    cJSON_free(printed);
    cJSON_Delete(body);
    return copy;
}

/* One word of a shell, in quotes where it needs them. */
static void put_word(struct strbuf *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-.:/=,@%+";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        strbuf_puts(out, word);
        return;
    }
    strbuf_putc(out, '\'');
    for (const char *p = word; *p != '\0'; p++) {
        if (*p == '\'')
            strbuf_puts(out, "'\\''");
        else
            strbuf_putc(out, *p);
    }
    strbuf_putc(out, '\'');
}

void dms_order_command(struct strbuf *out, const struct dms_order *order)
{
    const char *type = verbs[order->verb].type;
    strbuf_printf(out, "aws dms %s %s ",
                  order->serverless ? verbs[order->verb].serverless_command
                                    : verbs[order->verb].task_command,
                  order->serverless ? "--replication-config-arn" : "--replication-task-arn");
    put_word(out, order->arn);
    if (type != NULL)
        strbuf_printf(out, " --start-replication%s-type %s", order->serverless ? "" : "-task",
                      type);
    if (order->verb != DMS_VERB_RELOAD)
        return;
    strbuf_puts(out, " --tables-to-reload");
    for (size_t i = 0; i < order->ntables; i++) {
        char *schema;
        const char *table;
        if (!dms_split(order->tables[i], &schema, &table))
            continue;
        char *word = mem_printf("SchemaName=%s,TableName=%s", schema, table);
        strbuf_putc(out, ' ');
        put_word(out, word);
        free(word);
        free(schema);
    }
    strbuf_printf(out, " --reload-option %s", order->validate ? "validate-only" : "data-reload");
}

bool dms_order_send(struct aws_client *client, const struct dms_order *order, int64_t deadline_ms,
                    int stop_fd, struct err *err)
{
    char *body = dms_order_body(order, err);
    if (body == NULL)
        return false;
    struct aws_request request = {
        .call = dms_order_call(order),
        .body = body,
        .resource = order->arn,
        .deadline_ms = deadline_ms,
        .stop_fd = stop_fd,
    };
    struct aws_answer answer;
    bool ok = aws_send(client, &request, &answer, err);
    if (ok)
        aws_answer_free(&answer);
    free(body);
    return ok;
}

/* ---- the status ------------------------------------------------------------------------------ */

static bool read_status(const struct aws_answer *answer, const char *arn, bool serverless,
                        char *out, size_t size, struct err *err)
{
    cJSON *root = json_parse(answer->body.text, answer->body.len, err);
    if (root == NULL)
        return false;
    const cJSON *item;
    bool found = false;
    cJSON_ArrayForEach(item, json_get(root, serverless ? "Replications" : "ReplicationTasks"))
    {
        if (found || strcmp(json_str(item, arn_key(serverless), ""), arn) != 0)
            continue;
        found = true;
        (void)snprintf(out, size, "%s", json_str(item, "Status", "unknown"));
    }
    cJSON_Delete(root);
    return found || err_set(err, ERR_NOTFOUND, 0, "DMS knows no %s", arn);
}

bool dms_status(struct aws_client *client, const char *arn, bool serverless, int64_t deadline_ms,
                int stop_fd, char *out, size_t size, struct err *err)
{
    cJSON *body = cJSON_CreateObject();
    cJSON *filter = cJSON_CreateObject();
    cJSON_AddStringToObject(filter, "Name",
                            serverless ? "replication-config-arn" : "replication-task-arn");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(filter, "Values"), cJSON_CreateString(arn));
    cJSON_AddItemToArray(cJSON_AddArrayToObject(body, "Filters"), filter);
    if (!serverless)
        cJSON_AddTrueToObject(body, "WithoutSettings");
    char *text = cJSON_PrintUnformatted(body);
    cJSON_Delete(body);
    struct aws_request request = {
        .call = serverless ? DMS_REPLICATIONS : DMS_TASKS,
        .body = text,
        .deadline_ms = deadline_ms,
        .stop_fd = stop_fd,
    };
    struct aws_answer answer;
    bool ok = aws_send(client, &request, &answer, err);
    cJSON_free(text);
    if (!ok)
        return false;
    ok = read_status(&answer, arn, serverless, out, size, err);
    aws_answer_free(&answer);
    return ok;
}
