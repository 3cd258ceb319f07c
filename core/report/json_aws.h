/* json_aws.h: "aws" of the JSON form, see report.h. */
#ifndef CDCTOP_REPORT_JSON_AWS_H
#define CDCTOP_REPORT_JSON_AWS_H

#include "base/json.h"
#include "model/world.h"

/* Who we are at AWS, what is refused and what it costs; nothing where AWS is not asked. */
void json_aws_add(cJSON *root, const struct world *world, size_t index);

#endif
