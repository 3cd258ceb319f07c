#include "net/awscreds.h"

#include "base/mem.h"

#include <stdlib.h>

static const char *text(const char *s)
{
    return s != NULL ? s : "";
}

static bool take(const char *id, const char *secret, const char *token, const char *names,
                 struct aws_credentials *creds, struct err *err)
{
    if (id[0] == '\0' || secret[0] == '\0')
        return err_set(err, ERR_CONFIG, 0, "AWS keys from %s are incomplete: %s is missing", names,
                       id[0] == '\0' ? "the access key" : "the secret key");
    *creds = (struct aws_credentials){
        .access_key_id = mem_strdup(id),
        .secret_access_key = mem_strdup(secret),
        .session_token = token[0] != '\0' ? mem_strdup(token) : NULL,
        .expires_ms = INT64_MAX, /* nobody says when these end */
    };
    return true;
}

bool awscreds_get(const struct s3_config *cfg, int64_t now_ms, struct aws_credentials *creds,
                  struct err *err)
{
    (void)now_ms; /* static keys do not age */
    *creds = (struct aws_credentials){0};
    if (text(cfg->access_key_id)[0] != '\0' || text(cfg->secret_access_key)[0] != '\0')
        return take(text(cfg->access_key_id), text(cfg->secret_access_key),
                    text(cfg->session_token), "the configuration", creds, err);
    const char *id = text(getenv("AWS_ACCESS_KEY_ID"));
    const char *secret = text(getenv("AWS_SECRET_ACCESS_KEY"));
    if (id[0] != '\0' || secret[0] != '\0')
        return take(id, secret, text(getenv("AWS_SESSION_TOKEN")), "the environment", creds, err);
    return err_set(err, ERR_CONFIG, 0,
                   "no AWS keys: set access_key_id and secret_access_key, or AWS_ACCESS_KEY_ID and "
                   "AWS_SECRET_ACCESS_KEY");
}
