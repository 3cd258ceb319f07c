/* Publications and the tables that are captured: what is not published, what its old values lack,
 * and what PostgreSQL refuses because of that. Signatures: PostgreSQL's catalog and statistics. */
#include "base/human.h"
#include "diagnosis/capture.h"
#include "model/connector_config.h"

#include <stdlib.h>
#include <string.h>

enum {
    SHOWN = 3,              /* names in a title */
    LISTED = 40,            /* names in a statement */
    TABLES_MAX = 20,        /* findings about single tables */
    SKIPS_MISSING = 180000, /* from this version on a missing publication only warns in the log */
    SHUT_OUT_MS = 15 * 1000 /* a walsender that was ended comes back after about 11 s */
};

/* ---- P19 ---- */

/* What CREATE PUBLICATION would have to name; NULL: nothing that we know. */
static const char *captured_list(const struct rule_run *run, const struct connector_row *c)
{
    const struct pg_snap *pg = rule_pg(run);
    struct capture_names names = {.arena = run->arena};
    for (size_t i = 0; pg != NULL && i < pg->nrelations; i++) {
        const struct pg_relation *r = &pg->relations[i];
        bool wanted = capture_is_helper(c->facts, r->schema, r->name) ||
                      connector_facts_captures(c->facts, r->schema, r->name) == TRI_YES;
        if (wanted && !r->partition)
            capture_names_add(&names, capture_sql_name(run, r->schema, r->name));
    }
    if (names.count == 0 || names.count > LISTED)
        return NULL;
    return capture_names_text(&names, LISTED);
}

static void say_state(struct rule_run *run, struct finding *f, const struct connector_row *c)
{
    rule_evidence(run, f, "%s", rule_failed_text(run, c));
}

static void missing(struct rule_run *run, const struct connector_row *c, bool said)
{
    const char *name = c->facts->publication_name;
    struct finding *f =
        rule_emit(run, c->base.name, "%s finds no publication %s", c->base.name, name);
    const struct pg_snap *pg = rule_pg(run);
    bool told = capture_by_publication(run, c) && capture_publications_told(run) &&
                capture_publication(run, name) == NULL;
    if (told)
        rule_evidence(run, f, "pg_publication in %s: no row of that name", pg->database);
    if (said)
        rule_evidence(run, f, "%s", c->cause);
    const char *autocreate =
        connector_config_str(c->connector, "publication.autocreate.mode", "all_tables");
    if (!said && strcmp(autocreate, "disabled") != 0 && !rule_connector_is(c, "RUNNING")) {
        f->severity = VERDICT_WARN;
        rule_evidence(run, f, "publication.autocreate.mode = %s", autocreate);
        say_state(run, f, c);
        rule_advise(run, f,
                    "it makes it when it starts; what was written without it needs a "
                    "snapshot");
        return;
    }
    if (told && pg->version_num >= SKIPS_MISSING)
        rule_evidence(run, f, "PostgreSQL 18 and newer skip the changes and go on: nothing fails");
    say_state(run, f, c);
    const char *tables = told ? captured_list(run, c) : NULL;
    rule_advise(run, f,
                "CREATE PUBLICATION %s FOR TABLE %s; then restart; what was written in between "
                "needs a snapshot",
                capture_sql_word(run, name), tables != NULL ? tables : "… (all captured ones)");
}

/* The slot, if it stands at a time when the publication did not exist. PostgreSQL up to 17 decodes
 * with the catalog of that time and ends the walsender with "publication … does not exist", again
 * and again, while Debezium says RUNNING (recorded from PostgreSQL 15, Debezium 2.7: publication
 * dropped, made anew, task restarted). */
static const struct slot_row *slot_before(const struct rule_run *run, const struct connector_row *c,
                                          const struct pg_publication *p)
{
    const struct slot_row *s =
        c->facts->slot_name != NULL ? pipeline_slot(run->p, c->facts->slot_name) : NULL;
    if (s == NULL || s->slot->active != TRI_NO || p->row_xid == UNKNOWN ||
        rule_pg(run)->version_num >= SKIPS_MISSING)
        return NULL;
    const char *text = kv_find(s->slot->columns, s->slot->ncolumns, "catalog_xmin");
    if (text == NULL)
        return NULL;
    uint32_t oldest = (uint32_t)strtoul(text, NULL, 10);
    return (int32_t)((uint32_t)p->row_xid - oldest) > 0 ? s : NULL;
}

static void say_younger(struct rule_run *run, struct finding *f, const struct pg_publication *p,
                        const struct slot_row *s)
{
    rule_evidence(run, f, "pg_publication: row of transaction %lld; the slot's catalog_xmin = %s",
                  (long long)p->row_xid,
                  kv_find(s->slot->columns, s->slot->ncolumns, "catalog_xmin"));
    rule_advise(run, f,
                "no restart alone helps: SELECT pg_replication_slot_advance('%s', "
                "pg_current_wal_lsn()), restart, then an incremental snapshot for what it skips",
                s->base.name);
}

static void missed_at_start(struct rule_run *run, const struct connector_row *c,
                            const struct pg_publication *p, const struct slot_row *before)
{
    struct finding *f = rule_emit(run, c->base.name, "%s found no publication %s when it started",
                                  c->base.name, c->facts->publication_name);
    rule_evidence(run, f, "pg_publication in %s: it is there now", rule_pg(run)->database);
    rule_evidence(run, f, "%s", c->cause);
    say_state(run, f, c);
    if (before != NULL) {
        say_younger(run, f, p, before);
        return;
    }
    rule_advise(run, f, "it exists now: restart the task, then a snapshot for what was missed");
    rule_remedy(f, ACTION_RESTART);
}

static void too_young(struct rule_run *run, const struct connector_row *c,
                      const struct pg_publication *p, const struct slot_row *s)
{
    struct finding *f = rule_emit(
        run, c->base.name, "%s cannot read on: slot %s stands before publication %s was made",
        c->base.name, s->base.name, p->name);
    f->confidence = CONFIDENCE_MEDIUM;
    f->check = "the server's log: publication … does not exist";
    rule_evidence(run, f, "slot %s active = f while connector %s says RUNNING", s->base.name,
                  c->base.name);
    say_younger(run, f, p, s);
}

/* The database was asked after the task failed: what it said before may be what made it fail. */
static bool asked_since(const struct rule_run *run, const struct connector_row *c)
{
    const struct snapshot *snap = world_snap(run->world, run->index, SOURCE_POSTGRES);
    const struct connector_past *past =
        connector_history_of(run->world->pipelines[run->index].history, c->connector);
    bool at_least;
    int64_t since = connector_past_since(past, c->failed > 0 ? c->failed_task : -1, &at_least);
    return since == UNKNOWN || snap->mono_ms - snap->took_us / 1000 > since;
}

static void publication_missing(struct rule_run *run)
{
    bool pg_fresh = world_state(run->world, run->index, SOURCE_POSTGRES) == STATE_FRESH;
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        bool said = rule_trace_says(c, "P19");
        bool told = pg_fresh && capture_by_publication(run, c) && capture_publications_told(run);
        const char *name = c->facts->publication_name;
        if (name == NULL || (!said && !told))
            continue;
        const struct pg_publication *p = told ? capture_publication(run, name) : NULL;
        const struct slot_row *before = p != NULL ? slot_before(run, c, p) : NULL;
        if (p == NULL || (said && !asked_since(run, c)))
            missing(run, c, said);
        else if (said)
            missed_at_start(run, c, p, before);
        else if (before != NULL && before->idle_ms >= SHUT_OUT_MS &&
                 rule_connector_is(c, "RUNNING"))
            too_young(run, c, p, before);
    }
}

/* ---- P20 ---- */

/* By a list of tables: a connector without one captures whatever is published. */
static bool wants(const struct connector_row *c, const struct pg_relation *r)
{
    return c->facts->tables_include.count > 0 && r->kind == 'r' && !r->partition &&
           !capture_is_helper(c->facts, r->schema, r->name) &&
           connector_facts_captures(c->facts, r->schema, r->name) == TRI_YES;
}

/* As far back as is remembered: a table that is written to now and then is in use all the same. */
static double grown_by(const struct rule_run *run, const struct pg_relation *r, int64_t *span_ms)
{
    const struct series *s = rule_series(run, "changes %s.%s", r->schema, r->name);
    struct point now;
    struct point oldest;
    if (series_samples(s) < 2 || !series_at(s, 0, &now) ||
        !series_at(s, series_samples(s) - 1, &oldest))
        return 0;
    *span_ms = now.t - oldest.t;
    return now.v - oldest.v;
}

static const char *topic_word(const struct rule_run *run, const struct connector_row *c,
                              const struct pg_relation *r)
{
    if (world_state(run->world, run->index, SOURCE_KAFKA) != STATE_FRESH)
        return "not known";
    const char *name = connector_facts_table_topic(c->facts, run->arena, r->schema, r->name);
    const struct topic_row *t = name != NULL ? pipeline_topic(run->p, name) : NULL;
    if (name == NULL || t == NULL)
        return "there is none";
    char a[HUMAN_SIZE];
    return arena_printf(run->arena, "%s messages", human_count(a, t->messages));
}

struct unpublished {
    struct capture_names moving, quiet;
    const struct pg_relation *first; /* that moves */
    double grown;
    int64_t span_ms;
};

static void emit_unpublished(struct rule_run *run, const struct connector_row *c,
                             const struct unpublished *u)
{
    const struct capture_names *names = u->moving.count > 0 ? &u->moving : &u->quiet;
    const char *publication = capture_sql_word(run, c->facts->publication_name);
    struct finding *f = rule_emit(
        run, c->base.name, "%s captures %s, but publication %s does not publish %s", c->base.name,
        capture_names_text(names, SHOWN), publication, names->count == 1 ? "it" : "them");
    if (u->moving.count == 0) {
        f->severity = VERDICT_INFO;
        rule_evidence(run, f, "no changes of it were seen so far");
    } else {
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        rule_evidence(run, f, "%s.%s: %s changes in the last %s, published by %s: no",
                      u->first->schema, u->first->name, human_count(a, (int64_t)u->grown),
                      human_duration_ms(b, u->span_ms), publication);
        rule_evidence(run, f, "its topic: %s", topic_word(run, c, u->first));
    }
    rule_evidence(run, f, "table.include.list of %s names it", c->base.name);
    rule_advise(run, f,
                "ALTER PUBLICATION %s ADD TABLE %s; then an incremental snapshot for what was "
                "missed",
                publication, capture_names_text(names, LISTED));
}

static void not_published(struct rule_run *run)
{
    const struct pg_snap *pg = rule_pg(run);
    struct capture_index index = capture_index(run);
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (!capture_by_publication(run, c) ||
            capture_publication(run, c->facts->publication_name) == NULL)
            continue;
        struct unpublished u = {.moving = {.arena = run->arena}, .quiet = {.arena = run->arena}};
        for (size_t k = 0; k < pg->nrelations; k++) {
            const struct pg_relation *r = &pg->relations[k];
            if (capture_published(run, &index, c->facts->publication_name, r->schema, r->name) !=
                    TRI_NO ||
                !wants(c, r))
                continue;
            int64_t span_ms = 0;
            double grown = grown_by(run, r, &span_ms);
            const char *name = capture_sql_name(run, r->schema, r->name);
            capture_names_add(grown > 0 ? &u.moving : &u.quiet, name);
            if (grown > u.grown) {
                u.grown = grown;
                u.span_ms = span_ms;
                u.first = r;
            }
        }
        if (u.moving.count + u.quiet.count > 0)
            emit_unpublished(run, c, &u);
    }
}

/* ---- P21, P23: what the records lack ---- */

/* Is there a transform or post-processor of this class in the connector's config? */
static bool has_class(const struct connector_row *c, const char *before, const char *class_name)
{
    for (size_t i = 0; i < c->connector->nconfig; i++) {
        const struct kv *kv = &c->connector->config[i];
        if (strncmp(kv->key, before, strlen(before)) == 0 && kv->value != NULL &&
            strstr(kv->value, class_name) != NULL)
            return true;
    }
    return false;
}

/* Captured, published, and rows of it do change. */
static bool rewritten(const struct rule_run *run, const struct capture_index *index,
                      const struct connector_row *c, const struct pg_relation *r)
{
    return r->rewrites != UNKNOWN && r->rewrites > 0 &&
           capture_published(run, index, c->facts->publication_name, r->schema, r->name) ==
               TRI_YES &&
           !capture_is_helper(c->facts, r->schema, r->name) &&
           connector_facts_captures(c->facts, r->schema, r->name) == TRI_YES;
}

typedef bool lacking_fn(const struct pg_relation *r);

static bool lacks_before(const struct pg_relation *r)
{
    return r->replica_identity == 'd' && r->has_pk == TRI_YES;
}

static bool lacks_toasted(const struct pg_relation *r)
{
    return strchr("dni", r->replica_identity) != NULL && r->toasted != UNKNOWN && r->toasted > 0;
}

static struct capture_names lacking(const struct rule_run *run, const struct capture_index *index,
                                    const struct connector_row *c, lacking_fn *lacks)
{
    const struct pg_snap *pg = rule_pg(run);
    struct capture_names names = {.arena = run->arena};
    for (size_t k = 0; k < pg->nrelations; k++) {
        const struct pg_relation *r = &pg->relations[k];
        if (lacks(r) && rewritten(run, index, c, r))
            capture_names_add(&names, capture_sql_name(run, r->schema, r->name));
    }
    return names;
}

/* Who unwraps the records does not look at `before`. */
static void before_image(struct rule_run *run)
{
    struct capture_index index = capture_index(run);
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (!capture_by_publication(run, c) || has_class(c, "transforms.", "ExtractNewRecordState"))
            continue;
        struct capture_names names = lacking(run, &index, c, lacks_before);
        if (names.count == 0)
            continue;
        struct finding *f = rule_emit(run, c->base.name, "%s: old values of %s hold only the key",
                                      c->base.name, capture_names_text(&names, SHOWN));
        rule_evidence(run, f,
                      "REPLICA IDENTITY default on %zu tables whose rows are updated or "
                      "deleted",
                      names.count);
        rule_evidence(run, f, "an update has before = null; a delete's other columns read as null");
        rule_advise(run, f,
                    "fine unless somebody reads before: then ALTER TABLE … REPLICA IDENTITY FULL "
                    "(writes more WAL)");
    }
}

static void left_out_values(struct rule_run *run)
{
    struct capture_index index = capture_index(run);
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (!capture_by_publication(run, c) ||
            has_class(c, "post.processors", "ReselectColumnsPostProcessor"))
            continue;
        struct capture_names names = lacking(run, &index, c, lacks_toasted);
        if (names.count == 0)
            continue;
        struct finding *f = rule_emit(run, c->base.name,
                                      "%s: large values of %s are left out when an UPDATE "
                                      "keeps them",
                                      c->base.name, capture_names_text(&names, SHOWN));
        rule_evidence(run, f, "%zu tables with TOAST values and without REPLICA IDENTITY FULL",
                      names.count);
        rule_evidence(run, f,
                      "their records then hold __debezium_unavailable_value; what readers "
                      "make of it is not known here");
        rule_advise(run, f,
                    "REPLICA IDENTITY FULL, the reselect-columns post processor, or keep the old "
                    "value downstream");
    }
}

/* ---- P22 ---- */

static const struct pg_relation *relation_of(const struct pg_snap *pg, const struct pg_table *t)
{
    for (size_t i = 0; i < pg->nrelations; i++) {
        const struct pg_relation *r = &pg->relations[i];
        if (strcmp(r->name, t->name) == 0 && strcmp(r->schema, t->schema) == 0)
            return r;
    }
    return NULL;
}

/* Set by hand on a table with a key: hardly meant, but nobody has stumbled over it so far. */
static bool odd(const struct pg_table *t)
{
    return t->replica_identity == 'n' && t->has_pk == TRI_YES;
}

static bool refuses(const struct pg_table *t)
{
    return t->replica_identity == 'n' || (t->replica_identity == 'd' && t->has_pk == TRI_NO);
}

static void refused(struct rule_run *run, const struct pg_publication *p, const struct pg_table *t,
                    const struct pg_relation *r)
{
    const char *what = p->update && p->delete_ ? "UPDATE and DELETE"
                       : p->update             ? "UPDATE"
                                               : "DELETE";
    const char *name = arena_printf(run->arena, "%s.%s", t->schema, t->name);
    bool nothing = t->replica_identity == 'n';
    struct finding *f = rule_emit(run, name, "PostgreSQL refuses %s on %s: %s", what, name,
                                  nothing ? "its replica identity is nothing" : "it has no key");
    char a[HUMAN_SIZE];
    rule_evidence(run, f, "REPLICA IDENTITY %s, primary key: %s", nothing ? "nothing" : "default",
                  t->has_pk == TRI_YES  ? "yes"
                  : t->has_pk == TRI_NO ? "none"
                                        : "not known");
    rule_evidence(run, f, "publication %s publishes %s", p->name, what);
    if (r->rewrites == 0)
        f->severity = VERDICT_WARN;
    rule_evidence(run, f, "%s rows were updated or deleted before", human_count(a, r->rewrites));
    rule_advise(run, f, "ALTER TABLE %s REPLICA IDENTITY %s: takes effect at once",
                capture_sql_name(run, t->schema, t->name),
                nothing && t->has_pk == TRI_YES ? "DEFAULT" : "FULL");
}

static void quiet_ones(struct rule_run *run, const struct pg_publication *p,
                       const struct capture_names *names)
{
    struct finding *f = rule_emit(run, p->name, "PostgreSQL would refuse UPDATE or DELETE on %s",
                                  capture_names_text(names, SHOWN));
    f->severity = VERDICT_INFO;
    rule_evidence(run, f, "no key to tell rows apart, published by %s; neither was seen so far",
                  p->name);
    rule_advise(run, f,
                "fine for tables that only grow; else a primary key, or ALTER TABLE … REPLICA "
                "IDENTITY FULL");
}

/* The application's own statements fail: "cannot update table … because it does not have a replica
 * identity and publishes updates" (recorded from PostgreSQL 15). Statements that are refused move
 * no counter, so that it is the former ones that tell whether anybody wants to. */
static void statements_refused(struct rule_run *run)
{
    const struct pg_snap *pg = rule_pg(run);
    int said = 0;
    for (size_t i = 0; i < pg->npublications; i++) {
        const struct pg_publication *p = &pg->publications[i];
        struct capture_names quiet = {.arena = run->arena};
        for (size_t k = 0; k < pg->ntables && (p->update || p->delete_); k++) {
            const struct pg_table *t = &pg->tables[k];
            if (strcmp(t->publication, p->name) != 0 || !refuses(t))
                continue;
            const struct pg_relation *r = relation_of(pg, t);
            if (r == NULL || r->rewrites == UNKNOWN)
                continue;
            if (r->rewrites == 0 && !odd(t))
                capture_names_add(&quiet, capture_sql_name(run, t->schema, t->name));
            else if (said++ < TABLES_MAX)
                refused(run, p, t, r);
        }
        if (quiet.count > 0)
            quiet_ones(run, p, &quiet);
    }
}

const struct diag_rule rules_publication[] = {
    {.id = "P19",
     .severity = VERDICT_CRIT,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_CONNECT),
     .eval = publication_missing,
     .explains = {"C01", "C02", "C06", "C12", "C18", "P04", "P06", "P07", "P08", "P10", "P13",
                  "P20", "P32", "P33"}},
    {.id = "P20",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_CONNECT),
     .eval = not_published,
     .explains = {"K01", "C12"},
     .check = "SELECT * FROM pg_publication_tables of that publication"},
    {.id = "P21",
     .severity = VERDICT_INFO,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_CONNECT),
     .eval = before_image,
     .explains = {NULL}},
    {.id = "P22",
     .severity = VERDICT_CRIT,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES),
     .eval = statements_refused,
     .explains = {NULL},
     .check = "the application's errors: \"does not have a replica identity and publishes\""},
    {.id = "P23",
     .severity = VERDICT_INFO,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_CONNECT),
     .eval = left_out_values,
     .explains = {NULL},
     .confidence = CONFIDENCE_MEDIUM,
     .check = "search a record of the topic for __debezium_unavailable_value"},
    {.id = NULL},
};
