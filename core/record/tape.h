/* tape.h: the bytes of a recording as lines, wherever they lie, compressed or not.
 *
 * The bytes are foreign: a line has at most RECORD_LINE_MAX of them, and zstd may ask for a window
 * of 8 MB, not more.
 */
#ifndef CDCTOP_RECORD_TAPE_H
#define CDCTOP_RECORD_TAPE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tape_source {
    /* Reads at that place. 0: the end; -1: not readable (any more). */
    ssize_t (*read)(void *self, uint64_t at, void *buf, size_t n);
    void *self;
};

/* Where a line begins. */
struct tape_place {
    uint64_t frame; /* where its frame begins, or, not compressed, the line itself */
    uint64_t skip;  /* bytes of the frame before it */
    uint64_t byte;  /* of the text, from the beginning of the recording */
    size_t line;    /* counted from 1 */
};

enum tape_got { TAPE_LINE, TAPE_END, TAPE_DAMAGED };

struct tape;
struct tape *tape_new(struct tape_source from); /* from is borrowed */
void tape_free(struct tape *tape);              /* NULL is fine */
void tape_seek(struct tape *tape, const struct tape_place *at);
/* The next line without its break, good until the next call; *whole: it had one. What comes after
 * TAPE_DAMAGED is the same again; tape_why says what it was. */
enum tape_got tape_next(struct tape *tape, const char **line, size_t *len, bool *whole);
const char *tape_why(const struct tape *tape);
/* Of the line that tape_next gave last, or of the one that it could not give. */
struct tape_place tape_at(const struct tape *tape);

#endif
