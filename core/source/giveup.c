#include "base/clock.h"
#include "source/source.h"

#include <poll.h>

int64_t source_least_aws(const struct pipeline_config *cfg)
{
    return cfg->aws.interval_ms;
}

bool source_give_up(const struct poll_ctx *ctx, struct err *err)
{
    struct pollfd fd = {.fd = ctx->stop_fd, .events = POLLIN};
    if (ctx->stop_fd >= 0 && poll(&fd, 1, 0) > 0) {
        err_set(err, ERR_STOPPED, 0, "asked to stop");
        return true;
    }
    if (clock_left_ms(ctx->deadline_ms) == 0) {
        err_set(err, ERR_TIMEOUT, 0, "no answer in time");
        return true;
    }
    return false;
}
