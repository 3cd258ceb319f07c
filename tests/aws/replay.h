/* replay.h: a request of a file of signing vectors, signed anew, sent to a server that verifies. */
#ifndef CDCTOP_TESTS_AWS_REPLAY_H
#define CDCTOP_TESTS_AWS_REPLAY_H

#include "net/sigv4.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

struct replay {
    const char *base; /* "http://127.0.0.1:9000" instead of the vector's server */
    const struct aws_credentials *creds;
    const char *region;
    int64_t ahead_ms; /* the signing clock, ahead of ours */
};

struct replay_answer {
    long status;
    char code[64]; /* of the error, "" if there is none or it is not told */
};

/* The vectors of tests/vectors/NAME; cJSON_Delete it. Fails the test when there are none. */
cJSON *replay_vectors(const char *name);
/* Sends it; what stands in the host name of S3 goes into the path. Fails the test when no answer
 * comes. */
struct replay_answer replay_send(const struct replay *replay, const cJSON *vector);
/* Did the server refuse the signature, rather than the request? */
bool replay_refused(const struct replay_answer *answer);

#endif
