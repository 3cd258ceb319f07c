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
    char *group;     /* consumers: its group.id */
    int64_t used_ms; /* monotonic */
    char **topics;   /* reader: those whose leaders it has looked up */
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

/* The delivery report of a sender (kafka_signal.c). */
void kafka_signal_delivered(struct rd_kafka_s *rk, const struct rd_kafka_message_s *msg,
                            void *opaque);

/* True (and *err) when asked to stop or out of time. */
bool kafkaclient_over(const struct kafkaclient_until *until, struct err *err);
/* Milliseconds for the next slice: at most max and what is left. */
int kafkaclient_slice(const struct kafkaclient_until *until, int max);

#endif
