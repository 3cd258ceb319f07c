/* How far the whole of a snapshot is. */
#include "model/snapshot_int.h"

#include <math.h>

/* How much of it is read. What nobody announces and what grows by nothing that is seen may be
 * anywhere: NAN. */
static double part_of(const struct snapshot_status *s, const struct snapshot_table *t)
{
    if (t->state >= TABLE_DONE)
        return 1;
    bool told = s->type == SNAPSHOT_INCREMENTAL ? t->state == TABLE_WAITING : s->by_notes;
    return isnan(t->fraction) && told ? 0 : t->fraction;
}

/* A table that PostgreSQL has not counted is one that little was ever written to: it weighs nothing
 * beside the others, unless it is seen to grow. */
void snapshot_weigh(struct snapshot_status *out)
{
    enum { SMALL = 10 }; /* a tenth of the others */
    struct snapshot_progress *p = &out->p;
    double total = 0, left = 0, tables_left = 0, uncounted = 0;
    bool all = p->ntables > 0, counted = p->ntables > 0;
    for (size_t i = 0; i < p->ntables; i++) {
        const struct snapshot_table *t = &p->tables[i];
        double part = part_of(out, t);
        bool reading = out->type == SNAPSHOT_INCREMENTAL && t->state == TABLE_READING;
        all = all && !isnan(part);
        tables_left += isnan(part) ? 1 : 1 - part;
        if (t->total == UNKNOWN) {
            counted = counted && !reading;
            uncounted += t->rows != UNKNOWN ? (double)t->rows : 0;
            continue;
        }
        counted = counted && !isnan(part);
        total += (double)t->total;
        left += isnan(part) ? 0 : (1 - part) * (double)t->total;
    }
    counted = counted && total > 0 && uncounted * SMALL <= total;
    out->tables_left = tables_left;
    out->rows_left = counted ? (int64_t)left : UNKNOWN;
    p->fraction = counted ? 1 - left / total : all ? 1 - tables_left / (double)p->ntables : NAN;
}
