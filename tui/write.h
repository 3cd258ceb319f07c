/* write.h: the screen and its data into files, and into the clipboard: what the app itself, which
 * does no I/O, asks for. Each says in a toast where it went. */
#ifndef CDCTOP_TUI_WRITE_H
#define CDCTOP_TUI_WRITE_H

#include "tui/app.h"
#include "tui/term/screen.h"

/* wish: FILE.txt (the screen), FILE.json (all of the pipeline, as `status --json`), FILE.csv (the
 * present list), FILE.connector.json (the config of the connector that the screen is about, secrets
 * masked); without such an ending the first two; NULL: into a name of its own. Never over
 * what is there. */
void write_out(struct app *app, const struct app_model *m, struct canvas *cv, const char *wish);

/* By OSC 52; into a file of its own (0600) where the terminal cannot, or is not to. screen NULL: a
 * terminal that cannot. */
void write_copy(struct app *app, const struct app_model *m, struct screen *screen,
                const char *text);

#endif
