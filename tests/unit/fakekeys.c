#include "tests/unit/fakekeys.h"

#include "base/clock.h"
#include "net/sigv4.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char imds_token[] = FAKEKEYS_SECRET "-imds-session-token==";

static void answer(struct fakekeys *f, int fd, int status, const char *body)
{
    char date[80];
    time_t now = (time_t)(atomic_load(&f->now_ms) / 1000);
    struct tm tm;
    (void)gmtime_r(&now, &tm);
    (void)strftime(date, sizeof(date), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm);
    fakehttp_answer(fd, status, date, body);
}

static void add_key(struct fakekeys *f, const char *id, const char *secret, const char *token)
{
    if (f->nkeys == FAKEKEYS_KEYS)
        abort();
    struct fakekeys_key *k = &f->keys[f->nkeys++];
    (void)snprintf(k->id, sizeof(k->id), "%s", id);
    (void)snprintf(k->secret, sizeof(k->secret), "%s", secret);
    (void)snprintf(k->token, sizeof(k->token), "%s", token);
}

void fakekeys_know(struct fakekeys *f, const char *id, const char *secret, const char *token)
{
    pthread_mutex_lock(&f->lock);
    add_key(f, id, secret, token);
    pthread_mutex_unlock(&f->lock);
}

void fakekeys_break(struct fakekeys *f, const char *target, int status, const char *body)
{
    pthread_mutex_lock(&f->lock);
    f->bad_target = target;
    f->bad_status = status;
    f->bad_body = body;
    pthread_mutex_unlock(&f->lock);
}

static const struct fakekeys_key *give(struct fakekeys *f, const char *kind)
{
    char id[40], secret[60], token[80];
    (void)snprintf(id, sizeof(id), "ASIA%s%d", kind, f->nkeys);
    (void)snprintf(secret, sizeof(secret), FAKEKEYS_SECRET "/key+%d", f->nkeys);
    (void)snprintf(token, sizeof(token), FAKEKEYS_SECRET "/token+%d==", f->nkeys);
    add_key(f, id, secret, token);
    return &f->keys[f->nkeys - 1];
}

static const char *expiration(struct fakekeys *f, char *buf, size_t size)
{
    int64_t life_ms = (int64_t)atomic_load(&f->life_s) * 1000;
    return clock_iso(atomic_load(&f->now_ms) + life_ms, buf, size);
}

static void give_json(struct fakekeys *f, int fd, const char *kind, const char *code)
{
    char body[600], until[40];
    const struct fakekeys_key *k = give(f, kind);
    (void)snprintf(body, sizeof(body),
                   "{%s\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"%s\",\"Token\":\"%s\","
                   "\"Expiration\":\"%s\"}",
                   code, k->id, k->secret, k->token, expiration(f, until, sizeof(until)));
    answer(f, fd, 200, body);
}

/* ---- the instance ---------------------------------------------------------------------------- */

static void imds_token_asked(struct fakekeys *f, int fd, const struct fakehttp_request *req)
{
    char ttl[16], forwarded[16];
    fakehttp_header(req, "x-aws-ec2-metadata-token-ttl-seconds", ttl, sizeof(ttl));
    fakehttp_header(req, "x-forwarded-for", forwarded, sizeof(forwarded));
    long seconds = strtol(ttl, NULL, 10);
    atomic_fetch_add(&f->imds_tokens, 1);
    if (strcmp(req->method, "PUT") != 0)
        answer(f, fd, 405, "");
    else if (forwarded[0] != '\0')
        answer(f, fd, 403, "");
    else if (seconds < 1 || seconds > 21600)
        answer(f, fd, 400, "");
    else
        answer(f, fd, 200, imds_token);
}

static void imds(struct fakekeys *f, int fd, const struct fakehttp_request *req)
{
    static const char role[] = "/latest/meta-data/iam/security-credentials/";
    char token[80];
    if (strcmp(req->target, "/latest/api/token") == 0) {
        imds_token_asked(f, fd, req);
        return;
    }
    fakehttp_header(req, "x-aws-ec2-metadata-token", token, sizeof(token));
    if (strcmp(token, imds_token) != 0 || strcmp(req->method, "GET") != 0) {
        answer(f, fd, 401, "");
    } else if (strcmp(req->target, role) == 0) {
        answer(f, fd, 200, "bastion+role");
    } else if (strcmp(req->target, "/latest/meta-data/iam/security-credentials/bastion%2Brole") ==
               0) {
        atomic_fetch_add(&f->imds_keys, 1);
        give_json(f, fd, "IMDS", "\"Code\":\"Success\",\"Type\":\"AWS-HMAC\",");
    } else if (strcmp(req->target, "/latest/meta-data/placement/region") == 0) {
        answer(f, fd, 200, "ap-south-1\n");
    } else {
        answer(f, fd, 404, "<html>not here</html>");
    }
}

/* ---- STS ------------------------------------------------------------------------------------- */

static const struct fakekeys_key *known(const struct fakekeys *f, const char *id)
{
    for (int i = 0; i < f->nkeys; i++) {
        if (strcmp(f->keys[i].id, id) == 0)
            return &f->keys[i];
    }
    return NULL;
}

/* "20261120T140322Z" */
static int64_t amz_time(const char *s)
{
    char iso[40];
    if (strlen(s) != 16)
        return -1;
    (void)snprintf(iso, sizeof(iso), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", s, s + 4, s + 6, s + 9,
                   s + 11, s + 13);
    return clock_parse_iso(iso);
}

/* Signs it once more with the secret of who says to have signed it. */
static const char *wrong_signature(struct fakekeys *f, const struct fakehttp_request *req)
{
    char given[1000], date[20], host[80], type[80], token[80], id[40], region[40], digest[65];
    fakehttp_header(req, "authorization", given, sizeof(given));
    fakehttp_header(req, "x-amz-date", date, sizeof(date));
    fakehttp_header(req, "host", host, sizeof(host));
    fakehttp_header(req, "content-type", type, sizeof(type));
    fakehttp_header(req, "x-amz-security-token", token, sizeof(token));
    if (sscanf(given, "AWS4-HMAC-SHA256 Credential=%119[^,]", f->scope) != 1 ||
        sscanf(f->scope, "%39[^/]/%*[^/]/%39[^/]/sts/aws4_request", id, region) != 2)
        return "IncompleteSignature";
    const struct fakekeys_key *k = known(f, id);
    if (k == NULL || strcmp(k->token, token) != 0)
        return "InvalidClientTokenId";
    sigv4_sha256_hex(req->body, req->len - (size_t)(req->body - req->text), digest);
    const struct sigv4_header header = {"content-type", type};
    const struct sigv4_request sign = {.method = "POST",
                                       .host = host,
                                       .path = "/",
                                       .query = "",
                                       .headers = &header,
                                       .nheaders = 1,
                                       .payload_sha256 = digest,
                                       .region = region,
                                       .service = "sts",
                                       .time_ms = amz_time(date)};
    struct fakekeys_key copy = *k;
    const struct aws_credentials creds = {.access_key_id = copy.id,
                                          .secret_access_key = copy.secret,
                                          .session_token =
                                              copy.token[0] != '\0' ? copy.token : NULL};
    struct sigv4_result result;
    if (!sigv4_sign(&sign, &creds, &result, NULL))
        return "IncompleteSignature";
    bool same = strcmp(result.authorization.text, given) == 0;
    sigv4_result_free(&result);
    int64_t off = amz_time(date) - atomic_load(&f->now_ms);
    if (off > 300000 || off < -300000)
        return "RequestExpired";
    return same ? NULL : "SignatureDoesNotMatch";
}

static void sts(struct fakekeys *f, int fd, const struct fakehttp_request *req)
{
    char body[1200], until[40];
    atomic_fetch_add(&f->sts, 1);
    (void)snprintf(f->form, sizeof(f->form), "%s", req->body);
    bool web = strstr(f->form, "Action=AssumeRoleWithWebIdentity&") != NULL;
    const char *wrong = web ? NULL : wrong_signature(f, req);
    if (wrong != NULL) {
        (void)snprintf(body, sizeof(body),
                       "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>"
                       "<Type>Sender</Type><Code>%s</Code><Message>no</Message></Error>"
                       "</ErrorResponse>",
                       wrong);
        answer(f, fd, 403, body);
        return;
    }
    const struct fakekeys_key *k = give(f, "STS");
    const char *action = web ? "AssumeRoleWithWebIdentity" : "AssumeRole";
    (void)snprintf(body, sizeof(body),
                   "<%sResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><%sResult>"
                   "<Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s</SecretAccessKey>"
                   "<SessionToken>%s</SessionToken><Expiration>%s</Expiration></Credentials>"
                   "</%sResult></%sResponse>",
                   action, action, k->id, k->secret, k->token, expiration(f, until, sizeof(until)),
                   action, action);
    answer(f, fd, 200, body);
}

/* ---- all ------------------------------------------------------------------------------------- */

static void serve(struct fakekeys *f, int fd, const struct fakehttp_request *req)
{
    if (strncmp(req->target, "/latest/", 8) == 0) {
        imds(f, fd, req);
    } else if (strcmp(req->target, "/container") == 0) {
        atomic_fetch_add(&f->container, 1);
        fakehttp_header(req, "authorization", f->authorization, sizeof(f->authorization));
        give_json(f, fd, "TASK", "");
    } else if (strcmp(req->target, "/") == 0 && strcmp(req->method, "POST") == 0) {
        sts(f, fd, req);
    } else {
        answer(f, fd, 404, "");
    }
}

static void handle(struct fakehttp *server, int fd, const struct fakehttp_request *req, void *arg)
{
    struct fakekeys *f = arg;
    pthread_mutex_lock(&f->lock);
    bool bad =
        f->bad_target != NULL && strncmp(req->target, f->bad_target, strlen(f->bad_target)) == 0;
    int status = f->bad_status;
    const char *body = f->bad_body;
    if (!bad)
        serve(f, fd, req);
    pthread_mutex_unlock(&f->lock);
    if (bad && status == 0)
        fakehttp_hold(server, fd);
    else if (bad)
        answer(f, fd, status, body);
}

void fakekeys_start(struct fakekeys *f, int64_t now_ms)
{
    *f = (struct fakekeys){0};
    (void)pthread_mutex_init(&f->lock, NULL);
    atomic_store(&f->now_ms, now_ms);
    atomic_store(&f->life_s, 6 * 3600);
    f->server = fakehttp_start(handle, f);
    (void)snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%d", fakehttp_port(f->server));
}

struct fakehttp *fakekeys_also_at(struct fakekeys *f, const char *address, int port)
{
    return fakehttp_start_at(address, port, handle, f);
}

void fakekeys_stop(struct fakekeys *f)
{
    fakehttp_stop(f->server);
    (void)pthread_mutex_destroy(&f->lock);
}
