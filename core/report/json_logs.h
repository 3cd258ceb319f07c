/* json_logs.h: logs[] of the JSON form, see report.h. */
#ifndef CDCTOP_REPORT_JSON_LOGS_H
#define CDCTOP_REPORT_JSON_LOGS_H

#include "base/json.h"
#include "model/world.h"

/* What was read of each managed connector; none where logs are not read. */
void json_logs_add(cJSON *root, const struct world *world, size_t index);

#endif
