#include "net/s3list.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "net/s3list_int.h"
#include "net/s3xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- where --------------------------------------------------------------------------------- */

static bool bucket_name(const char *bucket)
{
    size_t n = bucket != NULL ? strlen(bucket) : 0;
    return n > 0 && n <= 255 && bucket[0] != '.' &&
           strspn(bucket, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == n;
}

static bool region_name(const char *region)
{
    size_t n = strlen(region);
    return n <= 63 &&
           strspn(region, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == n;
}

/* scheme://host[:port] of an endpoint; NULL if it is not one. A default port is dropped: curl does
 * not send it, so it must not be signed. */
static char *endpoint_base(const char *endpoint)
{
    bool tls = strncasecmp(endpoint, "https://", 8) == 0;
    if (!tls && strncasecmp(endpoint, "http://", 7) != 0)
        return NULL;
    const char *host = endpoint + (tls ? 8 : 7), *port = tls ? ":443" : ":80";
    size_t n = strcspn(host, "/?#"), rest = strlen(host + n), p = strlen(port);
    if (n == 0 || rest > 1 || memchr(host, '@', n) != NULL)
        return NULL;
    if (n > p && memcmp(host + n - p, port, p) == 0)
        n -= p;
    return mem_printf("%s%.*s", tls ? "https://" : "http://", (int)n, host);
}

static void place(struct s3list *list, bool virtual_host)
{
    const char *host = strstr(list->endpoint, "://") + 3;
    if (!virtual_host) {
        list->base = mem_strdup(list->endpoint);
        list->host = mem_strdup(host);
        list->path = mem_printf("/%s", list->bucket);
        return;
    }
    list->base =
        mem_printf("%.*s%s.%s", (int)(host - list->endpoint), list->endpoint, list->bucket, host);
    list->host = mem_printf("%s.%s", list->bucket, host);
    list->path = mem_strdup("/");
}

struct s3list *s3list_open(const struct s3list_target *target, const struct aws_credentials *creds,
                           struct err *err)
{
    bool custom = target->endpoint != NULL && target->endpoint[0] != '\0';
    const char *region =
        target->region != NULL && target->region[0] != '\0' ? target->region : "us-east-1";
    if (!bucket_name(target->bucket)) {
        err_set(err, ERR_CONFIG, 0, "the S3 bucket name is not one");
        return NULL;
    }
    if (!region_name(region)) {
        err_set(err, ERR_CONFIG, 0, "the S3 region is not a region name");
        return NULL;
    }
    char *endpoint = custom ? endpoint_base(target->endpoint)
                            : mem_printf("https://s3.%s.amazonaws.com%s", region,
                                         strncmp(region, "cn-", 3) == 0 ? ".cn" : "");
    if (endpoint == NULL) {
        err_set(err, ERR_CONFIG, 0,
                "the S3 endpoint must be http://host[:port] or https://host[:port]");
        return NULL;
    }
    struct s3list *list = mem_alloc(sizeof(*list));
    list->http = http_open();
    list->endpoint = endpoint;
    list->bucket = mem_strdup(target->bucket);
    list->region = mem_strdup(region);
    list->ca = mem_strdup(target->ca);
    list->creds = (struct aws_credentials){
        .access_key_id = mem_strdup(creds->access_key_id),
        .secret_access_key = mem_strdup(creds->secret_access_key),
        .session_token = mem_strdup(creds->session_token),
        .expires_ms = creds->expires_ms,
    };
    const char *how = target->addressing != NULL ? target->addressing : "";
    bool path_style = custom || strchr(target->bucket, '.') != NULL;
    place(list, strcmp(how, "virtual") == 0 || (strcmp(how, "path") != 0 && !path_style));
    return list;
}

void s3list_close(struct s3list *list)
{
    if (list == NULL)
        return;
    http_close(list->http);
    aws_credentials_free(&list->creds);
    free(list->bucket);
    free(list->region);
    free(list->ca);
    free(list->endpoint);
    free(list->base);
    free(list->host);
    free(list->path);
    free(list);
}

int64_t s3list_certificate_ends_ms(const struct s3list *list)
{
    return http_certificate_ends_ms(list->http);
}

const char *s3list_endpoint(const struct s3list *list)
{
    return list->endpoint;
}

/* ---- one page ------------------------------------------------------------------------------ */

static void add_param(struct strbuf *sb, const char *name, const char *value)
{
    strbuf_printf(sb, "&%s=", name);
    http_escape(sb, value, false);
}

static void build_query(struct strbuf *sb, const struct s3list_query *q)
{
    strbuf_puts(sb, "list-type=2&encoding-type=url");
    add_param(sb, "prefix", q->prefix);
    if (q->delimiter != NULL)
        add_param(sb, "delimiter", q->delimiter);
    if (q->token != NULL)
        add_param(sb, "continuation-token", q->token);
    else if (q->start_after != NULL)
        add_param(sb, "start-after", q->start_after);
    if (q->max_keys > 0)
        strbuf_printf(sb, "&max-keys=%d", q->max_keys);
}

bool s3list_send(struct s3list *list, const char *path, const char *query, const char *range,
                 struct http_request *req, struct http_response *resp, struct err *err)
{
    struct sigv4_result sig;
    char payload[65];
    sigv4_sha256_hex("", 0, payload);
    struct sigv4_request sreq = {
        .method = "GET",
        .host = list->host,
        .path = path,
        .query = query,
        .payload_sha256 = payload,
        .region = list->region,
        .service = "s3",
        .time_ms = clock_wall_ms(),
    };
    if (!sigv4_sign(&sreq, &list->creds, &sig, err))
        return false;
    char *url = mem_printf("%s%s%s%s", list->base, path, query[0] != '\0' ? "?" : "", query);
    char *auth = mem_printf("Authorization: %s", sig.authorization.text);
    char *date = mem_printf("X-Amz-Date: %s", sig.amz_date);
    char *hash = mem_printf("X-Amz-Content-Sha256: %s", payload);
    char *token = list->creds.session_token != NULL
                      ? mem_printf("X-Amz-Security-Token: %s", list->creds.session_token)
                      : NULL;
    const char *headers[] = {auth, date, hash, NULL, NULL, NULL};
    size_t nheaders = 3;
    if (token != NULL)
        headers[nheaders++] = token;
    if (range != NULL) /* need not be signed */
        headers[nheaders++] = range;
    req->method = "GET";
    req->url = url;
    req->headers = headers;
    req->tls.ca = list->ca;
    bool ok = http_exchange(list->http, req, resp, err);
    sigv4_result_free(&sig);
    mem_wipe_free(auth);
    mem_wipe_free(token);
    free(url);
    free(date);
    free(hash);
    return ok;
}

static bool clock_skewed(const struct http_response *resp, struct err *err)
{
    int64_t off_s = resp->date_ms >= 0 ? (clock_wall_ms() - resp->date_ms) / 1000 : 0;
    if (strstr(resp->body.text, "<Code>RequestTimeTooSkewed</Code>") == NULL)
        return false;
    err_set(err, ERR_AUTH, (int)resp->status,
            "RequestTimeTooSkewed: this machine's clock is %lld s %s of the server's",
            (long long)(off_s < 0 ? -off_s : off_s), off_s < 0 ? "behind" : "ahead");
    return true;
}

bool s3list_refused(const struct s3list *list, const struct http_response *resp, struct err *err)
{
    return !clock_skewed(resp, err) && s3list_error(resp->status, resp->body.text, resp->body.len,
                                                    list->bucket, list->region, resp->region, err);
}

bool s3list_page(struct s3list *list, const struct s3list_query *query, int64_t deadline_ms,
                 int stop_fd, struct arena *arena, struct s3list_page *page, struct err *err)
{
    struct http_response resp;
    struct strbuf q;
    struct http_request req = {
        .max_body = S3LIST_BODY_MAX, .deadline_ms = deadline_ms, .stop_fd = stop_fd};
    *page = (struct s3list_page){.date_ms = -1};
    strbuf_init(&q, 64 * 1024);
    build_query(&q, query);
    bool ok = s3list_send(list, list->path, q.text, NULL, &req, &resp, err);
    strbuf_free(&q);
    if (!ok)
        return false;
    ok = resp.status == 200 ? s3xml_read_page(resp.body.text, resp.body.len, arena, page, err)
                            : s3list_refused(list, &resp, err);
    page->date_ms = resp.date_ms;
    http_response_free(&resp);
    return ok;
}

bool s3list_next(struct arena *arena, const struct s3list_query *query,
                 const struct s3list_page *page, struct s3list_query *next)
{
    if (!page->truncated || (page->next_token == NULL && page->nentries == 0))
        return false;
    *next = *query;
    next->token = NULL;
    const char *last = page->nentries > 0 ? page->entries[page->nentries - 1].key : NULL;
    /* s3proxy gives the last key, encoded, as token and takes it decoded. */
    char *plain = arena_strdup(arena, page->next_token);
    if (plain != NULL && last != NULL)
        s3xml_unescape(plain);
    if (plain == NULL || (last != NULL && strcmp(plain, last) == 0))
        next->start_after = last;
    else
        next->token = page->next_token;
    return true;
}

/* ---- uploads and objects --------------------------------------------------------------------- */

bool s3list_uploads(struct s3list *list, const char *prefix, const struct s3list_upload *after,
                    int64_t deadline_ms, int stop_fd, struct arena *arena,
                    struct s3list_uploads *page, struct err *err)
{
    struct http_response resp;
    struct strbuf q;
    struct http_request req = {
        .max_body = S3LIST_BODY_MAX, .deadline_ms = deadline_ms, .stop_fd = stop_fd};
    *page = (struct s3list_uploads){0};
    strbuf_init(&q, 64 * 1024);
    strbuf_puts(&q, "uploads=&encoding-type=url");
    if (prefix[0] != '\0')
        add_param(&q, "prefix", prefix);
    if (after != NULL) {
        add_param(&q, "key-marker", after->key);
        add_param(&q, "upload-id-marker", after->id);
    }
    bool ok = s3list_send(list, list->path, q.text, NULL, &req, &resp, err);
    strbuf_free(&q);
    if (!ok)
        return false;
    ok = resp.status == 200 ? s3xml_read_uploads(resp.body.text, resp.body.len, arena, page, err)
                            : s3list_refused(list, &resp, err);
    http_response_free(&resp);
    return ok;
}

struct counting {
    struct s3list_lines *lines;
    size_t max;
};

static bool count_lines(void *arg, const char *data, size_t n)
{
    struct counting *c = arg;
    struct s3list_lines *l = c->lines;
    if (n == 0)
        return true;
    if (n > c->max - (size_t)l->bytes)
        return false;
    if (l->bytes == 0)
        l->first = data[0];
    for (const char *p = data; (p = memchr(p, '\n', (size_t)(data + n - p))) != NULL; p++)
        l->lines++;
    l->last = data[n - 1];
    l->bytes += (int64_t)n;
    return true;
}

void s3list_object_path(const struct s3list *list, const char *key, struct strbuf *path)
{
    strbuf_init(path, 64 * 1024);
    strbuf_printf(path, "%s%s", list->path, list->path[1] != '\0' ? "/" : "");
    http_escape(path, key, true);
}

bool s3list_count(struct s3list *list, const char *key, size_t max, int64_t deadline_ms,
                  int stop_fd, struct s3list_lines *lines, struct err *err)
{
    struct http_response resp;
    struct strbuf path;
    struct counting counting = {lines, max};
    struct http_request req = {.max_body = max,
                               .sink = count_lines,
                               .sink_arg = &counting,
                               .deadline_ms = deadline_ms,
                               .stop_fd = stop_fd};
    *lines = (struct s3list_lines){0};
    s3list_object_path(list, key, &path);
    bool ok = s3list_send(list, path.text, "", NULL, &req, &resp, err);
    strbuf_free(&path);
    if (!ok)
        return false;
    ok = resp.status == 200 || s3list_refused(list, &resp, err);
    http_response_free(&resp);
    if (ok && lines->bytes > 0 && lines->last != '\n')
        lines->lines++;
    return ok;
}

/* ---- errors -------------------------------------------------------------------------------- */

static const struct {
    const char *code;
    enum err_kind kind;
} codes[] = {
    {"AccessDenied",          ERR_DENIED     },
    {"AllAccessDisabled",     ERR_DENIED     },
    {"AccountProblem",        ERR_DENIED     },
    {"SignatureDoesNotMatch", ERR_AUTH       },
    {"InvalidAccessKeyId",    ERR_AUTH       },
    {"XAdminUserNotFound",    ERR_AUTH       }, /* versitygw, with status 404 */
    {"ExpiredToken",          ERR_AUTH       },
    {"InvalidToken",          ERR_AUTH       },
    {"TokenRefreshRequired",  ERR_AUTH       },
    {"InvalidSecurity",       ERR_AUTH       },
    {"RequestTimeTooSkewed",  ERR_AUTH       },
    {"MissingSecurityHeader", ERR_AUTH       },
    {"NoSuchBucket",          ERR_NOTFOUND   },
    {"SlowDown",              ERR_SERVER     },
    {"ServiceUnavailable",    ERR_SERVER     },
    {"RequestTimeout",        ERR_TIMEOUT    },
    {"NotImplemented",        ERR_UNSUPPORTED},
    {"MethodNotAllowed",      ERR_UNSUPPORTED},
};

static enum err_kind code_kind(const char *code, long status)
{
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        if (strcmp(codes[i].code, code) == 0)
            return codes[i].kind;
    }
    return http_status_kind(status);
}

static bool other_region(const struct s3xml_error *e, const char *region)
{
    return region[0] != '\0' && (strcmp(e->code, "PermanentRedirect") == 0 ||
                                 strcmp(e->code, "TemporaryRedirect") == 0 ||
                                 strcmp(e->code, "AuthorizationHeaderMalformed") == 0 ||
                                 strcmp(e->code, "IllegalLocationConstraintException") == 0);
}

static bool not_s3(long status, const char *body, size_t len, struct err *err)
{
    char start[81], head[120];
    size_t n = len < sizeof(start) - 1 ? len : sizeof(start) - 1;
    memcpy(start, body, n);
    start[n] = '\0';
    utf8_clean(head, sizeof(head), start, false);
    if (len == 0)
        return err_set(err, status >= 400 ? http_status_kind(status) : ERR_PROTOCOL, (int)status,
                       "HTTP %ld without a body", status);
    return err_set(err, ERR_PROTOCOL, (int)status, "HTTP %ld and no S3 answer: \"%s%s\"", status,
                   head, len > n ? "…" : "");
}

bool s3list_error(long status, const char *body, size_t len, const char *bucket,
                  const char *our_region, const char *region, struct err *err)
{
    struct s3xml_error e;
    bool read = s3xml_read_error(body, len, &e);
    const char *there = region != NULL && region[0] != '\0' ? region : read ? e.region : "";
    if (read && other_region(&e, there))
        return err_set(err, ERR_CONFIG, (int)status,
                       "bucket %s is in region %s, not %s: set region = \"%s\"", bucket, there,
                       our_region, there);
    if (read && strcmp(e.code, "SlowDown") == 0)
        return err_set(err, ERR_SERVER, (int)status, "S3 says SlowDown: too many requests");
    if (read)
        return err_set(err, code_kind(e.code, status), (int)status, "%s: %s", e.code,
                       e.message[0] != '\0' ? e.message : "(no message)");
    if (len == 0 && (status == 301 || status == 307) && there[0] != '\0')
        return err_set(err, ERR_CONFIG, (int)status, "bucket %s is in region %s, not %s", bucket,
                       there, our_region);
    return not_s3(status, body, len, err);
}
