#include "tui/tour.h"

#include "base/mem.h"

#include <stdlib.h>

struct tour {
    const struct scenario *scenario;
    size_t at;
    struct tour_place place;
};

static void arrive(struct tour *t, size_t at)
{
    const struct scenario_stop *stop = &t->scenario->stops[at];
    t->at = at;
    t->place =
        (struct tour_place){stop->says, stop->press, stop->keys, at + 1, t->scenario->nstops};
}

struct tour *tour_new(const struct scenario *scenario)
{
    if (scenario == NULL || scenario->nstops == 0)
        return NULL;
    struct tour *t = mem_alloc(sizeof(*t));
    t->scenario = scenario;
    arrive(t, 0);
    return t;
}

void tour_free(struct tour *tour)
{
    free(tour);
}

const struct tour_place *tour_place(const struct tour *tour)
{
    return tour != NULL ? &tour->place : NULL;
}

void tour_move(struct tour *tour, struct engine *engine, int by)
{
    struct play play;
    if ((by < 0 && tour->at == 0) || (by > 0 && tour->at + 1 == tour->scenario->nstops) ||
        !engine_play(engine, &play))
        return;
    size_t to = by < 0 ? tour->at - 1 : tour->at + 1;
    int64_t at_ms = tour->scenario->stops[to].at_ms;
    if (by < 0 || play.at_ms < at_ms)
        (void)engine_go(engine, at_ms);
    engine_pace(engine, play.speed, false);
    arrive(tour, to);
}

void tour_hold(const struct tour *tour, struct engine *engine)
{
    struct play play;
    struct action_status last = {.state = ACTION_WORKED};
    if (tour == NULL || !engine_play(engine, &play))
        return;
    (void)engine_actions(engine, &last, 1);
    bool further = tour->at + 1 < tour->scenario->nstops;
    bool past = further && play.at_ms >= tour->scenario->stops[tour->at + 1].at_ms;
    bool wait = past && action_done(last.state);
    if (wait != play.paused)
        engine_pace(engine, play.speed, wait);
}
