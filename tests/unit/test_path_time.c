/* What time a sink's directory stands for, and what clock a zone shows. */
#include "base/clock.h"
#include "base/mem.h"
#include "model/path_time.h"
#include "tests/check.h"

#define HOUR_MS INT64_C(3600000)
#define HOURLY  "'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH"

static void test_directories(void **state)
{
    (void)state;
    static const struct {
        const char *format, *path, *from; /* NULL: cannot be read */
        int64_t span;
    } cases[] = {
        {HOURLY,                  "year=2026/month=11/day=20/hour=14/t+0+1.json", "2026-11-20T14:00:00Z", HOUR_MS     },
        {"'dt'=yyyy-MM-dd",       "dt=2026-11-20/t+0+1.json",                     "2026-11-20T00:00:00Z", 24 * HOUR_MS},
        {"yyyy/M/d/H",            "2026/1/2/3/t+0+1.json",                        "2026-01-02T03:00:00Z", HOUR_MS     },
        {"YYYYMMddHHmm",          "202611201405/t",                               "2026-11-20T14:05:00Z", HOUR_MS     },
        {HOURLY,                  "year=2026/month=11/day=20/t+0+1.json",         NULL,                   0           },
        {HOURLY,                  "year=2026/month=13/day=20/hour=14/t",          NULL,                   0           },
        {HOURLY,                  "partition=0/t+0+1.json",                       NULL,                   0           },
        {HOURLY,                  "",                                             NULL,                   0           },
        {"'year'=YYYY/'week'=ww", "year=2026/week=47/t",                          NULL,                   0           },
        {"'hour'=HH",             "hour=14/t",                                    NULL,                   0           },
        {"'open",                 "open",                                         NULL,                   0           },
        {"",                      "x",                                            NULL,                   0           },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct path_time t;
        bool ok = path_time_read(cases[i].format, cases[i].path, &t);
        if (ok != (cases[i].from != NULL))
            fail_msg("%s by %s: %d", cases[i].path, cases[i].format, ok);
        if (!ok)
            continue;
        assert_true(t.from_ms == clock_parse_iso(cases[i].from));
        assert_true(t.to_ms - t.from_ms == cases[i].span);
    }
}

static void test_zones(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        int low, high; /* minutes */
    } cases[] = {
        {NULL,               0,        0      },
        {"UTC",              0,        0      },
        {"Etc/UTC",          0,        0      },
        {"+02:00",           120,      120    },
        {"-0330",            -210,     -210   },
        {"GMT+5",            300,      300    },
        {"UTC-05:30",        -330,     -330   },
        {"Etc/GMT+5",        -300,     -300   },
        {"America/New_York", -600,     -60    },
        {"Europe/Paris",     0,        240    },
        {"Asia/Tokyo",       120,      720    },
        {"CET",              -12 * 60, 14 * 60},
        {"+99:00",           -12 * 60, 14 * 60},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t low, high;
        path_time_zone(cases[i].zone, &low, &high);
        if (low != (int64_t)cases[i].low * 60000 || high != (int64_t)cases[i].high * 60000)
            fail_msg("%s: %lld to %lld", cases[i].zone, (long long)low, (long long)high);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_directories),
        cmocka_unit_test(test_zones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
