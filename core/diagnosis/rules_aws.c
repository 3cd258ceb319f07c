/* The way to AWS: credentials that end, calls that IAM refuses. (Its clock is among those of E02;
 * credentials that are refused altogether are Z01's.) */
#include "diagnosis/rules.h"

#include "base/human.h"

#include <string.h>

/* Those that can be renewed are long before this. */
enum { LEFT_MS = 2 * 60 * 1000 };

static const struct aws_snap *aws_of(const struct rule_run *run)
{
    const struct snapshot *snap = world_snap(run->world, run->index, SOURCE_AWS);
    return snap != NULL ? &snap->aws : NULL;
}

static void ending(struct rule_run *run)
{
    const struct aws_snap *aws = aws_of(run);
    if (aws == NULL || aws->expires_ms == UNKNOWN)
        return;
    int64_t left = aws->expires_ms - world_server_now(run->world, run->index, SOURCE_AWS);
    if (aws->refresh_error == NULL && left > LEFT_MS)
        return;
    char text[HUMAN_SIZE];
    struct finding *f =
        left > 0 ? rule_emit(run, "aws", "the credentials for AWS end in %s and are not renewed",
                             human_duration_ms(text, left))
                 : rule_emit(run, "aws", "the credentials for AWS ended %s ago",
                             human_duration_ms(text, -left));
    if (aws->credentials != NULL)
        rule_evidence(run, f, "they come from: %s", aws->credentials);
    rule_evidence(run, f, "%s",
                  aws->refresh_error != NULL ? aws->refresh_error : "there is no later end so far");
    rule_advise(run, f,
                "renew them where they come from; from their end on nothing of AWS is told");
}

bool rule_aws_refused(const struct rule_run *run, const char *text)
{
    const struct aws_snap *aws = aws_of(run);
    for (size_t i = 0; aws != NULL && text != NULL && i < aws->ndenied; i++) {
        if (aws->denied[i].action != NULL && strstr(text, aws->denied[i].action) != NULL)
            return true;
    }
    return false;
}

void rule_aws_refusals(struct rule_run *run)
{
    const struct aws_snap *aws = aws_of(run);
    size_t n = aws != NULL ? aws->ndenied : 0, told = 0;
    if (n == 0)
        return;
    const char *first = aws->denied[0].action;
    struct finding *f = n == 1 ? rule_emit(run, "aws", "IAM refuses %s", first)
                               : rule_emit(run, "aws", "IAM refuses %s and %zu more call%s", first,
                                           n - 1, n == 2 ? "" : "s");
    bool explicit = false;
    for (; told < n && f->nevidence < FINDING_EVIDENCE - 1; told++) {
        const struct aws_denied *d = &aws->denied[told];
        bool forbidden = d->message != NULL && strstr(d->message, "explicit deny") != NULL;
        explicit = explicit || forbidden;
        rule_evidence(run, f, "{\"Effect\": \"Allow\", \"Action\": \"%s\", \"Resource\": \"%s\"}%s",
                      d->action, d->resource,
                      forbidden ? " does not help: an explicit deny forbids it" : "");
    }
    if (told < n)
        rule_evidence(run, f, "and %zu more", n - told);
    rule_advise(run, f, "%s",
                explicit ? "find the Deny (an SCP, a boundary, a policy of the resource); add the "
                           "other statements to our policy: cdctop check prints them"
                         : "add these statements to our policy: cdctop check prints them to paste");
}

const struct diag_rule rules_aws[] = {
    {.id = "A01",
     .severity = VERDICT_WARN,
     .hop = HOP_SOURCE,
     .needs = NEEDS(SOURCE_AWS),
     .eval = ending,
     .check = "aws sts get-caller-identity, with the same profile or role"},
    {.id = NULL},
};
