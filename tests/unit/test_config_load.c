/* Which file is read, what wins over what, what is secret, and what is said about mistakes. */
#include "../check.h"

#include "config/config.h"
#include "config/load.h"
#include "config/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

struct place {
    char dir[32], home[64], xdg[64], file[96];
};

static const char *const variables[] = {
    "CDCTOP_CONFIG",
    "XDG_CONFIG_HOME",
    "PGHOST",
    "PGHOSTADDR",
    "PGPORT",
    "PGDATABASE",
    "PGUSER",
    "PGPASSWORD",
    "PGSERVICE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
};

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof(*place));
    (void)snprintf(place->dir, sizeof(place->dir), "/tmp/cdctop-test-XXXXXX");
    if (mkdtemp(place->dir) == NULL)
        return -1;
    (void)snprintf(place->home, sizeof(place->home), "%s/.config", place->dir);
    (void)snprintf(place->xdg, sizeof(place->xdg), "%s/.config/cdctop", place->dir);
    (void)snprintf(place->file, sizeof(place->file), "%s/config.toml", place->xdg);
    if (mkdir(place->home, 0700) != 0 || mkdir(place->xdg, 0700) != 0)
        return -1;
    for (size_t i = 0; i < LEN(variables); i++)
        (void)unsetenv(variables[i]);
    (void)setenv("HOME", place->dir, 1);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    (void)unlink(place->file);
    (void)rmdir(place->xdg);
    (void)rmdir(place->home);
    (void)rmdir(place->dir);
    free(place);
    return 0;
}

static struct config *load(const struct config_flags *flags, struct config_problems *problems)
{
    struct config *config = config_load(flags, problems);
    if (config == NULL)
        fail_msg("%s", problems->items[0].text);
    return config;
}

static void nothing_at_all_is_no_mistake(void **state)
{
    struct config_problems problems;
    struct config_flags flags = {0};
    (void)state;
    struct config *config = load(&flags, &problems);
    assert_int_equal(config->npipelines, 0);
    assert_string_equal(config->path, "");
    assert_int_equal(problems.count, 0);
    char *printed = config_print(config), *example = config_example(NULL);
    assert_string_equal(printed, example);
    free(printed);
    free(example);
    config_free(config);
}

static void the_search_order(void **state)
{
    struct place *place = *state;
    struct config_problems problems;
    struct config_flags flags = {0};
    char other[64], cwd[256];
    (void)snprintf(other, sizeof(other), "%s/other.toml", place->dir);
    write_file(other, "[ui]\ninterval = \"7s\"\n", 0600);
    write_file(place->file, "[ui]\ninterval = \"5s\"\n", 0600);

    struct config *config = load(&flags, &problems); /* ~/.config */
    assert_int_equal(config->interval_ms, 5000);
    assert_string_equal(config->path, place->file);
    config_free(config);

    (void)setenv("XDG_CONFIG_HOME", place->home, 1);
    (void)setenv("HOME", "/nonexistent", 1);
    config = load(&flags, &problems);
    assert_int_equal(config->interval_ms, 5000);
    config_free(config);

    (void)setenv("CDCTOP_CONFIG", other, 1);
    config = load(&flags, &problems);
    assert_int_equal(config->interval_ms, 7000);
    config_free(config);

    flags.config_path = place->file;
    config = load(&flags, &problems);
    assert_int_equal(config->interval_ms, 5000);
    config_free(config);

    /* A relative XDG_CONFIG_HOME would be the current directory. */
    flags.config_path = NULL;
    (void)unsetenv("CDCTOP_CONFIG");
    (void)setenv("XDG_CONFIG_HOME", ".config", 1);
    assert_non_null(getcwd(cwd, sizeof(cwd)));
    assert_int_equal(chdir(place->dir), 0);
    config = load(&flags, &problems);
    assert_int_equal(config->interval_ms, 2000);
    config_free(config);
    assert_int_equal(chdir(cwd), 0);
    (void)unlink(other);
}

static void a_file_that_was_named_must_be_there(void **state)
{
    struct place *place = *state;
    struct config_problems problems;
    struct config_flags flags = {.config_path = "/nonexistent/x.toml"};
    assert_null(config_load(&flags, &problems));
    assert_int_equal(problems.errors, 1);
    assert_non_null(strstr(problems.items[0].text, "/nonexistent/x.toml: No such file"));
    config_problems_free(&problems);

    (void)setenv("CDCTOP_CONFIG", place->dir, 1);
    flags.config_path = NULL;
    assert_null(config_load(&flags, &problems));
    assert_non_null(strstr(problems.items[0].text, "directory"));
    config_problems_free(&problems);
}

static void a_huge_file_is_refused(void **state)
{
    struct place *place = *state;
    struct config_problems problems;
    struct config_flags flags = {.config_path = place->file};
    char *text = malloc(1000 * 1000 + 2);
    memset(text, '#', 1000 * 1000 + 1);
    text[1000 * 1000 + 1] = '\0';
    write_file(place->file, text, 0600);
    free(text);
    assert_null(config_load(&flags, &problems));
    assert_non_null(strstr(problems.items[0].text, "larger than 1 MB"));
    config_problems_free(&problems);
}

static void flags_alone_make_a_pipeline(void **state)
{
    struct config_problems problems;
    struct config_flags flags = {.pg = "postgresql://me:hunter2@db/orders",
                                 .kafka = "a:9092,b:9092",
                                 .connect = "http://op:sesame@c1:8083/,http://c2:8083",
                                 .s3 = "s3://lake/topics/",
                                 .interval = "5",
                                 .theme = "mono",
                                 .ascii = true,
                                 .read_only = true,
                                 .mouse = true,
                                 .log_file = "/tmp/x.log"};
    (void)state;
    (void)setenv("AWS_REGION", "eu-central-1", 1);
    (void)setenv("AWS_DEFAULT_REGION", "us-west-1", 1);
    (void)setenv("AWS_ACCESS_KEY_ID", "AKIA", 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", "shh", 1);
    (void)setenv("AWS_SESSION_TOKEN", "tok", 1);
    (void)setenv("AWS_ENDPOINT_URL", "http://general:1", 1);
    (void)setenv("AWS_ENDPOINT_URL_S3", "http://s3:1/", 1);
    struct config *config = load(&flags, &problems);
    assert_int_equal(problems.count, 0);
    assert_int_equal(config->npipelines, 1);
    const struct pipeline_config *p = &config->pipelines[0];
    assert_string_equal(p->name, "orders");
    assert_string_equal(p->postgres.conninfo, "postgresql://me@db/orders");
    assert_string_equal(p->postgres.password, "hunter2");
    assert_int_equal(p->kafka.bootstrap_servers.count, 2);
    assert_string_equal(p->kafka.bootstrap_servers.items[1], "b:9092");
    assert_int_equal(p->connect.urls.count, 2);
    assert_string_equal(p->connect.urls.items[0], "http://c1:8083");
    assert_string_equal(p->connect.username, "op");
    assert_string_equal(p->connect.password, "sesame");
    assert_string_equal(p->s3.url, "s3://lake/topics");
    assert_string_equal(p->s3.region, "eu-central-1");
    assert_string_equal(p->s3.access_key_id, ""); /* keys of the environment: aws/creds.c */
    assert_string_equal(p->s3.secret_access_key, "");
    assert_string_equal(p->s3.session_token, "");
    assert_string_equal(p->s3.endpoint, "http://s3:1");
    assert_int_equal(config->interval_ms, 5000);
    assert_string_equal(config->theme, "mono");
    assert_string_equal(config->glyphs, "ascii");
    assert_string_equal(config->log_file, "/tmp/x.log");
    assert_true(config->read_only && config->mouse);
    assert_true(config_has_postgres(p) && config_has_kafka(p) && config_has_connect(p) &&
                config_has_s3(p));
    config_free(config);
}

static void the_environment_alone_makes_a_pipeline(void **state)
{
    struct config_problems problems;
    struct config_flags flags = {0};
    (void)state;
    (void)setenv("AWS_ACCESS_KEY_ID", "AKIA", 1); /* lies about anywhere: makes no pipeline */
    (void)setenv("AWS_SECRET_ACCESS_KEY", "shh", 1);
    struct config *config = load(&flags, &problems);
    assert_int_equal(config->npipelines, 0);
    config_free(config);

    (void)setenv("PGHOST", "db", 1);
    (void)setenv("PGDATABASE", "it's", 1);
    (void)setenv("PGPASSWORD", "hunter2", 1);
    config = load(&flags, &problems);
    assert_int_equal(config->npipelines, 1);
    assert_string_equal(config->pipelines[0].postgres.conninfo, "host='db' dbname='it\\'s'");
    assert_string_equal(config->pipelines[0].postgres.password, "hunter2");
    assert_string_equal(config->pipelines[0].name, "it's");
    config_free(config);
}

static void who_wins(void **state)
{
    struct place *place = *state;
    struct config_problems problems;
    struct config_flags flags = {0};
    write_file(place->file,
               "[[pipeline]]\nname = \"one\"\n"
               "[pipeline.connect]\nurls = [\"http://c:1\"]\nusername = \"u\"\npassword = \"p\"\n"
               "[pipeline.s3]\nurl = \"s3://lake\"\nregion = \"eu-west-1\"\n"
               "access_key_id = \"FILE\"\nsecret_access_key = \"filesecret\"\n"
               "[[pipeline]]\nname = \"two\"\n[pipeline.postgres]\nconninfo = \"host=two\"\n"
               "password = \"two\"\n",
               0600);
    (void)setenv("PGHOST", "elsewhere", 1);
    (void)setenv("AWS_REGION", "env-region", 1);
    (void)setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", "envsecret", 1);
    (void)setenv("AWS_SESSION_TOKEN", "envtoken", 1);

    struct config *config = load(&flags, &problems);
    assert_int_equal(config->npipelines, 2);
    assert_string_equal(config->pipelines[0].postgres.conninfo,
                        ""); /* a file is not about PGHOST */
    assert_string_equal(config->pipelines[0].s3.region, "eu-west-1");
    assert_string_equal(config->pipelines[0].s3.access_key_id, "FILE");
    assert_string_equal(config->pipelines[0].s3.session_token, ""); /* never mixed */
    assert_string_equal(config->pipelines[1].s3.region, "env-region");
    config_free(config);

    flags = (struct config_flags){
        .pipeline = "two", .pg = "host=other", .connect = "http://d:1", .kafka = "k:1"};
    config = load(&flags, &problems);
    const struct pipeline_config *first = &config->pipelines[0];
    assert_string_equal(first->name, "two");
    assert_string_equal(first->postgres.conninfo, "host=other");
    assert_string_equal(first->postgres.password, ""); /* was for another server */
    assert_string_equal(first->connect.urls.items[0], "http://d:1");
    assert_string_equal(config->pipelines[1].connect.urls.items[0], "http://c:1");
    assert_string_equal(config->pipelines[1].connect.password, "p");
    config_free(config);

    flags = (struct config_flags){.pipeline = "tow"};
    assert_null(config_load(&flags, &problems));
    assert_string_equal(problems.items[0].nearest, "two");
    config_problems_free(&problems);
}

/* The environment's keys would step in, and be somebody else. */
static void keys_that_come_out_empty_are_a_mistake(void **state)
{
    struct place *place = *state;
    struct config_problems problems;
    struct config_flags flags = {0};
    write_file(place->file,
               "[[pipeline]]\nname = \"one\"\n[pipeline.s3]\nurl = \"s3://lake\"\n"
               "access_key_id = \"${env:CDCTOP_TEST_KEY}\"\n"
               "[pipeline.aws]\nsecret_access_key = \"${env:CDCTOP_TEST_KEY}\"\n",
               0600);
    (void)setenv("CDCTOP_TEST_KEY", "", 1);
    assert_null(config_load(&flags, &problems));
    assert_int_equal(problems.errors, 2);
    assert_string_equal(problems.items[0].key, "pipeline.s3.access_key_id");
    assert_string_equal(problems.items[1].key, "pipeline.aws.secret_access_key");
    config_problems_free(&problems);
    (void)unsetenv("CDCTOP_TEST_KEY");
}

static void other_brokers_do_not_get_the_files_login(void **state)
{
    struct place *place = *state;
    struct config_problems problems;
    struct config_flags flags = {.kafka = "other:9092"};
    static const char *const protocols[][2] = {
        {"SASL_SSL",       "SSL"      },
        {"SASL_PLAINTEXT", "PLAINTEXT"}
    };
    for (size_t i = 0; i < LEN(protocols); i++) {
        char text[400];
        (void)snprintf(text, sizeof(text),
                       "[[pipeline]]\n[pipeline.kafka]\nbootstrap_servers = \"a:1\"\n"
                       "security_protocol = \"%s\"\nsasl_username = \"u\"\n"
                       "sasl_password = \"hunter\"\n",
                       protocols[i][0]);
        write_file(place->file, text, 0600);
        struct config *config = load(&flags, &problems);
        const struct kafka_config *kafka = &config->pipelines[0].kafka;
        assert_string_equal(kafka->bootstrap_servers.items[0], "other:9092");
        assert_string_equal(kafka->sasl_username, "");
        assert_string_equal(kafka->sasl_password, "");
        assert_string_equal(kafka->security_protocol, protocols[i][1]);
        config_free(config);
    }
}

static void paths_start_at_the_file(void **state)
{
    struct place *place = *state;
    struct config_problems problems;
    struct config_flags flags = {0};
    char expected[128];
    write_file(place->file,
               "[ui]\ntheme = \"themes/x.toml\"\n[actions]\naudit_log = \"~/audit\"\n"
               "[[pipeline]]\n[pipeline.connect]\nurls = [\"https://c\"]\nssl_ca = \"ca.pem\"\n",
               0600);
    struct config *config = load(&flags, &problems);
    (void)snprintf(expected, sizeof(expected), "%s/ca.pem", place->xdg);
    assert_string_equal(config->pipelines[0].connect.ssl_ca, expected);
    (void)snprintf(expected, sizeof(expected), "%s/themes/x.toml", place->xdg);
    assert_string_equal(config->theme, expected);
    (void)snprintf(expected, sizeof(expected), "%s/audit", place->dir);
    assert_string_equal(config->audit_log, expected);
    config_free(config);
}

static const char secrets_file[] =
    "[[pipeline]]\nname = \"shop\"\n"
    "[pipeline.postgres]\nconninfo = \"postgresql://u:hunter-1@h/d?sslpassword=hunter-2\"\n"
    "[pipeline.kafka]\nbootstrap_servers = \"a:1\"\nsecurity_protocol = \"SASL_SSL\"\n"
    "sasl_username = \"u\"\nsasl_password = \"hunter-3\"\nssl_key_password = \"hunter-4\"\n"
    "[pipeline.connect]\nurls = [\"http://u:hunter-5@c\"]\n"
    "[pipeline.s3]\nurl = \"s3://lake\"\naccess_key_id = \"a\"\nsecret_access_key = \"hunter-6\"\n"
    "session_token = \"${env:CDCTOP_TEST_TOKEN}\"\n";

static void a_readable_secret_is_a_warning(void **state)
{
    struct place *place = *state;
    struct config_problems problems;
    struct config_flags flags = {0};
    static const int lines[] = {4, 9, 10, 12, 16};
    (void)setenv("CDCTOP_TEST_TOKEN", "hunter-7", 1);
    write_file(place->file, secrets_file, 0600);
    struct config *config = load(&flags, &problems);
    assert_int_equal(problems.count, 0);
    config_free(config);

    write_file(place->file, secrets_file, 0640);
    config = load(&flags, &problems);
    assert_int_equal(problems.errors, 0);
    assert_int_equal(problems.count, LEN(lines));
    for (size_t i = 0; i < LEN(lines); i++) {
        assert_true(problems.items[i].warning);
        assert_int_equal(problems.items[i].line, lines[i]);
        assert_non_null(strstr(problems.items[i].text, "chmod 600"));
        /* Only a login may be a secret of AWS: no URL, and not the keys that it is asked with. */
        bool may = strstr(problems.items[i].text, "${secret:") != NULL;
        assert_int_equal(may, lines[i] <= 10);
    }
    config_free(config);
    config_problems_free(&problems);
}

static void no_secret_is_printed(void **state)
{
    struct place *place = *state;
    struct config_problems problems;
    struct config_flags flags = {0};
    (void)setenv("CDCTOP_TEST_TOKEN", "hunter-7", 1);
    write_file(place->file, secrets_file, 0644);
    struct config *config = load(&flags, &problems);
    assert_string_equal(config->pipelines[0].s3.session_token, "hunter-7");
    char *text = config_print(config);
    assert_null(strstr(text, "hunter"));
    assert_non_null(strstr(text, "********"));
    for (size_t i = 0; i < problems.count; i++)
        assert_null(strstr(problems.items[i].text, "hunter"));
    free(text);
    config_free(config);
    config_problems_free(&problems);
}

/* They are put in when somebody logs in: no secret, so no reason to hide or to warn of them. */
static void references_to_secrets_manager_stay(void **state)
{
    struct place *place = *state;
    struct config_problems problems;
    struct config_flags flags = {0};
    write_file(place->file,
               "[[pipeline]]\nname = \"shop\"\n[pipeline.postgres]\n"
               "conninfo = \"postgresql://${secret:db#user}:${secret:db#pw}@h/d\"\n"
               "[pipeline.connect]\nurls = \"http://c:8083\"\nusername = \"u\"\n"
               "password = \"${secret:connect}\"\n",
               0644);
    struct config *config = load(&flags, &problems);
    assert_int_equal(problems.count, 0);
    const struct pipeline_config *p = &config->pipelines[0];
    assert_string_equal(p->postgres.password, "${secret:db#pw}");
    assert_string_equal(p->postgres.conninfo, "postgresql://%24%7Bsecret%3Adb%23user%7D@h/d");
    assert_true(config_has_aws(p));
    char *text = config_print(config);
    assert_non_null(strstr(text, "password = \"${secret:db#pw}\""));
    assert_non_null(strstr(text, "password = \"${secret:connect}\""));
    free(text);
    config_free(config);
    write_file(place->file, "[[pipeline]]\n[pipeline.postgres]\nconninfo = \"${secret:dsn}\"\n",
               0600);
    config = load(&flags, &problems);
    assert_int_equal(problems.count, 0);
    assert_string_equal(config->pipelines[0].postgres.conninfo, "${secret:dsn}");
    config_free(config);
    write_file(place->file, "[[pipeline]]\n[pipeline.s3]\nurl = \"s3://${secret:a#bucket}\"\n",
               0600);
    assert_null(config_load(&flags, &problems));
    assert_int_equal(problems.items[0].line, 3);
    assert_non_null(strstr(problems.items[0].text, "only stand in a login"));
    config_problems_free(&problems);
}

/* Who is asked for by a flag is nobody else, whatever keys the file has. */
static void flags_say_who_we_are_at_aws(void **state)
{
    struct place *place = *state;
    struct config_problems problems;
    struct config_flags flags = {.region = "eu-west-3", .profile = "prod"};
    write_file(place->file,
               "[[pipeline]]\n[pipeline.dms]\ntasks = [\"shop\"]\n[pipeline.aws]\n"
               "region = \"us-east-1\"\naccess_key_id = \"AKIAFILE\"\nsecret_access_key = \"x\"\n",
               0600);
    struct config *config = load(&flags, &problems);
    assert_int_equal(problems.count, 0);
    const struct aws_config *aws = &config->pipelines[0].aws;
    assert_string_equal(aws->region, "eu-west-3");
    assert_string_equal(aws->profile, "prod");
    assert_string_equal(aws->access_key_id, "");
    assert_string_equal(aws->secret_access_key, "");
    assert_int_equal(config->pipelines[0].mskconnect.connectors.count, 0);
    config_free(config);
}

static void no_secret_in_a_complaint(void **state)
{
    static const char *const files[] = {
        "[[pipeline]]\n[pipeline.postgres]\nconninfo = \"postgresql://u:hunter/2@h/d\"\n",
        "[[pipeline]]\n[pipeline.postgres]\nconninfo = \"host=h password='hunter\"\n",
        "[[pipeline]]\n[pipeline.postgres]\npasword = \"hunter\"\n",
        "[[pipeline]]\n[pipeline.postgres]\npassword = \"hunter\\nhunter\"\n",
        "[[pipeline]]\n[pipeline.postgres]\npassword = [\"hunter\"]\n",
        "[[pipeline]]\n[pipeline.postgres]\npassword = hunter\n",
        "[[pipeline]]\n[pipeline.connect]\nurls = [\"http://u:hunter/x@h\"]\n",
        "[[pipeline]]\n[pipeline.s3]\nendpoint = \"http://u:hunter@h\"\nurl = \"s3://lake\"\n",
        "[ui]\ninterval = \"${env:CDCTOP_TEST_TOKEN}\"\n",
        "[[pipeline]]\n[pipeline.kafka]\nbootstrap_servers = [\"${env:CDCTOP_TEST_TOKEN}\"]\n",
        "[[pipeline]]\n[pipeline.s3]\nurl = \"${cmd:printenv CDCTOP_TEST_TOKEN}\"\n",
    };
    struct place *place = *state;
    struct config_flags flags = {0};
    (void)setenv("CDCTOP_TEST_TOKEN", "hunter-7", 1);
    for (size_t i = 0; i < LEN(files); i++) {
        struct config_problems problems;
        write_file(place->file, files[i], 0600);
        assert_null(config_load(&flags, &problems));
        assert_true(problems.errors > 0);
        for (size_t k = 0; k < problems.count; k++) {
            if (strstr(problems.items[k].text, "hunter") != NULL)
                fail_msg("%s", problems.items[k].text);
        }
        config_problems_free(&problems);
    }
}

static void argv_is_scrubbed(void **state)
{
    char a[] = "cdctop", b[] = "--pg", c[] = "postgresql://u:hunter2@h/d",
         d[] = "--connect=http://u:hunter2@h", e[] = "--pg=host=h password=hunter2", f[] = "--pg";
    char *argv[] = {a, b, c, d, e, f, NULL};
    (void)state;
    config_scrub_argv(6, argv);
    assert_string_equal(c, "postgresql://u:*******@h/d");
    assert_string_equal(d, "--connect=http://u:*******@h");
    assert_string_equal(e, "--pg=host=h password=*******");
    assert_string_equal(f, "--pg");
}

static void what_is_printed_can_be_read(void **state)
{
    struct place *place = *state;
    struct config_problems problems;
    struct config_flags flags = {0};
    write_file(place->file,
               "[[pipeline]]\nname = 'a \"b\" \\ $${x}'\nenvironment = \"é\\t\"\n"
               "[pipeline.kafka]\nbootstrap_servers = [\"a:1\", \"b:2\"]\ntopics = [\"x.*\", "
               "\"!y\"]\ntimeout = \"1m500ms\"\n"
               "[pipeline.thresholds]\nretained_warn = 123\nlate_factor_crit = 301\n",
               0600);
    struct config *config = load(&flags, &problems);
    char *text = config_print(config);
    struct config *again = config_load_text(text, strlen(text), true, &problems);
    assert_non_null(again);
    char *text_again = config_print(again);
    assert_string_equal(text, text_again);
    assert_string_equal(again->pipelines[0].name, "a \"b\" \\ ${x}");
    assert_string_equal(again->pipelines[0].kafka.topics.items[1], "!y");
    assert_int_equal(again->pipelines[0].kafka.timeout_ms, 60500);
    assert_int_equal(again->pipelines[0].thresholds.retained_warn, 123);
    free(text);
    free(text_again);
    config_free(config);
    config_free(again);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_at_all_is_no_mistake),
        TEST(the_search_order),
        TEST(a_file_that_was_named_must_be_there),
        TEST(a_huge_file_is_refused),
        TEST(flags_alone_make_a_pipeline),
        TEST(the_environment_alone_makes_a_pipeline),
        TEST(who_wins),
        TEST(keys_that_come_out_empty_are_a_mistake),
        TEST(other_brokers_do_not_get_the_files_login),
        TEST(paths_start_at_the_file),
        TEST(a_readable_secret_is_a_warning),
        TEST(no_secret_is_printed),
        TEST(references_to_secrets_manager_stay),
        TEST(flags_say_who_we_are_at_aws),
        TEST(no_secret_in_a_complaint),
        TEST(argv_is_scrubbed),
        TEST(what_is_printed_can_be_read),
    };
    return cmocka_run_group_tests_name("config_load", tests, NULL, NULL);
}
