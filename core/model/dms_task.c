#include "model/dms_task.h"

#include "base/mem.h"

#include <string.h>

/* Where the word of a stop begins, and its length; 0: there is none. */
static const char *word_of(const struct dms_task *task, size_t *n)
{
    static const char before[] = "Stop Reason ";
    const char *reason = task->stop_reason != NULL ? task->stop_reason : "";
    if (strncmp(reason, before, sizeof(before) - 1) == 0)
        reason += sizeof(before) - 1;
    *n = strcspn(reason, " ");
    return reason;
}

bool dms_stopped_by(const struct dms_task *task, const char *word)
{
    size_t n;
    const char *own = word_of(task, &n);
    return n == strlen(word) && strncmp(own, word, n) == 0;
}

/* Words and meanings: the API's own documentation of StopReason. */
const char *dms_stop_meaning(const struct dms_task *task, int *loudness)
{
    static const struct {
        const char *word, *meaning;
        int loudness;
    } reasons[] = {
        {"NORMAL",                         "stopped on purpose",                                    0},
        {"RECOVERABLE_ERROR",              "stopped by an error that may pass",                     1},
        {"FATAL_ERROR",                    "stopped by a fatal error",                              2},
        {"FULL_LOAD_ONLY_FINISHED",        "its full load is done",                                 0},
        {"STOPPED_AFTER_FULL_LOAD",        "stopped after the full load, as it is set to",          0},
        {"STOPPED_AFTER_CACHED_EVENTS",    "stopped after the full load and the changes meanwhile", 0},
        {"EXPRESS_LICENSE_LIMITS_REACHED", "stopped: the limits of its licence are reached",        1},
        {"STOPPED_AFTER_DDL_APPLY",        "stopped after a change of structure, as it is set to",  0},
        {"STOPPED_DUE_TO_LOW_MEMORY",      "stopped: its instance ran out of memory",               1},
        {"STOPPED_DUE_TO_LOW_DISK",        "stopped: its instance ran out of disk",                 1},
        {"STOPPED_AT_SERVER_TIME",         "stopped at the time that was set",                      0},
        {"STOPPED_AT_COMMIT_TIME",         "stopped at the commit time that was set",               0},
        {"RECONFIGURATION_RESTART",        "stopped to be reconfigured",                            0},
        {"RECYCLE_TASK",                   "stopped to be started again by DMS",                    0},
    };
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        if (dms_stopped_by(task, reasons[i].word)) {
            *loudness = reasons[i].loudness;
            return reasons[i].meaning;
        }
    }
    *loudness = 1;
    return task->stop_reason;
}

int64_t dms_moved(const struct dms_task *task)
{
    int64_t n = UNKNOWN;
    for (size_t i = 0; i < task->ntables; i++) {
        const struct dms_table *t = &task->tables[i];
        const int64_t parts[] = {t->inserts, t->updates, t->deletes, t->ddls, t->loaded};
        for (size_t k = 0; k < ARRAY_LEN(parts); k++)
            n = parts[k] == UNKNOWN ? n : (n == UNKNOWN ? 0 : n) + parts[k];
    }
    return n;
}

bool dms_loading(const struct dms_task *task)
{
    bool some = task->tables_loading != UNKNOWN && task->tables_loading > 0;
    bool more = task->tables_queued != UNKNOWN && task->tables_queued > 0;
    return task->status != NULL && strcmp(task->status, "running") == 0 && (some || more);
}

int64_t dms_errored(const struct dms_task *task)
{
    int64_t n = 0;
    for (size_t i = 0; i < task->ntables; i++)
        n += task->tables[i].state != NULL && strcmp(task->tables[i].state, "Table error") == 0;
    return task->tables_errored != UNKNOWN && task->tables_errored > n ? task->tables_errored : n;
}
