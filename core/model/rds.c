/* rds.c: reading what RDS told. */
#include "model/snap_aws.h"

#include <string.h>
#include <strings.h>

bool rds_is_aurora(const struct rds_snap *rds)
{
    return rds->engine != NULL && strncmp(rds->engine, "aurora", 6) == 0;
}

int64_t rds_bytes(int64_t gib)
{
    return gib >= 0 && gib <= (INT64_C(1) << 24) ? gib << 30 : UNKNOWN;
}

const struct rds_instance *rds_behind(const struct rds_snap *rds)
{
    for (size_t i = 0; i < rds->ninstances; i++) {
        const struct rds_instance *n = &rds->instances[i];
        if (rds->host != NULL && n->host != NULL && strcasecmp(rds->host, n->host) == 0)
            return n;
    }
    for (size_t i = 0; i < rds->ninstances; i++) {
        if (rds->instances[i].writer == TRI_YES)
            return &rds->instances[i];
    }
    return rds->ninstances == 1 ? &rds->instances[0] : NULL;
}
