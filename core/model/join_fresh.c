/* Freshness per hop: the age of the newest evidence that data came so far, by the clock of the
 * server that gave it, and the first hop that is late while the one before it is fresh. */
#include "base/lsn.h"
#include "model/join.h"

#include <stdio.h>

static void grow(int64_t *worst, int64_t v)
{
    if (v != UNKNOWN && (*worst == UNKNOWN || v > *worst))
        *worst = v;
}

/* The newest write: nothing is late here, a quiet database is quiet. */
static void fresh_source(const struct join *j, struct hop *hop)
{
    const struct series *wal = series_find(j->wp->series, "wal");
    if (series_samples(wal) >= 2)
        hop->age_ms = series_still_ms(wal);
}

/* What PostgreSQL was told to be safe: as old as the WAL that it stood at. */
static void fresh_slot(const struct join *j, struct hop *hop)
{
    const struct series *wal = series_find(j->wp->series, "wal");
    hop->budget_ms = j->wp->config->thresholds.slot_late_ms;
    for (size_t i = 0; i < j->out->nslots; i++) {
        const struct slot_row *s = &j->out->slots[i];
        bool more = false;
        if (s->owner == NULL || s->slot->confirmed_flush_lsn == LSN_NONE)
            continue;
        int64_t lag =
            series_lag_ms(wal, (double)s->slot->confirmed_flush_lsn, j->world->mono_ms, &more);
        if (lag != UNKNOWN && (hop->age_ms == UNKNOWN || lag > hop->age_ms))
            hop->age_more = more;
        grow(&hop->age_ms, lag);
    }
}

static void fresh_connectors(const struct join *j, struct hop *hop, bool sinks)
{
    const struct threshold_config *t = &j->wp->config->thresholds;
    hop->budget_ms = sinks ? t->lag_time_warn_ms : t->capture_late_ms;
    if (sinks)
        return;
    for (size_t i = 0; i < j->out->nconnectors; i++) {
        const struct connector_row *c = &j->out->connectors[i];
        if (c->facts->sink || c->behind_ms == UNKNOWN)
            continue;
        if (hop->age_ms == UNKNOWN || c->behind_ms > hop->age_ms)
            hop->age_more = c->behind_ms_more;
        grow(&hop->age_ms, c->behind_ms);
    }
}

/* The newest record of all: one quiet topic among busy ones is not late. */
static void fresh_topics(const struct join *j, struct hop *hop)
{
    int64_t now = world_server_now(j->world, j->index, SOURCE_KAFKA);
    char key[300];
    for (size_t i = 0; i < j->out->ntopics; i++) {
        const struct topic_row *t = &j->out->topics[i];
        int64_t age = UNKNOWN;
        (void)snprintf(key, sizeof(key), "end %s", t->base.name);
        const struct series *end = series_find(j->wp->series, key);
        if (t->newest_ms != UNKNOWN)
            age = now > t->newest_ms ? now - t->newest_ms : 0;
        else if (series_samples(end) >= 2)
            age = series_still_ms(end);
        if (age != UNKNOWN && (hop->age_ms == UNKNOWN || age < hop->age_ms))
            hop->age_ms = age;
    }
}

static void fresh_sink(const struct join *j, struct hop *hop)
{
    for (size_t i = 0; i < j->out->ngroups; i++) {
        const struct group_row *g = &j->out->groups[i];
        if (g->connector == NULL || g->lag_ms == UNKNOWN)
            continue;
        if (hop->age_ms == UNKNOWN || g->lag_ms > hop->age_ms)
            hop->age_more = g->lag_ms_more;
        grow(&hop->age_ms, g->lag_ms);
    }
    /* A sink that closes a file every hour is an hour behind on purpose. */
    for (size_t i = 0; i < j->out->nprefixes; i++) {
        const struct prefix_row *p = &j->out->prefixes[i];
        if (p->due_ms == DUE_NEVER)
            hop->budget_ms = UNKNOWN;
        else if (p->due_ms != UNKNOWN && hop->budget_ms != UNKNOWN &&
                 p->due_ms > j->wp->config->thresholds.lag_time_warn_ms)
            grow(&hop->budget_ms, p->due_ms + j->wp->config->thresholds.late_grace_ms);
    }
}

static void fresh_objects(const struct join *j, struct hop *hop)
{
    for (size_t i = 0; i < j->out->nprefixes; i++) {
        const struct prefix_row *p = &j->out->prefixes[i];
        if (p->newest_age_ms != UNKNOWN &&
            (hop->age_ms == UNKNOWN || p->newest_age_ms < hop->age_ms))
            hop->age_ms = p->newest_age_ms;
        /* Late is what the rotation says, topic by topic: join_prefixes has judged it. */
        hop->late = hop->late ||
                    (p->late_ms != UNKNOWN && p->late_ms > 0 && p->base.verdict >= VERDICT_WARN);
    }
}

void join_fresh(struct join *j)
{
    const enum source_kind of[HOP_COUNT] = {
        [HOP_SOURCE] = SOURCE_POSTGRES, [HOP_SLOT] = SOURCE_POSTGRES, [HOP_CAPTURE] = j->teller,
        [HOP_TOPICS] = SOURCE_KAFKA,    [HOP_SINK] = SOURCE_KAFKA,    [HOP_OBJECTS] = SOURCE_S3,
    };
    struct hop *hops = j->out->hops;
    for (int i = 0; i < HOP_COUNT; i++)
        hops[i].age_ms = hops[i].budget_ms = UNKNOWN;
    fresh_source(j, &hops[HOP_SOURCE]);
    fresh_slot(j, &hops[HOP_SLOT]);
    fresh_connectors(j, &hops[HOP_CAPTURE], false);
    fresh_topics(j, &hops[HOP_TOPICS]);
    fresh_connectors(j, &hops[HOP_SINK], true);
    fresh_sink(j, &hops[HOP_SINK]);
    fresh_objects(j, &hops[HOP_OBJECTS]);
    j->out->first_late = -1;
    for (int i = 0; i < HOP_COUNT; i++) {
        bool told = j->state[of[i]] == STATE_FRESH;
        if (!told) {
            hops[i].age_ms = UNKNOWN; /* an old age is no age */
            hops[i].late = false;
            continue;
        }
        if (hops[i].budget_ms != UNKNOWN && hops[i].age_ms != UNKNOWN)
            hops[i].late = hops[i].age_ms > hops[i].budget_ms;
        if (hops[i].late && j->out->first_late < 0)
            j->out->first_late = i;
    }
}
