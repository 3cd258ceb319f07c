/* How far snapshots are, over time: for their ETA, and for how long they stand still. */
#include "model/feed.h"
#include "model/snapshot_int.h"

#include <math.h>
#include <string.h>

/* Where the topic ended when the snapshot began: what is remembered of that moment, or nothing for
 * a topic that the initial snapshot itself has made. */
static double base_of(const struct snapshot_witness *w, const struct snapshot_status *s,
                      const struct snapshot_table *t, const struct kafka_topic *topic,
                      int64_t begin, int64_t end)
{
    char key[FEED_KEY];
    struct point p;
    const struct series *ends = series_find(w->series, feed_key(key, "end", topic->name));
    int64_t began =
        s->p.started_ms != UNKNOWN ? w->mono_ms - (w->wall_ms - s->p.started_ms) : INT64_MIN;
    for (int i = 0; series_at(ends, i, &p); i++) {
        if (p.t <= began)
            return p.v;
    }
    bool fresh =
        begin == 0 && s->type != SNAPSHOT_BLOCKING && t->total != UNKNOWN && end <= t->total;
    return fresh ? 0 : NAN;
}

static void feed_bases(struct arena *arena, struct series_store *series,
                       const struct snapshot_witness *w, const struct snapshot_status *s)
{
    char key[FEED_KEY];
    struct point old;
    for (size_t i = 0; i < s->p.ntables; i++) {
        int64_t begin, end;
        const struct kafka_topic *topic =
            snapshot_topic_of(arena, w, s->p.tables[i].name, &begin, &end);
        if (topic == NULL)
            continue;
        double base =
            series_at(series_find(series, snapshot_base_key(key, topic->name, s->key)), 0, &old)
                ? old.v
                : base_of(w, s, &s->p.tables[i], topic, begin, end);
        if (!isnan(base))
            series_push_change(series, snapshot_base_key(key, topic->name, s->key), w->mono_ms,
                               base);
    }
}

/* Two answers that come at the same moment tell no pace. */
static void push_left(struct series_store *series, const char *key, int64_t t, double left)
{
    enum { APART_MS = 900 };
    struct point last;
    bool any = series_at(series_find(series, key), 0, &last);
    series_push_change(series, key, t, any && t - last.t < APART_MS ? last.v : left);
}

static void feed_one(struct arena *scratch, struct series_store *series,
                     const struct snapshot_witness *w)
{
    struct snapshot_status s;
    char key[FEED_KEY];
    bool runs = snapshot_status_of(scratch, w, &s) && snapshot_status_running(&s);
    if (runs && s.type != SNAPSHOT_INCREMENTAL && w->kafka != NULL) {
        feed_bases(scratch, series, w, &s);
        if (s.type != SNAPSHOT_FULL)
            series_push_change(series, snapshot_own_key(key, "snapshot_type", w, &s), w->mono_ms,
                               (double)s.type);
        runs = snapshot_status_of(scratch, w, &s); /* again: now with the bases */
    }
    if (runs) {
        series_push_change(series, snapshot_own_key(key, "snapshot_seen", w, &s), w->mono_ms,
                           s.mark);
        push_left(series, snapshot_own_key(key, "snapshot_tables", w, &s), w->mono_ms,
                  s.tables_left);
        if (s.rows_left != UNKNOWN)
            push_left(series, snapshot_own_key(key, "snapshot_rows", w, &s), w->mono_ms,
                      (double)s.rows_left);
    }
}

/* Most connectors, most of the time: nothing speaks of a snapshot. */
static bool signs(const struct connect_connector *c, const struct kafka_snap *kafka)
{
    bool any = kafka != NULL && kafka->nnotifications > 0;
    for (size_t i = 0; !any && i < c->noffsets; i++) {
        for (size_t k = 0; !any && k < c->offsets[i].nvalues; k++)
            any = strstr(c->offsets[i].values[k].key, "snapshot") != NULL;
    }
    return any && c->type != NULL && strcmp(c->type, "source") == 0;
}

static void feed_service(struct world_pipeline *p, const struct snapshot *connect,
                         const struct snapshot *snap)
{
    const struct snapshot *kafka = p->sources[SOURCE_KAFKA].snap;
    const struct snapshot *pg = p->sources[SOURCE_POSTGRES].snap;
    for (size_t i = 0; i < connect->connect.nconnectors; i++) {
        const struct connect_connector *c = &connect->connect.connectors[i];
        if (!signs(c, kafka != NULL ? &kafka->kafka : NULL))
            continue;
        struct arena *scratch = arena_new();
        struct snapshot_witness w = {.facts = connector_facts_of(c, scratch),
                                     .kafka = kafka != NULL ? &kafka->kafka : NULL,
                                     .pg = pg != NULL ? &pg->pg : NULL,
                                     .series = p->series,
                                     .ledger = &p->ledger,
                                     .mono_ms = snap->mono_ms,
                                     .wall_ms = snap->wall_ms};
        feed_one(scratch, p->series, &w);
        arena_free(scratch);
    }
}

void feed_snapshots(struct world_pipeline *p, const struct snapshot *snap)
{
    for (int s = 0; s < SERVICE_COUNT; s++) {
        const struct snapshot *connect = p->sources[service_source((enum connect_service)s)].snap;
        if (connect != NULL)
            feed_service(p, connect, snap);
    }
}
