/* app.h: the front end as a pure machine: keys and models in, cells and effects out. No I/O. */
#ifndef CDCTOP_TUI_APP_H
#define CDCTOP_TUI_APP_H

#include "tui/state.h"

enum { APP_MIN_W = 60, APP_MIN_H = 15 };

/* pipeline: the name to begin with, or NULL; several pipelines without a name begin with the list.
 */
struct app *app_new(const struct config *config, const char *pipeline, bool ascii);
void app_free(struct app *app);

void app_key(struct app *app, const struct app_model *m, int key);
void app_mouse(struct app *app, const struct app_model *m, const struct mouse *event);
/* After every step of the model: tells what became of actions, lets toasts go. */
void app_tick(struct app *app, const struct app_model *m);
void app_render(struct app *app, const struct app_model *m, struct canvas *cv);

/* The next thing to do for it; the caller owns text and args. False: nothing. */
bool app_take(struct app *app, struct effect *out);
/* The engine's answer to EFFECT_SUBMIT: id, or 0 and why not. */
void app_submitted(struct app *app, unsigned id, const char *why_not);
/* The same of EFFECT_PEEK with a request. */
void app_asked(struct app *app, unsigned id, const char *why_not);

/* Topics on the screen now, for sampling; names borrowed until the next frame. */
size_t app_topics(struct app *app, const struct app_model *m, const char **out, size_t max);

#endif
