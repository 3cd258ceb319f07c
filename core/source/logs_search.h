/* logs_search.h: one log of CloudWatch Logs that is searched: from now back, step by step, in
 * pages; then onward as time goes on. What it finds is kept. For logs.c alone.
 */
#ifndef CDCTOP_SOURCE_LOGS_SEARCH_H
#define CDCTOP_SOURCE_LOGS_SEARCH_H

#include "aws/aws.h"
#include "source/logs_parse.h"
#include "source/source.h"

enum { LOG_FOUND_MAX = 64 };

struct log_found {
    struct logs_meaning m; /* m.name is not kept */
    char *connector;       /* whose it is; NULL: not told by the line */
    char *stream, *id;
    char *text, *cause; /* secrets masked; cause NULL: none was told */
    int64_t at_ms;
    bool whole; /* the trace has been read too */
};

struct log_search {
    enum connect_service service;
    char *group, *stream; /* stream NULL: all */
    bool wanted, seen, searching;
    int64_t from_ms, to_ms;           /* read without a gap; UNKNOWN */
    bool exhausted;                   /* it is too long to be searched further back */
    int64_t part_from_ms, part_to_ms; /* of the range under way; UNKNOWN */
    bool onward;                      /* … which is the newest one */
    char *token;
    int pages;
    struct log_found found[LOG_FOUND_MAX];
    size_t nfound;
    struct err err; /* of the last call; ERR_NONE: it went well */
    int fails;
    int64_t due_ms; /* monotonic: the next look, or the next try */
};

/* One poll. */
struct log_round {
    struct aws_client *client;
    const struct poll_ctx *ctx;
    int64_t interval_ms;
    int calls; /* left */
};

void log_search_init(struct log_search *l, enum connect_service service, const char *group,
                     const char *stream);
void log_search_free(struct log_search *l);

/* Makes the next call for this log, if there is one to be made now. True: there was. */
bool log_search_step(struct log_round *r, struct log_search *l);

/* Enough of the poll for one more call? */
bool log_round_has_time(const struct log_round *r);
/* What a policy must name; malloc'd. */
char *log_search_resource(const struct log_round *r, const struct log_search *l);

#endif
