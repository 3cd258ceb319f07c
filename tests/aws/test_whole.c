/* The whole program against all services at once, as users with more and with fewer rights; what it
 * records and shows then is looked through for secrets at the end of the run (after.py). */
#include "base/mem.h"
#include "tests/aws/rig.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char all_sections[] = "[pipeline.msk]\ncluster = \"shop-events\"\n"
                                   "[pipeline.mskconnect]\nconnectors = [\"shop-*\"]\n"
                                   "[pipeline.dms]\ntasks = [\"shop-*\"]\n"
                                   "[pipeline.rds]\ninstance = \"shop\"\n"
                                   "[pipeline.cloudwatch]\ninterval = \"10s\"\n";

static const char *const services[] = {"msk", "mskconnect", "dms", "rds"};

/* Every service as this user sees it: in that state, with an error of that kind. */
static void services_are(const char *user, const char *want, const char *kind)
{
    cJSON *root = contract_status_of(user, all_sections);
    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
        const char *seen = contract_source(root, services[i], "state");
        if (strcmp(seen, want) != 0 ||
            strcmp(contract_source(root, services[i], "error_kind"), kind) != 0)
            fail_msg("%s: %s is %s (%s)", user, services[i], seen,
                     contract_source(root, services[i], "error"));
    }
    if (strcmp(want, "fresh") != 0)
        assert_string_not_equal(json_str(root, "verdict", "ok"), "ok");
    cJSON_Delete(root);
}

static void test_who_may_read_sees_everything(void **state)
{
    (void)state;
    services_are("admin", "fresh", "");
    services_are("reader", "fresh", "");
    services_are("session", "fresh", "");
}

static void test_who_may_nothing_is_told_so(void **state)
{
    (void)state;
    services_are("nobody", "failing", "denied");
    services_are("unknown", "failing", "auth");
    services_are("expired", "failing", "auth");
}

/* `do` says what IAM refused, and nothing has happened. */
static void test_who_may_only_read_changes_nothing(void **state)
{
    (void)state;
    int status;
    char *toml = contract_toml("reader", all_sections);
    char *text = contract_cdctop(
        toml, CONTRACT_ARGS("do", "restart", "shop-source", "--all", "--yes", "shop-source"),
        &status);
    assert_int_not_equal(status, 0);
    if (strstr(text, "add to the policies of reader: {\"Effect\": \"Allow\", \"Action\": "
                     "\"kafkaconnect:RestartConnector\"") == NULL)
        fail_msg("the missing right is not named:\n%s", text);
    assert_true(contract_count("RestartConnector") <= 1);
    free(text);
    free(toml);
}

static void ended_well(const char *what, char *text, int status, int most)
{
    if (status < 0 || status > most)
        fail_msg("%s: exit %d:\n%s", what, status, text);
    free(text);
}

/* For so long that connectors are in it after two thirds: longer where the machine is busy. Its
 * name, and that moment. */
static char *recorded(const char *toml, char at[16])
{
    int status;
    for (int seconds = 3; seconds < 60; seconds *= 2) {
        char length[16], name[32];
        (void)snprintf(length, sizeof(length), "%ds", seconds);
        (void)snprintf(name, sizeof(name), "recording-%d", seconds);
        (void)snprintf(at, 16, "%ds", seconds * 2 / 3);
        char *file = contract_file(name);
        char *text = contract_cdctop(toml, CONTRACT_ARGS("record", file, "--for", length), &status);
        ended_well("record", text, status, 0);
        text = contract_cdctop("", CONTRACT_ARGS("--replay", file, "--dump", "--at", at), &status);
        bool there = strstr(text, "shop-") != NULL;
        ended_well("replay", text, status, 0);
        if (there)
            return file;
        free(file);
    }
    fail_msg("no connectors in what was recorded");
    return NULL;
}

/* All that is written and shown of this pipeline goes through the search for secrets. */
static void test_recordings_and_screens(void **state)
{
    (void)state;
    static const char *const keys[] = {"3<Enter>", "2", "?", ":about<Enter>", "F<Enter>"};
    int status;
    char *toml = contract_toml("admin", all_sections);
    char at[16], *text, *file = recorded(toml, at);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        text = contract_cdctop(
            "", CONTRACT_ARGS("--replay", file, "--dump", "--at", at, "--keys", keys[i]), &status);
        ended_well("replay", text, status, 0);
    }
    text = contract_cdctop(toml, CONTRACT_ARGS("check"), &status);
    ended_well("check", text, status, 3);
    text = contract_cdctop(toml, CONTRACT_ARGS("--print-config"), &status);
    ended_well("print-config", text, status, 0);
    free(file);
    free(toml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_who_may_read_sees_everything, contract_fresh),
        cmocka_unit_test_setup(test_who_may_nothing_is_told_so, contract_fresh),
        cmocka_unit_test_setup(test_who_may_only_read_changes_nothing, contract_fresh),
        cmocka_unit_test_setup(test_recordings_and_screens, contract_fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
