/* proc.c: what /proc tells about the program in the terminal. */
#include "tests/pty/pty.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The number after "key" in a file of lines "key:  number"; -1 if there is none. */
static long line_number(const char *path, const char *key)
{
    char line[256];
    long value = -1;
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return -1;
    while (value < 0 && fgets(line, sizeof(line), f) != NULL) {
        if (strncmp(line, key, strlen(key)) == 0)
            value = strtol(line + strlen(key), NULL, 10);
    }
    (void)fclose(f);
    return value;
}

long pty_rss_kib(const struct pty *pty)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pty_pid(pty));
    return line_number(path, "VmRSS:");
}

int64_t pty_cpu_us(const struct pty *pty)
{
    char path[64];
    /* nanoseconds on the processor, of one thread; utime of stat counts in hundredths */
    int64_t total = 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pty_pid(pty));
    DIR *dir = opendir(path);
    if (dir == NULL)
        return -1;
    for (struct dirent *d; (d = readdir(dir)) != NULL;) {
        char name[400], text[64];
        if (d->d_name[0] == '.')
            continue;
        (void)snprintf(name, sizeof(name), "%s/%s/schedstat", path, d->d_name);
        FILE *f = fopen(name, "re");
        if (f == NULL)
            continue;
        if (fgets(text, sizeof(text), f) != NULL)
            total += strtoll(text, NULL, 10) / 1000;
        (void)fclose(f);
    }
    closedir(dir);
    return total;
}

long pty_wakeups(const struct pty *pty)
{
    char path[64];
    long total = 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pty_pid(pty));
    DIR *dir = opendir(path);
    if (dir == NULL)
        return -1;
    for (struct dirent *d; (d = readdir(dir)) != NULL;) {
        char name[400];
        if (d->d_name[0] == '.')
            continue;
        (void)snprintf(name, sizeof(name), "%s/%s/status", path, d->d_name);
        long n = line_number(name, "voluntary_ctxt_switches:");
        total += n > 0 ? n : 0;
    }
    closedir(dir);
    return total;
}
