/* reel.h: a recording and what one must know to find one's way in it: its clocks, its pipelines,
 * where one can begin to read, when the verdict changed, and where it is damaged.
 *
 * Filled from a file by reel_open, or by the history that is kept in memory while the program runs
 * (history.h). All times t are milliseconds of record.h.
 */
#ifndef CDCTOP_RECORD_REEL_H
#define CDCTOP_RECORD_REEL_H

#include "config/config.h"
#include "model/pipeline.h"
#include "record/tape.h"

#include <cjson/cJSON.h>

struct reel_place { /* one can begin to read here */
    int64_t t;
    struct tape_place at;
};

struct reel_mark { /* the verdict on a pipeline from then on */
    int64_t t;
    size_t pipeline;
    enum verdict verdict;
    char id[16]; /* of the headline; "" */
};

enum { REEL_MARKS_MAX = 100000 };

struct reel {
    struct tape_source source;
    const struct config *config;      /* whose pipelines the lines name */
    bool (*asked)[SOURCE_KIND_COUNT]; /* per pipeline: the sources that were asked from the start */
    int64_t mono_ms, wall_ms;         /* at t = 0 */
    int64_t interval_ms;
    bool redacted;
    int64_t first, last; /* t of the first and the last line */
    struct reel_place *places;
    size_t nplaces, places_cap;
    struct reel_mark *marks;
    size_t nmarks, marks_cap;
    bool grows; /* a history: it gets longer, and its beginning goes away */
    /* Up to where it could be read: "line 812, byte 51,203: …"; "": to its end. */
    char damage[300];
};

/* Puts the pipelines of the recording in the place of those of config, which must outlive it. NULL
 * and *err: it is no recording, or has not even a beginning. */
struct reel *reel_open(const char *path, struct config *config, struct err *err);
void reel_close(struct reel *reel); /* NULL is fine */

void reel_add_place(struct reel *reel, int64_t t, struct tape_place at);
void reel_add_mark(struct reel *reel, const struct reel_mark *mark);
/* The latest place that is not after t; the first one if there is none. Good until it grows. */
const struct reel_place *reel_before(const struct reel *reel, int64_t t);
/* The earliest one after t; NULL. */
const struct reel_place *reel_after(const struct reel *reel, int64_t t);
/* t of the nearest change of verdict on that pipeline before (-1) or after (1) t; UNKNOWN. */
int64_t reel_change(const struct reel *reel, size_t pipeline, int64_t t, int direction);
/* It cannot be read from there on. */
void reel_damaged(struct reel *reel, const struct tape_place *at, int64_t last, const char *why);

/* t of a line; -1: it has none. */
int64_t reel_t(const cJSON *line);
/* Index of the pipeline that a line names; npipelines: none. */
size_t reel_pipeline(const struct reel *reel, const cJSON *line);

#endif
