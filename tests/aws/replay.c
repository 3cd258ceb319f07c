#include "tests/aws/replay.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "net/http.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HEADERS_MAX = 12, CALL_MS = 20 * 1000 };

cJSON *replay_vectors(const char *name)
{
    struct err err = ERR_INIT;
    char *path = mem_printf("tests/vectors/%s", name);
    FILE *file = fopen(path, "re");
    char *text = mem_alloc(JSON_MAX_BYTES);
    size_t n = file != NULL ? fread(text, 1, JSON_MAX_BYTES - 1, file) : 0;
    if (file != NULL)
        (void)fclose(file);
    cJSON *root = json_parse(text, n, &err);
    cJSON *vectors = cJSON_DetachItemFromObjectCaseSensitive(root, "vectors");
    if (cJSON_GetArraySize(vectors) == 0)
        fail_msg("%s has no vectors: %s", path, err.text);
    cJSON_Delete(root);
    free(text);
    free(path);
    return vectors;
}

/* Path and query of the vector, as they are to be sent; a bucket before the host stands before the
 * path. */
static char *target_of(const cJSON *vector)
{
    const char *url = json_str(vector, "url", "");
    const char *host = strstr(url, "://") + 3;
    const char *path = host + strcspn(host, "/?");
    const char *bucket = strstr(host, ".s3.");
    bool virtual_host = bucket != NULL && bucket < path;
    return mem_printf("%s%.*s%s%s", virtual_host ? "/" : "",
                      virtual_host ? (int)(bucket - host) : 0, virtual_host ? host : "",
                      path[0] == '?' && !virtual_host ? "/" : "", path);
}

/* What is signed and sent beside what the signer adds itself. */
static size_t headers_of(const cJSON *vector, struct sigv4_header headers[HEADERS_MAX])
{
    static const char *const own[] = {"host", "x-amz-date", "x-amz-content-sha256",
                                      "x-amz-security-token"};
    size_t n = 0;
    const cJSON *h;
    cJSON_ArrayForEach(h, json_get(vector, "headers_to_send_and_sign"))
    {
        bool ours = false;
        for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
            ours |= strcasecmp(h->string, own[i]) == 0;
        if (!ours && n < HEADERS_MAX)
            headers[n++] = (struct sigv4_header){h->string, h->valuestring};
    }
    return n;
}

/* <Code>…</Code>, or nothing. */
static void read_code(const char *body, char code[64])
{
    const char *start = strstr(body, "<Code>");
    const char *end = start != NULL ? strstr(start, "</Code>") : NULL;
    if (end != NULL)
        (void)snprintf(code, 64, "%.*s", (int)(end - start - 6), start + 6);
}

static struct replay_answer send_signed(const struct replay *replay, const cJSON *vector,
                                        const char *target, const struct sigv4_request *sign,
                                        const struct sigv4_result *signature)
{
    char *lines[HEADERS_MAX + 5] = {NULL};
    size_t n = 0;
    lines[n++] = mem_printf("Authorization: %s", signature->authorization.text);
    lines[n++] = mem_printf("X-Amz-Date: %s", signature->amz_date);
    if (strcmp(sign->service, "s3") == 0)
        lines[n++] = mem_printf("X-Amz-Content-Sha256: %s", sign->payload_sha256);
    if (replay->creds->session_token != NULL)
        lines[n++] = mem_printf("X-Amz-Security-Token: %s", replay->creds->session_token);
    for (size_t i = 0; i < sign->nheaders; i++)
        lines[n++] = mem_printf("%s: %s", sign->headers[i].name, sign->headers[i].value);
    char *url = mem_printf("%s%s", replay->base, target);
    const char *body = json_str(vector, "body", "");
    struct http_request request = {
        .method = sign->method,
        .url = url,
        .headers = (const char *const *)lines,
        .body = body[0] != '\0' ? body : NULL,
        .body_len = strlen(body),
        .max_body = 1 << 20,
        .deadline_ms = clock_mono_ms() + CALL_MS,
        .stop_fd = -1,
    };
    struct replay_answer answer = {0};
    struct http_response response;
    struct err err = ERR_INIT;
    struct http_client *http = http_open();
    if (!http_exchange(http, &request, &response, &err))
        fail_msg("%s: %s: %s", json_str(vector, "name", ""), url, err.text);
    answer.status = response.status;
    read_code(response.body.text != NULL ? response.body.text : "", answer.code);
    http_response_free(&response);
    http_close(http);
    free(url);
    for (size_t i = 0; i < n; i++)
        mem_wipe_free(lines[i]);
    return answer;
}

struct replay_answer replay_send(const struct replay *replay, const cJSON *vector)
{
    struct sigv4_header headers[HEADERS_MAX];
    struct sigv4_result signature;
    struct err err = ERR_INIT;
    char digest[65], *target = target_of(vector), *path = mem_strdup(target);
    const char *body = json_str(vector, "body", "");
    char *query = strchr(path, '?');
    if (query != NULL)
        *query++ = '\0';
    sigv4_sha256_hex(body, strlen(body), digest);
    struct sigv4_request sign = {
        .method = json_str(vector, "method", "GET"),
        .host = strstr(replay->base, "://") + 3,
        .path = path,
        .query = query != NULL ? query : "",
        .headers = headers,
        .nheaders = headers_of(vector, headers),
        .payload_sha256 = digest,
        .region = replay->region,
        .service = json_str(vector, "signing_service", ""),
        .time_ms = clock_wall_ms() + replay->ahead_ms,
    };
    if (!sigv4_sign(&sign, replay->creds, &signature, &err))
        fail_msg("%s: %s", json_str(vector, "name", ""), err.text);
    struct replay_answer answer = send_signed(replay, vector, target, &sign, &signature);
    sigv4_result_free(&signature);
    free(path);
    free(target);
    return answer;
}

bool replay_refused(const struct replay_answer *answer)
{
    return answer->status == 401 || answer->status == 403;
}
