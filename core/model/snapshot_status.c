#include "model/snapshot_status.h"

#include "model/snapshot_int.h"
#include "model/snapshot_offsets.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    WINDOW_MS = 10 * 60 * 1000,  /* that an ETA rests on */
    MOVES_MS = 3 * 60 * 1000,    /* without a sign of life for so long nobody knows when it ends */
    DENIED_MS = 2 * 60 * 1000,   /* offsets that know nothing of it, so long after its last word */
    ASKED_FOR_MS = 5 * 60 * 1000 /* from our signal to what it starts */
};

static const char *const type_names[] = {
    [SNAPSHOT_FULL] = NULL,
    [SNAPSHOT_INITIAL] = "initial",
    [SNAPSHOT_BLOCKING] = "blocking",
    [SNAPSHOT_INCREMENTAL] = "incremental",
};
static_assert(sizeof(type_names) / sizeof(type_names[0]) == SNAPSHOT_TYPE_COUNT, "a name per type");

const char *snapshot_type_name(enum snapshot_type type)
{
    return (unsigned)type < SNAPSHOT_TYPE_COUNT ? type_names[type] : NULL;
}

/* ---- what the offsets say ---------------------------------------------------------------------
 */

struct offsets_say {
    struct snapshot_progress incremental; /* NOT_SEEN: none */
    const char *full;                     /* value of `snapshot` while one runs; NULL */
    int64_t source_ms;                    /* of the offset: when a full one began; UNKNOWN */
    const char *key;                      /* last key, raw: a sign of life */
};

static bool is_true(const char *text)
{
    return text != NULL && strcasecmp(text, "true") == 0;
}

static struct offsets_say ask_offsets(struct arena *arena, const struct connect_connector *c)
{
    struct offsets_say say = {.incremental = snapshot_offsets_progress(arena, c, NULL),
                              .source_ms = c->source_ms};
    for (size_t i = 0; i < c->noffsets; i++) {
        const struct connect_offset *o = &c->offsets[i];
        const char *full = kv_find(o->values, o->nvalues, "snapshot");
        const char *key = kv_find(o->values, o->nvalues, "incremental_snapshot_primary_key");
        say.key = key != NULL ? key : say.key;
        if (full != NULL && strcasecmp(full, "false") != 0 &&
            !is_true(kv_find(o->values, o->nvalues, "last_snapshot_record")) &&
            !is_true(kv_find(o->values, o->nvalues, "snapshot_completed")))
            say.full = full;
    }
    return say;
}

/* ---- who is right -----------------------------------------------------------------------------
 */

static struct snapshot_progress ask_notes(struct arena *arena, const struct snapshot_witness *w,
                                          const char *id)
{
    struct snapshot_query query = {
        .connector = w->facts->topic_prefix,
        .id = id,
        .since_ms = UNKNOWN,
        .signals = w->facts->signal_table,
    };
    bool told = w->kafka != NULL && w->facts->notification_topic != NULL;
    return snapshot_progress_build(arena, told ? w->kafka->notifications : NULL,
                                   told ? w->kafka->nnotifications : 0, &query);
}

static bool is_incremental(const struct snapshot_progress *p)
{
    return p->aggregate_type != NULL && strcmp(p->aggregate_type, "Incremental Snapshot") == 0;
}

/* The offsets know of an incremental snapshot that the newest notifications do not speak of. */
static bool offsets_know_better(struct arena *arena, const struct snapshot_witness *w,
                                const struct snapshot_progress *notes,
                                const struct offsets_say *say)
{
    if (say->incremental.state == SNAPSHOT_NOT_SEEN || snapshot_progress_running(notes))
        return false;
    if (say->incremental.id == NULL)
        return !is_incremental(notes);
    struct snapshot_progress same = ask_notes(arena, w, say->incremental.id);
    return same.state == SNAPSHOT_NOT_SEEN || snapshot_progress_running(&same);
}

/* The connector has stored a later position since, and that knows of no snapshot: its end was not
 * heard of. One that never read a chunk may not have been stored at all. */
static bool denied(const struct snapshot_witness *w, const struct snapshot_progress *p,
                   const struct offsets_say *say)
{
    const struct connect_connector *c = w->facts->connector;
    return snapshot_progress_running(p) && p->state >= SNAPSHOT_IN_PROGRESS && c->offsets_read &&
           c->noffsets > 0 && say->incremental.state == SNAPSHOT_NOT_SEEN && say->full == NULL &&
           p->updated_ms != UNKNOWN && say->source_ms != UNKNOWN &&
           say->source_ms - p->updated_ms > DENIED_MS;
}

static struct snapshot_progress full_by_offsets(const struct offsets_say *say)
{
    return (struct snapshot_progress){.state = SNAPSHOT_IN_PROGRESS,
                                      .aggregate_type = "Initial Snapshot",
                                      .started_ms = say->source_ms,
                                      .updated_ms = UNKNOWN,
                                      .ended_ms = UNKNOWN,
                                      .current = -1,
                                      .fraction = NAN};
}

/* `snapshot` stays in the offset after the end, until the next change is stored. */
static bool full_goes_on(const struct snapshot_progress *notes, const struct offsets_say *say)
{
    if (say->full == NULL || snapshot_progress_running(notes))
        return false;
    return notes->ended_ms == UNKNOWN || is_incremental(notes) ||
           (say->source_ms != UNKNOWN && notes->ended_ms < say->source_ms);
}

static void take_keys(struct snapshot_progress *p, const struct snapshot_progress *offsets)
{
    for (size_t i = 0; i < p->ntables && offsets->ntables > 0; i++) {
        struct snapshot_table *t = &p->tables[i];
        const struct snapshot_table *o = &offsets->tables[0];
        if (t->state <= TABLE_READING && isnan(t->fraction) && strcmp(t->name, o->name) == 0)
            t->fraction = o->fraction;
    }
}

static bool choose(struct arena *arena, const struct snapshot_witness *w,
                   const struct offsets_say *say, struct snapshot_status *out)
{
    struct snapshot_progress notes = ask_notes(arena, w, NULL);
    if (offsets_know_better(arena, w, &notes, say)) {
        struct snapshot_progress same = {.state = SNAPSHOT_NOT_SEEN};
        if (say->incremental.id != NULL)
            same = ask_notes(arena, w, say->incremental.id);
        out->by_notes = same.state != SNAPSHOT_NOT_SEEN;
        out->by_offsets = true;
        out->p = out->by_notes ? same : say->incremental;
    } else if (full_goes_on(&notes, say)) {
        out->by_offsets = true;
        out->p = full_by_offsets(say);
    } else {
        out->p = notes;
        out->by_notes = true;
        out->by_offsets = say->full != NULL || say->incremental.state != SNAPSHOT_NOT_SEEN;
    }
    if (is_incremental(&out->p))
        take_keys(&out->p, &say->incremental);
    if (denied(w, &out->p, say))
        out->p.state = SNAPSHOT_ABORTED;
    return out->p.state != SNAPSHOT_NOT_SEEN && out->p.state != SNAPSHOT_SKIPPED;
}

/* A pause that we signalled is all that is known of it without notifications. */
static void paused_by_us(const struct snapshot_witness *w, struct snapshot_status *out)
{
    const struct ledger_entry *e;
    const char *name = w->facts->connector->name;
    if (w->ledger == NULL || out->by_notes || !is_incremental(&out->p))
        return;
    for (size_t i = 0; (e = ledger_at(w->ledger, i)) != NULL; i++) {
        if (strcmp(e->target, name) != 0 || strncmp(e->verb, "snapshot", 8) != 0 ||
            e->accepted_mono_ms == UNKNOWN || e->state == LEDGER_FAILED)
            continue;
        if (strcmp(e->verb, "snapshot-pause") == 0)
            out->p.state = SNAPSHOT_PAUSED;
        return;
    }
}

/* Streaming begins after the initial snapshot, and goes on holding the slot through a blocking one
 * (2.3 to 3.7). */
static enum snapshot_type type_by_slot(const struct snapshot_witness *w)
{
    for (size_t i = 0; w->pg != NULL && w->facts->slot_name != NULL && i < w->pg->nslots; i++) {
        const struct pg_slot *slot = &w->pg->slots[i];
        if (strcmp(slot->name, w->facts->slot_name) == 0 && slot->active != TRI_UNKNOWN)
            return slot->active == TRI_YES ? SNAPSHOT_BLOCKING : SNAPSHOT_INITIAL;
    }
    return SNAPSHOT_FULL;
}

static enum snapshot_type type_of(const struct snapshot_witness *w, const struct offsets_say *say,
                                  const struct snapshot_progress *p)
{
    if (is_incremental(p))
        return SNAPSHOT_INCREMENTAL;
    if (say->full != NULL && strncasecmp(say->full, "blocking", 8) == 0)
        return SNAPSHOT_BLOCKING;
    if (say->full != NULL && strncasecmp(say->full, "initial", 7) == 0)
        return SNAPSHOT_INITIAL;
    enum snapshot_type by_slot = type_by_slot(w);
    if (snapshot_progress_running(p) && by_slot != SNAPSHOT_FULL)
        return by_slot;
    const struct ledger_entry *e;
    for (size_t i = 0; w->ledger != NULL && (e = ledger_at(w->ledger, i)) != NULL; i++) {
        if (e->blocking && e->state != LEDGER_FAILED && p->started_ms != UNKNOWN &&
            strcmp(e->target, w->facts->connector->name) == 0 &&
            llabs(p->started_ms - e->wall_ms) < ASKED_FOR_MS)
            return SNAPSHOT_BLOCKING;
    }
    /* The very first thing that was ever said. */
    bool first = w->kafka != NULL && w->kafka->nnotifications > 0 &&
                 w->kafka->notifications[0].offset == 0 &&
                 w->kafka->notifications[0].time_ms == p->started_ms;
    return first ? SNAPSHOT_INITIAL : SNAPSHOT_FULL;
}

/* ---- tables -----------------------------------------------------------------------------------
 */

static bool named(const char *full, const char *schema, const char *table)
{
    size_t n = strlen(schema);
    return strncmp(full, schema, n) == 0 && full[n] == '.' && strcmp(full + n + 1, table) == 0;
}

static int64_t counted_rows(const struct pg_snap *pg, const char *name)
{
    for (size_t i = 0; pg != NULL && i < pg->nrelations; i++) {
        const struct pg_relation *r = &pg->relations[i];
        if (r->live_rows != UNKNOWN && named(name, r->schema, r->name))
            return r->live_rows;
    }
    for (size_t i = 0; pg != NULL && i < pg->ntables; i++) {
        const struct pg_table *t = &pg->tables[i];
        if (t->live_rows != UNKNOWN && named(name, t->schema, t->name))
            return t->live_rows;
    }
    return UNKNOWN;
}

static void add_table(struct arena *arena, struct snapshot_progress *p, size_t *cap,
                      const char *signals, const char *schema, const char *name)
{
    const char *full = arena_printf(arena, "%s.%s", schema, name);
    if (signals != NULL && strcmp(full, signals) == 0)
        return; /* Debezium reads no rows of it */
    for (size_t i = 0; i < p->ntables; i++) {
        if (strcmp(p->tables[i].name, full) == 0)
            return;
    }
    struct snapshot_table *t = arena_push(arena, &p->tables, &p->ntables, cap, sizeof(*t));
    *t = (struct snapshot_table){.name = full, .rows = UNKNOWN, .total = UNKNOWN, .fraction = NAN};
}

/* Without notifications a full snapshot is of what the connector captures. */
static void captured_tables(struct arena *arena, const struct snapshot_witness *w,
                            struct snapshot_progress *p)
{
    size_t cap = 0;
    const struct connector_facts *f = w->facts;
    for (size_t i = 0; w->pg != NULL && i < w->pg->nrelations; i++) {
        const struct pg_relation *r = &w->pg->relations[i];
        if (connector_facts_captures(f, r->schema, r->name) == TRI_YES)
            add_table(arena, p, &cap, f->signal_table, r->schema, r->name);
    }
    for (size_t i = 0; w->pg != NULL && w->pg->nrelations == 0 && i < w->pg->ntables; i++) {
        const struct pg_table *t = &w->pg->tables[i];
        if (connector_facts_captures(f, t->schema, t->name) == TRI_YES)
            add_table(arena, p, &cap, f->signal_table, t->schema, t->name);
    }
}

const struct kafka_topic *snapshot_topic_of(struct arena *arena, const struct snapshot_witness *w,
                                            const char *table, int64_t *begin, int64_t *end)
{
    const char *dot = strchr(table, '.');
    if (dot == NULL || w->kafka == NULL)
        return NULL;
    const char *schema = arena_strndup(arena, table, (size_t)(dot - table));
    const char *name = connector_facts_table_topic(w->facts, arena, schema, dot + 1);
    const struct kafka_topic *topic = name != NULL ? kafka_find_topic(w->kafka, name) : NULL;
    *begin = *end = 0;
    for (size_t i = 0; topic != NULL && i < topic->npartitions; i++) {
        if (topic->partitions[i].end == UNKNOWN)
            return NULL;
        *end += topic->partitions[i].end;
        *begin += topic->partitions[i].begin != UNKNOWN ? topic->partitions[i].begin : 0;
    }
    return topic;
}

const char *snapshot_base_key(char *buf, const char *topic, const char *key)
{
    (void)snprintf(buf, FEED_KEY, "snapshot_base %s %s", topic, key);
    return buf;
}

/* Rows that the topic gained since the snapshot began; UNKNOWN when its beginning was not seen. */
static void take_growth(struct arena *arena, const struct snapshot_witness *w,
                        struct snapshot_status *out, struct snapshot_table *t)
{
    int64_t begin, end;
    char key[FEED_KEY];
    struct point base;
    const struct kafka_topic *topic = snapshot_topic_of(arena, w, t->name, &begin, &end);
    if (t->state >= TABLE_DONE || topic == NULL ||
        !series_at(series_find(w->series, snapshot_base_key(key, topic->name, out->key)), 0, &base))
        return;
    t->rows = end > (int64_t)base.v ? end - (int64_t)base.v : 0;
    if (t->rows > 0 && t->state == TABLE_WAITING)
        t->state = TABLE_READING;
    if (t->total != UNKNOWN && t->total > 0) /* never done before somebody says so */
        t->fraction = fmin((double)t->rows / (double)t->total, 0.99);
    out->by_growth = true;
}

static void fill_tables(struct arena *arena, const struct snapshot_witness *w,
                        struct snapshot_status *out)
{
    if (out->type != SNAPSHOT_INCREMENTAL && out->p.ntables == 0)
        captured_tables(arena, w, &out->p);
    for (size_t i = 0; i < out->p.ntables; i++) {
        struct snapshot_table *t = &out->p.tables[i];
        if (t->state >= TABLE_DONE && t->rows != UNKNOWN)
            t->total = t->rows;
        if (t->total == UNKNOWN)
            t->total = counted_rows(w->pg, t->name);
        if (out->type != SNAPSHOT_INCREMENTAL)
            take_growth(arena, w, out, t);
        else if (t->state == TABLE_READING && !isnan(t->fraction) && t->total != UNKNOWN)
            t->rows = (int64_t)(t->fraction * (double)t->total);
    }
}

/* ---- over time --------------------------------------------------------------------------------
 */

const char *snapshot_own_key(char *buf, const char *what, const struct snapshot_witness *w,
                             const struct snapshot_status *s)
{
    (void)snprintf(buf, FEED_KEY, "%s %.120s %s", what, w->facts->connector->name, s->key);
    return buf;
}

static void least(int64_t *at, int64_t ms)
{
    if (ms != UNKNOWN && (*at == UNKNOWN || ms < *at))
        *at = ms > 0 ? ms : 0;
}

/* A full snapshot says all its words at the beginning: there the topics' growth is the sign. */
static int64_t still_of(struct arena *arena, const struct snapshot_witness *w,
                        const struct snapshot_status *s)
{
    int64_t still = UNKNOWN, grown = UNKNOWN;
    char key[FEED_KEY];
    struct point last;
    if (s->by_notes && s->p.updated_ms != UNKNOWN)
        still = w->wall_ms > s->p.updated_ms ? w->wall_ms - s->p.updated_ms : 0;
    if (s->type == SNAPSHOT_INCREMENTAL) {
        const struct series *seen =
            series_find(w->series, snapshot_own_key(key, "snapshot_seen", w, s));
        /* Its first point is when we began to look, which is news only where nobody else tells. */
        if (series_at(seen, 0, &last) && (series_samples(seen) > 1 || !s->by_notes))
            least(&still, w->mono_ms - last.t);
        return still;
    }
    for (size_t i = 0; i < s->p.ntables; i++) {
        int64_t begin, end;
        const struct kafka_topic *topic =
            snapshot_topic_of(arena, w, s->p.tables[i].name, &begin, &end);
        const struct series *ends =
            topic != NULL ? series_find(w->series, feed_key(key, "end", topic->name)) : NULL;
        if (series_samples(ends) >= 2)
            least(&grown, series_still_ms(ends));
    }
    if (grown == UNKNOWN)
        return UNKNOWN;
    least(&grown, still);
    return grown;
}

static void project(const struct snapshot_witness *w, struct snapshot_status *s)
{
    char key[FEED_KEY];
    s->eta = (struct projection){.per_s = NAN};
    if (!snapshot_status_running(s) || s->p.state == SNAPSHOT_PAUSED ||
        (s->still_ms != UNKNOWN && s->still_ms > MOVES_MS))
        return;
    s->eta_by_rows = s->rows_left != UNKNOWN;
    const struct series *left = series_find(
        w->series,
        snapshot_own_key(key, s->eta_by_rows ? "snapshot_rows" : "snapshot_tables", w, s));
    s->eta =
        series_project(left, s->eta_by_rows ? (double)s->rows_left : s->tables_left, -1, WINDOW_MS);
}

/* A number that another key gives another one. */
static double mark_of(const char *text)
{
    uint32_t h = 2166136261U;
    for (; *text != '\0'; text++)
        h = (h ^ (unsigned char)*text) * 16777619U;
    return (double)h;
}

/* An ended one looks like any other. And an initial one whose slot is read by now has ended, though
 * its offset does not say so yet. */
static void remembered_type(const struct snapshot_witness *w, struct snapshot_status *out)
{
    char key[FEED_KEY];
    struct point seen;
    if (out->type == SNAPSHOT_INCREMENTAL ||
        !series_at(series_find(w->series, snapshot_own_key(key, "snapshot_type", w, out)), 0,
                   &seen))
        return;
    bool was_initial = (int)seen.v == SNAPSHOT_INITIAL;
    if (was_initial && out->type == SNAPSHOT_BLOCKING && !out->by_notes)
        out->p.state = SNAPSHOT_COMPLETED;
    if (was_initial || out->type == SNAPSHOT_FULL)
        out->type = was_initial ? SNAPSHOT_INITIAL : SNAPSHOT_BLOCKING;
}

static bool task_runs(const struct connect_connector *c)
{
    if (c->service != SERVICE_CONNECT)
        return true; /* managed services tell of no task */
    for (size_t i = 0; i < c->ntasks; i++) {
        if (c->tasks[i].state != NULL && strcmp(c->tasks[i].state, "RUNNING") == 0)
            return true;
    }
    return false;
}

bool snapshot_status_of(struct arena *arena, const struct snapshot_witness *w,
                        struct snapshot_status *out)
{
    *out =
        (struct snapshot_status){.rows_left = UNKNOWN, .still_ms = UNKNOWN, .eta = {.per_s = NAN}};
    if (!w->facts->source || w->facts->topic_prefix == NULL)
        return false;
    struct offsets_say say = ask_offsets(arena, w->facts->connector);
    if (!choose(arena, w, &say, out))
        return false;
    const struct connect_connector *c = w->facts->connector;
    out->halted = c->state == NULL || strcmp(c->state, "RUNNING") != 0 || !task_runs(c);
    paused_by_us(w, out);
    out->type = type_of(w, &say, &out->p);
    if (out->p.id != NULL)
        (void)snprintf(out->key, sizeof(out->key), "%s", out->p.id);
    else
        (void)snprintf(out->key, sizeof(out->key), "%lld", (long long)out->p.started_ms);
    remembered_type(w, out);
    fill_tables(arena, w, out);
    snapshot_weigh(out);
    out->mark = mark_of(say.key != NULL ? say.key : "") + (double)out->p.done;
    out->still_ms = still_of(arena, w, out);
    project(w, out);
    return true;
}

bool snapshot_status_running(const struct snapshot_status *s)
{
    return s != NULL && !s->halted && snapshot_progress_running(&s->p);
}

const char *snapshot_status_name(const struct snapshot_status *s)
{
    return s->halted && snapshot_progress_running(&s->p) ? "interrupted"
                                                         : snapshot_state_name(s->p.state);
}
