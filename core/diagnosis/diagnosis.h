/* diagnosis.h: findings: the one cause, its evidence, and what to press.
 *
 * A rule is a row (rules.h): pure, it looks at the joined pipeline and the world with its series,
 * and says nothing or fills findings. A rule whose evidence is missing or stale says nothing; that
 * it could not be answered is listed in findings.unanswered: unknown is never ok.
 */
#ifndef CDCTOP_DIAGNOSIS_DIAGNOSIS_H
#define CDCTOP_DIAGNOSIS_DIAGNOSIS_H

#include "action/action.h"
#include "config/mute.h"
#include "model/pipeline.h"

enum { FINDING_EVIDENCE = 8 };

enum confidence {
    CONFIDENCE_HIGH,   /* the signature is sufficient */
    CONFIDENCE_MEDIUM, /* most likely; confirm first, see check */
    CONFIDENCE_COUNT
};
const char *confidence_name(enum confidence c); /* "high", "medium" */

struct folded { /* a symptom that another finding explains */
    const char *id, *object, *title;
    enum verdict severity;
};

struct finding {
    const char *id;        /* "C01": as in the rule table */
    enum verdict severity; /* INFO, WARN, CRIT, or UNKNOWN for a source that does not answer */
    enum hop_id hop;
    enum confidence confidence;
    const char *object; /* name of slot, connector, topic … */
    const char *title;  /* one line */
    const char *advice; /* one line: what to do first */
    const char *check;  /* one line: what to look at to be sure; "" if the evidence says it all */
    const char *evidence[FINDING_EVIDENCE]; /* signals with their values and thresholds */
    int nevidence;
    struct folded *explains; /* what was folded under it, worst first */
    int nexplains;
    const char *const *folds; /* ids of the symptoms that may fold under it; ends with NULL */
    const char *waits_for;    /* of Z01: the source whose own Z01 alone explains this one; "": none
                                 does; NULL: others may */
    bool has_remedy;
    enum action_kind remedy;   /* the key that helps … */
    const char *remedy_target; /* … on this connector or slot; never NULL with a remedy */
    int64_t since_wall_ms;     /* first seen */
    int64_t hold_ms;           /* of its rule */
    bool clearing;             /* not seen in the latest answers; gone if it stays away */
    const char *mute_reason;   /* NULL: not muted */
    int64_t muted_until_ms;    /* wall clock */
};

struct unanswered { /* a rule that could not be evaluated, and the source that it waits for */
    const char *id;
    enum source_kind source;
};

struct findings {
    struct finding *items; /* the headline first */
    size_t count;
    struct finding *muted; /* what holds, but somebody wants no alarm of it; not in items */
    size_t nmuted;
    struct unanswered *unanswered; /* of configured sources only */
    size_t nunanswered;
};

enum { FINDING_ID = MUTE_RULE, FINDING_OBJECT = MUTE_OBJECT, FINDING_EVENTS = 256, MUTES_MAX = 64 };

enum event_kind { EVENT_RAISED, EVENT_WORSE, EVENT_CLEARED, EVENT_MUTED, EVENT_UNMUTED };
const char *event_kind_name(enum event_kind kind); /* "raised" … */

struct finding_event { /* a line of the history; safe to keep */
    int64_t wall_ms;
    int64_t lasted_ms; /* CLEARED: since it was first seen; else UNKNOWN */
    enum event_kind kind;
    enum verdict severity;
    char id[FINDING_ID], object[FINDING_OBJECT], title[200];
};

/* Remembers when each finding was first seen, what came and went, and what is muted. */
struct diagnosis;
struct diagnosis *diagnosis_new(void);
void diagnosis_free(struct diagnosis *diag);

/* Evaluates every rule; results live in the arena. */
struct findings diagnosis_run(struct diagnosis *diag, const struct world *world, size_t pipeline,
                              const struct pipeline *p, struct arena *arena);

/* One voice: raises the hops and rows of the pipeline to what the findings say of them. */
void diagnosis_voice(struct pipeline *p, const struct findings *findings);

/* False: there is no such rule, or no place for another mute. One of the same rule and object is
 * replaced. Both are logged and in the history. */
bool diagnosis_mute(struct diagnosis *diag, const struct world *world, const struct mute *mute);
bool diagnosis_unmute(struct diagnosis *diag, const struct world *world, const char *rule,
                      const char *object);
bool diagnosis_has_rule(const char *id);

/* Newest first; returns how many were written to out. */
size_t diagnosis_history(const struct diagnosis *diag, struct finding_event *out, size_t max);

#endif
