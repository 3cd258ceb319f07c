#include "tui/view/detail_log.h"

#include "base/human.h"

#include <string.h>

enum { EVENTS_SHOWN = 6 };

static int64_t now_of(const struct scene *s)
{
    return world_server_now(s->m->world, s->app->pipeline, SOURCE_LOGS);
}

static bool holds(const struct connector_row *row, const struct log_event *e)
{
    bool death = e->kind == LOGGED_TASK_DIED || e->kind == LOGGED_WORKER_DIED;
    return !death || (row->ndied > 0 && e->at_ms >= row->died[row->ndied - 1].at_ms);
}

static unsigned style_of(const struct connector_row *row, const struct log_event *e)
{
    if (!holds(row, e) || e->kind == LOGGED_RESUMED)
        return ROLE_DIM;
    return e->kind == LOGGED_PAUSED || e->kind == LOGGED_ERROR ? ROLE_WARN : ROLE_CRIT;
}

/* Tasks mostly die together of one cause: it is told once, on top of the page if it is that. */
static const char *cause_of(const struct connector_row *row, const struct log_event *e,
                            const struct log_event *before)
{
    if (e->cause == NULL || e->cause[0] == '\0')
        return "no cause was logged";
    if (strcmp(row->cause, e->cause) == 0)
        return "of the root cause";
    bool same = before != NULL && before->cause != NULL && strcmp(before->cause, e->cause) == 0;
    return same ? "of the same" : e->cause;
}

static void put_event(const struct scene *s, struct doc *d, const struct connector_row *row,
                      const struct log_event *e, const struct log_event *before)
{
    char a[HUMAN_SIZE];
    const char *what =
        e->task >= 0 ? scene_text(s, "task %d died", e->task) : log_kind_name(e->kind);
    doc_line(d);
    doc_span(d, 4, 9, true, ROLE_DIM,
             scene_text(s, "%s ago", human_age_ms(a, now_of(s) - e->at_ms)));
    doc_span(d, 15, 13, false, ROLE_DIM, what);
    doc_wrap_on(d, 29, style_of(row, e), cause_of(row, e, before));
}

/* How far back, and up to when where that is not now. */
static const char *searched(const struct scene *s, const struct log_tail *log)
{
    enum { RECENT_MS = 60 * 1000 };
    char from[HUMAN_SIZE];
    char to[HUMAN_SIZE];
    int64_t late = now_of(s) - log->to_ms;
    human_age_ms(from, now_of(s) - log->from_ms);
    const char *when = late < RECENT_MS ? scene_text(s, "searched over the last %s", from)
                                        : scene_text(s, "searched from %s ago to %s ago", from,
                                                     human_age_ms(to, late));
    const char *found = log->nevents > 0              ? ""
                        : log->service == SERVICE_DMS ? ": no error, no pause"
                                                      : ": no task died";
    return scene_text(s, "%s%s", when, found);
}

void detail_log(const struct scene *s, struct doc *d, const struct connector_row *row)
{
    const struct log_tail *log = row->logged;
    if (log == NULL)
        return;
    doc_head(d, "Log", log->group);
    if (log->error != NULL)
        doc_wrap(d, 4, ROLE_WARN, scene_text(s, "cannot be read: %s", log->error));
    else if (log->from_ms == UNKNOWN)
        doc_wrap(d, 4, ROLE_DIM, "not read yet");
    for (size_t i = 0; i < log->nevents && i < EVENTS_SHOWN; i++)
        put_event(s, d, row, &log->events[i], i > 0 ? &log->events[i - 1] : NULL);
    if (log->from_ms != UNKNOWN)
        doc_wrap(d, 4, ROLE_DIM, searched(s, log));
}

void detail_log_traces(const struct scene *s, struct doc *d, const struct connector_row *row)
{
    char a[HUMAN_SIZE];
    for (size_t i = 0; i < row->ndied; i++) {
        const struct log_event *e = &row->died[i];
        const char *whose =
            e->task >= 0 ? scene_text(s, "Trace of task %d", e->task) : "Trace of a worker";
        doc_head(d, whose,
                 scene_text(s, "by its log, %s ago", human_age_ms(a, now_of(s) - e->at_ms)));
        doc_wrap(d, 4, ROLE_TEXT, e->text);
    }
}
