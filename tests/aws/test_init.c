/* cdctop init --aws: what MSK Connect, DMS, MSK and RDS tell becomes a configuration that cdctop
 * reads and that shows the pipeline; what one of them refuses costs what it would have told. */
#include "base/mem.h"
#include "tests/aws/instance.h"
#include "tests/aws/rig.h"
#include "tests/check.h"
#include "tests/pty/rig.h"
#include "tests/unit/fakeconnect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RUN_S = 60, ENV_MAX = 24 };

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

#define RDS_HOST "shop.abcdefghijkl.eu-west-3.rds.amazonaws.com"
/* There is an instance of that name, but this is another account's endpoint. */
#define THEIRS   "shop.zzzzzzzzzzzz.eu-west-3.rds.amazonaws.com"
#define SOURCE(db, host, more)                                                                     \
    "\"connector.class\": \"io.debezium.connector.postgresql.PostgresConnector\", "                \
    "\"database.hostname\": \"" host "\", \"database.port\": \"5432\", \"database.dbname\": \"" db \
    "\", \"topic.prefix\": \"" db "\", \"slot.name\": \"dbz_" db                                   \
    "\", \"table.include.list\": \"public.orders\"" more
#define SINK(topics, bucket)                                                               \
    "\"connector.class\": \"io.confluent.connect.s3.S3SinkConnector\", \"topics.regex\": " \
    "\"" topics "\", \"s3.bucket.name\": \"" bucket "\", \"s3.region\": \"eu-central-1\""
#define BY_SECRET                                                                          \
    ", \"database.user\": \"${secretsmanager:shop/db:username}\", \"database.password\": " \
    "\"${secretsmanager:shop/db:password}\""

/* A connector of MSK Connect: the brokers of which cluster it names, its config as JSON. */
struct made {
    const char *name, *cluster, *config;
};

/* MSK Connect has these connectors, and DMS no task. */
static void only(const struct made *connectors, size_t n)
{
    static const char one[] =
        "%s{\"connectorArn\": \"arn:aws:kafkaconnect:eu-west-3:123456789012:connector/%s/6bd1-2\", "
        "\"connectorName\": \"%s\", \"connectorState\": \"RUNNING\", \"currentVersion\": \"K1\", "
        "\"kafkaConnectVersion\": \"3.7.x\", \"creationTime\": -9000, \"kafkaCluster\": "
        "{\"apacheKafkaCluster\": {\"bootstrapServers\": "
        "\"b-1.%s.a1b2c3.c2.kafka.eu-west-3.amazonaws.com:9098\", "
        "\"vpc\": {\"securityGroups\": [\"sg-1\"], \"subnets\": [\"subnet-1\"]}}}, "
        "\"kafkaClusterClientAuthentication\": {\"authenticationType\": \"IAM\"}, "
        "\"kafkaClusterEncryptionInTransit\": {\"encryptionType\": \"TLS\"}, "
        "\"connectorConfiguration\": {%s}}";
    struct strbuf sb;
    strbuf_init(&sb, 64 * 1024);
    strbuf_puts(&sb, "{\"dms\": {\"tasks\": [], \"replications\": []}, "
                     "\"kafkaconnect\": {\"connectors\": [");
    for (size_t i = 0; i < n; i++)
        strbuf_printf(&sb, one, i > 0 ? ", " : "", connectors[i].name, connectors[i].name,
                      connectors[i].cluster, connectors[i].config);
    strbuf_puts(&sb, "]}}");
    contract_world(sb.text);
    strbuf_free(&sb);
}

static const char known_password[] = "contract-connector-Passw0rd-5Ws1";

/* As on a bastion: nothing but the environment says who we are; user NULL: nobody. */
struct bastion {
    char *env[ENV_MAX];
    size_t n;
};

static void put(struct bastion *b, char *entry)
{
    b->env[b->n++] = entry;
    b->env[b->n] = NULL;
}

static void open_bastion(struct bastion *b, const char *name)
{
    static const char *const services[] = {"KAFKA",
                                           "KAFKACONNECT",
                                           "DATABASE_MIGRATION_SERVICE",
                                           "RDS",
                                           "STS",
                                           "CLOUDWATCH",
                                           "CLOUDWATCH_LOGS",
                                           "SECRETS_MANAGER"};
    *b = (struct bastion){0};
    for (size_t i = 0; i < ARRAY_LEN(services); i++)
        put(b, mem_printf("AWS_ENDPOINT_URL_%s=%s", services[i], getenv("AWS_CONTRACT_URL")));
    char *state = contract_file("state");
    put(b, mem_printf("XDG_STATE_HOME=%s", state));
    put(b, mem_strdup("XDG_CONFIG_HOME=/nonexistent"));
    put(b, mem_strdup("CDCTOP_PG_PASSWORD=x"));
    free(state);
    if (name == NULL)
        return;
    struct contract_user u = contract_user(name);
    put(b, mem_printf("AWS_ACCESS_KEY_ID=%s", u.id));
    put(b, mem_printf("AWS_SECRET_ACCESS_KEY=%s", u.secret));
    contract_user_free(&u);
}

static void close_bastion(struct bastion *b)
{
    for (size_t i = 0; i < b->n; i++)
        free(b->env[i]);
}

static char *run(const struct bastion *b, const char *const *args, int *status)
{
    const char *argv[24] = {rig_program()};
    for (size_t i = 0; args[i] != NULL; i++)
        argv[i + 1] = args[i];
    return rig_run(argv, (const char *const *)b->env, RUN_S, status);
}

static void has(const char *text, const char *words)
{
    if (strstr(text, words) == NULL)
        fail_msg("not there: %s\n%s", words, text);
}

static void has_not(const char *text, const char *words)
{
    if (strstr(text, words) != NULL)
        fail_msg("there: %s\n%s", words, strstr(text, words));
}

/* Draft and what is said beside it, in one. */
static char *drafted(const char *user, const char *const *args, int want)
{
    struct bastion b;
    int status;
    open_bastion(&b, user);
    char *text = run(&b, args, &status);
    if (status != want)
        fail_msg("exit %d:\n%s", status, text);
    has_not(text, known_password);
    close_bastion(&b);
    return text;
}

/* Each service answers sooner or later, or does not within so many seconds. */
static char *draft_within(const char *user, const char *seconds)
{
    return drafted(user, ARGS("init", "--region", "eu-west-3", "--output", "-", "--wait", seconds),
                   0);
}

static char *draft(const char *user)
{
    return draft_within(user, "40");
}

/* What status tells of the file. */
static cJSON *shown(const struct bastion *b, const char *path)
{
    struct err err = ERR_INIT;
    int status;
    char *text = run(b, ARGS("status", "--json", "--config", path), &status);
    cJSON *root = json_parse(text, strlen(text), &err);
    if (root == NULL)
        fail_msg("status: exit %d: %s\n%s", status, err.text, text);
    free(text);
    return root;
}

/* ---- the round trip */

static void test_what_is_written_shows_the_pipeline(void **state)
{
    (void)state;
    static const char *const kinds[] = {"mskconnect", "dms", "msk", "rds"};
    struct bastion b;
    int status;
    char *path = contract_file("init.toml");
    open_bastion(&b, "admin");
    char *text = run(&b, ARGS("init", "--region", "eu-west-3", "--output", path), &status);
    if (status != 0)
        fail_msg("exit %d:\n%s", status, text);
    has(text, "found    AWS: arn:aws:iam::123456789012:user/admin, region eu-west-3");
    has(text, "found    MSK: shop-events");
    has(text, "set      CDCTOP_PG_PASSWORD");
    has_not(text, "missing  ");
    free(text);
    cJSON *root = shown(&b, path);
    assert_string_equal(json_str(root, "pipeline", ""), "shop");
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        assert_string_equal(contract_source(root, kinds[i], "state"), "fresh");
    const cJSON *source = contract_find(root, "connectors", "name", "shop-source");
    assert_string_equal(json_str(source, "service", ""), "mskconnect");
    (void)contract_find(root, "connectors", "name", "shop-cdc");
    (void)contract_find(root, "connectors", "name", "shop-serverless-cdc");
    const cJSON *msk = json_get(root, "msk"), *rds = json_get(root, "rds");
    assert_string_equal(json_str(msk, "name", ""), "shop-events");
    assert_string_equal(json_str(msk, "listener", ""), "iam");
    assert_string_equal(json_str(rds, "host", ""), RDS_HOST);
    cJSON_Delete(root);
    free(path);
    close_bastion(&b);
}

/* Nobody says anything: the instance knows its role and its region. */
static void test_the_role_of_the_instance_is_enough(void **state)
{
    (void)state;
    struct bastion b;
    struct instance instance;
    int status;
    instance_start(&instance, "session");
    open_bastion(&b, NULL);
    put(&b, mem_printf("AWS_EC2_METADATA_SERVICE_ENDPOINT=%s", instance.url));
    put(&b, mem_strdup("AWS_EC2_METADATA_DISABLED=false"));
    char *text = run(&b, ARGS("init", "--aws", "--output", "-"), &status);
    if (status != 0)
        fail_msg("exit %d:\n%s", status, text);
    has(text, "region eu-west-3, keys of the instance's role bastion");
    has(text, "\nregion = \"eu-west-3\"");
    has(text, "cluster = \"shop-events\"");
    has_not(text, instance.user.secret);
    has_not(text, "missing  ");
    free(text);
    close_bastion(&b);
    instance_stop(&instance);
}

static void test_cloudwatch_is_not_paid_for_by_init(void **state)
{
    (void)state;
    free(draft("admin"));
    assert_int_equal(contract_count("GetMetricData"), 0);
    assert_int_equal(contract_count("ListMetrics"), 0);
    assert_int_equal(contract_count("FilterLogEvents"), 0);
}

/* ---- what is refused, throttled, frozen, not there */

static void test_a_refused_service_costs_what_it_would_have_told(void **state)
{
    (void)state;
    char *text = draft("no-dms");
    has(text, "missing  DMS: ");
    has(text, "missing  to be allowed: {\"Effect\": \"Allow\", \"Action\": "
              "\"dms:DescribeReplicationTasks\", \"Resource\": \"*\"}");
    has(text, "cluster = \"shop-events\"");
    has(text, "\"shop-source\"");
    has(text, "\n#tasks = ");
    free(text);
    text = draft("no-connect");
    has(text, "missing  to be allowed: {\"Effect\": \"Allow\", \"Action\": "
              "\"kafkaconnect:ListConnectors\", \"Resource\": \"*\"}");
    has(text, "tasks = [\"shop-cdc\"");
    has(text, "\n#connectors = ");
    has(text, "cluster = \"shop-events\""); /* by the endpoint of DMS */
    has(text, "missing  s3.url: no sink names a bucket");
    free(text);
}

static void test_who_may_nothing_gets_the_statements(void **state)
{
    (void)state;
    char *text = drafted("nobody", ARGS("init", "--region", "eu-west-3", "--output", "-"), 1);
    has(text, "\"kafkaconnect:ListConnectors\"");
    has(text, "\"dms:DescribeReplicationTasks\"");
    has_not(text, "[[pipeline]]");
    free(text);
}

static void test_without_keys_the_chain_says_so(void **state)
{
    (void)state;
    char *text = drafted(NULL, ARGS("init", "--aws", "--region", "eu-west-3", "--output", "-"), 1);
    has(text, "cdctop: AWS: no AWS keys: ");
    has_not(text, "MSK Connect: ");
    has_not(text, "[[pipeline]]");
    free(text);
    text = drafted(NULL, ARGS("init", "--profile", "none", "--region", "eu-west-3"), 1);
    has(text, "none");
    free(text);
}

static void test_throttling_is_waited_out(void **state)
{
    (void)state;
    contract_faults("[{\"kind\": \"throttle\", \"service\": \"kafkaconnect\", \"times\": 2}, "
                    "{\"kind\": \"throttle\", \"service\": \"kafka\", \"times\": 2}]");
    char *text = drafted("admin", ARGS("init", "--region", "eu-west-3", "--output", "-"), 0);
    has(text, "\"shop-source\"");
    has(text, "cluster = \"shop-events\"");
    has_not(text, "missing  ");
    free(text);
}

static void test_a_frozen_service_is_said(void **state)
{
    (void)state;
    contract_fault("hang", "dms", NULL, 0);
    char *text = draft_within("admin", "6");
    has(text, "missing  DMS: ");
    has(text, "cluster = \"shop-events\"");
    free(text);
    contract_fault("hang", "kafka", NULL, 0);
    text = drafted("admin",
                   ARGS("init", "--region", "eu-west-3", "--output", "-", "--wait", "4",
                        "--connectors", "shop-s*"),
                   0);
    has(text, "missing  msk.cluster: MSK did not tell: ");
    /* As the connectors themselves talk to their brokers. */
    has(text, "bootstrap_servers = [\"b-1.shop-events.");
    has(text, "sasl_mechanism = \"AWS_MSK_IAM\"");
    free(text);
}

/* Half of what was asked for is no configuration. */
static void test_a_signal_ends_it_without_a_file(void **state)
{
    (void)state;
    struct bastion b;
    int status;
    char *path = contract_file("never.toml");
    contract_fault("hang", "kafka", NULL, 0);
    open_bastion(&b, "admin");
    const char *const args[] = {
        "timeout",  "--preserve-status", "-s",     "INT", "2",        rig_program(), "init",
        "--region", "eu-west-3",         "--wait", "60",  "--output", path,          NULL};
    char *text = rig_run(args, (const char *const *)b.env, RUN_S, &status);
    assert_int_equal(status, 1);
    assert_int_not_equal(access(path, F_OK), 0);
    free(text);
    free(path);
    close_bastion(&b);
}

static void test_where_nothing_is_nothing_is_written(void **state)
{
    (void)state;
    only(NULL, 0);
    char *text = drafted("admin", ARGS("init", "--region", "eu-west-3", "--output", "-"), 1);
    has(text, "--region");
    has_not(text, "[[pipeline]]");
    free(text);
}

/* ---- which ones */

static void test_connectors_narrow_it_down(void **state)
{
    (void)state;
    char *text = drafted("admin",
                         ARGS("init", "--aws", "--region", "eu-west-3", "--connectors",
                              "shop-s3,shop-source", "--output", "-"),
                         0);
    has(text, "connectors = [\"shop-s3\", \"shop-source\"]");
    has(text, "\n#tasks = ");
    has_not(text, "shop-paused");
    free(text);
}

static void test_each_database_gets_its_own(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct made connectors[] = {
        {"shop-source", "shop-events", SOURCE("shop", RDS_HOST, "")},
        {"shop-s3", "shop-events", SINK("shop\\\\.public\\\\..*", "shop-lake")},
        {"pay-source", "shop-updating", SOURCE("pay", "pay.internal", "")},
        {"clicks-s3", "shop-updating", SINK("clicks", "clicks")},
    };
    /* clang-format on */
    only(connectors, ARRAY_LEN(connectors));
    char *text = draft("admin");
    has(text, "found    2 databases: a pipeline for each; --connectors");
    has(text, "missing  connectors of no pipeline: clicks-s3 ");
    const char *pay = strstr(text, "\nname = \"pay\""), *shop = strstr(text, "\nname = \"shop\"");
    assert_non_null(pay);
    assert_non_null(shop);
    assert_true(pay < shop);
    has(shop, "connectors = [\"shop-s3\", \"shop-source\"]");
    has(shop, "cluster = \"shop-events\"");
    has(shop, "region = \"eu-central-1\"");
    has(shop, "instance = \"auto\"");
    char *first = mem_strndup(pay, (size_t)(shop - pay));
    has(first, "cluster = \"shop-updating\"");
    has(first, "connectors = [\"pay-source\"]");
    has(first, "\n#instance = "); /* no host of RDS */
    free(first);
    free(text);
}

/* … and cdctop reads it, with a variable for each. */
static void test_several_pipelines_are_read(void **state)
{
    (void)state;
    static const struct made connectors[] = {
        {"shop-source", "shop-events", SOURCE("shop", RDS_HOST,       "")},
        {"pay-source",  "shop-events", SOURCE("pay",  "pay.internal", "")},
    };
    struct bastion b;
    int status;
    char *path = contract_file("several.toml");
    only(connectors, ARRAY_LEN(connectors));
    open_bastion(&b, "admin");
    put(&b, mem_strdup("CDCTOP_PG_PASSWORD_SHOP=x"));
    put(&b, mem_strdup("CDCTOP_PG_PASSWORD_PAY=x"));
    free(run(&b, ARGS("init", "--region", "eu-west-3", "--output", path), &status));
    assert_int_equal(status, 0);
    char *text = run(&b, ARGS("--print-config", "--config", path), &status);
    if (status != 0)
        fail_msg("exit %d:\n%s", status, text);
    has(text, "connectors = [\"pay-source\"]");
    has(text, "connectors = [\"shop-source\"]");
    free(text);
    free(path);
    close_bastion(&b);
}

static void test_several_clusters_are_not_chosen_from(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct made connectors[] = {
        {"shop-source", "shop-events", SOURCE("shop", RDS_HOST, "")},
        {"shop-s3", "shop-updating", SINK("shop.*", "shop-lake")},
    };
    /* clang-format on */
    only(connectors, ARRAY_LEN(connectors));
    char *text = draft("admin");
    has(text, "missing  msk.cluster: the connectors name brokers of several");
    has(text, ": shop-events, shop-updating");
    has(text, "\n#cluster = ");
    free(text);
}

/* ---- logins */

static void test_the_secret_of_the_connector_is_taken_for_its_own_database(void **state)
{
    (void)state;
    struct bastion b;
    int status;
    static const struct made connectors[] = {
        {"shop-source", "shop-events", SOURCE("shop", RDS_HOST, BY_SECRET)}
    };
    only(connectors, ARRAY_LEN(connectors));
    char *path = contract_file("secret.toml");
    open_bastion(&b, "admin");
    char *text = run(&b, ARGS("init", "--region", "eu-west-3", "--output", path), &status);
    assert_int_equal(status, 0);
    has(text, "${secret:shop/db#password}");
    has_not(text, "CDCTOP_PG_PASSWORD");
    free(text);
    assert_int_equal(contract_count("GetSecretValue"), 0);
    cJSON_Delete(shown(&b, path)); /* the host cannot be reached, but what logs in there is known */
    assert_true(contract_count("GetSecretValue") > 0);
    free(path);
    close_bastion(&b);
}

static void test_it_is_not_taken_for_a_host_that_rds_does_not_know(void **state)
{
    (void)state;
    static const struct made connectors[] = {
        {"shop-source", "shop-events", SOURCE("shop", "db.evil.example", BY_SECRET)},
        {"shop-source", "shop-events", SOURCE("shop", THEIRS,            BY_SECRET)},
    };
    for (size_t i = 0; i < ARRAY_LEN(connectors); i++) {
        only(&connectors[i], 1);
        char *text = draft("admin");
        has(text, "\npassword = \"${env:CDCTOP_PG_PASSWORD}\"\n");
        has_not(text, "\npassword = \"${secret:");
        has_not(text, "user=${secret:");
        has(text, "missing  database.password: the connector takes it from Secrets Manager");
        free(text);
    }
}

/* ---- together with Kafka Connect */

static void test_kafka_connect_that_is_away_is_said(void **state)
{
    (void)state;
    char url[64];
    fakeconnect_dead_url(url, sizeof(url));
    char *text = drafted("admin",
                         ARGS("init", "--aws", "--region", "eu-west-3", "--connect", url,
                              "--output", "-", "--wait", "40"),
                         0);
    has(text, "missing  Kafka Connect: ");
    has(text, " and AWS in eu-west-3"); /* the heading */
    has(text, "\"shop-source\"");
    free(text);
}

static const struct fake_rule own_connect[] = {
    {"/connectors?", 200, NULL,
     "{\"own-s3\": {\"info\": {\"name\": \"own-s3\", \"type\": \"sink\", \"config\": "
     "{\"name\": \"own-s3\", \"connector.class\": \"io.confluent.connect.s3.S3SinkConnector\", "
     "\"topics\": \"shop.public.orders\", \"s3.bucket.name\": \"own-lake\"}, \"tasks\": []}, "
     "\"status\": {\"name\": \"own-s3\", \"connector\": {\"state\": \"RUNNING\", "
     "\"worker_id\": \"w\"}, \"tasks\": [], \"type\": \"sink\"}}}"                     },
    {"/connectors/", 404, NULL, "{\"error_code\": 404, \"message\": \"no\"}"           },
    {"/",            200, NULL, "{\"version\": \"3.9.1\", \"kafka_cluster_id\": \"x\"}"},
};

/* What Kafka Connect told is written all the same. */
static void test_connect_without_keys_for_aws(void **state)
{
    (void)state;
    struct fakeconnect fake;
    fakeconnect_start(&fake, own_connect, ARRAY_LEN(own_connect));
    char *text = drafted(
        NULL, ARGS("init", "--region", "eu-west-3", "--connect", fake.url, "--output", "-"), 0);
    fakeconnect_stop(&fake);
    has(text, "missing  AWS: no AWS keys: ");
    has(text, "url = \"s3://own-lake\"");
    has_not(text, "missing  MSK Connect: ");
    free(text);
}

static void test_both_together(void **state)
{
    (void)state;
    struct fakeconnect fake;
    fakeconnect_start(&fake, own_connect, ARRAY_LEN(own_connect));
    char *text = drafted("admin",
                         ARGS("init", "--region", "eu-west-3", "--connect", fake.url,
                              "--connectors", "own-*,shop-source", "--output", "-"),
                         0);
    fakeconnect_stop(&fake);
    has(text, "connector own-s3: S3 sink (Confluent), bucket own-lake");
    has(text, "connector shop-source: PostgreSQL source of MSK Connect");
    has(text, "urls = [\"http://127.0.0.1:");
    has(text, "connectors = [\"own-*\", \"shop-source\"]");
    has(text, "url = \"s3://own-lake\"");
    has(text, "cluster = \"shop-events\"");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_what_is_written_shows_the_pipeline, contract_fresh),
        cmocka_unit_test_setup(test_the_role_of_the_instance_is_enough, contract_fresh),
        cmocka_unit_test_setup(test_cloudwatch_is_not_paid_for_by_init, contract_fresh),
        cmocka_unit_test_setup(test_a_refused_service_costs_what_it_would_have_told,
                               contract_fresh),
        cmocka_unit_test_setup(test_who_may_nothing_gets_the_statements, contract_fresh),
        cmocka_unit_test_setup(test_without_keys_the_chain_says_so, contract_fresh),
        cmocka_unit_test_setup(test_throttling_is_waited_out, contract_fresh),
        cmocka_unit_test_setup(test_a_frozen_service_is_said, contract_fresh),
        cmocka_unit_test_setup(test_a_signal_ends_it_without_a_file, contract_fresh),
        cmocka_unit_test_setup(test_where_nothing_is_nothing_is_written, contract_fresh),
        cmocka_unit_test_setup(test_connectors_narrow_it_down, contract_fresh),
        cmocka_unit_test_setup(test_each_database_gets_its_own, contract_fresh),
        cmocka_unit_test_setup(test_several_pipelines_are_read, contract_fresh),
        cmocka_unit_test_setup(test_several_clusters_are_not_chosen_from, contract_fresh),
        cmocka_unit_test_setup(test_the_secret_of_the_connector_is_taken_for_its_own_database,
                               contract_fresh),
        cmocka_unit_test_setup(test_it_is_not_taken_for_a_host_that_rds_does_not_know,
                               contract_fresh),
        cmocka_unit_test_setup(test_kafka_connect_that_is_away_is_said, contract_fresh),
        cmocka_unit_test_setup(test_connect_without_keys_for_aws, contract_fresh),
        cmocka_unit_test_setup(test_both_together, contract_fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
