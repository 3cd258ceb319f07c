/* What the configuration says about connectors whose own config does not tell, or lies because a
 * transform stands behind it: [pipeline.join]. The one place where it enters the join. */
#include "base/mem.h"
#include "model/join.h"

#include <string.h>

/* The value of "connector=value", NULL where the entry is about another one. */
static const char *value_for(const char *entry, const char *connector)
{
    size_t n = strlen(connector);
    return strncmp(entry, connector, n) == 0 && entry[n] == '=' ? entry + n + 1 : NULL;
}

/* Later entries win. */
static void take(const struct strlist *entries, const char *connector, const char **field)
{
    for (size_t i = 0; i < entries->count; i++) {
        const char *value = value_for(entries->items[i], connector);
        if (value != NULL)
            *field = value;
    }
}

static void take_topics(const struct join *j, const struct strlist *entries,
                        struct connector_facts *f)
{
    struct fact_list *globs = &f->topic_globs;
    size_t cap = 0;
    for (size_t i = 0; i < entries->count; i++) {
        const char *glob = value_for(entries->items[i], f->connector->name);
        if (glob == NULL)
            continue;
        const char **place =
            arena_push(j->arena, &globs->items, &globs->count, &cap, sizeof(*globs->items));
        *place = glob;
    }
}

static void take_prefix(const struct join *j, const struct strlist *entries,
                        struct connector_facts *f)
{
    const char *directory = NULL;
    take(entries, f->connector->name, &directory);
    if (directory == NULL)
        return;
    bool ended = directory[strlen(directory) - 1] == '/';
    if (f->role == CONNECTOR_SINK_S3_AIVEN) /* its template says the rest */
        f->name_prefix = arena_printf(j->arena, "%s%s", directory, ended ? "" : "/");
    else if (connector_role_is_s3(f->role))
        f->topics_dir = directory;
}

const struct connector_facts *join_facts(const struct join *j, const struct connect_connector *c)
{
    const struct join_config *given = &j->wp->config->join;
    struct connector_facts *f = connector_facts_of(c, j->arena);
    take_topics(j, &given->topics, f);
    take_prefix(j, &given->prefixes, f);
    if (f->role == CONNECTOR_SOURCE_POSTGRES || f->role == CONNECTOR_SOURCE_DMS)
        take(&given->slots, c->name, &f->slot_name);
    if (f->role == CONNECTOR_SOURCE_POSTGRES)
        take(&given->publications, c->name, &f->publication_name);
    if (f->sink)
        take(&given->groups, c->name, &f->group_id);
    return f;
}

static bool known(const struct pipeline *p, const char *entry)
{
    for (size_t i = 0; i < p->nconnectors; i++) {
        if (value_for(entry, p->connectors[i].base.name) != NULL)
            return true;
    }
    return false;
}

const char *pipeline_join_unknown(const struct join_config *given, const struct pipeline *p,
                                  size_t *at)
{
    const struct strlist *const lists[] = {&given->slots, &given->publications, &given->topics,
                                           &given->groups, &given->prefixes};
    size_t skip = *at;
    for (size_t k = 0; k < ARRAY_LEN(lists); k++) {
        for (size_t i = 0; i < lists[k]->count; i++) {
            if (known(p, lists[k]->items[i]) || skip-- > 0)
                continue;
            (*at)++;
            return lists[k]->items[i];
        }
    }
    return NULL;
}
