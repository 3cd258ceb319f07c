/* kafka_tool: what the fault tests do to topics and groups, without a Java VM for each of them.
 *
 *   kafka_tool BROKERS send TOPIC            a record for each line KEY<TAB>VALUE of standard
 * input; a VALUE of NULL is a tombstone kafka_tool BROKERS trim TOPIC            deletes all
 * records of partition 0, as retention would kafka_tool BROKERS delete TOPIC kafka_tool BROKERS
 * create TOPIC kafka_tool BROKERS set TOPIC KEY=VALUE   the topic's whole configuration: this one
 * option kafka_tool BROKERS ends TOPIC            prints first and next offset of partition 0
 *   kafka_tool BROKERS tail TOPIC N          prints the values of the last N records of partition 0
 *   kafka_tool BROKERS churn GROUP TOPIC S   joins the group and leaves it again for S seconds
 */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WAIT_MS = 10000, LINE = 8192, STAY_MS = 700, TAIL_MS = 1000 };

static int fail(const char *what, const char *why)
{
    (void)fprintf(stderr, "kafka_tool: %s: %s\n", what, why);
    return 1;
}

static rd_kafka_t *client(const char *brokers, rd_kafka_type_t type, const char *group)
{
    char text[512] = "";
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    (void)rd_kafka_conf_set(conf, "bootstrap.servers", brokers, text, sizeof(text));
    if (group != NULL) {
        (void)rd_kafka_conf_set(conf, "group.id", group, text, sizeof(text));
        (void)rd_kafka_conf_set(conf, "enable.auto.commit", "false", text, sizeof(text));
        (void)rd_kafka_conf_set(conf, "session.timeout.ms", "6000", text, sizeof(text));
    }
    rd_kafka_t *rk = rd_kafka_new(type, conf, text, sizeof(text));
    if (rk == NULL)
        exit(fail(brokers, text));
    return rk;
}

/* Waits for the answer to one administrative request; its error, or NULL. */
static const char *answer(rd_kafka_queue_t *queue)
{
    rd_kafka_event_t *ev = rd_kafka_queue_poll(queue, WAIT_MS);
    if (ev == NULL)
        return "no answer";
    const char *why = NULL;
    size_t n = 0;
    if (rd_kafka_event_error(ev) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return rd_kafka_event_error_string(ev);
    const rd_kafka_DeleteTopics_result_t *gone = rd_kafka_event_DeleteTopics_result(ev);
    const rd_kafka_CreateTopics_result_t *made = rd_kafka_event_CreateTopics_result(ev);
    const rd_kafka_AlterConfigs_result_t *set = rd_kafka_event_AlterConfigs_result(ev);
    const rd_kafka_topic_result_t **topics =
        gone != NULL   ? rd_kafka_DeleteTopics_result_topics(gone, &n)
        : made != NULL ? rd_kafka_CreateTopics_result_topics(made, &n)
                       : NULL;
    if (topics != NULL && n > 0)
        why = rd_kafka_topic_result_error_string(topics[0]);
    const rd_kafka_ConfigResource_t **res =
        set != NULL ? rd_kafka_AlterConfigs_result_resources(set, &n) : NULL;
    if (res != NULL && n > 0)
        why = rd_kafka_ConfigResource_error_string(res[0]);
    return why; /* the event is left to the end of the process: why points into it */
}

static int admin(rd_kafka_t *rk, const char *verb, const char *topic, const char *option)
{
    char text[512], key[128];
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    if (strcmp(verb, "delete") == 0) {
        rd_kafka_DeleteTopic_t *t = rd_kafka_DeleteTopic_new(topic);
        rd_kafka_DeleteTopics(rk, &t, 1, NULL, queue);
    } else if (strcmp(verb, "create") == 0) {
        rd_kafka_NewTopic_t *t = rd_kafka_NewTopic_new(topic, 1, 1, text, sizeof(text));
        rd_kafka_CreateTopics(rk, &t, 1, NULL, queue);
    } else if (strcmp(verb, "trim") == 0) {
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
        rd_kafka_topic_partition_list_add(list, topic, 0)->offset = RD_KAFKA_OFFSET_END;
        rd_kafka_DeleteRecords_t *d = rd_kafka_DeleteRecords_new(list);
        rd_kafka_DeleteRecords(rk, &d, 1, NULL, queue);
    } else {
        size_t n = strcspn(option, "=");
        (void)snprintf(key, sizeof(key), "%.*s", (int)n, option);
        rd_kafka_ConfigResource_t *r = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
        (void)rd_kafka_ConfigResource_set_config(r, key, option[n] == '=' ? option + n + 1 : "");
        rd_kafka_AlterConfigs(rk, &r, 1, NULL, queue);
    }
    const char *why = answer(queue);
    return why != NULL ? fail(topic, why) : 0;
}

static int send_lines(rd_kafka_t *rk, const char *topic)
{
    char line[LINE];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *value = strchr(line, '\t');
        if (value == NULL)
            return fail(line, "no tab in it");
        *value++ = '\0';
        size_t n = strcmp(value, "NULL") == 0 ? 0 : strlen(value);
        rd_kafka_resp_err_t err = rd_kafka_producev(
            rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(0),
            RD_KAFKA_V_KEY(line, strlen(line)), RD_KAFKA_V_VALUE((void *)(n > 0 ? value : NULL), n),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK), RD_KAFKA_V_END);
        if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
            return fail(topic, rd_kafka_err2str(err));
    }
    return rd_kafka_flush(rk, WAIT_MS) == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : fail(topic, "not sent");
}

static int ends(rd_kafka_t *rk, const char *topic)
{
    int64_t low, high;
    rd_kafka_resp_err_t err = rd_kafka_query_watermark_offsets(rk, topic, 0, &low, &high, WAIT_MS);
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(topic, rd_kafka_err2str(err));
    (void)printf("%lld %lld\n", (long long)low, (long long)high);
    return 0;
}

static int tail(rd_kafka_t *rk, const char *topic, int n)
{
    rd_kafka_topic_t *t = rd_kafka_topic_new(rk, topic, NULL);
    if (rd_kafka_consume_start(t, 0, RD_KAFKA_OFFSET_TAIL(n)) != 0)
        return fail(topic, rd_kafka_err2str(rd_kafka_last_error()));
    for (int i = 0; i < n; i++) {
        rd_kafka_message_t *m = rd_kafka_consume(t, 0, TAIL_MS);
        if (m == NULL)
            break;
        if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            (void)printf("%.*s\n", (int)m->len, m->payload != NULL ? (const char *)m->payload : "");
        rd_kafka_message_destroy(m);
    }
    (void)rd_kafka_consume_stop(t, 0);
    rd_kafka_topic_destroy(t);
    return 0;
}

static int churn(const char *brokers, const char *group, const char *topic, int seconds)
{
    time_t end = time(NULL) + seconds;
    while (time(NULL) < end) {
        rd_kafka_t *rk = client(brokers, RD_KAFKA_CONSUMER, group);
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
        rd_kafka_topic_partition_list_add(list, topic, RD_KAFKA_PARTITION_UA);
        (void)rd_kafka_subscribe(rk, list);
        rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, STAY_MS);
        if (m != NULL)
            rd_kafka_message_destroy(m);
        rd_kafka_topic_partition_list_destroy(list);
        (void)rd_kafka_consumer_close(rk);
        rd_kafka_destroy(rk);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 4 || (strcmp(argv[2], "churn") == 0 && argc < 6))
        return fail("usage", "BROKERS send|trim|delete|create|set|ends|tail|churn TOPIC|GROUP …");
    if (strcmp(argv[2], "churn") == 0)
        return churn(argv[1], argv[3], argv[4], (int)strtol(argv[5], NULL, 10));
    if (strcmp(argv[2], "tail") == 0 && argc > 4)
        return tail(client(argv[1], RD_KAFKA_CONSUMER, NULL), argv[3],
                    (int)strtol(argv[4], NULL, 10));
    rd_kafka_t *rk = client(argv[1], RD_KAFKA_PRODUCER, NULL);
    if (strcmp(argv[2], "send") == 0)
        return send_lines(rk, argv[3]);
    if (strcmp(argv[2], "ends") == 0)
        return ends(rk, argv[3]);
    return admin(rk, argv[2], argv[3], argc > 4 ? argv[4] : "");
}
