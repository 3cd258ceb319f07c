#include "source/s3_io.h"

bool s3_io_list(struct s3_io *io, const struct s3list_query *query, struct s3list_page *page,
                struct err *err)
{
    arena_reset(io->scratch);
    io->left--;
    if (!s3list_page(io->list, query, io->ctx->deadline_ms, io->ctx->stop_fd, io->scratch, page,
                     err))
        return false;
    io->answered++;
    io->keys += (int64_t)(page->nentries + page->nprefixes);
    if (page->date_ms >= 0)
        io->date_ms = page->date_ms;
    return true;
}
