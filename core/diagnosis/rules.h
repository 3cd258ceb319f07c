/* rules.h: what a rule is, for the files that hold them. diagnosis.h is the door for readers. */
#ifndef CDCTOP_DIAGNOSIS_RULES_H
#define CDCTOP_DIAGNOSIS_RULES_H

#include "diagnosis/diagnosis.h"
#include "model/connector_facts.h"

enum { RULE_EXPLAINS = 8 };

#define NEEDS(kind) (1u << (kind))

/* This one speaks only when no other has anything to say but Z02's remarks. */
#define RULE_LAST_RESORT "E01"

struct rule_run; /* one evaluation of one rule */

/* A row of the decision table. Pure: eval reads the world and emits. */
struct diag_rule {
    const char *id;
    enum verdict severity; /* what emit takes unless it is told otherwise */
    enum hop_id hop;
    unsigned needs; /* NEEDS(…): evidence that must be fresh, or the rule says nothing */
    void (*eval)(struct rule_run *run);
    const char *explains[RULE_EXPLAINS]; /* ids of symptoms that fold under it; ends with NULL */
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
/* What to do about a failed source task with this root cause; never NULL. */
const char *rule_cause_advice(const char *cause);
void rule_remedy(struct finding *f, enum action_kind kind);

/* Each file's table ends with a row whose id is NULL. */
extern const struct diag_rule rules_source[], rules_slot[], rules_connect[], rules_kafka[],
    rules_s3[], rules_snapshot[];

#endif
