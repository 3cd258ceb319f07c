/* s3where.c: where a bucket is: host and path of its requests, and what an answer says of another
 * place. Access points and regions: botocore's endpoint rules of S3 (1.44). */
#include "base/clock.h"
#include "base/mem.h"
#include "base/s3url.h"
#include "net/s3list_int.h"
#include "net/s3xml.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool bucket_name(const char *bucket)
{
    size_t n = strlen(bucket);
    return n > 0 && n <= 255 && bucket[0] != '.' &&
           strspn(bucket, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == n;
}

static bool region_name(const char *region)
{
    size_t n = strlen(region);
    return n <= 63 &&
           strspn(region, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == n;
}

/* scheme://host[:port] of an endpoint; NULL if it is not one. A default port is dropped: curl does
 * not send it, so it must not be signed. */
static char *endpoint_base(const char *endpoint)
{
    bool tls = strncasecmp(endpoint, "https://", 8) == 0;
    if (!tls && strncasecmp(endpoint, "http://", 7) != 0)
        return NULL;
    const char *host = endpoint + (tls ? 8 : 7), *port = tls ? ":443" : ":80";
    size_t n = strcspn(host, "/?#"), rest = strlen(host + n), p = strlen(port);
    if (n == 0 || rest > 1 || memchr(host, '@', n) != NULL)
        return NULL;
    if (n > p && memcmp(host + n - p, port, p) == 0)
        n -= p;
    return mem_printf("%s%.*s", tls ? "https://" : "http://", (int)n, host);
}

/* AWS's own endpoint in the region of now: that of the beginning with another region in it. */
static char *own_endpoint(const struct s3list *list)
{
    char *dotted = mem_printf(".%s.", list->own_region);
    const char *at = strstr(list->own, dotted);
    char *url = at == NULL ? NULL
                           : mem_printf("%.*s.%s.%s", (int)(at - list->own), list->own,
                                        list->region, at + strlen(dotted));
    free(dotted);
    return url != NULL ? url
                       : mem_printf("https://s3.%s.amazonaws.com%s", list->region,
                                    strncmp(list->region, "cn-", 3) == 0 ? ".cn" : "");
}

/* "s3-fips.eu-west-3.…" of an access point: "NAME-ACCOUNT.s3-accesspoint-fips.eu-west-3.…". */
static char *access_point_host(const struct s3list *list, const char *host)
{
    bool own = !list->custom && strncmp(host, "s3", 2) == 0;
    return own ? mem_printf("%s-%s.s3-accesspoint%s", list->arn.name, list->arn.account, host + 2)
               : mem_printf("%s-%s.%s", list->arn.name, list->arn.account, host);
}

static void place(struct s3list *list)
{
    free(list->base);
    free(list->host);
    const char *host = strstr(list->endpoint, "://") + 3;
    if (list->access_point)
        list->host = access_point_host(list, host);
    else
        list->host =
            list->virtual_host ? mem_printf("%s.%s", list->bucket, host) : mem_strdup(host);
    list->base = mem_printf("%.*s%s", (int)(host - list->endpoint), list->endpoint, list->host);
    if (list->path == NULL) /* it stays: a request under way has it */
        list->path = list->access_point || list->virtual_host ? mem_strdup("/")
                                                              : mem_printf("/%s", list->bucket);
}

static bool read_bucket(struct s3list *list, const char *bucket, struct err *err)
{
    const char *why;
    list->access_point = bucket != NULL && s3arn_read(bucket, strlen(bucket), &list->arn, &why);
    if (bucket != NULL && !list->access_point && why != NULL)
        return err_set(err, ERR_CONFIG, 0, "%s", why);
    if (bucket == NULL || (!list->access_point && !bucket_name(bucket)))
        return err_set(err, ERR_CONFIG, 0, "the S3 bucket name is not one");
    list->bucket = mem_strdup(bucket);
    return true;
}

bool s3where_open(struct s3list *list, const struct s3list_target *target, struct err *err)
{
    const char *given = target->endpoint != NULL ? target->endpoint : "";
    list->custom = given[0] != '\0';
    if (!read_bucket(list, target->bucket, err))
        return false;
    const char *region =
        target->region != NULL && target->region[0] != '\0' ? target->region : "us-east-1";
    if (!region_name(region))
        return err_set(err, ERR_CONFIG, 0, "the S3 region is not a region name");
    list->own = mem_strdup(target->own != NULL ? target->own : "");
    list->own_region = mem_strdup(region);
    list->region = mem_strdup(list->access_point ? list->arn.region : region);
    list->endpoint = list->custom ? endpoint_base(given) : own_endpoint(list);
    if (list->endpoint == NULL)
        return err_set(err, ERR_CONFIG, 0,
                       "the S3 endpoint must be http://host[:port] or https://host[:port]");
    const char *how = target->addressing != NULL ? target->addressing : "";
    bool path_style = list->custom || strchr(target->bucket, '.') != NULL;
    list->virtual_host = strcmp(how, "virtual") == 0 || (strcmp(how, "path") != 0 && !path_style);
    place(list);
    return true;
}

/* Where the answer says that the bucket is; "": it says nothing, or that it is here. */
static void read_region(const struct s3list *list, const struct http_response *resp, char *region,
                        size_t size)
{
    struct s3xml_error e;
    bool read = s3xml_read_error(resp->body.text, resp->body.len, &e);
    bool said = (read && s3error_is_region(e.code)) || resp->status == 301 || resp->status == 307;
    const char *there = resp->region[0] != '\0' ? resp->region : read ? e.region : "";
    region[0] = '\0';
    if (said && there[0] != '\0' && strlen(there) < size && region_name(there) &&
        strcmp(there, list->region) != 0)
        memcpy(region, there, strlen(there) + 1);
}

void s3list_go(struct s3list *list, const char *region)
{
    if (list->access_point || !region_name(region) || strcmp(region, list->region) == 0)
        return;
    free(list->region);
    list->region = mem_strdup(region);
    if (!list->custom) {
        free(list->endpoint);
        list->endpoint = own_endpoint(list);
    }
    place(list);
}

static bool move(struct s3list *list, const struct http_response *resp)
{
    char region[64];
    read_region(list, resp, region, sizeof(region));
    if (region[0] == '\0' || list->access_point)
        return false;
    s3list_go(list, region);
    return true;
}

/* A clock that was corrected once is not corrected back and forth. */
static bool set_clock(struct s3list *list, const struct http_response *resp)
{
    enum { TOLERATED_MS = 60 * 1000 };
    if (resp->date_ms < 0 || strstr(resp->body.text, "<Code>RequestTimeTooSkewed</Code>") == NULL)
        return false;
    int64_t skew = resp->date_ms - clock_wall_ms();
    int64_t off = skew - list->skew_ms;
    list->skew_ms = skew;
    return off > TOLERATED_MS || off < -TOLERATED_MS;
}

bool s3where_mend(struct s3list *list, const struct http_response *resp)
{
    return resp->status >= 300 && (move(list, resp) || set_clock(list, resp));
}
