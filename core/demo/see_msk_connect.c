/* see_msk_connect.c: what the simulated MSK Connect tells: connectors, no tasks, operations. */
#include "base/lsn.h"
#include "demo/sim_int.h"

#include <string.h>

static const char *arn_of(const struct sim *sim, struct arena *a, const char *what,
                          const char *name)
{
    return arena_printf(a, "arn:aws:kafkaconnect:eu-central-1:123456789012:%s/%s/7f2c8e50-%04d",
                        what, name, (int)(sim->seed % 9000) + 1000);
}

static const struct sim_operation *under_way(const struct sim *sim, const char *name)
{
    for (int i = sim->noperations - 1; i >= 0 && i > sim->noperations - 1 - SIM_OPERATIONS; i--) {
        const struct sim_operation *op = &sim->operations[i % SIM_OPERATIONS];
        if (strcmp(op->connector, name) == 0 && op->ends_ms > sim->now_ms)
            return op;
    }
    return NULL;
}

void sim_operate(struct sim *sim, const char *connector, const char *type)
{
    enum { LASTS_MS = 25 * 1000 };
    struct sim_operation *op = &sim->operations[sim->noperations % SIM_OPERATIONS];
    *op = (struct sim_operation){.connector = connector,
                                 .type = type,
                                 .number = sim->noperations++,
                                 .began_ms = sim->now_ms,
                                 .ends_ms = sim->now_ms + LASTS_MS};
}

static void put_operations(const struct sim *sim, struct arena *a, struct msk_connector *m,
                           const char *name)
{
    m->operations = arena_array(a, SIM_OPERATIONS, sizeof(*m->operations));
    for (int i = sim->noperations - 1; i >= 0 && i > sim->noperations - 1 - SIM_OPERATIONS; i--) {
        const struct sim_operation *op = &sim->operations[i % SIM_OPERATIONS];
        if (strcmp(op->connector, name) != 0)
            continue;
        bool ended = op->ends_ms <= sim->now_ms;
        size_t verb = strcspn(op->type, "_");
        m->operations[m->noperations++] = (struct msk_operation){
            .arn =
                arn_of(sim, a, "connector-operation", arena_printf(a, "%s/%d", name, op->number)),
            .type = op->type,
            .state =
                arena_printf(a, "%.*s_%s", (int)verb, op->type, ended ? "COMPLETE" : "IN_PROGRESS"),
            .created_ms = sim_wall(sim, op->began_ms),
            .ended_ms = ended ? sim_wall(sim, op->ends_ms) : UNKNOWN,
        };
    }
}

/* What a worker would tell of tasks, positions and traces stays inside. */
static void manage(const struct sim *sim, struct arena *a, struct connect_connector *c)
{
    struct msk_connector *m = arena_alloc(a, sizeof(*m));
    const struct sim_operation *op = under_way(sim, c->name);
    c->service = SERVICE_MSK_CONNECT;
    c->msk = m;
    c->worker = NULL;
    c->ntasks = 0;
    c->topics = NULL;
    c->ntopics = c->noffsets = 0;
    c->offsets_read = false;
    c->lsn = LSN_NONE;
    c->source_ms = UNKNOWN;
    if (op != NULL)
        c->state = strcmp(op->type, "PAUSE_CONNECTOR") == 0    ? "PAUSING"
                   : strcmp(op->type, "RESUME_CONNECTOR") == 0 ? "RESUMING"
                                                               : "RESTARTING";
    *m = (struct msk_connector){
        .arn = arn_of(sim, a, "connector", c->name),
        .current_version = "K3P5ROKL5A1OLE",
        .description = "",
        .connect_version = "3.7.x",
        .created_ms = sim->base_ms - INT64_C(92) * 86400000,
        .mcu = 1,
        .workers = 2,
        .min_workers = UNKNOWN,
        .max_workers = UNKNOWN,
        .max_tasks = UNKNOWN,
        .log_group = arena_printf(a, "/msk-connect/%s", sim->made->name),
        .role_arn = "arn:aws:iam::123456789012:role/msk-connect",
        .bootstrap_servers =
            arena_printf(a, "b-1.%s.c4.kafka.eu-central-1.amazonaws.com:9098", sim->made->name),
        .authentication = "IAM",
        .described = true,
        .can_restart = TRI_YES,
        .can_pause = TRI_YES,
    };
    put_operations(sim, a, m, c->name);
}

struct snapshot *sim_see_msk_connect(const struct sim *sim)
{
    struct snapshot *snap = snapshot_new(SOURCE_MSK_CONNECT);
    struct connect_snap *c = &snap->connect;
    size_t n = (size_t)sim->nsources + (size_t)sim->nsinks;
    snapshot_tls(snap, true, NULL, sim_wall(sim, sim->now_ms) + INT64_C(200) * 86400000);
    c->connectors = arena_array(snap->arena, n, sizeof(*c->connectors));
    for (int i = 0; i < sim->nsources; i++) {
        if (!sim->sources[i].made->dms)
            sim_put_source(sim, snap->arena, &c->connectors[c->nconnectors++], &sim->sources[i]);
    }
    for (int i = 0; i < sim->nsinks; i++)
        sim_put_sink(sim, snap->arena, &c->connectors[c->nconnectors++], &sim->sinks[i]);
    for (size_t i = 0; i < c->nconnectors; i++)
        manage(sim, snap->arena, &c->connectors[i]);
    sim_sort_connectors(c);
    return snap;
}
