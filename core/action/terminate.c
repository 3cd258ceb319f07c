/* Ending a database session that holds others back: the transaction that a slot cannot pass, or the
 * holder of a lock that a snapshot waits for. Never one of a superuser, of a walsender or of cdctop
 * itself, and never another one that has come to the same pid. */
#include "action/ops.h"
#include "action/pg_terminate.h"
#include "base/human.h"
#include "base/sqlname.h"
#include "model/pg_session.h"

#include <stdlib.h>
#include <string.h>

enum { PID_MAX = 0x7FFFFFFF, YOUNG_MS = 60 * 1000, QUERY_SHOWN = 160 };

/* 0: no pid. */
static int pid_of(const char *target)
{
    char *end = NULL;
    long pid = target != NULL ? strtol(target, &end, 10) : 0;
    return target != NULL && end != target && *end == '\0' && pid > 0 && pid < PID_MAX ? (int)pid
                                                                                       : 0;
}

void action_args_session(struct action_args *args, const struct world *world)
{
    const struct snapshot *snap = world_snap(world, args->pipeline, SOURCE_POSTGRES);
    struct pg_session s;
    if (args->kind == ACTION_TERMINATE && snap != NULL &&
        pg_session_find(&snap->pg, pid_of(args->target), &s))
        args->session_ms = s.backend_start_ms;
}

static const struct pg_holder *find_prepared(const struct pg_snap *pg, const char *gid)
{
    for (size_t i = 0; i < pg->nholders; i++)
        if (pg->holders[i].gid != NULL && strcmp(pg->holders[i].gid, gid) == 0)
            return &pg->holders[i];
    return NULL;
}

static void not_a_session(struct planner *pl, const struct pg_snap *pg)
{
    const char *target = pl->args->target;
    if (find_prepared(pg, target) == NULL) {
        planner_check(pl, CHECK_FAIL, "no session %s holds anything back, as far as is seen",
                      target);
        return;
    }
    struct strbuf gid;
    strbuf_init(&gid, 600);
    sqlname_literal(&gid, target);
    planner_check(pl, CHECK_FAIL,
                  "a prepared transaction has no session to end: ROLLBACK PREPARED %s, in its "
                  "database",
                  gid.text);
    strbuf_free(&gid);
}

static const char *or_dash(const char *s)
{
    return s != NULL && s[0] != '\0' ? s : "–";
}

static void say_session(struct planner *pl, const struct pg_session *s)
{
    char a[HUMAN_SIZE];
    size_t index = pl->args->pipeline;
    int64_t now = world_server_now(pl->world, index, SOURCE_POSTGRES);
    planner_line(pl, "seen", CHECK_OK, "%s ago: %s",
                 human_duration_ms(a, world_age(pl->world, index, SOURCE_POSTGRES)),
                 or_dash(s->state));
    planner_line(pl, "who", CHECK_OK, "%s, %s, from %s", or_dash(s->user),
                 or_dash(s->application_name), s->client_addr != NULL ? s->client_addr : "local");
    if (s->xact_start_ms > 0)
        planner_line(pl, "open", CHECK_OK, "for %s: all of it is rolled back",
                     human_duration_ms(a, now - s->xact_start_ms));
    planner_line(pl, "query", CHECK_OK, "%.*s", QUERY_SHOWN, or_dash(s->query));
    if (s->xact_start_ms > 0 && now - s->xact_start_ms < YOUNG_MS)
        planner_check(pl, CHECK_WARN, "open for only %s: it may well end by itself",
                      human_duration_ms(a, now - s->xact_start_ms));
    if (s->application_name != NULL && strncmp(s->application_name, "Debezium", 8) == 0)
        planner_check(pl, CHECK_WARN,
                      "it is a session of Debezium's: its task will fail, and a "
                      "snapshot that it takes begins anew");
}

static void check_session(struct planner *pl, const struct pg_snap *pg, const struct pg_session *s)
{
    char why[PG_SESSION_WHY];
    const char *bad =
        pg_session_refusal(s, pg->user != NULL ? pg->user : "of cdctop", why, sizeof(why));
    if (pl->args->session_ms != s->backend_start_ms)
        planner_check(pl, CHECK_FAIL, "pid %d is another session now: the one that was meant ended",
                      s->pid);
    else if (bad != NULL)
        planner_check(pl, CHECK_FAIL, "%s", bad);
    else
        planner_check(pl, CHECK_OK,
                      "a client's session, no superuser's; pid and start are "
                      "compared again in the statement itself");
}

void terminate_plan(struct planner *pl)
{
    const struct snapshot *snap = world_snap(pl->world, pl->args->pipeline, SOURCE_POSTGRES);
    int pid = pid_of(pl->args->target);
    struct pg_session s;
    pl->plan->title = arena_printf(pl->arena, "End session %s on %s", pl->args->target,
                                   snap != NULL && snap->pg.database != NULL ? snap->pg.database
                                                                             : "the database");
    pl->plan->summary = "PostgreSQL rolls its transaction back and closes the connection; what its "
                        "client was doing is lost, and the client sees an error.";
    pl->plan->type_name = pl->args->target;
    if (world_state(pl->world, pl->args->pipeline, SOURCE_POSTGRES) != STATE_FRESH)
        planner_check(pl, CHECK_FAIL,
                      "PostgreSQL does not answer: who holds what back is not known");
    if (snap == NULL)
        return;
    if (!pg_session_find(&snap->pg, pid, &s)) {
        not_a_session(pl, &snap->pg);
        return;
    }
    say_session(pl, &s);
    check_session(pl, &snap->pg, &s);
    struct strbuf sb;
    strbuf_init(&sb, 400);
    pg_terminate_sql(&sb, pid, s.backend_start_ms);
    planner_request(pl, "%s", sb.text);
    strbuf_free(&sb);
}

bool terminate_send(const struct action_run *run, struct err *err)
{
    struct pg_call call = {.cfg = &run->pipeline->postgres,
                           .aws = run->aws,
                           .hints = run->route->hints,
                           .deadline_ms = run->deadline_ms,
                           .stop_fd = run->stop_fd};
    bool gone;
    run->progress(run->progress_ctx, ACTION_CHECKING, "asking once more who that pid is");
    if (!pg_terminate(&call, pid_of(run->args->target), run->args->session_ms, &gone, err))
        return false;
    run->progress(run->progress_ctx, ACTION_SENDING,
                  gone ? "the session is gone" : "it has the signal and rolls back");
    return true;
}

enum action_state terminate_judge(const struct judge *j)
{
    const struct snapshot *snap = world_snap(j->world, j->args->pipeline, SOURCE_POSTGRES);
    struct pg_session s;
    if (snap == NULL || snap->mono_ms <= j->before->mono_ms) {
        judge_say(j, "sent; waiting for what PostgreSQL says next");
        return ACTION_WATCHING;
    }
    if (pg_session_find(&snap->pg, pid_of(j->args->target), &s) &&
        s.backend_start_ms == j->args->session_ms) {
        judge_say(j, "it has the signal and still holds on: %s", or_dash(s.state));
        return ACTION_WATCHING;
    }
    judge_say(j, "pid %s is gone and holds nothing back any more", j->args->target);
    return ACTION_WORKED;
}
