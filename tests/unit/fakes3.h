/* fakes3.h: an S3 bucket on loopback whose keys are generated on the fly, so that a million of them
 * cost nothing; it counts what it is asked. */
#ifndef CDCTOP_TESTS_FAKES3_H
#define CDCTOP_TESTS_FAKES3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run of keys: prefix + offset (padded to width; 0: not) + ext, offsets start, start+step, … */
struct fakes3_span {
    char prefix[400];
    const char *ext;
    int width;
    int64_t start, step, count;
    int64_t modified_ms; /* of the first; each next one is a second younger */
    int64_t size;
    char **sorted; /* width 0: the keys in S3's order, and which number each is */
    int64_t *number;
};

struct fakes3 {
    struct fakehttp *server;
    struct fakes3_span spans[256]; /* must not interleave */
    size_t nspans;
    int64_t requests, keys; /* served: keys and common prefixes */
    int64_t now_ms;         /* of the Date header; 0: 2026-11-20T14:03:22Z */
    int status;             /* not 0: answer this with `answer` */
    const char *answer;
    const char *answer_for; /* only for this prefix; NULL: all */
    char last_target[4096];
    char last_key[64];     /* whose signature that request has */
    bool hold;             /* answer nothing */
    const char *uploads;   /* the answer to ?uploads=; NULL: none are there */
    int uploads_status;    /* not 0: refuse it */
    int64_t uploads_asked; /* not among requests */
    const char *body;      /* of every object; NULL: 404 */
    int get_status;        /* not 0: refuse to give objects */
    int64_t gets;          /* not among requests */
    char gone[600];        /* a key that is not there any more */
};

void fakes3_start(struct fakes3 *s3);
void fakes3_stop(struct fakes3 *s3);
/* Adds a span, or makes the one with the same prefix longer. Only between polls. */
struct fakes3_span *fakes3_put(struct fakes3 *s3, const char *prefix, int width, int64_t start,
                               int64_t step, int64_t count, const char *ext, int64_t modified_ms);

#endif
