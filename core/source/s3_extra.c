#include "source/s3_extra.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

enum {
    UPLOADS_EVERY_MS = 60 * 1000,
    UPLOADS_PAGES = 5,
    REFUSED_MS = 10 * 60 * 1000, /* what is not permitted is tried again rarely */
    RECHECK_REQUESTS = 4,        /* per poll */
    COUNT_BYTES_MAX = 4 * 1024 * 1024,
    COUNTS_PER_POLL = 5,
    EXTRA_MS = 3000, /* no such request may hold up a poll for longer */
    SPARE_MS = 500,  /* and none is begun with less time left */
};

static bool may_ask(const struct s3_io *io)
{
    return io->left > 0 && clock_left_ms(io->ctx->deadline_ms) > SPARE_MS;
}

static int64_t deadline(const struct s3_io *io)
{
    int64_t limit = clock_mono_ms() + EXTRA_MS;
    return limit < io->ctx->deadline_ms ? limit : io->ctx->deadline_ms;
}

static bool not_permitted(const struct err *err)
{
    return err->kind == ERR_DENIED || err->kind == ERR_UNSUPPORTED;
}

/* ---- unfinished uploads ---------------------------------------------------------------------- */

/* What the roots of all topics begin with: one listing serves them all. */
static void common_root(const struct s3_topics *topics, char *buf)
{
    size_t n = strlen(topics->items[0]->plan.root);
    for (size_t i = 1; i < topics->count; i++) {
        const char *other = topics->items[i]->plan.root;
        size_t same = 0;
        while (same < n && other[same] == topics->items[0]->plan.root[same])
            same++;
        n = same;
    }
    (void)snprintf(buf, S3_PATH_SIZE, "%.*s", (int)n, topics->items[0]->plan.root);
}

static bool writes(const struct s3_topic *t, const char *key)
{
    struct s3_key k;
    if (strncmp(key, t->plan.root, strlen(t->plan.root)) != 0)
        return false;
    /* "orders-" of a sink without directories begins the keys of "orders-eu-" as well. */
    return !s3_layout_parse(key, &k) || k.topic == NULL ||
           (k.topic_len == strlen(t->name) && memcmp(k.topic, t->name, k.topic_len) == 0);
}

static void set_uploads(struct s3_topics *topics, int64_t count)
{
    for (size_t i = 0; i < topics->count; i++) {
        topics->items[i]->uploads = count;
        topics->items[i]->oldest_upload_ms = UNKNOWN;
    }
}

static void add_upload(struct s3_topics *topics, const struct s3list_upload *u)
{
    for (size_t i = 0; i < topics->count; i++) {
        struct s3_topic *t = topics->items[i];
        if (!writes(t, u->key))
            continue;
        t->uploads++;
        if (u->initiated_ms >= 0 &&
            (t->oldest_upload_ms == UNKNOWN || u->initiated_ms < t->oldest_upload_ms))
            t->oldest_upload_ms = u->initiated_ms;
        return;
    }
}

/* More pages than are read: what sorts behind the last key was not counted. */
static void forget_behind(struct s3_topics *topics, const char *last)
{
    for (size_t i = 0; i < topics->count; i++) {
        struct s3_topic *t = topics->items[i];
        if (t->uploads == 0 && strcmp(t->plan.root, last) > 0)
            t->uploads = UNKNOWN;
    }
}

static bool read_uploads(struct s3_topics *topics, struct s3_io *io, struct err *err)
{
    struct s3list_upload last;
    char root[S3_PATH_SIZE];
    common_root(topics, root);
    arena_reset(io->scratch);
    set_uploads(topics, 0);
    for (int i = 0; i < UPLOADS_PAGES; i++) {
        struct s3list_uploads page;
        io->left--;
        if (!s3list_uploads(io->list, root, i > 0 ? &last : NULL, deadline(io), io->ctx->stop_fd,
                            io->scratch, &page, err))
            return false;
        io->keys += (int64_t)page.count;
        for (size_t k = 0; k < page.count; k++)
            add_upload(topics, &page.items[k]);
        if (!page.truncated || page.count == 0)
            return true;
        last = page.items[page.count - 1];
        if (!may_ask(io))
            break;
    }
    forget_behind(topics, last.key);
    return true;
}

static void look_for_uploads(struct s3_extra *x, struct s3_topics *topics, struct s3_io *io)
{
    int64_t now = clock_mono_ms();
    struct err err = ERR_INIT;
    if (topics->count == 0 || now < x->uploads_ms || !may_ask(io))
        return;
    x->uploads_ms = now + UPLOADS_EVERY_MS;
    x->no_uploads[0] = '\0';
    if (read_uploads(topics, io, &err))
        return;
    set_uploads(topics, UNKNOWN);
    if (not_permitted(&err)) {
        x->uploads_ms = now + REFUSED_MS;
        (void)snprintf(x->no_uploads, sizeof(x->no_uploads), "%.*s", (int)sizeof(x->no_uploads) - 1,
                       err.text);
    }
}

/* ---- what was deleted or came back
 * ------------------------------------------------------------------------ */

/* The first object in the order of keys behind `after`; NULL. */
static const struct s3_kept *next_kept(const struct s3_topic *t, const char *after)
{
    const struct s3_kept *first = NULL;
    for (size_t i = 0; i < t->nobjects; i++) {
        const struct s3_kept *o = &t->objects[i];
        if (strcmp(o->key, after) > 0 && (first == NULL || strcmp(o->key, first->key) < 0))
            first = o;
    }
    return first;
}

static bool listed(const struct s3list_page *page, const char *key)
{
    for (size_t i = 0; i < page->nentries; i++) {
        if (strcmp(page->entries[i].key, key) == 0)
            return true;
    }
    return false;
}

/* Objects between `from` and the end of the page that the page does not have are gone. */
static void drop_missing(struct s3_topic *t, const char *from, const struct s3list_page *page,
                         const char *to)
{
    for (size_t i = t->nobjects; i-- > 0;) {
        const char *key = t->objects[i].key;
        if (strcmp(key, from) >= 0 && (to == NULL || strcmp(key, to) <= 0) && !listed(page, key))
            s3_lane_forget(t, i);
    }
}

static bool is_kept(const struct s3_topic *t, const char *key)
{
    for (size_t i = 0; i < t->nobjects; i++) {
        if (strcmp(t->objects[i].key, key) == 0)
            return true;
    }
    return false;
}

/* What the walk passes by: below a lane's last offset, because somebody put it there again, or
 * because a sink that never overwrites wrote its records once more. It is not counted as new. */
static void take_returned(struct s3_topic *t, const struct s3list_page *page)
{
    for (size_t i = 0; i < page->nentries; i++) {
        const struct s3list_entry *e = &page->entries[i];
        struct s3_key k;
        if (!s3_layout_parse(e->key, &k) || k.start_offset < s3_lane_floor(t, k.partition))
            continue;
        struct s3_lane *lane = s3_lane_find(t, e->key, k.lane_len);
        if (lane != NULL && lane->state == LANE_OPEN && k.start_offset < lane->last &&
            !is_kept(t, e->key))
            s3_lane_take(t, lane, e, &k, INT64_MAX);
    }
}

/* One page of the objects that are remembered. True when the topic is done. */
static bool recheck_step(struct s3_topic *t, struct s3_io *io, struct err *err)
{
    const struct s3_kept *first = next_kept(t, t->recheck);
    char from[S3_PATH_SIZE], after[S3_PATH_SIZE];
    struct s3list_page page;
    struct s3list_query q = {.prefix = t->plan.root, .start_after = after};
    if (first == NULL)
        return true;
    (void)snprintf(from, sizeof(from), "%s", first->key);
    (void)snprintf(after, sizeof(after), "%.*s", (int)strlen(from) - 1, from);
    if (!s3_io_list(io, &q, &page, err))
        return false;
    const char *to =
        page.truncated && page.nentries > 0 ? page.entries[page.nentries - 1].key : NULL;
    drop_missing(t, from, &page, to);
    take_returned(t, &page);
    (void)snprintf(t->recheck, sizeof(t->recheck), "%s", to != NULL ? to : "");
    return to == NULL;
}

static void recheck(struct s3_extra *x, const struct s3_config *cfg, struct s3_topics *topics,
                    struct s3_io *io)
{
    int64_t now = clock_mono_ms();
    struct err err = ERR_INIT;
    for (size_t n = 0, asked = 0; n < topics->count && asked < RECHECK_REQUESTS; n++) {
        struct s3_topic *t = topics->items[x->recheck_turn % topics->count];
        bool due = t->complete && !t->failed && now >= t->recheck_ms;
        if (due && t->recheck_ms == 0) { /* it was all listed just now */
            t->recheck_ms = now + cfg->recheck_ms;
            due = false;
        }
        while (due && asked < RECHECK_REQUESTS && may_ask(io)) {
            asked++;
            bool done = recheck_step(t, io, &err);
            if (err.kind != ERR_NONE)
                return; /* once more at the next poll; whether it matters the walk will tell */
            if (!done)
                continue;
            t->recheck[0] = '\0';
            t->recheck_ms = now + cfg->recheck_ms;
            due = false;
        }
        if (due)
            return;
        x->recheck_turn++;
    }
}

/* ---- records --------------------------------------------------------------------------------- */

/* Objects whose lines are records, by their names; what is compressed is not unpacked. */
static bool has_lines(const char *key)
{
    const char *slash = strrchr(key, '/');
    const char *dot = strchr(slash != NULL ? slash : key, '.');
    for (const char *next = dot; next != NULL; next = strchr(next + 1, '.'))
        dot = next; /* topics have dots in their names: the last one begins the extension */
    size_t n = dot != NULL ? strlen(dot) : 0;
    return n == 0 || strcmp(dot, ".json") == 0 || strcmp(dot, ".jsonl") == 0 ||
           strspn(dot + 1, "abcdefghijklmnopqrstuvwxyz") + 1 < n;
}

/* A document of JSON lines begins with a record; an array, a CSV header or compressed data do not.
 */
static int64_t records_in(const struct s3list_lines *l)
{
    bool lines = l->bytes == 0 || l->first == '{' || l->first == '"';
    return lines ? l->lines : UNKNOWN;
}

static struct s3_kept *newest_unread(struct s3_topics *topics)
{
    struct s3_kept *best = NULL;
    for (size_t i = 0; i < topics->count; i++) {
        struct s3_topic *t = topics->items[i];
        for (size_t k = 0; t->complete && k < t->nobjects; k++) {
            struct s3_kept *o = &t->objects[k];
            if (o->read || o->size == UNKNOWN || o->size > COUNT_BYTES_MAX || !has_lines(o->key))
                continue;
            if (best == NULL || o->modified_ms > best->modified_ms)
                best = o;
            break; /* newest first: no other of this topic is newer */
        }
    }
    return best;
}

static void count_records(struct s3_extra *x, struct s3_topics *topics, struct s3_io *io)
{
    int64_t now = clock_mono_ms();
    if (now < x->counts_ms)
        return;
    x->no_counts[0] = '\0';
    for (int i = 0; i < COUNTS_PER_POLL && may_ask(io); i++) {
        struct s3list_lines lines;
        struct err err = ERR_INIT;
        struct s3_kept *o = newest_unread(topics);
        if (o == NULL)
            return;
        io->left--;
        if (s3list_count(io->list, o->key, COUNT_BYTES_MAX, deadline(io), io->ctx->stop_fd, &lines,
                         &err)) {
            o->records = records_in(&lines);
            o->read = true;
        } else if (not_permitted(&err)) {
            x->counts_ms = now + REFUSED_MS;
            (void)snprintf(x->no_counts, sizeof(x->no_counts), "%.*s",
                           (int)sizeof(x->no_counts) - 1, err.text);
            return;
        } else if (err.kind == ERR_NOTFOUND || err.kind == ERR_TOOBIG) {
            o->read = true; /* gone meanwhile, or grown: nothing to read here */
        } else {
            return;
        }
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

void s3_extra_poll(struct s3_extra *extra, const struct s3_config *cfg, struct s3_topics *topics,
                   struct s3_io *io)
{
    look_for_uploads(extra, topics, io);
    recheck(extra, cfg, topics, io);
    if (cfg->count_records)
        count_records(extra, topics, io);
}

void s3_extra_notes(const struct s3_extra *extra, struct snapshot *snap)
{
    if (extra->no_uploads[0] != '\0')
        snapshot_note(snap, "allow s3:ListBucketMultipartUploads on the bucket",
                      "unfinished uploads are not known: %s", extra->no_uploads);
    if (extra->no_counts[0] != '\0')
        snapshot_note(snap, "allow s3:GetObject on the bucket's objects, or count_records = false",
                      "records are not counted: %s", extra->no_counts);
}
