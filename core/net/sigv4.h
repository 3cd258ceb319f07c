/* sigv4.h: AWS Signature Version 4, by hand, because libcurl 7.88 signs ARN paths and unsorted
 * queries wrongly. Pure functions over libcrypto: the time is a parameter. Proven by the vectors in
 * tests/vectors (build/sigv4-vectors).
 */
#ifndef CDCTOP_NET_SIGV4_H
#define CDCTOP_NET_SIGV4_H

#include "base/err.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aws_credentials {
    char *access_key_id;
    char *secret_access_key; /* secret */
    char *session_token;     /* secret; NULL: none */
    int64_t expires_ms;      /* wall clock; INT64_MAX: never */
};
void aws_credentials_free(struct aws_credentials *creds); /* wipes; leaves it empty */

struct sigv4_header {
    const char *name, *value;
};

struct sigv4_request {
    const char *method;
    const char *host;  /* with a non-default port */
    const char *path;  /* already percent-encoded, as it will be sent; "" counts as "/" */
    const char *query; /* raw, as it will be sent, without '?'; any order */
    const struct sigv4_header *headers; /* further headers to sign */
    size_t nheaders;
    const char *payload_sha256;   /* 64 hex digits or "UNSIGNED-PAYLOAD" */
    const char *region, *service; /* service "s3": path is not encoded a second time */
    int64_t time_ms;              /* wall clock */
};

struct sigv4_result {
    struct strbuf canonical_request, string_to_sign;
    struct strbuf authorization; /* the value of the Authorization header */
    char signature[65];
    char amz_date[17]; /* 20260314T015926Z: the value of X-Amz-Date, already among the signed */
};
void sigv4_result_free(struct sigv4_result *result);

/* Signs with headers: host and x-amz-date are always signed; x-amz-security-token when the
 * credentials have one; x-amz-content-sha256 for service s3. The caller sends exactly those. */
bool sigv4_sign(const struct sigv4_request *req, const struct aws_credentials *creds,
                struct sigv4_result *result, struct err *err);

/* Token for MSK IAM (OAUTHBEARER): base64url of a presigned URL; malloc'd, wipe it. user_agent may
 * be NULL. *expires_ms gets its end. */
char *sigv4_msk_token(const struct aws_credentials *creds, const char *region,
                      const char *user_agent, int64_t time_ms, int64_t *expires_ms);

/* Password for RDS IAM login; malloc'd, wipe it. */
char *sigv4_rds_token(const struct aws_credentials *creds, const char *region, const char *host,
                      int port, const char *user, int64_t time_ms);

void sigv4_sha256_hex(const void *data, size_t n, char out[65]);

#endif
