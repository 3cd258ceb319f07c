/* s3list_int.h: what s3list.c and s3object.c share. Not for others. */
#ifndef CDCTOP_NET_S3LIST_INT_H
#define CDCTOP_NET_S3LIST_INT_H

#include "net/http.h"
#include "net/s3list.h"

struct s3list {
    struct http_client *http;
    struct aws_credentials creds;
    char *bucket, *region, *ca;
    char *endpoint; /* scheme://host[:port] as shown */
    char *base;     /* scheme://host[:port], with the bucket for virtual-host style */
    char *host;     /* of base: what is signed */
    char *path;     /* "/" or "/bucket" */
};

/* A signed GET of path (encoded) with what the caller set in req; range: a "Range: …" line or NULL.
 */
bool s3list_send(struct s3list *list, const char *path, const char *query, const char *range,
                 struct http_request *req, struct http_response *resp, struct err *err);
/* The error of an answer that is not the one that was hoped for; returns false. */
bool s3list_refused(const struct s3list *list, const struct http_response *resp, struct err *err);
/* Of an object, encoded; inits path. */
void s3list_object_path(const struct s3list *list, const char *key, struct strbuf *path);

#endif
