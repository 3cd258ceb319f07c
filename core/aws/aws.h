/* aws.h: the door to AWS: credentials, endpoints, signed calls, what they cost, what was refused.
 *
 * One struct aws belongs to one pipeline and is shared by its sources, its actions and its looks:
 * every function here may be called from any thread. Nothing connects anywhere before something is
 * asked for. A call goes through a client, which belongs to one thread and keeps its connections.
 *
 * Wire formats: the services' own models (botocore 1.44); see calls.h for the table of calls.
 */
#ifndef CDCTOP_AWS_AWS_H
#define CDCTOP_AWS_AWS_H

#include "aws/calls.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "config/config.h"
#include "model/fact.h"
#include "net/sigv4.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aws;
struct aws_client;
struct aws_snap;
struct arena;

/* cfg is borrowed and must outlive it. stop_fd (-1: none): readable when everything must end.
 * Never NULL. */
struct aws *aws_open(const struct pipeline_config *cfg, int stop_fd);
/* After stop_fd became readable: true when its thread ended by the deadline (monotonic) and all is
 * wiped and freed. False: it is left behind. NULL is fine. */
bool aws_close(struct aws *aws, int64_t deadline_ms);

/* "eu-west-3", or "" when nothing tells. Lives as long as aws. It may read files and ask the
 * instance (2 s at most), so never from the UI thread. */
const char *aws_region(struct aws *aws);
/* The same without asking the instance; malloc'd, NULL: nothing tells. */
char *aws_region_told(struct aws *aws);
/* "aws", "aws-cn", "aws-us-gov": of a region. */
const char *aws_partition(const char *region);
/* "https://kafka.eu-west-3.amazonaws.com": where a service is in that region, by configuration,
 * AWS_ENDPOINT_URL_*, profile, FIPS and dual-stack wishes. malloc'd. NULL and ERR_CONFIG when no
 * region is known. */
char *aws_endpoint(struct aws *aws, enum aws_service service, const char *region, struct err *err);

/* The same where somebody chose it: configuration, environment, profile; malloc'd. NULL: nobody. */
char *aws_endpoint_given(struct aws *aws, enum aws_service service);

/* The file with the authorities to trust, by configuration, AWS_CA_BUNDLE, profile; malloc'd. NULL:
 * the system's. */
char *aws_ca_bundle(struct aws *aws);

/* The wall clock as AWS has it: ours, corrected by what its Date headers said. */
int64_t aws_now_ms(struct aws *aws);
int64_t aws_server_ms(struct aws *aws); /* the same; UNKNOWN where that was not measured */
int64_t aws_skew_ms(struct aws *aws);   /* ahead of ours; UNKNOWN (model/fact.h): not measured */
void aws_saw_date(struct aws *aws, int64_t date_ms);

/* A copy of the present credentials, which the caller frees. Waits until the first ones are there,
 * at most until the deadline. The error of a source that is configured and fails is that of this
 * source: no other one steps in. */
bool aws_credentials(struct aws *aws, int64_t deadline_ms, int stop_fd,
                     struct aws_credentials *creds, struct err *err);
/* The same for S3, whose own keys in [pipeline.s3] come first. aws NULL: no others are asked for.
 */
bool aws_credentials_for_s3(struct aws *aws, const struct s3_config *cfg, int64_t deadline_ms,
                            int stop_fd, struct aws_credentials *creds, struct err *err);
bool aws_credentials_same(const struct aws_credentials *a, const struct aws_credentials *b);
/* What was refused because of them: the next ones are fetched anew, unless that was just done. */
void aws_credentials_refused(struct aws *aws);

/* ---- calls ----------------------------------------------------------------------------------- */

struct aws_client *aws_client_open(struct aws *aws);
void aws_client_close(struct aws_client *client); /* NULL is fine; does not block */
/* Opens *client where it is NULL. False and ERR_CONFIG: there is no AWS. */
bool aws_client_ready(struct aws_client **client, struct aws *aws, struct err *err);

struct aws_request {
    enum aws_call call;
    const char *path;  /* rest-json: with the ARN percent-encoded as one segment; NULL: "/" */
    const char *query; /* encoded, without '?'; NULL: none */
    const char *body;  /* JSON, or the parameters of the query protocol behind Action and Version;
                          NULL: none */
    const char *resource; /* ARN that a policy would name; NULL: "*" */
    const char *region;   /* NULL: aws_region */
    int64_t units;        /* what is paid for, beside the call (metrics asked for) */
    int64_t deadline_ms;  /* monotonic */
    int stop_fd;
};

struct aws_answer {
    struct strbuf body;
    int64_t date_ms; /* -1 unknown */
    char request_id[80];
};

/* True: HTTP 2xx; the caller frees the answer. False: *err; nothing is to be freed.
 * ERR_DENIED: IAM refused it (and it is remembered for aws_facts); ERR_AUTH: signature, key or
 * token; ERR_NOTFOUND; ERR_CONFLICT: throttled after the retries that the deadline allows, or the
 * thing is busy; ERR_UNSUPPORTED: this service or region has no such operation. The text is "NAME:
 * message" as the service said it. Retried here: a clock that was wrong, once; credentials that
 * ended meanwhile, once; throttling and 5xx with back-off where the call changes nothing. */
bool aws_send(struct aws_client *client, const struct aws_request *request,
              struct aws_answer *answer, struct err *err);
void aws_answer_free(struct aws_answer *answer);

/* Is there such an operation in this region? TRI_UNKNOWN until somebody has asked for it and said
 * what came of it: services get new ones, and not everywhere at once. */
enum tri aws_offers(struct aws *aws, enum aws_call call);
void aws_offered(struct aws *aws, enum aws_call call, bool is);

/* Counts what was asked otherwise than by aws_send: S3. Units: 0. */
void aws_count(struct aws *aws, enum aws_call call, int64_t units, bool failed, bool throttled);

/* What is known about account, credentials, refusals and cost; all but the identity. Fills *out,
 * strings in the arena. */
void aws_facts(struct aws *aws, struct arena *arena, struct aws_snap *out);

/* ---- secrets --------------------------------------------------------------------------------- */

/* The text with every ${secret:NAME#key} in it replaced by what Secrets Manager has: the member
 * `key` of the JSON text, or without #key all of it. malloc'd, wipe it; a text without any is
 * copied. Values are kept (encrypted they are not: never on a disk) until aws_secrets_forget. NULL
 * and *err. */
char *aws_settle(struct aws_client *client, const char *text, int64_t deadline_ms, int stop_fd,
                 struct err *err);
/* The same for a libpq connection string, where what is put in is quoted as its place needs it. */
char *aws_settle_conninfo(struct aws_client *client, const char *conninfo, int64_t deadline_ms,
                          int stop_fd, struct err *err);
bool aws_has_secret(const char *text); /* is there any ${secret:…} in it? NULL is fine */
/* After a server refused what came from secrets of that text: they may have been rotated. True: the
 * next aws_settle reads them anew (at most once a minute); false: that was just done. */
bool aws_secrets_forget(struct aws *aws, const char *text);

#endif
