/* awscreds.h: where the AWS keys come from: the configuration, else the environment
 * (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN). A source that is named but
 * incomplete stops the search: falling through to other keys would act as somebody else. */
#ifndef CDCTOP_NET_AWSCREDS_H
#define CDCTOP_NET_AWSCREDS_H

#include "base/err.h"
#include "config/config.h"
#include "net/sigv4.h"

#include <stdbool.h>
#include <stdint.h>

/* now_ms: wall clock. On true *creds is the caller's (aws_credentials_free); it is good until
 * creds->expires_ms and to be fetched anew then. On false *err is ERR_CONFIG and says what is
 * missing. */
bool awscreds_get(const struct s3_config *cfg, int64_t now_ms, struct aws_credentials *creds,
                  struct err *err);

#endif
