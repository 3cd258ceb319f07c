/* dialog.h: what lies over a view and has all keys: the menus, the table picker, and the
 * confirmation that every action passes. */
#ifndef CDCTOP_TUI_DIALOG_DIALOG_H
#define CDCTOP_TUI_DIALOG_DIALOG_H

#include "tui/state.h"

void dialog_key(const struct scene *s, int key);
void dialog_draw(const struct scene *s);
void dialog_close(struct app *app);

/* Takes args. The picker asks for tables first, then opens the confirmation itself. */
void confirm_open(const struct scene *s, struct action_args *args);
void picker_open(const struct scene *s, struct action_args *args);

/* The same action on every marked row of the present pane. */
void bulk_open(const struct scene *s, enum action_kind kind);
/* NULL: that is possible for at least one of them. */
const char *bulk_blocked(const struct scene *s, enum action_kind kind, size_t *possible);

/* Which columns the present list has. */
void columns_open(const struct scene *s);

void columns_key(const struct scene *s, int key);
void columns_draw(const struct scene *s);
void bulk_key(const struct scene *s, int key);
void bulk_draw(const struct scene *s);
void confirm_key(const struct scene *s, int key);
void confirm_draw(const struct scene *s);
void picker_key(const struct scene *s, int key);
void picker_draw(const struct scene *s);
void menu_key(const struct scene *s, int key);
void menu_draw(const struct scene *s);

/* "Esc close": the way out, for keys and clicks. */
void dialog_esc(const struct scene *s, int x, int y, unsigned style, const char *words);

/* A centred frame of at most w×h over a dimmed screen; returns its inside. */
struct rect dialog_frame(const struct scene *s, int w, int h, unsigned style, const char *title);

#endif
