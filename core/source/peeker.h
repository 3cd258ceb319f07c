/* peeker.h: one thread that looks into topics and objects when a person asks.
 *
 * It has connections of its own, so that nobody's poll waits for it, and ends them when nobody has
 * asked for a minute. A newer request makes it give up the present one; so does the stop.
 */
#ifndef CDCTOP_SOURCE_PEEKER_H
#define CDCTOP_SOURCE_PEEKER_H

#include "config/config.h"
#include "model/hints.h"
#include "model/peek.h"

struct peeker;
struct aws;

/* aws: per pipeline; NULL: none. bell: eventfd rung after each answer. stop_fd: readable when
 * everything must end. All borrowed.
 */
struct peeker *peeker_start(const struct config *config, struct aws *const *aws, int bell,
                            int stop_fd, struct err *err);

/* Where the servers of that pipeline are, if the configuration does not say. */
void peeker_hints(struct peeker *peeker, size_t pipeline, const struct hints *hints);

void peeker_ask(struct peeker *peeker, unsigned id, const struct peek_request *request);
struct peek_answer *peeker_take(struct peeker *peeker); /* owned by the caller; NULL: none yet */

/* As runner_join. */
bool peeker_join(struct peeker *peeker, int64_t deadline_ms);

#endif
