/* engine_play.c: going through time that is not real. */
#include "engine_int.h"

#include <string.h>

/* Further on than this it is quicker to begin anew close by, where that is possible. */
enum { FAR_MS = 15 * 60 * 1000 };

bool engine_play(const struct engine *engine, struct play *out)
{
    const struct backend *from = &engine->from;
    if (from->ops->play != NULL)
        from->ops->play(from->self, out);
    return from->ops->play != NULL;
}

void engine_pace(struct engine *engine, double speed, bool paused)
{
    const struct backend *from = &engine->from;
    if (from->ops->pace != NULL)
        from->ops->pace(from->self, speed, paused);
}

/* Nothing was seen yet, and nothing done. Returns the moment. */
static int64_t begin_anew(struct engine *e, int64_t for_ms)
{
    const struct backend *from = &e->from;
    int64_t at_ms = 0;
    if (from->ops->anew != NULL)
        at_ms = from->ops->anew(from->self, for_ms);
    else
        from->ops->seek(from->self, 0);
    world_free(e->world);
    e->world = world_new(e->config);
    world_now(e->world, engine_mono(e), engine_wall(e));
    for (size_t i = 0; i < e->config->npipelines; i++) {
        struct joined *j = &e->joined[i];
        diagnosis_free(j->diagnosis);
        j->diagnosis = diagnosis_new();
        j->pipeline = NULL;
        j->findings = (struct findings){0};
        arena_reset(j->arena);
    }
    for (size_t i = 0; i < ACTIONS_KEPT; i++)
        action_args_free(e->actions[i].args);
    memset(e->actions, 0, sizeof(e->actions));
    e->nactions = 0;
    struct err err = ERR_INIT;
    (void)engine_start_mutes(e, &err); /* they were fine the first time */
    engine_tell_anew(e);
    (void)engine_step(e);
    return at_ms;
}

/* What lies further back is seen in fewer moments. */
static int64_t leap(struct engine *e, int64_t from_ms, int64_t to_ms)
{
    const struct backend *from = &e->from;
    int64_t at_ms = from_ms;
    for (int64_t next = at_ms; from->ops->leap != NULL && next >= 0;) {
        at_ms = next;
        next = from->ops->leap(from->self, to_ms);
        if (next >= 0)
            (void)engine_step(e);
    }
    return at_ms;
}

bool engine_go(struct engine *engine, int64_t at_ms)
{
    const struct backend *from = &engine->from;
    struct play play;
    if (!engine_play(engine, &play))
        return false;
    bool far = from->ops->anew != NULL && at_ms - play.at_ms > FAR_MS;
    if (at_ms < play.at_ms || far || play.lost)
        play.at_ms = leap(engine, begin_anew(engine, at_ms), at_ms);
    for (int64_t t = play.at_ms + engine->interval_ms; t < at_ms; t += engine->interval_ms) {
        from->ops->seek(from->self, t);
        (void)engine_step(engine);
    }
    from->ops->seek(from->self, at_ms);
    (void)engine_step(engine);
    return true;
}
