#include "base/mem.h"
#include "model/snapshot.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const struct log_tail *logs_find(const struct logs_snap *logs, enum connect_service service,
                                 const char *connector)
{
    for (size_t i = 0; i < logs->ntails; i++) {
        const struct log_tail *t = &logs->tails[i];
        if (t->service == (int)service && strcmp(t->connector, connector) == 0)
            return t;
    }
    return NULL;
}

static int newest_first(const void *a, const void *b)
{
    const struct log_event *x = a, *y = b;
    return x->at_ms != y->at_ms ? (x->at_ms < y->at_ms) - (x->at_ms > y->at_ms)
                                : (x->task > y->task) - (x->task < y->task);
}

void log_sort(struct log_tail *tail)
{
    if (tail->nevents > 1)
        qsort(tail->events, tail->nevents, sizeof(*tail->events), newest_first);
}

const struct log_event *log_newest(const struct log_tail *tail, enum logged kind)
{
    for (size_t i = 0; tail != NULL && i < tail->nevents; i++) {
        if (tail->events[i].kind == (int)kind)
            return &tail->events[i];
    }
    return NULL;
}

const char *log_kind_name(int kind)
{
    static const char *const names[] = {
        [LOGGED_TASK_DIED] = "task died", [LOGGED_WORKER_DIED] = "worker died",
        [LOGGED_PAUSED] = "paused",       [LOGGED_RESUMED] = "resumed",
        [LOGGED_ERROR] = "error",
    };
    static_assert(ARRAY_LEN(names) == LOGGED_KIND_COUNT, "a name per kind");
    return kind >= 0 && kind < LOGGED_KIND_COUNT ? names[kind] : "?";
}
