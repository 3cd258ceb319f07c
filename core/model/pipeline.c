#include "model/pipeline.h"

#include "base/mem.h"
#include "model/dms_task.h"
#include "model/join.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const verdict_names[] = {
    [VERDICT_NONE] = "none",       [VERDICT_OK] = "ok",        [VERDICT_INFO] = "info",
    [VERDICT_UNKNOWN] = "unknown", [VERDICT_WARN] = "warning", [VERDICT_CRIT] = "critical",
};
static_assert(ARRAY_LEN(verdict_names) == VERDICT_COUNT, "a name per verdict");

const char *verdict_name(enum verdict v)
{
    return (unsigned)v < VERDICT_COUNT ? verdict_names[v] : "unknown";
}

int64_t join_spark_end(int64_t now, int64_t span_ms)
{
    int64_t part = span_ms / 10;
    return (now / part + 1) * part;
}

void join_raise(struct row_base *base, enum verdict v, const char *why)
{
    if (v <= base->verdict)
        return;
    base->verdict = v;
    base->why = why;
}

void join_trust(const struct join *j, struct row_base *base, enum source_kind kind)
{
    enum source_state state = j->state[kind];
    base->stale = state == STATE_STALE || state == STATE_FAILING;
    if (!base->stale || base->verdict >= VERDICT_UNKNOWN)
        return;
    base->verdict = VERDICT_UNKNOWN;
    char text[160];
    (void)snprintf(text, sizeof(text), "%s %s", source_kind_title(kind),
                   state == STATE_STALE ? "answers late" : "does not answer");
    base->why = arena_strdup(j->arena, text);
}

/* One that moves from one service to another is registered with both for a while: the one that runs
 * counts. */
static const struct connector_row *livelier(const struct connector_row *a,
                                            const struct connector_row *b)
{
    bool moved = a != NULL && a->connector->service != b->connector->service &&
                 !pipeline_state_is(a->connector, "RUNNING") &&
                 pipeline_state_is(b->connector, "RUNNING");
    return a == NULL || moved ? b : a;
}

const struct connector_row *join_sink_of(const struct pipeline *p, const char *topic)
{
    const struct connector_row *sink = NULL;
    for (size_t i = 0; i < p->nconnectors; i++) {
        const struct connector_row *c = &p->connectors[i];
        if (!c->facts->sink || !connector_facts_topic_matches(c->facts, topic))
            continue;
        sink = livelier(sink, c);
        if (pipeline_state_is(sink->connector, "RUNNING"))
            break;
    }
    return sink;
}

const struct connector_row *join_owner_of(const struct pipeline *p, const struct pg_slot *slot)
{
    const struct connector_row *owner = NULL;
    for (size_t i = 0; i < p->nconnectors; i++) {
        const struct connector_row *c = &p->connectors[i];
        const struct connector_facts *f = c->facts;
        bool reads = f->role == CONNECTOR_SOURCE_POSTGRES || f->role == CONNECTOR_SOURCE_DMS;
        if (!reads || f->slot_name == NULL || strcmp(f->slot_name, slot->name) != 0)
            continue;
        if (slot->database == NULL || f->db_name == NULL || strcmp(f->db_name, slot->database) == 0)
            owner = livelier(owner, c);
    }
    return owner;
}

bool join_lacks_slot(const struct pipeline *p, const struct connector_row *source)
{
    const struct connector_facts *f = source->facts;
    return p->slots_told && f->role == CONNECTOR_SOURCE_POSTGRES && f->slot_name != NULL &&
           pipeline_slot(p, f->slot_name) == NULL;
}

struct pipeline *pipeline_join(const struct world *world, size_t index, struct arena *arena)
{
    struct join j = {.world = world,
                     .wp = &world->pipelines[index],
                     .index = index,
                     .arena = arena,
                     .out = arena_alloc(arena, sizeof(struct pipeline))};
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        j.state[k] = world_state(world, index, (enum source_kind)k);
        j.snap[k] = world_snap(world, index, (enum source_kind)k);
    }
    j.teller = world_connectors_kind(world, index);
    j.out->name = j.wp->config->name;
    j.out->environment = j.wp->config->environment;
    join_connectors(&j);
    join_slots(&j);
    join_topics(&j);
    join_groups(&j);
    join_prefixes(&j);
    join_connector_lags(&j);
    join_hops(&j);
    return j.out;
}

int64_t pipeline_open_records(const struct topic_row *topic, const struct connector_row *sink)
{
    if (!connector_role_is_s3(sink->facts->role) || sink->facts->flush_size <= 0)
        return 0;
    return sink->facts->flush_size * (int64_t)topic->topic->npartitions;
}

int64_t pipeline_open_records_of(const struct pipeline *p, const struct connector_row *sink)
{
    int64_t n = 0;
    for (size_t i = 0; i < p->ntopics; i++) {
        const struct topic_row *t = &p->topics[i];
        if (t->sink == sink && t->group != NULL)
            n += pipeline_open_records(t, sink);
    }
    return n;
}

const struct slot_row *pipeline_slot_of(const struct pipeline *p, const struct connector_row *c)
{
    const struct slot_row *found = NULL;
    for (size_t i = 0; i < p->nslots; i++) {
        const struct slot_row *s = &p->slots[i];
        if (s->owner == c->connector && (found == NULL || s->claim < found->claim))
            found = s;
    }
    return found;
}

const struct connector_row *pipeline_owner(const struct pipeline *p, const struct slot_row *slot)
{
    for (size_t i = 0; slot->owner != NULL && i < p->nconnectors; i++) {
        if (p->connectors[i].connector == slot->owner)
            return &p->connectors[i];
    }
    return NULL;
}

bool pipeline_state_is(const struct connect_connector *c, const char *state)
{
    return c->state != NULL && strcasecmp(c->state, state) == 0;
}

bool pipeline_runs(const struct connector_row *row)
{
    bool all = !row->tasks_known || (row->tasks > 0 && row->running == row->tasks);
    return all && pipeline_state_is(row->connector, "RUNNING");
}

bool pipeline_runs_partly(const struct connector_row *row)
{
    bool any = !row->tasks_known || row->running > 0;
    return any && pipeline_state_is(row->connector, "RUNNING");
}

static const char *tables_text(struct arena *arena, const struct dms_task *t)
{
    int64_t errored = dms_errored(t);
    if (t->tables_loaded == UNKNOWN)
        return "tables not told";
    const char *loaded = arena_printf(arena, "%d table%s loaded", (int)t->tables_loaded,
                                      t->tables_loaded == 1 ? "" : "s");
    return errored > 0 ? arena_printf(arena, "%s, %d in error", loaded, (int)errored) : loaded;
}

const char *pipeline_tasks_text(struct arena *arena, const struct connector_row *row)
{
    if (row->connector->dms != NULL)
        return tables_text(arena, row->connector->dms);
    return row->tasks_known
               ? arena_printf(arena, "%d of %d tasks running", row->running, row->tasks)
               : "tasks not told";
}

bool pipeline_feeds(const struct pipeline *p, const struct connector_row *source,
                    const struct connector_row *sink)
{
    const struct connector_facts *from = source->facts, *to = sink->facts;
    if (!from->source || !to->sink)
        return false;
    for (size_t i = 0; i < p->ntopics; i++) {
        const char *topic = p->topics[i].base.name;
        if (connector_facts_topic_matches(to, topic) && connector_facts_produces(from, topic))
            return true;
    }
    for (size_t i = 0; i < source->connector->ntopics; i++) {
        if (connector_facts_topic_matches(to, source->connector->topics[i]))
            return true;
    }
    for (size_t i = 0; i < to->topics.count; i++) {
        if (connector_facts_produces(from, to->topics.items[i]))
            return true;
    }
    return false;
}

/* The row types differ; what they have in common is that they begin with a row_base. */
static const void *row_named(const void *rows, size_t n, size_t size, const char *name)
{
    for (size_t i = 0; name != NULL && i < n; i++) {
        const void *row = (const char *)rows + i * size;
        if (strcmp(((const struct row_base *)row)->name, name) == 0)
            return row;
    }
    return NULL;
}

static int by_name(const void *name, const void *row)
{
    return strcmp(name, ((const struct row_base *)row)->name);
}

/* Connectors and topics come sorted from their snapshots, and there may be thousands. */
static const void *row_sorted(const void *rows, size_t n, size_t size, const char *name)
{
    return n > 0 && name != NULL ? bsearch(name, rows, n, size, by_name) : NULL;
}

const struct slot_row *pipeline_slot(const struct pipeline *p, const char *name)
{
    return row_named(p->slots, p->nslots, sizeof(*p->slots), name);
}

const struct group_row *pipeline_group(const struct pipeline *p, const char *name)
{
    return row_named(p->groups, p->ngroups, sizeof(*p->groups), name);
}

const struct topic_row *pipeline_topic(const struct pipeline *p, const char *name)
{
    return row_sorted(p->topics, p->ntopics, sizeof(*p->topics), name);
}

const struct connector_row *pipeline_connector(const struct pipeline *p, const char *name)
{
    return row_sorted(p->connectors, p->nconnectors, sizeof(*p->connectors), name);
}

const struct prefix_row *pipeline_prefix(const struct pipeline *p, const char *topic)
{
    return row_named(p->prefixes, p->nprefixes, sizeof(*p->prefixes), topic);
}
