#include "tui/draw/theme.h"

#include "base/mem.h"
#include "base/strbuf.h"
#include "theme_names.h"
#include "tui/draw/palette.h"
#include "tui/draw/theme_files.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const role_names[] = {
    [ROLE_TEXT] = "text",       [ROLE_STRONG] = "strong",   [ROLE_DIM] = "dim",
    [ROLE_FAINT] = "faint",     [ROLE_BORDER] = "border",   [ROLE_KEY] = "key",
    [ROLE_OK] = "ok",           [ROLE_INFO] = "info",       [ROLE_WARN] = "warn",
    [ROLE_CRIT] = "crit",       [ROLE_UNKNOWN] = "unknown", [ROLE_SPARK] = "spark",
    [ROLE_REQUEST] = "request", [ROLE_INPUT] = "input",     [ROLE_MATCH] = "match",
};
static_assert(ARRAY_LEN(role_names) == ROLE_COUNT, "a name for every role");

static const char *const ground_names[] = {
    [GROUND_NONE] = "ground",
    [GROUND_BAR] = "ground-bar",
    [GROUND_SELECT] = "ground-select",
    [GROUND_CURSOR] = "ground-cursor",
};
static_assert(ARRAY_LEN(ground_names) == GROUND_COUNT, "a name for every ground");

/* A theme is a page of text; more is not a theme. */
enum { THEME_MAX = 16 * 1024, ASSUMES = ROLE_COUNT + GROUND_COUNT };

struct parse {
    struct theme *theme;
    const char *name;
    int line;
    uint32_t seen; /* a bit for each role, ground, and "assumes" */
    struct err *err;
};

const char *theme_name(int i)
{
    return theme_files[i].name;
}

const char *theme_role_name(enum role role)
{
    return role_names[role];
}

const char *theme_ground_name(enum ground ground)
{
    return ground_names[ground];
}

int32_t theme_colour(const struct theme_entry *e, int colors)
{
    return colors > 256 ? e->rgb : colors == 256 ? e->c256 : colors >= 16 ? e->c16 : e->c8;
}

int32_t theme_role_rgb(const struct theme *t, enum role role)
{
    return t->roles[role].rgb >= 0 ? t->roles[role].rgb : t->assumed_text;
}

int32_t theme_ground_rgb(const struct theme *t, enum ground ground)
{
    int32_t none = t->grounds[GROUND_NONE].rgb;
    if (t->grounds[ground].rgb >= 0)
        return t->grounds[ground].rgb;
    return none >= 0 ? none : t->assumed_ground;
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool wrong(const struct parse *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static bool wrong(const struct parse *p, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return err_set(p->err, ERR_CONFIG, 0, "theme %s, line %d: %s", p->name, p->line, text);
}

static bool parse_colour(const char *word, int32_t *rgb)
{
    if (word[0] != '#' || strlen(word) != 7 || strspn(word + 1, "0123456789abcdefABCDEF") != 6)
        return false;
    *rgb = (int32_t)strtol(word + 1, NULL, 16);
    return true;
}

static bool parse_attr(const char *word, unsigned *attrs)
{
    static const struct {
        const char *word;
        unsigned attr;
    } known[] = {
        {"plain",     0              },
        {"bold",      STYLE_BOLD     },
        {"dim",       STYLE_DIM      },
        {"underline", STYLE_UNDERLINE},
        {"reverse",   STYLE_REVERSE  }
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcmp(known[i].word, word) == 0) {
            *attrs |= known[i].attr;
            return true;
        }
    return false;
}

/* "208" behind "256:", from..to. */
static bool parse_number(const char *word, long from, long to, long *n)
{
    char *end;
    *n = strtol(word, &end, 10);
    return word[0] >= '0' && word[0] <= '9' && *end == '\0' && *n >= from && *n <= to;
}

/* "256:208", "16:9", "mono:bold": what is not to be derived. */
static bool parse_given(const struct parse *p, struct theme_entry *e, const char *word)
{
    long n;
    unsigned attrs = 0;
    if (strncmp(word, "256:", 4) == 0) {
        if (!parse_number(word + 4, 16, 255, &n))
            return wrong(p, "\"%s\": want a colour of xterm's palette, 16 to 255", word);
        e->c256 = (int16_t)n;
        return true;
    }
    if (strncmp(word, "16:", 3) == 0) {
        if (!parse_number(word + 3, 1, 15, &n))
            return wrong(p, "\"%s\": want one of the terminal's own colours, 1 to 15", word);
        e->c16 = (int16_t)n;
        return true;
    }
    if (strncmp(word, "mono:", 5) == 0 && parse_attr(word + 5, &attrs)) {
        e->no_color = (e->no_color >= 0 ? e->no_color : 0) | (int32_t)attrs;
        return true;
    }
    return wrong(p,
                 "\"%s\" is nothing that may follow a colour: want bold, dim, underline, reverse, "
                 "256:NUMBER, 16:NUMBER or mono:ATTRIBUTE",
                 word);
}

static bool parse_entry(const struct parse *p, struct theme_entry *e, char *value)
{
    char *save = NULL;
    char *word = strtok_r(value, " ", &save);
    *e = (struct theme_entry){
        .rgb = THEME_DEFAULT, .c256 = THEME_DERIVE, .c16 = THEME_DERIVE, .no_color = THEME_DERIVE};
    if (word == NULL || (strcmp(word, "default") != 0 && !parse_colour(word, &e->rgb)))
        return wrong(p, "\"%s\" is no colour: want #rrggbb or default", word != NULL ? word : "");
    while ((word = strtok_r(NULL, " ", &save)) != NULL) {
        unsigned attrs = 0;
        if (parse_attr(word, &attrs))
            e->attrs |= (uint16_t)attrs;
        else if (!parse_given(p, e, word))
            return false;
    }
    return true;
}

static bool parse_assumes(const struct parse *p, char *value)
{
    char *save = NULL;
    const char *ground = strtok_r(value, " ", &save);
    const char *text = strtok_r(NULL, " ", &save);
    const char *more = strtok_r(NULL, " ", &save);
    if (ground == NULL || text == NULL || more != NULL ||
        !parse_colour(ground, &p->theme->assumed_ground) ||
        !parse_colour(text, &p->theme->assumed_text))
        return wrong(p, "assumes: want two colours, \"#rrggbb #rrggbb\": the ground and the text "
                        "that the terminal is taken to have");
    return true;
}

static bool unknown_key(const struct parse *p, const char *key)
{
    struct strbuf names;
    strbuf_init(&names, 400);
    for (int i = 0; i < ROLE_COUNT; i++)
        (void)strbuf_printf(&names, "%s, ", role_names[i]);
    for (int i = 0; i < GROUND_COUNT; i++)
        (void)strbuf_printf(&names, "%s, ", ground_names[i]);
    bool ok = wrong(p, "there is no role %s; there are %sassumes", key, names.text);
    strbuf_free(&names);
    return ok;
}

static int find_key(const char *key)
{
    for (int i = 0; i < ROLE_COUNT; i++)
        if (strcmp(role_names[i], key) == 0)
            return i;
    for (int i = 0; i < GROUND_COUNT; i++)
        if (strcmp(ground_names[i], key) == 0)
            return ROLE_COUNT + i;
    return strcmp(key, "assumes") == 0 ? (int)ASSUMES : -1;
}

/* One line `key = "value"` with an optional comment; true also for blank ones. */
static bool parse_line(struct parse *p, char *line)
{
    char key[32];
    char value[96];
    int used = 0;
    line += strspn(line, " \t\r");
    if (*line == '\0' || *line == '#')
        return true;
    if (sscanf(line, "%31[a-z-] = \"%95[^\"]\"%n", key, value, &used) != 2 || used == 0)
        return wrong(p, "want ROLE = \"#rrggbb\" or ROLE = \"default\", attributes behind the "
                        "colour");
    line += used;
    line += strspn(line, " \t\r");
    if (*line != '\0' && *line != '#')
        return wrong(p, "want nothing behind the value of %s but a # comment", key);
    int at = find_key(key);
    if (at < 0)
        return unknown_key(p, key);
    if ((p->seen & 1U << at) != 0)
        return wrong(p, "%s stands there twice", key);
    p->seen |= 1U << at;
    if (at == ASSUMES)
        return parse_assumes(p, value);
    struct theme *t = p->theme;
    return parse_entry(p, at < ROLE_COUNT ? &t->roles[at] : &t->grounds[at - ROLE_COUNT], value);
}

/* Every role, and what "default" stands for where it is used. */
static bool complete(const struct parse *p)
{
    const struct theme *t = p->theme;
    for (int i = 0; i < ROLE_COUNT + GROUND_COUNT; i++)
        if ((p->seen & 1U << i) == 0)
            return err_set(p->err, ERR_CONFIG, 0, "theme %s: %s is missing", p->name,
                           i < ROLE_COUNT ? role_names[i] : ground_names[i - ROLE_COUNT]);
    bool own = t->grounds[GROUND_NONE].rgb < 0 || t->roles[ROLE_TEXT].rgb < 0;
    if (own && (p->seen & 1U << ASSUMES) == 0)
        return err_set(p->err, ERR_CONFIG, 0,
                       "theme %s: with a default ground or text it has to say for which terminals "
                       "it is: assumes = \"#rrggbb #rrggbb\" (ground and text)",
                       p->name);
    return true;
}

bool theme_parse(struct theme *theme, const char *name, const char *text, struct err *err)
{
    struct theme out = {0};
    struct parse p = {.theme = &out, .name = name, .err = err};
    char *copy = mem_strdup(text);
    char *next = copy;
    bool ok = true;
    (void)snprintf(out.name, sizeof(out.name), "%s", name);
    while (ok && next != NULL) {
        char *line = next;
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        p.line++;
        ok = parse_line(&p, line);
    }
    free(copy);
    if (!ok || !complete(&p))
        return false;
    palette_derive(&out);
    *theme = out;
    return true;
}

static bool load_file(struct theme *theme, const char *path, struct err *err)
{
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return err_set(err, ERR_IO, errno, "theme %s: %s", path, strerror(errno));
    char *text = mem_alloc(THEME_MAX + 1);
    size_t n = fread(text, 1, THEME_MAX + 1, f);
    bool failed = ferror(f) != 0; /* a directory opens, and cannot be read */
    (void)fclose(f);
    bool ok = !failed || err_set(err, ERR_IO, EIO, "theme %s: it cannot be read", path);
    ok = ok && (n <= THEME_MAX ||
                err_set(err, ERR_CONFIG, 0, "theme %s: longer than a theme can be (%d bytes)", path,
                        THEME_MAX));
    if (ok) {
        text[n] = '\0';
        ok = theme_parse(theme, path, text, err);
    }
    free(text);
    return ok;
}

bool theme_load(struct theme *theme, const char *name, struct err *err)
{
    size_t n = strlen(name);
    for (int i = 0; theme_files[i].name != NULL; i++)
        if (strcmp(theme_files[i].name, name) == 0)
            return theme_parse(theme, name, theme_files[i].text, err);
    if (strchr(name, '/') != NULL || (n > 5 && strcmp(name + n - 5, ".toml") == 0))
        return load_file(theme, name, err);
    return err_set(err, ERR_CONFIG, 0,
                   "no theme %s: there are " THEME_NAMES ", or the path of a file", name);
}
