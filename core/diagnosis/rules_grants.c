/* What a connector's role may do: log in, read the WAL, write its signal and heartbeat tables.
 * Signatures: texts of traces, and PostgreSQL's catalog of roles and rights. */
#include "base/sqlname.h"
#include "diagnosis/capture.h"
#include "model/connector_config.h"

#include <string.h>

/* ---- P27 ---- */

static const struct pg_login *login_of(const struct rule_run *run, const struct connector_row *c)
{
    const struct pg_snap *pg = rule_pg(run);
    if (world_state(run->world, run->index, SOURCE_POSTGRES) != STATE_FRESH ||
        !capture_here(run, c) || c->facts->db_user == NULL)
        return NULL;
    for (size_t i = 0; i < pg->nlogins; i++) {
        if (strcmp(pg->logins[i].role, c->facts->db_user) == 0)
            return &pg->logins[i];
    }
    return NULL;
}

static bool expired(const struct rule_run *run, const struct pg_login *login)
{
    return login->valid_until_ms != UNKNOWN &&
           login->valid_until_ms < world_server_now(run->world, run->index, SOURCE_POSTGRES);
}

/* What the catalog says against a login, and the statement against that; NULL: nothing. */
static const char *fault_of(const struct rule_run *run, const struct pg_login *login,
                            const char **fix)
{
    const char *role = capture_sql_word(run, login->role);
    if (login->exists == TRI_NO) {
        *fix = arena_printf(run->arena, "CREATE ROLE %s LOGIN REPLICATION PASSWORD …", role);
        return "does not exist";
    }
    if (login->can_login == TRI_NO) {
        *fix = arena_printf(run->arena, "ALTER ROLE %s LOGIN", role);
        return "has no LOGIN";
    }
    if (expired(run, login)) {
        *fix = arena_printf(run->arena, "ALTER ROLE %s VALID UNTIL …", role);
        return "has a password whose VALID UNTIL is over";
    }
    if (login->replication == TRI_NO) {
        *fix = arena_printf(
            run->arena, "ALTER ROLE %s REPLICATION (RDS: GRANT rds_replication TO %s)", role, role);
        return "has no REPLICATION";
    }
    return NULL;
}

/* Sessions that are open stay open: the fault shows when the connector starts next. Debezium 2.7
 * that finds its slot but may not read from it says RUNNING all the time and tries for ever. */
static void refused_later(struct rule_run *run, const struct connector_row *c, const char *fault,
                          const char *fix)
{
    const struct slot_row *slot =
        c->facts->slot_name != NULL ? pipeline_slot(run->p, c->facts->slot_name) : NULL;
    bool shut_out = slot != NULL && slot->slot->active == TRI_NO && rule_connector_is(c, "RUNNING");
    struct finding *f = rule_emit(run, c->base.name,
                                  shut_out ? "%s cannot read the WAL: role %s %s"
                                           : "%s will not start again: role %s %s",
                                  c->base.name, c->facts->db_user, fault);
    f->severity = shut_out ? VERDICT_CRIT : VERDICT_WARN;
    rule_evidence(run, f, "pg_roles: %s %s", c->facts->db_user, fault);
    if (shut_out) {
        rule_evidence(run, f, "slot %s active = f while connector %s says RUNNING", slot->base.name,
                      c->base.name);
        rule_advise(run, f, "%s: it goes on by itself; if not, restart it once", fix);
        return;
    }
    rule_evidence(run, f, "its open sessions go on until the next restart or lost connection");
    rule_advise(run, f, "%s, before anything restarts it", fix);
}

static void login_refused(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct pg_login *login = login_of(run, c);
        const char *fix = "";
        const char *fault = login != NULL ? fault_of(run, login, &fix) : NULL;
        const struct trace_meaning *m = rule_trace_of(c);
        bool said = m != NULL && m->id != NULL && strcmp(m->id, run->rule->id) == 0;
        if (!said && fault != NULL && c->failed == 0 && !rule_connector_is(c, "FAILED"))
            refused_later(run, c, fault, fix);
        if (!said)
            continue;
        struct finding *f = rule_emit(run, c->base.name, "%s %s", c->base.name, m->title);
        f->hop = c->facts->sink ? HOP_SINK : HOP_CAPTURE;
        rule_evidence(run, f, "%s", c->cause);
        if (fault != NULL)
            rule_evidence(run, f, "pg_roles: %s %s", c->facts->db_user, fault);
        else if (login != NULL)
            rule_evidence(run, f, "pg_roles: %s exists, may log in and replicate", login->role);
        rule_evidence(run, f, "%s", rule_failed_text(run, c));
        rule_evidence(run, f, "every restart logs in anew: a loop of them can lock the account");
        rule_advise(run, f, "%s",
                    rule_without_restart(
                        run, c,
                        fault != NULL ? arena_printf(run->arena, "%s, then restart once", fix)
                                      : m->advice));
        if (fault == NULL)
            rule_remedy(f, ACTION_RESTART);
    }
}

/* ---- P32, P33 ---- */

static const struct pg_grant *grant_of(const struct rule_run *run, const struct connector_row *c,
                                       const char *table)
{
    const struct pg_snap *pg = rule_pg(run);
    struct sqlname name;
    if (table == NULL || !capture_here(run, c) || !sqlname_parse(table, &name, NULL))
        return NULL;
    for (size_t i = 0; i < pg->ngrants; i++) {
        const struct pg_grant *g = &pg->grants[i];
        const char *publication = c->facts->publication_name;
        if (strcmp(g->schema, name.schema) == 0 && strcmp(g->table, name.table) == 0 &&
            (g->role == NULL || c->facts->db_user == NULL ||
             strcmp(g->role, c->facts->db_user) == 0) &&
            (g->publication == NULL || publication == NULL ||
             strcmp(g->publication, publication) == 0))
            return g;
    }
    return NULL;
}

struct lack {
    const char *what; /* goes on after the table's name: "does not exist"; NULL: nothing lacks */
    const char *fix;
};

static struct lack lack_of_right(const struct rule_run *run, const struct pg_grant *g, bool insert,
                                 bool update)
{
    const char *role = g->role != NULL ? capture_sql_word(run, g->role) : "";
    if (g->usage == TRI_NO)
        return (struct lack){
            arena_printf(run->arena, "is in a schema that %s may not use", g->role),
            arena_printf(run->arena, "GRANT USAGE ON SCHEMA %s TO %s",
                         capture_sql_word(run, g->schema), role)};
    const char *right = insert && g->insert == TRI_NO   ? "INSERT"
                        : update && g->update == TRI_NO ? "UPDATE"
                                                        : NULL;
    if (right == NULL)
        return (struct lack){NULL, ""};
    return (struct lack){arena_printf(run->arena, "has no %s right for %s", right, g->role),
                         arena_printf(run->arena, "GRANT %s ON %s TO %s",
                                      insert && update ? "INSERT, UPDATE" : right,
                                      capture_sql_name(run, g->schema, g->table), role)};
}

static struct lack lack_of(const struct rule_run *run, const struct connector_row *c,
                           const struct pg_grant *g, bool insert, bool update)
{
    const char *table = capture_sql_name(run, g->schema, g->table);
    if (g->exists == TRI_NO)
        return (struct lack){"does not exist", NULL};
    struct lack lack = lack_of_right(run, g, insert, update);
    if (lack.what != NULL || g->published != TRI_NO || !capture_by_publication(run, c) ||
        capture_publication(run, c->facts->publication_name) == NULL)
        return lack;
    const char *publication = capture_sql_word(run, c->facts->publication_name);
    return (struct lack){
        arena_printf(run->arena, "is not in publication %s", publication),
        arena_printf(run->arena, "ALTER PUBLICATION %s ADD TABLE %s", publication, table)};
}

static const char *tri_word(enum tri t)
{
    return t == TRI_YES ? "yes" : t == TRI_NO ? "no" : "not known";
}

static void say_grant(struct rule_run *run, struct finding *f, const struct pg_grant *g)
{
    if (g->exists == TRI_NO)
        return;
    rule_evidence(run, f, "role %s: USAGE %s, INSERT %s, UPDATE %s; published: %s",
                  g->role != NULL ? g->role : "not known", tri_word(g->usage), tri_word(g->insert),
                  tri_word(g->update), tri_word(g->published));
}

/* Debezium's own role writes there too: the marks around each piece of an incremental snapshot. */
static void signal_table(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct pg_grant *g =
            c->facts->read_only ? NULL : grant_of(run, c, c->facts->signal_table);
        if (g == NULL)
            continue;
        struct lack lack = lack_of(run, c, g, true, false);
        if (lack.what == NULL)
            continue;
        const char *table = capture_sql_name(run, g->schema, g->table);
        struct finding *f = rule_emit(run, c->base.name, "%s: its signal table %s %s", c->base.name,
                                      table, lack.what);
        rule_evidence(run, f, "signal.data.collection = %s", c->facts->signal_table);
        say_grant(run, f, g);
        rule_evidence(run, f, "incremental snapshots and signals do not work without it");
        if (lack.fix == NULL)
            lack.fix = arena_printf(run->arena,
                                    "CREATE TABLE %s (id varchar(64) PRIMARY KEY, type varchar(32) "
                                    "NOT NULL, data text), publish it",
                                    table);
        rule_advise(run, f, "%s", lack.fix);
    }
}

/* Debezium only logs that its statement failed and sends the heartbeat's record all the same. */
static void heartbeat_table(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct pg_grant *g =
            c->facts->heartbeat_ms > 0 ? grant_of(run, c, c->facts->heartbeat_table) : NULL;
        if (g == NULL)
            continue;
        const char *query = connector_config_str(c->connector, "heartbeat.action.query", "");
        bool insert = strcasestr(query, "insert") != NULL;
        struct lack lack = lack_of(run, c, g, insert, strcasestr(query, "update") != NULL);
        if (lack.what == NULL)
            continue;
        const char *table = capture_sql_name(run, g->schema, g->table);
        struct finding *f = rule_emit(run, c->base.name, "%s: its heartbeat table %s %s",
                                      c->base.name, table, lack.what);
        rule_evidence(run, f, "heartbeat.action.query = %s", rule_brief(run, query, 100));
        say_grant(run, f, g);
        rule_evidence(run, f, "while the captured tables rest, nothing moves the slot on");
        rule_advise(run, f, "%s",
                    lack.fix != NULL ? lack.fix
                                     : "create and publish the table that its query writes");
    }
}

const struct diag_rule rules_grants[] = {
    {.id = "P27",
     .severity = VERDICT_CRIT,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_CONNECT),
     .eval = login_refused,
     .explains = {"C01", "C02", "C06", "C12", "C18", "K04", "K06", "K10", "P04", "P06", "P07",
                  "P08", "P10"}},
    {.id = "P33",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_CONNECT),
     .eval = signal_table},
    {.id = "P32",
     .severity = VERDICT_WARN,
     .hop = HOP_SLOT,
     .needs = NEEDS(SOURCE_POSTGRES) | NEEDS(SOURCE_CONNECT),
     .eval = heartbeat_table},
    {.id = NULL                    },
};
