/* connectapi.h: the calls of Kafka Connect's REST interface, over several workers.
 *
 * Blocking, with a deadline and a stop fd; one instance belongs to one thread (the source has one,
 * the action executor has its own). Any worker answers for the whole Connect cluster, so a call
 * that one worker does not serve goes to the next: the one that answered last comes first, one that
 * let us wait comes last, and no worker gets more than its share of the time while others are left.
 * A request that changes something moves on only where the worker cannot have taken it.
 *
 * Paths and states: Kafka's documentation of Connect (3.9), and what recorded workers said: a
 * worker that is starting answers an HTML 404; a rebalance is 409; a blocked herder is 500 "Request
 * timed out".
 */
#ifndef CDCTOP_NET_CONNECTAPI_H
#define CDCTOP_NET_CONNECTAPI_H

#include "base/err.h"
#include "base/strbuf.h"
#include "config/config.h"
#include "net/http.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum connect_call {
    CONNECT_ROOT,   /* version, kafka_cluster_id */
    CONNECT_LIST,   /* all connectors with status and info */
    CONNECT_STATUS, /* of one connector */
    CONNECT_CONFIG,
    CONNECT_TOPICS,
    CONNECT_OFFSETS, /* 3.5+ */
    CONNECT_RESTART, /* 3.0+ for include_tasks and only_failed */
    CONNECT_RESTART_TASK,
    CONNECT_PAUSE,
    CONNECT_RESUME,
    CONNECT_STOP, /* 3.5+ */
    CONNECT_CALL_COUNT
};

struct connect_request {
    enum connect_call call;
    const char *connector;           /* all but ROOT and LIST; any bytes */
    int task;                        /* RESTART_TASK */
    bool include_tasks, only_failed; /* RESTART */
    /* Ask only the worker that answered last and leave the workers' states alone: for what is nice
     * to have and must not spend the time of the rest. */
    bool only_last;
};

struct connect_answer {
    long status;
    char *body; /* NUL-terminated */
    size_t len;
    int64_t date_ms; /* the worker's clock, -1 unknown; whole seconds */
    const char *url; /* the worker that answered; lives as long as the connectapi */
};

struct connectapi;

/* cfg is borrowed and must outlive it. NULL and ERR_CONFIG when there is no URL or one is not http
 * or https. A user and password in a URL are taken out of it and used for that worker. */
struct connectapi *connectapi_open(const struct connect_config *cfg, struct err *err);

/* Who logs in, where that is not plain in cfg. Asked before the first call; after a 401 once more,
 * with refused, and then only true leads to another attempt. What it gives stays its own. free is
 * called by connectapi_close, and at once where there is such a function already. */
typedef bool connectapi_login_fn(void *arg, bool refused, int64_t deadline_ms, int stop_fd,
                                 const char **username, const char **password, struct err *err);
void connectapi_login(struct connectapi *api, connectapi_login_fn *fn, void (*free)(void *arg),
                      void *arg);
void connectapi_close(struct connectapi *api); /* NULL is fine; wipes passwords; does not block */

/* True when a worker answered 2xx as Connect does; the caller frees the answer. False: *err has the
 * worker's own message, code is the HTTP status (0: there was none), nothing is to be freed. Kinds:
 * 409 ERR_CONFLICT, 404 ERR_NOTFOUND, no such path or method ERR_UNSUPPORTED, HTML or anything else
 * that Connect does not say ERR_PROTOCOL, "Request timed out" ERR_TIMEOUT with code 500. */
bool connectapi_call(struct connectapi *api, const struct connect_request *req, int64_t deadline_ms,
                     int stop_fd, struct connect_answer *answer, struct err *err);
void connectapi_answer_free(struct connect_answer *answer);

/* Asks every other worker than the last good one whether it is there, so that connectapi_url_error
 * is not older than this. Each gets at most each_ms. */
void connectapi_probe_others(struct connectapi *api, int64_t deadline_ms, int64_t each_ms,
                             int stop_fd);

/* The workers in the order of the configuration, without user and password. The error is NULL when
 * the worker answered last time, or was not asked yet. */
/* As http_certificate_ends_ms, of the worker that answered last. */
int64_t connectapi_certificate_ends_ms(const struct connectapi *api);
size_t connectapi_url_count(const struct connectapi *api);
const char *connectapi_url(const struct connectapi *api, size_t i);
const char *connectapi_url_error(const struct connectapi *api, size_t i);

/* "POST http://worker:8083/connectors/shop-s3/restart?includeTasks=true&onlyFailed=true": exactly
 * what connectapi_call sends to this base URL. Pure: the preview may be built in any thread. */
void connectapi_preview(struct strbuf *out, const char *base_url,
                        const struct connect_request *req);

/* A base URL with user and password taken out ("" if there is none); *user and *password are
 * malloc'd (password a secret), or NULL. The result is malloc'd, or NULL if it is no http(s) URL.
 */
char *connectapi_split_url(const char *url, char **user, char **password);

#endif
