/* Objects that are new, but in a directory of another hour: whoever reads by hour misses them.
 *
 * The path is the record's time where the extractor says so, and a record that is late on its way
 * belongs into an old directory. So an old hour is a finding only while new records come and none
 * of them waits for long; an hour to come always is one. A time zone on purpose is none: of a named
 * zone every offset that it may have is right, unless the objects before were in the hours of UTC:
 * then the zone was changed, and what is new is not where the old is. */
#include "diagnosis/rules_s3.h"

#include "base/clock.h"
#include "base/human.h"
#include "model/path_time.h"

#include <string.h>
#include <strings.h>

enum {
    NEWEST = 3, /* of so many objects each must be wrong: one record may have an odd time */
    FRESH_MS = 10 * 60 * 1000,
    CAUGHT_UP_MS = 60 * 1000,
    HOUR_MS = 60 * 60 * 1000
};

struct place { /* what the objects of one prefix are judged by */
    const struct prefix_row *row;
    const struct connector_facts *sink;
    size_t skip; /* bytes of the topic's own directory */
    int64_t limit_ms;
    int64_t late_ms; /* how old a record may be when its object is written; UNKNOWN: any age */
};

/* How far the object's directory is from the time at which it was written, by clocks between low
 * and high: positive ahead, negative behind, 0 right. */
static bool off_by(const struct place *at, const struct s3_object *o, int64_t low, int64_t high,
                   int64_t *off)
{
    struct path_time t;
    if (strlen(o->key) <= at->skip || o->modified_ms == UNKNOWN ||
        !path_time_read(at->sink->path_format, o->key + at->skip, &t))
        return false;
    int64_t ahead = t.from_ms - (o->modified_ms + high);
    int64_t behind = o->modified_ms + low - t.to_ms;
    *off = ahead > 0 ? ahead : behind > 0 ? -behind : 0;
    return true;
}

static bool is_wrong(const struct place *at, int64_t off)
{
    return off > at->limit_ms ||
           (at->late_ms != UNKNOWN && off < 0 && -off > at->limit_ms + at->late_ms);
}

/* The newest few are all wrong by that clock. */
static bool newest_wrong(const struct place *at, int64_t low, int64_t high)
{
    const struct s3_prefix *p = at->row->prefix;
    for (size_t i = 0; i < p->nobjects && i < NEWEST; i++) {
        int64_t one;
        if (!off_by(at, &p->objects[i], low, high, &one) || !is_wrong(at, one))
            return false;
    }
    return p->nobjects > 0;
}

/* The newest object that was where UTC puts it; NULL. */
static const struct s3_object *last_right(const struct place *at)
{
    const struct s3_prefix *p = at->row->prefix;
    for (size_t i = 0; i < p->nobjects; i++) {
        int64_t off;
        if (off_by(at, &p->objects[i], 0, 0, &off) && off == 0)
            return &p->objects[i];
    }
    return NULL;
}

/* How late a record may come into its directory and be right there all the same. */
static int64_t lateness(const struct rule_run *run, const struct place *at)
{
    const struct prefix_row *row = at->row;
    const char *extractor = at->sink->timestamp_source;
    if (row->due_ms == UNKNOWN || row->due_ms == DUE_NEVER || extractor == NULL ||
        strcasestr(extractor, "RecordField") != NULL)
        return UNKNOWN; /* a file that stays open keeps its old directory */
    if (strcasecmp(extractor, "Wallclock") == 0)
        return row->due_ms;
    const struct topic_row *t = pipeline_topic(run->p, row->base.name);
    bool up = t != NULL && t->per_s > 0 && t->lag_ms != UNKNOWN && !t->lag_ms_more &&
              t->lag_ms <= row->due_ms + CAUGHT_UP_MS;
    return up ? row->due_ms + CAUGHT_UP_MS : UNKNOWN;
}

static bool is_fresh(const struct rule_run *run, const struct prefix_row *row)
{
    int64_t allowed = FRESH_MS;
    if (row->due_ms != UNKNOWN && row->due_ms != DUE_NEVER)
        allowed =
            row->due_ms * run->limits->late_factor_warn_pct / 100 + run->limits->late_grace_ms;
    return row->newest_age_ms != UNKNOWN && row->newest_age_ms <= allowed;
}

/* Whole hours between the directory and the one in which the object was written. */
static int64_t hours_off(const struct place *at, const struct s3_object *o)
{
    struct path_time t;
    if (!path_time_read(at->sink->path_format, o->key + at->skip, &t))
        return 0;
    int64_t span = t.to_ms - t.from_ms;
    return (t.from_ms - o->modified_ms / span * span) / HOUR_MS;
}

struct wrong { /* a prefix whose newest objects are elsewhere */
    struct place at;
    const struct s3_object *right; /* the last that was not; NULL */
};

static void say(struct rule_run *run, const struct wrong *w, int more)
{
    const struct place *at = &w->at;
    const struct s3_object *newest = &at->row->prefix->objects[0];
    const char *slash = strrchr(newest->key, '/');
    int64_t hours = hours_off(at, newest);
    char a[HUMAN_SIZE], when[40];
    struct finding *f = rule_emit(
        run, at->row->base.name, "%s: new objects land in a directory of %lld h %s%s",
        at->row->base.name, (long long)(hours < 0 ? -hours : hours), hours < 0 ? "ago" : "ahead",
        more > 0 ? arena_printf(run->arena, ", and so in %d more topics", more) : "");
    rule_evidence(run, f, "newest directory %.*s",
                  slash != NULL ? (int)(slash - newest->key - (ptrdiff_t)at->skip) : 0,
                  newest->key + at->skip);
    rule_evidence(run, f, "its newest object was written %s (threshold %s away)",
                  clock_iso(newest->modified_ms, when, sizeof(when)),
                  human_duration_ms(a, at->limit_ms));
    rule_evidence(run, f, "timezone = %s, timestamp.extractor = %s",
                  at->sink->timezone != NULL ? at->sink->timezone : "not set",
                  at->sink->timestamp_source != NULL ? at->sink->timestamp_source : "unknown");
    if (w->right != NULL)
        rule_evidence(run, f, "until %s objects landed in their hour of UTC",
                      clock_iso(w->right->modified_ms, when, sizeof(when)));
    rule_advise(
        run, f,
        "mend timezone, path.format or timestamp.extractor of %s; what is missed downstream "
        "lies in that directory",
        at->row->connector);
}

static bool judge(const struct rule_run *run, const struct prefix_row *row, struct wrong *w)
{
    struct place *at = &w->at;
    int64_t low, high;
    w->right = NULL;
    if (!row->prefix->complete || row->prefix->nobjects == 0 || !is_fresh(run, row))
        return false;
    *at = (struct place){.row = row,
                         .sink = rules_s3_sink(run, row),
                         .skip = strlen(row->prefix->path),
                         .limit_ms = run->limits->path_off_ms};
    if (at->sink == NULL || at->sink->path_format == NULL)
        return false;
    at->late_ms = lateness(run, at);
    path_time_zone(at->sink->timezone, &low, &high);
    if (newest_wrong(at, low, high))
        return true;
    if ((low == 0 && high == 0) || !newest_wrong(at, 0, 0))
        return false;
    w->right = last_right(at);
    return w->right != NULL;
}

static bool elsewhere(const struct rule_run *run, const struct prefix_row *row)
{
    struct wrong w;
    return judge(run, row, &w);
}

/* One finding per sink: it is the sink's setting. */
void rules_s3_path(struct rule_run *run)
{
    struct fired fired = rules_s3_fired(run, elsewhere);
    for (size_t i = 0; i < fired.count; i++) {
        struct wrong w;
        if (rules_s3_first(&fired, i) && judge(run, fired.rows[i], &w))
            say(run, &w, rules_s3_more(&fired, i));
    }
}
