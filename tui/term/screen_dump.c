/* screen_dump.c: a canvas as text. The role layer has one letter per cell:
 *   .  text   S strong  d dim   f faint  b border  k key  o ok   i info  w warn  c crit
 *   u  unknown  ~ spark  r request  I input  m match
 * A cell on a ground other than the terminal's own is followed by no mark; instead a third layer
 * line "^" under those cells would double the size, so grounds show as capital-letter variants:
 * '=' header bar text, '#' selected text; other roles keep their letter there. */
#include "tui/term/screen.h"

static const char letters[ROLE_COUNT] = {
    [ROLE_TEXT] = '.',    [ROLE_STRONG] = 'S', [ROLE_DIM] = 'd',     [ROLE_FAINT] = 'f',
    [ROLE_BORDER] = 'b',  [ROLE_KEY] = 'k',    [ROLE_OK] = 'o',      [ROLE_INFO] = 'i',
    [ROLE_WARN] = 'w',    [ROLE_CRIT] = 'c',   [ROLE_UNKNOWN] = 'u', [ROLE_SPARK] = '~',
    [ROLE_REQUEST] = 'r', [ROLE_INPUT] = 'I',  [ROLE_MATCH] = 'm',
};

static char letter(const struct cell *cell)
{
    bool blank = cell->text[0] == ' ' || cell->text[0] == '\0';
    if (cell->ground == GROUND_CURSOR)
        return '@';
    if (cell->ground == GROUND_SELECT && (blank || cell->role == ROLE_TEXT))
        return '#';
    if (cell->ground == GROUND_BAR && (blank || cell->role == ROLE_TEXT))
        return '=';
    return blank ? ' ' : letters[cell->role];
}

static void trim(struct strbuf *out, size_t from)
{
    while (out->len > from && out->text[out->len - 1] == ' ')
        out->text[--out->len] = '\0';
}

void screen_dump(const struct canvas *cv, bool roles, struct strbuf *out)
{
    for (int layer = 0; layer < (roles ? 2 : 1); layer++) {
        if (layer == 1)
            (void)strbuf_puts(out, "---\n");
        for (int y = 0; y < cv->h; y++) {
            size_t from = out->len;
            for (int x = 0; x < cv->w; x++) {
                const struct cell *cell = canvas_at(cv, x, y);
                if (layer == 1)
                    (void)strbuf_putc(out, letter(cell));
                else
                    (void)strbuf_puts(out, cell->text);
            }
            trim(out, from);
            (void)strbuf_putc(out, '\n');
        }
    }
}
