#include "base/lsn.h"
#include "model/feed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* The ring of a gauge that moves with every poll spans minutes; "trail" must span slot_slow. */
enum { BEHIND_SPACING_MS = 10 * 1000, BEHIND_SAMPLES = 12 };

const char *feed_key(char *buf, const char *what, const char *name)
{
    (void)snprintf(buf, FEED_KEY, "%s %s", what, name);
    return buf;
}

double feed_newest(const struct series_store *store, const char *what, const char *name)
{
    char key[FEED_KEY];
    struct point p;
    return series_at(series_find(store, feed_key(key, what, name)), 0, &p) ? p.v : NAN;
}

/* Was this slot there in the poll before? One that was not begins anew, whatever its name says. */
static bool is_known(const struct series_store *st, const char *name, int64_t before)
{
    char key[FEED_KEY];
    const struct series *s = series_find(st, feed_key(key, "inactive", name));
    return s != NULL && s->touched >= before;
}

/* Since when it is inactive, as far as we saw it: servers before 17 do not tell. restart_lsn of a
 * slot that nobody reads never moves: if it did, somebody read it or made it anew between two
 * polls. */
static void feed_inactive(struct series_store *st, int64_t t, const struct pg_slot *s,
                          int64_t before)
{
    char key[FEED_KEY];
    double since = feed_newest(st, "inactive", s->name);
    double restart = feed_newest(st, "restart", s->name);
    bool same = is_known(st, s->name, before) &&
                (isnan(restart) || s->restart_lsn == LSN_NONE || restart == (double)s->restart_lsn);
    if (s->active == TRI_NO && same && since > 0)
        series_push_counter(st, feed_key(key, "inactive", s->name), t, since);
    else if (s->active != TRI_UNKNOWN)
        series_push_counter(st, feed_key(key, "inactive", s->name), t,
                            s->active == TRI_NO ? (double)t : 0);
}

static void feed_behind(struct world_pipeline *p, int64_t t, const struct pg_slot *s)
{
    char key[FEED_KEY];
    struct point last;
    int64_t spacing = p->config->thresholds.slot_slow_ms / BEHIND_SAMPLES;
    feed_key(key, "trail", s->name);
    if (spacing > BEHIND_SPACING_MS)
        spacing = BEHIND_SPACING_MS;
    if (!series_at(series_find(p->series, key), 0, &last) || t - last.t >= spacing)
        series_push_gauge(p->series, key, t, (double)s->unconfirmed);
}

static void feed_slot(struct world_pipeline *p, int64_t t, const struct pg_slot *s, int64_t before)
{
    struct series_store *st = p->series;
    char key[FEED_KEY];
    feed_inactive(st, t, s, before);
    if (s->retained != UNKNOWN)
        series_push_gauge(st, feed_key(key, "retained", s->name), t, (double)s->retained);
    if (s->confirmed_flush_lsn != LSN_NONE)
        series_push_counter(st, feed_key(key, "confirmed", s->name), t,
                            (double)s->confirmed_flush_lsn);
    if (s->unconfirmed != UNKNOWN) {
        series_push_gauge(st, feed_key(key, "unconfirmed", s->name), t, (double)s->unconfirmed);
        feed_behind(p, t, s);
    }
    if (s->restart_lsn != LSN_NONE)
        series_push_counter(st, feed_key(key, "restart", s->name), t, (double)s->restart_lsn);
    if (s->walsender != NULL && s->walsender->backend_start_ms > 0)
        series_push_counter(st, feed_key(key, "sender", s->name), t,
                            (double)s->walsender->backend_start_ms);
    if (s->spill_bytes != UNKNOWN)
        series_push_counter(st, feed_key(key, "spill", s->name), t, (double)s->spill_bytes);
}

static void feed_relations(struct series_store *st, int64_t t, const struct pg_snap *pg)
{
    char key[FEED_KEY];
    for (size_t i = 0; i < pg->nrelations; i++) {
        const struct pg_relation *r = &pg->relations[i];
        if (r->changes == UNKNOWN)
            continue;
        (void)snprintf(key, sizeof(key), "changes %s.%s", r->schema, r->name);
        series_push_counter(st, key, t, (double)r->changes);
    }
}

/* Is it the server that we asked before? Its identifier and timeline as one figure: compared only.
 */
static void feed_identity(struct series_store *st, int64_t t, const struct pg_snap *pg)
{
    if (pg->started_ms > 0)
        series_push_counter(st, "started", t, (double)pg->started_ms);
    if (pg->system_identifier == NULL || pg->timeline == UNKNOWN)
        return;
    uint64_t id = strtoull(pg->system_identifier, NULL, 10);
    double now = (double)((id ^ (uint64_t)pg->timeline << 40) & ((UINT64_C(1) << 52) - 1));
    struct point last;
    struct point moved = {0};
    bool known = series_at(series_find(st, "system"), 0, &last);
    (void)series_at(series_find(st, "moved"), 0, &moved);
    series_push_counter(st, "moved", t, moved.v + (known && last.v != now ? 1 : 0));
    series_push_gauge(st, "system", t, now);
}

void feed_postgres(struct world_pipeline *p, const struct snapshot *snap)
{
    struct series_store *st = p->series;
    const struct pg_snap *pg = &snap->pg;
    int64_t t = snap->mono_ms;
    struct point last = {0};
    (void)series_at(series_find(st, "polled"), 0, &last);
    if (pg->lsn_now != LSN_NONE)
        series_push_counter(st, "wal", t, (double)pg->lsn_now);
    for (size_t i = 0; i < pg->nslots; i++)
        feed_slot(p, t, &pg->slots[i], last.t);
    feed_relations(st, t, pg);
    feed_identity(st, t, pg);
    feed_gap_postgres(p, snap);
    series_push_gauge(st, "polled", t, 1);
}
