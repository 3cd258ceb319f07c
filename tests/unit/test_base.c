/* What the rest of the program relies on in core/base. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/human.h"
#include "base/json.h"
#include "base/log.h"
#include "base/lsn.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "tests/check.h"

#include <math.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_strbuf_stops_at_its_maximum(void **state)
{
    (void)state;
    struct strbuf sb;
    strbuf_init(&sb, 5);
    assert_true(strbuf_puts(&sb, "abc"));
    assert_false(strbuf_puts(&sb, "defg"));
    assert_true(sb.overflow);
    assert_string_equal(sb.text, "abcde");
    strbuf_free(&sb);
}

static void test_arena_memory_is_zeroed_again_after_reset(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    memset(arena_alloc(a, 100), 0xFF, 100);
    memset(arena_alloc(a, 100000), 0xFF, 100000);
    arena_reset(a);
    const unsigned char *p = arena_alloc(a, 4000);
    for (int i = 0; i < 4000; i++)
        assert_int_equal(p[i], 0);
    arena_free(a);
}

static void test_clean_removes_what_a_terminal_would_obey(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain",             "plain"                       },
        {"a\033[31mred",      "a\xEF\xBF\xBD[31mred"        },
        {"tab\tnl\n",         "tab nl "                     },
        {"\xE2\x80\xAEtxt",   "\xEF\xBF\xBDtxt"             }, /* right-to-left override */
        {"bad\xFF\xC3(",      "bad\xEF\xBF\xBD\xEF\xBF\xBD("}, /* not UTF-8 */
        {"\xC2\x9B"
         "31m",      "\xEF\xBF\xBD"
         "31m"                      }, /* C1 CSI */
        {"zwsp\xE2\x80\x8Bx", "zwsp\xEF\xBF\xBDx"           },
        {"ünï",             "ünï"                       },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char out[64];
        assert_string_equal(utf8_clean(out, sizeof(out), cases[i].in, false), cases[i].out);
        assert_true(utf8_is_clean(out) || strstr(out, "\xEF\xBF\xBD") != NULL);
        utf8_clean(out, sizeof(out), cases[i].in, true);
        for (const char *p = out; *p != '\0'; p++)
            assert_in_range((unsigned char)*p, 0x20, 0x7E);
    }
}

static void test_fit_cuts_with_an_ellipsis(void **state)
{
    (void)state;
    char out[64];
    assert_int_equal(utf8_fit(out, sizeof(out), "cdc.public.orders", 10, false), 10);
    assert_string_equal(out, "cdc.publi…");
    assert_int_equal(utf8_fit(out, sizeof(out), "short", 10, false), 5);
    assert_string_equal(out, "short");
    assert_int_equal(utf8_fit(out, sizeof(out), "漢字漢字", 5, false), 5);
    assert_string_equal(out, "漢字…");
    utf8_fit(out, sizeof(out), "cdc.public.orders", 10, true);
    assert_string_equal(out, "cdc.publi~");
    assert_int_equal(utf8_fit_middle(out, sizeof(out), "cdc.public.order_items", 11, false), 11);
    assert_string_equal(out, "cdc.p…items");
}

static void test_human_figures(void **state)
{
    (void)state;
    char b[HUMAN_SIZE];
    assert_string_equal(human_bytes(b, 0), "0 B");
    assert_string_equal(human_bytes(b, 18400000), "18.4 MB");
    assert_string_equal(human_bytes(b, 640000), "640 KB");
    assert_string_equal(human_bytes(b, 999999), "1.0 MB");
    assert_string_equal(human_bytes(b, HUMAN_UNKNOWN), "–");
    assert_string_equal(human_count(b, 61204), "61,204");
    assert_string_equal(human_count(b, -1234567), "-1,234,567");
    assert_string_equal(human_rate(b, 0.6), "0.6");
    assert_string_equal(human_rate(b, 1204.3), "1,204");
    assert_string_equal(human_rate(b, NAN), "–");
    assert_string_equal(human_rate(b, 999949), "999.9k");
    assert_string_equal(human_rate(b, 1234567), "1.2M");
    assert_string_equal(human_duration_ms(b, 192000), "3m12s");
    assert_string_equal(human_duration_ms(b, 22200000), "6h 10m");
    assert_string_equal(human_duration_ms(b, 300), "0.3s");
    assert_string_equal(human_age_ms(b, 125000), "2m");
    assert_string_equal(human_age_ms(b, -5), "0.0s");
}

/* What the strip of a narrow screen has room for. */
static void test_short_figures_are_short(void **state)
{
    (void)state;
    char b[HUMAN_SIZE];
    assert_string_equal(human_short(b, 20.04e6, " ", "B/s"), "20 MB/s");
    assert_string_equal(human_short(b, 3.44e6, " ", "B/s"), "3.4 MB/s");
    assert_string_equal(human_short(b, 326600, "", "B"), "327KB");
    assert_string_equal(human_short(b, 0.64, "", "/s"), "0.6/s");
    assert_string_equal(human_short(b, 5, "", ""), "5");
    assert_string_equal(human_short(b, 143469, "", ""), "143k");
    assert_string_equal(human_short(b, 999499, "", ""), "999k");
    assert_string_equal(human_short(b, 999500, "", ""), "1.0M");
    assert_string_equal(human_short(b, NAN, "", "B"), "–");
    for (double v = 0.01; v < 1e18; v *= 1.01) {
        assert_true(strlen(human_short(b, v, " ", "B/s")) <= 8);
        assert_true(strlen(human_short(b, v, "", "/s")) <= 6);
    }
}

static void test_lsn_text_both_ways(void **state)
{
    (void)state;
    uint64_t lsn;
    char b[LSN_TEXT];
    assert_true(lsn_parse("16/B374D848", &lsn));
    assert_true(lsn == UINT64_C(0x16B374D848));
    assert_string_equal(lsn_text(lsn, b, sizeof(b)), "16/B374D848");
    static const char *bad[] = {"", "/", "1/", "/1", "123456789/0", "0/123456789", "x/1", "1/2 "};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(lsn_parse(bad[i], &lsn));
}

static void test_times(void **state)
{
    (void)state;
    assert_int_equal(clock_parse_iso("2026-11-20T14:03:22Z"), 1795183402000);
    assert_int_equal(clock_parse_iso("2026-11-20 14:03:22.25+01"), 1795179802250);
    assert_int_equal(clock_parse_iso("2026-11-20T14:03:22.123456+01:30"), 1795178002123);
    assert_int_equal(clock_parse_iso("garbage"), -1);
    assert_int_equal(clock_parse_iso("2026-13-20T14:03:22Z"), -1);
    assert_int_equal(clock_parse_http_date("Fri, 20 Nov 2026 14:03:22 GMT"), 1795183402000);
    assert_int_equal(clock_parse_http_date("yesterday"), -1);
    char b[40];
    assert_string_equal(clock_iso(1795183402000, b, sizeof(b)), "2026-11-20T14:03:22Z");
}

static void test_json_for_a_terminal(void **state)
{
    (void)state;
    static const struct {
        const char *json, *clean;
    } cases[] = {
        {"{\"a\":\"b\",\n\t\"c\":1}", "{\"a\":\"b\",\n\t\"c\":1}"},
        {"\"ä€😀\"",             "\"ä€😀\""            },
        {"\"\302\2332J\"",            "\"\\u009b2J\""            }, /* CSI as one character */
        {"\"\342\200\256x\"",         "\"\\u202ex\""             }, /* right-to-left override */
        {"\"\177\"",                  "\"\\u007f\""              },
        {"\"\363\240\201\201\"",      "\"\\udb40\\udc41\""       }, /* a tag character */
        {"\"a\377b\"",                "\"a\\ufffdb\""            },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct strbuf sb;
        strbuf_init(&sb, 1000);
        json_put_clean(&sb, cases[i].json);
        assert_string_equal(sb.text, cases[i].clean);
        strbuf_free(&sb);
    }
}

static void test_json_refuses_what_is_not_json(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_null(json_parse("<html>no</html>", 15, &err));
    assert_int_equal(err.kind, ERR_PROTOCOL);
    assert_non_null(strstr(err.text, "<html>"));
    char deep[400];
    memset(deep, '[', sizeof(deep));
    assert_null(json_parse(deep, sizeof(deep), &err));
    assert_int_equal(err.kind, ERR_PROTOCOL);
    static const char good[] = "{\"a\":\"9007199254740993\",\"b\":2.5,\"c\":true}";
    cJSON *j = json_parse(good, strlen(good), &err);
    assert_non_null(j);
    assert_true(json_int(j, "a", 0) == INT64_C(9007199254740993));
    assert_true(json_bool(j, "c", false));
    assert_int_equal(json_int(j, "missing", -7), -7);
    cJSON_Delete(j);
}

static void test_a_log_pipe_without_a_reader_is_refused(void **state)
{
    (void)state;
    char dir[] = "/tmp/cdctop-base.XXXXXX", path[64];
    struct err err = ERR_INIT;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof(path), "%s/log", dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    (void)alarm(20); /* it must not wait for one */
    assert_false(log_open(path, LOG_INFO, &err));
    assert_int_equal(err.kind, ERR_IO);
    (void)alarm(0);
    (void)unlink(path);
    (void)rmdir(dir);
}

static void crypto_went_down(void)
{
    _exit(7);
}

/* Detached threads may be in the middle of a TLS good-bye when the program ends. */
static void test_crypto_outlives_the_exit(void **state)
{
    (void)state;
    int status = -1;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        mem_keep_crypto();
        (void)OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL); /* as libraries do */
        (void)OPENSSL_atexit(crypto_went_down); /* called when it is taken down */
        exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_texts_that_differ_in_figures_alone(void **state)
{
    (void)state;
    assert_true(human_same_words("RESTARTING, for 0.1s", "RESTARTING, for 1m03s"));
    assert_true(human_same_words("0 of 1 tables done", "1 of 1 tables done"));
    assert_true(human_same_words("", ""));
    assert_false(human_same_words("stopping", "stopped after 3s"));
    assert_false(human_same_words("for 3s", "for 3s more"));
    assert_false(human_same_words("for 3s", "for ever"));
    assert_false(human_same_words("", "sending"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strbuf_stops_at_its_maximum),
        cmocka_unit_test(test_arena_memory_is_zeroed_again_after_reset),
        cmocka_unit_test(test_clean_removes_what_a_terminal_would_obey),
        cmocka_unit_test(test_fit_cuts_with_an_ellipsis),
        cmocka_unit_test(test_human_figures),
        cmocka_unit_test(test_short_figures_are_short),
        cmocka_unit_test(test_lsn_text_both_ways),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_json_for_a_terminal),
        cmocka_unit_test(test_json_refuses_what_is_not_json),
        cmocka_unit_test(test_a_log_pipe_without_a_reader_is_refused),
        cmocka_unit_test(test_texts_that_differ_in_figures_alone),
        cmocka_unit_test(test_crypto_outlives_the_exit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
