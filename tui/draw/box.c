#include "tui/draw/box.h"

#include "base/utf8.h"

void box_title(struct canvas *cv, int x, int y, int w, const char *number, const char *title,
               bool focused, const struct box_note *notes, int nnotes)
{
    canvas_hline(cv, x, y, w, ROLE_BORDER);
    int at = x + 1;
    if (title != NULL)
        at += canvas_text(cv, at, y, ROLE_TEXT, " ");
    if (number != NULL) {
        at += canvas_text(cv, at, y, ROLE_KEY, number);
        at += canvas_text(cv, at, y, ROLE_TEXT, " ");
    }
    if (title != NULL) {
        at += canvas_fit(cv, at, y, w - 4 - (at - x), focused ? ROLE_STRONG : ROLE_TEXT, title);
        at += canvas_text(cv, at, y, ROLE_TEXT, " ");
    }
    int right = x + w - 1;
    for (int i = nnotes - 1; i >= 0; i--) {
        const char *text = notes[i].text;
        if (text == NULL || text[0] == '\0')
            continue;
        int room = right - at - 3;
        if (room < 6)
            break;
        int cols = utf8_width(text);
        if (cols > room)
            cols = room;
        right -= cols + 2;
        (void)canvas_text(cv, right, y, ROLE_TEXT, " ");
        (void)canvas_fit(cv, right + 1, y, cols, notes[i].style, text);
        (void)canvas_text(cv, right + 1 + cols, y, ROLE_TEXT, " ");
    }
}

void box_frame(struct canvas *cv, struct rect r, unsigned style, const char *title)
{
    canvas_fill(cv, r, ROLE_TEXT, " ");
    canvas_hline(cv, r.x + 1, r.y, r.w - 2, style);
    canvas_hline(cv, r.x + 1, r.y + r.h - 1, r.w - 2, style);
    canvas_fill(cv, (struct rect){r.x, r.y + 1, 1, r.h - 2}, style, "│");
    canvas_fill(cv, (struct rect){r.x + r.w - 1, r.y + 1, 1, r.h - 2}, style, "│");
    (void)canvas_text(cv, r.x, r.y, style, "╭");
    (void)canvas_text(cv, r.x + r.w - 1, r.y, style, "╮");
    (void)canvas_text(cv, r.x, r.y + r.h - 1, style, "╰");
    (void)canvas_text(cv, r.x + r.w - 1, r.y + r.h - 1, style, "╯");
    if (title != NULL && r.w > 8) {
        int at = r.x + 2;
        at += canvas_text(cv, at, r.y, style, " ");
        at += canvas_fit(cv, at, r.y, r.w - 6, style | STYLE_BOLD, title);
        (void)canvas_text(cv, at, r.y, style, " ");
    }
}
