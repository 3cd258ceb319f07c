/* The S3 source with the keys of the credential chain: it takes them, and those that replace them.
 */
#include "aws/aws_int.h"
#include "base/clock.h"
#include "source/s3_topics.h"
#include "tests/check.h"
#include "tests/unit/s3_rig.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Atomic int64_t now_ms = NOW;
static char path[64];

static int64_t wall_ms(void)
{
    return atomic_load(&now_ms);
}

static void write_key(const char *id)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fprintf(f, "[lake]\naws_access_key_id = %s\naws_secret_access_key = x\n", id) > 0);
    assert_int_equal(fclose(f), 0);
}

static int setup(void **state)
{
    static char empty[] = "", profile[] = "lake", region[] = "eu-west-3";
    (void)snprintf(path, sizeof(path), "/tmp/cdctop-s3-keys-XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0 || s3_rig_setup(state) != 0)
        return -1;
    (void)close(fd);
    struct fixture *f = *state;
    (void)setenv("AWS_SHARED_CREDENTIALS_FILE", path, 1);
    (void)setenv("AWS_CONFIG_FILE", "/nonexistent", 1);
    f->cfg.s3.access_key_id = f->cfg.s3.secret_access_key = empty;
    f->cfg.aws.profile = profile;
    f->cfg.aws.region = region;
    f->aws = aws_open(&f->cfg, -1);
    f->aws->wall_ms = wall_ms;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    bool closed = aws_close(f->aws, clock_mono_ms() + 120000);
    (void)unlink(path);
    return s3_rig_teardown(state) == 0 && closed ? 0 : -1;
}

static void test_keys_of_a_profile_and_those_that_replace_them(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_INIT;
    fakes3_put(&f->s3, LANE("14", "0"), 10, 0, 500, 3, ".json", NOW - 100000);
    write_key("AKIAONE");
    snapshot_free(s3_rig_done(f));
    assert_string_equal(f->s3.last_key, "AKIAONE");

    write_key("AKIATWO"); /* rotated; S3 does not know the old one any more */
    f->s3.status = 403;
    f->s3.answer = "<Error><Code>InvalidAccessKeyId</Code><Message>no</Message></Error>";
    atomic_fetch_add(&now_ms, 120000);
    assert_null(s3_rig_poll(f, &err));
    assert_int_equal(err.kind, ERR_AUTH);
    assert_string_equal(f->s3.last_key, "AKIAONE");
    f->s3.status = 0;
    struct snapshot *snap = s3_rig_poll(f, &err);
    assert_non_null(snap);
    assert_int_equal(snap->s3.prefixes[0].seen, 3); /* what was known stayed */
    assert_string_equal(f->s3.last_key, "AKIATWO");
    assert_string_equal(snap->s3.region, "eu-west-3");
    snapshot_free(snap);
}

static void test_no_keys_is_said_and_keys_of_its_own_come_first(void **state)
{
    static char id[] = "AKIAOWN", secret[] = "x";
    struct fixture *f = *state;
    struct err err = ERR_INIT;
    fakes3_put(&f->s3, LANE("14", "0"), 10, 0, 500, 3, ".json", NOW - 100000);
    assert_null(s3_rig_poll(f, &err)); /* the profile is named, and not there */
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_non_null(strstr(err.text, "there is no profile lake"));
    f->cfg.s3.access_key_id = id;
    f->cfg.s3.secret_access_key = secret;
    snapshot_free(s3_rig_done(f));
    assert_string_equal(f->s3.last_key, "AKIAOWN");
}

/* What [pipeline.s3] leaves open is as for all calls of AWS: region, endpoint, whom to trust. */
static void test_where_it_is_and_whom_to_trust(void **state)
{
    static char empty[] = "", region[] = "us-gov-west-1", ca[] = "/of-s3.pem";
    struct fixture *f = *state;
    struct s3_place place = {.bucket = "lake"};
    f->cfg.aws.region = region;
    f->cfg.aws.fips = f->cfg.aws.dualstack = true;
    f->cfg.aws.endpoint = f->cfg.aws.ssl_ca = empty;
    f->cfg.s3.endpoint = empty;
    (void)setenv("AWS_CA_BUNDLE", "/of-all.pem", 1);
    s3_topics_settle(&place, f->aws);
    assert_string_equal(place.region, "us-gov-west-1");
    assert_string_equal(place.own, "https://s3-fips.dualstack.us-gov-west-1.amazonaws.com");
    assert_string_equal(place.endpoint, "");
    assert_string_equal(place.ca, "/of-all.pem");
    (void)setenv("AWS_ENDPOINT_URL_S3", "https://minio.internal:9000/", 1);
    f->cfg.s3.ssl_ca = ca;
    assert_true(s3_topics_place(&f->cfg, &f->hints, &place, NULL));
    s3_topics_settle(&place, f->aws);
    assert_string_equal(place.endpoint, "https://minio.internal:9000");
    assert_string_equal(place.own, "");
    assert_string_equal(place.ca, "/of-s3.pem");
    (void)unsetenv("AWS_CA_BUNDLE");
    (void)unsetenv("AWS_ENDPOINT_URL_S3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_keys_of_a_profile_and_those_that_replace_them, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_no_keys_is_said_and_keys_of_its_own_come_first, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_where_it_is_and_whom_to_trust, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
