/* JSON as it stands: what is accepted, what is found, what strings and numbers become. */
#include "base/jsontext.h"
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

static struct jsontext parsed(const char *text)
{
    struct jsontext value;
    assert_true(jsontext_parse(text, strlen(text), &value));
    return value;
}

static void test_what_is_json(void **state)
{
    (void)state;
    static const char *const good[] = {
        "{}",         "[]", " {\"a\":1} ", "[1,-2.5e+3,\"x\\u00e9\\n\",null,true,false]",
        "\"\"",       "0",  "-0.5E-2",     "{\"a\":{\"b\":[{}]},\"a\":2}",
        "\n[ 1 , 2 ]"};
    static const char *const bad[] = {
        "",     " ",     "{",       "}",         "{\"a\"}",   "{\"a\":}", "{\"a\":1,}",
        "[1,]", "[1 2]", "{a:1}",   "'a'",       "nul",       "tru",      "1.",
        "-",    "1e",    "\"\\x\"", "\"\\u12g4", "\"abc",     "\"a\nb\"", "{} {}",
        "[1]x", "+1",    ".5",      "{\"a\":1]", "\"\\u12\"", "\"\\",     "[\"a\":1]"};
    struct jsontext value;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        (void)parsed(good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (jsontext_parse(bad[i], strlen(bad[i]), &value))
            fail_msg("taken for JSON: %s", bad[i]);
        assert_null(value.p);
    }
    assert_false(
        jsontext_parse("{\"a\":1}", 6, &value)); /* what stands behind n is not looked at */
}

static void test_depth_is_bounded(void **state)
{
    (void)state;
    char deep[2 * JSONTEXT_DEPTH + 4];
    struct jsontext value;
    for (size_t n = JSONTEXT_DEPTH; n <= JSONTEXT_DEPTH + 1; n++) {
        memset(deep, '[', n);
        memset(deep + n, ']', n);
        assert_int_equal(jsontext_parse(deep, 2 * n, &value), n == JSONTEXT_DEPTH);
    }
    struct strbuf out;
    strbuf_init(&out, 64);
    memset(deep, '[', JSONTEXT_DEPTH);
    memset(deep + JSONTEXT_DEPTH, ']', JSONTEXT_DEPTH);
    assert_true(jsontext_parse(deep, 2 * JSONTEXT_DEPTH, &value));
    jsontext_pretty(&out, value);
    assert_true(out.overflow);
    strbuf_free(&out);
}

static void test_members_and_elements(void **state)
{
    (void)state;
    struct jsontext o =
        parsed("{ \"id\" : 9007199254740993 , \"s\":\"a\\\"b\", \"n\":null,\"l\":[1, {\"x\":2}] }");
    struct jsontext id = jsontext_get(o, "id"), key, value;
    assert_int_equal(id.n, 16); /* no digit is lost */
    assert_memory_equal(id.p, "9007199254740993", 16);
    assert_true(jsontext_null(jsontext_get(o, "n")));
    assert_null(jsontext_get(o, "x").p); /* of another level */
    assert_null(jsontext_get(jsontext_get(o, "l"), "x").p);
    size_t at = 0, n = 0;
    while (jsontext_next(o, &at, &key, &value))
        n++;
    assert_int_equal(n, 4);
    at = 0;
    assert_true(jsontext_next(jsontext_get(o, "l"), &at, &key, &value));
    assert_null(key.p);
    assert_memory_equal(value.p, "1", 1);
    assert_true(jsontext_next(jsontext_get(o, "l"), &at, &key, &value));
    assert_true(jsontext_is(value, '{'));
    assert_false(jsontext_next(jsontext_get(o, "l"), &at, &key, &value));
    at = 0;
    assert_false(jsontext_next(parsed("{ }"), &at, &key, &value));
    assert_false(jsontext_next(parsed("12"), &at, &key, &value));
}

static void test_strings_and_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *json, *text;
    } cases[] = {
        {"\"plain\"",               "plain"        },
        {"\"a\\tb\\\"c\\\\d\\/e\"", "a\tb\"c\\d/e" },
        {"\"\\u00e9\\u20ac\"",      "é€"        },
        {"\"\\ud83d\\ude00\"",      "😀"         },
        {"\"\\ud83d!\"",            "\xEF\xBF\xBD!"},
        {"\"\\u0000\"",             "\xEF\xBF\xBD" },
        {"12.50",                   "12.50"        },
        {"{\"a\": 1}",              "{\"a\": 1}"   },
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(jsontext_plain(arena, parsed(cases[i].json)), cases[i].text);
    long long v;
    assert_true(jsontext_int(parsed("9007199254740993"), &v));
    assert_true(v == 9007199254740993);
    assert_true(jsontext_int(parsed("\"-7\""), &v));
    assert_int_equal(v, -7);
    assert_false(jsontext_int(parsed("1.5"), &v));
    assert_false(jsontext_int(parsed("\"x\""), &v));
    assert_false(jsontext_int(parsed("99999999999999999999"), &v));
    arena_free(arena);
}

static void test_laid_out(void **state)
{
    (void)state;
    struct strbuf out;
    strbuf_init(&out, 4096);
    jsontext_pretty(&out, parsed("{\"a\":1,\"b\":{\"c\":[1,\"x\"],\"d\":{}},\"e\":[]}"));
    assert_string_equal(out.text, "{\n"
                                  "  \"a\": 1,\n"
                                  "  \"b\": {\n"
                                  "    \"c\": [\n"
                                  "      1,\n"
                                  "      \"x\"\n"
                                  "    ],\n"
                                  "    \"d\": {}\n"
                                  "  },\n"
                                  "  \"e\": []\n"
                                  "}");
    strbuf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_json),
        cmocka_unit_test(test_depth_is_bounded),
        cmocka_unit_test(test_members_and_elements),
        cmocka_unit_test(test_strings_and_numbers),
        cmocka_unit_test(test_laid_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
