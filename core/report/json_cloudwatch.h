/* json_cloudwatch.h: cloudwatch[] of the JSON form, see report.h. */
#ifndef CDCTOP_REPORT_JSON_CLOUDWATCH_H
#define CDCTOP_REPORT_JSON_CLOUDWATCH_H

#include "base/json.h"
#include "model/world.h"

/* Every figure with the time it is of; none where CloudWatch is not asked. */
void json_cloudwatch_add(cJSON *root, const struct world *world, size_t index);
/* Into the entry of S3 among the sources: what its requests cost. */
void json_s3_cost_add(cJSON *source, const struct s3_snap *s3);

#endif
