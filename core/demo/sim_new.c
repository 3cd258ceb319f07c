/* sim_new.c: a pipeline as it stands when the demo begins: with a past, as if it had run for days.
 */
#include "demo/sim_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEPT_DAYS = 3,
    HOUR_MS = 3600 * 1000,
    LISTED_MS = 2 * HOUR_MS,
    CHANCE_TOPIC = 41,
    FIRST_PID = 21874
};
#define FIRST_LSN UINT64_C(0x2C91A40B18)
#define SPAN_S    (KEPT_DAYS * 24 * 3600.0)

static const struct scenario_table heartbeat_table = {"heartbeat", 0, 60, 1, 1, true, false};
static const struct scenario_table signal_table = {"debezium_signal", 0, 200, 0, 1, true, false};

static char *numbered(struct sim *sim, const char *name, const char *sep, int64_t copies, int i)
{
    return copies > 1 ? arena_printf(sim->arena, "%s%s%02d", name, sep, i + 1)
                      : arena_strdup(sim->arena, name);
}

/* ---- topics ---------------------------------------------------------------------------------- */

static void new_parts(struct sim *sim, struct sim_topic *t, int n, double rows)
{
    double sum = 0;
    t->nparts = n;
    t->parts = arena_array(sim->arena, (size_t)n, sizeof(*t->parts));
    for (int p = 0; p < n; p++)
        sum += t->parts[p].share =
            0.8 +
            0.4 * sim_noise(sim, CHANCE_TOPIC, (uint64_t)(t - sim->topics) * 1000 + (uint64_t)p);
    for (int p = 0; p < n; p++) {
        struct sim_part *part = &t->parts[p];
        part->share /= sum;
        part->leader = p % (int)sim->made->brokers + 1;
        part->replicas = part->isr = sim->made->brokers < 3 ? (int)sim->made->brokers : 3;
        part->end = (int64_t)((rows + t->per_s * SPAN_S) * part->share);
        part->begin = part->end / 8;
        part->position = part->committed = part->end;
        part->newest_ms = t->per_s > 0 ? -(int64_t)(500 / t->per_s) : -LISTED_MS;
    }
}

static void new_topic(struct sim *sim, const char *name, const struct scenario_table *table)
{
    struct sim_topic *t = &sim->topics[sim->ntopics++];
    *t = (struct sim_topic){.name = name, .record = 240, .sink = -1};
    if (table != NULL) {
        t->record = table->row + 380; /* before, after and source of an envelope */
        t->per_s = table->rate;
    }
}

/* Names first, for partitions and references want their final places. */
static void name_topics(struct sim *sim, const struct sim_source *s)
{
    struct arena *a = sim->arena;
    for (size_t i = 0; i < s->made->ntables; i++)
        new_topic(sim, arena_printf(a, "%s.public.%s", s->prefix, s->made->tables[i].name),
                  &s->made->tables[i]);
    new_topic(sim, arena_printf(a, "%s.public.%s", s->prefix, heartbeat_table.name),
              &heartbeat_table);
    new_topic(sim, arena_printf(a, "%s.public.%s", s->prefix, signal_table.name), &signal_table);
    new_topic(sim, arena_printf(a, "__debezium-heartbeat.%s", s->prefix), NULL);
    new_topic(sim, arena_printf(a, "%s-notifications", s->prefix), NULL);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct sim_topic *)a)->name, ((const struct sim_topic *)b)->name);
}

static int topic_index(struct sim *sim, const char *name)
{
    const struct sim_topic *t = sim_find_topic(sim, name);
    return t != NULL ? (int)(t - sim->topics) : -1;
}

/* ---- sources --------------------------------------------------------------------------------- */

static void name_source(struct sim *sim, struct sim_source *s, const struct scenario_source *made,
                        int copy)
{
    *s = (struct sim_source){.made = made,
                             .name = numbered(sim, made->name, "-", made->copies, copy),
                             .prefix = numbered(sim, made->prefix, "", made->copies, copy),
                             .slot_name = numbered(sim, made->slot, "_", made->copies, copy),
                             .slot = -1,
                             .has_offset = true,
                             .beat_ms = made->heartbeat_ms};
}

static void fill_source(struct sim *sim, struct sim_source *s)
{
    struct arena *a = sim->arena;
    s->ntables = (int)s->made->ntables + 2;
    s->heartbeat = s->ntables - 2;
    s->signal = s->ntables - 1;
    s->tables = arena_array(a, (size_t)s->ntables, sizeof(*s->tables));
    for (int i = 0; i < s->ntables; i++) {
        struct sim_table *t = &s->tables[i];
        t->made = i == s->heartbeat ? &heartbeat_table
                  : i == s->signal  ? &signal_table
                                    : &s->made->tables[i];
        t->rate = t->made->rate;
        t->rows = t->made->rows;
        t->changes = t->rows + (int64_t)(t->rate * SPAN_S);
        t->topic = topic_index(sim, arena_printf(a, "%s.public.%s", s->prefix, t->made->name));
        new_parts(sim, &sim->topics[t->topic], (int)t->made->partitions, (double)t->rows);
    }
    for (int i = s->heartbeat; s->made->dms && i < s->ntables; i++)
        sim->topics[s->tables[i].topic].hidden = true;
    s->beat_topic = topic_index(sim, arena_printf(a, "__debezium-heartbeat.%s", s->prefix));
    s->note_topic = topic_index(sim, arena_printf(a, "%s-notifications", s->prefix));
    new_parts(sim, &sim->topics[s->beat_topic], 1, s->beat_ms > 0 ? 50000 : 0);
    sim->topics[s->beat_topic].hidden = sim->topics[s->note_topic].hidden = s->made->dms;
    new_parts(sim, &sim->topics[s->note_topic], 1, 0);
    s->slot = sim_slot_make(sim, s->slot_name, (int)(s - sim->sources));
    sim->slots[s->slot].active = true;
    sim->slots[s->slot].pid = sim->next_pid++;
    sim->slots[s->slot].since_ms = -(int64_t)(SPAN_S * 1000 * sim_noise(sim, 5, (uint64_t)s->slot));
    s->read = s->emitted = s->stored = sim->lsn;
    sim_source_config(sim, s);
}

/* ---- sinks ----------------------------------------------------------------------------------- */

/* Offsets as they were at a time before the demo. */
static int64_t end_at(const struct sim_topic *t, const struct sim_part *part, int64_t ago_ms)
{
    double back = t->per_s * part->share * (double)ago_ms / 1000;
    return (double)part->end > back ? part->end - (int64_t)back : 0;
}

static void add_object(const struct sim *sim, struct sim_topic *t, int p, int64_t from, int64_t to,
                       int64_t at_ms)
{
    if (to <= from)
        return;
    t->objects[t->next] = (struct sim_object){.start = from,
                                              .records = to - from,
                                              .size = (to - from) * t->record,
                                              .time_ms = at_ms,
                                              .partition = (int32_t)p,
                                              .hour = sim_hour(sim, at_ms - 1)};
    t->next = (t->next + 1) % SIM_OBJECTS;
    t->nobjects += t->nobjects < SIM_OBJECTS;
    t->seen++;
    t->seen_bytes += (to - from) * t->record;
}

/* Files that the clock has closed. */
static void past_by_clock(struct sim *sim, struct sim_topic *t, const struct sim_sink *s)
{
    int64_t since = sim_wall(sim, 0) % s->rotate_ms;
    int64_t n = LISTED_MS / s->rotate_ms;
    n = n > SIM_OBJECTS ? SIM_OBJECTS : n < 1 ? 1 : n;
    for (int64_t k = n; k >= 0; k--) {
        for (int p = 0; p < t->nparts; p++) {
            struct sim_part *part = &t->parts[p];
            int64_t ago = since + k * s->rotate_ms;
            add_object(sim, t, p, end_at(t, part, ago + s->rotate_ms), end_at(t, part, ago), -ago);
            part->committed = end_at(t, part, since);
            part->opened_ms = part->committed < part->position ? -since : 0;
        }
    }
}

/* The file with this number of an hour that began and ended so long ago; ends below 0: not yet. */
static void past_file(const struct sim *sim, struct sim_topic *t, int p, int64_t begins,
                      int64_t ends, int64_t before)
{
    struct sim_part *part = &t->parts[p];
    int64_t from = end_at(t, part, begins) + before;
    int64_t to = ends < 0 ? part->end : end_at(t, part, ends);
    int64_t flush = sim->sinks[t->sink].made->flush_size;
    bool full = to - from >= flush;
    if (to <= from || (!full && ends < 0))
        return;
    double per_ms = t->per_s * part->share / 1000;
    int64_t ago = full ? begins - (int64_t)((double)(before + flush) / per_ms) : ends;
    part->committed = full ? from + flush : to;
    add_object(sim, t, p, from, part->committed, -ago);
}

/* Files that were full, and at the end of an hour those that were not. */
static void past_by_count(const struct sim *sim, struct sim_topic *t, const struct sim_sink *s)
{
    int64_t since = sim_wall(sim, 0) % HOUR_MS;
    int64_t flush = s->made->flush_size;
    int64_t most = (int64_t)(t->per_s * (HOUR_MS / 1000.0)) / flush;
    most = most < SIM_OBJECTS ? most : SIM_OBJECTS;
    for (int p = 0; p < t->nparts; p++)
        t->parts[p].committed = end_at(t, &t->parts[p], since);
    for (int64_t begins = since + LISTED_MS; begins >= 0; begins -= HOUR_MS) {
        for (int64_t i = 0; i <= most; i++) {
            for (int p = 0; p < t->nparts; p++)
                past_file(sim, t, p, begins, begins - HOUR_MS, i * flush);
        }
    }
    for (int p = 0; p < t->nparts; p++) {
        struct sim_part *part = &t->parts[p];
        int64_t open = part->end - part->committed;
        double per_ms = t->per_s * part->share / 1000;
        part->opened_ms = open > 0 && per_ms > 0 ? -(int64_t)((double)open / per_ms) : 0;
    }
}

static void fill_sink(struct sim *sim, struct sim_sink *s, const struct sim_source *source, int nth,
                      int of)
{
    s->topics = arena_array(sim->arena, (size_t)source->ntables, sizeof(*s->topics));
    int k = 0;
    for (int i = 0; i < source->ntables; i++) {
        const struct sim_table *table = &source->tables[i];
        if (!table->made->read || i == source->heartbeat || i == source->signal || k++ % of != nth)
            continue;
        struct sim_topic *t = &sim->topics[table->topic];
        s->topics[s->ntopics++] = table->topic;
        t->sink = (int)(s - sim->sinks);
        t->objects = arena_array(sim->arena, SIM_OBJECTS, sizeof(*t->objects));
        if (s->rotate_ms > 0)
            past_by_clock(sim, t, s);
        else
            past_by_count(sim, t, s);
    }
    sim_sink_config(sim, s);
}

static void new_sinks(struct sim *sim, const struct scenario_sink *made)
{
    for (int i = 0; i < sim->nsources; i++) {
        const struct sim_source *source = &sim->sources[i];
        if (strcmp(source->made->name, made->source) != 0)
            continue;
        const char *base = numbered(sim, made->name, "-", source->made->copies,
                                    i); /* copies of a source come in a row */
        for (int k = 0; k < made->copies; k++) {
            struct sim_sink *s = &sim->sinks[sim->nsinks++];
            *s = (struct sim_sink){.made = made,
                                   .name = numbered(sim, base, "-", made->copies, k),
                                   .source = source->name,
                                   .ntasks = (int)made->tasks,
                                   .rotate_ms = made->rotate_ms};
            fill_sink(sim, s, source, k, (int)made->copies);
        }
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void new_slots(struct sim *sim)
{
    for (size_t i = 0; i < sim->made->nslots; i++) {
        const struct scenario_slot *made = &sim->made->slots[i];
        int at = sim_slot_make(sim, made->name, -1);
        struct sim_slot *slot = &sim->slots[at];
        slot->plugin = made->plugin;
        slot->user = made->user;
        slot->active = made->active;
        slot->pid = made->active ? sim->next_pid++ : 0;
        slot->since_ms = -made->idle_ms;
        slot->restart = sim->lsn - (uint64_t)made->retains;
        slot->confirmed = made->active ? sim->lsn : slot->restart + 56;
        slot->catalog_xmin = sim->xid - (uint32_t)(made->retains / 4000);
    }
}

static void count_all(struct sim *sim)
{
    size_t sources = 0, topics = 0, sinks = 0;
    for (size_t i = 0; i < sim->made->nsources; i++) {
        const struct scenario_source *s = &sim->made->sources[i];
        sources += (size_t)s->copies;
        topics += (size_t)s->copies * (s->ntables + 4);
        for (size_t k = 0; k < sim->made->nsinks; k++) {
            if (strcmp(sim->made->sinks[k].source, s->name) == 0)
                sinks += (size_t)(s->copies * sim->made->sinks[k].copies);
        }
    }
    sim->sources = arena_array(sim->arena, sources, sizeof(*sim->sources));
    sim->topics = arena_array(sim->arena, topics, sizeof(*sim->topics));
    sim->sinks = arena_array(sim->arena, sinks + 1, sizeof(*sim->sinks));
}

struct sim *sim_new(const struct scenario *scenario, size_t index, uint64_t seed, int64_t base_ms)
{
    struct arena *arena = arena_new();
    struct sim *sim = arena_alloc(arena, sizeof(*sim));
    *sim = (struct sim){.scenario = scenario,
                        .made = &scenario->pipelines[index],
                        .arena = arena,
                        .seed = seed + index * 1000003,
                        .base_ms = base_ms,
                        .lsn = FIRST_LSN,
                        .xid = 482117331,
                        .next_pid = FIRST_PID};
    sim->wal_other = (double)sim->made->wal_other;
    sim->checkpoint_next_ms = sim->made->checkpoint_ms;
    sim->happened = arena_array(arena, scenario->nevents + 1, sizeof(bool));
    count_all(sim);
    for (size_t i = 0; i < sim->made->nsources; i++) {
        for (int64_t k = 0; k < sim->made->sources[i].copies; k++) {
            struct sim_source *s = &sim->sources[sim->nsources++];
            name_source(sim, s, &sim->made->sources[i], (int)k);
            name_topics(sim, s);
        }
    }
    qsort(sim->topics, (size_t)sim->ntopics, sizeof(*sim->topics), by_name);
    new_slots(sim);
    for (int i = 0; i < sim->nsources; i++)
        fill_source(sim, &sim->sources[i]);
    for (size_t i = 0; i < sim->made->nsinks; i++)
        new_sinks(sim, &sim->made->sinks[i]);
    if (sim->made->aws)
        sim_minute_first(sim);
    return sim;
}

void sim_free(struct sim *sim)
{
    if (sim != NULL)
        arena_free(sim->arena);
}
