/* sim_source.c: a Debezium source: it holds its slot, reads the WAL, writes records, stores its
 * offset and confirms it. */
#include "demo/sim_int.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

enum {
    FLUSH_MS = 2000,      /* offset.flush.interval.ms of the workers */
    CONNECT_MS = 2500,    /* from a start to the first byte of the slot */
    RETRY_MS = 10 * 1000, /* slot.retry.delay.ms */
    START_MS = 1000,
};

static bool runs(const struct sim_source *s)
{
    return s->state == SIM_RUNNING && s->task.state == SIM_RUNNING;
}

/* ---- its slot -------------------------------------------------------------------------------- */

static void let_go(struct sim *sim, struct sim_source *s)
{
    if (s->slot < 0 || !sim->slots[s->slot].active)
        return;
    struct sim_slot *slot = &sim->slots[s->slot];
    slot->active = false;
    slot->pid = 0;
    slot->since_ms = sim->now_ms;
}

int sim_slot_make(struct sim *sim, const char *name, int source)
{
    int i = 0;
    while (i < sim->nslots && !sim->slots[i].dropped)
        i++;
    if (i == sim->nslots) {
        struct sim_slot *more = arena_array(sim->arena, (size_t)sim->nslots + 1, sizeof(*more));
        for (int k = 0; k < sim->nslots; k++)
            more[k] = sim->slots[k];
        sim->slots = more;
        sim->nslots++;
    }
    bool dms = source >= 0 && sim->sources[source].made->dms;
    sim->slots[i] = (struct sim_slot){.name = name,
                                      .plugin = dms ? "pglogical_output" : "pgoutput",
                                      .user = dms ? "dms" : "debezium",
                                      .source = source,
                                      .since_ms = sim->now_ms,
                                      .restart = sim->lsn - 56,
                                      .confirmed = sim->lsn,
                                      .catalog_xmin = sim->xid};
    return i;
}

void sim_slot_drop(struct sim *sim, struct sim_slot *slot)
{
    slot->dropped = true;
    if (slot->source < 0)
        return;
    struct sim_source *s = &sim->sources[slot->source];
    s->slot = -1;
    s->connect_ms = sim->now_ms + RETRY_MS;
}

/* Debezium makes a missing slot anew, from now on; without an offset it begins with a snapshot. */
static void make_slot(struct sim *sim, struct sim_source *s)
{
    s->slot = sim_slot_make(sim, s->slot_name, (int)(s - sim->sources));
    s->read = sim->lsn;
    for (int i = 0; i < s->ntables; i++)
        s->tables[i].pending = 0;
}

static void begin_initial(struct sim *sim, struct sim_source *s)
{
    int all[ARRAY_LEN(s->shot.tables)];
    int n = 0;
    for (int i = 0; i < s->ntables && n < (int)ARRAY_LEN(all); i++) {
        if (i != s->signal && i != s->heartbeat)
            all[n++] = i;
    }
    s->has_offset = true;
    s->emitted = s->stored = sim->lsn;
    s->stored_ms = sim->now_ms;
    sim_shot_start(sim, s, NULL, all, n, true, true);
}

/* True: it reads. */
static bool holds_slot(struct sim *sim, struct sim_source *s)
{
    if (sim->now_ms < s->connect_ms)
        return false;
    if (s->slot < 0)
        make_slot(sim, s);
    struct sim_slot *slot = &sim->slots[s->slot];
    if (slot->lost) { /* it tries again and again, and says RUNNING */
        s->connect_ms = sim->now_ms + RETRY_MS;
        return false;
    }
    if (!s->has_offset)
        begin_initial(sim, s);
    if (s->shot.runs && s->shot.initial)
        return false;
    if (!slot->active) {
        slot->active = true;
        slot->pid = sim->next_pid++;
        slot->since_ms = sim->now_ms;
        s->flush_next_ms = sim->now_ms + FLUSH_MS;
    }
    return true;
}

/* ---- its work -------------------------------------------------------------------------------- */

static void read_wal(struct sim *sim, struct sim_source *s, double dt)
{
    double behind = (double)(sim->lsn - s->read);
    double far = (double)s->made->capacity * dt;
    double part = behind <= far ? 1 : far / behind;
    double sent = 0;
    if (behind <= 0)
        return;
    for (int i = 0; i < s->ntables; i++) {
        struct sim_table *t = &s->tables[i];
        double k = part >= 1 ? t->pending : floor(t->pending * part);
        t->pending -= k;
        sent += k;
        if (k > 0 && t->topic >= 0)
            sim_topic_put(sim, &sim->topics[t->topic], k);
    }
    s->read = part >= 1 ? sim->lsn : s->read + (uint64_t)far;
    if (sent > 0)
        s->emitted = s->read;
}

/* It confirms what it has stored, never more. What it read of others' changes moves nothing. */
static void store_offset(struct sim *sim, struct sim_source *s)
{
    if (sim->now_ms < s->flush_next_ms)
        return;
    s->flush_next_ms = sim->now_ms + FLUSH_MS;
    if (s->emitted <= s->stored)
        return;
    s->stored = s->emitted;
    s->stored_ms = sim->now_ms;
    s->in_snapshot = s->shot.runs && s->shot.blocking;
    struct sim_slot *slot = &sim->slots[s->slot];
    if (s->stored > slot->confirmed)
        slot->confirmed = s->stored;
}

/* A record of its own, and the query that writes a row, which then comes back through the WAL. */
static void beat(struct sim *sim, struct sim_source *s)
{
    if (s->beat_ms == 0 || sim->now_ms < s->beat_next_ms)
        return;
    s->beat_next_ms = sim->now_ms + s->beat_ms;
    sim_topic_put(sim, &sim->topics[s->beat_topic], 1);
    sim_write(sim, s, s->heartbeat, 1);
}

void sim_source_tick(struct sim *sim, struct sim_source *s, double dt)
{
    if (s->task.state == SIM_RESTARTING && sim->now_ms - s->task.since_ms >= START_MS)
        s->task = (struct sim_task){SIM_RUNNING, sim->now_ms, NULL};
    bool database = sim->down[SOURCE_POSTGRES] == NULL;
    bool paused = s->state == SIM_PAUSED;
    if ((!runs(s) && !paused) || s->frozen || !database) {
        let_go(sim, s);
        return;
    }
    if (paused || !holds_slot(sim, s)) { /* paused: the slot stays in its hands */
        if (!paused && s->shot.runs && s->shot.initial)
            sim_shot_tick(sim, s, dt);
        return;
    }
    if (s->hung || sim->down[SOURCE_KAFKA] != NULL)
        return;
    if (s->shot.runs)
        sim_shot_tick(sim, s, dt);
    if (!s->shot.runs || !s->shot.blocking) {
        beat(sim, s);
        read_wal(sim, s, dt);
    }
    store_offset(sim, s);
}

/* What Connect was asked to make of it. */
void sim_source_state(struct sim *sim, struct sim_source *s, enum sim_state state)
{
    bool start = state == SIM_RUNNING && s->state != SIM_PAUSED;
    s->reason = s->failure = NULL;
    s->state = state;
    s->task = (struct sim_task){start ? SIM_RESTARTING : state, sim->now_ms, NULL};
    if (!start)
        return;
    let_go(sim, s);
    s->frozen = s->hung = false;
    s->connect_ms = sim->now_ms + CONNECT_MS;
}
