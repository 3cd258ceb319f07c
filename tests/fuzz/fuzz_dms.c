/* Everything that DMS sends: each input is read as every body, twice over, and put together. */
#include "base/mem.h"
#include "source/dms_parse.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct snapshot *snap = snapshot_new(SOURCE_DMS);
    struct arena *a = snap->arena;
    const char *body = (const char *)data;
    struct dms_seen_list list = {0};
    struct dms_around around = {0};
    struct dms_tables tables = {0};
    const char *marker;
    for (int pass = 0; pass < 2; pass++) {
        (void)dms_parse_tasks(a, body, size, &list, &marker, NULL);
        (void)dms_parse_replications(a, body, size, &list, &marker, NULL);
        (void)dms_parse_endpoints(a, body, size, &around, &marker, NULL);
        (void)dms_parse_instances(a, body, size, &around, &marker, NULL);
        (void)dms_parse_configs(a, body, size, &around, &marker, NULL);
        (void)dms_parse_tables(a, body, size, &tables, &marker, NULL);
    }
    dms_tables_settle(&tables);
    if (tables.count > DMS_KEPT_TABLES || tables.count > tables.total)
        abort();
    for (size_t i = 0; i < list.count; i++)
        dms_put_tables(a, &list.items[i].task, &tables);
    dms_put_connectors(snap, &list, &around);
    if (snap->connect.nconnectors > list.count)
        abort();
    snapshot_free(snap);
    return 0;
}
