/* The strip: six hops in the way of the data, each with its name, its one figure and its verdict.
 */
#include "base/human.h"
#include "model/join.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WAL_WINDOW_MS = 20 * 1000 };

static void say(struct hop *hop, enum verdict verdict, const char *word, const char *curt)
{
    hop->verdict = verdict;
    hop->word = word;
    hop->curt = curt;
}

/* A server that refuses us did answer: the word must not send anybody to look for a dead one. */
static void say_failing(struct hop *hop, enum err_kind kind)
{
    switch (kind) {
    case ERR_AUTH: say(hop, VERDICT_UNKNOWN, "login refused", "refused"); break;
    case ERR_DENIED: say(hop, VERDICT_UNKNOWN, "not permitted", "denied"); break;
    case ERR_NOTFOUND: say(hop, VERDICT_UNKNOWN, "not found", "missing"); break;
    case ERR_CONFIG: say(hop, VERDICT_UNKNOWN, "cannot be asked", "unasked"); break;
    default: say(hop, VERDICT_UNKNOWN, "no answer", "silent"); break;
    }
}

/* What stands in a hop whose source has not told anything, or nothing fresh. */
static bool no_answer(const struct join *j, struct hop *hop, enum source_kind kind)
{
    switch (j->state[kind]) {
    case STATE_OFF:
        hop->brief = "";
        say(hop, VERDICT_NONE, "not configured", "none");
        return true;
    case STATE_WAITING: say(hop, VERDICT_UNKNOWN, "asking", NULL); return true;
    case STATE_FAILING: say_failing(hop, j->wp->sources[kind].err.kind); return true;
    case STATE_STALE: say(hop, VERDICT_UNKNOWN, "stale", NULL); return true;
    case STATE_FRESH: break;
    }
    return false;
}

static const char *human(const struct join *j, char *(*fn)(char *, int64_t), int64_t v)
{
    char buf[HUMAN_SIZE];
    return arena_strdup(j->arena, fn(buf, v));
}

static const char *two_digits(const struct join *j, double v, const char *gap, const char *unit)
{
    char buf[HUMAN_SIZE];
    return arena_strdup(j->arena, human_short(buf, v, gap, unit));
}

static void hop_source(struct join *j, struct hop *hop)
{
    const struct snapshot *snap = j->snap[SOURCE_POSTGRES];
    hop->name = "database";
    if (snap != NULL && snap->pg.database != NULL)
        hop->name = snap->pg.database;
    double rate = series_rate(series_find(j->wp->series, "wal"), WAL_WINDOW_MS);
    char buf[HUMAN_SIZE];
    hop->figure =
        isnan(rate) ? "WAL …" : arena_printf(j->arena, "WAL %s", human_byte_rate(buf, rate));
    hop->brief = isnan(rate) ? "…" : two_digits(j, rate, " ", "B/s");
    hop->tight = isnan(rate) ? "…" : two_digits(j, rate, "", "/s");
    if (no_answer(j, hop, SOURCE_POSTGRES) || snap == NULL)
        return;
    bool logical = snap->pg.wal_level == NULL || strcmp(snap->pg.wal_level, "logical") == 0;
    hop->verdict = logical ? VERDICT_OK : VERDICT_CRIT;
    hop->word = !logical ? "wal_level is not logical"
                         : (snap->pg.in_recovery == TRI_YES ? "standby" : "ok");
}

static void hop_slot(struct join *j, struct hop *hop)
{
    const struct slot_row *worst = NULL;
    int owned = 0;
    /* While nobody told who owns which, every logical slot may be in the way. */
    bool any = !j->connectors_told;
    for (size_t i = 0; i < j->out->nslots; i++) {
        const struct slot_row *s = &j->out->slots[i];
        bool logical = s->slot->type != NULL && strcmp(s->slot->type, "logical") == 0;
        if (s->owner == NULL && !(any && logical))
            continue;
        owned++;
        if (worst == NULL || s->base.verdict > worst->base.verdict ||
            (s->base.verdict == worst->base.verdict && s->behind > worst->behind))
            worst = s;
    }
    hop->name = worst != NULL ? worst->base.name : "slot";
    hop->figure = hop->brief = "";
    if (worst != NULL) {
        hop->brief = human(j, human_bytes, worst->behind);
        hop->tight = two_digits(j, worst->behind == UNKNOWN ? NAN : (double)worst->behind, "", "B");
        hop->figure = arena_printf(j->arena, "%s behind", hop->brief);
    }
    if (no_answer(j, hop, SOURCE_POSTGRES))
        return;
    if (worst == NULL) {
        for (size_t i = 0; i < j->out->nconnectors; i++) {
            const struct connector_row *c = &j->out->connectors[i];
            if (!join_lacks_slot(j->out, c) && !join_dms_lacks_slot(j, c))
                continue;
            hop->name = c->facts->slot_name;
            say(hop, VERDICT_WARN, "missing", NULL);
            return;
        }
        /* A missing slot is a fact only while we know which one to look for. */
        if (j->state[j->teller] == STATE_FRESH)
            say(hop, VERDICT_UNKNOWN, "no slot of a connector", "no slot");
        else
            say(hop, VERDICT_UNKNOWN, "owner unknown", "owner");
        return;
    }
    enum verdict verdict = worst->base.verdict;
    if (worst->owner == NULL && verdict < VERDICT_UNKNOWN)
        say(hop, VERDICT_UNKNOWN, "owner unknown", "owner");
    else if (verdict != VERDICT_OK)
        say(hop, verdict, worst->state, NULL);
    else
        say(hop, verdict, owned > 1 ? arena_printf(j->arena, "%d slots ok", owned) : "ok", NULL);
}

/* Source or sink connectors as one hop: the worst speaks. */
static const struct connector_row *worst_of(const struct join *j, bool sinks, int *count)
{
    const struct connector_row *worst = NULL;
    *count = 0;
    for (size_t i = 0; i < j->out->nconnectors; i++) {
        const struct connector_row *c = &j->out->connectors[i];
        if (c->facts->sink != sinks)
            continue;
        (*count)++;
        if (worst == NULL || c->base.verdict > worst->base.verdict ||
            (c->base.verdict == worst->base.verdict && c->lag > worst->lag))
            worst = c;
    }
    return worst;
}

static void say_connector(const struct join *j, struct hop *hop, const struct connector_row *c)
{
    enum verdict verdict = c->base.verdict;
    const char *state = c->connector->state != NULL ? c->connector->state : "";
    bool running = pipeline_state_is(c->connector, "RUNNING");
    if (c->failed > 0) {
        say(hop, verdict, arena_printf(j->arena, "%d of %d failed", c->failed, c->tasks),
            arena_printf(j->arena, "%d failed", c->failed));
    } else if (running && verdict == VERDICT_UNKNOWN) {
        say(hop, verdict, c->facts->sink ? "lag unknown" : "progress unknown",
            c->facts->sink ? "lag" : "progress");
    } else if (running && c->tasks > 0) {
        const char *tasks = arena_printf(j->arena, "%d/%d", c->running, c->tasks);
        say(hop, verdict, arena_printf(j->arena, "running %s", tasks), tasks);
    } else if (running) {
        say(hop, verdict, c->tasks_known ? "no task" : "running", NULL);
    } else {
        char *word = arena_strdup(j->arena, state);
        for (char *p = word; *p != '\0'; p++)
            *p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
        say(hop, verdict, word, NULL);
    }
}

/* Is there one whose config was not told: a sink or a source, nobody knows? */
static bool any_untold(const struct join *j)
{
    for (size_t i = 0; i < j->out->nconnectors; i++) {
        const struct msk_connector *m = j->out->connectors[i].connector->msk;
        if (m != NULL && !m->described)
            return true;
    }
    return false;
}

static void hop_connector(struct join *j, struct hop *hop, bool sinks)
{
    int count;
    const struct connector_row *worst = worst_of(j, sinks, &count);
    hop->name = worst != NULL ? worst->base.name : sinks ? "sink" : "connector";
    hop->figure = hop->brief = "";
    if (worst != NULL && sinks && worst->lag != UNKNOWN) {
        hop->brief = human(j, human_count, worst->lag);
        hop->tight = two_digits(j, (double)worst->lag, "", "");
        hop->figure = arena_printf(j->arena, "%s behind", hop->brief);
    } else if (worst != NULL && !sinks && worst->behind_ms != UNKNOWN) {
        const char *more = worst->behind_ms_more ? ">" : "";
        hop->brief =
            arena_printf(j->arena, "%s%s", more, human(j, human_duration_ms, worst->behind_ms));
        hop->tight = arena_printf(j->arena, "%s%s", more, human(j, human_age_ms, worst->behind_ms));
        hop->figure = arena_printf(j->arena, "%s behind", hop->brief);
    }
    if (no_answer(j, hop, j->teller))
        return;
    if (worst == NULL && any_untold(j)) {
        say(hop, VERDICT_UNKNOWN, "not described", "untold");
        return;
    }
    if (worst == NULL) {
        say(hop, VERDICT_UNKNOWN, sinks ? "no sink connector" : "no source connector", "none");
        return;
    }
    say_connector(j, hop, worst);
}

/* The topics that the sinks read, or all when there is no sink: the way of the data. */
static bool in_the_way(const struct topic_row *t, int with_sink)
{
    return with_sink == 0 || t->group != NULL;
}

/* "shop.public.*" for several, the name itself for one. */
static const char *common_name(struct join *j, int with_sink)
{
    const char *first = NULL;
    size_t same = 0;
    int n = 0;
    for (size_t i = 0; i < j->out->ntopics; i++) {
        const char *name = j->out->topics[i].base.name;
        if (!in_the_way(&j->out->topics[i], with_sink))
            continue;
        if (n++ == 0) {
            first = name;
            same = strlen(name);
        }
        size_t k = 0;
        while (k < same && name[k] == first[k])
            k++;
        same = k;
    }
    if (n <= 1 || first == NULL)
        return first != NULL ? first : "topics";
    while (same > 0 && first[same - 1] != '.' && first[same - 1] != '-' && first[same - 1] != '_')
        same--;
    return same == 0 ? "topics" : arena_printf(j->arena, "%.*s*", (int)same, first);
}

static void hop_topics(struct join *j, struct hop *hop)
{
    int with_sink = 0;
    for (size_t i = 0; i < j->out->ntopics; i++)
        with_sink += j->out->topics[i].group != NULL;
    double sum = NAN;
    int n = 0;
    enum verdict v = VERDICT_OK;
    const char *why = "";
    for (size_t i = 0; i < j->out->ntopics; i++) {
        const struct topic_row *t = &j->out->topics[i];
        if (!in_the_way(t, with_sink))
            continue;
        n++;
        if (!isnan(t->per_s))
            sum = (isnan(sum) ? 0 : sum) + t->per_s;
        /* Lag is the sink's trouble, not the topic's: it speaks in the next hop. */
        if (t->leaderless > 0 || t->under_replicated > 0 || t->base.verdict == VERDICT_UNKNOWN) {
            v = t->base.verdict > v ? t->base.verdict : v;
            why = t->base.why;
        }
    }
    hop->name = common_name(j, with_sink);
    char buf[HUMAN_SIZE];
    hop->figure = isnan(sum) ? "… msg/s" : arena_printf(j->arena, "%s msg/s", human_rate(buf, sum));
    hop->brief = isnan(sum) ? "…" : arena_printf(j->arena, "%s/s", human_rate(buf, sum));
    hop->tight = isnan(sum) ? "…" : two_digits(j, sum, "", "/s");
    if (no_answer(j, hop, SOURCE_KAFKA))
        return;
    if (n == 0)
        say(hop, VERDICT_UNKNOWN, "no topic visible", "none");
    else
        say(hop, v,
            v == VERDICT_OK ? arena_printf(j->arena, n == 1 ? "%d topic" : "%d topics", n) : why,
            NULL);
}

static void hop_objects(struct join *j, struct hop *hop)
{
    const struct prefix_row *worst = NULL;
    int64_t newest = UNKNOWN;
    for (size_t i = 0; i < j->out->nprefixes; i++) {
        const struct prefix_row *p = &j->out->prefixes[i];
        if (worst == NULL || p->base.verdict > worst->base.verdict)
            worst = p;
        if (p->newest_age_ms != UNKNOWN && (newest == UNKNOWN || p->newest_age_ms < newest))
            newest = p->newest_age_ms;
    }
    hop->name = "objects";
    if (j->snap[SOURCE_S3] != NULL)
        hop->name = j->snap[SOURCE_S3]->s3.bucket;
    hop->figure = hop->brief = "";
    if (newest != UNKNOWN) {
        hop->brief = human(j, human_age_ms, newest);
        hop->figure = arena_printf(j->arena, "newest %s", hop->brief);
    }
    if (no_answer(j, hop, SOURCE_S3))
        return;
    enum verdict verdict = worst != NULL ? worst->base.verdict : VERDICT_UNKNOWN;
    if (worst == NULL)
        say(hop, verdict, "no objects yet", "none yet");
    else if (verdict <= VERDICT_INFO)
        say(hop, verdict, "ok", NULL);
    else if (verdict == VERDICT_UNKNOWN && worst->prefix->error == NULL && worst->prefix->complete)
        say(hop, verdict, "lateness unknown", "lateness");
    else
        say(hop, verdict, worst->base.why, NULL);
}

/* Of the slowest source; UNKNOWN without any, and while the database does not say. */
static int64_t behind_of_capture(const struct join *j, bool *more)
{
    enum source_state pg = j->state[SOURCE_POSTGRES];
    if (pg != STATE_FRESH && pg != STATE_OFF)
        return UNKNOWN;
    int64_t worst = 0;
    int sources = 0;
    for (size_t i = 0; i < j->out->nconnectors; i++) {
        const struct connector_row *c = &j->out->connectors[i];
        if (c->facts->sink)
            continue;
        sources++;
        if (c->behind_ms == UNKNOWN && pg == STATE_FRESH &&
            (c->facts->role == CONNECTOR_SOURCE_POSTGRES || c->facts->role == CONNECTOR_SOURCE_DMS))
            return UNKNOWN;
        if (c->behind_ms == UNKNOWN)
            continue;
        *more |= c->behind_ms_more;
        worst = c->behind_ms > worst ? c->behind_ms : worst;
    }
    return sources > 0 ? worst : UNKNOWN;
}

/* How old the newest data at the far end is: what waits longest before the sink, plus what the
 * capture is behind. */
static void end_to_end(struct join *j)
{
    struct pipeline *p = j->out;
    p->end_to_end_ms = UNKNOWN;
    int64_t due = 0;
    int64_t judged = 0; /* S01 speaks of files that nothing closes */
    for (size_t i = 0; i < p->nprefixes; i++) {
        const struct prefix_row *row = &p->prefixes[i];
        const struct topic_row *t = pipeline_topic(p, row->base.name);
        if (row->due_ms != UNKNOWN && row->due_ms != DUE_NEVER && row->due_ms > due)
            due = row->due_ms;
        if (t != NULL && t->lag_ms != UNKNOWN && !t->base.stale) {
            p->end_to_end_more |= t->lag_ms_more;
            p->end_to_end_ms = t->lag_ms > p->end_to_end_ms ? t->lag_ms : p->end_to_end_ms;
            bool skipped = join_skips_tail(pipeline_connector(p, row->connector), t);
            if (row->due_ms != DUE_NEVER && !skipped && t->lag_ms > judged)
                judged = t->lag_ms;
        }
        p->end_to_end_late |= row->late_ms != UNKNOWN && row->late_ms > 0;
    }
    bool more = false;
    int64_t capture = behind_of_capture(j, &more);
    if (capture == UNKNOWN)
        p->end_to_end_ms = UNKNOWN;
    if (p->end_to_end_ms == UNKNOWN) {
        p->end_to_end_more = false;
        return;
    }
    p->end_to_end_more |= more;
    p->end_to_end_ms += capture;
    const struct threshold_config *t = &j->wp->config->thresholds;
    p->end_to_end = p->end_to_end_late ? VERDICT_WARN : VERDICT_OK;
    if (judged + capture > due + t->end_to_end_warn_ms)
        p->end_to_end = VERDICT_WARN;
    if (judged + capture > due + t->end_to_end_crit_ms)
        p->end_to_end = VERDICT_CRIT;
    p->end_to_end_late = p->end_to_end >= VERDICT_WARN;
}

static const char *route(struct join *j)
{
    const struct snapshot *pg = j->snap[SOURCE_POSTGRES];
    int major = pg != NULL ? pg->pg.version_num / 10000 : 0;
    const char *db = major > 0 ? arena_printf(j->arena, "PostgreSQL %d", major) : "PostgreSQL";
    return arena_printf(j->arena, "%s → Kafka → S3", db);
}

void join_hops(struct join *j)
{
    static const char *const titles[HOP_COUNT] = {
        [HOP_SOURCE] = "source", [HOP_SLOT] = "slot", [HOP_CAPTURE] = "capture",
        [HOP_TOPICS] = "topics", [HOP_SINK] = "sink", [HOP_OBJECTS] = "objects",
    };
    struct hop *hops = j->out->hops;
    for (int i = 0; i < HOP_COUNT; i++)
        hops[i].title = titles[i];
    hop_source(j, &hops[HOP_SOURCE]);
    hop_slot(j, &hops[HOP_SLOT]);
    hop_connector(j, &hops[HOP_CAPTURE], false);
    hop_topics(j, &hops[HOP_TOPICS]);
    hop_connector(j, &hops[HOP_SINK], true);
    hop_objects(j, &hops[HOP_OBJECTS]);
    j->out->first_bad = -1;
    for (int i = HOP_COUNT - 1; i >= 0; i--) {
        if (hops[i].verdict >= VERDICT_WARN)
            j->out->first_bad = i;
    }
    j->out->route = route(j);
    end_to_end(j);
    join_fresh(j);
}
