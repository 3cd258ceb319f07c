/* fact.h: how single facts are written in snapshots: unknown figures, yes/no/unknown, key and
 * value. */
#ifndef CDCTOP_MODEL_FACT_H
#define CDCTOP_MODEL_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNKNOWN INT64_MIN

/* Three-valued facts: a column that this server version does not have is neither yes nor no. */
enum tri { TRI_UNKNOWN = -1, TRI_NO = 0, TRI_YES = 1 };

struct kv {
    const char *key;
    const char *value; /* NULL: the server's NULL */
};

/* Value for key in a kv array, NULL if absent. */
const char *kv_find(const struct kv *items, size_t n, const char *key);

#endif
