/* Everything that Connect sends: each input is read as every body, its traces and configs as the
 * join reads them; the first line also as a Java pattern, the rest as the name to match. */
#include "base/arena.h"
#include "base/mem.h"
#include "base/secrets.h"
#include "model/connector_facts.h"
#include "model/javaregex.h"
#include "source/connect_parse.h"
#include "source/connect_text.h"

#include <stdlib.h>
#include <string.h>

static void use_list(const char *body, size_t len)
{
    struct snapshot *snap = snapshot_new(SOURCE_CONNECT);
    if (connect_parse_list(snap, body, len, NULL, NULL)) {
        for (size_t i = 0; i < snap->connect.nconnectors; i++) {
            const struct connect_connector *c = &snap->connect.connectors[i];
            const struct connector_facts *f = connector_facts_of(c, snap->arena);
            (void)connector_facts_topic_matches(f, c->name);
            (void)connector_facts_produces(f, c->name);
            (void)connector_facts_captures(f, "public", c->name);
            const char *password = kv_find(c->config, c->nconfig, "database.password");
            if (password != NULL && password[0] != '\0' && password[0] != '$' &&
                strcmp(password, SECRETS_MASK) != 0)
                abort();
        }
    }
    snapshot_free(snap);
}

static void use_small(const char *body, size_t len)
{
    struct arena *arena = arena_new();
    struct connect_connector c = {0};
    const char *version, *cluster;
    (void)connect_parse_offsets(arena, body, len, &c, NULL);
    (void)connect_parse_topics(arena, body, len, &c, NULL);
    (void)connect_parse_root(arena, body, len, &version, &cluster, NULL);
    arena_free(arena);
}

static void use_text(const char *text)
{
    struct arena *arena = arena_new();
    (void)connect_cause(arena, text);
    (void)secrets_mask(arena, "connection.url", text);
    const char *rest = strchr(text, '\n');
    char *pattern = mem_strndup(text, strcspn(text, "\n"));
    struct javaregex *re = javaregex_new(arena, pattern, false);
    if (re != NULL)
        (void)javaregex_matches(re, rest != NULL ? rest + 1 : "shop.public.orders");
    free(pattern);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = mem_alloc(size + 1);
    memcpy(text, data, size);
    use_list(text, size);
    use_small(text, size);
    use_text(text);
    free(text);
    return 0;
}
