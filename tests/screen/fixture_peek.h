/* fixture_peek.h: answers to looks into made-up topics and objects. */
#ifndef CDCTOP_TESTS_FIXTURE_PEEK_H
#define CDCTOP_TESTS_FIXTURE_PEEK_H

#include "tests/screen/golden.h"

enum peek_scene {
    PEEK_SCENE_MIX,     /* every kind of change and of value */
    PEEK_SCENE_HOSTILE, /* keys, values and headers that want to harm the terminal */
    PEEK_SCENE_WIDE,    /* values of 10,000 columns */
    PEEK_SCENE_EMPTY,
    PEEK_SCENE_ERROR,
    PEEK_SCENE_LATER, /* no answer yet */
    PEEK_SCENE_JSONL, /* an object of JSON lines */
    PEEK_SCENE_AVRO,  /* an object of bytes */
};

/* Makes the answer to it; owned by the caller. */
struct peek_answer *fixture_peek(unsigned id, const struct peek_request *request,
                                 enum peek_scene what);

/* What the app has asked for since: answered so. Other effects are dropped. Returns how many looks
 * were asked for, -1 when the last effect gave up looking. */
int stage_peek(struct stage *st, enum peek_scene what);

#endif
