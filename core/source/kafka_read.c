#include "source/kafka_read.h"

#include "base/log.h"
#include "base/mem.h"
#include "model/dbz_note.h"

#include <stdlib.h>
#include <string.h>

enum {
    BACK_MAX = 64,    /* how far a sample looks back over markers and compacted gaps */
    SIZES_KEPT = 256, /* the average forgets: half of its weight goes at this count */
    STREAMS_MAX = 64, /* partitions of notification topics */
    COMPACT_AT = 4 * KAFKA_READ_KEPT
};

/* ---- samples ---- */

struct sampling {
    struct kafka_part *parts[KAFKA_READ_SAMPLES];
    struct kafkaclient_range ranges[KAFKA_READ_SAMPLES];
    bool got[KAFKA_READ_SAMPLES];
    size_t n;
};

static bool on_sample(void *user, const struct kafkaclient_record *record)
{
    struct sampling *s = user;
    for (size_t i = 0; i < s->n; i++) {
        struct kafka_part *p = s->parts[i];
        if (s->ranges[i].partition != record->partition ||
            strcmp(s->ranges[i].topic, record->topic) != 0)
            continue;
        s->got[i] = true;
        p->newest_ms = record->time_ms == KAFKACLIENT_NONE ? UNKNOWN : record->time_ms;
        p->newest_end = s->ranges[i].upto;
        if (p->sampled >= SIZES_KEPT) {
            p->bytes /= 2;
            p->sampled /= 2;
        }
        p->bytes += (int64_t)(record->key_len + record->value_len);
        p->sampled++;
        return true;
    }
    return true;
}

static bool needs_sample(const struct kafka_part *p)
{
    return p->leader >= 0 && p->end != UNKNOWN && p->begin != UNKNOWN && p->end > p->begin &&
           p->newest_end != p->end;
}

static void choose(struct kafka_topics *topics, const struct hints *hints, size_t turn,
                   struct sampling *s)
{
    for (size_t i = 0; i < hints->nsample_topics; i++) {
        struct kafka_topic_state *t =
            kafka_topics_find(topics, hints->sample_topics[(turn + i) % hints->nsample_topics]);
        for (size_t k = 0; t != NULL && k < t->nparts && s->n < KAFKA_READ_SAMPLES; k++) {
            struct kafka_part *p = &t->parts[(turn + k) % t->nparts];
            if (!needs_sample(p))
                continue;
            int64_t from = p->end - p->back > p->begin ? p->end - p->back : p->begin;
            s->ranges[s->n] = (struct kafkaclient_range){
                .topic = t->name, .partition = p->id, .from = from, .upto = p->end};
            s->parts[s->n++] = p;
        }
    }
}

void kafka_read_samples(struct kafka_topics *topics, struct kafkaclient *client,
                        const struct kafkaclient_until *until, const struct hints *hints,
                        size_t *turn, struct snapshot *snap)
{
    struct sampling s = {.n = 0};
    struct err err = ERR_INIT;
    if (hints == NULL || hints->nsample_topics == 0)
        return;
    choose(topics, hints, *turn, &s);
    if (s.n == KAFKA_READ_SAMPLES)
        (*turn)++;
    if (!kafkaclient_read(client, until, s.ranges, s.n, on_sample, &s, &err)) {
        snapshot_note(snap, err_next_step(err.kind), "newest records: %s", err.text);
        return;
    }
    for (size_t i = 0; i < s.n; i++) {
        /* Nothing there: a transaction's marker, or compacted away. Look further back next time. */
        if (s.got[i])
            s.parts[i]->back = 1;
        else if (s.parts[i]->back < BACK_MAX)
            s.parts[i]->back *= 4;
    }
}

/* ---- notifications ---- */

struct stream { /* a partition of a notification topic */
    char *topic;
    int32_t partition;
    int64_t next; /* first offset not yet read */
};

struct kafka_notes {
    struct arena *arena;
    struct dbz_notification *items; /* oldest first */
    size_t count, cap;
    struct stream streams[STREAMS_MAX];
    size_t nstreams;
    bool odd_said; /* "not a notification" is logged once */
};

struct kafka_notes *kafka_notes_new(void)
{
    struct kafka_notes *notes = mem_alloc(sizeof(*notes));
    notes->arena = arena_new();
    return notes;
}

void kafka_notes_free(struct kafka_notes *notes)
{
    if (notes == NULL)
        return;
    for (size_t i = 0; i < notes->nstreams; i++)
        free(notes->streams[i].topic);
    arena_free(notes->arena);
    free(notes);
}

/* Copies the newest ones into a new arena; topic not NULL: without those of that topic. */
static void compact(struct kafka_notes *notes, const char *without)
{
    struct arena *arena = arena_new();
    struct dbz_notification *items = arena_array(arena, COMPACT_AT, sizeof(*items));
    size_t skip = notes->count > KAFKA_READ_KEPT ? notes->count - KAFKA_READ_KEPT : 0, n = 0;
    for (size_t i = skip; i < notes->count; i++) {
        if (without == NULL || strcmp(notes->items[i].topic, without) != 0)
            items[n++] = dbz_note_copy(arena, &notes->items[i]);
    }
    arena_free(notes->arena);
    notes->arena = arena;
    notes->items = items;
    notes->count = n;
    notes->cap = COMPACT_AT;
}

static struct stream *find_stream(struct kafka_notes *notes, const char *topic, int32_t partition)
{
    for (size_t i = 0; i < notes->nstreams; i++) {
        if (notes->streams[i].partition == partition && strcmp(notes->streams[i].topic, topic) == 0)
            return &notes->streams[i];
    }
    if (notes->nstreams == STREAMS_MAX)
        return NULL;
    struct stream *s = &notes->streams[notes->nstreams++];
    *s = (struct stream){.topic = mem_strdup(topic), .partition = partition, .next = UNKNOWN};
    return s;
}

static bool on_note(void *user, const struct kafkaclient_record *record)
{
    struct kafka_notes *notes = user;
    struct stream *stream = find_stream(notes, record->topic, record->partition);
    if (stream != NULL)
        stream->next = record->offset + 1;
    if (record->value == NULL || stream == NULL)
        return true;
    if (notes->count == COMPACT_AT)
        compact(notes, NULL);
    struct dbz_notification note;
    struct err err = ERR_INIT;
    if (!dbz_note_parse(notes->arena, record->value, record->value_len, &note, &err)) {
        if (!notes->odd_said)
            log_put(LOG_WARN, "kafka: %s offset %lld: %s", record->topic, (long long)record->offset,
                    err.text);
        notes->odd_said = true;
        return true;
    }
    note.topic = stream->topic;
    note.offset = record->offset;
    if (record->time_ms != KAFKACLIENT_NONE)
        note.time_ms = record->time_ms;
    *(struct dbz_notification *)arena_push(notes->arena, &notes->items, &notes->count, &notes->cap,
                                           sizeof(*notes->items)) = note;
    return true;
}

/* Where each stream goes on; only those with something new are read. */
static size_t ranges_of(struct kafka_notes *notes, const struct hints *hints,
                        const struct kafka_topics *topics, struct kafkaclient_range *ranges)
{
    size_t n = 0;
    for (size_t i = 0; i < hints->nnotification_topics; i++) {
        const struct kafka_topic_state *t =
            kafka_topics_find(topics, hints->notification_topics[i]);
        for (size_t k = 0; t != NULL && k < t->nparts && n < STREAMS_MAX; k++) {
            const struct kafka_part *p = &t->parts[k];
            struct stream *s = find_stream(notes, t->name, p->id);
            if (s == NULL || p->end == UNKNOWN || p->begin == UNKNOWN)
                continue;
            if (s->next != UNKNOWN && p->end < s->next) { /* deleted and made anew */
                compact(notes, t->name);
                s->next = UNKNOWN;
            }
            int64_t from = s->next == UNKNOWN ? p->end - KAFKA_READ_TAIL : s->next;
            if (from < p->begin)
                from = p->begin;
            if (from < p->end)
                ranges[n++] = (struct kafkaclient_range){
                    .topic = t->name, .partition = p->id, .from = from, .upto = p->end};
        }
    }
    return n;
}

void kafka_notes_poll(struct kafka_notes *notes, struct kafkaclient *client,
                      const struct kafkaclient_until *until, const struct hints *hints,
                      const struct kafka_topics *topics, struct snapshot *snap)
{
    if (hints == NULL)
        return;
    struct kafkaclient_range ranges[STREAMS_MAX];
    struct err err = ERR_INIT;
    size_t n = ranges_of(notes, hints, topics, ranges);
    if (!kafkaclient_read(client, until, ranges, n, on_note, notes, &err))
        snapshot_note(snap, err_next_step(err.kind), "Debezium notifications: %s", err.text);
    size_t skip = notes->count > KAFKA_READ_KEPT ? notes->count - KAFKA_READ_KEPT : 0;
    struct kafka_snap *k = &snap->kafka;
    k->notifications = arena_array(snap->arena, notes->count - skip, sizeof(*k->notifications));
    for (size_t i = skip; i < notes->count; i++)
        k->notifications[k->nnotifications++] = dbz_note_copy(snap->arena, &notes->items[i]);
}
