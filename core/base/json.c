#include "base/json.h"

#include "base/utf8.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* cJSON recurses once per level; a hostile body must not choose how deep. */
static bool too_deep(const char *text, size_t len)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_MAX_DEPTH)
                return true;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return false;
}

cJSON *json_parse(const char *text, size_t len, struct err *err)
{
    if (len > JSON_MAX_BYTES) {
        err_set(err, ERR_TOOBIG, 0, "a JSON body of %zu bytes is more than %d", len,
                JSON_MAX_BYTES);
        return NULL;
    }
    if (too_deep(text, len)) {
        err_set(err, ERR_PROTOCOL, 0, "JSON nested deeper than %d", JSON_MAX_DEPTH);
        return NULL;
    }
    cJSON *root = cJSON_ParseWithLength(text, len);
    if (root == NULL) {
        char head[64];
        char start[61];
        size_t n = len < sizeof(start) - 1 ? len : sizeof(start) - 1;
        memcpy(start, text, n);
        start[n] = '\0';
        utf8_clean(head, sizeof(head), start, false);
        err_set(err, ERR_PROTOCOL, 0, "not JSON: \"%s%s\"", head, len > n ? "…" : "");
    }
    return root;
}

const cJSON *json_get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

const char *json_str(const cJSON *object, const char *key, const char *fallback)
{
    const cJSON *item = json_get(object, key);
    return cJSON_IsString(item) && item->valuestring != NULL ? item->valuestring : fallback;
}

int64_t json_int(const cJSON *object, const char *key, int64_t fallback)
{
    const cJSON *item = json_get(object, key);
    if (cJSON_IsString(item) && item->valuestring != NULL) {
        char *end;
        errno = 0;
        long long v = strtoll(item->valuestring, &end, 10);
        return end != item->valuestring && *end == '\0' && errno == 0 ? v : fallback;
    }
    if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble) || fabs(item->valuedouble) > 9.2e18)
        return fallback;
    return (int64_t)item->valuedouble;
}

bool json_bool(const cJSON *object, const char *key, bool fallback)
{
    const cJSON *item = json_get(object, key);
    return cJSON_IsBool(item) ? cJSON_IsTrue(item) : fallback;
}

char *json_copy(struct arena *arena, const cJSON *object, const char *key, size_t max)
{
    const char *s = json_str(object, key, NULL);
    if (s == NULL)
        return NULL;
    size_t n = strnlen(s, max);
    while (n > 0 && s[n] != '\0' && ((unsigned char)s[n] & 0xC0) == 0x80)
        n--;
    return arena_strndup(arena, s, n);
}

static void put_escape(struct strbuf *out, uint32_t unit)
{
    strbuf_printf(out, "\\u%04x", (unsigned)unit);
}

void json_put_clean(struct strbuf *out, const char *json)
{
    size_t n = strlen(json);
    for (size_t i = 0; i < n;) {
        int32_t cp;
        size_t used = utf8_decode(json + i, n - i, &cp);
        char one[8] = "";
        memcpy(one, json + i, used);
        /* Line breaks of pretty printing are outside of strings; cJSON escapes those inside. */
        bool plain = cp == '\n' || cp == '\t' || utf8_is_clean(one);
        if (plain)
            strbuf_add(out, one, used);
        else if (cp <= 0xFFFF)
            put_escape(out, (uint32_t)cp);
        else {
            put_escape(out, 0xD800 + (((uint32_t)cp - 0x10000) >> 10));
            put_escape(out, 0xDC00 + (((uint32_t)cp - 0x10000) & 0x3FF));
        }
        i += used;
    }
}
