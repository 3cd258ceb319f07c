/* log_rows.c: what was done from here, what was found, what changed on the servers, and the diary,
 * put into one order. */
#include "base/human.h"
#include "model/connector_history.h"
#include "model/kafka_past.h"
#include "tui/draw/glyph.h"
#include "tui/view/events.h"
#include "tui/view/log.h"

#include <stdlib.h>
#include <string.h>

enum {
    CONNECTOR_EVENTS_MAX = 4000, /* over all connectors: of thousands each has its newest few */
    SERVER_EVENTS_MAX = 16,
};

struct gather {
    const struct scene *s;
    struct event_row *rows;
    size_t n, cap;
};

static void add(struct gather *g, struct event_row row)
{
    if (g->n >= g->cap)
        return;
    row.object = row.object != NULL ? row.object : "";
    row.base = (struct row_base){.name = scene_text(g->s, "%lld %s %016llx", (long long)row.wall_ms,
                                                    row.kind,
                                                    (unsigned long long)name_hash(row.text) ^
                                                        (unsigned long long)name_hash(row.object)),
                                 .verdict = row.base.verdict,
                                 .why = row.text};
    g->rows[g->n++] = row;
}

/* ---- what was done from here ----------------------------------------------------------------- */

static void actions(struct gather *g)
{
    static const struct {
        const char *word;
        enum verdict verdict;
    } states[] = {
        [ACTION_QUEUED] = {"queued",   VERDICT_INFO},
        [ACTION_CHECKING] = {"checking", VERDICT_INFO},
        [ACTION_SENDING] = {"sending",  VERDICT_INFO},
        [ACTION_WATCHING] = {"watching", VERDICT_INFO},
        [ACTION_WORKED] = {"worked",   VERDICT_OK  },
        [ACTION_FAILED] = {"failed",   VERDICT_CRIT},
        [ACTION_UNSEEN] = {"not seen", VERDICT_WARN},
    };
    for (size_t i = 0; i < g->s->m->nactions; i++) {
        const struct action_status *a = &g->s->m->actions[i];
        const struct action_info *info = action_info(a->kind);
        add(g, (struct event_row){.base.verdict = states[a->state].verdict,
                                  .wall_ms = a->started_wall_ms,
                                  .kind = "action",
                                  .word = states[a->state].word,
                                  .style = glyph_style(states[a->state].verdict),
                                  .object = a->target,
                                  .text = scene_text(g->s, "%s %s%s%s", info->name, a->target,
                                                     a->text[0] != '\0' ? ": " : "", a->text),
                                  .view = info->target == TARGET_CONNECTOR ? VIEW_CONNECTOR
                                          : info->target == TARGET_SLOT    ? VIEW_SLOT
                                                                           : VIEW_COUNT});
    }
}

static void findings(struct gather *g)
{
    size_t n;
    const struct finding_event *events = history_events(g->s, &n);
    for (size_t i = 0; i < n; i++) {
        const struct finding_event *e = &events[i];
        bool loud = e->kind == EVENT_RAISED || e->kind == EVENT_WORSE;
        char lasted[HUMAN_SIZE];
        const char *text = scene_text(g->s, "%s %s", e->id, e->title);
        if (e->lasted_ms != UNKNOWN)
            text = scene_text(g->s, "%s (after %s)", text, human_duration_ms(lasted, e->lasted_ms));
        add(g, (struct event_row){.base.verdict = loud ? e->severity : VERDICT_NONE,
                                  .wall_ms = e->wall_ms,
                                  .kind = "finding",
                                  .word = event_kind_name(e->kind),
                                  .style = loud ? glyph_style(e->severity) : (unsigned)ROLE_DIM,
                                  .object = scene_text(g->s, "%s %s", e->id, e->object),
                                  .text = text,
                                  .view = VIEW_FINDING});
    }
}

/* ---- what changed on the servers ------------------------------------------------------------- */

/* To whom it happened: the connector itself, a task, or several of them in one moment. */
static const char *whom(const struct scene *s, const struct past_event *e)
{
    if (e->task < 0)
        return "";
    return e->tasks == 1 ? scene_text(s, "task %d: ", e->task)
                         : scene_text(s, "%d tasks: ", e->tasks);
}

static void of_connector(struct gather *g, const struct connector_row *row, size_t most)
{
    const char *name = row->base.name;
    const struct connector_past *past = connector_history_of(g->s->wp->history, row->connector);
    size_t n = connector_past_count(past);
    for (size_t i = 0; i < n && i < most; i++) {
        const struct past_event *e = connector_past_event(past, i);
        if (e->kind == PAST_ASKED || e->kind == PAST_OUTCOME)
            continue; /* they are among the actions */
        bool bad = e->kind == PAST_FAILURE;
        add(g, (struct event_row){
                   .base.verdict = bad ? VERDICT_CRIT : VERDICT_NONE,
                   .wall_ms = e->wall_ms,
                   .kind = "connector",
                   .word = past_kind_name(e->kind),
                   .style = bad ? ROLE_CRIT : ROLE_TEXT,
                   .object = name,
                   .text = scene_text(g->s, "%s %s%s", name, whom(g->s, e),
                                      e->text[0] != '\0' ? e->text : "no root cause was told"),
                   .view = VIEW_CONNECTOR});
    }
}

/* How many there are to look at, each with at most *each. */
static size_t count_connectors(const struct scene *s, size_t *each)
{
    size_t n = 0;
    if (s->wp == NULL || s->p == NULL || s->p->nconnectors == 0)
        return 0;
    *each = CONNECTOR_EVENTS_MAX / s->p->nconnectors;
    *each = *each > HISTORY_EVENTS ? HISTORY_EVENTS : *each < 2 ? 2 : *each;
    for (size_t i = 0; i < s->p->nconnectors; i++) {
        size_t has = connector_past_count(
            connector_history_of(s->wp->history, s->p->connectors[i].connector));
        n += has < *each ? has : *each;
    }
    return n;
}

static void connectors(struct gather *g)
{
    size_t each = 0;
    if (count_connectors(g->s, &each) == 0)
        return;
    for (size_t i = 0; i < g->s->p->nconnectors; i++)
        of_connector(g, &g->s->p->connectors[i], each);
}

static int64_t wall_of(const struct scene *s, int64_t mono_ms)
{
    return s->m->wall_ms - (s->m->mono_ms - mono_ms);
}

static void kafka(struct gather *g)
{
    static const char *const words[] = {
        [KAFKA_REWOUND] = "rewound", [KAFKA_LOST] = "lost", [KAFKA_ANEW] = "anew"};
    const struct kafka_past *past = g->s->wp != NULL ? &g->s->wp->kafka_past : NULL;
    for (size_t i = 0; past != NULL && i < past->count; i++) {
        const struct kafka_event *e = &past->items[i];
        char from[HUMAN_SIZE];
        char to[HUMAN_SIZE];
        human_count(from, e->from);
        human_count(to, e->to);
        const char *text = "";
        if (e->kind == KAFKA_ANEW)
            text = scene_text(g->s, "%s/%d begins anew: its end went from %s back to %s", e->topic,
                              (int)e->partition, from, to);
        else if (e->kind == KAFKA_REWOUND)
            text = scene_text(g->s, "%s of %s/%d went back from offset %s to %s", e->group,
                              e->topic, (int)e->partition, from, to);
        else
            text =
                scene_text(g->s, "%s lost records of %s/%d: it stood at %s, the log begins at %s",
                           e->group, e->topic, (int)e->partition, from, to);
        add(g, (struct event_row){.base.verdict = VERDICT_WARN,
                                  .wall_ms = wall_of(g->s, e->mono_ms),
                                  .kind = "kafka",
                                  .word = words[e->kind],
                                  .style = ROLE_WARN,
                                  .object = e->group != NULL ? e->group : e->topic,
                                  .text = text,
                                  .view = e->group != NULL ? VIEW_GROUP : VIEW_TOPIC});
    }
}

/* Another server behind the same address, and starts of it since we look. */
static void postgres(struct gather *g)
{
    const struct scene *s = g->s;
    const struct snapshot *snap =
        s->wp != NULL ? world_snap(s->m->world, s->app->pipeline, SOURCE_POSTGRES) : NULL;
    struct point p, before;
    const struct series *moved = s->wp != NULL ? series_find(s->wp->series, "moved") : NULL;
    for (int i = 0; i < SERVER_EVENTS_MAX && series_at(moved, i + 1, &before); i++) {
        (void)series_at(moved, i, &p);
        if (p.v > before.v)
            add(g, (struct event_row){.base.verdict = VERDICT_WARN,
                                      .wall_ms = wall_of(s, p.t),
                                      .kind = "postgres",
                                      .word = "moved",
                                      .style = ROLE_WARN,
                                      .text = "another server or another timeline answers: "
                                              "a failover or a restore",
                                      .view = VIEW_COUNT});
    }
    int64_t opened = s->wp != NULL ? s->wp->sources[SOURCE_POSTGRES].opened_mono_ms : 0;
    if (snap != NULL && snap->pg.started_ms > wall_of(s, opened))
        add(g, (struct event_row){.base.verdict = VERDICT_INFO,
                                  .wall_ms = snap->pg.started_ms,
                                  .kind = "postgres",
                                  .word = "started",
                                  .style = ROLE_INFO,
                                  .text = "the database server was started",
                                  .view = VIEW_COUNT});
}

/* ---- the diary ------------------------------------------------------------------------------- */

static void diary(struct gather *g)
{
    static const struct {
        const char *word;
        enum verdict verdict;
        unsigned char style;
    } levels[] = {
        [LOG_DEBUG] = {"debug",   VERDICT_NONE, ROLE_FAINT},
        [LOG_INFO] = {"info",    VERDICT_NONE, ROLE_DIM  },
        [LOG_WARN] = {"warning", VERDICT_WARN, ROLE_WARN },
        [LOG_ERROR] = {"error",   VERDICT_CRIT, ROLE_CRIT },
    };
    for (int i = g->s->m->nlog - 1; i >= 0; i--) {
        const struct log_line *l = &g->s->m->log[i];
        if (strncmp(l->text, "finding ", 8) == 0)
            continue; /* they have lines of their own */
        add(g, (struct event_row){.base.verdict = levels[l->level].verdict,
                                  .wall_ms = l->wall_ms,
                                  .kind = "log",
                                  .word = levels[l->level].word,
                                  .style = levels[l->level].style,
                                  .text = l->text,
                                  .view = VIEW_COUNT});
    }
}

static int newest_first(const void *a, const void *b)
{
    const struct event_row *x = a;
    const struct event_row *y = b;
    int c = compare_i64(y->wall_ms, x->wall_ms);
    return c != 0 ? c : strcmp(x->base.name, y->base.name);
}

size_t event_rows(const struct scene *s, struct event_row **out)
{
    size_t each;
    struct gather g = {.s = s,
                       .cap = MODEL_ACTIONS + FINDING_EVENTS + count_connectors(s, &each) +
                              KAFKA_PAST_MAX + SERVER_EVENTS_MAX + 1 + MODEL_LOG};
    g.rows = arena_array(s->arena, g.cap, sizeof(*g.rows));
    actions(&g);
    findings(&g);
    connectors(&g);
    kafka(&g);
    postgres(&g);
    diary(&g);
    if (g.n > 1)
        qsort(g.rows, g.n, sizeof(*g.rows), newest_first);
    *out = g.rows;
    return g.n;
}
