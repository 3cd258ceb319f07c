/* creds_rig.h: a pipeline that looks for its AWS keys: a home of its own, an empty environment, the
 * servers of fakekeys.h, a clock that the test moves. Its end looks for secrets in the log. */
#ifndef CDCTOP_TESTS_CREDS_RIG_H
#define CDCTOP_TESTS_CREDS_RIG_H

#include "aws/aws_int.h"
#include "tests/unit/fakekeys.h"

struct creds_rig {
    struct fakekeys fake;
    char home[64];
    char empty[1];
    struct pipeline_config cfg; /* fields are empty, or what a test points at */
    int stop_fd;
    struct aws *aws;
};

int creds_rig_setup(void **state);
int creds_rig_teardown(void **state);
/* Begins anew: what was cached is gone. */
void creds_rig_open(struct creds_rig *r);
void creds_rig_write(const struct creds_rig *r, const char *name, const char *text);
void creds_rig_env(const char *name, const char *value); /* NULL: unset */
void creds_rig_move(struct creds_rig *r, int64_t ms);    /* the clock */

/* Asks; the keys must come, and from there. */
struct aws_credentials creds_rig_get(struct creds_rig *r, const char *from);
/* Asks; an error with these words must come, and no secret in it. */
void creds_rig_fail(struct creds_rig *r, enum err_kind kind, const char *words);

#endif
