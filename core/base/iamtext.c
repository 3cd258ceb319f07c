#include "base/iamtext.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

/* What an ARN, a name of an action and the like consist of: no quote, no blank, no control. */
static const char arn_set[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              ":/-_.+=,@*$%()!'~&;{}";

/* The word behind `mark`, without its quotes, into buf; false: there is none, or it is too long. */
static bool word_after(const char *text, const char *mark, char *buf, size_t size)
{
    const char *at = strstr(text, mark);
    buf[0] = '\0';
    if (at == NULL)
        return false;
    at += strlen(mark);
    at += strspn(at, " \"\\");
    size_t n = strspn(at, arn_set);
    while (n > 0 && strchr(".,;:)", at[n - 1]) != NULL) /* the sentence's, not the name's */
        n--;
    if (n == 0 || n >= size)
        return false;
    memcpy(buf, at, n);
    buf[n] = '\0';
    return true;
}

/* "…:assumed-role/cdc/i-1" → "cdc"; "…:user/x/y" → "y". */
static void name_of(const char *arn, char *buf, size_t size)
{
    const char *role = strstr(arn, ":assumed-role/");
    const char *name = role != NULL ? role + strlen(":assumed-role/") : strrchr(arn, '/');
    if (role == NULL && name != NULL)
        name++;
    (void)snprintf(buf, size, "%.*s", name != NULL ? (int)strcspn(name, "/") : 0,
                   name != NULL ? name : "");
}

static void policy_of(const char *text, struct iam_denial *d)
{
    static const char *const kinds[] = {
        "identity-based policy",   "resource-based policy", "service control policy",
        "resource control policy", "permissions boundary",  "session policy",
        "VPC endpoint policy",
    };
    const char *why = strstr(text, "explicit deny in a");
    d->explicitly = why != NULL;
    why = why != NULL ? why : strstr(text, "because no ");
    for (size_t i = 0; why != NULL && i < ARRAY_LEN(kinds); i++) {
        const char *at = strstr(why, kinds[i]);
        if (at != NULL && at - why <= 24) {
            (void)snprintf(d->policy, sizeof(d->policy), "%s", kinds[i]);
            return;
        }
    }
}

bool iam_denial_read(const char *text, struct iam_denial *denial)
{
    static const char mark[] = "not authorized to perform: ";
    *denial = (struct iam_denial){0};
    const char *at = text != NULL ? strstr(text, mark) : NULL;
    if (at == NULL || !word_after(at, mark, denial->action, sizeof(denial->action)) ||
        strchr(denial->action, ':') == NULL)
        return false;
    (void)word_after(at, "on resource: ", denial->resource, sizeof(denial->resource));
    if (!word_after(text, "User: ", denial->principal, sizeof(denial->principal)) ||
        strncmp(denial->principal, "arn:", 4) != 0)
        denial->principal[0] = '\0';
    name_of(denial->principal, denial->who, sizeof(denial->who));
    policy_of(at, denial);
    return true;
}

/* arn:aws:s3:::BUCKET/KEY → arn:aws:s3:::BUCKET, with all of its objects or none. */
static void widened(const char *resource, char *buf, size_t size)
{
    const char *bucket = strstr(resource, ":s3:::");
    const char *slash = bucket != NULL ? strchr(bucket, '/') : NULL;
    (void)snprintf(buf, size, "%.*s%s",
                   (int)(slash != NULL ? (size_t)(slash - resource) : strlen(resource)), resource,
                   slash != NULL ? "/*" : "");
}

char *iam_statement(char *buf, size_t size, const struct iam_denial *denial)
{
    char resource[sizeof(denial->resource) + 2];
    widened(denial->resource, resource, sizeof(resource));
    bool kms = strncmp(denial->action, "kms:", 4) == 0;
    (void)snprintf(buf, size, "{\"Effect\": \"Allow\", \"Action\": %s%s%s, \"Resource\": \"%s\"}",
                   kms ? "[\"kms:GenerateDataKey\", \"" : "\"",
                   kms ? "kms:Decrypt" : denial->action, kms ? "\"]" : "\"",
                   resource[0] != '\0' ? resource : "*");
    return buf;
}

char *iam_advice(char *buf, size_t size, const struct iam_denial *denial)
{
    char statement[IAM_STATEMENT];
    const char *who = denial->who[0] != '\0' ? denial->who : "its role";
    if (denial->explicitly) {
        (void)snprintf(buf, size,
                       "take out the Deny of %s for %s (in a%s %s): no Allow outweighs it",
                       denial->action, who, denial->policy[0] == 'i' ? "n" : "",
                       denial->policy[0] != '\0' ? denial->policy : "policy");
        return buf;
    }
    iam_statement(statement, sizeof(statement), denial);
    bool own = denial->policy[0] == '\0' || strcmp(denial->policy, "identity-based policy") == 0;
    if (own)
        (void)snprintf(buf, size, "add to the policies of %s: %s", who, statement);
    else
        (void)snprintf(buf, size, "allow %s to %s in the %s that lacks it", denial->action, who,
                       denial->policy);
    return buf;
}

const char *iam_refusal(char *buf, size_t size, const char *text)
{
    struct iam_denial denial;
    char advice[800];
    if (!iam_denial_read(text, &denial))
        return text;
    (void)snprintf(buf, size, "IAM does not permit it: %s",
                   iam_advice(advice, sizeof(advice), &denial));
    return buf;
}

/* What the name of a refused login asks for, in any service's answer, or what it lacks where a
 * token of our keys was refused. The first row that is in the text. */
#define BY_CHECK ": cdctop check prints the statement of the policy"
#define ENDED    "the session has ended: log in anew, or use a role that renews itself"
#define GONE     "this access key is not known there (any more): :about says where it comes from"
#define CLOCK    "set this machine's clock (chronyc tracking)"
#define SECRET   "the secret key does not belong to this access key: mend secret_access_key"
/* clang-format off */
static const struct {
    const char *name, *advice;
} logins[] = {
    {"allow rds-db:connect on", "allow rds-db:connect" BY_CHECK},
    {"allow kafka-cluster:Connect on", "allow kafka-cluster:Connect" BY_CHECK},
    {"took the IAM token for a password", "turn IAM login on there and GRANT rds_iam to the role"},
    {"this instance has no role",
     "attach an instance profile, or give keys: --profile NAME, AWS_ACCESS_KEY_ID and the others"},
    {"no AWS keys",
     "give keys: a role for this instance, --profile NAME, or AWS_ACCESS_KEY_ID and the others"},
    {"should be scoped to",
     "the endpoint belongs to another region or service: mend region (--region), or the endpoint"},
    {"ExpiredToken", ENDED},
    {"TokenRefreshRequired", ENDED},
    {"InvalidToken", "session_token does not belong to this access key: take both from one session"},
    {"security token included in the request is invalid",
     "this access key does not exist (any more), or its session token is another one's"},
    {"InvalidAccessKeyId", GONE},
    {"InvalidClientTokenId", GONE},
    {"UnrecognizedClient", GONE},
    {"RequestTimeTooSkewed", CLOCK},
    {"Signature expired", CLOCK},
    {"not yet current", CLOCK},
    {"SignatureDoesNotMatch", SECRET},
    {"InvalidSignature", SECRET},
};
/* clang-format on */

static const char *login_advice(const char *text)
{
    for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]); i++) {
        if (strstr(text, logins[i].name) != NULL)
            return logins[i].advice;
    }
    return NULL;
}

const char *iam_next_step(const struct err *err)
{
    bool ours = err->kind == ERR_AUTH || err->kind == ERR_CONFIG;
    const char *login = ours ? login_advice(err->text) : NULL;
    return login != NULL ? login : err_next_step(err->kind);
}
