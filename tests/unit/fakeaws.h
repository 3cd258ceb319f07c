/* fakeaws.h: what answers for a service of AWS on loopback: the next of the answers that a test has
 * put there. */
#ifndef CDCTOP_TESTS_FAKEAWS_H
#define CDCTOP_TESTS_FAKEAWS_H

#include "config/config.h"
#include "tests/unit/fakehttp.h"

#include <stdbool.h>

enum { FAKEAWS_ANSWERS = 16 };

struct fakeaws_answer {
    const char *has; /* in the request's body or head; NULL: anything */
    int status;      /* 0: silence */
    const char *body;
};

struct fakeaws {
    struct fakehttp *http;
    struct fakeaws_answer answers[FAKEAWS_ANSWERS]; /* the first that fits */
    size_t nanswers;
    int requests;
    char last[4096]; /* body of the last request */
};

/* cfg gets the options' defaults, this server as endpoint of everything, a key and eu-west-3. */
void fakeaws_start(struct fakeaws *fake, struct pipeline_config *cfg);
void fakeaws_answers(struct fakeaws *fake, const struct fakeaws_answer *answers, size_t n);
int fakeaws_requests(struct fakeaws *fake);
void fakeaws_stop(struct fakeaws *fake, struct pipeline_config *cfg);

/* Sets an option of a pipeline as a file would. */
void fakeaws_set(struct pipeline_config *cfg, const char *section, const char *key,
                 const char *value);

#endif
