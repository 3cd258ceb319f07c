#include "source/logs_parse.h"

#include "base/mem.h"
#include "base/secrets.h"
#include "base/strbuf.h"
#include "source/connect_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1024, TOKEN_MAX = 8 * 1024 };

/* ---- the wire -------------------------------------------------------------------------------- */

char *logs_body(const struct logs_question *q)
{
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "logGroupName", q->group);
    if (q->stream != NULL)
        cJSON_AddItemToArray(cJSON_AddArrayToObject(body, "logStreamNames"),
                             cJSON_CreateString(q->stream));
    if (q->pattern != NULL)
        cJSON_AddStringToObject(body, "filterPattern", q->pattern);
    cJSON_AddNumberToObject(body, "startTime", (double)q->from_ms);
    cJSON_AddNumberToObject(body, "endTime", (double)q->to_ms);
    cJSON_AddNumberToObject(body, "limit", q->limit);
    if (q->token != NULL)
        cJSON_AddStringToObject(body, "nextToken", q->token);
    char *printed = cJSON_PrintUnformatted(body);
    char *text = mem_strdup(printed);
    cJSON_free(printed);
    cJSON_Delete(body);
    return text;
}

bool logs_parse(struct arena *arena, const char *body, size_t len,
                void (*take)(void *arg, const struct logs_line *line), void *arg, const char **next,
                struct err *err)
{
    *next = NULL;
    cJSON *root = json_parse(body, len, err);
    if (root == NULL)
        return false;
    const cJSON *events = json_get(root, "events"), *item;
    bool ok = cJSON_IsObject(root) && (events == NULL || cJSON_IsArray(events));
    if (ok) {
        *next = json_copy(arena, root, "nextToken", TOKEN_MAX);
    } else {
        err_set(err, ERR_PROTOCOL, 0, "FilterLogEvents: the answer has no list of events");
        events = NULL;
    }
    cJSON_ArrayForEach(item, events)
    {
        struct logs_line line = {
            .stream = json_str(item, "logStreamName", ""),
            .id = json_str(item, "eventId", ""),
            .text = json_str(item, "message", ""),
            .at_ms = json_int(item, "timestamp", UNKNOWN),
        };
        if (line.at_ms > 0)
            take(arg, &line);
    }
    cJSON_Delete(root);
    return ok;
}

/* ---- what lines mean ------------------------------------------------------------------------- */

/* Where the line names the task: "{id=NAME-0}" before the words, or "NAME-0" behind them. */
enum naming { NAMED_NOT, NAMED_BEFORE, NAMED_BEHIND };

/* Both looked for there and understood here. */
#define KILLED  "being killed and will not recover"
#define NO_INIT "Task failed initialization"
#define NO_TASK "Failed to start task"
#define HERDER  "Uncaught exception in herder work thread"
#define STOPS   "Stopping due to error"
#define PAUSED  "Reading from source is paused"
#define RESUMED "Reading from source is resumed"
#define ERRORED "]E:"

static const struct {
    enum connect_service service;
    const char *words;
    enum logged kind;
    enum naming naming;
} meanings[] = {
    {SERVICE_MSK_CONNECT, KILLED,      LOGGED_TASK_DIED,   NAMED_BEFORE},
    {SERVICE_MSK_CONNECT, NO_INIT,     LOGGED_TASK_DIED,   NAMED_BEFORE},
    {SERVICE_MSK_CONNECT, NO_TASK " ", LOGGED_TASK_DIED,   NAMED_BEHIND},
    {SERVICE_MSK_CONNECT, HERDER,      LOGGED_WORKER_DIED, NAMED_NOT   },
    {SERVICE_MSK_CONNECT, STOPS,       LOGGED_WORKER_DIED, NAMED_NOT   },
    {SERVICE_DMS,         PAUSED,      LOGGED_PAUSED,      NAMED_NOT   },
    {SERVICE_DMS,         RESUMED,     LOGGED_RESUMED,     NAMED_NOT   },
    {SERVICE_DMS,         ERRORED,     LOGGED_ERROR,       NAMED_NOT   },
};

/* One of several that may match. */
#define TERM(words) "?\"" words "\""

const char *logs_pattern(enum connect_service service)
{
    return service == SERVICE_DMS
               ? TERM(PAUSED) " " TERM(RESUMED) " " TERM(ERRORED)
               : TERM(KILLED) " " TERM(NO_INIT) " " TERM(NO_TASK) " " TERM(HERDER) " " TERM(STOPS);
}

/* "shop-sink-0" is task 0 of shop-sink. */
static bool read_task(const char *id, size_t len, struct logs_meaning *m)
{
    size_t digits = len;
    while (digits > 0 && isdigit((unsigned char)id[digits - 1]))
        digits--;
    if (digits < 2 || len - digits < 1 || len - digits > 6 || id[digits - 1] != '-')
        return false;
    m->task = (int)strtol(id + digits, NULL, 10);
    m->name = id;
    m->name_len = digits - 1;
    return true;
}

static bool named(const char *text, const char *at, const char *words, enum naming naming,
                  struct logs_meaning *m)
{
    if (naming == NAMED_BEHIND) {
        at += strlen(words);
        return read_task(at, strcspn(at, " \n"), m);
    }
    const char *id = strstr(text, "{id=");
    const char *end = id != NULL && id < at ? memchr(id, '}', (size_t)(at - id)) : NULL;
    return end != NULL && read_task(id + 4, (size_t)(end - id) - 4, m);
}

bool logs_understand(enum connect_service service, const char *text, struct logs_meaning *m)
{
    for (size_t i = 0; i < ARRAY_LEN(meanings); i++) {
        const char *at = meanings[i].service == service ? strstr(text, meanings[i].words) : NULL;
        if (at == NULL)
            continue;
        *m = (struct logs_meaning){.kind = meanings[i].kind, .task = -1};
        return meanings[i].naming == NAMED_NOT ||
               named(text, at, meanings[i].words, meanings[i].naming, m);
    }
    return false;
}

const char *logs_behind_worker(const char *text)
{
    const char *end = strncmp(text, "[Worker-", 8) == 0 ? strstr(text, "] ") : NULL;
    return end != NULL ? end + 2 : text;
}

bool logs_begins_entry(const char *text)
{
    const char *p = logs_behind_worker(text);
    return p[0] == '[' && isdigit((unsigned char)p[1]) && isdigit((unsigned char)p[2]) &&
           isdigit((unsigned char)p[3]) && isdigit((unsigned char)p[4]) && p[5] == '-';
}

/* ---- causes ---------------------------------------------------------------------------------- */

static const char *one_line(struct arena *arena, const char *text, size_t len)
{
    char *line = mem_strndup(text, len);
    const char *masked = len > 0 ? secrets_masked(arena, line, LINE_MAX_BYTES) : NULL;
    free(line);
    return masked;
}

/* The length without " (sorter_transaction.c:110)", the place in the program that wrote it. */
static size_t without_place(const char *line, size_t len)
{
    size_t at = len;
    while (len > 0 && line[len - 1] == ' ')
        len--;
    if (len == 0 || line[len - 1] != ')')
        return len;
    for (at = len; at > 0 && line[at - 1] != '(';)
        at--;
    if (at == 0 || memchr(line + at, ':', len - at) == NULL)
        return len;
    for (at--; at > 0 && line[at - 1] == ' ';)
        at--;
    return at;
}

/* Behind "2026-11-27T05:00:00 [SORTER ]I:  ". */
static const char *cause_of_dms(struct arena *arena, const char *text)
{
    static const char *const levels[] = {"]E:", "]W:", "]I:"};
    const char *at = NULL;
    for (size_t i = 0; at == NULL && i < ARRAY_LEN(levels); i++)
        at = strstr(text, levels[i]);
    at = at != NULL ? at + 3 : text;
    at += strspn(at, " ");
    return one_line(arena, at, without_place(at, strcspn(at, "\n")));
}

/* No trace was told: what stands behind "Error: ", if anything does. */
static const char *cause_of_header(struct arena *arena, const char *text)
{
    const char *at = strstr(text, "Error: ");
    if (at == NULL)
        return NULL;
    at += strlen("Error: ");
    return one_line(arena, at, without_place(at, strcspn(at, "\n")));
}

const char *logs_cause(struct arena *arena, enum logged kind, const char *text)
{
    if (kind != LOGGED_TASK_DIED && kind != LOGGED_WORKER_DIED)
        return cause_of_dms(arena, text);
    const char *end = strchr(text, '\n');
    const char *cause = end != NULL ? connect_cause(arena, end + 1) : NULL;
    return cause != NULL ? cause : cause_of_header(arena, text);
}
