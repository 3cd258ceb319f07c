#include "tests/unit/threads.h"

#include "base/clock.h"
#include "tests/check.h"

#include <dirent.h>
#include <poll.h>

/* ThreadSanitizer has a thread of its own from the second one on. */
#ifdef __SANITIZE_THREAD__
enum { NOT_OURS = 1 };
#else
enum { NOT_OURS = 0 };
#endif

int threads_count(void)
{
    int n = 0;
    DIR *dir = opendir("/proc/self/task");
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        n += entry->d_name[0] != '.';
    (void)closedir(dir);
    return n;
}

void threads_wait(int most)
{
    int64_t end = clock_mono_ms() + 120000;
    while (threads_count() > most + NOT_OURS) {
        if (clock_left_ms(end) == 0)
            fail_msg("%d threads, not %d", threads_count(), most);
        (void)poll(NULL, 0, 5);
    }
}
