/* connect.c: what the workers of Kafka Connect say about connectors, tasks and offsets.
 *
 * Every poll asks for all states and configs in one request. Topics and offsets have a request per
 * connector, and with the broker away /offsets gives no answer at all (seen: none in 20 s): they
 * are asked afterwards within a small budget, oldest first, what was learned is kept with its time,
 * and after a silence they are left alone for a while. The states are never late because of them.
 */
#include "aws/login.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/connectapi.h"
#include "source/connect_parse.h"
#include "source/source.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXTRAS_MS = 1500, /* for all topics and offsets of one poll */
    EXTRA_MS = 700,   /* for one of them */
    PROBE_MS = 300,
    PROBE_EVERY_MS = 5 * 1000,
    RESERVE_MS = 100, /* left of the poll's time for putting the snapshot together */
    EXTRAS_MAX = 64,  /* requests per poll beside the list */
    TOPICS_EVERY_MS = 60 * 1000,
    TOPICS_NEW_MS = 10 * 1000, /* while the answer differs from the one before */
    TOPICS_NONE_MS = 5 * 1000, /* while there are none: the connector was just made */
    SINK_OFFSETS_EVERY_MS = 30 * 1000,
    RETRY_MS = 5 * 1000,
    SILENCE_MS = 4 * 1000, /* doubled with every further one, up to … */
    SILENCE_MAX_MS = 32 * 1000,
    KEPT_MAX_BYTES = 64 * 1024 * 1024,
};

enum extra_kind { EXTRA_TOPICS, EXTRA_OFFSETS, EXTRA_COUNT };

static const enum connect_call extra_call[] = {
    [EXTRA_TOPICS] = CONNECT_TOPICS, [EXTRA_OFFSETS] = CONNECT_OFFSETS};

/* The last good answer about one connector, as it came. */
struct extra {
    char *body; /* NULL: never read */
    size_t len;
    int64_t read_ms; /* wall clock */
    int64_t due_ms;  /* monotonic: when to ask next */
};

struct known {
    char *name;
    struct extra extras[EXTRA_COUNT];
};

struct connect_source {
    const struct connect_config *cfg;
    struct connectapi *api;
    struct known *known; /* the connectors of the last poll, by name */
    size_t nknown;
    size_t kept_bytes;
    char *root; /* body of GET /; NULL: not read yet */
    size_t root_len;
    bool unsupported[EXTRA_COUNT]; /* this version or its configuration has no such call */
    int64_t quiet_until_ms;        /* monotonic: no extras before */
    int silences;                  /* in a row */
    int64_t *failing_since_ms;     /* of each worker, monotonic; 0: it answers */
    int64_t probe_due_ms;  /* monotonic: when the other workers are asked whether they live */
    int64_t busy_since_ms; /* monotonic: they have been put off since; 0: they are not */
    struct err busy;
    struct err extra_err; /* of the last extra that failed; ERR_NONE when all went well */
};

static bool connect_configured(const struct pipeline_config *cfg, const struct hints *hints)
{
    (void)hints;
    return cfg->connect.urls.count > 0;
}

static void *connect_open(const struct pipeline_config *cfg, struct err *err)
{
    struct connectapi *api = connectapi_open(&cfg->connect, err);
    if (api == NULL)
        return NULL;
    struct connect_source *self = mem_alloc(sizeof(*self));
    self->cfg = &cfg->connect;
    self->api = api;
    self->failing_since_ms =
        mem_calloc(connectapi_url_count(api) + 1, sizeof(*self->failing_since_ms));
    return self;
}

static void known_free(struct connect_source *self, struct known *known)
{
    for (size_t i = 0; i < EXTRA_COUNT; i++) {
        self->kept_bytes -= known->extras[i].len;
        free(known->extras[i].body);
    }
    free(known->name);
}

static void connect_close(void *arg)
{
    struct connect_source *self = arg;
    if (self == NULL)
        return;
    for (size_t i = 0; i < self->nknown; i++)
        known_free(self, &self->known[i]);
    free(self->known);
    free(self->root);
    free(self->failing_since_ms);
    connectapi_close(self->api);
    free(self);
}

/* ---- what is known beside the list ---- */

/* Brings self->known in step with the list (both by name): what is gone is forgotten. */
static void known_update(struct connect_source *self, const struct connect_snap *connect)
{
    struct known *next = mem_calloc(connect->nconnectors + 1, sizeof(*next));
    size_t old = 0;
    for (size_t i = 0; i < connect->nconnectors; i++) {
        const char *name = connect->connectors[i].name;
        int cmp = 1;
        while (old < self->nknown && (cmp = strcmp(self->known[old].name, name)) < 0)
            known_free(self, &self->known[old++]);
        if (old < self->nknown && cmp == 0)
            next[i] = self->known[old++];
        else
            next[i].name = mem_strdup(name);
    }
    while (old < self->nknown)
        known_free(self, &self->known[old++]);
    free(self->known);
    self->known = next;
    self->nknown = connect->nconnectors;
}

struct job {
    struct known *known;
    enum extra_kind kind;
    int64_t due_ms;
    int64_t every_ms;
};

static int by_due(const void *a, const void *b)
{
    const struct job *x = a;
    const struct job *y = b;
    if (x->due_ms != y->due_ms)
        return x->due_ms < y->due_ms ? -1 : 1;
    /* Among those that were never read: offsets first, the slots wait for them. */
    return (x->kind < y->kind) - (x->kind > y->kind);
}

/* The extras that are due, in the order to ask them; *n of them, at most EXTRAS_MAX. free() it. */
static struct job *due_jobs(struct connect_source *self, const struct connect_snap *connect,
                            size_t *n)
{
    int64_t now = clock_mono_ms();
    struct job *jobs = mem_calloc(self->nknown * EXTRA_COUNT + 1, sizeof(*jobs));
    *n = 0;
    for (size_t i = 0; i < self->nknown; i++) {
        const char *type = connect->connectors[i].type;
        bool sink = type != NULL && strcmp(type, "sink") == 0;
        const int64_t every[] = {
            [EXTRA_TOPICS] = TOPICS_EVERY_MS, [EXTRA_OFFSETS] = sink ? SINK_OFFSETS_EVERY_MS : 0};
        for (enum extra_kind kind = 0; kind < EXTRA_COUNT; kind++) {
            int64_t due = self->known[i].extras[kind].due_ms;
            if (!self->unsupported[kind] && due <= now)
                jobs[(*n)++] = (struct job){&self->known[i], kind, due, every[kind]};
        }
    }
    if (*n > 0)
        qsort(jobs, *n, sizeof(*jobs), by_due);
    if (*n > EXTRAS_MAX)
        *n = EXTRAS_MAX;
    return jobs;
}

static void keep(struct connect_source *self, struct extra *extra, struct connect_answer *answer)
{
    size_t others = self->kept_bytes - extra->len;
    if (others + answer->len > KEPT_MAX_BYTES) {
        err_set(&self->extra_err, ERR_TOOBIG, 0, "topics and offsets together exceed %d bytes",
                KEPT_MAX_BYTES);
        connectapi_answer_free(answer);
        return;
    }
    free(extra->body);
    extra->body = answer->body;
    extra->len = answer->len;
    extra->read_ms = clock_wall_ms();
    self->kept_bytes = others + extra->len;
}

/* A worker that gives no answer to one of these gives none to the next either. */
static void note_silence(struct connect_source *self)
{
    int64_t wait = (int64_t)SILENCE_MS << (self->silences < 3 ? self->silences : 3);
    self->silences++;
    self->quiet_until_ms = clock_mono_ms() + (wait < SILENCE_MAX_MS ? wait : SILENCE_MAX_MS);
}

/* It answers, but puts off what it is asked: a rebalance, or a connector that blocks it. */
static void note_busy(struct connect_source *self, const struct err *err)
{
    if (err->kind != ERR_CONFLICT && err->kind != ERR_TIMEOUT && err->kind != ERR_SERVER)
        return;
    if (self->busy_since_ms == 0)
        self->busy_since_ms = clock_mono_ms();
    self->busy = *err;
}

/* When to ask again for what does not change by itself. A connector makes its topics as records
 * come: while the list grows it is looked at more often. */
static int64_t again_ms(const struct job *job, const struct extra *old,
                        const struct connect_answer *answer)
{
    if (job->kind != EXTRA_TOPICS)
        return job->every_ms;
    if (strstr(answer->body, "\"topics\":[]") != NULL)
        return TOPICS_NONE_MS;
    bool same = old->body != NULL && old->len == answer->len &&
                memcmp(old->body, answer->body, old->len) == 0;
    return same ? job->every_ms : TOPICS_NEW_MS;
}

/* Asks one; false when no more are to be asked in this poll. */
static bool run_job(struct connect_source *self, const struct job *job, int64_t end_ms, int stop_fd)
{
    int64_t now = clock_mono_ms();
    struct extra *extra = &job->known->extras[job->kind];
    const struct connect_request req = {
        .call = extra_call[job->kind], .connector = job->known->name, .only_last = true};
    struct connect_answer answer;
    struct err err = ERR_INIT;
    int64_t until = now + EXTRA_MS < end_ms ? now + EXTRA_MS : end_ms;
    if (connectapi_call(self->api, &req, until, stop_fd, &answer, &err)) {
        extra->due_ms = now + again_ms(job, extra, &answer);
        keep(self, extra, &answer);
        self->silences = 0;
        self->busy_since_ms = 0;
        return true;
    }
    if (err.kind == ERR_STOPPED)
        return false;
    extra->due_ms = now + RETRY_MS;
    /* 403 "Topic tracking is disabled." */
    if (err.kind == ERR_UNSUPPORTED || (job->kind == EXTRA_TOPICS && err.kind == ERR_DENIED)) {
        self->unsupported[job->kind] = true;
        return true;
    }
    if (err.kind == ERR_NOTFOUND) /* deleted since the list was made */
        return true;
    self->extra_err = err;
    note_busy(self, &err);
    if (err.kind == ERR_TIMEOUT || err.kind == ERR_REFUSED) {
        note_silence(self);
        return false;
    }
    return true;
}

static void read_root(struct connect_source *self, int64_t until, int stop_fd)
{
    static const struct connect_request root = {.call = CONNECT_ROOT, .only_last = true};
    struct connect_answer answer;
    if (!connectapi_call(self->api, &root, until, stop_fd, &answer, NULL))
        return;
    free(self->root);
    self->root = answer.body;
    self->root_len = answer.len;
}

static void read_extras(struct connect_source *self, const struct poll_ctx *ctx, int64_t deadline,
                        const struct connect_snap *connect)
{
    int64_t now = clock_mono_ms();
    int64_t end = deadline - RESERVE_MS < now + EXTRAS_MS ? deadline - RESERVE_MS : now + EXTRAS_MS;
    if (ctx->full) {
        for (enum extra_kind kind = 0; kind < EXTRA_COUNT; kind++)
            self->unsupported[kind] = false;
        for (size_t i = 0; i < self->nknown; i++) { /* due now, behind the offsets */
            struct extra *topics = &self->known[i].extras[EXTRA_TOPICS];
            topics->due_ms = topics->due_ms < now ? topics->due_ms : now;
        }
    }
    if ((ctx->full || self->root == NULL) && now < end)
        read_root(self, now + EXTRA_MS < end ? now + EXTRA_MS : end, ctx->stop_fd);
    if (now < self->quiet_until_ms && !ctx->full)
        return;
    self->extra_err = (struct err)ERR_INIT;
    size_t n;
    struct job *jobs = due_jobs(self, connect, &n);
    for (size_t i = 0; i < n && clock_mono_ms() < end; i++) {
        if (!run_job(self, &jobs[i], end, ctx->stop_fd))
            break;
    }
    free(jobs);
}

/* Connect goes on saying RUNNING of what was on a worker that was killed (seen with 3.9.1): whether
 * the worker lives must be asked of the worker itself. */
static void probe_workers(struct connect_source *self, const struct poll_ctx *ctx, int64_t deadline)
{
    int64_t now = clock_mono_ms();
    if ((!ctx->full && now < self->probe_due_ms) || now >= deadline - RESERVE_MS)
        return;
    self->probe_due_ms = now + PROBE_EVERY_MS;
    connectapi_probe_others(self->api, deadline - RESERVE_MS, PROBE_MS, ctx->stop_fd);
}

/* ---- the snapshot ---- */

static void attach_extras(struct connect_source *self, struct snapshot *snap)
{
    struct connect_snap *connect = &snap->connect;
    size_t missing = 0;
    for (size_t i = 0; i < connect->nconnectors; i++) {
        struct connect_connector *c = &connect->connectors[i];
        const struct extra *topics = &self->known[i].extras[EXTRA_TOPICS];
        const struct extra *offsets = &self->known[i].extras[EXTRA_OFFSETS];
        if (topics->body != NULL)
            (void)connect_parse_topics(snap->arena, topics->body, topics->len, c, &self->extra_err);
        if (offsets->body != NULL &&
            connect_parse_offsets(snap->arena, offsets->body, offsets->len, c, &self->extra_err))
            c->offsets_ms = offsets->read_ms;
        missing += !c->offsets_read;
    }
    connect->topics_untold = self->unsupported[EXTRA_TOPICS];
    if (self->unsupported[EXTRA_OFFSETS])
        snapshot_note(snap, "upgrade Kafka Connect to 3.5 or later",
                      "this Kafka Connect does not tell offsets");
    else if (self->extra_err.kind != ERR_NONE)
        snapshot_note(snap, err_next_step(self->extra_err.kind),
                      "topics or offsets of connectors could not be read: %s",
                      self->extra_err.text);
    else if (missing > 0)
        snapshot_note(snap, NULL, "offsets of %zu connectors are not read yet", missing);
}

static void attach_workers(struct connect_source *self, struct snapshot *snap)
{
    struct connect_snap *connect = &snap->connect;
    connect->nurls = connectapi_url_count(self->api);
    connect->urls = arena_array(snap->arena, connect->nurls, sizeof(*connect->urls));
    for (size_t i = 0; i < connect->nurls; i++) {
        connect->urls[i].url = arena_strdup(snap->arena, connectapi_url(self->api, i));
        connect->urls[i].error = arena_strdup(snap->arena, connectapi_url_error(self->api, i));
        if (connect->urls[i].error == NULL)
            self->failing_since_ms[i] = 0;
        else if (self->failing_since_ms[i] == 0)
            self->failing_since_ms[i] = clock_mono_ms();
        connect->urls[i].since_ms = self->failing_since_ms[i];
    }
    if (self->busy_since_ms != 0) {
        connect->busy = arena_strdup(snap->arena, self->busy.text);
        connect->busy_since_ms = self->busy_since_ms;
    }
    if (self->root != NULL)
        (void)connect_parse_root(snap->arena, self->root, self->root_len, &connect->version,
                                 &connect->kafka_cluster_id, NULL);
}

static bool stop_asked(const struct poll_ctx *ctx)
{
    struct pollfd fd = {.fd = ctx->stop_fd, .events = POLLIN};
    return ctx->stop_fd >= 0 && poll(&fd, 1, 0) > 0;
}

static struct snapshot *connect_poll(void *arg, const struct poll_ctx *ctx, struct err *err)
{
    static const struct connect_request list = {.call = CONNECT_LIST};
    struct connect_source *self = arg;
    int64_t deadline = ctx->deadline_ms;
    if (self->cfg->timeout_ms > 0 && clock_mono_ms() + self->cfg->timeout_ms < deadline)
        deadline = clock_mono_ms() + self->cfg->timeout_ms;
    struct connect_answer answer;
    login_connect(ctx->aws, self->cfg, self->api);
    if (!connectapi_call(self->api, &list, deadline, ctx->stop_fd, &answer, err))
        return NULL;
    int64_t answered_ms = clock_mono_ms();
    struct snapshot *snap = snapshot_new(SOURCE_CONNECT);
    snap->connect.url = arena_strdup(snap->arena, answer.url);
    bool ok = connect_parse_list(snap, answer.body, answer.len, &self->cfg->connectors, err) ||
              err_wrap(err, "%s", answer.url);
    int64_t date_ms = answer.date_ms;
    connectapi_answer_free(&answer);
    if (ok) {
        known_update(self, &snap->connect);
        read_extras(self, ctx, deadline, &snap->connect);
        probe_workers(self, ctx, deadline);
        ok = !stop_asked(ctx) || err_set(err, ERR_STOPPED, 0, "asked to stop");
    }
    if (!ok) {
        snapshot_free(snap);
        return NULL;
    }
    attach_extras(self, snap);
    attach_workers(self, snap);
    snapshot_tls(snap, strncmp(snap->connect.url, "https://", 8) == 0, NULL,
                 connectapi_certificate_ends_ms(self->api));
    if (date_ms >= 0)
        snap->server_ms = date_ms + (clock_mono_ms() - answered_ms);
    return snap;
}

const struct source_ops source_connect = {
    .name = "connect",
    .kind = SOURCE_CONNECT,
    .configured = connect_configured,
    .open = connect_open,
    .poll = connect_poll,
    .close = connect_close,
};
