/* fixture_snapshots.c: a snapshot that runs, earlier ones by their notifications, and a signal that
 * nobody heard. */
#include "tests/screen/fixture_int.h"

#include "base/mem.h"
#include "model/snapshot_status.h"

#include <math.h>
#include <stdio.h>

enum { NOTES = 8 };

static const struct snapshot_table tables[] = {
    {"public.customers",   TABLE_DONE,    "SUCCEEDED",      48210,   48000,   NULL,       NULL,        1   },
    {"public.blobs",       TABLE_FAILED,  "NO_PRIMARY_KEY", 0,       UNKNOWN, NULL,       NULL,        NAN },
    {"public.orders",      TABLE_READING, NULL,             560000,  1204331, "[561203]", "[1204331]", 0.47},
    {"public.order_items", TABLE_WAITING, NULL,             UNKNOWN, 3800000, NULL,       NULL,        0   },
    {"public.payments",    TABLE_WAITING, NULL,             UNKNOWN, 91000,   NULL,       NULL,        0   },
};

static struct snapshot_status *running(struct fixture *f)
{
    struct snapshot_status *st = arena_alloc(f->arena, sizeof(*st));
    *st = (struct snapshot_status){
        .type = SNAPSHOT_INCREMENTAL,
        .p = {.state = SNAPSHOT_IN_PROGRESS,
              .id = "cdctop-20261120T135400Z-77aa",
              .aggregate_type = "Incremental Snapshot",
              .started_ms = FIXTURE_WALL - 562000,
              .updated_ms = FIXTURE_WALL - 3000,
              .ended_ms = UNKNOWN,
              .ntables = ARRAY_LEN(tables),
              .current = 2,
              .done = 2,
              .failed = 1,
              .rows = 48210,
              .fraction = 0.31},
        .by_notes = true,
        .by_offsets = true,
        .rows_left = 4535331,
        .eta = {.known = true,           .low_ms = 2760000,         .high_ms = 4320000,                             .per_s = 1298                          },
        .eta_by_rows = true,
        .still_ms = 3000
    };
    st->p.tables = arena_array(f->arena, ARRAY_LEN(tables), sizeof(*st->p.tables));
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        st->p.tables[i] = tables[i];
    return st;
}

static struct dbz_notification note(struct fixture *f, int n, const char *id, const char *type,
                                    int64_t ago_ms, const char *table, const char *status)
{
    struct kv *data = arena_array(f->arena, 5, sizeof(*data));
    struct dbz_notification out = {.topic = "cdc-notifications",
                                   .id = id,
                                   .aggregate_type = "Incremental Snapshot",
                                   .type = type,
                                   .data = data,
                                   .offset = n,
                                   .time_ms = FIXTURE_WALL - ago_ms};
    data[out.ndata++] = (struct kv){"connector_name", "cdc"};
    data[out.ndata++] = (struct kv){"data_collections", "public.refunds,public.stock"};
    if (table != NULL) {
        data[out.ndata++] = (struct kv){"scanned_collection", table};
        data[out.ndata++] = (struct kv){"total_rows_scanned", "12040"};
        data[out.ndata++] = (struct kv){"status", status};
    }
    return out;
}

static void earlier(struct fixture *f, size_t pipeline)
{
    struct kafka_snap *kafka = &f->world->pipelines[pipeline].sources[SOURCE_KAFKA].snap->kafka;
    struct dbz_notification *notes = arena_array(f->arena, NOTES, sizeof(*notes));
    notes[0] = note(f, 0, "adhoc-17", "STARTED", 9000000, NULL, NULL);
    notes[1] =
        note(f, 1, "adhoc-17", "TABLE_SCAN_COMPLETED", 8800000, "public.refunds", "SUCCEEDED");
    notes[2] = note(f, 2, "adhoc-17", "TABLE_SCAN_COMPLETED", 8700000, "public.stock", "SUCCEEDED");
    notes[3] = note(f, 3, "adhoc-17", "COMPLETED", 8690000, NULL, NULL);
    notes[4] = note(f, 4, "adhoc-18", "STARTED", 3600000, NULL, NULL);
    notes[5] =
        note(f, 5, "adhoc-18", "TABLE_SCAN_COMPLETED", 3500000, "public.refunds", "SUCCEEDED");
    notes[6] = note(f, 6, "adhoc-18", "ABORTED", 3400000, NULL, NULL);
    kafka->notifications = notes;
    kafka->nnotifications = 7;
}

static void unheard(struct fixture *f, size_t pipeline)
{
    struct ledger_entry e = {.id = 7,
                             .kind = ACTION_SNAPSHOT,
                             .verb = "snapshot",
                             .state = LEDGER_UNSEEN,
                             .wall_ms = FIXTURE_WALL - 1800000,
                             .mono_ms = FIXTURE_MONO - 1800000,
                             .accepted_mono_ms = FIXTURE_MONO - 1800000,
                             .ended_mono_ms = FIXTURE_MONO - 1700000,
                             .target = "debezium-pg",
                             .signal_id = "cdctop-20261120T133322Z-dead",
                             .table = "public.refunds",
                             .text = "no notification and no offset of it within 90 s"};
    ledger_put(&f->world->pipelines[pipeline].ledger, &e);
}

void fixture_snapshots(struct fixture *f, size_t pipeline, struct pipeline *p)
{
    bool many = f->kind == FIXTURE_HUGE || f->kind == FIXTURE_HOSTILE;
    if (!fixture_incident(f) && !many)
        return;
    for (size_t i = 0; i < p->nconnectors; i++)
        if (p->connectors[i].facts->source)
            p->connectors[i].snapshot = running(f);
    if (many)
        return;
    earlier(f, pipeline);
    unheard(f, pipeline);
}
