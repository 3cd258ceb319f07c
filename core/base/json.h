/* json.h: typed reading of JSON that a server sent, over cJSON.
 *
 * json_parse caps size and nesting before cJSON sees the bytes. The accessors never fail: what is
 * missing or of another type gives the default, because a field that a version lacks is normal.
 */
#ifndef CDCTOP_BASE_JSON_H
#define CDCTOP_BASE_JSON_H

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JSON_MAX_BYTES = 16 * 1024 * 1024, JSON_MAX_DEPTH = 64 };

/* NULL and ERR_PROTOCOL with the first characters of the body in the text (so that an HTML page is
 * recognised) or ERR_TOOBIG. cJSON_Delete the result. */
cJSON *json_parse(const char *text, size_t len, struct err *err);

const cJSON *json_get(const cJSON *object, const char *key); /* case-sensitive; NULL-safe */
const char *json_str(const cJSON *object, const char *key, const char *fallback);
/* Exact over the whole int64 range when the number was written as a string; doubles are exact to
 * 2^53. */
int64_t json_int(const cJSON *object, const char *key, int64_t fallback);
bool json_bool(const cJSON *object, const char *key, bool fallback);

/* A copy in the arena, cut after max bytes at a character boundary; NULL if it is no string. */
char *json_copy(struct arena *arena, const cJSON *object, const char *key, size_t max);

/* Appends printed JSON so that a terminal and a strict reader may have it: inside its strings what
 * utf8_clean would replace (C1 controls, bidi marks, …) is written as \uXXXX, which means the same;
 * bytes that are no UTF-8 become \ufffd. */
void json_put_clean(struct strbuf *out, const char *json);

#endif
