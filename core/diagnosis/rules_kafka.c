/* Topics: brokers in trouble, rates beyond the usual, the quiet that is well, Connect's own topics.
 * Of groups and their offsets: rules_group.c; of sinks that lag: rules_sink.c. */
#include "diagnosis/rules.h"

#include "base/human.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- K02 ---- */

struct troubled { /* partitions */
    int leaderless, under, below;
    const char *first;
};

static int below_min_insync(const struct kafka_topic *t)
{
    int n = 0;
    for (size_t i = 0; t->min_insync != UNKNOWN && i < t->npartitions; i++)
        n += t->partitions[i].leader >= 0 && t->partitions[i].isr < t->min_insync;
    return n;
}

static void partitions(struct rule_run *run)
{
    struct troubled all = {0};
    int loudest = 0;
    for (size_t i = 0; i < run->p->ntopics; i++) {
        const struct topic_row *t = &run->p->topics[i];
        int below = below_min_insync(t->topic);
        int loud = t->leaderless > 0 ? 3 : below > 0 ? 2 : t->under_replicated > 0;
        all.leaderless += t->leaderless;
        all.under += t->under_replicated;
        all.below += below;
        if (loud > loudest) {
            loudest = loud;
            all.first = t->base.name;
        }
    }
    if (all.first == NULL)
        return;
    struct finding *f =
        all.below > 0 && all.leaderless == 0
            ? rule_emit(run, all.first, "%d partitions refuse writes: too few replicas in sync",
                        all.below)
            : rule_emit(run, all.first, "%d partitions without a leader, %d under-replicated",
                        all.leaderless, all.under);
    f->severity = all.leaderless + all.below > 0 ? VERDICT_CRIT : VERDICT_WARN;
    rule_evidence(run, f, "leader = -1: %d partitions (threshold 0), the first in %s",
                  all.leaderless, all.first);
    rule_evidence(run, f, "isr < replicas: %d partitions (threshold 0)", all.under);
    rule_evidence(run, f, "isr < min.insync.replicas: %d partitions (threshold 0)", all.below);
    rule_advise(run, f, "mend the broker first: producers and consumers wait for it");
}

/* ---- K11 ---- */

struct pace {
    double now, usual; /* per second; NAN unknown */
    int64_t span_ms;   /* that the usual rate rests on */
};

static struct pace pace_of(const struct rule_run *run, const char *topic)
{
    enum { HISTORY = 2 }; /* the usual rate must rest on so many windows at least */
    const struct series *s = rule_series(run, "total %s", topic);
    struct pace out = {NAN, NAN, 0};
    struct point newest;
    struct point p;
    struct point middle = {0};
    bool found = false;
    if (!series_at(s, 0, &newest))
        return out;
    struct point oldest = newest;
    for (int i = 1; series_at(s, i, &p); i++) {
        if (!found && newest.t - p.t >= run->limits->rate_window_ms) {
            middle = p;
            found = true;
        }
        oldest = p;
    }
    if (!found || middle.t - oldest.t < run->limits->rate_window_ms * HISTORY)
        return out;
    out.span_ms = middle.t - oldest.t;
    out.now = (newest.v - middle.v) * 1000 / (double)(newest.t - middle.t);
    out.usual = (middle.v - oldest.v) * 1000 / (double)out.span_ms;
    return out;
}

static void more_than_usual(struct rule_run *run)
{
    const struct topic_row *worst = NULL;
    struct pace most = {0, 0, 0};
    int others = -1;
    for (size_t i = 0; i < run->p->ntopics; i++) {
        const struct topic_row *t = &run->p->topics[i];
        struct pace pace = pace_of(run, t->base.name);
        if (t->group == NULL || isnan(pace.now) || pace.usual <= 0 || pace.now - pace.usual < 1 ||
            pace.now * 100 < pace.usual * (double)run->limits->rate_over_info_pct)
            continue;
        others++;
        if (worst == NULL || pace.now - pace.usual > most.now - most.usual) {
            worst = t;
            most = pace;
        }
    }
    if (worst == NULL)
        return;
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    struct finding *f =
        rule_emit(run, worst->base.name, "%s gets %s messages/s, usual are %s%s", worst->base.name,
                  human_rate(a, most.now), human_rate(b, most.usual),
                  others > 0 ? arena_printf(run->arena, "; so do %d more topics", others) : "");
    int64_t warn = run->limits->rate_over_warn_pct;
    if (warn > 0 && most.now * 100 >= most.usual * (double)warn)
        f->severity = VERDICT_WARN;
    rule_evidence(run, f, "rate over the last %s: %.0f %% of the usual (threshold %lld %%)",
                  human_duration_ms(a, run->limits->rate_window_ms), most.now * 100 / most.usual,
                  (long long)run->limits->rate_over_info_pct);
    rule_evidence(run, f, "the usual rate is that of the %s before",
                  human_duration_ms(a, most.span_ms));
    rule_advise(run, f, "a bulk load or a snapshot? watch whether the sink keeps up");
}

/* ---- K01 ---- */

/* Nothing came to any topic that a sink reads from this source for how long; 0: something did, or
 * nothing is known. */
static int64_t quiet_ms(const struct rule_run *run, const struct connector_row *c)
{
    int64_t quiet = INT64_MAX;
    for (size_t i = 0; i < run->p->ntopics; i++) {
        const struct topic_row *t = &run->p->topics[i];
        if (t->group == NULL || !connector_facts_produces(c->facts, t->base.name))
            continue;
        int64_t still = series_still_ms(rule_series(run, "end %s", t->base.name));
        if (t->lag != UNKNOWN && t->lag > 0)
            return 0;
        quiet = still < quiet ? still : quiet;
    }
    return quiet == INT64_MAX ? 0 : quiet;
}

static const struct kafka_last *last_of(const struct rule_run *run, const char *topic)
{
    const struct kafka_snap *k = rule_kafka(run);
    for (size_t i = 0; topic != NULL && i < k->nlasts; i++) {
        if (strcmp(k->lasts[i].topic, topic) == 0)
            return &k->lasts[i];
    }
    return NULL;
}

/* A hung source is as quiet as an idle one: its heartbeat alone tells them apart (C12). */
static void idle(struct rule_run *run)
{
    enum { GRACE_MS = 10 * 1000, BEATS = 3 };
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (!c->facts->source || !pipeline_runs_partly(c) || c->failed > 0)
            continue;
        int64_t quiet = quiet_ms(run, c);
        if (quiet < run->limits->idle_after_ms)
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        if (c->facts->heartbeat_ms <= 0) {
            struct finding *f = rule_emit(
                run, c->base.name, "no message of %s for %s: idle or hung, that cannot be told",
                c->base.name, human_duration_ms(a, quiet));
            rule_evidence(run, f, "heartbeat.interval.ms = 0");
            rule_advise(run, f, "set heartbeat.interval.ms: a heartbeat tells idle from hung");
            continue;
        }
        const struct kafka_last *beat = last_of(run, c->facts->heartbeat_topic);
        int64_t age = beat != NULL && beat->time_ms != UNKNOWN
                          ? world_server_now(run->world, run->index, SOURCE_KAFKA) - beat->time_ms
                          : UNKNOWN;
        int64_t limit = c->facts->heartbeat_ms * BEATS + GRACE_MS;
        if (age == UNKNOWN || age > limit)
            continue;
        struct finding *f =
            rule_emit(run, c->base.name, "%s is idle and healthy: nothing to capture for %s",
                      c->base.name, human_duration_ms(a, quiet));
        rule_evidence(run, f, "heartbeat %s ago (threshold %s)", human_duration_ms(a, age),
                      human_duration_ms(b, limit));
        rule_evidence(run, f, "nothing waits for a sink");
        rule_advise(run, f, "nothing to do");
    }
}

/* ---- C21 ---- */

static void not_compacted(struct rule_run *run)
{
    const struct kafka_snap *k = rule_kafka(run);
    for (size_t i = 0; i < k->ninternals; i++) {
        const struct kafka_topic *t = &k->internals[i];
        if (t->cleanup_policy == NULL || strcmp(t->cleanup_policy, "compact") == 0)
            continue;
        char a[HUMAN_SIZE];
        struct finding *f =
            rule_emit(run, t->name, "%s of Connect is not compacted: it will forget", t->name);
        rule_evidence(run, f, "cleanup.policy = %s (must be compact)", t->cleanup_policy);
        if (t->retention_ms > 0)
            rule_evidence(run, f, "retention.ms = %lld: what is older than %s is deleted",
                          (long long)t->retention_ms, human_duration_ms(a, t->retention_ms));
        rule_advise(run, f,
                    "now: kafka-configs --alter --entity-type topics --entity-name %s --add-config "
                    "cleanup.policy=compact",
                    t->name);
    }
}

const struct diag_rule rules_kafka[] = {
    {.id = "K02",
     .severity = VERDICT_WARN,
     .hop = HOP_TOPICS,
     .needs = NEEDS(SOURCE_KAFKA),
     .eval = partitions,
     .explains = {"C12", "C20", "K05", "K06", "K08", "K10"},
     .check = "kafka-topics --describe --unavailable-partitions, and the brokers' own logs"},
    {.id = "K11",
     .severity = VERDICT_INFO,
     .hop = HOP_TOPICS,
     .needs = NEEDS(SOURCE_KAFKA),
     .eval = more_than_usual},
    {.id = "K01",
     .severity = VERDICT_INFO,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_CONNECT),
     .eval = idle},
    {.id = "C21",
     .severity = VERDICT_CRIT,
     .hop = HOP_CAPTURE,
     .needs = NEEDS(SOURCE_KAFKA),
     .eval = not_compacted,
     .check = "offset.storage.topic, config.storage.topic, status.storage.topic of the workers"},
    {.id = NULL                                                                           },
};
