/* snapshots.h: every snapshot that is known of, as rows: the newest of each source as it is joined
 * from all who know of it, earlier ones by their notifications, and signals that nobody has
 * answered yet by what we sent. */
#ifndef CDCTOP_TUI_VIEW_SNAPSHOTS_H
#define CDCTOP_TUI_VIEW_SNAPSHOTS_H

#include "model/ledger.h"
#include "model/snapshot_status.h"
#include "tui/view/pane.h"

struct snapshot_row {
    struct row_base base; /* name: connector and id */
    const struct connector_row *connector;
    const struct snapshot_status *status;  /* of the newest one; NULL */
    const struct snapshot_progress *p;     /* NULL: a signal alone */
    const struct ledger_entry *asked;      /* what we sent for it; NULL: not by us */
    const char *id;                        /* NULL: it has none */
    const char *state;                     /* "running", "never seen" … */
    const char *type;                      /* "incremental", "initial or blocking" */
    int64_t started_ms, ended_ms, took_ms; /* wall clock; UNKNOWN */
    bool running;
};

/* In the arena; returns how many. */
size_t snapshot_rows(const struct scene *s, struct snapshot_row **out);

/* "▇▇▇▇░░░░░░ 47 %" into the cell; "–" when it is not known. */
void snapshot_bar(struct cell_out *out, double fraction);
/* "4m10s to 9m", "not known yet". */
const char *snapshot_left(const struct scene *s, const struct snapshot_status *st);
/* "1,204 rows/s", "2.1 tables/min"; NULL: not known. */
const char *snapshot_rate(const struct scene *s, const struct snapshot_status *st);

#endif
