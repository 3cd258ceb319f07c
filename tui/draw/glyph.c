#include "tui/draw/glyph.h"

#include "base/mem.h"
#include "tui/draw/style.h"

#include <assert.h>

static const struct {
    int32_t cp;
    char ascii;
} pairs[] = {
    {0x25CF, 'o'}, /* ● */
    {0x25CB, 'i'}, /* ○ */
    {0x25B2, '!'}, /* ▲ */
    {0x25BC, 'v'}, /* ▼ */
    {0x2716, 'X'}, /* ✖ */
    {0x2714, '+'}, /* ✔ */
    {0x25B6, '>'}, /* ▶ */
    {0x2501, '='}, /* ━ */
    {0x2500, '-'}, /* ─ */
    {0x2502, '|'}, /* │ */
    {0x256D, '+'},
    {0x256E, '+'},
    {0x256F, '+'},
    {0x2570, '+'}, /* ╭ ╮ ╯ ╰ */
    {0x2192, '>'}, /* → */
    {0x2026, '~'}, /* … */
    {0x2013, '-'}, /* – */
    {0x2014, '-'}, /* — */
    {0x00B7, '|'}, /* · */
    {0x2248, '~'}, /* ≈ */
    {0x2265, '>'}, /* ≥ */
    {0x2264, '<'}, /* ≤ */
    {0x00D7, 'x'}, /* × */
    {0x203A, '>'}, /* › */
    {0x2194, '='}, /* ↔ */
    {0x25C6, '*'}, /* ◆ */
    {0x2581, '_'},
    {0x2582, '.'},
    {0x2583, ','},
    {0x2584, '-'}, /* ▁ ▂ ▃ ▄ */
    {0x2585, '='},
    {0x2586, '+'},
    {0x2587, '*'},
    {0x2588, '#'}, /* ▅ ▆ ▇ █ */
    {0x2591, ':'}, /* ░ */
    {0x2514, '+'}, /* └ */
    {0x2534, '+'}, /* ┴ */
};

static const char *const verdicts[] = {
    [VERDICT_NONE] = "·",    [VERDICT_OK] = "●",   [VERDICT_INFO] = "○",
    [VERDICT_UNKNOWN] = "?", [VERDICT_WARN] = "▲", [VERDICT_CRIT] = "✖",
};
static_assert(ARRAY_LEN(verdicts) == VERDICT_COUNT, "a mark for every verdict");

char glyph_ascii(int32_t cp)
{
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        if (pairs[i].cp == cp)
            return pairs[i].ascii;
    return 0;
}

const char *glyph_verdict(enum verdict v)
{
    return verdicts[v];
}

const char *glyph_bar(int level)
{
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    return bars[level < 0 ? 0 : level > 7 ? 7 : level];
}

unsigned glyph_style(enum verdict v)
{
    static const unsigned char roles[] = {
        [VERDICT_NONE] = ROLE_DIM,        [VERDICT_OK] = ROLE_OK,     [VERDICT_INFO] = ROLE_INFO,
        [VERDICT_UNKNOWN] = ROLE_UNKNOWN, [VERDICT_WARN] = ROLE_WARN, [VERDICT_CRIT] = ROLE_CRIT,
    };
    return roles[v];
}
