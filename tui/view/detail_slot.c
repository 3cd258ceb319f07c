/* detail_slot.c: a replication slot: what it holds, who holds it, what pins it. */
#include "base/clock.h"
#include "base/human.h"
#include "base/lsn.h"
#include "model/pg_session.h"
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

static const struct series *retained_series(const struct scene *s, const struct slot_row *r)
{
    return s->wp != NULL ? series_find(s->wp->series, scene_text(s, "retained %s", r->base.name))
                         : NULL;
}

/* What was retained at n moments up to now, one after the other; NAN where nobody looked. */
static double *retained_over(const struct scene *s, const struct slot_row *r, int n,
                             int64_t *span_ms)
{
    enum { LEAST_MS = 60 * 1000, BLIND_MS = 30 * 1000 };
    double *out = arena_array(s->arena, (size_t)n, sizeof(*out));
    const struct series *series = retained_series(s, r);
    struct point p = {0, NAN};
    int i = 0;
    int samples = series_samples(series);
    if (samples > 0)
        (void)series_at(series, samples - 1, &p);
    int64_t now = s->m->world->mono_ms;
    *span_ms = samples > 0 && now - p.t > LEAST_MS ? now - p.t : LEAST_MS;
    bool more = series_at(series, 0, &p);
    for (int at = n - 1; at >= 0; at--) {
        int64_t t = now - *span_ms * (n - 1 - at) / n;
        while (more && p.t > t)
            more = series_at(series, ++i, &p);
        out[at] = more && t - p.t <= BLIND_MS + 2 * s->m->interval_ms ? p.v : NAN;
    }
    return out;
}

static char *figure_of_bytes(char *buf, double value)
{
    return human_bytes(buf, (int64_t)value);
}

static void put_graph(const struct scene *s, struct doc *d, const struct slot_row *r, int64_t limit)
{
    enum { INDENT = 4, MOST_W = 180 };
    struct graph *g = arena_alloc(s->arena, sizeof(*g));
    char buf[HUMAN_SIZE];
    int64_t span;
    if (series_samples(retained_series(s, r)) < 2) {
        doc_kv(d, "graph", ROLE_DIM, "begins with the second answer");
        return;
    }
    int w = d->width - 2 * INDENT < MOST_W ? d->width - 2 * INDENT : MOST_W;
    int h = s->app->h >= 60 ? 18 : s->app->h >= 44 ? 14 : s->app->h >= 30 ? 11 : 8;
    *g = (struct graph){
        .limit = limit > 0 ? (double)limit : NAN,
        .low_ms = r->lost.known ? r->lost.low_ms : -1,
        .high_ms = r->lost.known ? r->lost.high_ms : INT64_MAX,
        .style = ROLE_SPARK,
        .limit_style = r->lost.known ? glyph_style(r->base.verdict) : (unsigned)ROLE_DIM,
        .limit_name = "limit",
        .figure = figure_of_bytes,
        .time = human_duration_ms,
    };
    g->npast = graph_columns(g, w);
    g->past = retained_over(s, r, g->npast, &span);
    g->from = scene_text(s, "%s ago", human_duration_ms(buf, span));
    doc_blank(d);
    doc_graph(d, INDENT, w, h, g);
}

/* When the limit is reached, or why nobody can tell. */
static void put_lost(const struct scene *s, struct doc *d, const struct slot_row *r, int64_t limit)
{
    char low[HUMAN_SIZE];
    char high[HUMAN_SIZE];
    char rate[HUMAN_SIZE];
    const char *none = series_samples(retained_series(s, r)) < 3
                           ? "not known: fewer than three samples"
                       : limit == UNKNOWN        ? "not known: the limit is not"
                       : limit < 0               ? "never by a limit; the disk is what ends"
                       : !(r->retained_rate > 0) ? "not in sight: what it retains does not grow"
                                                 : "not in sight: its consumer keeps up";
    if (!r->lost.known) {
        doc_kv(d, "lost in", ROLE_DIM, none);
        return;
    }
    human_duration_ms(low, r->lost.low_ms);
    const char *range =
        r->lost.high_ms == INT64_MAX
            ? scene_text(s, "%s at the soonest", low)
            : scene_text(s, "%s to %s", low, human_duration_ms(high, r->lost.high_ms));
    doc_kvf(d, "lost in", glyph_style(r->base.verdict), "est. %s at %s, from %d samples", range,
            human_byte_rate(rate, r->lost.per_s), r->lost_samples);
}

static void retention(const struct scene *s, struct doc *d, const struct slot_row *r)
{
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    const struct snapshot *snap = world_snap(s->m->world, s->app->pipeline, SOURCE_POSTGRES);
    int64_t limit = snap != NULL ? snap->pg.max_slot_wal_keep_size : UNKNOWN;
    doc_head(d, "Retained WAL", NULL);
    doc_kvf(d, "retained", glyph_style(r->base.verdict), "%s, growth %s",
            human_bytes(a, r->retained),
            isnan(r->retained_rate) ? "…" : human_byte_rate(b, r->retained_rate));
    if (r->slot->active == TRI_YES)
        doc_kvf(d, "not confirmed", ROLE_TEXT, "%s, the consumer confirms %s",
                human_bytes(a, r->behind),
                isnan(r->confirmed_rate) ? "…" : human_byte_rate(b, r->confirmed_rate));
    else
        doc_kvf(d, "not confirmed", ROLE_TEXT, "%s, nobody confirms any",
                human_bytes(a, r->behind));
    if (limit > 0 && r->retained != UNKNOWN)
        doc_kvf(d, "limit", ROLE_TEXT, "%s (max_slot_wal_keep_size), %s of it used",
                human_bytes(a, limit), human_percent(b, (double)r->retained / (double)limit));
    else
        doc_kvf(d, "limit", ROLE_TEXT, "%s",
                limit == UNKNOWN ? "unknown"
                : limit < 0      ? "none (max_slot_wal_keep_size = -1): the disk is the limit"
                                 : human_bytes(a, limit));
    put_lost(s, d, r, limit);
    put_graph(s, d, r, limit);
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
        bool pin = h == pg_session_pin(pg);
        doc_kv(d, who, pin ? ROLE_WARN : ROLE_TEXT,
               scene_text(s, "%s%s open, %s, %s", pin ? "slots wait for this one: " : "", age,
                          h->application_name ? h->application_name : "–",
                          h->state != NULL ? h->state : "–"));
        if (h->query != NULL && h->query[0] != '\0')
            doc_wrap(d, 4 + d->label, ROLE_DIM, h->query);
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
    view_rds(s, d);
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
