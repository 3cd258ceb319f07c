/* Topics and groups: brokers in trouble, sinks without members, sinks that do not commit. */
#include "diagnosis/rules.h"

#include "base/human.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { STUCK_MIN_MS = 60 * 1000, DRAIN_SAMPLES = 5, DRAIN_WINDOW_MS = 20 * 1000 };

static void partitions(struct rule_run *run)
{
    int leaderless = 0;
    int under = 0;
    const char *first = NULL;
    for (size_t i = 0; i < run->p->ntopics; i++) {
        const struct topic_row *t = &run->p->topics[i];
        leaderless += t->leaderless;
        under += t->under_replicated;
        if (first == NULL && t->leaderless + t->under_replicated > 0)
            first = t->base.name;
    }
    if (first == NULL)
        return;
    struct finding *f = rule_emit(run, first, "%d partitions without a leader, %d under-replicated",
                                  leaderless, under);
    f->severity = leaderless > 0 ? VERDICT_CRIT : VERDICT_WARN;
    rule_evidence(run, f, "first of them: %s", first);
    rule_advise(run, f, "mend the broker first: producers and consumers wait for it");
}

/* How long the committed offsets of a group have not moved. */
static int64_t still_ms(const struct rule_run *run, const char *group)
{
    char key[300];
    (void)snprintf(key, sizeof(key), "committed %s", group);
    const struct series *s = series_find(run->world->pipelines[run->index].series, key);
    return s != NULL ? series_still_ms(s) : UNKNOWN;
}

static const struct group_row *group_of(const struct pipeline *p, const struct connector_row *c)
{
    for (size_t i = 0; i < p->ngroups; i++) {
        if (c->facts->group_id != NULL && strcmp(p->groups[i].base.name, c->facts->group_id) == 0)
            return &p->groups[i];
    }
    return NULL;
}

static void no_members(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct group_row *g = c->facts->sink ? group_of(run->p, c) : NULL;
        bool runs = c->connector->state != NULL && strcmp(c->connector->state, "RUNNING") == 0;
        bool empty =
            g != NULL && g->group->state != NULL &&
            (strcmp(g->group->state, "Empty") == 0 || strcmp(g->group->state, "Dead") == 0);
        if (!runs || !empty || g->lag == UNKNOWN || g->lag <= 0)
            continue;
        struct finding *f = rule_emit(run, c->base.name,
                                      "%s says RUNNING, but its group has no member", c->base.name);
        char a[HUMAN_SIZE];
        rule_evidence(run, f, "group %s is %s, lag %s", g->base.name, g->group->state,
                      human_count(a, g->lag));
        rule_advise(run, f, "its tasks do not consume: read their traces, then restart");
        rule_remedy(f, ACTION_RESTART);
    }
}

/* Commits are expected once per rotation: a longer stillness with lag is a sink that is stuck. */
static int64_t rotation(const struct rule_run *run, const struct connector_row *c)
{
    int64_t longest = 0;
    for (size_t i = 0; i < run->p->nprefixes; i++) {
        const struct prefix_row *p = &run->p->prefixes[i];
        if (p->connector != NULL && strcmp(p->connector, c->base.name) == 0 &&
            p->due_ms != UNKNOWN && p->due_ms > longest)
            longest = p->due_ms;
    }
    return longest;
}

static void stuck(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct group_row *g = c->facts->sink ? group_of(run->p, c) : NULL;
        if (g == NULL || g->lag == UNKNOWN || g->lag <= 0 || c->running == 0)
            continue;
        int64_t due = rotation(run, c);
        int64_t still = still_ms(run, g->base.name);
        int64_t limit = due == DUE_NEVER ? DUE_NEVER : due * 3 + run->limits->late_grace_ms;
        if (limit < STUCK_MIN_MS)
            limit = STUCK_MIN_MS;
        if (still == UNKNOWN || still < limit)
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f =
            rule_emit(run, c->base.name, "%s has committed nothing for %s, lag %s", c->base.name,
                      human_duration_ms(a, still), human_count(b, g->lag));
        rule_evidence(run, f, "RUNNING is not progress: a sink retries a dead S3 without a word");
        rule_advise(run, f, "check that its target answers; it goes on by itself when it does");
        rule_remedy(f, ACTION_RESTART);
    }
}

/* How fast the backlog shrinks, messages/s; negative: it grows; NAN without enough samples. */
static double drain_per_s(const struct rule_run *run, const struct connector_row *c)
{
    char key[300];
    (void)snprintf(key, sizeof(key), "committed %s", c->facts->group_id);
    const struct series *s = series_find(run->world->pipelines[run->index].series, key);
    if (series_samples(s) < DRAIN_SAMPLES)
        return NAN;
    double written = 0;
    for (size_t i = 0; i < run->p->ntopics; i++) {
        const struct topic_row *t = &run->p->topics[i];
        if (t->group != NULL && strcmp(t->group, c->facts->group_id) == 0 && !isnan(t->per_s))
            written += t->per_s;
    }
    return series_rate(s, DRAIN_WINDOW_MS) - written;
}

static void behind(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (!c->facts->sink || c->lag == UNKNOWN || c->lag <= run->limits->lag_warn)
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f = rule_emit(run, c->base.name, "%s is %s messages behind", c->base.name,
                                      human_count(a, c->lag));
        f->severity = c->lag > run->limits->lag_crit ? VERDICT_CRIT : VERDICT_WARN;
        rule_evidence(run, f, "threshold: %s messages", human_count(b, run->limits->lag_warn));
        double drains = drain_per_s(run, c);
        if (isnan(drains))
            rule_advise(run, f, "watch whether it drains; a sink that commits is only slow");
        else if (drains > 0)
            rule_advise(run, f, "it drains by %s messages/s: caught up in about %s (est.)",
                        human_rate(a, drains),
                        human_duration_ms(b, (int64_t)((double)c->lag / drains * 1000)));
        else
            rule_advise(run, f,
                        "it does not drain: more tasks, or a larger flush.size, if it is "
                        "healthy otherwise");
    }
}

/* A sink that somebody paused or stopped: no fault, but the reason of whatever piles up. */
static void held(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const char *state = c->connector->state != NULL ? c->connector->state : "";
        if (!c->facts->sink || (strcmp(state, "PAUSED") != 0 && strcmp(state, "STOPPED") != 0))
            continue;
        char a[HUMAN_SIZE];
        bool waits = c->lag != UNKNOWN && c->lag > 0;
        struct finding *f =
            rule_emit(run, c->base.name, "%s is %s%s%s%s", c->base.name, state, waits ? ": " : "",
                      waits ? human_count(a, c->lag) : "", waits ? " messages wait for it" : "");
        if (waits && c->lag > run->limits->lag_warn)
            f->severity = c->lag > run->limits->lag_crit ? VERDICT_CRIT : VERDICT_WARN;
        rule_advise(run, f, "continue it before the topics' retention removes what waits");
        rule_remedy(f, ACTION_CONTINUE);
    }
}

const struct diag_rule rules_kafka[] = {
    {.id = "K02",
     .severity = VERDICT_WARN,
     .hop = HOP_TOPICS,
     .needs = NEEDS(SOURCE_KAFKA),
     .eval = partitions,
     .explains = {"K06"}},
    {.id = "K04",
     .severity = VERDICT_CRIT,
     .hop = HOP_SINK,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_CONNECT),
     .eval = no_members,
     .explains = {"K06", "K10", "S02"}},
    {.id = "K06",
     .severity = VERDICT_CRIT,
     .hop = HOP_SINK,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_CONNECT),
     .eval = stuck,
     .explains = {"K10", "S02"}},
    {.id = "C22",
     .severity = VERDICT_INFO,
     .hop = HOP_SINK,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_CONNECT),
     .eval = held,
     .explains = {"K06", "K10", "S01", "S02"}},
    {.id = "K10",
     .severity = VERDICT_WARN,
     .hop = HOP_SINK,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_CONNECT),
     .eval = behind},
    {.id = NULL},
};
