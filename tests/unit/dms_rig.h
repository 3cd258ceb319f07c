/* dms_rig.h: a DMS on loopback that answers each operation as it is told to, and the AWS behind
 * which the sources and actions find it. Answers: tests/samples/aws/dms_*.json. */
#ifndef CDCTOP_TESTS_DMS_RIG_H
#define CDCTOP_TESTS_DMS_RIG_H

#include "aws/aws.h"
#include "config/config.h"
#include "tests/unit/fakehttp.h"

enum { DMS_RIG_RULES = 24, DMS_RIG_SEEN = 64 };

struct dms_rule {
    const char *operation; /* "DescribeReplicationTasks" */
    const char *having;    /* what the request's body holds; NULL: whatever */
    int status;            /* 0: it never answers */
    const char *body;      /* borrowed */
};

struct dms_rig {
    struct fakehttp *http;
    struct pipeline_config cfg;
    struct aws *aws;
    struct dms_rule rules[DMS_RIG_RULES];
    size_t nrules;
    char *samples[DMS_RIG_RULES];
    size_t nsamples;
    struct {
        char operation[64], body[2000];
    } seen[DMS_RIG_SEEN]; /* after fakehttp_sync */
    size_t nseen;
    char url[64];
};

/* Tasks by the globs "shop-*". Every Describe call has its recorded answer. */
void dms_rig_start(struct dms_rig *rig);
void dms_rig_stop(struct dms_rig *rig);
/* Replaces the rules of that operation (or adds the first). */
void dms_rig_set(struct dms_rig *rig, const char *operation, int status, const char *body);
int dms_rig_count(struct dms_rig *rig, const char *operation);        /* requests so far */
const char *dms_rig_last(struct dms_rig *rig, const char *operation); /* its body; "" */

/* "dms_tasks_1.json" of tests/samples/aws; malloc'd. */
char *dms_sample(const char *name);

#endif
