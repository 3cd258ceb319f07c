/* rule_cases.h: a table of rules against a table of worlds: each rule must fire in one as the
 * headline and be silent in the healthy pipeline and in the worlds that only look alike. */
#ifndef CDCTOP_TESTS_RULE_CASES_H
#define CDCTOP_TESTS_RULE_CASES_H

#include "diagnosis/rules.h"
#include "tests/check.h"
#include "tests/unit/world_fixture.h"

#include <string.h>

struct rule_case {
    const char *id, *object;
    void (*make)(struct fixture *f); /* from the healthy world to the one in which it fires */
    enum verdict severity;           /* at least */
    void (*near)(struct fixture *f); /* NULL, or a look-alike in which this rule must be silent */
    const char *instead;             /* the headline there; NULL: nothing above INFO */
};

/* Every case, and that every rule of the table has one. Fails the test that calls it. */
void rule_cases_run(const struct diag_rule *table, const struct rule_case *cases, size_t n);

/* n polls, ms apart. */
void rule_ticks(struct fixture *f, int n, int64_t ms);

#endif
