#include "net/sigv4.h"

#include "base/hex.h"
#include "base/mem.h"
#include "net/http.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
    TEXT_MAX = 128 * 1024, /* canonical requests, tokens: session tokens reach several KB */
    HEADERS_MAX = 32,
    PARAMS_MAX = 256,
    LIFETIME_S = 900,
};

static const char EMPTY_SHA256[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

void aws_credentials_free(struct aws_credentials *creds)
{
    free(creds->access_key_id);
    mem_wipe_free(creds->secret_access_key);
    mem_wipe_free(creds->session_token);
    *creds = (struct aws_credentials){0};
}

/* Requests and tokens carry the session token: nothing of them stays in freed memory. */
static void wipe_strbuf(struct strbuf *sb)
{
    if (sb->cap != 0)
        mem_wipe(sb->text, sb->cap);
    strbuf_free(sb);
}

void sigv4_result_free(struct sigv4_result *result)
{
    wipe_strbuf(&result->canonical_request);
    wipe_strbuf(&result->string_to_sign);
    wipe_strbuf(&result->authorization);
}

/* ---- digests --------------------------------------------------------------------------------- */

static void hex(const unsigned char *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

void sigv4_sha256_hex(const void *data, size_t n, char out[65])
{
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_Digest(data, n, md, &len, EVP_sha256(), NULL) != 1 || len != 32)
        mem_fatal("libcrypto has no SHA-256");
    hex(md, len, out);
}

static void hmac(const void *key, size_t key_len, const char *text, unsigned char out[32])
{
    unsigned len = 0;
    if (HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, strlen(text), out,
             &len) == NULL ||
        len != 32)
        mem_fatal("libcrypto has no HMAC-SHA-256");
}

/* ---- the canonical query --------------------------------------------------------------------- */

struct param {
    char *name, *value; /* decoded and encoded again, strictly */
};

/* %XX is taken apart and written again, so that %7e and ~ are signed alike; a '+' is a plus. An
 * encoded NUL cannot be represented and stays as it is. */
static char *recode(const char *text, size_t n)
{
    struct strbuf sb;
    strbuf_init(&sb, TEXT_MAX);
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (c == '%' && i + 2 < n && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0 &&
            (text[i + 1] != '0' || text[i + 2] != '0')) {
            c = (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        }
        http_escape(&sb, (const char[]){c, '\0'}, false);
    }
    return strbuf_take(&sb);
}

static int by_param(const void *a, const void *b)
{
    const struct param *x = a, *y = b;
    int d = strcmp(x->name, y->name);
    return d != 0 ? d : strcmp(x->value, y->value);
}

static bool canonical_query(struct strbuf *out, const char *query, struct err *err)
{
    struct param *params = mem_calloc(PARAMS_MAX, sizeof(*params));
    size_t n = 0;
    bool ok = true;
    for (const char *p = query; p != NULL && *p != '\0';) {
        size_t len = strcspn(p, "&");
        const char *eq = memchr(p, '=', len);
        size_t name_len = eq != NULL ? (size_t)(eq - p) : len;
        if (n == PARAMS_MAX) {
            ok = err_set(err, ERR_TOOBIG, 0, "more than %d query parameters", PARAMS_MAX);
            break;
        }
        if (len > 0) {
            params[n].name = recode(p, name_len);
            params[n++].value = eq != NULL ? recode(eq + 1, len - name_len - 1) : mem_strdup("");
        }
        p += len;
        p += *p == '&';
    }
    qsort(params, n, sizeof(*params), by_param);
    for (size_t i = 0; i < n; i++) {
        strbuf_printf(out, "%s%s=%s", i > 0 ? "&" : "", params[i].name, params[i].value);
        free(params[i].name);
        mem_wipe_free(params[i].value);
    }
    free(params);
    return ok;
}

/* ---- the canonical path ---------------------------------------------------------------------- */

/* All services but S3 resolve dot segments and empty segments before they sign, and encode what is
 * already encoded once more (arn%3Aaws becomes arn%253Aaws). S3 takes the path as it is sent. */
static void canonical_path(struct strbuf *out, const char *path, bool s3)
{
    const char *from[256];
    size_t len[256], depth = 0, n = strlen(path);
    if (n == 0) {
        strbuf_putc(out, '/');
        return;
    }
    if (s3) {
        strbuf_puts(out, path);
        return;
    }
    for (const char *p = path; *p != '\0';) {
        size_t seg = strcspn(p, "/");
        if (seg == 2 && memcmp(p, "..", 2) == 0)
            depth -= depth > 0;
        else if (seg > 0 && !(seg == 1 && *p == '.') && depth < ARRAY_LEN(from)) {
            from[depth] = p;
            len[depth++] = seg;
        }
        p += seg;
        p += *p == '/';
    }
    for (size_t i = 0; i < depth; i++) {
        char *seg = mem_strndup(from[i], len[i]);
        strbuf_putc(out, '/');
        http_escape(out, seg, false);
        free(seg);
    }
    if (depth == 0 || path[n - 1] == '/')
        strbuf_putc(out, '/');
}

/* ---- the canonical headers ------------------------------------------------------------------- */

struct header_set {
    struct sigv4_header items[HEADERS_MAX];
    size_t count;
};

static bool header_add(struct header_set *set, const char *name, const char *value)
{
    for (size_t i = 0; i < set->count; i++) {
        if (strcasecmp(set->items[i].name, name) == 0)
            return true; /* the signer's own come first and win */
    }
    if (set->count == HEADERS_MAX)
        return false;
    set->items[set->count++] = (struct sigv4_header){name, value};
    return true;
}

static int by_header(const void *a, const void *b)
{
    return strcasecmp(((const struct sigv4_header *)a)->name,
                      ((const struct sigv4_header *)b)->name);
}

static void add_lower(struct strbuf *out, const char *name)
{
    for (; *name != '\0'; name++)
        strbuf_putc(out, (char)(*name >= 'A' && *name <= 'Z' ? *name + 32 : *name));
}

/* Outer blanks go, inner runs become one space. */
static void add_trimmed(struct strbuf *out, const char *value)
{
    bool blank = false, any = false;
    for (; *value != '\0'; value++) {
        if (*value == ' ' || *value == '\t') {
            blank = any;
            continue;
        }
        if (blank)
            strbuf_putc(out, ' ');
        strbuf_putc(out, *value);
        blank = false;
        any = true;
    }
}

static bool collect_headers(const struct sigv4_request *req, const struct aws_credentials *creds,
                            const char *amz_date, struct header_set *set, struct err *err)
{
    header_add(set, "host", req->host);
    header_add(set, "x-amz-date", amz_date);
    if (creds->session_token != NULL && creds->session_token[0] != '\0')
        header_add(set, "x-amz-security-token", creds->session_token);
    if (strcmp(req->service, "s3") == 0)
        header_add(set, "x-amz-content-sha256", req->payload_sha256);
    for (size_t i = 0; i < req->nheaders; i++) {
        if (!header_add(set, req->headers[i].name, req->headers[i].value))
            return err_set(err, ERR_TOOBIG, 0, "more than %d headers to sign", HEADERS_MAX);
    }
    qsort(set->items, set->count, sizeof(set->items[0]), by_header);
    return true;
}

static void add_signed_names(struct strbuf *out, const struct header_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        if (i > 0)
            strbuf_putc(out, ';');
        add_lower(out, set->items[i].name);
    }
}

/* ---- signing --------------------------------------------------------------------------------- */

static void amz_date(int64_t time_ms, char out[17])
{
    time_t t = (time_t)(time_ms / 1000);
    struct tm tm;
    if (gmtime_r(&t, &tm) == NULL || strftime(out, 17, "%Y%m%dT%H%M%SZ", &tm) == 0)
        (void)snprintf(out, 17, "19700101T000000Z");
}

static void sign_text(const char *secret, const char *date, const char *region, const char *service,
                      const char *text, char out[65])
{
    char *first = mem_printf("AWS4%s", secret), day[9];
    unsigned char key[32];
    (void)snprintf(day, sizeof(day), "%.8s", date);
    hmac(first, strlen(first), day, key);
    hmac(key, sizeof(key), region, key);
    hmac(key, sizeof(key), service, key);
    hmac(key, sizeof(key), "aws4_request", key);
    hmac(key, sizeof(key), text, key);
    hex(key, sizeof(key), out);
    mem_wipe(key, sizeof(key));
    mem_wipe_free(first);
}

/* From canonical_request and amz_date on: the string to sign and the signature. */
static void sign_canonical(struct sigv4_result *r, const struct aws_credentials *creds,
                           const char *region, const char *service)
{
    char digest[65];
    sigv4_sha256_hex(r->canonical_request.text, r->canonical_request.len, digest);
    strbuf_printf(&r->string_to_sign, "AWS4-HMAC-SHA256\n%s\n%.8s/%s/%s/aws4_request\n%s",
                  r->amz_date, r->amz_date, region, service, digest);
    sign_text(creds->secret_access_key, r->amz_date, region, service, r->string_to_sign.text,
              r->signature);
}

static void result_init(struct sigv4_result *result, int64_t time_ms)
{
    *result = (struct sigv4_result){0};
    strbuf_init(&result->canonical_request, TEXT_MAX);
    strbuf_init(&result->string_to_sign, TEXT_MAX);
    strbuf_init(&result->authorization, TEXT_MAX);
    amz_date(time_ms, result->amz_date);
}

static bool usable(const struct aws_credentials *creds, struct err *err)
{
    if (creds->access_key_id == NULL || creds->secret_access_key == NULL ||
        creds->access_key_id[0] == '\0' || creds->secret_access_key[0] == '\0')
        return err_set(err, ERR_CONFIG, 0, "no AWS access key and secret key are known");
    return true;
}

bool sigv4_sign(const struct sigv4_request *req, const struct aws_credentials *creds,
                struct sigv4_result *result, struct err *err)
{
    struct header_set set = {0};
    result_init(result, req->time_ms);
    if (!usable(creds, err) || !collect_headers(req, creds, result->amz_date, &set, err))
        return false;
    struct strbuf *canon = &result->canonical_request, *auth = &result->authorization;
    strbuf_printf(canon, "%s\n", req->method);
    canonical_path(canon, req->path, strcmp(req->service, "s3") == 0);
    strbuf_putc(canon, '\n');
    if (!canonical_query(canon, req->query, err))
        goto fail;
    strbuf_putc(canon, '\n');
    for (size_t i = 0; i < set.count; i++) {
        add_lower(canon, set.items[i].name);
        strbuf_putc(canon, ':');
        add_trimmed(canon, set.items[i].value);
        strbuf_putc(canon, '\n');
    }
    strbuf_putc(canon, '\n');
    add_signed_names(canon, &set);
    strbuf_printf(canon, "\n%s", req->payload_sha256);
    sign_canonical(result, creds, req->region, req->service);
    strbuf_printf(auth, "AWS4-HMAC-SHA256 Credential=%s/%.8s/%s/%s/aws4_request, SignedHeaders=",
                  creds->access_key_id, result->amz_date, req->region, req->service);
    add_signed_names(auth, &set);
    strbuf_printf(auth, ", Signature=%s", result->signature);
    if (canon->overflow || auth->overflow) {
        err_set(err, ERR_TOOBIG, 0, "a request of more than %d bytes cannot be signed", TEXT_MAX);
        goto fail;
    }
    return true;
fail:
    sigv4_result_free(result);
    return false;
}

/* ---- presigned URLs -------------------------------------------------------------------------- */

/* Appends "?query&X-Amz-…&X-Amz-Signature=…" to url: the query form, only host signed. The order is
 * that of AWS's own signers. */
static bool presign(struct strbuf *url, const struct aws_credentials *creds, const char *region,
                    const char *service, const char *host, const char *query, int64_t time_ms)
{
    struct sigv4_result r;
    struct strbuf q;
    result_init(&r, time_ms);
    strbuf_init(&q, TEXT_MAX);
    strbuf_printf(&q, "%s&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=", query);
    http_escape(&q, creds->access_key_id, false);
    strbuf_printf(&q, "%%2F%.8s%%2F", r.amz_date);
    http_escape(&q, region, false);
    strbuf_printf(&q, "%%2F%s%%2Faws4_request&X-Amz-Date=%s&X-Amz-Expires=%d", service, r.amz_date,
                  LIFETIME_S);
    strbuf_puts(&q, "&X-Amz-SignedHeaders=host");
    if (creds->session_token != NULL && creds->session_token[0] != '\0') {
        strbuf_puts(&q, "&X-Amz-Security-Token=");
        http_escape(&q, creds->session_token, false);
    }
    strbuf_puts(&r.canonical_request, "GET\n/\n");
    bool ok = canonical_query(&r.canonical_request, q.text, NULL);
    strbuf_printf(&r.canonical_request, "\nhost:%s\n\nhost\n%s", host, EMPTY_SHA256);
    sign_canonical(&r, creds, region, service);
    strbuf_printf(url, "?%s&X-Amz-Signature=%s", q.text, r.signature);
    ok = ok && !q.overflow && !r.canonical_request.overflow && !url->overflow;
    wipe_strbuf(&q);
    sigv4_result_free(&r);
    return ok;
}

static char *base64url(const char *text, size_t n)
{
    char *out = mem_alloc(4 * ((n + 2) / 3) + 1);
    int len = EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)text, (int)n);
    while (len > 0 && out[len - 1] == '=')
        out[--len] = '\0';
    for (char *p = out; *p != '\0'; p++) {
        if (*p == '+')
            *p = '-';
        else if (*p == '/')
            *p = '_';
    }
    return out;
}

char *sigv4_msk_token(const struct aws_credentials *creds, const char *region,
                      const char *user_agent, int64_t time_ms, int64_t *expires_ms)
{
    struct strbuf url;
    char *token = NULL;
    if (!usable(creds, NULL))
        return NULL;
    strbuf_init(&url, TEXT_MAX);
    /* China too: AWS's signer has this suffix for every region. */
    char *host = mem_printf("kafka.%s.amazonaws.com", region);
    strbuf_printf(&url, "https://%s/", host);
    bool ok = presign(&url, creds, region, "kafka-cluster", host, "Action=kafka-cluster%3AConnect",
                      time_ms);
    if (user_agent != NULL) {
        strbuf_puts(&url, "&User-Agent="); /* after signing: the broker only logs it */
        http_escape(&url, user_agent, false);
    }
    if (ok && !url.overflow) {
        token = base64url(url.text, url.len);
        *expires_ms = time_ms - time_ms % 1000 + LIFETIME_S * INT64_C(1000);
    }
    wipe_strbuf(&url);
    free(host);
    return token;
}

char *sigv4_rds_token(const struct aws_credentials *creds, const char *region, const char *host,
                      int port, const char *user, int64_t time_ms)
{
    struct strbuf url, query;
    if (!usable(creds, NULL))
        return NULL;
    strbuf_init(&url, TEXT_MAX);
    strbuf_init(&query, TEXT_MAX);
    char *where = mem_printf("%s:%d", host, port);
    strbuf_puts(&query, "Action=connect&DBUser=");
    http_escape(&query, user, false);
    strbuf_printf(&url, "%s/", where);
    bool ok = presign(&url, creds, region, "rds-db", where, query.text, time_ms);
    char *token = ok && !url.overflow ? mem_strndup(url.text, url.len) : NULL;
    wipe_strbuf(&url);
    strbuf_free(&query);
    free(where);
    return token;
}
