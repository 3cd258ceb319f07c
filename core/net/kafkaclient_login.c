/* kafkaclient_login.c: logging in by token (SASL OAUTHBEARER).
 *
 * The library wants a token before its first connection and asks for the next one when 80 % of its
 * life is over. With its SASL queue served by its own background thread that happens without
 * anybody polling (librdkafka 2.0.2). A token that cannot be had is asked for again after 10 s;
 * connections that stand are not touched by that.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/mem.h"
#include "net/kafkaclient_int.h"

#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TOKEN_WAIT_MS = 5000 };

struct kafkaclient_tokens {
    kafkaclient_token_fn *make;
    void *ctx;
    int stop_fd;          /* of who waits for the first one */
    int end_fd;           /* readable: the client is being closed */
    pthread_mutex_t lock; /* held while a token is made; guards what follows */
    bool ended;
    int refs;
};

/* ---- what the login is ---- */

static char *either(const char *given, const char *usual)
{
    const char *text = given != NULL ? given : usual;
    return mem_strdup(text != NULL ? text : "");
}

void kafkaclient_login_copy(struct kafkaclient_login *to, const struct kafka_config *cfg,
                            const struct kafkaclient_login *from)
{
    static const struct kafkaclient_login none = {.stop_fd = -1};
    *to = from != NULL ? *from : none;
    to->security_protocol = either(to->security_protocol, cfg->security_protocol);
    to->mechanism = either(to->mechanism, cfg->sasl_mechanism);
    to->username = either(to->username, cfg->sasl_username);
    to->password = either(to->password, cfg->sasl_password);
    to->key_password = either(to->key_password, cfg->ssl_key_password);
}

void kafkaclient_login_free(struct kafkaclient_login *login)
{
    const char *texts[] = {login->security_protocol, login->mechanism, login->username,
                           login->password, login->key_password};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        mem_wipe_free((char *)(uintptr_t)texts[i]); /* ours: kafkaclient_login_copy */
}

bool kafkaclient_login_by_token(const struct kafkaclient_login *login)
{
    return strncmp(login->security_protocol, "SASL", 4) == 0 &&
           strcmp(login->mechanism, "AWS_MSK_IAM") == 0;
}

/* ---- tokens ---- */

struct kafkaclient_tokens *kafkaclient_tokens_new(const struct kafkaclient_login *login)
{
    struct kafkaclient_tokens *t = mem_alloc(sizeof(*t));
    t->make = login->token;
    t->ctx = login->ctx;
    t->stop_fd = login->stop_fd;
    t->end_fd = bell_open();
    t->refs = 1;
    (void)pthread_mutex_init(&t->lock, NULL);
    return t;
}

void kafkaclient_tokens_ref(struct kafkaclient_tokens *t)
{
    if (t == NULL)
        return;
    pthread_mutex_lock(&t->lock);
    t->refs++;
    pthread_mutex_unlock(&t->lock);
}

void kafkaclient_tokens_unref(struct kafkaclient_tokens *t)
{
    if (t == NULL)
        return;
    pthread_mutex_lock(&t->lock);
    bool last = --t->refs == 0;
    pthread_mutex_unlock(&t->lock);
    if (!last)
        return;
    if (t->end_fd >= 0)
        (void)close(t->end_fd);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

void kafkaclient_tokens_end(struct kafkaclient_tokens *t)
{
    if (t == NULL)
        return;
    if (t->end_fd >= 0)
        bell_ring(t->end_fd);
    pthread_mutex_lock(&t->lock);
    t->ended = true;
    pthread_mutex_unlock(&t->lock);
}

static bool give(struct kafkaclient_tokens *t, rd_kafka_t *rk, int stop_fd, struct err *err)
{
    int64_t expires_ms = 0;
    char *token = NULL;
    char text[256];
    pthread_mutex_lock(&t->lock);
    if (t->ended)
        err_set(err, ERR_STOPPED, 0, "asked to stop");
    else if (t->make == NULL)
        err_set(err, ERR_CONFIG, 0, "no AWS credentials are at hand");
    else
        token = t->make(t->ctx, clock_mono_ms() + TOKEN_WAIT_MS, stop_fd, &expires_ms, err);
    pthread_mutex_unlock(&t->lock);
    if (token == NULL)
        return false;
    /* The library refuses one that has ended with a word that tells nothing. */
    bool ok = expires_ms > clock_wall_ms() ||
              err_set(err, ERR_AUTH, 0, "the token for Kafka ended before it was used");
    if (ok && rd_kafka_oauthbearer_set_token(rk, token, expires_ms, "", NULL, 0, text,
                                             sizeof(text)) != RD_KAFKA_RESP_ERR_NO_ERROR)
        ok = err_set(err, ERR_AUTH, 0, "the token for Kafka was not taken: %s", text);
    mem_wipe_free(token);
    return ok;
}

/* On the library's background thread. */
static void renew(rd_kafka_t *rk, const char *config, void *opaque)
{
    (void)config;
    const struct kafkaclient_handle *handle = opaque;
    struct err err = ERR_INIT;
    if (give(handle->tokens, rk, handle->tokens->end_fd, &err))
        return;
    if (err.kind != ERR_STOPPED)
        log_put(LOG_WARN, "kafka: no new token: %s", err.text);
    (void)rd_kafka_oauthbearer_set_token_failure(rk, err.text);
}

void kafkaclient_tokens_prepare(rd_kafka_conf_t *conf)
{
    rd_kafka_conf_enable_sasl_queue(conf, 1);
    rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, renew);
}

bool kafkaclient_tokens_begin(struct kafkaclient_handle *handle, struct err *err)
{
    if (!give(handle->tokens, handle->rk, handle->tokens->stop_fd, err))
        return false;
    rd_kafka_error_t *bad = rd_kafka_sasl_background_callbacks_enable(handle->rk);
    if (bad == NULL)
        return true;
    err_set(err, ERR_UNSUPPORTED, 0, "kafka: tokens cannot be renewed: %s",
            rd_kafka_error_string(bad));
    rd_kafka_error_destroy(bad);
    return false;
}
