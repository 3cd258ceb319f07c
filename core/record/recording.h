/* recording.h: a recording that is being written to a file, from what an engine hears.
 *
 * The file is new and readable by its owner alone. What was heard is in it a few seconds later, so
 * that a recording that is killed can be read nearly to its end. When it cannot go on (the disk is
 * full, time went back) it stops and says why; the engine is not disturbed.
 */
#ifndef CDCTOP_RECORD_RECORDING_H
#define CDCTOP_RECORD_RECORDING_H

#include "base/err.h"
#include "watch.h"

#include <stdbool.h>

enum { RECORDING_FLUSH_MS = 2000 };

struct recording;

/* Begins with all that the world knows. NULL and *err: the file is there already, or cannot be
 * made. */
struct recording *recording_open(const char *path, const struct world *world, bool redact,
                                 struct err *err);
/* For engine_watch, as long as the recording is open. */
const struct engine_watch *recording_watch(const struct recording *r);
/* False and *err: it has stopped by itself. */
bool recording_goes_on(const struct recording *r, struct err *err);
const char *recording_path(const struct recording *r);
int64_t recording_bytes(const struct recording *r); /* in the file so far */
int64_t recording_ms(const struct recording *r);    /* recorded so far */
/* Writes what is left, ends and frees it. False and *err: not all of it is in the file. */
bool recording_close(struct recording *r, struct err *err);

/* A new file for lines that are there already: header and the rest, as the history hands them out.
 */
struct record_file;
struct record_file *record_file_new(const char *path, struct err *err);
bool record_file_put(struct record_file *f, const char *text, size_t n);
bool record_file_flush(struct record_file *f);
/* A frame ends here: one can begin to read at what comes next. */
bool record_file_cut(struct record_file *f);
int64_t record_file_bytes(const struct record_file *f);
bool record_file_close(struct record_file *f, struct err *err);

#endif
