/* rules_s3.h: the longer rules about objects, for the table in rules_s3.c. */
#ifndef CDCTOP_DIAGNOSIS_RULES_S3_H
#define CDCTOP_DIAGNOSIS_RULES_S3_H

#include "diagnosis/rules.h"

void rules_s3_path(struct rule_run *run);  /* S05: new objects in a directory of another hour */
void rules_s3_holes(struct rule_run *run); /* S07: offsets that no object holds */

/* The sink that writes to the prefix, as its configuration tells; NULL. */
const struct connector_facts *rules_s3_sink(const struct rule_run *run, const struct prefix_row *p);

/* Prefixes for which a rule holds, to be spoken of once per sink. */
struct fired {
    const struct prefix_row **rows;
    size_t count;
};
struct fired rules_s3_fired(struct rule_run *run,
                            bool (*holds)(const struct rule_run *run, const struct prefix_row *p));
/* Has none of the same sink come before? */
bool rules_s3_first(const struct fired *fired, size_t i);
/* How many of the same sink follow. */
int rules_s3_more(const struct fired *fired, size_t i);

#endif
