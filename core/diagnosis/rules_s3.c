/* Objects: files that never close, that are late, too small, in the wrong directory or missing.
 * What the sink's trace says about S3: rules_trace.c. */
#include "diagnosis/rules_s3.h"

#include "base/human.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    STORM_OBJECTS = 20,         /* too few are no storm, and no median */
    STORM_RECORDS = 10,         /* in the median object: few, whatever the sink's limit … */
    STORM_SHARE = 10,           /* … or less than the tenth part of it */
    STORM_SPAN_MS = 120 * 1000, /* the objects that the medians are taken of */
    AIVEN_FLUSH_MS = 60 * 1000, /* the worker's default: it is not told */
};

const struct connector_facts *rules_s3_sink(const struct rule_run *run, const struct prefix_row *p)
{
    const struct connector_row *c =
        p->connector != NULL ? pipeline_connector(run->p, p->connector) : NULL;
    return c != NULL && connector_role_is_s3(c->facts->role) ? c->facts : NULL;
}

static bool same_sink(const struct prefix_row *a, const struct prefix_row *b)
{
    return a->connector != NULL && b->connector != NULL && strcmp(a->connector, b->connector) == 0;
}

struct fired rules_s3_fired(struct rule_run *run,
                            bool (*holds)(const struct rule_run *run, const struct prefix_row *p))
{
    struct fired fired = {0};
    size_t cap = 0;
    for (size_t i = 0; i < run->p->nprefixes; i++) {
        if (holds(run, &run->p->prefixes[i]))
            *(const struct prefix_row **)arena_push(run->arena, &fired.rows, &fired.count, &cap,
                                                    sizeof(*fired.rows)) = &run->p->prefixes[i];
    }
    return fired;
}

bool rules_s3_first(const struct fired *fired, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (same_sink(fired->rows[k], fired->rows[i]))
            return false;
    }
    return true;
}

int rules_s3_more(const struct fired *fired, size_t i)
{
    int more = 0;
    for (size_t k = i + 1; k < fired->count; k++)
        more += same_sink(fired->rows[k], fired->rows[i]);
    return more;
}

/* ---- S01, S02 -------------------------------------------------------------------------------- */

static bool never_closed(const struct rule_run *run, const struct prefix_row *p)
{
    (void)run;
    return p->connector != NULL && p->due_ms == DUE_NEVER && p->waiting != UNKNOWN &&
           p->waiting > 0 && p->base.verdict >= VERDICT_WARN;
}

static const char *limit(struct rule_run *run, int64_t value, const char *unit)
{
    return value > 0 ? arena_printf(run->arena, "%" PRId64 "%s", value, unit) : "not set";
}

/* One finding per sink: with many quiet tables they all have the same cause. */
static void never_closes(struct rule_run *run)
{
    struct fired fired = rules_s3_fired(run, never_closed);
    for (size_t i = 0; i < fired.count; i++) {
        const struct prefix_row *first = fired.rows[i];
        if (!rules_s3_first(&fired, i))
            continue;
        char a[HUMAN_SIZE];
        int more = rules_s3_more(&fired, i);
        const struct connector_facts *facts = rules_s3_sink(run, first);
        struct finding *f =
            rule_emit(run, first->base.name, "%s: %s records wait in a file that nothing closes%s",
                      first->base.name, human_count(a, first->waiting),
                      more > 0 ? arena_printf(run->arena, ", and so in %d more topics", more) : "");
        if (facts != NULL) {
            rule_evidence(run, f, "flush.size = %s", limit(run, facts->flush_size, ""));
            rule_evidence(run, f, "rotate.schedule.interval.ms = %s, rotate.interval.ms = %s",
                          limit(run, facts->rotate_schedule_ms, ""),
                          limit(run, facts->rotate_interval_ms, " (needs a newer record)"));
        }
        rule_evidence(run, f, "no new record fills the file");
        rule_advise(run, f, "set rotate.schedule.interval.ms (and timezone) on %s",
                    first->connector);
    }
}

static bool is_late(const struct rule_run *run, const struct prefix_row *p)
{
    (void)run;
    /* Of a sink that was paused on purpose, C22 speaks. */
    return p->late_ms != UNKNOWN && p->late_ms > 0 && p->base.verdict >= VERDICT_WARN;
}

static void say_late(struct rule_run *run, const struct prefix_row *p, int more)
{
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    struct finding *f =
        rule_emit(run, p->base.name, "objects of %s are late by %s%s", p->base.name,
                  human_duration_ms(a, p->late_ms),
                  more > 0 ? arena_printf(run->arena, ", and those of %d more topics", more) : "");
    f->severity = p->base.verdict;
    rule_evidence(run, f, "%s records wait, newest object %s old", human_count(a, p->waiting),
                  human_age_ms(b, p->newest_age_ms));
    rule_evidence(
        run, f,
        "a file is due every %s (warning at %" PRId64 " %%, critical at %" PRId64 " %% and %s)",
        human_duration_ms(a, p->due_ms), run->limits->late_factor_warn_pct,
        run->limits->late_factor_crit_pct, human_duration_ms(b, run->limits->late_grace_ms));
    const struct connector_row *c =
        p->connector != NULL ? pipeline_connector(run->p, p->connector) : NULL;
    bool managed = c != NULL && c->connector->service == SERVICE_MSK_CONNECT; /* without traces */
    rule_advise(run, f, "the sink does not write: check S3 and %s, then restart it",
                managed ? "the workers' log" : "the sink's trace");
    if (p->connector != NULL)
        rule_remedy_on(f, ACTION_RESTART, p->connector);
}

/* One finding per sink, about the topic whose verdict is worst. */
static void late(struct rule_run *run)
{
    struct fired fired = rules_s3_fired(run, is_late);
    for (size_t i = 0; i < fired.count; i++) {
        const struct prefix_row *worst = fired.rows[i];
        if (!rules_s3_first(&fired, i))
            continue;
        for (size_t k = i + 1; k < fired.count; k++) {
            if (same_sink(fired.rows[i], fired.rows[k]) &&
                fired.rows[k]->base.verdict > worst->base.verdict)
                worst = fired.rows[k];
        }
        say_late(run, worst, rules_s3_more(&fired, i));
    }
}

/* ---- S06 ------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t median(int64_t *values, size_t n)
{
    if (n == 0)
        return UNKNOWN;
    qsort(values, n, sizeof(*values), by_value);
    return values[n / 2];
}

/* Lines where they were counted, else how far it is to the object that follows in its partition. */
static int64_t records_of(const struct s3_prefix *p, size_t i)
{
    const struct s3_object *o = &p->objects[i];
    if (o->records != UNKNOWN)
        return o->records;
    for (size_t k = i; k-- > 0;) { /* newer ones come before */
        const struct s3_object *next = &p->objects[k];
        if (next->partition == o->partition && next->start_offset > o->start_offset)
            return next->start_offset - o->start_offset;
    }
    return UNKNOWN;
}

/* Objects a minute that the sink's clock asks for, however little there is to write. */
static double scheduled(const struct rule_run *run, const struct prefix_row *p,
                        const struct connector_facts *sink)
{
    const struct topic_row *t = pipeline_topic(run->p, p->base.name);
    double partitions = t != NULL && t->topic->npartitions > 0 ? (double)t->topic->npartitions : 1;
    int64_t every = sink->role == CONNECTOR_SINK_S3_AIVEN ? AIVEN_FLUSH_MS : INT64_MAX;
    if (sink->rotate_schedule_ms > 0)
        every = sink->rotate_schedule_ms;
    if (sink->rotate_interval_ms > 0 && sink->rotate_interval_ms < every)
        every = sink->rotate_interval_ms;
    return partitions * 60000 / (double)every;
}

struct storm { /* of one prefix */
    const struct prefix_row *row;
    double rate, scheduled; /* objects a minute */
    int64_t size, each;     /* of the median object: bytes and records */
};

static bool measure(const struct rule_run *run, const struct prefix_row *p, struct storm *out)
{
    const struct connector_facts *sink;
    int64_t sizes[S3_OBJECTS_KEPT], records[S3_OBJECTS_KEPT];
    int64_t now = world_server_now(run->world, run->index, SOURCE_S3);
    size_t nsizes = 0, nrecords = 0;
    *out = (struct storm){.row = p, .rate = p->objects_per_s * 60};
    if (isnan(out->rate) || out->rate < (double)run->limits->small_files_rate ||
        (sink = rules_s3_sink(run, p)) == NULL)
        return false;
    out->scheduled = scheduled(run, p, sink);
    if (out->rate - out->scheduled < (double)run->limits->small_files_rate)
        return false;
    for (size_t i = 0; i < p->prefix->nobjects && i < S3_OBJECTS_KEPT; i++) {
        const struct s3_object *o = &p->prefix->objects[i];
        if (o->modified_ms == UNKNOWN || now - o->modified_ms > STORM_SPAN_MS)
            break;
        int64_t n = records_of(p->prefix, i);
        if (o->size != UNKNOWN)
            sizes[nsizes++] = o->size;
        if (n != UNKNOWN)
            records[nrecords++] = n;
    }
    out->size = median(sizes, nsizes);
    out->each = median(records, nrecords);
    bool few = out->each < STORM_RECORDS ||
               (sink->flush_size > 0 && out->each < sink->flush_size / STORM_SHARE);
    return nsizes >= STORM_OBJECTS && out->size < run->limits->small_files_size &&
           out->each != UNKNOWN && few;
}

static bool storms(const struct rule_run *run, const struct prefix_row *p)
{
    struct storm s;
    return measure(run, p, &s);
}

/* Two digits: a title that says something else every second is not read. */
static int64_t rounded(double rate)
{
    int64_t unit = 1, n = (int64_t)rate;
    while (n / unit >= 100)
        unit *= 10;
    return (n + unit / 2) / unit * unit;
}

static void say_storm(struct rule_run *run, const struct storm *s, int more)
{
    const struct connector_facts *sink = rules_s3_sink(run, s->row);
    const char *topic = s->row->base.name;
    char a[HUMAN_SIZE], b[HUMAN_SIZE];
    struct finding *f =
        rule_emit(run, topic, "%s: about %s objects a minute, records in each: %s%s", topic,
                  human_count(a, rounded(s->rate)), human_count(b, s->each),
                  more > 0 ? arena_printf(run->arena, "; and so in %d more topics", more) : "");
    rule_evidence(
        run, f, "%.0f objects/min (threshold %" PRId64 " beyond the %.0f that its schedule makes)",
        s->rate, run->limits->small_files_rate, s->scheduled);
    rule_evidence(run, f, "median object %s (threshold %s)", human_bytes(a, s->size),
                  human_bytes(b, run->limits->small_files_size));
    rule_evidence(run, f, "flush.size = %s", limit(run, sink->flush_size, ""));
    if (sink->flush_size > 0 && sink->flush_size <= 2 * STORM_RECORDS)
        rule_advise(run, f, "raise flush.size of %s: every object costs a request",
                    s->row->connector);
    else
        rule_advise(run, f,
                    "look in the log of %s for what closes files early: schema changes "
                    "(schema.compatibility), rebalances",
                    s->row->connector);
}

/* One finding per sink, about its busiest topic. */
static void storm(struct rule_run *run)
{
    struct fired fired = rules_s3_fired(run, storms);
    for (size_t i = 0; i < fired.count; i++) {
        struct storm worst, one;
        if (!rules_s3_first(&fired, i) || !measure(run, fired.rows[i], &worst))
            continue;
        for (size_t k = i + 1; k < fired.count; k++) {
            if (same_sink(fired.rows[i], fired.rows[k]) && measure(run, fired.rows[k], &one) &&
                one.rate > worst.rate)
                worst = one;
        }
        say_storm(run, &worst, rules_s3_more(&fired, i));
    }
}

/* ---- S09 ------------------------------------------------------------------------------------- */

static void left_over(struct rule_run *run)
{
    int64_t now = world_server_now(run->world, run->index, SOURCE_S3);
    for (size_t i = 0; i < run->p->nprefixes; i++) {
        const struct s3_prefix *p = run->p->prefixes[i].prefix;
        char a[HUMAN_SIZE], b[HUMAN_SIZE], n[HUMAN_SIZE];
        if (p->uploads == UNKNOWN || p->uploads <= 0 || p->oldest_upload_ms == UNKNOWN ||
            now - p->oldest_upload_ms < run->limits->upload_age_ms)
            continue;
        struct finding *f = rule_emit(run, run->p->prefixes[i].base.name,
                                      "%s: %s unfinished multipart uploads, the oldest is %s old",
                                      run->p->prefixes[i].base.name, human_count(n, p->uploads),
                                      human_age_ms(a, now - p->oldest_upload_ms));
        rule_evidence(run, f, "oldest upload %s old (threshold %s)",
                      human_age_ms(a, now - p->oldest_upload_ms),
                      human_duration_ms(b, run->limits->upload_age_ms));
        rule_advise(run, f,
                    "their parts are paid for: give the bucket a lifecycle rule "
                    "AbortIncompleteMultipartUpload");
    }
}

const struct diag_rule rules_s3[] = {
    {.id = "S01",
     .severity = VERDICT_WARN,
     .hop = HOP_OBJECTS,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_CONNECT),
     .eval = never_closes},
    {.id = "S02",
     .severity = VERDICT_CRIT,
     .hop = HOP_OBJECTS,
     .needs = NEEDS(SOURCE_KAFKA) | NEEDS(SOURCE_S3),
     .eval = late,
     .check =
         "the sink's log for retries, the group's committed offset, S3 from the workers' side"},
    {.id = "S05",
     .severity = VERDICT_WARN,
     .hop = HOP_OBJECTS,
     .needs = NEEDS(SOURCE_S3) | NEEDS(SOURCE_CONNECT) | NEEDS(SOURCE_KAFKA),
     .eval = rules_s3_path,
     .check = "a record's own time against the directory of its object"},
    {.id = "S06",
     .severity = VERDICT_WARN,
     .hop = HOP_OBJECTS,
     .needs = NEEDS(SOURCE_S3) | NEEDS(SOURCE_CONNECT),
     .eval = storm,
     .confidence = CONFIDENCE_MEDIUM,
     .check = "which setting or event closes the files: flush.size, schema changes, rebalances"},
    {.id = "S07",
     .severity = VERDICT_CRIT,
     .hop = HOP_OBJECTS,
     .needs = NEEDS(SOURCE_S3) | NEEDS(SOURCE_CONNECT) | NEEDS(SOURCE_KAFKA),
     .eval = rules_s3_holes,
     .confidence = CONFIDENCE_MEDIUM,
     .check = "whether somebody deleted or moved objects, and the group's offsets"},
    {.id = "S09",
     .severity = VERDICT_WARN,
     .hop = HOP_OBJECTS,
     .needs = NEEDS(SOURCE_S3),
     .eval = left_over},
    {.id = NULL                   },
};
