#include "config/msk_kind.h"

#include "base/mem.h"

#include <stddef.h>
#include <string.h>

/* clang-format off */
static const struct msk_kind kinds[] = {
    {"iam", "SASL_SSL", "AWS_MSK_IAM", "bootstrapBrokerStringSaslIam", "bootstrapBrokerStringSaslIamIpv6"},
    {"scram", "SASL_SSL", "SCRAM-SHA-512", "bootstrapBrokerStringSaslScram", "bootstrapBrokerStringSaslScramIpv6"},
    {"tls", "SSL", NULL, "bootstrapBrokerStringTls", "bootstrapBrokerStringTlsIpv6"},
    {"plaintext", "PLAINTEXT", NULL, "bootstrapBrokerString", "bootstrapBrokerStringIpv6"},
    {"vpc-iam", "SASL_SSL", "AWS_MSK_IAM", "bootstrapBrokerStringVpcConnectivitySaslIam", NULL},
    {"vpc-scram", "SASL_SSL", "SCRAM-SHA-512", "bootstrapBrokerStringVpcConnectivitySaslScram", NULL},
    {"vpc-tls", "SSL", NULL, "bootstrapBrokerStringVpcConnectivityTls", NULL},
    {"public-iam", "SASL_SSL", "AWS_MSK_IAM", "bootstrapBrokerStringPublicSaslIam", NULL},
    {"public-scram", "SASL_SSL", "SCRAM-SHA-512", "bootstrapBrokerStringPublicSaslScram", NULL},
    {"public-tls", "SSL", NULL, "bootstrapBrokerStringPublicTls", NULL},
};
/* clang-format on */

const struct msk_kind *msk_kind(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    return NULL;
}

const struct msk_kind *msk_kind_at(unsigned i)
{
    return i < ARRAY_LEN(kinds) ? &kinds[i] : NULL;
}

const struct msk_kind *msk_kind_of(const char *key)
{
    static const char six[] = "-ipv6";
    char name[32];
    size_t n = strlen(key), tail = sizeof(six) - 1;
    if (n > tail && strcmp(key + n - tail, six) == 0)
        n -= tail;
    if (n >= sizeof(name))
        return NULL;
    memcpy(name, key, n);
    name[n] = '\0';
    return msk_kind(name);
}
