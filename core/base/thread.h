/* thread.h: waiting for the end of a thread, but not for ever. */
#ifndef CDCTOP_BASE_THREAD_H
#define CDCTOP_BASE_THREAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* True: the thread has set *ended, its last act, and is gone. False: not by the (monotonic)
 * deadline: it is left to itself, and so must be all that it uses. */
bool thread_join(pthread_t thread, const atomic_bool *ended, int64_t deadline_ms);

#endif
