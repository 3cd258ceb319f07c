#include "base/s3url.h"

#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

/* How long the ARN is that ends with "accesspoint/NAME" or "accesspoint:NAME". */
static size_t arn_length(const char *arn)
{
    size_t n = strcspn(arn, "/");
    static const char kind[] = "accesspoint";
    size_t k = sizeof(kind) - 1;
    if (arn[n] == '/' && n > k && strncmp(arn + n - k, kind, k) == 0)
        n += 1 + strcspn(arn + n + 1, "/");
    return n;
}

const char *s3url_bucket(const char *url, size_t *n)
{
    if (url == NULL || strncmp(url, "s3://", 5) != 0)
        return NULL;
    const char *bucket = url + 5;
    *n = strncmp(bucket, "arn:", 4) == 0 ? arn_length(bucket) : strcspn(bucket, "/");
    return bucket;
}

/* The next part up to one of `ends`, of characters in `set`, into buf; false: it is none. */
static bool part(const char **at, const char *end, const char *ends, const char *set, char *buf,
                 size_t size)
{
    size_t n = 0;
    while (*at + n < end && strchr(ends, (*at)[n]) == NULL)
        n++;
    if (n >= size || *at + n > end)
        return false;
    memcpy(buf, *at, n);
    buf[n] = '\0';
    *at += n + (*at + n < end);
    return strspn(buf, set) == n;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

bool s3arn_read(const char *bucket, size_t n, struct s3arn *arn, const char **why)
{
    char partition[20], service[32], kind[20];
    const char *at = bucket, *end = bucket + n;
    *why = NULL;
    *arn = (struct s3arn){0};
    if (n < 4 || !begins(bucket, "arn:"))
        return false;
    at += 4;
    *why = "an ARN of an S3 access point is arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME";
    if (!part(&at, end, ":", LETTERS "-", partition, sizeof(partition)) ||
        !part(&at, end, ":", LETTERS "-" DIGITS, service, sizeof(service)))
        return false;
    if (strcmp(service, "s3") != 0) {
        if (begins(service, "s3-outposts"))
            *why = "buckets on Outposts are not watched: name a bucket or an access point in a "
                   "region";
        else if (begins(service, "s3-object-lambda"))
            *why = "an Object Lambda access point cannot be listed as it is: name the access point "
                   "behind it";
        return false;
    }
    if (!part(&at, end, ":", LETTERS "-" DIGITS, arn->region, sizeof(arn->region)) ||
        !part(&at, end, ":", DIGITS, arn->account, sizeof(arn->account)) ||
        !part(&at, end, ":/", LETTERS, kind, sizeof(kind)))
        return false;
    if (strcmp(kind, "accesspoint") == 0 && arn->region[0] == '\0') {
        *why = "a multi-region access point is signed in a way of its own, which cdctop does not "
               "have: name the bucket in one region";
        return false;
    }
    if (strcmp(kind, "accesspoint") != 0 || strlen(arn->account) != 12 ||
        !part(&at, end, "", LETTERS DIGITS "-", arn->name, sizeof(arn->name)) ||
        arn->name[0] == '\0')
        return false;
    *why = NULL;
    return true;
}
