#include "aws/refusal.h"

#include "aws/aws.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/iamtext.h"
#include "model/snap_aws.h"

#include <stdio.h>
#include <string.h>

enum { STS_MS = 5000 };

void refusal_ask(struct aws_client *client, int64_t deadline_ms, int stop_fd, struct refusal *out)
{
    int64_t soon_ms = clock_mono_ms() + STS_MS;
    const struct aws_request request = {
        .call = STS_GET_CALLER_IDENTITY,
        .deadline_ms = soon_ms < deadline_ms ? soon_ms : deadline_ms,
        .stop_fd = stop_fd,
    };
    struct aws_answer answer;
    *out = (struct refusal){0};
    out->known = aws_send(client, &request, &answer, &out->sts);
    if (out->known)
        aws_answer_free(&answer);
}

void refusal_explain(struct aws *aws, const struct refusal *r, const char *clock, const char *allow,
                     struct err *err)
{
    struct arena *arena = arena_new();
    struct aws_snap facts;
    char why[400];
    aws_facts(aws, arena, &facts);
    const char *from = "";
    if (facts.credentials != NULL && facts.credentials[0] != '\0')
        from = arena_printf(arena, " (%.100s)", facts.credentials);
    if (facts.expires_ms != UNKNOWN && facts.expires_ms < aws_now_ms(aws))
        (void)snprintf(why, sizeof(why), "the AWS credentials%s have ended%s%.100s", from,
                       facts.refresh_error != NULL ? ": " : "",
                       facts.refresh_error != NULL ? facts.refresh_error : "");
    else if (r->sts.kind == ERR_AUTH)
        (void)snprintf(why, sizeof(why), "AWS does not take the credentials%s: %.120s; %s", from,
                       r->sts.text, iam_next_step(&r->sts));
    else if (clock != NULL)
        (void)snprintf(why, sizeof(why), "%s", clock);
    else
        (void)snprintf(why, sizeof(why), "%sallow %s to these credentials%s%s",
                       r->known ? "AWS takes the keys: " : "", allow, from,
                       facts.skew_ms == UNKNOWN
                           ? ", and look at the clock of this machine: AWS's is not known yet"
                           : "");
    size_t n = strlen(err->text);
    (void)snprintf(err->text + n, sizeof(err->text) - n, "; %s", why);
    arena_free(arena);
}
