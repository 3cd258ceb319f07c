/* aws_int.h: what the files of this directory share. Not for others. */
#ifndef CDCTOP_AWS_AWS_INT_H
#define CDCTOP_AWS_AWS_INT_H

#include "aws/aws.h"
#include "net/http.h"

#include <pthread.h>

enum { AWS_DENIED_KEPT = 64, AWS_PACE_MINUTES = 15 };

struct aws_refusal {
    enum aws_call call;
    char *asked; /* the request's resource, "*": with the call it says which refusal this is */
    char *action, *resource, *message; /* as the service named them, else what we know */
    int64_t at_ms;
};

struct aws_count {
    int64_t calls, errors, throttled, units, nano_usd;
};

/* What was spent in each of the last minutes. */
struct aws_pace {
    int64_t since_ms; /* monotonic */
    int64_t minute[AWS_PACE_MINUTES], nano_usd[AWS_PACE_MINUTES];
};

struct aws_creds;   /* creds.c: the chain and its refreshing thread */
struct aws_secrets; /* secrets.c */
struct profiles;    /* profile.h */

struct aws {
    const struct pipeline_config *cfg;
    int stop_fd;
    int64_t (*wall_ms)(void);    /* our wall clock; tests move it */
    pthread_mutex_t region_lock; /* held while the region is looked for */
    int64_t region_looked_ms;    /* monotonic; under region_lock */
    pthread_mutex_t lock;        /* guards what follows; held for copies only */
    const char *region;          /* "" until it is found; then it stays */
    char *region_found;
    struct profiles *profiles; /* as last read; NULL: not yet, or they cannot be read */
    bool profiles_tried;
    int64_t skew_ms;      /* UNKNOWN: no answer so far */
    int64_t skew_base_ms; /* wall clock less monotonic, when that was measured */
    struct aws_count counts[AWS_CALL_COUNT];
    struct aws_refusal denied[AWS_DENIED_KEPT];
    size_t ndenied;
    int64_t since_ms;
    struct aws_pace pace;
    enum aws_offer { OFFER_UNTRIED, OFFER_YES, OFFER_NO } offers[AWS_CALL_COUNT];
    struct aws_creds *creds;
    struct aws_secrets *secrets;
};

struct aws_client {
    struct aws *aws;
    struct http_client *http;
};

/* send.c: with those credentials and no other; asked again only after a wrong clock was corrected.
 * For the calls that credentials come from. Otherwise as aws_send. */
bool aws_send_as(struct aws_client *client, const struct aws_request *request,
                 const struct aws_credentials *creds, struct aws_answer *answer, struct err *err);

/* shared.c: the profile in use: that of the configuration, else $AWS_PROFILE, else "default". Files
 * are read when first asked for, and by each renewal of the credentials. */
const char *aws_profile_name(const struct aws *aws);
bool aws_profile_wanted(const struct aws *aws); /* somebody named it */
/* "region", "ca_bundle", "use_fips_endpoint" …; malloc'd, NULL: not given. */
char *aws_profile_value(struct aws *aws, const char *key);
/* endpoint_url for this service: of the profile's `services` section, else of the profile;
 * malloc'd, NULL: none. What the environment says stands before it. */
char *aws_profile_endpoint(struct aws *aws, enum aws_service service);
void aws_profiles_take(struct aws *aws, struct profiles *fresh); /* takes; NULL is fine */

/* creds.c */
struct aws_creds *aws_creds_new(struct aws *aws);
bool aws_creds_free(struct aws_creds *creds, int64_t deadline_ms); /* as aws_close */
/* "profile prod, role arn:…", when they end, and why renewing failed; malloc'd, NULL: none. */
void aws_creds_tell(struct aws_creds *creds, char **from, int64_t *expires_ms, char **error);

/* secrets.c */
struct aws_secrets *aws_secrets_new(void);
void aws_secrets_free(struct aws_secrets *secrets);

/* facts.c. action and resource: as the message names them, "" when it does not. */
void aws_denied(struct aws *aws, enum aws_call call, const char *asked, const char *action,
                const char *resource, const char *message);
void aws_allowed(struct aws *aws, enum aws_call call,
                 const char *asked); /* what was refused before */
void aws_refusals_free(struct aws *aws);
void aws_pace_add(struct aws_pace *pace, int64_t now_ms, int64_t nano_usd);
/* Millionths of a dollar; UNKNOWN in the first minutes. */
int64_t aws_pace_per_hour(const struct aws_pace *pace, int64_t now_ms);

#endif
