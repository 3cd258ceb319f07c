/* Clocks: ages are only as good as the clocks that they are told by. */
#include "diagnosis/rules.h"

const struct diag_rule rules_clock[] = {
    {.id = NULL},
};
