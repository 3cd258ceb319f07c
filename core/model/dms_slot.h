/* dms_slot.h: the slot that the source endpoint of a DMS task names, by PostgreSQL's list of slots.
 *
 * An endpoint that names one (SlotName, or slotName among its extra connection attributes) has DMS
 * read a slot that somebody made before: DMS looks for it before the task starts, makes none in its
 * place, and raises an error (its API's documentation of SlotName). Pure. */
#ifndef CDCTOP_MODEL_DMS_SLOT_H
#define CDCTOP_MODEL_DMS_SLOT_H

#include "model/snapshot.h"

enum dms_slot {
    DMS_SLOT_UNTOLD, /* it names none, or reads none; or not this server's, or nobody read them */
    DMS_SLOT_THERE,
    DMS_SLOT_MISSING,
    DMS_SLOT_OTHER_DATABASE, /* of the server, and no slot for the task's */
    DMS_SLOT_OTHER_PLUGIN    /* none that DMS reads; a physical slot has none */
};

/* pg: of a fresh answer. rds: NULL where nobody tells. *found (may be NULL): the slot of that name;
 * NULL: there is none. *sure (may be NULL): the endpoint's host is the server's by name; it may
 * have another name, or none that is told. */
enum dms_slot dms_slot(const struct dms_task *task, const struct pg_snap *pg,
                       const struct rds_snap *rds, const struct pg_slot **found, bool *sure);

#endif
