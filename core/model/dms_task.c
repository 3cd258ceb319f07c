#include "model/dms_task.h"

#include "base/mem.h"

#include <string.h>

const char *dms_object(const struct dms_task *task)
{
    return task->serverless ? task->arn : task->resource;
}

static const struct word {
    const char *status;
    enum dms_phase phase;
    const char *text;
} words[] = {
    {"ready",                        DMS_PHASE_NEW,      "never started"                         },
    {"created",                      DMS_PHASE_NEW,      "never started"                         },
    {"creating",                     DMS_PHASE_BUSY,     "being created"                         },
    {"modifying",                    DMS_PHASE_BUSY,     "being modified: it does not run"       },
    {"moving",                       DMS_PHASE_BUSY,     "being moved to another instance"       },
    {"testing",                      DMS_PHASE_BUSY,     "its endpoints are being tested"        },
    {"deleting",                     DMS_PHASE_BUSY,     "being deleted"                         },
    {"starting",                     DMS_PHASE_STARTING, "starting"                              },
    {"initializing",                 DMS_PHASE_STARTING, "starting: it is being set up"          },
    {"preparing_metadata_resources", DMS_PHASE_STARTING,
     "starting: it prepares to read what there is"                                               },
    {"testing_connection",           DMS_PHASE_STARTING, "starting: its endpoints are tested"    },
    {"fetching_metadata",            DMS_PHASE_STARTING, "starting: it reads what there is"      },
    {"calculating_capacity",         DMS_PHASE_STARTING, "starting: its capacity is calculated"  },
    {"provisioning_capacity",        DMS_PHASE_STARTING, "starting: its capacity is made ready"  },
    {"replication_starting",         DMS_PHASE_STARTING, "starting"                              },
    {"running",                      DMS_PHASE_RUNNING,  ""                                      },
    {"stopping",                     DMS_PHASE_STOPPING, "stopping"                              },
    {"stopped",                      DMS_PHASE_STOPPED,  "stopped"                               },
    {"failed",                       DMS_PHASE_FAILED,   "the task failed"                       },
    {"failed-move",                  DMS_PHASE_FAILED,   "could not be moved to another instance"},
};

static const struct word *word_for(const char *status)
{
    static const struct word none = {"", DMS_PHASE_UNKNOWN, ""};
    for (size_t i = 0; status != NULL && i < ARRAY_LEN(words); i++) {
        if (strcmp(words[i].status, status) == 0)
            return &words[i];
    }
    return &none;
}

enum dms_phase dms_phase(const char *status)
{
    return word_for(status)->phase;
}

const char *dms_phase_text(const char *status)
{
    return word_for(status)->text;
}

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
        {"STOPPED_DUE_TO_LOW_MEMORY",      "stopped: it ran out of memory",                         1},
        {"STOPPED_DUE_TO_LOW_DISK",        "stopped: it ran out of disk",                           1},
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

bool dms_never_ran(const struct dms_task *task)
{
    return dms_phase(task->status) == DMS_PHASE_NEW || mem_is(task->status, "creating") ||
           mem_is(task->status, "testing");
}

bool dms_follows_only(const struct dms_task *task)
{
    return mem_is(task->migration, "cdc");
}

bool dms_loading(const struct dms_task *task)
{
    bool some = task->tables_loading != UNKNOWN && task->tables_loading > 0;
    bool more = task->tables_queued != UNKNOWN && task->tables_queued > 0;
    return task->status != NULL && strcmp(task->status, "running") == 0 && (some || more);
}

const struct dms_table *dms_table_called(const struct dms_task *task, const char *name)
{
    const char *dot = strchr(name, '.');
    size_t n = dot != NULL ? (size_t)(dot - name) : 0;
    for (size_t i = 0; dot != NULL && i < task->ntables; i++) {
        const struct dms_table *row = &task->tables[i];
        if (strlen(row->schema) == n && strncmp(row->schema, name, n) == 0 &&
            strcmp(row->name, dot + 1) == 0)
            return row;
    }
    return NULL;
}

int64_t dms_errored(const struct dms_task *task)
{
    int64_t n = 0;
    for (size_t i = 0; i < task->ntables; i++)
        n += task->tables[i].state != NULL && strcmp(task->tables[i].state, "Table error") == 0;
    return task->tables_errored != UNKNOWN && task->tables_errored > n ? task->tables_errored : n;
}
