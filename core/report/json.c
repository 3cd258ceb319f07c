#include "report/json_dms.h"
#include "report/report.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/lsn.h"
#include "report/json_aws.h"
#include "report/json_cloudwatch.h"
#include "report/json_msk.h"
#include "report/json_rds.h"
#include "report/json_snapshots.h"

#include <math.h>
#include <string.h>

static void add_str(cJSON *o, const char *key, const char *s)
{
    if (s != NULL)
        cJSON_AddStringToObject(o, key, s);
    else
        cJSON_AddNullToObject(o, key);
}

static void add_num(cJSON *o, const char *key, double v)
{
    if (isnan(v) || isinf(v))
        cJSON_AddNullToObject(o, key);
    else
        cJSON_AddNumberToObject(o, key, v);
}

static void add_int(cJSON *o, const char *key, int64_t v)
{
    add_num(o, key, v == UNKNOWN ? NAN : (double)v);
}

static void add_seconds(cJSON *o, const char *key, int64_t ms)
{
    add_num(o, key, ms == UNKNOWN || ms == DUE_NEVER ? NAN : (double)ms / 1000);
}

static void add_tri(cJSON *o, const char *key, enum tri v)
{
    if (v == TRI_UNKNOWN)
        cJSON_AddNullToObject(o, key);
    else
        cJSON_AddBoolToObject(o, key, v == TRI_YES);
}

static void add_time(cJSON *o, const char *key, int64_t ms)
{
    char buf[40];
    add_str(o, key, ms == UNKNOWN || ms <= 0 ? NULL : clock_iso_ms(ms, buf, sizeof(buf)));
}

static void add_lsn(cJSON *o, const char *key, uint64_t lsn)
{
    char buf[LSN_TEXT];
    add_str(o, key, lsn == LSN_NONE ? NULL : lsn_text(lsn, buf, sizeof(buf)));
}

static cJSON *row_new(cJSON *array, const struct row_base *base)
{
    cJSON *o = cJSON_CreateObject();
    cJSON_AddItemToArray(array, o);
    add_str(o, "name", base->name);
    add_str(o, "verdict", verdict_name(base->verdict));
    add_str(o, "why", base->why);
    cJSON_AddBoolToObject(o, "stale", base->stale);
    return o;
}

static const char *const state_names[] = {
    [STATE_OFF] = "off",     [STATE_WAITING] = "waiting", [STATE_FRESH] = "fresh",
    [STATE_STALE] = "stale", [STATE_FAILING] = "failing",
};

/* What the server calls its version; Kafka and S3 do not tell. */
static const char *version_of(const struct snapshot *snap)
{
    if (snap == NULL)
        return NULL;
    if (snap->kind == SOURCE_POSTGRES)
        return snap->pg.version;
    if (snap->kind == SOURCE_MSK)
        return snap->msk.kafka_version;
    return snap->kind == SOURCE_CONNECT ? snap->connect.version : NULL;
}

static void add_sources(cJSON *root, const struct report_input *in)
{
    cJSON *list = cJSON_AddArrayToObject(root, "sources");
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        enum source_kind kind = (enum source_kind)k;
        const struct source_slot *s = &in->world->pipelines[in->index].sources[k];
        if (kind >= SOURCE_OWN_COUNT && !s->configured)
            continue;
        cJSON *o = cJSON_CreateObject();
        cJSON_AddItemToArray(list, o);
        add_str(o, "kind", source_kind_name(kind));
        add_str(o, "state", state_names[world_state(in->world, in->index, kind)]);
        add_seconds(o, "age_s", world_age(in->world, in->index, kind));
        add_seconds(o, "skew_s", world_skew(in->world, in->index, kind));
        add_seconds(o, "took_s", s->report_mono_ms == 0 ? UNKNOWN : s->took_us / 1000);
        add_str(o, "error", s->err.kind != ERR_NONE ? s->err.text : NULL);
        add_str(o, "error_kind", s->err.kind != ERR_NONE ? err_kind_name(s->err.kind) : NULL);
        add_str(o, "version", version_of(s->snap));
        cJSON_AddNumberToObject(o, "failures", (double)s->fails);
        if (kind == SOURCE_S3 && s->snap != NULL)
            json_s3_cost_add(o, &s->snap->s3);
        cJSON *notes = cJSON_AddArrayToObject(o, "notes");
        for (size_t i = 0; s->snap != NULL && i < s->snap->notes.count; i++) {
            cJSON *n = cJSON_CreateObject();
            add_str(n, "what", s->snap->notes.items[i].what);
            add_str(n, "fix", s->snap->notes.items[i].fix);
            cJSON_AddItemToArray(notes, n);
        }
    }
}

static void add_slots(cJSON *root, const struct pipeline *p)
{
    cJSON *list = cJSON_AddArrayToObject(root, "slots");
    for (size_t i = 0; i < p->nslots; i++) {
        const struct slot_row *r = &p->slots[i];
        const struct pg_slot *s = r->slot;
        cJSON *o = row_new(list, &r->base);
        add_str(o, "state", r->state);
        add_str(o, "type", s->type);
        add_str(o, "plugin", s->plugin);
        add_str(o, "database", s->database);
        add_tri(o, "active", s->active);
        add_int(o, "active_pid", s->active_pid != 0 ? s->active_pid : UNKNOWN);
        add_str(o, "wal_status", s->wal_status);
        add_str(o, "invalidation_reason", s->invalidation_reason);
        add_lsn(o, "restart_lsn", s->restart_lsn);
        add_lsn(o, "confirmed_flush_lsn", s->confirmed_flush_lsn);
        add_int(o, "retained_bytes", r->retained);
        add_int(o, "unconfirmed_bytes", r->behind);
        add_int(o, "safe_wal_size_bytes", s->safe_wal_size);
        add_num(o, "retained_bytes_per_s", r->retained_rate);
        add_seconds(o, "lost_in_s", r->lost_in_ms);
        add_seconds(o, "idle_s", r->idle_ms);
        add_str(o, "owner", r->owner != NULL ? r->owner->name : NULL);
        add_str(o, "application_name",
                s->walsender != NULL ? s->walsender->application_name : NULL);
        add_str(o, "client_addr", s->walsender != NULL ? s->walsender->client_addr : NULL);
    }
}

static void add_topics(cJSON *root, const struct pipeline *p)
{
    cJSON *list = cJSON_AddArrayToObject(root, "topics");
    for (size_t i = 0; i < p->ntopics; i++) {
        const struct topic_row *r = &p->topics[i];
        cJSON *o = row_new(list, &r->base);
        cJSON_AddNumberToObject(o, "partitions", (double)r->topic->npartitions);
        add_int(o, "messages", r->messages);
        add_num(o, "messages_per_s", r->per_s);
        add_num(o, "bytes_per_s_est", r->bytes_per_s);
        add_str(o, "group", r->group);
        add_int(o, "lag", r->lag);
        add_seconds(o, "lag_s", r->lag_ms);
        cJSON_AddBoolToObject(o, "lag_s_is_lower_bound", r->lag_ms_more);
        add_time(o, "newest", r->newest_ms);
        cJSON_AddNumberToObject(o, "leaderless", r->leaderless);
        cJSON_AddNumberToObject(o, "under_replicated", r->under_replicated);
        cJSON *parts = cJSON_AddArrayToObject(o, "offsets");
        for (size_t k = 0; k < r->topic->npartitions; k++) {
            const struct kafka_partition *kp = &r->topic->partitions[k];
            cJSON *po = cJSON_CreateObject();
            cJSON_AddNumberToObject(po, "partition", kp->id);
            add_int(po, "leader", kp->leader >= 0 ? kp->leader : UNKNOWN);
            add_int(po, "begin", kp->begin);
            add_int(po, "end", kp->end);
            cJSON_AddItemToArray(parts, po);
        }
    }
}

static void add_groups(cJSON *root, const struct pipeline *p)
{
    cJSON *list = cJSON_AddArrayToObject(root, "groups");
    for (size_t i = 0; i < p->ngroups; i++) {
        const struct group_row *r = &p->groups[i];
        cJSON *o = row_new(list, &r->base);
        add_str(o, "state", r->group->state);
        add_int(o, "members", r->group->members >= 0 ? r->group->members : UNKNOWN);
        add_str(o, "connector", r->connector);
        add_int(o, "lag", r->lag);
        add_seconds(o, "lag_s", r->lag_ms);
        cJSON_AddBoolToObject(o, "lag_s_is_lower_bound", r->lag_ms_more);
        add_str(o, "trend", r->trend[0] != '\0' ? r->trend : NULL);
    }
}

static void add_connectors(cJSON *root, const struct world *world, const struct pipeline *p)
{
    cJSON *list = cJSON_AddArrayToObject(root, "connectors");
    for (size_t i = 0; i < p->nconnectors; i++) {
        const struct connector_row *r = &p->connectors[i];
        const struct connect_connector *c = r->connector;
        cJSON *o = row_new(list, &r->base);
        add_str(o, "service", source_kind_name(service_source(c->service)));
        add_str(o, "type", c->type);
        add_str(o, "class", c->class_name);
        add_str(o, "state", c->state);
        add_str(o, "worker", c->worker);
        add_str(o, "cause", r->cause[0] != '\0' ? r->cause : NULL);
        add_lsn(o, "lsn", c->lsn);
        add_int(o, "behind_bytes", r->behind_bytes);
        add_seconds(o, "behind_s", r->behind_ms);
        cJSON_AddBoolToObject(o, "behind_s_is_lower_bound", r->behind_ms_more);
        add_int(o, "lag", r->lag);
        add_int(o, "tasks_running", r->tasks_known ? r->running : UNKNOWN);
        add_int(o, "tasks_failed", r->tasks_known ? r->failed : UNKNOWN);
        add_seconds(o, "tasks_age_s",
                    r->tasks_ms != UNKNOWN ? world->wall_ms - r->tasks_ms : UNKNOWN);
        if (c->dms != NULL)
            json_dms_add(o, world, p, r);
        cJSON *tasks = cJSON_AddArrayToObject(o, "tasks");
        for (size_t k = 0; k < c->ntasks; k++) {
            cJSON *t = cJSON_CreateObject();
            cJSON_AddNumberToObject(t, "id", c->tasks[k].id);
            add_str(t, "state", c->tasks[k].state);
            add_str(t, "worker", c->tasks[k].worker);
            add_str(t, "cause", c->tasks[k].cause);
            cJSON_AddItemToArray(tasks, t);
        }
    }
}

static void add_prefixes(cJSON *root, const struct pipeline *p)
{
    cJSON *list = cJSON_AddArrayToObject(root, "prefixes");
    for (size_t i = 0; i < p->nprefixes; i++) {
        const struct prefix_row *r = &p->prefixes[i];
        cJSON *o = row_new(list, &r->base);
        add_str(o, "path", r->prefix->path);
        add_str(o, "connector", r->connector);
        add_str(o, "newest_key", r->prefix->nobjects > 0 ? r->prefix->objects[0].key : NULL);
        add_time(o, "newest",
                 r->prefix->nobjects > 0 ? r->prefix->objects[0].modified_ms : UNKNOWN);
        add_seconds(o, "newest_age_s", r->newest_age_ms);
        add_int(o, "newest_bytes", r->size);
        add_seconds(o, "due_s", r->due_ms);
        cJSON_AddBoolToObject(o, "rotates_by_itself", r->due_ms != DUE_NEVER);
        add_seconds(o, "late_s", r->late_ms);
        add_int(o, "waiting_records", r->waiting);
        add_num(o, "objects_per_s", r->objects_per_s);
    }
}

static const char *hop_name(enum hop_id hop)
{
    static const char *const names[HOP_COUNT] = {
        [HOP_SOURCE] = "source", [HOP_SLOT] = "slot", [HOP_CAPTURE] = "capture",
        [HOP_TOPICS] = "topics", [HOP_SINK] = "sink", [HOP_OBJECTS] = "objects",
    };
    return names[hop];
}

static void add_explains(cJSON *o, const struct finding *f)
{
    cJSON *list = cJSON_AddArrayToObject(o, "explains");
    for (int i = 0; i < f->nexplains; i++) {
        cJSON *one = cJSON_CreateObject();
        add_str(one, "id", f->explains[i].id);
        add_str(one, "object", f->explains[i].object);
        add_str(one, "title", f->explains[i].title);
        cJSON_AddItemToArray(list, one);
    }
}

static cJSON *finding_json(const struct finding *f)
{
    cJSON *o = cJSON_CreateObject();
    add_str(o, "id", f->id);
    add_str(o, "severity", verdict_name(f->severity));
    add_str(o, "hop", hop_name(f->hop));
    add_str(o, "object", f->object);
    add_str(o, "title", f->title);
    add_str(o, "check", f->check[0] != '\0' ? f->check : NULL);
    add_str(o, "advice", f->advice);
    add_time(o, "since", f->since_wall_ms);
    cJSON *evidence = cJSON_AddArrayToObject(o, "evidence");
    for (int i = 0; i < f->nevidence; i++)
        cJSON_AddItemToArray(evidence, cJSON_CreateString(f->evidence[i]));
    add_explains(o, f);
    add_str(o, "remedy", f->has_remedy ? action_info(f->remedy)->name : NULL);
    add_str(o, "remedy_target", f->has_remedy ? f->remedy_target : NULL);
    add_str(o, "confidence", confidence_name(f->confidence));
    cJSON_AddBoolToObject(o, "clearing", f->clearing);
    return o;
}

static void add_hops(cJSON *root, const struct pipeline *p)
{
    cJSON *list = cJSON_AddArrayToObject(root, "hops");
    for (int i = 0; i < HOP_COUNT; i++) {
        cJSON *o = cJSON_CreateObject();
        cJSON_AddItemToArray(list, o);
        add_str(o, "title", p->hops[i].title);
        add_str(o, "name", p->hops[i].name);
        add_str(o, "verdict", verdict_name(p->hops[i].verdict));
        add_str(o, "word", p->hops[i].word);
        add_str(o, "figure", p->hops[i].figure);
        add_seconds(o, "age_s", p->hops[i].age_ms);
        cJSON_AddBoolToObject(o, "age_s_is_lower_bound", p->hops[i].age_more);
        add_seconds(o, "budget_s", p->hops[i].budget_ms);
        cJSON_AddBoolToObject(o, "late", p->hops[i].late);
    }
}

static void add_findings(cJSON *root, const struct findings *f)
{
    cJSON *list = cJSON_AddArrayToObject(root, "findings");
    for (size_t i = 0; i < f->count; i++)
        cJSON_AddItemToArray(list, finding_json(&f->items[i]));
    list = cJSON_AddArrayToObject(root, "muted");
    for (size_t i = 0; i < f->nmuted; i++) {
        cJSON *o = finding_json(&f->muted[i]);
        bool ends = f->muted[i].muted_until_ms != INT64_MAX;
        add_str(o, "mute_reason", f->muted[i].mute_reason);
        add_time(o, "muted_until", ends ? f->muted[i].muted_until_ms : UNKNOWN);
        cJSON_AddItemToArray(list, o);
    }
    list = cJSON_AddArrayToObject(root, "unanswered");
    for (size_t i = 0; i < f->nunanswered; i++) {
        cJSON *o = cJSON_CreateObject();
        add_str(o, "id", f->unanswered[i].id);
        add_str(o, "source", source_kind_name(f->unanswered[i].source));
        cJSON_AddItemToArray(list, o);
    }
}

char *report_json(const struct report_input *in)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddNumberToObject(root, "schema", REPORT_SCHEMA);
    add_time(root, "time", in->world->wall_ms);
    add_str(root, "pipeline", in->pipeline->name);
    add_str(root, "environment", in->pipeline->environment);
    add_str(root, "verdict", verdict_name(report_verdict(in)));
    add_seconds(root, "end_to_end_s", in->pipeline->end_to_end_ms);
    cJSON_AddBoolToObject(root, "end_to_end_s_is_lower_bound", in->pipeline->end_to_end_more);
    if (in->findings->count > 0)
        cJSON_AddItemToObject(root, "headline", finding_json(&in->findings->items[0]));
    else
        cJSON_AddNullToObject(root, "headline");
    add_hops(root, in->pipeline);
    add_sources(root, in);
    add_slots(root, in->pipeline);
    add_topics(root, in->pipeline);
    add_groups(root, in->pipeline);
    add_connectors(root, in->world, in->pipeline);
    add_prefixes(root, in->pipeline);
    json_msk_add(root, in->world, in->index);
    json_snapshots_add(root, in->pipeline);
    json_aws_add(root, in->world, in->index);
    json_cloudwatch_add(root, in->world, in->index);
    json_rds_add(root, in->world, in->index);
    add_findings(root, in->findings);
    char *text = cJSON_PrintUnformatted(root);
    cJSON_Delete(root);
    return text;
}
