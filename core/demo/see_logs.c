/* see_logs.c: what the simulated workers of MSK Connect and the tasks of DMS have written down. */
#include "demo/sim_int.h"

enum { EVENTS_MAX = SIM_TASKS };

static struct log_tail *add_tail(const struct sim *sim, struct snapshot *snap,
                                 enum connect_service service, const char *name)
{
    struct log_tail *t = &snap->logs.tails[snap->logs.ntails++];
    bool dms = service == SERVICE_DMS;
    *t = (struct log_tail){
        .service = (int)service,
        .connector = arena_strdup(snap->arena, name),
        .group = dms ? "dms-tasks-dms-prod"
                     : arena_printf(snap->arena, "/msk-connect/%s", sim->made->name),
        .stream = dms ? arena_printf(snap->arena, "dms-task-%s", name) : NULL,
        .wanted = dms, /* MSK Connect's are looked for when one has failed */
        .from_ms = sim->base_ms - INT64_C(3) * 3600 * 1000,
        .to_ms = sim_wall(sim, sim->now_ms),
        .events = arena_array(snap->arena, EVENTS_MAX, sizeof(*t->events)),
    };
    return t;
}

static void put_death(const struct sim *sim, struct arena *a, struct log_tail *t,
                      const struct sim_task *task, int id)
{
    t->wanted = t->wanted || task->state == SIM_FAILED;
    if (task->state != SIM_FAILED || task->fault == NULL)
        return;
    t->events[t->nevents++] = (struct log_event){
        .kind = LOGGED_TASK_DIED,
        .task = id,
        .at_ms = sim_wall(sim, task->since_ms),
        .text = arena_printf(a,
                             "ERROR [%s|task-%d] Task threw an uncaught and unrecoverable "
                             "exception. Task is being killed and will not recover until manually "
                             "restarted (org.apache.kafka.connect.runtime.WorkerTask:212)\n%s",
                             t->connector, id, task->fault->trace),
        .cause = arena_strdup(a, task->fault->cause),
    };
}

static void see_source(const struct sim *sim, struct snapshot *snap, const struct sim_source *s)
{
    struct log_tail *t =
        add_tail(sim, snap, s->made->dms ? SERVICE_DMS : SERVICE_MSK_CONNECT, s->name);
    if (!s->made->dms) {
        put_death(sim, snap->arena, t, &s->task, 0);
        return;
    }
    if (s->failure == NULL || s->task.state != SIM_FAILED)
        return;
    static const char cause[] =
        "could not receive data from WAL stream: SSL SYSCALL error: Connection timed out";
    t->events[t->nevents++] = (struct log_event){
        .kind = LOGGED_ERROR,
        .task = -1,
        .at_ms = sim_wall(sim, s->task.since_ms),
        .text = arena_printf(
            snap->arena, "[SOURCE_CAPTURE  ]E:  %s  (postgres_endpoint_wal_engine.c:1131)", cause),
        .cause = cause,
    };
}

struct snapshot *sim_see_logs(const struct sim *sim)
{
    struct snapshot *snap = snapshot_new(SOURCE_LOGS);
    size_t n = (size_t)sim->nsources + (size_t)sim->nsinks;
    snap->logs.tails = arena_array(snap->arena, n, sizeof(struct log_tail));
    for (int i = 0; i < sim->nsources; i++)
        see_source(sim, snap, &sim->sources[i]);
    for (int i = 0; i < sim->nsinks; i++) {
        const struct sim_sink *s = &sim->sinks[i];
        struct log_tail *t = add_tail(sim, snap, SERVICE_MSK_CONNECT, s->name);
        for (int k = 0; k < s->ntasks; k++)
            put_death(sim, snap->arena, t, &s->tasks[k], k);
        log_sort(t);
    }
    return snap;
}
