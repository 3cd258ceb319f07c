/* The S3 source: the newest objects of each topic, as the sinks write them. How they are found
 * cheaply is told in s3_walk.h. */
#include "aws/aws.h"
#include "base/clock.h"
#include "base/iamtext.h"
#include "base/mem.h"
#include "source/s3_cost.h"
#include "source/s3_extra.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    REQUESTS_PER_POLL = 50,
    LOOK_MS = 60 * 1000, /* how often new topics are looked for when no sink tells */
    ROOM_MS = 150,       /* a poll that has answers does not begin a request with less time left */
};

struct s3_source {
    const struct pipeline_config *cfg;
    struct s3_place place;
    struct aws_credentials creds;
    struct s3_io io;
    struct s3_topics topics;
    struct s3_extra extra;
    struct s3list_spent spent; /* of io.list, as far as it was counted */
    struct s3_cost cost;
    size_t turn; /* the topic that goes on next */
    int64_t looked_ms;
};

static bool s3_configured(const struct pipeline_config *cfg, const struct hints *hints)
{
    struct s3_place place;
    return (cfg->s3.url != NULL && cfg->s3.url[0] != '\0') ||
           s3_topics_place(cfg, hints, &place, NULL);
}

static void *s3_open(const struct pipeline_config *cfg, struct err *err)
{
    (void)err;
    struct s3_source *s = mem_alloc(sizeof(*s));
    s->cfg = cfg;
    s->io.scratch = arena_new();
    s->io.date_ms = -1;
    s->looked_ms = INT64_MIN;
    return s;
}

static void s3_close(void *self)
{
    struct s3_source *s = self;
    if (s == NULL)
        return;
    s3list_close(s->io.list);
    s3_topics_free(&s->topics);
    aws_credentials_free(&s->creds);
    arena_free(s->io.scratch);
    free(s);
}

/* ---- connecting ------------------------------------------------------------------------------ */

/* A new client; what is known stays: also in which region the bucket was found, unless the place is
 * another one. Takes creds. */
static bool renew(struct s3_source *s, const struct s3_place *place, struct aws *aws, bool moved,
                  struct aws_credentials *creds, struct err *err)
{
    bool own = place->endpoint[0] == '\0';
    struct s3list_target target = {
        .bucket = place->bucket,
        .region = place->region,
        .endpoint = place->endpoint,
        .own = place->own,
        .addressing = s->cfg->s3.addressing,
        .ca = place->ca,
        .requester_pays = s->cfg->s3.requester_pays,
        .skew_ms = own && aws != NULL ? aws_now_ms(aws) - clock_wall_ms() : 0,
    };
    struct s3list *old = s->io.list;
    aws_credentials_free(&s->creds);
    s->creds = *creds;
    s->io.list = s3list_open(&target, &s->creds, err);
    if (s->io.list != NULL && old != NULL && !moved)
        s3list_go(s->io.list, s3list_region(old));
    s3list_close(old);
    s->spent = (struct s3list_spent){0};
    return s->io.list != NULL;
}

static bool connect(struct s3_source *s, const struct poll_ctx *ctx, struct err *err)
{
    struct s3_place place;
    if (!s3_topics_place(s->cfg, ctx->hints, &place, err)) {
        /* Hints that come and go do not forget a bucket that was found once. */
        if (s->place.bucket[0] == '\0')
            return false;
        place = s->place;
    }
    s3_topics_settle(&place, ctx->aws);
    bool moved = strcmp(place.bucket, s->place.bucket) != 0 ||
                 strcmp(place.endpoint, s->place.endpoint) != 0 ||
                 strcmp(place.region, s->place.region) != 0 ||
                 strcmp(place.prefix, s->place.prefix) != 0;
    if (strcmp(place.bucket, s->place.bucket) != 0 ||
        strcmp(place.endpoint, s->place.endpoint) != 0) {
        s3_topics_free(&s->topics);
        s->looked_ms = INT64_MIN;
        s->turn = 0;
    }
    struct aws_credentials creds;
    if (!aws_credentials_for_s3(ctx->aws, &s->cfg->s3, ctx->deadline_ms, ctx->stop_fd, &creds, err))
        return false;
    if (!moved && s->io.list != NULL && aws_credentials_same(&creds, &s->creds)) {
        aws_credentials_free(&creds);
        return true;
    }
    if (!renew(s, &place, ctx->aws, moved, &creds, err))
        return false;
    s->place = place;
    return true;
}

/* ---- polling --------------------------------------------------------------------------------- */

/* Errors of one prefix alone: a policy may allow some and not others. */
static bool of_prefix(enum err_kind kind)
{
    return kind == ERR_DENIED || kind == ERR_PROTOCOL || kind == ERR_TOOBIG ||
           kind == ERR_UNSUPPORTED;
}

static bool may_go_on(const struct s3_source *s)
{
    int left = clock_left_ms(s->io.ctx->deadline_ms);
    return s->io.left > 0 && (s->io.answered == 0 || left > ROOM_MS);
}

static bool walk_topic(struct s3_source *s, struct s3_topic *t, bool *done, struct err *err)
{
    *done = false;
    while (may_go_on(s)) {
        struct err why = ERR_INIT;
        int64_t now_ms = s->io.date_ms >= 0 ? s->io.date_ms : clock_wall_ms();
        if (source_give_up(s->io.ctx, err))
            return false;
        enum step step = s3_walk_step(t, &s->io, now_ms, &why);
        if (step == STEP_FAILED && !of_prefix(why.kind)) {
            *err = why;
            return false;
        }
        if (step != STEP_FAILED && t->failed) {
            t->failed = false;
            if (!t->capped)
                t->error[0] = '\0';
        }
        if (step == STEP_FAILED) {
            t->failed = true;
            (void)snprintf(t->error, sizeof(t->error), "%.*s", (int)sizeof(t->error) - 1, why.text);
            *err = why; /* should no prefix answer well, this is the poll's error */
        }
        if (step != STEP_MORE) {
            *done = true;
            return true;
        }
    }
    return true;
}

static bool walk_all(struct s3_source *s, struct err *err)
{
    size_t failed = 0;
    struct err last = ERR_INIT;
    for (size_t i = 0; i < s->topics.count; i++) {
        bool done;
        size_t at = s->turn % s->topics.count;
        struct s3_topic *t = s->topics.items[at];
        if (!walk_topic(s, t, &done, &last)) {
            *err = last;
            return false;
        }
        if (!done) /* the budget is used up: this one goes on next time */
            break;
        failed += t->failed;
        s->turn = (at + 1) % s->topics.count;
    }
    if (failed > 0 && s->io.answered == 0) {
        *err = last;
        return false;
    }
    return true;
}

static bool find_topics(struct s3_source *s, const struct hints *hints, struct err *err)
{
    if (s3_topics_sync(&s->topics, hints, &s->place) || s->topics.from_hints)
        return true;
    int64_t now = clock_mono_ms();
    if (s->topics.count > 0 && s->looked_ms != INT64_MIN && now - s->looked_ms < LOOK_MS)
        return true;
    if (!s3_topics_discover(&s->topics, &s->io, &s->place, err))
        return false;
    s->looked_ms = now;
    return true;
}

/* ---- the snapshot ---------------------------------------------------------------------------- */

static void fill_prefix(struct arena *a, const struct s3_topic *t, struct s3_prefix *p)
{
    p->topic = arena_strdup(a, t->name);
    p->path = arena_strdup(a, t->plan.root);
    p->layout = t->layout;
    p->seen = t->seen;
    p->seen_bytes = t->seen_bytes;
    p->since_ms = t->since_ms;
    p->complete = t->complete;
    p->uploads = t->uploads;
    p->oldest_upload_ms = t->oldest_upload_ms;
    p->floors = arena_array(a, t->nfloors, sizeof(p->floors[0]));
    p->nfloors = t->nfloors;
    for (size_t i = 0; i < t->nfloors; i++)
        p->floors[i] = t->floors[i];
    p->error = t->error[0] != '\0' ? arena_strdup(a, t->error) : NULL;
    p->objects = arena_array(a, t->nobjects, sizeof(p->objects[0]));
    p->nobjects = t->nobjects;
    for (size_t i = 0; i < t->nobjects; i++) {
        const struct s3_kept *o = &t->objects[i];
        p->objects[i] = (struct s3_object){
            .key = arena_strdup(a, o->key),
            .size = o->size,
            .modified_ms = o->modified_ms,
            .partition = o->partition,
            .start_offset = o->start_offset,
            .records = o->records,
        };
    }
    if (t->nobjects > 0) {
        const char *key = t->objects[0].key, *slash = strrchr(key, '/');
        p->newest_path = arena_strndup(a, key, slash != NULL ? (size_t)(slash + 1 - key) : 0);
    }
}

/* Of the first prefix that is refused: who lacks what. */
static void note_refusal(const struct s3_topics *topics, struct snapshot *snap)
{
    for (size_t i = 0; i < topics->count; i++) {
        char advice[800];
        struct iam_denial denial;
        const struct s3_topic *t = topics->items[i];
        if (!t->failed || !iam_denial_read(t->error, &denial))
            continue;
        snapshot_note(snap, iam_advice(advice, sizeof(advice), &denial), "%s may not %s on %s",
                      denial.who[0] != '\0' ? denial.who : "who asks S3", denial.action,
                      denial.resource[0] != '\0' ? denial.resource : t->plan.root);
        return;
    }
}

static struct snapshot *make_snapshot(struct s3_source *s)
{
    struct snapshot *snap = snapshot_new(SOURCE_S3);
    struct arena *a = snap->arena;
    if (s->io.answered > 0 && s->io.date_ms >= 0)
        snap->server_ms = s->io.date_ms;
    snapshot_tls(snap, strncmp(s3list_endpoint(s->io.list), "https://", 8) == 0, NULL,
                 s3list_certificate_ends_ms(s->io.list));
    snap->s3.bucket = arena_strdup(a, s->place.bucket);
    snap->s3.endpoint = arena_strdup(a, s3list_endpoint(s->io.list));
    snap->s3.region = arena_strdup(a, s3list_region(s->io.list));
    snap->s3.keys = s->io.keys;
    s3_cost_tell(&s->cost, &snap->s3);
    snap->s3.nprefixes = s->topics.count;
    snap->s3.prefixes = arena_array(a, s->topics.count, sizeof(snap->s3.prefixes[0]));
    for (size_t i = 0; i < s->topics.count; i++)
        fill_prefix(a, s->topics.items[i], &snap->s3.prefixes[i]);
    s3_extra_notes(&s->extra, snap);
    note_refusal(&s->topics, snap);
    if (s->topics.refused > 0)
        snapshot_note(snap, NULL,
                      "more than %d topics write to the bucket: only the first are watched",
                      S3_TOPICS_MAX);
    if (s->topics.count == 0)
        snapshot_note(snap,
                      "name the prefix: s3://bucket/prefix, or watch the sink's Kafka Connect",
                      "no topic was found in bucket %s below \"%s\"", s->place.bucket,
                      s->place.prefix[0] != '\0' ? s->place.prefix : "topics/");
    return snap;
}

static struct snapshot *s3_poll(void *self, const struct poll_ctx *ctx, struct err *err)
{
    struct s3_source *s = self;
    struct err why = ERR_INIT;
    s->io.ctx = ctx;
    s->io.left = REQUESTS_PER_POLL;
    s->io.answered = 0;
    bool ok = !source_give_up(ctx, &why) && connect(s, ctx, &why) &&
              find_topics(s, ctx->hints, &why) && walk_all(s, &why);
    if (ok)
        s3_extra_poll(&s->extra, &s->cfg->s3, &s->topics, &s->io);
    s->io.ctx = NULL;
    if (s->io.list != NULL)
        s3_cost_count(&s->cost, s->place.endpoint[0] == '\0', ctx->aws, &s->spent,
                      s3list_spent(s->io.list));
    if (!ok) {
        if (why.kind == ERR_AUTH && ctx->aws != NULL && s->cfg->s3.access_key_id[0] == '\0')
            aws_credentials_refused(ctx->aws);
        if (err != NULL)
            *err = why;
        if (s->place.bucket[0] != '\0')
            err_wrap(err, "list s3://%s", s->place.bucket);
        return NULL;
    }
    return make_snapshot(s);
}

const struct source_ops source_s3 = {
    .name = "s3",
    .kind = SOURCE_S3,
    .configured = s3_configured,
    .open = s3_open,
    .poll = s3_poll,
    .close = s3_close,
};
