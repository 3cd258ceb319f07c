/* creds_chain.c: THE order in which we look for who we are. A link that is configured and fails
 * ends the search: the next one would be somebody else. */
#include "aws/creds_int.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum creds_answer creds_failed(struct err *err, enum err_kind kind, const char *fmt, ...)
{
    char text[sizeof(err->text)];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    err_set(err, kind, 0, "%s", text);
    return CREDS_FAILED;
}

static bool given(const char *s)
{
    return s != NULL && s[0] != '\0';
}

/* ---- the links ------------------------------------------------------------------------------- */

static enum creds_answer config_keys(struct creds_fetch *f, struct creds_found *found,
                                     struct err *err)
{
    const struct aws_config *cfg = &f->aws->cfg->aws;
    return creds_keys(cfg->access_key_id, cfg->secret_access_key, cfg->session_token,
                      "[pipeline.aws]", found, err);
}

static enum creds_answer profile(struct creds_fetch *f, struct creds_found *found, struct err *err)
{
    if (f->profiles == NULL)
        f->profiles = profiles_read(err);
    if (f->profiles == NULL)
        return CREDS_FAILED;
    const char *name = aws_profile_name(f->aws);
    if (!aws_profile_wanted(f->aws) && !profiles_has(f->profiles, name))
        return CREDS_NONE;
    return creds_profile(f, name, found, err);
}

static enum creds_answer config_profile(struct creds_fetch *f, struct creds_found *found,
                                        struct err *err)
{
    return given(f->aws->cfg->aws.profile) ? profile(f, found, err) : CREDS_NONE;
}

static enum creds_answer environment_profile(struct creds_fetch *f, struct creds_found *found,
                                             struct err *err)
{
    return !given(f->aws->cfg->aws.profile) && aws_profile_wanted(f->aws) ? profile(f, found, err)
                                                                          : CREDS_NONE;
}

static enum creds_answer default_profile(struct creds_fetch *f, struct creds_found *found,
                                         struct err *err)
{
    return aws_profile_wanted(f->aws) ? CREDS_NONE : profile(f, found, err);
}

/* As EKS sets it for a service account. */
static enum creds_answer environment_token(struct creds_fetch *f, struct creds_found *found,
                                           struct err *err)
{
    const struct creds_role role = {
        .arn = getenv("AWS_ROLE_ARN"),
        .session_name = getenv("AWS_ROLE_SESSION_NAME"),
    };
    const char *file = getenv("AWS_WEB_IDENTITY_TOKEN_FILE");
    if (!given(file))
        return CREDS_NONE;
    if (!given(role.arn))
        return creds_failed(err, ERR_CONFIG,
                            "AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN is not");
    return creds_web_identity(f, &role, file, found, err);
}

static enum creds_answer (*const links[])(struct creds_fetch *f, struct creds_found *found,
                                          struct err *err) = {
    config_keys,       config_profile,  creds_environment, environment_profile,
    environment_token, default_profile, creds_container,   creds_instance,
};

/* ---- the chain ------------------------------------------------------------------------------- */

static enum creds_answer ask_links(struct creds_fetch *f, struct creds_found *found,
                                   struct err *err)
{
    enum creds_answer answer = CREDS_NONE;
    for (size_t i = 0; i < ARRAY_LEN(links) && answer == CREDS_NONE; i++) {
        *found = (struct creds_found){0};
        answer = links[i](f, found, err);
    }
    if (answer != CREDS_NONE)
        return answer;
    err_wrap(err, "no AWS keys: neither in [pipeline.aws] nor the environment, the shared files "
                  "or a container");
    err->kind = ERR_CONFIG;
    return CREDS_FAILED;
}

bool creds_chain(struct aws *aws, int stop_fd, struct creds_found *found, struct err *err)
{
    const struct creds_role role = {.arn = aws->cfg->aws.role_arn,
                                    .external_id = aws->cfg->aws.external_id};
    struct creds_fetch f = {.aws = aws, .client = aws_client_open(aws), .stop_fd = stop_fd};
    enum creds_answer answer = ask_links(&f, found, err);
    if (answer == CREDS_FOUND && given(role.arn))
        answer = creds_assume(&f, &role, found, err);
    aws_client_close(f.client);
    if (f.profiles != NULL)
        aws_profiles_take(aws, f.profiles);
    return answer == CREDS_FOUND;
}

enum creds_answer creds_at_hand(struct aws *aws, struct creds_found *found, struct err *err)
{
    struct creds_fetch f = {.aws = aws};
    *found = (struct creds_found){0};
    if (given(aws->cfg->aws.role_arn))
        return CREDS_NONE;
    enum creds_answer answer = config_keys(&f, found, err);
    if (answer == CREDS_NONE && !given(aws->cfg->aws.profile))
        answer = creds_environment(&f, found, err);
    return answer;
}
