/* Values put into a TOML text: the value alone changes, or it is refused. */
#include "config/tomledit.h"
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *before, *section, *key, *value, *after; /* NULL: refused */
} cases[] = {
    {"[ui]\ntheme = \"dark\" # mine\n",                                                      "ui",      "theme",    "\"light\"",
     "[ui]\ntheme = \"light\" # mine\n"                                                                                                                                         },
    {"[ui]\n  theme='dark'\n",                                                               "ui",      "theme",    "\"light\"",    "[ui]\n  theme=\"light\"\n"                 },
    {"[ui]\ntheme = \"dark\"",                                                               "ui",      "theme",    "\"light\"",    "[ui]\ntheme = \"light\""                   },
    {"[ui]\ntheme = \"\"\"\nda#rk\"\"\" # x\n",                                              "ui",      "theme",    "\"light\"",
     "[ui]\ntheme = \"light\" # x\n"                                                                                                                                            },
    {"# top\n[ui]\n# a comment\n\n[log]\nlevel = \"info\"\n",                                "ui",      "theme",    "\"light\"",
     "# top\n[ui]\ntheme = \"light\"\n# a comment\n\n[log]\nlevel = \"info\"\n"                                                                                                 },
    {"[ui]\ninterval = \"2s\"\n\n# of the log\n[log]\n",                                     "ui",      "theme",    "\"light\"",
     "[ui]\ninterval = \"2s\"\ntheme = \"light\"\n\n# of the log\n[log]\n"                                                                                                      },
    {"[log]\nlevel = \"info\"\n",                                                            "ui",      "theme",    "\"light\"",
     "[log]\nlevel = \"info\"\n\n[ui]\ntheme = \"light\"\n"                                                                                                                     },
    {"[log]\nlevel = \"info\"",                                                              "ui",      "theme",    "\"light\"",
     "[log]\nlevel = \"info\"\n\n[ui]\ntheme = \"light\"\n"                                                                                                                     },
    {"",                                                                                     "ui.sort", "topics",   "\"lag\"",      "[ui.sort]\ntopics = \"lag\"\n"             },
    {"[ui.sort]\nslots = \"x\"\n",                                                           "ui",      "theme",    "\"light\"",
     "[ui.sort]\nslots = \"x\"\n\n[ui]\ntheme = \"light\"\n"                                                                                                                    },
    {"ui.theme = \"dark\"\nui.interval = \"2s\"\n[log]\n",                                   "ui",      "glyphs",   "\"ascii\"",
     "ui.theme = \"dark\"\nui.interval = \"2s\"\nui.glyphs = \"ascii\"\n[log]\n"                                                                                                },
    {"ui . \"theme\" = \"dark\"\n",                                                          "ui",      "theme",    "\"light\"",    "ui . \"theme\" = \"light\"\n"              },
    {"[ui]\nsort.topics = \"lag\"\n",                                                        "ui.sort", "slots",    "\"x\"",
     "[ui]\nsort.topics = \"lag\"\nsort.slots = \"x\"\n"                                                                                                                        },
    {"[ui]\nsort.topics = \"lag\"\n",                                                        "ui.sort", "topics",   "\"age\"",
     "[ui]\nsort.topics = \"age\"\n"                                                                                                                                            },
    {"[ui.columns]\ntopics = [ # which\n  \"topic\", # the \"name\" ]\n  'lag',\n] # end\n",
     "ui.columns",                                                                                      "topics",   "[\"topic\"]",  "[ui.columns]\ntopics = [\"topic\"] # end\n"},
    {"[[pipeline]]\nname = \"a\"\ntheme = \"x\"\n",                                          "ui",      "theme",    "\"light\"",
     "[[pipeline]]\nname = \"a\"\ntheme = \"x\"\n\n[ui]\ntheme = \"light\"\n"                                                                                                   },
    {"[ui]\r\ntheme = \"dark\"\r\n",                                                         "ui",      "interval", "\"1s\"",
     "[ui]\r\ntheme = \"dark\"\r\ninterval = \"1s\"\r\n"                                                                                                                        },
    {"\xEF\xBB\xBF[ui]\ntheme = \"dark\"\n",                                                 "ui",      "theme",    "\"light\"",
     "\xEF\xBB\xBF[ui]\ntheme = \"light\"\n"                                                                                                                                    },
    {"s = '''\n[ui]\ntheme = \"no\"\n'''\n",                                                 "ui",      "theme",    "\"light\"",
     "s = '''\n[ui]\ntheme = \"no\"\n'''\n\n[ui]\ntheme = \"light\"\n"                                                                                                          },
    {"s = \"\"\"\n\\\"\"\" [ui]\n\"\"\"\"\"\n[ui]\n",                                        "ui",      "theme",    "\"light\"",
     "s = \"\"\"\n\\\"\"\" [ui]\n\"\"\"\"\"\n[ui]\ntheme = \"light\"\n"                                                                                                         },
    {"ui = { theme = \"dark\" }\n",                                                          "ui",      "theme",    "\"light\"",    NULL                                        },
    {"ui = { theme = \"dark\" }\n",                                                          "ui.sort", "topics",   "\"lag\"",      NULL                                        },
    {"[ui]\nsort = { topics = \"lag\" }\n",                                                  "ui.sort", "slots",    "\"x\"",        NULL                                        },
    {"[ui\n",                                                                                "ui",      "theme",    "\"light\"",    NULL                                        },
    {"ui = 3\n",                                                                             "ui",      "theme",    "\"light\"",    NULL                                        },
    {"[[ui]]\ntheme = \"x\"\n",                                                              "ui",      "theme",    "\"light\"",    NULL                                        },
    {"[ui]\n",                                                                               "ui",      "theme",    "\"a\" b",      NULL                                        },
    {"[ui]\n",                                                                               "ui",      "theme",    "\"a\"\nx = 1", NULL                                        },
};

static void test_the_value_changes_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err = ERR_INIT;
        const struct toml_change change = {cases[i].section, cases[i].key, cases[i].value};
        char *out = tomledit_set(cases[i].before, strlen(cases[i].before), &change, &err);
        if (cases[i].after == NULL) {
            if (out != NULL)
                fail_msg("case %zu was not refused: %s", i, out);
            assert_int_equal(err.kind, ERR_CONFIG);
        } else if (out == NULL) {
            fail_msg("case %zu: %s", i, err.text);
        } else {
            assert_string_equal(out, cases[i].after);
            char *again = tomledit_set(out, strlen(out), &change, &err);
            assert_string_equal(again, out);
            free(again);
        }
        free(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_value_changes_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
