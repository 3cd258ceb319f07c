/* act.h: what actions do to a simulated pipeline, with the checks that real servers make. */
#ifndef CDCTOP_DEMO_ACT_H
#define CDCTOP_DEMO_ACT_H

#include "action/action.h"
#include "demo/sim.h"

/* True: the server accepted it; text says what it answered. False and *err: refused. */
bool act_on(struct sim *sim, const struct action_args *args, char *text, size_t size,
            struct err *err);

#endif
