/* The command line: what a person types becomes what was meant, and a slip is named. */
#include "../check.h"

#include "config/cli.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_WORDS = 16 };

/* Splits at blanks; argv[0] is the program. The words live in `buf`. */
static bool parse(char *buf, size_t size, const char *line, struct cli_options *out,
                  struct err *err)
{
    char *argv[MAX_WORDS + 1] = {0};
    int argc = 0;
    assert_true(strlen(line) < size);
    memcpy(buf, line, strlen(line) + 1);
    for (char *word = buf; *word != '\0' && argc < MAX_WORDS;) {
        argv[argc++] = word;
        word += strcspn(word, " ");
        if (*word != '\0')
            *word++ = '\0';
    }
    return cli_parse(argc, argv, out, err);
}

static void commands_and_verbs(void **state)
{
    static const struct {
        const char *line;
        enum cli_command command;
        enum cli_verb verb;
        const char *name;
    } cases[] = {
        {"cdctop",                              CLI_TUI,          0,             NULL     },
        {"cdctop --read-only",                  CLI_TUI,          0,             NULL     },
        {"cdctop status",                       CLI_STATUS,       0,             NULL     },
        {"cdctop check --json",                 CLI_CHECK,        0,             NULL     },
        {"cdctop check --junit -",              CLI_CHECK,        0,             NULL     },
        {"cdctop init --output - --force",      CLI_INIT,         0,             NULL     },
        {"cdctop init --aws --connectors a*,b", CLI_INIT,         0,             NULL     },
        {"cdctop --config x status --json",     CLI_STATUS,       0,             NULL     },
        {"cdctop --print-config",               CLI_PRINT_CONFIG, 0,             NULL     },
        {"cdctop --print-config --config x",    CLI_PRINT_CONFIG, 0,             NULL     },
        {"cdctop --version",                    CLI_VERSION,      0,             NULL     },
        {"cdctop -V",                           CLI_VERSION,      0,             NULL     },
        {"cdctop --help",                       CLI_HELP,         0,             NULL     },
        {"cdctop help",                         CLI_HELP,         0,             NULL     },
        {"cdctop do --help",                    CLI_HELP,         0,             NULL     },
        {"cdctop config dbz --wait 3",          CLI_CONFIG,       0,             "dbz"    },
        {"cdctop do restart s3-sink",           CLI_DO,           CLI_RESTART,   "s3-sink"},
        {"cdctop do --dry-run pause dbz",       CLI_DO,           CLI_PAUSE,     "dbz"    },
        {"cdctop do resume dbz",                CLI_DO,           CLI_RESUME,    "dbz"    },
        {"cdctop do stop dbz --yes dbz",        CLI_DO,           CLI_STOP,      "dbz"    },
        {"cdctop do drop-slot old --yes=old",   CLI_DO,           CLI_DROP_SLOT, "old"    },
        {"cdctop do terminate 4711 --yes 4711", CLI_DO,           CLI_TERMINATE, "4711"   },
        {"cdctop do drop-slot -- --odd",        CLI_DO,           CLI_DROP_SLOT, "--odd"  },
        {"cdctop do snapshot public.orders",    CLI_DO,           CLI_SNAPSHOT,  NULL     },
        {"cdctop do snapshot --pause",          CLI_DO,           CLI_SNAPSHOT,  NULL     },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cli_options options;
        struct err err = ERR_INIT;
        char buf[200];
        if (!parse(buf, sizeof(buf), cases[i].line, &options, &err))
            fail_msg("%s: %s", cases[i].line, err.text);
        assert_int_equal(options.command, cases[i].command);
        assert_int_equal(options.verb, cases[i].verb);
        if (cases[i].name != NULL)
            assert_string_equal(options.name, cases[i].name);
        else
            assert_null(options.name);
    }
}

static void flags_arrive(void **state)
{
    struct cli_options o;
    struct err err = ERR_INIT;
    char buf[300];
    (void)state;
    assert_true(parse(buf, sizeof(buf),
                      "cdctop --pg host=db --kafka=a:1,b:2 --connect http://c --s3 s3://bucket/p "
                      "--theme mono --ascii --interval 5s --log /tmp/l --read-only",
                      &o, &err));
    assert_string_equal(o.flags.pg, "host=db");
    assert_string_equal(o.flags.kafka, "a:1,b:2");
    assert_string_equal(o.flags.connect, "http://c");
    assert_string_equal(o.flags.s3, "s3://bucket/p");
    assert_string_equal(o.flags.theme, "mono");
    assert_string_equal(o.flags.interval, "5s");
    assert_string_equal(o.flags.log_file, "/tmp/l");
    assert_true(o.flags.ascii && o.flags.read_only);
    assert_null(o.flags.config_path);

    assert_true(parse(buf, sizeof(buf), "cdctop status", &o, &err));
    assert_int_equal(o.wait_ms, 10000);
    assert_true(parse(buf, sizeof(buf), "cdctop status --wait 3 --json", &o, &err));
    assert_int_equal(o.wait_ms, 3000);
    assert_true(o.json);
    assert_false(o.watch);
    assert_true(parse(buf, sizeof(buf), "cdctop status --watch --wait 2", &o, &err));
    assert_true(o.watch && o.wait_ms == 2000);
    assert_true(parse(buf, sizeof(buf), "cdctop status --wait 500ms", &o, &err));
    assert_int_equal(o.wait_ms, 500);

    assert_true(parse(buf, sizeof(buf), "cdctop do restart x", &o, &err));
    assert_int_equal(o.task, -1);
    assert_false(o.all_tasks || o.dry_run);
    assert_null(o.yes);
    assert_true(parse(buf, sizeof(buf), "cdctop do restart x --task 0 --dry-run", &o, &err));
    assert_int_equal(o.task, 0);
    assert_true(o.dry_run);

    assert_true(parse(buf, sizeof(buf),
                      "cdctop do snapshot --connector dbz public.a public.b --blocking "
                      "--filter id>5",
                      &o, &err));
    assert_string_equal(o.connector, "dbz");
    assert_int_equal(o.ntables, 2);
    assert_string_equal(o.tables[1], "public.b");
    assert_true(o.blocking);
    assert_string_equal(o.filter, "id>5");
    assert_int_equal(o.snapshot, CLI_SNAPSHOT_START);
    assert_true(parse(buf, sizeof(buf), "cdctop do snapshot --stop public.a", &o, &err));
    assert_int_equal(o.snapshot, CLI_SNAPSHOT_STOP);
}

static void what_is_recorded_and_replayed_arrives(void **state)
{
    static const char *const wrong[] = {
        "cdctop record",
        "cdctop record a b",
        "cdctop record a --for 10ms",
        "cdctop record a --demo",
        "cdctop --redact",
        "cdctop --at 10s",
        "cdctop --replay a --demo",
        "cdctop status --watch --replay a",
        "cdctop do restart x --replay a",
        "cdctop init --replay a",
    };
    struct cli_options o;
    struct err err = ERR_INIT;
    char buf[200];
    (void)state;
    assert_true(parse(buf, sizeof(buf), "cdctop record a.zst --for 10m --redact", &o, &err));
    assert_int_equal(o.command, CLI_RECORD);
    assert_string_equal(o.file, "a.zst");
    assert_int_equal(o.for_ms, 600000);
    assert_true(o.redact);
    assert_true(parse(buf, sizeof(buf), "cdctop record a --demo --for 1s", &o, &err));
    assert_true(parse(buf, sizeof(buf), "cdctop --replay a.zst --at 14:03:22", &o, &err));
    assert_string_equal(o.replay, "a.zst");
    assert_string_equal(o.at, "14:03:22");
    assert_true(parse(buf, sizeof(buf), "cdctop status --json --replay a.zst --at 5m", &o, &err));
    assert_true(parse(buf, sizeof(buf), "cdctop check --replay a.zst", &o, &err));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (parse(buf, sizeof(buf), wrong[i], &o, &err))
            fail_msg("taken: %s", wrong[i]);
}

static void a_region_or_a_profile_means_aws_to_init(void **state)
{
    static const char *const lines[] = {"cdctop init --aws", "cdctop init --region eu-west-3",
                                        "cdctop init --profile prod"};
    static const char *const others[] = {"cdctop init --connect http://c",
                                         "cdctop --region eu-west-3 --profile prod",
                                         "cdctop status --region eu-west-3"};
    static const char *const wrong[] = {"cdctop --aws", "cdctop init --profile",
                                        "cdctop check --connectors a"};
    struct cli_options o;
    struct err err = ERR_INIT;
    char buf[200];
    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_true(parse(buf, sizeof(buf), lines[i], &o, &err));
        assert_true(o.flags.aws);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_true(parse(buf, sizeof(buf), others[i], &o, &err));
        assert_false(o.flags.aws);
    }
    assert_string_equal(o.flags.region, "eu-west-3");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(parse(buf, sizeof(buf), wrong[i], &o, &err));
}

static void the_flags_of_a_demo_arrive(void **state)
{
    (void)state;
    char buf[200];
    struct cli_options o;
    struct err err = ERR_INIT;
    assert_true(parse(buf, sizeof(buf), "cdctop", &o, &err));
    assert_null(o.demo);
    assert_true(parse(buf, sizeof(buf), "cdctop --demo status", &o, &err));
    assert_string_equal(o.demo, ""); /* the word behind it is no value */
    assert_int_equal(o.command, CLI_STATUS);
    assert_true(
        parse(buf, sizeof(buf), "cdctop --demo=fleet --demo-seed 7 --demo-speed 0.5", &o, &err));
    assert_string_equal(o.demo, "fleet");
    assert_int_equal(o.demo_seed, 7);
    assert_true(o.demo_speed == 0.5);
    assert_false(parse(buf, sizeof(buf), "cdctop --demo --demo-speed fast", &o, &err));
    assert_false(parse(buf, sizeof(buf), "cdctop --demo --demo-seed 0", &o, &err));
}

static void the_flags_of_a_dump_arrive(void **state)
{
    struct cli_options o;
    struct err err = ERR_INIT;
    char buf[200];
    (void)state;
    /* a value that may be left out takes no word that follows */
    assert_true(parse(buf, sizeof(buf), "cdctop --dump --size 80x24 --at 90s", &o, &err));
    assert_string_equal(o.dump, "");
    assert_string_equal(o.size, "80x24");
    assert_string_equal(o.at, "90s");
    assert_true(parse(buf, sizeof(buf), "cdctop --dump=svg --keys 3j", &o, &err));
    assert_string_equal(o.dump, "svg");
    assert_string_equal(o.keys, "3j");
    assert_true(parse(buf, sizeof(buf), "cdctop --read-only", &o, &err));
    assert_null(o.dump);
}

static void slips_are_named(void **state)
{
    static const struct {
        const char *line, *word, *hint;
    } cases[] = {
        {"cdctop --confg x",                     "--confg",    "--config"                      },
        {"cdctop --readonly",                    "--readonly", "--read-only"                   },
        {"cdctop -x",                            "-x",         ""                              },
        {"cdctop status --junit -",              "--junit",    "status"                        },
        {"cdctop check --watch",                 "--watch",    "check"                         },
        {"cdctop status --force",                "--force",    "status"                        },
        {"cdctop chekc",                         "chekc",      "check"                         },
        {"cdctop statsu",                        "statsu",     "status"                        },
        {"cdctop status now",                    "now",        ""                              },
        {"cdctop --json",                        "--json",     "does not belong"               },
        {"cdctop --keys 3",                      "--keys",     "--dump"                        },
        {"cdctop status --dump",                 "--dump",     "does not belong"               },
        {"cdctop do pause a --watch",            "--watch",    "does not belong"               },
        {"cdctop status --watch=1s",             "--watch",    "no value"                      },
        {"cdctop do",                            "do",         "verb is missing"               },
        {"cdctop do resart x",                   "resart",     "restart"                       },
        {"cdctop do restart",                    "restart",    "name of a connector is missing"},
        {"cdctop do drop-slot",                  "drop-slot",  "name of a slot is missing"     },
        {"cdctop do terminate",                  "terminate",  "pid of a session is missing"   },
        {"cdctop do restart a b",                "b",          "one name"                      },
        {"cdctop do restart a --task",           "--task",     "N is missing"                  },
        {"cdctop do restart a --task x",         "--task",     "number"                        },
        {"cdctop do restart a --task -1",        "--task",     "number"                        },
        {"cdctop do restart a --task 1 --all",   "restart",    "exclude"                       },
        {"cdctop do pause a --all",              "--all",      "does not belong to pause"      },
        {"cdctop do drop-slot a --filter x",     "--filter",   "does not belong"               },
        {"cdctop do snapshot",                   "snapshot",   "TABLE"                         },
        {"cdctop do snapshot --pause --stop",    "--stop",     "only one"                      },
        {"cdctop do snapshot --pause public.a",  "public.a",   "whole snapshot"                },
        {"cdctop do snapshot --stop --blocking", "snapshot",   "new snapshot"                  },
        {"cdctop status --wait soon",            "--wait",     "seconds"                       },
        {"cdctop status --json=yes",             "--json",     "no value"                      },
        {"cdctop --pg --kafka a:1",              "--pg",       "missing"                       },
        {"cdctop status --version",              "--version",  "alone"                         },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cli_options options;
        struct err err = ERR_INIT;
        char buf[200];
        if (parse(buf, sizeof(buf), cases[i].line, &options, &err))
            fail_msg("%s was accepted", cases[i].line);
        if (strstr(err.text, cases[i].word) == NULL || strstr(err.text, cases[i].hint) == NULL)
            fail_msg("%s: %s", cases[i].line, err.text);
    }
}

static void a_secret_in_a_wrong_flag_is_not_repeated(void **state)
{
    struct cli_options options;
    struct err err = ERR_INIT;
    char buf[200];
    static const char *const lines[] = {
        "cdctop --pgg=postgresql://u:hunter2@h/d",  "cdctop postgresql://u:hunter2@h/d",
        "cdctop status postgresql://u:hunter2@h/d", "cdctop password=hunter2",
        "cdctop do restart a http://u:hunter2@h",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_false(parse(buf, sizeof(buf), lines[i], &options, &err));
        assert_null(strstr(err.text, "hunter2"));
    }
}

static void help_tells_every_flag(void **state)
{
    static const char *const words[] = {"--config",  "--pipeline", "--pg",        "--kafka",
                                        "--connect", "--s3",       "--read-only", "--theme",
                                        "--ascii",   "--interval", "--log",       "--print-config",
                                        "--version", "status",     "do"};
    static const char *const verbs[] = {"restart",   "pause",      "resume",    "stop",
                                        "drop-slot", "snapshot",   "--dry-run", "--yes NAME",
                                        "--task N",  "--blocking", "--filter",  "--connector"};
    (void)state;
    char *help = cli_help(CLI_TUI);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        assert_non_null(strstr(help, words[i]));
    free(help);
    help = cli_help(CLI_DO);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        assert_non_null(strstr(help, verbs[i]));
    free(help);
    help = cli_help(CLI_STATUS);
    assert_non_null(strstr(help, "--json"));
    assert_non_null(strstr(help, "--watch"));
    assert_null(strstr(help, "--dry-run"));
    free(help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_and_verbs),
        cmocka_unit_test(flags_arrive),
        cmocka_unit_test(what_is_recorded_and_replayed_arrives),
        cmocka_unit_test(a_region_or_a_profile_means_aws_to_init),
        cmocka_unit_test(the_flags_of_a_demo_arrive),
        cmocka_unit_test(the_flags_of_a_dump_arrive),
        cmocka_unit_test(slips_are_named),
        cmocka_unit_test(a_secret_in_a_wrong_flag_is_not_repeated),
        cmocka_unit_test(help_tells_every_flag),
    };
    return cmocka_run_group_tests_name("config_cli", tests, NULL, NULL);
}
