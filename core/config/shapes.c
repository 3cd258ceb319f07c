/* shapes.c: addresses that look right, and words that look alike. */
#include "base/s3url.h"
#include "config/values.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool has_blank_or_control(const char *s)
{
    for (; *s != '\0'; s++) {
        if ((unsigned char)*s <= ' ' || *s == 0x7f)
            return true;
    }
    return false;
}

static bool good_port(const char *s, size_t n)
{
    long port = 0;
    if (n == 0 || n > 5)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!isdigit((unsigned char)s[i]))
            return false;
        port = port * 10 + (s[i] - '0');
    }
    return port >= 1 && port <= 65535;
}

/* host, host:port, [v6], [v6]:port; n bytes. */
static const char *bad_authority(const char *s, size_t n, bool need_port)
{
    const char *end = s + n, *host_end = memchr(s, ':', n);
    if (n > 0 && *s == '[') {
        const char *close = memchr(s, ']', n);
        if (close == NULL || close == s + 1)
            return "an IPv6 address needs its closing bracket";
        host_end = close + 1;
        if (host_end != end && *host_end != ':')
            return "after ] only :PORT may follow";
    }
    if (host_end == NULL)
        host_end = end;
    if (host_end == s)
        return "the host is missing";
    if (host_end == end)
        return need_port ? "the port is missing" : NULL;
    return good_port(host_end + 1, (size_t)(end - host_end - 1))
               ? NULL
               : "the port must be a number from 1 to 65535";
}

const char *value_bad_host_port(const char *text)
{
    if (has_blank_or_control(text))
        return "it must not contain blanks or control characters";
    if (strstr(text, "//") != NULL)
        return "it is a URL; only HOST:PORT belongs here";
    if (strpbrk(text, "/@?#") != NULL)
        return "only HOST:PORT belongs here";
    return bad_authority(text, strlen(text), true);
}

const char *value_bad_http_url(const char *text)
{
    size_t scheme = strncasecmp(text, "http://", 7) == 0    ? 7
                    : strncasecmp(text, "https://", 8) == 0 ? 8
                                                            : 0;
    if (scheme == 0)
        return "it must begin with http:// or https://";
    if (has_blank_or_control(text))
        return "it must not contain blanks or control characters";
    if (strpbrk(text, "?#") != NULL)
        return "it must not have a query or a fragment";
    const char *host = text + scheme;
    const char *end = host + strcspn(host, "/");
    const char *at = memrchr(host, '@', (size_t)(end - host));
    if (at != NULL)
        host = at + 1;
    else if (strchr(end, '@') != NULL)
        return "a / in the password must be written %2F";
    return bad_authority(host, (size_t)(end - host), false);
}

const char *value_bad_join(const char *text)
{
    const char *equals = strchr(text, '=');
    return equals == NULL || equals == text || equals[1] == '\0' ? "CONNECTOR=VALUE is wanted"
                                                                 : NULL;
}

const char *value_bad_s3_url(const char *text)
{
    struct s3arn arn;
    const char *why;
    size_t n;
    const char *bucket = s3url_bucket(text, &n);
    if (bucket == NULL)
        return "it must begin with s3://";
    if (n == 0)
        return "the bucket is missing";
    bool access_point = s3arn_read(bucket, n, &arn, &why);
    if (why != NULL)
        return why;
    if (n < 3 || n > 255)
        return "a bucket name has 3 to 255 characters";
    for (size_t i = 0; !access_point && i < n; i++) {
        if (!isalnum((unsigned char)bucket[i]) && strchr(".-_", bucket[i]) == NULL)
            return "a bucket name has only letters, digits, dots, dashes and underscores";
    }
    for (const char *p = bucket + n; *p != '\0'; p++) {
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            return "the prefix must not contain control characters";
    }
    return NULL;
}

int value_distance(const char *a, const char *b, int limit)
{
    enum { MAX = 64 };
    int rows[3][MAX + 1];
    size_t na = strlen(a), nb = strlen(b);
    if (na > MAX || nb > MAX)
        return limit + 1;
    for (size_t j = 0; j <= nb; j++)
        rows[0][j] = (int)j;
    for (size_t i = 1; i <= na; i++) {
        int *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = (int)i;
        for (size_t j = 1; j <= nb; j++) {
            int best = above[j - 1] +
                       (tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]));
            best = above[j] + 1 < best ? above[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                above2[j - 2] + 1 < best)
                best = above2[j - 2] + 1;
            row[j] = best;
        }
    }
    int distance = rows[na % 3][nb];
    return distance > limit ? limit + 1 : distance;
}

const char *value_nearest(const char *word, const char *const *names, size_t count)
{
    size_t len = strlen(word);
    int limit = len <= 3 ? 1 : (int)(len / 3) + 1;
    const char *best = NULL;
    for (size_t i = 0; i < count; i++) {
        int distance = value_distance(word, names[i], limit);
        /* A word that was not finished is as near as one that was mistyped. */
        if (distance > limit && len >= 3 && strncmp(names[i], word, len) == 0)
            distance = limit;
        if (distance <= limit && (best == NULL || distance < value_distance(word, best, limit)))
            best = names[i];
    }
    return best;
}
