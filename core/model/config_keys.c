#include "model/config_keys.h"

#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { KEYS_TOLD = 6 };

static uint64_t value_hash(const char *s)
{
    return s != NULL ? hash_more(HASH_START, s, strlen(s) + 1) : 0;
}

uint64_t config_keys_hash(const struct connect_connector *c)
{
    uint64_t all = HASH_START;
    for (size_t i = 0; i < c->nconfig; i++) {
        uint64_t value = value_hash(c->config[i].value);
        all = hash_more(all, c->config[i].key, strlen(c->config[i].key) + 1);
        all = hash_more(all, (const char *)&value, sizeof(value));
    }
    return all;
}

void config_keys_free(struct config_keys *keys)
{
    free(keys->values);
    free(keys->names);
    *keys = (struct config_keys){0};
}

void config_keys_set(struct config_keys *keys, const struct connect_connector *c)
{
    size_t bytes = 0;
    for (size_t i = 0; i < c->nconfig; i++)
        bytes += strlen(c->config[i].key) + 1;
    config_keys_free(keys);
    keys->all = config_keys_hash(c);
    keys->count = c->nconfig;
    keys->values = mem_calloc(c->nconfig + 1, sizeof(*keys->values));
    keys->names = mem_alloc(bytes + 1);
    char *at = keys->names;
    for (size_t i = 0; i < c->nconfig; i++) {
        size_t n = strlen(c->config[i].key) + 1;
        memcpy(at, c->config[i].key, n);
        at += n;
        keys->values[i] = value_hash(c->config[i].value);
    }
}

static void tell_key(struct strbuf *out, int *told, const char *sign, const char *key)
{
    if ((*told)++ >= KEYS_TOLD)
        return;
    strbuf_printf(out, "%s%s%s", *told > 1 ? ", " : "", sign, key);
}

/* Both are sorted by key. */
void config_keys_tell(const struct config_keys *keys, const struct connect_connector *c,
                      struct strbuf *out)
{
    const char *old = keys->names;
    int told = 0;
    for (size_t i = 0, k = 0; i < keys->count || k < c->nconfig;) {
        int cmp = i == keys->count ? 1 : k == c->nconfig ? -1 : strcmp(old, c->config[k].key);
        if (cmp < 0)
            tell_key(out, &told, "-", old);
        else if (cmp > 0)
            tell_key(out, &told, "+", c->config[k].key);
        else if (keys->values[i] != value_hash(c->config[k].value))
            tell_key(out, &told, "", old);
        if (cmp <= 0) {
            old += strlen(old) + 1;
            i++;
        }
        k += cmp >= 0;
    }
    if (told > KEYS_TOLD)
        strbuf_printf(out, " and %d more", told - KEYS_TOLD);
}
