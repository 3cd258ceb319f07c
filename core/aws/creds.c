/* creds.c: where the keys come from, and their renewal. */
#include "aws/aws_int.h"
#include "base/mem.h"
#include "model/fact.h"

#include <stdlib.h>
#include <string.h>

struct aws_creds {
    struct aws *aws;
};

struct aws_creds *aws_creds_new(struct aws *aws)
{
    struct aws_creds *creds = mem_alloc(sizeof(*creds));
    creds->aws = aws;
    return creds;
}

bool aws_creds_free(struct aws_creds *creds, int64_t deadline_ms)
{
    (void)deadline_ms;
    free(creds);
    return true;
}

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

bool aws_credentials(struct aws *aws, int64_t deadline_ms, int stop_fd,
                     struct aws_credentials *creds, struct err *err)
{
    const struct aws_config *cfg = &aws->cfg->aws;
    (void)deadline_ms;
    (void)stop_fd;
    *creds = (struct aws_credentials){0};
    if (text(cfg->access_key_id)[0] != '\0' || text(cfg->secret_access_key)[0] != '\0')
        return take(text(cfg->access_key_id), text(cfg->secret_access_key),
                    text(cfg->session_token), "the configuration", creds, err);
    return take(text(getenv("AWS_ACCESS_KEY_ID")), text(getenv("AWS_SECRET_ACCESS_KEY")),
                text(getenv("AWS_SESSION_TOKEN")), "the environment", creds, err);
}

bool aws_credentials_for_s3(struct aws *aws, const struct s3_config *cfg, int64_t deadline_ms,
                            int stop_fd, struct aws_credentials *creds, struct err *err)
{
    *creds = (struct aws_credentials){0};
    if (text(cfg->access_key_id)[0] != '\0' || text(cfg->secret_access_key)[0] != '\0')
        return take(text(cfg->access_key_id), text(cfg->secret_access_key),
                    text(cfg->session_token), "[pipeline.s3]", creds, err);
    if (aws == NULL)
        return err_set(err, ERR_CONFIG, 0, "no AWS keys are in [pipeline.s3]");
    return aws_credentials(aws, deadline_ms, stop_fd, creds, err);
}

bool aws_credentials_same(const struct aws_credentials *a, const struct aws_credentials *b)
{
    return strcmp(text(a->access_key_id), text(b->access_key_id)) == 0 &&
           strcmp(text(a->secret_access_key), text(b->secret_access_key)) == 0 &&
           strcmp(text(a->session_token), text(b->session_token)) == 0;
}

void aws_credentials_refused(struct aws *aws)
{
    (void)aws;
}

void aws_creds_tell(struct aws_creds *creds, char **from, int64_t *expires_ms, char **error)
{
    (void)creds;
    *from = NULL;
    *error = NULL;
    *expires_ms = UNKNOWN;
}
