/* login_postgres.c: into PostgreSQL with a password, one of Secrets Manager, or a token of RDS. */
#include "aws/aws.h"
#include "aws/login.h"
#include "aws/rdshost.h"
#include "base/mem.h"
#include "net/pgconn.h"
#include "net/pgtarget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static bool make_token(struct aws *aws, const struct pgtarget *t, int64_t deadline_ms, int stop_fd,
                       struct login_postgres *l, struct err *err)
{
    struct aws_credentials creds;
    if (aws == NULL)
        return err_set(err, ERR_CONFIG, 0, "tokens of RDS are not made here");
    if (!rdshost_region(t->host, l->region))
        (void)snprintf(l->region, sizeof(l->region), "%s", aws_region(aws));
    if (l->region[0] == '\0')
        return err_set(err, ERR_CONFIG, 0,
                       "login rds-iam: %.120s does not tell its region: set region in "
                       "[pipeline.aws]",
                       t->host);
    if (!aws_credentials(aws, deadline_ms, stop_fd, &creds, err))
        return err_wrap(err, "login rds-iam");
    mem_wipe_free(l->password);
    l->password = sigv4_rds_token(&creds, l->region, t->host, t->port, t->user, aws_now_ms(aws));
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

void login_postgres_explain(const struct login_postgres *l, struct err *err)
{
    struct err was = *err;
    if (strstr(was.text, "PAM authentication failed") != NULL)
        err_set(
            err, was.kind, was.code,
            "%.200s; RDS did not take the IAM token: allow rds-db:connect on "
            "arn:%s:rds-db:%s:*:dbuser:*/%.60s (the * behind dbuser is the resource id "
            "db-… or cluster-…), GRANT rds_iam TO %.60s, and name the endpoint itself, no CNAME",
            was.text, aws_partition(l->region), l->region, l->user, l->user);
    else
        err_set(err, was.kind, was.code,
                "%.250s; the server took the IAM token for a password: IAM login is off there, or "
                "GRANT rds_iam TO %.60s is missing",
                was.text, l->user);
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
            login_postgres_explain(&l, &why);
        else if (conn == NULL && why.kind == ERR_AUTH &&
                 prepare_again(aws, cfg, params, deadline_ms, stop_fd, &l, &why))
            conn = pgconn_open(&l.params, deadline_ms, stop_fd, &why);
        login_postgres_free(&l);
    }
    if (conn == NULL)
        err_set(err, why.kind, why.code, "%s", why.text);
    return conn;
}
