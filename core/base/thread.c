#include "base/thread.h"

#include "base/clock.h"

#include <poll.h>
#include <stddef.h>

bool thread_join(pthread_t thread, const atomic_bool *ended, int64_t deadline_ms)
{
    enum { LOOK_MS = 5 };
    while (!atomic_load(ended)) {
        int left = clock_left_ms(deadline_ms);
        if (left == 0) {
            (void)pthread_detach(thread);
            return false;
        }
        (void)poll(NULL, 0, left < LOOK_MS ? left : LOOK_MS);
    }
    (void)pthread_join(thread, NULL);
    return true;
}
