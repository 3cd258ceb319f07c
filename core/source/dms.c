/* dms.c: replication tasks of DMS. */
#include "source/source.h"

#include "aws/aws.h"
#include "base/mem.h"

#include <stdlib.h>

struct dms_source {
    const struct pipeline_config *cfg;
};

static bool configured(const struct pipeline_config *cfg, const struct hints *hints)
{
    (void)hints;
    return cfg->dms.tasks.count > 0;
}

static void *open_source(const struct pipeline_config *cfg, struct err *err)
{
    (void)err;
    struct dms_source *s = mem_alloc(sizeof(*s));
    s->cfg = cfg;
    return s;
}

static void close_source(void *self)
{
    free(self);
}

static struct snapshot *poll_source(void *self, const struct poll_ctx *ctx, struct err *err)
{
    (void)self;
    (void)ctx;
    err_set(err, ERR_UNSUPPORTED, 0, "DMS is not asked yet");
    return NULL;
}

const struct source_ops source_dms = {
    .name = "dms",
    .kind = SOURCE_DMS,
    .configured = configured,
    .open = open_source,
    .poll = poll_source,
    .close = close_source,
};
