/* fakekeys.h: what gives AWS keys, on loopback: a strict IMDSv2, a container endpoint and an STS
 * that verifies signatures. One server for all of it; what is asked is counted. */
#ifndef CDCTOP_TESTS_FAKEKEYS_H
#define CDCTOP_TESTS_FAKEKEYS_H

#include "tests/unit/fakehttp.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { FAKEKEYS_KEYS = 64 };

struct fakekeys_key {
    char id[40], secret[60], token[80]; /* token "": none */
};

struct fakekeys {
    struct fakehttp *server;
    char url[64];
    _Atomic int64_t now_ms; /* Date, and what Expiration counts from */
    atomic_int life_s;      /* of the keys that are given */
    pthread_mutex_t lock;   /* guards the next five */
    const char *bad_target, *bad_body;
    int bad_status;
    struct fakekeys_key keys[FAKEKEYS_KEYS]; /* known to STS, those that were given among them */
    int nkeys;
    /* What was asked. */
    atomic_int imds_tokens, imds_keys, container, sts;
    char authorization[200]; /* the container's */
    char form[4096];         /* of the last call of STS */
    char scope[120];         /* of its signature: "AKID/20261120/eu-west-3/sts/aws4_request" */
};

void fakekeys_start(struct fakekeys *f, int64_t now_ms);
void fakekeys_stop(struct fakekeys *f);
/* The same, also at that address; fakehttp_stop it first. */
struct fakehttp *fakekeys_also_at(struct fakekeys *f, const char *address, int port);
/* Requests whose target begins so are answered like this instead (status 0: not at all); target
 * NULL: none are. */
void fakekeys_break(struct fakekeys *f, const char *target, int status, const char *body);
/* Makes a key known to STS. */
void fakekeys_know(struct fakekeys *f, const char *id, const char *secret, const char *token);
/* Every secret and token that is known begins so. */
#define FAKEKEYS_SECRET "s3cr3t"

#endif
