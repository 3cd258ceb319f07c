/* What can be done to tasks of DMS. */
#include "action/ops.h"

static void plan(struct planner *pl, const struct connector_row *c)
{
    (void)c;
    planner_check(pl, CHECK_FAIL, "a task of DMS is changed there, not from here");
}

static void request(struct planner *pl, const struct connector_row *c, struct action_route *route)
{
    (void)pl;
    (void)c;
    (void)route;
}

static bool send_it(const struct action_run *run, struct err *err)
{
    (void)run;
    return err_set(err, ERR_UNSUPPORTED, 0, "a task of DMS is changed there, not from here");
}

static enum action_state judge(const struct judge *j, const struct connector_row *c)
{
    judge_say(j, "%s", c->connector->state != NULL ? c->connector->state : "no state");
    return ACTION_WATCHING;
}

const struct connector_ops connector_dms = {
    .name = "DMS", .plan = plan, .request = request, .send = send_it, .judge = judge};
