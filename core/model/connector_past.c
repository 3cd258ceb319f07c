/* Questions about the past of a connector. */
#include "model/connector_history_int.h"

#include <string.h>

static const char *const kind_names[PAST_KIND_COUNT] = {
    [PAST_STATE] = "state",     [PAST_FAILURE] = "failed", [PAST_RESTART] = "restarted",
    [PAST_MOVED] = "moved",     [PAST_CONFIG] = "config",  [PAST_ASKED] = "asked",
    [PAST_OUTCOME] = "outcome",
};

const char *past_kind_name(enum past_kind kind)
{
    return (unsigned)kind < PAST_KIND_COUNT ? kind_names[kind] : "";
}

size_t connector_past_count(const struct connector_past *past)
{
    return past != NULL ? (size_t)past->count : 0;
}

const struct past_event *connector_past_event(const struct connector_past *past, size_t i)
{
    if (i >= connector_past_count(past))
        return NULL;
    return &past->events[(past->next + 2 * HISTORY_EVENTS - 1 - (int)i) % HISTORY_EVENTS];
}

int connector_past_in_vain(const struct connector_past *past, uint64_t cause, int64_t now_ms,
                           int64_t window_ms)
{
    int n = 0;
    const struct past_event *e;
    for (size_t i = 0; cause != 0 && (e = connector_past_event(past, i)) != NULL; i++)
        n += e->kind == PAST_FAILURE && e->again && e->cause == cause &&
             now_ms - e->mono_ms <= window_ms;
    return n;
}

int connector_past_number(const struct connector_past *past, enum past_kind kind, int64_t now_ms,
                          int64_t window_ms)
{
    int n = 0;
    const struct past_event *e;
    for (size_t i = 0; (e = connector_past_event(past, i)) != NULL; i++)
        n += e->kind == kind && now_ms - e->mono_ms <= window_ms;
    return n;
}

int64_t connector_past_since(const struct connector_past *past, int task, bool *at_least)
{
    const struct unit *u = past != NULL && task < 0 ? &past->self : NULL;
    for (size_t i = 0; past != NULL && task >= 0 && i < past->ntasks; i++) {
        if (past->tasks[i].id == task)
            u = &past->tasks[i];
    }
    *at_least = u != NULL && u->since_first;
    return u != NULL ? u->since_ms : UNKNOWN;
}

int64_t connector_past_taskless(const struct connector_past *past, bool *at_least)
{
    bool none = past != NULL && past->taskless_ms != 0;
    *at_least = none && past->taskless_first;
    return none ? past->taskless_ms : UNKNOWN;
}

const struct past_event *connector_past_change(const struct connector_past *past, int64_t at_ms,
                                               int64_t window_ms)
{
    const struct past_event *e;
    for (size_t i = 0; (e = connector_past_event(past, i)) != NULL; i++) {
        bool cause = e->kind == PAST_CONFIG || e->kind == PAST_MOVED || e->kind == PAST_ASKED;
        if (cause && e->mono_ms <= at_ms && at_ms - e->mono_ms <= window_ms)
            return e;
    }
    return NULL;
}
