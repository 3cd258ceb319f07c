/* s3_io.h: what the requests of one poll share: the connection, the budget, the cost. */
#ifndef CDCTOP_SOURCE_S3_IO_H
#define CDCTOP_SOURCE_S3_IO_H

#include "net/s3list.h"
#include "source/source.h"

struct s3_io {
    struct s3list *list;
    const struct poll_ctx *ctx;
    struct arena *scratch; /* a page lives until the next request */
    int left;              /* requests that this poll may still make */
    int answered;          /* requests of this poll that were answered well */
    int64_t keys;          /* listed since the start */
    int64_t date_ms;       /* the server's clock in the newest answer; -1 none yet */
};

/* One request, counted; page lives until the next. */
bool s3_io_list(struct s3_io *io, const struct s3list_query *query, struct s3list_page *page,
                struct err *err);

#endif
