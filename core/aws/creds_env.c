/* creds_env.c: keys that are written out: in the configuration, the environment, a profile. */
#include "aws/creds_int.h"
#include "base/clock.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { ID_MAX = 256, SECRET_MAX = 1024, TOKEN_MAX = 12 * 1024 };

static const char *text(const char *s)
{
    return s != NULL ? s : "";
}

/* They go into headers: a blank or a line break in them is a slip of the copying hand. */
static const char *bad(const char *s, size_t max)
{
    size_t n = strlen(s);
    for (size_t i = 0; i < n; i++) {
        if (s[i] <= ' ' || s[i] > '~')
            return "holds blanks or characters that no key has";
    }
    return n > max ? "is too long" : NULL;
}

static enum creds_answer judge(const char *what, const char *value, size_t max, const char *where,
                               struct err *err)
{
    const char *why = bad(value, max);
    return why == NULL ? CREDS_FOUND
                       : creds_failed(err, ERR_CONFIG, "AWS keys from %s: %s %s", where, what, why);
}

enum creds_answer creds_keys(const char *id, const char *secret, const char *token,
                             const char *where, struct creds_found *found, struct err *err)
{
    id = text(id);
    secret = text(secret);
    token = text(token);
    if (id[0] == '\0' && secret[0] == '\0')
        return CREDS_NONE;
    if (id[0] == '\0' || secret[0] == '\0')
        return creds_failed(err, ERR_CONFIG, "AWS keys from %s are incomplete: %s is missing",
                            where, id[0] == '\0' ? "the access key" : "the secret key");
    if (judge("the access key", id, ID_MAX, where, err) == CREDS_FAILED ||
        judge("the secret key", secret, SECRET_MAX, where, err) == CREDS_FAILED ||
        judge("the session token", token, TOKEN_MAX, where, err) == CREDS_FAILED)
        return CREDS_FAILED;
    *found = (struct creds_found){
        .keys = {.access_key_id = mem_strdup(id),
                 .secret_access_key = mem_strdup(secret),
                 .session_token = token[0] != '\0' ? mem_strdup(token) : NULL,
                 .expires_ms = INT64_MAX}, /* nobody says when these end */
        .from = mem_strdup(where),
    };
    return CREDS_FOUND;
}

enum creds_answer creds_environment(struct creds_fetch *f, struct creds_found *found,
                                    struct err *err)
{
    const char *until = getenv("AWS_CREDENTIAL_EXPIRATION");
    (void)f;
    enum creds_answer answer =
        creds_keys(getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY"),
                   getenv("AWS_SESSION_TOKEN"), "the environment", found, err);
    /* As `aws configure export-credentials --format env` sets it: they are not renewed, but one may
     * be told of it. */
    int64_t until_ms = until != NULL ? clock_parse_iso(until) : -1;
    if (answer == CREDS_FOUND && until_ms >= 0)
        found->keys.expires_ms = until_ms;
    return answer;
}

void creds_found_free(struct creds_found *found)
{
    aws_credentials_free(&found->keys);
    free(found->from);
    found->from = NULL;
}
