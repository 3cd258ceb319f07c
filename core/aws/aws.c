#include "aws/aws_int.h"

#include "aws/profile.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/snap_aws.h"

#include <stdlib.h>
#include <string.h>

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
    for (size_t i = 0; i < aws->ndenied; i++) {
        free(aws->denied[i].resource);
        free(aws->denied[i].message);
    }
    (void)pthread_mutex_destroy(&aws->lock);
    (void)pthread_mutex_destroy(&aws->region_lock);
    profiles_free(aws->profiles);
    free(aws->region_found);
    free(aws);
    return true;
}

const char *aws_partition(const char *region)
{
    if (strncmp(region, "cn-", 3) == 0)
        return "aws-cn";
    return strncmp(region, "us-gov-", 7) == 0 ? "aws-us-gov" : "aws";
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

/* ---- what it costs, what was refused --------------------------------------------------------- */

void aws_count(struct aws *aws, enum aws_call call, int64_t units, bool failed, bool throttled)
{
    struct aws_count *c = &aws->counts[call];
    pthread_mutex_lock(&aws->lock);
    c->calls++;
    c->errors += failed;
    c->throttled += throttled;
    c->units += units;
    c->nano_usd += aws_calls[call].nano_usd * (units > 0 ? units : 1);
    pthread_mutex_unlock(&aws->lock);
}

void aws_denied(struct aws *aws, enum aws_call call, const char *resource, const char *message)
{
    pthread_mutex_lock(&aws->lock);
    size_t at = 0;
    while (at < aws->ndenied && aws->denied[at].call != call)
        at++;
    if (at == aws->ndenied && aws->ndenied < AWS_DENIED_KEPT)
        aws->ndenied++;
    if (at < aws->ndenied) {
        free(aws->denied[at].resource);
        free(aws->denied[at].message);
        aws->denied[at] = (struct aws_refusal){
            .call = call,
            .resource = mem_strdup(resource != NULL ? resource : "*"),
            .message = mem_strdup(message),
            .at_ms = aws->wall_ms(),
        };
    }
    pthread_mutex_unlock(&aws->lock);
}

static void tell_calls(const struct aws *aws, struct arena *a, struct aws_snap *out)
{
    out->spent = arena_array(a, AWS_CALL_COUNT, sizeof(*out->spent));
    for (int i = 0; i < AWS_CALL_COUNT; i++) {
        const struct aws_count *c = &aws->counts[i];
        if (c->calls == 0)
            continue;
        out->spent[out->nspent++] = (struct aws_spent){
            .service = aws_services[aws_calls[i].service].name,
            .operation = aws_calls[i].operation,
            .calls = c->calls,
            .errors = c->errors,
            .throttled = c->throttled,
            .units = c->units,
            .usd_micro = aws_calls[i].nano_usd > 0 ? c->nano_usd / 1000 : UNKNOWN,
        };
    }
    out->denied = arena_array(a, aws->ndenied, sizeof(*out->denied));
    for (size_t i = 0; i < aws->ndenied; i++) {
        const struct aws_refusal *d = &aws->denied[i];
        out->denied[out->ndenied++] = (struct aws_denied){
            .service = aws_services[aws_calls[d->call].service].name,
            .operation = aws_calls[d->call].operation,
            .action = aws_calls[d->call].action,
            .resource = arena_strdup(a, d->resource),
            .message = arena_strdup(a, d->message),
            .at_ms = d->at_ms,
        };
    }
}

void aws_facts(struct aws *aws, struct arena *arena, struct aws_snap *out)
{
    char *from, *error;
    *out = (struct aws_snap){.usd_micro_per_hour = UNKNOWN};
    aws_creds_tell(aws->creds, &from, &out->expires_ms, &error);
    pthread_mutex_lock(&aws->lock);
    out->region = arena_strdup(arena, aws->region);
    out->partition = aws_partition(aws->region);
    out->skew_ms = aws->skew_ms;
    out->spent_since_ms = aws->since_ms;
    tell_calls(aws, arena, out);
    pthread_mutex_unlock(&aws->lock);
    out->credentials = arena_strdup(arena, from);
    out->refresh_error = arena_strdup(arena, error);
    free(from);
    free(error);
}
