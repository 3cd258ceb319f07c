/* Checks of the brokers: replicas, what may be lost by retention, Connect's own topics. */
#include "base/human.h"
#include "base/mem.h"
#include "check/checks.h"
#include "config/msk_kind.h"

#include <inttypes.h>
#include <string.h>

enum { SPARE = 3 }; /* retention should hold so many times the worst lag */
#define HOUR_MS (INT64_C(60) * 60 * 1000)
#define DAY_MS  (24 * HOUR_MS)

static const char *bootstrap(struct check_run *run)
{
    const struct strlist *given = &run->config->kafka.bootstrap_servers;
    if (given->count > 0)
        return check_word(run, given->items[0]);
    if (run->kafka->nbrokers > 0)
        return check_word(run, arena_printf(run->arena, "%s:%d", run->kafka->brokers[0].host,
                                            run->kafka->brokers[0].port));
    return "HOST:9092";
}

static void alter_topic(struct check_run *run, struct check_line *line, const char *topic,
                        const char *setting)
{
    check_fix(run, line, FIX_SHELL,
              "kafka-configs.sh --bootstrap-server %s --alter --entity-type topics --entity-name "
              "%s --add-config %s",
              bootstrap(run), check_word(run, topic), setting);
}

static bool has_topics(struct check_run *run)
{
    if (run->p->ntopics > 0)
        return true;
    (void)check_say(run, NULL, RESULT_UNKNOWN, "no topic of the pipeline is seen");
    return false;
}

/* Who logs in to MSK by IAM has no user there, and Kafka's own ACLs say nothing of him. */
static bool is_iam(const struct check_run *run)
{
    const struct snapshot *msk = world_snap(run->world, run->index, SOURCE_MSK);
    const struct msk_kind *kind = NULL;
    if (run->config->kafka.bootstrap_servers.count == 0 && msk != NULL && msk->msk.wanted != NULL)
        kind = msk_kind_of(msk->msk.wanted);
    const char *mechanism = kind != NULL ? kind->mechanism : run->config->kafka.sasl_mechanism;
    return mechanism != NULL && strcmp(mechanism, "AWS_MSK_IAM") == 0;
}

/* Of the cluster, its topics and its groups, where MSK told its ARN. */
static void allow_iam(struct check_run *run, struct check_line *line)
{
    const struct snapshot *snap = world_snap(run->world, run->index, SOURCE_MSK);
    const char *arn = snap != NULL ? snap->msk.arn : NULL;
    const char *at = arn != NULL ? strstr(arn, ":cluster/") : NULL;
    const char *resource = "\"*\"";
    if (at != NULL) {
        int n = (int)(at - arn);
        const char *name = at + strlen(":cluster/");
        resource = arena_printf(run->arena, "[\"%s\", \"%.*s:topic/%s/*\", \"%.*s:group/%s/*\"]",
                                arn, n, arn, name, n, arn, name);
    }
    check_fix(run, line, FIX_IAM,
              "{\"Effect\": \"Allow\", \"Action\": [\"kafka-cluster:Connect\", "
              "\"kafka-cluster:DescribeCluster\", \"kafka-cluster:DescribeTopic\", "
              "\"kafka-cluster:DescribeTopicDynamicConfiguration\", "
              "\"kafka-cluster:DescribeGroup\", \"kafka-cluster:ReadData\"], "
              "\"Resource\": %s}",
              resource);
}

/* Asked for by itself: a login that is refused is no missing evidence. */
static void let_in(struct check_run *run)
{
    const struct err *err = &run->world->pipelines[run->index].sources[SOURCE_KAFKA].err;
    enum source_state state = world_state(run->world, run->index, SOURCE_KAFKA);
    if (state == STATE_FRESH) {
        (void)check_say(run, NULL, RESULT_OK, "they answer");
        return;
    }
    if (state != STATE_FAILING || (err->kind != ERR_AUTH && err->kind != ERR_DENIED))
        return; /* the others say that nothing is known */
    struct check_line *line = check_say(run, NULL, RESULT_FAILED, "%s", err->text);
    if (is_iam(run))
        allow_iam(run, line);
    else
        check_fix(run, line, FIX_OTHER, "%s", err_next_step(err->kind));
}

static void visible(struct check_run *run)
{
    size_t n = run->kafka->topics_visible;
    struct check_line *line =
        check_say(run, NULL, n > 0 ? RESULT_OK : RESULT_FAILED, "%zu topics are visible", n);
    if (is_iam(run)) {
        allow_iam(run, line);
        return;
    }
    check_fix(run, line, FIX_SHELL,
              "kafka-acls.sh --bootstrap-server %s --add --allow-principal User:%s --operation "
              "Describe --operation DescribeConfigs --operation Read --topic '*' --group '*'",
              bootstrap(run),
              run->config->kafka.sasl_username[0] != '\0'
                  ? check_word(run, run->config->kafka.sasl_username)
                  : "cdctop");
}

static void leaders(struct check_run *run)
{
    size_t good = 0;
    if (!has_topics(run))
        return;
    for (size_t i = 0; i < run->p->ntopics; i++) {
        const struct topic_row *t = &run->p->topics[i];
        if (t->leaderless > 0)
            (void)check_say(run, t->base.name, RESULT_FAILED, "%d partitions have no leader",
                            t->leaderless);
        else if (t->under_replicated > 0)
            (void)check_say(run, t->base.name, RESULT_WARNING,
                            "%d partitions have fewer replicas in sync than they should",
                            t->under_replicated);
        else
            good++;
    }
    if (good == run->p->ntopics)
        (void)check_say(run, NULL, RESULT_OK, "all partitions of %zu topics", good);
}

static int fewest_replicas(const struct kafka_topic *t)
{
    int n = t->npartitions > 0 ? t->partitions[0].replicas : 0;
    for (size_t i = 1; i < t->npartitions; i++)
        n = t->partitions[i].replicas < n ? t->partitions[i].replicas : n;
    return n;
}

static void judge_insync(struct check_run *run, const struct kafka_topic *t, size_t *good)
{
    int replicas = fewest_replicas(t);
    int64_t min = t->min_insync;
    struct check_line *line;
    if (min > replicas) {
        line = check_say(run, t->name, RESULT_FAILED,
                         "min.insync.replicas = %" PRId64 " of %d replicas: nothing can be written",
                         min, replicas);
        alter_topic(run, line, t->name, "min.insync.replicas=1");
    } else if (replicas > 1 && min == replicas) {
        line = check_say(run, t->name, RESULT_WARNING,
                         "min.insync.replicas = %" PRId64
                         " of %d replicas: one broker less stops the source",
                         min, replicas);
        alter_topic(run, line, t->name,
                    arena_printf(run->arena, "min.insync.replicas=%d", replicas - 1));
    } else if (replicas > 2 && min < 2) {
        line = check_say(run, t->name, RESULT_WARNING,
                         "min.insync.replicas = %" PRId64
                         " of %d replicas: a record may live on one broker only",
                         min, replicas);
        alter_topic(run, line, t->name, "min.insync.replicas=2");
    } else if (replicas < 2 && run->kafka->nbrokers > 1) {
        line = check_say(run, t->name, RESULT_WARNING, "1 replica, though there are %zu brokers",
                         run->kafka->nbrokers);
        check_fix(run, line, FIX_OTHER,
                  "topic.creation.default.replication.factor = 3 in the source for new topics; "
                  "kafka-reassign-partitions.sh for this one");
    } else {
        (*good)++;
    }
}

static void insync(struct check_run *run)
{
    size_t good = 0;
    struct check_names unread;
    if (!has_topics(run))
        return;
    check_names_init(&unread);
    for (size_t i = 0; i < run->p->ntopics; i++) {
        const struct kafka_topic *t = run->p->topics[i].topic;
        if (t->min_insync == UNKNOWN || t->npartitions == 0)
            check_names_add(&unread, t->name);
        else
            judge_insync(run, t, &good);
    }
    size_t n = unread.count;
    const char *list = check_names_end(&unread, run);
    if (n > 0)
        (void)check_say(run, NULL, RESULT_UNKNOWN, "min.insync.replicas was not read of %s", list);
    else if (good == run->p->ntopics)
        (void)check_say(run, NULL, RESULT_OK, "in all %zu topics%s", good,
                        run->kafka->nbrokers == 1 ? " (there is one broker only)" : "");
}

/* How long what is written stays, ms; INT64_MAX: for ever. By time or by size, whichever ends
 * first.
 */
static int64_t stays_ms(const struct topic_row *t, bool *by_size)
{
    int64_t ms = t->topic->retention_ms < 0 ? INT64_MAX : t->topic->retention_ms;
    *by_size = false;
    if (t->topic->retention_bytes > 0 && t->topic->npartitions > 0 && t->bytes_per_s > 0) {
        double total = (double)t->topic->retention_bytes * (double)t->topic->npartitions;
        double size_ms = total / t->bytes_per_s * 1000;
        if (size_ms < (double)ms) {
            *by_size = true;
            ms = (int64_t)size_ms;
        }
    }
    return ms;
}

static void judge_retention(struct check_run *run, const struct topic_row *t, size_t *good)
{
    bool by_size;
    int64_t stays = stays_ms(t, &by_size), lag = t->lag_ms != UNKNOWN ? t->lag_ms : 0;
    char a[HUMAN_SIZE], b[HUMAN_SIZE];
    bool late = lag > 0 && stays / SPARE < lag;
    if (!late && stays >= DAY_MS) {
        (*good)++;
        return;
    }
    (void)human_duration_ms(a, stays);
    (void)human_duration_ms(b, lag);
    struct check_line *line = check_say(
        run, t->base.name, lag >= stays ? RESULT_FAILED : RESULT_WARNING,
        "kept for %s%s, %s is %s%s behind%s", by_size ? "est. " : "", a, t->group,
        t->lag_ms_more ? "more than " : "", b, late ? "" : ": an outage of a day loses records");
    alter_topic(run, line, t->base.name,
                by_size ? "retention.bytes=-1,retention.ms=604800000" : "retention.ms=604800000");
}

static void retention(struct check_run *run)
{
    size_t good = 0, unread = 0, read_by_sinks = 0;
    if (!has_topics(run))
        return;
    for (size_t i = 0; i < run->p->ntopics; i++) {
        const struct topic_row *t = &run->p->topics[i];
        if (t->group == NULL)
            continue;
        read_by_sinks++;
        if (t->topic->retention_ms == UNKNOWN)
            unread++;
        else
            judge_retention(run, t, &good);
    }
    if (unread > 0)
        (void)check_say(run, NULL, RESULT_UNKNOWN, "the retention of %zu topics was not read",
                        unread);
    else if (good == read_by_sinks && good > 0)
        (void)check_say(run, NULL, RESULT_OK,
                        "all %zu topics that sinks read keep a day and %d times the lag", good,
                        SPARE);
}

static void cleanup(struct check_run *run)
{
    size_t good = 0, unread = 0, read_by_sinks = 0;
    for (size_t i = 0; i < run->p->ntopics; i++) {
        const struct topic_row *t = &run->p->topics[i];
        if (t->group == NULL)
            continue;
        read_by_sinks++;
        if (t->topic->cleanup_policy == NULL) {
            unread++;
        } else if (strstr(t->topic->cleanup_policy, "compact") != NULL) {
            struct check_line *line =
                check_say(run, t->base.name, RESULT_WARNING,
                          "cleanup.policy = %s: a sink that is behind misses what was in between",
                          t->topic->cleanup_policy);
            alter_topic(run, line, t->base.name, "cleanup.policy=delete");
        } else {
            good++;
        }
    }
    if (unread > 0)
        (void)check_say(run, NULL, RESULT_UNKNOWN, "cleanup.policy of %zu topics was not read",
                        unread);
    else if (good == read_by_sinks && good > 0)
        (void)check_say(run, NULL, RESULT_OK, "in all %zu topics that sinks read", good);
}

static void internal(struct check_run *run)
{
    for (size_t i = 0; i < run->kafka->ninternals; i++) {
        const struct kafka_topic *t = &run->kafka->internals[i];
        if (t->cleanup_policy == NULL) {
            (void)check_say(run, t->name, RESULT_UNKNOWN, "its cleanup.policy was not read");
            continue;
        }
        bool ok = strcmp(t->cleanup_policy, "compact") == 0;
        struct check_line *line =
            check_say(run, t->name, ok ? RESULT_OK : RESULT_FAILED, "cleanup.policy = %s%s",
                      t->cleanup_policy,
                      ok ? "" : ": retention will delete offsets, and a snapshot begins anew");
        alter_topic(run, line, t->name, "cleanup.policy=compact");
    }
    if (run->kafka->ninternals == 0)
        (void)check_say(run, NULL, RESULT_UNKNOWN,
                        "Connect does not tell their names, and no topic that is visible looks "
                        "like them");
}

static void message_size(struct check_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const char *text = check_config(c, "producer.override.max.request.size");
        if (!c->facts->source || text == NULL)
            continue;
        char *end;
        long long wanted = strtoll(text, &end, 10);
        size_t good = 0, seen = 0;
        for (size_t k = 0; k < run->p->ntopics; k++) {
            const struct kafka_topic *t = run->p->topics[k].topic;
            if (!connector_facts_produces(c->facts, t->name) || t->max_message_bytes == UNKNOWN ||
                *end != '\0')
                continue;
            seen++;
            good += t->max_message_bytes >= wanted;
            if (t->max_message_bytes >= wanted)
                continue;
            struct check_line *line =
                check_say(run, t->name, RESULT_WARNING,
                          "max.message.bytes = %" PRId64 ", but %s may send %lld",
                          t->max_message_bytes, c->base.name, wanted);
            alter_topic(run, line, t->name,
                        arena_printf(run->arena, "max.message.bytes=%lld", wanted));
        }
        if (seen == 0)
            (void)check_say(run, c->base.name, RESULT_UNKNOWN,
                            "max.message.bytes of its topics was not read");
        else if (good == seen)
            (void)check_say(run, c->base.name, RESULT_OK, "up to %s bytes", text);
    }
}

#define KAFKA      NEEDS_OF(SOURCE_KAFKA)
#define KAFKA_CONN (NEEDS_OF(SOURCE_KAFKA) | NEEDS_OF(SOURCE_CONNECT))

const struct check_row checks_kafka[] = {
    {"kafka.login",    "the brokers let us in", HOP_TOPICS, 0, .eval = let_in},
    {"kafka.visible",      "cdctop may see topics", HOP_TOPICS, KAFKA, .eval = visible},
    {"kafka.leaders",  "partitions are led and replicated", HOP_TOPICS, KAFKA, .eval = leaders},
    {"kafka.min_insync",  "replicas and min.insync.replicas fit", HOP_TOPICS, KAFKA, .eval = insync},
    {"kafka.retention",      "topics keep what the sink has not read", HOP_TOPICS, KAFKA_CONN,
     .eval = retention},
    {"kafka.cleanup", "topics of changes are not compacted", HOP_TOPICS, KAFKA_CONN,
     .eval = cleanup},
    {"kafka.message_size",  "topics take the largest record", HOP_TOPICS, KAFKA_CONN,
     .eval = message_size},
    {"kafka.internal",      "Connect's own topics are compacted", HOP_TOPICS, KAFKA, .eval = internal},
    {.id = NULL},
};
