/* Topics and groups: rates, and how far the sink's group is behind, in messages and in time. */
#include "base/human.h"
#include "model/join.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RATE_WINDOW_MS = 20 * 1000, SPARK_SPAN_MS = 120 * 1000, SPARK_SLICES = 30 };

struct lag {
    int64_t messages, ms; /* UNKNOWN */
    bool ms_more, never;
};

/* Adds one partition's lag; the time lag of the whole is the worst of its partitions. */
static void add_lag(const struct join *j, struct lag *lag, const struct kafka_offset *o)
{
    const struct kafka_partition *p =
        kafka_find_partition(&j->snap[SOURCE_KAFKA]->kafka, o->topic, o->partition);
    if (p == NULL || p->end == UNKNOWN)
        return;
    if (o->committed == UNKNOWN) {
        lag->never = lag->never || p->end > 0;
        return;
    }
    int64_t n = p->end > o->committed ? p->end - o->committed : 0;
    lag->messages = (lag->messages == UNKNOWN ? 0 : lag->messages) + n;
    char key[300];
    (void)snprintf(key, sizeof(key), "hw %s/%d", o->topic, (int)p->id);
    bool more = false;
    int64_t ms = n == 0 ? 0
                        : series_lag_ms(series_find(j->wp->series, key), (double)o->committed,
                                        j->world->mono_ms, &more);
    if (ms != UNKNOWN && (lag->ms == UNKNOWN || ms > lag->ms)) {
        lag->ms = ms;
        lag->ms_more = more;
    }
}

static struct lag lag_of(const struct join *j, const struct kafka_group *g,
                         const struct kafka_topic *only)
{
    struct lag lag = {.messages = UNKNOWN, .ms = UNKNOWN};
    for (size_t i = 0; g != NULL && g->offsets_read && i < g->noffsets; i++) {
        if (only == NULL || strcmp(g->offsets[i].topic, only->name) == 0)
            add_lag(j, &lag, &g->offsets[i]);
    }
    return lag;
}

static void count_partitions(struct topic_row *row)
{
    const struct kafka_topic *t = row->topic;
    row->newest_ms = UNKNOWN;
    row->messages = t->npartitions > 0 ? 0 : UNKNOWN;
    for (size_t i = 0; i < t->npartitions; i++) {
        const struct kafka_partition *p = &t->partitions[i];
        row->leaderless += p->leader < 0;
        row->under_replicated += p->isr < p->replicas;
        if (p->newest_ms != UNKNOWN && p->newest_ms > row->newest_ms)
            row->newest_ms = p->newest_ms;
        if (p->end == UNKNOWN || p->begin == UNKNOWN)
            row->messages = UNKNOWN;
        else if (row->messages != UNKNOWN)
            row->messages += p->end - p->begin;
    }
}

/* Message rate times the average size of the records that were sampled: an estimate, and shown so.
 */
static double byte_rate(const struct kafka_topic *t, double per_s)
{
    double sum = 0;
    int n = 0;
    for (size_t i = 0; i < t->npartitions; i++) {
        if (t->partitions[i].record_bytes == UNKNOWN)
            continue;
        sum += (double)t->partitions[i].record_bytes;
        n++;
    }
    return n > 0 ? per_s * sum / n : NAN;
}

static void judge_topic(const struct join *j, struct topic_row *row)
{
    if (row->topic->error != NULL)
        join_raise(&row->base, VERDICT_UNKNOWN, row->topic->error);
    if (row->leaderless > 0)
        join_raise(&row->base, VERDICT_CRIT,
                   arena_printf(j->arena, "%d partitions have no leader", row->leaderless));
    if (row->under_replicated > 0)
        join_raise(&row->base, VERDICT_WARN,
                   arena_printf(j->arena, "%d partitions under-replicated", row->under_replicated));
}

/* What waits in a file that is still open is lag, and no trouble: a sink to S3 commits closed files
 * only, so its rotation and its flush.size are added to what is allowed. */
static void judge_lag(const struct join *j, struct topic_row *row, const struct connector_row *sink)
{
    const struct threshold_config *t = &j->wp->config->thresholds;
    char a[HUMAN_SIZE];
    int64_t open_ms = join_rotation(sink, row);
    if (row->lag != UNKNOWN && row->lag > t->lag_warn &&
        row->lag > pipeline_open_records(row, sink))
        join_raise(&row->base, row->lag > t->lag_crit ? VERDICT_CRIT : VERDICT_WARN,
                   arena_printf(j->arena, "%s is %s messages behind", row->group,
                                human_count(a, row->lag)));
    if (row->lag_ms == UNKNOWN || open_ms == DUE_NEVER || row->lag_ms <= open_ms)
        return;
    int64_t waited = row->lag_ms - open_ms;
    if (waited > t->lag_time_warn_ms)
        join_raise(&row->base, waited > t->lag_time_crit_ms ? VERDICT_CRIT : VERDICT_WARN,
                   arena_printf(j->arena, "%s is %s%s behind", row->group,
                                row->lag_ms_more ? "more than " : "",
                                human_duration_ms(a, row->lag_ms)));
}

/* Who reads a topic, and that sink's group: looked for once, not for each topic. */
struct reader {
    const struct connector_row *sink;
    const struct kafka_group *group;
};

static void read_by(const struct join *j, struct reader *readers, const struct connector_row *sink)
{
    const struct connector_facts *f = sink->facts;
    const struct kafka_snap *kafka = &j->snap[SOURCE_KAFKA]->kafka;
    const struct reader reader = {sink, kafka_find_group(kafka, f->group_id)};
    bool listed = f->topic_globs.count == 0 && f->topics_regex == NULL;
    for (size_t i = 0; listed && i < f->topics.count; i++) {
        const struct kafka_topic *t = kafka_find_topic(kafka, f->topics.items[i]);
        if (t != NULL && readers[t - kafka->topics].sink == NULL)
            readers[t - kafka->topics] = reader;
    }
    /* A pattern must be tried on all of them. */
    for (size_t i = 0; !listed && i < kafka->ntopics; i++) {
        if (readers[i].sink == NULL && connector_facts_topic_matches(f, kafka->topics[i].name))
            readers[i] = reader;
    }
}

static void fill_topic(const struct join *j, struct topic_row *row, const struct kafka_topic *t,
                       const struct reader *reader)
{
    *row = (struct topic_row){
        .base = {.name = t->name, .verdict = VERDICT_OK, .why = ""},
          .topic = t
    };
    count_partitions(row);
    char key[300];
    (void)snprintf(key, sizeof(key), "end %s", t->name);
    const struct series *end = series_find(j->wp->series, key);
    row->per_s = series_rate(end, RATE_WINDOW_MS);
    row->bytes_per_s = byte_rate(t, row->per_s);
    row->nspark = SPARK_SLICES;
    row->spark_span_ms = SPARK_SPAN_MS;
    series_slices(end, join_spark_end(j->world->mono_ms, SPARK_SPAN_MS), SPARK_SPAN_MS, row->spark,
                  row->nspark);
    const struct connector_row *sink = reader->sink;
    row->sink = sink;
    row->group = sink != NULL ? sink->facts->group_id : NULL;
    struct lag lag = lag_of(j, reader->group, t);
    row->lag = lag.messages;
    row->lag_ms = lag.ms;
    row->lag_ms_more = lag.ms_more;
    row->never_committed = lag.never;
    judge_topic(j, row);
    if (sink != NULL)
        judge_lag(j, row, sink);
    join_trust(j, &row->base, SOURCE_KAFKA);
}

void join_topics(struct join *j)
{
    if (j->snap[SOURCE_KAFKA] == NULL)
        return;
    const struct kafka_snap *kafka = &j->snap[SOURCE_KAFKA]->kafka;
    j->out->topics = arena_array(j->arena, kafka->ntopics, sizeof(struct topic_row));
    j->out->ntopics = kafka->ntopics;
    struct reader *readers = arena_array(j->arena, kafka->ntopics, sizeof(*readers));
    for (size_t i = 0; i < j->out->nconnectors; i++) {
        if (j->out->connectors[i].facts->sink)
            read_by(j, readers, &j->out->connectors[i]);
    }
    for (size_t i = 0; i < kafka->ntopics; i++)
        fill_topic(j, &j->out->topics[i], &kafka->topics[i], &readers[i]);
}

static void fill_group(const struct join *j, struct group_row *row, const struct kafka_group *g)
{
    *row = (struct group_row){
        .base = {.name = g->name, .verdict = VERDICT_OK, .why = ""},
        .group = g,
        .trend = lag_trend_name(world_trend(j->world, j->index, g->name))
    };
    struct lag lag = lag_of(j, g, NULL);
    row->lag = lag.messages;
    row->lag_ms = lag.ms;
    row->lag_ms_more = lag.ms_more;
    /* Connect's own worker groups commit nothing: there is no lag to know. */
    bool consumers = g->protocol_type == NULL || strcmp(g->protocol_type, "consumer") == 0;
    if (!g->offsets_read && consumers)
        join_raise(&row->base, VERDICT_UNKNOWN, "its committed offsets were not read");
    join_trust(j, &row->base, SOURCE_KAFKA);
}

void join_groups(struct join *j)
{
    if (j->snap[SOURCE_KAFKA] == NULL)
        return;
    const struct kafka_snap *kafka = &j->snap[SOURCE_KAFKA]->kafka;
    j->out->groups = arena_array(j->arena, kafka->ngroups, sizeof(struct group_row));
    j->out->ngroups = kafka->ngroups;
    for (size_t i = 0; i < kafka->ngroups; i++)
        fill_group(j, &j->out->groups[i], &kafka->groups[i]);
}
