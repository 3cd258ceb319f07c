/* s3url.h: "s3://BUCKET[/PREFIX]", where BUCKET may be the ARN of an access point, which has a
 * slash of its own: s3://arn:aws:s3:eu-west-3:123456789012:accesspoint/NAME/PREFIX. */
#ifndef CDCTOP_BASE_S3URL_H
#define CDCTOP_BASE_S3URL_H

#include <stdbool.h>
#include <stddef.h>

/* Where the bucket begins, and in *n how long it is; NULL: url is none. The prefix is what comes
 * behind the slash that follows. */
const char *s3url_bucket(const char *url, size_t *n);

struct s3arn {
    char region[32], account[16], name[64]; /* of the access point */
};
/* False: the n bytes are no ARN of an access point, or one that cannot be used; *why tells the
 * latter in words, else NULL. */
bool s3arn_read(const char *bucket, size_t n, struct s3arn *arn, const char **why);

#endif
