/* Every call of the table against servers that are frozen, speak garbage, end in the middle: an
 * error in time, nothing sent twice that changes something; and the whole program against each. */
#include "base/clock.h"
#include "base/mem.h"
#include "tests/aws/rig.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLENTY_MS = 60000 };

static const char all_sections[] = "[pipeline.msk]\ncluster = \"shop-events\"\n"
                                   "[pipeline.mskconnect]\nconnectors = [\"shop-*\"]\n"
                                   "[pipeline.dms]\ntasks = [\"shop-*\"]\n"
                                   "[pipeline.rds]\ninstance = \"shop\"\n"
                                   "[pipeline.cloudwatch]\ninterval = \"10s\"\n";

/* Some path and body that this call could have: the fault comes before anybody looks at them. */
static bool call_it(struct contract_client *c, enum aws_call call, int ms,
                    struct aws_answer *answer, struct err *err)
{
    struct aws_request request = {
        .call = call,
        .path = aws_services[aws_calls[call].service].protocol == AWS_REST_JSON ? "/v1/connectors"
                                                                                : NULL,
        .deadline_ms = clock_mono_ms() + ms,
        .stop_fd = -1,
    };
    *err = (struct err)ERR_INIT;
    return aws_send(c->client, &request, answer, err);
}

static void open_all(struct contract_client *c)
{
    char *toml = contract_toml("admin", all_sections);
    contract_open(c, toml);
    free(toml);
}

/* An answer's body cannot be taken for one of the service. */
static bool readable(const struct aws_answer *answer)
{
    struct err err = ERR_INIT;
    cJSON *json = json_parse(answer->body.text, answer->body.len, &err);
    cJSON_Delete(json);
    return json != NULL || strstr(answer->body.text, "Response xmlns") != NULL;
}

struct broken {
    const char *kind;
    int ms; /* to answer in */
    bool may_answer;
};
static const struct broken breaks[] = {
    {"hang",    150,       false},
    {"half",    PLENTY_MS, false},
    {"reset",   PLENTY_MS, false},
    {"http500", 300,       false}, /* asked again and again, for once not to the end */
    {"garbage", PLENTY_MS, true },
    {"html",    PLENTY_MS, true },
    {"empty",   PLENTY_MS, true },
};

static void test_no_call_takes_a_broken_answer_for_a_good_one(void **state)
{
    (void)state;
    struct contract_client c;
    open_all(&c);
    for (size_t b = 0; b < sizeof(breaks) / sizeof(breaks[0]); b++) {
        contract_fault(breaks[b].kind, NULL, NULL, 0);
        for (int call = 0; call < AWS_CALL_COUNT; call++) {
            struct aws_answer answer;
            struct err err;
            const char *name = aws_calls[call].operation;
            if (aws_calls[call].service == AWS_S3) /* not sent so */
                continue;
            bool ok = call_it(&c, call, breaks[b].ms, &answer, &err);
            if (ok && (!breaks[b].may_answer || readable(&answer)))
                fail_msg("%s: %s gives an answer", breaks[b].kind, name);
            if (ok)
                aws_answer_free(&answer);
            else if (err.kind == ERR_NONE || err.text[0] == '\0')
                fail_msg("%s: %s fails without a word", breaks[b].kind, name);
            if (strcmp(breaks[b].kind, "hang") == 0 && err.kind != ERR_TIMEOUT)
                fail_msg("hang: %s: %s is no time-out", name, err.text);
        }
    }
    contract_faults("[]");
    contract_close(&c);
}

/* The connection is an old one: who sends again on a new one must not do it with these. */
static void test_what_changes_something_is_never_sent_twice(void **state)
{
    (void)state;
    static const char *const kinds[] = {"reset", "http500", "throttle"};
    struct contract_client c;
    open_all(&c);
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        for (int call = 0; call < AWS_CALL_COUNT; call++) {
            struct aws_answer answer;
            struct err err;
            if (!aws_calls[call].changes)
                continue;
            contract_reset();
            cJSON_Delete(contract_call(&c, DMS_ENDPOINTS, NULL, NULL, "{}", &err));
            contract_fault(kinds[k], NULL, NULL, 0);
            assert_false(call_it(&c, call, PLENTY_MS, &answer, &err));
            cJSON *asked = contract_requests();
            if (cJSON_GetArraySize(asked) != 2)
                fail_msg("%s: %s was sent %d times", kinds[k], aws_calls[call].operation,
                         cJSON_GetArraySize(asked) - 1);
            cJSON_Delete(asked);
        }
    }
    contract_close(&c);
}

/* ---- the whole program */

/* CloudWatch is asked for what the others found, here nothing. */
static const char *const sources[] = {"msk", "mskconnect", "dms", "rds"};

static void test_the_program_says_who_does_not_answer(void **state)
{
    (void)state;
    static const char *const kinds[] = {"hang", "half", "garbage", "html", "empty", "http500"};
    char *sections = mem_printf("timeout = \"700ms\"\n%s", all_sections);
    char *toml = contract_toml("admin", sections);
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        int status;
        contract_fault(kinds[k], NULL, NULL, 0);
        cJSON *root = contract_status(toml, &status);
        if (status < 1 || status > 3)
            fail_msg("%s: exit %d", kinds[k], status);
        assert_string_not_equal(json_str(root, "verdict", "ok"), "ok");
        for (size_t s = 0; s < sizeof(sources) / sizeof(sources[0]); s++) {
            const cJSON *source;
            bool found = false;
            cJSON_ArrayForEach(source, json_get(root, "sources"))
            {
                if (strcmp(json_str(source, "kind", ""), sources[s]) != 0)
                    continue;
                found = true;
                if (strcmp(json_str(source, "state", ""), "failing") != 0 ||
                    json_str(source, "error", "")[0] == '\0')
                    fail_msg("%s: %s is %s", kinds[k], sources[s], json_str(source, "state", ""));
            }
            assert_true(found);
        }
        cJSON_Delete(root);
    }
    free(toml);
    free(sections);
}

/* Slow is not broken: each call takes its time, and all of them together more than one poll. */
static void test_slow_answers_are_answers(void **state)
{
    (void)state;
    contract_faults("[{\"kind\": \"latency\", \"ms\": 250}]");
    cJSON *root = contract_status_of("admin", "[pipeline.msk]\ncluster = \"shop-events\"\n"
                                              "[pipeline.mskconnect]\nconnectors = [\"shop-s*\"]\n"
                                              "[pipeline.dms]\ntasks = [\"shop-cdc\"]\n"
                                              "[pipeline.rds]\ninstance = \"shop\"\n");
    for (size_t s = 0; s < sizeof(sources) / sizeof(sources[0]); s++) {
        const cJSON *source = contract_find(root, "sources", "kind", sources[s]);
        if (strcmp(json_str(source, "state", ""), "fresh") != 0)
            fail_msg("%s is %s: %s", sources[s], json_str(source, "state", ""),
                     json_str(source, "error", ""));
    }
    (void)contract_find(root, "connectors", "name", "shop-source");
    cJSON_Delete(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_no_call_takes_a_broken_answer_for_a_good_one, contract_fresh),
        cmocka_unit_test_setup(test_what_changes_something_is_never_sent_twice, contract_fresh),
        cmocka_unit_test_setup(test_the_program_says_who_does_not_answer, contract_fresh),
        cmocka_unit_test_setup(test_slow_answers_are_answers, contract_fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
