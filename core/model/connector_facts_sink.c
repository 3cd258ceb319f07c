/* Facts of sinks: topics and group, bucket, key layout, rotation. Defaults from the configuration
 * references of Confluent's S3 sink 10.6 and Aiven's 3.4. */
#include "base/mem.h"
#include "model/connector_config.h"
#include "model/javaregex.h"

#include <string.h>

#define PATH_HOURLY "'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH"
#define PATH_DAILY  "'year'=YYYY/'month'=MM/'day'=dd"

static const char *simple_class(const char *name)
{
    const char *dot = name != NULL ? strrchr(name, '.') : NULL;
    return dot != NULL ? dot + 1 : name;
}

static void fill_confluent(struct connector_facts *f)
{
    const struct connect_connector *c = f->connector;
    bool sure = f->role == CONNECTOR_SINK_S3_CONFLUENT;
    f->layout = "confluent";
    f->bucket = connector_config_str(c, "s3.bucket.name", NULL);
    f->region = connector_config_str(c, "s3.region", "us-west-2");
    f->endpoint = connector_config_str(c, "store.url", NULL);
    f->topics_dir = connector_config_str(c, "topics.dir", "topics");
    f->file_delim = connector_config_str(c, "file.delim", "+");
    f->partitioner = simple_class(
        connector_config_str(c, "partitioner.class", sure ? "DefaultPartitioner" : NULL));
    f->partition_duration_ms = connector_config_int(c, "partition.duration.ms", UNKNOWN);
    const char *format = connector_config_str(c, "path.format", NULL);
    if (f->partitioner == NULL || strcmp(f->partitioner, "TimeBasedPartitioner") == 0) {
        f->path_format = format;
    } else if (strcmp(f->partitioner, "HourlyPartitioner") == 0) {
        f->path_format = PATH_HOURLY;
        f->partition_duration_ms = 60 * 60 * 1000;
    } else if (strcmp(f->partitioner, "DailyPartitioner") == 0) {
        f->path_format = PATH_DAILY;
        f->partition_duration_ms = 24 * 60 * 60 * 1000;
    }
    f->locale = connector_config_str(c, "locale", NULL);
    f->timezone = connector_config_str(c, "timezone", NULL);
    f->timestamp_source = connector_config_str(c, "timestamp.extractor", "Wallclock");
    f->flush_size = connector_config_int(c, "flush.size", UNKNOWN);
    f->rotate_interval_ms = connector_config_int(c, "rotate.interval.ms", -1);
    f->rotate_schedule_ms = connector_config_int(c, "rotate.schedule.interval.ms", -1);
    f->null_values = connector_config_str(c, "behavior.on.null.values", sure ? "fail" : NULL);
}

/* Aiven's sink knows an older spelling of its own settings. */
static const char *aiven(const struct connect_connector *c, const char *key, const char *old_key,
                         const char *fallback)
{
    return connector_config_str(c, key, connector_config_str(c, old_key, fallback));
}

static const char *aiven_extension(const struct connect_connector *c)
{
    static const struct {
        const char *type, *extension;
    } types[] = {
        {"gzip",   ".gz"    },
        {"snappy", ".snappy"},
        {"zstd",   ".zst"   },
        {"none",   ""       }
    };
    const char *type = aiven(c, "file.compression.type", "output_compression", "gzip");
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (strcmp(type, types[i].type) == 0)
            return types[i].extension;
    }
    return "";
}

static void fill_aiven(struct connector_facts *f, struct arena *arena)
{
    const struct connect_connector *c = f->connector;
    f->layout = "aiven";
    f->bucket = aiven(c, "aws.s3.bucket.name", "aws_s3_bucket", NULL);
    f->region = aiven(c, "aws.s3.region", "aws_s3_region", "us-east-1");
    f->endpoint = aiven(c, "aws.s3.endpoint", "aws_s3_endpoint", NULL);
    f->name_prefix = aiven(c, "aws.s3.prefix", "aws_s3_prefix", "");
    f->name_template = connector_config_str(
        c, "file.name.template",
        arena_printf(arena, "{{topic}}-{{partition}}-{{start_offset}}%s", aiven_extension(c)));
    f->file_max_records = connector_config_int(c, "file.max.records", 0);
    f->timezone = connector_config_str(
        c, "timestamp.timezone", connector_config_str(c, "file.name.timestamp.timezone", "UTC"));
    f->timestamp_source = connector_config_str(
        c, "timestamp.source", connector_config_str(c, "file.name.timestamp.source", "wallclock"));
}

void connector_facts_fill_sink(struct connector_facts *f, struct arena *arena)
{
    const struct connect_connector *c = f->connector;
    f->topics = connector_config_list(c, arena, "topics", NULL);
    f->topics_regex = connector_config_str(c, "topics.regex", NULL);
    if (f->topics_regex != NULL) {
        f->topics_match = javaregex_new(arena, f->topics_regex, false);
        f->topics_regex_unread = f->topics_match == NULL;
    }
    f->group_id = connector_config_str(c, "consumer.override.group.id",
                                       arena_printf(arena, "connect-%s", c->name));
    f->errors_tolerance = connector_config_str(c, "errors.tolerance", "none");
    f->dlq_topic = connector_config_str(c, "errors.deadletterqueue.topic.name", NULL);
    if (f->role == CONNECTOR_SINK_S3_AIVEN)
        fill_aiven(f, arena);
    else if (connector_role_is_s3(f->role))
        fill_confluent(f);
}

bool connector_facts_topic_matches(const struct connector_facts *facts, const char *topic)
{
    if (!facts->sink)
        return false;
    if (facts->topic_globs.count > 0)
        return connector_facts_given(facts, topic);
    if (fact_list_has(&facts->topics, topic))
        return true;
    if (facts->topics_match != NULL)
        return javaregex_matches(facts->topics_match, topic);
    return facts->topics_regex_unread && connector_facts_tracked(facts, topic);
}
