/* Checks of the database as RDS has it: parameters in force, room on the disk, logins, backups,
 * what is about to be done to it. Only where [pipeline.rds] is asked. */
#include "base/clock.h"
#include "base/human.h"
#include "check/checks.h"
#include "config/conninfo.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void parameters(struct check_run *run)
{
    const struct rds_snap *rds = run->rds;
    for (size_t i = 0; i < rds->ninstances; i++) {
        const struct rds_instance *n = &rds->instances[i];
        bool any = false;
        for (size_t k = 0; k < n->nparameter_groups; k++) {
            const struct kv *g = &n->parameter_groups[k];
            if (g->value == NULL || strcmp(g->value, "in-sync") == 0)
                continue;
            any = true;
            struct check_line *line =
                check_say(run, n->id, RESULT_WARNING, "parameter group %s is %s", g->key, g->value);
            check_fix(run, line, FIX_SHELL,
                      "aws rds reboot-db-instance --db-instance-identifier %s",
                      check_word(run, n->id));
        }
        if (!any && n->nparameter_groups > 0)
            (void)check_say(run, n->id, RESULT_OK, "all parameter groups are in sync");
        else if (!any)
            (void)check_say(run, n->id, RESULT_UNKNOWN, "its parameter groups are not told");
    }
}

static void writer(struct check_run *run)
{
    const struct rds_snap *rds = run->rds;
    if (rds->role == NULL) {
        (void)check_say(run, rds->host, RESULT_UNKNOWN,
                        "none of the endpoints of what RDS tells of: a CNAME, a proxy or a tunnel");
        return;
    }
    bool reader = strstr(rds->role, "reader") != NULL;
    bool replica = strcmp(rds->role, "read replica") == 0;
    bool custom = strcmp(rds->role, "custom endpoint") == 0;
    struct check_line *line = check_say(run, rds->host,
                                        reader              ? RESULT_FAILED
                                        : replica || custom ? RESULT_WARNING
                                                            : RESULT_OK,
                                        "%s", rds->role);
    check_fix(run, line, FIX_OTHER, "give the writer's endpoint%s%s in conninfo",
              rds->writer_host != NULL ? ", " : "",
              rds->writer_host != NULL ? rds->writer_host : "");
}

static void iam_login(struct check_run *run)
{
    const struct rds_snap *rds = run->rds;
    const struct postgres_config *pg = &run->config->postgres;
    bool wanted = strcmp(pg->login, "rds-iam") == 0;
    if (!wanted) {
        (void)check_say(run, NULL, RESULT_OK, "a password is used; IAM login is %s",
                        rds->iam_login == TRI_YES  ? "on"
                        : rds->iam_login == TRI_NO ? "off"
                                                   : "not told");
        return;
    }
    const struct rds_instance *n = rds_behind(rds);
    char *mode = conninfo_bad(pg->conninfo) == NULL ? conninfo_get(pg->conninfo, "sslmode") : NULL;
    bool verified = mode != NULL && strcmp(mode, "verify-full") == 0;
    free(mode);
    struct check_line *line = check_say(
        run, NULL,
        rds->iam_login == TRI_UNKNOWN ? RESULT_UNKNOWN
        : rds->iam_login == TRI_NO    ? RESULT_FAILED
        : verified                    ? RESULT_OK
                                      : RESULT_WARNING,
        "login is rds-iam; IAM login is %s%s",
        rds->iam_login == TRI_YES  ? "on"
        : rds->iam_login == TRI_NO ? "off"
                                   : "not told",
        verified ? "" : ", the server's certificate is not verified: sslmode is not verify-full");
    if (rds->iam_login == TRI_YES)
        check_fix(run, line, FIX_OTHER,
                  "sslmode=verify-full sslrootcert=PATH of RDS's global-bundle.pem in conninfo");
    else if (rds->cluster != NULL)
        check_fix(run, line, FIX_SHELL,
                  "aws rds modify-db-cluster --db-cluster-identifier %s "
                  "--enable-iam-database-authentication --apply-immediately",
                  check_word(run, rds->cluster));
    else if (n != NULL)
        check_fix(run, line, FIX_SHELL,
                  "aws rds modify-db-instance --db-instance-identifier %s "
                  "--enable-iam-database-authentication --apply-immediately",
                  check_word(run, n->id));
}

static void storage(struct check_run *run)
{
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    const struct rds_snap *rds = run->rds;
    const struct rds_instance *n = rds_behind(rds);
    if (rds_is_aurora(rds)) {
        (void)check_say(run, rds->cluster, RESULT_OK, "Aurora's volume grows by itself");
        return;
    }
    if (n == NULL || rds_bytes(n->allocated_gib) == UNKNOWN) {
        (void)check_say(run, NULL, RESULT_UNKNOWN, "its storage is not told");
        return;
    }
    bool grows = rds_bytes(n->max_allocated_gib) > rds_bytes(n->allocated_gib);
    human_bytes(a, rds_bytes(n->allocated_gib));
    struct check_line *line =
        grows
            ? check_say(run, n->id, RESULT_OK, "%s, grows by itself up to %s", a,
                        human_bytes(b, rds_bytes(n->max_allocated_gib)))
            : check_say(run, n->id, RESULT_WARNING,
                        "%s without storage autoscaling: WAL that a stuck slot keeps fills it", a);
    check_fix(run, line, FIX_SHELL,
              "aws rds modify-db-instance --db-instance-identifier %s --max-allocated-storage "
              "%" PRId64,
              check_word(run, n->id), n->allocated_gib * 2);
}

static void backups(struct check_run *run)
{
    const struct rds_snap *rds = run->rds;
    const struct rds_instance *n = rds_behind(rds);
    int64_t days = rds->backup_days != UNKNOWN ? rds->backup_days
                   : n != NULL                 ? n->backup_days
                                               : UNKNOWN;
    if (days == UNKNOWN) {
        (void)check_say(run, NULL, RESULT_UNKNOWN, "how long backups are kept is not told");
        return;
    }
    struct check_line *line = check_say(
        run, n != NULL ? n->id : rds->cluster, days > 0 ? RESULT_OK : RESULT_WARNING,
        days > 0 ? "kept for %" PRId64 " days" : "kept for %" PRId64 " days: there are none", days);
    check_fix(run, line, FIX_SHELL,
              "aws rds modify-db-instance --db-instance-identifier %s --backup-retention-period 7 "
              "--apply-immediately",
              check_word(run, n != NULL ? n->id : "INSTANCE"));
}

/* What will end sessions, and when. */
static void maintenance(struct check_run *run)
{
    const struct rds_snap *rds = run->rds;
    if (!rds->maintenance_read)
        (void)check_say(run, NULL, RESULT_UNKNOWN, "pending maintenance could not be read");
    for (size_t i = 0; i < rds->nmaintenance; i++) {
        const struct rds_maintenance *m = &rds->maintenance[i];
        char when[40];
        struct check_line *line =
            check_say(run, m->object, m->apply_ms != UNKNOWN ? RESULT_WARNING : RESULT_OK,
                      "%s, %s%.10s", m->action != NULL ? m->action : "maintenance",
                      m->apply_ms == UNKNOWN ? "no date yet"
                      : m->forced            ? "forced on "
                                             : "on ",
                      m->apply_ms != UNKNOWN ? clock_iso(m->apply_ms, when, sizeof(when)) : "");
        check_fix(run, line, FIX_OTHER,
                  "connectors fail when their database restarts: restart them then, or choose the "
                  "hour with aws rds apply-pending-maintenance-action");
    }
    if (rds->maintenance_read && rds->nmaintenance == 0)
        (void)check_say(run, NULL, RESULT_OK, "none is pending");
}

static void pending(struct check_run *run)
{
    size_t any = 0;
    for (size_t i = 0; i < run->rds->ninstances; i++) {
        const struct rds_instance *n = &run->rds->instances[i];
        for (size_t k = 0; k < n->npending; k++, any++) {
            struct check_line *line =
                check_say(run, n->id, RESULT_WARNING, "%s will change%s%s in the window %s",
                          n->pending[k].key, n->pending[k].value != NULL ? " to " : "",
                          n->pending[k].value != NULL ? n->pending[k].value : "",
                          n->maintenance_window != NULL ? n->maintenance_window : "of maintenance");
            check_fix(run, line, FIX_OTHER,
                      "it may restart the database: see that the connectors run afterwards");
        }
    }
    if (any == 0)
        (void)check_say(run, NULL, RESULT_OK, "none is pending");
}

#define RDS NEEDS_OF(SOURCE_RDS)

/* clang-format off */
const struct check_row checks_rds[] = {
    {"rds.parameters", "changed parameters are in force", HOP_SOURCE, RDS, .eval = parameters},
    {"rds.writer", "the host in use is a writer's", HOP_SOURCE, RDS, .eval = writer},
    {"rds.iam_login", "the login that is used is on", HOP_SOURCE, RDS, .eval = iam_login},
    {"rds.storage", "the disk can grow", HOP_SOURCE, RDS, .eval = storage},
    {"rds.backups", "there are backups", HOP_SOURCE, RDS, .eval = backups},
    {"rds.maintenance", "no maintenance is about to happen", HOP_SOURCE, RDS, .eval = maintenance},
    {"rds.pending", "no change of the instance is about to happen", HOP_SOURCE, RDS,
     .eval = pending},
    {.id = NULL},
};
/* clang-format on */
