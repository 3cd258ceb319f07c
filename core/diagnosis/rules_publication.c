/* Publications, the tables that are captured, their replica identity, and the rights of the
 * connector's role. */
#include "diagnosis/rules.h"

const struct diag_rule rules_publication[] = {
    {.id = NULL},
};
