/* tour.h: a guided tour through a demo: at which stop it is, and how to get to the next one.
 *
 * The stops are data (demo/scenario.h). Time goes on at a stop, but not beyond the next one: it
 * waits there, unless an action is still being followed.
 */
#ifndef CDCTOP_TUI_TOUR_H
#define CDCTOP_TUI_TOUR_H

#include "demo/scenario.h"
#include "engine.h"
#include "tui/model.h"

struct tour;
struct tour *tour_new(const struct scenario *scenario); /* NULL: it is none */
void tour_free(struct tour *tour);

const struct tour_place *tour_place(const struct tour *tour); /* NULL for NULL */
/* +1 on, -1 back; nothing beyond the ends. Forward what was done stays done, back it is undone. */
void tour_move(struct tour *tour, struct engine *engine, int by);
void tour_hold(const struct tour *tour, struct engine *engine); /* after each step */

#endif
