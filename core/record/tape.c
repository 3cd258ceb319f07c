#include "record/tape.h"

#include "base/mem.h"
#include "base/strbuf.h"
#include "record/record.h"
#include "record/zstream.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 32 * 1024 };

struct tape {
    struct tape_source from;
    struct unpacker *unpacker;
    bool packed, inside;      /* inside a frame */
    uint64_t at;              /* of the source: where `raw` will be filled from */
    uint64_t frame, in_frame; /* where the frame began, and bytes of it that were given out */
    char raw[CHUNK];          /* as it lies there */
    size_t raw_at, raw_n;
    char text[CHUNK]; /* unpacked */
    size_t text_at, text_n;
    struct strbuf line;
    struct tape_place place; /* of the line given last */
    uint64_t byte;           /* of the next one */
    size_t lines;
    const char *why; /* NULL: nothing is wrong */
};

/* A line begins with a brace, a frame with its own mark. */
static bool packed_at(const struct tape *t, uint64_t at)
{
    char head[4];
    return t->from.read(t->from.self, at, head, sizeof(head)) == 4 && zstd_begins(head, 4);
}

struct tape *tape_new(struct tape_source from)
{
    struct tape *t = mem_alloc(sizeof(*t));
    t->from = from;
    t->unpacker = unpacker_new();
    t->packed = packed_at(t, 0);
    strbuf_init(&t->line, RECORD_LINE_MAX);
    return t;
}

void tape_free(struct tape *tape)
{
    if (tape == NULL)
        return;
    unpacker_free(tape->unpacker);
    strbuf_free(&tape->line);
    free(tape);
}

const char *tape_why(const struct tape *tape)
{
    return tape->why != NULL ? tape->why : "";
}

struct tape_place tape_at(const struct tape *tape)
{
    return tape->place;
}

static bool fill_raw(struct tape *t)
{
    ssize_t n = t->from.read(t->from.self, t->at, t->raw, sizeof(t->raw));
    t->raw_at = 0;
    t->raw_n = n > 0 ? (size_t)n : 0;
    t->at += t->raw_n;
    if (n < 0)
        t->why = "it cannot be read";
    return n > 0;
}

/* More text into the empty buffer. False: there is none, or t->why. */
static bool fill_packed(struct tape *t)
{
    for (;;) {
        if (t->raw_at == t->raw_n && !fill_raw(t)) {
            if (t->inside && t->why == NULL)
                t->why = "it was not ended";
            return false;
        }
        if (!t->inside) {
            t->frame = t->at - (t->raw_n - t->raw_at);
            t->in_frame = 0;
            t->inside = true;
        }
        size_t in = t->raw_n - t->raw_at, out = sizeof(t->text);
        bool ended;
        if (!unpacker_feed(t->unpacker, t->raw + t->raw_at, &in, t->text, &out, &ended, &t->why))
            return false;
        t->raw_at += in;
        t->inside = !ended;
        t->text_at = 0;
        t->text_n = out;
        if (out > 0)
            return true;
    }
}

static bool fill(struct tape *t)
{
    if (t->packed)
        return fill_packed(t);
    t->frame = t->at;
    t->in_frame = 0;
    if (!fill_raw(t))
        return false;
    memcpy(t->text, t->raw, t->raw_n);
    t->text_at = 0;
    t->text_n = t->raw_n;
    t->raw_at = t->raw_n;
    return true;
}

void tape_seek(struct tape *t, const struct tape_place *at)
{
    unpacker_reset(t->unpacker);
    t->at = at->frame;
    t->packed = packed_at(t, at->frame);
    t->raw_at = t->raw_n = t->text_at = t->text_n = 0;
    t->inside = false;
    t->why = NULL;
    for (uint64_t skip = at->skip; skip > 0;) {
        if (t->text_at == t->text_n && !fill(t))
            break;
        size_t n = t->text_n - t->text_at;
        n = skip < n ? (size_t)skip : n;
        t->text_at += n;
        t->in_frame += n;
        skip -= n;
    }
    t->byte = at->byte;
    t->lines = at->line > 0 ? at->line - 1 : 0;
}

/* Where the next line begins, now that there is text. */
static void note_place(struct tape *t)
{
    t->place = (struct tape_place){.frame = t->packed ? t->frame : t->frame + t->in_frame,
                                   .skip = t->packed ? t->in_frame : 0,
                                   .byte = t->byte,
                                   .line = t->lines + 1};
}

enum tape_got tape_next(struct tape *t, const char **line, size_t *len, bool *whole)
{
    strbuf_reset(&t->line);
    *whole = false;
    for (bool begun = false; !*whole; begun = true) {
        if (t->text_at == t->text_n && (t->why != NULL || !fill(t)))
            break;
        if (!begun)
            note_place(t);
        const char *from = t->text + t->text_at;
        size_t n = t->text_n - t->text_at;
        const char *end = memchr(from, '\n', n);
        n = end != NULL ? (size_t)(end - from) : n;
        if (!strbuf_add(&t->line, from, n)) {
            t->why = "a line of more than 16 MB";
            t->text_at = t->text_n;
            break;
        }
        *whole = end != NULL;
        n += *whole ? 1 : 0;
        t->text_at += n;
        t->in_frame += n;
        t->byte += n;
    }
    *line = t->line.text;
    *len = t->line.len;
    /* The last one may be whole though nobody ended it. */
    if (*whole || (t->line.len > 0 && t->why == NULL)) {
        t->lines++;
        return TAPE_LINE;
    }
    if (t->line.len == 0)
        t->place = (struct tape_place){.byte = t->byte, .line = t->lines + 1};
    return t->why != NULL ? TAPE_DAMAGED : TAPE_END;
}
