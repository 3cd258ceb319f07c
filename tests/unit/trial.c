#include "tests/unit/trial.h"

#include "tests/check.h"

#include <string.h>

enum { TICK_MS = 2000, LIMIT_MS = 90 * 1000 };

void trial_begin(struct trial *t, enum action_kind kind, const char *target)
{
    fixture_open(&t->f);
    t->args = action_args_new(kind, 0, target);
    t->percent = -1;
}

void trial_end(struct trial *t)
{
    action_args_free(t->args);
    fixture_close(&t->f);
}

const struct action_plan *trial_plan(struct trial *t)
{
    fixture_tick(&t->f, TICK_MS);
    return action_plan(t->args, t->f.world, fixture_pipeline(&t->f), t->f.arena);
}

void trial_act(struct trial *t)
{
    fixture_tick(&t->f, TICK_MS);
    action_before(t->args, t->f.world, fixture_pipeline(&t->f), &t->before);
}

enum action_state trial_after(struct trial *t, int64_t ms)
{
    fixture_tick(&t->f, ms);
    return action_verdict(t->args, &t->before, t->f.world, fixture_pipeline(&t->f), LIMIT_MS,
                          t->text, sizeof(t->text), &t->percent);
}

void trial_says(const struct trial *t, const char *fragment)
{
    if (strstr(t->text, fragment) == NULL)
        fail_msg("'%s' is not said: %s", fragment, t->text);
}
