#include "net/http.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HEADERS_MAX = 256 * 1024, WHERE_SIZE = 280, POLL_MAX_MS = 1000 };

struct http_client {
    CURLM *multi;
    CURL *easy;
    char errbuf[CURL_ERROR_SIZE];
    int64_t certificate_ends_ms; /* libcurl tells it only for a new connection */
};

/* What the callbacks fill during one exchange. */
struct exchange {
    const struct http_request *req;
    CURL *easy;
    struct http_response *resp;
    size_t header_bytes;
    bool headers_toobig;
    bool sink_full;
};

/* GnuTLS asks this when it is loaded: a libcurl whose TLS is OpenSSL brings it too, for protocols
 * that we refuse. Its start costs a megabyte; who needs it all the same starts it by
 * gnutls_global_init. (gnutls/gnutls.h: GNUTLS_SKIP_GLOBAL_INIT. The Makefile has the linker show
 * it to libraries.) */
int _gnutls_global_init_skip(void);
int _gnutls_global_init_skip(void)
{
    return 1;
}

static pthread_once_t global_once = PTHREAD_ONCE_INIT;

static void global_init(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        mem_fatal("libcurl cannot be initialised");
}

struct http_client *http_open(void)
{
    pthread_once(&global_once, global_init);
    struct http_client *client = mem_alloc(sizeof(*client));
    client->multi = curl_multi_init();
    client->easy = curl_easy_init();
    if (client->multi == NULL || client->easy == NULL)
        mem_fatal("libcurl gives no handle");
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, 4L);
    client->certificate_ends_ms = -1;
    return client;
}

void http_close(struct http_client *client)
{
    if (client == NULL)
        return;
    curl_easy_cleanup(client->easy);
    curl_multi_cleanup(client->multi);
    mem_wipe(client, sizeof(*client));
    free(client);
}

/* ---- the answer ------------------------------------------------------------------------------ */

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
    struct exchange *x = arg;
    long status = 0;
    if (x->req->sink != NULL)
        curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 && status != 206)
        return strbuf_add(&x->resp->body, data, size * n) ? size * n : 0;
    x->sink_full = !x->req->sink(x->req->sink_arg, data, size * n);
    return x->sink_full ? 0 : size * n;
}

static bool header_is(const char *line, size_t len, const char *name, const char **value,
                      size_t *value_len)
{
    size_t n = strlen(name);
    if (len <= n || line[n] != ':' || strncasecmp(line, name, n) != 0)
        return false;
    const char *from = line + n + 1, *to = line + len;
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && strchr(" \t\r\n", to[-1]) != NULL)
        to--;
    *value = from;
    *value_len = (size_t)(to - from);
    return true;
}

static void header_copy(char *dst, size_t size, const char *value, size_t len)
{
    char raw[256];
    size_t n = len < sizeof(raw) - 1 ? len : sizeof(raw) - 1;
    memcpy(raw, value, n);
    raw[n] = '\0';
    utf8_clean(dst, size, raw, false);
}

static void headers_forget(struct http_response *resp)
{
    resp->content_type[0] = resp->errortype[0] = '\0';
    resp->region[0] = resp->request_id[0] = resp->content_range[0] = '\0';
    resp->date_ms = resp->content_length = -1;
}

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
    struct exchange *x = arg;
    struct http_response *resp = x->resp;
    size_t len = size * n, vlen;
    const char *v;
    x->header_bytes += len;
    if (x->header_bytes > HEADERS_MAX) {
        x->headers_toobig = true;
        return 0;
    }
    if (len > 5 && memcmp(data, "HTTP/", 5) == 0) /* a 1xx or the proxy's answer came before */
        headers_forget(resp);
    else if (header_is(data, len, "content-type", &v, &vlen))
        header_copy(resp->content_type, sizeof(resp->content_type), v, vlen);
    else if (header_is(data, len, "x-amzn-errortype", &v, &vlen))
        header_copy(resp->errortype, sizeof(resp->errortype), v, vlen);
    else if (header_is(data, len, "x-amz-bucket-region", &v, &vlen))
        header_copy(resp->region, sizeof(resp->region), v, vlen);
    else if (header_is(data, len, "x-amz-request-id", &v, &vlen) ||
             header_is(data, len, "x-amzn-requestid", &v, &vlen))
        header_copy(resp->request_id, sizeof(resp->request_id), v, vlen);
    else if (header_is(data, len, "x-amz-request-charged", &v, &vlen))
        resp->charged = vlen > 0;
    else if (header_is(data, len, "content-range", &v, &vlen))
        header_copy(resp->content_range, sizeof(resp->content_range), v, vlen);
    else if (header_is(data, len, "date", &v, &vlen)) {
        char date[64];
        header_copy(date, sizeof(date), v, vlen);
        resp->date_ms = clock_parse_http_date(date);
    }
    return len;
}

void http_response_free(struct http_response *resp)
{
    strbuf_free(&resp->body);
}

/* ---- the request ----------------------------------------------------------------------------- */

static bool headers_build(const struct http_request *req, struct curl_slist **list, struct err *err)
{
    bool has_type = false;
    for (const char *const *h = req->headers; h != NULL && *h != NULL; h++) {
        if (strpbrk(*h, "\r\n") != NULL)
            return err_set(err, ERR_CONFIG, 0, "a header value has a line break");
        has_type = has_type || strncasecmp(*h, "content-type:", 13) == 0;
        *list = curl_slist_append(*list, *h);
    }
    /* curl would wait a second for "100 Continue" and call every body a form. */
    *list = curl_slist_append(*list, "Expect:");
    if (!has_type)
        *list = curl_slist_append(*list, "Content-Type:");
    return true;
}

static void set_method(CURL *easy, const struct http_request *req)
{
    bool carries = strcmp(req->method, "POST") == 0 || strcmp(req->method, "PUT") == 0 ||
                   strcmp(req->method, "PATCH") == 0;
    if (req->body != NULL || carries) { /* an empty one too: it says Content-Length: 0 */
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, req->body != NULL ? req->body : "");
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         req->body != NULL ? (curl_off_t)req->body_len : (curl_off_t)0);
    }
    if (strcmp(req->method, "HEAD") == 0)
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    else
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, req->method);
}

static bool given(const char *s)
{
    return s != NULL && s[0] != '\0';
}

static void set_login(CURL *easy, const struct http_request *req)
{
    if (req->username != NULL) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(easy, CURLOPT_USERNAME, req->username);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, req->password != NULL ? req->password : "");
    }
    if (given(req->tls.ca))
        curl_easy_setopt(easy, CURLOPT_CAINFO, req->tls.ca);
    if (given(req->tls.certificate))
        curl_easy_setopt(easy, CURLOPT_SSLCERT, req->tls.certificate);
    if (given(req->tls.key))
        curl_easy_setopt(easy, CURLOPT_SSLKEY, req->tls.key);
}

static void set_options(struct http_client *client, const struct http_request *req,
                        struct exchange *x, struct curl_slist *list)
{
    CURL *easy = client->easy;
    curl_easy_reset(easy);
    client->errbuf[0] = '\0';
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, client->errbuf);
    curl_easy_setopt(easy, CURLOPT_URL, req->url);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* A resolver thread that hangs is left behind instead of being joined. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "cdctop/" CDCTOP_VERSION);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, req->once ? 1L : 0L);
    if (req->direct)
        curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    if (!req->first_part)
        curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)req->max_body);
    set_method(easy, req);
    set_login(easy, req);
}

/* ---- what went wrong ------------------------------------------------------------------------- */

/* "host:port" of a URL, without login, path or query: what an error may show. */
static void where_of(const char *url, char *buf, size_t size)
{
    char *host = NULL, *port = NULL, raw[WHERE_SIZE];
    CURLU *u = curl_url();
    if (u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
        (void)snprintf(raw, sizeof(raw), "%.200s:%s", host, port);
    else
        (void)snprintf(raw, sizeof(raw), "the given URL");
    utf8_clean(buf, size, raw, false);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(u);
}

static bool timed_out(struct http_client *client, const struct exchange *x, const char *where,
                      int64_t took_ms, struct err *err)
{
    curl_off_t name = 0, tcp = 0, ready = 0;
    long local_port = 0;
    curl_easy_getinfo(client->easy, CURLINFO_LOCAL_PORT, &local_port);
    curl_easy_getinfo(client->easy, CURLINFO_NAMELOOKUP_TIME_T, &name);
    curl_easy_getinfo(client->easy, CURLINFO_CONNECT_TIME_T, &tcp);
    curl_easy_getinfo(client->easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
    double s = (double)took_ms / 1000.0;
    if (x->header_bytes > 0)
        return err_set(err, ERR_TIMEOUT, 0,
                       "the answer of %s was not complete after %.1f s (%zu bytes)", where, s,
                       x->resp->body.len);
    if (ready > 0)
        return err_set(err, ERR_TIMEOUT, 0, "%s accepted the request but gave no answer in %.1f s",
                       where, s);
    /* libcurl 7.88 stamps the connect time of https only after the hand-shake. */
    if (tcp > 0 || local_port > 0)
        return err_set(err, ERR_TIMEOUT, 0, "TLS hand-shake with %s: not done after %.1f s", where,
                       s);
    if (name > 0)
        return err_set(err, ERR_TIMEOUT, 0, "connect to %s: no answer in %.1f s", where, s);
    return err_set(err, ERR_TIMEOUT, 0, "look up %s: no answer in %.1f s", where, s);
}

static bool refused(struct http_client *client, const char *where, const char *doing,
                    const char *detail, struct err *err)
{
    long os = 0;
    curl_easy_getinfo(client->easy, CURLINFO_OS_ERRNO, &os);
    switch (os) {
    case 0: return err_set(err, ERR_REFUSED, 0, "%s %s: %s", doing, where, detail);
    case ECONNREFUSED:
        return err_set(err, ERR_REFUSED, (int)os, "%s %s: connection refused", doing, where);
    case ECONNRESET:
    case EPIPE: return err_set(err, ERR_REFUSED, (int)os, "%s %s: connection reset", doing, where);
    case EHOSTUNREACH:
    case ENETUNREACH:
        return err_set(err, ERR_REFUSED, (int)os, "%s %s: no route to host", doing, where);
    case ETIMEDOUT: return err_set(err, ERR_TIMEOUT, (int)os, "%s %s: no answer", doing, where);
    default: return err_set(err, ERR_REFUSED, (int)os, "%s %s: %s", doing, where, detail);
    }
}

static bool curl_failed(struct http_client *client, const struct http_request *req,
                        const struct exchange *x, const char *where, CURLcode rc, struct err *err)
{
    char detail[200];
    utf8_clean(detail, sizeof(detail),
               client->errbuf[0] != '\0' ? client->errbuf : curl_easy_strerror(rc), false);
    size_t got = x->resp->body.len;
    switch (rc) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return err_set(err, ERR_DNS, (int)rc, "look up %s: %s does not resolve", where,
                       rc == CURLE_COULDNT_RESOLVE_HOST ? "the name" : "the name of the proxy");
    case CURLE_COULDNT_CONNECT: return refused(client, where, "connect to", detail, err);
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR: return refused(client, where, "talk to", detail, err);
    case CURLE_GOT_NOTHING:
        return err_set(err, ERR_REFUSED, (int)rc, "%s closed the connection without an answer",
                       where);
    case CURLE_PARTIAL_FILE:
        return err_set(err, ERR_PROTOCOL, (int)rc, "the answer of %s was cut short after %zu bytes",
                       where, got);
    case CURLE_WRITE_ERROR:
    case CURLE_FILESIZE_EXCEEDED:
        if (x->headers_toobig)
            return err_set(err, ERR_TOOBIG, 0, "%s sent more than %d bytes of headers", where,
                           HEADERS_MAX);
        return err_set(err, ERR_TOOBIG, 0, "the answer of %s is larger than %zu bytes", where,
                       req->max_body);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        if (strncasecmp(req->url, "http", 4) != 0)
            return err_set(err, ERR_CONFIG, (int)rc,
                           "only http and https can be used, not this URL");
        return err_set(err, ERR_PROTOCOL, (int)rc, "%s does not speak HTTP: %s", where, detail);
    case CURLE_URL_MALFORMAT:
        return err_set(err, ERR_CONFIG, (int)rc, "the URL cannot be read: %s", detail);
    case CURLE_OPERATION_TIMEDOUT:
        return err_set(err, ERR_TIMEOUT, (int)rc, "%s: no answer in time", where);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return err_set(err, ERR_TLS, (int)rc, "TLS with %s: %s", where, detail);
    default: return err_set(err, ERR_PROTOCOL, (int)rc, "%s: %s", where, detail);
    }
}

/* ---- the exchange ---------------------------------------------------------------------------- */

enum outcome { OUTCOME_DONE, OUTCOME_STOPPED, OUTCOME_LATE, OUTCOME_BROKEN };

static enum outcome run(struct http_client *client, const struct http_request *req, CURLcode *rc)
{
    for (;;) {
        int running = 0, left = clock_left_ms(req->deadline_ms), nqueued;
        struct curl_waitfd stop = {.fd = req->stop_fd, .events = CURL_WAIT_POLLIN};
        if (curl_multi_perform(client->multi, &running) != CURLM_OK)
            return OUTCOME_BROKEN;
        if (running == 0) {
            const CURLMsg *msg = curl_multi_info_read(client->multi, &nqueued);
            *rc = msg != NULL && msg->msg == CURLMSG_DONE ? msg->data.result : CURLE_FAILED_INIT;
            return OUTCOME_DONE;
        }
        if (left == 0)
            return OUTCOME_LATE;
        if (curl_multi_poll(client->multi, &stop, req->stop_fd >= 0 ? 1 : 0,
                            left < POLL_MAX_MS ? left : POLL_MAX_MS, NULL) != CURLM_OK)
            return OUTCOME_BROKEN;
        if (stop.revents != 0)
            return OUTCOME_STOPPED;
    }
}

static bool stop_asked(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return fd >= 0 && poll(&p, 1, 0) > 0;
}

static bool conclude(struct http_client *client, const struct http_request *req,
                     const struct exchange *x, enum outcome outcome, CURLcode rc, int64_t took_ms,
                     struct err *err)
{
    char where[WHERE_SIZE];
    where_of(req->url, where, sizeof(where));
    switch (outcome) {
    case OUTCOME_STOPPED: return err_set(err, ERR_STOPPED, 0, "asked to stop");
    case OUTCOME_LATE: return timed_out(client, x, where, took_ms, err);
    case OUTCOME_BROKEN: return err_set(err, ERR_IO, 0, "libcurl's event loop failed");
    case OUTCOME_DONE: break;
    }
    curl_off_t length = -1;
    if (rc != CURLE_OK && !(rc == CURLE_WRITE_ERROR && x->sink_full && req->first_part))
        return curl_failed(client, req, x, where, rc, err);
    curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &x->resp->status);
    curl_easy_getinfo(client->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    x->resp->content_length = length;
    return true;
}

/* The server's own certificate comes first, as lines of "Name:value". */
/* A change that went out and got no answer may have been made all the same. */
static void doubt(struct http_client *client, const struct http_request *req, struct err *err)
{
    long sent = 0;
    curl_easy_getinfo(client->easy, CURLINFO_REQUEST_SIZE, &sent);
    size_t n = err != NULL ? strlen(err->text) : 0;
    if (req->once && sent > 0 && n > 0)
        (void)snprintf(err->text + n, sizeof(err->text) - n,
                       "; whether it took effect is not known");
}

static void remember_certificate(struct http_client *client)
{
    static const char name[] = "Expire date:";
    struct curl_certinfo *info = NULL;
    if (curl_easy_getinfo(client->easy, CURLINFO_CERTINFO, &info) != CURLE_OK || info == NULL ||
        info->num_of_certs < 1)
        return;
    for (const struct curl_slist *line = info->certinfo[0]; line != NULL; line = line->next) {
        if (strncmp(line->data, name, sizeof(name) - 1) != 0)
            continue;
        time_t when = curl_getdate(line->data + sizeof(name) - 1, NULL);
        client->certificate_ends_ms = when > 0 ? (int64_t)when * 1000 : -1;
    }
}

bool http_exchange(struct http_client *client, const struct http_request *req,
                   struct http_response *resp, struct err *err)
{
    struct exchange x = {.req = req, .easy = client->easy, .resp = resp};
    struct curl_slist *list = NULL;
    CURLcode rc = CURLE_FAILED_INIT;
    *resp = (struct http_response){.date_ms = -1, .content_length = -1};
    strbuf_init(&resp->body, req->max_body);
    if (stop_asked(req->stop_fd))
        return err_set(err, ERR_STOPPED, 0, "asked to stop");
    if (clock_left_ms(req->deadline_ms) == 0)
        return err_set(err, ERR_TIMEOUT, 0, "no time was left for this request");
    bool ok = headers_build(req, &list, err);
    if (ok) {
        int64_t start = clock_mono_ms();
        set_options(client, req, &x, list);
        curl_multi_add_handle(client->multi, client->easy);
        enum outcome outcome = run(client, req, &rc);
        ok = conclude(client, req, &x, outcome, rc, clock_mono_ms() - start, err);
        if (ok)
            remember_certificate(client);
        else
            doubt(client, req, err);
        /* Cuts a transfer that is still under way; a finished one keeps its connection. */
        curl_multi_remove_handle(client->multi, client->easy);
        curl_easy_reset(client->easy); /* forgets the password and the pointers into our stack */
    }
    curl_slist_free_all(list);
    if (!ok)
        http_response_free(resp);
    return ok;
}

int64_t http_certificate_ends_ms(const struct http_client *client)
{
    return client->certificate_ends_ms;
}
