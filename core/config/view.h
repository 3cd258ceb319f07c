/* view.h: how lists begin. */
#ifndef CDCTOP_CONFIG_VIEW_H
#define CDCTOP_CONFIG_VIEW_H

#include <stddef.h>

struct strlist {
    char **items;
    size_t count;
};

/* Orders: "COLUMN" or "COLUMN reversed"; the columns in their order. Empty: as the list
 * itself has it. */
struct view_config {
    char *sort_slots, *sort_topics, *sort_connectors, *sort_objects, *sort_groups;
    char *sort_partitions, *sort_snapshots, *sort_tables, *sort_pipelines;
    char *sort_history, *sort_events;
    char *sort_files, *sort_messages, *sort_records; /* of a prefix, a topic, an object */
    struct strlist columns_slots, columns_topics, columns_connectors, columns_objects;
    struct strlist columns_groups, columns_partitions, columns_snapshots, columns_tables;
    struct strlist columns_pipelines, columns_history, columns_events;
    struct strlist columns_files, columns_messages, columns_records;
};

#endif
