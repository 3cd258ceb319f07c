/* Java patterns in configs: what matches, what is refused, and that none costs the earth. */
#include "base/mem.h"
#include "model/javaregex.h"
#include "tests/check.h"

#include <string.h>

static void test_matches_as_java_does(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"abc",                                     "abc",                 true },
        {"abc",                                     "abcd",                false},
        {"bc",                                      "abc",                 false},
        {"",                                        "",                    true },
        {"",                                        "a",                   false},
        {"shop\\.public\\.(orders|customers|nopk)", "shop.public.orders",  true },
        {"shop\\.public\\.(orders|customers|nopk)", "shop.public.nopk",    true },
        {"shop\\.public\\.(orders|customers|nopk)", "shopxpublic.orders",  false},
        {"shop\\.public\\.(orders|customers|nopk)", "shop.public.orders2", false},
        {"shop.*",                                  "shop.public.orders",  true },
        {"a|b|c",                                   "b",                   true },
        {"a|b|c",                                   "c",                   true },
        {"a|b|c",                                   "ab",                  false},
        {"a|",                                      "",                    true },
        {"(a|bc)*d",                                "abcbcad",             true },
        {"(a|bc)*d",                                "abcbad",              false},
        {"a+b?c*",                                  "aab",                 true },
        {"a+b?c*",                                  "bccc",                false},
        {"a{2}",                                    "aa",                  true },
        {"a{2}",                                    "aaa",                 false},
        {"a{2,}",                                   "a",                   false},
        {"a{2,}",                                   "aaaaa",               true },
        {"a{2,4}",                                  "aaaa",                true },
        {"a{2,4}",                                  "aaaaa",               false},
        {"a{0,2}b",                                 "b",                   true },
        {"a{0,2}b",                                 "aab",                 true },
        {"a{0,2}b",                                 "aaab",                false},
        {"a{0}b",                                   "b",                   true },
        {"a{0}b",                                   "ab",                  false},
        {"(ab|c){2,3}",                             "abcab",               true },
        {"(ab|c){2,3}",                             "ab",                  false},
        {"a.*?b++",                                 "axxbb",               true },
        {"\\w+\\d\\s",                              "ab1 ",                true },
        {"\\D\\W\\S",                               "a-b",                 true },
        {"\\D",                                     "5",                   false},
        {"[a-c_-]+",                                "a-b_c",               true },
        {"[^.]+",                                   "a.b",                 false},
        {"[^.]+",                                   "ab",                  true },
        {"[]a]+",                                   "]a",                  true },
        {"[\\w.]+",                                 "a.b",                 true },
        {"[\\]]",                                   "]",                   true },
        {"\\Qa.b\\E.",                              "a.bx",                true },
        {"\\Qa.b\\E.",                              "axbx",                false},
        {"^shop$",                                  "shop",                true },
        {"a\\b.*",                                  "a.b",                 true },
        {"a\\b.*",                                  "ab",                  false},
        {"shop\\.(?!internal).*",                   "shop.orders",         true },
        {"shop\\.(?!internal).*",                   "shop.internal.x",     false},
        {"(?=.*x)[a-z]+",                           "axb",                 true },
        {"(?=.*x)[a-z]+",                           "ab",                  false},
        {"(?:ab)+",                                 "abab",                true },
        {"(?<name>ab)+",                            "abab",                true },
        {"(?i)SHOP\\.[A-C]+",                       "shop.abc",            true },
        {"SHOP",                                    "shop",                false},
        {"(a*)*b",                                  "aaab",                true },
        {"(a*)+",                                   "",                    true },
        {"(a)\\1",                                  "aa",                  true },
        {"(?<=a)b|a(?<=a)b",                        "ab",                  true },
        {"(?s).*",                                  "x",                   true },
        {"(|a)+b",                                  "aab",                 true },
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct javaregex *re = javaregex_new(arena, cases[i].pattern, false);
        if (re == NULL)
            fail_msg("%s is refused", cases[i].pattern);
        if (javaregex_matches(re, cases[i].text) != cases[i].matches)
            fail_msg("%s against %s", cases[i].pattern, cases[i].text);
    }
    assert_true(javaregex_matches(javaregex_new(arena, "Public\\.Orders", true), "PUBLIC.orders"));
    arena_free(arena);
}

static void test_what_is_not_understood_is_refused(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "(a", "a)", "[a", "[a-z&&[^b]]", "\\", "((a{999}){999}){999}", "[b-a]", "[a[b]]",
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
        if (javaregex_new(arena, patterns[i], false) != NULL)
            fail_msg("%s is not refused", patterns[i]);
    }
    arena_free(arena);
}

/* A backtracking matcher would not come back from these in a lifetime. */
static void test_hostile_patterns_end(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char text[250];
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_false(javaregex_matches(javaregex_new(arena, "(a*)*(a*)*(a|a)*b", false), text));
    assert_false(javaregex_matches(javaregex_new(arena, "(.*a){20}b", false), text));
    char deep[4000];
    memset(deep, '(', sizeof(deep) - 1);
    deep[sizeof(deep) - 1] = '\0';
    assert_null(javaregex_new(arena, deep, false));
    static char many[40000];
    for (size_t i = 0; i + 1 < sizeof(many); i++)
        many[i] = i % 2 == 0 ? 'a' : '|';
    many[sizeof(many) - 1] = '\0';
    assert_null(javaregex_new(arena, many, false));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches_as_java_does),
        cmocka_unit_test(test_what_is_not_understood_is_refused),
        cmocka_unit_test(test_hostile_patterns_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
