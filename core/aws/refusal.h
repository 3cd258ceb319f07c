/* refusal.h: why a server does not take a token that was signed with our keys. It says little, all
 * the same for every reason; so STS is asked about the same keys: that tells wrong ones from those
 * that may not log in there, and its answer tells the time by which tokens are signed.
 */
#ifndef CDCTOP_AWS_REFUSAL_H
#define CDCTOP_AWS_REFUSAL_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aws;
struct aws_client;

struct refusal {
    bool known;     /* STS takes these keys */
    struct err sts; /* else why not; ERR_NONE: it was not asked */
};

/* Within five seconds. */
void refusal_ask(struct aws_client *client, int64_t deadline_ms, int stop_fd, struct refusal *out);

/* Puts behind the text of *err, after "; ", what is known of the reason: keys that ended or that
 * STS does not take; else `clock`, where the server itself spoke of the time (NULL: it did not);
 * else that `allow` must be allowed to these keys, or the clock may be wrong. */
void refusal_explain(struct aws *aws, const struct refusal *r, const char *clock, const char *allow,
                     struct err *err);

#endif
