/* Checks of the database server: logical decoding, places for slots and walsenders, roles, and what
 * a stuck slot may cost. */
#include "base/human.h"
#include "base/iamtext.h"
#include "base/lsn.h"
#include "check/checks.h"

#include <inttypes.h>
#include <string.h>

#define SOON_MS (INT64_C(14) * 24 * 60 * 60 * 1000)
#define RDS_REBOOT \
    "rds.logical_replication = 1 in the instance's parameter group, then reboot the instance"

/* The resource that the error names, with account and resource id where they are known. */
static const char *token_resource(const struct check_run *run, const char *arn)
{
    static const char any[] = ":*:dbuser:*/";
    const char *at = strstr(arn, any);
    if (at == NULL)
        return "*";
    const char *role = at + strlen(any);
    const struct snapshot *aws = world_snap(run->world, run->index, SOURCE_AWS);
    const struct snapshot *rds = world_snap(run->world, run->index, SOURCE_RDS);
    const char *account = aws != NULL ? aws->aws.account : NULL, *id = NULL;
    if (rds != NULL)
        id = rds->rds.cluster_resource_id != NULL ? rds->rds.cluster_resource_id
             : rds_behind(&rds->rds) != NULL      ? rds_behind(&rds->rds)->resource_id
                                                  : NULL;
    return arena_printf(run->arena, "%.*s:%s:dbuser:%s/%.*s", (int)(at - arn), arn,
                        account != NULL ? account : "*", id != NULL ? id : "*",
                        (int)strcspn(role, " "), role);
}

/* Asked for by itself: a login that is refused is no missing evidence. */
static void let_in(struct check_run *run)
{
    static const char allow[] = "allow rds-db:connect on ", grant[] = "GRANT rds_iam TO ";
    const struct err *err = &run->world->pipelines[run->index].sources[SOURCE_POSTGRES].err;
    enum source_state state = world_state(run->world, run->index, SOURCE_POSTGRES);
    if (state == STATE_FRESH) {
        (void)check_say(run, NULL, RESULT_OK, "it answers");
        return;
    }
    if (state != STATE_FAILING ||
        (err->kind != ERR_AUTH && err->kind != ERR_DENIED && err->kind != ERR_TLS))
        return; /* the others say that nothing is known */
    struct check_line *line = check_say(run, NULL, RESULT_FAILED, "%s", err->text);
    const char *allowed = strstr(err->text, allow), *granted = strstr(err->text, grant);
    if (allowed != NULL)
        check_fix(run, line, FIX_IAM,
                  "{\"Effect\": \"Allow\", \"Action\": \"rds-db:connect\", \"Resource\": %s}",
                  check_string(run, token_resource(run, allowed + strlen(allow))));
    else if (granted != NULL)
        check_fix(run, line, FIX_SQL, "GRANT rds_iam TO %s;",
                  check_ident(run, arena_strndup(run->arena, granted + strlen(grant),
                                                 strcspn(granted + strlen(grant), " "))));
    else
        check_fix(run, line, FIX_OTHER, "%s", iam_next_step(err));
}

static void wal_level(struct check_run *run)
{
    const char *level = run->pg->wal_level;
    if (level == NULL) {
        (void)check_say(run, NULL, RESULT_UNKNOWN, "wal_level could not be read");
        return;
    }
    bool ok = strcmp(level, "logical") == 0;
    struct check_line *line =
        check_say(run, NULL, ok ? RESULT_OK : RESULT_FAILED, "wal_level = %s", level);
    if (check_is_rds(run->pg))
        check_fix(run, line, FIX_OTHER, RDS_REBOOT);
    else
        check_fix(run, line, FIX_SQL,
                  "ALTER SYSTEM SET wal_level = 'logical'; -- then restart the server");
}

static void rds_logical(struct check_run *run)
{
    const char *value = kv_find(run->pg->settings, run->pg->nsettings, "rds.logical_replication");
    if (value == NULL) /* no RDS */
        return;
    bool ok = strcmp(value, "on") == 0 || strcmp(value, "1") == 0;
    struct check_line *line =
        check_say(run, NULL, ok ? RESULT_OK : RESULT_FAILED, "rds.logical_replication = %s", value);
    check_fix(run, line, FIX_OTHER, RDS_REBOOT);
}

static void primary(struct check_run *run)
{
    if (run->pg->in_recovery == TRI_UNKNOWN) {
        (void)check_say(run, NULL, RESULT_UNKNOWN, "pg_is_in_recovery() could not be read");
        return;
    }
    bool standby = run->pg->in_recovery == TRI_YES;
    bool old = standby && run->pg->version_num < 160000;
    struct check_line *line = check_say(run, NULL,
                                        old       ? RESULT_FAILED
                                        : standby ? RESULT_WARNING
                                                  : RESULT_OK,
                                        "%s, version %s", standby ? "a standby" : "a primary",
                                        run->pg->version != NULL ? run->pg->version : "?");
    check_fix(run, line, FIX_OTHER,
              old ? "a standby decodes from PostgreSQL 16 on: give the address of the primary"
                  : "slots of a standby are lost when it conflicts with the primary: give the "
                    "primary's address unless the source is meant to read here");
}

/* How many of something with a limit are in use. */
static void places(struct check_run *run, const char *setting, int64_t limit, size_t used,
                   size_t wanted)
{
    if (limit == UNKNOWN) {
        (void)check_say(run, NULL, RESULT_UNKNOWN, "%s could not be read", setting);
        return;
    }
    int64_t left = limit - (int64_t)used;
    enum check_result result = left < (int64_t)wanted ? RESULT_FAILED
                               : left <= 1            ? RESULT_WARNING
                                                      : RESULT_OK;
    struct check_line *line = check_say(
        run, NULL, result, "%zu of %s = %" PRId64 " in use, %" PRId64 " left%s", used, setting,
        limit, left > 0 ? left : 0, wanted > 0 ? ", and a connector still needs one" : "");
    if (check_is_rds(run->pg))
        check_fix(run, line, FIX_OTHER,
                  "%s = %" PRId64 " in the parameter group, then reboot; or drop what nobody uses",
                  setting, limit * 2);
    else
        check_fix(run, line, FIX_SQL,
                  "ALTER SYSTEM SET %s = %" PRId64 "; -- then restart the server", setting,
                  limit * 2);
}

static size_t sources_without_slot(const struct check_run *run)
{
    size_t at = 0, n = 0;
    const struct connector_row *c;
    while ((c = check_next_pg_source(run, &at)) != NULL)
        n += run->p->slots_told && pipeline_slot(run->p, c->facts->slot_name) == NULL;
    return n;
}

static void slots_left(struct check_run *run)
{
    places(run, "max_replication_slots", run->pg->max_replication_slots, run->pg->nslots,
           sources_without_slot(run));
}

static void senders_left(struct check_run *run)
{
    size_t at = 0, idle = 0;
    const struct connector_row *c;
    while ((c = check_next_pg_source(run, &at)) != NULL) {
        const struct slot_row *s = pipeline_slot(run->p, c->facts->slot_name);
        idle += run->p->slots_told && (s == NULL || s->slot->active == TRI_NO);
    }
    places(run, "max_wal_senders", run->pg->max_wal_senders, run->pg->nwalsenders, idle);
}

static void slot(struct check_run *run, const struct connector_row *c)
{
    const char *name = c->facts->slot_name;
    const struct slot_row *s = pipeline_slot(run->p, name);
    if (s == NULL) {
        bool gap = c->connector->lsn != LSN_NONE;
        struct check_line *line =
            check_say(run, c->base.name, gap ? RESULT_FAILED : RESULT_WARNING,
                      "slot %s does not exist%s", name,
                      gap ? ", but the connector has read before: what is written meanwhile is lost"
                          : "; the connector makes it at its first start");
        if (gap)
            check_fix(run, line, FIX_OTHER,
                      "a new slot begins at the present: start the connector with it, then "
                      "snapshot its tables (cdctop do snapshot)");
        return;
    }
    const char *status = s->slot->wal_status;
    bool lost =
        (status != NULL && strcmp(status, "lost") == 0) || s->slot->invalidation_reason != NULL;
    struct check_line *line = check_say(run, c->base.name, lost ? RESULT_FAILED : RESULT_OK,
                                        "slot %s is there, plugin %s, WAL %s", name,
                                        s->slot->plugin != NULL ? s->slot->plugin : "?",
                                        lost ? "lost" : (status != NULL ? status : "not told"));
    check_fix(run, line, FIX_SQL, "SELECT pg_drop_replication_slot('%s'); -- then snapshot anew",
              check_ident(run, name));
}

static const struct pg_login *login_of(const struct pg_snap *pg, const char *role)
{
    for (size_t i = 0; role != NULL && i < pg->nlogins; i++) {
        if (strcmp(pg->logins[i].role, role) == 0)
            return &pg->logins[i];
    }
    return NULL;
}

/* A password that ends is a failure at the next restart, and not before. */
static void judge_password(struct check_run *run, const struct connector_row *c,
                           const struct pg_login *l)
{
    const struct snapshot *snap = world_snap(run->world, run->index, SOURCE_POSTGRES);
    int64_t now = snap->server_ms != UNKNOWN ? snap->server_ms : snap->wall_ms;
    char text[HUMAN_SIZE];
    if (l->valid_until_ms == UNKNOWN || l->valid_until_ms - now > SOON_MS)
        return;
    bool over = l->valid_until_ms <= now;
    int64_t left = l->valid_until_ms - now;
    struct check_line *line =
        check_say(run, c->base.name, over ? RESULT_FAILED : RESULT_WARNING,
                  "the password of role %s %s %s%s", l->role, over ? "ended" : "ends in",
                  human_duration_ms(text, over ? -left : left), over ? " ago" : "");
    check_fix(run, line, FIX_SQL, "ALTER ROLE %s VALID UNTIL 'infinity';",
              check_ident(run, l->role));
}

static void judge_role(struct check_run *run, const struct connector_row *c,
                       const struct pg_login *l)
{
    const char *user = l->role, *ident = check_ident(run, user);
    struct check_line *line;
    if (l->exists == TRI_NO) {
        line = check_say(run, c->base.name, RESULT_FAILED, "there is no role %s", user);
        check_fix(run, line, FIX_SQL, "CREATE ROLE %s LOGIN REPLICATION;\n\\password %s", ident,
                  ident);
    } else if (l->can_login == TRI_NO) {
        line = check_say(run, c->base.name, RESULT_FAILED, "role %s may not log in", user);
        check_fix(run, line, FIX_SQL, "ALTER ROLE %s LOGIN;", ident);
    } else if (l->replication == TRI_UNKNOWN) {
        (void)check_say(run, c->base.name, RESULT_UNKNOWN,
                        "whether role %s may replicate could not be read", user);
    } else {
        bool ok = l->replication == TRI_YES;
        line =
            check_say(run, c->base.name, ok ? RESULT_OK : RESULT_FAILED,
                      ok ? "role %s may log in and replicate" : "role %s may not replicate", user);
        check_fix(run, line, FIX_SQL,
                  check_is_rds(run->pg) ? "GRANT rds_replication TO %s;"
                                        : "ALTER ROLE %s REPLICATION;",
                  ident);
    }
}

static void role(struct check_run *run, const struct connector_row *c)
{
    const char *user = c->facts->db_user;
    const struct pg_login *l = login_of(run->pg, user);
    if (l == NULL || l->exists == TRI_UNKNOWN) {
        (void)check_say(run, c->base.name, RESULT_UNKNOWN,
                        user != NULL ? "the rights of role %s were not read"
                                     : "database.user is not set%s",
                        user != NULL ? user : "");
        return;
    }
    judge_role(run, c, l);
    if (l->exists == TRI_YES)
        judge_password(run, c, l);
}

static void keep_size(struct check_run *run)
{
    int64_t limit = run->pg->max_slot_wal_keep_size;
    char text[HUMAN_SIZE];
    if (run->pg->version_num < 130000)
        return;
    if (limit == UNKNOWN) {
        (void)check_say(run, NULL, RESULT_UNKNOWN, "max_slot_wal_keep_size could not be read");
        return;
    }
    struct check_line *line =
        check_say(run, NULL, limit < 0 ? RESULT_WARNING : RESULT_OK, "max_slot_wal_keep_size = %s",
                  limit < 0 ? "-1: one stuck slot may fill the disk" : human_bytes(text, limit));
    if (check_is_rds(run->pg))
        check_fix(run, line, FIX_OTHER,
                  "max_slot_wal_keep_size = 51200 (MB) in the parameter group: less than the disk "
                  "has left, more than the longest outage writes");
    else
        check_fix(run, line, FIX_SQL,
                  "ALTER SYSTEM SET max_slot_wal_keep_size = '50GB'; -- less than the disk has "
                  "left, more than the longest outage writes\nSELECT pg_reload_conf();");
}

static void monitor(struct check_run *run)
{
    enum tri can = run->pg->is_monitor;
    const char *user = run->pg->user != NULL ? run->pg->user : "";
    if (can == TRI_UNKNOWN) {
        (void)check_say(run, user, RESULT_UNKNOWN, "its rights could not be read");
        return;
    }
    struct check_line *line =
        check_say(run, user, can == TRI_YES ? RESULT_OK : RESULT_WARNING, "%s pg_monitor",
                  can == TRI_YES ? "member of" : "no member of");
    check_fix(run, line, FIX_SQL, "GRANT pg_monitor TO %s;", check_ident(run, user));
}

#define PG      NEEDS_OF(SOURCE_POSTGRES)
#define PG_CONN (NEEDS_OF(SOURCE_POSTGRES) | NEEDS_OF(SOURCE_CONNECT))

/* clang-format off */
const struct check_row checks_postgres[] = {
    {"postgres.login", "the database lets us in", HOP_SOURCE, 0, .eval = let_in},
    {"postgres.wal_level", "wal_level is logical", HOP_SOURCE, PG, .eval = wal_level},
    {"postgres.rds_logical_replication", "logical replication is on in RDS", HOP_SOURCE, PG,
     .eval = rds_logical},
    {"postgres.primary", "the server decodes: it is a primary", HOP_SOURCE, PG, .eval = primary},
    {"postgres.role", "the connector's role may log in and replicate", HOP_SOURCE, PG_CONN,
     .of_source = role},
    {"postgres.monitor", "cdctop may read all statistics", HOP_SOURCE, PG, .eval = monitor},
    {"postgres.slot", "the connector's slot is there and whole", HOP_SLOT, PG_CONN, .of_source = slot},
    {"postgres.slots_left", "slots are left", HOP_SLOT, PG, .eval = slots_left},
    {"postgres.senders_left", "walsenders are left", HOP_SLOT, PG, .eval = senders_left},
    {"postgres.slot_limit", "a stuck slot cannot fill the disk", HOP_SLOT, PG, .eval = keep_size},
    {.id = NULL},
};
/* clang-format on */
