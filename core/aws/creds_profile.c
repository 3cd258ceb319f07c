/* creds_profile.c: what a profile of the shared files says about who we are.
 *
 * The order within a profile is botocore's: a role first (unless the profile is itself the source
 * of one and has keys), then keys. A credential_process is taken before SSO, though: it is how SSO
 * can be had here, and may stand in the same profile.
 */
#include "aws/creds_int.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { CHAIN_MAX = 8 };

struct walk {
    struct creds_fetch *f;
    const char *seen[CHAIN_MAX]; /* the profiles on the way, the first one first */
    size_t n;
};

static const char *get(const struct walk *w, const char *name, const char *key)
{
    return profiles_get(w->f->profiles, name, key);
}

/* What a person would have to be asked for, the AWS CLI has asked for. */
static enum creds_answer by_process(const struct walk *w, const char *name, const char *why,
                                    struct creds_found *found, struct err *err)
{
    const char *command = get(w, name, "credential_process");
    if (command != NULL)
        return creds_process(w->f, command, found, err);
    return creds_failed(err, ERR_CONFIG,
                        "%s; add this line to it: credential_process = aws configure "
                        "export-credentials --profile %s --format process",
                        why, name);
}

static enum creds_answer resolve(struct walk *w, const char *name, struct creds_found *found,
                                 struct err *err);

/* ---- the source of a role -------------------------------------------------------------------- */

/* It was named, so it has to have keys. */
static enum creds_answer must(enum creds_answer answer, const char *source, struct err *err)
{
    if (answer == CREDS_FOUND)
        return CREDS_FOUND;
    if (answer == CREDS_NONE && err->kind == ERR_NONE)
        err_set(err, ERR_CONFIG, 0, "it has no keys");
    err_wrap(err, "credential_source %s", source);
    return CREDS_FAILED;
}

static enum creds_answer from_source(struct walk *w, const char *source, struct creds_found *found,
                                     struct err *err)
{
    static const struct {
        const char *name;
        enum creds_answer (*ask)(struct creds_fetch *f, struct creds_found *found, struct err *err);
    } sources[] = {
        {"Environment",         creds_environment},
        {"Ec2InstanceMetadata", creds_instance   },
        {"EcsContainer",        creds_container  },
    };
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        if (strcmp(source, sources[i].name) == 0)
            return must(sources[i].ask(w->f, found, err), source, err);
    }
    return creds_failed(err, ERR_CONFIG,
                        "credential_source is none of Environment, Ec2InstanceMetadata, "
                        "EcsContainer");
}

static enum creds_answer keys_of(const struct walk *w, const char *name, struct creds_found *found,
                                 struct err *err)
{
    char *where = mem_printf("profile %s", name);
    enum creds_answer answer =
        creds_keys(get(w, name, "aws_access_key_id"), get(w, name, "aws_secret_access_key"),
                   get(w, name, "aws_session_token"), where, found, err);
    free(where);
    return answer;
}

static bool has_keys(const struct walk *w, const char *name)
{
    return get(w, name, "aws_access_key_id") != NULL ||
           get(w, name, "aws_secret_access_key") != NULL;
}

/* A profile may name itself: then it has the keys that take on its role. */
static enum creds_answer from_profile(struct walk *w, const char *name, const char *source,
                                      struct creds_found *found, struct err *err)
{
    if (strcmp(source, name) == 0 && has_keys(w, name))
        return keys_of(w, name, found, err);
    for (size_t i = 0; i < w->n; i++) {
        if (strcmp(source, w->seen[i]) == 0)
            return creds_failed(err, ERR_CONFIG,
                                "source_profile leads back to profile %s: nobody has keys", source);
    }
    enum creds_answer answer = resolve(w, source, found, err);
    return answer != CREDS_NONE
               ? answer
               : creds_failed(err, ERR_CONFIG, "source_profile %s has no keys", source);
}

static enum creds_answer role_of(struct walk *w, const char *name, struct creds_found *found,
                                 struct err *err)
{
    struct creds_role role = {
        .arn = get(w, name, "role_arn"),
        .external_id = get(w, name, "external_id"),
        .session_name = get(w, name, "role_session_name"),
        .duration = get(w, name, "duration_seconds"),
    };
    const char *token_file = get(w, name, "web_identity_token_file");
    const char *profile = get(w, name, "source_profile");
    const char *source = get(w, name, "credential_source");
    enum creds_answer answer;
    if (get(w, name, "mfa_serial") != NULL)
        return by_process(w, name, "its role wants a code (mfa_serial)", found, err);
    if (token_file != NULL)
        return creds_web_identity(w->f, &role, token_file, found, err);
    if ((profile == NULL) == (source == NULL))
        return creds_failed(err, ERR_CONFIG,
                            "role_arn needs source_profile or credential_source, and %s",
                            profile != NULL ? "it has both" : "it has neither");
    answer = profile != NULL ? from_profile(w, name, profile, found, err)
                             : from_source(w, source, found, err);
    return answer == CREDS_FOUND ? creds_assume(w->f, &role, found, err) : answer;
}

/* ---- a profile ------------------------------------------------------------------------------- */

static enum creds_answer ask(struct walk *w, const char *name, struct creds_found *found,
                             struct err *err)
{
    static const char *const sso[] = {"sso_session", "sso_start_url", "sso_account_id",
                                      "login_session"};
    bool is_source = w->n > 1;
    if (get(w, name, "role_arn") != NULL && !(is_source && has_keys(w, name)))
        return role_of(w, name, found, err);
    if (has_keys(w, name))
        return keys_of(w, name, found, err);
    for (size_t i = 0; i < ARRAY_LEN(sso); i++) {
        if (get(w, name, sso[i]) != NULL)
            return by_process(w, name, "it logs in through the browser (SSO)", found, err);
    }
    const char *command = get(w, name, "credential_process");
    return command != NULL ? creds_process(w->f, command, found, err) : CREDS_NONE;
}

static enum creds_answer resolve(struct walk *w, const char *name, struct creds_found *found,
                                 struct err *err)
{
    *found = (struct creds_found){0};
    if (!profiles_has(w->f->profiles, name))
        return creds_failed(err, ERR_CONFIG, "there is no profile %s in the shared files", name);
    if (w->n == CHAIN_MAX)
        return creds_failed(err, ERR_CONFIG, "more than %d profiles, one the source of the other",
                            CHAIN_MAX);
    w->seen[w->n++] = name;
    enum creds_answer answer = ask(w, name, found, err);
    if (answer == CREDS_FAILED)
        err_wrap(err, "profile %s", name);
    return answer;
}

enum creds_answer creds_profile(struct creds_fetch *f, const char *name, struct creds_found *found,
                                struct err *err)
{
    struct walk w = {.f = f};
    enum creds_answer answer = resolve(&w, name, found, err);
    if (answer != CREDS_FOUND)
        return answer;
    const char *role = profiles_get(f->profiles, name, "role_arn");
    free(found->from);
    found->from = role != NULL ? mem_printf("profile %s, role %s", name, role)
                               : mem_printf("profile %s", name);
    return CREDS_FOUND;
}
