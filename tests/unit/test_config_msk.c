/* What follows from an MSK cluster, and from its kinds of listeners, for [pipeline.kafka]. */
#include "base/mem.h"
#include "config/config.h"
#include "config/load.h"
#include "config/msk_kind.h"
#include "tests/check.h"

#include <stdio.h>
#include <string.h>

#define HEAD "[[pipeline]]\nname = \"x\"\n[pipeline.aws]\nregion = \"eu-west-3\"\n"

static struct config *load(const char *text, struct config_problems *problems)
{
    *problems = (struct config_problems){0};
    return config_load_text(text, strlen(text), true, problems);
}

static void test_what_follows_from_the_kind(void **state)
{
    (void)state;
    static const struct {
        const char *text, *protocol, *mechanism;
    } cases[] = {
        {HEAD "[pipeline.msk]\ncluster = \"c\"\nbootstrap = \"iam\"\n",                    "SASL_SSL",       "AWS_MSK_IAM"  },
        {HEAD "[pipeline.msk]\ncluster = \"c\"\nbootstrap = \"vpc-iam\"\n",                "SASL_SSL",
         "AWS_MSK_IAM"                                                                                                      },
        {HEAD "[pipeline.msk]\ncluster = \"c\"\nbootstrap = \"public-tls\"\n",             "SSL",
         "SCRAM-SHA-512"                                                                                                    },
        {HEAD "[pipeline.msk]\ncluster = \"c\"\nbootstrap = \"plaintext\"\n",              "PLAINTEXT",
         "SCRAM-SHA-512"                                                                                                    },
        {HEAD "[pipeline.msk]\ncluster = \"c\"\nbootstrap = \"scram\"\n"
              "[pipeline.kafka]\nsasl_username = \"u\"\nsasl_password = \"p\"\n", "SASL_SSL",       "SCRAM-SHA-512"},
 /* Not known before MSK was asked. */
        {HEAD "[pipeline.msk]\ncluster = \"c\"\n",                                         "PLAINTEXT",      "SCRAM-SHA-512"},
        {HEAD "[pipeline.msk]\ncluster = \"c\"\n"
              "[pipeline.kafka]\nsasl_username = \"u\"\nsasl_password = \"p\"\n", "PLAINTEXT",      "SCRAM-SHA-512"},
 /* The mechanism alone. */
        {HEAD "[pipeline.kafka]\nbootstrap_servers = \"a:1\"\n"
              "sasl_mechanism = \"AWS_MSK_IAM\"\n",                               "SASL_SSL",       "AWS_MSK_IAM"  },
        {HEAD "[pipeline.kafka]\nbootstrap_servers = \"a:1\"\nsasl_mechanism = \"AWS_MSK_IAM\"\n"
              "security_protocol = \"SASL_PLAINTEXT\"\n",                         "SASL_PLAINTEXT", "AWS_MSK_IAM"  },
 /* Brokers that are named are talked to as it is written. */
        {HEAD "[pipeline.msk]\ncluster = \"c\"\nbootstrap = \"iam\"\n"
              "[pipeline.kafka]\nbootstrap_servers = \"a:1\"\n",                  "PLAINTEXT",      "SCRAM-SHA-512"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct config_problems problems;
        struct config *config = load(cases[i].text, &problems);
        if (config == NULL || problems.count > 0)
            fail_msg("case %zu: %s", i, problems.count > 0 ? problems.items[0].text : "no answer");
        assert_string_equal(config->pipelines[0].kafka.security_protocol, cases[i].protocol);
        assert_string_equal(config->pipelines[0].kafka.sasl_mechanism, cases[i].mechanism);
        config_free(config);
        config_problems_free(&problems);
    }
}

static void test_what_contradicts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *piece;
    } cases[] = {
        {HEAD "[pipeline.kafka]\nbootstrap_servers = \"a:1\"\nsasl_mechanism = \"AWS_MSK_IAM\"\n"
              "sasl_username = \"u\"\n",                         "logs in with the keys of [pipeline.aws]"},
        {HEAD "[pipeline.kafka]\nbootstrap_servers = \"a:1\"\nsasl_mechanism = \"AWS_MSK_IAM\"\n"
              "security_protocol = \"SSL\"\n",                   "AWS_MSK_IAM goes with"                  },
        {HEAD "[pipeline.msk]\ncluster = \"c\"\nbootstrap = \"scram\"\n",
         "sasl_username and sasl_password"                                                                         },
        {HEAD "[pipeline.msk]\ncluster = \"c\"\nbootstrap = \"iam2\"\n",  "public-iam"                             },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct config_problems problems;
        struct config *config = load(cases[i].text, &problems);
        bool said = false;
        for (size_t k = 0; k < problems.count; k++)
            said = said || strstr(problems.items[k].text, cases[i].piece) != NULL;
        if (!said)
            fail_msg("case %zu: %s", i, problems.count > 0 ? problems.items[0].text : "nothing");
        config_free(config);
        config_problems_free(&problems);
    }
}

/* The words of the option and the table of kinds are one list. */
static void test_every_kind_is_a_choice(void **state)
{
    (void)state;
    const struct option *option = options_find(SECTION_MSK, "bootstrap");
    size_t n = 0;
    for (; option->choices[n] != NULL; n++) {
        if (strcmp(option->choices[n], "auto") != 0)
            assert_non_null(msk_kind(option->choices[n]));
    }
    unsigned kinds = 0;
    while (msk_kind_at(kinds) != NULL)
        kinds++;
    assert_int_equal(kinds + 1, n);
    assert_null(msk_kind("auto"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_follows_from_the_kind),
        cmocka_unit_test(test_what_contradicts),
        cmocka_unit_test(test_every_kind_is_a_choice),
    };
    return cmocka_run_group_tests_name("config_msk", tests, NULL, NULL);
}
