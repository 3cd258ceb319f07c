#include "source/connect_parse.h"

#include "base/json.h"
#include "base/lsn.h"
#include "base/mem.h"
#include "base/secrets.h"
#include "config/globs.h"
#include "source/connect_text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EXACT_DIGITS = 15 }; /* what a double holds for certain */

/* ---- exact numbers ---- */

void connect_quote_longs(struct strbuf *out, const char *body, size_t len)
{
    bool in_string = false;
    size_t i = 0;
    while (i < len) {
        char c = body[i];
        if (in_string) {
            size_t n = c == '\\' && i + 1 < len ? 2 : 1;
            strbuf_add(out, body + i, n);
            in_string = c != '"';
            i += n;
            continue;
        }
        if (c != '-' && !isdigit((unsigned char)c)) {
            in_string = c == '"';
            strbuf_putc(out, c);
            i++;
            continue;
        }
        size_t end = i;
        bool integer = true;
        size_t digits = 0;
        for (; end < len && strchr("0123456789+-.eE", body[end]) != NULL && body[end] != '\0';
             end++) {
            digits += isdigit((unsigned char)body[end]) != 0;
            integer = integer && (isdigit((unsigned char)body[end]) != 0 || end == i);
        }
        bool quote = integer && digits > EXACT_DIGITS;
        if (quote)
            strbuf_putc(out, '"');
        strbuf_add(out, body + i, end - i);
        if (quote)
            strbuf_putc(out, '"');
        i = end;
    }
}

static cJSON *parse_exact(const char *body, size_t len, struct err *err)
{
    struct strbuf sb;
    strbuf_init(&sb, JSON_MAX_BYTES);
    connect_quote_longs(&sb, body, len);
    cJSON *root = sb.overflow ? NULL : json_parse(sb.text, sb.len, err);
    if (sb.overflow)
        err_set(err, ERR_TOOBIG, 0, "a JSON body of %zu bytes is too large", len);
    strbuf_free(&sb);
    return root;
}

/* A JSON value as one line of text; NULL for null. */
static char *value_text(struct arena *arena, const cJSON *item)
{
    if (cJSON_IsString(item) && item->valuestring != NULL)
        return arena_strndup(arena, item->valuestring,
                             strnlen(item->valuestring, CONNECT_MAX_VALUE));
    if (cJSON_IsNumber(item)) {
        double v = item->valuedouble;
        return v == floor(v) && fabs(v) < 1e15 ? arena_printf(arena, "%.0f", v)
                                               : arena_printf(arena, "%.17g", v);
    }
    if (cJSON_IsBool(item))
        return arena_strdup(arena, cJSON_IsTrue(item) ? "true" : "false");
    if (!cJSON_IsObject(item) && !cJSON_IsArray(item))
        return NULL;
    char *printed = cJSON_PrintUnformatted(item);
    if (printed == NULL)
        return NULL;
    char *copy = arena_strndup(arena, printed, strnlen(printed, CONNECT_MAX_VALUE));
    cJSON_free(printed);
    return copy;
}

static size_t count_of(const cJSON *items, size_t max)
{
    size_t n = (size_t)cJSON_GetArraySize(items);
    return n < max ? n : max;
}

/* ---- the list ---- */

static void put_trace(struct arena *arena, const cJSON *object, const char **trace,
                      const char **cause)
{
    const char *text = json_str(object, "trace", NULL);
    if (text == NULL || text[0] == '\0')
        return;
    /* The root cause of a long trace stands near its end: it is looked for before the cut. */
    *cause = connect_cause(arena, text);
    *trace = secrets_masked(arena, text, CONNECT_MAX_TRACE);
}

static int by_task(const void *a, const void *b)
{
    const struct connect_task *x = a;
    const struct connect_task *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static void put_tasks(struct arena *arena, const cJSON *tasks, struct connect_connector *c)
{
    size_t n = count_of(tasks, CONNECT_MAX_TASKS);
    c->tasks = arena_array(arena, n, sizeof(*c->tasks));
    const cJSON *item;
    cJSON_ArrayForEach(item, tasks)
    {
        if (c->ntasks == n)
            break;
        struct connect_task *task = &c->tasks[c->ntasks++];
        int64_t id = json_int(item, "id", -1);
        task->id = id >= 0 && id <= INT32_MAX ? (int)id : -1;
        task->state = json_copy(arena, item, "state", 64);
        task->worker = json_copy(arena, item, "worker_id", CONNECT_MAX_NAME);
        put_trace(arena, item, &task->trace, &task->cause);
    }
    if (c->ntasks > 0)
        qsort(c->tasks, c->ntasks, sizeof(*c->tasks), by_task);
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct kv *)a)->key, ((const struct kv *)b)->key);
}

void connect_parse_config(struct arena *arena, const struct cJSON *config,
                          struct connect_connector *c)
{
    size_t n = count_of(config, CONNECT_MAX_CONFIG);
    c->config = arena_array(arena, n, sizeof(*c->config));
    c->literals = arena_array(arena, n, sizeof(*c->literals));
    const cJSON *item;
    cJSON_ArrayForEach(item, config)
    {
        if (c->nconfig == n || item->string == NULL)
            break;
        struct kv *kv = &c->config[c->nconfig++];
        kv->key = arena_strndup(arena, item->string, strnlen(item->string, CONNECT_MAX_NAME));
        const char *text = value_text(arena, item);
        kv->value = text != NULL ? secrets_mask(arena, kv->key, text) : NULL;
        if (text != NULL && secrets_literal(kv->key, text, kv->value))
            c->literals[c->nliterals++] = kv->key;
    }
    if (c->nconfig > 0)
        qsort(c->config, c->nconfig, sizeof(*c->config), by_key);
    c->class_name = kv_find(c->config, c->nconfig, "connector.class");
}

static void put_connector(struct arena *arena, const cJSON *item, struct connect_connector *c)
{
    const cJSON *status = json_get(item, "status");
    const cJSON *info = json_get(item, "info");
    const cJSON *state = json_get(status, "connector");
    c->name = arena_strndup(arena, item->string, strnlen(item->string, CONNECT_MAX_NAME));
    c->type = json_copy(arena, status, "type", 64);
    if (c->type == NULL)
        c->type = json_copy(arena, info, "type", 64);
    c->state = json_copy(arena, state, "state", 64);
    c->worker = json_copy(arena, state, "worker_id", CONNECT_MAX_NAME);
    c->lsn = LSN_NONE;
    c->source_ms = UNKNOWN;
    c->offsets_ms = UNKNOWN;
    put_trace(arena, state, &c->trace, &c->cause);
    put_tasks(arena, json_get(status, "tasks"), c);
    connect_parse_config(arena, json_get(info, "config"), c);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct connect_connector *)a)->name,
                  ((const struct connect_connector *)b)->name);
}

bool connect_parse_list(struct snapshot *snap, const char *body, size_t len,
                        const struct strlist *globs, struct err *err)
{
    cJSON *root = json_parse(body, len, err);
    if (root == NULL)
        return false;
    if (!cJSON_IsObject(root)) {
        bool names_only = cJSON_IsArray(root);
        cJSON_Delete(root);
        return names_only ? err_set(err, ERR_UNSUPPORTED, 0,
                                    "this worker lists names only: Kafka Connect before 2.3")
                          : err_set(err, ERR_PROTOCOL, 0, "the list of connectors is no object");
    }
    struct connect_snap *connect = &snap->connect;
    size_t total = (size_t)cJSON_GetArraySize(root);
    size_t max = total < CONNECT_MAX_CONNECTORS ? total : CONNECT_MAX_CONNECTORS;
    struct connect_connector *list = arena_array(snap->arena, max, sizeof(*list));
    size_t n = 0;
    const cJSON *item;
    bool cut = false;
    cJSON_ArrayForEach(item, root)
    {
        if (item->string == NULL || !globs_match(globs, item->string, true))
            continue;
        cut = n == max;
        if (cut)
            break;
        put_connector(snap->arena, item, &list[n++]);
    }
    if (cut)
        snapshot_note(snap, "narrow [pipeline.connect] connectors",
                      "there are more than %d connectors: the rest is not shown",
                      (int)CONNECT_MAX_CONNECTORS);
    if (n > 0)
        qsort(list, n, sizeof(*list), by_name);
    size_t kept = 0; /* a name that stands twice in the JSON is one connector */
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || strcmp(list[kept - 1].name, list[i].name) != 0)
            list[kept++] = list[i];
    }
    connect->connectors = list;
    connect->nconnectors = kept;
    cJSON_Delete(root);
    return true;
}

/* ---- the small answers ---- */

bool connect_parse_root(struct arena *arena, const char *body, size_t len, const char **version,
                        const char **cluster_id, struct err *err)
{
    cJSON *root = json_parse(body, len, err);
    if (root == NULL)
        return false;
    *version = json_copy(arena, root, "version", 100);
    *cluster_id = json_copy(arena, root, "kafka_cluster_id", 200);
    cJSON_Delete(root);
    return *version != NULL || err_set(err, ERR_PROTOCOL, 0, "GET / names no version");
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool connect_parse_topics(struct arena *arena, const char *body, size_t len,
                          struct connect_connector *c, struct err *err)
{
    cJSON *root = json_parse(body, len, err);
    if (root == NULL)
        return false;
    /* {"NAME":{"topics":[…]}}: the one member, whatever the name looks like after escaping */
    const cJSON *topics = json_get(root->child, "topics");
    if (!cJSON_IsArray(topics)) {
        cJSON_Delete(root);
        return err_set(err, ERR_PROTOCOL, 0, "the answer has no list of topics");
    }
    size_t max = count_of(topics, CONNECT_MAX_TOPICS);
    const char **list = arena_array(arena, max, sizeof(*list));
    size_t n = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, topics)
    {
        if (n < max && cJSON_IsString(item) && item->valuestring != NULL)
            list[n++] = arena_strndup(arena, item->valuestring,
                                      strnlen(item->valuestring, CONNECT_MAX_NAME));
    }
    if (n > 0)
        qsort(list, n, sizeof(*list), by_text);
    c->topics = list;
    c->ntopics = n;
    cJSON_Delete(root);
    return true;
}

/* ---- offsets ---- */

static bool exact_u64(const char *text, uint64_t *value)
{
    char *end;
    if (text == NULL || !isdigit((unsigned char)text[0]))
        return false;
    *value = strtoull(text, &end, 10);
    return *end == '\0';
}

static const char *offset_value(struct arena *arena, const cJSON *item)
{
    const char *text = value_text(arena, item);
    uint64_t lsn;
    char buf[LSN_TEXT];
    if (item->string != NULL && strncmp(item->string, "lsn", 3) == 0 && exact_u64(text, &lsn))
        return arena_strdup(arena, lsn_text(lsn, buf, sizeof(buf)));
    return text;
}

static void put_values(struct arena *arena, const cJSON *offset, struct connect_offset *o)
{
    size_t n = count_of(offset, CONNECT_MAX_CONFIG);
    o->values = arena_array(arena, n, sizeof(*o->values));
    const cJSON *item;
    cJSON_ArrayForEach(item, offset)
    {
        if (o->nvalues == n || item->string == NULL)
            break;
        struct kv *kv = &o->values[o->nvalues++];
        kv->key = arena_strndup(arena, item->string, strnlen(item->string, CONNECT_MAX_NAME));
        kv->value = offset_value(arena, item);
    }
}

/* Where the connector would go on reading: what commitOffset() flushes to the slot. */
static uint64_t resume_lsn(const struct connect_offset *o)
{
    static const char *const keys[] = {"lsn_commit", "lsn_proc", "lsn"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const char *text = kv_find(o->values, o->nvalues, keys[i]);
        uint64_t lsn;
        if (text != NULL && lsn_parse(text, &lsn) && lsn != LSN_NONE)
            return lsn;
    }
    return LSN_NONE;
}

/* The database's time of the last event: ts_usec (PostgreSQL), ts_sec (MySQL, MariaDB), ts_ms. */
static int64_t source_time(const cJSON *offset)
{
    int64_t us = json_int(offset, "ts_usec", 0);
    int64_t s = json_int(offset, "ts_sec", 0);
    int64_t ms = json_int(offset, "ts_ms", 0);
    if (us > 0)
        return us / 1000;
    if (ms > 0)
        return ms;
    return s > 0 && s < INT64_MAX / 1000 ? s * 1000 : UNKNOWN;
}

static void put_offset(struct arena *arena, const cJSON *item, struct connect_connector *c)
{
    struct connect_offset *o = &c->offsets[c->noffsets++];
    const cJSON *partition = json_get(item, "partition");
    const cJSON *offset = json_get(item, "offset");
    int64_t number = json_int(partition, "kafka_partition", -1);
    o->number = number >= 0 && number <= INT32_MAX ? (int32_t)number : -1;
    o->topic = json_copy(arena, partition, "kafka_topic", CONNECT_MAX_NAME);
    o->partition = o->topic != NULL ? arena_printf(arena, "%s %d", o->topic, (int)o->number)
                                    : value_text(arena, partition);
    if (o->partition == NULL)
        o->partition = arena_strdup(arena, "");
    put_values(arena, offset, o);
    uint64_t lsn = resume_lsn(o);
    if (c->lsn == LSN_NONE)
        c->lsn = lsn;
    int64_t time = source_time(offset);
    if (time != UNKNOWN && (c->source_ms == UNKNOWN || time > c->source_ms))
        c->source_ms = time;
}

static int by_partition(const void *a, const void *b)
{
    const struct connect_offset *x = a;
    const struct connect_offset *y = b;
    int d = x->topic != NULL && y->topic != NULL ? strcmp(x->topic, y->topic)
                                                 : strcmp(x->partition, y->partition);
    return d != 0 ? d : (x->number > y->number) - (x->number < y->number);
}

bool connect_parse_offsets(struct arena *arena, const char *body, size_t len,
                           struct connect_connector *c, struct err *err)
{
    cJSON *root = parse_exact(body, len, err);
    if (root == NULL)
        return false;
    const cJSON *offsets = json_get(root, "offsets");
    if (!cJSON_IsArray(offsets)) {
        cJSON_Delete(root);
        return err_set(err, ERR_PROTOCOL, 0, "the answer has no offsets");
    }
    size_t max = count_of(offsets, CONNECT_MAX_OFFSETS);
    c->offsets = arena_array(arena, max, sizeof(*c->offsets));
    c->noffsets = 0;
    c->lsn = LSN_NONE;
    c->source_ms = UNKNOWN;
    const cJSON *item;
    cJSON_ArrayForEach(item, offsets)
    {
        if (c->noffsets < max)
            put_offset(arena, item, c);
    }
    if (c->noffsets > 0)
        qsort(c->offsets, c->noffsets, sizeof(*c->offsets), by_partition);
    c->offsets_read = true;
    cJSON_Delete(root);
    return true;
}
