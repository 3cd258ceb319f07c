/* Every mistake: where, which key, what was found, what is allowed, what was meant; all at once. */
#include "../check.h"

#include "config/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define PIPE   "[[pipeline]]\nname = \"a\"\n[pipeline.connect]\nurls = \"http://c\"\n"

static struct config *load(const char *text, struct config_problems *problems)
{
    return config_load_text(text, strlen(text), true, problems);
}

static const struct {
    const char *text;
    int line, column;
    const char *key;
    const char *says[4]; /* all in the sentence */
} cases[] = {
    {"interval = \"2s\"\n",                                                   1, 1,  "interval",                  {"no such key", "did you mean ui.interval?"}  },
    {"[ui]\nintervall = \"2s\"\n",                                            2, 1,  "ui.intervall",              {"did you mean interval?"}                    },
    {"[ui]\n  frobnicate = 1\n",                                              2, 3,  "ui.frobnicate",             {"no such key"}                               },
    {"[uii]\nx = 1\n",                                                        1, 2,  "uii",                       {"no such table", "did you mean ui?"}         },
    {"[kafka]\nx = 1\n",                                                      1, 2,  "kafka",                     {"did you mean pipeline.kafka?"}              },
    {"[ui]\ninterval = 2\n",                                                  2, 12, "ui.interval",               {"wrong type", "found 2", "500ms to 1h"}      },
    {"[ui]\ninterval = \"2\"\n",                                              2, 12, "ui.interval",               {"found \"2\"", "a duration"}                 },
    {"[ui]\ninterval = \"100ms\"\n",                                          2, 12, "ui.interval",               {"\"100ms\"", "from 500ms to 1h"}             },
    {"[ui]\ninterval = \"2h\"\n",                                             2, 12, "ui.interval",               {"from 500ms to 1h"}                          },
    {"[ui]\ninterval = 1979-05-27\n",                                         2, 12, "ui.interval",               {"a date or time"}                            },
    {"[ui]\nglyphs = \"ascci\"\n",
     2,                                                                          10,
     "ui.glyphs",                                                                                                 {"one of auto, unicode, ascii", "mean ascii?"}},
    {"[ui]\ntheme = 7\n",                                                     2, 9,  "ui.theme",                  {"found 7"}                                   },
    {"[ui]\ntheme = \"a\\u0007b\"\n",                                         2, 9,  "ui.theme",                  {"control characters"}                        },
    {"ui = 5\n",                                                              1, 1,  "ui",                        {"a table"}                                   },
    {"[actions]\nread_only = \"true\"\n",                                     2, 13, "actions.read_only",         {"leave the quotes away"}                     },
    {"[actions]\nread_only = 1\n",                                            2, 13, "actions.read_only",         {"true or false"}                             },
    {"[pipeline]\nname = \"x\"\n",                                            1, 2,  "pipeline",                  {"[[pipeline]]", "a table"}                   },
    {"[pipeline.kafka]\n",                                                    1, 2,  "pipeline",                  {"[[pipeline]]"}                              },
    {"pipeline = [1]\n",                                                      1, 13, "pipeline",                  {"[[pipeline]]"}                              },
    {"[[pipeline]]\nname = \"x\"\n",
     2,                                                                          8,
     "pipeline.name",                                                                                             {"names no server", "mskconnect.connectors"}  },
    {"[[pipeline]]\n",                                                        1, 1,  "pipeline.name",             {"names no server"}                           },
    {PIPE "[pipeline.postgress]\n",                                           5, 11, "pipeline.postgress",        {"did you mean postgres?"}                    },
    {PIPE "[pipeline.ui]\n",                                                  5, 11, "pipeline.ui",               {"no such table"}                             },
    {PIPE "[pipeline.kafka]\nbootstrap_server = \"a:1\"\n",
     6,                                                                          1,
     "pipeline.kafka.bootstrap_server",                                                                           {"did you mean bootstrap_servers?"}           },
    {PIPE "[pipeline.kafka]\nbootstrap_servers = [\"a:1\", \"b\"]\n",
     6,                                                                          29,
     "pipeline.kafka.bootstrap_servers",                                                                          {"the port is missing", "\"b\"", "HOST:PORT"} },
    {PIPE "[pipeline.kafka]\nbootstrap_servers = [\"a:1\", 5]\n",
     6,                                                                          29,
     "pipeline.kafka.bootstrap_servers",                                                                          {"found 5"}                                   },
    {PIPE "[pipeline.kafka]\nsecurity_protocol = \"SASL_SSL\"\n",
     6,                                                                          21,
     "pipeline.kafka.security_protocol",                                                                          {"sasl_username"}                             },
    {PIPE "[pipeline.kafka]\nsasl_username = \"u\"\nsasl_password = \"p\"\n",
     6,                                                                          17,
     "pipeline.kafka.sasl_username",                                                                              {"security_protocol"}                         },
    {PIPE "[pipeline.s3]\nurl = \"lake\"\n",                                  6, 7,  "pipeline.s3.url",           {"s3://", "\"lake\""}                         },
    {PIPE "[pipeline.s3]\naccess_key_id = \"a\"\n",
     6,                                                                          17,
     "pipeline.s3.access_key_id",                                                                                 {"belong together"}                           },
    {PIPE "[pipeline.s3]\naddressing = \"host\"\n",
     6,                                                                          14,
     "pipeline.s3.addressing",                                                                                    {"auto, path, virtual"}                       },
    {PIPE "[pipeline.join]\nslots = [\"dbz\"]\n",
     6,                                                                          10,
     "pipeline.join.slots",                                                                                       {"CONNECTOR=VALUE"}                           },
    {PIPE "[pipeline.join]\nslot = [\"a=b\"]\n",                              6, 1,  "pipeline.join.slot",        {"slots"}                                     },
    {PIPE "ssl_key = \"k\"\n",                                                3, 1,  NULL,                        {"belong together"}                           },
    {PIPE "password = \"p\"\n",                                               5, 12, "pipeline.connect.password", {"username is missing"}                       },
    {PIPE "[pipeline.postgres]\npassword = \"p\"\n",
     6,                                                                          12,
     "pipeline.postgres.password",                                                                                {"conninfo is missing"}                       },
    {PIPE "[pipeline.postgres]\nconninfo = \"mysql://h/d\"\n",
     6,                                                                          12,
     "pipeline.postgres.conninfo",                                                                                {"postgresql://"}                             },
    {PIPE "[pipeline.thresholds]\nretained_warn = \"20 GB\"\n",
     6,                                                                          17,
     "pipeline.thresholds.retained_warn",                                                                         {"larger than retained_crit"}                 },
    {PIPE "[pipeline.thresholds]\nlag_crit = 5\n",
     6,                                                                          12,
     "pipeline.thresholds.lag_crit",                                                                              {"default"}                                   },
    {PIPE "[pipeline.thresholds]\nlost_in_warn = \"5m\"\n",
     6,                                                                          16,
     "pipeline.thresholds.lost_in_warn",                                                                          {"smaller than lost_in_crit"}                 },
    {PIPE "[pipeline.thresholds]\nlag_warn = 1.5\n",
     6,                                                                          12,
     "pipeline.thresholds.lag_warn",                                                                              {"a whole number", "1.5"}                     },
    {PIPE "[pipeline.thresholds]\nretained_warn = \"2 GBs\"\n",
     6,                                                                          17,
     "pipeline.thresholds.retained_warn",                                                                         {"a size from 0 B to 1 PB"}                   },
    {PIPE PIPE,                                                               6, 8,  "pipeline.name",             {"another pipeline (line 1)", "\"a\""}        },
    {"[ui]\ninterval = \"${env:CDCTOP_NOT_SET}\"\n",
     2,                                                                          12,
     "ui.interval",                                                                                               {"CDCTOP_NOT_SET", "not set"}                 },
    {"[ui]\ntheme = \"${cmd:echo x}\"\n",                                     2, 9,  "ui.theme",                  {"not allowed here"}                          },
    {"[ui]\ninterval = \n",                                                   2, 12, NULL,                        {"parsing"}                                   },
    {"a=1\n[.ui]\n",                                                          2, 2,  NULL,                        {"begin with a name"}                         },
    {"[[[\n",                                                                 1, 3,  NULL,                        {"begin with a name"}                         },
    {"[ui\n",                                                                 1, 4,  NULL,                        {"parsing"}                                   },
    {"[ui]\ntheme = \"a\"\ntheme = \"b\"\n",                                  3, 9,  NULL,                        {"redefine"}                                  },
    {"[ui]\ntheme = \"\xff\"\n",                                              2, 9,  NULL,                        {"utf-8"}                                     },
};

static void one_mistake_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        struct config_problems problems;
        struct config *config = load(cases[i].text, &problems);
        if (config != NULL || problems.errors != 1 || problems.count != 1)
            fail_msg("%s: %zu errors: %s", cases[i].text, problems.errors,
                     problems.count > 0 ? problems.items[0].text : "");
        const struct config_problem *p = &problems.items[0];
        bool here = cases[i].key == NULL || (p->key != NULL && strcmp(p->key, cases[i].key) == 0);
        bool placed = cases[i].line == p->line && cases[i].column == p->column;
        bool said = true;
        for (size_t k = 0; k < LEN(cases[i].says) && cases[i].says[k] != NULL; k++)
            said = said && strstr(p->text, cases[i].says[k]) != NULL;
        /* Where two keys belong together the place is that of either. */
        if (!here || !said || (!placed && strstr(p->text, "belong together") == NULL))
            fail_msg("%s--- %s", cases[i].text, p->text);
        assert_null(strchr(p->text, '\n'));
        config_problems_free(&problems);
    }
}

static void all_at_once(void **state)
{
    static const char text[] = "[ui]\ninterval = 7\ntehme = \"x\"\n"
                               "[[pipeline]]\nname = \"a\"\n[pipeline.s3]\nurl = \"x\"\n"
                               "[pipeline.thresholds]\nlag_warn = 5\nlag_crit = 3\n"
                               "[[pipeline]]\nname = \"a\"\n[pipeline.kafka]\n"
                               "bootstrap_servers = [\"a\", \"b\"]\n";
    static const int lines[] = {2, 3, 7, 9, 12, 14, 14};
    struct config_problems problems;
    (void)state;
    assert_null(load(text, &problems));
    for (size_t i = 0; i < problems.count && i < LEN(lines); i++)
        assert_int_equal(problems.items[i].line, lines[i]);
    assert_int_equal(problems.errors, LEN(lines));
    config_problems_free(&problems);
}

static void very_many_mistakes_are_bounded(void **state)
{
    size_t n = 0, size = 400000;
    char *text = malloc(size);
    struct config_problems problems;
    (void)state;
    for (int i = 0; i < 20000; i++)
        n += (size_t)snprintf(text + n, size - n, "k%d = 1\n", i);
    assert_null(config_load_text(text, n, true, &problems));
    assert_int_equal(problems.errors, 20000);
    assert_true(problems.count <= 200);
    config_problems_free(&problems);
    free(text);
}

static void deep_nesting_is_refused(void **state)
{
    enum { N = 900000 };
    char *text = malloc(N + 1);
    struct config_problems problems;
    (void)state;
    memset(text, '[', N);
    assert_null(config_load_text(text, N, true, &problems));
    config_problems_free(&problems);
    for (size_t i = 0; i < N; i++)
        text[i] = i % 2 == 0 ? 'a' : '.';
    assert_null(config_load_text(text, N, true, &problems));
    assert_non_null(strstr(problems.items[0].text, "too deeply"));
    config_problems_free(&problems);
    /* The most dots that are let through. */
    size_t n = 2 * TOML_MAX_DOTS;
    memcpy(text + n, "a=1", 3);
    assert_null(config_load_text(text, n + 3, true, &problems));
    assert_true(problems.errors > 0);
    config_problems_free(&problems);
    free(text);
}

/* A login where only a host or a bucket belongs is a mistake, and a secret. */
static void a_login_in_the_wrong_place_is_not_repeated(void **state)
{
    static const char *const texts[] = {
        PIPE "[pipeline.kafka]\nbootstrap_servers = \"u:hunter2@k:1\"\n",
        PIPE "[pipeline.kafka]\nbootstrap_servers = [\"u:hunter2@k:1\"]\n",
        PIPE "[pipeline.s3]\nurl = \"s3://AK:hunter2@bucket\"\n",
    };
    (void)state;
    for (size_t i = 0; i < LEN(texts); i++) {
        struct config_problems problems = {0};
        assert_null(load(texts[i], &problems));
        assert_true(problems.count > 0);
        for (size_t k = 0; k < problems.count; k++)
            assert_null(strstr(problems.items[k].text, "hunter2"));
        config_problems_free(&problems);
    }
    const struct config_flags flags[] = {{.kafka = "u:hunter2@k:1"},
                                         {.s3 = "s3://AK:hunter2@bucket"}};
    (void)setenv("CDCTOP_CONFIG", "/dev/null", 1);
    for (size_t i = 0; i < LEN(flags); i++) {
        struct config_problems problems = {0};
        assert_null(config_load(&flags[i], &problems));
        assert_true(problems.count > 0);
        for (size_t k = 0; k < problems.count; k++)
            assert_null(strstr(problems.items[k].text, "hunter2"));
        config_problems_free(&problems);
    }
    (void)unsetenv("CDCTOP_CONFIG");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_login_in_the_wrong_place_is_not_repeated),
        cmocka_unit_test(one_mistake_each),
        cmocka_unit_test(all_at_once),
        cmocka_unit_test(very_many_mistakes_are_bounded),
        cmocka_unit_test(deep_nesting_is_refused),
    };
    return cmocka_run_group_tests_name("config_mistakes", tests, NULL, NULL);
}
