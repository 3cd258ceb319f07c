/* worker.h: the one executor: a thread with a bounded queue that carries actions out.
 *
 * Submit copies what it needs; statuses are collected by the same thread that submits. Everything
 * that changes a server passes here, so read-only mode is enforced here once more.
 */
#ifndef CDCTOP_ACTION_WORKER_H
#define CDCTOP_ACTION_WORKER_H

#include "action/action.h"

enum { WORKER_QUEUE = 16 };

struct worker;

/* aws: per pipeline, borrowed; NULL: none. bell: rung after each change of a status. Both
 * descriptors are borrowed. */
struct worker *worker_start(const struct config *config, struct aws *const *aws, int bell,
                            int stop_fd, struct err *err);

/* Copies args; takes route; request: the lines for the audit record (copied). 0 and *err when the
 * queue is full, or the program is in read-only mode. */
unsigned worker_submit(struct worker *worker, const struct action_args *args,
                       struct action_route *route, const char *const *request, size_t nrequest,
                       struct err *err);

/* Takes one change of a status that was not taken yet. */
bool worker_collect(struct worker *worker, struct action_status *out);

/* Writes the outcome into the audit log, from the worker's thread. */
void worker_outcome(struct worker *worker, const struct action_status *status);

bool worker_join(struct worker *worker, int64_t deadline_ms); /* as runner_join */

#endif
