/* rds_parse.h: the XML answers of RDS into a snapshot. Each body is foreign: what is missing is
 * unknown, lists are capped, nothing is trusted to be there.
 */
#ifndef CDCTOP_SOURCE_RDS_PARSE_H
#define CDCTOP_SOURCE_RDS_PARSE_H

#include "base/arena.h"
#include "base/err.h"
#include "model/snap_aws.h"

#include <stdbool.h>
#include <stddef.h>

enum { RDS_INSTANCES_MAX = 64, RDS_EVENTS_MAX = 500, RDS_MAINTENANCE_MAX = 100 };

/* Lists grow from page to page. */
struct rds_lists {
    struct arena *arena;
    struct rds_snap *snap;
    size_t instances_cap, events_cap, maintenance_cap;
    struct rds_member { /* of the cluster */
        const char *id, *group_status;
        enum tri writer;
    } * members;
    size_t nmembers, members_cap;
    const char *cluster_group; /* parameter group */
    const char **custom;       /* endpoints */
    size_t ncustom, custom_cap;
    const char *instance_cluster; /* of the instances that came: whose member they are */
};

/* One page each; *marker of the next one, in the arena, NULL: that was the last. */
typedef bool rds_parse_fn(struct rds_lists *l, const char *body, size_t len, const char **marker,
                          struct err *err);
rds_parse_fn rds_parse_instances, rds_parse_clusters, rds_parse_events, rds_parse_maintenance;

/* When all has come: who writes, the cluster's parameter group, the role of the host, the order. */
void rds_parse_finish(struct rds_lists *l);

#endif
