/* What AWS adds to a draft: who we are there, the RDS instance, logins; and what it refused. */
#include "report/discover_int.h"

#include "base/iamtext.h"
#include "base/mem.h"
#include "config/conninfo.h"
#include "config/secretref.h"
#include "model/connector_facts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- who we are ------------------------------------------------------------------------------ */

static const struct aws_snap *told(const struct discover_work *w)
{
    const struct snapshot *snap = world_snap(w->world, w->index, SOURCE_AWS);
    return snap != NULL ? &snap->aws : NULL;
}

void discover_tell_aws(struct discover_work *w)
{
    const struct aws_snap *aws = told(w);
    if (aws == NULL)
        return;
    strbuf_printf(&w->out->found, "AWS: %s", aws->arn != NULL ? aws->arn : "identity not told");
    if (aws->region != NULL && aws->region[0] != '\0')
        strbuf_printf(&w->out->found, ", region %s", aws->region);
    if (aws->credentials != NULL)
        strbuf_printf(&w->out->found, ", keys of %s", aws->credentials);
    strbuf_putc(&w->out->found, '\n');
}

/* What was given, but no key; and the region in any case: a draft is of one, whoever starts it. */
void discover_fill_aws(struct discover_work *w)
{
    static const char *const kept[] = {"profile", "role_arn", "external_id", "endpoint", "ssl_ca"};
    const struct aws_config *given = &w->given->aws;
    const struct aws_snap *aws = told(w);
    if (w->aws == NULL)
        return;
    if (!discover_put(w->pc, SECTION_AWS, "region", given->region))
        (void)discover_put(w->pc, SECTION_AWS, "region", aws != NULL ? aws->region : NULL);
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        const struct option *option = options_find(SECTION_AWS, kept[i]);
        (void)discover_put(w->pc, SECTION_AWS, kept[i],
                           *(char *const *)options_field_const(option, w->given));
    }
    w->pc->aws.fips = given->fips;
    w->pc->aws.dualstack = given->dualstack;
    if (given->access_key_id[0] == '\0')
        return;
    discover_put_env(w, SECTION_AWS, "access_key_id", "CDCTOP_AWS_KEY_ID");
    discover_put_env(w, SECTION_AWS, "secret_access_key", "CDCTOP_AWS_KEY");
    if (given->session_token[0] != '\0')
        discover_put_env(w, SECTION_AWS, "session_token", "CDCTOP_AWS_TOKEN");
}

/* ---- RDS ------------------------------------------------------------------------------------- */

bool discover_at_rds(const char *host)
{
    return strstr(host, ".rds.") != NULL && strstr(host, ".amazonaws.com") != NULL;
}

static const struct discover_database *asked(const struct discover_work *w, const char *host)
{
    for (size_t i = 0; w->aws != NULL && host != NULL && i < w->aws->ndatabases; i++) {
        if (strcmp(w->aws->databases[i].host, host) == 0)
            return &w->aws->databases[i];
    }
    return NULL;
}

/* Its instance or cluster is one of ours, and the host is an endpoint of it: another account may
 * have one of the same name. */
static bool is_ours(const struct discover_database *db)
{
    return db != NULL && db->snap != NULL && db->snap->rds.role != NULL;
}

static void tell_rds(struct discover_work *w, const struct rds_snap *rds)
{
    const struct rds_instance *behind = rds_behind(rds);
    const char *id = rds->cluster != NULL ? rds->cluster : behind != NULL ? behind->id : NULL;
    strbuf_printf(&w->out->found, "RDS: %s %s, %s %s",
                  rds->cluster != NULL ? "cluster" : "instance", id != NULL ? id : "?",
                  rds->engine != NULL ? rds->engine : "", rds->version != NULL ? rds->version : "");
    if (rds->iam_login == TRI_YES && strcmp(w->pc->postgres.login, "rds-iam") != 0)
        strbuf_puts(&w->out->found, "; IAM login is on: with login = \"rds-iam\", and rds_iam "
                                    "granted to the role, no password is needed");
    strbuf_putc(&w->out->found, '\n');
}

/* What RDS said of this host; false: its instance is not to be asked for. */
static bool tell_database(struct discover_work *w, const struct discover_database *db)
{
    struct strbuf *missing = &w->out->missing;
    bool no_such = db->err.kind == ERR_NOTFOUND || db->err.kind == ERR_CONFIG;
    if (is_ours(db))
        tell_rds(w, &db->snap->rds);
    else if (db->snap != NULL)
        strbuf_printf(missing,
                      "rds.instance: %s is no endpoint of what RDS has of that name here\n",
                      db->host);
    else if (no_such)
        strbuf_printf(missing, "rds.instance: %s\n", db->err.text);
    else
        strbuf_printf(missing, "RDS: whether it knows the instance behind %s is not told: %s\n",
                      db->host, db->err.text);
    return db->snap != NULL ? is_ours(db) : !no_such;
}

/* The name of an RDS endpoint tells whom to ask there, if RDS does not say otherwise. */
void discover_fill_rds(struct discover_work *w)
{
    if (discover_put(w->pc, SECTION_RDS, "instance", w->given->rds.instance))
        return;
    char *host = conninfo_get(w->pc->postgres.conninfo, "host");
    const struct discover_database *db = asked(w, host);
    if (db != NULL && tell_database(w, db)) {
        (void)discover_put(w->pc, SECTION_RDS, "instance", "auto");
    } else if (db == NULL && host != NULL && discover_at_rds(host)) {
        (void)discover_put(w->pc, SECTION_RDS, "instance", "auto");
        strbuf_puts(&w->out->found, "RDS: the instance behind that host, by its name\n");
    }
    free(host);
}

/* ---- logins ---------------------------------------------------------------------------------- */

bool discover_is_iam(const struct discover_work *w)
{
    const struct connect_connector *c = w->source != NULL ? w->source->connector : NULL;
    if (w->aws == NULL || c == NULL || c->service != SERVICE_DMS || config_has_postgres(w->given))
        return false;
    const char *method =
        kv_find(c->config, c->nconfig, "source.PostgreSQLSettings.AuthenticationMethod");
    return method != NULL && strcmp(method, "iam") == 0;
}

/* What AWS's own documents, and its provider's, call the provider in "${NAME:…}". */
static bool is_secrets_manager(const char *name, size_t n)
{
    static const char *const names[] = {"secretsmanager", "secretmanager", "awssecretsmanager"};
    char plain[32];
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        if (name[i] == '-' || name[i] == '_')
            continue;
        if (len + 1 == sizeof(plain))
            return false;
        plain[len++] = name[i];
    }
    plain[len] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcasecmp(plain, names[i]) == 0)
            return true;
    }
    return false;
}

/* "${secretsmanager:NAME:KEY}", the whole value, as "${secret:NAME#KEY}"; malloc'd, NULL: it is
 * something else. */
static char *as_ours(const char *value)
{
    size_t n = value != NULL ? strlen(value) : 0;
    const char *name = n > 3 && strncmp(value, "${", 2) == 0 ? strchr(value, ':') : NULL;
    const char *key = name != NULL ? strchr(name + 1, ':') : NULL;
    if (key == NULL || strchr(value, '}') != value + n - 1 || strpbrk(key + 1, ":?") != NULL ||
        strchr(value, '#') != NULL || !is_secrets_manager(value + 2, (size_t)(name - value) - 2))
        return NULL;
    char *inner = mem_printf("%.*s#%.*s", (int)(key - name - 1), name + 1,
                             (int)(value + n - 1 - (key + 1)), key + 1);
    char *ours = secretref_bad(inner) == NULL ? mem_printf("${secret:%s}", inner) : NULL;
    free(inner);
    return ours;
}

/* Whoever may write a connector's config names both the secret and the server that would get it.
 * So it is taken only from MSK Connect, whose configs IAM guards, and only for a server that RDS
 * says is of this account. */
char *discover_secret(struct discover_work *w, const char *host, const char *key)
{
    const struct connect_connector *c = w->source != NULL ? w->source->connector : NULL;
    if (w->aws == NULL || c == NULL || c->service != SERVICE_MSK_CONNECT)
        return NULL;
    char *secret = as_ours(kv_find(c->config, c->nconfig, key));
    if (secret == NULL || is_ours(asked(w, host)))
        return secret;
    strbuf_printf(&w->out->missing,
                  "%s: the connector takes it from Secrets Manager, %s here; not written, because "
                  "RDS does not say that %s is of this account\n",
                  key, secret, host);
    free(secret);
    return NULL;
}

/* ---- what was not told ----------------------------------------------------------------------- */

/* Who tells of connectors, and the right to list them. */
static const struct {
    enum source_kind kind;
    const char *action;
} tellers[] = {
    {SOURCE_CONNECT,     NULL                          },
    {SOURCE_MSK_CONNECT, "kafkaconnect:ListConnectors" },
    {SOURCE_DMS,         "dms:DescribeReplicationTasks"},
};

static void put_statement(const char *action, const char *resource, const char *message,
                          struct strbuf *out)
{
    struct iam_denial denial = {0};
    char statement[IAM_STATEMENT];
    if (message != NULL && strstr(message, "explicit deny") != NULL) {
        strbuf_printf(out, "%s: an explicit Deny forbids it: no Allow helps\n", action);
        return;
    }
    (void)snprintf(denial.action, sizeof(denial.action), "%s", action);
    (void)snprintf(denial.resource, sizeof(denial.resource), "%s", resource);
    strbuf_printf(out, "to be allowed: %s\n", iam_statement(statement, sizeof(statement), &denial));
}

static void put_failure(const struct world *world, size_t index, size_t teller, struct strbuf *out)
{
    const struct world_pipeline *p = &world->pipelines[index];
    const struct err *err = &p->sources[tellers[teller].kind].err;
    const struct err *who = &p->sources[SOURCE_AWS].err;
    /* Without keys every service has the same to say. */
    if (tellers[teller].action != NULL && err->kind != ERR_NONE &&
        strcmp(err->text, who->text) == 0)
        return;
    strbuf_printf(out, "%s: %s\n", source_kind_title(tellers[teller].kind),
                  err->kind != ERR_NONE ? err->text : "no answer so far (--wait SECONDS)");
    if (err->kind == ERR_DENIED && tellers[teller].action != NULL)
        put_statement(tellers[teller].action, "*", err->text, out);
}

static void put_notes(const struct snapshot *snap, struct strbuf *out)
{
    for (size_t i = 0; i < snap->notes.count; i++) {
        const struct note *note = &snap->notes.items[i];
        strbuf_printf(out, "%s: %s\n", source_kind_title(snap->kind), note->what);
        if (note->fix != NULL && note->fix[0] == '{')
            strbuf_printf(out, "to be allowed: %s\n", note->fix);
    }
}

void discover_troubles(const struct world *world, size_t index, const struct discover_aws *aws,
                       struct strbuf *out)
{
    const struct source_slot *who = &world->pipelines[index].sources[SOURCE_AWS];
    if (who->err.kind != ERR_NONE)
        strbuf_printf(out, "AWS: %s\n", who->err.text);
    for (size_t i = 0; i < ARRAY_LEN(tellers); i++) {
        enum source_state state = world_state(world, index, tellers[i].kind);
        if (state == STATE_FRESH && tellers[i].action != NULL)
            put_notes(world_snap(world, index, tellers[i].kind), out);
        else if (state != STATE_FRESH && state != STATE_OFF)
            put_failure(world, index, i, out);
    }
    for (size_t i = 0; aws != NULL && i < aws->ndenied; i++)
        put_statement(aws->denied[i].action, aws->denied[i].resource, aws->denied[i].message, out);
}
