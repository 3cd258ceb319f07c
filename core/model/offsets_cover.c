#include "model/offsets_cover.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    HOLES_ODD = 4, /* so many holes, and one at every fourth object, are no loss but a habit */
    HOLES_ODD_SHARE = 4,
};

static int64_t plus(int64_t a, int64_t b) /* of figures that are not negative */
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

/* ---- what the sink's configuration allows ---------------------------------------------------- */

/* Kafka's own transforms drop no record, but for Filter. Of others that is not known: Debezium's
 * unwrapping drops tombstones by default. */
static bool may_drop(const struct connect_connector *c)
{
    for (size_t i = 0; i < c->nconfig; i++) {
        const char *key = c->config[i].key, *value = c->config[i].value;
        size_t n = strlen(key);
        if (value == NULL || strncmp(key, "transforms.", 11) != 0 || n < 16 ||
            strcmp(key + n - 5, ".type") != 0)
            continue;
        if (strncmp(value, "org.apache.kafka.connect.transforms.", 36) != 0 ||
            strstr(value, "Filter") != NULL)
            return true;
    }
    return false;
}

static const char *why_skipped(const struct connector_facts *sink, const struct kafka_topic *topic)
{
    bool aiven = sink != NULL && sink->role == CONNECTOR_SINK_S3_AIVEN; /* it writes "null" */
    if (sink == NULL)
        return "the sink's configuration is not known";
    if (!aiven && (sink->null_values == NULL || strcasecmp(sink->null_values, "fail") != 0))
        return "the sink writes no line for a tombstone";
    if (sink->errors_tolerance != NULL && strcmp(sink->errors_tolerance, "all") == 0)
        return "the sink skips what it cannot convert";
    if (may_drop(sink->connector))
        return "a transform of the sink may drop records";
    if (sink->timestamp_source != NULL && strcasestr(sink->timestamp_source, "RecordField") != NULL)
        return "a field of the record decides the directory";
    if (topic != NULL && topic->cleanup_policy != NULL &&
        strstr(topic->cleanup_policy, "compact") != NULL)
        return "the topic is compacted";
    return NULL;
}

struct cover_rules offsets_cover_rules(const struct connector_facts *sink,
                                       const struct kafka_topic *topic)
{
    struct cover_rules rules = {.most = UNKNOWN, .scattered = true};
    rules.skips = why_skipped(sink, topic);
    if (sink == NULL)
        return rules;
    if (sink->role == CONNECTOR_SINK_S3_AIVEN)
        rules.most = sink->file_max_records > 0 ? sink->file_max_records : UNKNOWN;
    else
        rules.most = sink->flush_size > 0 ? sink->flush_size : UNKNOWN;
    bool by_clock =
        sink->timestamp_source != NULL && strcasecmp(sink->timestamp_source, "Wallclock") == 0;
    bool plain = sink->partitioner == NULL || strcmp(sink->partitioner, "DefaultPartitioner") == 0;
    bool timed = sink->path_format != NULL || sink->role == CONNECTOR_SINK_S3_AIVEN;
    bool keyed = sink->name_template != NULL && strstr(sink->name_template, "{{key") != NULL;
    rules.scattered = keyed || (timed ? !by_clock : !plain);
    return rules;
}

/* ---- the pass over one partition ------------------------------------------------------------- */

struct pass {
    const struct cover_rules *rules;
    struct arena *arena;
    struct cover *out;
    size_t cap_holes;
    int64_t reached;              /* furthest end of what was counted; -1 nothing yet */
    int64_t maybe;                /* furthest end that an object may have that was not; -1 */
    const struct s3_object *tail; /* the one that reaches furthest */
    const struct s3_object *last; /* the one before, by start */
    bool mixed;                   /* directories share the stretch since the last clean cut */
    int64_t spare;                /* lines there that the running end does not account for */
    size_t judged;                /* objects whose start could be compared */
};

static bool same_directory(const struct s3_object *a, const struct s3_object *b)
{
    const char *x = strrchr(a->key, '/'), *y = strrchr(b->key, '/');
    size_t n = x != NULL ? (size_t)(x - a->key) : 0, m = y != NULL ? (size_t)(y - b->key) : 0;
    return n == m && memcmp(a->key, b->key, n) == 0;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Bytes for each offset up to the next object: the median; 0 unknown. */
static double usual_bytes(const struct cover *c, struct arena *arena)
{
    double *bytes = arena_array(arena, c->nitems, sizeof(*bytes));
    size_t n = 0;
    for (size_t i = 0; i + 1 < c->nitems; i++) {
        const struct s3_object *o = c->items[i].object, *next = c->items[i + 1].object;
        if (o->size > 0 && next->start_offset > o->start_offset)
            bytes[n++] = (double)o->size / ((double)next->start_offset - (double)o->start_offset);
    }
    if (n == 0)
        return 0;
    qsort(bytes, n, sizeof(*bytes), by_value);
    return bytes[n / 2];
}

/* The limit of today may not be that of the time when the object was written: a file that really
 * held all up to the next one is as large as that. */
static bool too_small(const struct pass *p, const struct s3_object *o, int64_t next)
{
    double usual = usual_bytes(p->out, p->arena);
    return o->size >= 0 && usual > 0 &&
           (double)o->size < usual / 2 * ((double)next - (double)o->start_offset);
}

static void add_hole(struct pass *p, struct cover_hole hole)
{
    struct cover *c = p->out;
    *(struct cover_hole *)arena_push(p->arena, &c->holes, &c->nholes, &p->cap_holes, sizeof(hole)) =
        hole;
    c->missing = plus(c->missing, hole.records);
}

/* The object starts behind all that is held for certain. */
static void gap(struct pass *p, struct cover_item *item)
{
    int64_t start = item->object->start_offset;
    int64_t from = p->maybe > p->reached ? p->maybe : p->reached;
    if (start <= from)
        return; /* one that was not counted may fill it */
    int64_t records = start - from, used = p->spare < records ? p->spare : records;
    p->spare -= used;
    records -= used;
    if (records == 0)
        return;
    bool guessed = from == p->maybe;
    if (guessed && (!same_directory(p->last, item->object) || !too_small(p, p->last, start)))
        return;
    item->gap = start - from;
    add_hole(p, (struct cover_hole){
                    .from = from,
                    .to = start,
                    .records = records,
                    .at_least = guessed || used > 0,
                    .before = guessed ? p->last : p->tail,
                    .after = item->object,
                });
}

static void overlap(struct pass *p, struct cover_item *item)
{
    int64_t start = item->object->start_offset;
    int64_t to = item->end == UNKNOWN || item->end > p->reached ? p->reached : item->end;
    item->overlap = item->end == UNKNOWN ? 0 : to - start;
    p->out->overlapping = plus(p->out->overlapping, item->overlap);
    if (p->rules->scattered && p->mixed)
        p->spare = plus(p->spare, item->overlap);
}

static void step(struct pass *p, struct cover_item *item)
{
    const struct s3_object *o = item->object;
    bool counted = o->records >= 0;
    item->end = counted ? plus(o->start_offset, o->records) : UNKNOWN;
    p->out->counted += counted;
    if (p->last != NULL) {
        p->judged += p->maybe < INT64_MAX;
        if (o->start_offset == p->reached && p->spare == 0)
            p->mixed = false; /* a clean cut: nothing before it reaches behind it */
        else if (!same_directory(p->last, o))
            p->mixed = true;
        if (o->start_offset > p->reached)
            gap(p, item);
        else if (o->start_offset < p->reached)
            overlap(p, item);
    }
    if (counted && item->end > p->reached) {
        p->reached = item->end;
        p->tail = o;
    }
    if (!counted) {
        int64_t most =
            p->rules->most != UNKNOWN ? plus(o->start_offset, p->rules->most) : INT64_MAX;
        p->maybe = most > p->maybe ? most : p->maybe;
    }
    p->last = o;
}

/* The objects are the newest first, so that those of one partition come nearly sorted. */
static void collect(struct cover *c, const struct s3_prefix *prefix, struct arena *arena)
{
    c->items = arena_array(arena, prefix->nobjects, sizeof(c->items[0]));
    for (size_t i = prefix->nobjects; i-- > 0;) {
        const struct s3_object *o = &prefix->objects[i];
        if (o->partition != c->partition || o->start_offset < c->floor || o->start_offset < 0)
            continue;
        size_t at = c->nitems++;
        while (at > 0 && c->items[at - 1].object->start_offset > o->start_offset) {
            c->items[at] = c->items[at - 1];
            at--;
        }
        c->items[at] = (struct cover_item){.object = o, .end = UNKNOWN};
    }
}

static void cover_partition(struct cover *c, const struct s3_prefix *prefix,
                            const struct cover_rules *rules, struct arena *arena)
{
    struct pass p = {.rules = rules, .arena = arena, .out = c, .reached = -1, .maybe = -1};
    collect(c, prefix, arena);
    for (size_t i = 0; i < c->nitems; i++)
        step(&p, &c->items[i]);
    if (c->nholes == 0)
        return;
    if (rules->skips != NULL)
        c->cannot_tell = rules->skips;
    else if (c->nholes >= HOLES_ODD && c->nholes * HOLES_ODD_SHARE > p.judged)
        /* Transactions take offsets for their markers, in nearly every file. */
        c->cannot_tell = "most objects hold fewer lines than offsets";
    if (c->cannot_tell != NULL) {
        c->nholes = 0;
        c->missing = 0;
    }
}

struct covers offsets_cover(const struct s3_prefix *prefix, const struct cover_rules *rules,
                            struct arena *arena)
{
    struct covers all = {0};
    if (!prefix->complete)
        return all;
    all.items = arena_array(arena, prefix->nfloors, sizeof(all.items[0]));
    all.count = prefix->nfloors;
    for (size_t i = 0; i < all.count; i++) {
        all.items[i].partition = prefix->floors[i].partition;
        all.items[i].floor = prefix->floors[i].from;
        cover_partition(&all.items[i], prefix, rules, arena);
    }
    return all;
}

const struct cover_item *offsets_cover_item(const struct covers *covers, const struct s3_object *o)
{
    for (size_t i = 0; i < covers->count; i++) {
        const struct cover *c = &covers->items[i];
        for (size_t k = 0; c->partition == o->partition && k < c->nitems; k++) {
            if (c->items[k].object == o)
                return &c->items[k];
        }
    }
    return NULL;
}
