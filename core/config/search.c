/* search.c: which file is read. Never one of the current directory: a configuration may name
 * commands, and a directory may be somebody else's. */
#include "base/mem.h"
#include "config/load.h"
#include "config/print.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool given(const char *s)
{
    return s != NULL && *s != '\0';
}

static void complain(struct config_problems *problems, const char *path, const char *what)
{
    problems_add(problems, path, &(struct problem){.what = what});
}

/* False when it cannot be read; then errno says why, 0 after a complaint. */
static bool read_file(const char *path, struct config_problems *problems, char **text, size_t *n,
                      bool *others_read)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return false;
    char *data = mem_alloc(TOML_MAX_BYTES + 2);
    size_t used = 0;
    ssize_t got = -1;
    if (fstat(fd, &st) == 0) {
        while ((got = read(fd, data + used, TOML_MAX_BYTES + 1 - used)) > 0)
            used += (size_t)got;
    }
    int reason = errno;
    (void)close(fd);
    if (got == 0 && used <= TOML_MAX_BYTES) {
        *text = mem_realloc(data, used + 1);
        *n = used;
        *others_read = S_ISREG(st.st_mode) && (st.st_mode & (S_IRGRP | S_IROTH)) != 0;
        return true;
    }
    complain(problems, path, got < 0 ? strerror(reason) : "the file is larger than 1 MB");
    mem_wipe(data, TOML_MAX_BYTES + 1);
    free(data);
    errno = 0;
    return false;
}

char *config_home_path(void)
{
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    /* A relative XDG_CONFIG_HOME is invalid by its own specification, and would be the current
     * directory's file. */
    if (given(xdg) && *xdg == '/')
        return mem_printf("%s/cdctop/config.toml", xdg);
    if (given(home) && *home == '/')
        return mem_printf("%s/.config/cdctop/config.toml", home);
    return NULL;
}

bool search_config(const char *wanted, struct config_problems *problems, char **path, char **text,
                   size_t *n, bool *others_read)
{
    const char *from_env = getenv("CDCTOP_CONFIG");
    char *candidates[2] = {NULL, NULL};
    bool must = true, ok = false;
    if (wanted != NULL) {
        candidates[0] = mem_strdup(wanted);
    } else if (given(from_env)) {
        candidates[0] = mem_strdup(from_env);
    } else {
        candidates[0] = config_home_path();
        candidates[1] = mem_strdup("/etc/cdctop/config.toml");
        must = false;
    }
    *text = NULL;
    *path = NULL;
    for (size_t i = 0; i < ARRAY_LEN(candidates) && *path == NULL; i++) {
        if (candidates[i] == NULL)
            continue;
        errno = 0;
        ok = read_file(candidates[i], problems, text, n, others_read);
        if (ok) {
            *path = mem_strdup(candidates[i]);
        } else if (must || (errno != ENOENT && errno != ENOTDIR)) {
            if (errno != 0)
                complain(problems, candidates[i], strerror(errno));
            *path = mem_strdup("");
        }
    }
    if (*path == NULL) {
        *path = mem_strdup("");
        ok = true;
    }
    free(candidates[0]);
    free(candidates[1]);
    return ok;
}
