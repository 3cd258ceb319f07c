/* s3_extra.h: what is asked beside the walk, each bounded and each a right of its own: unfinished
 * uploads, records per object, and whether objects that were seen are still there.
 *
 * None of it fails a poll: what is not permitted or does not answer stays UNKNOWN, and the notes
 * say why.
 */
#ifndef CDCTOP_SOURCE_S3_EXTRA_H
#define CDCTOP_SOURCE_S3_EXTRA_H

#include "source/s3_topics.h"

struct s3_extra {         /* zero-initialise */
    int64_t uploads_ms;   /* when uploads are asked for next (monotonic) */
    int64_t counts_ms;    /* when objects may be read again, after a refusal */
    size_t recheck_turn;  /* the topic that is looked through again */
    char no_uploads[160]; /* the server's word; "" */
    char no_counts[160];
};

void s3_extra_poll(struct s3_extra *extra, const struct s3_config *cfg, struct s3_topics *topics,
                   struct s3_io *io);
void s3_extra_notes(const struct s3_extra *extra, struct snapshot *snap);

#endif
