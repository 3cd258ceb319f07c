#include "tui/draw/style.h"

#include "base/mem.h"
#include "tui/draw/theme_files.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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
enum { THEME_MAX = 16 * 1024 };

const char *theme_name(int i)
{
    return theme_files[i].name;
}

static struct theme_entry *entry_find(struct theme *theme, const char *key, int *bit)
{
    for (int i = 0; i < ROLE_COUNT; i++)
        if (strcmp(role_names[i], key) == 0) {
            *bit = i;
            return &theme->roles[i];
        }
    for (int i = 0; i < GROUND_COUNT; i++)
        if (strcmp(ground_names[i], key) == 0) {
            *bit = ROLE_COUNT + i;
            return &theme->grounds[i];
        }
    return NULL;
}

static bool parse_colour(struct theme_entry *e, const char *word)
{
    if (strcmp(word, "default") == 0) {
        e->rgb = -1;
        return true;
    }
    if (word[0] != '#' || strlen(word) != 7 || strspn(word + 1, "0123456789abcdefABCDEF") != 6)
        return false;
    e->rgb = (int32_t)strtol(word + 1, NULL, 16);
    return true;
}

static bool parse_value(struct theme_entry *e, char *value)
{
    static const struct {
        const char *word;
        unsigned attr;
    } attrs[] = {
        {"bold",      STYLE_BOLD     },
        {"dim",       STYLE_DIM      },
        {"underline", STYLE_UNDERLINE},
        {"reverse",   STYLE_REVERSE  }
    };
    char *save = NULL;
    char *word = strtok_r(value, " ", &save);
    if (word == NULL || !parse_colour(e, word))
        return false;
    e->attrs = 0;
    while ((word = strtok_r(NULL, " ", &save)) != NULL) {
        size_t i = 0;
        while (i < ARRAY_LEN(attrs) && strcmp(attrs[i].word, word) != 0)
            i++;
        if (i == ARRAY_LEN(attrs))
            return false;
        e->attrs |= attrs[i].attr;
    }
    return true;
}

/* One line `key = "value"` with an optional comment; true also for blank ones. */
static bool parse_line(struct theme *theme, char *line, uint32_t *seen)
{
    char key[32];
    char value[64];
    int used = 0;
    int bit = 0;
    line += strspn(line, " \t\r");
    if (*line == '\0' || *line == '#')
        return true;
    if (sscanf(line, "%31[a-z-] = \"%63[^\"]\"%n", key, value, &used) != 2 || used == 0)
        return false;
    line += used;
    line += strspn(line, " \t\r");
    if (*line != '\0' && *line != '#')
        return false;
    struct theme_entry *e = entry_find(theme, key, &bit);
    if (e == NULL || (*seen & 1U << bit) != 0)
        return false;
    *seen |= 1U << bit;
    return parse_value(e, value);
}

bool theme_parse(struct theme *theme, const char *name, const char *text, struct err *err)
{
    struct theme out = {0};
    uint32_t seen = 0;
    char *copy = mem_strdup(text);
    char *next = copy;
    int number = 0;
    bool ok = true;
    (void)snprintf(out.name, sizeof(out.name), "%s", name);
    while (ok && next != NULL) {
        char *line = next;
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        number++;
        if (!parse_line(&out, line, &seen))
            ok = err_set(err, ERR_CONFIG, 0,
                         "theme %s line %d: want ROLE = \"#rrggbb [bold|dim|underline|reverse]\"",
                         name, number);
    }
    free(copy);
    for (int i = 0; ok && i < ROLE_COUNT + GROUND_COUNT; i++)
        if ((seen & 1U << i) == 0)
            ok = err_set(err, ERR_CONFIG, 0, "theme %s: %s is missing", name,
                         i < ROLE_COUNT ? role_names[i] : ground_names[i - ROLE_COUNT]);
    if (ok)
        *theme = out;
    return ok;
}

static bool load_file(struct theme *theme, const char *path, struct err *err)
{
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return err_set(err, ERR_IO, errno, "theme %s: %s", path, strerror(errno));
    char *text = mem_alloc(THEME_MAX + 1);
    size_t n = fread(text, 1, THEME_MAX + 1, f);
    (void)fclose(f);
    bool ok = n <= THEME_MAX || err_set(err, ERR_CONFIG, 0, "theme %s: too long", path);
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
    return err_set(err, ERR_CONFIG, 0, "no theme %s: there are dark, light, mono, or a path", name);
}

/* The part of xterm's palette that is the same everywhere: a 6×6×6 cube, 24 greys. */
static int32_t palette(int i)
{
    static const int32_t step[6] = {0, 95, 135, 175, 215, 255};
    if (i < 232) {
        int c = i - 16;
        return step[c / 36] << 16 | step[c / 6 % 6] << 8 | step[c % 6];
    }
    int32_t g = 8 + 10 * (i - 232);
    return g << 16 | g << 8 | g;
}

static long distance(int32_t a, int32_t b)
{
    long dr = (a >> 16 & 255) - (b >> 16 & 255);
    long dg = (a >> 8 & 255) - (b >> 8 & 255);
    long db = (a & 255) - (b & 255);
    return 3 * dr * dr + 4 * dg * dg + 2 * db * db; /* the eye sees green best */
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

/* Among 8 or 16 colours distance misleads: a soft green is nearest to white. The hue decides; what
 * has none stays the terminal's own colour (8) or becomes the dark grey (16). */
static int by_hue(int32_t rgb, int colors)
{
    enum { GREY = 40, BRIGHT = 0xDF, DARK_GREY = 8, MIDDLE = 0xA0 };
    int r = rgb >> 16 & 255;
    int g = rgb >> 8 & 255;
    int b = rgb & 255;
    int high = most(r, most(g, b));
    int low = least(r, least(g, b));
    int mid = (high + low) / 2;
    if (high - low < GREY)
        return colors >= 16 && high < MIDDLE && high > GREY ? DARK_GREY : -1;
    int hue = (r > mid ? 1 : 0) | (g >= mid ? 2 : 0) | (b > mid ? 4 : 0);
    return hue + (colors >= 16 && high > BRIGHT ? 8 : 0);
}

int theme_nearest(int32_t rgb, int colors)
{
    /* Of 256 the first 16 are the user's own and may be anything: leave them alone. */
    enum { FIRST = 16, LAST = 256 };
    if (rgb < 0)
        return -1;
    if (colors < LAST)
        return by_hue(rgb, colors);
    int best = FIRST;
    for (int i = FIRST; i < LAST; i++)
        if (distance(rgb, palette(i)) < distance(rgb, palette(best)))
            best = i;
    return best;
}
