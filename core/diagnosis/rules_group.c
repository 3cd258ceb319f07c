/* Consumer groups and their offsets: moved back, beyond a topic that was made anew, all in one
 * partition; groups that do not settle. */
#include "diagnosis/rules.h"

#include "base/human.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LOOKS = 10, NAMED = 3 };

/* ---- what happened lately ---- */

static bool is_recent(const struct rule_run *run, const struct kafka_event *e)
{
    return run->world->mono_ms - e->mono_ms <= run->limits->event_ms;
}

/* The i-th event of that kind, of that group (NULL: any) and topic (NULL: any), still worth saying;
 * NULL when there are no more. */
static const struct kafka_event *event_of(const struct rule_run *run, enum kafka_event_kind kind,
                                          const char *group, const char *topic, size_t i)
{
    const struct kafka_past *past = &run->world->pipelines[run->index].kafka_past;
    for (size_t k = 0; k < past->count; k++) {
        const struct kafka_event *e = &past->items[k];
        if (e->kind != kind || !is_recent(run, e) ||
            (group != NULL && (e->group == NULL || strcmp(e->group, group) != 0)) ||
            (topic != NULL && strcmp(e->topic, topic) != 0))
            continue;
        if (i-- == 0)
            return e;
    }
    return NULL;
}

/* ---- K12 ---- */

/* A commit beyond the end of its partition, and standing there: between the two readings of one
 * poll a fast sink gets ahead of the end that was read first. */
static const struct kafka_offset *beyond_end(const struct rule_run *run, const struct topic_row *t,
                                             int64_t *end)
{
    enum { STANDS_MS = 5000 };
    const struct kafka_snap *k = rule_kafka(run);
    const struct kafka_group *g =
        t->sink != NULL && t->sink->group != NULL ? t->sink->group->group : NULL;
    for (size_t i = 0; g != NULL && i < g->noffsets; i++) {
        const struct kafka_offset *o = &g->offsets[i];
        if (o->committed == UNKNOWN || strcmp(o->topic, t->base.name) != 0)
            continue;
        const struct kafka_partition *p = kafka_find_partition(k, o->topic, o->partition);
        if (p == NULL || p->end == UNKNOWN || o->committed <= p->end)
            continue;
        const struct series *s =
            rule_series(run, "at %s %s/%d", t->group, t->base.name, (int)o->partition);
        if (series_still_ms(s) < STANDS_MS)
            continue;
        *end = p->end;
        return o;
    }
    return NULL;
}

/* sinks-and-sources: with a topic of the same name made anew a sink to S3 writes to the keys of the
 * old records: Confluent's skips them, Aiven's overwrites them. */
static void made_anew(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->ntopics; i++) {
        const struct topic_row *t = &run->p->topics[i];
        const struct kafka_event *e = event_of(run, KAFKA_ANEW, NULL, t->base.name, 0);
        int64_t end = UNKNOWN;
        const struct kafka_offset *ahead = beyond_end(run, t, &end);
        if (e == NULL && ahead == NULL)
            continue;
        const struct connector_row *sink = t->sink;
        bool s3 = sink != NULL && connector_role_is_s3(sink->facts->role);
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f =
            rule_emit(run, t->base.name, "%s was deleted and made anew%s", t->base.name,
                      ahead != NULL ? ": its sink stands beyond the new end" : "");
        f->severity = ahead != NULL || s3 ? VERDICT_CRIT : VERDICT_WARN;
        if (e != NULL)
            rule_evidence(run, f, "end of partition %d went from %s back to %s", (int)e->partition,
                          human_count(a, e->from), human_count(b, e->to));
        if (ahead != NULL)
            rule_evidence(run, f, "partition %d: committed %s > end %s: new records are skipped",
                          (int)ahead->partition, human_count(a, ahead->committed),
                          human_count(b, end));
        if (s3)
            rule_evidence(run, f, "%s names objects by offset: new ones meet the keys of old ones",
                          sink->base.name);
        if (sink == NULL)
            rule_advise(run, f, "find out who did it: what was in it is gone");
        else
            rule_advise(run, f,
                        "stop %s, move the old objects away, reset its offsets to the beginning, "
                        "continue it; then snapshot the table",
                        sink->base.name);
        if (sink != NULL && !rule_connector_is(sink, "STOPPED"))
            rule_remedy_on(f, ACTION_STOP, sink->base.name);
    }
}

/* ---- K07 ---- */

static void rewound(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const char *group = c->facts->sink ? c->facts->group_id : NULL;
        struct finding *f = NULL;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        int n = 0;
        int64_t again = 0;
        for (size_t k = 0; group != NULL; k++) {
            const struct kafka_event *e = event_of(run, KAFKA_REWOUND, group, NULL, k);
            if (e == NULL)
                break;
            if (event_of(run, KAFKA_ANEW, NULL, e->topic, 0) != NULL)
                continue; /* of another log: K12 */
            if (f == NULL)
                f = rule_emit(run, c->base.name, "?");
            n++;
            again += e->from - e->to;
            if (n <= NAMED)
                rule_evidence(run, f, "%s/%d: committed went from %s back to %s", e->topic,
                              (int)e->partition, human_count(a, e->from), human_count(b, e->to));
        }
        if (f == NULL)
            continue;
        f->title = arena_printf(run->arena,
                                "offsets of %s were moved back in %d partition%s: %s records again",
                                c->base.name, n, n == 1 ? "" : "s", human_count(a, again));
        rule_advise(run, f,
                    connector_role_is_s3(c->facts->role)
                        ? "find out who did it; objects are written again, some under other keys"
                        : "find out who did it; its target gets these records twice");
        if (rule_connector_is(c, "PAUSED") || rule_connector_is(c, "STOPPED"))
            rule_remedy(f, ACTION_CONTINUE);
    }
}

/* ---- K05 ---- */

static int bits(uint32_t v)
{
    int n = 0;
    for (; v != 0; v &= v - 1)
        n++;
    return n;
}

/* The trace of a consumer that was thrown out for being slow. */
static bool was_too_slow(const struct connector_row *c)
{
    for (size_t i = 0; i < c->connector->ntasks; i++) {
        const char *trace = c->connector->tasks[i].trace;
        if (trace != NULL && strstr(trace, "max.poll.interval.ms") != NULL)
            return true;
    }
    return false;
}

/* One rebalance is life: a loop is several of them, and a single one that does not end waits for
 * members that are gone (45 s after a worker was killed: session.timeout.ms). */
static void rebalances(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct group_trend *t = c->facts->sink && c->facts->group_id != NULL
                                          ? world_group(run->world, run->index, c->facts->group_id)
                                          : NULL;
        if (t == NULL)
            continue;
        /* A sink with one task that is thrown out leaves its group empty each time. */
        uint32_t looks =
            (t->busy | (rule_connector_is(c, "RUNNING") ? t->empty : 0)) & ((1u << LOOKS) - 1);
        int busy = bits(looks);
        int begins = bits(looks & ~(looks >> 1 | 1u << (LOOKS - 1)));
        int kept = t->nbegun < GROUP_REBALANCES ? t->nbegun : GROUP_REBALANCES;
        int count = 0;
        for (int k = 0; k < kept; k++)
            count += run->world->mono_ms - t->begun_ms[k] <= run->limits->rebalance_window_ms;
        bool loops = (busy >= run->limits->rebalance_polls && begins > 1) ||
                     count >= run->limits->rebalance_count;
        bool endless = bits(t->busy & ((1u << LOOKS) - 1)) == LOOKS;
        if (!loops && !endless)
            continue;
        char a[HUMAN_SIZE];
        struct finding *f =
            loops ? rule_emit(run, c->base.name, "the group of %s rebalances again and again",
                              c->base.name)
                  : rule_emit(run, c->base.name, "the group of %s does not get through a rebalance",
                              c->base.name);
        rule_evidence(run, f, "not settled in %d of the last %d looks (threshold %lld)", busy,
                      (int)LOOKS, (long long)run->limits->rebalance_polls);
        rule_evidence(run, f, "%d rebalances within %s (threshold %lld)", count,
                      human_duration_ms(a, run->limits->rebalance_window_ms),
                      (long long)run->limits->rebalance_count);
        if (was_too_slow(c))
            rule_evidence(run, f, "trace: max.poll.interval.ms was exceeded");
        rule_advise(
            run, f,
            loops
                ? "see who joins and leaves; if it is slow itself: lower max.poll.records or raise "
                  "max.poll.interval.ms (consumer.override.…)"
                : "members that are gone are waited for (session.timeout.ms): look for a "
                  "worker that died");
    }
}

/* ---- K08 ---- */

struct share {
    int64_t total, most, committed;
    int32_t partition;
    int counted;
};

static struct share share_of(const struct rule_run *run, const struct topic_row *t)
{
    struct share s = {.partition = -1};
    const struct kafka_snap *k = rule_kafka(run);
    for (size_t g = 0; g < k->ngroups; g++) {
        if (t->group == NULL || strcmp(k->groups[g].name, t->group) != 0)
            continue;
        for (size_t i = 0; i < k->groups[g].noffsets; i++) {
            const struct kafka_offset *o = &k->groups[g].offsets[i];
            const struct kafka_partition *p = kafka_find_partition(k, o->topic, o->partition);
            if (strcmp(o->topic, t->base.name) != 0 || o->committed == UNKNOWN || p == NULL ||
                p->end == UNKNOWN)
                continue;
            int64_t lag = p->end > o->committed ? p->end - o->committed : 0;
            s.counted++;
            s.total += lag;
            if (lag > s.most || s.partition < 0) {
                s.most = lag;
                s.partition = o->partition;
                s.committed = o->committed;
            }
        }
    }
    return s;
}

static void one_partition(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->ntopics; i++) {
        const struct topic_row *t = &run->p->topics[i];
        if (t->lag != UNKNOWN && t->lag <= run->limits->lag_warn)
            continue;
        struct share s = share_of(run, t);
        if (s.counted < 2 || s.total <= 0 || s.total <= run->limits->lag_warn ||
            (double)s.most * 100 < (double)s.total * (double)run->limits->one_partition_pct)
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f = rule_emit(
            run, t->base.name, "%lld %% of the lag of %s is in partition %d",
            (long long)((double)s.most * 100 / (double)s.total), t->base.name, (int)s.partition);
        f->severity = s.total > run->limits->lag_crit ? VERDICT_CRIT : VERDICT_WARN;
        rule_evidence(run, f, "partition %d: committed %lld, lag %s of %s in %d partitions",
                      (int)s.partition, (long long)s.committed, human_count(a, s.most),
                      human_count(b, s.total), s.counted);
        rule_evidence(run, f, "threshold: %lld %% of a lag above %s",
                      (long long)run->limits->one_partition_pct,
                      human_count(a, run->limits->lag_warn));
        double in = series_rate(rule_series(run, "hw %s/%d", t->base.name, (int)s.partition),
                                run->limits->rate_window_ms);
        double out =
            series_rate(rule_series(run, "at %s %s/%d", t->group, t->base.name, (int)s.partition),
                        run->limits->rate_window_ms);
        if (!isnan(in) && !isnan(out))
            rule_evidence(run, f, "it gets %s/s and is read at %s/s", human_rate(a, in),
                          human_rate(b, out));
        rule_advise(run, f,
                    !isnan(out) && out <= 0
                        ? "nothing of it is committed: look at its record at offset %lld"
                        : "a hot key sends everything there (next offset %lld): spread the keys",
                    (long long)s.committed);
    }
}

const struct diag_rule rules_group[] = {
    {.id = "K12",
     .severity = VERDICT_WARN,
     .hop = HOP_TOPICS,
     .needs = NEEDS(SOURCE_KAFKA),
     .eval = made_anew,
     .explains = {"K03", "K06", "K07", "K10", "S07"},
     .check = "the broker's log: deletion and creation of the topic"},
    {.id = "K05",
     .severity = VERDICT_WARN,
     .hop = HOP_SINK,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_CONNECT),
     .eval = rebalances,
     .confidence = CONFIDENCE_MEDIUM,
     .explains = {"K04", "K06", "K10", "S02"},
     .check =
         "the worker's log: \"leaving group\", \"poll timeout has expired\", workers that left"},
    {.id = "K07",
     .severity = VERDICT_WARN,
     .hop = HOP_SINK,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_CONNECT),
     .eval = rewound,
     .explains = {"C22", "K10", "S02"}},
    {.id = "K08",
     .severity = VERDICT_WARN,
     .hop = HOP_SINK,
     .needs = NEEDS(SOURCE_KAFKA),
     .eval = one_partition,
     .explains = {"K10"},
     .check = "the record at the committed offset of that partition"},
    {.id = NULL                                                    },
};
