#include "diagnosis/capture.h"

#include "base/sqlname.h"
#include "base/strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 4000 };

static size_t postgres_sources(const struct pipeline *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->nconnectors; i++)
        n += p->connectors[i].facts->role == CONNECTOR_SOURCE_POSTGRES;
    return n;
}

/* Hosts have many names. The database's name and the connector's slot tell as well, or that there
 * is no other connector. */
bool capture_here(const struct rule_run *run, const struct connector_row *c)
{
    const struct pg_snap *pg = rule_pg(run);
    if (pg == NULL || c->facts->role != CONNECTOR_SOURCE_POSTGRES || pg->database == NULL ||
        c->facts->db_name == NULL || strcmp(pg->database, c->facts->db_name) != 0)
        return false;
    return postgres_sources(run->p) == 1 ||
           (c->facts->slot_name != NULL && pipeline_slot(run->p, c->facts->slot_name) != NULL);
}

bool capture_by_publication(const struct rule_run *run, const struct connector_row *c)
{
    return capture_here(run, c) && c->facts->publication_name != NULL && c->facts->plugin != NULL &&
           strcmp(c->facts->plugin, "pgoutput") == 0;
}

bool capture_publications_told(const struct rule_run *run)
{
    const struct pg_snap *pg = rule_pg(run);
    return pg != NULL && pg->publications != NULL;
}

const struct pg_publication *capture_publication(const struct rule_run *run, const char *name)
{
    const struct pg_snap *pg = rule_pg(run);
    for (size_t i = 0; pg != NULL && i < pg->npublications; i++) {
        if (strcmp(pg->publications[i].name, name) == 0)
            return &pg->publications[i];
    }
    return NULL;
}

static int by_names(const void *a, const void *b)
{
    const struct pg_table *x = *(const struct pg_table *const *)a;
    const struct pg_table *y = *(const struct pg_table *const *)b;
    int c = strcmp(x->publication, y->publication);
    if (c == 0)
        c = strcmp(x->schema, y->schema);
    return c != 0 ? c : strcmp(x->name, y->name);
}

struct capture_index capture_index(const struct rule_run *run)
{
    const struct pg_snap *pg = rule_pg(run);
    struct capture_index index = {0};
    if (pg == NULL || pg->tables == NULL)
        return index;
    index.tables = arena_array(run->arena, pg->ntables, sizeof(const struct pg_table *));
    index.n = pg->ntables;
    index.whole = pg->tables_total <= pg->ntables;
    bool sorted = true; /* as the server does it: names compare as bytes there too */
    for (size_t i = 0; i < pg->ntables; i++) {
        index.tables[i] = &pg->tables[i];
        sorted = sorted && (i == 0 || by_names(&index.tables[i - 1], &index.tables[i]) <= 0);
    }
    if (!sorted)
        qsort(index.tables, index.n, sizeof(const struct pg_table *), by_names);
    return index;
}

enum tri capture_published(const struct rule_run *run, const struct capture_index *index,
                           const char *publication, const char *schema, const char *name)
{
    const struct pg_publication *p = capture_publication(run, publication);
    if (p == NULL)
        return capture_publications_told(run) ? TRI_NO : TRI_UNKNOWN;
    if (p->all_tables)
        return TRI_YES;
    if (index->tables == NULL)
        return TRI_UNKNOWN;
    const struct pg_table wanted = {.publication = publication, .schema = schema, .name = name};
    const struct pg_table *key = &wanted;
    if (bsearch(&key, index->tables, index->n, sizeof(const struct pg_table *), by_names) != NULL)
        return TRI_YES;
    return index->whole ? TRI_NO : TRI_UNKNOWN;
}

static bool names_table(const char *text, const char *schema, const char *name)
{
    struct sqlname parsed;
    return text != NULL && sqlname_parse(text, &parsed, NULL) &&
           strcmp(parsed.schema, schema) == 0 && strcmp(parsed.table, name) == 0;
}

bool capture_is_helper(const struct connector_facts *facts, const char *schema, const char *name)
{
    return names_table(facts->signal_table, schema, name) ||
           names_table(facts->heartbeat_table, schema, name);
}

const char *capture_sql_word(const struct rule_run *run, const char *name)
{
    struct strbuf sb;
    strbuf_init(&sb, TEXT_MAX);
    sqlname_plain(&sb, name);
    const char *text = arena_strdup(run->arena, sb.text);
    strbuf_free(&sb);
    return text;
}

const char *capture_sql_name(const struct rule_run *run, const char *schema, const char *name)
{
    return arena_printf(run->arena, "%s.%s", capture_sql_word(run, schema),
                        capture_sql_word(run, name));
}

void capture_names_add(struct capture_names *names, const char *name)
{
    const char **at =
        arena_push(names->arena, &names->items, &names->count, &names->cap, sizeof(*names->items));
    *at = name;
}

const char *capture_names_text(const struct capture_names *names, size_t most)
{
    struct strbuf sb;
    strbuf_init(&sb, TEXT_MAX);
    for (size_t i = 0; i < names->count && i < most; i++)
        strbuf_printf(&sb, "%s%s", i > 0 ? ", " : "", names->items[i]);
    if (names->count > most)
        strbuf_printf(&sb, " and %zu more", names->count - most);
    const char *text = arena_strdup(names->arena, sb.text != NULL ? sb.text : "");
    strbuf_free(&sb);
    return text;
}
