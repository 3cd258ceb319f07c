/* screen.h: where a canvas goes: a terminal (screen_curses.c, the only file that knows curses),
 * text (screen_dump.c, for tests and for `w`) or a picture (screen_svg.c). */
#ifndef CDCTOP_TUI_TERM_SCREEN_H
#define CDCTOP_TUI_TERM_SCREEN_H

#include "base/err.h"
#include "base/strbuf.h"
#include "tui/draw/canvas.h"
#include "tui/draw/theme.h"
#include "tui/key.h"

struct screen;

/* Takes the terminal over. NULL and *err if that is impossible (no terminal, no terminfo). */
struct screen *screen_open(const struct theme *theme, bool no_color, struct err *err);
/* Gives it back as it was. Safe to call twice and from an exit path; NULL is fine. */
void screen_close(struct screen *screen);

void screen_size(struct screen *screen, int *w, int *h);
void screen_resized(struct screen *screen); /* asks the terminal how large it is now */
void screen_show(struct screen *screen, const struct canvas *cv); /* sends the difference */
/* False: the last frame is still on its way; an answer of the terminal will come as input. */
bool screen_ready(struct screen *screen);
void screen_repaint(struct screen *screen); /* forget what is there: the next show sends all */
void screen_theme(struct screen *screen, const struct theme *theme);
int screen_key(struct screen *screen);             /* next key pressed; -1 none waiting */
void screen_mouse(struct screen *screen, bool on); /* off at first */
bool screen_mouse_event(struct screen *screen, struct mouse *out); /* after K_MOUSE */
void screen_suspend(struct screen *screen); /* until the shell brings it back */
void screen_resumed(struct screen *screen); /* after a stop from outside */
/* By OSC 52; NULL, or why this terminal does not take it. force: try it whatever terminal it is. */
const char *screen_copy(struct screen *screen, const char *text, bool force);

/* The canvas as text, one line per row, trailing blanks cut. With roles: a second block with one
 * letter per cell (see screen_dump.c). */
void screen_dump(const struct canvas *cv, bool roles, struct strbuf *out);

/* screen_svg.c: the canvas as a picture in the colours of the theme, whole in itself. */
void screen_svg(const struct canvas *cv, const struct theme *theme, struct strbuf *out);

/* restore.c: what brings the terminal back from a crash: prepared while all is well, async-signal-
 * safe when it is not. */
void restore_prepare(const char *sequence);
void restore_now(void);
void restore_forget(void);
void restore_on_crash(void); /* SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT */

#endif
