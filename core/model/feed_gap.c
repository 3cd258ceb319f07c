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

/* Were its offsets deleted, or does a first snapshot run? Then it reads all of it anew. */
static bool begins_anew(const struct connect_connector *c)
{
    const char *snapshot =
        c->noffsets > 0 ? kv_find(c->offsets[0].values, c->offsets[0].nvalues, "snapshot") : NULL;
    return c->offsets_read &&
           (c->lsn == LSN_NONE || (snapshot != NULL && strcmp(snapshot, "BLOCKING") != 0));
}

/* When its offsets were read, by our monotonic clock. */
static int64_t read_at(const struct snapshot *connect, const struct connect_connector *c)
{
    return connect->mono_ms - (connect->wall_ms - c->offsets_ms);
}

/* The slot of one connector is there, and it was missing before. */
static void came_back(struct series_store *st, const struct snapshot *connect, int64_t t,
                      const struct pg_slot *slot, const struct connect_connector *c)
{
    char key[FEED_KEY];
    struct point missing;
    if (!series_at(series_find(st, feed_key(key, "missing", c->name)), 0, &missing) ||
        missing.v <= 0)
        return;
    /* A slot in the making has no position yet; and offsets that were read before may have been
     * deleted since, as it should be done. */
    if (slot->confirmed_flush_lsn == LSN_NONE || read_at(connect, c) < missing.t)
        return;
    double begins = (double)slot->confirmed_flush_lsn;
    if (!begins_anew(c) && begins > missing.v)
        note_gap(st, c->name, t, missing.v, begins);
    push(st, "missing", c->name, t, 0);
}

/* Looks for the slot of one connector. */
static void watch(struct series_store *st, const struct snapshot *connect,
                  const struct snapshot *snap, const struct connect_connector *c,
                  const char *slot_name)
{
    const struct pg_slot *slot = slot_of(&snap->pg, slot_name);
    double from = feed_newest(st, "gap_from", c->name);
    double to = feed_newest(st, "gap_to", c->name);
    if (!isnan(from) && !isnan(to))
        note_gap(st, c->name, snap->mono_ms, begins_anew(c) ? 0 : from, begins_anew(c) ? 0 : to);
    if (slot != NULL)
        came_back(st, connect, snap->mono_ms, slot, c);
    else if (c->offsets_read)
        push(st, "missing", c->name, snap->mono_ms, (double)c->lsn);
}

void feed_gap_postgres(struct world_pipeline *p, const struct snapshot *snap)
{
    /* Only Kafka Connect tells the offsets by which a gap is seen. */
    const struct snapshot *connect = p->sources[SOURCE_CONNECT].snap;
    for (size_t i = 0; connect != NULL && i < connect->connect.nconnectors; i++) {
        const struct connect_connector *c = &connect->connect.connectors[i];
        const char *slot = slot_name_of(c);
        if (slot != NULL)
            watch(p->series, connect, snap, c, slot);
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

/* May its driver confirm by itself, ahead of what is stored? */
static bool confirms_ahead(const struct connect_connector *c)
{
    const char *mode = kv_find(c->config, c->nconfig, "lsn.flush.mode");
    return mode != NULL && strcmp(mode, "connector_and_driver") == 0;
}

/* Moved back by hand? Then what lies between was sent before, and nothing is missing. */
static bool is_rewound(const struct series *offsets, double now)
{
    struct point p;
    for (int i = 0; series_at(offsets, i, &p); i++) {
        if (p.v > now)
            return true;
    }
    return false;
}

void feed_gap_connect(struct world_pipeline *p, const struct snapshot *snap)
{
    char key[FEED_KEY];
    struct series_store *st = p->series;
    for (size_t i = 0; i < snap->connect.nconnectors; i++) {
        const struct connect_connector *c = &snap->connect.connectors[i];
        const char *slot = slot_name_of(c);
        if (slot == NULL || !c->offsets_read || begins_anew(c) || confirms_ahead(c))
            continue;
        double stored = (double)c->lsn;
        int64_t read = read_at(snap, c) - OFFSET_SLACK_MS;
        double confirmed = value_then(series_find(st, feed_key(key, "confirmed", slot)), read);
        bool rewound = is_rewound(series_find(st, feed_key(key, "offset", c->name)), stored);
        if (isnan(confirmed))
            continue;
        double before = feed_newest(st, "ahead", c->name);
        double ahead = confirmed > stored && !rewound ? confirmed - stored : 0;
        push(st, "ahead", c->name, snap->mono_ms, ahead);
        /* Once it reads on, its offset jumps there, and only we remember. */
        if (ahead > 0 && before > 0 && c->state != NULL && strcmp(c->state, "RUNNING") == 0)
            note_gap(st, c->name, snap->mono_ms, stored, confirmed);
    }
}
