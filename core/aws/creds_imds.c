/* creds_imds.c: the role of the EC2 instance we run on, by version 2 of its metadata service: a
 * session token by PUT, then everything by GET with that token. Version 1 is not spoken. */
#include "aws/creds_int.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { IMDS_MS = 1000, IMDS_MAX = 64 * 1024, NAME_MAX_BYTES = 128, TOKEN_MAX = 1024 };

static const struct creds_shape shape = {.token_key = "Token", .ends = true};

struct imds {
    struct http_client *http;
    int stop_fd;
    char *base;
    char *token; /* "X-aws-ec2-metadata-token: …" */
};

static bool disabled(void)
{
    const char *off = getenv("AWS_EC2_METADATA_DISABLED");
    return off != NULL && strcasecmp(off, "true") == 0;
}

static char *base_url(void)
{
    const char *given = getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const char *mode = getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    size_t n = given != NULL ? strlen(given) : 0;
    while (n > 0 && given[n - 1] == '/')
        n--;
    if (n > 0)
        return mem_strndup(given, n);
    return mem_strdup(mode != NULL && strcasecmp(mode, "IPv6") == 0 ? "http://[fd00:ec2::254]"
                                                                    : "http://169.254.169.254");
}

/* The answer with status 200; else *err, with the HTTP status as its code. */
static bool ask(const struct imds *m, const char *method, const char *path, const char *header,
                struct http_response *resp, struct err *err)
{
    const char *headers[] = {header, NULL};
    char *url = mem_printf("%s/latest/%s", m->base, path);
    struct http_request request = {
        .method = method,
        .url = url,
        .headers = headers,
        .max_body = IMDS_MAX,
        .deadline_ms = clock_mono_ms() + IMDS_MS,
        .stop_fd = m->stop_fd,
        .direct = true,
    };
    bool ok = http_exchange(m->http, &request, resp, err);
    free(url);
    if (!ok || resp->status == 200)
        return ok;
    err_set(err, http_status_kind(resp->status), (int)resp->status, "HTTP %ld", resp->status);
    creds_wipe_answer(resp);
    return false;
}

/* One word of an answer: a role's name, a region, a token. malloc'd; NULL: it is none. */
static char *word_of(const struct http_response *resp, size_t max)
{
    size_t n = strcspn(resp->body.text, "\r\n");
    if (n == 0 || n > max)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        if (resp->body.text[i] <= ' ' || resp->body.text[i] > '~' || resp->body.text[i] == '<')
            return NULL; /* a page of somebody else */
    }
    return mem_strndup(resp->body.text, n);
}

static bool take_token(struct imds *m, struct err *err)
{
    struct http_response resp;
    if (!ask(m, "PUT", "api/token", "X-aws-ec2-metadata-token-ttl-seconds: 21600", &resp, err))
        return false;
    char *token = word_of(&resp, TOKEN_MAX);
    creds_wipe_answer(&resp);
    if (token == NULL)
        return err_set(err, ERR_PROTOCOL, 0, "the answer is no session token");
    m->token = mem_printf("X-aws-ec2-metadata-token: %s", token);
    mem_wipe_free(token);
    return true;
}

static char *get_word(const struct imds *m, const char *path, struct err *err)
{
    struct http_response resp;
    if (!ask(m, "GET", path, m->token, &resp, err))
        return NULL;
    char *word = word_of(&resp, NAME_MAX_BYTES);
    creds_wipe_answer(&resp);
    if (word == NULL)
        err_set(err, ERR_PROTOCOL, 0, "the answer is no name");
    return word;
}

static void close_imds(struct imds *m)
{
    free(m->base);
    mem_wipe_free(m->token);
}

/* ---- the role -------------------------------------------------------------------------------- */

/* {"Code":"Success",…}, or why not. */
static bool read_keys(const struct http_response *resp, struct aws_credentials *keys,
                      struct err *err)
{
    char code[80], message[200];
    creds_json_say(resp->body.text, resp->body.len, "Code", code, sizeof(code));
    if (code[0] == '\0' || strcmp(code, "Success") == 0)
        return creds_json(resp->body.text, resp->body.len, &shape, keys, err);
    creds_json_say(resp->body.text, resp->body.len, "Message", message, sizeof(message));
    return err_set(err, ERR_AUTH, 0, "%s%s%s", code, message[0] != '\0' ? ": " : "", message);
}

static bool role_keys(const struct imds *m, const char *role, struct aws_credentials *keys,
                      struct err *err)
{
    struct http_response resp;
    char path[64 + NAME_MAX_BYTES];
    struct strbuf name;
    strbuf_init(&name, 3 * (size_t)NAME_MAX_BYTES);
    http_escape(&name, role, false);
    (void)snprintf(path, sizeof(path), "meta-data/iam/security-credentials/%s", name.text);
    strbuf_free(&name);
    if (!ask(m, "GET", path, m->token, &resp, err))
        return err_wrap(err, "role %s", role);
    bool ok = read_keys(&resp, keys, err);
    creds_wipe_answer(&resp);
    return ok ? true : err_wrap(err, "role %s", role);
}

/* Where nothing answers at all, no instance is. */
static enum creds_answer no_token(struct err *err)
{
    if (err->code == 403)
        return creds_failed(err, ERR_DENIED,
                            "it is turned off for this instance, or kept from us (HTTP 403)");
    err_wrap(err, "no session token");
    if (err->kind == ERR_TIMEOUT)
        err_set(err, ERR_TIMEOUT, 0,
                "no session token within a second; inside a container the instance's "
                "http-put-response-hop-limit must be at least 2");
    return err->kind == ERR_TIMEOUT || err->kind == ERR_REFUSED || err->kind == ERR_DNS
               ? CREDS_NONE
               : CREDS_FAILED;
}

static enum creds_answer ask_role(struct imds *m, struct creds_found *found, struct err *err)
{
    if (!take_token(m, err))
        return no_token(err);
    char *role = get_word(m, "meta-data/iam/security-credentials/", err);
    if (role == NULL && err->code == 404)
        return creds_failed(err, ERR_CONFIG, "this instance has no role (instance profile)");
    if (role == NULL) {
        err_wrap(err, "the role's name");
        return CREDS_FAILED;
    }
    bool ok = role_keys(m, role, &found->keys, err);
    if (ok)
        found->from = mem_printf("the instance's role %s", role);
    free(role);
    return ok ? CREDS_FOUND : CREDS_FAILED;
}

enum creds_answer creds_instance(struct creds_fetch *f, struct creds_found *found, struct err *err)
{
    *found = (struct creds_found){0};
    if (disabled()) {
        err_set(err, ERR_CONFIG, 0, "AWS_EC2_METADATA_DISABLED keeps us from asking the instance");
        return CREDS_NONE;
    }
    struct imds m = {.http = f->client->http, .stop_fd = f->stop_fd, .base = base_url()};
    enum creds_answer answer = ask_role(&m, found, err);
    close_imds(&m);
    if (answer != CREDS_FOUND)
        err_wrap(err, "instance metadata");
    return answer;
}

char *imds_region(int stop_fd)
{
    if (disabled())
        return NULL;
    struct imds m = {.http = http_open(), .stop_fd = stop_fd, .base = base_url()};
    char *region = take_token(&m, NULL) ? get_word(&m, "meta-data/placement/region", NULL) : NULL;
    close_imds(&m);
    http_close(m.http);
    return region;
}
