/* The logs of managed connectors: where each has its own, and which of the deaths in it still hold.
 */
#include "model/dms_task.h"
#include "model/join.h"

/* ---- where they are -------------------------------------------------------------------------- */

static bool failed(const struct connector_row *row)
{
    return row->failed > 0 || pipeline_state_is(row->connector, "FAILED");
}

static bool of_msk(struct hints *h, const struct connector_row *row, struct hint_log *log)
{
    const struct msk_connector *m = row->connector->msk;
    if (m == NULL || m->log_group == NULL || m->log_group[0] == '\0')
        return false;
    log->group = arena_strdup(h->arena, m->log_group);
    log->wanted = failed(row);
    return true;
}

/* A task that never ran has none. Names: DMS's user guide, "Logging task settings" and "Working
 * with AWS DMS Serverless". */
static bool of_dms(struct hints *h, const struct connector_row *row, struct hint_log *log)
{
    const struct dms_task *t = row->connector->dms;
    if (t == NULL || t->resource == NULL || t->status == NULL ||
        (!t->serverless && t->instance == NULL) || dms_never_ran(t))
        return false;
    log->wanted = true;
    if (t->serverless) {
        log->group = arena_printf(h->arena, "dms-serverless-replication-%s", t->resource);
        return true;
    }
    log->group = arena_printf(h->arena, "dms-tasks-%s", t->instance);
    log->stream = arena_printf(h->arena, "dms-task-%s", t->resource);
    return true;
}

void join_log_hints(const struct pipeline *p, struct hints *h)
{
    struct hint_log *logs = arena_array(h->arena, p->nconnectors, sizeof(*logs));
    for (size_t i = 0; i < p->nconnectors; i++) {
        const struct connector_row *row = &p->connectors[i];
        struct hint_log *log = &logs[h->nlogs];
        *log = (struct hint_log){.service = row->connector->service};
        if (!of_msk(h, row, log) && !of_dms(h, row, log))
            continue;
        log->connector = arena_strdup(h->arena, row->connector->name);
        h->nlogs++;
    }
    h->logs = logs;
}

bool hints_logs_told(const struct world *world, size_t index, const struct pipeline *p)
{
    const struct snapshot *snap = world_snap(world, index, SOURCE_LOGS);
    struct hints *h = hints_new();
    bool told = snap != NULL;
    join_log_hints(p, h);
    for (size_t i = 0; told && i < h->nlogs; i++) {
        const struct log_tail *t = logs_find(&snap->logs, h->logs[i].service, h->logs[i].connector);
        told = t != NULL && (t->error != NULL || (!t->searching && t->wanted == h->logs[i].wanted));
    }
    hints_free(h);
    return told;
}

/* ---- what they tell -------------------------------------------------------------------------- */

/* When what runs now was begun: deaths before that are of another life. Not when that was over: a
 * task dies while its start is still being looked at. */
static int64_t begun_ms(const struct connect_connector *c)
{
    const struct msk_connector *m = c->msk;
    int64_t begun = m != NULL ? m->created_ms : UNKNOWN;
    for (size_t i = 0; m != NULL && i < m->noperations; i++) {
        if (m->operations[i].created_ms > begun)
            begun = m->operations[i].created_ms;
    }
    return begun;
}

void join_logged(const struct join *j, struct connector_row *row)
{
    const struct connect_connector *c = row->connector;
    const struct snapshot *snap = j->snap[SOURCE_LOGS];
    row->logged = snap != NULL && c->service != SERVICE_CONNECT
                      ? logs_find(&snap->logs, c->service, c->name)
                      : NULL;
    if (row->logged == NULL || c->service != SERVICE_MSK_CONNECT || !failed(row))
        return;
    int64_t begun = begun_ms(c);
    struct log_event *died = arena_array(j->arena, row->logged->nevents, sizeof(*died));
    for (size_t i = 0; i < row->logged->nevents; i++) {
        if (row->logged->events[i].at_ms > begun)
            died[row->ndied++] = row->logged->events[i];
    }
    row->died = died;
    if (row->ndied == 0 || died[0].cause == NULL)
        return;
    row->cause = died[0].cause;
    row->failed_task = died[0].task;
}
