/* aws_rig.h: a client of AWS whose services are one server on loopback, which answers from a script
 * and remembers what it was asked. */
#ifndef CDCTOP_TESTS_AWS_RIG_H
#define CDCTOP_TESTS_AWS_RIG_H

#include "aws/aws_int.h"
#include "config/config.h"
#include "tests/unit/fakehttp.h"

enum { AWS_RIG_ANSWERS = 12, AWS_RIG_KEPT = 16 };

/* No real ones; long enough to be found where they must not be. */
#define AWS_RIG_KEY    "AKIDRIGEXAMPLE0042"
#define AWS_RIG_SECRET "rig/secret+key/that/nobody/may/see"
#define AWS_RIG_TOKEN  "rigSessionTokenThatNobodyMaySee=="

struct aws_rig_answer {
    int status;          /* 0: the connection stays silent; -1: raw bytes, then an end */
    const char *headers; /* with line breaks; NULL */
    const char *body;
    int64_t date_ms; /* of the Date header; 0: the present */
};

struct aws_rig {
    struct pipeline_config cfg;
    struct aws *aws;
    struct aws_client *client;
    struct fakehttp *server;
    char url[64];
    /* The server's; look at it after fakehttp_sync. The last answer stands for all further ones. */
    struct aws_rig_answer answers[AWS_RIG_ANSWERS];
    int nanswers;
    int asked;
    char *requests[AWS_RIG_KEPT]; /* head and body as they came */
};

void aws_rig_open(struct aws_rig *rig);
void aws_rig_close(struct aws_rig *rig);
/* Sets the script and forgets what was asked. */
void aws_rig_answers(struct aws_rig *rig, const struct aws_rig_answer *answers, int n);
/* Sends that call with a body as its protocol has it; ten seconds. */
bool aws_rig_send(struct aws_rig *rig, enum aws_call call, struct aws_answer *answer,
                  struct err *err);
/* Does any of the secrets stand in that text, whole or without its last characters? */
bool aws_rig_leaks(const char *text);

#endif
