/* json_rds.h: the member "rds" of status --json. */
#ifndef CDCTOP_REPORT_JSON_RDS_H
#define CDCTOP_REPORT_JSON_RDS_H

#include "model/world.h"

#include <cjson/cJSON.h>

/* Nothing where RDS is not asked; null where it has not answered. */
void json_rds_add(cJSON *root, const struct world *world, size_t index);

#endif
