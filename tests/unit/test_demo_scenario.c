/* Scenario files: mistakes are told with their place and what is allowed; the embedded ones are
 * complete. */
#include "demo/demo.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIPELINE                                                                        \
    "[[pipeline]]\nname = \"p\"\ndatabase = \"d\"\n[[pipeline.source]]\nname = \"s\"\n" \
    "prefix = \"x\"\nslot = \"y\"\ntables = [{ name = \"t\" }]\n"

static const struct {
    const char *text;
    const char *told[3]; /* all of them */
} mistakes[] = {
    {"title = ",                                                                           {"mine:1:"}                                     },
    {"title = \"t\"\n",                                                                    {"pipeline", "missing"}                         },
    {"title = 3\n" PIPELINE,                                                               {"mine:1:9", "title", "a text in quotes"}       },
    {"title = \"t\"\nbegin = \"soon\"\n" PIPELINE,                                         {"mine:2:9", "begin", "a duration"}             },
    {"title = \"t\"\nbegin = \"900h\"\n" PIPELINE,                                         {"mine:2:9", "from 0 to 3600000"}               },
    {"title = \"t\"\nspeed = 3\n" PIPELINE,                                                {"mine:2:1", "no such key", "title story begin"}},
    {"title = \"t\"\n[[pipeline]]\nname = \"p\"\n",                                        {"mine:2:", "database", "missing"}              },
    {"title = \"t\"\n" PIPELINE "heartbeat = 3\n",                                         {"heartbeat", "a duration"}                     },
    {"title = \"t\"\n" PIPELINE "copies = 0\n",                                            {"copies", "from 1 to 1000"}                    },
    {"title = \"t\"\n" PIPELINE "[[pipeline.sink]]\nname = \"k\"\nsource = \"q\"\n",
     {"mine: sink k", "no source q"}                                                                                                       },
    {"title = \"t\"\n" PIPELINE "[[event]]\nat = \"1s\"\nwhat = \"explode\"\n",
     {"event 1", "nothing is called explode", "deny-s3"}                                                                                   },
    {"title = \"t\"\n" PIPELINE "[[event]]\nwhat = \"say\"\npipeline = \"z\"\n",           {"no pipeline z"}                               },
    {"title = \"t\"\n[[pipeline]]\nname = \"p q\"\n",                                      {"mine:3:8", "a name of letters"}               },
    {"title = \"t\"\n" PIPELINE "[[pipeline.source]]\nname = \"s\"\nprefix = \"z\"\nslot = \"z\"\n"
     "tables = [{ name = \"t\" }]\n",                                                 {"source s is there twice"}                     },
    {"title = \"t\"\n[[pipeline]]\nname = \"p\"\ndatabase = \"d\"\n[[pipeline.source]]\nname = "
     "\"s\"\n"
     "prefix = \"x\"\nslot = \"y\"\ntables = [{ name = \"t\" }, { name = \"t\" }]\n", {"table t is there twice"}                      },
    {"title = \"t\"\n[settings]\nlag_warn = true\n" PIPELINE,                              {"mine:3:12", "a text or a number"}             },
    {"title = \"t\"\n" PIPELINE
     "[[stop]]\nat = \"9s\"\nsays = \"a\"\n[[stop]]\nat = \"8s\"\nsays = \"b\"\n",    {"stop 2", "before"}                            },
};

static void write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void test_mistakes_are_told_with_their_place(void **state)
{
    (void)state;
    char dir[] = "/tmp/cdctop-demo-XXXXXX";
    assert_non_null(mkdtemp(dir));
    assert_int_equal(chdir(dir), 0);
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        struct err err = {0};
        char text[1000];
        write_text("mine.toml", mistakes[i].text);
        assert_null(scenario_open("mine.toml", &err));
        for (size_t k = 0; k < 3 && mistakes[i].told[k] != NULL; k++) {
            /* "mine:1:" is short for the file's name. */
            const char *told = mistakes[i].told[k];
            (void)snprintf(text, sizeof(text), "%s%s",
                           strncmp(told, "mine", 4) == 0 ? "mine.toml" : "",
                           strncmp(told, "mine", 4) == 0 ? told + 4 : told);
            if (strstr(err.text, text) == NULL)
                fail_msg("%zu: \"%s\" is not in: %s", i, text, err.text);
        }
    }
    write_text("mine.toml", "title = \"mine\"\n" PIPELINE);
    struct err err = {0};
    struct scenario *s = scenario_open("./mine.toml", &err);
    assert_non_null(s);
    assert_string_equal(s->title, "mine");
    scenario_free(s);
    assert_int_equal(unlink("mine.toml"), 0);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(dir), 0);
}

static void test_an_unknown_name_lists_the_known_ones(void **state)
{
    (void)state;
    struct err err = {0};
    assert_null(scenario_open("stale-slott", &err));
    assert_non_null(strstr(err.text, "did you mean stale-slot?"));
    assert_non_null(strstr(err.text, "healthy"));
    assert_null(scenario_open("/nowhere/x.toml", &err));
    assert_non_null(strstr(err.text, "/nowhere/x.toml"));
}

static void test_each_has_a_title_and_says_what_must_come_of_it(void **state)
{
    (void)state;
    char *list = demo_list();
    size_t n = 0;
    for (const struct scenario_file *f = scenario_files; f->name != NULL; f++, n++) {
        struct err err = {0};
        struct scenario *s = scenario_open(f->name, &err);
        if (s == NULL)
            fail_msg("%s", err.text);
        assert_non_null(strstr(list, s->title));
        assert_true(s->story[0] != '\0');
        bool well = strcmp(f->name, "healthy") == 0;
        assert_true(well ? s->nexpects == 0 : s->nexpects > 0 && s->ncures > 0);
        scenario_free(s);
    }
    assert_true(n >= 15);
    free(list);
}

/* Thresholds of a scenario are judged like those of a configuration. */
static void test_a_setting_that_is_none_is_refused(void **state)
{
    (void)state;
    struct err err = {0};
    struct config_flags flags = {0};
    struct config_problems problems;
    char path[] = "/tmp/cdctop-demo-XXXXXX.toml";
    int fd = mkstemps(path, 5);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    write_text(path, "title = \"t\"\n[settings]\nlag_wran = 3\n" PIPELINE);
    struct demo *demo = demo_open(&(struct demo_options){.what = path, .stepped = true}, &err);
    assert_non_null(demo);
    assert_null(demo_config(demo, &flags, &problems));
    assert_true(problems.errors > 0);
    assert_non_null(strstr(problems.items[0].text, "lag_wran"));
    config_problems_free(&problems);
    demo_free(demo);
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mistakes_are_told_with_their_place),
        cmocka_unit_test(test_an_unknown_name_lists_the_known_ones),
        cmocka_unit_test(test_each_has_a_title_and_says_what_must_come_of_it),
        cmocka_unit_test(test_a_setting_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
