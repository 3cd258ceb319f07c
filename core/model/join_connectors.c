/* Connectors: states as Connect tells them, then how far behind they really are. */
#include "base/human.h"
#include "base/lsn.h"
#include "model/join.h"
#include "model/snapshot_status.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Connect's states and what each means by itself. RUNNING is a start, not a proof of health. */
static const struct {
    const char *state;
    enum verdict verdict;
    const char *why;
} states[] = {
    {"RUNNING",    VERDICT_OK,   ""                                                 },
    {"PAUSED",     VERDICT_INFO, "paused: it keeps its slot or group, nothing moves"},
    {"STOPPED",    VERDICT_INFO, "stopped on purpose"                               },
    {"RESTARTING", VERDICT_INFO, "restarting"                                       },
    {"UNASSIGNED", VERDICT_WARN, "no worker has taken it: a worker left or joins"   },
    {"FAILED",     VERDICT_CRIT, "the connector itself failed"                      },
};

static void judge_state(const struct join *j, struct connector_row *row, const char *state)
{
    for (size_t i = 0; state != NULL && i < sizeof(states) / sizeof(states[0]); i++) {
        if (strcmp(states[i].state, state) == 0) {
            join_raise(&row->base, states[i].verdict, states[i].why);
            return;
        }
    }
    join_raise(&row->base, VERDICT_UNKNOWN,
               arena_printf(j->arena, "state %.40s is not known to cdctop",
                            state != NULL ? state : "(none)"));
}

/* As Kafka Connect tells of it: a state for itself and one for each task. */
static void judge_connect(const struct join *j, struct connector_row *row)
{
    const struct connect_connector *c = row->connector;
    judge_state(j, row, c->state);
    row->tasks_known = true;
    row->tasks = (int)c->ntasks;
    int unassigned = 0;
    for (size_t i = 0; i < c->ntasks; i++) {
        const char *state = c->tasks[i].state != NULL ? c->tasks[i].state : "";
        row->running += strcmp(state, "RUNNING") == 0;
        unassigned += strcmp(state, "UNASSIGNED") == 0;
        if (strcmp(state, "FAILED") != 0)
            continue;
        if (row->failed++ == 0) {
            row->failed_task = c->tasks[i].id;
            row->cause = c->tasks[i].cause != NULL ? c->tasks[i].cause : "";
        }
    }
    if (row->failed > 0)
        join_raise(&row->base, VERDICT_CRIT,
                   arena_printf(j->arena, "%d of %d tasks failed", row->failed, row->tasks));
    if (unassigned > 0)
        join_raise(&row->base, VERDICT_WARN,
                   arena_printf(j->arena, "%d of %d tasks unassigned", unassigned, row->tasks));
    /* RUNNING with no task is what a lost slot looks like from Connect (STOPPED has none either).
     */
    bool at_least;
    int64_t since = connector_past_taskless(connector_history_of(j->wp->history, c), &at_least);
    bool starts = since != UNKNOWN && !at_least && j->world->mono_ms - since < CONNECTOR_START_MS;
    if (c->ntasks == 0 && c->state != NULL && strcmp(c->state, "RUNNING") == 0)
        join_raise(&row->base, starts ? VERDICT_INFO : VERDICT_CRIT,
                   starts ? "it starts: no task yet" : "RUNNING, but it has no task");
    if (row->cause[0] == '\0' && c->cause != NULL)
        row->cause = c->cause;
}

static const struct snapshot_status *snapshot_of(const struct join *j,
                                                 const struct connector_facts *facts)
{
    const struct snapshot *kafka = j->snap[SOURCE_KAFKA];
    const struct snapshot *pg = j->snap[SOURCE_POSTGRES];
    struct snapshot_witness w = {.facts = facts,
                                 .kafka = kafka != NULL ? &kafka->kafka : NULL,
                                 .pg = pg != NULL ? &pg->pg : NULL,
                                 .series = j->wp->series,
                                 .ledger = &j->wp->ledger,
                                 .mono_ms = j->world->mono_ms,
                                 .wall_ms = j->world->wall_ms};
    struct snapshot_status s;
    if (!snapshot_status_of(j->arena, &w, &s))
        return NULL;
    struct snapshot_status *out = arena_alloc(j->arena, sizeof(*out));
    *out = s;
    return out;
}

struct named {
    const char *name; /* of the row */
    const struct connect_connector *connector;
};

static int by_connector(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int d = strcmp(x->name, y->name);
    return d != 0 ? d : (int)x->connector->service - (int)y->connector->service;
}

/* Two services may each have a connector of the same name, as while it moves from one to the other.
 */
static bool set_apart(struct join *j, struct named *all, size_t n)
{
    bool any = false;
    for (size_t i = 1; i < n; i++) {
        const struct connect_connector *c = all[i].connector;
        if (strcmp(c->name, all[i - 1].connector->name) != 0)
            continue;
        all[i].name =
            arena_printf(j->arena, "%s@%s", c->name, source_kind_name(service_source(c->service)));
        any = true;
    }
    return any;
}

/* Those of all services, by name. */
static const struct named *all_of(struct join *j, size_t *count)
{
    size_t n = 0;
    *count = 0;
    j->connectors_told = j->state[j->teller] != STATE_OFF;
    for (int s = 0; s < SERVICE_COUNT; s++) {
        enum source_kind kind = service_source((enum connect_service)s);
        n += j->snap[kind] != NULL ? j->snap[kind]->connect.nconnectors : 0;
        if (j->state[kind] != STATE_OFF && j->snap[kind] == NULL)
            j->connectors_told = false;
    }
    struct named *all = arena_array(j->arena, n, sizeof(*all));
    for (int s = 0; s < SERVICE_COUNT; s++) {
        const struct snapshot *snap = j->snap[service_source((enum connect_service)s)];
        for (size_t i = 0; snap != NULL && i < snap->connect.nconnectors; i++) {
            const struct connect_connector *c = &snap->connect.connectors[i];
            all[(*count)++] = (struct named){c->name, c};
        }
    }
    if (n > 1)
        qsort(all, n, sizeof(*all), by_connector);
    if (set_apart(j, all, n))
        qsort(all, n, sizeof(*all), by_connector);
    return all;
}

static void (*const judges[SERVICE_COUNT])(const struct join *j, struct connector_row *row) = {
    [SERVICE_CONNECT] = judge_connect,
    [SERVICE_MSK_CONNECT] = join_judge_msk,
    [SERVICE_DMS] = join_judge_dms,
};

void join_connectors(struct join *j)
{
    const struct named *all = all_of(j, &j->out->nconnectors);
    j->out->connectors = arena_array(j->arena, j->out->nconnectors, sizeof(struct connector_row));
    for (size_t i = 0; i < j->out->nconnectors; i++) {
        const struct connect_connector *c = all[i].connector;
        struct connector_row *row = &j->out->connectors[i];
        *row = (struct connector_row){
            .base = {.name = all[i].name, .verdict = VERDICT_OK, .why = ""},
            .connector = c,
            .facts = join_facts(j, c),
            .behind_bytes = UNKNOWN,
            .behind_ms = UNKNOWN,
            .lag = UNKNOWN,
            .tasks_ms = UNKNOWN,
            .failed_task = -1,
            .cause = "",
        };
        judges[c->service](j, row);
        join_logged(j, row);
        row->snapshot = snapshot_of(j, row->facts);
        join_trust(j, &row->base, service_source(c->service));
    }
}

/* A source is as far behind as its slot: in bytes, and in the time since the WAL stood there. */
static void lag_of_source(const struct join *j, struct connector_row *row)
{
    for (size_t i = 0; i < j->out->nslots; i++) {
        const struct slot_row *s = &j->out->slots[i];
        if (s->owner != row->connector || s->claim == CLAIM_FITS)
            continue;
        if (s->base.stale)
            continue;
        row->behind_bytes = s->behind;
        if (s->slot->confirmed_flush_lsn != LSN_NONE)
            row->behind_ms = series_lag_ms(series_find(j->wp->series, "wal"),
                                           (double)s->slot->confirmed_flush_lsn, j->world->mono_ms,
                                           &row->behind_ms_more);
        bool runs = pipeline_runs(row);
        bool initial =
            snapshot_status_running(row->snapshot) && row->snapshot->type != SNAPSHOT_INCREMENTAL;
        if (runs && initial && !row->base.stale)
            join_raise(&row->base, VERDICT_INFO, "takes a snapshot: it does not stream meanwhile");
        else if (runs && s->slot->active == TRI_NO && !row->base.stale)
            join_raise(&row->base, VERDICT_WARN,
                       "says RUNNING, but nobody reads its slot: not streaming");
    }
}

/* What a topic says of lag is the sink's doing: a stuck one may be few messages behind, but long.
 */
static void blame_sink(const struct join *j, struct connector_row *row)
{
    for (size_t i = 0; i < j->out->ntopics; i++) {
        const struct topic_row *t = &j->out->topics[i];
        bool brokers = t->leaderless > 0 || t->under_replicated > 0;
        if (t->base.verdict >= VERDICT_WARN && t->group != NULL && !brokers && !t->base.stale &&
            strcmp(t->group, row->facts->group_id) == 0)
            join_raise(&row->base, t->base.verdict, t->base.why);
    }
}

static void lag_of_sink(const struct join *j, struct connector_row *row)
{
    const struct threshold_config *t = &j->wp->config->thresholds;
    const struct group_row *g = row->group;
    if (g == NULL || g->base.stale)
        return;
    row->lag = g->lag;
    row->behind_ms = g->lag_ms;
    row->behind_ms_more = g->lag_ms_more;
    char a[HUMAN_SIZE];
    if (g->lag != UNKNOWN && g->lag > t->lag_warn && g->lag > pipeline_open_records_of(j->out, row))
        join_raise(&row->base, g->lag > t->lag_crit ? VERDICT_CRIT : VERDICT_WARN,
                   arena_printf(j->arena, "%s messages behind", human_count(a, g->lag)));
    if (pipeline_state_is(row->connector, "RUNNING"))
        blame_sink(j, row);
}

/* RUNNING alone proves nothing. Where the other end of it does not answer, nobody knows. */
static void doubt(const struct join *j, struct connector_row *row, enum source_kind kind,
                  const char *what)
{
    enum source_state state = j->state[kind];
    if (state == STATE_FRESH || state == STATE_OFF || row->base.verdict != VERDICT_OK)
        return;
    join_raise(&row->base, VERDICT_UNKNOWN,
               arena_printf(j->arena, "says RUNNING; %s is not known: %s %s", what,
                            source_kind_title(kind),
                            state == STATE_WAITING ? "has not answered yet" : "does not answer"));
}

/* RUNNING, nothing of its tasks, and nothing of its work: that is no more than a word. */
static void doubt_tasks(const struct join *j, struct connector_row *row)
{
    bool seen = row->tasks_known || row->lag != UNKNOWN || row->behind_ms != UNKNOWN ||
                row->behind_bytes != UNKNOWN || join_dms_works(j, row);
    if (!seen && row->base.verdict == VERDICT_OK)
        join_raise(&row->base, VERDICT_UNKNOWN,
                   row->connector->service == SERVICE_DMS
                       ? "says running; of its work nothing is seen"
                       : "says RUNNING; of its tasks nothing is known");
}

/* By name once, for the many who ask. Groups come in much the same order as their sinks: the search
 * begins behind the one that was found last. */
static struct group_row *group_of(const struct join *j, const struct connector_row *row, size_t *at)
{
    size_t n = j->out->ngroups;
    for (size_t i = 0; i < n && row->facts->group_id != NULL; i++) {
        struct group_row *g = &j->out->groups[(*at + i) % n];
        if (strcmp(g->base.name, row->facts->group_id) != 0)
            continue;
        *at = (*at + i + 1) % n;
        return g;
    }
    return NULL;
}

void join_connector_lags(struct join *j)
{
    size_t at = 0;
    for (size_t i = 0; i < j->out->nconnectors; i++) {
        struct connector_row *row = &j->out->connectors[i];
        if (row->facts->sink) {
            struct group_row *g = group_of(j, row, &at);
            row->group = g;
            if (g != NULL)
                g->connector = row->base.name;
            lag_of_sink(j, row);
            doubt(j, row, SOURCE_KAFKA, "how far it is behind");
        } else {
            lag_of_source(j, row);
            if (row->facts->role == CONNECTOR_SOURCE_POSTGRES)
                doubt(j, row, SOURCE_POSTGRES, "whether it streams");
        }
        doubt_tasks(j, row);
    }
}
