/* Connectors that AWS runs: their own words for states; tasks only as CloudWatch counts them. */
#include "model/join.h"

#include <math.h>
#include <string.h>

enum { FIGURE_MS = 15 * 60 * 1000 }; /* an older figure says nothing about now */

struct managed_state {
    const char *state;
    enum verdict verdict;
    const char *why;
};

static void judge_state(const struct join *j, struct connector_row *row,
                        const struct managed_state *states, size_t n)
{
    const char *state = row->connector->state;
    for (size_t i = 0; state != NULL && i < n; i++) {
        if (pipeline_state_is(row->connector, states[i].state)) {
            join_raise(&row->base, states[i].verdict, states[i].why);
            return;
        }
    }
    join_raise(&row->base, VERDICT_UNKNOWN,
               arena_printf(j->arena, "state %.40s is not known to cdctop",
                            state != NULL ? state : "(none)"));
}

static const struct managed_state msk_states[] = {
    {"RUNNING",    VERDICT_OK,   ""                                                 },
    {"CREATING",   VERDICT_INFO, "being created: nothing moves yet"                 },
    {"UPDATING",   VERDICT_INFO, "being updated: it restarts meanwhile"             },
    {"RESTARTING", VERDICT_INFO, "restarting"                                       },
    {"PAUSING",    VERDICT_INFO, "pausing"                                          },
    {"PAUSED",     VERDICT_INFO, "paused: it keeps its slot or group, nothing moves"},
    {"RESUMING",   VERDICT_INFO, "going on after a pause"                           },
    {"DELETING",   VERDICT_WARN, "being deleted"                                    },
    {"FAILED",     VERDICT_CRIT, "failed: MSK Connect cannot restart it"            },
};

/* A count of tasks and its time. False: CloudWatch does not tell, or not of now. */
static bool figure(const struct join *j, const char *connector, const char *name, int *count,
                   int64_t *at_ms)
{
    const struct snapshot *snap = j->snap[SOURCE_CLOUDWATCH];
    if (snap == NULL || j->state[SOURCE_CLOUDWATCH] != STATE_FRESH)
        return false;
    const struct cw_metric *m =
        cloudwatch_find(&snap->cloudwatch, "AWS/KafkaConnect", name, connector);
    if (m == NULL || isnan(m->value) || m->value < 0 || m->value > 1e6 ||
        j->world->wall_ms - m->at_ms > FIGURE_MS)
        return false;
    *count = (int)lround(m->value);
    *at_ms = *at_ms == UNKNOWN || m->at_ms < *at_ms ? m->at_ms : *at_ms;
    return true;
}

/* Figures from before its last operation ended are of another life. */
static bool outdated(const struct msk_connector *msk, int64_t at_ms)
{
    if (msk == NULL || msk->noperations == 0)
        return false;
    const struct msk_operation *last = &msk->operations[0];
    return last->ended_ms == UNKNOWN || last->ended_ms > at_ms;
}

static void count_tasks(const struct join *j, struct connector_row *row)
{
    const struct connect_connector *c = row->connector;
    int running = 0, failed = 0;
    int64_t at_ms = UNKNOWN;
    if (!figure(j, c->name, "RunningTaskCount", &running, &at_ms) ||
        !figure(j, c->name, "ErroredTaskCount", &failed, &at_ms) || outdated(c->msk, at_ms))
        return;
    row->tasks_known = true;
    row->running = running;
    row->failed = failed;
    row->tasks = running + failed;
    row->tasks_ms = at_ms;
    if (failed > 0)
        join_raise(&row->base, VERDICT_CRIT,
                   arena_printf(j->arena, "%d of %d tasks failed", failed, row->tasks));
}

void join_judge_msk(const struct join *j, struct connector_row *row)
{
    const struct connect_connector *c = row->connector;
    judge_state(j, row, msk_states, sizeof(msk_states) / sizeof(msk_states[0]));
    if (c->cause != NULL)
        row->cause = c->cause;
    if (pipeline_state_is(c, "RUNNING"))
        count_tasks(j, row);
    if (c->msk != NULL && !c->msk->described)
        join_raise(&row->base, VERDICT_UNKNOWN, "its description cannot be read");
}
