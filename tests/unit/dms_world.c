#include "tests/unit/dms_world.h"

#include "base/mem.h"
#include "model/dms_task.h"
#include "model/metrics.h"

#include <math.h>
#include <string.h>

struct dms_world dms_world;

static void tell_task(struct fixture *f, struct snapshot *snap)
{
    struct arena *a = snap->arena;
    struct dms_task *t = arena_alloc(a, sizeof(*t));
    struct connect_connector *c = arena_alloc(a, sizeof(*c));
    *t = dms_world.task;
    t->tables = arena_array(a, DMS_WORLD_TABLES, sizeof(*t->tables));
    for (size_t i = 0; i < t->ntables; i++) {
        t->tables[i] = dms_world.tables[i];
        t->tables[i].updated_ms = f->wall_ms;
    }
    *c = (struct connect_connector){.name = t->id,
                                    .type = "source",
                                    .state = t->status,
                                    .class_name = "DMS",
                                    .cause = strcmp(t->status, "running") != 0 ? t->failure : NULL,
                                    .source_ms = UNKNOWN,
                                    .offsets_ms = UNKNOWN,
                                    .service = SERVICE_DMS,
                                    .dms = t};
    snap->connect.url = "https://dms.eu-west-3.amazonaws.com";
    snap->connect.connectors = c;
    snap->connect.nconnectors = 1;
    snap->server_ms = f->wall_ms;
}

static void tell_figures(struct fixture *f, struct snapshot *snap)
{
    static const char *const names[] = {"CDCLatencySource", "CDCLatencyTarget",
                                        "CapacityUtilization", "CPUUtilization"};
    const double values[] = {dms_world.latency_source, dms_world.latency_target, dms_world.capacity,
                             dms_world.cpu};
    struct cloudwatch_snap *cw = &snap->cloudwatch;
    cw->metrics = arena_array(snap->arena, ARRAY_LEN(names), sizeof(*cw->metrics));
    for (size_t i = 0; dms_world.figures && i < ARRAY_LEN(names) && !isnan(values[i]); i++)
        cw->metrics[cw->nmetrics++] =
            (struct cw_metric){.space = SPACE_DMS,
                               .name = names[i],
                               .object = dms_object(&dms_world.task),
                               .stat = "Maximum",
                               .value = values[i],
                               .at_ms = f->wall_ms - dms_world.figures_age_ms,
                               .before = NAN,
                               .before_ms = UNKNOWN};
    cloudwatch_sort(cw);
    snap->server_ms = f->wall_ms;
}

static void tell_slot(struct fixture *f, struct snapshot *snap)
{
    struct arena *a = snap->arena;
    snap->pg.database = dms_world.database;
    snap->pg.host = dms_world.host;
    snap->pg.slots_denied = dms_world.slots_denied;
    if (dms_world.slots_denied)
        snap->pg.nslots = 0;
    if (!dms_world.has_slot || dms_world.slots_denied)
        return;
    struct pg_slot *two = arena_array(a, 2, sizeof(*two));
    two[0] = snap->pg.slots[0];
    two[1] = two[0];
    two[1].name = "dms_made";
    two[1].plugin = dms_world.slot_plugin;
    if (dms_world.slot_database != NULL)
        two[1].database = dms_world.slot_database;
    two[1].active = dms_world.active;
    if (dms_world.confirmed != 0) {
        two[1].confirmed_flush_lsn = dms_world.confirmed;
        two[1].unconfirmed = (int64_t)(f->lsn_now - dms_world.confirmed);
    }
    if (dms_world.active == TRI_YES) {
        struct pg_walsender *w = arena_alloc(a, sizeof(*w));
        *w = (struct pg_walsender){.pid = 4711,
                                   .user = dms_world.reader,
                                   .application_name = "",
                                   .client_addr = dms_world.address,
                                   .state = "streaming",
                                   .backend_start_ms = dms_world.task.started_ms,
                                   .reply_ms = UNKNOWN};
        two[1].active_pid = w->pid;
        two[1].walsender = w;
    }
    snap->pg.slots = two;
    snap->pg.nslots = 2;
}

void dms_world_join(struct fixture *f)
{
    static const char *addresses[] = {"10.0.7.21"};
    dms_world = (struct dms_world){
        .task = {.arn = "arn:aws:dms:eu-west-3:123456789012:task:TASKONE",
                 .id = "dms-shop",
                 .resource = "TASKONE",
                 .migration = "full-load-and-cdc",
                 .status = "running",
                 .load_percent = 100,
                 .tables_loaded = 2,
                 .tables_loading = 0,
                 .tables_queued = 0,
                 .tables_errored = 0,
                 .fresh_start_ms = UNKNOWN,
                 .started_ms = f->wall_ms - 3600 * 1000,
                 .stopped_ms = UNKNOWN,
                 .load_started_ms = UNKNOWN,
                 .load_finished_ms = UNKNOWN,
                 .instance = "shop-dms",
                 .instance_class = "dms.r6i.large",
                 .instance_status = "available",
                 .storage_gib = 100,
                 .capacity_units = UNKNOWN,
                 .min_units = UNKNOWN,
                 .max_units = UNKNOWN,
                 .deprovision_ms = UNKNOWN,
                 .addresses = addresses,
                 .naddresses = 1,
                 .source_engine = "aurora-postgresql",
                 .source_host = "db.internal",
                 .source_database = "shop",
                 .source_user = "dms",
                 .slot = "dms_made",
                 .heartbeat = TRI_YES,
                 .capture_ddls = TRI_YES,
                 .target_engine = "kafka",
                 .target_topic = "dms.shop",
                 .ntables = 2,
                 .tables_total = 2,
                 .tables_read = true},
        .figures = true,
        .latency_source = 2,
        .latency_target = 3,
        .figures_age_ms = 120 * 1000,
        .capacity = NAN,
        .cpu = NAN,
        .has_slot = true,
        .slot_plugin = "test_decoding",
        .database = "shop",
        .host = "db.internal",
        .active = TRI_YES,
        .reader = "dms",
        .address = "10.0.7.21",
    };
    static const char *const names[] = {"orders", "refunds"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        dms_world.tables[i] = (struct dms_table){.schema = "public",
                                                 .name = names[i],
                                                 .state = "Table completed",
                                                 .validation = "Not enabled",
                                                 .inserts = 10,
                                                 .updates = 5,
                                                 .deletes = 1,
                                                 .ddls = 0,
                                                 .applied = 16,
                                                 .loaded = 1000,
                                                 .load_errors = 0,
                                                 .pending = UNKNOWN,
                                                 .failed = UNKNOWN,
                                                 .suspended = UNKNOWN,
                                                 .load_ended_ms = f->wall_ms - 1800 * 1000};
    f->edit[SOURCE_DMS] = tell_task;
    f->edit[SOURCE_CLOUDWATCH] = tell_figures;
    f->edit[SOURCE_POSTGRES] = tell_slot;
}
