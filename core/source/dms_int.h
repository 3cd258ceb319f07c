/* dms_int.h: what the files of the DMS source share. Not for others. */
#ifndef CDCTOP_SOURCE_DMS_INT_H
#define CDCTOP_SOURCE_DMS_INT_H

#include "aws/aws.h"
#include "source/dms_parse.h"
#include "source/source.h"

enum {
    DMS_PAGE_LIST = 100,   /* the most that DMS gives at once */
    DMS_PAGE_TABLES = 500, /* … of statistics */
    DMS_RESERVE_MS = 100,  /* of the poll, to put the snapshot together */
};

/* The statistics of one task, as they were read last. */
struct dms_kept {
    char *arn;
    struct arena *arena; /* NULL: never read */
    struct dms_tables tables;
    int64_t due_ms, read_ms; /* monotonic */
    bool seen;               /* in this poll */
};

enum dms_part { DMS_PART_ENDPOINTS, DMS_PART_INSTANCES, DMS_PART_CONFIGS, DMS_PART_COUNT };

struct dms_source {
    const struct pipeline_config *cfg;
    struct aws_client *client;
    struct arena *around_arena; /* what around points into */
    struct dms_around around;
    struct err around_err[DMS_PART_COUNT]; /* ERR_NONE: it was read */
    bool serverless;                       /* there are some, or nobody has looked yet */
    struct dms_kept *kept;
    size_t nkept;
    struct err tables_err;
};

/* One poll. */
struct dms_round {
    struct dms_source *self;
    const struct poll_ctx *ctx;
    struct snapshot *snap;
    struct dms_seen_list list;
};

/* One list of DMS: which call, with what beside the page, and who takes the pages. */
struct dms_question {
    enum aws_call call;
    const char *arn_key, *arn; /* "ReplicationTaskArn"; NULL */
    const char *filter;        /* name of the filter … */
    const char *const *values; /* … and its values */
    size_t nvalues;
    int page;
    int64_t deadline_ms;
    bool (*take)(void *to, const char *body, size_t len, const char **marker, struct err *err);
    void *to;
};

/* All pages. *calls (may be NULL) counts down; at 0 what is left is not asked. */
bool dms_ask(struct dms_round *r, const struct dms_question *q, int *calls, struct err *err);
/* Not permitted, or there is no such thing here: the rest is worth showing without it. Anything
 * else would make tasks vanish that are there. */
bool dms_bearable(const struct err *err);

/* Endpoints, instances and configurations of the round's tasks, where they are due. */
void dms_read_around(struct dms_round *r);
void dms_note_around(struct dms_round *r);

#endif
