/* survey.h: what AWS's own lists tell beside its connectors, asked once, for `cdctop init`: which
 * MSK clusters there are and where their brokers, and what RDS says of the connectors' databases.
 */
#ifndef CDCTOP_SURVEY_H
#define CDCTOP_SURVEY_H

#include "report/discover.h"

/* Blocks: each service gets wait_ms; less when stop_fd becomes readable. cfg: who we are. What
 * is not told is an error in *out, which survey_free frees. */
void survey_aws(const struct pipeline_config *cfg, const struct pipeline *p, int64_t wait_ms,
                int stop_fd, struct discover_aws *out);
void survey_free(struct discover_aws *out);

#endif
