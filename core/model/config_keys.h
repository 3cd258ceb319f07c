/* config_keys.h: what a connector's configuration was, for telling later which keys changed. Values
 * are kept as hashes only; secrets are masked before, so a change of them is not seen. */
#ifndef CDCTOP_MODEL_CONFIG_KEYS_H
#define CDCTOP_MODEL_CONFIG_KEYS_H

#include "base/strbuf.h"
#include "model/snapshot.h"

struct config_keys {
    uint64_t all; /* over keys and values */
    size_t count;
    uint64_t *values;
    char *names; /* count strings, one behind the other; NULL: never set */
};

uint64_t config_keys_hash(const struct connect_connector *c);
void config_keys_set(struct config_keys *keys, const struct connect_connector *c);
void config_keys_free(struct config_keys *keys);

/* "flush.size, +errors.tolerance, -locale and 3 more": from the keys to what c has now. */
void config_keys_tell(const struct config_keys *keys, const struct connect_connector *c,
                      struct strbuf *out);

#endif
