#include "aws/kafka_login.h"

#include "aws/aws.h"
#include "aws/refusal.h"
#include "base/clock.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANEW_MS = 60 * 1000 };

struct kafka_login {
    const struct pipeline_config *cfg;
    struct aws *aws;
    struct aws_client *client;
    char region[64]; /* that tokens are for */
    char *username, *password, *key_password;
    bool by_token, by_secret;
    bool at_msk;            /* the brokers' names are MSK's */
    int64_t anew_ms;        /* monotonic: when the client was last made anew for a refusal; 0 */
    struct refusal refusal; /* as of then */
};

struct kafka_login *kafka_login_new(const struct pipeline_config *cfg, struct aws *aws)
{
    struct kafka_login *l = mem_alloc(sizeof(*l));
    l->cfg = cfg;
    l->aws = aws;
    return l;
}

static void forget(struct kafka_login *l)
{
    free(l->username);
    mem_wipe_free(l->password);
    mem_wipe_free(l->key_password);
    l->username = l->password = l->key_password = NULL;
}

void kafka_login_free(struct kafka_login *l)
{
    if (l == NULL)
        return;
    forget(l);
    aws_client_close(l->client);
    free(l);
}

bool kafka_login_region(const char *bootstrap, char *out, size_t size)
{
    static const char *const marks[] = {".kafka.", ".kafka-serverless."};
    size_t host = strcspn(bootstrap, ":,");
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        const char *at = strstr(bootstrap, marks[i]);
        if (at == NULL || (size_t)(at - bootstrap) >= host)
            continue;
        at += strlen(marks[i]);
        size_t n = strcspn(at, ".:,");
        if (n == 0 || n >= size || strncmp(at + n, ".amazonaws.com", 14) != 0)
            continue;
        (void)snprintf(out, size, "%.*s", (int)n, at);
        return true;
    }
    return false;
}

/* On any thread; region and aws do not change while a client is open. */
static char *make_token(void *ctx, int64_t deadline_ms, int stop_fd, int64_t *expires_ms,
                        struct err *err)
{
    struct kafka_login *l = ctx;
    struct aws_credentials creds;
    if (!aws_credentials(l->aws, deadline_ms, stop_fd, &creds, err)) {
        err_wrap(err, "no token for Kafka");
        return NULL;
    }
    int64_t now = aws_now_ms(l->aws);
    char *token = sigv4_msk_token(&creds, l->region, "cdctop", now, expires_ms);
    if (token == NULL) {
        err_set(err, ERR_AUTH, 0, "no token for Kafka: the credentials have no key in them");
    } else {
        /* Temporary keys may end before it does. The library goes by our clock, not AWS's. */
        if (creds.expires_ms < *expires_ms)
            *expires_ms = creds.expires_ms;
        *expires_ms += clock_wall_ms() - now;
    }
    aws_credentials_free(&creds);
    return token;
}

static const char *first_broker(const struct kafka_login *l, const struct kafka_place *place)
{
    const struct strlist *servers = &l->cfg->kafka.bootstrap_servers;
    return place->bootstrap != NULL ? place->bootstrap
           : servers->count > 0     ? servers->items[0]
                                    : "";
}

static bool settle_token(struct kafka_login *l, const struct kafka_place *place, struct err *err)
{
    const char *first = first_broker(l, place);
    if (l->aws == NULL)
        return err_set(err, ERR_CONFIG, 0, "no token for Kafka: there are no AWS credentials");
    if (!kafka_login_region(first, l->region, sizeof(l->region)))
        (void)snprintf(l->region, sizeof(l->region), "%s", aws_region(l->aws));
    return l->region[0] != '\0' ||
           err_set(err, ERR_CONFIG, 0,
                   "no token for Kafka: no AWS region is known: set region in [pipeline.aws], or "
                   "AWS_REGION");
}

/* One field of the login, where it is a secret; *out stays NULL where it is not. */
static bool settle_field(struct kafka_login *l, const char *name, const char *text,
                         const struct kafkaclient_until *until, char **out, struct err *err)
{
    if (!aws_has_secret(text))
        return true;
    *out = aws_settle(l->client, text, until->deadline_ms, until->stop_fd, err);
    return *out != NULL || err_wrap(err, "%s of Kafka", name);
}

static bool settle_secret(struct kafka_login *l, const struct kafkaclient_until *until,
                          struct err *err)
{
    const struct kafka_config *kafka = &l->cfg->kafka;
    if (l->aws == NULL)
        return err_set(err, ERR_CONFIG, 0,
                       "the login to Kafka is a secret of AWS, and there are "
                       "no AWS credentials");
    if (l->client == NULL)
        l->client = aws_client_open(l->aws);
    forget(l);
    return settle_field(l, "sasl_username", kafka->sasl_username, until, &l->username, err) &&
           settle_field(l, "sasl_password", kafka->sasl_password, until, &l->password, err) &&
           settle_field(l, "ssl_key_password", kafka->ssl_key_password, until, &l->key_password,
                        err);
}

bool kafka_login_settle(struct kafka_login *l, const struct kafka_place *place,
                        const struct kafkaclient_until *until, struct kafkaclient_login *out,
                        struct err *err)
{
    const struct kafka_config *kafka = &l->cfg->kafka;
    const char *protocol =
        place->security_protocol != NULL ? place->security_protocol : kafka->security_protocol;
    const char *mechanism = place->mechanism != NULL ? place->mechanism : kafka->sasl_mechanism;
    bool sasl = protocol != NULL && strncmp(protocol, "SASL", 4) == 0;
    l->by_token = sasl && mechanism != NULL && strcmp(mechanism, "AWS_MSK_IAM") == 0;
    l->by_secret = aws_has_secret(kafka->ssl_key_password) ||
                   (sasl && !l->by_token &&
                    (aws_has_secret(kafka->sasl_username) || aws_has_secret(kafka->sasl_password)));
    char region[sizeof(l->region)];
    l->at_msk = sasl && kafka_login_region(first_broker(l, place), region, sizeof(region));
    if ((l->by_token && !settle_token(l, place, err)) ||
        (l->by_secret && !settle_secret(l, until, err)))
        return false;
    *out = (struct kafkaclient_login){
        .security_protocol = place->security_protocol,
        .mechanism = place->mechanism,
        .username = l->username,
        .password = l->password,
        .key_password = l->key_password,
        .token = l->by_token ? make_token : NULL,
        .ctx = l,
        .stop_fd = until->stop_fd,
    };
    return true;
}

/* ---- refusals -------------------------------------------------------------------------------- */

static bool says(const struct err *err, const char *word)
{
    return strcasestr(err->text, word) != NULL;
}

/* The broker tells little ("Access denied"); what we know of keys and clocks may tell more. */
static void explain_token(const struct kafka_login *l, struct err *err)
{
    const char *clock = NULL;
    if (says(err, "expired") || says(err, "skew") || says(err, "not yet"))
        clock = aws_skew_ms(l->aws) == UNKNOWN
                    ? "the clock of this machine is wrong, or the broker's is: set it by NTP"
                    : "our time is AWS's already: the broker's clock is wrong, or the token was on "
                      "its way for too long";
    refusal_explain(l->aws, &l->refusal, clock, "kafka-cluster:Connect on the cluster", err);
}

/* MSK knows those users alone whose secrets were associated with the cluster. */
static void explain_user(struct err *err)
{
    size_t n = strlen(err->text);
    (void)snprintf(err->text + n, sizeof(err->text) - n,
                   "; is its secret (AmazonMSK_…) associated with the cluster: aws kafka "
                   "list-scram-secrets");
}

static bool forget_secrets(struct kafka_login *l)
{
    bool user = aws_has_secret(l->cfg->kafka.sasl_username) &&
                aws_secrets_forget(l->aws, l->cfg->kafka.sasl_username);
    bool password = aws_has_secret(l->cfg->kafka.sasl_password) &&
                    aws_secrets_forget(l->aws, l->cfg->kafka.sasl_password);
    return user || password;
}

bool kafka_login_refused(struct kafka_login *l, const struct kafkaclient_until *until,
                         struct err *err)
{
    if (err->kind == ERR_AUTH && l->at_msk && !l->by_token)
        explain_user(err);
    if (err->kind != ERR_AUTH || (!l->by_token && !l->by_secret))
        return false;
    int64_t now = clock_mono_ms();
    bool anew = l->anew_ms == 0 || now - l->anew_ms >= ANEW_MS;
    if (l->by_token && l->client == NULL)
        l->client = aws_client_open(l->aws);
    if (anew && l->by_token)
        refusal_ask(l->client, until->deadline_ms, until->stop_fd, &l->refusal);
    if (l->by_token)
        explain_token(l, err);
    if (anew)
        l->anew_ms = now;
    if (anew && l->by_token)
        aws_credentials_refused(l->aws);
    return anew && (l->by_token || forget_secrets(l));
}
