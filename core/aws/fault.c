#include "aws/fault.h"

#include "base/iamtext.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "net/http.h"
#include "net/xmltree.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { BODY_MAX = 1024 * 1024, BEGIN_SHOWN = 100 };

/* ---- name and message ------------------------------------------------------------------------ */

/* "com.amazon.coral#Name:http://…" → "Name". */
static void put_code(struct aws_fault *f, const char *text)
{
    char code[2 * sizeof(f->code)];
    size_t n = strcspn(text, ":, \t\r\n");
    n = n < sizeof(code) - 1 ? n : sizeof(code) - 1;
    memcpy(code, text, n);
    code[n] = '\0';
    const char *hash = strrchr(code, '#');
    utf8_clean(f->code, sizeof(f->code), hash != NULL ? hash + 1 : code, false);
}

static void put_message(struct aws_fault *f, const char *text)
{
    char line[2 * sizeof(f->message)];
    size_t n = strcspn(text, "\r\n");
    n = n < sizeof(line) - 1 ? n : sizeof(line) - 1;
    memcpy(line, text, n);
    line[n] = '\0';
    utf8_clean(f->message, sizeof(f->message), line, false);
}

static void read_json(struct aws_fault *f, const char *body, size_t len)
{
    struct err ignored = ERR_INIT;
    cJSON *root = json_parse(body, len, &ignored);
    if (root == NULL)
        return;
    if (f->code[0] == '\0')
        put_code(f, json_str(root, "__type", json_str(root, "code", "")));
    put_message(f, json_str(root, "message",
                            json_str(root, "Message", json_str(root, "errorMessage", ""))));
    cJSON_Delete(root);
}

/* <ErrorResponse><Error><Code>…, or S3's <Error><Code>…. */
static void read_xml(struct aws_fault *f, const char *body, size_t len)
{
    struct err ignored = ERR_INIT;
    struct arena *arena = arena_new();
    const struct xmlnode *root = xmltree_read(body, len, arena, &ignored);
    const struct xmlnode *error = root;
    if (root != NULL && strcmp(root->name, "Error") != 0)
        error = xmltree_find(root, xmltree_find(root, "Errors") != NULL ? "Errors/Error" : "Error");
    put_code(f, xmltree_text(error, "Code", ""));
    put_message(f, xmltree_text(error, "Message", ""));
    arena_free(arena);
}

/* An answer of something in between: its first characters tell what. */
static void read_other(struct aws_fault *f, long status, const char *body, size_t len)
{
    char begin[BEGIN_SHOWN + 1], clean[3 * BEGIN_SHOWN];
    size_t n = len < BEGIN_SHOWN ? len : BEGIN_SHOWN;
    memcpy(begin, body, n);
    begin[n] = '\0';
    utf8_clean(clean, sizeof(clean), begin, false);
    (void)snprintf(f->message, sizeof(f->message), "HTTP %ld%s%s", status,
                   clean[0] != '\0' ? ": " : ", without a body", clean);
}

/* ---- what it means --------------------------------------------------------------------------- */

struct meaning {
    const char *code; /* shell pattern */
    enum err_kind kind;
    enum aws_handling handling;
    bool throttled;
};

/* The first row that fits. The unfinished ones stand for NAME, NAMEException, NAMEFault. */
/* clang-format off */
static const struct meaning meanings[] = {
    {"AccessDenied*",               ERR_DENIED,      AWS_FINAL, false},
    {"UnauthorizedOperation*",      ERR_DENIED,      AWS_FINAL, false},
    {"NotAuthorized*",              ERR_DENIED,      AWS_FINAL, false},
    {"AuthorizationError*",         ERR_DENIED,      AWS_FINAL, false},
    {"KMSAccessDenied*",            ERR_DENIED,      AWS_FINAL, false},
    {"Forbidden*",                  ERR_DENIED,      AWS_FINAL, false},
    {"RequestTimeTooSkewed*",       ERR_AUTH,        AWS_SKEW,  false},
    {"RequestExpired*",             ERR_AUTH,        AWS_SKEW,  false},
    {"RequestInTheFuture*",         ERR_AUTH,        AWS_SKEW,  false},
    {"ExpiredToken*",               ERR_AUTH,        AWS_RENEW, false},
    {"TokenRefreshRequired*",       ERR_AUTH,        AWS_RENEW, false},
    {"InvalidClientTokenId*",       ERR_AUTH,        AWS_RENEW, false},
    {"InvalidAccessKeyId*",         ERR_AUTH,        AWS_RENEW, false},
    {"InvalidToken*",               ERR_AUTH,        AWS_RENEW, false},
    {"UnrecognizedClient*",         ERR_AUTH,        AWS_RENEW, false},
    {"SignatureDoesNotMatch*",      ERR_AUTH,        AWS_RENEW, false},
    {"InvalidSignature*",           ERR_AUTH,        AWS_RENEW, false},
    {"IncompleteSignature*",        ERR_AUTH,        AWS_RENEW, false},
    {"AuthFailure*",                ERR_AUTH,        AWS_RENEW, false},
    {"OptInRequired*",              ERR_AUTH,        AWS_FINAL, false},
    {"SubscriptionRequired*",       ERR_AUTH,        AWS_FINAL, false},
    {"Throttl*",                    ERR_CONFLICT,    AWS_AGAIN, true },
    {"RequestThrottled*",           ERR_CONFLICT,    AWS_AGAIN, true },
    {"TooManyRequests*",            ERR_CONFLICT,    AWS_AGAIN, true },
    {"RequestLimitExceeded*",       ERR_CONFLICT,    AWS_AGAIN, true },
    {"BandwidthLimitExceeded*",     ERR_CONFLICT,    AWS_AGAIN, true },
    {"ProvisionedThroughputExceeded*", ERR_CONFLICT, AWS_AGAIN, true },
    {"LimitExceededException",      ERR_CONFLICT,    AWS_AGAIN, true },
    {"PriorRequestNotComplete*",    ERR_CONFLICT,    AWS_AGAIN, true },
    {"SlowDown",                    ERR_CONFLICT,    AWS_AGAIN, true },
    {"UnknownOperation*",           ERR_UNSUPPORTED, AWS_FINAL, false},
    {"InvalidAction",               ERR_UNSUPPORTED, AWS_FINAL, false},
    {"UnsupportedOperation*",       ERR_UNSUPPORTED, AWS_FINAL, false},
    {"NotImplemented*",             ERR_UNSUPPORTED, AWS_FINAL, false},
    {"*NotFound*",                  ERR_NOTFOUND,    AWS_FINAL, false},
    {"NoSuch*",                     ERR_NOTFOUND,    AWS_FINAL, false},
    {"Conflict*",                   ERR_CONFLICT,    AWS_FINAL, false},
    {"InvalidResourceState*",       ERR_CONFLICT,    AWS_FINAL, false},
    {"InvalidDB*State*",            ERR_CONFLICT,    AWS_FINAL, false},
    /* What we ask for cannot be: a name that is none, a secret that is to be deleted. */
    {"Validation*",                 ERR_CONFIG,      AWS_FINAL, false},
    {"InvalidParameter*",           ERR_CONFIG,      AWS_FINAL, false},
    {"InvalidRequest*",             ERR_CONFIG,      AWS_FINAL, false},
    {"BadRequest*",                 ERR_CONFIG,      AWS_FINAL, false},
    {"Internal*",                   ERR_SERVER,      AWS_AGAIN, false},
    {"ServiceUnavailable*",         ERR_SERVER,      AWS_AGAIN, false},
    {"RequestTimeout*",             ERR_TIMEOUT,     AWS_AGAIN, false},
};
/* clang-format on */

static void by_status(struct aws_fault *f, enum aws_protocol protocol, long status)
{
    f->kind = http_status_kind(status);
    f->handling = status >= 500 && status != 501 ? AWS_AGAIN : AWS_FINAL;
    f->throttled = status == 429;
    if (f->throttled) {
        f->kind = ERR_CONFLICT;
        f->handling = AWS_AGAIN;
    }
    /* No resource is called by that path: a service of before, or a region without it. */
    if (status == 404 && protocol == AWS_REST_JSON && f->code[0] == '\0')
        f->kind = ERR_UNSUPPORTED;
}

static void by_code(struct aws_fault *f)
{
    for (size_t i = 0; i < ARRAY_LEN(meanings); i++) {
        if (fnmatch(meanings[i].code, f->code, 0) == 0) {
            f->kind = meanings[i].kind;
            f->handling = meanings[i].handling;
            f->throttled = meanings[i].throttled;
            return;
        }
    }
}

/* Several services say with the name of a bad signature, or of a bad request, what is no such. */
static void by_message(struct aws_fault *f, enum aws_protocol protocol)
{
    if (strstr(f->message, "not authorized to perform") != NULL) {
        f->kind = ERR_DENIED;
        f->handling = AWS_FINAL;
    } else if (strstr(f->message, "Signature expired") != NULL ||
               strstr(f->message, "Signature not yet current") != NULL) {
        f->kind = ERR_AUTH;
        f->handling = AWS_SKEW;
    } else if (strncmp(f->code, "MissingAuthenticationToken", 26) == 0) {
        /* We always sign: so says the gateway of a REST service about a path that it has not. */
        f->kind = protocol == AWS_REST_JSON ? ERR_UNSUPPORTED : ERR_AUTH;
        f->handling = AWS_FINAL;
    } else if (f->handling == AWS_FINAL && f->kind != ERR_DENIED &&
               (strcasestr(f->message, "rate exceeded") != NULL)) {
        f->kind = ERR_CONFLICT;
        f->handling = AWS_AGAIN;
        f->throttled = true;
    }
}

/* ---- what IAM refused ------------------------------------------------------------------------ */

static void read_refusal(struct aws_fault *f)
{
    struct iam_denial denial;
    if (!iam_denial_read(f->message, &denial))
        return;
    (void)snprintf(f->action, sizeof(f->action), "%s", denial.action);
    if (strncmp(denial.resource, "arn:", 4) == 0 || strcmp(denial.resource, "*") == 0)
        (void)snprintf(f->resource, sizeof(f->resource), "%s", denial.resource);
}

void aws_fault_read(enum aws_protocol protocol, long status, const char *errortype,
                    const char *body, size_t len, struct aws_fault *fault)
{
    *fault = (struct aws_fault){0};
    if (len > BODY_MAX)
        len = 0;
    put_code(fault, errortype);
    if (protocol == AWS_QUERY || protocol == AWS_REST_XML)
        read_xml(fault, body, len);
    else
        read_json(fault, body, len);
    by_status(fault, protocol, status);
    if (fault->code[0] == '\0') {
        read_other(fault, status, body, len);
        return;
    }
    by_code(fault);
    by_message(fault, protocol);
    if (fault->kind == ERR_DENIED)
        read_refusal(fault);
}
