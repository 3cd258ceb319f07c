#include "net/kafka_signal.h"

#include "net/kafkaclient_int.h"

#include <librdkafka/rdkafka.h>
#include <string.h>

/* Lives as long as the handle may call back; the handle is destroyed on another thread, so it
 * cannot lie on the stack. Here delivery reports come only out of rd_kafka_poll, on this thread. */
struct delivery {
    bool arrived;
    int code;
};

void kafka_signal_delivered(rd_kafka_t *rk, const rd_kafka_message_t *msg, void *opaque)
{
    (void)rk;
    (void)opaque;
    struct delivery *delivery = msg->_private;
    if (delivery == NULL)
        return;
    delivery->arrived = true;
    delivery->code = msg->err;
}

static bool topic_exists(struct kafkaclient *client, const struct kafkaclient_until *until,
                         const char *topic, struct err *err)
{
    struct arena *arena = arena_new();
    struct kafkaclient_meta meta;
    bool ok = kafkaclient_metadata(client, until, arena, &meta, err);
    bool found = false;
    for (size_t i = 0; ok && i < meta.ntopics && !found; i++)
        found = meta.topics[i].error == NULL && strcmp(meta.topics[i].name, topic) == 0;
    arena_free(arena);
    if (ok && !found)
        err_set(err, ERR_NOTFOUND, 0, "signal topic %s does not exist, or this user may not see it",
                topic);
    return ok && found;
}

static bool produce(struct kafkaclient_handle *handle, const struct kafkaclient_until *until,
                    const char *topic, const char *key, const char *value, struct err *err)
{
    struct delivery delivery = {.arrived = false};
    rd_kafka_resp_err_t code = rd_kafka_producev(
        handle->rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY((void *)(uintptr_t)key, strlen(key)),
        RD_KAFKA_V_VALUE((void *)(uintptr_t)value, strlen(value)),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(&delivery), RD_KAFKA_V_END);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return kafkaclient_fail(handle, code, topic, err);
    struct err over = ERR_INIT;
    while (!delivery.arrived && !kafkaclient_over(until, &over))
        (void)rd_kafka_poll(handle->rk, kafkaclient_slice(until, 100));
    if (!delivery.arrived) {
        /* What still waits in our queue is taken back; what is on the wire cannot be. */
        (void)rd_kafka_purge(handle->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        for (int i = 0; i < 20 && !delivery.arrived; i++)
            (void)rd_kafka_poll(handle->rk, 50);
        if (delivery.arrived && delivery.code == 0)
            return true;
        if (delivery.code == RD_KAFKA_RESP_ERR__PURGE_QUEUE)
            return err_set(err, over.kind, 0, "%s: %s; the signal was not sent", topic, over.text);
        return err_set(err, over.kind, 0, "%s: %s; it is not known whether the signal arrived",
                       topic, over.text);
    }
    return delivery.code == 0 || kafkaclient_fail(handle, delivery.code, topic, err);
}

bool kafka_send_signal(const struct kafka_config *cfg, const char *bootstrap,
                       const struct kafkaclient_login *login, const char *topic, const char *key,
                       const char *value_json, const struct kafkaclient_until *until,
                       struct err *err)
{
    struct kafkaclient *client = kafkaclient_new(cfg, bootstrap, login, err);
    bool ok = false;
    if (client == NULL)
        return false;
    if (!topic_exists(client, until, topic, err))
        goto out;
    struct kafkaclient_handle *sender =
        kafkaclient_handle_new(client, KAFKACLIENT_SENDER, NULL, err);
    if (sender == NULL)
        goto out;
    ok = produce(sender, until, topic, key, value_json, err);
    kafkaclient_handle_close(sender);
out:
    kafkaclient_close(client);
    return ok;
}
