/* Every request of the signing vectors, signed anew by our signer, against servers that verify
 * with another one: the contract server (botocore's), moto's S3 and, where it is there, versitygw.
 * The lab's s3proxy is asked by tests/live/test_s3_signing.c. */
#include "base/mem.h"
#include "tests/aws/replay.h"
#include "tests/aws/rig.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_MS = 60 * 60 * 1000 };

static struct aws_credentials keys(const char *id, const char *secret, const char *token)
{
    return (struct aws_credentials){
        .access_key_id = mem_strdup(id),
        .secret_access_key = mem_strdup(secret),
        .session_token = token[0] != '\0' ? mem_strdup(token) : NULL,
        .expires_ms = INT64_MAX,
    };
}

/* Who signed the newest request, as the contract server found out; "" when nobody did. */
static bool signed_by(const char *user)
{
    cJSON *asked = contract_requests();
    const cJSON *last = cJSON_GetArrayItem(asked, cJSON_GetArraySize(asked) - 1);
    bool same = strcmp(json_str(last, "user", ""), user) == 0;
    cJSON_Delete(asked);
    return same;
}

static void test_calls_of_the_services_are_verified(void **state)
{
    (void)state;
    cJSON *vectors = replay_vectors("sigv4_api.json");
    const cJSON *v;
    cJSON_ArrayForEach(v, vectors)
    {
        bool session = cJSON_IsString(json_get(json_get(v, "credentials"), "session_token"));
        const char *name = session ? "session" : "admin";
        struct contract_user user = contract_user(name);
        struct aws_credentials creds = keys(user.id, user.secret, user.token);
        struct replay replay = {getenv("AWS_CONTRACT_URL"), &creds, "eu-west-3", 0};
        struct replay_answer answer = replay_send(&replay, v);
        if (!signed_by(name))
            fail_msg("%s: HTTP %ld", json_str(v, "name", ""), answer.status);
        replay.ahead_ms = HOUR_MS;
        (void)replay_send(&replay, v);
        if (signed_by(name))
            fail_msg("%s: signed an hour ahead, and accepted", json_str(v, "name", ""));
        aws_credentials_free(&creds);
        contract_user_free(&user);
    }
    cJSON_Delete(vectors);
}

/* Each line of AWS_S3_SERVERS: name, URL, key, secret, and "skew" among the last for one that looks
 * at clocks. */
struct server {
    char name[32], url[128], id[64], secret[128], looks[16];
};

static void replay_all(const struct server *s, const struct replay *replay, bool accepted)
{
    cJSON *vectors = replay_vectors("sigv4_s3.json");
    const cJSON *v;
    cJSON_ArrayForEach(v, vectors)
    {
        /* A session is nothing that these servers know. */
        struct replay_answer answer = replay_send(replay, v);
        if (replay_refused(&answer) == accepted || (accepted && answer.status >= 500))
            fail_msg("%s: %s: HTTP %ld %s", s->name, json_str(v, "name", ""), answer.status,
                     answer.code);
    }
    cJSON_Delete(vectors);
}

static void test_requests_of_s3_are_verified(void **state)
{
    (void)state;
    const char *list = getenv("AWS_S3_SERVERS");
    struct server s;
    int used = 0, read = 0;
    while (list != NULL && sscanf(list, "%31s %127s %63s %127s %15s %n", s.name, s.url, s.id,
                                  s.secret, s.looks, &read) == 5) {
        struct aws_credentials creds = keys(s.id, s.secret, ""), wrong = keys(s.id, "wrong", "");
        struct replay replay = {s.url, &creds, "eu-west-3", 0};
        replay_all(&s, &replay, true);
        replay.creds = &wrong;
        replay_all(&s, &replay, false);
        replay = (struct replay){s.url, &creds, "eu-west-3", HOUR_MS};
        if (strstr(s.looks, "skew") != NULL)
            replay_all(&s, &replay, false);
        aws_credentials_free(&creds);
        aws_credentials_free(&wrong);
        list += read;
        used++;
    }
    assert_true(used > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_calls_of_the_services_are_verified, contract_fresh),
        cmocka_unit_test_setup(test_requests_of_s3_are_verified, contract_fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
