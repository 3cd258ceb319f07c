#include "base/lsn.h"
#include "model/dms_task.h"
#include "model/feed.h"

void feed_connect(struct world_pipeline *p, const struct snapshot *snap)
{
    const struct connect_snap *connect = &snap->connect;
    char key[FEED_KEY];
    connector_history_feed(p->history, snap);
    for (size_t i = 0; i < connect->nconnectors; i++) {
        const struct connect_connector *c = &connect->connectors[i];
        if (c->lsn != LSN_NONE)
            series_push_gauge(p->series, feed_key(key, "offset", c->name), snap->mono_ms,
                              (double)c->lsn);
        int64_t moved = c->dms != NULL ? dms_moved(c->dms) : UNKNOWN;
        if (moved != UNKNOWN)
            series_push_counter(p->series, feed_key(key, "rows", c->name), snap->mono_ms,
                                (double)moved);
    }
    feed_gap_connect(p, snap);
}
