/* s3list_int.h: what s3list.c and s3object.c share. Not for others. */
#ifndef CDCTOP_NET_S3LIST_INT_H
#define CDCTOP_NET_S3LIST_INT_H

#include "base/s3url.h"
#include "net/http.h"
#include "net/s3list.h"

struct s3list {
    struct http_client *http;
    struct aws_credentials creds;
    char *bucket, *region, *ca;
    struct s3arn arn; /* of the bucket, when access_point */
    bool custom, access_point, virtual_host, requester_pays;
    char *own, *own_region; /* AWS's endpoint at the beginning, and the region in it */
    char *endpoint;         /* scheme://host[:port] as shown */
    char *base;             /* scheme://host[:port], with the bucket for virtual-host style */
    char *host;             /* of base: what is signed */
    char *path;             /* "/" or "/bucket" */
    int64_t skew_ms;        /* added to our clock */
    struct s3list_spent spent;
};

/* s3where.c: fills bucket, region and places; false leaves what was filled. */
bool s3where_open(struct s3list *list, const struct s3list_target *target, struct err *err);
/* After an answer: is it worth asking again, in another region or by another clock? */
bool s3where_mend(struct s3list *list, const struct http_response *resp);
/* s3error.c: a code that tells of another region. */
bool s3error_is_region(const char *code);

/* A signed GET of path (encoded) with what the caller set in req; range: a "Range: …" line or NULL.
 */
bool s3list_send(struct s3list *list, const char *path, const char *query, const char *range,
                 struct http_request *req, struct http_response *resp, struct err *err);
/* The error of an answer that is not the one that was hoped for; returns false. */
bool s3list_refused(const struct s3list *list, const struct http_response *resp, struct err *err);
/* Of an object, encoded; inits path. */
void s3list_object_path(const struct s3list *list, const char *key, struct strbuf *path);

#endif
