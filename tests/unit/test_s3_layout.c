/* Keys as the sinks really write them, and where a sink's settings say they will be. */
#include "base/mem.h"
#include "source/s3_layout.h"
#include "tests/check.h"

#include <stdio.h>
#include <string.h>

static void test_keys_of_real_sinks(void **state)
{
    (void)state;
    static const struct {
        const char *key, *topic, *lane, *layout;
        int32_t partition;
        int64_t offset;
        bool zero;
    } cases[] = {
        {"conf/shop.public.orders/year=2026/month=11/day=20/hour=17/"
         "shop.public.orders+0+0000004500.json",                                   "shop.public.orders",
         "conf/shop.public.orders/year=2026/month=11/day=20/hour=17/shop.public.orders+0+",                                                    "confluent", 0,  4500,      true },
        {"aiven/q-six/year=2026/month=11/day=20/hour=17/q-six+0+00000000000000000480.json", "q-six",
         "aiven/q-six/year=2026/month=11/day=20/hour=17/q-six+0+",                                                                             "confluent", 0,  480,       true },
        {"afmtenv/q-fmt-0-10.gz",                                                           "q-fmt",              "afmtenv/q-fmt-0-",          "aiven",     0,  10,        false},
        {"shop.public.orders-12-0",                                                         "shop.public.orders", "shop.public.orders-12-",    "aiven",     12, 0,
         false                                                                                                                                                                  },
        {"topics/o/partition=3/o+3+0000000000.snappy.parquet",                              "o",                  "topics/o/partition=3/o+3+",
         "confluent",                                                                                                                                       3,  0,         true },
        {"topics/o/o+3+0000000007.avro",                                                    "o",                  "topics/o/o+3+",             "confluent", 3,  7,         true },
        {"topics/o/o+3+0000000007.json.gz",                                                 "o",                  "topics/o/o+3+",             "confluent", 3,  7,         true },
        {"topics/o/o+3+0000000007.bin",                                                     "o",                  "topics/o/o+3+",             "confluent", 3,  7,         true },
        {"topics/o/my_topic_0_000123.json",                                                 "my_topic",           "topics/o/my_topic_0_",      "unknown",   0,  123,
         true                                                                                                                                                                   },
        {"a/orders/0/000123.json",                                                          NULL,                 "a/orders/0/",               "unknown",   -1, 123,       true },
        {"t/x-y+1+9223372036854775807.json",                                                "x-y",                "t/x-y+1+",                  "confluent", 1,  INT64_MAX, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct s3_key k;
        if (!s3_layout_parse(cases[i].key, &k))
            fail_msg("%s is not understood", cases[i].key);
        assert_int_equal(k.lane_len, strlen(cases[i].lane));
        assert_memory_equal(cases[i].key, cases[i].lane, k.lane_len);
        assert_int_equal(k.partition, cases[i].partition);
        assert_true(k.start_offset == cases[i].offset);
        assert_int_equal(k.zero, cases[i].zero);
        assert_string_equal(s3_layout_name(&k), cases[i].layout);
        assert_int_equal(k.topic_len, cases[i].topic != NULL ? strlen(cases[i].topic) : 0);
        if (cases[i].topic != NULL)
            assert_memory_equal(k.topic, cases[i].topic, k.topic_len);
    }
}

static void test_what_is_no_data_object(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "",
        "/",
        "topics/o/",
        "topics/o/_SUCCESS",
        "topics/o/README.md",
        "topics/o/o+0+.json",
        "topics/o/o+0+12x.json",
        "topics/o/+0+0000000001.json",
        "topics/o/o+x+0000000001.json",
        "topics/o/o+0+99999999999999999999.json",
        "topics/o/o+9999999999+1.json",
        "tombwrite/q-tomb/tombstone/q-tomb+0+0000000001.keys.json",
        "conf/o/o+0+0000000001.headers.avro",
        "q-1.txt",
    };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct s3_key k;
        if (s3_layout_parse(keys[i], &k))
            fail_msg("\"%s\" is taken for an object", keys[i]);
    }
}

static void test_just_before_sorts_between_its_neighbours(void **state)
{
    (void)state;
    static const char *const exts[] = {"", ".json", ".snappy.parquet", ".gz"};
    static const int64_t offsets[] = {1, 9, 10, 499, 500, 999, 1000, 20000, 123456789};
    for (size_t e = 0; e < ARRAY_LEN(exts); e++) {
        for (size_t i = 0; i < ARRAY_LEN(offsets); i++) {
            char at[100], key[100], before[100];
            s3_layout_before(at, sizeof(at), "t+0+", offsets[i], 10);
            (void)snprintf(key, sizeof(key), "t+0+%010lld%s", (long long)offsets[i], exts[e]);
            (void)snprintf(before, sizeof(before), "t+0+%010lld%s", (long long)offsets[i] - 1,
                           exts[e]);
            assert_true(strcmp(before, at) < 0);
            assert_true(strcmp(at, key) < 0);
        }
    }
    char at[100];
    s3_layout_before(at, sizeof(at), "t-0-", 1000, 0);
    assert_true(strcmp("t-0-100", at) < 0 && strcmp(at, "t-0-1000") < 0);
}

static const int64_t T = INT64_C(1795183402000); /* 2026-11-20T14:03:22Z */

static void test_where_sinks_write(void **state)
{
    (void)state;
    static const struct {
        const char *layout, *dir, *format, *timezone, *template, *root, *now;
    } cases[] = {
        {"confluent", "conf", "'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH", "UTC",          NULL,                                         "conf/o/",
         "conf/o/year=2026/month=11/day=20/hour=14/"                                                                                                                                                  },
        {"confluent", "a/b/", "yyyy-MM-dd",                                "UTC",          NULL,                                         "a/b/o/",        "a/b/o/2026-11-20/"                         },
        {"confluent", NULL,   "'dt='yyyyMMdd'T'HHmm",                      "Etc/UTC",      NULL,                                         "topics/o/",
         "topics/o/dt=20261120T1403/"                                                                                                                                                                 },
        {"confluent", "",     "yyyy",                                      "UTC",          NULL,                                         "o/",            "o/2026/"                                   },
        {"confluent", "t",    "yyyy",                                      "Europe/Paris", NULL,                                         "t/o/",          NULL                                        }, /* whose hour is it? */
        {"confluent", "t",    "'year'=yyyy/'month'=M",                     "UTC",          NULL,                                         "t/o/",          NULL                                        },
        {"confluent", "t",    "EEE",                                       "UTC",          NULL,                                         "t/o/",          NULL                                        },
        {"confluent", "t",    "'open",                                     "UTC",          NULL,                                         "t/o/",          NULL                                        },
        {"confluent", "t",    NULL,                                        "UTC",          NULL,                                         "t/o/",          NULL                                        },
        {"aiven",     NULL,   NULL,                                        "UTC",          NULL,                                         "o-",            NULL                                        },
        {"aiven",     NULL,   NULL,                                        "UTC",          "p/{{topic}}-{{partition}}-{{start_offset}}", "p/o-",          NULL                                        },
        {"aiven",     NULL,   NULL,                                        "UTC",
         "aiven/{{topic}}/year={{timestamp:unit=yyyy}}/month={{ timestamp : unit=MM }}/"
         "day={{timestamp:unit=dd}}/hour={{timestamp:unit=HH}}/"
         "{{topic}}+{{partition}}+{{start_offset:padding=true}}.json",                                                                   "aiven/o/year=", "aiven/o/year=2026/month=11/day=20/hour=14/"},
        {"aiven",     NULL,   NULL,                                        "UTC",          "{{topic}}/{{partition}}/{{start_offset}}",   "o/",            NULL                                        },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct hint_sink sink = {.layout = cases[i].layout,
                                 .topics_dir = cases[i].dir,
                                 .path_format = cases[i].format,
                                 .timezone = cases[i].timezone,
                                 .name_template = cases[i].template};
        struct s3_plan plan;
        char dir[S3_PATH_SIZE];
        assert_true(s3_layout_plan(&plan, &sink, "o"));
        assert_string_equal(plan.root, cases[i].root);
        bool known = s3_layout_render(&plan, T, dir, sizeof(dir));
        assert_int_equal(known, cases[i].now != NULL);
        if (known)
            assert_string_equal(dir, cases[i].now);
    }
}

static void test_a_plan_never_watches_the_whole_bucket_by_mistake(void **state)
{
    (void)state;
    struct hint_sink sink = {.layout = "aiven", .name_template = "{{partition}}/{{topic}}"};
    struct s3_plan plan;
    char huge[2000];
    assert_false(s3_layout_plan(&plan, &sink, "o"));
    memset(huge, 'x', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    sink.layout = "confluent";
    sink.topics_dir = huge;
    assert_false(s3_layout_plan(&plan, &sink, "o"));
}

static void test_names_that_grow_with_time(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool yes;
    } cases[] = {
        {"2026",          true },
        {"year=2026",     true },
        {"dt=2026-11-20", true },
        {"hour=07",       true },
        {"20261120T1403", true },
        {"partition=0",   false},
        {"partition=12",  false},
        {"region=eu",     false},
        {"orders",        false},
        {"",              false},
        {"=",             false},
        {"v=1a",          false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (s3_layout_time_like(cases[i].name, strlen(cases[i].name)) != cases[i].yes)
            fail_msg("%s", cases[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_of_real_sinks),
        cmocka_unit_test(test_what_is_no_data_object),
        cmocka_unit_test(test_just_before_sorts_between_its_neighbours),
        cmocka_unit_test(test_where_sinks_write),
        cmocka_unit_test(test_a_plan_never_watches_the_whole_bucket_by_mistake),
        cmocka_unit_test(test_names_that_grow_with_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
