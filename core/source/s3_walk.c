/* The walk over a topic's lanes, and how its start is found. */
#include "source/s3_walk.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SHAPE_DIGITS = 18, S3_AHEAD_MS = 25 * 3600 * 1000, S3_SKEW_MS = 60 * 1000 };

static void copy(char *dst, const char *src)
{
    (void)snprintf(dst, S3_PATH_SIZE, "%.*s", S3_PATH_SIZE - 1, src);
}

struct s3_topic *s3_walk_new(const char *name, const struct s3_plan *plan)
{
    struct s3_topic *t = mem_alloc(sizeof(*t));
    t->name = mem_strdup(name);
    t->plan = *plan;
    t->opening = -1;
    t->wide_since_ms = t->count_from_ms = INT64_MIN;
    t->since_ms = t->uploads = t->oldest_upload_ms = UNKNOWN;
    t->layout = "unknown";
    return t;
}

void s3_walk_free(struct s3_topic *t)
{
    if (t == NULL)
        return;
    s3_lane_drop_first(t, t->nlanes);
    for (size_t i = 0; i < t->nobjects; i++)
        free(t->objects[i].key);
    free(t->lanes);
    free(t->floors);
    free(t->name);
    free(t);
}

/* ---- the start of the first walk ----------------------------------------------------------- */

static void start_walk(struct s3_topic *t, const char *from)
{
    copy(t->start, from);
    copy(t->late, from);
    copy(t->pos, from);
    t->big = false;
    t->phase = TOPIC_WALK;
}

/* The directory of some time ago: by UTC, or by the slowest clock there is. */
static bool some_time_ago(const struct s3_topic *t, int64_t now_ms, char *dir)
{
    return s3_layout_render(&t->plan, now_ms - S3_HISTORY_MS, dir, S3_PATH_SIZE) ||
           s3_layout_render_zone(&t->plan, now_ms - S3_ZONE_MS, dir, S3_PATH_SIZE);
}

static enum step step_begin(struct s3_topic *t, int64_t now_ms)
{
    char dir[S3_PATH_SIZE];
    t->error[0] = '\0';
    t->opening = -1;
    copy(t->level, t->plan.root);
    copy(t->parent, t->plan.root);
    t->last_late_ms = now_ms;
    t->phase = some_time_ago(t, now_ms, dir) ? TOPIC_RECENT : TOPIC_DESCEND;
    return STEP_MORE;
}

/* Is anything in the directories of the last hours? What is far ahead does not count. */
static enum step step_recent(struct s3_topic *t, struct s3_io *io, int64_t now_ms, struct err *err)
{
    char dir[S3_PATH_SIZE], ahead[S3_PATH_SIZE];
    struct s3list_page page;
    struct s3list_query q = {.prefix = t->plan.root, .start_after = dir, .max_keys = 1};
    (void)some_time_ago(t, now_ms, dir);
    (void)s3_layout_render_zone(&t->plan, now_ms + S3_AHEAD_MS, ahead, sizeof(ahead));
    if (!s3_io_list(io, &q, &page, err))
        return STEP_FAILED;
    if (io->date_ms >= 0 && llabs(io->date_ms - now_ms) > S3_SKEW_MS)
        return STEP_MORE; /* our clock was wrong; the server's is known now: once more */
    t->time_dirs = true;
    if (page.nentries > 0 && strcmp(page.entries[0].key, ahead) < 0)
        start_walk(t, dir);
    else
        t->phase = TOPIC_DESCEND;
    return STEP_MORE;
}

/* The last component of a common prefix: "hour=14" of ".../hour=14/". */
static const char *component(const char *prefix, size_t *len)
{
    size_t n = strlen(prefix);
    if (n > 0 && prefix[n - 1] == '/')
        n--;
    size_t from = n;
    while (from > 0 && prefix[from - 1] != '/')
        from--;
    *len = n - from;
    return prefix + from;
}

/* A record with a nonsense timestamp makes a directory far ahead: not where the others arrive. */
static bool far_ahead(const char *name, size_t len, int64_t now_ms)
{
    int64_t n = s3_layout_number(name, len);
    time_t now = (time_t)(now_ms / 1000);
    struct tm tm;
    return n >= 1970 && n <= 9999 && gmtime_r(&now, &tm) != NULL && n > tm.tm_year + 1900 + 1;
}

/* Where Confluent's sink puts tombstones (behavior.on.null.values=write): beside the dates. */
static bool tombstones(const char *name, size_t len)
{
    return len == 9 && memcmp(name, "tombstone", 9) == 0;
}

static bool all_time_like(const struct s3list_page *page)
{
    size_t count = 0;
    for (size_t i = 0; i < page->nprefixes; i++) {
        size_t len;
        const char *name = component(page->prefixes[i], &len);
        if (!s3_layout_time_like(name, len) && !tombstones(name, len))
            return false;
        count += !tombstones(name, len);
    }
    return count > 0;
}

static bool later(const char *a, const char *b)
{
    size_t alen, blen;
    const char *an = component(a, &alen), *bn = component(b, &blen);
    int64_t x = s3_layout_number(an, alen), y = s3_layout_number(bn, blen);
    return x != y ? x > y : strcmp(a, b) > 0;
}

/* Goes one level down, into the newest child; remembers the one two before it: should the newest
 * be a leaf, the walk starts there. */
static void descend(struct s3_topic *t, const struct s3list_page *page, int64_t now_ms)
{
    const char *best = NULL;
    size_t at = 0;
    for (size_t i = 0; i < page->nprefixes; i++) {
        size_t len;
        const char *name = component(page->prefixes[i], &len);
        if (tombstones(name, len))
            continue;
        if ((best == NULL || later(page->prefixes[i], best)) && !far_ahead(name, len, now_ms)) {
            best = page->prefixes[i];
            at = i;
        }
    }
    if (best == NULL) {
        at = 0; /* all are: any of them */
        best = page->prefixes[at];
    }
    copy(t->parent, page->prefixes[at >= 2 ? at - 2 : 0]);
    copy(t->level, best);
    t->time_dirs = true;
    t->phase = TOPIC_DESCEND;
}

/* ---- a level of more than a page ----------------------------------------------------------- */

/* The digits of a name as one number: "dt=2026-11-20" is 20261120. */
static int64_t shape_value(const char *name, size_t len)
{
    int64_t v = 0;
    int n = 0;
    for (size_t i = 0; i < len; i++) {
        if (name[i] >= '0' && name[i] <= '9') {
            if (++n > SHAPE_DIGITS)
                return -1;
            v = v * 10 + (name[i] - '0');
        }
    }
    return n > 0 ? v : -1;
}

/* Writes v into the places of the digits of text (from offset on); all nines if it does not fit. */
static void shape_write(char *text, size_t from, int64_t v)
{
    int64_t rest = v;
    for (size_t i = strlen(text); i > from; i--) {
        if (text[i - 1] >= '0' && text[i - 1] <= '9') {
            text[i - 1] = (char)('0' + rest % 10);
            rest /= 10;
        }
    }
    for (size_t i = from; rest > 0 && text[i] != '\0'; i++) {
        if (text[i] >= '0' && text[i] <= '9')
            text[i] = '9';
    }
}

static enum step step_jump(struct s3_topic *t, struct s3_io *io, int64_t now_ms, struct err *err)
{
    char after[S3_PATH_SIZE], want[S3_PATH_SIZE];
    struct s3list_page page;
    struct s3list_query q = {.prefix = t->level, .start_after = after, .delimiter = "/"};
    int64_t v = s3_search_next(&t->jump);
    /* parent holds a child of this level as the shape of all names there. */
    copy(want, t->parent);
    shape_write(want, strlen(t->level), v);
    copy(after, want);
    after[strlen(after) - 1] = '\0'; /* without '/': the child itself is found too */
    if (!s3_io_list(io, &q, &page, err))
        return STEP_FAILED;
    int64_t found = -1;
    if (page.nprefixes > 0) {
        size_t len;
        const char *name = component(page.prefixes[page.nprefixes - 1], &len);
        found = shape_value(name, len);
    }
    bool last = t->jump.step == 0;
    if (page.nprefixes > 0 && (!page.truncated || last)) {
        descend(t, &page, now_ms);
        return STEP_MORE;
    }
    if (last) { /* what was there is gone meanwhile */
        t->phase = TOPIC_BEGIN;
        return STEP_MORE;
    }
    s3_search_feed(&t->jump, v, found);
    if (s3_search_done(&t->jump, 1)) /* names that do not grow alike: take the page at the end */
        t->jump = (struct s3_search){.lo = t->jump.lo};
    return STEP_MORE;
}

/* True when the names of a level can be searched. */
static bool begin_jump(struct s3_topic *t, const struct s3list_page *page)
{
    size_t alen, blen;
    const char *first = page->prefixes[0], *last = page->prefixes[page->nprefixes - 1];
    const char *a = component(first, &alen), *b = component(last, &blen);
    int64_t lo = shape_value(a, alen), hi = shape_value(b, blen);
    if (alen != blen || lo < 0 || hi <= lo)
        return false;
    copy(t->parent, last);
    t->jump = (struct s3_search){.lo = hi, .step = hi - lo};
    t->phase = TOPIC_JUMP;
    return true;
}

static enum step step_descend(struct s3_topic *t, struct s3_io *io, int64_t now_ms, struct err *err)
{
    struct s3list_page page;
    struct s3list_query q = {.prefix = t->level, .delimiter = "/"};
    if (!s3_io_list(io, &q, &page, err))
        return STEP_FAILED;
    if (!all_time_like(&page))
        /* Files, partitions, or values of a field: all of them are walked. A leaf below
         * directories by time is walked together with the two before it. */
        start_walk(t, page.nprefixes == 0 && t->time_dirs ? t->parent : t->level);
    else if (!page.truncated || !begin_jump(t, &page))
        descend(t, &page, now_ms);
    return STEP_MORE;
}

/* ---- the walk -------------------------------------------------------------------------------- */

enum seen { SEEN_OLD, SEEN_NEW, SEEN_FOREIGN, SEEN_LANE, SEEN_TOO_MANY };

static void walk_to(struct s3_topic *t, const char *prefix, const char *key)
{
    char pos[S3_PATH_SIZE + 80];
    (void)snprintf(pos, sizeof(pos), "%s~", prefix);
    copy(t->pos, strcmp(pos, key) > 0 ? pos : key); /* always forward */
}

static enum seen walk_key(struct s3_topic *t, const struct s3list_entry *e)
{
    char pos[S3_PATH_SIZE + 64];
    struct s3_key k;
    size_t n = strlen(e->key);
    if (n == 0 || e->key[n - 1] == '/' || !s3_layout_parse(e->key, &k)) {
        copy(t->pos, e->key);
        return SEEN_FOREIGN;
    }
    if (k.topic != NULL &&
        (k.topic_len != strlen(t->name) || memcmp(k.topic, t->name, k.topic_len) != 0)) {
        (void)snprintf(pos, sizeof(pos), "%.*s", (int)k.lane_len, e->key);
        walk_to(t, pos, e->key);
        return SEEN_OLD;
    }
    struct s3_lane *lane = s3_lane_find(t, e->key, k.lane_len);
    if (lane == NULL && t->nlanes < S3_LANES_MAX)
        lane = s3_lane_insert(t, e->key, &k);
    if (lane == NULL)
        return SEEN_TOO_MANY;
    if (lane->state != LANE_OPEN || lane->width == 0) {
        t->opening = (int)(lane - t->lanes);
        return SEEN_LANE;
    }
    if (k.start_offset >= lane->last) {
        enum seen seen = k.start_offset > lane->last ? SEEN_NEW : SEEN_OLD;
        s3_lane_take(t, lane, e, &k, lane->last);
        copy(t->pos, e->key);
        return seen;
    }
    s3_layout_before(pos, sizeof(pos), lane->prefix, lane->last, lane->width);
    copy(t->pos, strcmp(pos, e->key) > 0 ? pos : e->key);
    return SEEN_OLD;
}

/* The directories by time that have known lanes: the start of the oldest that is still written to
 * (or is the newest), and the eighth from the end, where the memory ends. */
static void move_on(struct s3_topic *t, int64_t now_ms)
{
    const struct s3_lane *lanes = t->lanes;
    int64_t newest_ms = -1;
    size_t ndirs = 0, first = t->nlanes;
    size_t kept = t->plan.zone_format[0] != '\0' && t->plan.time_format[0] == '\0'
                      ? S3_DIRS_KEPT_ZONE
                      : S3_DIRS_KEPT;
    if (t->lanes == NULL)
        return;
    for (size_t i = 0; i < t->nlanes; i++)
        newest_ms = lanes[i].newest_ms > newest_ms ? lanes[i].newest_ms : newest_ms;
    for (size_t i = t->nlanes; i-- > 0;) {
        const struct s3_lane *lane = &lanes[i], *next = i + 1 < t->nlanes ? lane + 1 : NULL;
        bool other = next == NULL || next->dir_len != lane->dir_len ||
                     strncmp(next->prefix, lane->prefix, lane->dir_len) != 0;
        ndirs += other;
        bool hot = lane->newest_ms == newest_ms || lane->newest_ms > now_ms - S3_HOT_MS;
        if (ndirs > kept && !hot)
            break;
        if (hot)
            (void)snprintf(t->start, sizeof(t->start), "%.*s", (int)lane->dir_len, lane->prefix);
        first = i;
    }
    if (first < t->nlanes)
        (void)snprintf(t->late, sizeof(t->late), "%.*s", (int)t->lanes[first].dir_len,
                       t->lanes[first].prefix);
    s3_lane_drop_first(t, first < t->nlanes ? first : 0);
}

static enum step walk_end(struct s3_topic *t, int64_t now_ms)
{
    if (t->time_dirs)
        move_on(t, now_ms);
    if (!t->complete && t->since_ms == UNKNOWN)
        t->since_ms = now_ms;
    if (!t->complete)
        t->last_late_ms = now_ms;
    t->complete = true;
    t->phase = TOPIC_REST;
    return STEP_DONE;
}

static enum step walk_capped(struct s3_topic *t, int64_t now_ms)
{
    (void)snprintf(t->error, sizeof(t->error),
                   "more than %d directories and partitions: only the first are watched",
                   S3_LANES_MAX);
    t->capped = true;
    t->last_late_ms = now_ms;
    t->complete = false;
    t->phase = TOPIC_REST;
    return STEP_DONE;
}

/* A walk over so many lanes is too dear for every refresh; one key says that the bucket answers. */
static enum step step_probe(struct s3_topic *t, struct s3_io *io, struct err *err)
{
    struct s3list_page page;
    struct s3list_query q = {.prefix = t->plan.root, .max_keys = 1};
    return s3_io_list(io, &q, &page, err) ? STEP_DONE : STEP_FAILED;
}

static enum step step_walk(struct s3_topic *t, struct s3_io *io, int64_t now_ms, struct err *err)
{
    struct s3list_page page;
    char after[S3_PATH_SIZE];
    if (t->opening >= 0) {
        struct s3_lane *lane = &t->lanes[t->opening];
        enum step step = s3_lane_step(t, lane, io, err);
        if (step == STEP_DONE) {
            walk_to(t, lane->prefix, t->pos);
            t->opening = -1;
            t->big = false;
        }
        return step == STEP_DONE ? STEP_MORE : step;
    }
    copy(after, t->pos);
    struct s3list_query q = {.prefix = t->plan.root,
                             .start_after = after[0] != '\0' ? after : NULL,
                             .max_keys = t->big ? 0 : S3_PEEK};
    if (!s3_io_list(io, &q, &page, err))
        return STEP_FAILED;
    t->big = false;
    for (size_t i = 0; i < page.nentries; i++) {
        if (strcmp(page.entries[i].key, t->pos) <= 0)
            continue;
        enum seen seen = walk_key(t, &page.entries[i]);
        if (seen == SEEN_TOO_MANY)
            return walk_capped(t, now_ms);
        if (seen == SEEN_LANE)
            return STEP_MORE;
        t->big = seen == SEEN_NEW || seen == SEEN_FOREIGN;
    }
    return page.truncated && page.nentries > 0 ? STEP_MORE : walk_end(t, now_ms);
}

enum step s3_walk_step(struct s3_topic *t, struct s3_io *io, int64_t now_ms, struct err *err)
{
    if (t->again && t->complete)
        t->count_from_ms = now_ms;
    if (t->again)
        t->phase = TOPIC_BEGIN;
    t->again = false;
    switch (t->phase) {
    case TOPIC_BEGIN: return step_begin(t, now_ms);
    case TOPIC_RECENT: return step_recent(t, io, now_ms, err);
    case TOPIC_DESCEND: return step_descend(t, io, now_ms, err);
    case TOPIC_JUMP: return step_jump(t, io, now_ms, err);
    case TOPIC_WALK: return step_walk(t, io, now_ms, err);
    case TOPIC_REST: break;
    }
    if (t->widen) {
        t->widen = false;
        t->wide_since_ms = t->count_from_ms = now_ms;
    }
    bool wide = t->wide_since_ms != INT64_MIN && now_ms - t->wide_since_ms < S3_WIDE_MS;
    bool late = now_ms - t->last_late_ms >= (wide ? S3_WIDE_EVERY_MS : S3_LATE_MS) ||
                now_ms < t->last_late_ms;
    if (t->capped && !late)
        return step_probe(t, io, err);
    if (late)
        t->last_late_ms = now_ms;
    t->error[0] = '\0';
    t->capped = false;
    char around[S3_PATH_SIZE];
    if (late && wide &&
        s3_layout_render_zone(&t->plan, now_ms - S3_ZONE_MS, around, sizeof(around)) &&
        strcmp(around, t->late) < 0)
        copy(t->pos, around);
    else
        copy(t->pos, late ? t->late : t->start);
    t->big = false;
    t->phase = TOPIC_WALK;
    return STEP_MORE;
}
