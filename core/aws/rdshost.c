#include "aws/rdshost.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Like "eu-west-3": small letters, two dashes or more, digits at the end. */
static bool is_region(const char *s, size_t n)
{
    size_t dashes = 0;
    if (n < 6 || n >= RDSHOST_REGION || !isdigit((unsigned char)s[n - 1]))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!islower((unsigned char)s[i]) && !isdigit((unsigned char)s[i]) && s[i] != '-')
            return false;
        dashes += s[i] == '-';
    }
    return dashes >= 2;
}

static bool ends_with(const char *s, size_t n, const char *end)
{
    size_t k = strlen(end);
    return n >= k && strncasecmp(s + n - k, end, k) == 0;
}

bool rdshost_region(const char *host, char out[RDSHOST_REGION])
{
    out[0] = '\0';
    size_t n = strlen(host);
    if (n > 0 && host[n - 1] == '.')
        n--;
    if (!ends_with(host, n, ".amazonaws.com") && !ends_with(host, n, ".amazonaws.com.cn"))
        return false;
    const char *rds = strstr(host, ".rds.");
    if (rds == NULL)
        return false;
    const char *before = rds;
    while (before > host && before[-1] != '.')
        before--;
    const char *after = rds + 5;
    size_t nbefore = (size_t)(rds - before), nafter = strcspn(after, ".");
    if (is_region(before, nbefore))
        (void)snprintf(out, RDSHOST_REGION, "%.*s", (int)nbefore, before);
    else if (is_region(after, nafter))
        (void)snprintf(out, RDSHOST_REGION, "%.*s", (int)nafter, after);
    return out[0] != '\0';
}

enum rdshost_kind rdshost_kind(const char *host, char id[RDSHOST_ID])
{
    static const struct {
        const char *begins;
        enum rdshost_kind kind;
    } kinds[] = {
        {"cluster-custom-", RDSHOST_CUSTOM },
        {"cluster-",        RDSHOST_CLUSTER}, /* also cluster-ro- */
        {"proxy-",          RDSHOST_PROXY  },
    };
    char region[RDSHOST_REGION];
    size_t n = strcspn(host, ".");
    id[0] = '\0';
    if (!rdshost_region(host, region) || n == 0 || n >= RDSHOST_ID)
        return RDSHOST_OTHER;
    (void)snprintf(id, RDSHOST_ID, "%.*s", (int)n, host);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strncasecmp(host + n + 1, kinds[i].begins, strlen(kinds[i].begins)) == 0)
            return kinds[i].kind;
    }
    return RDSHOST_INSTANCE;
}
