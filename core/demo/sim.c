/* The clockwork: what the database does by itself, and the order of a tick. */
#include "demo/sim_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CANDIDATE_MS = 15 * 1000, /* PostgreSQL logs its running transactions so often */
    RESTLESS_MS = 7 * 1000,   /* how long a mood of the load lasts */
    WAL_OF_ROW = 140,         /* headers and index entries of a written row */
};
#define DAY_MS (24.0 * 3600 * 1000)

/* splitmix64: every bit of the result depends on every bit of what went in. */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

double sim_noise(const struct sim *sim, uint64_t a, uint64_t b)
{
    return (double)(mix(sim->seed ^ mix(a ^ mix(b))) >> 11) / (double)(UINT64_C(1) << 53);
}

double sim_rhythm(const struct sim *sim, uint64_t id)
{
    int64_t wall = sim_wall(sim, sim->now_ms);
    uint64_t mood = (uint64_t)(wall / RESTLESS_MS);
    double part = (double)(wall % RESTLESS_MS) / RESTLESS_MS;
    double a = sim_noise(sim, id, mood);
    double b = sim_noise(sim, id, mood + 1);
    double restless = 0.5 + (a + (b - a) * part);
    /* Busiest in the early afternoon, quietest at night. */
    double day = 1 + 0.2 * sin(2 * M_PI * ((double)(wall % (int64_t)DAY_MS) / DAY_MS - 0.33));
    return restless * day;
}

struct sim_source *sim_find_source(const struct sim *sim, const char *name)
{
    for (int i = 0; name != NULL && i < sim->nsources; i++) {
        if (strcmp(sim->sources[i].name, name) == 0)
            return &sim->sources[i];
    }
    return NULL;
}

struct sim_sink *sim_find_sink(const struct sim *sim, const char *name)
{
    for (int i = 0; name != NULL && i < sim->nsinks; i++) {
        if (strcmp(sim->sinks[i].name, name) == 0)
            return &sim->sinks[i];
    }
    return NULL;
}

struct sim_slot *sim_find_slot(const struct sim *sim, const char *name)
{
    for (int i = 0; name != NULL && i < sim->nslots; i++) {
        if (!sim->slots[i].dropped && strcmp(sim->slots[i].name, name) == 0)
            return &sim->slots[i];
    }
    return NULL;
}

static int topic_by_name(const void *name, const void *topic)
{
    return strcmp(name, ((const struct sim_topic *)topic)->name);
}

struct sim_topic *sim_find_topic(const struct sim *sim, const char *name)
{
    return bsearch(name, sim->topics, (size_t)sim->ntopics, sizeof(*sim->topics), topic_by_name);
}

/* ---- the database ---------------------------------------------------------------------------- */

static void grow_wal(struct sim *sim, double bytes)
{
    sim->wal_due += bytes;
    uint64_t whole = (uint64_t)sim->wal_due & ~UINT64_C(7); /* records are aligned */
    sim->wal_due -= (double)whole;
    sim->lsn += whole;
}

void sim_write(struct sim *sim, struct sim_source *s, int table, double rows)
{
    struct sim_table *t = &s->tables[table];
    t->pending += rows;
    t->changes += (int64_t)rows;
    /* Two of three changes are new rows; those of heartbeat and signals are written over. */
    if (table < s->heartbeat || s->heartbeat < 0)
        t->rows += (int64_t)(rows * 2 / 3);
    grow_wal(sim, rows * (double)(t->made->row + WAL_OF_ROW));
    sim->xid += (uint32_t)(rows / 4) + 1;
}

static void write_tables(struct sim *sim, struct sim_source *s, double dt)
{
    for (int i = 0; i < s->ntables; i++) {
        struct sim_table *t = &s->tables[i];
        if (t->rate <= 0)
            continue;
        t->due +=
            t->rate * dt * sim_rhythm(sim, (uint64_t)(i + 1) * 977 + (uint64_t)(s - sim->sources));
        double rows = floor(t->due);
        t->due -= rows;
        if (rows > 0)
            sim_write(sim, s, i, rows);
    }
}

static uint64_t oldest_transaction(const struct sim *sim)
{
    uint64_t lsn = sim->lsn;
    for (int i = 0; i < sim->nholders; i++)
        lsn = sim->holders[i].lsn < lsn ? sim->holders[i].lsn : lsn;
    return lsn;
}

/* restart_lsn follows in steps: to a place where all transactions were known, once what was
 * confirmed has passed it. */
static void move_restarts(struct sim *sim)
{
    for (int i = 0; i < sim->nslots; i++) {
        struct sim_slot *slot = &sim->slots[i];
        if (slot->dropped || slot->lost || !slot->active)
            continue;
        if (slot->candidate > slot->restart && slot->confirmed >= slot->candidate) {
            slot->restart = slot->candidate;
            slot->catalog_xmin = sim->xid - 40;
        }
        if (slot->confirmed >= slot->candidate)
            slot->candidate = oldest_transaction(sim);
    }
}

/* WAL beyond the limit goes at a checkpoint, and with it the slots that need it. */
static void checkpoint(struct sim *sim)
{
    int64_t keep = sim->made->keep;
    for (int i = 0; keep > 0 && i < sim->nslots; i++) {
        struct sim_slot *slot = &sim->slots[i];
        if (slot->dropped || slot->lost || sim->lsn - slot->restart <= (uint64_t)keep)
            continue;
        slot->lost = true;
        slot->active = false;
        slot->since_ms = sim->now_ms;
    }
}

/* Somebody else's consumers do their work. */
static void read_foreign(struct sim *sim)
{
    for (int i = 0; i < sim->nslots; i++) {
        struct sim_slot *slot = &sim->slots[i];
        if (slot->source < 0 && slot->active && !slot->dropped && !slot->lost)
            slot->confirmed = sim->lsn;
    }
}

static void run_database(struct sim *sim, double dt)
{
    if (sim->down[SOURCE_POSTGRES] != NULL)
        return;
    for (int i = 0; i < sim->nsources; i++)
        write_tables(sim, &sim->sources[i], dt);
    grow_wal(sim, sim->wal_other * dt * sim_rhythm(sim, 7));
    sim->xid += 2;
    read_foreign(sim);
    if (sim->now_ms >= sim->candidate_next_ms) {
        sim->candidate_next_ms = sim->now_ms + CANDIDATE_MS;
        move_restarts(sim);
    }
    if (sim->now_ms >= sim->checkpoint_next_ms) {
        sim->checkpoint_next_ms = sim->now_ms + sim->made->checkpoint_ms;
        checkpoint(sim);
    }
}

/* ---- time ------------------------------------------------------------------------------------ */

static void tick(struct sim *sim)
{
    enum { MARK_MS = 1000 };
    double dt = SIM_TICK_MS / 1000.0;
    sim->now_ms += SIM_TICK_MS;
    sim_events(sim);
    run_database(sim, dt);
    if (sim->made->aws)
        sim_minute_tick(sim);
    for (int i = 0; i < sim->nsources; i++)
        sim_source_tick(sim, &sim->sources[i], dt);
    for (int i = 0; i < sim->nsinks; i++)
        sim_sink_tick(sim, &sim->sinks[i], dt);
    for (int i = 0; sim->now_ms % MARK_MS == 0 && i < sim->ntopics; i++)
        sim_topic_mark(sim, &sim->topics[i]);
}

void sim_advance(struct sim *sim, int64_t to_ms)
{
    while (sim->now_ms + SIM_TICK_MS <= to_ms)
        tick(sim);
}
