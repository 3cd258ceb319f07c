/* sim_minute.c: what CloudWatch counts, a figure per minute. */
#include "demo/sim_int.h"

enum { MINUTE_MS = 60 * 1000 };

static uint64_t kept(const struct sim *sim)
{
    uint64_t oldest = sim->lsn;
    for (int i = 0; i < sim->nslots; i++) {
        const struct sim_slot *slot = &sim->slots[i];
        if (!slot->dropped && !slot->lost && slot->restart < oldest)
            oldest = slot->restart;
    }
    return sim->lsn - oldest;
}

double sim_free_storage(const struct sim *sim)
{
    double left = (double)sim->made->free_storage + (double)sim->kept_first - (double)kept(sim) -
                  (double)sim->filled;
    return left > 0 ? left : 0;
}

static void count_tasks(const struct sim *sim, struct sim_minute *m)
{
    for (int i = 0; i < sim->nsources; i++) {
        const struct sim_source *s = &sim->sources[i];
        bool on = s->state == SIM_RUNNING;
        m->running[i] = on && s->task.state == SIM_RUNNING;
        m->errored[i] = on && s->task.state == SIM_FAILED;
    }
    for (int i = 0; i < sim->nsinks; i++) {
        const struct sim_sink *s = &sim->sinks[i];
        int at = sim->nsources + i;
        m->running[at] = sim_sink_running(s);
        m->errored[at] = 0;
        for (int t = 0; s->state == SIM_RUNNING && t < s->ntasks; t++)
            m->errored[at] += s->tasks[t].state == SIM_FAILED;
    }
}

static void put(struct sim *sim, int64_t at_ms)
{
    struct sim_minute *m = &sim->minutes[sim->next_minute];
    sim->next_minute = (sim->next_minute + 1) % SIM_MINUTES;
    m->at_ms = at_ms;
    m->free_storage = sim_free_storage(sim);
    m->slot_lag = (double)kept(sim);
    m->wal_s = (double)(sim->lsn - sim->lsn_minute) / 60;
    sim->lsn_minute = sim->lsn;
    count_tasks(sim, m);
}

void sim_minute_first(struct sim *sim)
{
    size_t n = (size_t)sim->nsources + (size_t)sim->nsinks;
    sim->kept_first = kept(sim);
    sim->lsn_minute = sim->lsn;
    for (int i = 0; i < SIM_MINUTES; i++) {
        sim->minutes[i].running = arena_array(sim->arena, n, sizeof(int));
        sim->minutes[i].errored = arena_array(sim->arena, n, sizeof(int));
    }
    int64_t newest = -(sim_wall(sim, 0) % MINUTE_MS) - MINUTE_MS;
    for (int i = SIM_MINUTES - 1; i >= 0; i--)
        put(sim, newest - (int64_t)i * MINUTE_MS);
}

void sim_minute_tick(struct sim *sim)
{
    if (sim_wall(sim, sim->now_ms) % MINUTE_MS < SIM_TICK_MS)
        put(sim, sim->now_ms - sim_wall(sim, sim->now_ms) % MINUTE_MS - MINUTE_MS);
}

const struct sim_minute *sim_minute_of(const struct sim *sim, int64_t ago_ms)
{
    const struct sim_minute *m = NULL;
    for (int i = 0; i < SIM_MINUTES; i++) {
        m = &sim->minutes[(sim->next_minute + SIM_MINUTES - 1 - i) % SIM_MINUTES];
        if (m->at_ms + MINUTE_MS <= sim->now_ms - ago_ms)
            break;
    }
    return m;
}
