#include "tests/unit/sigv4_check.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "net/sigv4.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HEADERS_MAX = 24 };

static char *read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return NULL;
    char *text = mem_alloc(JSON_MAX_BYTES + 1);
    *len = fread(text, 1, JSON_MAX_BYTES, f);
    fclose(f);
    return text;
}

static bool same(FILE *out, const char *name, const char *what, const char *got, const char *want)
{
    if (want == NULL || (got != NULL && strcmp(got, want) == 0))
        return true;
    fprintf(out, "%s: %s differs\n  got:  %s\n  want: %s\n", name, what, got != NULL ? got : "-",
            want);
    return false;
}

static struct aws_credentials credentials_of(const cJSON *vector)
{
    const cJSON *c = json_get(vector, "credentials");
    return (struct aws_credentials){
        .access_key_id = mem_strdup(json_str(c, "access_key_id", "")),
        .secret_access_key = mem_strdup(json_str(c, "secret_access_key", "")),
        .session_token = mem_strdup(json_str(c, "session_token", NULL)),
        .expires_ms = INT64_MAX,
    };
}

/* "https://host:port/path?query" into its parts; url is cut up. */
static void split_url(char *url, const char **host, char **path, const char **query)
{
    char *start = strstr(url, "://");
    char *at = start != NULL ? start + 3 : url;
    char *mark = strchr(at, '?');
    *query = mark != NULL ? mark + 1 : "";
    if (mark != NULL)
        *mark = '\0';
    char *first = strchr(at, '/');
    *path = mem_strdup(first != NULL ? first : "/");
    if (first != NULL)
        *first = '\0';
    *host = at;
}

static bool check_header_vector(const cJSON *v, const char *name, FILE *out)
{
    struct aws_credentials creds = credentials_of(v);
    struct sigv4_header headers[HEADERS_MAX];
    struct sigv4_result r;
    struct err err = ERR_INIT;
    const char *body = json_str(v, "body", "");
    char digest[65], *url = mem_strdup(json_str(v, "url", ""));
    char *path;
    sigv4_sha256_hex(body, strlen(body), digest);
    struct sigv4_request req = {
        .method = json_str(v, "method", "GET"),
        .headers = headers,
        .payload_sha256 = json_str(v, "payload_sha256", digest),
        .region = json_str(v, "region", ""),
        .service = json_str(v, "signing_service", ""),
        .time_ms = clock_parse_iso(json_str(v, "signing_time", "")),
    };
    split_url(url, &req.host, &path, &req.query);
    req.path = path;
    const cJSON *h;
    cJSON_ArrayForEach(h, json_get(v, "headers_to_send_and_sign"))
    {
        if (strcasecmp(h->string, "host") == 0)
            req.host = cJSON_IsString(h) ? h->valuestring : req.host;
        else if (req.nheaders < HEADERS_MAX && cJSON_IsString(h))
            headers[req.nheaders++] = (struct sigv4_header){h->string, h->valuestring};
    }
    bool ok = sigv4_sign(&req, &creds, &r, &err);
    if (!ok) {
        fprintf(out, "%s: %s\n", name, err.text);
    } else {
        ok = same(out, name, "canonical request", r.canonical_request.text,
                  json_str(v, "expected_canonical_request", NULL));
        ok &= same(out, name, "string to sign", r.string_to_sign.text,
                   json_str(v, "expected_string_to_sign", NULL));
        ok &= same(out, name, "authorization", r.authorization.text,
                   json_str(v, "expected_authorization", NULL));
        ok &= same(out, name, "signature", r.signature, json_str(v, "expected_signature", NULL));
        sigv4_result_free(&r);
    }
    free(path);
    free(url);
    aws_credentials_free(&creds);
    return ok;
}

static bool check_rds_vector(const cJSON *v, const char *name, FILE *out)
{
    struct aws_credentials creds = credentials_of(v);
    char *token = sigv4_rds_token(&creds, json_str(v, "region", ""), json_str(v, "host", ""),
                                  (int)json_int(v, "port", 0), json_str(v, "db_user", ""),
                                  clock_parse_iso(json_str(v, "signing_time", "")));
    bool ok = same(out, name, "token", token, json_str(v, "expected_token", ""));
    mem_wipe_free(token);
    aws_credentials_free(&creds);
    return ok;
}

static bool check_msk_vector(const cJSON *v, const char *name, FILE *out)
{
    struct aws_credentials creds = credentials_of(v);
    int64_t expires_ms = -1, want_ms = json_int(v, "expected_lifetime_ms", 0);
    char *token =
        sigv4_msk_token(&creds, json_str(v, "region", ""), json_str(v, "user_agent", NULL),
                        clock_parse_iso(json_str(v, "signing_time", "")), &expires_ms);
    bool ok = same(out, name, "token", token, json_str(v, "expected_token", ""));
    if (expires_ms != want_ms) {
        fprintf(out, "%s: lifetime differs\n  got:  %lld\n  want: %lld\n", name,
                (long long)expires_ms, (long long)want_ms);
        ok = false;
    }
    mem_wipe_free(token);
    aws_credentials_free(&creds);
    return ok;
}

bool sigv4_check_file(const char *path, struct sigv4_tally *tally, FILE *out)
{
    size_t len = 0;
    struct err err = ERR_INIT;
    char *text = read_file(path, &len);
    if (text == NULL) {
        fprintf(out, "%s: cannot be opened\n", path);
        return false;
    }
    cJSON *root = json_parse(text, len, &err);
    const cJSON *vectors = cJSON_IsArray(root) ? root : json_get(root, "vectors"), *v;
    bool readable = cJSON_IsArray(vectors) && cJSON_GetArraySize(vectors) > 0;
    if (!readable)
        fprintf(out, "%s: %s\n", path, root == NULL ? err.text : "has no vectors");
    cJSON_ArrayForEach(v, vectors)
    {
        const char *name = json_str(v, "name", "unnamed");
        bool ok;
        if (json_get(v, "expected_lifetime_ms") != NULL)
            ok = check_msk_vector(v, name, out);
        else if (json_get(v, "db_user") != NULL)
            ok = check_rds_vector(v, name, out);
        else
            ok = json_get(v, "expected_signature") != NULL && check_header_vector(v, name, out);
        tally->passed += ok;
        tally->failed += !ok;
    }
    cJSON_Delete(root);
    free(text);
    return readable;
}
