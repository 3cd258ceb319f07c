/* dms_task.h: what is read off a DMS task by several: its stop reason, its progress, its figures.
 * Pure. */
#ifndef CDCTOP_MODEL_DMS_TASK_H
#define CDCTOP_MODEL_DMS_TASK_H

#include "model/snapshot.h"

/* "FATAL_ERROR" of "Stop Reason FATAL_ERROR Error Level FATAL": is it this word? */
bool dms_stopped_by(const struct dms_task *task, const char *word);

/* What is said of its stop, and how loud it is (0 as it was meant, 1 a limit or an error that
 * passes, 2 fatal): the reason as it came where nothing is known of the word, NULL for none. */
const char *dms_stop_meaning(const struct dms_task *task, int *loudness);

/* All changes and rows that its tables have seen; UNKNOWN: not read. It goes on, or begins anew. */
int64_t dms_moved(const struct dms_task *task);

/* Loads its tables now, or has yet to. */
bool dms_loading(const struct dms_task *task);

/* Tables with an error, by the task's own count or by its statistics. */
int64_t dms_errored(const struct dms_task *task);

#endif
