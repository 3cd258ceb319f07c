/* json_snapshots.h: snapshots[] of the JSON form, see report.h. */
#ifndef CDCTOP_REPORT_JSON_SNAPSHOTS_H
#define CDCTOP_REPORT_JSON_SNAPSHOTS_H

#include "base/json.h"
#include "model/pipeline.h"

/* The newest snapshot that is known of each source connector: running, or ended. */
void json_snapshots_add(cJSON *root, const struct pipeline *p);

#endif
