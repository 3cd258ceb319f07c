#include "net/kafkaclient.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "net/kafkaclient_int.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static_assert(RD_KAFKA_VERSION >= 0x020002ff, "librdkafka 2.0.2 or newer");

enum { IDLE_CLOSE_MS = 60 * 1000 };

/* ---- what went wrong ---- */

static bool has(const char *text, const char *word)
{
    return strstr(text, word) != NULL;
}

/* _TRANSPORT covers everything between a refused connection and a wrong protocol; the text tells.
 */
static enum err_kind kind_of_transport(const char *text)
{
    if (has(text, "incorrect security.protocol") || has(text, "SSL"))
        return ERR_TLS;
    if (has(text, "SASL"))
        return ERR_AUTH;
    if (has(text, "timed out") || has(text, "Timed out"))
        return ERR_TIMEOUT;
    return ERR_REFUSED;
}

static enum err_kind kind_of(int code, const char *text)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM: return ERR_AUTH;
    case RD_KAFKA_RESP_ERR__SSL: return ERR_TLS;
    case RD_KAFKA_RESP_ERR__BAD_MSG: return ERR_PROTOCOL;
    case RD_KAFKA_RESP_ERR__RESOLVE: return ERR_DNS;
    case RD_KAFKA_RESP_ERR__TRANSPORT: return kind_of_transport(text);
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN: return ERR_REFUSED;
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT: return ERR_TIMEOUT;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED: return ERR_DENIED;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION: return ERR_NOTFOUND;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE: return ERR_TOOBIG;
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION: return ERR_UNSUPPORTED;
    default: return ERR_SERVER;
    }
}

/* Codes that say only that no answer came, or no login; the reason is in the error callback. */
static bool is_vague(int code)
{
    return code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TRANSPORT ||
           code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || code == RD_KAFKA_RESP_ERR__WAIT_COORD ||
           code == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT || code == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE ||
           code == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
           code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
}

static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
    (void)rk;
    struct kafkaclient_handle *handle = opaque;
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        handle->all_down = true;
        if (handle->trouble != ERR_NONE)
            return; /* "1/1 brokers are down" must not hide why */
    }
    handle->trouble = kind_of(code, reason);
    handle->trouble_code = code;
    /* "… (after 5ms in state CONNECT, 1 identical error(s) suppressed)": of use to nobody;
     * "probably due to broker version < 0.10" is what it says of a frozen one. */
    const char *tail = strstr(reason, ": probably due to broker version");
    tail = tail != NULL ? tail : strstr(reason, " (after ");
    int len = tail != NULL ? (int)(tail - reason) : (int)strlen(reason);
    (void)snprintf(handle->trouble_text, sizeof(handle->trouble_text), "%.*s", len, reason);
}

static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    (void)rk;
    /* The warnings about "ignored" consumer settings on a producer handle are wrong: the isolation
     * level is obeyed, and needed. */
    if (strcmp(facility, "CONFWARN") == 0)
        return;
    log_put(level <= 4 ? LOG_WARN : LOG_DEBUG, "kafka: %s: %s", facility, text);
}

void kafkaclient_serve(struct kafkaclient_handle *handle)
{
    for (int i = 0; i < 1000 && rd_kafka_poll(handle->rk, 0) > 0; i++)
        ;
}

void kafkaclient_success(struct kafkaclient_handle *handle)
{
    handle->trouble = ERR_NONE;
    handle->all_down = false;
    handle->used_ms = clock_mono_ms();
}

bool kafkaclient_fail(struct kafkaclient_handle *handle, int code, const char *what,
                      struct err *err)
{
    kafkaclient_serve(handle);
    if (is_vague(code) && handle->trouble != ERR_NONE)
        return err_set(err, handle->trouble, handle->trouble_code, "%s: %s", what,
                       handle->trouble_text);
    const char *text = code == RD_KAFKA_RESP_ERR__TIMED_OUT
                           ? "no answer in time"
                           : rd_kafka_err2str((rd_kafka_resp_err_t)code);
    return err_set(err, kind_of(code, text), code, "%s: %s", what, text);
}

bool kafkaclient_stopped(const struct kafkaclient_until *until, struct err *err)
{
    struct pollfd fd = {.fd = until->stop_fd, .events = POLLIN};
    if (until->stop_fd < 0 || poll(&fd, 1, 0) <= 0)
        return false;
    err_set(err, ERR_STOPPED, 0, "asked to stop");
    return true;
}

bool kafkaclient_over(const struct kafkaclient_until *until, struct err *err)
{
    if (kafkaclient_stopped(until, err))
        return true;
    if (clock_left_ms(until->deadline_ms) == 0) {
        err_set(err, ERR_TIMEOUT, 0, "no answer in time");
        return true;
    }
    return false;
}

int kafkaclient_slice(const struct kafkaclient_until *until, int max)
{
    int left = clock_left_ms(until->deadline_ms);
    return left < max ? left : max;
}

/* ---- handles ---- */

/* The library says of a file that is not there only "x509 certificate routines::system lib". */
static bool check_files(const struct kafka_config *cfg, struct err *err)
{
    const char *files[] = {cfg->ssl_ca, cfg->ssl_certificate, cfg->ssl_key};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        if (files[i] != NULL && files[i][0] != '\0' && strcmp(files[i], "probe") != 0 &&
            access(files[i], R_OK) != 0)
            return err_set(err, ERR_CONFIG, errno, "kafka: %s: %s", files[i], strerror(errno));
    }
    return true;
}

struct setting {
    const char *key, *value;
};

static bool set_all(rd_kafka_conf_t *conf, const struct setting *settings, size_t n,
                    struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        char text[256];
        if (settings[i].value == NULL || settings[i].value[0] == '\0')
            continue;
        if (rd_kafka_conf_set(conf, settings[i].key, settings[i].value, text, sizeof(text)) !=
            RD_KAFKA_CONF_OK)
            return err_set(err, ERR_CONFIG, 0, "kafka: %s", text);
    }
    return true;
}

static bool set_connection(rd_kafka_conf_t *conf, const struct kafkaclient *client, struct err *err)
{
    const struct kafka_config *cfg = client->cfg;
    char timeout[24];
    int64_t ms = cfg->timeout_ms < 5000 ? 5000 : cfg->timeout_ms > 10000 ? 10000 : cfg->timeout_ms;
    (void)snprintf(timeout, sizeof(timeout), "%lld", (long long)ms);
    const struct kafkaclient_login *login = &client->login;
    bool sasl = strncmp(login->security_protocol, "SASL", 4) == 0;
    bool token = kafkaclient_login_by_token(login);
    const char *mechanism = token ? "OAUTHBEARER" : login->mechanism;
    const struct setting settings[] = {
        {"client.id",                             "cdctop"                               },
        {"bootstrap.servers",                     client->bootstrap                      },
        {"security.protocol",                     login->security_protocol               },
        {"sasl.mechanism",                        sasl ? mechanism : NULL                },
        {"sasl.username",                         sasl && !token ? login->username : NULL},
        {"sasl.password",                         sasl && !token ? login->password : NULL},
        {"ssl.ca.location",                       cfg->ssl_ca                            },
        {"ssl.certificate.location",              cfg->ssl_certificate                   },
        {"ssl.key.location",                      cfg->ssl_key                           },
        {"ssl.key.password",                      login->key_password                    },
        {"ssl.endpoint.identification.algorithm", "https"                                },
        {"socket.timeout.ms",                     timeout                                },
        {"socket.connection.setup.timeout.ms",    "5000"                                 },
        {"socket.keepalive.enable",               "true"                                 },
        {"reconnect.backoff.ms",                  "200"                                  },
        {"reconnect.backoff.max.ms",              "2000"                                 },
        {"receive.message.max.bytes",             "67108864"                             },
        {"log.queue",                             "true"                                 },
        {"log_level",                             "4"                                    },
        {"allow.auto.create.topics",              "false"                                },
 /* The default, read_committed, gives the last stable offset instead of the end. */
        {"isolation.level",                       "read_uncommitted"                     },
    };
    return set_all(conf, settings, ARRAY_LEN(settings), err);
}

static bool set_role(rd_kafka_conf_t *conf, enum kafkaclient_role role, const char *group,
                     struct err *err)
{
    static const struct setting reader[] = {
        {"enable.partition.eof",       "true"   },
        {"fetch.wait.max.ms",          "100"    },
        {"fetch.error.backoff.ms",     "100"    },
        {"fetch.message.max.bytes",    "65536"  },
        {"fetch.max.bytes",            "1000000"},
 /* All partitions share one queue: with a small minimum the first one to arrive would keep
  * the   others from being fetched until a timer runs, once a second. */
        {"queued.min.messages",        "1000"   },
        {"queued.max.messages.kbytes", "1024"   },
        {"auto.offset.reset",          "error"  },
    };
    static const struct setting sender[] = {
        {"acks",                              "all" },
        {"topic.metadata.propagation.max.ms", "1000"},
        {"linger.ms",                         "0"   },
    };
    const struct setting consumer[] = {
        {"group.id",                 group  },
        {"enable.auto.commit",       "false"},
        {"enable.auto.offset.store", "false"},
    };
    if (role == KAFKACLIENT_SENDER)
        return set_all(conf, sender, ARRAY_LEN(sender), err);
    if (role == KAFKACLIENT_ASKER)
        return true;
    return set_all(conf, consumer, ARRAY_LEN(consumer), err) &&
           (role != KAFKACLIENT_READER || set_all(conf, reader, ARRAY_LEN(reader), err));
}

/* With its first handle librdkafka starts Cyrus SASL for Kerberos, which is no mechanism of ours
 * (the others are its own), and that loads every plugin of the machine, a database among them: half
 * a megabyte. In an empty path it finds none. By name, because not every librdkafka is built with
 * it. */
static void leave_sasl_plugins_out(void)
{
    enum { TYPE_PLUGIN = 0 }; /* sasl/sasl.h: SASL_PATH_TYPE_PLUGIN */
    int (*set_path)(int, char *) = (int (*)(int, char *))dlsym(RTLD_DEFAULT, "sasl_set_path");
    char nowhere[] = "";
    if (set_path != NULL)
        (void)set_path(TYPE_PLUGIN, nowhere);
}

/* librdkafka's main thread sleeps for whole milliseconds and spins until its timer is due (2.0.2;
 * newer ones round up): a third of all our time. Where a sleep may end a millisecond late, it ends
 * after that. Threads inherit this from their maker; what a broker sends still wakes them at once.
 */
static rd_kafka_t *new_with_slack(bool consumer, rd_kafka_conf_t *conf, char *text, size_t size)
{
    enum { SLACK_NS = 1000 * 1000 };
    int before = prctl(PR_GET_TIMERSLACK, 0UL, 0UL, 0UL, 0UL);
    bool more = before > 0 && before < SLACK_NS; /* -1: it cannot be told */
    if (more)
        (void)prctl(PR_SET_TIMERSLACK, (unsigned long)SLACK_NS, 0UL, 0UL, 0UL);
    rd_kafka_t *rk =
        rd_kafka_new(consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf, text, size);
    if (more)
        (void)prctl(PR_SET_TIMERSLACK, (unsigned long)before, 0UL, 0UL, 0UL);
    return rk;
}

struct kafkaclient_handle *kafkaclient_handle_new(const struct kafkaclient *client,
                                                  enum kafkaclient_role role, const char *group,
                                                  struct err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, leave_sasl_plugins_out);
    struct kafkaclient_handle *handle = mem_alloc(sizeof(*handle));
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_opaque(conf, handle);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_log_cb(conf, on_log);
    if (role == KAFKACLIENT_SENDER)
        rd_kafka_conf_set_dr_msg_cb(conf, kafka_signal_delivered);
    if (client->tokens != NULL)
        kafkaclient_tokens_prepare(conf);
    bool consumer = role == KAFKACLIENT_COMMITS || role == KAFKACLIENT_READER;
    if (!set_connection(conf, client, err) || !set_role(conf, role, group, err))
        goto fail;
    char text[256];
    handle->rk = new_with_slack(consumer, conf, text, sizeof(text));
    if (handle->rk == NULL) {
        err_set(err, strstr(text, "ssl") != NULL ? ERR_TLS : ERR_CONFIG, 0, "kafka: %s", text);
        goto fail;
    }
    (void)rd_kafka_set_log_queue(handle->rk, NULL); /* the main queue: kafkaclient_serve */
    handle->group = mem_strdup(group);
    handle->used_ms = clock_mono_ms();
    handle->tokens = client->tokens;
    kafkaclient_tokens_ref(handle->tokens);
    if (handle->tokens != NULL && !kafkaclient_tokens_begin(handle, err)) {
        kafkaclient_handle_close(handle);
        return NULL;
    }
    return handle;
fail:
    rd_kafka_conf_destroy(conf);
    free(handle);
    return NULL;
}

static void *destroyer(void *arg)
{
    struct kafkaclient_handle *handle = arg;
    rd_kafka_destroy_flags(handle->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    kafkaclient_tokens_unref(handle->tokens);
    for (size_t i = 0; i < handle->ntopics; i++)
        free(handle->topics[i]);
    free(handle->topics);
    free(handle->group);
    free(handle);
    return NULL;
}

/* Destroying can take as long as the slowest resolver, so it has a thread that nobody waits for. */
void kafkaclient_handle_close(struct kafkaclient_handle *handle)
{
    if (handle == NULL)
        return;
    pthread_attr_t attr;
    sigset_t all, old;
    pthread_t thread;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    (void)pthread_attr_setstacksize(&attr, 128 * 1024);
    if (pthread_create(&thread, &attr, destroyer, handle) != 0)
        log_put(LOG_WARN, "kafka: no thread to close a handle: left behind");
    (void)pthread_attr_destroy(&attr);
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* ---- the client ---- */

static char *join_servers(const struct strlist *servers)
{
    struct strbuf sb;
    strbuf_init(&sb, 16 * 1024);
    for (size_t i = 0; i < servers->count; i++) {
        strbuf_puts(&sb, i > 0 ? "," : "");
        strbuf_puts(&sb, servers->items[i]);
    }
    return strbuf_take(&sb);
}

struct kafkaclient *kafkaclient_new(const struct kafka_config *cfg, const char *bootstrap,
                                    const struct kafkaclient_login *login, struct err *err)
{
    struct kafkaclient *client = mem_alloc(sizeof(*client));
    client->cfg = cfg;
    kafkaclient_login_copy(&client->login, cfg, login);
    if (kafkaclient_login_by_token(&client->login))
        client->tokens = kafkaclient_tokens_new(&client->login);
    client->bootstrap =
        bootstrap != NULL ? mem_strdup(bootstrap) : join_servers(&cfg->bootstrap_servers);
    if (client->bootstrap[0] == '\0')
        err_set(err, ERR_CONFIG, 0, "kafka: no bootstrap server is given");
    else if (check_files(cfg, err))
        client->asker = kafkaclient_handle_new(client, KAFKACLIENT_ASKER, NULL, err);
    if (client->asker == NULL) {
        kafkaclient_close(client);
        return NULL;
    }
    return client;
}

void kafkaclient_close(struct kafkaclient *client)
{
    if (client == NULL)
        return;
    kafkaclient_tokens_end(client->tokens);
    kafkaclient_handle_close(client->asker);
    kafkaclient_handle_close(client->reader);
    for (size_t i = 0; i < KAFKACLIENT_KEPT; i++)
        kafkaclient_handle_close(client->kept[i]);
    kafkaclient_tokens_unref(client->tokens);
    kafkaclient_login_free(&client->login);
    free(client->bootstrap);
    free(client->cluster_id);
    free(client);
}

static bool tidy_one(struct kafkaclient_handle **handle, int64_t now)
{
    if (*handle == NULL)
        return false;
    kafkaclient_serve(*handle);
    if (now - (*handle)->used_ms < IDLE_CLOSE_MS)
        return true;
    kafkaclient_handle_close(*handle);
    *handle = NULL;
    return false;
}

void kafkaclient_tidy(struct kafkaclient *client)
{
    int64_t now = clock_mono_ms();
    kafkaclient_serve(client->asker);
    (void)tidy_one(&client->reader, now);
    for (size_t i = 0; i < KAFKACLIENT_KEPT; i++)
        (void)tidy_one(&client->kept[i], now);
}
