/* Who we are at AWS, and which statement of a policy each refused call lacks. */
#include "base/human.h"
#include "base/iamtext.h"
#include "check/checks.h"

#include <inttypes.h>
#include <string.h>

/* Services take five minutes; what is signed is corrected, the ages that are shown are not. */
enum { SKEW_MS = 5 * 1000, LEFT_MS = 5 * 60 * 1000 };

/* NULL: not asked for, or without a fresh answer (then a line says so). */
static const struct aws_snap *fresh(struct check_run *run)
{
    const struct snapshot *snap = world_snap(run->world, run->index, SOURCE_AWS);
    return world_state(run->world, run->index, SOURCE_AWS) == STATE_FRESH && snap != NULL
               ? &snap->aws
               : NULL;
}

static void silent(struct check_run *run)
{
    const struct source_slot *s = &run->world->pipelines[run->index].sources[SOURCE_AWS];
    switch (world_state(run->world, run->index, SOURCE_AWS)) {
    case STATE_OFF: return;
    case STATE_FAILING: break;
    default: (void)check_say(run, NULL, RESULT_UNKNOWN, "AWS has not answered"); return;
    }
    bool certain =
        s->err.kind == ERR_AUTH || s->err.kind == ERR_CONFIG || s->err.kind == ERR_DENIED;
    struct check_line *line =
        check_say(run, NULL, certain ? RESULT_FAILED : RESULT_UNKNOWN, "%s", s->err.text);
    check_fix(run, line, FIX_OTHER, "%s", iam_next_step(&s->err));
}

static void identity(struct check_run *run)
{
    const struct aws_snap *aws = fresh(run);
    const struct snapshot *snap = world_snap(run->world, run->index, SOURCE_AWS);
    if (aws == NULL) {
        silent(run);
    } else if (aws->arn == NULL) {
        (void)check_say(run, NULL, RESULT_UNKNOWN, "%s",
                        snap->notes.count > 0 ? snap->notes.items[0].what
                                              : "who we are is not told");
    } else {
        (void)check_say(run, NULL, RESULT_OK, "%s, account %s, %s; keys from %s", aws->arn,
                        aws->account != NULL ? aws->account : "not told",
                        aws->region != NULL && aws->region[0] != '\0' ? aws->region : "no region",
                        aws->credentials != NULL ? aws->credentials : "a source not told");
    }
}

static void expiry(struct check_run *run)
{
    const struct aws_snap *aws = fresh(run);
    if (aws == NULL)
        return; /* said by the line of the identity */
    char text[HUMAN_SIZE];
    int64_t left = aws->expires_ms != UNKNOWN
                       ? aws->expires_ms - world_server_now(run->world, run->index, SOURCE_AWS)
                       : 0;
    if (aws->refresh_error != NULL) {
        struct check_line *line = check_say(run, NULL, left > 0 ? RESULT_WARNING : RESULT_FAILED,
                                            "they were not renewed: %s", aws->refresh_error);
        check_fix(run, line, FIX_OTHER, "renew them where they come from");
    } else if (aws->expires_ms == UNKNOWN) {
        bool user = aws->arn != NULL && strstr(aws->arn, ":user/") != NULL;
        (void)check_say(run, NULL, user ? RESULT_OK : RESULT_UNKNOWN, "%s",
                        user ? "keys of a user, which do not end"
                             : "nobody says when they end, so they cannot be renewed before");
    } else {
        bool renewed = aws->credentials == NULL || strcmp(aws->credentials, "the environment") != 0;
        (void)check_say(run, NULL, left > LEFT_MS && renewed ? RESULT_OK : RESULT_WARNING,
                        left > 0 ? "they end in %s%s" : "they ended %s ago%s",
                        human_duration_ms(text, left > 0 ? left : -left),
                        left <= 0        ? ""
                        : !renewed       ? ", and nobody renews those of the environment"
                        : left > LEFT_MS ? " and are renewed before"
                                         : "");
    }
}

static void our_clock(struct check_run *run)
{
    const struct aws_snap *aws = fresh(run);
    char text[HUMAN_SIZE];
    if (aws == NULL)
        return;
    if (aws->skew_ms == UNKNOWN) {
        (void)check_say(run, NULL, RESULT_UNKNOWN, "no answer of AWS told its time");
        return;
    }
    int64_t off = aws->skew_ms < 0 ? -aws->skew_ms : aws->skew_ms;
    if (off <= SKEW_MS) {
        (void)check_say(run, NULL, RESULT_OK, "less than %s apart",
                        human_duration_ms(text, SKEW_MS));
        return;
    }
    struct check_line *line =
        check_say(run, NULL, RESULT_WARNING, "AWS is %s %s of this machine",
                  human_duration_ms(text, off), aws->skew_ms > 0 ? "ahead" : "behind");
    check_fix(run, line, FIX_SHELL, "timedatectl set-ntp true");
}

static void calls(struct check_run *run)
{
    const struct aws_snap *aws = fresh(run);
    int64_t made = 0;
    if (aws == NULL)
        return;
    for (size_t i = 0; i < aws->ndenied; i++) {
        const struct aws_denied *d = &aws->denied[i];
        struct check_line *line = check_say(run, d->action, RESULT_WARNING, "%s", d->message);
        if (d->message != NULL && strstr(d->message, "explicit deny") != NULL)
            check_fix(run, line, FIX_OTHER,
                      "an explicit Deny forbids it (an SCP, a boundary, a policy of the resource): "
                      "no Allow helps");
        else
            check_fix(run, line, FIX_IAM,
                      "{\n  \"Effect\": \"Allow\",\n  \"Action\": %s,\n  \"Resource\": %s\n}",
                      check_string(run, d->action), check_string(run, d->resource));
    }
    for (size_t i = 0; i < aws->nspent; i++)
        made += aws->spent[i].calls;
    if (aws->ndenied == 0 && made > 0)
        (void)check_say(run, NULL, RESULT_OK, "none of %" PRId64 " calls of %zu kinds was refused",
                        made, aws->nspent);
}

const struct check_row checks_aws[] = {
    {"aws.identity",    "AWS knows who we are", HOP_SOURCE, 0, .eval = identity},
    {"aws.expiry",       "our credentials do not end meanwhile", HOP_SOURCE, 0, .eval = expiry},
    {"aws.clock", "this machine's clock is right by AWS's", HOP_SOURCE, 0, .eval = our_clock},
    {"aws.calls",      "IAM permits the calls that are made", HOP_SOURCE, 0, .eval = calls},
    {.id = NULL      },
};
