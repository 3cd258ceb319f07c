#include "report/json_snapshots.h"

#include "model/snapshot_status.h"

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

static void add_text(cJSON *o, const char *key, const char *s)
{
    if (s != NULL)
        cJSON_AddStringToObject(o, key, s);
    else
        cJSON_AddNullToObject(o, key);
}

static void add_number(cJSON *o, const char *key, double v)
{
    if (isfinite(v))
        cJSON_AddNumberToObject(o, key, v);
    else
        cJSON_AddNullToObject(o, key);
}

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
    cJSON *o = cJSON_CreateObject();
    cJSON_AddItemToArray(list, o);
    add_text(o, "name", t->name);
    add_text(o, "state", table_states[t->state]);
    add_text(o, "status", t->status);
    add_number(o, "rows", known(t->rows));
    add_number(o, "total_rows", known(t->total));
    add_number(o, "percent", percent(t->state == TABLE_FAILED ? NAN : t->fraction));
}

void json_snapshots_add(cJSON *root, const struct pipeline *p)
{
    cJSON *list = cJSON_AddArrayToObject(root, "snapshots");
    for (size_t i = 0; i < p->nconnectors; i++) {
        const struct snapshot_status *s = p->connectors[i].snapshot;
        if (s == NULL)
            continue;
        cJSON *o = cJSON_CreateObject();
        cJSON_AddItemToArray(list, o);
        add_text(o, "connector", p->connectors[i].base.name);
        add_text(o, "id", s->p.id);
        add_text(o, "type", snapshot_type_name(s->type));
        add_text(o, "state", snapshot_status_name(s));
        add_number(o, "percent", percent(s->p.fraction));
        add_number(o, "eta_low_s", s->eta.known ? known(s->eta.low_ms) / 1000 : NAN);
        add_number(o, "eta_high_s", s->eta.known ? known(s->eta.high_ms) / 1000 : NAN);
        add_number(o, "rows_per_s", s->eta.known && s->eta_by_rows ? s->eta.per_s : NAN);
        add_number(o, "tables_per_s", s->eta.known && !s->eta_by_rows ? s->eta.per_s : NAN);
        add_number(o, "still_s", snapshot_status_running(s) ? known(s->still_ms) / 1000 : NAN);
        cJSON *tables = cJSON_AddArrayToObject(o, "tables");
        for (size_t t = 0; t < s->p.ntables; t++)
            add_table(tables, &s->p.tables[t]);
    }
}
