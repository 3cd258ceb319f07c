/* key.h: a key press: a Unicode character, a control character (1–31), or one of K_*; and what a
 * mouse says. */
#ifndef CDCTOP_TUI_KEY_H
#define CDCTOP_TUI_KEY_H

enum key_code {
    K_CTRL_C = 3,
    K_TAB = 9,
    K_ENTER = 13,
    K_CTRL_U = 21,
    K_CTRL_W = 23,
    K_CTRL_Z = 26,
    K_ESC = 27,
    K_SPECIAL = 0x200000, /* beyond Unicode */
    K_UP,
    K_DOWN,
    K_LEFT,
    K_RIGHT,
    K_PAGE_UP,
    K_PAGE_DOWN,
    K_HOME,
    K_END,
    K_DELETE,
    K_BACKSPACE, /* however the terminal sends it */
    K_SHIFT_TAB,
    K_F1,
    K_F2,
    K_F3,
    K_F4,
    K_F5,
    K_F6,
    K_F7,
    K_F8,
    K_F9,
    K_F10,
    K_F11,
    K_F12,
    K_MOUSE, /* screen_mouse_event tells what */
    K_NONE,  /* a sequence that means nothing here */
};

enum mouse_what { MOUSE_PRESS, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

struct mouse {
    enum mouse_what what;
    int x, y; /* cells, from 0 */
};

#endif
