/* Numbers with units, addresses, nearest words, ${…}, and secrets inside addresses. */
#include "../check.h"

#include "config/conninfo.h"
#include "config/expand.h"
#include "config/secretref.h"
#include "config/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static void durations(void **state)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
        const char *back;
    } cases[] = {
        {"2s",                    2000,      "2s"     },
        {"500ms",                 500,       "500ms"  },
        {"1h30m",                 5400000,   "1h30m"  },
        {"1h 30m",                5400000,   "1h30m"  },
        {"2d",                    172800000, "2d"     },
        {" 90 s ",                90000,     "1m30s"  },
        {"1.5s",                  1500,      "1s500ms"},
        {"0s",                    0,         "0s"     },
        {"2S",                    2000,      "2s"     },
        {"",                      -1,        NULL     },
        {" ",                     -1,        NULL     },
        {"5",                     -1,        NULL     },
        {"5x",                    -1,        NULL     },
        {"-5s",                   -1,        NULL     },
        {"30m1h",                 -1,        NULL     },
        {"1h1h",                  -1,        NULL     },
        {"1.s",                   -1,        NULL     },
        {"1.2345s",               -1,        NULL     },
        {"99999999999999999999s", -1,        NULL     },
        {"9223372036854775807d",  -1,        NULL     },
    };
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        int64_t ms = -7;
        char buf[VALUE_SIZE];
        bool ok = value_duration(cases[i].text, &ms);
        if (ok != (cases[i].ms >= 0) || (ok && ms != cases[i].ms))
            fail_msg("\"%s\" gave %lld", cases[i].text, (long long)ms);
        if (ok)
            assert_string_equal(value_print_duration(buf, ms), cases[i].back);
    }
}

static void sizes_and_numbers(void **state)
{
    static const struct {
        bool (*read)(const char *, int64_t *);
        const char *text;
        int64_t value; /* -1: refused */
        const char *(*print)(char *, int64_t);
        const char *back;
    } cases[] = {
        {value_bytes,   "10 GB",               10000000000,      value_print_bytes,   "10 GB"    },
        {value_bytes,   "512 MiB",             536870912,        value_print_bytes,   "512 MiB"  },
        {value_bytes,   "1.5 KiB",             1536,             value_print_bytes,   "1536 B"   },
        {value_bytes,   "2gb",                 2000000000,       value_print_bytes,   "2 GB"     },
        {value_bytes,   "0",                   0,                value_print_bytes,   "0 B"      },
        {value_bytes,   "1 PB",                1000000000000000, value_print_bytes,   "1 PB"     },
        {value_bytes,   "10 GBs",              -1,               NULL,                NULL       },
        {value_bytes,   "GB",                  -1,               NULL,                NULL       },
        {value_bytes,   "1.5",                 -1,               NULL,                NULL       },
        {value_bytes,   "99999 PB",            -1,               NULL,                NULL       },
        {value_percent, "150 %",               150,              value_print_percent, "150%"     },
        {value_percent, "150%",                150,              value_print_percent, "150%"     },
        {value_percent, "150",                 150,              value_print_percent, "150%"     },
        {value_percent, "150 %%",              -1,               NULL,                NULL       },
        {value_percent, "%",                   -1,               NULL,                NULL       },
        {value_integer, "10_000",              10000,            value_print_integer, "10_000"   },
        {value_integer, "1,000,000",           1000000,          value_print_integer, "1_000_000"},
        {value_integer, "7",                   7,                value_print_integer, "7"        },
        {value_integer, "1__0",                -1,               NULL,                NULL       },
        {value_integer, "_1",                  -1,               NULL,                NULL       },
        {value_integer, "1_",                  -1,               NULL,                NULL       },
        {value_integer, "0x10",                -1,               NULL,                NULL       },
        {value_integer, "",                    -1,               NULL,                NULL       },
        {value_integer, "9223372036854775808", -1,               NULL,                NULL       },
    };
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        int64_t value = -7;
        char buf[VALUE_SIZE];
        bool ok = cases[i].read(cases[i].text, &value);
        if (ok != (cases[i].value >= 0) || (ok && value != cases[i].value))
            fail_msg("\"%s\" gave %lld", cases[i].text, (long long)value);
        if (ok)
            assert_string_equal(cases[i].print(buf, value), cases[i].back);
    }
    int64_t negative = 0;
    assert_true(value_integer("-5", &negative));
    assert_int_equal(negative, -5);
}

static void addresses(void **state)
{
    static const struct {
        const char *(*bad)(const char *);
        const char *text;
        bool good;
    } cases[] = {
        {value_bad_host_port, "kafka-1:9092",               true },
        {value_bad_host_port, "[::1]:9092",                 true },
        {value_bad_host_port, "kafka-1",                    false},
        {value_bad_host_port, ":9092",                      false},
        {value_bad_host_port, "a:0",                        false},
        {value_bad_host_port, "a:65536",                    false},
        {value_bad_host_port, "a:9092x",                    false},
        {value_bad_host_port, "http://a:9092",              false},
        {value_bad_host_port, "a b:9092",                   false},
        {value_bad_host_port, "[::1:9092",                  false},
        {value_bad_host_port, "::1:9092",                   false},
        {value_bad_http_url,  "http://c:8083",              true },
        {value_bad_http_url,  "HTTPS://c",                  true },
        {value_bad_http_url,  "https://u:p%40@c:8083/path", true },
        {value_bad_http_url,  "http://[fe80::1]:8083",      true },
        {value_bad_http_url,  "http://",                    false},
        {value_bad_http_url,  "http://:8083",               false},
        {value_bad_http_url,  "c:8083",                     false},
        {value_bad_http_url,  "ftp://c",                    false},
        {value_bad_http_url,  "http://c:port",              false},
        {value_bad_http_url,  "http://c?x=1",               false},
        {value_bad_http_url,  "http://u:pa/ss@c",           false},
        {value_bad_http_url,  "http://c\n",                 false},
        {value_bad_s3_url,    "s3://cdc-archive",           true },
        {value_bad_s3_url,    "s3://lake/topics/x",         true },
        {value_bad_s3_url,    "s3://",                      false},
        {value_bad_s3_url,    "s3:///x",                    false},
        {value_bad_s3_url,    "lake",                       false},
        {value_bad_s3_url,    "s3://la ke",                 false},
        {value_bad_s3_url,    "https://lake",               false},
    };
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        if ((cases[i].bad(cases[i].text) == NULL) != cases[i].good)
            fail_msg("\"%s\"", cases[i].text);
    }
}

static void the_nearest_word(void **state)
{
    static const char *const names[] = {"interval", "theme", "glyphs", "bootstrap_servers", "urls"};
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        {"intervall",        "interval"         },
        {"inteval",          "interval"         },
        {"itnerval",         "interval"         },
        {"THEME",            "theme"            },
        {"themes",           "theme"            },
        {"url",              "urls"             },
        {"bootstrap_server", "bootstrap_servers"},
        {"bootstrap",        "bootstrap_servers"},
        {"colour",           NULL               },
        {"x",                NULL               },
    };
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        const char *near = value_nearest(cases[i].word, names, LEN(names));
        if (cases[i].nearest == NULL)
            assert_null(near);
        else if (near == NULL || strcmp(near, cases[i].nearest) != 0)
            fail_msg("%s: %s", cases[i].word, near != NULL ? near : "none");
    }
    assert_int_equal(value_distance("ab", "ba", 5), 1);
    assert_int_equal(value_distance("kitten", "sitting", 5), 3);
    assert_int_equal(value_distance("", "abc", 5), 3);
}

static void passwords_leave_a_conninfo(void **state)
{
    static const struct {
        const char *from, *to, *password;
    } cases[] = {
        {"postgresql://u:hunter2@h:5432/d",           "postgresql://u@h:5432/d",          "hunter2"},
        {"postgres://u:p%40%2Fx@h/d?sslmode=require", "postgres://u@h/d?sslmode=require", "p@/x"   },
        {"postgresql://h/d?user=u&password=a%26b",    "postgresql://h/d?user=u",          "a&b"    },
        {"postgresql://h/d?password=a&user=u",        "postgresql://h/d?user=u",          "a"      },
        {"postgresql://u@h1:1,h2:2/d",                "postgresql://u@h1:1,h2:2/d",       NULL     },
        {"postgresql:///d",                           "postgresql:///d",                  NULL     },
        {"host=h password=hunter2 dbname=d",          "host=h dbname=d",                  "hunter2"},
        {"password = 'it''s' host=h",                 NULL,                               NULL     },
        {"password = 'it\\'s a' host=h",              "host=h",                           "it's a" },
        {"host=h password=a\\ b",                     "host=h",                           "a b"    },
        {"host=h password=''",                        "host=h",                           ""       },
        {"host=h passfile=/x",                        "host=h passfile=/x",               NULL     },
        {"password=one password=two",                 "",                                 "two"    },
        {"",                                          "",                                 NULL     },
    };
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        char *conninfo = strdup(cases[i].from);
        if (cases[i].to == NULL) {
            assert_non_null(conninfo_bad(conninfo));
            free(conninfo);
            continue;
        }
        if (conninfo_bad(conninfo) != NULL)
            fail_msg("%s: %s", conninfo, conninfo_bad(conninfo));
        char *password = conninfo_split_password(&conninfo);
        assert_string_equal(conninfo, cases[i].to);
        if (cases[i].password == NULL)
            assert_null(password);
        else
            assert_string_equal(password, cases[i].password);
        free(conninfo);
        free(password);
    }
}

static void broken_conninfos_are_refused(void **state)
{
    static const char *const cases[] = {
        "postgresql://u:hunter/2@h/d",
        "postgresql://u:hun?ter2@h/d",
        "postgresql://u:p@ss@h/d",
        "postgresql://h:port/d",
        "postgresql://u:p%4@h/d",
        "postgresql://h/d?sslmode",
        "postgresql://h/a b",
        "mysql://h/d",
        "just words",
        "host='open",
        "host=h dbname=postgresql://u:hunter2@h2/d",
        "dbname='user=u password=hunter2'",
        "postgresql://h/?dbname=postgresql%3A%2F%2Fu:hunter2@h2/d",
        "=x",
    };
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        if (conninfo_bad(cases[i]) == NULL)
            fail_msg("%s", cases[i]);
    }
}

static void masks_keep_the_length(void **state)
{
    static const struct {
        const char *from, *to;
    } cases[] = {
        {"postgresql://u:hunter2@h/d?sslpassword=abc",
         "postgresql://u:*******@h/d?sslpassword=***"                                             },
        {"host=h password=hunter2 sslpassword='a b'",  "host=h password=******* sslpassword='***'"},
        {"http://u:hunter2@h:8083,https://v:abc@i",    "http://u:*******@h:8083,https://v:***@i"  },
        {"postgresql://u:hun/ter@h/d",                 "**************************"               },
        {"host=h password='hunter2",                   "************************"                 },
        {"host=h dbname='user=u password=x'",          "host=h dbname='*****************'"        },
        {"host=h",                                     "host=h"                                   },
        {"http://h:8083",                              "http://h:8083"                            },
    };
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        char *text = strdup(cases[i].from);
        conninfo_mask(text);
        assert_string_equal(text, cases[i].to);
        free(text);
    }
}

static void values_from_elsewhere(void **state)
{
    char dir[] = "/tmp/cdctop-test-XXXXXX", path[64];
    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof(path), "%s/secret", dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs("from a file\n", file);
    (void)fclose(file);
    (void)setenv("CDCTOP_TEST_A", "p@ss/w'o rd", 1);
    (void)setenv("CDCTOP_TEST_NESTED", "${env:HOME}", 1);
    static const struct {
        enum expand_quoting quoting;
        const char *from, *to; /* to NULL: refused */
    } cases[] = {
        {EXPAND_PLAIN,    "plain $ text }",                            "plain $ text }"              },
        {EXPAND_PLAIN,    "a ${env:CDCTOP_TEST_A} b",                  "a p@ss/w'o rd b"             },
        {EXPAND_PLAIN,    "$${env:X} and ${env:CDCTOP_TEST_NESTED}",   "${env:X} and ${env:HOME}"    },
        {EXPAND_PLAIN,    "${file:secret}",                            "from a file"                 },
        {EXPAND_PLAIN,    "${cmd:echo one 'two  three' \"four\"}",     "one two  three four"         },
        {EXPAND_PLAIN,    "${cmd:sh -c 'echo noise >&2; printf out'}", "out"                         },
        {EXPAND_URL,      "postgresql://u:${env:CDCTOP_TEST_A}@h/d",
         "postgresql://u:p%40ss%2Fw%27o%20rd@h/d"                                                    },
        {EXPAND_URL,      "${env:CDCTOP_TEST_A}",                      "p@ss/w'o rd"                 },
        {EXPAND_URL,      "http://${cmd:echo a:1}/x",                  "http://a:1/x"                },
        {EXPAND_CONNINFO, "password=${env:CDCTOP_TEST_A} a=b",         "password=p@ss/w\\'o\\ rd a=b"},
        {EXPAND_PLAIN,    "${env:CDCTOP_TEST_UNSET}",                  NULL                          },
        {EXPAND_PLAIN,    "${file:absent}",                            NULL                          },
        {EXPAND_PLAIN,    "${file:.}",                                 NULL                          },
        {EXPAND_PLAIN,    "${file:/dev/zero}",                         NULL                          },
        {EXPAND_PLAIN,    "${cmd:false}",                              NULL                          },
        {EXPAND_PLAIN,    "${cmd:/no/such/program}",                   NULL                          },
        {EXPAND_PLAIN,    "${cmd:}",                                   NULL                          },
        {EXPAND_PLAIN,    "${cmd: }",                                  NULL                          },
        {EXPAND_PLAIN,    "${cmd:echo 'open}",                         NULL                          },
        {EXPAND_PLAIN,    "${cmd:yes}",                                NULL                          },
        {EXPAND_PLAIN,    "${cmd:sh -c 'kill -9 $$'}",                 NULL                          },
        {EXPAND_PLAIN,    "${home}",                                   NULL                          },
        {EXPAND_PLAIN,    "${env:HOME",                                NULL                          },
        {EXPAND_PLAIN,    "${secret:prod/db#password}",                NULL                          },
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        struct expand ctx = {
            .dir = dir, .quoting = cases[i].quoting, .cmd_timeout_ms = EXPAND_CMD_MS};
        char *text = expand_text(&ctx, cases[i].from);
        if (cases[i].to == NULL && text == NULL)
            assert_true(strlen(ctx.why) > 0);
        else if (cases[i].to == NULL || text == NULL || strcmp(text, cases[i].to) != 0)
            fail_msg("%s gave %.60s %s", cases[i].from, text != NULL ? text : "nothing", ctx.why);
        free(text);
    }
    (void)unlink(path);
    (void)rmdir(dir);
}

static void secrets_stay_where_they_stand(void **state)
{
    static const struct {
        enum expand_quoting quoting;
        const char *from, *to; /* to NULL: refused */
    } cases[] = {
        {EXPAND_PLAIN,    "${secret:prod/db#password}",                              "${secret:prod/db#password}"},
        {EXPAND_PLAIN,    "${secret:arn:aws:secretsmanager:eu-west-3:1:secret:a-b}",
         "${secret:arn:aws:secretsmanager:eu-west-3:1:secret:a-b}"                                               },
        {EXPAND_CONNINFO, "user=a password=${secret:db#password}",
         "user=a password=${secret:db#password}"                                                                 },
        {EXPAND_URL,      "postgresql://u:${secret:p/db#pw}@h/d",
         "postgresql://u:%24%7Bsecret%3Ap%2Fdb%23pw%7D@h/d"                                                      },
        {EXPAND_URL,      "postgresql://u@${secret:db#host}/d",
         "postgresql://u@%24%7Bsecret%3Adb%23host%7D/d"                                                          },
        {EXPAND_URL,      "${secret:whole}",                                         "${secret:whole}"           },
        {EXPAND_PLAIN,    "${secret:}",                                              NULL                        },
        {EXPAND_PLAIN,    "${secret:#key}",                                          NULL                        },
        {EXPAND_PLAIN,    "${secret:name#}",                                         NULL                        },
        {EXPAND_PLAIN,    "${secret:na me}",                                         NULL                        },
        {EXPAND_PLAIN,    "${secret:name#a b}",                                      NULL                        },
    };
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        struct expand ctx = {.login = true, .quoting = cases[i].quoting};
        char *text = expand_text(&ctx, cases[i].from);
        if (cases[i].to == NULL ? text != NULL || ctx.why[0] == '\0'
                                : text == NULL || strcmp(text, cases[i].to) != 0)
            fail_msg("%s gave %s %s", cases[i].from, text != NULL ? text : "nothing", ctx.why);
        free(text);
    }
    assert_true(secretref_whole("${secret:a#b}"));
    assert_false(secretref_whole("${secret:a#b} "));
    assert_false(secretref_whole("${secret:a"));
    assert_false(secretref_whole(NULL));
}

static void a_command_that_hangs_is_ended(void **state)
{
    struct expand ctx = {.cmd_timeout_ms = 50};
    (void)state;
    assert_null(expand_text(&ctx, "${cmd:sh -c 'sleep 600; echo late'}"));
    assert_non_null(strstr(ctx.why, "in time"));
    /* Closing its output early does not save it. */
    assert_null(expand_text(&ctx, "${cmd:sh -c 'exec >&-; sleep 600'}"));
    assert_non_null(strstr(ctx.why, "in time"));
}

static void untrusted_text_runs_nothing(void **state)
{
    struct expand ctx = {.inert = true, .cmd_timeout_ms = 1000};
    (void)state;
    assert_null(expand_text(&ctx, "${cmd:echo x}"));
    assert_null(expand_text(&ctx, "${file:/etc/hostname}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations),
        cmocka_unit_test(sizes_and_numbers),
        cmocka_unit_test(addresses),
        cmocka_unit_test(the_nearest_word),
        cmocka_unit_test(passwords_leave_a_conninfo),
        cmocka_unit_test(broken_conninfos_are_refused),
        cmocka_unit_test(masks_keep_the_length),
        cmocka_unit_test(values_from_elsewhere),
        cmocka_unit_test(secrets_stay_where_they_stand),
        cmocka_unit_test(a_command_that_hangs_is_ended),
        cmocka_unit_test(untrusted_text_runs_nothing),
    };
    return cmocka_run_group_tests_name("config_values", tests, NULL, NULL);
}
