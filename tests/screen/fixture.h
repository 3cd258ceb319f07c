/* fixture.h: worlds made by hand for the screens: fixed times, names and figures. */
#ifndef CDCTOP_TESTS_FIXTURE_H
#define CDCTOP_TESTS_FIXTURE_H

#include "tui/model.h"

enum fixture_kind {
    FIXTURE_HEALTHY,
    FIXTURE_INCIDENT, /* a failed sink task and a forgotten slot */
    FIXTURE_STALE,    /* PostgreSQL is overdue */
    FIXTURE_UNKNOWN,  /* Kafka and Connect fail */
    FIXTURE_WAITING,  /* nothing answered yet */
    FIXTURE_EMPTY,    /* everything answers, nothing is there */
    FIXTURE_HUGE,     /* 10,000 rows in every pane */
    FIXTURE_HOSTILE,  /* names that want to harm the terminal */
    FIXTURE_FLEET,    /* twelve pipelines, some of them in trouble */
    FIXTURE_FLEETS,   /* two hundred of them */
    FIXTURE_NOTHING,  /* no pipeline configured */
    FIXTURE_BEFORE,   /* the first frame: the engine has not started */
    FIXTURE_COUNT
};

struct fixture;
struct fixture *fixture_new(enum fixture_kind kind);
void fixture_free(struct fixture *f);
struct app_model *fixture_model(struct fixture *f);
const char *fixture_name(enum fixture_kind kind);

/* What a command has muted; no rule: nothing. */
const struct mute *fixture_muted(const struct fixture *f);

/* A second later: for programs that run. */
void fixture_now(struct fixture *f, int64_t mono_ms, int64_t wall_ms);
/* An action in the list. */
void fixture_action(struct fixture *f, enum action_kind kind, const char *target,
                    enum action_state state, const char *text);

#define FIXTURE_MONO INT64_C(1000000)
#define FIXTURE_WALL INT64_C(1795183402000) /* 2026-11-20T14:03:22Z */

#endif
