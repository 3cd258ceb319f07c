#include "report/json_dms.h"
#include "report/report.h"

#include "base/json.h"
#include "base/lsn.h"
#include "report/json_aws.h"
#include "report/json_cloudwatch.h"
#include "report/json_logs.h"
#include "report/json_msk.h"
#include "report/json_put.h"
#include "report/json_rds.h"
#include "report/json_snapshots.h"

#include <math.h>
#include <string.h>

static void add_seconds(cJSON *o, const char *key, int64_t ms)
{
    json_put_num(o, key, ms == UNKNOWN || ms == DUE_NEVER ? NAN : (double)ms / 1000);
}

static void add_lsn(cJSON *o, const char *key, uint64_t lsn)
{
    char buf[LSN_TEXT];
    json_put_str(o, key, lsn == LSN_NONE ? NULL : lsn_text(lsn, buf, sizeof(buf)));
}

static cJSON *row_new(cJSON *array, const struct row_base *base)
{
    cJSON *o = json_put_item(array);
    json_put_str(o, "name", base->name);
    json_put_str(o, "verdict", verdict_name(base->verdict));
    json_put_str(o, "why", base->why);
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
        cJSON *o = json_put_item(list);
        json_put_str(o, "kind", source_kind_name(kind));
        json_put_str(o, "state", state_names[world_state(in->world, in->index, kind)]);
        add_seconds(o, "age_s", world_age(in->world, in->index, kind));
        add_seconds(o, "skew_s", world_skew(in->world, in->index, kind));
        add_seconds(o, "took_s", s->report_mono_ms == 0 ? UNKNOWN : s->took_us / 1000);
        json_put_str(o, "error", s->err.kind != ERR_NONE ? s->err.text : NULL);
        json_put_str(o, "error_kind", s->err.kind != ERR_NONE ? err_kind_name(s->err.kind) : NULL);
        json_put_str(o, "version", version_of(s->snap));
        cJSON_AddNumberToObject(o, "failures", (double)s->fails);
        if (kind == SOURCE_S3 && s->snap != NULL)
            json_s3_cost_add(o, &s->snap->s3);
        cJSON *notes = cJSON_AddArrayToObject(o, "notes");
        for (size_t i = 0; s->snap != NULL && i < s->snap->notes.count; i++) {
            cJSON *n = cJSON_CreateObject();
            json_put_str(n, "what", s->snap->notes.items[i].what);
            json_put_str(n, "fix", s->snap->notes.items[i].fix);
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
        json_put_str(o, "state", r->state);
        json_put_str(o, "type", s->type);
        json_put_str(o, "plugin", s->plugin);
        json_put_str(o, "database", s->database);
        json_put_tri(o, "active", s->active);
        json_put_int(o, "active_pid", s->active_pid != 0 ? s->active_pid : UNKNOWN);
        json_put_str(o, "wal_status", s->wal_status);
        json_put_str(o, "invalidation_reason", s->invalidation_reason);
        add_lsn(o, "restart_lsn", s->restart_lsn);
        add_lsn(o, "confirmed_flush_lsn", s->confirmed_flush_lsn);
        json_put_int(o, "retained_bytes", r->retained);
        json_put_int(o, "unconfirmed_bytes", r->behind);
        json_put_int(o, "safe_wal_size_bytes", s->safe_wal_size);
        json_put_num(o, "retained_bytes_per_s", r->retained_rate);
        add_seconds(o, "lost_in_s", r->lost_in_ms);
        add_seconds(o, "idle_s", r->idle_ms);
        json_put_str(o, "owner", r->owner != NULL ? r->owner->name : NULL);
        json_put_str(o, "application_name",
                     s->walsender != NULL ? s->walsender->application_name : NULL);
        json_put_str(o, "client_addr", s->walsender != NULL ? s->walsender->client_addr : NULL);
    }
}

static void add_topics(cJSON *root, const struct pipeline *p)
{
    cJSON *list = cJSON_AddArrayToObject(root, "topics");
    for (size_t i = 0; i < p->ntopics; i++) {
        const struct topic_row *r = &p->topics[i];
        cJSON *o = row_new(list, &r->base);
        cJSON_AddNumberToObject(o, "partitions", (double)r->topic->npartitions);
        json_put_int(o, "messages", r->messages);
        json_put_num(o, "messages_per_s", r->per_s);
        json_put_num(o, "bytes_per_s_est", r->bytes_per_s);
        json_put_str(o, "group", r->group);
        json_put_int(o, "lag", r->lag);
        add_seconds(o, "lag_s", r->lag_ms);
        cJSON_AddBoolToObject(o, "lag_s_is_lower_bound", r->lag_ms_more);
        json_put_time(o, "newest", r->newest_ms);
        cJSON_AddNumberToObject(o, "leaderless", r->leaderless);
        cJSON_AddNumberToObject(o, "under_replicated", r->under_replicated);
        cJSON *parts = cJSON_AddArrayToObject(o, "offsets");
        for (size_t k = 0; k < r->topic->npartitions; k++) {
            const struct kafka_partition *kp = &r->topic->partitions[k];
            cJSON *po = cJSON_CreateObject();
            cJSON_AddNumberToObject(po, "partition", kp->id);
            json_put_int(po, "leader", kp->leader >= 0 ? kp->leader : UNKNOWN);
            json_put_int(po, "begin", kp->begin);
            json_put_int(po, "end", kp->end);
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
        json_put_str(o, "state", r->group->state);
        json_put_int(o, "members", r->group->members >= 0 ? r->group->members : UNKNOWN);
        json_put_str(o, "connector", r->connector);
        json_put_int(o, "lag", r->lag);
        add_seconds(o, "lag_s", r->lag_ms);
        cJSON_AddBoolToObject(o, "lag_s_is_lower_bound", r->lag_ms_more);
        json_put_str(o, "trend", r->trend[0] != '\0' ? r->trend : NULL);
    }
}

static void add_connectors(cJSON *root, const struct world *world, const struct pipeline *p)
{
    cJSON *list = cJSON_AddArrayToObject(root, "connectors");
    for (size_t i = 0; i < p->nconnectors; i++) {
        const struct connector_row *r = &p->connectors[i];
        const struct connect_connector *c = r->connector;
        cJSON *o = row_new(list, &r->base);
        json_put_str(o, "service", source_kind_name(service_source(c->service)));
        json_put_str(o, "type", c->type);
        json_put_str(o, "class", c->class_name);
        json_put_str(o, "state", c->state);
        json_put_str(o, "worker", c->worker);
        json_put_str(o, "cause", r->cause[0] != '\0' ? r->cause : NULL);
        add_lsn(o, "lsn", c->lsn);
        json_put_int(o, "behind_bytes", r->behind_bytes);
        add_seconds(o, "behind_s", r->behind_ms);
        cJSON_AddBoolToObject(o, "behind_s_is_lower_bound", r->behind_ms_more);
        json_put_int(o, "lag", r->lag);
        json_put_int(o, "tasks_running", r->tasks_known ? r->running : UNKNOWN);
        json_put_int(o, "tasks_failed", r->tasks_known ? r->failed : UNKNOWN);
        add_seconds(o, "tasks_age_s",
                    r->tasks_ms != UNKNOWN ? world->wall_ms - r->tasks_ms : UNKNOWN);
        if (c->dms != NULL)
            json_dms_add(o, world, p, r);
        cJSON *tasks = cJSON_AddArrayToObject(o, "tasks");
        for (size_t k = 0; k < c->ntasks; k++) {
            cJSON *t = cJSON_CreateObject();
            cJSON_AddNumberToObject(t, "id", c->tasks[k].id);
            json_put_str(t, "state", c->tasks[k].state);
            json_put_str(t, "worker", c->tasks[k].worker);
            json_put_str(t, "cause", c->tasks[k].cause);
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
        json_put_str(o, "path", r->prefix->path);
        json_put_str(o, "connector", r->connector);
        json_put_str(o, "newest_key", r->prefix->nobjects > 0 ? r->prefix->objects[0].key : NULL);
        json_put_time(o, "newest",
                      r->prefix->nobjects > 0 ? r->prefix->objects[0].modified_ms : UNKNOWN);
        add_seconds(o, "newest_age_s", r->newest_age_ms);
        json_put_int(o, "newest_bytes", r->size);
        add_seconds(o, "due_s", r->due_ms);
        cJSON_AddBoolToObject(o, "rotates_by_itself", r->due_ms != DUE_NEVER);
        add_seconds(o, "late_s", r->late_ms);
        json_put_int(o, "waiting_records", r->waiting);
        json_put_num(o, "objects_per_s", r->objects_per_s);
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
        json_put_str(one, "id", f->explains[i].id);
        json_put_str(one, "object", f->explains[i].object);
        json_put_str(one, "title", f->explains[i].title);
        cJSON_AddItemToArray(list, one);
    }
}

static cJSON *finding_json(const struct finding *f)
{
    cJSON *o = cJSON_CreateObject();
    json_put_str(o, "id", f->id);
    json_put_str(o, "severity", verdict_name(f->severity));
    json_put_str(o, "hop", hop_name(f->hop));
    json_put_str(o, "object", f->object);
    json_put_str(o, "title", f->title);
    json_put_str(o, "check", f->check[0] != '\0' ? f->check : NULL);
    json_put_str(o, "advice", f->advice);
    json_put_time(o, "since", f->since_wall_ms);
    cJSON *evidence = cJSON_AddArrayToObject(o, "evidence");
    for (int i = 0; i < f->nevidence; i++)
        cJSON_AddItemToArray(evidence, cJSON_CreateString(f->evidence[i]));
    add_explains(o, f);
    json_put_str(o, "remedy", f->has_remedy ? action_info(f->remedy)->name : NULL);
    json_put_str(o, "remedy_target", f->has_remedy ? f->remedy_target : NULL);
    json_put_str(o, "confidence", confidence_name(f->confidence));
    cJSON_AddBoolToObject(o, "clearing", f->clearing);
    return o;
}

static void add_hops(cJSON *root, const struct pipeline *p)
{
    cJSON *list = cJSON_AddArrayToObject(root, "hops");
    for (int i = 0; i < HOP_COUNT; i++) {
        cJSON *o = json_put_item(list);
        json_put_str(o, "title", p->hops[i].title);
        json_put_str(o, "name", p->hops[i].name);
        json_put_str(o, "verdict", verdict_name(p->hops[i].verdict));
        json_put_str(o, "word", p->hops[i].word);
        json_put_str(o, "figure", p->hops[i].figure);
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
        json_put_str(o, "mute_reason", f->muted[i].mute_reason);
        json_put_time(o, "muted_until", ends ? f->muted[i].muted_until_ms : UNKNOWN);
        cJSON_AddItemToArray(list, o);
    }
    list = cJSON_AddArrayToObject(root, "unanswered");
    for (size_t i = 0; i < f->nunanswered; i++) {
        cJSON *o = cJSON_CreateObject();
        json_put_str(o, "id", f->unanswered[i].id);
        json_put_str(o, "source", source_kind_name(f->unanswered[i].source));
        cJSON_AddItemToArray(list, o);
    }
}

char *report_json(const struct report_input *in)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddNumberToObject(root, "schema", REPORT_SCHEMA);
    json_put_time(root, "time", in->world->wall_ms);
    json_put_str(root, "pipeline", in->pipeline->name);
    json_put_str(root, "environment", in->pipeline->environment);
    json_put_str(root, "verdict", verdict_name(report_verdict(in)));
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
    json_logs_add(root, in->world, in->index);
    json_rds_add(root, in->world, in->index);
    add_findings(root, in->findings);
    char *text = cJSON_PrintUnformatted(root);
    cJSON_Delete(root);
    return text;
}
