/* Drop a stale replication slot. Three looks: the plan's (what the screen knows), one in the
 * dropping session just before, and the verdict's afterwards, because a zombie task can recreate
 * the slot. */
#include "action/ops.h"
#include "action/pg_slot.h"
#include "base/human.h"
#include "base/lsn.h"

#include <stdio.h>
#include <string.h>

enum { STAYS_GONE_MS = 6 * 1000, OWNED_MS = 15 * 1000 };

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
    enum source_kind kind = world_connectors_kind(pl->world, pl->args->pipeline);
    enum source_state connect = world_state(pl->world, pl->args->pipeline, kind);
    if (connect == STATE_OFF) {
        planner_line(pl, "owner", CHECK_WARN, "unknown: no Connect cluster is watched");
        planner_check(pl, CHECK_WARN, "a connector that cdctop does not see may own it");
        return;
    }
    if (connect != STATE_FRESH) {
        planner_check(pl, CHECK_FAIL,
                      "whether a connector owns it is not known: %s does not answer",
                      kind == SOURCE_CONNECT ? "Connect" : source_kind_title(kind));
        return;
    }
    if (s->owner == NULL) {
        planner_line(pl, "owner", CHECK_OK, "no connector that cdctop sees names this slot");
        planner_check(pl, CHECK_WARN,
                      "a Connect cluster that cdctop does not watch could still own it");
        return;
    }
    const char *state = s->owner->state != NULL ? s->owner->state : "unknown";
    planner_line(pl, "owner", CHECK_WARN, "%s %s, %s%s",
                 s->owner->service == SERVICE_DMS ? "DMS task" : "connector", s->owner->name, state,
                 slot_claim_text(s->claim));
    if (pipeline_state_is(s->owner, "STOPPED"))
        planner_check(pl, CHECK_WARN, "its owner %s is STOPPED; it would lose its place",
                      s->owner->name);
    else if (s->owner->service == SERVICE_MSK_CONNECT)
        planner_check(pl, CHECK_FAIL,
                      "its owner %s is %s: delete the connector first, MSK Connect cannot stop one",
                      s->owner->name, state);
    else
        planner_check(pl, CHECK_FAIL, "its owner %s is %s: stop %s first", s->owner->name, state,
                      s->owner->service == SERVICE_DMS ? "the task" : "the connector");
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

bool drop_slot_send(const struct action_run *run, struct err *err)
{
    run->progress(run->progress_ctx, ACTION_CHECKING, "reading the slot and its owner again");
    if (!connector_lets_go(run, err))
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
