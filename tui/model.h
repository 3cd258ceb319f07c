/* model.h: everything that a frame is drawn from. The loop fills it before each update and each
 * frame; tests fill it by hand. All pointers are borrowed and good until the next step. */
#ifndef CDCTOP_TUI_MODEL_H
#define CDCTOP_TUI_MODEL_H

#include "action/action.h"
#include "base/log.h"
#include "base/self.h"
#include "config/config.h"
#include "diagnosis/diagnosis.h"
#include "model/peek.h"
#include "model/pipeline.h"
#include "model/world.h"
#include "tui/when.h"

enum { MODEL_ACTIONS = 32, MODEL_LOG = 200 };

struct option;

struct app_pipeline {
    const struct pipeline *pipeline; /* NULL: nothing joined yet */
    const struct findings *findings; /* NULL: none yet */
};

/* A stop of a guided tour: what its caption says, what to press, and the keys that lead there. */
struct tour_place {
    const char *says, *press, *keys;
    size_t nth, of; /* from 1 on */
};

struct app_model {
    const struct config *config;
    const struct world *world; /* NULL: not started yet */
    const struct app_pipeline *pipelines;
    size_t npipelines;        /* as in the config; 0: nothing configured */
    int64_t mono_ms, wall_ms; /* by the clocks of what is shown: the demo's may run faster */
    int64_t ui_ms;            /* our own monotonic clock: what the front end itself times */
    int64_t interval_ms;
    struct when when;
    struct action_status actions[MODEL_ACTIONS]; /* newest first */
    size_t nactions;
    const struct peek_answer *peeked; /* the newest answer, maybe to an older request; NULL */
    const struct self_usage *self;    /* what we cost; NULL: not known */
    const char *audit_path;           /* where actions are recorded; NULL: not known */
    const struct log_line *log;       /* oldest first */
    int nlog;
    const char *demo;              /* its title; NULL: the servers are real */
    const struct tour_place *tour; /* NULL: there is none */
    /* The memory of the diagnosis; NULL before the start. */
    void *ctx;
    size_t (*history)(void *ctx, size_t pipeline, struct finding_event *out, size_t max);
    bool (*mute)(void *ctx, size_t pipeline, const struct mute *mute);
    bool (*unmute)(void *ctx, size_t pipeline, const char *rule, const char *object);
    /* A threshold of that pipeline, for as long as the program runs; false and why not. */
    bool (*set)(void *ctx, size_t pipeline, const struct option *option, const char *text,
                const char **why);
    /* What would happen: action_plan in the program, a made-up one in tests. */
    struct action_plan *(*plan)(const struct action_args *args, const struct world *world,
                                const struct pipeline *pipeline, struct arena *arena);
};

#endif
