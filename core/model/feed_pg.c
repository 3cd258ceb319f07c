#include "base/lsn.h"
#include "model/feed.h"

#include <stdio.h>

const char *feed_key(char *buf, const char *what, const char *name)
{
    (void)snprintf(buf, FEED_KEY, "%s %s", what, name);
    return buf;
}

void feed_postgres(struct world_pipeline *p, const struct snapshot *snap)
{
    struct series_store *st = p->series;
    const struct pg_snap *pg = &snap->pg;
    int64_t t = snap->mono_ms;
    char key[FEED_KEY];
    if (pg->lsn_now != LSN_NONE)
        series_push_counter(st, "wal", t, (double)pg->lsn_now);
    for (size_t i = 0; i < pg->nslots; i++) {
        const struct pg_slot *s = &pg->slots[i];
        if (s->retained != UNKNOWN)
            series_push_gauge(st, feed_key(key, "retained", s->name), t, (double)s->retained);
        if (s->confirmed_flush_lsn != LSN_NONE)
            series_push_counter(st, feed_key(key, "confirmed", s->name), t,
                                (double)s->confirmed_flush_lsn);
        if (s->unconfirmed != UNKNOWN)
            series_push_gauge(st, feed_key(key, "unconfirmed", s->name), t, (double)s->unconfirmed);
        if (s->restart_lsn != LSN_NONE)
            series_push_counter(st, feed_key(key, "restart", s->name), t, (double)s->restart_lsn);
        /* First sight of an inactive slot: servers before 17 do not tell since when. */
        feed_key(key, "inactive", s->name);
        if (s->active == TRI_NO)
            series_push_gauge(st, key, t, 1);
        else if (s->active == TRI_YES && series_find(st, key) != NULL)
            series_push_gauge(st, key, t, 0);
    }
    for (size_t i = 0; i < pg->nrelations; i++) {
        const struct pg_relation *r = &pg->relations[i];
        if (r->changes == UNKNOWN)
            continue;
        (void)snprintf(key, sizeof(key), "changes %s.%s", r->schema, r->name);
        series_push_counter(st, key, t, (double)r->changes);
    }
}
