/* rds_lines.c: the database as RDS has it, among the details of a slot: whose disk its WAL fills,
 * what waits for a reboot, what happened. */
#include "base/clock.h"
#include "base/human.h"
#include "base/mem.h"
#include "model/feed.h"
#include "model/metrics.h"
#include "model/series.h"
#include "tui/draw/glyph.h"
#include "tui/view/view.h"

#include <math.h>
#include <string.h>

enum { EVENTS_SHOWN = 5 };

static const char *or_dash(const char *text)
{
    return text != NULL ? text : "–";
}

static const char *date(const struct scene *s, int64_t ms)
{
    char buf[40];
    return scene_text(s, "%.10s", clock_iso(ms, buf, sizeof(buf)));
}

static void identity(const struct scene *s, struct doc *d, const struct rds_snap *rds,
                     const struct rds_instance *n)
{
    if (rds->cluster != NULL)
        doc_kvf(d, "cluster", ROLE_TEXT, "%s, %s, %zu %s", rds->cluster,
                or_dash(rds->cluster_status), rds->ninstances,
                rds->ninstances == 1 ? "instance" : "instances");
    if (n != NULL)
        doc_kv(d, "instance",
               n->status != NULL && strcmp(n->status, "available") != 0 ? ROLE_WARN : ROLE_TEXT,
               scene_text(
                   s, "%s, %s, %s%s, %s%s", n->id, or_dash(n->status), or_dash(n->class_name),
                   n->multi_az == TRI_YES ? ", Multi-AZ" : "", or_dash(n->zone),
                   n->replica_of != NULL ? scene_text(s, ", replica of %s", n->replica_of) : ""));
    doc_kvf(d, "engine", ROLE_TEXT, "%s %s", or_dash(rds->engine), or_dash(rds->version));
    doc_kv(d, "connected to", rds->role != NULL ? ROLE_TEXT : ROLE_DIM,
           rds->role != NULL ? scene_text(s, "the %s", rds->role)
                             : "none of its endpoints: a CNAME, a proxy or a tunnel");
}

/* Minutes late by nature: never without its age. */
static const char *figure(const struct scene *s, const char *name, const char *object)
{
    char value[HUMAN_SIZE];
    char age[METRIC_AGE];
    const struct snapshot *snap = world_snap(s->m->world, s->app->pipeline, SOURCE_CLOUDWATCH);
    const struct cw_metric *m = snap != NULL && object != NULL
                                    ? cloudwatch_find(&snap->cloudwatch, SPACE_RDS, name, object)
                                    : NULL;
    if (m == NULL || isnan(m->value))
        return NULL;
    int64_t now = world_server_now(s->m->world, s->app->pipeline, SOURCE_CLOUDWATCH);
    return scene_text(s, "%s (%s)", metric_value(value, m), metric_age(age, m, now));
}

/* If free space goes on falling as it did: a range, as in the findings. */
static void fills(const struct scene *s, struct doc *d, const struct rds_instance *n)
{
    char key[FEED_KEY];
    char low[HUMAN_SIZE];
    char high[HUMAN_SIZE];
    char rate[HUMAN_SIZE];
    const struct snapshot *snap = world_snap(s->m->world, s->app->pipeline, SOURCE_CLOUDWATCH);
    const struct cw_metric *m =
        snap != NULL ? cloudwatch_find(&snap->cloudwatch, SPACE_RDS, "FreeStorageSpace", n->id)
                     : NULL;
    if (m == NULL || isnan(m->value))
        return;
    feed_metric_key(key, SPACE_RDS, "FreeStorageSpace", n->id);
    struct projection p = series_project(series_find(s->wp->series, key), m->value, -1,
                                         s->wp->config->thresholds.disk_window_ms);
    if (!p.known)
        return;
    human_duration_ms(low, p.low_ms);
    const char *until = p.high_ms == INT64_MAX
                            ? "at the soonest"
                            : scene_text(s, "to %s", human_duration_ms(high, p.high_ms));
    doc_kvf(d, "disk full in", ROLE_TEXT, "est. %s %s: free space falls by %s", low, until,
            human_byte_rate(rate, p.per_s));
}

static void storage(const struct scene *s, struct doc *d, const struct rds_snap *rds,
                    const struct rds_instance *n)
{
    char a[HUMAN_SIZE];
    const char *free_space = n != NULL ? figure(s, "FreeStorageSpace", n->id) : NULL;
    if (rds_is_aurora(rds)) {
        const char *used = figure(s, "VolumeBytesUsed", rds->cluster);
        doc_kvf(d, "volume", ROLE_TEXT, "%s; it grows by itself, and what slots keep is paid for",
                used != NULL ? used : "size not told by CloudWatch");
    } else if (n != NULL && rds_bytes(n->allocated_gib) != UNKNOWN) {
        bool grows = rds_bytes(n->max_allocated_gib) > rds_bytes(n->allocated_gib);
        /* AWS's console counts in GiB, CloudWatch in bytes. */
        doc_kvf(d, "disk", ROLE_TEXT, "%lld GiB (%s)%s%s, free: %s%s", (long long)n->allocated_gib,
                human_bytes(a, rds_bytes(n->allocated_gib)), n->storage_type != NULL ? " " : "",
                n->storage_type != NULL ? n->storage_type : "",
                free_space != NULL ? free_space : "not told by CloudWatch",
                grows ? scene_text(s, ", grows by itself up to %lld GiB",
                                   (long long)n->max_allocated_gib)
                      : "");
        fills(s, d, n);
    }
}

static void figures(const struct scene *s, struct doc *d, const struct rds_instance *n)
{
    static const struct {
        const char *label, *name;
    } shown[] = {
        {"kept by slots",  "OldestReplicationSlotLag" },
        {"files of slots", "ReplicationSlotDiskUsage" },
        {"WAL on disk",    "TransactionLogsDiskUsage" },
        {"WAL written",    "TransactionLogsGeneration"},
        {"temporary disk", "FreeLocalStorage"         },
        {"CPU",            "CPUUtilization"           },
        {"connections",    "DatabaseConnections"      },
        {"xids used",      "MaximumUsedTransactionIDs"},
        {"replica behind", "ReplicaLag"               },
        {"replica behind", "AuroraReplicaLag"         },
    };
    for (size_t i = 0; n != NULL && i < ARRAY_LEN(shown); i++) {
        const char *text = figure(s, shown[i].name, n->id);
        if (text != NULL)
            doc_kv(d, shown[i].label, ROLE_TEXT, text);
    }
}

static void pending(const struct scene *s, struct doc *d, const struct rds_snap *rds)
{
    for (size_t i = 0; i < rds->ninstances; i++) {
        const struct rds_instance *n = &rds->instances[i];
        for (size_t k = 0; k < n->nparameter_groups; k++) {
            const struct kv *g = &n->parameter_groups[k];
            if (g->value != NULL && strcmp(g->value, "in-sync") != 0)
                doc_kvf(d, "parameters", ROLE_WARN, "%s: group %s is %s", n->id, g->key, g->value);
        }
        for (size_t k = 0; k < n->npending; k++)
            doc_kvf(d, "to be changed", ROLE_INFO, "%s: %s%s%s", n->id, n->pending[k].key,
                    n->pending[k].value != NULL ? " → " : "",
                    n->pending[k].value != NULL ? n->pending[k].value : "");
    }
    for (size_t i = 0; i < rds->nmaintenance; i++) {
        const struct rds_maintenance *m = &rds->maintenance[i];
        doc_kvf(d, "maintenance", ROLE_INFO, "%s: %s%s%s%s", or_dash(m->object), or_dash(m->action),
                m->apply_ms != UNKNOWN ? m->forced ? ", forced on " : ", on " : ", no date yet",
                m->apply_ms != UNKNOWN ? date(s, m->apply_ms) : "",
                m->description != NULL ? scene_text(s, " (%s)", m->description) : "");
    }
}

static void ways_in(const struct scene *s, struct doc *d, const struct rds_snap *rds,
                    const struct rds_instance *n)
{
    doc_kvf(d, "IAM login", ROLE_TEXT, "%s%s%s%s",
            rds->iam_login == TRI_YES  ? "on"
            : rds->iam_login == TRI_NO ? "off"
                                       : "unknown",
            rds->secret_arn != NULL ? "; master password in Secrets Manager" : "",
            rds->secret_status != NULL ? ", " : "",
            rds->secret_status != NULL ? rds->secret_status : "");
    if (n != NULL && n->certificate != NULL)
        doc_kvf(d, "certificate", ROLE_TEXT, "%s%s%s", n->certificate,
                n->certificate_ends_ms != UNKNOWN ? ", ends " : "",
                n->certificate_ends_ms != UNKNOWN ? date(s, n->certificate_ends_ms) : "");
}

static void events(const struct scene *s, struct doc *d, const struct rds_snap *rds)
{
    int64_t now = world_server_now(s->m->world, s->app->pipeline, SOURCE_RDS);
    if (!rds->events_read)
        doc_kv(d, "events", ROLE_DIM, "not told");
    else if (rds->nevents == 0)
        doc_kv(d, "events", ROLE_DIM, "none within a day");
    for (size_t i = 0; i < rds->nevents && i < EVENTS_SHOWN; i++) {
        const struct rds_event *e = &rds->events[i];
        char age[HUMAN_SIZE];
        bool upset =
            strstr(e->categories, "fail") != NULL || strstr(e->categories, "availability") != NULL;
        doc_kv(d, i == 0 ? "events" : "", upset ? ROLE_WARN : ROLE_TEXT,
               scene_text(s, "%s ago, %s: %s", human_age_ms(age, now - e->at_ms),
                          or_dash(e->source), e->message));
    }
}

void view_rds(const struct scene *s, struct doc *d)
{
    const struct snapshot *snap = world_snap(s->m->world, s->app->pipeline, SOURCE_RDS);
    enum source_state state = world_state(s->m->world, s->app->pipeline, SOURCE_RDS);
    char age[HUMAN_SIZE];
    if (state == STATE_OFF)
        return;
    int64_t old = world_age(s->m->world, s->app->pipeline, SOURCE_RDS);
    doc_head(d, "The database at RDS",
             snap == NULL           ? "it has not answered"
             : state == STATE_FRESH ? NULL
                                    : scene_text(s, "as it was %s ago", human_age_ms(age, old)));
    if (snap == NULL)
        return;
    const struct rds_snap *rds = &snap->rds;
    const struct rds_instance *n = rds_behind(rds);
    identity(s, d, rds, n);
    storage(s, d, rds, n);
    figures(s, d, n);
    pending(s, d, rds);
    ways_in(s, d, rds, n);
    events(s, d, rds);
}
