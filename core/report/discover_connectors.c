/* Which connectors belong to which pipeline, and where they are listed. */
#include "report/discover_int.h"

#include "base/mem.h"
#include "model/connector_facts.h"

#include <string.h>

/* An endpoint of DMS need not say PostgreSQL's own. */
static int port_of(const struct connector_row *c)
{
    return c->facts->db_port > 0 ? c->facts->db_port : 5432;
}

static bool same_database(const struct connector_row *a, const struct connector_row *b)
{
    return mem_same(a->facts->db_host, b->facts->db_host) && port_of(a) == port_of(b) &&
           mem_same(a->facts->db_name, b->facts->db_name);
}

/* MSK Connect tells no topics: those of the tables that the source is to capture. */
static bool reads_tables(const struct discover_work *w, const struct connector_row *source,
                         const struct connector_row *sink)
{
    const struct connector_facts *f = source->facts;
    bool reads =
        f->default_topic != NULL && connector_facts_topic_matches(sink->facts, f->default_topic);
    if (w->aws == NULL || !sink->facts->sink)
        return false;
    for (size_t i = 0; i < f->tables_include.count && f->topic_prefix != NULL && !reads; i++) {
        struct strbuf topic;
        strbuf_init(&topic, DISCOVER_TEXT);
        strbuf_printf(&topic, "%s%s", f->topic_prefix, f->topic_delimiter);
        for (const char *p = f->tables_include.items[i]; *p != '\0'; p++) {
            if (*p != '\\') /* public\.orders */
                strbuf_putc(&topic, *p);
        }
        reads = connector_facts_topic_matches(sink->facts, topic.text);
        strbuf_free(&topic);
    }
    return reads;
}

/* A sink belongs to the pipelines of its sources. */
bool discover_belongs(const struct discover_work *w, const struct connector_row *c)
{
    if (!w->several)
        return true;
    if (c->facts->source)
        return same_database(w->source, c);
    for (size_t i = 0; i < w->p->nconnectors; i++) {
        const struct connector_row *s = &w->p->connectors[i];
        if (s->facts->source && same_database(w->source, s) &&
            (pipeline_feeds(w->p, s, c) || reads_tables(w, s, c)))
            return true;
    }
    return false;
}

bool discover_runs_some(const struct discover_work *w, enum connect_service service)
{
    for (size_t i = 0; i < w->p->nconnectors; i++) {
        const struct connector_row *c = &w->p->connectors[i];
        if (c->connector->service == service && discover_belongs(w, c))
            return true;
    }
    return false;
}

/* Where a pipeline lists the connectors of a service; those of AWS are listed always. */
static const struct {
    enum option_section section;
    const char *key, *suffix;
} services[SERVICE_COUNT] = {
    [SERVICE_CONNECT] = {SECTION_CONNECT,    "connectors", ""               },
    [SERVICE_MSK_CONNECT] = {SECTION_MSKCONNECT, "connectors", " of MSK Connect"},
    [SERVICE_DMS] = {SECTION_DMS,        "tasks",      ""               },
};

/* The name as a pattern that means it and no other. */
static void list_connector(struct discover_work *w, const struct connect_connector *c)
{
    struct strbuf sb;
    const char *why;
    strbuf_init(&sb, DISCOVER_TEXT);
    for (const char *p = c->name; *p != '\0'; p++) {
        if (strchr("*?[\\", *p) != NULL || (*p == '!' && p == c->name))
            strbuf_putc(&sb, '\\');
        strbuf_putc(&sb, *p);
    }
    (void)options_append(options_find(services[c->service].section, services[c->service].key),
                         w->pc, sb.text, &why);
    strbuf_free(&sb);
}

static void tell_connector(struct discover_work *w, const struct connector_row *c)
{
    const struct connector_facts *f = c->facts;
    strbuf_printf(&w->out->found, "connector %s: %s%s", c->base.name, connector_role_name(f->role),
                  services[c->connector->service].suffix);
    if (f->slot_name != NULL)
        strbuf_printf(&w->out->found, ", slot %s", f->slot_name);
    if (f->slot_name != NULL && f->publication_name != NULL)
        strbuf_printf(&w->out->found, ", publication %s", f->publication_name);
    if (f->bucket != NULL)
        strbuf_printf(&w->out->found, ", bucket %s", f->bucket);
    strbuf_putc(&w->out->found, '\n');
}

/* "*" alone: nobody said which ones. */
static bool narrowed(const struct strlist *globs)
{
    return globs->count > 1 || (globs->count == 1 && strcmp(globs->items[0], "*") != 0);
}

void discover_list_connectors(struct discover_work *w)
{
    for (size_t i = 0; i < w->p->nconnectors; i++) {
        const struct connector_row *c = &w->p->connectors[i];
        if (!discover_belongs(w, c))
            continue;
        tell_connector(w, c);
        if (w->several || c->connector->service != SERVICE_CONNECT)
            list_connector(w, c->connector);
    }
    const struct strlist *msk = &w->given->mskconnect.connectors, *dms = &w->given->dms.tasks;
    if (!w->several && narrowed(msk) && discover_runs_some(w, SERVICE_MSK_CONNECT)) {
        options_clear(options_find(SECTION_MSKCONNECT, "connectors"), w->pc);
        discover_put_list(w, SECTION_MSKCONNECT, "connectors", msk);
    }
    if (!w->several && narrowed(dms) && discover_runs_some(w, SERVICE_DMS)) {
        options_clear(options_find(SECTION_DMS, "tasks"), w->pc);
        discover_put_list(w, SECTION_DMS, "tasks", dms);
    }
}

/* A connector of Debezium tells more than a task of DMS. */
static bool tells_more(const struct connector_row *a, const struct connector_row *b)
{
    return a->facts->role != CONNECTOR_SOURCE_DMS && b->facts->role == CONNECTOR_SOURCE_DMS;
}

size_t discover_databases(const struct pipeline *p, const struct connector_row **first)
{
    size_t n = 0;
    for (size_t i = 0; i < p->nconnectors; i++) {
        const struct connector_row *c = &p->connectors[i];
        size_t at = 0;
        if (!c->facts->source)
            continue;
        while (at < n && !same_database(first[at], c))
            at++;
        if (at == n)
            first[n++] = c;
        else if (tells_more(c, first[at]))
            first[at] = c;
    }
    return n;
}

void discover_tell_several(struct discover_work *w)
{
    struct strbuf *missing = &w->out->missing;
    size_t left = 0;
    if (w->aws == NULL || !w->several)
        return;
    strbuf_printf(&w->out->found,
                  "%zu databases: a pipeline for each; --connectors 'GLOB' narrows it down\n",
                  w->out->config.npipelines);
    for (size_t i = 0; i < w->p->nconnectors; i++) {
        const struct connector_row *c = &w->p->connectors[i];
        bool taken = false;
        for (size_t k = 0; k < w->out->config.npipelines && !taken; k++) {
            w->source = w->sources[k];
            taken = discover_belongs(w, c);
        }
        if (!taken)
            strbuf_printf(missing, "%s%s", left++ == 0 ? "connectors of no pipeline: " : ", ",
                          c->base.name);
    }
    strbuf_puts(missing, left > 0 ? " (they read nothing that these sources write)\n" : "");
}
