/* Gaps: a slot that was dropped and made anew goes on from now, and nothing in Connect's status
 * says that the changes in between are in no topic (seen with Debezium 2.7.4: RUNNING throughout).
 * Two traces are looked for:
 *
 *   the slot was missing, and the one that came back begins behind the connector's offset;
 *   a slot has confirmed more than the connector has stored. Debezium stores its offset first and
 *   confirms then, so whatever was stored at one time is at least what was confirmed before it.
 *
 * Series, by connector: missing (its offset while it has no slot, 0: there is one), ahead (bytes;
 * 0: as it should be), gap_from, gap_to (positions; kept alive as long as the slot is seen).
 */
#include "base/lsn.h"
#include "model/feed.h"

#include <math.h>
#include <string.h>

/* An offset is read up to so long before its time stamp. */
enum { OFFSET_SLACK_MS = 2000 };

/* The slot of a source connector of PostgreSQL, by its config; NULL: it is none. */
static const char *slot_name_of(const struct connect_connector *c)
{
    if (c->class_name == NULL || strstr(c->class_name, "PostgresConnector") == NULL)
        return NULL;
    const char *name = kv_find(c->config, c->nconfig, "slot.name");
    return name != NULL ? name : "debezium";
}

static const struct connect_snap *connect_of(const struct world_pipeline *p)
{
    const struct snapshot *snap = p->sources[SOURCE_CONNECT].snap;
    return snap != NULL ? &snap->connect : NULL;
}

static const struct pg_slot *slot_of(const struct pg_snap *pg, const char *name)
{
    for (size_t i = 0; i < pg->nslots; i++) {
        if (strcmp(pg->slots[i].name, name) == 0)
            return &pg->slots[i];
    }
    return NULL;
}

static void push(struct series_store *st, const char *what, const char *name, int64_t t, double v)
{
    char key[FEED_KEY];
    series_push_gauge(st, feed_key(key, what, name), t, v);
}

static void note_gap(struct series_store *st, const char *connector, int64_t t, double from,
                     double to)
{
    char key[FEED_KEY];
    series_push_counter(st, feed_key(key, "gap_from", connector), t, from);
    series_push_counter(st, feed_key(key, "gap_to", connector), t, to);
}

static void watch(struct series_store *st, int64_t t, const struct pg_snap *pg,
                  const struct connect_connector *c, const char *slot_name)
{
    const struct pg_slot *slot = slot_of(pg, slot_name);
    double from = feed_newest(st, "gap_from", c->name);
    double to = feed_newest(st, "gap_to", c->name);
    if (!isnan(from) && !isnan(to))
        note_gap(st, c->name, t, from, to);
    if (slot == NULL) {
        if (c->offsets_read)
            push(st, "missing", c->name, t, (double)c->lsn);
        return;
    }
    double stood = feed_newest(st, "missing", c->name);
    if (isnan(stood) || stood <= 0)
        return;
    /* A slot in the making has no position yet. */
    double begins = (double)slot->confirmed_flush_lsn;
    if (slot->confirmed_flush_lsn != LSN_NONE && begins > stood)
        note_gap(st, c->name, t, stood, begins);
    push(st, "missing", c->name, t, slot->confirmed_flush_lsn != LSN_NONE ? 0 : stood);
}

void feed_gap_postgres(struct world_pipeline *p, const struct snapshot *snap)
{
    const struct connect_snap *connect = connect_of(p);
    for (size_t i = 0; connect != NULL && i < connect->nconnectors; i++) {
        const struct connect_connector *c = &connect->connectors[i];
        const char *slot = slot_name_of(c);
        if (slot != NULL)
            watch(p->series, snap->mono_ms, &snap->pg, c, slot);
    }
}

/* What the series said at that time: of a counter the value before it, never one after it. */
static double value_then(const struct series *s, int64_t t)
{
    struct point p;
    for (int i = 0; series_at(s, i, &p); i++) {
        if (p.t <= t)
            return p.v;
    }
    return NAN;
}

void feed_gap_connect(struct world_pipeline *p, const struct snapshot *snap)
{
    char key[FEED_KEY];
    for (size_t i = 0; i < snap->connect.nconnectors; i++) {
        const struct connect_connector *c = &snap->connect.connectors[i];
        const char *slot = slot_name_of(c);
        if (slot == NULL || !c->offsets_read || c->lsn == LSN_NONE)
            continue;
        int64_t read = snap->mono_ms - (snap->wall_ms - c->offsets_ms) - OFFSET_SLACK_MS;
        double confirmed =
            value_then(series_find(p->series, feed_key(key, "confirmed", slot)), read);
        if (!isnan(confirmed))
            push(p->series, "ahead", c->name, snap->mono_ms,
                 confirmed > (double)c->lsn ? confirmed - (double)c->lsn : 0);
    }
}
