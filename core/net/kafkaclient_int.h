/* kafkaclient_int.h: what the kafkaclient_*.c files share. Not for others. */
#ifndef CDCTOP_NET_KAFKACLIENT_INT_H
#define CDCTOP_NET_KAFKACLIENT_INT_H

#include "net/kafkaclient.h"

struct rd_kafka_s; /* rd_kafka_t */
struct rd_kafka_message_s;

/* One instance of the library. The newest trouble is what its error callback said last: the calls
 * themselves answer a refused login, a bad certificate or an unknown host with "timed out". */
struct kafkaclient_handle {
    struct rd_kafka_s *rk;
    struct kafkaclient_tokens *tokens; /* NULL: it logs in without */
    char *group;                       /* consumers: its group.id */
    int64_t used_ms;                   /* monotonic */
    char **topics;                     /* reader: those whose leaders it has looked up */
    size_t ntopics;
    bool all_down; /* every broker was reported unreachable since the last success */
    enum err_kind trouble;
    int trouble_code;
    char trouble_text[320];
};

enum kafkaclient_role {
    KAFKACLIENT_ASKER,
    KAFKACLIENT_COMMITS,
    KAFKACLIENT_READER,
    KAFKACLIENT_SENDER
};

struct kafkaclient {
    const struct kafka_config *cfg; /* borrowed */
    struct kafkaclient_login login; /* with strings of its own; "" where there is nothing */
    struct kafkaclient_tokens *tokens;
    char *bootstrap;
    char *cluster_id;
    struct kafkaclient_handle *asker; /* metadata, edges, groups */
    struct kafkaclient_handle *reader;
    struct kafkaclient_handle *kept[KAFKACLIENT_KEPT]; /* by group; NULL: free */
    struct {
        int32_t leader;
        int64_t since_ms; /* monotonic; 0: free */
    } hung[8];            /* leaders that let us wait lately: asked last and shortly */
};

struct kafkaclient_handle *kafkaclient_handle_new(const struct kafkaclient *client,
                                                  enum kafkaclient_role role, const char *group,
                                                  struct err *err);
/* Takes it; returns at once. */
void kafkaclient_handle_close(struct kafkaclient_handle *handle);

/* Runs the callbacks that wait (errors, log lines). */
void kafkaclient_serve(struct kafkaclient_handle *handle);
void kafkaclient_success(struct kafkaclient_handle *handle);

/* Sets *err for the library's code, with the newest trouble beside a code that tells nothing. */
bool kafkaclient_fail(struct kafkaclient_handle *handle, int code, const char *what,
                      struct err *err);

/* kafkaclient_login.c: where the tokens of a client come from; shared by its handles, which live on
 * for a moment when the client is closed. */
struct rd_kafka_conf_s;
struct kafkaclient_tokens *kafkaclient_tokens_new(const struct kafkaclient_login *login);
void kafkaclient_tokens_ref(struct kafkaclient_tokens *tokens);
void kafkaclient_tokens_unref(struct kafkaclient_tokens *tokens); /* NULL is fine */
/* No token is made any more, and none is being made. NULL is fine. */
void kafkaclient_tokens_end(struct kafkaclient_tokens *tokens);
/* Before and after the library's handle is made: its own thread renews the token from then on. */
void kafkaclient_tokens_prepare(struct rd_kafka_conf_s *conf);
bool kafkaclient_tokens_begin(struct kafkaclient_handle *handle, struct err *err);
void kafkaclient_login_copy(struct kafkaclient_login *to, const struct kafka_config *cfg,
                            const struct kafkaclient_login *from);
void kafkaclient_login_free(struct kafkaclient_login *login);
bool kafkaclient_login_by_token(const struct kafkaclient_login *login);

/* The delivery report of a sender (kafka_signal.c). */
void kafka_signal_delivered(struct rd_kafka_s *rk, const struct rd_kafka_message_s *msg,
                            void *opaque);

/* True (and *err) when asked to stop or out of time. */
bool kafkaclient_over(const struct kafkaclient_until *until, struct err *err);
/* Milliseconds for the next slice: at most max and what is left. */
int kafkaclient_slice(const struct kafkaclient_until *until, int max);

#endif
