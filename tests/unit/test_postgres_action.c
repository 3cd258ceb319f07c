/* What the actions on PostgreSQL decide and write without a server: names, previews, refusals. */
#include "action/pg_signal.h"
#include "action/pg_slot.h"
#include "base/mem.h"
#include "tests/check.h"

#include <stdio.h>
#include <string.h>

static void test_table_names(void **state)
{
    (void)state;
    static const struct {
        const char *text, *schema, *table;
    } good[] = {
        {"public.orders",            "public",    "orders" },
        {"shop.public.orders",       "public",    "orders" },
        {"\"My.Schema\".\"a\"\"b\"", "My.Schema", "a\"b"   },
        {"public.Größe",           "public",    "Größe"},
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct sqlname name;
        assert_true(sqlname_parse(good[i].text, &name, NULL));
        assert_string_equal(name.schema, good[i].schema);
        assert_string_equal(name.table, good[i].table);
    }
    static const char *bad[] = {"",        "orders", ".orders", "public.", "a..b",
                                "a.b.c.d", "a.b.c.", "\"a.b",   "\"a\"x.b"};
    char longer[400];
    (void)snprintf(longer, sizeof(longer), "public.%0300d", 0);
    for (size_t i = 0; i <= ARRAY_LEN(bad); i++) {
        struct err err = ERR_INIT;
        struct sqlname name;
        assert_false(sqlname_parse(i < ARRAY_LEN(bad) ? bad[i] : longer, &name, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
    }
}

static void test_previews_cannot_be_broken_out_of(void **state)
{
    (void)state;
    struct strbuf sb;
    strbuf_init(&sb, 4000);
    assert_true(pg_signal_sql(&sb, "public.\"sig\"\"; drop\"", "id'1", "execute-snapshot",
                              "{\"data-collections\":[\"public\\\\.x\"]}", NULL));
    assert_string_equal(sb.text,
                        "INSERT INTO \"public\".\"sig\"\"; drop\" (id, type, data) VALUES ("
                        "'id''1', 'execute-snapshot',"
                        " E'{\"data-collections\":[\"public\\\\\\\\.x\"]}')");
    strbuf_reset(&sb);
    pg_slot_drop_sql(&sb, "old'; x");
    assert_string_equal(sb.text, "SELECT pg_drop_replication_slot('old''; x')");
    strbuf_free(&sb);
}

static struct pg_slot_facts droppable(void)
{
    return (struct pg_slot_facts){.name = "old",
                                  .type = "logical",
                                  .server = "db:5432/shop",
                                  .active = TRI_NO,
                                  .temporary = TRI_NO,
                                  .synced = TRI_NO,
                                  .in_recovery = TRI_NO};
}

static void test_only_an_idle_logical_slot_may_be_dropped(void **state)
{
    (void)state;
    struct pg_slot_facts ok = droppable();
    assert_true(pg_slot_may_drop(&ok, NULL));
    struct pg_slot_facts refused[9];
    static const char *pieces[] = {
        "in use by process 42", "temporary",       "physical",        "primary",        "standby",
        "not tell enough",      "not tell enough", "not tell enough", "not tell enough"};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        refused[i] = droppable();
    refused[0].active = TRI_YES;
    refused[0].active_pid = 42;
    refused[1].temporary = TRI_YES;
    (void)snprintf(refused[2].type, sizeof(refused[2].type), "physical");
    refused[3].synced = TRI_YES;
    refused[4].in_recovery = TRI_YES;
    refused[5].active = TRI_UNKNOWN;
    refused[6].temporary = TRI_UNKNOWN;
    refused[7].synced = TRI_UNKNOWN;
    refused[8].in_recovery = TRI_UNKNOWN;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct err err = ERR_INIT;
        assert_false(pg_slot_may_drop(&refused[i], &err));
        if (strstr(err.text, pieces[i]) == NULL)
            fail_msg("'%s' does not say '%s'", err.text, pieces[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_names),
        cmocka_unit_test(test_previews_cannot_be_broken_out_of),
        cmocka_unit_test(test_only_an_idle_logical_slot_may_be_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
