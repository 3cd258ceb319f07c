/* rdshost.h: what the name of an RDS endpoint tells: NAME.xxxx.REGION.rds.amazonaws.com, in China
 * NAME.xxxx.rds.REGION.amazonaws.com.cn. */
#ifndef CDCTOP_AWS_RDSHOST_H
#define CDCTOP_AWS_RDSHOST_H

#include <stdbool.h>

enum { RDSHOST_REGION = 40 };

/* "eu-west-3"; false (and ""): this is no such name. */
bool rdshost_region(const char *host, char out[RDSHOST_REGION]);

#endif
