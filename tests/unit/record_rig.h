/* record_rig.h: recordings of a pipeline written by hand, in a directory of their own. */
#ifndef CDCTOP_TESTS_RECORD_RIG_H
#define CDCTOP_TESTS_RECORD_RIG_H

#include "engine.h"
#include "record/recording.h"
#include "record/reel.h"
#include "tests/unit/world_fixture.h"

struct record_rig {
    struct fixture f;
    struct recording *recording;
    char dir[64], path[96];
};

/* name: of the file, "r.jsonl", "r.jsonl.zst". */
void record_rig_open(struct record_rig *r, const char *name, bool redact);
void record_rig_ticks(struct record_rig *r, int n, int64_t ms);
void record_rig_end(struct record_rig *r); /* the file is complete */
void record_rig_close(struct record_rig *r);

/* What is in the file; malloc'd. */
char *record_rig_read(const char *path, size_t *n);
void record_rig_write(const char *path, const char *data, size_t n);

/* A recording and the engine that plays it, paused at its beginning. */
struct replayed {
    struct config *config;
    struct reel *reel;
    struct engine *engine;
};
bool replayed_open(struct replayed *p, const char *path, struct err *err);
void replayed_go(struct replayed *p, int64_t at_ms);
void replayed_close(struct replayed *p);

#endif
