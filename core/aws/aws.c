#include "aws/aws_int.h"

#include "aws/profile.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/fact.h"

#include <stdlib.h>

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

int64_t aws_now_ms(struct aws *aws)
{
    pthread_mutex_lock(&aws->lock);
    int64_t skew = aws->skew_ms;
    pthread_mutex_unlock(&aws->lock);
    return aws->wall_ms() + (skew != UNKNOWN ? skew : 0);
}

void aws_saw_date(struct aws *aws, int64_t date_ms)
{
    if (date_ms < 0)
        return;
    pthread_mutex_lock(&aws->lock);
    aws->skew_ms = date_ms - aws->wall_ms();
    pthread_mutex_unlock(&aws->lock);
}
