/* The thread that fetches AWS keys: one fetch for all who wait, renewal ahead of their end, what
 * stays when that fails, and that nothing hanging keeps the program from ending. */
#include "base/clock.h"
#include "base/mailbox.h"
#include "base/mem.h"
#include "tests/check.h"
#include "tests/unit/creds_rig.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INSTANCE "the instance's role bastion+role"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

static int instance(void **state)
{
    if (creds_rig_setup(state) != 0)
        return -1;
    struct creds_rig *r = *state;
    creds_rig_env("AWS_EC2_METADATA_DISABLED", "false");
    creds_rig_env("AWS_EC2_METADATA_SERVICE_ENDPOINT", r->fake.url);
    creds_rig_open(r);
    return 0;
}

static void get(struct creds_rig *r, char id[40])
{
    struct aws_credentials creds = creds_rig_get(r, INSTANCE);
    (void)snprintf(id, 40, "%s", creds.access_key_id);
    aws_credentials_free(&creds);
}

/* Waits for the thread, which works in the background, as long as it takes. */
static void until_fetched(struct creds_rig *r, int fetches)
{
    while (atomic_load(&r->fake.imds_keys) < fetches)
        (void)poll(NULL, 0, 2);
    fakehttp_sync(r->fake.server);
}

/* What aws_facts tells of the last renewal; NULL: all is well. free it. */
static char *told(struct creds_rig *r, int64_t *expires_ms)
{
    char *from, *error;
    aws_creds_tell(r->aws->creds, &from, expires_ms, &error);
    free(from);
    return error;
}

static void test_nothing_is_asked_before_somebody_wants_keys(void **state)
{
    struct creds_rig *r = *state;
    char *from, *error;
    int64_t expires_ms;
    aws_creds_tell(r->aws->creds, &from, &expires_ms, &error);
    assert_null(from);
    assert_null(error);
    assert_int_equal(atomic_load(&r->fake.imds_tokens), 0);
}

static void test_keys_are_renewed_ahead_of_their_end(void **state)
{
    struct creds_rig *r = *state;
    char first[40], now[40];
    get(r, first);
    creds_rig_move(r, 5 * HOUR + 49 * MINUTE); /* 11 minutes are left: not yet */
    get(r, now);
    assert_string_equal(now, first);
    assert_int_equal(atomic_load(&r->fake.imds_keys), 1);
    creds_rig_move(r, 2 * MINUTE); /* 9: in the background, the old ones still live */
    get(r, now);
    until_fetched(r, 2);
    do /* until the thread has put them in their place */
        get(r, now);
    while (strcmp(now, first) == 0);
    get(r, first);
    assert_string_equal(now, first);
    creds_rig_move(r, 7 * HOUR); /* asleep: they have ended, and who asks waits for new ones */
    get(r, now);
    assert_string_not_equal(now, first);
    assert_int_equal(atomic_load(&r->fake.imds_keys), 3);
}

static void test_they_are_renewed_though_nobody_asks(void **state)
{
    struct creds_rig *r = *state;
    char id[40];
    atomic_store(&r->fake.life_s, 3);
    get(r, id);
    creds_rig_move(r, 1500);
    until_fetched(r,
                  2); /* at half their life: soon by the real clock, which the thread sleeps by */
    atomic_store(&r->fake.life_s, 6 * 3600);
}

static void test_a_renewal_that_fails_keeps_the_old_ones(void **state)
{
    struct creds_rig *r = *state;
    char first[40], now[40];
    int64_t expires_ms, end_ms = atomic_load(&r->fake.now_ms) + 6 * HOUR;
    get(r, first);
    fakekeys_break(&r->fake, "/latest/meta-data", 500, "");
    creds_rig_move(r, 5 * HOUR + 55 * MINUTE);
    char *error = NULL;
    while (error == NULL) {
        get(r, now);
        assert_string_equal(now, first);
        error = told(r, &expires_ms);
    }
    assert_string_equal(error, "instance metadata: the role's name: HTTP 500");
    assert_true(expires_ms == end_ms);
    free(error);
    int tries = atomic_load(&r->fake.imds_tokens);
    get(r, now); /* there is a pause before the next attempt */
    assert_int_equal(atomic_load(&r->fake.imds_tokens), tries);
    creds_rig_move(r, 10 * MINUTE); /* they have ended */
    creds_rig_fail(r, ERR_SERVER, "the role's name: HTTP 500");
    assert_int_equal(atomic_load(&r->fake.imds_tokens), tries + 1);
    creds_rig_fail(r, ERR_SERVER, "the role's name: HTTP 500"); /* again at once: out of memory */
    assert_int_equal(atomic_load(&r->fake.imds_tokens), tries + 1);
    fakekeys_break(&r->fake, NULL, 0, NULL);
    creds_rig_move(r, 2 * MINUTE);
    get(r, now);
    assert_string_not_equal(now, first);
    assert_null(told(r, &expires_ms));
}

static void test_pauses_grow_to_a_minute(void **state)
{
    struct creds_rig *r = *state;
    static const int pauses_s[] = {5, 10, 20, 40, 60, 60};
    fakekeys_break(&r->fake, "/latest/api/token", 500, "");
    creds_rig_fail(r, ERR_SERVER, "HTTP 500");
    for (size_t i = 0; i < ARRAY_LEN(pauses_s); i++) {
        /* A broken path is not counted: whether it was asked shows in whether it is mended. */
        creds_rig_move(r, pauses_s[i] * SECOND - 1);
        fakekeys_break(&r->fake, NULL, 0, NULL);
        creds_rig_fail(r, ERR_SERVER, "HTTP 500");
        assert_int_equal(atomic_load(&r->fake.imds_tokens), 0);
        fakekeys_break(&r->fake, "/latest/api/token", 500, "");
        creds_rig_move(r, 1);
        creds_rig_fail(r, ERR_SERVER, "HTTP 500");
    }
    fakekeys_break(&r->fake, NULL, 0, NULL);
    creds_rig_move(r, -2 * HOUR); /* a clock that is set back does not prolong the pause */
    char id[40];
    get(r, id);
}

static void test_what_was_refused_is_fetched_anew_once(void **state)
{
    struct creds_rig *r = *state;
    char first[40], now[40];
    get(r, first);
    aws_credentials_refused(r->aws); /* they are brand new: others would be the same */
    get(r, now);
    assert_string_equal(now, first);
    creds_rig_move(r, 2 * MINUTE);
    aws_credentials_refused(r->aws);
    get(r, now);
    assert_string_not_equal(now, first);
    aws_credentials_refused(r->aws);
    aws_credentials_refused(r->aws);
    get(r, first);
    assert_string_equal(now, first);
    assert_int_equal(atomic_load(&r->fake.imds_keys), 2);
    fakekeys_break(&r->fake, "/latest/", 500, ""); /* and when that fails, the old ones it is */
    creds_rig_move(r, 2 * MINUTE);
    aws_credentials_refused(r->aws);
    get(r, now);
    assert_string_equal(now, first);
}

static void test_keys_of_a_file_are_read_anew_when_refused(void **state)
{
    struct creds_rig *r = *state;
    creds_rig_env("AWS_PROFILE", "p");
    creds_rig_write(r, ".aws/credentials",
                    "[p]\naws_access_key_id = ONE\naws_secret_access_key = x\n");
    struct aws_credentials creds = creds_rig_get(r, "profile p");
    assert_string_equal(creds.access_key_id, "ONE");
    aws_credentials_free(&creds);
    creds_rig_write(r, ".aws/credentials",
                    "[p]\naws_access_key_id = TWO\naws_secret_access_key = x\nregion = r2\n");
    creds_rig_move(r, 2 * MINUTE);
    aws_credentials_refused(r->aws);
    creds = creds_rig_get(r, "profile p");
    assert_string_equal(creds.access_key_id, "TWO");
    aws_credentials_free(&creds);
    char *region = aws_profile_value(r->aws, "region");
    assert_string_equal(region, "r2");
    free(region);
}

/* ---- threads --------------------------------------------------------------------------------- */

enum { THREADS = 16 };

static void *ask(void *arg)
{
    struct creds_rig *r = arg;
    struct aws_credentials creds;
    char *id = NULL;
    if (aws_credentials(r->aws, clock_mono_ms() + 120000, -1, &creds, NULL))
        id = mem_strdup(creds.access_key_id);
    aws_credentials_free(&creds);
    return id;
}

static void test_many_who_ask_at_once_cause_one_fetch(void **state)
{
    struct creds_rig *r = *state;
    for (int round = 0; round < 3; round++) {
        pthread_t threads[THREADS];
        char *ids[THREADS];
        for (int i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, ask, r), 0);
        for (int i = 0; i < THREADS; i++) {
            (void)pthread_join(threads[i], (void **)&ids[i]);
            assert_non_null(ids[i]);
            assert_string_equal(ids[i], ids[0]);
        }
        for (int i = 0; i < THREADS; i++)
            free(ids[i]);
        assert_int_equal(atomic_load(&r->fake.imds_keys), round + 1);
        creds_rig_move(r, 7 * HOUR);
    }
}

static void hang(struct creds_rig *r)
{
    static char role[] = "arn:aws:iam::1:role/x";
    char url[100];
    creds_rig_env("AWS_ACCESS_KEY_ID", "AKIA"); /* at hand, but for the role on top */
    creds_rig_env("AWS_SECRET_ACCESS_KEY", "x");
    r->cfg.aws.role_arn = role;
    (void)snprintf(url, sizeof(url), "%s/hang", r->fake.url);
    creds_rig_env("AWS_ENDPOINT_URL_STS", url);
    fakekeys_break(&r->fake, "/hang", 0, "");
    creds_rig_open(r);
}

static void test_who_asks_waits_only_as_long_as_he_wants(void **state)
{
    struct creds_rig *r = *state;
    struct aws_credentials creds;
    struct err err = ERR_INIT;
    hang(r);
    assert_false(aws_credentials(r->aws, clock_mono_ms() + 50, -1, &creds, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    int stop_fd = bell_open();
    bell_ring(stop_fd);
    assert_false(aws_credentials(r->aws, clock_mono_ms() + 120000, stop_fd, &creds, &err));
    assert_int_equal(err.kind, ERR_STOPPED);
    (void)close(stop_fd);
}

static void *ask_long(void *arg)
{
    struct creds_rig *r = arg;
    struct aws_credentials creds;
    struct err *err = mem_alloc(sizeof(*err));
    (void)aws_credentials(r->aws, clock_mono_ms() + 600000, -1, &creds, err);
    return err;
}

static void assert_stops(struct creds_rig *r)
{
    pthread_t thread;
    void *err;
    assert_int_equal(pthread_create(&thread, NULL, ask_long, r), 0);
    (void)poll(NULL, 0, 30); /* be it waiting, or only about to: it must end */
    bell_ring(r->stop_fd);
    (void)pthread_join(thread, &err);
    assert_int_equal(((struct err *)err)->kind, ERR_STOPPED);
    free(err);
    assert_true(aws_close(r->aws, clock_mono_ms() + 120000));
    r->aws = NULL;
}

static void test_a_fetch_that_hangs_does_not_hold_the_program(void **state)
{
    hang(*state);
    assert_stops(*state);
}

static void test_a_program_that_hangs_is_ended(void **state)
{
    struct creds_rig *r = *state;
    creds_rig_env("AWS_PROFILE", "p");
    creds_rig_write(r, ".aws/config", "[profile p]\ncredential_process = sleep 1000\n");
    creds_rig_open(r);
    assert_stops(r);
}

/* Without a stop descriptor too: closing is enough. */
static void test_closing_ends_a_fetch(void **state)
{
    struct creds_rig *r = *state;
    struct aws_credentials creds;
    int stop_fd = r->stop_fd;
    r->stop_fd = -1;
    hang(r);
    assert_false(aws_credentials(r->aws, clock_mono_ms() + 20, -1, &creds, NULL));
    assert_true(aws_close(r->aws, clock_mono_ms() + 120000));
    r->aws = NULL;
    r->stop_fd = stop_fd;
}

#define ON_INSTANCE(test) cmocka_unit_test_setup_teardown(test, instance, creds_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_INSTANCE(test_nothing_is_asked_before_somebody_wants_keys),
        ON_INSTANCE(test_keys_are_renewed_ahead_of_their_end),
        ON_INSTANCE(test_they_are_renewed_though_nobody_asks),
        ON_INSTANCE(test_a_renewal_that_fails_keeps_the_old_ones),
        ON_INSTANCE(test_pauses_grow_to_a_minute),
        ON_INSTANCE(test_what_was_refused_is_fetched_anew_once),
        ON_INSTANCE(test_keys_of_a_file_are_read_anew_when_refused),
        ON_INSTANCE(test_many_who_ask_at_once_cause_one_fetch),
        ON_INSTANCE(test_who_asks_waits_only_as_long_as_he_wants),
        ON_INSTANCE(test_a_fetch_that_hangs_does_not_hold_the_program),
        ON_INSTANCE(test_a_program_that_hangs_is_ended),
        ON_INSTANCE(test_closing_ends_a_fetch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
