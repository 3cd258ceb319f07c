#include "net/s3list.h"

#include "base/clock.h"
#include "base/mem.h"
#include "net/s3list_int.h"
#include "net/s3xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct s3list *s3list_open(const struct s3list_target *target, const struct aws_credentials *creds,
                           struct err *err)
{
    struct s3list *list = mem_alloc(sizeof(*list));
    if (!s3where_open(list, target, err)) {
        s3list_close(list);
        return NULL;
    }
    list->http = http_open();
    list->ca = mem_strdup(target->ca);
    list->requester_pays = target->requester_pays;
    list->skew_ms = target->skew_ms;
    list->creds = (struct aws_credentials){
        .access_key_id = mem_strdup(creds->access_key_id),
        .secret_access_key = mem_strdup(creds->secret_access_key),
        .session_token = mem_strdup(creds->session_token),
        .expires_ms = creds->expires_ms,
    };
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
    free(list->own);
    free(list->own_region);
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

const char *s3list_region(const struct s3list *list)
{
    return list->region;
}

bool s3list_custom(const struct s3list *list)
{
    return list->custom;
}

int64_t s3list_skew_ms(const struct s3list *list)
{
    return list->skew_ms;
}

struct s3list_spent s3list_spent(const struct s3list *list)
{
    return list->spent;
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

static void count(struct s3list *list, const char *path, const char *query,
                  const struct http_response *resp)
{
    bool is_list = strcmp(path, list->path) == 0;
    bool of_uploads = is_list && strncmp(query, "uploads=", 8) == 0;
    list->spent.uploads += of_uploads;
    list->spent.lists += is_list && !of_uploads;
    list->spent.reads += !is_list;
    list->spent.charged += resp != NULL && resp->charged;
}

static bool send_signed(struct s3list *list, const char *path, const char *query, const char *range,
                        struct http_request *req, struct http_response *resp, struct err *err)
{
    struct sigv4_result sig;
    char payload[65];
    sigv4_sha256_hex("", 0, payload);
    const struct sigv4_header payer = {"x-amz-request-payer", "requester"};
    struct sigv4_request sreq = {
        .method = "GET",
        .host = list->host,
        .path = path,
        .query = query,
        .headers = &payer,
        .nheaders = list->requester_pays ? 1 : 0,
        .payload_sha256 = payload,
        .region = list->region,
        .service = "s3",
        .time_ms = clock_wall_ms() + list->skew_ms,
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
    const char *headers[7] = {auth, date, hash};
    size_t nheaders = 3;
    if (token != NULL)
        headers[nheaders++] = token;
    if (list->requester_pays)
        headers[nheaders++] = "X-Amz-Request-Payer: requester";
    if (range != NULL) /* need not be signed */
        headers[nheaders++] = range;
    req->method = "GET";
    req->url = url;
    req->headers = headers;
    req->tls.ca = list->ca;
    bool ok = http_exchange(list->http, req, resp, err);
    count(list, path, query, ok ? resp : NULL);
    sigv4_result_free(&sig);
    mem_wipe_free(auth);
    mem_wipe_free(token);
    free(url);
    free(date);
    free(hash);
    return ok;
}

/* A region has its own host; the path, in path style too, is the same in all of them. */
bool s3list_send(struct s3list *list, const char *path, const char *query, const char *range,
                 struct http_request *req, struct http_response *resp, struct err *err)
{
    enum { TRIES = 3 };
    for (int n = 1;; n++) {
        if (!send_signed(list, path, query, range, req, resp, err))
            return false;
        if (n == TRIES || !s3where_mend(list, resp))
            return true;
        http_response_free(resp);
    }
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
