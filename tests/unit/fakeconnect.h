/* fakeconnect.h: a worker of Kafka Connect that behaves as badly as a test wants. */
#ifndef CDCTOP_TESTS_FAKECONNECT_H
#define CDCTOP_TESTS_FAKECONNECT_H

#include "config/config.h"
#include "tests/unit/fakehttp.h"

#include <pthread.h>
#include <stdbool.h>

enum { FAKE_RULES = 16 };

/* What is answered to targets that begin with `target`; the first rule that fits decides. */
struct fake_rule {
    const char *target;
    int status;       /* 0: no answer at all */
    const char *type; /* NULL: application/json */
    const char *body;
};

struct fake_seen {
    char method[16], target[4096], authorization[200];
};

struct fakeconnect {
    struct fakehttp *http;
    pthread_mutex_t lock;
    struct fake_rule rules[FAKE_RULES];
    size_t nrules;
    int requests;
    struct fake_seen seen; /* the last request; read it by fakeconnect_seen */
    char url[64];
};

void fakeconnect_start(struct fakeconnect *fake, const struct fake_rule *rules, size_t n);
void fakeconnect_rules(struct fakeconnect *fake, const struct fake_rule *rules, size_t n);
void fakeconnect_stop(struct fakeconnect *fake);
int fakeconnect_requests(struct fakeconnect *fake);
struct fake_seen fakeconnect_seen(struct fakeconnect *fake);

/* A URL of a port where nothing listens. */
void fakeconnect_dead_url(char *url, size_t size);

/* A config of these URLs; free with fakeconnect_config_free. */
struct pipeline_config fakeconnect_config(const char *const *urls, size_t n);
void fakeconnect_config_free(struct pipeline_config *cfg);

#endif
