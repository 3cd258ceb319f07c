/* Checks of what is published: the publication, its tables, their keys and identities. */
#include "check/checks.h"

#include <string.h>

/* pgoutput alone reads a publication. */
static bool reads_publication(const struct connector_row *c)
{
    return c->facts->plugin != NULL && strcmp(c->facts->plugin, "pgoutput") == 0;
}

static void exists(struct check_run *run, const struct connector_row *c)
{
    const char *name = c->facts->publication_name;
    if (!reads_publication(c))
        return;
    if (run->pg->publications == NULL) {
        (void)check_say(run, c->base.name, RESULT_UNKNOWN, "publications were not read");
        return;
    }
    if (check_publication(run->pg, name) != NULL) {
        (void)check_say(run, c->base.name, RESULT_OK, "publication %s is there", name);
        return;
    }
    const char *mode = check_config(c, "publication.autocreate.mode");
    bool makes = mode == NULL || strcmp(mode, "disabled") != 0;
    struct check_line *line =
        check_say(run, c->base.name, makes ? RESULT_WARNING : RESULT_FAILED,
                  "there is no publication %s%s", name,
                  makes ? ": the connector will make it, if its role owns the tables"
                        : ", and publication.autocreate.mode is disabled");
    struct check_names tables;
    check_names_init(&tables);
    for (size_t i = 0; i < run->pg->nrelations; i++) {
        const struct pg_relation *r = &run->pg->relations[i];
        if (!r->partition && connector_facts_captures(c->facts, r->schema, r->name) == TRI_YES)
            check_names_add(&tables, check_table(run, r->schema, r->name));
    }
    bool any = tables.count > 0;
    (void)check_names_end(&tables, run);
    check_fix(run, line, FIX_SQL, "CREATE PUBLICATION %s FOR %s%s;", check_ident(run, name),
              any ? "TABLE " : "ALL TABLES", tables.all);
}

struct coverage {
    struct check_names missing;
    size_t captured, unsure;
};

/* A partitioned table is published as itself or as its partitions: not finding it is no proof; and
 * its partitions are not captured by their own names. */
static struct coverage cover(struct check_run *run, const struct connector_row *c,
                             const struct pg_publication *pub)
{
    struct coverage out = {.captured = 0};
    bool all_read = run->pg->ntables >= run->pg->tables_total;
    check_names_init(&out.missing);
    for (size_t i = 0; i < run->pg->nrelations; i++) {
        const struct pg_relation *r = &run->pg->relations[i];
        enum tri wanted =
            r->partition ? TRI_NO : connector_facts_captures(c->facts, r->schema, r->name);
        out.captured += wanted == TRI_YES;
        if (wanted == TRI_NO || check_published(run->pg, pub, r->schema, r->name))
            continue;
        if (wanted == TRI_YES && r->kind == 'r' && all_read)
            check_names_add(&out.missing, check_table(run, r->schema, r->name));
        else
            out.unsure++;
    }
    return out;
}

static void judge_coverage(struct check_run *run, const struct connector_row *c,
                           const struct pg_publication *pub)
{
    struct coverage seen = cover(run, c, pub);
    size_t n = seen.missing.count;
    const char *list = check_names_end(&seen.missing, run);
    bool cut = run->pg->nrelations < run->pg->relations_total || seen.unsure > 0;
    if (n > 0) {
        struct check_line *line = check_say(run, c->base.name, RESULT_FAILED,
                                            "captured, but not in %s: %s", pub->name, list);
        check_fix(run, line, FIX_SQL, "ALTER PUBLICATION %s ADD TABLE %s;",
                  check_ident(run, pub->name), seen.missing.all);
    } else if (cut) {
        (void)check_say(run, c->base.name, RESULT_UNKNOWN,
                        "%zu tables captured, of %zu it cannot be told (partitions, patterns or "
                        "too many tables)",
                        seen.captured, seen.unsure);
    } else if (seen.captured == 0) {
        (void)check_say(run, c->base.name, RESULT_FAILED,
                        "no table of the database matches what it captures");
    } else {
        (void)check_say(run, c->base.name, RESULT_OK,
                        "all of the %zu captured tables are published", seen.captured);
    }
}

static void tables(struct check_run *run, const struct connector_row *c)
{
    const struct pg_publication *pub = check_publication(run->pg, c->facts->publication_name);
    if (!reads_publication(c) || pub == NULL)
        return;
    if (run->pg->nrelations == 0)
        (void)check_say(run, c->base.name, RESULT_UNKNOWN, "the tables were not read");
    else
        judge_coverage(run, c, pub);
}

static void operations(struct check_run *run, const struct connector_row *c)
{
    const struct pg_publication *pub = check_publication(run->pg, c->facts->publication_name);
    if (!reads_publication(c) || pub == NULL)
        return;
    bool all = pub->insert && pub->update && pub->delete_;
    struct check_line *line = check_say(
        run, c->base.name, all ? RESULT_OK : RESULT_WARNING, "%s publishes%s%s%s%s", pub->name,
        pub->insert ? " insert" : "", pub->update ? " update" : "", pub->delete_ ? " delete" : "",
        all ? "" : " only: other changes never leave the database");
    check_fix(run, line, FIX_SQL,
              "ALTER PUBLICATION %s SET (publish = 'insert, update, delete%s');",
              check_ident(run, pub->name), pub->truncate ? ", truncate" : "");
}

static bool is_captured(const struct connector_row *c, const struct pg_table *t)
{
    return c->facts->publication_name != NULL &&
           strcmp(t->publication, c->facts->publication_name) == 0 &&
           connector_facts_captures(c->facts, t->schema, t->name) == TRI_YES;
}

static void identity(struct check_run *run, const struct connector_row *c)
{
    const struct pg_publication *pub = check_publication(run->pg, c->facts->publication_name);
    if (pub == NULL || (!pub->update && !pub->delete_))
        return;
    size_t seen = 0, bad = 0, unknown = 0;
    for (size_t i = 0; i < run->pg->ntables; i++) {
        const struct pg_table *t = &run->pg->tables[i];
        if (!is_captured(c, t))
            continue;
        seen++;
        bool none = t->replica_identity == 'n';
        bool keyless = t->replica_identity == 'd' && t->has_pk == TRI_NO;
        unknown +=
            t->replica_identity == '?' || (t->replica_identity == 'd' && t->has_pk == TRI_UNKNOWN);
        if (!none && !keyless)
            continue;
        bad++;
        const char *table = check_table(run, t->schema, t->name);
        /* A table that is only ever inserted into may lack a key and live. NOTHING was set. */
        struct check_line *line =
            check_say(run, table, none ? RESULT_FAILED : RESULT_WARNING,
                      "%s: PostgreSQL refuses UPDATE and DELETE of it",
                      none ? "REPLICA IDENTITY NOTHING" : "no primary key, identity DEFAULT");
        check_fix(run, line, FIX_SQL, "ALTER TABLE %s REPLICA IDENTITY FULL;", table);
    }
    if (unknown > 0)
        (void)check_say(run, c->base.name, RESULT_UNKNOWN,
                        "the identity of %zu tables could not be read", unknown);
    else if (bad == 0 && seen > 0)
        (void)check_say(run, c->base.name, RESULT_OK, "of all %zu published tables", seen);
}

static void keys(struct check_run *run, const struct connector_row *c)
{
    size_t seen = 0, unknown = 0;
    struct check_names without;
    check_names_init(&without);
    for (size_t i = 0; i < run->pg->ntables; i++) {
        const struct pg_table *t = &run->pg->tables[i];
        if (!is_captured(c, t))
            continue;
        seen++;
        unknown += t->has_pk == TRI_UNKNOWN;
        if (t->has_pk == TRI_NO)
            check_names_add(&without, check_table(run, t->schema, t->name));
    }
    size_t n = without.count;
    const char *list = check_names_end(&without, run);
    if (n > 0) {
        struct check_line *line =
            check_say(run, c->base.name, RESULT_WARNING,
                      "none in %s: records without a key, no incremental snapshot of it", list);
        check_fix(run, line, FIX_OTHER,
                  "add a primary key, or name what identifies a row in the connector's "
                  "message.key.columns");
    } else if (unknown > 0) {
        (void)check_say(run, c->base.name, RESULT_UNKNOWN, "%zu tables could not be read", unknown);
    } else if (seen > 0) {
        (void)check_say(run, c->base.name, RESULT_OK, "in all %zu published tables", seen);
    }
}

#define PG_CONN (NEEDS_OF(SOURCE_POSTGRES) | NEEDS_OF(SOURCE_CONNECT))

const struct check_row checks_publication[] = {
    {"publication.exists", "the publication exists", HOP_CAPTURE, PG_CONN, .of_source = exists},
    {"publication.tables",         "every captured table is published", HOP_CAPTURE, PG_CONN,
     .of_source = tables},
    {"publication.operations", "inserts, updates and deletes are published", HOP_CAPTURE, PG_CONN,
     .of_source = operations},
    {"publication.replica_identity", "rows that change can be told apart", HOP_CAPTURE, PG_CONN,
     .of_source = identity},
    {"publication.primary_keys",         "captured tables have primary keys", HOP_CAPTURE, PG_CONN,
     .of_source = keys},
    {.id = NULL },
};
