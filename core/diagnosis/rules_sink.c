/* Sinks: records that retention takes, sinks without members, stuck, slow or held, open files, dead
 * letters. */
#include "diagnosis/rules.h"

#include "base/human.h"
#include "model/join.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    SETTLE_MS = 6000, /* after a restart a group is empty for a moment */
    PROJECT_MS = 2 * 60 * 1000,
    MILLION = 1000 * 1000,
    PER_CENT = MILLION / 100,
    NAMED = 3,
    FEW = 1000,
    BURST_MS = 6 * 1000, /* what a large transaction brings at once is drained by then */
};

static const struct topic_row *topic_of_sink(const struct rule_run *run,
                                             const struct connector_row *c, size_t i)
{
    const struct topic_row *t = &run->p->topics[i];
    return t->sink == c && t->group != NULL ? t : NULL;
}

/* ---- K03 ---- */

static bool say_lost(struct rule_run *run, const struct connector_row *c)
{
    const struct kafka_past *past = &run->world->pipelines[run->index].kafka_past;
    struct finding *f = NULL;
    int64_t lost = 0;
    int parts = 0;
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    for (size_t i = 0; i < past->count; i++) {
        const struct kafka_event *e = &past->items[i];
        if (e->kind != KAFKA_LOST || strcmp(e->group, c->facts->group_id) != 0 ||
            run->world->mono_ms - e->mono_ms > run->limits->event_ms)
            continue;
        if (f == NULL)
            f = rule_emit(run, c->base.name, "?");
        lost += e->to - e->from;
        if (parts++ < NAMED)
            rule_evidence(run, f, "%s/%d: committed %s < log start %s: from %lld to %lld are gone",
                          e->topic, (int)e->partition, human_count(a, e->from),
                          human_count(b, e->to), (long long)e->from, (long long)e->to - 1);
    }
    if (f == NULL)
        return false;
    f->severity = VERDICT_CRIT;
    f->title = arena_printf(run->arena,
                            "retention removed %s records that %s had not read, in %d partition%s",
                            human_count(a, lost), c->base.name, parts, parts == 1 ? "" : "s");
    rule_advise(run, f,
                "raise retention.ms of its topics now, then get %s to read on; a snapshot of the "
                "tables brings their present rows",
                c->base.name);
    if (rule_connector_is(c, "PAUSED") || rule_connector_is(c, "STOPPED"))
        rule_remedy(f, ACTION_CONTINUE);
    else if (c->failed > 0)
        rule_remedy(f, ACTION_RESTART);
    return true;
}

/* Age of the oldest record of this topic that the sink has not committed; UNKNOWN. */
static int64_t oldest_ms(const struct rule_run *run, const struct topic_row *t)
{
    const struct kafka_snap *k = rule_kafka(run);
    int64_t now = world_server_now(run->world, run->index, SOURCE_KAFKA);
    int64_t age = t->lag_ms;
    for (size_t i = 0; i < k->nunread; i++) {
        const struct kafka_unread *u = &k->unread[i];
        if (strcmp(u->group, t->group) == 0 && strcmp(u->topic, t->base.name) == 0 &&
            now - u->time_ms > age)
            age = now - u->time_ms;
    }
    return age;
}

static const char *loss_in(const struct rule_run *run, const struct connector_row *c, int64_t left)
{
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    struct projection p = series_project(rule_series(run, "behind %s", c->facts->group_id),
                                         (double)left, 1, PROJECT_MS);
    (void)human_duration_ms(a, p.known && p.low_ms > left ? p.low_ms : left);
    if (!p.known)
        return arena_printf(run->arena, "in %s at the earliest", a);
    if (p.high_ms == INT64_MAX || p.high_ms <= left)
        return arena_printf(run->arena, "in %s%s", a,
                            p.high_ms == INT64_MAX ? " at the earliest" : "");
    return arena_printf(run->arena, "in %s to %s", a, human_duration_ms(b, p.high_ms));
}

static void say_soon_lost(struct rule_run *run, const struct connector_row *c)
{
    const struct topic_row *worst = NULL;
    double most = 0;
    int64_t age = 0;
    for (size_t i = 0; i < run->p->ntopics; i++) {
        const struct topic_row *t = topic_of_sink(run, c, i);
        if (t == NULL || t->lag == UNKNOWN || t->lag <= 0 || t->topic->retention_ms == UNKNOWN ||
            t->topic->retention_ms <= 0 || t->topic->cleanup_policy == NULL ||
            strstr(t->topic->cleanup_policy, "delete") == NULL)
            continue;
        int64_t old = oldest_ms(run, t);
        double used = old != UNKNOWN ? (double)old / (double)t->topic->retention_ms : 0;
        if (used <= most)
            continue;
        most = used;
        worst = t;
        age = old;
    }
    if (worst == NULL || most * 100 < (double)run->limits->retention_used_pct)
        return;
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    int64_t left = age < worst->topic->retention_ms ? worst->topic->retention_ms - age : 0;
    struct finding *f =
        rule_emit(run, c->base.name, "%s loses unread records of %s to retention %s", c->base.name,
                  worst->base.name, loss_in(run, c, left));
    rule_evidence(run, f, "oldest unread record: %s old, retention.ms %s (threshold %lld %%)",
                  human_duration_ms(a, age), human_duration_ms(b, worst->topic->retention_ms),
                  (long long)run->limits->retention_used_pct);
    rule_evidence(run, f, "%s records of it wait", human_count(a, worst->lag));
    rule_advise(run, f, "raise retention.ms of %s first, then see why %s is behind",
                worst->base.name, c->base.name);
    if (rule_connector_is(c, "PAUSED") || rule_connector_is(c, "STOPPED"))
        rule_remedy(f, ACTION_CONTINUE);
}

static void retention(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (c->facts->sink && c->facts->group_id != NULL && !say_lost(run, c))
            say_soon_lost(run, c);
    }
}

/* ---- K04 ---- */

static void no_members(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct group_row *g = c->facts->sink ? c->group : NULL;
        const char *state = g != NULL && g->group->state != NULL ? g->group->state : "";
        bool empty = strcmp(state, "Empty") == 0 || strcmp(state, "Dead") == 0;
        if (!rule_connector_is(c, "RUNNING") || !empty || g->lag == UNKNOWN || g->lag <= 0)
            continue;
        struct finding *f = rule_emit(run, c->base.name,
                                      "%s says RUNNING, but its group has no member", c->base.name);
        char a[HUMAN_SIZE];
        rule_evidence(run, f, "group %s is %s, lag %s (threshold 0)", g->base.name, state,
                      human_count(a, g->lag));
        rule_advise(run, f, "its tasks do not consume: read %s, then restart",
                    c->connector->service == SERVICE_MSK_CONNECT ? "the workers' log"
                                                                 : "their traces");
        rule_remedy(f, ACTION_RESTART);
    }
}

/* ---- K06, K09 ---- */

/* Since when Kafka has answered without a break, as far as is remembered: while it was away nobody
 * could commit. INT64_MAX: no break is known. */
static int64_t answered_ms(const struct series *s)
{
    enum { BREAK_MS = 15 * 1000 };
    struct point newest;
    struct point later;
    struct point p;
    if (!series_at(s, 0, &newest))
        return 0;
    later = newest;
    for (int i = 1; series_at(s, i, &p); i++) {
        if (later.t - p.t > BREAK_MS)
            return newest.t - later.t;
        later = p;
    }
    return INT64_MAX;
}

/* How long records of this topic have waited while the whole group committed nothing: a quiet group
 * to which a record comes has stood still for hours and is not stuck; UNKNOWN. */
static int64_t stuck_ms(const struct rule_run *run, const struct topic_row *t)
{
    if (t->lag == UNKNOWN || t->lag <= 0 || t->lag_ms == UNKNOWN)
        return UNKNOWN;
    int64_t still = series_still_ms(rule_series(run, "committed %s", t->group));
    int64_t answered = answered_ms(rule_series(run, "lag %s", t->group));
    still = answered < still ? answered : still;
    return still < t->lag_ms ? still : t->lag_ms;
}

/* A group without members is K04's, one that rebalances K05's. */
static bool consumes(const struct connector_row *c)
{
    const struct group_row *g = c->facts->sink ? c->group : NULL;
    return g != NULL && pipeline_runs_partly(c) &&
           (g->group->state == NULL || strcmp(g->group->state, "Stable") == 0);
}

static void stuck(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        int64_t longest = 0;
        int64_t limit = 0;
        const struct topic_row *worst = NULL;
        bool able = consumes(c);
        for (size_t k = 0; able && k < run->p->ntopics; k++) {
            const struct topic_row *t = topic_of_sink(run, c, k);
            int64_t due = t != NULL ? join_rotation(c, t) : DUE_NEVER;
            bool waits = t != NULL && due != DUE_NEVER && !join_skips_tail(c, t);
            int64_t waited = waits ? stuck_ms(run, t) : UNKNOWN;
            int64_t allowed =
                due != DUE_NEVER && due > 0 ? due * 3 + run->limits->late_grace_ms : 0;
            if (allowed < run->limits->commit_still_ms)
                allowed = run->limits->commit_still_ms;
            if (waited == UNKNOWN || waited < allowed || waited <= longest)
                continue;
            longest = waited;
            limit = allowed;
            worst = t;
        }
        if (worst == NULL)
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f = rule_emit(run, c->base.name, "%s has committed nothing for %s, lag %s",
                                      c->base.name, human_duration_ms(a, longest),
                                      human_count(b, c->lag != UNKNOWN ? c->lag : worst->lag));
        rule_evidence(run, f, "committed of %s still for %s (threshold %s), records of %s wait",
                      c->facts->group_id, human_duration_ms(a, longest),
                      human_duration_ms(b, limit), worst->base.name);
        rule_evidence(run, f, "RUNNING is not progress: a sink retries a dead S3 without a word");
        rule_advise(run, f, "check that its target answers; it goes on by itself when it does");
        rule_remedy(f, ACTION_RESTART);
    }
}

/* Said only where a person would wonder: records wait longer than any lag is expected to, and yet
 * the file that holds them is not due. */
static void open_file(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct topic_row *longest = NULL;
        int64_t due = 0;
        for (size_t k = 0; pipeline_runs_partly(c) && k < run->p->ntopics; k++) {
            const struct topic_row *t = topic_of_sink(run, c, k);
            if (t == NULL || !connector_role_is_s3(c->facts->role) || t->lag == UNKNOWN ||
                t->lag <= 0 || t->lag_ms == UNKNOWN || c->facts->flush_size <= 0 ||
                t->lag > c->facts->flush_size * (int64_t)t->topic->npartitions)
                continue;
            int64_t rotation = join_rotation(c, t);
            if (rotation == DUE_NEVER || t->lag_ms > rotation ||
                t->lag_ms <= run->limits->lag_time_warn_ms ||
                (longest != NULL && t->lag_ms <= longest->lag_ms))
                continue;
            longest = t;
            due = rotation;
        }
        if (longest == NULL)
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f = rule_emit(run, longest->base.name,
                                      "%s: %s records wait in the open file, as they should",
                                      longest->base.name, human_count(a, longest->lag));
        rule_evidence(run, f, "the oldest for %s; a file is due every %s",
                      human_duration_ms(a, longest->lag_ms), human_duration_ms(b, due));
        rule_evidence(run, f, "lag %s <= flush.size %s per partition", human_count(a, longest->lag),
                      human_count(b, c->facts->flush_size));
        rule_advise(run, f, "nothing to do: %s commits when it closes the file", c->base.name);
    }
}

/* ---- K10 ---- */

static void advise_drain(struct rule_run *run, struct finding *f, const struct connector_row *c)
{
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    const struct series *lag = rule_series(run, "lag %s", c->facts->group_id);
    struct projection p = series_project(lag, (double)c->lag, -1, PROJECT_MS);
    double rate = series_rate(lag, PROJECT_MS);
    if (isnan(rate) || series_samples(lag) < 3) {
        rule_advise(run, f, "watch whether it drains; a sink that commits is only slow");
    } else if (!p.known) {
        rule_evidence(run, f, "lag grows by %s/s", human_rate(a, rate > 0 ? rate : 0));
        rule_advise(run, f, "it does not drain: the sink is slower than what is written");
    } else {
        rule_evidence(run, f, "lag shrinks by %s/s", human_rate(a, p.per_s));
        bool range = p.high_ms != INT64_MAX && p.high_ms > p.low_ms;
        rule_advise(run, f, "as things go it has caught up in about %s%s%s",
                    human_duration_ms(a, p.low_ms), range ? " to " : "",
                    range                    ? human_duration_ms(b, p.high_ms)
                    : p.high_ms == INT64_MAX ? ", or not at all"
                                             : "");
    }
}

static void behind(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        if (!c->facts->sink || c->lag == UNKNOWN || c->lag <= run->limits->lag_warn ||
            c->lag <= pipeline_open_records_of(run->p, c))
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f = rule_emit(run, c->base.name, "%s is %s messages behind", c->base.name,
                                      human_count(a, c->lag));
        f->severity = c->lag > run->limits->lag_crit ? VERDICT_CRIT : VERDICT_WARN;
        rule_evidence(run, f, "lag %s (thresholds %s and %s)", human_count(a, c->lag),
                      human_count(b, run->limits->lag_warn),
                      human_count((char[HUMAN_SIZE]){0}, run->limits->lag_crit));
        advise_drain(run, f, c);
    }
}

/* ---- C22 ---- */

static void held(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        bool paused = rule_connector_is(c, "PAUSED");
        if (!c->facts->sink || (!paused && !rule_connector_is(c, "STOPPED")))
            continue;
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        bool waits = c->lag != UNKNOWN && c->lag > 0;
        struct finding *f =
            rule_emit(run, c->base.name, "%s is %s%s%s%s", c->base.name, c->connector->state,
                      waits ? ": " : "", waits ? human_count(a, c->lag) : "",
                      waits ? " messages wait for it" : "");
        if (waits && c->lag > run->limits->lag_warn)
            f->severity = c->lag > run->limits->lag_crit ? VERDICT_CRIT : VERDICT_WARN;
        rule_evidence(run, f, "state %s; lag %s (thresholds %s and %s)", c->connector->state,
                      human_count(a, c->lag), human_count(b, run->limits->lag_warn),
                      human_count((char[HUMAN_SIZE]){0}, run->limits->lag_crit));
        rule_advise(run, f, "continue it before the topics' retention removes what waits");
        rule_remedy(f, ACTION_CONTINUE);
    }
}

/* ---- C09 ---- */

/* What a counter gained within window_ms, as far back as it is remembered; 0 without samples. */
static int64_t gained(const struct series *s, int64_t now, int64_t window_ms)
{
    struct point newest;
    struct point p;
    if (!series_at(s, 0, &newest))
        return 0;
    struct point old = newest;
    for (int i = 1; series_at(s, i, &p); i++) {
        old = p;
        if (now - p.t >= window_ms)
            break;
    }
    return (int64_t)(newest.v - old.v);
}

static const struct kafka_last *letter_of(const struct rule_run *run, const char *topic)
{
    const struct kafka_snap *k = rule_kafka(run);
    for (size_t i = 0; i < k->nlasts; i++) {
        if (strcmp(k->lasts[i].topic, topic) == 0)
            return &k->lasts[i];
    }
    return NULL;
}

static void name_letter(struct rule_run *run, struct finding *f, const struct connector_row *c,
                        const struct kafka_last *letter)
{
    char a[HUMAN_SIZE];
    if (letter == NULL || letter->time_ms == UNKNOWN)
        return;
    int64_t age = world_server_now(run->world, run->index, SOURCE_KAFKA) - letter->time_ms;
    rule_evidence(run, f, "the newest one came %s ago", human_duration_ms(a, age));
    if (letter->exception == NULL)
        rule_evidence(run, f, "no headers in it: errors.deadletterqueue.context.headers.enable");
    else
        rule_evidence(run, f, "%s: %s", letter->exception,
                      rule_brief(run, letter->message != NULL ? letter->message : "", 100));
    if (letter->connector != NULL && strcmp(letter->connector, c->base.name) != 0)
        rule_evidence(run, f, "that one is of %s", letter->connector);
}

static void dead_letters(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const char *dlq = c->facts->sink ? c->facts->dlq_topic : NULL;
        if (dlq == NULL || dlq[0] == '\0')
            continue;
        int64_t window = run->limits->dlq_window_ms;
        int64_t mono = run->world->mono_ms;
        int64_t n = gained(rule_series(run, "end %s", dlq), mono, window);
        const struct kafka_last *letter = letter_of(run, dlq);
        int64_t age = letter != NULL && letter->time_ms != UNKNOWN
                          ? world_server_now(run->world, run->index, SOURCE_KAFKA) - letter->time_ms
                          : INT64_MAX;
        bool at_least = n <= 0; /* it came before the first look: how many is not known */
        if (at_least && age > window)
            continue;
        n = at_least ? 1 : n;
        int64_t done = gained(rule_series(run, "committed %s", c->facts->group_id), mono, window);
        char a[HUMAN_SIZE];
        char b[HUMAN_SIZE];
        struct finding *f = rule_emit(run, c->base.name, "%s put %s%s record%s into %s in %s",
                                      c->base.name, at_least ? "at least " : "", human_count(a, n),
                                      n == 1 ? "" : "s", dlq, human_duration_ms(b, window));
        int64_t of = done > n ? done : n;
        double share = (double)n * MILLION / (double)of;
        /* One of a few is no rate: with a limit of 0.1 % the second one of 1,000 is critical. */
        if (n > 1 && share > (double)run->limits->dlq_per_million_crit &&
            (double)n * MILLION >
                (double)run->limits->dlq_per_million_crit * (of > FEW ? (double)of : FEW))
            f->severity = VERDICT_CRIT;
        rule_evidence(run, f, "%s of %s records in %s: %.2f %% (critical above %.2f %%)",
                      human_count(a, n), human_count(b, of),
                      human_duration_ms((char[HUMAN_SIZE]){0}, window), share / PER_CENT,
                      (double)run->limits->dlq_per_million_crit / PER_CENT);
        name_letter(run, f, c, letter);
        rule_advise(run, f, "read %s by exception class, mend the cause, then replay it", dlq);
    }
}

const struct diag_rule rules_sink[] = {
    {.id = "K03",
     .severity = VERDICT_WARN,
     .hop = HOP_SINK,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_CONNECT),
     .eval = retention,
     .explains = {"K10"}},
    {.id = "K04",
     .severity = VERDICT_CRIT,
     .hop = HOP_SINK,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_CONNECT),
     .eval = no_members,
     .explains = {"K06", "K10", "S02"},
     .hold_ms = SETTLE_MS},
    {.id = "K06",
     .severity = VERDICT_CRIT,
     .hop = HOP_SINK,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_CONNECT),
     .eval = stuck,
     .explains = {"K10", "S02"},
     .check = "the worker's log: a sink that retries says so there and nowhere else"},
    {.id = "K09",
     .severity = VERDICT_INFO,
     .hop = HOP_SINK,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_CONNECT),
     .eval = open_file},
    {.id = "C22",
     .severity = VERDICT_INFO,
     .hop = HOP_SINK,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_CONNECT),
     .eval = held,
     .explains = {"K06", "K09", "K10", "S01", "S02"}},
    {.id = "K10",
     .severity = VERDICT_WARN,
     .hop = HOP_SINK,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_CONNECT),
     .eval = behind,
     .hold_ms = BURST_MS},
    {.id = "C09",
     .severity = VERDICT_WARN,
     .hop = HOP_SINK,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_CONNECT),
     .eval = dead_letters,
     .check = "the headers __connect.errors.* of its records"},
    {.id = NULL                                                   },
};
