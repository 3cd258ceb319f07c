#include "tests/unit/keep.h"

#include "base/log.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 200 };

static const char *run_dir(void)
{
    const char *dir = getenv("TEST_RUN_DIR");
    return dir != NULL && dir[0] != '\0' ? dir : NULL;
}

bool keeping(void)
{
    return run_dir() != NULL;
}

void keep_dir(char *path, size_t size, const char *name)
{
    int n = snprintf(path, size, "%s/cdctop-%s.XXXXXX", keeping() ? run_dir() : "/tmp", name);
    if (n < 0 || (size_t)n >= size || mkdtemp(path) == NULL)
        fail_msg("no directory %s", path);
}

bool keep_path(char *path, size_t size, const char *name)
{
    return keeping() && (size_t)snprintf(path, size, "%s/%s", run_dir(), name) < size;
}

/* A new file of the run; its descriptor. */
static int new_file(char path[PATH_SIZE], const char *name)
{
    (void)snprintf(path, PATH_SIZE, "%s/%s.XXXXXX", run_dir(), name);
    int fd = mkstemp(path);
    if (fd < 0)
        fail_msg("no file %s", path);
    return fd;
}

void keep_bytes(const char *name, const void *bytes, size_t n)
{
    char path[PATH_SIZE];
    if (!keeping())
        return;
    FILE *file = fdopen(new_file(path, name), "w");
    if (file == NULL || fwrite(bytes, 1, n, file) != n || fclose(file) != 0)
        fail_msg("%s cannot be written", path);
}

void keep_file(const char *path)
{
    char to[PATH_SIZE];
    struct stat st;
    if (!keeping() || lstat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        (void)unlink(path);
        return;
    }
    const char *slash = strrchr(path, '/');
    (void)close(new_file(to, slash != NULL ? slash + 1 : path));
    if (rename(path, to) != 0)
        fail_msg("%s cannot be moved to %s", path, to);
}

int keep_diary(void **state)
{
    static struct log_line lines[LOG_RING];
    static char text[LOG_RING * (LOG_LINE + 1)];
    size_t n = 0;
    (void)state;
    int count = log_copy(lines, LOG_RING);
    for (int i = 0; i < count; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\n", lines[i].text);
    keep_bytes("diary", text, n);
    return 0;
}

void keep_cores(void)
{
    struct rlimit limit;
    if (keeping() && getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_CORE, &limit);
    }
}
