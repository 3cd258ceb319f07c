#include "tui/draw/contrast.h"

#include "tui/draw/palette.h"

#include <math.h>

double contrast_linear(int channel)
{
    double c = channel / 255.0;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

double contrast_luminance(int32_t rgb)
{
    return 0.2126 * contrast_linear(rgb >> 16 & 255) + 0.7152 * contrast_linear(rgb >> 8 & 255) +
           0.0722 * contrast_linear(rgb & 255);
}

double contrast_of(double lum_a, double lum_b)
{
    double high = fmax(lum_a, lum_b);
    double low = fmin(lum_a, lum_b);
    return (high + 0.05) / (low + 0.05);
}

double contrast_ratio(int32_t a, int32_t b)
{
    return contrast_of(contrast_luminance(a), contrast_luminance(b));
}

/* AA: 4.5 for text, 3 for what is drawn. The cursor's cell shows its character in the colour of the
 * ground. Quiet lines and rows never lie on a ground (canvas_ground lifts faint to dim). */
double contrast_wanted(enum role role, enum ground ground)
{
    bool drawn = role == ROLE_BORDER || role == ROLE_SPARK;
    bool quiet = role == ROLE_BORDER || role == ROLE_FAINT;
    if (ground == GROUND_CURSOR || (quiet && ground != GROUND_NONE))
        return 0;
    return drawn ? 3 : 4.5;
}

static size_t check(const struct theme *t, enum role role, enum ground ground, struct strbuf *out)
{
    double want = contrast_wanted(role, ground);
    const struct theme_entry *fg = &t->roles[role];
    const struct theme_entry *bg = &t->grounds[ground];
    size_t faults = 0;
    for (int few = 0; few < 2; few++) {
        int32_t a = theme_role_rgb(t, role);
        int32_t b = theme_ground_rgb(t, ground);
        if (few != 0 && fg->c256 >= 0)
            a = palette_rgb(fg->c256);
        if (few != 0 && bg->c256 >= 0)
            b = palette_rgb(bg->c256);
        double ratio = contrast_ratio(a, b);
        if (ratio >= want)
            continue;
        (void)strbuf_printf(out, "%s: %s (#%06x) on %s (#%06x)%s: %.2f:1, wants %.1f:1\n", t->name,
                            theme_role_name(role), (unsigned)a, theme_ground_name(ground),
                            (unsigned)b, few != 0 ? " in 256 colours" : "", ratio, want);
        faults++;
    }
    return faults;
}

size_t contrast_faults(const struct theme *theme, struct strbuf *out)
{
    size_t faults = 0;
    for (int r = 0; r < ROLE_COUNT; r++)
        for (int g = 0; g < GROUND_COUNT; g++)
            faults += check(theme, (enum role)r, (enum ground)g, out);
    double cursor = contrast_ratio(theme_ground_rgb(theme, GROUND_NONE),
                                   theme_ground_rgb(theme, GROUND_CURSOR));
    bool reversed = (theme->grounds[GROUND_CURSOR].attrs & STYLE_REVERSE) != 0;
    if (cursor < 4.5 && !reversed) {
        (void)strbuf_printf(out, "%s: %s on %s: %.2f:1, wants 4.5:1\n", theme->name,
                            theme_ground_name(GROUND_NONE), theme_ground_name(GROUND_CURSOR),
                            cursor);
        faults++;
    }
    return faults;
}
