/* Checks of sinks: tombstones, and files that are never closed. What these sinks really do was seen
 * with Confluent's 10.6 and Aiven's 3.4. */
#include "base/human.h"
#include "check/checks.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && strcmp(s + n - m, end) == 0;
}

/* Does a transform of this connector take tombstones out? Its default differs between versions. */
static enum tri drops_tombstones(const struct check_run *run, const struct connector_row *c)
{
    enum tri result = TRI_NO;
    const char *list = check_config(c, "transforms");
    while (list != NULL && *list != '\0') {
        size_t n = strcspn(list, ", ");
        const char *name = arena_strndup(run->arena, list, n);
        list += n + strspn(list + n, ", ");
        const char *type = check_config(c, arena_printf(run->arena, "transforms.%s.type", name));
        if (type == NULL)
            continue;
        if (ends_with(type, ".Filter") || ends_with(type, "TombstoneHandler"))
            result = TRI_UNKNOWN; /* by its predicate */
        if (!ends_with(type, "ExtractNewRecordState"))
            continue;
        const char *drop =
            check_config(c, arena_printf(run->arena, "transforms.%s.drop.tombstones", name));
        const char *mode = check_config(
            c, arena_printf(run->arena, "transforms.%s.delete.tombstone.handling.mode", name));
        if (mode != NULL)
            result = strcmp(mode, "drop") == 0 || strcmp(mode, "rewrite") == 0 ? TRI_YES : TRI_NO;
        else
            result = drop == NULL ? TRI_UNKNOWN : strcasecmp(drop, "true") == 0 ? TRI_YES : TRI_NO;
        if (result == TRI_YES)
            return TRI_YES;
    }
    return result;
}

/* Do records without a value reach the sink? */
static enum tri tombstones_arrive(const struct check_run *run, const struct connector_row *source,
                                  const struct connector_row *sink)
{
    if (!source->facts->tombstones)
        return TRI_NO;
    enum tri a = drops_tombstones(run, source), b = drops_tombstones(run, sink);
    if (a == TRI_YES || b == TRI_YES)
        return TRI_NO;
    return a == TRI_UNKNOWN || b == TRI_UNKNOWN ? TRI_UNKNOWN : TRI_YES;
}

static void judge_jdbc(struct check_run *run, const struct connector_row *c)
{
    const char *deletes = check_config(c, "delete.enabled");
    const char *class_name = c->connector->class_name;
    if (class_name != NULL && strncmp(class_name, "io.debezium.", 12) == 0) {
        (void)check_say(run, c->base.name, RESULT_OK, "tombstones come and do it no harm");
        return;
    }
    const char *mode = check_config(c, "pk.mode");
    bool ok = deletes != NULL && strcasecmp(deletes, "true") == 0 && mode != NULL &&
              strcmp(mode, "record_key") == 0;
    struct check_line *line =
        check_say(run, c->base.name, ok ? RESULT_OK : RESULT_FAILED,
                  "tombstones come; delete.enabled = %s, pk.mode = %s",
                  deletes != NULL ? deletes : "false", mode != NULL ? mode : "none");
    check_fix(run, line, FIX_CONFIG, "\"delete.enabled\": \"true\",\n\"pk.mode\": \"record_key\"");
}

static void judge_confluent(struct check_run *run, const struct connector_row *c)
{
    const char *policy = c->facts->null_values;
    const char *to_dlq = check_config(c, "report.null.values.to.dlq");
    bool all = c->facts->errors_tolerance != NULL && strcmp(c->facts->errors_tolerance, "all") == 0;
    bool floods =
        c->facts->dlq_topic != NULL && all && (to_dlq == NULL || strcasecmp(to_dlq, "false") != 0);
    struct check_line *line;
    if (policy == NULL) {
        (void)check_say(run, c->base.name, RESULT_UNKNOWN,
                        "tombstones come; what this class does with them is not known");
    } else if (strcasecmp(policy, "fail") == 0) {
        /* errors.tolerance = all does not help: seen with 10.6.18. */
        line = check_say(run, c->base.name, RESULT_FAILED,
                         "the first DELETE will stop it: tombstones come, behavior.on.null.values "
                         "= fail");
        check_fix(run, line, FIX_CONFIG, "\"behavior.on.null.values\": \"ignore\"%s",
                  c->facts->dlq_topic != NULL ? ",\n\"report.null.values.to.dlq\": \"false\"" : "");
    } else if (strcasecmp(policy, "ignore") == 0 && floods) {
        line = check_say(run, c->base.name, RESULT_WARNING,
                         "every tombstone goes to the dead letter queue %s", c->facts->dlq_topic);
        check_fix(run, line, FIX_CONFIG, "\"report.null.values.to.dlq\": \"false\"");
    } else {
        (void)check_say(run, c->base.name, RESULT_OK,
                        "tombstones come; behavior.on.null.values = %s", policy);
    }
}

static void judge_tombstones(struct check_run *run, const struct connector_row *c, enum tri come)
{
    if (come == TRI_NO)
        (void)check_say(run, c->base.name, RESULT_OK, "none come from its sources");
    else if (come == TRI_UNKNOWN)
        (void)check_say(run, c->base.name, RESULT_UNKNOWN,
                        "whether its transforms drop them depends on their version: set "
                        "delete.tombstone.handling.mode");
    else if (c->facts->role == CONNECTOR_SINK_JDBC)
        judge_jdbc(run, c);
    else if (c->facts->role == CONNECTOR_SINK_S3_AIVEN)
        (void)check_say(run, c->base.name, RESULT_OK, "tombstones come and are written as null");
    else if (connector_role_is_s3(c->facts->role))
        judge_confluent(run, c);
    else
        (void)check_say(run, c->base.name, RESULT_UNKNOWN,
                        "tombstones come; what this class does with them is not known");
}

static void tombstones(struct check_run *run, const struct connector_row *sink)
{
    enum tri come = TRI_NO;
    bool fed = false;
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        if (!pipeline_feeds(run->p, &run->p->connectors[i], sink))
            continue;
        fed = true;
        enum tri one = tombstones_arrive(run, &run->p->connectors[i], sink);
        if (one == TRI_YES || (one == TRI_UNKNOWN && come == TRI_NO))
            come = one;
    }
    if (fed)
        judge_tombstones(run, sink, come);
}

/* ---- rotation -------------------------------------------------------------------------------- */

#define SCHEDULE "\"rotate.schedule.interval.ms\": \"60000\""

static void judge_rotation(struct check_run *run, const struct connector_row *c)
{
    const struct connector_facts *f = c->facts;
    char text[HUMAN_SIZE];
    struct check_line *line;
    if (f->flush_size == UNKNOWN || f->rotate_schedule_ms == UNKNOWN ||
        f->rotate_interval_ms == UNKNOWN) {
        bool set = check_config(c, "flush.size") != NULL;
        line = check_say(run, c->base.name, set ? RESULT_UNKNOWN : RESULT_FAILED,
                         set ? "flush.size or an interval is no plain number"
                             : "flush.size is not set, and has no default");
        if (!set)
            check_fix(run, line, FIX_CONFIG, "\"flush.size\": \"10000\"");
    } else if (f->flush_size <= 0) { /* accepted silently */
        line = check_say(run, c->base.name, RESULT_FAILED, "flush.size = %" PRId64, f->flush_size);
        check_fix(run, line, FIX_CONFIG, "\"flush.size\": \"10000\"");
    } else if (f->rotate_schedule_ms > 0 && f->timezone == NULL) {
        line = check_say(run, c->base.name, RESULT_FAILED,
                         "rotate.schedule.interval.ms is set, but no timezone");
        check_fix(run, line, FIX_CONFIG, "\"timezone\": \"UTC\"");
    } else if (f->rotate_schedule_ms > 0) {
        (void)check_say(run, c->base.name, RESULT_OK, "by the clock, every %s",
                        human_duration_ms(text, f->rotate_schedule_ms));
    } else {
        line = check_say(run, c->base.name, RESULT_WARNING,
                         f->rotate_interval_ms > 0
                             ? "only when a later record comes (rotate.interval.ms): what a quiet "
                               "topic wrote last never reaches S3, flush.size = %" PRId64
                             : "only when full: what a quiet topic wrote last never reaches S3, "
                               "flush.size = %" PRId64,
                         f->flush_size);
        check_fix(run, line, FIX_CONFIG, SCHEDULE "%s",
                  f->timezone == NULL ? ",\n\"timezone\": \"UTC\"" : "");
    }
}

static void rotation(struct check_run *run, const struct connector_row *c)
{
    if (c->facts->role == CONNECTOR_SINK_S3_AIVEN)
        (void)check_say(run, c->base.name, RESULT_OK, "at every commit of its offsets");
    else if (connector_role_is_s3(c->facts->role))
        judge_rotation(run, c);
}

static void path(struct check_run *run, const struct connector_row *c)
{
    const struct connector_facts *f = c->facts;
    if (!connector_role_is_s3(f->role) || f->partitioner == NULL)
        return;
    if (strcmp(f->partitioner, "TimeBasedPartitioner") != 0) {
        (void)check_say(run, c->base.name, RESULT_OK, "%s", f->partitioner);
        return;
    }
    struct check_names missing; /* all of these are accepted at first and fail at the start */
    check_names_init(&missing);
    if (f->path_format == NULL)
        check_names_add(&missing, "\"path.format\": \"'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH\"");
    if (f->partition_duration_ms == 0 || check_config(c, "partition.duration.ms") == NULL)
        check_names_add(&missing, "\"partition.duration.ms\": \"3600000\"");
    if (f->locale == NULL)
        check_names_add(&missing, "\"locale\": \"en-US\"");
    if (f->timezone == NULL)
        check_names_add(&missing, "\"timezone\": \"UTC\"");
    size_t n = missing.count;
    (void)check_names_end(&missing, run);
    struct check_line *line =
        check_say(run, c->base.name, n > 0 ? RESULT_FAILED : RESULT_OK, "TimeBasedPartitioner%s%s",
                  n > 0 ? " without all that it needs" : " ", n > 0 ? "" : f->path_format);
    check_fix(run, line, FIX_CONFIG, "%s", missing.all);
}

#define CONN NEEDS_OF(SOURCE_CONNECT)

const struct check_row checks_sink[] = {
    {"sink.tombstones",      "a DELETE does not stop the sink", HOP_SINK, CONN, .of_sink = tombstones},
    {"sink.rotation",              "files are closed in time", HOP_SINK, CONN, .of_sink = rotation},
    {"sink.path", "the paths of objects are settled", HOP_SINK, CONN, .of_sink = path},
    {.id = NULL       },
};
