/* msk.h: MSK's answers into the snapshot's structures.
 *
 * Pure; the results live in the arena, everything is capped. Where a body is not what it should be:
 * false and ERR_PROTOCOL, and nothing has been changed. Shapes: the model of service kafka
 * (botocore 1.44).
 */
#ifndef CDCTOP_AWS_MSK_H
#define CDCTOP_AWS_MSK_H

#include "base/arena.h"
#include "base/err.h"
#include "config/config.h"
#include "config/msk_kind.h"
#include "model/snap_aws.h"

#include <stdbool.h>
#include <stddef.h>

enum { MSK_NODES_MAX = 1000, MSK_OTHERS_MAX = 10, MSK_LIST_MAX = 200 };

/* Looking for a cluster by its name, page by page. */
struct msk_search {
    const char *name;
    struct msk_snap *found; /* NULL: not on the pages so far */
    const char *others[MSK_OTHERS_MAX];
    size_t nothers; /* of all that have another name */
};

/* All clusters of a region, page by page. */
struct msk_list {
    struct msk_snap *items;
    size_t count, cap;
};

/* ListClustersV2: adds to the list, MSK_LIST_MAX at most. *next as below. */
bool msk_parse_all(struct arena *arena, const char *body, size_t len, struct msk_list *list,
                   const char **next, struct err *err);
/* ListClustersV2. *next is the token of the next page, NULL after the last one. */
bool msk_parse_list(struct arena *arena, const char *body, size_t len, struct msk_search *search,
                    const char **next, struct err *err);
/* DescribeClusterV2: all but bootstraps, wanted and nodes. */
bool msk_parse_cluster(struct arena *arena, const char *body, size_t len, struct msk_snap *out,
                       struct err *err);
/* GetBootstrapBrokers into bootstraps, best first; "iam-ipv6" beside "iam" on dual-stack ones. */
bool msk_parse_bootstraps(struct arena *arena, const char *body, size_t len, struct msk_snap *out,
                          struct err *err);
/* ListNodes: adds to nodes. */
bool msk_parse_nodes(struct arena *arena, const char *body, size_t len, struct msk_snap *out,
                     const char **next, struct err *err);

/* Which of bootstraps is used: the configured kind, or with auto the one that [pipeline.kafka] is
 * written for, else the best that needs nothing more. Its key; NULL: none fits. */
const char *msk_wanted(const struct msk_snap *msk, const struct pipeline_config *cfg);
/* "iam, tls": for messages; in the arena. */
const char *msk_kinds_on(struct arena *arena, const struct msk_snap *msk);
#endif
