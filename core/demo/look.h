/* look.h: records of a simulated topic and lines of a simulated object, made from partition and
 * offset alone: the same ones whenever they are looked at. */
#ifndef CDCTOP_DEMO_LOOK_H
#define CDCTOP_DEMO_LOOK_H

#include "demo/sim.h"
#include "model/peek.h"

void look_into(const struct sim *sim, struct peek_answer *answer);

#endif
