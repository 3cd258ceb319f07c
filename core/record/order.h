/* order.h: the arrays of a snapshot that promise an order, brought into it.
 *
 * A source sorts what it tells, and look-ups halve their way through it. Names that --redact has
 * made up stand where the true ones stood: whoever reads them sorts anew.
 */
#ifndef CDCTOP_RECORD_ORDER_H
#define CDCTOP_RECORD_ORDER_H

#include "base/err.h"
#include "model/snapshot.h"

/* A copy with every array in its order; NULL: it is too large. */
struct snapshot *order_copy(const struct snapshot *snap, struct err *err);

#endif
