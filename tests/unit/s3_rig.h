/* s3_rig.h: the S3 source with a bucket on loopback and a sink that tells of one topic. */
#ifndef CDCTOP_TESTS_S3_RIG_H
#define CDCTOP_TESTS_S3_RIG_H

#include "source/source.h"
#include "tests/unit/fakehttp.h"
#include "tests/unit/fakes3.h"

/* What the fake server's Date header says: Fri, 20 Nov 2026 14:03:22 GMT. */
#define NOW INT64_C(1795183402000)

#define HOUR(h)    "topics/shop.public.orders/year=2026/month=11/day=20/hour=" h "/"
#define LANE(h, p) HOUR(h) "shop.public.orders+" p "+"

struct fixture {
    struct fakes3 s3;
    struct pipeline_config cfg;
    char endpoint[64], url[64];
    struct hint_sink sink;
    struct hints hints;
    const char *topics[4];
    void *source;
    struct aws *aws; /* NULL, or what gives keys where cfg has none */
};

int s3_rig_setup(void **state);
int s3_rig_teardown(void **state);

struct snapshot *s3_rig_poll(struct fixture *f, struct err *err);
/* Polls until the walk has ended; fails the test if it does not. */
struct snapshot *s3_rig_done(struct fixture *f);
/* The newest object has this key, and all are newest first. */
void s3_rig_newest(const struct s3_prefix *p, const char *key);

#endif
