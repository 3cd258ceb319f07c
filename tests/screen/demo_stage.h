/* demo_stage.h: the whole program but its terminal: an app on the engine of a demo, whose time
 * moves only when told. What run.c does between keys and frames is done here in the same order. */
#ifndef CDCTOP_TESTS_DEMO_STAGE_H
#define CDCTOP_TESTS_DEMO_STAGE_H

#include "demo/demo.h"
#include "record/history.h"
#include "tui/app.h"
#include "tui/run.h"

struct demo_stage {
    struct demo *demo;
    struct config *config;
    struct run_engine *engine;
    struct run_source run;
    struct app *app;
    struct app_model model;
    struct canvas canvas;
    struct history *film;     /* what was heard; NULL */
    struct run_source filmed; /* the demo itself, while its film is played */
    unsigned asked;           /* a bit for each effect_kind, since it was last cleared */
    bool overflow;            /* more effects than the queue holds were asked for */
};

/* At the moment where its scenario lets a person come in. */
void demo_stage_open(struct demo_stage *st, const char *scenario, int w, int h, bool ascii);
void demo_stage_close(struct demo_stage *st);
/* A new app on the same engine: as after leaving and coming back. */
void demo_stage_again(struct demo_stage *st);

/* Keeps from now on what is heard; replay then plays that, and stands at its end. */
void demo_stage_film(struct demo_stage *st);
void demo_stage_replay(struct demo_stage *st);

void demo_stage_key(struct demo_stage *st, int key);
void demo_stage_mouse(struct demo_stage *st, const struct mouse *event);
void demo_stage_resize(struct demo_stage *st, int w, int h);
/* So much time passes; a display that is held does not see it. */
void demo_stage_wait(struct demo_stage *st, int64_t ms);
void demo_stage_draw(struct demo_stage *st);

/* For what is asked of the app between frames; good until the next key. */
struct scene demo_stage_scene(struct demo_stage *st);

#endif
