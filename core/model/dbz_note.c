#include "model/dbz_note.h"

#include "base/json.h"

#include <string.h>

enum { KEY_MAX = 256 };

static const char *value_text(struct arena *arena, const cJSON *item)
{
    if (cJSON_IsString(item) && item->valuestring != NULL) {
        size_t n = strnlen(item->valuestring, DBZ_NOTE_VALUE_MAX);
        /* Never half a character. */
        while (n > 0 && item->valuestring[n] != '\0' &&
               ((unsigned char)item->valuestring[n] & 0xC0) == 0x80)
            n--;
        return arena_strndup(arena, item->valuestring, n);
    }
    if (cJSON_IsNumber(item))
        return arena_printf(arena, "%.17g", item->valuedouble);
    if (cJSON_IsBool(item))
        return cJSON_IsTrue(item) ? "true" : "false";
    return NULL;
}

static void read_data(struct arena *arena, const cJSON *data, struct dbz_notification *out)
{
    int n = cJSON_IsObject(data) ? cJSON_GetArraySize(data) : 0;
    if (n <= 0)
        return;
    out->data = arena_array(arena, n < DBZ_NOTE_DATA_MAX ? (size_t)n : DBZ_NOTE_DATA_MAX,
                            sizeof(*out->data));
    const cJSON *item;
    cJSON_ArrayForEach(item, data)
    {
        if (out->ndata == DBZ_NOTE_DATA_MAX)
            break;
        if (item->string == NULL)
            continue;
        struct kv *kv = &out->data[out->ndata++];
        kv->key = arena_strndup(arena, item->string, strnlen(item->string, KEY_MAX));
        kv->value = value_text(arena, item);
    }
}

bool dbz_note_parse(struct arena *arena, const char *json, size_t len, struct dbz_notification *out,
                    struct err *err)
{
    if (len > DBZ_NOTE_BYTES_MAX)
        return err_set(err, ERR_TOOBIG, 0, "a notification of %zu bytes", len);
    cJSON *root = json_parse(json, len, err);
    if (root == NULL)
        return false;
    const cJSON *note = json_get(root, "payload");
    if (!cJSON_IsObject(note))
        note = root;
    *out = (struct dbz_notification){.offset = UNKNOWN, .time_ms = UNKNOWN};
    /* Judged first: what else lies in the topic must leave nothing in the caller's arena. */
    if (json_str(note, "type", NULL) == NULL || json_str(note, "aggregate_type", NULL) == NULL) {
        cJSON_Delete(root);
        return err_set(err, ERR_PROTOCOL, 0, "JSON, but not a Debezium notification");
    }
    out->id = json_copy(arena, note, "id", KEY_MAX);
    out->aggregate_type = json_copy(arena, note, "aggregate_type", KEY_MAX);
    out->type = json_copy(arena, note, "type", KEY_MAX);
    out->time_ms = json_int(note, "timestamp", UNKNOWN);
    read_data(arena, json_get(note, "additional_data"), out);
    cJSON_Delete(root);
    return true;
}

struct dbz_notification dbz_note_copy(struct arena *arena, const struct dbz_notification *note)
{
    struct dbz_notification copy = *note;
    copy.topic = arena_strdup(arena, note->topic);
    copy.id = arena_strdup(arena, note->id);
    copy.aggregate_type = arena_strdup(arena, note->aggregate_type);
    copy.type = arena_strdup(arena, note->type);
    copy.data = arena_array(arena, note->ndata, sizeof(*copy.data));
    for (size_t i = 0; i < note->ndata; i++) {
        copy.data[i].key = arena_strdup(arena, note->data[i].key);
        copy.data[i].value = arena_strdup(arena, note->data[i].value);
    }
    return copy;
}

const char *dbz_note_type(const struct dbz_notification *note)
{
    static const char prefix[] = "Status ";
    if (note->type == NULL)
        return "";
    return strncmp(note->type, prefix, sizeof(prefix) - 1) == 0 ? note->type + sizeof(prefix) - 1
                                                                : note->type;
}

const char *dbz_note_get(const struct dbz_notification *note, const char *key)
{
    return kv_find(note->data, note->ndata, key);
}
