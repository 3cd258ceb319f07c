/* What keeps a connector from hearing a signal. */
#include "model/snapshot_status.h"

#include <stdio.h>
#include <string.h>

static enum tri published(const struct pg_snap *pg, const char *table)
{
    char name[300];
    enum tri known = TRI_UNKNOWN;
    for (size_t i = 0; pg != NULL && i < pg->ngrants; i++) {
        const struct pg_grant *g = &pg->grants[i];
        (void)snprintf(name, sizeof(name), "%s.%s", g->schema, g->table);
        if (strcmp(name, table) == 0 && g->published != TRI_UNKNOWN)
            known = g->published;
    }
    return known;
}

const char *snapshot_signal_fault(struct arena *arena, const struct connector_facts *facts,
                                  const struct pg_snap *pg, bool by_topic, const char **fix)
{
    const char *channel = by_topic ? "kafka" : "source";
    const char *table = facts->signal_table;
    const char *publication =
        facts->publication_name != NULL ? facts->publication_name : "dbz_publication";
    *fix = "";
    bool table_used = !by_topic && !facts->read_only;
    if ((by_topic || table_used) && !fact_list_has(&facts->signal_channels, channel)) {
        *fix = arena_printf(arena, "add %s to signal.enabled.channels", channel);
        return arena_printf(arena, "channel %s is not in signal.enabled.channels", channel);
    }
    if (table_used && (table == NULL || table[0] == '\0')) {
        *fix = "set signal.data.collection to the signal table";
        return "signal.data.collection is not set";
    }
    /* Also by the topic: the watermarks of an incremental snapshot go through the table, and are
     * heard only with this channel (2.7.4 stands still after its first chunk without either). */
    if (!facts->read_only && !fact_list_has(&facts->signal_channels, "source")) {
        *fix = "add source to signal.enabled.channels";
        return "channel source is not in signal.enabled.channels";
    }
    if (table != NULL && !facts->read_only && published(pg, table) == TRI_NO) {
        *fix = arena_printf(arena, "ALTER PUBLICATION %s ADD TABLE %s", publication, table);
        return arena_printf(arena, "signal table %s is not in publication %s", table, publication);
    }
    return NULL;
}
