#include "aws/profile.h"

#include "base/mem.h"
#include "config/expand.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum section_kind { SECTION_PROFILE, SECTION_SERVICES, SECTION_OTHER };

struct section {
    enum section_kind kind;
    const char *name;
    bool plain_default; /* [default] of the config file: [profile default] replaces it */
};

/* key "": the section itself. Strings point into the texts. */
struct entry {
    struct section section;
    const char *key, *below; /* below: the key under it; NULL: none */
    const char *value;
};

struct text {
    char *data;
    size_t size;
};

struct profiles {
    struct text texts[2]; /* of a file each */
    size_t ntexts;
    struct entry *entries;
    size_t n, cap;
    bool prefixed_default;
};

/* One file while it is read. */
struct reading {
    struct profiles *p;
    bool credentials;
    struct section section;
    const char *key; /* the present one, and how far it is indented; NULL: none */
    size_t indent;
    bool bare; /* the key has no value: what follows deeper stands below it */
};

struct profiles *profiles_new(void)
{
    return mem_alloc(sizeof(struct profiles));
}

void profiles_free(struct profiles *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->ntexts; i++) {
        mem_wipe(p->texts[i].data, p->texts[i].size);
        free(p->texts[i].data);
    }
    free(p->entries);
    free(p);
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static char *trim(char *s)
{
    while (is_blank(*s))
        s++;
    size_t n = strlen(s);
    while (n > 0 && is_blank(s[n - 1]))
        s[--n] = '\0';
    return s;
}

static char *unquote(char *s)
{
    size_t n = strlen(s);
    if (n < 2 || (s[0] != '"' && s[0] != '\'') || s[n - 1] != s[0])
        return s;
    s[n - 1] = '\0';
    return s + 1;
}

static bool add(struct profiles *p, const struct section *section, const char *key,
                const char *below, const char *value)
{
    if (p->n == PROFILE_ENTRIES_MAX)
        return false;
    if (p->n == p->cap) {
        p->cap = p->cap > 0 ? 2 * p->cap : 32;
        p->entries = mem_realloc(p->entries, p->cap * sizeof(*p->entries));
    }
    p->entries[p->n++] = (struct entry){*section, key, below, value};
    return true;
}

/* What stands behind "profile " and the like; NULL: it is not this word. */
static char *behind(char *head, const char *word)
{
    size_t n = strlen(word);
    return strncmp(head, word, n) == 0 && is_blank(head[n]) ? unquote(trim(head + n)) : NULL;
}

static bool begin_section(struct reading *r, char *line)
{
    char *end = strchr(line, ']'), *name;
    if (end == NULL)
        return false;
    *end = '\0';
    char *head = trim(line + 1);
    r->key = NULL;
    r->section = (struct section){SECTION_OTHER, head, false};
    if (r->credentials) {
        r->section.kind = SECTION_PROFILE;
        r->section.name = unquote(head);
    } else if (strcmp(head, "default") == 0) {
        r->section = (struct section){SECTION_PROFILE, head, true};
    } else if ((name = behind(head, "profile")) != NULL) {
        r->section = (struct section){SECTION_PROFILE, name, false};
        r->p->prefixed_default = r->p->prefixed_default || strcmp(name, "default") == 0;
    } else if ((name = behind(head, "services")) != NULL) {
        r->section = (struct section){SECTION_SERVICES, name, false};
    }
    return add(r->p, &r->section, "", NULL, "");
}

static char *value_of(char *text)
{
    for (char *s = text; *s != '\0'; s++) {
        if ((*s == '#' || *s == ';') && s > text && is_blank(s[-1])) {
            *s = '\0';
            break;
        }
    }
    return trim(text);
}

static bool take_key(struct reading *r, char *line, size_t indent)
{
    bool deeper = r->key != NULL && indent > r->indent;
    if (deeper && !r->bare)
        return true; /* a value goes on: none of ours is that long */
    char *eq = strpbrk(line, "=:");
    if (eq == NULL || eq == line || r->section.name == NULL)
        return false;
    *eq = '\0';
    char *key = trim(line), *value = value_of(eq + 1);
    for (char *c = key; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    if (deeper)
        return add(r->p, &r->section, r->key, key, value);
    r->key = key;
    r->indent = indent;
    r->bare = *value == '\0';
    return add(r->p, &r->section, key, NULL, value);
}

static bool take_line(struct reading *r, char *line)
{
    size_t indent = strspn(line, " \t");
    char *text = trim(line);
    if (*text == '\0' || *text == '#' || *text == ';')
        return true;
    return *text == '[' && indent == 0 ? begin_section(r, text) : take_key(r, text, indent);
}

bool profiles_add(struct profiles *p, const char *path, const char *text, size_t n,
                  bool credentials, struct err *err)
{
    struct reading r = {.p = p, .credentials = credentials};
    if (p->ntexts == ARRAY_LEN(p->texts) || n > PROFILE_FILE_MAX)
        return err_set(err, ERR_CONFIG, 0, "%s is larger than %d KB", path,
                       PROFILE_FILE_MAX / 1024);
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        n -= 3;
    }
    char *data = mem_alloc(n + 1);
    memcpy(data, text, n);
    p->texts[p->ntexts++] = (struct text){data, n + 1};
    if (memchr(data, '\0', n) != NULL)
        return err_set(err, ERR_CONFIG, 0, "%s holds a NUL byte", path);
    int number = 1;
    for (char *line = data; line != NULL; number++) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end = '\0';
        if (!take_line(&r, line))
            return err_set(err, ERR_CONFIG, 0, "%s line %d is neither [section] nor key = value",
                           path, number);
        line = end != NULL ? end + 1 : NULL;
    }
    return true;
}

/* ---- the files ------------------------------------------------------------------------------- */

static bool read_file(struct profiles *p, const char *path, bool credentials, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return true;
    if (fd < 0)
        return err_set(err, ERR_IO, errno, "%s: %s", path, strerror(errno));
    size_t used = 0;
    ssize_t n;
    char *data = mem_alloc(PROFILE_FILE_MAX + 1);
    while ((n = read(fd, data + used, PROFILE_FILE_MAX + 1 - used)) > 0)
        used += (size_t)n;
    int why = errno;
    (void)close(fd);
    bool ok = n < 0 ? err_set(err, ERR_IO, why, "%s: %s", path, strerror(why))
                    : profiles_add(p, path, data, used, credentials, err);
    mem_wipe(data, PROFILE_FILE_MAX + 1);
    free(data);
    return ok;
}

static bool read_either(struct profiles *p, const char *variable, const char *usual,
                        bool credentials, struct err *err)
{
    const char *told = getenv(variable);
    char *path = expand_path(NULL, told != NULL && told[0] != '\0' ? told : usual);
    bool ok = read_file(p, path, credentials, err);
    free(path);
    return ok;
}

struct profiles *profiles_read(struct err *err)
{
    struct profiles *p = profiles_new();
    /* The later entry wins: so the credentials come last. */
    if (read_either(p, "AWS_CONFIG_FILE", "~/.aws/config", false, err) &&
        read_either(p, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", true, err))
        return p;
    profiles_free(p);
    return NULL;
}

/* ---- asking ---------------------------------------------------------------------------------- */

static const struct entry *find(const struct profiles *p, enum section_kind kind, const char *name,
                                const char *key, const char *below)
{
    for (size_t i = p->n; i-- > 0;) {
        const struct entry *e = &p->entries[i];
        if (e->section.kind != kind || strcmp(e->section.name, name) != 0 ||
            strcmp(e->key, key) != 0 || (e->below == NULL) != (below == NULL) ||
            (e->section.plain_default && p->prefixed_default))
            continue;
        if (below == NULL || strcmp(e->below, below) == 0)
            return e;
    }
    return NULL;
}

static const char *value_in(const struct entry *e)
{
    return e != NULL && e->value[0] != '\0' ? e->value : NULL;
}

bool profiles_has(const struct profiles *p, const char *name)
{
    return find(p, SECTION_PROFILE, name, "", NULL) != NULL;
}

const char *profiles_get(const struct profiles *p, const char *name, const char *key)
{
    return value_in(find(p, SECTION_PROFILE, name, key, NULL));
}

const char *profiles_service(const struct profiles *p, const char *services, const char *service,
                             const char *key)
{
    return value_in(find(p, SECTION_SERVICES, services, service, key));
}
