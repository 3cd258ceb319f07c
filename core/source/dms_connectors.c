/* DMS's tasks as connectors: what endpoints and instances say is joined to each. */
#include "source/dms_parse.h"

#include "base/lsn.h"

#include <stdlib.h>
#include <string.h>

static const struct dms_endpoint *endpoint_of(const struct dms_around *around, const char *arn)
{
    for (size_t i = 0; arn != NULL && i < around->nendpoints; i++) {
        if (strcmp(around->endpoints[i].arn, arn) == 0)
            return &around->endpoints[i];
    }
    return NULL;
}

static void fill_source(struct arena *a, struct dms_task *t, const struct dms_endpoint *e)
{
    t->source_engine = arena_strdup(a, e->engine);
    t->source_host = arena_strdup(a, e->host);
    t->source_database = arena_strdup(a, e->database);
    t->source_user = arena_strdup(a, e->user);
    t->slot = arena_strdup(a, e->slot);
    t->plugin = arena_strdup(a, e->plugin);
    t->heartbeat = e->heartbeat;
    t->capture_ddls = e->capture_ddls;
}

static void fill_target(struct arena *a, struct dms_task *t, const struct dms_endpoint *e)
{
    t->target_engine = arena_strdup(a, e->engine);
    t->target_topic = arena_strdup(a, e->topic);
    t->target_brokers = arena_strdup(a, e->brokers);
}

static void fill_instance(struct arena *a, struct dms_task *t, const struct dms_instance *in)
{
    t->instance = arena_strdup(a, in->id);
    t->instance_class = arena_strdup(a, in->class_name);
    t->instance_status = arena_strdup(a, in->status);
    t->engine_version = arena_strdup(a, in->version);
    t->storage_gib = in->storage_gib;
    t->addresses = arena_array(a, in->naddresses, sizeof(*t->addresses));
    t->naddresses = in->naddresses;
    for (size_t i = 0; i < in->naddresses; i++)
        t->addresses[i] = arena_strdup(a, in->addresses[i]);
}

void dms_fill(struct arena *arena, struct dms_seen *seen, const struct dms_around *around)
{
    struct dms_task *t = &seen->task;
    const struct dms_endpoint *source = endpoint_of(around, seen->source_arn);
    const struct dms_endpoint *target = endpoint_of(around, seen->target_arn);
    if (source != NULL)
        fill_source(arena, t, source);
    if (target != NULL)
        fill_target(arena, t, target);
    for (size_t i = 0; seen->instance_arn != NULL && i < around->ninstances; i++) {
        if (strcmp(around->instances[i].arn, seen->instance_arn) == 0)
            fill_instance(arena, t, &around->instances[i]);
    }
    for (size_t i = 0; t->serverless && i < around->nscales; i++) {
        if (strcmp(around->scales[i].arn, t->arn) == 0) {
            t->min_units = around->scales[i].min;
            t->max_units = around->scales[i].max;
        }
    }
}

/* ---- the connectors -------------------------------------------------------------------------- */

static size_t put_side(struct arena *a, struct kv *out, size_t n, const char *side,
                       const struct dms_endpoint *e)
{
    for (size_t i = 0; e != NULL && i < e->nsettings; i++)
        out[n++] = (struct kv){arena_printf(a, "%s.%s", side, e->settings[i].key),
                               arena_strdup(a, e->settings[i].value)};
    return n;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct kv *)a)->key, ((const struct kv *)b)->key);
}

static void put_config(struct arena *a, struct connect_connector *c, const struct dms_seen *seen,
                       const struct dms_around *around)
{
    const struct dms_endpoint *source = endpoint_of(around, seen->source_arn);
    const struct dms_endpoint *target = endpoint_of(around, seen->target_arn);
    size_t n = (source != NULL ? source->nsettings : 0) + (target != NULL ? target->nsettings : 0);
    c->config = arena_array(a, n, sizeof(*c->config));
    c->nconfig = put_side(a, c->config, 0, "source", source);
    c->nconfig = put_side(a, c->config, c->nconfig, "target", target);
    if (c->nconfig > 1)
        qsort(c->config, c->nconfig, sizeof(*c->config), by_key);
}

/* The failure of a task that runs again is history. */
static bool is_down(const struct dms_task *t)
{
    const char *status = t->status != NULL ? t->status : "";
    return strcmp(status, "failed") == 0 || strcmp(status, "failed-move") == 0 ||
           (strcmp(status, "stopped") == 0 && t->stop_reason != NULL &&
            strstr(t->stop_reason, "ERROR") != NULL);
}

static void put_connector(struct arena *a, struct connect_connector *c, struct dms_seen *seen,
                          const struct dms_around *around)
{
    dms_fill(a, seen, around);
    struct dms_task *t = arena_alloc(a, sizeof(*t));
    *t = seen->task;
    *c = (struct connect_connector){
        .name = t->id,
        .type = "source",
        .state = t->status,
        .worker = t->instance,
        .class_name = "DMS",
        .lsn = LSN_NONE,
        .source_ms = UNKNOWN,
        .offsets_ms = UNKNOWN,
        .service = SERVICE_DMS,
        .dms = t,
    };
    if (is_down(t))
        c->trace = c->cause = t->failure;
    put_config(a, c, seen, around);
}

static int by_id(const void *a, const void *b)
{
    const struct dms_seen *x = a;
    const struct dms_seen *y = b;
    int d = strcmp(x->task.id, y->task.id);
    return d != 0 ? d : strcmp(x->task.arn, y->task.arn);
}

void dms_put_connectors(struct snapshot *snap, struct dms_seen_list *list,
                        const struct dms_around *around)
{
    struct connect_snap *out = &snap->connect;
    if (list->count > 1)
        qsort(list->items, list->count, sizeof(*list->items), by_id);
    out->connectors = arena_array(snap->arena, list->count, sizeof(*out->connectors));
    for (size_t i = 0; i < list->count; i++) {
        const struct dms_seen *before = i > 0 ? &list->items[i - 1] : NULL;
        /* Pages that moved on while they were read may tell one task twice. */
        if (before != NULL && strcmp(before->task.arn, list->items[i].task.arn) == 0)
            continue;
        put_connector(snap->arena, &out->connectors[out->nconnectors++], &list->items[i], around);
    }
}
