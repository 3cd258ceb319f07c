/* gzip streams: whole, cut, damaged, several in one, larger than there is room for. */
#include "base/gunzip.h"
#include "tests/check.h"

#include <string.h>

/* printf hello | gzip -n, and the same of "world\n". */
static const char hello[] =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86"
    "\xa6\x10\x36\x05\x00\x00\x00";

static void test_whole_and_cut(void **state)
{
    (void)state;
    char out[64];
    bool whole;
    size_t n = sizeof(hello) - 1;
    assert_true(gunzip_is(hello, n));
    assert_false(gunzip_is("{\"a\":1}", 7));
    assert_false(gunzip_is(hello, 1));
    assert_int_equal(gunzip_head(hello, n, out, sizeof(out), &whole), 5);
    assert_memory_equal(out, "hello", 5);
    assert_true(whole);
    assert_int_equal(gunzip_head(hello, n - 9, out, sizeof(out), &whole), 5);
    assert_false(whole); /* its end and checksum are missing */
    assert_int_equal(gunzip_head(hello, 4, out, sizeof(out), &whole), 0);
    assert_false(whole);
}

static void test_several_members_are_one_stream(void **state)
{
    (void)state;
    char two[2 * sizeof(hello)], out[64];
    bool whole;
    size_t n = sizeof(hello) - 1;
    memcpy(two, hello, n);
    memcpy(two + n, hello, n);
    assert_int_equal(gunzip_head(two, 2 * n, out, sizeof(out), &whole), 10);
    assert_memory_equal(out, "hellohello", 10);
    assert_true(whole);
}

static void test_no_more_than_there_is_room_for(void **state)
{
    (void)state;
    char out[8] = "-------";
    bool whole;
    assert_int_equal(gunzip_head(hello, sizeof(hello) - 1, out, 3, &whole), 3);
    assert_memory_equal(out, "hel-", 4);
    assert_false(whole);
}

static void test_damage_keeps_what_came_before(void **state)
{
    (void)state;
    char bad[sizeof(hello)], out[64];
    bool whole;
    memcpy(bad, hello, sizeof(hello));
    bad[18] = 0x11; /* the checksum */
    assert_int_equal(gunzip_head(bad, sizeof(hello) - 1, out, sizeof(out), &whole), 5);
    assert_false(whole);
    bad[10] = (char)0xFF; /* no block type */
    assert_int_equal(gunzip_head(bad, sizeof(hello) - 1, out, sizeof(out), &whole), 0);
    assert_false(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_and_cut),
        cmocka_unit_test(test_several_members_are_one_stream),
        cmocka_unit_test(test_no_more_than_there_is_room_for),
        cmocka_unit_test(test_damage_keeps_what_came_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
