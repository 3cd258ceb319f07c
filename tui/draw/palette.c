/* palette.c: from colours to those of a terminal that has 256, 16 or 8.
 *
 * Of 256 the first 16 are the user's own and may be anything: they are left alone, and nearness is
 * measured in OKLab (Björn Ottosson), where equal distances look equally far. Among 16 or 8
 * nearness misleads (a soft green is nearest to white): there the hue decides. */
#include "tui/draw/palette.h"

#include "base/mem.h"
#include "tui/draw/contrast.h"

#include <math.h>

enum { FIRST = 16, LAST = 256, HUES = 6, DARK_GREY = 8, BRIGHT = 8 };

/* What a verdict says by its colour too: the loudest chooses first. */
static const enum role signals[] = {ROLE_CRIT, ROLE_WARN, ROLE_OK, ROLE_UNKNOWN, ROLE_INFO};

int32_t palette_rgb(int i)
{
    static const int32_t step[6] = {0, 95, 135, 175, 215, 255};
    if (i < 232) {
        int c = i - FIRST;
        return step[c / 36] << 16 | step[c / 6 % 6] << 8 | step[c % 6];
    }
    int32_t g = 8 + 10 * (i - 232);
    return g << 16 | g << 8 | g;
}

struct lab {
    double l, a, b;
};

/* Cube roots of the responses of the three cones, from linear light. */
static struct lab oklab(int32_t rgb)
{
    double r = contrast_linear(rgb >> 16 & 255);
    double g = contrast_linear(rgb >> 8 & 255);
    double b = contrast_linear(rgb & 255);
    double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return (struct lab){.l = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
                        .a = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
                        .b = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

static double apart(struct lab x, struct lab y)
{
    return sqrt((x.l - y.l) * (x.l - y.l) + (x.a - y.a) * (x.a - y.a) + (x.b - y.b) * (x.b - y.b));
}

double palette_distance(int32_t a, int32_t b)
{
    return apart(oklab(a), oklab(b));
}

int palette_nearest(int32_t rgb)
{
    int best = FIRST;
    for (int i = FIRST; i < LAST; i++)
        if (palette_distance(rgb, palette_rgb(i)) < palette_distance(rgb, palette_rgb(best)))
            best = i;
    return best;
}

/* ---- 256 ------------------------------------------------------------------------------------- */

struct known { /* the 240 fixed colours, reckoned once for each theme */
    struct lab lab[LAST];
    double luminance[LAST];
};

static bool is_signal(int role)
{
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        if ((int)signals[i] == role)
            return true;
    return false;
}

static bool taken_256(const struct theme *t, int role, int color)
{
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        if ((int)signals[i] != role && t->roles[signals[i]].c256 == color)
            return true;
    return false;
}

static bool readable(const struct theme *t, const struct known *known, int role, int color)
{
    for (int g = 0; g < GROUND_COUNT; g++) {
        int ground = t->grounds[g].c256;
        double under = ground >= FIRST ? known->luminance[ground]
                                       : contrast_luminance(theme_ground_rgb(t, (enum ground)g));
        if (contrast_of(known->luminance[color], under) <
            contrast_wanted((enum role)role, (enum ground)g))
            return false;
    }
    return true;
}

/* role -1: a ground. Where nothing can be read (somebody's own theme), the nearest all the same. */
static int nearest_256(const struct theme *t, const struct known *known, int32_t rgb, int role)
{
    struct lab want = oklab(rgb);
    int best = -1;
    int any = FIRST;
    for (int i = FIRST; i < LAST; i++) {
        double d = apart(want, known->lab[i]);
        if (d < apart(want, known->lab[any]))
            any = i;
        if (best >= 0 && d >= apart(want, known->lab[best]))
            continue;
        if (role < 0 ||
            (!(is_signal(role) && taken_256(t, role, i)) && readable(t, known, role, i)))
            best = i;
    }
    return best >= 0 ? best : any;
}

static void derive_256(struct theme *t)
{
    struct known known;
    for (int i = FIRST; i < LAST; i++) {
        known.lab[i] = oklab(palette_rgb(i));
        known.luminance[i] = contrast_luminance(palette_rgb(i));
    }
    for (int g = 0; g < GROUND_COUNT; g++) {
        struct theme_entry *e = &t->grounds[g];
        if (e->c256 == THEME_DERIVE)
            e->c256 = (int16_t)(e->rgb < 0 ? THEME_DEFAULT : nearest_256(t, &known, e->rgb, -1));
    }
    for (int r = 0; r < (int)ARRAY_LEN(signals) + ROLE_COUNT; r++) { /* the signals first */
        int role = r < (int)ARRAY_LEN(signals) ? (int)signals[r] : r - (int)ARRAY_LEN(signals);
        struct theme_entry *e = &t->roles[role];
        if (e->c256 == THEME_DERIVE)
            e->c256 = (int16_t)(e->rgb < 0 ? THEME_DEFAULT : nearest_256(t, &known, e->rgb, role));
    }
}

/* ---- 16 and 8 -------------------------------------------------------------------------------- */

/* Degrees between two directions. */
static double turn(double a, double b)
{
    double d = fabs(a - b);
    return d > 180 ? 360 - d : d;
}

static bool taken_hue(const struct theme *t, int role, int hue)
{
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        int c = t->roles[signals[i]].c16;
        if ((int)signals[i] != role && c > 0 && c % BRIGHT == hue)
            return true;
    }
    return false;
}

/* Greys have no hue: the dark grey of 16 colours, or the terminal's own. A signal has to have one.
 */
static int by_hue(const struct theme *t, int32_t rgb, int role)
{
    enum { GREY = 40, LIGHT = 0xDF, BLACK = 40, MIDDLE = 0xA0 };
    /* ANSI's red, green, yellow, blue, magenta, cyan (1 to 6); their yellow is half-way to brown.
     */
    static const double hues[HUES + 1] = {0, 29, 142, 90, 264, 328, 195};
    int r = rgb >> 16 & 255;
    int g = rgb >> 8 & 255;
    int b = rgb & 255;
    int high = r > g ? (r > b ? r : b) : (g > b ? g : b);
    int low = r < g ? (r < b ? r : b) : (g < b ? g : b);
    if (high - low < GREY && !is_signal(role))
        return high < MIDDLE && high > BLACK ? DARK_GREY : THEME_DEFAULT;
    struct lab lab = oklab(rgb);
    double hue = atan2(lab.b, lab.a) * 180 / M_PI;
    hue = hue < 0 ? hue + 360 : hue;
    int best = 0;
    for (int i = 1; i <= HUES; i++) {
        if (is_signal(role) && taken_hue(t, role, i))
            continue;
        if (best == 0 || turn(hue, hues[i]) < turn(hue, hues[best]))
            best = i;
    }
    return best + (high > LIGHT ? BRIGHT : 0);
}

static void derive_16(struct theme *t)
{
    for (int r = 0; r < (int)ARRAY_LEN(signals) + ROLE_COUNT; r++) {
        int role = r < (int)ARRAY_LEN(signals) ? (int)signals[r] : r - (int)ARRAY_LEN(signals);
        struct theme_entry *e = &t->roles[role];
        if (e->c16 == THEME_DERIVE)
            e->c16 = (int16_t)(e->rgb < 0 ? THEME_DEFAULT : by_hue(t, e->rgb, role));
        bool grey = e->c16 < 0 || e->c16 == DARK_GREY; /* which 8 colours do not have */
        e->c8 = (int16_t)(grey ? THEME_DEFAULT : e->c16 % BRIGHT);
    }
    for (int g = 0; g < GROUND_COUNT; g++) /* below 256 a ground is shown by reversing */
        t->grounds[g].c16 = t->grounds[g].c8 = THEME_DEFAULT;
}

/* ---- none ------------------------------------------------------------------------------------ */

/* The words and marks say every state anyway: weight only helps the eye to find it. */
static void derive_none(struct theme *t)
{
    static const unsigned attrs[ROLE_COUNT] = {
        [ROLE_WARN] = STYLE_BOLD,   [ROLE_CRIT] = STYLE_BOLD,  [ROLE_UNKNOWN] = STYLE_UNDERLINE,
        [ROLE_FAINT] = STYLE_DIM,   [ROLE_BORDER] = STYLE_DIM, [ROLE_MATCH] = STYLE_UNDERLINE,
        [ROLE_STRONG] = STYLE_BOLD, [ROLE_INPUT] = STYLE_BOLD, [ROLE_KEY] = STYLE_BOLD,
    };
    for (int r = 0; r < ROLE_COUNT; r++)
        if (t->roles[r].no_color == THEME_DERIVE)
            t->roles[r].no_color = (int32_t)(attrs[r] | t->roles[r].attrs);
    for (int g = 0; g < GROUND_COUNT; g++)
        if (t->grounds[g].no_color == THEME_DERIVE)
            t->grounds[g].no_color = g == GROUND_NONE ? 0 : (int32_t)STYLE_REVERSE;
}

void palette_derive(struct theme *theme)
{
    derive_256(theme);
    derive_16(theme);
    derive_none(theme);
}
