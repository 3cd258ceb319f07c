/* curses_keys.h: what the terminal sends, as keys of ours. For screen_curses.c alone. */
#ifndef CDCTOP_TUI_TERM_CURSES_KEYS_H
#define CDCTOP_TUI_TERM_CURSES_KEYS_H

#include "tui/key.h"

#include <stdbool.h>

enum { CURSES_ANSWER = K_NONE + 1 }; /* of the terminal, to ESC [5n */

/* The next key; -1: none waits. K_MOUSE: *mouse says what. */
int curses_key(struct mouse *mouse);
/* Asks the terminal for reports of buttons and wheel, or for none. */
void curses_mouse(bool on);

#endif
