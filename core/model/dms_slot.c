#include "model/dms_slot.h"

#include "base/mem.h"
#include "model/connector_facts.h"
#include "model/dms_task.h"

#include <string.h>
#include <strings.h>

static bool same_host(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcasecmp(a, b) == 0;
}

/* Is that host one of those that lead to the database behind the DSN, as RDS tells? */
static bool is_theirs(const struct rds_snap *rds, const char *host)
{
    bool found = same_host(host, rds->host) || same_host(host, rds->writer_host) ||
                 same_host(host, rds->reader_host);
    for (size_t i = 0; i < rds->ninstances; i++)
        found = found || same_host(host, rds->instances[i].host);
    return found;
}

/* A name that RDS gives to one instance or cluster; a custom endpoint or a proxy of a cluster is
 * not among what is told of it. */
static bool is_rds_name(const char *host)
{
    static const char domain[] = ".rds.amazonaws.com";
    const char *at = strstr(host, domain);
    return at != NULL && strstr(host, ".cluster-custom-") == NULL &&
           strstr(host, ".proxy-") == NULL;
}

/* Is the endpoint's server the one that was asked? Hosts have many names: TRI_UNKNOWN. */
static enum tri is_same_server(const struct dms_task *task, const struct pg_snap *pg,
                               const struct rds_snap *rds)
{
    const char *host = task->source_host;
    if (host == NULL)
        return TRI_UNKNOWN;
    if (same_host(host, pg->host) || (rds != NULL && is_theirs(rds, host)))
        return TRI_YES;
    return rds != NULL && rds->role != NULL && is_rds_name(host) ? TRI_NO : TRI_UNKNOWN;
}

static const struct pg_slot *slot_called(const struct pg_snap *pg, const char *name)
{
    for (size_t i = 0; i < pg->nslots; i++) {
        if (strcmp(pg->slots[i].name, name) == 0)
            return &pg->slots[i];
    }
    return NULL;
}

/* What DMS reads, by its user guide. */
static bool is_readable(const struct pg_slot *slot)
{
    return slot->plugin != NULL && (strcmp(slot->plugin, "test_decoding") == 0 ||
                                    strncmp(slot->plugin, "pglogical", 9) == 0);
}

enum dms_slot dms_slot(const struct dms_task *task, const struct pg_snap *pg,
                       const struct rds_snap *rds, const struct pg_slot **found, bool *sure)
{
    enum tri here = is_same_server(task, pg, rds);
    const struct pg_slot *slot = task->slot != NULL ? slot_called(pg, task->slot) : NULL;
    if (found != NULL)
        *found = slot;
    if (sure != NULL)
        *sure = here == TRI_YES;
    if (task->slot == NULL || !connector_facts_dms_postgres(task) || pg->slots_denied ||
        pg->in_recovery == TRI_YES || mem_is(task->migration, "full-load") || here == TRI_NO ||
        !mem_is(task->source_database, pg->database))
        return DMS_SLOT_UNTOLD;
    if (slot == NULL)
        return DMS_SLOT_MISSING;
    if (!is_readable(slot))
        return DMS_SLOT_OTHER_PLUGIN;
    bool theirs = slot->database == NULL || mem_is(slot->database, task->source_database);
    return theirs ? DMS_SLOT_THERE : DMS_SLOT_OTHER_DATABASE;
}
