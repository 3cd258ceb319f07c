/* dms_parse.h: DMS's JSON answers into the snapshot's structures.
 *
 * Pure; the results live in the arena, everything is capped, secrets are masked on the way in.
 * Names of fields: botocore's model of dms-2016-01-01. Times come as seconds since 1970, with a
 * fraction; an ISO-8601 text is read too. Each function appends one page to its list and sets
 * *marker to where the next one begins (NULL: that was the last). Where a body is not what it
 * should be: false and ERR_PROTOCOL.
 */
#ifndef CDCTOP_SOURCE_DMS_PARSE_H
#define CDCTOP_SOURCE_DMS_PARSE_H

#include "base/err.h"
#include "config/config.h"
#include "model/snapshot.h"

enum {
    DMS_MAX_TASKS = 2000,
    DMS_MAX_ENDPOINTS = 4000,
    DMS_MAX_TABLES = 20000, /* looked at; of those … */
    DMS_KEPT_TABLES = 500,  /* … kept: with errors, being loaded, then those with most changes */
    DMS_MAX_NAME = 4096,
    DMS_MAX_TEXT = 16 * 1024,
};

/* A replication task, or a serverless replication, and what it is made of. */
struct dms_seen {
    struct dms_task task;
    const char *source_arn, *target_arn; /* endpoints */
    const char *instance_arn;            /* NULL: serverless */
};

struct dms_seen_list {
    struct dms_seen *items;
    size_t count, cap;
};

struct dms_endpoint {
    const char *arn, *engine, *host, *database, *user;
    const char *slot, *plugin;
    enum tri heartbeat, capture_ddls; /* DMS's defaults where it does not say: no, yes */
    const char *topic, *brokers;
    struct kv *settings; /* all that it says of itself that is one value */
    size_t nsettings, settings_cap;
};

struct dms_instance {
    const char *arn, *id, *class_name, *status, *version;
    int64_t storage_gib;
    const char **addresses;
    size_t naddresses, addresses_cap;
};

struct dms_scale { /* of a serverless replication's configuration */
    const char *arn;
    int64_t min, max;
};

/* What stands around the tasks. */
struct dms_around {
    struct dms_endpoint *endpoints;
    size_t nendpoints, endpoints_cap;
    struct dms_instance *instances;
    size_t ninstances, instances_cap;
    struct dms_scale *scales;
    size_t nscales, scales_cap;
};

struct dms_tables {
    struct dms_table *items;
    size_t count, cap;
    size_t total; /* those that were left out are counted here */
};

bool dms_parse_tasks(struct arena *arena, const char *body, size_t len, struct dms_seen_list *list,
                     const char **marker, struct err *err);
bool dms_parse_replications(struct arena *arena, const char *body, size_t len,
                            struct dms_seen_list *list, const char **marker, struct err *err);
bool dms_parse_endpoints(struct arena *arena, const char *body, size_t len,
                         struct dms_around *around, const char **marker, struct err *err);
bool dms_parse_instances(struct arena *arena, const char *body, size_t len,
                         struct dms_around *around, const char **marker, struct err *err);
bool dms_parse_configs(struct arena *arena, const char *body, size_t len, struct dms_around *around,
                       const char **marker, struct err *err);
/* Of a task or of a serverless replication. */
bool dms_parse_tables(struct arena *arena, const char *body, size_t len, struct dms_tables *tables,
                      const char **marker, struct err *err);

/* Cuts to DMS_KEPT_TABLES, the loudest, and sorts by name. */
void dms_tables_settle(struct dms_tables *tables);
/* What endpoints, instance and configuration say, into the task; all copied to the arena. */
void dms_fill(struct arena *arena, struct dms_seen *seen, const struct dms_around *around);
/* A deep copy of the tables into the task. */
void dms_put_tables(struct arena *arena, struct dms_task *task, const struct dms_tables *tables);
/* The connectors of a SOURCE_DMS snapshot, by name; takes the list, which lives in its arena. */
void dms_put_connectors(struct snapshot *snap, struct dms_seen_list *list,
                        const struct dms_around *around);

#endif
