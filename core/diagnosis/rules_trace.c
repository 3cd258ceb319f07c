/* What the traces of connectors and tasks say: one table of fragments, recorded from real
 * connectors. */
#include "diagnosis/rules.h"

const struct diag_rule rules_trace[] = {
    {.id = NULL},
};
