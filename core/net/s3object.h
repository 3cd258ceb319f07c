/* s3object.h: the beginning of one object, by a ranged GET. */
#ifndef CDCTOP_NET_S3OBJECT_H
#define CDCTOP_NET_S3OBJECT_H

#include "net/s3list.h"

struct s3object_head {
    char *data; /* malloc'd, NUL behind it */
    size_t n;
    int64_t size; /* of the whole object; -1: the server did not say */
};

/* The first `max` bytes, fewer when there are no more. A server that knows no ranges is cut off
 * after them. ERR_NOTFOUND: there is no such object; else the errors of s3list_page. */
bool s3object_head(struct s3list *list, const char *key, size_t max, int64_t deadline_ms,
                   int stop_fd, struct s3object_head *head, struct err *err);

#endif
