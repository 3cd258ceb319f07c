/* msk.c: the MSK cluster: its state and its listeners. */
#include "source/source.h"

#include "aws/aws.h"
#include "base/mem.h"

#include <stdlib.h>

struct msk_source {
    const struct pipeline_config *cfg;
};

static bool configured(const struct pipeline_config *cfg, const struct hints *hints)
{
    (void)hints;
    return *cfg->msk.cluster != '\0';
}

static void *open_source(const struct pipeline_config *cfg, struct err *err)
{
    (void)err;
    struct msk_source *s = mem_alloc(sizeof(*s));
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
    err_set(err, ERR_UNSUPPORTED, 0, "MSK is not asked yet");
    return NULL;
}

const struct source_ops source_msk = {
    .name = "msk",
    .kind = SOURCE_MSK,
    .configured = configured,
    .open = open_source,
    .poll = poll_source,
    .close = close_source,
};
