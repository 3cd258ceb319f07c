#include "record/history.h"

#include "base/mem.h"
#include "record/record.h"
#include "record/recording.h"
#include "record/zstream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_BYTES = 256 * 1024, /* of text, beyond what a checkpoint needs */
    MARKS_KEPT = 2000
};

struct block {   /* about a minute, packed */
    uint64_t at; /* in the space of all blocks that there ever were */
    char *data;
    size_t n;
};

struct history {
    struct engine_watch watch;
    int64_t keep_ms;
    size_t limit, bytes;       /* of the blocks */
    struct recorder *recorder; /* NULL before the first report */
    struct strbuf open;        /* the block that is being filled */
    int64_t open_t;            /* when it began */
    size_t open_enough;        /* bytes at which it is full */
    struct strbuf header;
    struct block *blocks; /* oldest first; each has its place in the reel */
    size_t nblocks, cap;
    uint64_t end; /* behind the newest block */
    struct reel reel;
};

static ssize_t read_blocks(void *self, uint64_t at, void *buf, size_t n)
{
    const struct history *h = self;
    size_t i = h->nblocks;
    while (i > 0 && h->blocks[i - 1].at > at)
        i--;
    if (i == 0)
        return h->nblocks > 0 || at < h->end ? -1 : 0; /* it has left meanwhile */
    const struct block *b = &h->blocks[i - 1];
    if (at - b->at >= b->n)
        return 0;
    size_t left = b->n - (size_t)(at - b->at);
    n = n < left ? n : left;
    memcpy(buf, b->data + (at - b->at), n);
    return (ssize_t)n;
}

/* The oldest one leaves, and with it what there is to say of its time. */
static void drop_oldest(struct history *h)
{
    struct reel *r = &h->reel;
    h->bytes -= h->blocks[0].n;
    free(h->blocks[0].data);
    memmove(&h->blocks[0], &h->blocks[1], --h->nblocks * sizeof(h->blocks[0]));
    memmove(&r->places[0], &r->places[1], --r->nplaces * sizeof(r->places[0]));
    r->first = r->places[0].t;
}

/* Of the marks before the beginning only the last of each pipeline still says something. */
static void drop_marks(struct reel *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->nmarks; i++) {
        bool over = false;
        for (size_t k = i + 1; !over && k < r->nmarks && r->marks[k].t <= r->first; k++)
            over = r->marks[k].pipeline == r->marks[i].pipeline;
        if (!over && (r->nmarks - i <= MARKS_KEPT))
            r->marks[kept++] = r->marks[i];
    }
    r->nmarks = kept;
}

static void close_block(struct history *h)
{
    if (h->open.len == 0)
        return;
    if (h->nblocks == h->cap) {
        h->cap = h->cap == 0 ? 16 : h->cap * 2;
        h->blocks = mem_realloc(h->blocks, h->cap * sizeof(*h->blocks));
    }
    struct block *b = &h->blocks[h->nblocks++];
    b->at = h->end;
    b->data = pack_block(h->open.text, h->open.len, &b->n);
    h->end += b->n;
    h->bytes += b->n;
    reel_add_place(&h->reel, h->open_t, (struct tape_place){.frame = b->at});
    if (h->nblocks == 1)
        h->reel.first = h->open_t;
    strbuf_reset(&h->open);
    while (h->nblocks > 1 &&
           (h->bytes > h->limit || h->reel.places[1].t <= h->reel.last - h->keep_ms))
        drop_oldest(h);
    drop_marks(&h->reel);
}

/* The world began, or began anew: there is nothing before. */
static void begin(struct history *h, const struct world *world)
{
    recorder_free(h->recorder);
    h->recorder = recorder_new(world, false);
    for (size_t i = 0; i < h->nblocks; i++)
        free(h->blocks[i].data);
    h->nblocks = 0;
    h->bytes = 0;
    h->reel.nplaces = h->reel.nmarks = 0;
    h->reel.first = h->reel.last = 0;
    h->reel.mono_ms = world->mono_ms;
    h->reel.wall_ms = world->wall_ms;
    h->reel.interval_ms = world->interval_ms;
    for (size_t i = 0; i < world->npipelines; i++)
        for (int k = 0; k < SOURCE_KIND_COUNT; k++)
            h->reel.asked[i][k] = world->pipelines[i].sources[k].configured;
    strbuf_reset(&h->open);
    strbuf_reset(&h->header);
    recorder_header(h->recorder, world, &h->header);
}

/* There is a block that this belongs into. */
static void ready(struct history *h, const struct world *world)
{
    if (h->recorder == NULL)
        begin(h, world);
    int64_t t = recorder_t(h->recorder, world);
    if (h->open.len >= h->open_enough || t - h->open_t >= RECORD_CHECKPOINT_MS)
        close_block(h);
    if (h->open.len == 0) {
        h->open_t = t;
        recorder_checkpoint(h->recorder, world, &h->open);
        h->open_enough = h->open.len + BLOCK_BYTES;
    }
    h->reel.last = t;
}

static void on_report(void *ctx, const struct world *world, size_t pipeline, enum source_kind kind,
                      const struct report *report, const struct snapshot *before)
{
    struct history *h = ctx;
    ready(h, world);
    recorder_report(h->recorder, world, pipeline, kind, report, before, &h->open);
}

static void on_action(void *ctx, const struct world *world, size_t pipeline,
                      const struct ledger_entry *entry)
{
    struct history *h = ctx;
    ready(h, world);
    recorder_action(h->recorder, world, pipeline, entry, &h->open);
}

static void on_verdict(void *ctx, const struct world *world, size_t pipeline, enum verdict verdict,
                       const char *id)
{
    struct history *h = ctx;
    struct reel_mark mark = {.pipeline = pipeline, .verdict = verdict};
    if (h->recorder == NULL ||
        !recorder_verdict(h->recorder, world, pipeline, verdict, id, &h->open))
        return;
    mark.t = h->reel.last = recorder_t(h->recorder, world);
    if (h->open.len == 0)
        h->open_t = mark.t;
    (void)snprintf(mark.id, sizeof(mark.id), "%s", id);
    reel_add_mark(&h->reel, &mark);
}

static void on_step(void *ctx, const struct world *world)
{
    (void)ctx;
    (void)world;
}

static void on_anew(void *ctx, const struct world *world)
{
    struct history *h = ctx;
    if (h->recorder != NULL)
        begin(h, world);
}

struct history *history_new(const struct config *config, int64_t keep_ms, int64_t bytes)
{
    struct history *h = mem_alloc(sizeof(*h));
    h->watch = (struct engine_watch){h, on_report, on_action, on_verdict, on_step, on_anew};
    h->keep_ms = keep_ms;
    h->limit = (size_t)bytes;
    h->reel.config = config;
    h->reel.grows = true;
    h->reel.source = (struct tape_source){read_blocks, h};
    h->reel.asked = mem_calloc(config->npipelines + 1, sizeof(*h->reel.asked));
    strbuf_init(&h->open, RECORD_LINE_MAX * (size_t)4);
    strbuf_init(&h->header, RECORD_LINE_MAX);
    return h;
}

void history_free(struct history *h)
{
    if (h == NULL)
        return;
    for (size_t i = 0; i < h->nblocks; i++)
        free(h->blocks[i].data);
    free(h->blocks);
    free(h->reel.asked);
    free(h->reel.places);
    free(h->reel.marks);
    strbuf_free(&h->open);
    strbuf_free(&h->header);
    recorder_free(h->recorder);
    free(h);
}

const struct engine_watch *history_watch(const struct history *h)
{
    return &h->watch;
}

size_t history_bytes(const struct history *h)
{
    return h->bytes + h->open.cap;
}

struct reel *history_reel(struct history *h)
{
    close_block(h);
    return h->nblocks > 0 ? &h->reel : NULL;
}

const struct reel *history_peek(const struct history *h)
{
    return h->recorder != NULL ? &h->reel : NULL;
}

/* The text of all blocks, into the file. */
static bool save_lines(struct history *h, struct record_file *file)
{
    struct tape *tape = tape_new(h->reel.source);
    const char *line;
    size_t n;
    bool whole, ok = record_file_put(file, h->header.text, h->header.len);
    tape_seek(tape, &h->reel.places[0].at);
    while (ok && tape_next(tape, &line, &n, &whole) == TAPE_LINE) {
        if (strstr(line, "\"checkpoint\":true}") != NULL && n < 64)
            ok = record_file_cut(file);
        ok = ok && record_file_put(file, line, n) && record_file_put(file, "\n", 1);
    }
    ok = ok && tape_why(tape)[0] == '\0';
    tape_free(tape);
    return ok;
}

bool history_save(struct history *h, const char *path, struct err *err)
{
    if (history_reel(h) == NULL)
        return err_set(err, ERR_NOTFOUND, 0, "nothing has been kept so far");
    struct record_file *file = record_file_new(path, err);
    if (file == NULL)
        return false;
    bool ok = save_lines(h, file);
    ok = record_file_close(file, err) && ok;
    if (!ok && (err == NULL || err->kind == ERR_NONE))
        (void)err_set(err, ERR_IO, 0, "%s: not all of it could be written", path);
    return ok;
}
