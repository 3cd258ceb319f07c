/* init: a configuration from what connectors tell, without a secret and without a trap. */
#include "base/mem.h"
#include "config/load.h"
#include "config/print.h"
#include "report/discover.h"
#include "tests/check.h"
#include "tests/unit/world_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void settings(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    fixture_config(snap, "src", "database.hostname", "db.internal");
    fixture_config(snap, "src", "database.port", "5433");
    fixture_config(snap, "src", "database.user", "dbz user");
    fixture_config(snap, "src", "signal.kafka.bootstrap.servers", "k1:9092,k2:9092");
    fixture_config(snap, "src", "signal.consumer.security.protocol", "SASL_SSL");
    fixture_config(snap, "src", "signal.consumer.sasl.mechanism", "SCRAM-SHA-256");
    fixture_config(snap, "sink", "s3.region", "eu-central-1");
    fixture_config(snap, "sink", "store.url", "http://s3.internal:9000");
}

static void traps(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    fixture_config(snap, "src", "database.hostname", "${cmd:touch /tmp/x}");
    fixture_config(snap, "src", "database.dbname", "shop\"\n[actions]\nread_only = false #");
    fixture_config(snap, "sink", "s3.bucket.name", "${env:HOME}");
    fixture_config(snap, "sink", "s3.region", "x\"\nendpoint = \"http://evil");
    fixture_config(snap, "sink", "store.url", "http://u:geheim@s3/${cmd:id}");
}

static void two_databases(struct fixture *f, struct snapshot *snap)
{
    struct connect_connector *c = arena_array(snap->arena, 4, sizeof(*c));
    settings(f, snap);
    memcpy(c, snap->connect.connectors, 2 * sizeof(*c));
    memcpy(&c[2], &c[1], sizeof(*c));
    c[2].name = "src2";
    c[2].config = arena_array(snap->arena, 60, sizeof(struct kv));
    memcpy(c[2].config, c[1].config, c[1].nconfig * sizeof(struct kv));
    snap->connect.connectors = c;
    snap->connect.nconnectors = 3;
    fixture_config(snap, "src2", "database.dbname", "billing");
    fixture_config(snap, "src2", "topic.prefix", "billing");
}

/* Only Connect was given. */
static void open_with(struct fixture *f, void (*edit)(struct fixture *, struct snapshot *))
{
    fixture_open(f);
    struct pipeline_config *pc = &f->config->pipelines[0];
    const char *why;
    options_clear(options_find(SECTION_KAFKA, "bootstrap_servers"), pc);
    assert_true(options_set(options_find(SECTION_POSTGRES, "conninfo"), pc, "", &why));
    assert_true(options_set(options_find(SECTION_S3, "url"), pc, "", &why));
    f->edit[SOURCE_CONNECT] = edit;
    for (int k = 0; k < SOURCE_OWN_COUNT; k++)
        f->silent[k] = k != SOURCE_CONNECT;
    fixture_tick(f, 2000);
}

/* The draft as text, read again with these variables set. */
static char *draft_of(struct fixture *f, struct discovery *d)
{
    discover(f->world, 0, fixture_pipeline(f), NULL, d);
    return config_draft(&d->config, d->missing.text);
}

static struct config *read_again(const char *text)
{
    struct config_problems problems;
    struct config *config = config_load_text(text, strlen(text), true, &problems);
    if (config == NULL)
        fail_msg("%s\n%s", problems.count > 0 ? problems.items[0].text : "?", text);
    config_problems_free(&problems);
    return config;
}

static void test_a_draft_reads_as_what_was_found(void **state)
{
    (void)state;
    struct fixture f;
    struct discovery d;
    open_with(&f, settings);
    char *text = draft_of(&f, &d);
    (void)setenv("CDCTOP_PG_PASSWORD", "one", 1);
    (void)setenv("CDCTOP_KAFKA_USERNAME", "two", 1);
    (void)setenv("CDCTOP_KAFKA_PASSWORD", "three", 1);
    assert_string_equal(d.env.text,
                        "CDCTOP_PG_PASSWORD\nCDCTOP_KAFKA_USERNAME\nCDCTOP_KAFKA_PASSWORD\n");
    struct config *config = read_again(text);
    assert_int_equal(config->npipelines, 1);
    const struct pipeline_config *pc = &config->pipelines[0];
    assert_string_equal(pc->name, "shop");
    assert_string_equal(pc->postgres.conninfo,
                        "host=db.internal port=5433 dbname=shop user='dbz user'");
    assert_string_equal(pc->postgres.password, "one");
    assert_int_equal(pc->kafka.bootstrap_servers.count, 2);
    assert_string_equal(pc->kafka.bootstrap_servers.items[1], "k2:9092");
    assert_string_equal(pc->kafka.security_protocol, "SASL_SSL");
    assert_string_equal(pc->kafka.sasl_mechanism, "SCRAM-SHA-256");
    assert_string_equal(pc->kafka.sasl_username, "two");
    assert_string_equal(pc->kafka.sasl_password, "three");
    assert_string_equal(pc->connect.urls.items[0], "http://c:8083");
    assert_string_equal(pc->s3.url, "s3://lake");
    assert_string_equal(pc->s3.region, "eu-central-1");
    assert_string_equal(pc->s3.endpoint, "http://s3.internal:9000");
    config_free(config);
    free(text);
    discovery_free(&d);
    fixture_close(&f);
}

static void test_what_servers_write_never_acts(void **state)
{
    (void)state;
    struct fixture f;
    struct discovery d;
    open_with(&f, traps);
    char *text = draft_of(&f, &d);
    /* The comments explain ${cmd:…}; no value may hold one. */
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        size_t n = strcspn(line, "\n");
        if (n == 0 || line[0] == '#')
            continue;
        char *one = mem_strndup(line, n);
        assert_null(strstr(one, "cmd:"));
        assert_null(strstr(one, "evil"));
        assert_null(strstr(one, "geheim"));
        assert_null(strstr(one, "${"));
        free(one);
    }
    struct config *config = read_again(text);
    assert_string_equal(config->pipelines[0].postgres.conninfo, "");
    assert_string_equal(config->pipelines[0].s3.url, "");
    config_free(config);
    assert_non_null(strstr(d.missing.text, "postgres.conninfo"));
    assert_non_null(strstr(d.missing.text, "kafka.bootstrap_servers"));
    assert_non_null(strstr(d.missing.text, "s3.url"));
    assert_non_null(strstr(text, "# Not found"));
    free(text);
    discovery_free(&d);
    fixture_close(&f);
}

static void test_secrets_that_were_given_are_not_written(void **state)
{
    (void)state;
    struct fixture f;
    struct discovery d;
    const char *why;
    open_with(&f, settings);
    struct pipeline_config *pc = &f.config->pipelines[0];
    assert_true(
        options_set(options_find(SECTION_POSTGRES, "conninfo"), pc, "host=h dbname=d", &why));
    assert_true(options_set(options_find(SECTION_POSTGRES, "password"), pc, "geheim", &why));
    assert_true(options_set(options_find(SECTION_CONNECT, "username"), pc, "me", &why));
    assert_true(options_set(options_find(SECTION_CONNECT, "password"), pc, "geheim", &why));
    assert_true(options_set(options_find(SECTION_S3, "access_key_id"), pc, "AKIA", &why));
    assert_true(options_set(options_find(SECTION_S3, "secret_access_key"), pc, "geheim", &why));
    char *text = draft_of(&f, &d);
    assert_null(strstr(text, "geheim"));
    assert_null(strstr(text, "labsecret"));
    assert_non_null(strstr(text, "\npassword = \"${env:CDCTOP_PG_PASSWORD}\"\n"));
    assert_non_null(strstr(text, "\npassword = \"${env:CDCTOP_CONNECT_PASSWORD}\"\n"));
    free(text);
    discovery_free(&d);
    fixture_close(&f);
}

static void at_rds(struct fixture *f, struct snapshot *snap)
{
    settings(f, snap);
    fixture_config(snap, "src", "database.hostname", "shop.abc.eu-west-3.rds.amazonaws.com");
    fixture_config(snap, "src", "database.password", "${secretsmanager:prod/shop:password}");
}

/* A reference that the user gave is kept; one that a server wrote is not followed. */
static void test_references_to_secrets_manager(void **state)
{
    (void)state;
    static const char *const given[] = {"", "${secret:prod/monitor#password}"};
    (void)setenv("CDCTOP_PG_PASSWORD", "one", 1);
    (void)setenv("CDCTOP_KAFKA_USERNAME", "two", 1);
    (void)setenv("CDCTOP_KAFKA_PASSWORD", "three", 1);
    for (size_t i = 0; i < 2; i++) {
        struct fixture f;
        struct discovery d;
        const char *why;
        open_with(&f, at_rds);
        assert_true(options_set(options_find(SECTION_POSTGRES, "password"), &f.config->pipelines[0],
                                given[i], &why));
        char *text = draft_of(&f, &d);
        struct config *config = read_again(text);
        const struct pipeline_config *pc = &config->pipelines[0];
        assert_string_equal(pc->postgres.password, i == 0 ? "one" : given[i]);
        assert_string_equal(pc->rds.instance, "auto");
        assert_null(strstr(text, "prod/shop"));
        config_free(config);
        free(text);
        discovery_free(&d);
        fixture_close(&f);
    }
}

static void test_each_database_is_a_pipeline_of_its_own(void **state)
{
    (void)state;
    struct fixture f;
    struct discovery d;
    open_with(&f, two_databases);
    char *text = draft_of(&f, &d);
    (void)setenv("CDCTOP_PG_PASSWORD_SHOP", "one", 1);
    (void)setenv("CDCTOP_PG_PASSWORD_BILLING", "two", 1);
    static const char *const more[] = {"USERNAME_SHOP", "USERNAME_BILLING", "PASSWORD_SHOP",
                                       "PASSWORD_BILLING"};
    for (size_t i = 0; i < ARRAY_LEN(more); i++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "CDCTOP_KAFKA_%s", more[i]);
        (void)setenv(name, "x", 1);
    }
    struct config *config = read_again(text);
    assert_int_equal(config->npipelines, 2);
    const struct pipeline_config *shop = &config->pipelines[0], *billing = &config->pipelines[1];
    assert_string_equal(shop->name, "shop");
    assert_string_equal(billing->name, "billing");
    assert_string_equal(billing->postgres.password, "two");
    assert_int_equal(billing->connect.connectors.count, 1);
    assert_string_equal(billing->connect.connectors.items[0], "src2");
    config_free(config);
    free(text);
    discovery_free(&d);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_draft_reads_as_what_was_found),
        cmocka_unit_test(test_what_servers_write_never_acts),
        cmocka_unit_test(test_secrets_that_were_given_are_not_written),
        cmocka_unit_test(test_references_to_secrets_manager),
        cmocka_unit_test(test_each_database_is_a_pipeline_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
