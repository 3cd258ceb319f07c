/* trial.h: an action on the pipeline of world_fixture.h: planned, done, judged by what comes. */
#ifndef CDCTOP_TESTS_TRIAL_H
#define CDCTOP_TESTS_TRIAL_H

#include "action/action.h"
#include "tests/unit/world_fixture.h"

struct trial {
    struct fixture f;
    struct action_args *args;
    struct action_before before;
    char text[400]; /* of the latest verdict */
    int percent;
};

void trial_begin(struct trial *t, enum action_kind kind, const char *target);
void trial_end(struct trial *t);
/* As of a tick later; valid until the end. */
const struct action_plan *trial_plan(struct trial *t);
/* It is sent now, after a tick … */
void trial_act(struct trial *t);
/* … and this is what comes of it, ms later. */
enum action_state trial_after(struct trial *t, int64_t ms);
/* Fails the test unless the verdict has these words. */
void trial_says(const struct trial *t, const char *fragment);

#endif
