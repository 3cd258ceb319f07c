/* keymap.h: keys in the words that a person uses: "j", "Down", "Ctrl-R", "Enter". */
#ifndef CDCTOP_TUI_KEYMAP_H
#define CDCTOP_TUI_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>

/* Code of one word; K_NONE if it is none. */
int keymap_code(const char *word, size_t n);
/* "Enter", "F5" …: the i-th of those that are no single character; NULL after the last. */
const char *keymap_name(size_t i);
/* True if `key` is one of the blank-separated words. */
bool keymap_has(const char *words, int key);

#endif
