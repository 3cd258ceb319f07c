/* Ten lines of configuration and nothing else: MSK (on loopback) says where the brokers are, they
 * are the lab's with IAM login, and the program shows their topics. */
#include "base/mem.h"
#include "tests/check.h"
#include "tests/live/lab.h"
#include "tests/unit/fakehttp.h"
#include "tests/unit/json_item.h"
#include "tests/unit/keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ARN "arn:aws:kafka:us-east-1:123456789012:cluster/shop-events/6bd1f2b7-1"

#define CLUSTER                                                                                    \
    "{\"clusterType\":\"PROVISIONED\",\"clusterArn\":\"" ARN "\",\"clusterName\":\"shop-events\"," \
    "\"state\":\"ACTIVE\",\"provisioned\":{\"numberOfBrokerNodes\":1,"                             \
    "\"currentBrokerSoftwareInfo\":{\"kafkaVersion\":\"3.9.x\"},"                                  \
    "\"clientAuthentication\":{\"sasl\":{\"iam\":{\"enabled\":true}}}}}"

/* status --json of that configuration. */
static cJSON *status_of(const char *toml)
{
    char path[] = "/tmp/cdctop-msk-XXXXXX";
    int fd = mkstemp(path), code;
    struct err err = ERR_INIT;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, toml, strlen(toml)), (ssize_t)strlen(toml));
    (void)close(fd);
    char log[80];
    const char *argv[] = {rig_program(), "status", "--json", "--config", path, NULL, NULL, NULL};
    if (keep_path(log, sizeof(log), "log")) {
        argv[5] = "--log";
        argv[6] = log;
    }
    const char *vars[] = {"AWS_EC2_METADATA_DISABLED=true", NULL};
    char *text = rig_run(argv, vars, 60, &code);
    (void)unlink(path);
    cJSON *root = json_parse(text, strlen(text), &err);
    if (root == NULL)
        fail_msg("exit %d: %s", code, text);
    free(text);
    return root;
}

/* Answers by what stands in the request; the time of its answers is the right one, for tokens are
 * signed by it. */
struct answer {
    const char *has, *body;
};

static void handle(struct fakehttp *server, int fd, const struct fakehttp_request *req, void *arg)
{
    (void)server;
    char head[200], date[40];
    time_t now = time(NULL);
    struct tm tm;
    const struct answer *a = arg;
    while (a->has != NULL && strstr(req->text, a->has) == NULL)
        a++;
    const char *body = a->has != NULL ? a->body : "{\"message\":\"no such thing\"}";
    (void)strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
    int n = snprintf(head, sizeof(head),
                     "HTTP/1.1 %d Test\r\nDate: %s\r\nContent-Length: %zu\r\n"
                     "Connection: close\r\n\r\n",
                     a->has != NULL ? 200 : 404, date, strlen(body));
    (void)fakehttp_send(fd, head, (size_t)n);
    (void)fakehttp_send(fd, body, strlen(body));
}

static char *ten_lines(const struct fakehttp *aws, const char *secret)
{
    return mem_printf("[[pipeline]]\n"
                      "[pipeline.msk]\ncluster = \"shop-events\"\n"
                      "[pipeline.kafka]\nssl_ca = \"%s/tls/ca.crt\"\n"
                      "[pipeline.aws]\nregion = \"us-east-1\"\nendpoint = \"http://127.0.0.1:%d\"\n"
                      "access_key_id = \"AKIALABMSK0000000001\"\nsecret_access_key = \"%s\"\n",
                      lab_env("LAB_DIR"), fakehttp_port(aws), secret);
}

static const char *of_kafka(const cJSON *root, const char *key)
{
    return json_str(json_item(root, "sources", "kind", "kafka"), key, "");
}

static void test_ten_lines(void **state)
{
    (void)state;
    char *brokers = mem_printf("{\"bootstrapBrokerStringSaslIam\":\"127.0.0.1:%s\","
                               "\"bootstrapBrokerStringTls\":\"127.0.0.1:1\"}",
                               lab_env("LAB_PORT_KAFKA_IAM"));
    struct answer answers[] = {
        {"/bootstrap-brokers",       brokers                              },
        {"/nodes",                   "{\"nodeInfoList\":[]}"              },
        {"GET /api/v2/clusters?",    "{\"clusterInfoList\":[" CLUSTER "]}"},
        {"GET /api/v2/clusters/",    "{\"clusterInfo\":" CLUSTER "}"      },
        {"Action=GetCallerIdentity",
         "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/x</Arn>"
         "<UserId>A</UserId><Account>123456789012</Account></GetCallerIdentityResult>"
         "</GetCallerIdentityResponse>"                                   },
        {NULL,                       NULL                                 },
    };
    struct fakehttp *aws = fakehttp_start(handle, answers);
    char *toml = ten_lines(aws, "labmsksecret0000000000000000000000000001");
    cJSON *root = status_of(toml);
    free(toml);
    assert_string_equal(json_str(json_get(root, "msk"), "name", ""), "shop-events");
    assert_string_equal(json_str(json_get(root, "msk"), "listener", ""), "iam");
    if (strcmp(of_kafka(root, "state"), "fresh") != 0)
        fail_msg("kafka is %s: %s", of_kafka(root, "state"), of_kafka(root, "error"));
    cJSON_Delete(root);
    /* The same with a wrong key: who refused whom, and what to allow. */
    toml = ten_lines(aws, "wrong");
    root = status_of(toml);
    free(toml);
    assert_string_equal(of_kafka(root, "state"), "failing");
    assert_non_null(strstr(of_kafka(root, "error"), "kafka-cluster:Connect"));
    cJSON_Delete(root);
    fakehttp_stop(aws);
    free(brokers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ten_lines)};
    return cmocka_run_group_tests_name("msk_iam", tests, NULL, NULL);
}
