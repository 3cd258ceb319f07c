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

/* What CloudWatch's figures of it are found by (metrics.h): a serverless replication and an
 * instance may be called alike. NULL: it has none. */
const char *dms_object(const struct dms_task *task);

/* What a word of Status means for what may be done. Of tasks the API's documentation lists them; of
 * serverless replications the user guide names the states ("AWS DMS Serverless components"), and
 * public programs that wait for them spell them as they come (hashicorp/terraform-provider-aws). */
enum dms_phase {
    DMS_PHASE_UNKNOWN,  /* a word that is new to us */
    DMS_PHASE_NEW,      /* never ran */
    DMS_PHASE_BUSY,     /* something is done to it: created, modified, moved, tested, deleted */
    DMS_PHASE_STARTING, /* a serverless one does so for many minutes, in steps */
    DMS_PHASE_RUNNING,
    DMS_PHASE_STOPPING,
    DMS_PHASE_STOPPED,
    DMS_PHASE_FAILED
};
enum dms_phase dms_phase(const char *status); /* NULL: UNKNOWN */
/* The word in ours, "its capacity is being calculated"; "" for running and words that are new. */
const char *dms_phase_text(const char *status);

/* As far as its word tells: it has neither a log nor statistics. */
bool dms_never_ran(const struct dms_task *task);
/* Follows changes and loads no tables ("cdc"). */
bool dms_follows_only(const struct dms_task *task);
/* Loads its tables now, or has yet to. */
bool dms_loading(const struct dms_task *task);

/* The statistics of "schema.table"; NULL: none are told. */
const struct dms_table *dms_table_called(const struct dms_task *task, const char *name);

/* Tables with an error, by the task's own count or by its statistics. */
int64_t dms_errored(const struct dms_task *task);

#endif
