#include "demo/act.h"

#include "base/human.h"
#include "demo/sim_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef bool act_fn(struct sim *sim, const struct action_args *args, char *text, size_t size,
                    struct err *err);

static bool answers(const struct sim *sim, enum source_kind kind, struct err *err)
{
    if (sim->down[kind] != NULL)
        return err_set(err, ERR_REFUSED, 0, "%s", sim->down[kind]);
    return true;
}

/* ---- connectors ------------------------------------------------------------------------------ */

static void restart_task(struct sim *sim, struct sim_task *t)
{
    *t = (struct sim_task){SIM_RESTARTING, sim->now_ms, NULL};
}

static void restart_source(struct sim *sim, struct sim_source *s, const struct action_args *args)
{
    if (args->scope != RESTART_FAILED || s->task.state == SIM_FAILED)
        sim_source_state(sim, s, SIM_RUNNING);
}

static void restart_sink(struct sim *sim, struct sim_sink *s, const struct action_args *args)
{
    for (int i = 0; i < s->ntasks; i++) {
        if (args->scope == RESTART_ALL || (args->scope == RESTART_TASK && i == args->task) ||
            (args->scope == RESTART_FAILED && s->tasks[i].state == SIM_FAILED))
            restart_task(sim, &s->tasks[i]);
    }
}

/* What is asked of a managed connector has a name, a number and an end. */
static void note_operation(struct sim *sim, const char *name, enum action_kind kind)
{
    static const char *const types[ACTION_KIND_COUNT] = {[ACTION_RESTART] = "RESTART_CONNECTOR",
                                                         [ACTION_PAUSE] = "PAUSE_CONNECTOR",
                                                         [ACTION_CONTINUE] = "RESUME_CONNECTOR"};
    if (sim->made->aws && types[kind] != NULL)
        sim_operate(sim, name, types[kind]);
}

/* The source that must answer for it. */
static enum source_kind service_of(const struct sim *sim, const struct sim_source *source)
{
    if (source != NULL && source->made->dms)
        return SOURCE_DMS;
    return sim->made->aws ? SOURCE_MSK_CONNECT : SOURCE_CONNECT;
}

static bool act_connector(struct sim *sim, const struct action_args *args, char *text, size_t size,
                          struct err *err)
{
    static const enum sim_state goals[] = {
        [ACTION_PAUSE] = SIM_PAUSED, [ACTION_CONTINUE] = SIM_RUNNING, [ACTION_STOP] = SIM_STOPPED};
    struct sim_source *source = sim_find_source(sim, args->target);
    struct sim_sink *sink = sim_find_sink(sim, args->target);
    if (!answers(sim, service_of(sim, source), err))
        return false;
    if (source == NULL && sink == NULL)
        return err_set(err, ERR_NOTFOUND, 404, "Unknown connector %s", args->target);
    if (args->kind == ACTION_RESTART && source != NULL)
        restart_source(sim, source, args);
    else if (args->kind == ACTION_RESTART)
        restart_sink(sim, sink, args);
    else if (source != NULL)
        sim_source_state(sim, source, goals[args->kind]);
    else
        sim_sink_state(sim, sink, goals[args->kind]);
    if (source == NULL || !source->made->dms)
        note_operation(sim, source != NULL ? source->name : sink->name, args->kind);
    (void)snprintf(text, size, "accepted");
    return true;
}

static int table_of(const struct sim_source *s, const char *name)
{
    static const char schema[] = "public.";
    size_t n = sizeof(schema) - 1;
    for (int i = 0; strncmp(name, schema, n) == 0 && i < s->ntables; i++) {
        if (strcmp(s->tables[i].made->name, name + n) == 0)
            return i;
    }
    return -1;
}

/* Some tables once more, or, from the beginning, all of them. */
static bool act_reload(struct sim *sim, const struct action_args *args, char *text, size_t size,
                       struct err *err)
{
    struct sim_source *s = sim_find_source(sim, args->target);
    if (!answers(sim, SOURCE_DMS, err))
        return false;
    if (s == NULL || !s->made->dms)
        return err_set(err, ERR_NOTFOUND, 0, "ResourceNotFoundFault: there is no task %s",
                       args->target);
    bool all = args->scope == RESTART_ALL;
    for (int i = 0; i < s->ntables; i++) {
        bool wanted = all;
        for (size_t k = 0; k < args->ntables; k++)
            wanted = wanted || table_of(s, args->tables[k]) == i;
        if (wanted && !args->validate)
            s->tables[i].reloaded_ms = sim->now_ms;
    }
    if (all)
        sim_source_state(sim, s, SIM_RUNNING);
    (void)snprintf(text, size, "accepted");
    return true;
}

/* ---- the database ---------------------------------------------------------------------------- */

static bool act_drop_slot(struct sim *sim, const struct action_args *args, char *text, size_t size,
                          struct err *err)
{
    struct sim_slot *slot = sim_find_slot(sim, args->target);
    char a[HUMAN_SIZE];
    if (!answers(sim, SOURCE_POSTGRES, err))
        return false;
    if (slot == NULL)
        return err_set(err, ERR_NOTFOUND, 0, "replication slot \"%s\" does not exist",
                       args->target);
    const struct sim_source *owner = slot->source >= 0 ? &sim->sources[slot->source] : NULL;
    if (owner != NULL && owner->state != SIM_STOPPED)
        return err_set(err, ERR_CONFLICT, 0, "its owner %s is not STOPPED now: stop it first",
                       owner->name);
    if (slot->active)
        return err_set(err, ERR_CONFLICT, 0, "replication slot \"%s\" is active for PID %d",
                       slot->name, slot->pid);
    if (slot->lost)
        (void)snprintf(text, size, "dropped; its WAL is gone already");
    else
        (void)snprintf(text, size, "dropped; frees %s after the next checkpoint",
                       human_bytes(a, (int64_t)(sim->lsn - slot->restart)));
    sim_slot_drop(sim, slot);
    return true;
}

/* A signal is a row in its table: it is heard when it comes through the slot. */
static struct sim_source *signalled(struct sim *sim, const struct action_args *args,
                                    struct err *err)
{
    struct sim_source *s = sim_find_source(sim, args->target);
    if (!answers(sim, SOURCE_POSTGRES, err))
        return NULL;
    if (s == NULL)
        err_set(err, ERR_NOTFOUND, 0, "no such connector: %s", args->target);
    else
        sim_write(sim, s, s->signal, 1);
    return s;
}

static bool act_snapshot(struct sim *sim, const struct action_args *args, char *text, size_t size,
                         struct err *err)
{
    struct sim_source *s = signalled(sim, args, err);
    int tables[64];
    int n = 0;
    if (s == NULL)
        return false;
    for (size_t i = 0; i < args->ntables && n < 64; i++) {
        int t = table_of(s, args->tables[i]);
        if (t >= 0)
            tables[n++] = t;
    }
    bool hears = s->state == SIM_RUNNING && s->task.state == SIM_RUNNING && s->slot >= 0 &&
                 sim->slots[s->slot].active;
    if (hears && n > 0)
        sim_shot_start(sim, s, args->signal_id, tables, n, args->blocking, false);
    (void)snprintf(text, size, "signal sent");
    return true;
}

static bool act_steer(struct sim *sim, const struct action_args *args, char *text, size_t size,
                      struct err *err)
{
    struct sim_source *s = signalled(sim, args, err);
    if (s == NULL)
        return false;
    sim_shot_steer(sim, s,
                   args->kind == ACTION_SNAPSHOT_STOP    ? "STOPPED"
                   : args->kind == ACTION_SNAPSHOT_PAUSE ? "PAUSED"
                                                         : "RESUMED");
    (void)snprintf(text, size, "signal sent");
    return true;
}

static bool act_terminate(struct sim *sim, const struct action_args *args, char *text, size_t size,
                          struct err *err)
{
    long pid = strtol(args->target, NULL, 10);
    if (!answers(sim, SOURCE_POSTGRES, err))
        return false;
    for (int i = 0; i < sim->nholders; i++) {
        if (sim->holders[i].pid != pid)
            continue;
        sim->holders[i] = sim->holders[--sim->nholders];
        (void)snprintf(text, size, "the session is gone");
        return true;
    }
    return err_set(err, ERR_NOTFOUND, 0, "there is no session %s any more", args->target);
}

static act_fn *const acts[ACTION_KIND_COUNT] = {
    [ACTION_RESTART] = act_connector,     [ACTION_PAUSE] = act_connector,
    [ACTION_CONTINUE] = act_connector,    [ACTION_STOP] = act_connector,
    [ACTION_DROP_SLOT] = act_drop_slot,   [ACTION_SNAPSHOT] = act_snapshot,
    [ACTION_SNAPSHOT_STOP] = act_steer,   [ACTION_SNAPSHOT_PAUSE] = act_steer,
    [ACTION_SNAPSHOT_RESUME] = act_steer, [ACTION_TERMINATE] = act_terminate,
    [ACTION_RELOAD] = act_reload,
};

bool act_on(struct sim *sim, const struct action_args *args, char *text, size_t size,
            struct err *err)
{
    if (acts[args->kind] == NULL)
        return err_set(err, ERR_UNSUPPORTED, 0, "the demo cannot do that");
    return acts[args->kind](sim, args, text, size, err);
}
