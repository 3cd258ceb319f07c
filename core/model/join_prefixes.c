/* Prefixes: when the next object is due by the sink's own rotation, and whether it is late. */
#include "base/human.h"
#include "model/join.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    RATE_WINDOW_MS = 60 * 1000,
    AIVEN_FLUSH_MS =
        60 * 1000, /* the worker's offset.flush.interval.ms: its default, it is not told */
    QUIET_OBJECT_MS = 5 * 60 * 1000, /* where neither the record's time nor a history is known */
    SPARK_SPAN_MS = 2 * 3600 * 1000,
    SPARK_SLICES = 20
};

#define DUE_MAX_MS (INT64_C(30) * 24 * 3600 * 1000)

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Confluent closes a file by count, by the wall clock, or by record time; only the wall clock fires
 * without a new record. Aiven writes at every offset flush. (sinks-and-sources: facts 11 and 12.)
 */
int64_t join_rotation(const struct connector_row *sink, const struct topic_row *topic)
{
    const struct connector_facts *f = sink->facts;
    if (!connector_role_is_s3(f->role))
        return 0;
    if (f->role == CONNECTOR_SINK_S3_AIVEN)
        return AIVEN_FLUSH_MS;
    int64_t due = DUE_NEVER;
    double per_s = topic != NULL ? topic->per_s : NAN;
    double per_partition = NAN;
    if (topic != NULL && topic->topic->npartitions > 0)
        per_partition = per_s / (double)topic->topic->npartitions;
    if (f->flush_size > 0 && per_partition > 0) {
        double ms = (double)f->flush_size / per_partition * 1000;
        due = ms < 1e15 ? (int64_t)ms : DUE_NEVER;
    }
    if (f->rotate_schedule_ms > 0)
        due = smaller(due, f->rotate_schedule_ms);
    if (f->rotate_interval_ms > 0 && per_partition > 0)
        due = smaller(due, f->rotate_interval_ms);
    /* A file that takes months to fill is one that nothing closes: a rate never falls to zero at
     * once, and who waits for the last records of a day waits for ever. */
    return due > DUE_MAX_MS ? DUE_NEVER : due;
}

bool join_skips_tail(const struct connector_row *sink, const struct topic_row *topic)
{
    const char *nulls = sink != NULL ? sink->facts->null_values : NULL;
    return nulls != NULL && strcasecmp(nulls, "ignore") == 0 && topic->lag != UNKNOWN &&
           topic->lag <= (int64_t)topic->topic->npartitions;
}

/* Late: records wait longer than the rotation explains. The age of the newest object alone does not
 * tell: a quiet topic has old objects and nothing waiting. */
static int64_t late_by(const struct join *j, const struct prefix_row *row,
                       const struct topic_row *topic)
{
    const struct threshold_config *t = &j->wp->config->thresholds;
    if (topic == NULL || topic->base.stale || topic->lag == UNKNOWN || row->due_ms == UNKNOWN)
        return UNKNOWN;
    if (topic->lag == 0 || row->due_ms == DUE_NEVER ||
        join_skips_tail(pipeline_connector(j->out, row->connector), topic))
        return 0;
    int64_t waited = topic->lag_ms;
    if (waited == UNKNOWN)
        return UNKNOWN;
    if (row->newest_age_ms != UNKNOWN && row->newest_age_ms < waited)
        waited = row->newest_age_ms;
    int64_t allowed = row->due_ms * t->late_factor_warn_pct / 100 + t->late_grace_ms;
    return waited > allowed ? waited - row->due_ms : 0;
}

/* Kafka does not say what waits. A young object proves that files come; an old one proves nothing,
 * for the topic may be quiet. */
static void judge_blindly(const struct join *j, struct prefix_row *row)
{
    const struct threshold_config *t = &j->wp->config->thresholds;
    bool young = row->newest_age_ms != UNKNOWN && row->due_ms != UNKNOWN &&
                 row->due_ms != DUE_NEVER &&
                 row->newest_age_ms <= row->due_ms * t->late_factor_warn_pct / 100;
    if (!young)
        join_raise(&row->base, VERDICT_UNKNOWN,
                   "whether it is late is not known: Kafka does not answer");
}

static bool on_purpose(const struct join *j, const struct prefix_row *row)
{
    const struct connector_row *sink = pipeline_connector(j->out, row->connector);
    const char *state = sink != NULL ? sink->connector->state : NULL;
    return state != NULL && (strcmp(state, "PAUSED") == 0 || strcmp(state, "STOPPED") == 0);
}

/* A topic that pauses between two records is not quiet yet: its file goes on with the next one. */
static bool is_quiet(const struct join *j, const struct prefix_row *row,
                     const struct topic_row *topic)
{
    if (topic == NULL)
        return false;
    int64_t quiet_ms = j->wp->config->thresholds.quiet_after_ms;
    int64_t now = world_server_now(j->world, j->index, SOURCE_KAFKA);
    if (topic->newest_ms != UNKNOWN)
        return now - topic->newest_ms >= quiet_ms;
    char key[300];
    (void)snprintf(key, sizeof(key), "end %s", topic->base.name);
    return series_still_ms(series_find(j->wp->series, key)) >= quiet_ms ||
           row->newest_age_ms >= QUIET_OBJECT_MS;
}

static void judge(const struct join *j, struct prefix_row *row, const struct topic_row *topic)
{
    const struct threshold_config *t = &j->wp->config->thresholds;
    char a[HUMAN_SIZE];
    enum source_state kafka = j->state[SOURCE_KAFKA];
    if (topic != NULL ? topic->base.stale : kafka == STATE_FAILING || kafka == STATE_STALE)
        judge_blindly(j, row);
    if (row->prefix->error != NULL)
        join_raise(&row->base, VERDICT_UNKNOWN, row->prefix->error);
    if (row->due_ms == DUE_NEVER && row->waiting != UNKNOWN && row->waiting > 0)
        join_raise(&row->base, is_quiet(j, row, topic) ? VERDICT_WARN : VERDICT_INFO,
                   "records wait in an open file; no schedule closes it on a quiet topic");
    if (row->late_ms == UNKNOWN || row->late_ms <= 0)
        return;
    if (on_purpose(j, row)) {
        join_raise(&row->base, VERDICT_INFO, "records wait: its sink is paused or stopped");
        return;
    }
    int64_t limit = row->due_ms * t->late_factor_crit_pct / 100 + t->late_grace_ms;
    bool crit = row->late_ms + row->due_ms > limit;
    join_raise(&row->base, crit ? VERDICT_CRIT : VERDICT_WARN,
               arena_printf(j->arena, "late by %s", human_duration_ms(a, row->late_ms)));
}

/* What tells a topic's name from its neighbours': the last part, "orders" of "shop.public.orders",
 * as long as no other prefix ends in the same one. */
static const char *short_topic(const struct s3_snap *s3, const char *topic)
{
    const char *dot = strrchr(topic, '.');
    if (dot == NULL || dot[1] == '\0')
        return topic;
    for (size_t i = 0; i < s3->nprefixes; i++) {
        const char *other = strrchr(s3->prefixes[i].topic, '.');
        if (other != NULL && strcmp(other, dot) == 0 && strcmp(s3->prefixes[i].topic, topic) != 0)
            return topic;
    }
    return dot + 1;
}

/* "topics/shop.public.orders/year=2026/month=11/day=20/hour=14/" becomes "orders/…/hour=14". */
static const char *label_of(const struct join *j, const struct s3_prefix *p)
{
    const char *name = short_topic(&j->snap[SOURCE_S3]->s3, p->topic);
    const char *newest = p->newest_path != NULL ? p->newest_path : "";
    size_t n = strlen(newest);
    while (n > 0 && newest[n - 1] == '/')
        n--;
    size_t start = n;
    while (start > 0 && newest[start - 1] != '/')
        start--;
    const char *last = arena_strndup(j->arena, newest + start, n - start);
    return strchr(last, '=') != NULL ? arena_printf(j->arena, "%s/…/%s", name, last) : name;
}

/* Objects per slice of the last two hours. Before the oldest object that is still remembered
 * nothing is known; that is not the same as no objects. */
static void arrivals(struct prefix_row *row, int64_t now)
{
    const struct s3_prefix *p = row->prefix;
    row->nspark = SPARK_SLICES;
    row->spark_span_ms = SPARK_SPAN_MS;
    int64_t end = join_spark_end(now, SPARK_SPAN_MS);
    int64_t known_from = p->since_ms;
    if (p->nobjects == S3_OBJECTS_KEPT)
        known_from = p->objects[p->nobjects - 1].modified_ms;
    for (int i = 0; i < row->nspark; i++) {
        int64_t to = end - SPARK_SPAN_MS + (int64_t)SPARK_SPAN_MS * (i + 1) / row->nspark;
        bool begun = to - SPARK_SPAN_MS / row->nspark <= now;
        row->spark[i] = to > known_from && begun ? 0 : NAN;
    }
    for (size_t o = 0; o < p->nobjects; o++) {
        int64_t age = end - p->objects[o].modified_ms;
        if (age < 0 || age >= SPARK_SPAN_MS)
            continue;
        int slice = row->nspark - 1 - (int)(age * row->nspark / SPARK_SPAN_MS);
        if (!isnan(row->spark[slice]))
            row->spark[slice] += 1;
    }
}

static void fill(const struct join *j, struct prefix_row *row, const struct s3_prefix *p)
{
    int64_t now = world_server_now(j->world, j->index, SOURCE_S3);
    const struct topic_row *topic = pipeline_topic(j->out, p->topic);
    const struct connector_row *sink = topic != NULL ? topic->sink : join_sink_of(j->out, p->topic);
    *row = (struct prefix_row){
        .base = {.name = p->topic, .verdict = VERDICT_OK, .why = ""},
        .prefix = p,
        .label = label_of(j, p),
        .newest_age_ms = UNKNOWN,
        .due_ms = UNKNOWN,
        .waiting = topic != NULL ? topic->lag : UNKNOWN,
        .size = UNKNOWN
    };
    if (p->nobjects > 0) {
        row->newest_age_ms = now - p->objects[0].modified_ms;
        row->size = p->objects[0].size;
    }
    if (sink != NULL) {
        row->connector = sink->base.name;
        row->due_ms = join_rotation(sink, topic);
    }
    row->late_ms = late_by(j, row, topic);
    char key[300];
    (void)snprintf(key, sizeof(key), "objects %s", p->topic);
    row->objects_per_s = series_rate(series_find(j->wp->series, key), RATE_WINDOW_MS);
    arrivals(row, now);
    if (!p->complete)
        join_raise(&row->base, VERDICT_UNKNOWN, "still looking for the newest object");
    judge(j, row, topic);
    join_trust(j, &row->base, SOURCE_S3);
}

void join_prefixes(struct join *j)
{
    if (j->snap[SOURCE_S3] == NULL)
        return;
    const struct s3_snap *s3 = &j->snap[SOURCE_S3]->s3;
    j->out->prefixes = arena_array(j->arena, s3->nprefixes, sizeof(struct prefix_row));
    j->out->nprefixes = s3->nprefixes;
    for (size_t i = 0; i < s3->nprefixes; i++)
        fill(j, &j->out->prefixes[i], &s3->prefixes[i]);
}
