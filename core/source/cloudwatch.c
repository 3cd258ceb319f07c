/* cloudwatch.c: the figures of CloudWatch. */
#include "source/source.h"

#include "aws/aws.h"
#include "base/mem.h"

#include <stdlib.h>

struct cloudwatch_source {
    const struct pipeline_config *cfg;
};

static bool configured(const struct pipeline_config *cfg, const struct hints *hints)
{
    (void)hints;
    return cfg->cloudwatch.metrics_per_hour > 0 &&
           (*cfg->msk.cluster != '\0' || *cfg->rds.instance != '\0' ||
            cfg->mskconnect.connectors.count > 0 || cfg->dms.tasks.count > 0);
}

static void *open_source(const struct pipeline_config *cfg, struct err *err)
{
    (void)err;
    struct cloudwatch_source *s = mem_alloc(sizeof(*s));
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
    err_set(err, ERR_UNSUPPORTED, 0, "CloudWatch is not asked yet");
    return NULL;
}

const struct source_ops source_cloudwatch = {
    .name = "cloudwatch",
    .kind = SOURCE_CLOUDWATCH,
    .configured = configured,
    .open = open_source,
    .poll = poll_source,
    .close = close_source,
};
