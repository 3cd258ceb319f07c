/* fixture_plan.c: what actions would do in a made-up world. */
#include "tests/screen/fixture_int.h"

#include "base/mem.h"

#include <string.h>

static const struct plan_line drop_lines[] = {
    {"seen",  "0.4 s ago: active = f, idle 2 days, last held by pg_recvlogical",        CHECK_OK  },
    {"owner", "no connector or DMS task that cdctop knows names this slot",             CHECK_OK  },
    {"frees", "41.2 GB after the next checkpoint (disk full in est. 6h 10m otherwise)", CHECK_OK  },
    {"loses", "changes from 2C/91A40B18 on, for the consumer of this slot only",        CHECK_WARN},
};
static const struct plan_check drop_checks[] = {
    {CHECK_OK,   "inactive, read again in the same session just before"           },
    {CHECK_OK,   "logical, not temporary, not synced; this server is the primary" },
    {CHECK_WARN, "a Connect cluster that cdctop does not watch could still own it"},
};
static const struct plan_line restart_lines[] = {
    {"seen",  "0.4 s ago: RUNNING, task 1 of 3 FAILED",                        CHECK_OK  },
    {"cause", "AccessDenied on s3:PutObject: a restart alone will fail again", CHECK_WARN},
};
static const struct plan_check restart_checks[] = {
    {CHECK_OK, "the worker answers and no rebalance is going on"},
};

static void drop(const struct action_args *args, struct action_plan *plan, struct arena *arena)
{
    const char **request = arena_array(arena, 1, sizeof(*request));
    plan->title = arena_printf(arena, "Drop replication slot %s on orders-db", args->target);
    plan->summary =
        "PostgreSQL forgets this slot; a consumer that comes back cannot resume from it.";
    plan->nlines = ARRAY_LEN(drop_lines);
    plan->lines = arena_array(arena, plan->nlines, sizeof(*plan->lines));
    memcpy(plan->lines, drop_lines, sizeof(drop_lines));
    plan->nchecks = ARRAY_LEN(drop_checks);
    plan->checks = arena_array(arena, plan->nchecks, sizeof(*plan->checks));
    memcpy(plan->checks, drop_checks, sizeof(drop_checks));
    request[0] = arena_printf(arena, "SELECT pg_drop_replication_slot('%s')", args->target);
    plan->request = request;
    plan->nrequest = 1;
    plan->danger = true;
    plan->type_name = args->target;
    if (strcmp(args->target, "old_export") != 0) {
        plan->allowed = false;
        plan->why_not = "the slot is active: stop its consumer first";
    }
}

static const struct plan_line session_lines[] = {
    {"seen",  "0.4 s ago: idle in transaction",                              CHECK_OK},
    {"who",   "report, nightly-report, from 10.0.3.17",                      CHECK_OK},
    {"open",  "for 12m 34s: all of it is rolled back",                       CHECK_OK},
    {"query", "SELECT o.id, sum(i.amount) FROM orders o JOIN order_items i", CHECK_OK},
};
static const struct plan_check session_checks[] = {
    {CHECK_OK, "a client's session, no superuser's; pid and start are compared again in the "
               "statement itself"},
};

static void session(const struct action_args *args, struct action_plan *plan, struct arena *arena)
{
    const char **request = arena_array(arena, 1, sizeof(*request));
    plan->title = arena_printf(arena, "End session %s on orders-db", args->target);
    plan->summary = "PostgreSQL rolls its transaction back and closes the connection; what its "
                    "client was doing is lost, and the client sees an error.";
    plan->nlines = ARRAY_LEN(session_lines);
    plan->lines = arena_array(arena, plan->nlines, sizeof(*plan->lines));
    memcpy(plan->lines, session_lines, sizeof(session_lines));
    plan->nchecks = ARRAY_LEN(session_checks);
    plan->checks = arena_array(arena, plan->nchecks, sizeof(*plan->checks));
    memcpy(plan->checks, session_checks, sizeof(session_checks));
    request[0] = arena_printf(arena,
                              "SELECT pg_terminate_backend(a.pid) AS sent FROM pg_stat_activity a "
                              "WHERE a.pid = %s AND (extract(epoch from a.backend_start) * "
                              "1000)::bigint = %lld",
                              args->target, (long long)args->session_ms);
    plan->request = request;
    plan->nrequest = 1;
    plan->danger = true;
    plan->type_name = args->target;
    if (args->session_ms == 0) {
        plan->allowed = false;
        plan->why_not = "no such session holds anything back, as far as is seen";
    }
}

static void connector(const struct action_args *args, struct action_plan *plan, struct arena *arena)
{
    const char **request = arena_array(arena, 1, sizeof(*request));
    const char *name = action_info(args->kind)->name;
    plan->title = arena_printf(arena, "%s: %s", name, args->target);
    plan->summary = arena_printf(arena, "Kafka Connect does this with connector %s.", args->target);
    plan->nlines = ARRAY_LEN(restart_lines);
    plan->lines = arena_array(arena, plan->nlines, sizeof(*plan->lines));
    memcpy(plan->lines, restart_lines, sizeof(restart_lines));
    plan->nchecks = ARRAY_LEN(restart_checks);
    plan->checks = arena_array(arena, plan->nchecks, sizeof(*plan->checks));
    memcpy(plan->checks, restart_checks, sizeof(restart_checks));
    if (args->kind == ACTION_RESTART && args->scope == RESTART_TASK)
        request[0] =
            arena_printf(arena, "POST /connectors/%s/tasks/%d/restart", args->target, args->task);
    else if (args->kind == ACTION_RESTART)
        request[0] =
            arena_printf(arena, "POST /connectors/%s/restart?includeTasks=true&onlyFailed=%s",
                         args->target, args->scope == RESTART_FAILED ? "true" : "false");
    else if (args->kind == ACTION_SNAPSHOT)
        request[0] = arena_printf(arena,
                                  "INSERT INTO public.debezium_signal VALUES ('cdctop-1', "
                                  "'execute-snapshot', '{\"data-collections\": [%zu tables]}')",
                                  args->ntables);
    else
        request[0] = arena_printf(arena, "PUT /connectors/%s/%s", args->target, name);
    plan->request = request;
    plan->nrequest = 1;
    if (args->kind == ACTION_RESTART && args->scope == RESTART_FAILED &&
        strcmp(args->target, "s3-sink") != 0) {
        plan->allowed = false;
        plan->why_not = "nothing of it has failed";
    }
    if (args->kind == ACTION_CONTINUE) {
        plan->allowed = false;
        plan->why_not = "the connector is RUNNING already";
    }
    if (args->kind >= ACTION_SNAPSHOT_STOP && args->kind <= ACTION_SNAPSHOT_RESUME) {
        plan->allowed = false;
        plan->why_not = "no snapshot is running";
    }
}

struct action_plan *fixture_plan(const struct action_args *args, const struct world *world,
                                 const struct pipeline *pipeline, struct arena *arena)
{
    struct action_plan *plan = arena_alloc(arena, sizeof(*plan));
    (void)world;
    (void)pipeline;
    plan->allowed = true;
    if (args->kind == ACTION_DROP_SLOT)
        drop(args, plan, arena);
    else if (args->kind == ACTION_TERMINATE)
        session(args, plan, arena);
    else
        connector(args, plan, arena);
    return plan;
}
