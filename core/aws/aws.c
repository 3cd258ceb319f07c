#include "aws/aws_int.h"

#include "aws/profile.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/fact.h"

#include <stdlib.h>

enum { STEP_MS = 2000 };

struct aws *aws_open(const struct pipeline_config *cfg, int stop_fd)
{
    struct aws *aws = mem_alloc(sizeof(*aws));
    aws->cfg = cfg;
    aws->stop_fd = stop_fd;
    aws->wall_ms = clock_wall_ms;
    (void)pthread_mutex_init(&aws->region_lock, NULL);
    (void)pthread_mutex_init(&aws->lock, NULL);
    aws->region = "";
    aws->skew_ms = UNKNOWN;
    aws->since_ms = clock_wall_ms();
    aws->pace.since_ms = clock_mono_ms();
    aws->creds = aws_creds_new(aws);
    aws->secrets = aws_secrets_new();
    return aws;
}

bool aws_close(struct aws *aws, int64_t deadline_ms)
{
    if (aws == NULL)
        return true;
    if (!aws_creds_free(aws->creds, deadline_ms))
        return false;
    aws_secrets_free(aws->secrets);
    aws_refusals_free(aws);
    (void)pthread_mutex_destroy(&aws->lock);
    (void)pthread_mutex_destroy(&aws->region_lock);
    profiles_free(aws->profiles);
    free(aws->region_found);
    free(aws);
    return true;
}

/* Whoever sets this machine's clock afterwards makes what was measured wrong: then it is unknown
 * until the next answer. */
static int64_t skew_of(const struct aws *aws, int64_t wall_ms)
{
    int64_t stepped = wall_ms - clock_mono_ms() - aws->skew_base_ms;
    return stepped < STEP_MS && stepped > -STEP_MS ? aws->skew_ms : UNKNOWN;
}

int64_t aws_skew_ms(struct aws *aws)
{
    int64_t wall_ms = aws->wall_ms();
    pthread_mutex_lock(&aws->lock);
    int64_t skew = skew_of(aws, wall_ms);
    pthread_mutex_unlock(&aws->lock);
    return skew;
}

int64_t aws_server_ms(struct aws *aws)
{
    int64_t skew = aws_skew_ms(aws);
    return skew != UNKNOWN ? aws->wall_ms() + skew : UNKNOWN;
}

int64_t aws_now_ms(struct aws *aws)
{
    int64_t server = aws_server_ms(aws);
    return server != UNKNOWN ? server : aws->wall_ms();
}

void aws_saw_date(struct aws *aws, int64_t date_ms)
{
    if (date_ms < 0)
        return;
    int64_t wall_ms = aws->wall_ms();
    pthread_mutex_lock(&aws->lock);
    aws->skew_ms = date_ms - wall_ms;
    aws->skew_base_ms = wall_ms - clock_mono_ms();
    pthread_mutex_unlock(&aws->lock);
}
