#include "source/kafka_peek.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum {
    TOTAL_MAX = 32 * 1024 * 1024, /* bytes of keys and values that one look may copy */
    FIRST_LEAST = 5,              /* records of each partition in the first round */
    DEEPER = 4,                   /* so many times more in each further round */
    ROUNDS_MAX = 12,              /* compaction and markers can leave long holes */
    HEADER_MAX = 512,
};

struct look {
    struct kafkaclient *client;
    const struct kafkaclient_until *until;
    struct peek_answer *answer;
    bool backward;
    struct peek_lane *lanes;
    struct peek_lane *fresh; /* what this round reads of each */
    size_t *caps;            /* of fresh[].records */
    size_t nlanes;
    size_t bytes;
    size_t silent; /* partitions that gave no offsets, or not all of their records */
};

/* ---- which partitions, and where ------------------------------------------------------------- */

static const struct kafkaclient_topic *find_topic(const struct kafkaclient_meta *meta,
                                                  const char *name, struct err *err)
{
    for (size_t i = 0; i < meta->ntopics; i++) {
        const struct kafkaclient_topic *t = &meta->topics[i];
        if (strcmp(t->name, name) != 0)
            continue;
        if (t->error == NULL)
            return t;
        err_set(err, ERR_SERVER, 0, "topic %s: %s", name, t->error);
        return NULL;
    }
    err_set(err, ERR_NOTFOUND, 0, "there is no topic %s, or this user may not see it", name);
    return NULL;
}

static const struct peek_edge *edge_of(const struct peek_request *r, int32_t partition)
{
    for (size_t i = 0; i < r->nedges; i++) {
        if (r->edges[i].partition == partition)
            return &r->edges[i];
    }
    return NULL;
}

static bool is_wanted(const struct peek_request *r, int32_t partition)
{
    if (r->partition >= 0 && r->partition != partition)
        return false;
    bool by_edges = r->from == PEEK_BEFORE || r->from == PEEK_AFTER;
    return !by_edges || edge_of(r, partition) != NULL;
}

/* The partitions to look at, by number; *without: how many have no leader or are too many. */
static size_t choose(const struct peek_request *r, const struct kafkaclient_topic *t,
                     struct kafkaclient_offset *out, size_t *without)
{
    size_t n = 0;
    *without = 0;
    for (size_t i = 0; i < t->nparts; i++) {
        if (!is_wanted(r, t->parts[i].id))
            continue;
        if (t->parts[i].leader < 0 || n == PEEK_EDGES_MAX) {
            ++*without;
            continue;
        }
        out[n++] = (struct kafkaclient_offset){
            .topic = r->name, .partition = t->parts[i].id, .leader = t->parts[i].leader};
    }
    return n;
}

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

/* Where the reading begins in that partition. */
static int64_t position(const struct peek_request *r, const struct peek_part *p, int64_t of_time)
{
    const struct peek_edge *edge;
    switch (r->from) {
    case PEEK_OFFSET:
        if (r->offset < 0)
            return clamp(p->end + clamp(r->offset, p->begin - p->end, 0), p->begin, p->end);
        return clamp(r->offset, p->begin, p->end);
    case PEEK_TIME: return of_time == KAFKACLIENT_NONE ? p->end : clamp(of_time, p->begin, p->end);
    case PEEK_BEFORE:
    case PEEK_AFTER:
        edge = edge_of(r, p->partition);
        return clamp(edge != NULL ? edge->offset : p->end, p->begin, p->end);
    case PEEK_NEWEST: break;
    }
    return p->end;
}

/* Begin, end and (for a time) the place of each partition; makes parts and lanes of those known. */
static bool locate(struct look *l, struct kafkaclient_offset *ends, size_t n, struct err *err)
{
    const struct peek_request *r = l->answer->request;
    struct kafkaclient_offset *begins = mem_calloc(2 * n + 1, sizeof(*begins)), *times = begins + n;
    bool stale = false;
    memcpy(begins, ends, n * sizeof(*begins));
    memcpy(times, ends, n * sizeof(*times));
    bool ok = kafkaclient_edges(l->client, l->until, KAFKACLIENT_END, ends, n, &stale, err) &&
              kafkaclient_edges(l->client, l->until, KAFKACLIENT_BEGIN, begins, n, &stale, err) &&
              (r->from != PEEK_TIME ||
               kafkaclient_times(l->client, l->until, r->time_ms, times, n, &stale, err));
    struct peek_answer *a = l->answer;
    a->parts = arena_array(a->arena, n, sizeof(*a->parts));
    l->lanes = arena_array(a->arena, n, sizeof(*l->lanes));
    for (size_t i = 0; ok && i < n; i++) {
        if (ends[i].offset == KAFKACLIENT_NONE || begins[i].offset == KAFKACLIENT_NONE) {
            l->silent++;
            continue;
        }
        struct peek_part *p = &a->parts[a->nparts++];
        *p = (struct peek_part){
            .partition = ends[i].partition, .begin = begins[i].offset, .end = ends[i].offset};
        int64_t at = position(r, p, times[i].offset);
        l->lanes[l->nlanes++] = (struct peek_lane){
            .part = p, .from = at, .upto = at, .more = l->backward ? at > p->begin : at < p->end};
    }
    free(begins);
    return ok;
}

/* ---- reading --------------------------------------------------------------------------------- */

static const char *header_text(struct arena *arena, const char *value, size_t n)
{
    if (value == NULL)
        return NULL;
    char *raw = mem_strndup(value, n < HEADER_MAX ? n : HEADER_MAX);
    char *clean = arena_alloc(arena, HEADER_MAX * 3 + 4);
    utf8_clean(clean, HEADER_MAX * 3 + 1, raw, false);
    if (n > HEADER_MAX)
        memcpy(clean + strlen(clean), "…", sizeof("…"));
    free(raw);
    return clean;
}

static void copy_headers(struct arena *arena, const struct kafkaclient_record *in,
                         struct peek_record *out)
{
    const char *name, *value;
    size_t len, cap = 0;
    for (size_t i = 0; i < PEEK_HEADERS_MAX && kafkaclient_header_at(in, i, &name, &value, &len);
         i++) {
        struct kv *kv = arena_push(arena, &out->headers, &out->nheaders, &cap, sizeof(*kv));
        *kv = (struct kv){arena_strdup(arena, name), header_text(arena, value, len)};
    }
}

static bool on_record(void *user, const struct kafkaclient_record *record)
{
    struct look *l = user;
    struct arena *arena = l->answer->arena;
    size_t i = 0;
    while (i < l->nlanes && l->lanes[i].part->partition != record->partition)
        i++;
    if (i == l->nlanes)
        return true;
    struct peek_lane *fresh = &l->fresh[i];
    struct peek_record *r =
        arena_push(arena, &fresh->records, &fresh->n, &l->caps[i], sizeof(*fresh->records));
    *r = (struct peek_record){.partition = record->partition,
                              .offset = record->offset,
                              .time_ms = record->time_ms,
                              .key = peek_bytes_copy(arena, record->key, record->key_len),
                              .value = peek_bytes_copy(arena, record->value, record->value_len)};
    copy_headers(arena, record, r);
    l->bytes += r->key.n + r->value.n;
    return l->bytes < TOTAL_MAX;
}

/* Puts what a round has read of a lane to what was there. */
static void extend(struct look *l, size_t i, const struct kafkaclient_range *range)
{
    struct peek_lane *lane = &l->lanes[i];
    const struct peek_lane *fresh = &l->fresh[i];
    struct peek_record *all = arena_array(l->answer->arena, lane->n + fresh->n, sizeof(*all));
    struct peek_record *old = l->backward ? all + fresh->n : all;
    struct peek_record *new = l->backward ? all : all + lane->n;
    for (size_t k = 0; k < lane->n; k++)
        old[k] = lane->records[k];
    for (size_t k = 0; k < fresh->n; k++)
        new[k] = fresh->records[k];
    lane->records = all;
    lane->n += fresh->n;
    if (l->backward)
        lane->from = range->from;
    else
        lane->upto = range->upto;
    lane->more = l->backward ? lane->from > lane->part->begin : lane->upto < lane->part->end;
}

/* Reads the next `depth` offsets of each lane that the choice waits for. */
static bool read_round(struct look *l, size_t depth, struct err *err)
{
    struct arena *arena = l->answer->arena;
    struct kafkaclient_range *ranges = arena_array(arena, l->nlanes, sizeof(*ranges));
    size_t *lane_of = arena_array(arena, l->nlanes, sizeof(*lane_of)), n = 0;
    l->fresh = arena_array(arena, l->nlanes, sizeof(*l->fresh));
    l->caps = arena_array(arena, l->nlanes, sizeof(*l->caps));
    for (size_t i = 0; i < l->nlanes; i++) {
        const struct peek_lane *lane = &l->lanes[i];
        if (!peek_lane_used(lane, l->backward))
            continue;
        struct kafkaclient_range *r = &ranges[n];
        *r = (struct kafkaclient_range){.topic = l->answer->request->name,
                                        .partition = lane->part->partition};
        r->from = l->backward ? lane->from - (int64_t)depth : lane->upto;
        r->upto = l->backward ? lane->from : lane->upto + (int64_t)depth;
        r->from = r->from < lane->part->begin ? lane->part->begin : r->from;
        r->upto = r->upto > lane->part->end ? lane->part->end : r->upto;
        lane_of[n++] = i;
    }
    bool ok = kafkaclient_read(l->client, l->until, ranges, n, on_record, l, err);
    for (size_t k = 0; k < n; k++) {
        if (ok && ranges[k].read) {
            extend(l, lane_of[k], &ranges[k]);
        } else { /* what was read of it is no end of anything: left out */
            l->lanes[lane_of[k]].more = false;
            l->silent++;
        }
    }
    return ok;
}

static bool read_all(struct look *l, struct err *err)
{
    struct peek_answer *a = l->answer;
    size_t count = a->request->count > 0 && a->request->count < PEEK_RECORDS_MAX
                       ? (size_t)a->request->count
                       : PEEK_RECORDS_MAX;
    size_t depth = l->nlanes > 0 ? 2 * count / l->nlanes : 0;
    depth = depth < FIRST_LEAST ? FIRST_LEAST : depth > count ? count : depth;
    bool done = peek_merge(a, l->lanes, l->nlanes, l->backward, count);
    for (int round = 0; !done && round < ROUNDS_MAX && l->bytes < TOTAL_MAX; round++) {
        if (!read_round(l, depth, err) && a->nrecords == 0)
            return false;
        done = peek_merge(a, l->lanes, l->nlanes, l->backward, count);
        depth *= DEEPER;
    }
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void write_note(const struct look *l, size_t without)
{
    struct peek_answer *a = l->answer;
    if (l->bytes >= TOTAL_MAX)
        a->note = "the records are large: not all that were asked for";
    else if (l->silent > 0)
        a->note = arena_printf(a->arena, "%zu partition%s did not answer in time", l->silent,
                               l->silent > 1 ? "s" : "");
    else if (without > 0)
        a->note = arena_printf(a->arena, "%zu partition%s without a leader, or beyond %d, left out",
                               without, without > 1 ? "s" : "", (int)PEEK_EDGES_MAX);
}

bool kafka_peek(struct kafkaclient *client, const struct kafkaclient_until *until,
                struct peek_answer *answer, struct err *err)
{
    struct look l = {.client = client,
                     .until = until,
                     .answer = answer,
                     .backward = peek_backward(answer->request)};
    struct kafkaclient_meta meta;
    const char *name = answer->request->name;
    struct kafkaclient_offset *ends = arena_array(answer->arena, PEEK_EDGES_MAX, sizeof(*ends));
    struct arena *scratch = arena_new();
    size_t n = 0, without = 0;
    bool ok = kafkaclient_metadata(client, until, scratch, &meta, err);
    const struct kafkaclient_topic *topic = ok ? find_topic(&meta, name, err) : NULL;
    if (topic != NULL)
        n = choose(answer->request, topic, ends, &without);
    arena_free(scratch);
    if (topic == NULL)
        return false;
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, 0,
                       without > 0 ? "topic %s: no partition has a leader"
                                   : "topic %s has no such partition",
                       name);
    if (!locate(&l, ends, n, err) || !read_all(&l, err))
        return false;
    write_note(&l, without);
    return true;
}
