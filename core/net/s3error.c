/* s3error.c: what an S3 server says when it refuses, in our kinds and words. Codes: AWS's list of
 * S3 error responses. */
#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "net/s3list_int.h"
#include "net/s3xml.h"

#include <string.h>

static const struct {
    const char *code;
    enum err_kind kind;
} codes[] = {
    {"AccessDenied",          ERR_DENIED     },
    {"AllAccessDisabled",     ERR_DENIED     },
    {"AccountProblem",        ERR_DENIED     },
    {"InvalidObjectState",    ERR_DENIED     }, /* archived: it cannot be read as it is */
    {"SignatureDoesNotMatch", ERR_AUTH       },
    {"InvalidAccessKeyId",    ERR_AUTH       },
    {"XAdminUserNotFound",    ERR_AUTH       }, /* versitygw, with status 404 */
    {"ExpiredToken",          ERR_AUTH       },
    {"InvalidToken",          ERR_AUTH       },
    {"TokenRefreshRequired",  ERR_AUTH       },
    {"InvalidSecurity",       ERR_AUTH       },
    {"RequestTimeTooSkewed",  ERR_AUTH       },
    {"MissingSecurityHeader", ERR_AUTH       },
    {"NoSuchBucket",          ERR_NOTFOUND   },
    {"NoSuchAccessPoint",     ERR_NOTFOUND   },
    {"SlowDown",              ERR_SERVER     },
    {"ServiceUnavailable",    ERR_SERVER     },
    {"RequestTimeout",        ERR_TIMEOUT    },
    {"NotImplemented",        ERR_UNSUPPORTED},
    {"MethodNotAllowed",      ERR_UNSUPPORTED},
};

static enum err_kind code_kind(const char *code, long status)
{
    if (strncmp(code, "KMS.", 4) == 0)
        return ERR_DENIED;
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        if (strcmp(codes[i].code, code) == 0)
            return codes[i].kind;
    }
    return http_status_kind(status);
}

bool s3error_is_region(const char *code)
{
    static const char *const words[] = {"PermanentRedirect", "TemporaryRedirect", "Redirect",
                                        "AuthorizationHeaderMalformed",
                                        "IllegalLocationConstraintException"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(words[i], code) == 0)
            return true;
    }
    return false;
}

/* The bucket let us in, the key that its objects are encrypted with did not. */
static bool of_kms(const struct s3xml_error *e)
{
    return strncmp(e->code, "KMS.", 4) == 0 || strstr(e->message, "kms:") != NULL ||
           strstr(e->message, "arn:aws:kms:") != NULL ||
           strstr(e->message, "refers to a customer master key") != NULL;
}

static bool not_s3(long status, const char *body, size_t len, struct err *err)
{
    char start[81], head[120];
    size_t n = len < sizeof(start) - 1 ? len : sizeof(start) - 1;
    memcpy(start, body, n);
    start[n] = '\0';
    utf8_clean(head, sizeof(head), start, false);
    if (len == 0)
        return err_set(err, status >= 400 ? http_status_kind(status) : ERR_PROTOCOL, (int)status,
                       "HTTP %ld without a body", status);
    return err_set(err, ERR_PROTOCOL, (int)status, "HTTP %ld and no S3 answer: \"%s%s\"", status,
                   head, len > n ? "…" : "");
}

bool s3list_error(long status, const char *body, size_t len, const char *bucket,
                  const char *our_region, const char *region, struct err *err)
{
    struct s3xml_error e;
    bool read = s3xml_read_error(body, len, &e);
    const char *there = region != NULL && region[0] != '\0' ? region : read ? e.region : "";
    if (read && there[0] != '\0' && s3error_is_region(e.code))
        return err_set(err, ERR_CONFIG, (int)status,
                       "bucket %s is in region %s, not %s: set region = \"%s\"", bucket, there,
                       our_region, there);
    if (read && strcmp(e.code, "SlowDown") == 0)
        return err_set(err, ERR_SERVER, (int)status, "S3 says SlowDown: too many requests");
    if (read)
        return err_set(err, code_kind(e.code, status), (int)status, "%s: %s%s", e.code,
                       e.message[0] != '\0' ? e.message : "(no message)",
                       of_kms(&e) ? " (refused by the KMS key, not by the bucket)" : "");
    if (len == 0 && (status == 301 || status == 307) && there[0] != '\0')
        return err_set(err, ERR_CONFIG, (int)status, "bucket %s is in region %s, not %s", bucket,
                       there, our_region);
    return not_s3(status, body, len, err);
}

static bool clock_skewed(const struct http_response *resp, struct err *err)
{
    int64_t off_s = resp->date_ms >= 0 ? (clock_wall_ms() - resp->date_ms) / 1000 : 0;
    if (strstr(resp->body.text, "<Code>RequestTimeTooSkewed</Code>") == NULL)
        return false;
    err_set(err, ERR_AUTH, (int)resp->status,
            "RequestTimeTooSkewed: this machine's clock is %lld s %s of the server's",
            (long long)(off_s < 0 ? -off_s : off_s), off_s < 0 ? "behind" : "ahead");
    return true;
}

bool s3list_refused(const struct s3list *list, const struct http_response *resp, struct err *err)
{
    return !clock_skewed(resp, err) && s3list_error(resp->status, resp->body.text, resp->body.len,
                                                    list->bucket, list->region, resp->region, err);
}
