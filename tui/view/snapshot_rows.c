/* snapshot_rows.c: who knows of which snapshot. */
#include "action/action.h"
#include "base/human.h"
#include "base/mem.h"
#include "model/dbz_note.h"
#include "tui/view/snapshots.h"

#include <math.h>
#include <string.h>

enum { ROWS_MAX = 1000, EARLIER_MAX = 20 };

struct collect {
    const struct scene *s;
    const struct kafka_snap *kafka; /* NULL: no answer */
    struct snapshot_row *rows;
    size_t n;
};

static const struct ledger_entry *asked_for(const struct scene *s, const char *id)
{
    const struct ledger_entry *e;
    for (size_t i = 0; s->wp != NULL && (e = ledger_at(&s->wp->ledger, i)) != NULL; i++)
        if (e->kind == ACTION_SNAPSHOT && mem_is(e->signal_id, id))
            return e;
    return NULL;
}

static struct snapshot_row *add(struct collect *c, const struct connector_row *connector,
                                const char *id)
{
    if (c->n >= ROWS_MAX)
        return NULL;
    struct snapshot_row *row = &c->rows[c->n++];
    *row = (struct snapshot_row){.connector = connector,
                                 .id = id,
                                 .started_ms = UNKNOWN,
                                 .ended_ms = UNKNOWN,
                                 .took_ms = UNKNOWN};
    row->asked = asked_for(c->s, id);
    row->base = (struct row_base){
        .name = scene_text(c->s, "%s %s", connector->base.name, id != NULL ? id : "newest"),
        .verdict = VERDICT_OK,
        .why = "",
        .stale = connector->base.stale};
    return row;
}

static void say(struct snapshot_row *row, enum verdict verdict, const char *why)
{
    if (verdict > row->base.verdict) {
        row->base.verdict = verdict;
        row->base.why = why;
    }
}

/* Nothing has moved for longer than the threshold allows. */
static bool stuck(const struct scene *s, const struct snapshot_row *row)
{
    int64_t still = row->status->still_ms;
    return row->running && row->p->state != SNAPSHOT_PAUSED && still != UNKNOWN && s->wp != NULL &&
           still >= s->wp->config->thresholds.snapshot_stuck_ms;
}

static void judge(const struct scene *s, struct snapshot_row *row)
{
    const struct snapshot_progress *p = row->p;
    char buf[HUMAN_SIZE];
    if (row->status != NULL && stuck(s, row)) {
        row->state = "stuck";
        say(row, VERDICT_WARN,
            scene_text(s, "no sign of life for %s", human_duration_ms(buf, row->status->still_ms)));
    }
    if (row->status != NULL && row->status->halted && snapshot_progress_running(p))
        say(row, VERDICT_WARN, "its connector does not run");
    if (p->failed > 0)
        say(row, VERDICT_WARN,
            scene_text(s, "%d table%s not read", p->failed, p->failed == 1 ? " was" : "s were"));
    if (p->state == SNAPSHOT_ABORTED)
        say(row, VERDICT_WARN, "");
    if (row->running || p->state == SNAPSHOT_PAUSED)
        say(row, VERDICT_INFO, "");
}

static void put_times(const struct scene *s, struct snapshot_row *row)
{
    row->started_ms = row->p->started_ms;
    row->ended_ms = row->p->ended_ms;
    int64_t end = row->ended_ms != UNKNOWN ? row->ended_ms : row->running ? s->m->wall_ms : UNKNOWN;
    if (row->started_ms != UNKNOWN && end != UNKNOWN && end >= row->started_ms)
        row->took_ms = end - row->started_ms;
}

static void newest(struct collect *c, const struct connector_row *connector)
{
    const struct snapshot_status *st = connector->snapshot;
    struct snapshot_row *row = st != NULL ? add(c, connector, st->p.id) : NULL;
    if (row == NULL)
        return;
    const char *type = snapshot_type_name(st->type);
    row->status = st;
    row->p = &st->p;
    row->running = snapshot_status_running(st);
    row->state = snapshot_status_name(st);
    row->type = type != NULL ? type : "initial or blocking";
    put_times(c->s, row);
    judge(c->s, row);
}

static bool listed(const struct collect *c, const struct connector_row *connector, const char *id)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->rows[i].connector == connector && mem_is(c->rows[i].id, id))
            return true;
    return false;
}

/* Incremental ones keep their id through all their notifications: each is told from the others. */
static void earlier(struct collect *c, const struct connector_row *connector)
{
    int found = 0;
    for (size_t i = c->kafka != NULL ? c->kafka->nnotifications : 0; i > 0; i--) {
        const struct dbz_notification *note = &c->kafka->notifications[i - 1];
        if (!mem_is(note->aggregate_type, "Incremental Snapshot") || note->id == NULL ||
            !mem_is(dbz_note_get(note, "connector_name"), connector->facts->topic_prefix) ||
            strcmp(dbz_note_type(note), "STARTED") != 0 || listed(c, connector, note->id))
            continue;
        const struct snapshot_query query = {.connector = connector->facts->topic_prefix,
                                             .id = note->id,
                                             .since_ms = UNKNOWN,
                                             .signals = connector->facts->signal_table};
        struct snapshot_progress *p = arena_alloc(c->s->arena, sizeof(*p));
        *p = snapshot_progress_build(c->s->arena, c->kafka->notifications, c->kafka->nnotifications,
                                     &query);
        struct snapshot_row *row = found++ < EARLIER_MAX ? add(c, connector, note->id) : NULL;
        if (row == NULL)
            return;
        row->p = p;
        row->state = snapshot_state_name(p->state);
        row->type = "incremental";
        put_times(c->s, row);
        judge(c->s, row);
    }
}

/* Signals that nobody has taken up: nothing but what we sent is known of them. */
static void signals(struct collect *c, const struct connector_row *connector)
{
    static const struct {
        const char *state, *why;
        enum verdict verdict;
    } words[] = {
        [LEDGER_SENDING] = {"sending",    "",                                         VERDICT_INFO},
        [LEDGER_WATCHING] = {"signalled",  "sent; the connector has not answered yet", VERDICT_INFO},
        [LEDGER_WORKED] = {"worked",     "",                                         VERDICT_OK  },
        [LEDGER_FAILED] = {"failed",     "it could not be sent",                     VERDICT_WARN},
        [LEDGER_UNSEEN] = {"never seen", "nobody has answered the signal",           VERDICT_WARN},
    };
    const struct ledger_entry *e;
    for (size_t i = 0; c->s->wp != NULL && (e = ledger_at(&c->s->wp->ledger, i)) != NULL; i++) {
        bool seen = connector->snapshot != NULL && connector->snapshot->p.started_ms != UNKNOWN &&
                    connector->snapshot->p.started_ms + 5000 >= e->wall_ms;
        if (e->kind != ACTION_SNAPSHOT || strcmp(e->target, connector->base.name) != 0 ||
            e->state == LEDGER_WORKED || listed(c, connector, e->signal_id) ||
            (e->blocking && seen)) /* a blocking one runs under another id */
            continue;
        struct snapshot_row *row = add(c, connector, e->signal_id);
        if (row == NULL)
            return;
        row->asked = e;
        row->started_ms = e->wall_ms;
        row->state = words[e->state].state;
        row->type = e->blocking ? "blocking" : "incremental";
        say(row, words[e->state].verdict,
            e->text[0] != '\0' && e->state >= LEDGER_FAILED ? e->text : words[e->state].why);
    }
}

size_t snapshot_rows(const struct scene *s, struct snapshot_row **out)
{
    const struct snapshot *snap = s->m->world != NULL && s->wp != NULL
                                      ? world_snap(s->m->world, s->app->pipeline, SOURCE_KAFKA)
                                      : NULL;
    struct collect c = {.s = s, .kafka = snap != NULL ? &snap->kafka : NULL};
    size_t room = 0;
    for (size_t i = 0; s->p != NULL && i < s->p->nconnectors; i++)
        room += s->p->connectors[i].facts->source ? EARLIER_MAX + LEDGER_MAX + 1 : 0;
    c.rows = arena_array(s->arena, (room < ROWS_MAX ? room : ROWS_MAX) + 1, sizeof(*c.rows));
    for (size_t i = 0; s->p != NULL && i < s->p->nconnectors; i++) {
        const struct connector_row *connector = &s->p->connectors[i];
        if (!connector->facts->source)
            continue;
        newest(&c, connector);
        earlier(&c, connector);
        signals(&c, connector);
    }
    *out = c.rows;
    return c.n;
}
