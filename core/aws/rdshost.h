/* rdshost.h: what the name of an RDS endpoint tells: NAME.xxxx.REGION.rds.amazonaws.com, in China
 * NAME.xxxx.rds.REGION.amazonaws.com.cn; xxxx begins with cluster- … where it is no instance's. */
#ifndef CDCTOP_AWS_RDSHOST_H
#define CDCTOP_AWS_RDSHOST_H

#include <stdbool.h>

enum { RDSHOST_REGION = 40, RDSHOST_ID = 64 };

enum rdshost_kind {
    RDSHOST_OTHER, /* no endpoint of RDS: a CNAME, an address, a tunnel */
    RDSHOST_INSTANCE,
    RDSHOST_CLUSTER, /* its endpoint, or that of its readers */
    RDSHOST_CUSTOM,  /* an endpoint of a cluster that has a name of its own */
    RDSHOST_PROXY,
};

/* "eu-west-3"; false (and ""): this is no such name. */
bool rdshost_region(const char *host, char out[RDSHOST_REGION]);

/* id: the identifier of the instance or cluster, or the endpoint's own name; "" for OTHER. */
enum rdshost_kind rdshost_kind(const char *host, char id[RDSHOST_ID]);

#endif
