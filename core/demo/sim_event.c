/* sim_event.c: what happens to a pipeline: the verbs of a scenario's timeline. */
#include "demo/sim_int.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

typedef void event_fn(struct sim *sim, const struct scenario_event *e);

static void say_only(struct sim *sim, const struct scenario_event *e)
{
    (void)sim;
    (void)e;
}

/* ---- load ---- */

static void set_rate(struct sim *sim, const struct scenario_event *e)
{
    for (int i = 0; i < sim->nsources; i++) {
        for (int t = 0; t < sim->sources[i].ntables; t++) {
            if (strcmp(sim->sources[i].tables[t].made->name, e->object) == 0)
                sim->sources[i].tables[t].rate = (double)e->value;
        }
    }
}

static void set_wal(struct sim *sim, const struct scenario_event *e)
{
    sim->wal_other = (double)e->value;
}

/* ---- database ---- */

static void drop_slot(struct sim *sim, const struct scenario_event *e)
{
    struct sim_slot *slot = sim_find_slot(sim, e->object);
    if (slot != NULL)
        sim_slot_drop(sim, slot);
}

static void open_transaction(struct sim *sim, const struct scenario_event *e)
{
    if (sim->nholders == (int)ARRAY_LEN(sim->holders))
        return;
    sim->holders[sim->nholders++] = (struct sim_holder){.pid = sim->next_pid++,
                                                        .user = e->object,
                                                        .app = "nightly-report",
                                                        .query = e->text,
                                                        .began_ms = sim->now_ms,
                                                        .lsn = sim->lsn,
                                                        .xid = sim->xid};
}

static void end_transaction(struct sim *sim, const struct scenario_event *e)
{
    (void)e;
    sim->nholders = 0;
}

/* ---- connectors ---- */

static void by_state(struct sim *sim, const struct scenario_event *e, enum sim_state state)
{
    struct sim_source *source = sim_find_source(sim, e->object);
    struct sim_sink *sink = sim_find_sink(sim, e->object);
    if (source != NULL)
        sim_source_state(sim, source, state);
    if (sink != NULL)
        sim_sink_state(sim, sink, state);
}

static void stop(struct sim *sim, const struct scenario_event *e)
{
    by_state(sim, e, SIM_STOPPED);
}

static void pause(struct sim *sim, const struct scenario_event *e)
{
    by_state(sim, e, SIM_PAUSED);
}

static void resume(struct sim *sim, const struct scenario_event *e)
{
    by_state(sim, e, SIM_RUNNING);
}

/* What failed of it. */
static void restart(struct sim *sim, const struct scenario_event *e)
{
    struct sim_source *source = sim_find_source(sim, e->object);
    struct sim_sink *sink = sim_find_sink(sim, e->object);
    if (source != NULL && source->task.state == SIM_FAILED)
        sim_source_state(sim, source, SIM_RUNNING);
    for (int i = 0; sink != NULL && i < sink->ntasks; i++) {
        if (sink->tasks[i].state == SIM_FAILED)
            sink->tasks[i] = (struct sim_task){SIM_RESTARTING, sim->now_ms, NULL};
    }
}

/* Why it stands is told by services that have a word for it. */
static void fail(struct sim *sim, const struct scenario_event *e)
{
    struct sim_source *s = sim_find_source(sim, e->object);
    if (s == NULL)
        return;
    sim_source_state(sim, s, s->made->dms ? SIM_FAILED : SIM_RUNNING);
    s->task.state = SIM_FAILED;
    s->reason = "Stop Reason FATAL_ERROR Error Level FATAL";
    s->failure = e->text;
}

static void fill_storage(struct sim *sim, const struct scenario_event *e)
{
    sim->filled += e->value;
}

static void freeze(struct sim *sim, const struct scenario_event *e)
{
    struct sim_source *s = sim_find_source(sim, e->object);
    if (s != NULL)
        s->frozen = true;
}

static void hang(struct sim *sim, const struct scenario_event *e)
{
    struct sim_source *s = sim_find_source(sim, e->object);
    if (s != NULL)
        s->hung = true;
}

static void delete_offsets(struct sim *sim, const struct scenario_event *e)
{
    struct sim_source *s = sim_find_source(sim, e->object);
    if (s != NULL)
        s->has_offset = false;
}

static void set_heartbeat(struct sim *sim, const struct scenario_event *e)
{
    struct sim_source *s = sim_find_source(sim, e->object);
    if (s == NULL)
        return;
    sim_source_beat(sim, s, e->value);
    sim_source_state(sim, s, SIM_RUNNING); /* a new config starts it anew */
}

static void snapshot(struct sim *sim, const struct scenario_event *e)
{
    struct sim_source *s = sim_find_source(sim, e->object);
    int tables[ARRAY_LEN(s->shot.tables)];
    int n = 0;
    for (int i = 0; s != NULL && i < s->ntables && n < (int)ARRAY_LEN(tables); i++) {
        if (i != s->signal && i != s->heartbeat)
            tables[n++] = i;
    }
    if (s != NULL)
        sim_shot_start(sim, s, "adhoc-2026-11", tables, n, strcmp(e->text, "blocking") == 0, false);
}

/* ---- sink ---- */

static void deny(struct sim *sim, const struct scenario_event *e)
{
    struct sim_sink *s = sim_find_sink(sim, e->object);
    if (s != NULL)
        s->denied = true;
}

static void allow(struct sim *sim, const struct scenario_event *e)
{
    struct sim_sink *s = sim_find_sink(sim, e->object);
    if (s != NULL)
        s->denied = false;
}

static void storm(struct sim *sim, const struct scenario_event *e)
{
    struct sim_sink *s = sim_find_sink(sim, e->object);
    if (s != NULL)
        s->storm = true;
}

static void settle(struct sim *sim, const struct scenario_event *e)
{
    struct sim_sink *s = sim_find_sink(sim, e->object);
    if (s != NULL)
        s->storm = false;
}

static void set_rotation(struct sim *sim, const struct scenario_event *e)
{
    struct sim_sink *s = sim_find_sink(sim, e->object);
    if (s == NULL)
        return;
    sim_sink_rotate(sim, s, e->value);
    sim_sink_state(sim, s, SIM_RUNNING);
}

/* ---- servers ---- */

static void set_broker(struct sim *sim, int down)
{
    sim->broker_down = down;
    for (int t = 0; t < sim->ntopics; t++) {
        for (int p = 0; p < sim->topics[t].nparts; p++) {
            struct sim_part *part = &sim->topics[t].parts[p];
            int brokers = (int)sim->made->brokers;
            int home = p % brokers + 1;
            part->leader = home != down ? home : brokers > 1 ? home % brokers + 1 : -1;
            part->isr = part->replicas - (down != 0 ? 1 : 0);
        }
    }
}

static void broker_down(struct sim *sim, const struct scenario_event *e)
{
    set_broker(sim, e->object[0] - '0');
}

static void broker_up(struct sim *sim, const struct scenario_event *e)
{
    (void)e;
    set_broker(sim, 0);
}

static int kind_of(const char *name)
{
    int k = 0;
    while (k < SOURCE_KIND_COUNT && strcmp(source_kind_name((enum source_kind)k), name) != 0)
        k++;
    return k;
}

static void server_down(struct sim *sim, const struct scenario_event *e)
{
    int k = kind_of(e->object);
    if (k < SOURCE_KIND_COUNT)
        sim->down[k] = e->text;
}

static void server_up(struct sim *sim, const struct scenario_event *e)
{
    int k = kind_of(e->object);
    if (k < SOURCE_KIND_COUNT)
        sim->down[k] = NULL;
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    event_fn *run;
} verbs[] = {
    {"say",             say_only        },
    {"rate",            set_rate        }, /* object: a table; rate: rows a second */
    {"wal",             set_wal         }, /* bytes a second that nobody captures */
    {"drop-slot",       drop_slot       }, /* object: slot, also while it is read */
    {"transaction",     open_transaction}, /* object: a user; text: its query */
    {"end-transaction", end_transaction },
    {"stop",            stop            }, /* object: a connector, here and below */
    {"pause",           pause           },
    {"resume",          resume          },
    {"restart",         restart         }, /* what failed of it */
    {"fail",            fail            }, /* of a source; text: its last failure */
    {"fill",            fill_storage    }, /* bytes of the database's storage */
    {"freeze",          freeze          }, /* RUNNING, but it has let go of its slot */
    {"hang",            hang            }, /* it holds its slot and reads nothing */
    {"delete-offsets",  delete_offsets  },
    {"heartbeat",       set_heartbeat   }, /* time: heartbeat.interval.ms */
    {"snapshot",        snapshot        }, /* text: incremental, blocking */
    {"deny-s3",         deny            },
    {"allow-s3",        allow           },
    {"storm",           storm           }, /* members of its group come and go */
    {"settle",          settle          },
    {"rotate",          set_rotation    }, /* time: rotate.schedule.interval.ms */
    {"broker-down",     broker_down     }, /* object: its number */
    {"broker-up",       broker_up       },
    {"server-down",     server_down     }, /* object: postgres kafka connect s3; text: the error */
    {"server-up",       server_up       },
};

bool sim_event_known(const char *what)
{
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        if (strcmp(verbs[i].name, what) == 0)
            return true;
    }
    return false;
}

void sim_event_list(char *buf, size_t size)
{
    size_t len = 0;
    for (size_t i = 0; i < ARRAY_LEN(verbs) && len < size; i++)
        len += (size_t)snprintf(buf + len, size - len, "%s%s", i > 0 ? " " : "", verbs[i].name);
}

/* "shop-source STOPPED" */
static bool holds(const struct sim *sim, const char *when)
{
    char name[100];
    size_t n = strcspn(when, " ");
    (void)snprintf(name, sizeof(name), "%.*s", (int)n, when);
    const struct sim_source *source = sim_find_source(sim, name);
    const struct sim_sink *sink = sim_find_sink(sim, name);
    if (source == NULL && sink == NULL)
        return false;
    enum sim_state state = source != NULL ? source->state : sink->state;
    return strcmp(when + n, " STOPPED") == 0   ? state == SIM_STOPPED
           : strcmp(when + n, " PAUSED") == 0  ? state == SIM_PAUSED
           : strcmp(when + n, " RUNNING") == 0 ? state == SIM_RUNNING
                                               : false;
}

static bool is_mine(const struct sim *sim, const struct scenario_event *e)
{
    return e->pipeline != NULL ? strcmp(e->pipeline, sim->made->name) == 0
                               : sim->made == sim->scenario->pipelines;
}

void sim_events(struct sim *sim)
{
    for (size_t i = 0; i < sim->scenario->nevents; i++) {
        const struct scenario_event *e = &sim->scenario->events[i];
        if (sim->happened[i] || sim->now_ms < e->at_ms || !is_mine(sim, e) ||
            (e->when != NULL && !holds(sim, e->when)))
            continue;
        sim->happened[i] = true;
        if (e->say != NULL)
            log_put(LOG_INFO, "demo: %s", e->say);
        for (size_t k = 0; k < ARRAY_LEN(verbs); k++) {
            if (strcmp(verbs[k].name, e->what) == 0)
                verbs[k].run(sim, e);
        }
    }
}
