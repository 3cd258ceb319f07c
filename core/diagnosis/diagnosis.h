/* diagnosis.h: findings: the one cause, its evidence, and what to press.
 *
 * A rule is a row: pure, it looks at the joined pipeline and the world and says nothing or fills
 * findings. A rule whose evidence is stale says nothing: the source's own finding (Z01) says that.
 */
#ifndef CDCTOP_DIAGNOSIS_DIAGNOSIS_H
#define CDCTOP_DIAGNOSIS_DIAGNOSIS_H

#include "action/action.h"
#include "model/pipeline.h"

enum { FINDING_EVIDENCE = 6 };

struct finding {
    const char *id;        /* "C01": as in the rule table */
    enum verdict severity; /* INFO, WARN, CRIT, or UNKNOWN for a source that does not answer */
    enum hop_id hop;
    const char *object; /* name of slot, connector, topic … */
    const char *title;  /* one line */
    const char *advice; /* one line: what to do first */
    const char *evidence[FINDING_EVIDENCE];
    int nevidence;
    int explains;             /* other findings folded under it */
    const char *const *folds; /* ids of the symptoms that may fold under it; ends with NULL */
    bool has_remedy;
    enum action_kind remedy; /* the key that helps, on `object` */
    int64_t since_wall_ms;   /* first seen */
};

struct findings {
    struct finding *items; /* the headline first */
    size_t count;
};

/* Remembers when each finding was first seen. */
struct diagnosis;
struct diagnosis *diagnosis_new(void);
void diagnosis_free(struct diagnosis *diag);

/* Evaluates every rule; results live in the arena. */
struct findings diagnosis_run(struct diagnosis *diag, const struct world *world, size_t pipeline,
                              const struct pipeline *p, struct arena *arena);

#endif
