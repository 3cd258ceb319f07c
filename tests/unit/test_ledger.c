/* What we did lately: found again by kind and target, replaced by its later states, bounded. */
#include "base/mem.h"
#include "model/ledger.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>

static void put(struct ledger *l, unsigned id, int kind, const char *target, enum ledger_state st)
{
    struct ledger_entry e = {.id = id, .kind = kind, .verb = "restart", .state = st};
    (void)snprintf(e.target, sizeof(e.target), "%s", target);
    ledger_put(l, &e);
}

static void test_a_later_state_replaces_the_earlier_one(void **state)
{
    (void)state;
    struct ledger *l = mem_alloc(sizeof(*l));
    put(l, 1, 0, "a", LEDGER_WATCHING);
    put(l, 2, 1, "a", LEDGER_WATCHING);
    put(l, 1, 0, "a", LEDGER_UNSEEN);
    assert_int_equal(ledger_size(l), 2);
    assert_int_equal(ledger_newest(l, 0, "a")->state, LEDGER_UNSEEN);
    assert_int_equal(ledger_newest(l, -1, "a")->id, 2);
    assert_null(ledger_newest(l, 0, "b"));
    assert_null(ledger_at(l, 2));
    free(l);
}

static void test_the_oldest_gives_way(void **state)
{
    (void)state;
    struct ledger *l = mem_alloc(sizeof(*l));
    for (unsigned i = 1; i <= LEDGER_MAX + 5; i++)
        put(l, i, 0, i % 2 == 0 ? "even" : "odd", LEDGER_WORKED);
    assert_int_equal(ledger_size(l), LEDGER_MAX);
    assert_int_equal(ledger_at(l, 0)->id, LEDGER_MAX + 5);
    assert_int_equal(ledger_at(l, LEDGER_MAX - 1)->id, 6);
    assert_int_equal(ledger_newest(l, 0, "even")->id, LEDGER_MAX + 4);
    free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_later_state_replaces_the_earlier_one),
        cmocka_unit_test(test_the_oldest_gives_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
