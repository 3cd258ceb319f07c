/* creds_role.c: the keys of a role, from STS: AssumeRole, signed with the keys that one has, and
 * AssumeRoleWithWebIdentity, which a token of Kubernetes (or another OIDC provider) pays for. */
#include "aws/creds_int.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "net/xmltree.h"

#include <stdlib.h>
#include <string.h>

enum {
    DURATION_MIN = 900,
    DURATION_MAX = 43200,
    WEB_TOKEN_MAX = 20000, /* STS's own limit */
    BODY_MAX = 128 * 1024
};

static const char session_name[] = "cdctop"; /* as CloudTrail shows it */

static void put(struct strbuf *sb, const char *key, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    strbuf_printf(sb, "%s%s=", sb->len > 0 ? "&" : "", key);
    http_escape(sb, value, false);
}

static bool put_role(struct strbuf *sb, const struct creds_role *role, struct err *err)
{
    char *end = NULL;
    put(sb, "RoleArn", role->arn);
    put(sb, "RoleSessionName", role->session_name != NULL ? role->session_name : session_name);
    put(sb, "ExternalId", role->external_id);
    put(sb, "DurationSeconds", role->duration);
    long long seconds = role->duration != NULL ? strtoll(role->duration, &end, 10) : DURATION_MIN;
    if (seconds < DURATION_MIN || seconds > DURATION_MAX || (end != NULL && *end != '\0'))
        return err_set(err, ERR_CONFIG, 0, "duration_seconds is not within %d and %d", DURATION_MIN,
                       DURATION_MAX);
    return sb->overflow ? err_set(err, ERR_CONFIG, 0, "the request is too long") : true;
}

/* The keys below ACTIONResult/Credentials. */
static bool read_keys(const struct strbuf *body, const char *action, struct aws_credentials *keys,
                      struct err *err)
{
    struct creds_found found;
    struct arena *arena = arena_new();
    const struct xmlnode *root = xmltree_read(body->text, body->len, arena, NULL);
    const char *path = arena_printf(arena, "%sResult/Credentials", action);
    const struct xmlnode *node = xmltree_find(root, path);
    int64_t expires_ms = xmltree_time(node, "Expiration");
    enum creds_answer answer =
        creds_keys(xmltree_text(node, "AccessKeyId", ""), xmltree_text(node, "SecretAccessKey", ""),
                   xmltree_text(node, "SessionToken", ""), "the answer", &found, err);
    arena_free(arena);
    if (answer == CREDS_NONE || (answer == CREDS_FOUND && expires_ms == UNKNOWN))
        err_set(err, ERR_PROTOCOL, 0, "STS answered, but not with keys and their end");
    if (answer == CREDS_FOUND && expires_ms == UNKNOWN)
        creds_found_free(&found);
    if (answer != CREDS_FOUND || expires_ms == UNKNOWN)
        return false;
    free(found.from);
    *keys = found.keys;
    keys->expires_ms = expires_ms;
    return true;
}

static bool assume(const struct creds_fetch *f, const struct creds_role *role,
                   const struct aws_credentials *by, struct aws_credentials *keys, struct err *err)
{
    struct strbuf body;
    struct aws_answer answer;
    strbuf_init(&body, BODY_MAX);
    bool ok = put_role(&body, role, err);
    if (ok) {
        struct aws_request request = {
            .call = STS_ASSUME_ROLE,
            .body = body.text,
            .resource = role->arn,
            .deadline_ms = clock_mono_ms() + f->aws->cfg->aws.timeout_ms,
            .stop_fd = f->stop_fd,
        };
        ok = aws_send_as(f->client, &request, by, &answer, err);
        if (ok) {
            ok = read_keys(&answer.body, "AssumeRole", keys, err);
            mem_wipe(answer.body.text, answer.body.len);
            aws_answer_free(&answer);
        }
    }
    strbuf_free(&body);
    return ok;
}

enum creds_answer creds_assume(struct creds_fetch *f, const struct creds_role *role,
                               struct creds_found *found, struct err *err)
{
    struct aws_credentials keys;
    bool ok = assume(f, role, &found->keys, &keys, err);
    char *from = mem_printf("%s, role %s", found->from, role->arn);
    creds_found_free(found);
    if (!ok) {
        free(from);
        err_wrap(err, "role %s", role->arn);
        return CREDS_FAILED;
    }
    *found = (struct creds_found){keys, from};
    return CREDS_FOUND;
}

/* ---- web identity ---------------------------------------------------------------------------- */

/* The error's own words, without what a body may hold beside them. */
static bool refused(const struct http_response *resp, struct err *err)
{
    char code[80], message[240];
    struct arena *arena = arena_new();
    const struct xmlnode *root = xmltree_read(resp->body.text, resp->body.len, arena, NULL);
    utf8_clean(code, sizeof(code), xmltree_text(root, "Error/Code", ""), false);
    utf8_clean(message, sizeof(message), xmltree_text(root, "Error/Message", ""), false);
    arena_free(arena);
    enum err_kind kind = strcmp(code, "AccessDenied") == 0 ? ERR_DENIED : ERR_AUTH;
    if (code[0] == '\0')
        return err_set(err, http_status_kind(resp->status), (int)resp->status, "STS: HTTP %ld",
                       resp->status);
    return err_set(err, resp->status >= 500 ? ERR_SERVER : kind, (int)resp->status, "%s: %s", code,
                   message);
}

static bool post(const struct creds_fetch *f, const char *body, struct http_response *resp,
                 struct err *err)
{
    static const char *const headers[] = {
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8", NULL};
    char *base = aws_endpoint(f->aws, AWS_STS, aws_region(f->aws), err);
    if (base == NULL)
        return false;
    char *url = mem_printf("%s/", base), *ca = aws_ca_bundle(f->aws);
    struct http_request request = {
        .method = "POST",
        .url = url,
        .headers = headers,
        .body = body,
        .body_len = strlen(body),
        .tls = {.ca = ca},
        .max_body = BODY_MAX,
        .deadline_ms = clock_mono_ms() + f->aws->cfg->aws.timeout_ms,
        .stop_fd = f->stop_fd,
    };
    bool ok = http_exchange(f->client->http, &request, resp, err);
    free(ca);
    free(url);
    free(base);
    return ok;
}

static bool exchange_token(const struct creds_fetch *f, const struct creds_role *role,
                           const char *token, struct aws_credentials *keys, struct err *err)
{
    struct strbuf body;
    struct http_response resp;
    strbuf_init(&body, BODY_MAX);
    strbuf_puts(&body, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15");
    put(&body, "WebIdentityToken", token);
    bool ok = put_role(&body, role, err) && post(f, body.text, &resp, err);
    mem_wipe(body.text, body.len);
    strbuf_free(&body);
    if (!ok)
        return false;
    ok = resp.status == 200 ? read_keys(&resp.body, "AssumeRoleWithWebIdentity", keys, err)
                            : refused(&resp, err);
    creds_wipe_answer(&resp);
    return ok;
}

enum creds_answer creds_web_identity(struct creds_fetch *f, const struct creds_role *role,
                                     const char *token_file, struct creds_found *found,
                                     struct err *err)
{
    *found = (struct creds_found){0};
    /* Read anew each time: what wrote it keeps it fresh. */
    char *token = creds_token_file(token_file, WEB_TOKEN_MAX, err);
    bool ok = token != NULL && exchange_token(f, role, token, &found->keys, err);
    mem_wipe_free(token);
    if (!ok) {
        err_wrap(err, "web identity, role %s", role->arn);
        return CREDS_FAILED;
    }
    found->from = mem_printf("web identity, role %s", role->arn);
    return CREDS_FOUND;
}
