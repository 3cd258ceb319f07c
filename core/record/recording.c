#include "record/recording.h"

#include "base/clock.h"
#include "base/mem.h"
#include "record/record.h"

#include <stdlib.h>

struct recording {
    struct engine_watch watch;
    char *path;
    struct record_file *file;
    struct recorder *recorder;
    struct strbuf lines;
    int64_t flushed_ms;    /* by the real clock: a file is read by real people */
    int64_t checkpoint_at; /* t of the next one */
    int64_t last;          /* t of the newest line */
    struct err err;        /* why it has stopped */
};

static void stop_for(struct recording *r, const char *why)
{
    if (r->err.kind == ERR_NONE)
        (void)err_set(&r->err, ERR_IO, 0, "%s: %s", r->path, why);
}

/* What was made of it goes into the file, or into the compressor's buffer. */
static void put(struct recording *r)
{
    if (r->lines.overflow)
        stop_for(r, "an answer is too large to be recorded");
    else if (!record_file_put(r->file, r->lines.text, r->lines.len))
        stop_for(r, "it cannot be written to any more");
    strbuf_reset(&r->lines);
}

/* A checkpoint comes before what is new, when it is time for one. */
static bool ready(struct recording *r, const struct world *world)
{
    if (r->err.kind != ERR_NONE)
        return false;
    r->last = recorder_t(r->recorder, world);
    if (r->last < r->checkpoint_at)
        return true;
    (void)record_file_cut(r->file);
    recorder_checkpoint(r->recorder, world, &r->lines);
    put(r);
    r->checkpoint_at = r->last + RECORD_CHECKPOINT_MS;
    return r->err.kind == ERR_NONE;
}

static void on_report(void *ctx, const struct world *world, size_t pipeline, enum source_kind kind,
                      const struct report *report, const struct snapshot *before)
{
    struct recording *r = ctx;
    if (!ready(r, world))
        return;
    recorder_report(r->recorder, world, pipeline, kind, report, before, &r->lines);
    put(r);
}

static void on_action(void *ctx, const struct world *world, size_t pipeline,
                      const struct ledger_entry *entry)
{
    struct recording *r = ctx;
    if (!ready(r, world))
        return;
    recorder_action(r->recorder, world, pipeline, entry, &r->lines);
    put(r);
}

static void on_verdict(void *ctx, const struct world *world, size_t pipeline, enum verdict verdict,
                       const char *id)
{
    struct recording *r = ctx;
    if (r->err.kind == ERR_NONE &&
        recorder_verdict(r->recorder, world, pipeline, verdict, id, &r->lines))
        put(r);
}

static void on_step(void *ctx, const struct world *world)
{
    struct recording *r = ctx;
    int64_t now = clock_mono_ms();
    (void)world;
    if (r->err.kind != ERR_NONE || now - r->flushed_ms < RECORDING_FLUSH_MS)
        return;
    r->flushed_ms = now;
    if (!record_file_flush(r->file))
        stop_for(r, "it cannot be written to any more");
}

static void on_anew(void *ctx, const struct world *world)
{
    (void)world;
    stop_for(ctx, "time went back, and a recording cannot");
}

struct recording *recording_open(const char *path, const struct world *world, bool redact,
                                 struct err *err)
{
    struct record_file *file = record_file_new(path, err);
    if (file == NULL)
        return NULL;
    struct recording *r = mem_alloc(sizeof(*r));
    r->watch = (struct engine_watch){r, on_report, on_action, on_verdict, on_step, on_anew};
    r->path = mem_strdup(path);
    r->file = file;
    r->recorder = recorder_new(world, redact);
    r->flushed_ms = clock_mono_ms();
    strbuf_init(&r->lines, RECORD_LINE_MAX * (size_t)4);
    recorder_header(r->recorder, world, &r->lines);
    put(r);
    (void)ready(r, world);
    return r;
}

const struct engine_watch *recording_watch(const struct recording *r)
{
    return &r->watch;
}

bool recording_goes_on(const struct recording *r, struct err *err)
{
    if (r->err.kind != ERR_NONE && err != NULL)
        *err = r->err;
    return r->err.kind == ERR_NONE;
}

const char *recording_path(const struct recording *r)
{
    return r->path;
}

int64_t recording_bytes(const struct recording *r)
{
    return record_file_bytes(r->file);
}

int64_t recording_ms(const struct recording *r)
{
    return r->last;
}

bool recording_close(struct recording *r, struct err *err)
{
    bool ok = record_file_close(r->file, err);
    ok = recording_goes_on(r, ok ? err : NULL) && ok;
    recorder_free(r->recorder);
    strbuf_free(&r->lines);
    free(r->path);
    free(r);
    return ok;
}
