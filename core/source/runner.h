/* runner.h: the poller thread around one source: poll → put → wait (interval, wake, stop).
 *
 * The runner is told by eventfd and atomics only, so that neither side ever waits for the other.
 * Reports go out through a latest-wins mailbox: one that nobody took yet is replaced, and its good
 * snapshot carried along if the newer report has none.
 */
#ifndef CDCTOP_SOURCE_RUNNER_H
#define CDCTOP_SOURCE_RUNNER_H

#include "model/world.h"
#include "source/source.h"

struct runner;

/* aws: borrowed, may be NULL. bell: eventfd rung after each report. stop_fd: readable when
 * everything must end. Both borrowed.
 */
struct runner *runner_start(const struct source_ops *ops, const struct pipeline_config *cfg,
                            struct aws *aws, int64_t interval_ms, int bell, int stop_fd,
                            struct err *err);

struct report *runner_take(struct runner *runner); /* owned by the caller; NULL: nothing new */
void runner_hints(struct runner *runner, struct hints *hints); /* takes hints */
void runner_interval(struct runner *runner, int64_t interval_ms);
void runner_poll_now(struct runner *runner);
bool runner_configured(const struct runner *runner); /* as the thread last saw it */

/* After stop_fd became readable: true when the thread ended within the deadline; it is then joined
 * and freed. False: it is left behind, still running. */
bool runner_join(struct runner *runner, int64_t deadline_ms);

/* How long one poll of this source may take, from the configuration. */
int64_t runner_poll_timeout(enum source_kind kind, const struct pipeline_config *cfg);

#endif
