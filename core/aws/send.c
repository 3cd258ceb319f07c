/* send.c: one call: signed, sent, its answer or its error read. */
#include "aws/aws_int.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/fact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX = 8 * 1024 * 1024, LINE_MAX_BYTES = 16 * 1024 };

struct aws_client *aws_client_open(struct aws *aws)
{
    struct aws_client *client = mem_alloc(sizeof(*client));
    client->aws = aws;
    client->http = http_open();
    return client;
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

/* What is sent beside the request's own. */
struct parts {
    char *url, *host, *body;
    char *target, *type;
};

static void parts_free(struct parts *p)
{
    free(p->url);
    free(p->host);
    mem_wipe_free(p->body);
    free(p->target);
    free(p->type);
}

static bool parts_of(struct aws *aws, const struct aws_request *req, const char *region,
                     struct parts *p, struct err *err)
{
    const struct aws_call_info *call = &aws_calls[req->call];
    const struct aws_service_info *service = &aws_services[call->service];
    char *base = aws_endpoint(aws, call->service, region, err);
    *p = (struct parts){0};
    if (base == NULL)
        return false;
    const char *query = req->query != NULL ? req->query : "";
    p->url = mem_printf("%s%s%s%s", base, req->path != NULL ? req->path : "/",
                        query[0] != '\0' ? "?" : "", query);
    const char *host = strstr(base, "://");
    p->host = mem_strdup(host != NULL ? host + 3 : base);
    free(base);
    switch (service->protocol) {
    case AWS_QUERY:
        p->body = mem_printf("Action=%s&Version=%s%s%s", call->operation, service->version,
                             req->body != NULL ? "&" : "", req->body != NULL ? req->body : "");
        p->type = mem_strdup("application/x-www-form-urlencoded; charset=utf-8");
        break;
    case AWS_JSON_1_0:
    case AWS_JSON_1_1:
        p->body = mem_strdup(req->body != NULL ? req->body : "{}");
        p->type = mem_strdup(service->protocol == AWS_JSON_1_0 ? "application/x-amz-json-1.0"
                                                               : "application/x-amz-json-1.1");
        p->target = mem_printf("%s.%s", service->target, call->operation);
        break;
    case AWS_REST_JSON:
    case AWS_REST_XML:
        p->body = mem_strdup(req->body != NULL ? req->body : "");
        p->type = p->body[0] != '\0' ? mem_strdup("application/json") : NULL;
        break;
    }
    return true;
}

static bool exchange(struct aws_client *client, const struct aws_request *req, const char *region,
                     const struct parts *p, const struct aws_credentials *creds,
                     struct http_response *resp, struct err *err)
{
    const struct aws_call_info *call = &aws_calls[req->call];
    struct sigv4_header headers[2];
    size_t n = 0;
    if (p->type != NULL)
        headers[n++] = (struct sigv4_header){"content-type", p->type};
    if (p->target != NULL)
        headers[n++] = (struct sigv4_header){"x-amz-target", p->target};
    char digest[65];
    sigv4_sha256_hex(p->body, strlen(p->body), digest);
    struct sigv4_request sign = {
        .method = call->method,
        .host = p->host,
        .path = req->path != NULL ? req->path : "/",
        .query = req->query != NULL ? req->query : "",
        .headers = headers,
        .nheaders = n,
        .payload_sha256 = digest,
        .region = region,
        .service = aws_services[call->service].name,
        .time_ms = aws_now_ms(client->aws),
    };
    struct sigv4_result signature;
    if (!sigv4_sign(&sign, creds, &signature, err))
        return false;
    char *lines[6] = {NULL};
    size_t k = 0;
    lines[k++] = mem_printf("Authorization: %s", signature.authorization.text);
    lines[k++] = mem_printf("X-Amz-Date: %s", signature.amz_date);
    if (creds->session_token != NULL)
        lines[k++] = mem_printf("X-Amz-Security-Token: %s", creds->session_token);
    for (size_t i = 0; i < n; i++)
        lines[k++] = mem_printf("%s: %s", headers[i].name, headers[i].value);
    sigv4_result_free(&signature);
    const char *sent[7] = {NULL};
    for (size_t i = 0; i < k; i++)
        sent[i] = lines[i];
    struct http_request http = {
        .method = call->method,
        .url = p->url,
        .headers = sent,
        .body = p->body[0] != '\0' ? p->body : NULL,
        .body_len = strlen(p->body),
        .tls = {.ca = client->aws->cfg->aws.ssl_ca},
        .max_body = ANSWER_MAX,
        .deadline_ms = req->deadline_ms,
        .stop_fd = req->stop_fd,
    };
    bool ok = http_exchange(client->http, &http, resp, err);
    for (size_t i = 0; i < k; i++)
        mem_wipe_free(lines[i]);
    return ok;
}

bool aws_send_as(struct aws_client *client, const struct aws_request *req,
                 const struct aws_credentials *creds, struct aws_answer *answer, struct err *err)
{
    struct aws *aws = client->aws;
    const char *region = req->region != NULL ? req->region : aws_region(aws);
    struct parts parts;
    struct http_response resp;
    *answer = (struct aws_answer){.date_ms = -1};
    if (!parts_of(aws, req, region, &parts, err))
        return false;
    bool ok = exchange(client, req, region, &parts, creds, &resp, err);
    parts_free(&parts);
    if (ok) {
        answer->date_ms = resp.date_ms;
        (void)snprintf(answer->request_id, sizeof(answer->request_id), "%s", resp.request_id);
        ok = resp.status >= 200 && resp.status < 300;
        if (ok) {
            answer->body = resp.body;
        } else {
            err_set(err, http_status_kind(resp.status), (int)resp.status, "%s: HTTP %ld %.200s",
                    aws_calls[req->call].operation, resp.status, resp.body.text);
            http_response_free(&resp);
        }
    }
    aws_count(aws, req->call, req->units, !ok, false);
    return ok;
}

bool aws_send(struct aws_client *client, const struct aws_request *req, struct aws_answer *answer,
              struct err *err)
{
    struct aws_credentials creds;
    if (!aws_credentials(client->aws, req->deadline_ms, req->stop_fd, &creds, err))
        return false;
    bool ok = aws_send_as(client, req, &creds, answer, err);
    aws_credentials_free(&creds);
    return ok;
}
