/* The statistics of a DMS task's tables: read, cut to those that matter, copied. */
#include "source/dms_parse_int.h"

#include <stdlib.h>
#include <string.h>

/* What is known of the parts; UNKNOWN when none is. */
static int64_t sum(const cJSON *item, const char *const *keys)
{
    int64_t all = UNKNOWN;
    for (; *keys != NULL; keys++) {
        int64_t n = dms_count(item, *keys);
        if (n != UNKNOWN)
            all = (all != UNKNOWN ? all : 0) + n;
    }
    return all;
}

static void put_table(struct arena *arena, const cJSON *item, struct dms_table *t)
{
    static const char *const applied[] = {"AppliedInserts", "AppliedUpdates", "AppliedDeletes",
                                          NULL};
    *t = (struct dms_table){
        .schema = dms_text(arena, item, "SchemaName"),
        .name = dms_text(arena, item, "TableName"),
        .state = dms_text(arena, item, "TableState"),
        .validation = dms_text(arena, item, "ValidationState"),
        .inserts = dms_count(item, "Inserts"),
        .deletes = dms_count(item, "Deletes"),
        .updates = dms_count(item, "Updates"),
        .ddls = dms_count(item, "Ddls"),
        .applied = sum(item, applied),
        .loaded = dms_count(item, "FullLoadRows"),
        .load_errors = dms_count(item, "FullLoadErrorRows"),
        .pending = dms_count(item, "ValidationPendingRecords"),
        .failed = dms_count(item, "ValidationFailedRecords"),
        .suspended = dms_count(item, "ValidationSuspendedRecords"),
        .updated_ms = dms_time(item, "LastUpdateTime"),
        .load_ended_ms = dms_time(item, "FullLoadEndTime"),
    };
    /* Where it is off the counts are zeros that say nothing. */
    if (t->validation == NULL || strcmp(t->validation, "Not enabled") == 0)
        t->pending = t->failed = t->suspended = UNKNOWN;
}

bool dms_parse_tables(struct arena *arena, const char *body, size_t len, struct dms_tables *tables,
                      const char **marker, struct err *err)
{
    const cJSON *items;
    const cJSON *item;
    cJSON *root = dms_page(arena, body, len, "TableStatistics", &items, marker, err);
    if (root == NULL)
        return false;
    if (items == NULL)
        items = json_get(root, "ReplicationTableStatistics");
    cJSON_ArrayForEach(item, items)
    {
        struct dms_table t;
        tables->total++;
        if (tables->count >= DMS_MAX_TABLES)
            continue;
        put_table(arena, item, &t);
        if (t.name == NULL || t.schema == NULL)
            continue;
        struct dms_table *at =
            arena_push(arena, &tables->items, &tables->count, &tables->cap, sizeof(*at));
        *at = t;
    }
    cJSON_Delete(root);
    return true;
}

/* ---- the loudest ----------------------------------------------------------------------------- */

static int64_t known(int64_t n)
{
    return n != UNKNOWN ? n : 0;
}

static int loudness(const struct dms_table *t)
{
    const char *state = t->state != NULL ? t->state : "";
    if (strcmp(state, "Table error") == 0)
        return 3;
    if (known(t->failed) > 0 || known(t->load_errors) > 0)
        return 2;
    return strcmp(state, "Table completed") != 0;
}

static int by_loudness(const void *a, const void *b)
{
    const struct dms_table *x = a;
    const struct dms_table *y = b;
    int d = loudness(y) - loudness(x);
    if (d != 0)
        return d;
    int64_t m = known(x->inserts) + known(x->updates) + known(x->deletes);
    int64_t n = known(y->inserts) + known(y->updates) + known(y->deletes);
    return (m < n) - (m > n);
}

static int by_name(const void *a, const void *b)
{
    const struct dms_table *x = a;
    const struct dms_table *y = b;
    int d = strcmp(x->schema, y->schema);
    return d != 0 ? d : strcmp(x->name, y->name);
}

void dms_tables_settle(struct dms_tables *tables)
{
    if (tables->count > DMS_KEPT_TABLES) {
        qsort(tables->items, tables->count, sizeof(*tables->items), by_loudness);
        tables->count = DMS_KEPT_TABLES;
    }
    if (tables->count > 1)
        qsort(tables->items, tables->count, sizeof(*tables->items), by_name);
}

void dms_put_tables(struct arena *arena, struct dms_task *task, const struct dms_tables *tables)
{
    task->tables = arena_array(arena, tables->count, sizeof(*task->tables));
    task->ntables = tables->count;
    task->tables_total = tables->total;
    task->tables_read = true;
    for (size_t i = 0; i < tables->count; i++) {
        struct dms_table *t = &task->tables[i];
        *t = tables->items[i];
        t->schema = arena_strdup(arena, t->schema);
        t->name = arena_strdup(arena, t->name);
        t->state = arena_strdup(arena, t->state);
        t->validation = arena_strdup(arena, t->validation);
    }
}
