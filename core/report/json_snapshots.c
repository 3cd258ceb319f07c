#include "report/json_snapshots.h"

#include "model/snapshot_status.h"
#include "report/json_put.h"

#include <assert.h>
#include <math.h>

static const char *const table_states[] = {
    [TABLE_WAITING] = "waiting",
    [TABLE_READING] = "reading",
    [TABLE_DONE] = "done",
    [TABLE_FAILED] = "failed",
};
static_assert(sizeof(table_states) / sizeof(table_states[0]) == TABLE_FAILED + 1,
              "a word per state");

static double known(int64_t v)
{
    return v == UNKNOWN || v == INT64_MAX ? NAN : (double)v;
}

static double percent(double fraction)
{
    return round(fraction * 1000) / 10;
}

static void add_table(cJSON *list, const struct snapshot_table *t)
{
    cJSON *o = json_put_item(list);
    json_put_str(o, "name", t->name);
    json_put_str(o, "state", table_states[t->state]);
    json_put_str(o, "status", t->status);
    json_put_num(o, "rows", known(t->rows));
    json_put_num(o, "total_rows", known(t->total));
    json_put_num(o, "percent", percent(t->state == TABLE_FAILED ? NAN : t->fraction));
}

void json_snapshots_add(cJSON *root, const struct pipeline *p)
{
    cJSON *list = cJSON_AddArrayToObject(root, "snapshots");
    for (size_t i = 0; i < p->nconnectors; i++) {
        const struct snapshot_status *s = p->connectors[i].snapshot;
        if (s == NULL)
            continue;
        cJSON *o = json_put_item(list);
        json_put_str(o, "connector", p->connectors[i].base.name);
        json_put_str(o, "id", s->p.id);
        json_put_str(o, "type", snapshot_type_name(s->type));
        json_put_str(o, "state", snapshot_status_name(s));
        json_put_num(o, "percent", percent(s->p.fraction));
        json_put_num(o, "eta_low_s", s->eta.known ? known(s->eta.low_ms) / 1000 : NAN);
        json_put_num(o, "eta_high_s", s->eta.known ? known(s->eta.high_ms) / 1000 : NAN);
        json_put_num(o, "rows_per_s", s->eta.known && s->eta_by_rows ? s->eta.per_s : NAN);
        json_put_num(o, "tables_per_s", s->eta.known && !s->eta_by_rows ? s->eta.per_s : NAN);
        json_put_num(o, "still_s", snapshot_status_running(s) ? known(s->still_ms) / 1000 : NAN);
        cJSON *tables = cJSON_AddArrayToObject(o, "tables");
        for (size_t t = 0; t < s->p.ntables; t++)
            add_table(tables, &s->p.tables[t]);
    }
}
