/* rules.h: what a rule is, for the files that hold them. diagnosis.h is the door for readers. */
#ifndef CDCTOP_DIAGNOSIS_RULES_H
#define CDCTOP_DIAGNOSIS_RULES_H

#include "diagnosis/diagnosis.h"
#include "model/connector_facts.h"

enum { RULE_EXPLAINS = 20 };

#define NEEDS(kind) (1u << (kind))

/* This one speaks only when no other has more than a remark. The specification's E01, "healthy", is
 * what an empty list of findings means. */
#define RULE_LAST_RESORT "E03"

struct rule_run; /* one evaluation of one rule */

/* A row of the decision table. Pure: eval reads the world and emits. */
struct diag_rule {
    const char *id;
    enum verdict severity; /* what emit takes unless it is told otherwise */
    enum hop_id hop;
    unsigned needs; /* NEEDS(…): evidence that must be fresh, or the rule is unanswered */
    void (*eval)(struct rule_run *run);
    const char *explains[RULE_EXPLAINS]; /* ids of symptoms that fold under it; ends with NULL */
    enum confidence confidence;          /* HIGH where the row does not say */
    const char *check; /* what to look at to be sure; NULL: the evidence says it all */
    int64_t hold_ms;   /* must hold for so long before it is said: for signatures that flicker */
};

struct rule_run {
    const struct diag_rule *rule;
    const struct world *world;
    size_t index;
    const struct pipeline *p;
    const struct threshold_config *limits;
    struct arena *arena;
    struct finding *items;
    size_t count, cap;
};

/* A new finding about object; title is printf-style. Never NULL. */
struct finding *rule_emit(struct rule_run *run, const char *object, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void rule_advise(struct rule_run *run, struct finding *f, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void rule_evidence(struct rule_run *run, struct finding *f, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* What to do about a failed connector or task with this root cause; never NULL. */
const char *rule_cause_advice(const char *cause);
/* The action on the finding's own object … */
void rule_remedy(struct finding *f, enum action_kind kind);
/* … or on another one: target lives as long as the pipeline or the arena. */
void rule_remedy_on(struct finding *f, enum action_kind kind, const char *target);
/* … or ending that session, where it may be ended: no superuser's, and our role has the right. */
bool rule_terminate(struct rule_run *run, struct finding *f, int pid);

/* Each file's table ends with a row whose id is NULL. */
extern const struct diag_rule rules_source[], rules_clock[], rules_slot[], rules_wal[],
    rules_growth[], rules_gap[], rules_publication[], rules_grants[], rules_worker[],
    rules_connect[], rules_stream[], rules_trace[], rules_snapshot[], rules_kafka[], rules_group[],
    rules_sink[], rules_s3[], rules_aws[], rules_rds[], rules_msk[];

/* All of them; ends with NULL. */
extern const struct diag_rule *const diag_tables[];
extern const struct diag_rule rules_dms[], rules_msk_connect[]; /* services beside Connect */

/* ---- traces: one table for all rules, in trace_table.c ------------------------------------- */

/* What a fragment of a trace means. */
struct trace_meaning {
    const char *id; /* of the rule that speaks of it, "P27"; NULL: C01 does, with the advice */
    const char *fragment; /* what the text contains … */
    const char *also;     /* … and this too; NULL */
    enum trace_side { SIDE_ANY, SIDE_SOURCE, SIDE_POSTGRES, SIDE_MYSQL, SIDE_SINK } side;
    const char *title;  /* goes on after the connector's name: "may not write to S3"; NULL: none */
    const char *advice; /* one line: what to do */
};

/* The first row that fits the text, whatever the connector; NULL: none, or text is NULL. */
const struct trace_meaning *trace_meaning(const char *text);
/* Does that row belong to this rule? */
bool rule_trace_means(const char *text, const char *id);

/* What made c or one of its tasks fail: a row that fits its side, looked for in the root causes
 * before it is looked for in the whole traces. NULL: nothing failed, or nothing known. */
const struct trace_meaning *rule_trace_of(const struct connector_row *c);
bool rule_trace_says(const struct connector_row *c, const char *id);

/* ---- what rules of several files ask ------------------------------------------------------- */

/* The last snapshot of that source; NULL if there is none. Fresh when the rule needs the source. */
const struct pg_snap *rule_pg(const struct rule_run *run);
const struct kafka_snap *rule_kafka(const struct rule_run *run);
/* Of Kafka Connect itself; never NULL: without it one that tells nothing. */
const struct connect_snap *rule_connect(const struct rule_run *run);
const struct s3_snap *rule_s3(const struct rule_run *run);

/* A series of this pipeline by its printf-style name (feed.h lists them); NULL. */
const struct series *rule_series(const struct rule_run *run, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Does its service offer that, and in the state that it is in? */
bool rule_is_offered(const struct connector_row *c, enum action_kind kind);
/* What to do, where it ends with a restart that is not to be had: MSK Connect restarts no FAILED
 * connector. Else the text itself. */
const char *rule_without_restart(const struct rule_run *run, const struct connector_row *c,
                                 const char *advice);
/* "connector RUNNING, 1 of 3 tasks FAILED", as far as its service tells. */
const char *rule_failed_text(const struct rule_run *run, const struct connector_row *c);
bool rule_connector_is(const struct connector_row *c, const char *state);
/* The source connector that owns the slot; NULL. */
const struct connector_row *rule_owner_of(const struct rule_run *run, const struct slot_row *s);
/* How often c was restarted within restart_window and came to the root cause that it has now; 0
 * when nothing of it has failed. */
int rule_in_vain(const struct rule_run *run, const struct connector_row *c);
/* Adds what was seen to change shortly before task (-1: c itself) came into the state it is in. */
void rule_tell_change(struct rule_run *run, struct finding *f, const struct connector_row *c,
                      int task);
/* Adds what the log of a managed connector says of its deaths, or why it says nothing. */
void rule_tell_log(struct rule_run *run, struct finding *f, const struct connector_row *c);
/* Errors of Connect's REST by which C04 and C05 speak, and Z01 does not. */
bool rule_workers_down(const struct err *err);
/* A snapshot of this connector runs (or is paused) now: its slot keeps WAL meanwhile, which is as
 * it must be. */
bool rule_snapshot_runs(const struct rule_run *run, const struct connector_row *c);
/* … an initial or blocking one: it streams nothing meanwhile, and an initial one reads no slot. */
bool rule_snapshot_halts(const struct rule_run *run, const struct connector_row *c);
/* Z02's part of calls that IAM refuses, all in one finding; and does this note tell of one? */
void rule_aws_refusals(struct rule_run *run);
bool rule_aws_refused(enum source_kind kind, const struct note *note);
/* A text of the arena, at most width columns wide, with an ellipsis. */
const char *rule_brief(const struct rule_run *run, const char *text, int width);

#endif
