/* s3list.h: ListObjectsV2 and ListMultipartUploads, one page at a time, and the lines of one
 * object. s3xml.c is the only file that sees an XML parser.
 *
 * A client belongs to one thread. Nothing is remembered between pages but the connection: to go on,
 * ask again with start_after = the last key (s3list_next does that, and knows of servers whose
 * continuation token is a key in disguise).
 */
#ifndef CDCTOP_NET_S3LIST_H
#define CDCTOP_NET_S3LIST_H

#include "base/arena.h"
#include "base/err.h"
#include "net/sigv4.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    S3LIST_KEY_MAX = 1024,              /* bytes of a key, S3's own limit; longer is an error */
    S3LIST_PAGE_MAX = 1000,             /* entries of a page, S3's own limit; more is an error */
    S3LIST_BODY_MAX = 12 * 1024 * 1024, /* 1000 keys of 1024 bytes, each byte as %XX, and more */
};

struct s3list_target {
    const char *bucket;     /* or the ARN of an access point, in whose region it is then */
    const char *region;     /* NULL or "": us-east-1 */
    const char *endpoint;   /* URL; NULL or "": AWS */
    const char *addressing; /* auto path virtual; auto: path when there is an endpoint or the bucket
                               has dots (no certificate covers those) */
    const char *ca;         /* file; NULL or "": the system's */
    const char *own;        /* AWS's endpoint in that region, by FIPS and dual stack; NULL: plain */
    bool requester_pays;    /* agree to pay for it */
    int64_t skew_ms;        /* the server's clock ahead of ours, as far as it is known */
};

/* Requests since the opening. */
struct s3list_spent {
    int64_t lists, uploads, reads;
    int64_t charged; /* to us, by a bucket whose reader pays */
};

struct s3list_entry {
    const char *key;
    int64_t size;        /* -1 if the server did not say */
    int64_t modified_ms; /* -1 if the server did not say */
};

struct s3list_page { /* everything in it lives in the arena that was given */
    struct s3list_entry *entries;
    size_t nentries;
    const char **prefixes; /* common prefixes, with their delimiter */
    size_t nprefixes;
    bool truncated;
    const char *next_token; /* NULL if none */
    int64_t date_ms;        /* the server's clock; -1 if it did not say */
};

struct s3list_query {
    const char *prefix;      /* "" all */
    const char *start_after; /* NULL none; exclusive */
    const char *token;       /* NULL none; wins over start_after */
    const char *delimiter;   /* NULL none */
    int max_keys;            /* 0: the server's 1000 */
};

struct s3list_upload { /* an unfinished multipart upload */
    const char *key, *id;
    int64_t initiated_ms; /* -1 if the server did not say */
};

struct s3list_uploads { /* by key; everything in it lives in the arena that was given */
    struct s3list_upload *items;
    size_t count;
    bool truncated;
};

struct s3list_lines {
    int64_t lines; /* a last one without '\n' counts as well */
    int64_t bytes;
    char first, last; /* byte of the object; 0: it is empty */
};

struct s3list;

/* Copies target and credentials. NULL and ERR_CONFIG when the endpoint is no http(s) URL or the
 * bucket no bucket name. */
struct s3list *s3list_open(const struct s3list_target *target, const struct aws_credentials *creds,
                           struct err *err);
void s3list_close(struct s3list *list); /* NULL is fine; wipes the credentials */

const char *s3list_endpoint(const struct s3list *list); /* "https://s3.eu-west-3.amazonaws.com" */

/* Both change when an answer tells of another region, or of another time: the request is then
 * signed anew and sent there, and so are all that follow. */
const char *s3list_region(const struct s3list *list);
bool s3list_custom(const struct s3list *list); /* the server is not AWS's: nobody charges for it */
int64_t s3list_skew_ms(const struct s3list *list);
/* To where the bucket was found to be earlier. */
void s3list_go(struct s3list *list, const char *region);
struct s3list_spent s3list_spent(const struct s3list *list);

/* ERR_AUTH wrong key or signature, ERR_DENIED, ERR_NOTFOUND no such bucket, ERR_CONFIG another
 * region, ERR_PROTOCOL when the answer is no S3 answer, and what http_exchange says. */
bool s3list_page(struct s3list *list, const struct s3list_query *query, int64_t deadline_ms,
                 int stop_fd, struct arena *arena, struct s3list_page *page, struct err *err);
/* As http_certificate_ends_ms. */
int64_t s3list_certificate_ends_ms(const struct s3list *list);

/* The query for what follows page; strings live in the arena. False when page is the last. */
bool s3list_next(struct arena *arena, const struct s3list_query *query,
                 const struct s3list_page *page, struct s3list_query *next);

/* One page of the unfinished uploads below prefix (a right of its own:
 * s3:ListBucketMultipartUploads). After an item: pass it to get what follows; NULL: from the
 * beginning. Errors as s3list_page. */
bool s3list_uploads(struct s3list *list, const char *prefix, const struct s3list_upload *after,
                    int64_t deadline_ms, int stop_fd, struct arena *arena,
                    struct s3list_uploads *page, struct err *err);

/* Reads one object and counts its lines; nothing of it is kept (a right of its own: s3:GetObject).
 * More than max bytes: ERR_TOOBIG. Compressed objects are not unpacked. */
bool s3list_count(struct s3list *list, const char *key, size_t max, int64_t deadline_ms,
                  int stop_fd, struct s3list_lines *lines, struct err *err);

/* Turns an error answer into *err; always returns false. region may be NULL (the header). */
bool s3list_error(long status, const char *body, size_t len, const char *bucket,
                  const char *our_region, const char *region, struct err *err);

#endif
