/* detail_connector.c: a connector: root cause first, then tasks, positions, topics, config, trace.
 */
#include "tui/view/detail_dms.h"

#include "base/clock.h"
#include "base/human.h"
#include "base/lsn.h"
#include "model/connector_facts.h"
#include "model/snapshot_status.h"
#include "tui/draw/glyph.h"
#include "tui/view/detail_log.h"
#include "tui/view/detail_msk.h"
#include "tui/view/view.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum {
    CONFIG_LABEL = 40, /* Kafka Connect's keys are long */
    HISTORY_SHOWN = 12,
};

static const char *or_dash(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : "–";
}

static unsigned state_style(const char *state)
{
    if (state == NULL)
        return ROLE_DIM;
    if (strcasecmp(state, "RUNNING") == 0)
        return ROLE_OK;
    if (strcasecmp(state, "FAILED") == 0)
        return ROLE_CRIT;
    return strcmp(state, "UNASSIGNED") == 0 ? ROLE_WARN : ROLE_INFO;
}

static void put_worker(const struct scene *s, struct doc *d, const struct connect_connector *c)
{
    const struct snapshot *snap = world_snap(s->m->world, s->app->pipeline, SOURCE_CONNECT);
    const char *version = snap != NULL ? snap->connect.version : NULL;
    if (c->service == SERVICE_CONNECT)
        doc_kv(d, "worker", ROLE_TEXT,
               scene_text(s, "%s%s%s", or_dash(c->worker),
                          version != NULL ? ", Kafka Connect " : "",
                          version != NULL ? version : ""));
    else
        doc_kv(d, "run by", ROLE_TEXT, source_kind_title(service_source(c->service)));
}

static void tasks(const struct scene *s, struct doc *d, const struct connect_connector *c)
{
    if (c->service != SERVICE_CONNECT)
        return; /* their services tell of no single task */
    doc_head(d, "Tasks", scene_text(s, "%zu", c->ntasks));
    struct doc_cell head[] = {
        {4,  true,  ROLE_DIM, "TASK"      },
        {11, false, ROLE_DIM, "STATE"     },
        {24, false, ROLE_DIM, "WORKER"    },
        {0,  false, ROLE_DIM, "ROOT CAUSE"}
    };
    if (c->ntasks > 0)
        doc_row(d, 4, head, 4);
    for (size_t i = 0; i < c->ntasks; i++) {
        const struct connect_task *t = &c->tasks[i];
        struct doc_cell cells[] = {
            {4,                   true, ROLE_TEXT, scene_text(s,      "%d", t->id)},
            {11,             false,                 state_style(t->state),                         or_dash(t->state)                        },
            {24,  false,      ROLE_TEXT,or_dash(t->worker)},
            {0, false,     ROLE_CRIT,                         t->cause != NULL ? t->cause : ""                                                            }
        };
        doc_row(d, 4, cells, 4);
    }
}

/* To whom it happened: the connector itself, a task, or several of them in one moment. */
static const char *whom(const struct scene *s, const struct past_event *e)
{
    if (e->task < 0)
        return "";
    return e->tasks == 1 ? scene_text(s, "task %d", e->task) : scene_text(s, "%d tasks", e->tasks);
}

static unsigned event_style(const struct past_event *e)
{
    if (e->kind == PAST_FAILURE)
        return ROLE_CRIT;
    return e->kind == PAST_OUTCOME && !e->met ? ROLE_WARN : ROLE_TEXT;
}

static void past(const struct scene *s, struct doc *d, const struct connect_connector *c)
{
    const struct world *w = s->m->world;
    if (w == NULL || s->app->pipeline >= w->npipelines)
        return;
    const struct connector_past *p =
        connector_history_of(w->pipelines[s->app->pipeline].history, c);
    size_t n = connector_past_count(p);
    doc_head(d, "History",
             n > 0 ? "what was seen of it, newest first" : "nothing has changed since the start");
    for (size_t i = 0; i < n && i < HISTORY_SHOWN; i++) {
        const struct past_event *e = connector_past_event(p, i);
        char hms[HUMAN_SIZE];
        doc_line(d);
        doc_span(d, 4, 9, false, ROLE_DIM,
                 scene_text(s, "%s", clock_hms(e->wall_ms, hms, sizeof(hms))));
        doc_span(d, 14, 9, false, ROLE_DIM, past_kind_name(e->kind));
        doc_span(d, 24, 10, false, ROLE_DIM, whom(s, e));
        doc_wrap_on(d, 35, event_style(e), e->text[0] != '\0' ? e->text : "no root cause was told");
    }
    if (n > HISTORY_SHOWN)
        doc_wrap(d, 4, ROLE_DIM, scene_text(s, "and %zu earlier", n - HISTORY_SHOWN));
}

static void offsets(const struct scene *s, struct doc *d, const struct connect_connector *c)
{
    char lsn[LSN_TEXT];
    char iso[40];
    bool sink = c->type != NULL && strcmp(c->type, "sink") == 0;
    doc_head(d, "Offsets", sink ? "topic and partition" : "in the terms of the database");
    d->label = CONFIG_LABEL;
    if (!c->offsets_read) {
        doc_wrap(d, 4, ROLE_DIM,
                 c->service == SERVICE_CONNECT
                     ? "not read: Kafka Connect before 3.5 has no such call, or it did not answer"
                     : "its service does not tell them");
        return;
    }
    if (c->noffsets == 0)
        doc_wrap(d, 4, ROLE_DIM, "none committed yet");
    if (c->lsn != LSN_NONE)
        doc_kv(d, "position", ROLE_STRONG,
               scene_text(s, "LSN %s", lsn_text(c->lsn, lsn, sizeof(lsn))));
    if (c->source_ms != UNKNOWN)
        doc_kv(d, "source time", ROLE_TEXT,
               scene_text(s, "%s", clock_iso(c->source_ms, iso, sizeof(iso))));
    for (size_t i = 0; i < c->noffsets; i++) {
        const struct connect_offset *o = &c->offsets[i];
        const char *text = "";
        for (size_t v = 0; v < o->nvalues; v++)
            text = scene_text(s, "%s%s%s=%s", text, v > 0 ? "  " : "", o->values[v].key,
                              or_dash(o->values[v].value));
        doc_kv(d, or_dash(o->partition), ROLE_TEXT, text);
    }
}

static void progress_tables(const struct scene *s, struct doc *d, const struct snapshot_progress *p)
{
    static const char *const words[] = {[TABLE_WAITING] = "waiting",
                                        [TABLE_READING] = "reading",
                                        [TABLE_DONE] = "done",
                                        [TABLE_FAILED] = "failed"};
    for (size_t i = 0; i < p->ntables; i++) {
        const struct snapshot_table *t = &p->tables[i];
        char buf[HUMAN_SIZE];
        const char *part = t->state == TABLE_READING && !isnan(t->fraction)
                               ? scene_text(s, ", est. %s", human_percent(buf, t->fraction))
                               : "";
        doc_kv(d, t->name, t->state == TABLE_FAILED ? ROLE_CRIT : ROLE_TEXT,
               scene_text(s, "%s%s%s%s", words[t->state], part, t->status != NULL ? ", " : "",
                          t->status != NULL ? t->status : ""));
    }
}

static const char *eta(const struct scene *s, const struct snapshot_status *st)
{
    char low[HUMAN_SIZE];
    char high[HUMAN_SIZE];
    char rate[HUMAN_SIZE];
    if (!st->eta.known)
        return "not known yet";
    human_duration_ms(low, st->eta.low_ms);
    const char *until =
        st->eta.high_ms == INT64_MAX
            ? scene_text(s, "at least %s", low)
            : scene_text(s, "%s to %s", low, human_duration_ms(high, st->eta.high_ms));
    if (st->eta_by_rows)
        return scene_text(s, "est. %s, at %s rows/s", until,
                          human_count(rate, (int64_t)st->eta.per_s));
    return scene_text(s, "est. %s, at %.1f tables/min", until, st->eta.per_s * 60);
}

static void progress(const struct scene *s, struct doc *d, const struct connector_row *row)
{
    const struct snapshot_status *st = row->snapshot;
    if (st == NULL)
        return;
    const struct snapshot_progress *p = &st->p;
    char buf[HUMAN_SIZE];
    const char *type = snapshot_type_name(st->type);
    doc_head(d, "Snapshot",
             scene_text(s, "%s, %s", type != NULL ? type : "initial or blocking",
                        st->by_notes ? "by its notifications"
                                     : "by the connector's offsets: no notifications are sent"));
    doc_kvf(d, "state", ROLE_TEXT, "%s", snapshot_status_name(st));
    doc_kvf(d, "tables", p->failed > 0 ? ROLE_WARN : ROLE_TEXT, "%d of %zu done%s", p->done,
            p->ntables, p->failed > 0 ? scene_text(s, ", %d failed", p->failed) : "");
    doc_kvf(d, "rows", ROLE_TEXT, "%s", human_count(buf, p->rows));
    if (snapshot_status_running(st)) {
        doc_kvf(d, "progress", ROLE_TEXT, "est. %s", human_percent(buf, p->fraction));
        doc_kvf(d, "left", ROLE_TEXT, "%s", eta(s, st));
    }
    progress_tables(s, d, p);
}

static void trace(const struct scene *s, struct doc *d, const struct connect_connector *c)
{
    bool own = c->trace != NULL && (c->cause == NULL || strcmp(c->trace, c->cause) != 0);
    bool any = own;
    for (size_t i = 0; i < c->ntasks; i++)
        any = any || c->tasks[i].trace != NULL;
    if (!any)
        return;
    if (own) {
        doc_head(d, "Trace of the connector", NULL);
        doc_wrap(d, 4, ROLE_TEXT, c->trace);
    }
    for (size_t i = 0; i < c->ntasks; i++) {
        if (c->tasks[i].trace == NULL)
            continue;
        doc_head(d, scene_text(s, "Trace of task %d", c->tasks[i].id), NULL);
        doc_wrap(d, 4, ROLE_TEXT, c->tasks[i].trace);
    }
}

static void topics(struct doc *d, const struct scene *s, const struct connect_connector *c)
{
    doc_head(d, "Topics",
             c->topics != NULL               ? NULL
             : c->service == SERVICE_CONNECT ? "the worker does not track them"
                                             : "its service does not track them");
    for (size_t i = 0; c->topics != NULL && i < c->ntopics; i++) {
        const struct topic_row *t = pipeline_topic(s->p, c->topics[i]);
        char buf[HUMAN_SIZE];
        doc_line(d);
        doc_span(d, 4, 50, false, ROLE_TEXT, c->topics[i]);
        if (t != NULL && t->lag != UNKNOWN)
            doc_span(d, 56, 0, false, ROLE_DIM, scene_text(s, "lag %s", human_count(buf, t->lag)));
    }
}

/* What was said once is no green state of now. */
static void put_state(const struct scene *s, struct doc *d, const struct connector_row *r)
{
    const struct connect_connector *c = r->connector;
    char age[HUMAN_SIZE];
    unsigned style = r->failed > 0 ? (unsigned)ROLE_WARN : state_style(c->state);
    const char *was = "";
    if (r->base.stale) {
        enum source_kind kind = service_source(c->service);
        int64_t old = world_age(s->m->world, s->app->pipeline, kind);
        was = scene_text(s, " as of %s ago", human_age_ms(age, old));
        style = ROLE_DIM;
    }
    doc_kv(d, "state", style,
           scene_text(s, "%s%s, %s", or_dash(c->state), was, pipeline_tasks_text(s->arena, r)));
}

static void build(const struct scene *s, struct doc *d)
{
    const struct row_base *row = view_row(s, PANE_CONNECTORS);
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    if (row == NULL) {
        view_gone(s, d, SOURCE_CONNECT);
        return;
    }
    const struct connector_row *r = (const struct connector_row *)row;
    const struct connect_connector *c = r->connector;
    const char *cause = r->cause != NULL && r->cause[0] != '\0' ? r->cause : c->cause;
    if (cause != NULL && cause[0] != '\0') {
        doc_kv(d, "root cause", ROLE_CRIT, cause);
        doc_blank(d);
    }
    put_state(s, d, r);
    if (row->why != NULL && row->why[0] != '\0')
        doc_kv(d, "verdict", glyph_style(row->verdict), row->why);
    doc_kv(d, "class", ROLE_TEXT, or_dash(c->class_name));
    doc_kv(d, "type", ROLE_TEXT, or_dash(c->type));
    put_worker(s, d, c);
    if (r->lag != UNKNOWN && r->behind_ms != UNKNOWN)
        doc_kvf(d, "behind", ROLE_TEXT, "%s messages, %s%s", human_count(a, r->lag),
                r->behind_ms_more ? "more than " : "", human_duration_ms(b, r->behind_ms));
    else if (r->lag != UNKNOWN)
        doc_kvf(d, "behind", ROLE_TEXT, "%s messages", human_count(a, r->lag));
    else if (r->behind_ms != UNKNOWN)
        doc_kvf(d, "behind", ROLE_TEXT, "%s%s", r->behind_ms_more ? "more than " : "",
                human_duration_ms(a, r->behind_ms));
    if (r->behind_bytes != UNKNOWN)
        doc_kvf(d, "not confirmed", ROLE_TEXT, "%s of WAL", human_bytes(a, r->behind_bytes));
    if (c->dms != NULL)
        detail_dms(s, d, r);
    progress(s, d, r);
    if (c->msk != NULL)
        detail_msk(s, d, r);
    tasks(s, d, c);
    past(s, d, c);
    if (c->dms == NULL) {
        offsets(s, d, c);
        topics(d, s, c);
    }
    if (c->nconfig > 0 || c->service == SERVICE_CONNECT)
        doc_head(d, "Config", "secrets are masked");
    d->label = CONFIG_LABEL;
    for (size_t i = 0; i < c->nconfig; i++)
        doc_kv(d, c->config[i].key, ROLE_TEXT, or_dash(c->config[i].value));
    trace(s, d, c);
    detail_log_traces(s, d, r);
}

static const char *note(const struct scene *s, unsigned *style)
{
    const struct row_base *row = view_row(s, PANE_CONNECTORS);
    if (row == NULL)
        return NULL;
    *style = glyph_style(row->verdict);
    return scene_text(s, "%s%s", row->stale ? "stale · " : "", verdict_name(row->verdict));
}

const struct view_ops view_connector = {.id = VIEW_CONNECTOR,
                                        .title = "Connector",
                                        .build = build,
                                        .of = &pane_connectors,
                                        .note = note};
