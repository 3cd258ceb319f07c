/* Lanes: opening them by a search over their offsets, and asking them for what is new. */
#include "base/mem.h"
#include "source/s3_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAGES_LIVE_MAX = 20, /* pages of a new lane that are counted one by one in a running watch */
    TAIL_KEYS = 200,     /* looked at per region of an unpadded lane */
    SEARCH_KEYS = 1000,
};

/* ---- the lanes of a topic ---------------------------------------------------------------------
 */

static size_t lane_at(const struct s3_topic *topic, const char *prefix, size_t len, bool *found)
{
    size_t from = 0, to = topic->nlanes;
    *found = false;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        int d = strncmp(topic->lanes[mid].prefix, prefix, len);
        if (d == 0)
            d = topic->lanes[mid].prefix[len] != '\0';
        if (d == 0) {
            *found = true;
            return mid;
        }
        if (d < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

struct s3_lane *s3_lane_find(struct s3_topic *topic, const char *prefix, size_t len)
{
    bool found;
    size_t i = lane_at(topic, prefix, len, &found);
    return found ? &topic->lanes[i] : NULL;
}

struct s3_lane *s3_lane_insert(struct s3_topic *topic, const char *key, const struct s3_key *k)
{
    bool found;
    size_t i = lane_at(topic, key, k->lane_len, &found);
    if (topic->nlanes == topic->cap_lanes) {
        topic->cap_lanes = topic->cap_lanes == 0 ? 8 : topic->cap_lanes * 2;
        topic->lanes = mem_realloc(topic->lanes, topic->cap_lanes * sizeof(topic->lanes[0]));
    }
    memmove(&topic->lanes[i + 1], &topic->lanes[i], (topic->nlanes - i) * sizeof(topic->lanes[0]));
    topic->nlanes++;
    topic->lanes[i] = (struct s3_lane){
        .prefix = mem_strndup(key, k->lane_len),
        .dir_len = k->dir_len,
        .partition = k->partition,
        .last = -1,
        .newest_ms = -1,
    };
    return &topic->lanes[i];
}

void s3_lane_drop_first(struct s3_topic *topic, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(topic->lanes[i].prefix);
        free(topic->lanes[i].pos);
    }
    topic->nlanes -= n;
    if (n > 0 && topic->nlanes > 0)
        memmove(topic->lanes, topic->lanes + n, topic->nlanes * sizeof(topic->lanes[0]));
}

/* ---- keeping objects ------------------------------------------------------------------------- */

static struct s3_floor *floor_of(struct s3_topic *topic, int32_t partition)
{
    for (size_t i = 0; i < topic->nfloors; i++) {
        if (topic->floors[i].partition == partition)
            return &topic->floors[i];
    }
    return NULL;
}

int64_t s3_lane_floor(struct s3_topic *topic, int32_t partition)
{
    const struct s3_floor *floor = floor_of(topic, partition);
    return floor != NULL ? floor->from : INT64_MAX;
}

/* The first object of a partition sets where its whole stretch begins. */
static void floor_begin(struct s3_topic *topic, int32_t partition, int64_t from)
{
    if (floor_of(topic, partition) != NULL)
        return;
    if (partition < 0 || topic->nfloors == S3_LANES_MAX)
        return; /* without a floor nothing is told */
    if (topic->nfloors == topic->cap_floors) {
        topic->cap_floors = topic->cap_floors == 0 ? 4 : topic->cap_floors * 2;
        topic->floors = mem_realloc(topic->floors, topic->cap_floors * sizeof(topic->floors[0]));
    }
    topic->floors[topic->nfloors++] = (struct s3_floor){partition, from};
}

/* Nothing below `from` is told to be whole any more. */
static void floor_raise(struct s3_topic *topic, int32_t partition, int64_t from)
{
    struct s3_floor *floor = floor_of(topic, partition);
    if (floor == NULL)
        floor_begin(topic, partition, from);
    else if (from > floor->from)
        floor->from = from;
}

static void floor_above(struct s3_topic *topic, const struct s3_kept *o)
{
    if (o->start_offset < INT64_MAX)
        floor_raise(topic, o->partition, o->start_offset + 1);
}

static bool newer(const struct s3_kept *a, const struct s3_kept *b)
{
    if (a->modified_ms != b->modified_ms)
        return a->modified_ms > b->modified_ms;
    if (a->start_offset != b->start_offset)
        return a->start_offset > b->start_offset;
    return strcmp(a->key, b->key) > 0;
}

static void take_out(struct s3_topic *topic, size_t i)
{
    topic->nobjects--;
    memmove(&topic->objects[i], &topic->objects[i + 1],
            (topic->nobjects - i) * sizeof(topic->objects[0]));
}

void s3_lane_forget(struct s3_topic *topic, size_t i)
{
    free(topic->objects[i].key);
    take_out(topic, i);
}

/* Takes the object out if it is already kept; its key is the caller's then. */
static bool unkeep(struct s3_topic *topic, const char *key, struct s3_kept *out)
{
    for (size_t i = 0; i < topic->nobjects; i++) {
        if (strcmp(topic->objects[i].key, key) != 0)
            continue;
        *out = topic->objects[i];
        take_out(topic, i);
        return true;
    }
    return false;
}

static void keep(struct s3_topic *topic, const struct s3_kept *o)
{
    size_t i = 0;
    while (i < topic->nobjects && newer(&topic->objects[i], o))
        i++;
    if (i == S3_OBJECTS_KEPT) {
        floor_above(topic, o);
        free(o->key);
        return;
    }
    if (topic->nobjects == S3_OBJECTS_KEPT) {
        floor_above(topic, &topic->objects[topic->nobjects - 1]);
        free(topic->objects[--topic->nobjects].key);
    }
    memmove(&topic->objects[i + 1], &topic->objects[i],
            (topic->nobjects - i) * sizeof(topic->objects[0]));
    topic->objects[i] = *o;
    topic->nobjects++;
}

void s3_lane_take(struct s3_topic *topic, struct s3_lane *lane, const struct s3list_entry *e,
                  const struct s3_key *k, int64_t floor)
{
    struct s3_kept old = {.key = NULL};
    bool known = unkeep(topic, e->key, &old);
    /* The last key of a lane is listed again every time, so that an object that is written over
     * (Aiven after a crash or with a wrong format) shows its new time; it is not one more. Nor is
     * what is met again while directories of long ago are looked at. */
    bool before =
        topic->count_from_ms != INT64_MIN && e->modified_ms < topic->count_from_ms - S3_NOTICE_MS;
    if (!known && !before && k->start_offset > floor) {
        topic->seen++;
        topic->seen_bytes += e->size > 0 ? e->size : 0;
        if (!topic->complete && e->modified_ms >= 0 &&
            (topic->since_ms == UNKNOWN || e->modified_ms < topic->since_ms))
            topic->since_ms = e->modified_ms;
    }
    struct s3_kept o = {
        .key = known ? old.key : mem_strdup(e->key),
        .size = e->size >= 0 ? e->size : UNKNOWN,
        .modified_ms = e->modified_ms >= 0 ? e->modified_ms : UNKNOWN,
        .start_offset = k->start_offset,
        .partition = k->partition,
        .records = UNKNOWN,
    };
    if (known && old.size == o.size && old.modified_ms == o.modified_ms) {
        o.records = old.records;
        o.read = old.read;
    }
    if (!known)
        floor_begin(topic, k->partition, k->start_offset);
    keep(topic, &o);
    topic->layout = s3_layout_name(k);
    if (k->start_offset > lane->last)
        lane->last = k->start_offset;
    if (e->modified_ms > lane->newest_ms)
        lane->newest_ms = e->modified_ms;
}

/* ---- opening -------------------------------------------------------------------------------- */

static bool lane_key(const struct s3_lane *lane, const char *key, struct s3_key *k)
{
    return s3_layout_parse(key, k) && k->lane_len == strlen(lane->prefix);
}

static bool lane_list(const struct s3_lane *lane, struct s3_io *io, const char *after, int max,
                      struct s3list_page *page, struct err *err)
{
    struct s3list_query q = {.prefix = lane->prefix, .start_after = after, .max_keys = max};
    return s3_io_list(io, &q, page, err);
}

/* How the offsets of a lane are written, by its first page: a leading zero says it; else the two
 * widths that sinks pad to, if all keys have it. */
static int width_of(const struct s3_lane *lane, const struct s3list_page *page)
{
    int width = -1;
    for (size_t i = 0; i < page->nentries; i++) {
        struct s3_key k;
        if (!lane_key(lane, page->entries[i].key, &k))
            continue;
        if (k.zero)
            return k.digits;
        if (width >= 0 && width != k.digits)
            return 0;
        width = k.digits;
    }
    return width == 10 || width == 20 ? width : 0;
}

static void lane_goto(struct s3_lane *lane, const char *pos)
{
    free(lane->pos);
    lane->pos = mem_strdup(pos);
}

static void take_page(struct s3_topic *topic, struct s3_lane *lane, const struct s3list_page *page,
                      int64_t from)
{
    int64_t floor = lane->last;
    for (size_t i = 0; i < page->nentries; i++) {
        struct s3_key k;
        if (lane_key(lane, page->entries[i].key, &k) && k.start_offset >= from)
            s3_lane_take(topic, lane, &page->entries[i], &k, floor);
    }
    if (page->nentries > 0)
        lane_goto(lane, page->entries[page->nentries - 1].key);
}

/* Largest offset ≥ from in the page, or -1; *gap gets the mean distance of those found. */
static int64_t largest(const struct s3_lane *lane, const struct s3list_page *page, int64_t from,
                       int64_t *gap)
{
    int64_t max = -1, min = INT64_MAX, count = 0;
    for (size_t i = 0; i < page->nentries; i++) {
        struct s3_key k;
        if (!lane_key(lane, page->entries[i].key, &k) || k.start_offset < from)
            continue;
        max = k.start_offset > max ? k.start_offset : max;
        min = k.start_offset < min ? k.start_offset : min;
        count++;
    }
    if (count > 1)
        *gap = (max - min) / (count - 1);
    return max;
}

/* How far a search leaps at first: a page of objects. Names may hold any number: no overflow. */
static int64_t leap(int64_t gap)
{
    if (gap < 1)
        gap = 1;
    return gap > INT64_MAX / SEARCH_KEYS ? INT64_MAX / 2 : gap * SEARCH_KEYS;
}

static enum step lane_first(struct s3_topic *topic, struct s3_lane *lane,
                            const struct s3list_page *page)
{
    lane->width = width_of(lane, page);
    if (!page->truncated || (topic->complete && lane->width > 0)) {
        take_page(topic, lane, page, 0);
        lane->pages = 1;
        lane->state = page->truncated && lane->pos != NULL ? LANE_PAGES : LANE_OPEN;
        return lane->state == LANE_OPEN ? STEP_DONE : STEP_MORE;
    }
    lane->gap = 1;
    int64_t max = largest(lane, page, 0, &lane->gap);
    lane->search = (struct s3_search){.lo = max > 0 ? max : 0, .step = leap(lane->gap)};
    lane->state = LANE_SEARCH;
    return STEP_MORE;
}

/* The end is known: the newest few hundred are listed from a little before it. */
static enum step lane_found(struct s3_topic *topic, struct s3_lane *lane)
{
    char pos[S3_PATH_SIZE + 64];
    int64_t back = lane->gap > INT64_MAX / 1000 ? lane->search.lo : lane->gap * 300;
    int64_t from = lane->search.lo > back ? lane->search.lo - back : 0, power = 1;
    while (lane->width == 0 && power <= lane->search.lo / 10)
        power *= 10;
    if (lane->width == 0 && from < power) /* shorter numbers sort elsewhere */
        from = power > lane->search.lo ? 0 : power;
    s3_layout_before(pos, sizeof(pos), lane->prefix, from, lane->width);
    lane_goto(lane, pos);
    lane->search.hi = from; /* what is older is not taken: it would not be a whole stretch */
    floor_raise(topic, lane->partition, from);
    lane->state = LANE_FINAL;
    lane->pages = 0;
    return STEP_MORE;
}

static enum step lane_search(struct s3_topic *topic, struct s3_lane *lane, struct s3_io *io,
                             struct err *err)
{
    char pos[S3_PATH_SIZE + 64];
    struct s3list_page page;
    int64_t v = s3_search_next(&lane->search), gap = lane->gap;
    s3_layout_before(pos, sizeof(pos), lane->prefix, v, lane->width);
    if (!lane_list(lane, io, pos, lane->width > 0 ? SEARCH_KEYS : TAIL_KEYS, &page, err))
        return STEP_FAILED;
    int64_t max = largest(lane, &page, v, &gap);
    if (max >= 0)
        lane->gap = gap > 0 ? gap : lane->gap;
    s3_search_feed(&lane->search, v, max);
    bool end = lane->width > 0 && max >= 0 && !page.truncated;
    if (end)
        lane->search.lo = max;
    bool done = end || s3_search_done(&lane->search, lane->width > 0 ? 1 : lane->gap);
    return done ? lane_found(topic, lane) : STEP_MORE;
}

/* LANE_PAGES and LANE_FINAL: page after page from lane->pos. */
static enum step lane_pages(struct s3_topic *topic, struct s3_lane *lane, struct s3_io *io,
                            struct err *err)
{
    struct s3list_page page;
    int64_t from = lane->state == LANE_FINAL ? lane->search.hi : 0;
    int limit = lane->width > 0 ? PAGES_LIVE_MAX : 1;
    char *after = mem_strdup(lane->pos);
    bool ok = lane_list(lane, io, after, 0, &page, err);
    free(after);
    if (!ok)
        return STEP_FAILED;
    take_page(topic, lane, &page, from);
    if (page.truncated && page.nentries > 0 && ++lane->pages < limit)
        return STEP_MORE;
    if (page.truncated && page.nentries > 0 && lane->width > 0) {
        /* More than we count one by one: look for the end instead. */
        lane->search =
            (struct s3_search){.lo = lane->last > 0 ? lane->last : 0, .step = leap(lane->gap)};
        lane->state = LANE_SEARCH;
        return STEP_MORE;
    }
    lane->state = LANE_OPEN;
    return STEP_DONE;
}

/* ---- asking an unpadded lane --------------------------------------------------------------- */

static enum step lane_tail(struct s3_topic *topic, struct s3_lane *lane, struct s3_io *io,
                           struct err *err)
{
    char pos[S3_PATH_SIZE + 64];
    struct s3list_page page;
    int64_t before = lane->last, from = lane->last > 0 ? lane->last : 0, power = 1;
    while (power <= lane->last && power <= INT64_MAX / 10)
        power *= 10;
    s3_layout_before(pos, sizeof(pos), lane->prefix, lane->state == LANE_LONGER ? power : from, 0);
    if (!lane_list(lane, io, pos, TAIL_KEYS, &page, err))
        return STEP_FAILED;
    take_page(topic, lane, &page, from);
    if (lane->last > before && page.truncated)
        return STEP_MORE; /* again from the new last one */
    if (lane->state == LANE_OPEN) {
        lane->state = LANE_LONGER;
        return STEP_MORE;
    }
    lane->state = LANE_OPEN;
    return STEP_DONE;
}

enum step s3_lane_step(struct s3_topic *topic, struct s3_lane *lane, struct s3_io *io,
                       struct err *err)
{
    struct s3list_page page;
    switch (lane->state) {
    case LANE_NEW:
        if (!lane_list(lane, io, NULL, 0, &page, err))
            return STEP_FAILED;
        return lane_first(topic, lane, &page);
    case LANE_SEARCH: return lane_search(topic, lane, io, err);
    case LANE_PAGES:
    case LANE_FINAL: return lane_pages(topic, lane, io, err);
    case LANE_OPEN:
    case LANE_LONGER: break;
    }
    return lane_tail(topic, lane, io, err);
}
