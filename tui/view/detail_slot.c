/* detail_slot.c: a replication slot: what it holds, who holds it, what pins it. */
#include "base/clock.h"
#include "base/human.h"
#include "base/lsn.h"
#include "model/series.h"
#include "tui/draw/glyph.h"
#include "tui/view/view.h"

#include <math.h>

static const char *lsn_or_dash(const struct scene *s, uint64_t lsn)
{
    char buf[LSN_TEXT];
    return lsn == LSN_NONE ? "–" : scene_text(s, "%s", lsn_text(lsn, buf, sizeof(buf)));
}

static const char *time_text(const struct scene *s, int64_t ms)
{
    char buf[40];
    return ms == UNKNOWN ? "–" : scene_text(s, "%s", clock_iso(ms, buf, sizeof(buf)));
}

static void retention(const struct scene *s, struct doc *d, const struct slot_row *r)
{
    enum { SPAN_MS = 10 * 60 * 1000, BARS = 60 };
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    const struct snapshot *snap = world_snap(s->m->world, s->app->pipeline, SOURCE_POSTGRES);
    doc_head(d, "Retained WAL", NULL);
    doc_kvf(d, "retained", glyph_style(r->base.verdict), "%s", human_bytes(a, r->retained));
    doc_kvf(d, "growth", ROLE_TEXT, "%s",
            isnan(r->retained_rate) ? "…" : human_byte_rate(b, r->retained_rate));
    doc_kvf(d, "not confirmed", ROLE_TEXT, "%s", human_bytes(a, r->behind));
    doc_kvf(d, "consumer confirms", ROLE_TEXT, "%s",
            isnan(r->confirmed_rate) ? "…" : human_byte_rate(b, r->confirmed_rate));
    int64_t limit = snap != NULL ? snap->pg.max_slot_wal_keep_size : UNKNOWN;
    doc_kvf(d, "limit", ROLE_TEXT, "%s",
            limit == UNKNOWN ? "unknown"
            : limit < 0      ? "none (max_slot_wal_keep_size = -1): the disk is the limit"
                             : human_bytes(a, limit));
    if (limit > 0 && r->retained != UNKNOWN)
        doc_kvf(d, "of the limit", glyph_style(r->base.verdict), "%s",
                human_percent(a, (double)r->retained / (double)limit));
    doc_kvf(d, "lost in", r->lost_in_ms != UNKNOWN ? glyph_style(r->base.verdict) : ROLE_DIM,
            "%s%s", human_duration_ms(a, r->lost_in_ms),
            r->lost_in_ms != UNKNOWN ? ", est. at the present growth" : "");
    double *bars = arena_array(s->arena, BARS, sizeof(*bars));
    const struct series *series =
        series_find(s->wp->series, scene_text(s, "retained %s", r->base.name));
    series_slices(series, s->m->world->mono_ms, SPAN_MS, bars, BARS);
    doc_line(d);
    doc_span(d, 4, DOC_LABEL, false, ROLE_DIM, "last 10 minutes");
    doc_spark(d, 4 + DOC_LABEL, BARS, ROLE_SPARK, bars, BARS);
}

static void consumer(const struct scene *s, struct doc *d, const struct slot_row *r)
{
    char a[HUMAN_SIZE];
    const struct pg_walsender *w = r->slot->walsender;
    doc_head(d, "Consumer", NULL);
    doc_kv(d, "owner", ROLE_TEXT,
           r->owner != NULL ? scene_text(s, "connector %s", r->owner->name)
                            : "no connector that is seen here names this slot");
    if (r->idle_ms != UNKNOWN)
        doc_kvf(d, "idle for", ROLE_WARN, "%s%s", r->idle_at_least ? "at least " : "",
                human_duration_ms(a, r->idle_ms));
    if (w == NULL) {
        doc_kv(d, "walsender", ROLE_DIM,
               r->slot->active == TRI_YES ? "not readable with the present rights" : "none");
        return;
    }
    doc_kvf(d, "walsender", ROLE_TEXT, "pid %d, %s", w->pid, w->state != NULL ? w->state : "–");
    doc_kv(d, "application", ROLE_TEXT, w->application_name);
    doc_kv(d, "user", ROLE_TEXT, w->user);
    doc_kv(d, "client", ROLE_TEXT, w->client_addr != NULL ? w->client_addr : "local");
    doc_kv(d, "since", ROLE_TEXT, time_text(s, w->backend_start_ms));
    doc_kv(d, "sent", ROLE_TEXT, lsn_or_dash(s, w->sent_lsn));
    doc_kv(d, "flushed", ROLE_TEXT, lsn_or_dash(s, w->flush_lsn));
    doc_kv(d, "last reply", ROLE_TEXT, time_text(s, w->reply_ms));
}

static void pins(const struct scene *s, struct doc *d, const struct pg_snap *pg)
{
    char a[HUMAN_SIZE];
    int64_t now = world_server_now(s->m->world, s->app->pipeline, SOURCE_POSTGRES);
    doc_head(d, "What can hold it back", "oldest transactions of this server");
    if (pg->nholders == 0)
        doc_kv(d, "transactions", ROLE_DIM, "none is open");
    for (size_t i = 0; i < pg->nholders && i < 10; i++) {
        const struct pg_holder *h = &pg->holders[i];
        const char *who =
            h->pid != 0 ? scene_text(s, "pid %d", h->pid) : scene_text(s, "prepared %s", h->gid);
        const char *age =
            h->xact_start_ms == UNKNOWN ? "–" : human_duration_ms(a, now - h->xact_start_ms);
        doc_kv(d, who, ROLE_TEXT,
               scene_text(s, "%s open, %s, %s", age,
                          h->application_name ? h->application_name : "–",
                          h->state != NULL ? h->state : "–"));
        if (h->query != NULL && h->query[0] != '\0')
            doc_wrap(d, 4 + DOC_LABEL, ROLE_DIM, h->query);
    }
}

static void build(const struct scene *s, struct doc *d)
{
    const struct row_base *row = view_row(s, PANE_SLOTS);
    if (row == NULL) {
        view_gone(s, d, SOURCE_POSTGRES);
        return;
    }
    const struct slot_row *r = (const struct slot_row *)row;
    const struct snapshot *snap = world_snap(s->m->world, s->app->pipeline, SOURCE_POSTGRES);
    doc_kv(d, "state", r->slot->active == TRI_YES ? ROLE_OK : glyph_style(row->verdict), r->state);
    if (row->why != NULL && row->why[0] != '\0')
        doc_kv(d, "verdict", glyph_style(row->verdict), row->why);
    retention(s, d, r);
    consumer(s, d, r);
    if (snap != NULL)
        pins(s, d, &snap->pg);
    d->label = 24;
    doc_head(d, "pg_replication_slots", "every column of this server's version");
    for (size_t i = 0; i < r->slot->ncolumns; i++)
        doc_kv(d, r->slot->columns[i].key, r->slot->columns[i].value != NULL ? ROLE_TEXT : ROLE_DIM,
               r->slot->columns[i].value != NULL ? r->slot->columns[i].value : "NULL");
}

static const char *note(const struct scene *s, unsigned *style)
{
    const struct row_base *row = view_row(s, PANE_SLOTS);
    if (row == NULL)
        return NULL;
    *style = glyph_style(row->verdict);
    return scene_text(s, "%s%s", row->stale ? "stale · " : "", verdict_name(row->verdict));
}

const struct view_ops view_slot = {
    .id = VIEW_SLOT, .title = "Slot", .build = build, .of = &pane_slots, .note = note};
