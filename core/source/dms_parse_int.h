/* dms_parse_int.h: what the files that read DMS's answers share. Not for others. */
#ifndef CDCTOP_SOURCE_DMS_PARSE_INT_H
#define CDCTOP_SOURCE_DMS_PARSE_INT_H

#include "base/json.h"
#include "source/dms_parse.h"

/* The body, with *items the array `key` of it (NULL: it is left out), and *marker where the next
 * page begins. cJSON_Delete it. NULL and *err. */
cJSON *dms_page(struct arena *arena, const char *body, size_t len, const char *key,
                const cJSON **items, const char **marker, struct err *err);
/* A text that is not empty; NULL. */
const char *dms_text(struct arena *arena, const cJSON *object, const char *key);
/* Milliseconds since 1970; UNKNOWN. */
int64_t dms_time(const cJSON *object, const char *key);
/* A count: never negative, small enough to add some of them up; UNKNOWN. */
int64_t dms_count(const cJSON *object, const char *key);

#endif
