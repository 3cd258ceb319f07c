/* Drop a stale replication slot. Three looks: the plan's (what the screen knows), one in the
 * dropping session just before, and the verdict's afterwards, because a zombie task can recreate
 * the slot. */
#include "action/ops.h"
#include "action/pg_slot.h"
#include "aws/login.h"
#include "base/clock.h"
#include "base/human.h"
#include "base/json.h"
#include "base/lsn.h"
#include "net/connectapi.h"

#include <stdio.h>
#include <string.h>

enum { OWNER_CALL_MS = 8 * 1000, STAYS_GONE_MS = 6 * 1000, OWNED_MS = 15 * 1000 };

static void check_slot(struct planner *pl, const struct pg_slot *s)
{
    if (s->active == TRI_NO)
        planner_check(pl, CHECK_OK, "inactive; read again in the same session just before");
    else
        planner_check(pl, CHECK_FAIL, "slot %s is active (pid %d): somebody reads it", s->name,
                      s->active_pid);
    if (s->type == NULL || strcmp(s->type, "logical") != 0)
        planner_check(pl, CHECK_FAIL, "slot %s is physical: a standby may need it", s->name);
    else if (s->temporary == TRI_YES)
        planner_check(pl, CHECK_FAIL, "slot %s is temporary: it ends with its session", s->name);
    else if (s->synced == TRI_YES)
        planner_check(pl, CHECK_FAIL, "slot %s is synced from a primary: drop it there", s->name);
    else
        planner_check(pl, CHECK_OK, "logical, not temporary, not synced");
}

static void check_owner(struct planner *pl, const struct slot_row *s)
{
    enum source_state connect = world_state(pl->world, pl->args->pipeline, SOURCE_CONNECT);
    if (connect == STATE_OFF) {
        planner_line(pl, "owner", CHECK_WARN, "unknown: no Connect cluster is watched");
        planner_check(pl, CHECK_WARN, "a connector that cdctop does not see may own it");
        return;
    }
    if (connect != STATE_FRESH) {
        planner_check(pl, CHECK_FAIL,
                      "whether a connector owns it is not known: Connect does not answer");
        return;
    }
    if (s->owner == NULL) {
        planner_line(pl, "owner", CHECK_OK, "no connector that cdctop sees names this slot");
        planner_check(pl, CHECK_WARN,
                      "a Connect cluster that cdctop does not watch could still own it");
        return;
    }
    const char *state = s->owner->state != NULL ? s->owner->state : "unknown";
    planner_line(pl, "owner", CHECK_WARN, "connector %s, %s", s->owner->name, state);
    if (strcmp(state, "STOPPED") == 0)
        planner_check(pl, CHECK_WARN, "its owner %s is STOPPED; it would lose its place",
                      s->owner->name);
    else
        planner_check(pl, CHECK_FAIL, "its owner %s is %s: stop the connector first",
                      s->owner->name, state);
}

void drop_slot_plan(struct planner *pl)
{
    const char *name = pl->args->target;
    const struct slot_row *s = pipeline_slot(pl->p, name);
    const struct snapshot *snap = world_snap(pl->world, pl->args->pipeline, SOURCE_POSTGRES);
    pl->plan->title = arena_printf(pl->arena, "Drop replication slot %s on %s", name,
                                   snap != NULL && snap->pg.database != NULL ? snap->pg.database
                                                                             : "the database");
    pl->plan->summary =
        "PostgreSQL forgets this slot; a consumer that comes back cannot resume from it.";
    pl->plan->type_name = name;
    if (s == NULL) {
        planner_check(pl, CHECK_FAIL, "no slot named %s is known", name);
        return;
    }
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    planner_line(pl, "seen", CHECK_OK, "%s ago: %s, wal_status %s",
                 human_duration_ms(a, world_age(pl->world, pl->args->pipeline, SOURCE_POSTGRES)),
                 s->state, s->slot->wal_status != NULL ? s->slot->wal_status : "unknown");
    check_owner(pl, s);
    if (s->retained != UNKNOWN)
        planner_line(pl, "frees", CHECK_OK, "up to %s after the next checkpoint",
                     human_bytes(a, s->retained));
    if (strcmp(s->state, "lost") == 0)
        planner_line(pl, "loses", CHECK_OK, "nothing more: its WAL is gone already");
    else if (s->slot->confirmed_flush_lsn != LSN_NONE) {
        char lsn[LSN_TEXT];
        planner_line(
            pl, "loses", CHECK_WARN, "changes from %s on (%s), for the consumer of this slot only",
            lsn_text(s->slot->confirmed_flush_lsn, lsn, sizeof(lsn)), human_bytes(b, s->behind));
    }
    if (world_state(pl->world, pl->args->pipeline, SOURCE_POSTGRES) != STATE_FRESH)
        planner_check(pl, CHECK_FAIL, "PostgreSQL does not answer: the slot's state is not known");
    check_slot(pl, s->slot);
    if (snap != NULL && snap->pg.in_recovery == TRI_YES)
        planner_check(pl, CHECK_FAIL, "this server is a standby");
    struct strbuf sb;
    strbuf_init(&sb, 400);
    pg_slot_drop_sql(&sb, name);
    planner_request(pl, "%s", sb.text);
    strbuf_free(&sb);
}

/* The owner's state now, not as it was on the screen. A connector that is gone owns nothing. */
static bool owner_lets_go(const struct action_run *run, struct err *err)
{
    const char *owner = run->route->slot_owner;
    if (owner == NULL)
        return true;
    struct connectapi *api = connectapi_open(&run->pipeline->connect, err);
    if (api == NULL)
        return false;
    login_connect(run->aws, &run->pipeline->connect, api);
    struct connect_request req = {.call = CONNECT_STATUS, .connector = owner};
    struct connect_answer answer = {0};
    int64_t deadline = clock_mono_ms() + OWNER_CALL_MS;
    bool ok = connectapi_call(api, &req, deadline, run->stop_fd, &answer, err);
    if (ok) {
        cJSON *root = json_parse(answer.body, answer.len, err);
        const char *state = json_str(json_get(root, "connector"), "state", "unknown");
        ok = root != NULL && strcmp(state, "STOPPED") == 0;
        if (root != NULL && !ok)
            err_set(err, ERR_CONFLICT, 0, "its owner %s is %s now: stop the connector first", owner,
                    state);
        cJSON_Delete(root);
        connectapi_answer_free(&answer);
    } else if (err->kind == ERR_NOTFOUND) {
        err_clear(err);
        ok = true;
    } else {
        err_wrap(err, "asking for the state of its owner %s", owner);
    }
    connectapi_close(api);
    return ok;
}

bool drop_slot_send(const struct action_run *run, struct err *err)
{
    run->progress(run->progress_ctx, ACTION_CHECKING, "reading the slot and its owner again");
    if (!owner_lets_go(run, err))
        return false;
    struct pg_call call = {.cfg = &run->pipeline->postgres,
                           .aws = run->aws,
                           .hints = run->route->hints,
                           .deadline_ms = run->deadline_ms,
                           .stop_fd = run->stop_fd};
    struct pg_slot_facts facts = {0};
    if (!pg_slot_drop(&call, run->args->target, &facts, err))
        return false;
    char a[HUMAN_SIZE];
    char text[200];
    (void)snprintf(text, sizeof(text), "dropped; frees %s after the next checkpoint",
                   human_bytes(a, facts.frees));
    run->progress(run->progress_ctx, ACTION_SENDING, text);
    return true;
}

/* A task that was given up ("Graceful stop failed") tries again after 10 s, by Debezium's default.
 */
static int64_t stays_gone_ms(const struct judge *j)
{
    for (size_t i = 0; i < j->p->nconnectors; i++) {
        const struct connector_facts *f = j->p->connectors[i].facts;
        if (f->slot_name != NULL && strcmp(f->slot_name, j->args->target) == 0)
            return OWNED_MS;
    }
    return STAYS_GONE_MS;
}

enum action_state drop_slot_judge(const struct judge *j)
{
    const struct snapshot *snap = world_snap(j->world, j->args->pipeline, SOURCE_POSTGRES);
    if (snap == NULL || snap->mono_ms <= j->before->mono_ms) {
        judge_say(j, "dropped; waiting for what PostgreSQL says next");
        return ACTION_WATCHING;
    }
    if (pipeline_slot(j->p, j->args->target) != NULL) {
        if (j->elapsed_ms < STAYS_GONE_MS) {
            judge_say(j, "dropped; the slot is still listed");
            return ACTION_WATCHING;
        }
        judge_say(j, "dropped, but there is a slot of this name again: a task recreated it");
        return ACTION_FAILED;
    }
    char a[HUMAN_SIZE];
    if (j->elapsed_ms < stays_gone_ms(j)) {
        judge_say(j, "gone; watching whether a zombie task makes it again");
        return ACTION_WATCHING;
    }
    if (j->before->retained == UNKNOWN)
        judge_say(j, "gone and stays gone");
    else
        judge_say(j, "gone and stays gone; frees up to %s after the next checkpoint",
                  human_bytes(a, j->before->retained));
    return ACTION_WORKED;
}
