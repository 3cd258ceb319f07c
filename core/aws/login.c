#include "aws/login.h"

#include "aws/aws.h"
#include "base/mem.h"
#include "net/connectapi.h"

#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 2 };

/* What a login consists of: as it is configured, and as it is to be used. */
struct fields {
    const char *given[FIELDS_MAX];
    char *settled[FIELDS_MAX]; /* secret */
    size_t n;
};

static bool any_secret(const struct fields *f)
{
    for (size_t i = 0; i < f->n; i++) {
        if (aws_has_secret(f->given[i]))
            return true;
    }
    return false;
}

static void wipe(struct fields *f)
{
    for (size_t i = 0; i < f->n; i++) {
        mem_wipe_free(f->settled[i]);
        f->settled[i] = NULL;
    }
}

static bool settle(struct aws *aws, struct fields *f, int64_t deadline_ms, int stop_fd,
                   struct err *err)
{
    struct aws_client *client = NULL;
    bool ok = true;
    if (any_secret(f)) {
        if (aws == NULL)
            return err_set(err, ERR_CONFIG, 0, "secrets of AWS are not read here");
        client = aws_client_open(aws);
    }
    for (size_t i = 0; i < f->n && ok; i++) {
        f->settled[i] = client == NULL ? mem_strdup(f->given[i])
                                       : aws_settle(client, f->given[i], deadline_ms, stop_fd, err);
        ok = f->settled[i] != NULL || f->given[i] == NULL;
    }
    aws_client_close(client);
    if (!ok)
        wipe(f);
    return ok;
}

static bool same(const struct fields *a, const struct fields *b)
{
    for (size_t i = 0; i < a->n; i++) {
        if (strcmp(a->settled[i] != NULL ? a->settled[i] : "",
                   b->settled[i] != NULL ? b->settled[i] : "") != 0)
            return false;
    }
    return true;
}

/* True: *f has others now. */
static bool settle_again(struct aws *aws, struct fields *f, int64_t deadline_ms, int stop_fd,
                         struct err *err)
{
    struct fields fresh = *f;
    struct err refused = err != NULL ? *err : (struct err)ERR_INIT, why = ERR_INIT;
    if (!any_secret(f))
        return false;
    memset(fresh.settled, 0, sizeof(fresh.settled));
    for (size_t i = 0; i < f->n; i++)
        (void)aws_secrets_forget(aws, f->given[i]);
    if (!settle(aws, &fresh, deadline_ms, stop_fd, &why))
        return err_set(err, refused.kind, refused.code, "%.250s; read anew: %s", refused.text,
                       why.text);
    if (same(f, &fresh)) {
        wipe(&fresh);
        return err_set(err, refused.kind, refused.code,
                       "%.400s; the secret was read anew and is the same", refused.text);
    }
    wipe(f);
    *f = fresh;
    return true;
}

/* ---- Kafka Connect --------------------------------------------------------------------------- */

struct connect_login {
    struct aws *aws;
    struct fields fields;
};

static bool connect_ask(void *arg, bool refused, int64_t deadline_ms, int stop_fd,
                        const char **username, const char **password, struct err *err)
{
    struct connect_login *login = arg;
    struct fields *f = &login->fields;
    bool ok = refused                 ? settle_again(login->aws, f, deadline_ms, stop_fd, err)
              : f->settled[0] == NULL ? settle(login->aws, f, deadline_ms, stop_fd, err)
                                      : true;
    *username = f->settled[0];
    *password = f->settled[1];
    return ok;
}

static void connect_free(void *arg)
{
    struct connect_login *login = arg;
    wipe(&login->fields);
    free(login);
}

void login_connect(struct aws *aws, const struct connect_config *cfg, struct connectapi *api)
{
    if (!aws_has_secret(cfg->username) && !aws_has_secret(cfg->password))
        return;
    struct connect_login *login = mem_alloc(sizeof(*login));
    *login = (struct connect_login){
        .aws = aws,
        .fields = {.given = {cfg->username, cfg->password}, .n = 2},
    };
    connectapi_login(api, connect_ask, connect_free, login);
}
