/* The strip: six hops in the way of the data, each with its name, its one figure and its verdict.
 */
#include "base/human.h"
#include "model/join.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WAL_WINDOW_MS = 20 * 1000 };

/* A server that refuses us did answer: the word must not send anybody to look for a dead one. */
static const char *failing_word(enum err_kind kind)
{
    switch (kind) {
    case ERR_AUTH: return "login refused";
    case ERR_DENIED: return "not permitted";
    case ERR_NOTFOUND: return "not found";
    case ERR_CONFIG: return "not set up";
    default: return "no answer";
    }
}

/* What stands in a hop whose source has not told anything, or nothing fresh. */
static bool no_answer(const struct join *j, struct hop *hop, enum source_kind kind)
{
    switch (j->state[kind]) {
    case STATE_OFF:
        hop->verdict = VERDICT_NONE;
        hop->word = "not configured";
        return true;
    case STATE_WAITING:
        hop->verdict = VERDICT_UNKNOWN;
        hop->word = "asking";
        return true;
    case STATE_FAILING:
        hop->verdict = VERDICT_UNKNOWN;
        hop->word = failing_word(j->wp->sources[kind].err.kind);
        return true;
    case STATE_STALE:
        hop->verdict = VERDICT_UNKNOWN;
        hop->word = "stale";
        return true;
    case STATE_FRESH: break;
    }
    return false;
}

static const char *human(const struct join *j, char *(*fn)(char *, int64_t), int64_t v)
{
    char buf[HUMAN_SIZE];
    return arena_strdup(j->arena, fn(buf, v));
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
    hop->brief = isnan(rate) ? "…" : arena_strdup(j->arena, human_byte_rate(buf, rate));
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
        hop->figure = arena_printf(j->arena, "%s behind", hop->brief);
    }
    if (no_answer(j, hop, SOURCE_POSTGRES))
        return;
    if (worst == NULL) {
        for (size_t i = 0; i < j->out->nconnectors; i++) {
            const struct connector_row *c = &j->out->connectors[i];
            if (!join_lacks_slot(j->out, c))
                continue;
            hop->name = c->facts->slot_name;
            hop->verdict = VERDICT_WARN;
            hop->word = "missing";
            return;
        }
        /* A missing slot is a fact only while we know which one to look for. */
        bool told = j->state[j->teller] == STATE_FRESH;
        hop->verdict = VERDICT_UNKNOWN;
        hop->word = told ? "no slot of a connector" : "owner unknown";
        return;
    }
    hop->verdict = worst->base.verdict;
    hop->word = worst->base.verdict == VERDICT_OK ? "ok" : worst->state;
    if (worst->owner == NULL && hop->verdict < VERDICT_UNKNOWN) {
        hop->verdict = VERDICT_UNKNOWN;
        hop->word = "owner unknown";
    }
    if (owned > 1 && worst->base.verdict == VERDICT_OK)
        hop->word = arena_printf(j->arena, "%d slots ok", owned);
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

static const char *connector_word(struct join *j, const struct connector_row *c)
{
    const char *state = c->connector->state != NULL ? c->connector->state : "";
    bool running = pipeline_state_is(c->connector, "RUNNING");
    if (c->failed > 0)
        return arena_printf(j->arena, "%d of %d failed", c->failed, c->tasks);
    if (c->base.verdict == VERDICT_UNKNOWN && running)
        return c->facts->sink ? "lag unknown" : "progress unknown";
    if (running && c->tasks > 0)
        return arena_printf(j->arena, "running %d/%d", c->running, c->tasks);
    if (running)
        return c->tasks_known ? "no task" : "running";
    char *word = arena_strdup(j->arena, state);
    for (char *p = word; *p != '\0'; p++)
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
    return word;
}

static void hop_connector(struct join *j, struct hop *hop, bool sinks)
{
    int count;
    const struct connector_row *worst = worst_of(j, sinks, &count);
    hop->name = worst != NULL ? worst->base.name : sinks ? "sink" : "connector";
    hop->figure = hop->brief = "";
    if (worst != NULL && sinks && worst->lag != UNKNOWN) {
        hop->brief = human(j, human_count, worst->lag);
        hop->figure = arena_printf(j->arena, "%s behind", hop->brief);
    } else if (worst != NULL && !sinks && worst->behind_ms != UNKNOWN) {
        hop->brief = arena_printf(j->arena, "%s%s", worst->behind_ms_more ? ">" : "",
                                  human(j, human_duration_ms, worst->behind_ms));
        hop->figure = arena_printf(j->arena, "%s behind", hop->brief);
    }
    if (no_answer(j, hop, j->teller))
        return;
    if (worst == NULL) {
        hop->verdict = VERDICT_UNKNOWN;
        hop->word = sinks ? "no sink connector" : "no source connector";
        return;
    }
    hop->verdict = worst->base.verdict;
    hop->word = connector_word(j, worst);
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
    if (no_answer(j, hop, SOURCE_KAFKA))
        return;
    hop->verdict = n == 0 ? VERDICT_UNKNOWN : v;
    hop->word = n == 0            ? "no topic visible"
                : v == VERDICT_OK ? arena_printf(j->arena, n == 1 ? "%d topic" : "%d topics", n)
                                  : why;
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
    hop->verdict = worst != NULL ? worst->base.verdict : VERDICT_UNKNOWN;
    if (worst == NULL)
        hop->word = "no objects yet";
    else if (worst->base.verdict <= VERDICT_INFO)
        hop->word = "ok";
    else if (worst->base.verdict == VERDICT_UNKNOWN && worst->prefix->error == NULL &&
             worst->prefix->complete)
        hop->word = "lateness unknown";
    else
        hop->word = worst->base.why;
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
