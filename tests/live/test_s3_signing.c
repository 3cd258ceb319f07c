/* Every request of S3's signing vectors, signed anew, against the lab's s3proxy, which verifies
 * signatures and looks at clocks. */
#include "tests/aws/replay.h"
#include "tests/check.h"
#include "tests/live/lab.h"
#include "tests/unit/keep.h"

#include <stdio.h>

enum { HOUR_MS = 60 * 60 * 1000 };

static char key_id[] = "labaccess", secret[] = "labsecret12345678", wrong[] = "wrong";

static void replay_all(char *secret_key, int64_t ahead_ms, bool accepted)
{
    char base[64];
    (void)snprintf(base, sizeof(base), "http://127.0.0.1:%d", lab_ports().port[RIG_S3]);
    struct aws_credentials creds = {
        .access_key_id = key_id, .secret_access_key = secret_key, .expires_ms = INT64_MAX};
    struct replay replay = {base, &creds, "us-east-1", ahead_ms};
    cJSON *vectors = replay_vectors("sigv4_s3.json");
    const cJSON *v;
    cJSON_ArrayForEach(v, vectors)
    {
        struct replay_answer answer = replay_send(&replay, v);
        if (replay_refused(&answer) == accepted)
            fail_msg("%s: HTTP %ld %s", json_str(v, "name", ""), answer.status, answer.code);
    }
    cJSON_Delete(vectors);
}

static void test_what_is_signed_well_is_accepted(void **state)
{
    (void)state;
    replay_all(secret, 0, true);
}

static void test_a_wrong_secret_is_refused(void **state)
{
    (void)state;
    replay_all(wrong, 0, false);
}

static void test_a_clock_that_is_an_hour_ahead_is_refused(void **state)
{
    (void)state;
    replay_all(secret, HOUR_MS, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_signed_well_is_accepted),
        cmocka_unit_test(test_a_wrong_secret_is_refused),
        cmocka_unit_test(test_a_clock_that_is_an_hour_ahead_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, keep_diary);
}
