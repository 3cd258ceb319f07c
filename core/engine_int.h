/* engine_int.h: what the files of the engine share; engine.h is the door for everybody else. */
#ifndef CDCTOP_ENGINE_INT_H
#define CDCTOP_ENGINE_INT_H

#include "engine.h"

enum { STOP_MS = 500, ACTIONS_KEPT = 64, LOOK_MAX = 32 };

/* An action from its submission until its verdict, and a while longer for the list. */
struct tracked {
    struct action_status status;
    struct action_args *args;
    struct action_before before;
    int64_t watching_since_ms; /* monotonic; 0: not yet */
    bool by_topic;             /* a signal through the Kafka topic */
};

struct joined {
    struct arena *arena;
    struct pipeline *pipeline;
    struct findings findings;
    struct diagnosis *diagnosis;
    char *look[LOOK_MAX];
    size_t nlook;
};

struct engine {
    const struct config *config;
    struct backend from;
    struct world *world;
    int bell;
    bool started;    /* the backend is */
    bool clocks_log; /* the log goes by its clock */
    struct joined *joined;
    struct tracked actions[ACTIONS_KEPT];
    size_t nactions; /* ever; the newest is at (nactions - 1) % ACTIONS_KEPT */
    int64_t interval_ms;
    unsigned npeeks; /* ever asked for: the id of the newest */
    struct peek_answer *peeked;
    const struct engine_watch *watches[ENGINE_WATCHES];
};

/* The backend's clocks. */
static inline int64_t engine_mono(const struct engine *e)
{
    return e->from.ops->mono_ms(e->from.self);
}

static inline int64_t engine_wall(const struct engine *e)
{
    return e->from.ops->wall_ms(e->from.self);
}

/* Those of the configuration; false: one names no rule. */
bool engine_start_mutes(struct engine *e, struct err *err);

/* engine_actions.c: what the backend said of them; what the world says; at the end. True: news. */
bool engine_collect(struct engine *e);
bool engine_judge(struct engine *e);
void engine_leave_actions(struct engine *e);
/* What was done at the time of a recording. */
bool engine_acted(struct engine *e);

/* engine_watch.c: to all who watch. */
void engine_tell_report(const struct engine *e, size_t pipeline, enum source_kind kind,
                        const struct report *report);
void engine_tell_action(const struct engine *e, size_t pipeline, const struct ledger_entry *entry);
void engine_tell_step(const struct engine *e);
void engine_tell_anew(const struct engine *e);

#endif
