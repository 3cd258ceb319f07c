#include "tests/unit/fakes3.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "net/http.h"
#include "net/s3xml.h"
#include "tests/unit/fakehttp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void span_key(const struct fakes3_span *s, int64_t i, char *buf, size_t size)
{
    if (s->sorted != NULL)
        (void)snprintf(buf, size, "%s", s->sorted[i]);
    else
        (void)snprintf(buf, size, "%s%0*" PRId64 "%s", s->prefix, s->width, s->start + i * s->step,
                       s->ext);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void span_unsort(struct fakes3_span *s)
{
    for (int64_t i = 0; s->sorted != NULL && i < s->count; i++)
        free(s->sorted[i]);
    free(s->sorted);
    free(s->number);
    s->sorted = NULL;
    s->number = NULL;
}

static void span_sort(struct fakes3_span *s)
{
    char **keys = mem_calloc((size_t)s->count, sizeof(*keys));
    for (int64_t i = 0; i < s->count; i++)
        keys[i] = mem_printf("%s%" PRId64 "%s", s->prefix, s->start + i * s->step, s->ext);
    qsort(keys, (size_t)s->count, sizeof(*keys), by_text);
    s->number = mem_calloc((size_t)s->count, sizeof(*s->number));
    for (int64_t i = 0; i < s->count; i++)
        s->number[i] = (strtoll(keys[i] + strlen(s->prefix), NULL, 10) - s->start) / s->step;
    s->sorted = keys;
}

static int by_first(const void *a, const void *b)
{
    char x[600], y[600];
    span_key(a, 0, x, sizeof(x));
    span_key(b, 0, y, sizeof(y));
    return strcmp(x, y);
}

struct fakes3_span *fakes3_put(struct fakes3 *s3, const char *prefix, int width, int64_t start,
                               int64_t step, int64_t count, const char *ext, int64_t modified_ms)
{
    size_t i = 0;
    while (i < s3->nspans && strcmp(s3->spans[i].prefix, prefix) != 0)
        i++;
    struct fakes3_span *s = &s3->spans[i];
    if (i < s3->nspans) {
        span_unsort(s);
        s->count += count;
        width = s->width;
    } else {
        if (s3->nspans == 256)
            abort();
        s3->nspans++;
        *s = (struct fakes3_span){.ext = ext,
                                  .width = width,
                                  .start = start,
                                  .step = step,
                                  .count = count,
                                  .modified_ms = modified_ms,
                                  .size = 1000};
        (void)snprintf(s->prefix, sizeof(s->prefix), "%s", prefix);
    }
    if (width == 0)
        span_sort(s);
    qsort(s3->spans, s3->nspans, sizeof(s3->spans[0]), by_first);
    for (i = 0; strcmp(s3->spans[i].prefix, prefix) != 0; i++)
        continue;
    return &s3->spans[i];
}

/* First key of the span that is > text (or ≥ when equal is allowed). */
static int64_t span_after(const struct fakes3_span *s, const char *text, bool equal)
{
    int64_t from = 0, to = s->count;
    while (from < to) {
        int64_t mid = from + (to - from) / 2;
        char key[600];
        span_key(s, mid, key, sizeof(key));
        int d = strcmp(key, text);
        if (d > 0 || (equal && d == 0))
            to = mid;
        else
            from = mid + 1;
    }
    return from;
}

struct listing {
    char prefix[1200], after[1200], delimiter[8];
    long max;
    struct strbuf xml;
    long count;
    bool truncated;
    char last_common[1200];
    const char *gone;
};

static void param(const char *target, const char *name, char *buf, size_t size)
{
    size_t n = strlen(name);
    buf[0] = '\0';
    for (const char *p = strchr(target, '?'); p != NULL; p = strchr(p, '&')) {
        p++;
        if (strncmp(p, name, n) == 0 && p[n] == '=') {
            (void)snprintf(buf, size, "%.*s", (int)strcspn(p + n + 1, "&"), p + n + 1);
            s3xml_unescape(buf);
            return;
        }
    }
}

static void put_key(struct listing *l, const struct fakes3_span *s, int64_t i, const char *key)
{
    char when[40];
    int64_t number = s->number != NULL ? s->number[i] : i;
    clock_iso_ms(s->modified_ms + number * 1000, when, sizeof(when));
    strbuf_puts(&l->xml, "<Contents><Key>");
    http_escape(&l->xml, key, true);
    strbuf_printf(&l->xml,
                  "</Key><LastModified>%s</LastModified><Size>%" PRId64 "</Size></Contents>", when,
                  s->size);
    l->count++;
}

/* One span; false when the page is full. */
static bool list_span(struct listing *l, const struct fakes3_span *s)
{
    size_t plen = strlen(l->prefix);
    int64_t i = span_after(s, l->prefix, true), j = span_after(s, l->after, false);
    for (i = i > j ? i : j; i < s->count; i++) {
        char key[600];
        span_key(s, i, key, sizeof(key));
        if (strncmp(key, l->prefix, plen) != 0)
            return true;
        const char *cut = l->delimiter[0] != '\0' ? strstr(key + plen, l->delimiter) : NULL;
        if (cut != NULL) {
            char common[600];
            (void)snprintf(common, sizeof(common), "%.*s",
                           (int)(cut - key + (long)strlen(l->delimiter)), key);
            if (strcmp(common, l->last_common) != 0 && l->count == l->max) {
                l->truncated = true;
                return false;
            }
            if (strcmp(common, l->last_common) != 0) {
                (void)snprintf(l->last_common, sizeof(l->last_common), "%s", common);
                strbuf_puts(&l->xml, "<CommonPrefixes><Prefix>");
                http_escape(&l->xml, common, true);
                strbuf_puts(&l->xml, "</Prefix></CommonPrefixes>");
                l->count++;
            }
            size_t n = strlen(common);
            common[n] = '\x7f';
            common[n + 1] = '\0';
            i = span_after(s, common, false) - 1;
            continue;
        }
        if (l->count == l->max) {
            l->truncated = true;
            return false;
        }
        if (strcmp(key, l->gone) == 0)
            continue;
        put_key(l, s, i, key);
    }
    return true;
}

static void answer(const struct fakes3 *s3, int fd, const struct strbuf *xml)
{
    char head[300], date[64];
    time_t now = (time_t)((s3->now_ms != 0 ? s3->now_ms : INT64_C(1795183402000)) / 1000);
    struct tm tm;
    gmtime_r(&now, &tm);
    (void)strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
    int n = snprintf(head, sizeof(head),
                     "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nDate: %s\r\n"
                     "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                     date, xml->len);
    fakehttp_send(fd, head, (size_t)n);
    fakehttp_send(fd, xml->text, xml->len);
}

static const char denied[] = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";

/* What is not a list of objects; false: it is one. */
static bool other(struct fakes3 *s3, int fd, const struct fakehttp_request *req)
{
    static const char none[] = "<ListMultipartUploadsResult/>";
    if (strstr(req->target, "?uploads=") != NULL) {
        s3->uploads_asked++;
        fakehttp_answer(fd, s3->uploads_status != 0 ? s3->uploads_status : 200, NULL,
                        s3->uploads_status != 0 ? denied
                        : s3->uploads != NULL   ? s3->uploads
                                                : none);
        return true;
    }
    if (strchr(req->target, '?') != NULL)
        return false;
    s3->gets++;
    (void)snprintf(s3->last_target, sizeof(s3->last_target), "%s", req->target);
    if (s3->get_status != 0)
        fakehttp_answer(fd, s3->get_status, NULL, denied);
    else if (s3->body == NULL)
        fakehttp_answer(fd, 404, NULL, "<Error><Code>NoSuchKey</Code></Error>");
    else
        fakehttp_answer(fd, 200, NULL, s3->body);
    return true;
}

static void handler(struct fakehttp *server, int fd, const struct fakehttp_request *req, void *arg)
{
    struct fakes3 *s3 = arg;
    struct listing l = {.gone = s3->gone};
    char max[20], signature[400];
    fakehttp_header(req, "authorization", signature, sizeof(signature));
    if (sscanf(signature, "AWS4-HMAC-SHA256 Credential=%63[^/]", s3->last_key) != 1)
        s3->last_key[0] = '\0';
    if (strstr(req->target, "list-type=") != NULL) {
        (void)snprintf(s3->last_target, sizeof(s3->last_target), "%s", req->target);
        s3->requests++;
    }
    param(req->target, "prefix", l.prefix, sizeof(l.prefix));
    param(req->target, "start-after", l.after, sizeof(l.after));
    param(req->target, "delimiter", l.delimiter, sizeof(l.delimiter));
    param(req->target, "max-keys", max, sizeof(max));
    if (s3->hold) {
        fakehttp_hold(server, fd);
        return;
    }
    if (other(s3, fd, req))
        return;
    if (s3->status != 0 && (s3->answer_for == NULL || strcmp(l.prefix, s3->answer_for) == 0)) {
        fakehttp_answer(fd, s3->status, NULL, s3->answer);
        return;
    }
    l.max = max[0] != '\0' ? strtol(max, NULL, 10) : 1000;
    strbuf_init(&l.xml, 8 * 1024 * 1024);
    strbuf_puts(&l.xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
                        "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                        "<EncodingType>url</EncodingType>");
    for (size_t i = 0; i < s3->nspans && list_span(&l, &s3->spans[i]); i++)
        continue;
    strbuf_printf(&l.xml, "<IsTruncated>%s</IsTruncated></ListBucketResult>",
                  l.truncated ? "true" : "false");
    s3->keys += l.count;
    answer(s3, fd, &l.xml);
    strbuf_free(&l.xml);
}

void fakes3_start(struct fakes3 *s3)
{
    *s3 = (struct fakes3){0};
    s3->server = fakehttp_start(handler, s3);
}

void fakes3_stop(struct fakes3 *s3)
{
    fakehttp_stop(s3->server);
    for (size_t i = 0; i < s3->nspans; i++)
        span_unsort(&s3->spans[i]);
}
