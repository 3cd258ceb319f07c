/* http.h: one HTTP exchange with a deadline, over libcurl (the only file that sees curl is http.c).
 *
 * Blocking; to be called from source and action threads only. A client keeps connections alive
 * between exchanges and belongs to one thread. Every exchange ends by deadline_ms or when stop_fd
 * becomes readable. Bodies are capped. No redirects are followed, no proxy variables are ignored,
 * no cookies are kept.
 */
#ifndef CDCTOP_NET_HTTP_H
#define CDCTOP_NET_HTTP_H

#include "base/err.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_tls {
    const char *ca;          /* file; "" or NULL: the system's */
    const char *certificate; /* client certificate, PEM */
    const char *key;
};

/* Takes the next bytes of an answer's body; false cuts the transfer: ERR_TOOBIG, or with first_part
 * a good end. */
typedef bool http_sink(void *arg, const char *data, size_t n);

struct http_request {
    const char *method;         /* GET PUT POST DELETE PATCH */
    const char *url;            /* sent exactly as given: no dot-segment or escape is touched */
    const char *const *headers; /* "Name: value", NULL-terminated; may be NULL */
    const char *body;           /* may be NULL */
    size_t body_len;
    const char *username, *password; /* basic auth; NULL: none */
    struct http_tls tls;
    size_t max_body; /* bytes of answer we hold; more is ERR_TOOBIG and the transfer is cut */
    http_sink *sink; /* NULL, or gets the body of a 200 or 206 instead of the response; it counts */
    void *sink_arg;
    bool first_part; /* the sink takes what it wants of a body that may be of any size */
    bool once;   /* it changes something: a connection of its own, because libcurl sends again on a
                    new one what an old one took and did not answer */
    bool direct; /* past any proxy: for what is on this machine's own link */
    int64_t deadline_ms; /* monotonic */
    int stop_fd;         /* -1: none */
};

struct http_response {
    long status;
    struct strbuf body;
    char content_type[80];
    char errortype[80];  /* x-amzn-errortype */
    char region[40];     /* x-amz-bucket-region */
    char request_id[80]; /* x-amz-request-id, x-amzn-requestid */
    char content_range[80];
    bool charged;           /* x-amz-request-charged: to who asked */
    int64_t content_length; /* -1: not told */
    int64_t date_ms;        /* Date header, or -1 */
};

struct http_client;

struct http_client *http_open(void);
void http_close(struct http_client *client); /* NULL is fine; does not block */

/* True when a whole answer with any status came; *resp is then the caller's (http_response_free).
 * False: *err is set and there is nothing to free. */
bool http_exchange(struct http_client *client, const struct http_request *req,
                   struct http_response *resp, struct err *err);
void http_response_free(struct http_response *resp);

/* When the certificate ends that a server showed in the latest TLS hand-shake; -1: there was none,
 * or the TLS library does not tell. */
int64_t http_certificate_ends_ms(const struct http_client *client);

/* The error for a status ≥ 300: kind from the status, text "HTTP 403" plus what the caller adds. */
enum err_kind http_status_kind(long status);

/* Percent-encodes all but A-Za-z0-9-_.~ (and '/' if keep_slash) onto sb. */
void http_escape(struct strbuf *sb, const char *text, bool keep_slash);

#endif
