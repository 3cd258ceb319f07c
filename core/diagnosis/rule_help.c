/* What rules of several files ask. */
#include "diagnosis/rules.h"
#include "model/pg_session.h"

#include "base/human.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct snapshot *snap_of(const struct rule_run *run, enum source_kind kind)
{
    return world_snap(run->world, run->index, kind);
}

const struct pg_snap *rule_pg(const struct rule_run *run)
{
    const struct snapshot *s = snap_of(run, SOURCE_POSTGRES);
    return s != NULL ? &s->pg : NULL;
}

const struct kafka_snap *rule_kafka(const struct rule_run *run)
{
    const struct snapshot *s = snap_of(run, SOURCE_KAFKA);
    return s != NULL ? &s->kafka : NULL;
}

const struct connect_snap *rule_connect(const struct rule_run *run)
{
    static const struct connect_snap none;
    const struct snapshot *s = snap_of(run, SOURCE_CONNECT);
    return s != NULL ? &s->connect : &none; /* its connectors may all be MSK Connect's */
}

const struct s3_snap *rule_s3(const struct rule_run *run)
{
    const struct snapshot *s = snap_of(run, SOURCE_S3);
    return s != NULL ? &s->s3 : NULL;
}

const struct series *rule_series(const struct rule_run *run, const char *fmt, ...)
{
    char key[300];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(key, sizeof(key), fmt, ap);
    va_end(ap);
    return series_find(run->world->pipelines[run->index].series, key);
}

const char *rule_without_restart(const struct rule_run *run, const struct connector_row *c,
                                 const char *advice)
{
    if (c->connector->service != SERVICE_MSK_CONNECT || !rule_connector_is(c, "FAILED"))
        return advice;
    const char *end = strstr(advice, "then restart"); /* behind ", " or "; " */
    size_t n = end != NULL && end - advice > 2 ? (size_t)(end - advice) - 2 : strlen(advice);
    return arena_printf(run->arena,
                        "%.*s; MSK Connect cannot restart it: save its config (:save-config), "
                        "delete it, create it anew; its offsets stay if name and worker "
                        "configuration do",
                        (int)n, advice);
}

const char *rule_failed_text(const struct rule_run *run, const struct connector_row *c)
{
    const char *state = c->connector->state != NULL ? c->connector->state : "unknown";
    return c->tasks_known ? arena_printf(run->arena, "connector %s, %d of %d tasks FAILED", state,
                                         c->failed, c->tasks)
                          : arena_printf(run->arena, "connector %s", state);
}

bool rule_connector_is(const struct connector_row *c, const char *state)
{
    return pipeline_state_is(c->connector, state);
}

const struct connector_row *rule_owner_of(const struct rule_run *run, const struct slot_row *s)
{
    return pipeline_owner(run->p, s);
}

int rule_in_vain(const struct rule_run *run, const struct connector_row *c)
{
    if (c->failed == 0 && !rule_connector_is(c, "FAILED"))
        return 0;
    return connector_past_in_vain(
        connector_history_of(run->world->pipelines[run->index].history, c->connector),
        connector_history_cause(c->cause), run->world->mono_ms, run->limits->restart_window_ms);
}

void rule_tell_change(struct rule_run *run, struct finding *f, const struct connector_row *c,
                      int task)
{
    enum { CHANGE_MS = 10 * 60 * 1000 }; /* so long before a failure a change may be its reason */
    const struct connector_past *past =
        connector_history_of(run->world->pipelines[run->index].history, c->connector);
    bool at_least;
    int64_t since = connector_past_since(past, task, &at_least);
    if (since == UNKNOWN || at_least)
        return;
    const struct past_event *e = connector_past_change(past, since, CHANGE_MS);
    char a[HUMAN_SIZE];
    if (e != NULL)
        rule_evidence(run, f, "%s before: %s (%s)", human_duration_ms(a, since - e->mono_ms),
                      e->kind == PAST_CONFIG  ? "its configuration changed"
                      : e->kind == PAST_MOVED ? "it moved to another worker"
                                              : "asked from here",
                      e->text);
}

enum { LOG_TOLD = 3 };

void rule_tell_log(struct rule_run *run, struct finding *f, const struct connector_row *c)
{
    const struct log_tail *log = c->logged;
    int64_t now = world_server_now(run->world, run->index, SOURCE_LOGS);
    char a[HUMAN_SIZE];
    for (size_t i = 0; i < c->ndied && i < LOG_TOLD; i++) {
        const struct log_event *e = &c->died[i];
        bool other = i > 0 && e->cause != NULL &&
                     (c->died[0].cause == NULL || strcmp(e->cause, c->died[0].cause) != 0);
        rule_evidence(run, f, "%s died %s ago, by the log %s%s%s",
                      e->task >= 0 ? arena_printf(run->arena, "task %d", e->task) : "a worker",
                      human_age_ms(a, now - e->at_ms), log->group, other ? ": " : "",
                      other ? e->cause : "");
    }
    if (log == NULL || c->ndied > 0)
        return;
    if (log->error != NULL)
        rule_evidence(run, f, "the log %s cannot be read: %s", log->group, log->error);
    else if (log->from_ms != UNKNOWN)
        rule_evidence(run, f, "the log %s tells of no death in the last %s", log->group,
                      human_age_ms(a, now - log->from_ms));
}

const char *rule_brief(const struct rule_run *run, const char *text, int width)
{
    enum { WIDEST = 380 };
    char out[WIDEST + 20];
    utf8_fit(out, sizeof(out), text, width < WIDEST ? width : WIDEST, false);
    return arena_strdup(run->arena, out);
}

bool rule_terminate(struct rule_run *run, struct finding *f, int pid)
{
    char why[PG_SESSION_WHY];
    struct pg_session session;
    const struct pg_snap *pg = rule_pg(run);
    if (pg == NULL || !pg_session_find(pg, pid, &session) ||
        pg_session_refusal(&session, "", why, sizeof(why)) != NULL)
        return false;
    rule_remedy_on(f, ACTION_TERMINATE, arena_printf(run->arena, "%d", pid));
    return true;
}
