/* endpoint.c: where a service is: what somebody chose, else the host name that botocore's endpoint
 * rules give (endpoint-rule-set-1.json of each service and partitions.json, 1.44.5; replayed by the
 * tests from tests/samples/aws/endpoints). */
#include "aws/aws_int.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- what somebody chose --------------------------------------------------------------------- */

static bool is_true(const char *text)
{
    return text != NULL && strcasecmp(text, "true") == 0;
}

/* A switch of the environment, else of the profile. */
static bool wanted(struct aws *aws, const char *variable, const char *key)
{
    const char *env = getenv(variable);
    if (env != NULL && env[0] != '\0')
        return is_true(env);
    char *profile = aws_profile_value(aws, key);
    bool yes = is_true(profile);
    free(profile);
    return yes;
}

static char *given(const char *url)
{
    size_t n = url != NULL ? strlen(url) : 0;
    while (n > 0 && url[n - 1] == '/')
        n--;
    return n > 0 ? mem_strndup(url, n) : NULL;
}

char *aws_endpoint_given(struct aws *aws, enum aws_service service)
{
    char *url = given(aws->cfg->aws.endpoint);
    if (url != NULL ||
        wanted(aws, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"))
        return url;
    char *name = mem_printf("AWS_ENDPOINT_URL_%s", aws_services[service].endpoint);
    url = given(getenv(name));
    url = url != NULL ? url : given(getenv("AWS_ENDPOINT_URL"));
    free(name);
    return url != NULL ? url : aws_profile_endpoint(aws, service);
}

char *aws_ca_bundle(struct aws *aws)
{
    const char *file = aws->cfg->aws.ssl_ca;
    if (file == NULL || file[0] == '\0')
        file = getenv("AWS_CA_BUNDLE");
    return file != NULL && file[0] != '\0' ? mem_strdup(file) : aws_profile_value(aws, "ca_bundle");
}

/* ---- AWS's own ------------------------------------------------------------------------------- */

static const struct partition {
    const char *regions; /* they begin so; the last row takes all others */
    const char *name, *suffix, *dual_suffix;
} partitions[] = {
    {"cn-",      "aws-cn",     "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"us-gov-",  "aws-us-gov", "amazonaws.com",    "api.aws"                     },
    {"eusc-",    "aws-eusc",   "amazonaws.eu",     "api.amazonwebservices.eu"    },
    {"us-iso-",  "aws-iso",    "c2s.ic.gov",       "api.aws.ic.gov"              },
    {"us-isob-", "aws-iso-b",  "sc2s.sgov.gov",    "api.aws.scloud"              },
    {"eu-isoe-", "aws-iso-e",  "cloud.adc-e.uk",   "api.cloud-aws.adc-e.uk"      },
    {"us-isof-", "aws-iso-f",  "csp.hci.ic.gov",   "api.aws.hci.ic.gov"          },
    {"",         "aws",        "amazonaws.com",    "api.aws"                     },
};

static const struct partition *partition_of(const char *region)
{
    const struct partition *p = partitions;
    while (strncmp(region, p->regions, strlen(p->regions)) != 0)
        p++;
    return p;
}

const char *aws_partition(const char *region)
{
    return partition_of(region)->name;
}

/* Hosts that are not NAME.REGION.SUFFIX (NAME-fips with FIPS, another suffix with dual stack). */
static const struct exception {
    enum aws_service service;
    bool fips, dual;
    const char *partitions; /* words */
    const char *name;
    bool plain_suffix; /* no other one for dual stack */
} exceptions[] = {
    {AWS_STS,          true,  false, "aws-us-gov",                     "sts",                 false},
    {AWS_SECRETS,      false, true,  "aws aws-cn aws-us-gov",          "secretsmanager",      true },
    {AWS_SECRETS,      true,  true,  "aws aws-us-gov",                 "secretsmanager-fips", true },
    {AWS_KAFKA,        false, true,  "aws aws-cn aws-eusc aws-us-gov", "kafka-api",           false},
    {AWS_KAFKA,        true,  true,  "aws",                            "kafka-api-fips",      false},
    {AWS_KAFKA,        true,  false, "aws-us-gov",                     "kafka",               false},
    {AWS_KAFKA,        true,  true,  "aws-us-gov",                     "kafka-api",           false},
    {AWS_KAFKACONNECT, true,  false, "aws-us-gov",                     "kafkaconnect",        false},
    {AWS_KAFKACONNECT, true,  true,  "aws-us-gov",                     "kafkaconnect",        false},
    {AWS_DMS,          true,  false, "aws-us-gov aws-iso aws-iso-b",   "dms",                 false},
    {AWS_RDS,          true,  false, "aws-us-gov",                     "rds",                 false},
    {AWS_CLOUDWATCH,   true,  false, "aws-us-gov",                     "monitoring",          false},
    {AWS_CLOUDWATCH,   true,  true,  "aws-us-gov",                     "monitoring",          false},
    {AWS_LOGS,         true,  false, "aws-us-gov",                     "logs",                false},
};

/* A word of a list, whole: "aws-iso" is not in "aws-iso-b". */
static bool lists(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = list; at != NULL && *at != '\0'; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        if (len == n && strncmp(at, word, n) == 0)
            return true;
        at += len;
    }
    return false;
}

static const struct exception *exception_of(enum aws_service service, const char *partition,
                                            bool fips, bool dual)
{
    for (size_t i = 0; i < ARRAY_LEN(exceptions); i++) {
        const struct exception *e = &exceptions[i];
        if (e->service == service && e->fips == fips && e->dual == dual &&
            lists(e->partitions, partition))
            return e;
    }
    return NULL;
}

static char *own_endpoint(enum aws_service service, const char *region, bool fips, bool dual)
{
    const struct partition *p = partition_of(region);
    const struct exception *e = exception_of(service, p->name, fips, dual);
    if (service == AWS_S3)
        return mem_printf("https://s3%s%s.%s.%s", fips ? "-fips" : "", dual ? ".dualstack" : "",
                          region, p->suffix);
    if (e != NULL)
        return mem_printf("https://%s.%s.%s", e->name, region,
                          dual && !e->plain_suffix ? p->dual_suffix : p->suffix);
    return mem_printf("https://%s%s.%s.%s", aws_services[service].name, fips ? "-fips" : "", region,
                      dual ? p->dual_suffix : p->suffix);
}

/* It becomes part of a host name that gets our signature. */
static bool is_region(const char *region)
{
    size_t n = strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return n > 0 && n < 64 && region[n] == '\0';
}

char *aws_endpoint(struct aws *aws, enum aws_service service, const char *region, struct err *err)
{
    char *url = aws_endpoint_given(aws, service);
    if (url != NULL)
        return url;
    if (region[0] == '\0') {
        err_set(err, ERR_CONFIG, 0,
                "no AWS region is known: set region in [pipeline.aws], or AWS_REGION");
        return NULL;
    }
    if (!is_region(region)) {
        err_set(err, ERR_CONFIG, 0, "\"%.60s\" is no name of an AWS region", region);
        return NULL;
    }
    bool fips = aws->cfg->aws.fips || wanted(aws, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
    bool dual = aws->cfg->aws.dualstack ||
                wanted(aws, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
    return own_endpoint(service, region, fips, dual);
}
