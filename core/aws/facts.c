/* facts.c: what calls cost, what was refused: the memory behind aws_facts. */
#include "aws/aws_int.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/snap_aws.h"

#include <stdlib.h>
#include <string.h>

enum {
    MINUTE_MS = 60 * 1000,
    PACE_LEAST_MS = 5 * MINUTE_MS,
    /* What is asked regularly is asked within this time: a refusal that is older is of an action.
     */
    REFUSAL_KEPT_MS = 60 * MINUTE_MS,
};

/* ---- cost ------------------------------------------------------------------------------------ */

void aws_pace_add(struct aws_pace *pace, int64_t now_ms, int64_t nano_usd)
{
    int64_t minute = now_ms / MINUTE_MS;
    size_t at = (size_t)(minute % AWS_PACE_MINUTES);
    if (pace->minute[at] != minute)
        pace->nano_usd[at] = 0;
    pace->minute[at] = minute;
    pace->nano_usd[at] += nano_usd;
}

int64_t aws_pace_per_hour(const struct aws_pace *pace, int64_t now_ms)
{
    int64_t minute = now_ms / MINUTE_MS, sum = 0;
    int64_t since = (minute - AWS_PACE_MINUTES + 1) * MINUTE_MS;
    since = pace->since_ms > since ? pace->since_ms : since;
    if (now_ms - since < PACE_LEAST_MS)
        return UNKNOWN;
    for (size_t i = 0; i < AWS_PACE_MINUTES; i++) {
        if (pace->minute[i] > minute - AWS_PACE_MINUTES)
            sum += pace->nano_usd[i];
    }
    return (int64_t)((double)sum / 1000 * (60.0 * MINUTE_MS) / (double)(now_ms - since));
}

void aws_count(struct aws *aws, enum aws_call call, int64_t units, bool failed, bool throttled)
{
    struct aws_count *c = &aws->counts[call];
    int64_t nano_usd = aws_calls[call].nano_usd * (units > 0 ? units : 1);
    pthread_mutex_lock(&aws->lock);
    c->calls++;
    c->errors += failed;
    c->throttled += throttled;
    c->units += units;
    c->nano_usd += nano_usd;
    aws_pace_add(&aws->pace, clock_mono_ms(), nano_usd);
    pthread_mutex_unlock(&aws->lock);
}

/* ---- refusals -------------------------------------------------------------------------------- */

static void refusal_free(struct aws_refusal *r)
{
    free(r->asked);
    free(r->action);
    free(r->resource);
    free(r->message);
    *r = (struct aws_refusal){0};
}

void aws_refusals_free(struct aws *aws)
{
    for (size_t i = 0; i < aws->ndenied; i++)
        refusal_free(&aws->denied[i]);
    aws->ndenied = 0;
}

static size_t find(const struct aws *aws, enum aws_call call, const char *asked)
{
    size_t at = 0;
    while (at < aws->ndenied &&
           (aws->denied[at].call != call || strcmp(aws->denied[at].asked, asked) != 0))
        at++;
    return at;
}

static size_t oldest(const struct aws *aws)
{
    size_t at = 0;
    for (size_t i = 1; i < aws->ndenied; i++)
        at = aws->denied[i].at_ms < aws->denied[at].at_ms ? i : at;
    return at;
}

void aws_denied(struct aws *aws, enum aws_call call, const char *asked, const char *action,
                const char *resource, const char *message)
{
    const char *known = aws_calls[call].action != NULL ? aws_calls[call].action : "";
    struct aws_refusal fresh = {
        .call = call,
        .asked = mem_strdup(asked),
        .action = mem_strdup(action[0] != '\0' ? action : known),
        .resource = mem_strdup(resource[0] != '\0' ? resource : asked),
        .message = mem_strdup(message),
        .at_ms = aws->wall_ms(),
    };
    pthread_mutex_lock(&aws->lock);
    size_t at = find(aws, call, asked);
    if (at == aws->ndenied && aws->ndenied < AWS_DENIED_KEPT)
        aws->ndenied++;
    else if (at == aws->ndenied)
        at = oldest(aws);
    refusal_free(&aws->denied[at]);
    aws->denied[at] = fresh;
    pthread_mutex_unlock(&aws->lock);
}

void aws_allowed(struct aws *aws, enum aws_call call, const char *asked)
{
    pthread_mutex_lock(&aws->lock);
    size_t at = find(aws, call, asked);
    if (at < aws->ndenied) {
        refusal_free(&aws->denied[at]);
        aws->denied[at] = aws->denied[--aws->ndenied];
        aws->denied[aws->ndenied] = (struct aws_refusal){0};
    }
    pthread_mutex_unlock(&aws->lock);
}

/* ---- told ------------------------------------------------------------------------------------ */

static void tell_spent(const struct aws *aws, struct arena *a, struct aws_snap *out)
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
    out->usd_micro_per_hour = aws_pace_per_hour(&aws->pace, clock_mono_ms());
}

static void tell_denied(const struct aws *aws, struct arena *a, struct aws_snap *out)
{
    int64_t now_ms = aws->wall_ms();
    out->denied = arena_array(a, aws->ndenied, sizeof(*out->denied));
    for (size_t i = 0; i < aws->ndenied; i++) {
        const struct aws_refusal *d = &aws->denied[i];
        if (now_ms - d->at_ms > REFUSAL_KEPT_MS)
            continue;
        out->denied[out->ndenied++] = (struct aws_denied){
            .service = aws_services[aws_calls[d->call].service].name,
            .operation = aws_calls[d->call].operation,
            .action = arena_strdup(a, d->action),
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
    out->skew_ms = aws_skew_ms(aws);
    aws_creds_tell(aws->creds, &from, &out->expires_ms, &error);
    pthread_mutex_lock(&aws->lock);
    out->region = arena_strdup(arena, aws->region);
    out->partition = aws_partition(aws->region);
    out->spent_since_ms = aws->since_ms;
    tell_spent(aws, arena, out);
    tell_denied(aws, arena, out);
    pthread_mutex_unlock(&aws->lock);
    out->credentials = arena_strdup(arena, from);
    out->refresh_error = arena_strdup(arena, error);
    free(from);
    free(error);
}
