/* json_msk.h: msk of the JSON form, see report.h. */
#ifndef CDCTOP_REPORT_JSON_MSK_H
#define CDCTOP_REPORT_JSON_MSK_H

#include "base/json.h"
#include "model/world.h"

/* The MSK cluster as it was last seen; null where none is configured, or before it was seen. */
void json_msk_add(cJSON *root, const struct world *world, size_t index);

#endif
