/* login_postgres.c: into PostgreSQL with a password, one of Secrets Manager, or a token of RDS. */
#include "aws/aws.h"
#include "aws/login.h"
#include "aws/rdshost.h"
#include "aws/refusal.h"
#include "base/mem.h"
#include "net/pgconn.h"
#include "net/pgtarget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OWN_NAME "RDS's own endpoint, no CNAME,"

/* RDS takes a token for 15 minutes, by its own clock. */
enum { APART_MS = 60 * 1000 };

void login_postgres_free(struct login_postgres *l)
{
    mem_wipe_free(l->conninfo);
    mem_wipe_free(l->password);
    *l = (struct login_postgres){0};
}

static bool settle(struct aws *aws, const struct postgres_config *cfg, int64_t deadline_ms,
                   int stop_fd, struct login_postgres *l, struct err *err)
{
    *l = (struct login_postgres){0};
    if (!aws_has_secret(cfg->conninfo) && !aws_has_secret(cfg->password)) {
        l->conninfo = mem_strdup(cfg->conninfo);
        l->password = mem_strdup(cfg->password);
        return true;
    }
    if (aws == NULL)
        return err_set(err, ERR_CONFIG, 0, "secrets of AWS are not read here");
    struct aws_client *client = aws_client_open(aws);
    l->conninfo = aws_settle_conninfo(client, cfg->conninfo, deadline_ms, stop_fd, err);
    if (l->conninfo != NULL)
        l->password = aws_settle(client, cfg->password, deadline_ms, stop_fd, err);
    aws_client_close(client);
    if (l->password != NULL)
        return true;
    login_postgres_free(l);
    return false;
}

/* ---- a token of RDS -------------------------------------------------------------------------- */

static bool fit_for_token(const struct pgtarget *t, struct err *err)
{
    if (t->host[0] == '\0' || t->host[0] == '/')
        return err_set(err, ERR_CONFIG, 0,
                       "login rds-iam needs the host's name in conninfo: the instance's own "
                       "endpoint, no CNAME (hostaddr may say another way there)");
    if (strchr(t->host, ',') != NULL)
        return err_set(err, ERR_CONFIG, 0,
                       "login rds-iam goes with one host, the token is of that host: name the "
                       "cluster's endpoint");
    if (strcmp(t->sslmode, "disable") == 0)
        return err_set(err, ERR_CONFIG, 0,
                       "login rds-iam needs TLS, and sslmode is disable: write sslmode=verify-full "
                       "with sslrootcert=PATH of RDS's global-bundle.pem, or at least require");
    return true;
}

static int64_t ahead_ms(struct aws *aws)
{
    int64_t skew_ms = aws_skew_ms(aws);
    return skew_ms != UNKNOWN ? skew_ms : 0;
}

static bool make_token(struct aws *aws, const struct pgtarget *t, int64_t deadline_ms, int stop_fd,
                       struct login_postgres *l, struct err *err)
{
    struct aws_credentials creds;
    if (aws == NULL)
        return err_set(err, ERR_CONFIG, 0, "tokens of RDS are not made here");
    l->by_name = rdshost_region(t->host, l->region);
    if (!l->by_name)
        (void)snprintf(l->region, sizeof(l->region), "%s", aws_region(aws));
    if (l->region[0] == '\0')
        return err_set(err, ERR_CONFIG, 0,
                       "login rds-iam: %.120s does not tell its region: set region in "
                       "[pipeline.aws]",
                       t->host);
    if (!aws_credentials(aws, deadline_ms, stop_fd, &creds, err))
        return err_wrap(err, "login rds-iam");
    mem_wipe_free(l->password);
    l->ahead_ms = ahead_ms(aws);
    l->password = sigv4_rds_token(&creds, l->region, t->host, t->port, t->user, aws_now_ms(aws));
    (void)snprintf(l->key_id, sizeof(l->key_id), "%s",
                   creds.access_key_id != NULL ? creds.access_key_id : "");
    aws_credentials_free(&creds);
    (void)snprintf(l->user, sizeof(l->user), "%s", t->user);
    l->token = l->password != NULL;
    return l->token || err_set(err, ERR_CONFIG, 0, "login rds-iam: no token could be made");
}

static bool token(struct aws *aws, int64_t deadline_ms, int stop_fd, struct login_postgres *l,
                  struct err *err)
{
    struct pgtarget target;
    if (!pgtarget_of(&l->params, &target, err))
        return false;
    bool ok = fit_for_token(&target, err) && make_token(aws, &target, deadline_ms, stop_fd, l, err);
    /* What asks for more stays. */
    if (ok && strncmp(target.sslmode, "verify-", 7) != 0)
        l->params.sslmode = "require";
    pgtarget_free(&target);
    return ok;
}

/* RDS for PostgreSQL says it as PostgreSQL does of its method pam; RDS Proxy has words of its own.
 */
static bool refused_as_token(const struct err *err)
{
    return strstr(err->text, "PAM authentication failed") != NULL ||
           strstr(err->text, "IAM authentication failed") != NULL;
}

void login_postgres_explain(struct aws *aws, const struct login_postgres *l,
                            const struct refusal *refusal, struct err *err)
{
    char allow[400];
    struct err was = *err;
    if (!refused_as_token(err)) {
        if (strstr(err->text, "password authentication failed") != NULL)
            err_set(err, was.kind, was.code,
                    "%.250s; the server took the IAM token for a password: IAM login is off there, "
                    "or GRANT rds_iam TO %.60s is missing",
                    was.text, l->user);
        return;
    }
    (void)snprintf(allow, sizeof(allow),
                   "rds-db:connect on arn:%s:rds-db:%s:*:dbuser:*/%.60s (behind dbuser: the "
                   "resource id)",
                   aws_partition(l->region), l->region, l->user);
    refusal_explain(aws, refusal, NULL, allow, err);
    size_t n = strlen(err->text);
    if (!l->by_name && refusal->sts.kind != ERR_AUTH)
        (void)snprintf(err->text + n, sizeof(err->text) - n,
                       "; write " OWN_NAME " in conninfo: the token is of that name, in %s",
                       l->region);
}

/* Of libpq's words for a certificate that it does not take. */
static void explain_certificate(const struct login_postgres *l, struct err *err)
{
    static const struct {
        const char *says, *hint;
        bool foreign_name; /* only where the host has none of RDS's names */
    } hints[] = {
        {"does not match host name",  OWN_NAME,                                      true },
        {"certificate verify failed", "sslrootcert=PATH of RDS's global-bundle.pem", false},
        {"root certificate file",     "sslrootcert=PATH of RDS's global-bundle.pem", false},
    };
    size_t i = 0, n = strlen(err->text);
    while (i < ARRAY_LEN(hints) && strstr(err->text, hints[i].says) == NULL)
        i++;
    if (i < ARRAY_LEN(hints) && !(hints[i].foreign_name && l->by_name))
        (void)snprintf(err->text + n, sizeof(err->text) - n, "; write %s in conninfo",
                       hints[i].hint);
}

/* ---- opening --------------------------------------------------------------------------------- */

bool login_postgres_prepare(struct aws *aws, const struct postgres_config *cfg,
                            const struct pgconn_params *params, int64_t deadline_ms, int stop_fd,
                            struct login_postgres *out, struct err *err)
{
    if (!settle(aws, cfg, deadline_ms, stop_fd, out, err))
        return false;
    out->params = *params;
    out->params.conninfo = out->conninfo;
    if (cfg->login != NULL && strcmp(cfg->login, "rds-iam") == 0 &&
        !token(aws, deadline_ms, stop_fd, out, err)) {
        login_postgres_free(out);
        return false;
    }
    out->params.password = out->password;
    return true;
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

/* After a refusal: true when the secrets are others now. *err gets words else. */
static bool prepare_again(struct aws *aws, const struct postgres_config *cfg,
                          const struct pgconn_params *params, int64_t deadline_ms, int stop_fd,
                          struct login_postgres *l, struct err *err)
{
    struct login_postgres fresh;
    struct err was = *err, why = ERR_INIT;
    if (!aws_has_secret(cfg->conninfo) && !aws_has_secret(cfg->password))
        return false;
    (void)aws_secrets_forget(aws, cfg->conninfo);
    (void)aws_secrets_forget(aws, cfg->password);
    if (!login_postgres_prepare(aws, cfg, params, deadline_ms, stop_fd, &fresh, &why))
        return err_set(err, was.kind, was.code, "%.250s; read anew: %.200s", was.text, why.text);
    if (same_text(fresh.conninfo, l->conninfo) && same_text(fresh.password, l->password)) {
        login_postgres_free(&fresh);
        return err_set(err, was.kind, was.code, "%.400s; the secret was read anew and is the same",
                       was.text);
    }
    login_postgres_free(l);
    *l = fresh;
    return true;
}

/* After a refusal that STS was asked about: true when the token is one of other keys now, or of a
 * time that was corrected. */
static bool made_anew(struct aws *aws, const struct postgres_config *cfg,
                      const struct pgconn_params *params, int64_t deadline_ms, int stop_fd,
                      struct login_postgres *l, bool *other_keys)
{
    struct login_postgres fresh;
    struct err why = ERR_INIT;
    *other_keys = false;
    aws_credentials_refused(aws);
    if (!login_postgres_prepare(aws, cfg, params, deadline_ms, stop_fd, &fresh, &why))
        return false; /* the next login says so */
    int64_t apart_ms = fresh.ahead_ms - l->ahead_ms;
    *other_keys = strcmp(fresh.key_id, l->key_id) != 0;
    login_postgres_free(l);
    *l = fresh;
    return *other_keys || apart_ms > APART_MS || apart_ms < -APART_MS;
}

/* Tries it once more where that may help; else what is known of the reason is put into *why. */
static struct pgconn *after_refused_token(struct aws *aws, const struct postgres_config *cfg,
                                          const struct pgconn_params *params, int64_t deadline_ms,
                                          int stop_fd, struct login_postgres *l, struct err *why)
{
    struct refusal refusal = {0};
    struct pgconn *conn = NULL;
    if (refused_as_token(why)) {
        bool other_keys;
        struct aws_client *client = aws_client_open(aws);
        refusal_ask(client, deadline_ms, stop_fd, &refusal);
        aws_client_close(client);
        if (made_anew(aws, cfg, params, deadline_ms, stop_fd, l, &other_keys)) {
            err_clear(why);
            conn = pgconn_open(&l->params, deadline_ms, stop_fd, why);
        }
        if (other_keys)
            refusal = (struct refusal){0}; /* that was said of those before */
    }
    if (conn == NULL && why->kind == ERR_AUTH)
        login_postgres_explain(aws, l, &refusal, why);
    return conn;
}

struct pgconn *login_postgres(struct aws *aws, const struct postgres_config *cfg,
                              const struct pgconn_params *params, int64_t deadline_ms, int stop_fd,
                              struct err *err)
{
    struct login_postgres l;
    struct err why = ERR_INIT;
    struct pgconn *conn = NULL;
    if (login_postgres_prepare(aws, cfg, params, deadline_ms, stop_fd, &l, &why)) {
        conn = pgconn_open(&l.params, deadline_ms, stop_fd, &why);
        if (conn == NULL && why.kind == ERR_AUTH && l.token)
            conn = after_refused_token(aws, cfg, params, deadline_ms, stop_fd, &l, &why);
        else if (conn == NULL && why.kind == ERR_TLS && l.token)
            explain_certificate(&l, &why);
        else if (conn == NULL && why.kind == ERR_AUTH &&
                 prepare_again(aws, cfg, params, deadline_ms, stop_fd, &l, &why))
            conn = pgconn_open(&l.params, deadline_ms, stop_fd, &why);
        login_postgres_free(&l);
    }
    if (conn == NULL)
        err_set(err, why.kind, why.code, "%s", why.text);
    return conn;
}
