#include "source/kafka_last.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum {
    PARTITIONS_PER_TOPIC = 8,
    BACK_MAX = 64, /* how far to look back over transaction markers and compacted gaps */
    TEXT_MAX_BYTES = 400,
    RANGES_MAX = KAFKA_LAST_MAX + KAFKA_UNREAD_PER_POLL
};

struct last { /* one partition of a topic whose newest record is wanted */
    char *topic;
    int32_t partition;
    int64_t end; /* for which it was read; UNKNOWN: never */
    int64_t time_ms;
    int back;
    char *exception, *message, *connector;
};

struct unread { /* one lagging partition of a group */
    char *group, *topic;
    int32_t partition;
    int64_t offset, time_ms; /* UNKNOWN: not yet looked up */
    int64_t since_ms;        /* monotonic: lags since, or was looked up last */
    int64_t committed;       /* now */
    bool lags;
};

struct kafka_lasts {
    struct last lasts[KAFKA_LAST_MAX];
    size_t nlasts;
    struct unread unread[KAFKA_UNREAD_MAX];
    size_t nunread;
};

/* What one reading is about: either a last or an unread for each range. */
struct errand {
    struct kafkaclient_range ranges[RANGES_MAX];
    struct last *last[RANGES_MAX];
    struct unread *unread[RANGES_MAX];
    bool got[RANGES_MAX];
    size_t n;
};

struct kafka_lasts *kafka_lasts_new(void)
{
    return mem_alloc(sizeof(struct kafka_lasts));
}

static void forget_texts(struct last *l)
{
    free(l->exception);
    free(l->message);
    free(l->connector);
    l->exception = l->message = l->connector = NULL;
}

static void last_free(struct last *l)
{
    forget_texts(l);
    free(l->topic);
}

static void unread_free(struct unread *u)
{
    free(u->group);
    free(u->topic);
}

void kafka_lasts_free(struct kafka_lasts *lasts)
{
    if (lasts == NULL)
        return;
    for (size_t i = 0; i < lasts->nlasts; i++)
        last_free(&lasts->lasts[i]);
    for (size_t i = 0; i < lasts->nunread; i++)
        unread_free(&lasts->unread[i]);
    free(lasts);
}

/* ---- newest records ---- */

static bool is_hinted(const struct hints *hints, const char *topic)
{
    for (size_t i = 0; i < hints->nlast_topics; i++) {
        if (strcmp(hints->last_topics[i], topic) == 0)
            return true;
    }
    return false;
}

static void forget_unhinted(struct kafka_lasts *lasts, const struct hints *hints)
{
    size_t kept = 0;
    for (size_t i = 0; i < lasts->nlasts; i++) {
        if (is_hinted(hints, lasts->lasts[i].topic))
            lasts->lasts[kept++] = lasts->lasts[i];
        else
            last_free(&lasts->lasts[i]);
    }
    lasts->nlasts = kept;
}

static struct last *last_of(struct kafka_lasts *lasts, const char *topic, int32_t partition)
{
    for (size_t i = 0; i < lasts->nlasts; i++) {
        struct last *l = &lasts->lasts[i];
        if (l->partition == partition && strcmp(l->topic, topic) == 0)
            return l;
    }
    if (lasts->nlasts == KAFKA_LAST_MAX)
        return NULL;
    struct last *l = &lasts->lasts[lasts->nlasts++];
    *l = (struct last){.topic = mem_strdup(topic),
                       .partition = partition,
                       .end = UNKNOWN,
                       .time_ms = UNKNOWN,
                       .back = 1};
    return l;
}

static void choose_lasts(struct kafka_lasts *lasts, const struct hints *hints,
                         const struct kafka_topics *topics, struct errand *errand)
{
    for (size_t i = 0; i < hints->nlast_topics; i++) {
        const struct kafka_topic_state *t = kafka_topics_find(topics, hints->last_topics[i]);
        for (size_t k = 0; t != NULL && k < t->nparts && k < PARTITIONS_PER_TOPIC; k++) {
            const struct kafka_part *p = &t->parts[k];
            struct last *l = last_of(lasts, t->name, p->id);
            if (l == NULL || p->leader < 0 || p->end == UNKNOWN || p->begin == UNKNOWN ||
                p->end <= p->begin || l->end == p->end || errand->n == KAFKA_LAST_MAX)
                continue;
            int64_t from = p->end - l->back > p->begin ? p->end - l->back : p->begin;
            errand->last[errand->n] = l;
            errand->ranges[errand->n++] = (struct kafkaclient_range){
                .topic = t->name, .partition = p->id, .from = from, .upto = p->end};
        }
    }
}

/* A header's text, capped and clean; NULL without it. malloc'd. */
static char *header(const struct kafkaclient_record *record, const char *name)
{
    const char *bytes;
    size_t n;
    if (!kafkaclient_header(record, name, &bytes, &n))
        return NULL;
    char *raw = mem_strndup(bytes, n < TEXT_MAX_BYTES ? n : TEXT_MAX_BYTES);
    char *clean = mem_alloc(TEXT_MAX_BYTES * 3 + 1);
    utf8_clean(clean, TEXT_MAX_BYTES * 3 + 1, raw, false);
    free(raw);
    return clean;
}

static void take_last(struct last *l, const struct kafkaclient_record *record, int64_t end)
{
    l->end = end;
    l->back = 1;
    l->time_ms = record->time_ms == KAFKACLIENT_NONE ? UNKNOWN : record->time_ms;
    forget_texts(l);
    l->exception = header(record, "__connect.errors.exception.class.name");
    l->message = header(record, "__connect.errors.exception.message");
    l->connector = header(record, "__connect.errors.connector.name");
}

/* ---- oldest records that are not committed ---- */

static struct unread *unread_of(struct kafka_lasts *lasts, const char *group,
                                const struct kafka_offset *o, int64_t now)
{
    for (size_t i = 0; i < lasts->nunread; i++) {
        struct unread *u = &lasts->unread[i];
        if (u->partition == o->partition && strcmp(u->topic, o->topic) == 0 &&
            strcmp(u->group, group) == 0)
            return u;
    }
    if (lasts->nunread == KAFKA_UNREAD_MAX)
        return NULL;
    struct unread *u = &lasts->unread[lasts->nunread++];
    *u = (struct unread){.group = mem_strdup(group),
                         .topic = mem_strdup(o->topic),
                         .partition = o->partition,
                         .offset = UNKNOWN,
                         .time_ms = UNKNOWN,
                         .since_ms = now};
    return u;
}

static const struct kafka_part *part_of(const struct kafka_topics *topics,
                                        const struct kafka_offset *o)
{
    const struct kafka_topic_state *t = kafka_topics_find(topics, o->topic);
    for (size_t k = 0; t != NULL && k < t->nparts; k++) {
        if (t->parts[k].id == o->partition)
            return &t->parts[k];
    }
    return NULL;
}

static bool lags(const struct kafka_part *p, int64_t committed)
{
    return p != NULL && p->leader >= 0 && committed != UNKNOWN && p->end != UNKNOWN &&
           p->begin != UNKNOWN && committed >= p->begin && committed < p->end;
}

static void note_lagging(struct kafka_lasts *lasts, const struct hints *hints,
                         const struct kafka_topics *topics, const struct kafka_snap *k, int64_t now)
{
    for (size_t i = 0; i < lasts->nunread; i++)
        lasts->unread[i].lags = false;
    for (size_t g = 0; g < k->ngroups; g++) {
        bool ours = false;
        for (size_t i = 0; i < hints->ngroups && !ours; i++)
            ours = strcmp(hints->groups[i], k->groups[g].name) == 0;
        for (size_t i = 0; ours && i < k->groups[g].noffsets; i++) {
            const struct kafka_offset *o = &k->groups[g].offsets[i];
            if (!lags(part_of(topics, o), o->committed))
                continue;
            struct unread *u = unread_of(lasts, k->groups[g].name, o, now);
            if (u != NULL) {
                u->lags = true;
                u->committed = o->committed;
            }
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < lasts->nunread; i++) {
        if (lasts->unread[i].lags)
            lasts->unread[kept++] = lasts->unread[i];
        else
            unread_free(&lasts->unread[i]);
    }
    lasts->nunread = kept;
}

static void choose_unread(struct kafka_lasts *lasts, struct errand *errand, int64_t now)
{
    size_t room = KAFKA_UNREAD_PER_POLL;
    for (size_t i = 0; i < lasts->nunread && room > 0; i++) {
        struct unread *u = &lasts->unread[i];
        if (u->offset == u->committed || now - u->since_ms < KAFKA_UNREAD_AFTER_MS)
            continue;
        bool twice = false; /* of two groups that read the same partition one has to wait */
        for (size_t k = 0; k < errand->n; k++)
            twice = twice || (errand->ranges[k].partition == u->partition &&
                              strcmp(errand->ranges[k].topic, u->topic) == 0);
        if (twice)
            continue;
        room--;
        u->since_ms = now;
        errand->unread[errand->n] = u;
        errand->ranges[errand->n++] = (struct kafkaclient_range){.topic = u->topic,
                                                                 .partition = u->partition,
                                                                 .from = u->committed,
                                                                 .upto = u->committed + 1};
    }
}

/* ---- both ---- */

static bool on_record(void *user, const struct kafkaclient_record *record)
{
    struct errand *errand = user;
    for (size_t i = 0; i < errand->n; i++) {
        if (errand->ranges[i].partition != record->partition ||
            strcmp(errand->ranges[i].topic, record->topic) != 0)
            continue;
        errand->got[i] = true;
        if (errand->last[i] != NULL) {
            take_last(errand->last[i], record, errand->ranges[i].upto);
        } else if (record->time_ms != KAFKACLIENT_NONE) {
            errand->unread[i]->offset = record->offset;
            errand->unread[i]->time_ms = record->time_ms;
        }
        return true;
    }
    return true;
}

static void publish_last(const struct kafka_lasts *lasts, const struct kafka_topic_state *t,
                         struct snapshot *snap)
{
    const struct last *newest = NULL;
    for (size_t k = 0; k < t->nparts && k < PARTITIONS_PER_TOPIC; k++) {
        const struct kafka_part *p = &t->parts[k];
        if (p->end == UNKNOWN || p->begin == UNKNOWN)
            return;
        for (size_t i = 0; i < lasts->nlasts; i++) {
            const struct last *l = &lasts->lasts[i];
            if (l->partition != p->id || strcmp(l->topic, t->name) != 0)
                continue;
            if (p->end > p->begin && l->end != p->end)
                return; /* there is a newer one that was not read */
            if (l->time_ms != UNKNOWN && (newest == NULL || l->time_ms > newest->time_ms))
                newest = l;
        }
    }
    struct arena *a = snap->arena;
    snap->kafka.lasts[snap->kafka.nlasts++] = (struct kafka_last){
        .topic = arena_strdup(a, t->name),
        .time_ms = newest != NULL ? newest->time_ms : UNKNOWN,
        .exception = newest != NULL ? arena_strdup(a, newest->exception) : NULL,
        .message = newest != NULL ? arena_strdup(a, newest->message) : NULL,
        .connector = newest != NULL ? arena_strdup(a, newest->connector) : NULL};
}

static void publish(const struct kafka_lasts *lasts, const struct hints *hints,
                    const struct kafka_topics *topics, struct snapshot *snap)
{
    struct kafka_snap *k = &snap->kafka;
    k->lasts = arena_array(snap->arena, hints->nlast_topics, sizeof(*k->lasts));
    for (size_t i = 0; i < hints->nlast_topics; i++) {
        const struct kafka_topic_state *t = kafka_topics_find(topics, hints->last_topics[i]);
        if (t != NULL && t->nparts > 0)
            publish_last(lasts, t, snap);
    }
    k->unread = arena_array(snap->arena, lasts->nunread, sizeof(*k->unread));
    for (size_t i = 0; i < lasts->nunread; i++) {
        const struct unread *u = &lasts->unread[i];
        if (u->time_ms == UNKNOWN)
            continue;
        k->unread[k->nunread++] =
            (struct kafka_unread){.group = arena_strdup(snap->arena, u->group),
                                  .topic = arena_strdup(snap->arena, u->topic),
                                  .partition = u->partition,
                                  .offset = u->offset,
                                  .time_ms = u->time_ms};
    }
}

void kafka_lasts_poll(struct kafka_lasts *lasts, struct kafkaclient *client,
                      const struct kafkaclient_until *until, const struct hints *hints,
                      const struct kafka_topics *topics, struct snapshot *snap)
{
    if (hints == NULL)
        return;
    struct errand *errand = mem_alloc(sizeof(*errand));
    struct err err = ERR_INIT;
    int64_t now = clock_mono_ms();
    forget_unhinted(lasts, hints);
    choose_lasts(lasts, hints, topics, errand);
    note_lagging(lasts, hints, topics, &snap->kafka, now);
    choose_unread(lasts, errand, now);
    bool ok = kafkaclient_read(client, until, errand->ranges, errand->n, on_record, errand, &err);
    if (!ok)
        snapshot_note(snap, err_next_step(err.kind), "heartbeats and dead letters: %s", err.text);
    for (size_t i = 0; ok && i < errand->n; i++) {
        struct last *l = errand->last[i];
        if (l == NULL || errand->got[i])
            continue;
        if (l->back < BACK_MAX)
            l->back *= 4;
        else
            l->end = errand->ranges[i].upto; /* nothing but markers: what is known stays */
    }
    publish(lasts, hints, topics, snap);
    free(errand);
}
