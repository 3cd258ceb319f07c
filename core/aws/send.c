/* send.c: one call: signed, sent, its answer or its error read, and asked again where that helps.
 */
#include "aws/aws_int.h"
#include "aws/fault.h"
#include "base/clock.h"
#include "base/mem.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    ANSWER_MAX = 8 * 1024 * 1024,
    TRIES_MAX = 6,
    BACKOFF_MS = 100, /* at most so long after the first refusal, doubled with each further one */
    BACKOFF_MAX_MS = 5000,
    SKEW_MS =
        60 * 1000, /* services take five minutes; below this our clock is not what they mind */
    HEADERS_MAX = 6,
};

struct aws_client *aws_client_open(struct aws *aws)
{
    struct aws_client *client = mem_alloc(sizeof(*client));
    client->aws = aws;
    client->http = http_open();
    return client;
}

bool aws_client_ready(struct aws_client **client, struct aws *aws, struct err *err)
{
    if (aws == NULL)
        return err_set(err, ERR_CONFIG, 0, "there is no AWS to ask");
    if (*client == NULL)
        *client = aws_client_open(aws);
    return true;
}

void aws_client_close(struct aws_client *client)
{
    if (client == NULL)
        return;
    http_close(client->http);
    free(client);
}

void aws_answer_free(struct aws_answer *answer)
{
    strbuf_free(&answer->body);
}

/* What goes over the wire of a request. */
struct parts {
    char *url, *host, *path, *body;
    char *target, *type; /* NULL: none */
};

static void parts_free(struct parts *p)
{
    free(p->url);
    free(p->host);
    free(p->path);
    mem_wipe_free(p->body);
    free(p->target);
    free(p->type);
}

/* The Host header as libcurl sends it: without the scheme's own port. */
static char *host_of(const char *base)
{
    const char *from = strstr(base, "://");
    bool tls = strncmp(base, "https:", 6) == 0;
    from = from != NULL ? from + 3 : base;
    char *host = mem_strndup(from, strcspn(from, "/"));
    size_t n = strlen(host), port = strlen(tls ? ":443" : ":80");
    if (n > port && strcmp(host + n - port, tls ? ":443" : ":80") == 0)
        host[n - port] = '\0';
    return host;
}

static void body_of(const struct aws_request *req, struct parts *p)
{
    const struct aws_call_info *call = &aws_calls[req->call];
    const struct aws_service_info *service = &aws_services[call->service];
    const char *body = req->body != NULL ? req->body : "";
    switch (service->protocol) {
    case AWS_QUERY:
        p->body = mem_printf("Action=%s&Version=%s%s%s", call->operation, service->version,
                             body[0] != '\0' ? "&" : "", body);
        p->type = mem_strdup("application/x-www-form-urlencoded; charset=utf-8");
        break;
    case AWS_JSON_1_0:
    case AWS_JSON_1_1:
        p->body = mem_strdup(body[0] != '\0' ? body : "{}");
        p->type = mem_strdup(service->protocol == AWS_JSON_1_0 ? "application/x-amz-json-1.0"
                                                               : "application/x-amz-json-1.1");
        p->target = mem_printf("%s.%s", service->target, call->operation);
        break;
    case AWS_REST_JSON:
    case AWS_REST_XML:
        p->body = mem_strdup(body);
        p->type = body[0] != '\0' ? mem_strdup("application/json") : NULL;
        break;
    }
}

static bool parts_of(struct aws *aws, const struct aws_request *req, const char *region,
                     struct parts *p, struct err *err)
{
    *p = (struct parts){0};
    char *base = aws_endpoint(aws, aws_calls[req->call].service, region, err);
    if (base == NULL)
        return false;
    const char *query = req->query != NULL ? req->query : "";
    const char *host = strstr(base, "://");
    const char *below =
        strchr(host != NULL ? host + 3 : base, '/'); /* an endpoint may have a path */
    p->host = host_of(base);
    p->path = mem_printf("%s%s", below != NULL ? below : "", req->path != NULL ? req->path : "/");
    p->url = mem_printf("%.*s%s%s%s", (int)(below != NULL ? (size_t)(below - base) : strlen(base)),
                        base, p->path, query[0] != '\0' ? "?" : "", query);
    free(base);
    body_of(req, p);
    return true;
}

/* ---- one exchange ---------------------------------------------------------------------------- */

/* The lines of the head, signed; wiped by lines_free. */
static bool lines_of(const struct aws_request *req, const char *region, const struct parts *p,
                     const struct aws_credentials *creds, int64_t now_ms,
                     char *lines[HEADERS_MAX + 1], struct err *err)
{
    const struct aws_call_info *call = &aws_calls[req->call];
    struct sigv4_header headers[2];
    size_t n = 0, k = 0;
    if (p->type != NULL)
        headers[n++] = (struct sigv4_header){"content-type", p->type};
    if (p->target != NULL)
        headers[n++] = (struct sigv4_header){"x-amz-target", p->target};
    char digest[65];
    sigv4_sha256_hex(p->body, strlen(p->body), digest);
    struct sigv4_request sign = {
        .method = call->method,
        .host = p->host,
        .path = p->path,
        .query = req->query != NULL ? req->query : "",
        .headers = headers,
        .nheaders = n,
        .payload_sha256 = digest,
        .region = region,
        .service = aws_services[call->service].name,
        .time_ms = now_ms,
    };
    struct sigv4_result signature;
    if (!sigv4_sign(&sign, creds, &signature, err))
        return false;
    lines[k++] = mem_printf("Authorization: %s", signature.authorization.text);
    lines[k++] = mem_printf("X-Amz-Date: %s", signature.amz_date);
    if (creds->session_token != NULL)
        lines[k++] = mem_printf("X-Amz-Security-Token: %s", creds->session_token);
    for (size_t i = 0; i < n; i++)
        lines[k++] = mem_printf("%s: %s", headers[i].name, headers[i].value);
    sigv4_result_free(&signature);
    return true;
}

static void lines_free(char *lines[HEADERS_MAX + 1])
{
    for (size_t i = 0; i < HEADERS_MAX; i++)
        mem_wipe_free(lines[i]);
}

static bool exchange(struct aws_client *client, const struct aws_request *req,
                     const struct parts *p, char *const lines[HEADERS_MAX + 1],
                     struct http_response *resp, struct err *err)
{
    const char *sent[HEADERS_MAX + 1] = {NULL};
    for (size_t i = 0; i < HEADERS_MAX; i++)
        sent[i] = lines[i];
    char *ca = aws_ca_bundle(client->aws);
    struct http_request http = {
        .method = aws_calls[req->call].method,
        .url = p->url,
        .headers = sent,
        .body = p->body[0] != '\0' ? p->body : NULL,
        .body_len = strlen(p->body),
        .tls = {.ca = ca},
        .max_body = ANSWER_MAX,
        .once = aws_calls[req->call].changes,
        .deadline_ms = req->deadline_ms,
        .stop_fd = req->stop_fd,
    };
    bool ok = http_exchange(client->http, &http, resp, err);
    free(ca);
    return ok;
}

/* ---- its outcome ----------------------------------------------------------------------------- */

/* Foreign words may quote what we sent: never more of the key than its end, and of the rest
 * nothing.
 */
static void hide(char *text, const char *secret, size_t shown)
{
    size_t n = secret != NULL ? strlen(secret) : 0;
    char *at;
    while (n > shown && (at = strstr(text, secret)) != NULL)
        memset(at, '*', n - shown);
}

static void hide_credentials(struct aws_fault *f, const struct aws_credentials *creds)
{
    hide(f->message, creds->secret_access_key, 0);
    hide(f->message, creds->session_token, 0);
    hide(f->message, creds->access_key_id, 4);
}

/* True: it was a good answer. */
static bool conclude(struct aws *aws, const struct aws_request *req,
                     const struct aws_credentials *creds, struct http_response *resp,
                     struct aws_fault *fault, struct err *err)
{
    const char *asked = req->resource != NULL ? req->resource : "*";
    bool ok = resp->status >= 200 && resp->status < 300;
    if (!ok) {
        aws_fault_read(aws_services[aws_calls[req->call].service].protocol, resp->status,
                       resp->errortype, resp->body.text, resp->body.len, fault);
        hide_credentials(fault, creds);
        const char *name = fault->code[0] != '\0' ? fault->code : aws_calls[req->call].operation;
        err_set(err, fault->kind, (int)resp->status, "%s%s%s", name,
                fault->message[0] != '\0' ? ": " : "", fault->message);
    }
    /* The clock of something in between is not AWS's. */
    if (ok || fault->code[0] != '\0')
        aws_saw_date(aws, resp->date_ms);
    if (ok)
        aws_allowed(aws, req->call, asked);
    else if (fault->kind == ERR_DENIED && fault->code[0] != '\0')
        aws_denied(aws, req->call, asked, fault->action, fault->resource, fault->message);
    return ok;
}

/* One exchange. *fault tells of an answer that was an error; without an answer it is empty. */
static bool attempt(struct aws_client *client, const struct aws_request *req,
                    const struct aws_credentials *creds, struct aws_answer *answer,
                    struct aws_fault *fault, struct err *err)
{
    struct aws *aws = client->aws;
    const char *region = req->region != NULL ? req->region : aws_region(aws);
    struct parts parts;
    struct http_response resp;
    char *lines[HEADERS_MAX + 1] = {NULL};
    int64_t now_ms = aws_now_ms(aws);
    *answer = (struct aws_answer){.date_ms = -1};
    *fault = (struct aws_fault){0};
    if (!parts_of(aws, req, region, &parts, err))
        return false;
    bool ok = lines_of(req, region, &parts, creds, now_ms, lines, err);
    bool answered = ok && exchange(client, req, &parts, lines, &resp, err);
    lines_free(lines);
    parts_free(&parts);
    if (!ok)
        return false;
    ok = answered && conclude(aws, req, creds, &resp, fault, err);
    if (answered)
        answer->date_ms = resp.date_ms;
    if (ok) {
        answer->body = resp.body;
        (void)snprintf(answer->request_id, sizeof(answer->request_id), "%s", resp.request_id);
    } else if (answered) {
        http_response_free(&resp);
    }
    /* By the Date of this very answer our clock was right: another time would be refused too. */
    if (fault->handling == AWS_SKEW &&
        (answer->date_ms < 0 || llabs(answer->date_ms - now_ms) < SKEW_MS))
        fault->handling = AWS_FINAL;
    aws_count(aws, req->call, req->units, !ok, fault->throttled);
    return ok;
}

/* *why is set by every attempt that fails, also where a later one succeeds: never the caller's. */
static bool send_with(struct aws_client *client, const struct aws_request *req,
                      const struct aws_credentials *creds, struct aws_answer *answer,
                      struct aws_fault *fault, struct err *why)
{
    bool ok = attempt(client, req, creds, answer, fault, why);
    return ok || (fault->handling == AWS_SKEW && attempt(client, req, creds, answer, fault, why));
}

static bool outcome(bool ok, const struct err *why, struct err *err)
{
    return ok || err_set(err, why->kind, why->code, "%s", why->text);
}

bool aws_send_as(struct aws_client *client, const struct aws_request *req,
                 const struct aws_credentials *creds, struct aws_answer *answer, struct err *err)
{
    struct aws_fault fault;
    struct err why = ERR_INIT;
    return outcome(send_with(client, req, creds, answer, &fault, &why), &why, err);
}

/* ---- again ----------------------------------------------------------------------------------- */

/* Waits between nothing and the most for this try ("full jitter": callers that were refused
 * together do not come back together). False: the deadline leaves no time, or we were told to stop.
 */
static bool back_off(const struct aws_request *req, int tries)
{
    unsigned noise = 0;
    if (getrandom(&noise, sizeof(noise), 0) != (ssize_t)sizeof(noise))
        noise = (unsigned)clock_mono_us();
    int most = BACKOFF_MS << (tries - 1);
    int wait = (int)(noise % (unsigned)(most < BACKOFF_MAX_MS ? most : BACKOFF_MAX_MS));
    if (wait >= clock_left_ms(req->deadline_ms))
        return false;
    struct pollfd stop = {.fd = req->stop_fd, .events = POLLIN};
    return poll(&stop, 1, wait) == 0;
}

/* Other credentials than these; false: there are none. */
static bool renew(struct aws_client *client, const struct aws_request *req,
                  struct aws_credentials *creds)
{
    struct aws_credentials fresh;
    struct err ignored = ERR_INIT;
    aws_credentials_refused(client->aws);
    if (!aws_credentials(client->aws, req->deadline_ms, req->stop_fd, &fresh, &ignored))
        return false;
    bool same = aws_credentials_same(creds, &fresh);
    aws_credentials_free(creds);
    *creds = fresh;
    return !same;
}

bool aws_send(struct aws_client *client, const struct aws_request *req, struct aws_answer *answer,
              struct err *err)
{
    struct aws_credentials creds;
    struct aws_fault fault;
    struct err why = ERR_INIT;
    bool renewed = false, ok = false;
    int tries = 0;
    if (!aws_credentials(client->aws, req->deadline_ms, req->stop_fd, &creds, err))
        return false;
    for (;;) {
        ok = send_with(client, req, &creds, answer, &fault, &why);
        tries++;
        if (!ok && fault.handling == AWS_RENEW && !renewed) {
            renewed = true;
            if (renew(client, req, &creds))
                continue;
        }
        if (ok || fault.handling != AWS_AGAIN || aws_calls[req->call].changes ||
            tries == TRIES_MAX || !back_off(req, tries))
            break;
    }
    aws_credentials_free(&creds);
    return outcome(ok, &why, err);
}
