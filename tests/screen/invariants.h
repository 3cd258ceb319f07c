/* invariants.h: what must hold of an app and its canvas after every frame, whatever was pressed. */
#ifndef CDCTOP_TESTS_INVARIANTS_H
#define CDCTOP_TESTS_INVARIANTS_H

#include "tests/screen/demo_stage.h"

/* NULL: all of it holds; else what does not, in the frame's arena. */
const char *invariants_broken(struct demo_stage *st);

#endif
