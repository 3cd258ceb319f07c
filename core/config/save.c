#include "config/save.h"

#include "base/mem.h"
#include "config/load.h"
#include "config/print.h"
#include "config/tomledit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file as it is now. */
struct present {
    char *path; /* the file itself, not a link to it */
    char *text; /* "" when there is none */
    size_t n;
    struct stat st;
    bool there;
};

static void present_free(struct present *p)
{
    free(p->path);
    if (p->text != NULL)
        mem_wipe(p->text, p->n);
    free(p->text);
}

static bool io_error(struct err *err, const char *path, const char *what)
{
    return err_set(err, ERR_IO, errno, "%s: %s: %s", path, what, strerror(errno));
}

static bool read_all(int fd, struct present *p)
{
    p->text = mem_alloc(TOML_MAX_BYTES + 2);
    ssize_t got = -1;
    while ((got = read(fd, p->text + p->n, TOML_MAX_BYTES + 1 - p->n)) > 0)
        p->n += (size_t)got;
    p->text[p->n] = '\0';
    return got == 0 && p->n <= TOML_MAX_BYTES;
}

/* False with *err; a file that is not there is none of its mistakes. */
static bool look(const char *wish, struct present *p, struct err *err)
{
    *p = (struct present){.path = realpath(wish, NULL)};
    if (p->path == NULL && errno == ENOENT) {
        p->path = mem_strdup(wish);
        p->text = mem_strdup("");
        return true;
    }
    if (p->path == NULL)
        return io_error(err, wish, "not found");
    int fd = open(p->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return io_error(err, p->path, "not readable");
    p->there = true;
    bool ok = fstat(fd, &p->st) == 0 && S_ISREG(p->st.st_mode) && read_all(fd, p);
    (void)close(fd);
    if (!ok)
        return err_set(err, ERR_IO, 0, "%s: this is no file that could be written", p->path);
    if (access(p->path, W_OK) != 0)
        return io_error(err, p->path, "not writable");
    return true;
}

static bool make_directories(const char *path, struct err *err)
{
    char *copy = mem_strdup(path);
    bool ok = true;
    for (char *p = copy + 1; *p != '\0' && ok; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        ok = mkdir(copy, 0700) == 0 || errno == EEXIST;
        if (!ok)
            (void)io_error(err, copy, "no such directory");
        *p = '/';
    }
    free(copy);
    return ok;
}

static bool write_all(int fd, const char *text, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, text, n);
        if (done < 0 && errno != EINTR)
            return false;
        text += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    return fsync(fd) == 0;
}

/* Nobody has written there since it was read here. */
static bool untouched(const struct present *p)
{
    struct stat st;
    if (!p->there)
        return access(p->path, F_OK) != 0 && errno == ENOENT;
    return stat(p->path, &st) == 0 && st.st_ino == p->st.st_ino && st.st_size == p->st.st_size &&
           st.st_mtim.tv_sec == p->st.st_mtim.tv_sec && st.st_mtim.tv_nsec == p->st.st_mtim.tv_nsec;
}

/* The owner of a file of somebody else's would change unseen: then it is left alone. */
static bool take_over(int fd, const struct present *p)
{
    if (!p->there)
        return fchmod(fd, 0600) == 0;
    if ((p->st.st_uid != geteuid() || p->st.st_gid != getegid()) &&
        fchown(fd, p->st.st_uid, p->st.st_gid) != 0)
        return false;
    return fchmod(fd, p->st.st_mode & 07777) == 0;
}

static bool replace(const struct present *p, const char *text, struct err *err)
{
    char *temp = mem_printf("%s.XXXXXX", p->path);
    int fd = mkostemp(temp, O_CLOEXEC);
    bool ok = fd >= 0 || io_error(err, temp, "not created");
    if (ok && (!take_over(fd, p) || !write_all(fd, text, strlen(text))))
        ok = io_error(err, temp, "not written");
    if (fd >= 0 && close(fd) != 0 && ok)
        ok = io_error(err, temp, "not written");
    if (ok && !untouched(p))
        ok = err_set(err, ERR_CONFLICT, 0, "%s has just been changed by somebody else", p->path);
    if (ok && rename(temp, p->path) != 0)
        ok = io_error(err, p->path, "not replaced");
    if (fd >= 0 && !ok)
        (void)unlink(temp);
    free(temp);
    return ok;
}

/* ---- what to write --------------------------------------------------------------------------- */

/* What the text itself says of the option, as options_toml has it; NULL: nothing. */
static char *said_in(const struct toml_node *root, const struct option *option)
{
    const char *section = option_sections[option->section].name;
    const struct toml_node *at = toml_get(root, "ui");
    if (at != NULL && at->kind == TOML_TABLE && strncmp(section, "ui.", 3) == 0)
        at = toml_get(at, section + 3);
    at = at != NULL && at->kind == TOML_TABLE ? toml_get(at, option->key) : NULL;
    struct config scratch = {0};
    const char *why;
    char *toml = NULL;
    if (at == NULL)
        return NULL;
    for (size_t i = 0; at->kind == TOML_ARRAY && i < at->count; i++)
        if (at->items[i].kind == TOML_STRING)
            (void)options_append(option, &scratch, at->items[i].string, &why);
    bool ok = at->kind == TOML_ARRAY ||
              (at->kind == TOML_STRING && options_set(option, &scratch, at->string, &why)) ||
              (at->kind == TOML_BOOLEAN &&
               options_set(option, &scratch, at->boolean ? "true" : "false", &why));
    if (ok)
        toml = options_toml(option, &scratch, false);
    options_free(false, &scratch);
    return toml != NULL ? toml : mem_strdup("");
}

/* The next text with this option in it; the same one where nothing has to change. */
static char *put_option(char *text, const struct option *option, const struct config *now,
                        const struct config *defaults, struct strbuf *said, struct err *err)
{
    struct toml_error error;
    struct toml_node *root = toml_parse_text(text, strlen(text), &error);
    char *there = root != NULL ? said_in(root, option) : NULL;
    char *value = options_toml(option, now, false);
    char *usual = options_toml(option, defaults, false);
    const char *v = value != NULL ? value : "";
    bool same = there != NULL ? strcmp(there, v) == 0 : strcmp(usual != NULL ? usual : "", v) == 0;
    char *out = text;
    if (!same) {
        const char *empty = options_is_list(option) ? "[]" : "\"\"";
        const struct toml_change change = {.section = option_sections[option->section].name,
                                           .key = option->key,
                                           .value = value != NULL ? value : empty};
        out = tomledit_set(text, strlen(text), &change, err);
        strbuf_printf(said, "%s%s.%s", said->len > 0 ? ", " : "", change.section, change.key);
        mem_wipe_free(text);
    }
    toml_free(root);
    free(there);
    free(value);
    free(usual);
    return out;
}

static char *edited(const struct present *p, const struct config *now, struct strbuf *said,
                    struct err *err)
{
    struct config defaults = {0};
    char *text = mem_strndup(p->text, p->n);
    options_defaults(false, &defaults);
    for (size_t i = 0; i < options_count && text != NULL; i++)
        if ((options[i].flags & OPTION_CHOICE) != 0)
            text = put_option(text, &options[i], now, &defaults, said, err);
    options_free(false, &defaults);
    return text;
}

bool config_save(const struct config *config, const struct config *now, uint64_t *hash,
                 struct strbuf *said, struct err *err)
{
    char *path = config->path[0] != '\0' ? mem_strdup(config->path) : config_home_path();
    struct present p = {0};
    char *text = NULL;
    bool ok = path != NULL;
    if (!ok)
        (void)err_set(err, ERR_CONFIG, 0, "there is no home directory to write a file into");
    ok = ok && look(path, &p, err);
    if (ok && p.there && *hash == 0)
        ok = err_set(err, ERR_CONFLICT, 0,
                     "%s is there but was not read: start cdctop with it, then save", path);
    else if (ok && (p.there ? config_text_hash(p.text, p.n) : 0) != *hash)
        ok = err_set(err, ERR_CONFLICT, 0,
                     "%s has changed since it was read: start cdctop anew, then save", path);
    if (ok)
        text = edited(&p, now, said, err);
    ok = text != NULL;
    if (ok && said->len > 0)
        ok = (p.there || make_directories(p.path, err)) && replace(&p, text, err);
    if (ok && said->len > 0) {
        *hash = config_text_hash(text, strlen(text));
        strbuf_printf(said, " written to %s", path);
    } else if (ok) {
        strbuf_printf(said, "nothing to save: all is as %s has it",
                      p.there ? path : "the defaults have");
    }
    mem_wipe_free(text);
    present_free(&p);
    free(path);
    return ok;
}
