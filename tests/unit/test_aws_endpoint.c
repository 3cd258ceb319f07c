/* Where a service is: against the hosts that botocore's rules give, and by what somebody chose. */
#include "base/clock.h"
#include "base/mem.h"
#include "tests/check.h"
#include "tests/unit/aws_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct pipeline_config cfg;
static struct aws *aws;

static int setup(void **state)
{
    (void)state;
    static const char *const names[] = {"AWS_REGION",
                                        "AWS_DEFAULT_REGION",
                                        "AWS_PROFILE",
                                        "AWS_ENDPOINT_URL",
                                        "AWS_ENDPOINT_URL_KAFKA",
                                        "AWS_ENDPOINT_URL_DATABASE_MIGRATION_SERVICE",
                                        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                                        "AWS_USE_FIPS_ENDPOINT",
                                        "AWS_USE_DUALSTACK_ENDPOINT",
                                        "AWS_CA_BUNDLE"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        unsetenv(names[i]);
    setenv("AWS_CONFIG_FILE", "/nonexistent", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", 1);
    cfg = (struct pipeline_config){0};
    aws = aws_open(&cfg, -1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_true(aws_close(aws, clock_mono_ms() + 120000));
    return 0;
}

static void is_at(enum aws_service service, const char *region, const char *expected)
{
    struct err err = ERR_INIT;
    char *url = aws_endpoint(aws, service, region, &err);
    assert_non_null(url);
    assert_string_equal(url, expected);
    free(url);
}

static void test_every_host_is_as_botocore_has_it(void **state)
{
    (void)state;
    char line[300], service[40], region[40], url[200];
    int fips, dual, n = 0;
    FILE *f = fopen("tests/samples/aws/endpoints", "r");
    assert_non_null(f);
    while (fgets(line, sizeof(line), f) != NULL) {
        if (line[0] == '#')
            continue;
        assert_int_equal(sscanf(line, "%39s %39s %d %d %199s", service, region, &fips, &dual, url),
                         5);
        int s = 0;
        while (s < AWS_SERVICE_COUNT && strcmp(aws_services[s].name, service) != 0)
            s++;
        assert_in_range(s, 0, AWS_SERVICE_COUNT - 1);
        cfg.aws.fips = fips != 0;
        cfg.aws.dualstack = dual != 0;
        is_at((enum aws_service)s, region, url);
        n++;
    }
    fclose(f);
    assert_in_range(n, 300, 1000);
}

static void test_partitions(void **state)
{
    (void)state;
    assert_string_equal(aws_partition("eu-west-3"), "aws");
    assert_string_equal(aws_partition("cn-northwest-1"), "aws-cn");
    assert_string_equal(aws_partition("us-gov-east-1"), "aws-us-gov");
    assert_string_equal(aws_partition("us-isob-east-1"), "aws-iso-b");
}

static void test_the_environment_switches_fips_and_dual_stack(void **state)
{
    (void)state;
    setenv("AWS_USE_FIPS_ENDPOINT", "true", 1);
    is_at(AWS_DMS, "us-east-1", "https://dms-fips.us-east-1.amazonaws.com");
    setenv("AWS_USE_DUALSTACK_ENDPOINT", "TRUE", 1);
    is_at(AWS_DMS, "us-east-1", "https://dms-fips.us-east-1.api.aws");
    setenv("AWS_USE_FIPS_ENDPOINT", "false", 1);
    is_at(AWS_KAFKA, "us-east-1", "https://kafka-api.us-east-1.api.aws");
}

static void test_who_chooses_comes_in_this_order(void **state)
{
    (void)state;
    char file[] = "/tmp/cdctop-endpoint-XXXXXX";
    static const char text[] = "[default]\nservices = s\nendpoint_url = http://profile:1/\n"
                               "[services s]\nkafka =\n  endpoint_url = http://profile-kafka:1\n";
    int fd = mkstemp(file);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
    close(fd);
    setenv("AWS_CONFIG_FILE", file, 1);
    is_at(AWS_DMS, "", "http://profile:1");
    is_at(AWS_KAFKA, "", "http://profile-kafka:1");
    setenv("AWS_ENDPOINT_URL", "http://all:2///", 1);
    is_at(AWS_DMS, "", "http://all:2");
    is_at(AWS_KAFKA, "", "http://all:2");
    setenv("AWS_ENDPOINT_URL_DATABASE_MIGRATION_SERVICE", "http://dms:3", 1);
    is_at(AWS_DMS, "", "http://dms:3");
    setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
    is_at(AWS_DMS, "eu-west-3", "https://dms.eu-west-3.amazonaws.com");
    cfg.aws.endpoint = (char[]){"http://configured:4"};
    is_at(AWS_DMS, "", "http://configured:4");
    cfg.aws.endpoint = NULL;
    unlink(file);
}

/* The name of the region becomes part of the host that gets our signature. */
static void test_what_is_no_region_has_no_endpoint(void **state)
{
    (void)state;
    static const char *const no[] = {"", "eu-west-3.evil.example/", "eu west", "EU", "a@b"};
    for (size_t i = 0; i < ARRAY_LEN(no); i++) {
        struct err err = ERR_INIT;
        assert_null(aws_endpoint(aws, AWS_KAFKA, no[i], &err));
        assert_int_equal(err.kind, ERR_CONFIG);
    }
}

static void trusts(const char *expected)
{
    char *file = aws_ca_bundle(aws);
    if (expected == NULL)
        assert_null(file);
    else
        assert_string_equal(file, expected);
    free(file);
}

static void test_whom_to_trust(void **state)
{
    (void)state;
    trusts(NULL);
    setenv("AWS_CA_BUNDLE", "/env.pem", 1);
    trusts("/env.pem");
    cfg.aws.ssl_ca = (char[]){"/cfg.pem"};
    trusts("/cfg.pem");
    cfg.aws.ssl_ca = NULL;
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_every_host_is_as_botocore_has_it),
        CASE(test_partitions),
        CASE(test_the_environment_switches_fips_and_dual_stack),
        CASE(test_who_chooses_comes_in_this_order),
        CASE(test_what_is_no_region_has_no_endpoint),
        CASE(test_whom_to_trust),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
