/* The workers of Kafka Connect: none answers, or they put requests off. */
#include "diagnosis/rules.h"

#include "base/human.h"

#include <string.h>

static const struct source_slot *slot_of(const struct rule_run *run)
{
    return &run->world->pipelines[run->index].sources[SOURCE_CONNECT];
}

bool rule_workers_down(const struct err *err)
{
    bool starting = err->kind == ERR_PROTOCOL && err->code == 404;
    return err->kind == ERR_TIMEOUT || err->kind == ERR_REFUSED || err->kind == ERR_SERVER ||
           err->kind == ERR_DNS || err->kind == ERR_CONFLICT || starting;
}

/* 409 while a rebalance goes on, 500 "Request timed out" while one connector blocks the herder. */
static bool is_busy(const struct err *err)
{
    return err->kind == ERR_CONFLICT || (err->kind == ERR_TIMEOUT && err->code == 500);
}

/* The connector whose configuration was last seen to change. */
static void tell_last_changed(struct rule_run *run, struct finding *f)
{
    const struct past_event *last = NULL;
    const char *name = NULL;
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (c->connector->service != SERVICE_CONNECT)
            continue;
        const struct past_event *e = connector_past_change(
            connector_history_of(run->world->pipelines[run->index].history, c->connector),
            run->world->mono_ms, run->limits->restart_window_ms);
        if (e != NULL && (last == NULL || e->mono_ms > last->mono_ms)) {
            last = e;
            name = c->base.name;
        }
    }
    char a[HUMAN_SIZE];
    if (last != NULL)
        rule_evidence(run, f, "changed last: %s, %s ago (%s)", name,
                      human_duration_ms(a, run->world->mono_ms - last->mono_ms), last->text);
}

static void say_busy(struct rule_run *run, int64_t since_ms, const char *error, bool failing)
{
    int64_t ms = run->world->mono_ms - since_ms;
    bool long_enough = ms >= run->limits->busy_warn_ms;
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    if (!long_enough && !failing)
        return;
    struct finding *f = rule_emit(run, "connect", "Kafka Connect has put requests off for %s: %s",
                                  human_duration_ms(a, ms), rule_brief(run, error, 120));
    f->severity = long_enough ? VERDICT_WARN : VERDICT_UNKNOWN;
    rule_evidence(run, f, "for %s without an answer that helps (a warning from %s)",
                  human_duration_ms(a, ms), human_duration_ms(b, run->limits->busy_warn_ms));
    tell_last_changed(run, f);
    rule_advise(run, f,
                "send it nothing more: it rebalances without end, or one connector blocks it; stop "
                "the one that was changed last");
}

static void busy(struct rule_run *run)
{
    const struct source_slot *s = slot_of(run);
    const struct connect_snap *connect = rule_connect(run);
    enum source_state state = world_state(run->world, run->index, SOURCE_CONNECT);
    if (state == STATE_FAILING && is_busy(&s->err)) {
        say_busy(run, s->failing_since_ms, s->err.text, true);
        return;
    }
    /* Workers without their broker give no answer either: then Kafka's own finding says why. */
    bool kafka = world_state(run->world, run->index, SOURCE_KAFKA) != STATE_FAILING;
    if (state == STATE_FRESH && kafka && connect != NULL && connect->busy != NULL)
        say_busy(run, connect->busy_since_ms, connect->busy, false);
}

static void none_answers(struct rule_run *run)
{
    const struct source_slot *s = slot_of(run);
    const struct connect_snap *connect = rule_connect(run);
    if (world_state(run->world, run->index, SOURCE_CONNECT) != STATE_FAILING ||
        !rule_workers_down(&s->err) || is_busy(&s->err))
        return;
    bool starting = s->err.kind == ERR_PROTOCOL;
    struct finding *f = rule_emit(
        run, "connect", "%s: %s",
        starting ? "Kafka Connect is not up yet" : "Kafka Connect does not answer", s->err.text);
    f->severity = s->fails < 2 ? VERDICT_UNKNOWN : starting ? VERDICT_WARN : VERDICT_CRIT;
    char a[HUMAN_SIZE];
    rule_evidence(run, f, "%d polls in a row failed (threshold 2)", s->fails);
    rule_evidence(run, f, "last good answer: %s",
                  connect == NULL
                      ? "none since the start"
                      : human_age_ms(a, world_age(run->world, run->index, SOURCE_CONNECT)));
    for (size_t i = 0; connect != NULL && connect->nurls > 1 && i < connect->nurls; i++)
        rule_evidence(run, f, "asked: %s", connect->urls[i].url);
    rule_advise(run, f,
                starting
                    ? "wait a minute; then read the worker's log"
                    : "see that a worker runs and its port can be reached; what its connectors "
                      "do is unknown until then");
}

const struct diag_rule rules_worker[] = {
    {.id = "C05",
     .severity = VERDICT_CRIT,
     .hop = HOP_CAPTURE,
     .needs = 0,
     .eval = none_answers,
     .explains = {"C18", "K04", "K06", "K10", "P03", "P06", "S02"}},
    {.id = "C04",
     .severity = VERDICT_WARN,
     .hop = HOP_CAPTURE,
     .needs = 0,
     .eval = busy,
     .explains = {"C18"},
     .confidence = CONFIDENCE_MEDIUM,
     .check = "GET /health of each worker, and the worker's log for \"rebalance\""},
    {.id = NULL},
};
