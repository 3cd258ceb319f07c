/* json_dms.h: a task of DMS as JSON: "dms" in the object of its connector. */
#ifndef CDCTOP_REPORT_JSON_DMS_H
#define CDCTOP_REPORT_JSON_DMS_H

#include "model/pipeline.h"

#include <cjson/cJSON.h>

void json_dms_add(cJSON *connector, const struct world *world, const struct pipeline *p,
                  const struct connector_row *row);

#endif
