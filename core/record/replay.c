#include "record/replay.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/ledger.h"
#include "record/codec.h"
#include "record/order.h"
#include "record/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* What happened before somebody goes to a moment, for series and diagnosis to look back on. */
    WARM_MS = 20 * 60 * 1000,
    LEAP_MS = 110 * 1000, /* seen so often … */
    FINE_MS = 90 * 1000,  /* … but for the last of it, which is seen as it was */
    ACTED_MAX = LEDGER_MAX
};

struct heard { /* of one source of one pipeline */
    bool ever;
    struct report *pending;      /* not taken yet */
    const struct snapshot *base; /* the newest one, in pending or with who took it */
    struct snapshot *as_read;    /* of a redacted recording: base, of which they got a copy */
};

struct acted {
    size_t pipeline;
    struct ledger_entry entry;
};

struct replay {
    struct reel *reel;
    struct tape *tape;
    struct heard *heard; /* npipelines × SOURCE_KIND_COUNT */
    struct acted acted[ACTED_MAX];
    size_t nacted, acted_taken;
    cJSON *next; /* the line that comes next, read and not due yet; NULL */
    int64_t next_t;
    struct tape_place next_at;
    bool ended;  /* nothing comes any more */
    bool lost;   /* what is read cannot be gone on with */
    bool resync; /* just after a checkpoint: what it tells again is news to us */
    /* The clock: at t it was `real_us`; it has moved on since, unless it is paused. */
    int64_t t, real_us;
    double speed;
    bool paused;
    int64_t seen; /* the moment that the engine was told last */
};

static struct heard *heard_at(const struct replay *r, size_t pipeline, enum source_kind kind)
{
    return &r->heard[pipeline * SOURCE_KIND_COUNT + (size_t)kind];
}

static size_t nheard(const struct replay *r)
{
    return r->reel->config->npipelines * SOURCE_KIND_COUNT;
}

/* ---- reading --------------------------------------------------------------------------------- */

static void damaged(struct replay *r, const char *why)
{
    r->lost = true;
    if (!r->reel->grows)
        reel_damaged(r->reel, &r->next_at, r->t > r->reel->first ? r->t : r->reel->first, why);
    r->ended = true;
}

/* The next line into r->next. */
static void read_next(struct replay *r)
{
    const char *line;
    size_t len;
    bool whole;
    struct err err = ERR_INIT;
    cJSON_Delete(r->next);
    r->next = NULL;
    enum tape_got got = r->ended ? TAPE_END : tape_next(r->tape, &line, &len, &whole);
    r->ended = got != TAPE_LINE;
    r->lost = r->lost || got == TAPE_DAMAGED;
    if (r->ended)
        return;
    r->next_at = tape_at(r->tape);
    r->next = json_parse(line, len, &err);
    r->next_t = reel_t(r->next);
    if (r->next_t > r->reel->last) { /* behind the damage, or behind the end of what is known */
        r->ended = true;
        cJSON_Delete(r->next);
        r->next = NULL;
    }
}

static enum err_kind kind_of_error(const char *name)
{
    for (int k = ERR_TIMEOUT; k < ERR_KIND_COUNT; k++)
        if (strcmp(err_kind_name((enum err_kind)k), name) == 0)
            return (enum err_kind)k;
    return ERR_PROTOCOL; /* of a later version: it failed, that much is known */
}

static void read_error(const cJSON *error, struct err *out)
{
    if (cJSON_IsObject(error))
        (void)err_set(out, kind_of_error(json_str(error, "kind", "")),
                      (int)json_int(error, "code", 0) % 100000, "%s", json_str(error, "text", ""));
}

static struct snapshot *read_snapshot(enum source_kind kind, const cJSON *line,
                                      const struct snapshot *base, struct err *err)
{
    const cJSON *whole = json_get(line, "snapshot");
    const cJSON *all = whole != NULL ? whole : json_get(line, "changes");
    if (!cJSON_IsObject(all)) {
        (void)err_set(err, ERR_PROTOCOL, 0, "the snapshot is no object");
        return NULL;
    }
    base = whole != NULL ? NULL : base;
    if (whole == NULL && base == NULL) {
        (void)err_set(err, ERR_PROTOCOL, 0, "changes of a snapshot that is not there");
        return NULL;
    }
    struct snapshot *snap = snapshot_new(kind);
    if (decode_row(snap->arena, &shape_head, all, snap, base, err) &&
        decode_row(snap->arena, shape_of(kind), all, shape_part(snap),
                   base != NULL ? shape_part_const(base) : NULL, err))
        return snap;
    snapshot_free(snap);
    return NULL;
}

/* Made-up names are not in the order of the true ones, and changes are told by the place. */
static struct snapshot *next_snapshot(struct replay *r, struct heard *h, enum source_kind kind,
                                      struct err *err)
{
    struct snapshot *snap = read_snapshot(kind, r->next, h->base, err);
    if (snap == NULL || !r->reel->redacted)
        return snap;
    snapshot_free(h->as_read);
    h->base = h->as_read = snap;
    return order_copy(snap, err);
}

/* Latest wins, as it does with a poller's mailbox. */
static void post(struct heard *h, struct report *report)
{
    if (h->pending != NULL && report->snap == NULL) {
        report->snap = h->pending->snap;
        h->pending->snap = NULL;
    }
    report_free(h->pending);
    h->pending = report;
    h->ever = true;
    if (report->snap != NULL)
        h->base = h->as_read != NULL ? h->as_read : report->snap;
}

static bool apply_report(struct replay *r, size_t pipeline, struct err *err)
{
    int kind = 0;
    const char *source = json_str(r->next, "source", "");
    while (kind < SOURCE_KIND_COUNT &&
           strcmp(source, source_kind_name((enum source_kind)kind)) != 0)
        kind++;
    if (kind == SOURCE_KIND_COUNT)
        return true; /* of a later version */
    struct heard *h = heard_at(r, pipeline, (enum source_kind)kind);
    struct report *report = mem_alloc(sizeof(*report));
    struct arena *none = arena_new();
    bool ok = decode_row(none, &shape_report, r->next, report, NULL, err);
    arena_free(none);
    read_error(json_get(r->next, "error"), &report->err);
    bool has = json_get(r->next, "snapshot") != NULL || json_get(r->next, "changes") != NULL;
    if (ok && has) {
        report->snap = next_snapshot(r, h, (enum source_kind)kind, err);
        ok = report->snap != NULL;
    }
    if (ok && report->snap == NULL && report->err.kind == ERR_NONE)
        ok = err_set(err, ERR_PROTOCOL, 0, "a report with neither snapshot nor error");
    if (ok)
        post(h, report);
    else
        report_free(report);
    return ok;
}

/* One that this version does not know is passed over. */
static bool apply_action(struct replay *r, size_t pipeline, struct err *err)
{
    const cJSON *action = json_get(r->next, "action");
    const char *verb = json_str(action, "verb", ""), *word = json_str(action, "state", "");
    struct acted *a = &r->acted[r->nacted % ACTED_MAX];
    struct arena *none = arena_new();
    *a = (struct acted){.pipeline = pipeline};
    bool ok = decode_row(none, &shape_ledger, action, &a->entry, NULL, err);
    arena_free(none);
    int kind = 0, state = 0;
    while (kind < ACTION_KIND_COUNT && strcmp(action_info((enum action_kind)kind)->name, verb) != 0)
        kind++;
    while (state <= LEDGER_UNSEEN &&
           strcmp(record_ledger_state((enum ledger_state)state), word) != 0)
        state++;
    if (!ok || kind == ACTION_KIND_COUNT || state > LEDGER_UNSEEN)
        return ok;
    a->entry.kind = kind;
    a->entry.verb = action_info((enum action_kind)kind)->name;
    a->entry.state = (enum ledger_state)state;
    r->nacted++;
    if (r->nacted - r->acted_taken > ACTED_MAX)
        r->acted_taken = r->nacted - ACTED_MAX;
    return true;
}

static void apply(struct replay *r)
{
    struct err err = ERR_INIT;
    bool again = json_bool(r->next, "again", false);
    size_t pipeline = reel_pipeline(r->reel, r->next);
    bool ok = true;
    if (again && !r->resync)
        return;
    if (pipeline < r->reel->config->npipelines && json_get(r->next, "source") != NULL)
        ok = apply_report(r, pipeline, &err);
    else if (pipeline < r->reel->config->npipelines && json_get(r->next, "action") != NULL)
        ok = apply_action(r, pipeline, &err);
    r->resync = r->resync && (again || json_get(r->next, "checkpoint") != NULL);
    if (!ok)
        damaged(r, err.text);
}

/* Hears everything up to t. */
static void advance(struct replay *r, int64_t t)
{
    while (!r->ended && r->next_t <= t) {
        if (r->next != NULL && !r->ended)
            apply(r);
        read_next(r);
    }
}

static void forget(struct replay *r)
{
    for (size_t i = 0; i < nheard(r); i++) {
        report_free(r->heard[i].pending);
        snapshot_free(r->heard[i].as_read);
        r->heard[i].pending = NULL;
        r->heard[i].as_read = NULL;
        r->heard[i].base = NULL;
    }
    r->nacted = r->acted_taken = 0;
}

static void begin_at(struct replay *r, const struct reel_place *place)
{
    forget(r);
    tape_seek(r->tape, &place->at);
    r->ended = r->lost = false;
    r->resync = true;
    read_next(r);
    r->t = r->seen = place->t;
    r->real_us = clock_mono_us();
}

/* ---- the clock ------------------------------------------------------------------------------- */

static int64_t now(const struct replay *r)
{
    double gone = r->paused ? 0 : (double)(clock_mono_us() - r->real_us) / 1000 * r->speed;
    double t = (double)r->t + gone;
    return t < (double)r->reel->last ? (int64_t)t : r->reel->last;
}

static void settle(struct replay *r)
{
    r->t = now(r);
    r->real_us = clock_mono_us();
}

static int64_t mono_ms(void *self)
{
    struct replay *r = self;
    r->seen = now(r);
    return r->reel->mono_ms + r->seen;
}

static int64_t wall_ms(void *self)
{
    const struct replay *r = self;
    return r->reel->wall_ms + now(r);
}

static void play(void *self, struct play *out)
{
    const struct replay *r = self;
    int64_t t = now(r);
    int64_t first = r->reel->first;
    *out = (struct play){.at_ms = t > first ? t - first : 0,
                         .length_ms = r->reel->last - first,
                         .speed = r->speed,
                         .paused = r->paused || t >= r->reel->last,
                         .lost = r->reel->grows && (r->lost || t < first)};
}

static void seek(void *self, int64_t at_ms)
{
    struct replay *r = self;
    int64_t t = r->reel->first + (at_ms > 0 ? at_ms : 0);
    if (at_ms <= 0) {
        begin_at(r, reel_before(r->reel, r->reel->first));
    } else if (r->ended && !r->lost && r->reel->grows) {
        r->ended = false;
        read_next(r);
    }
    r->t = t < r->reel->last ? t : r->reel->last;
    r->real_us = clock_mono_us();
}

static int64_t leap(void *self, int64_t at_ms)
{
    struct replay *r = self;
    const struct reel_place *place = reel_after(r->reel, r->t + LEAP_MS);
    if (place == NULL || place->t > r->reel->first + at_ms - FINE_MS)
        return -1;
    begin_at(r, place);
    return r->t - r->reel->first;
}

static int64_t anew(void *self, int64_t at_ms)
{
    struct replay *r = self;
    for (size_t i = 0; i < nheard(r); i++)
        r->heard[i].ever = false;
    begin_at(r, reel_before(r->reel, r->reel->first + at_ms - WARM_MS));
    int64_t t = r->t > r->reel->first ? r->t : r->reel->first;
    r->t = t;
    return t - r->reel->first;
}

static void pace(void *self, double speed, bool paused)
{
    struct replay *r = self;
    settle(r);
    r->speed = isfinite(speed) && speed > 0 ? speed : 1;
    r->paused = paused;
}

static int64_t next_ms(void *self)
{
    const struct replay *r = self;
    if (r->paused || r->ended)
        return INT64_MAX;
    double wait = (double)(r->next_t - now(r)) / r->speed;
    return clock_mono_ms() + (wait > 0 ? (int64_t)wait : 0);
}

/* ---- the rest of a backend ------------------------------------------------------------------- */

static bool start(void *self, const struct config *config, int64_t interval_ms, int bell,
                  struct err *err)
{
    struct replay *r = self;
    (void)config;
    (void)interval_ms;
    (void)bell;
    (void)err;
    r->real_us = clock_mono_us();
    return true;
}

static bool stop(void *self, int64_t wait_ms)
{
    struct replay *r = self;
    (void)wait_ms;
    forget(r);
    cJSON_Delete(r->next);
    tape_free(r->tape);
    free(r->heard);
    free(r);
    return true;
}

static bool configured(void *self, size_t pipeline, enum source_kind kind)
{
    const struct replay *r = self;
    return heard_at(r, pipeline, kind)->ever || r->reel->asked[pipeline][kind];
}

static struct report *take(void *self, size_t pipeline, enum source_kind kind)
{
    struct replay *r = self;
    advance(r, r->seen);
    struct heard *h = heard_at(r, pipeline, kind);
    struct report *report = h->pending;
    h->pending = NULL;
    return report;
}

static bool acted(void *self, size_t *pipeline, struct ledger_entry *entry)
{
    struct replay *r = self;
    if (r->acted_taken == r->nacted)
        return false;
    const struct acted *a = &r->acted[r->acted_taken++ % ACTED_MAX];
    *pipeline = a->pipeline;
    *entry = a->entry;
    return true;
}

static void hints(void *self, size_t pipeline, enum source_kind kind, struct hints *h)
{
    (void)self;
    (void)pipeline;
    (void)kind;
    hints_free(h);
}

static void interval(void *self, int64_t ms)
{
    (void)self;
    (void)ms;
}

static void poll_now(void *self)
{
    (void)self;
}

static unsigned submit(void *self, const struct action_args *args, struct action_route *route,
                       const char *const *request, size_t nrequest, struct err *err)
{
    (void)self;
    (void)args;
    (void)request;
    (void)nrequest;
    action_route_free(route);
    (void)err_set(err, ERR_DENIED, 0, "this is a recording");
    return 0;
}

static bool collect(void *self, struct action_status *out)
{
    (void)self;
    (void)out;
    return false;
}

static void outcome(void *self, const struct action_status *status)
{
    (void)self;
    (void)status;
}

static const struct backend_ops replay_ops = {
    .name = "replay",
    .start = start,
    .stop = stop,
    .mono_ms = mono_ms,
    .wall_ms = wall_ms,
    .play = play,
    .seek = seek,
    .anew = anew,
    .leap = leap,
    .pace = pace,
    .next_ms = next_ms,
    .configured = configured,
    .take = take,
    .acted = acted,
    .hints = hints,
    .interval = interval,
    .poll_now = poll_now,
    .submit = submit,
    .collect = collect,
    .outcome = outcome,
};

struct backend replay_backend(struct reel *reel)
{
    struct replay *r = mem_alloc(sizeof(*r));
    r->reel = reel;
    r->tape = tape_new(reel->source);
    r->heard = mem_calloc(nheard(r), sizeof(*r->heard));
    r->speed = 1;
    begin_at(r, reel_before(reel, reel->first));
    return (struct backend){&replay_ops, r};
}
