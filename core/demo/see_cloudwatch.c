/* see_cloudwatch.c: the figures that the simulated CloudWatch has: of the last whole minute but
 * one.
 */
#include "demo/sim_int.h"
#include "model/metrics.h"

#include <math.h>

enum { LATE_MS = 60 * 1000, TREND_MS = 10 * 60 * 1000 };

struct figures {
    const struct sim *sim;
    struct snapshot *snap;
    size_t cap;
    const struct sim_minute *now, *before;
};

static void put(struct figures *f, const char *space, const char *name, const char *object,
                double value, double before)
{
    struct cloudwatch_snap *cw = &f->snap->cloudwatch;
    struct cw_metric *m =
        arena_push(f->snap->arena, &cw->metrics, &cw->nmetrics, &f->cap, sizeof(*m));
    *m = (struct cw_metric){
        .space = space,
        .name = name,
        .object = arena_strdup(f->snap->arena, object),
        .stat = "Average",
        .value = value,
        .at_ms = sim_wall(f->sim, f->now->at_ms),
        .before = before,
        .before_ms = sim_wall(f->sim, f->before->at_ms),
    };
}

/* A load that goes up and down a little. */
static double around(const struct figures *f, uint64_t what, double usual)
{
    return usual * (0.85 + 0.3 * sim_noise(f->sim, 4000 + what, (uint64_t)f->now->at_ms));
}

static void put_database(struct figures *f)
{
    const struct sim *sim = f->sim;
    const char *id = arena_printf(f->snap->arena, "%s-db", sim->made->database);
    put(f, SPACE_RDS, "CPUUtilization", id, around(f, 1, 22), 22);
    put(f, SPACE_RDS, "DatabaseConnections", id, floor(around(f, 2, 61)), 60);
    put(f, SPACE_RDS, "OldestReplicationSlotLag", id, f->now->slot_lag, f->before->slot_lag);
    put(f, SPACE_RDS, "ReplicationSlotDiskUsage", id, 2.1e6, 2.1e6);
    put(f, SPACE_RDS, "TransactionLogsDiskUsage", id, f->now->slot_lag + 64e6,
        f->before->slot_lag + 64e6);
    put(f, SPACE_RDS, "TransactionLogsGeneration", id, f->now->wal_s, f->before->wal_s);
    if (!sim->made->aurora)
        put(f, SPACE_RDS, "FreeStorageSpace", id, f->now->free_storage, f->before->free_storage);
    else
        put(f, SPACE_RDS, "VolumeBytesUsed",
            arena_printf(f->snap->arena, "%s-cluster", sim->made->database), 318e9, 318e9);
}

static void put_connector(struct figures *f, const char *name, int at)
{
    put(f, SPACE_CONNECT, "CpuUtilization", name, around(f, (uint64_t)at + 10, 31), 31);
    put(f, SPACE_CONNECT, "MemoryUtilization", name, around(f, (uint64_t)at + 40, 48), 48);
    put(f, SPACE_CONNECT, "RunningTaskCount", name, f->now->running[at], f->before->running[at]);
    put(f, SPACE_CONNECT, "ErroredTaskCount", name, f->now->errored[at], f->before->errored[at]);
    put(f, SPACE_CONNECT, "WorkerCount", name, 2, 2);
}

static void put_task(struct figures *f, const struct sim_source *s)
{
    double behind = (double)(f->sim->lsn - s->read) / (f->sim->wal_other + 1);
    if (s->state != SIM_RUNNING || s->task.state != SIM_RUNNING)
        return; /* no figure comes of one that stands */
    put(f, SPACE_DMS, "CDCLatencySource", s->name, behind < 1 ? 1 : behind, 1);
    put(f, SPACE_DMS, "CDCLatencyTarget", s->name, (behind < 1 ? 1 : behind) + 1, 2);
    put(f, SPACE_DMS, "CDCIncomingChanges", s->name, 0, 0);
}

/* Of the machine that all tasks run on: it goes on while they stand. */
static void put_instance(struct figures *f)
{
    put(f, SPACE_DMS, "FreeStorageSpace", "dms-prod", around(f, 80, 71e9), 71e9);
    put(f, SPACE_DMS, "FreeableMemory", "dms-prod", around(f, 81, 9.4e9), 9.4e9);
    put(f, SPACE_DMS, "CPUUtilization", "dms-prod", around(f, 82, 18), 18);
}

static void put_brokers(struct figures *f)
{
    const char *cluster = f->sim->made->name;
    put(f, SPACE_KAFKA, "KafkaDataLogsDiskUsed", cluster, around(f, 90, 41), 41);
    put(f, SPACE_KAFKA, "ActiveControllerCount", cluster, 1, 1);
    put(f, SPACE_KAFKA, "OfflinePartitionsCount", cluster, 0, 0);
    for (int i = 1; i <= f->sim->made->brokers; i++) {
        char broker[METRIC_OBJECT];
        if (f->sim->broker_down == i)
            continue; /* no figure comes of one that is away */
        (void)metrics_broker(broker, cluster, i);
        put(f, SPACE_KAFKA, "KafkaDataLogsDiskUsed", broker, around(f, 90 + (uint64_t)i, 41), 41);
        put(f, SPACE_KAFKA, "CpuUser", broker, around(f, 100 + (uint64_t)i, 17), 17);
        put(f, SPACE_KAFKA, "CpuSystem", broker, around(f, 110 + (uint64_t)i, 4), 4);
        put(f, SPACE_KAFKA, "BytesInPerSec", broker, around(f, 120 + (uint64_t)i, 31e3), 31e3);
        put(f, SPACE_KAFKA, "BytesOutPerSec", broker, around(f, 130 + (uint64_t)i, 64e3), 64e3);
    }
}

struct snapshot *sim_see_cloudwatch(const struct sim *sim)
{
    struct figures f = {.sim = sim,
                        .snap = snapshot_new(SOURCE_CLOUDWATCH),
                        .now = sim_minute_of(sim, LATE_MS),
                        .before = sim_minute_of(sim, LATE_MS + TREND_MS)};
    struct cloudwatch_snap *cw = &f.snap->cloudwatch;
    put_database(&f);
    put_brokers(&f);
    if (sim_has(sim, SOURCE_DMS))
        put_instance(&f);
    for (int i = 0; i < sim->nsources; i++) {
        if (sim->sources[i].made->dms)
            put_task(&f, &sim->sources[i]);
        else
            put_connector(&f, sim->sources[i].name, i);
    }
    for (int i = 0; i < sim->nsinks; i++)
        put_connector(&f, sim->sinks[i].name, sim->nsources + i);
    cloudwatch_sort(cw);
    cw->asked_per_hour = (int64_t)cw->nmetrics * 60;
    cw->period_s = 60;
    return f.snap;
}
