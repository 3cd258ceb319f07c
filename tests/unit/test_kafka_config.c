/* Which topics are Connect's own: by the names of all three, never by one. */
#include "base/mem.h"
#include "source/kafka_config.h"
#include "tests/check.h"

#include <string.h>

enum { TOPICS = 4 };

/* Topics by name; the second one of each row has `parts` partitions. */
static bool internal(const char *const *names, size_t parts, const char *asked)
{
    static struct kafkaclient_part p[2];
    struct kafkaclient_topic topics[TOPICS];
    size_t n = 0;
    for (; n < TOPICS && names[n] != NULL; n++)
        topics[n] =
            (struct kafkaclient_topic){.name = names[n], .parts = p, .nparts = n == 1 ? parts : 2};
    const struct kafkaclient_meta meta = {.topics = topics, .ntopics = n};
    return kafka_configs_is_internal(&meta, asked);
}

static void test_three_siblings_are_connects(void **state)
{
    (void)state;
    static const char *const rows[][TOPICS] = {
        {"connect-offsets",                          "connect-configs",                          "connect-status",        NULL},
        {"_connect_offsets",                         "_connect_configs",                         "_connect_status",       NULL},
        {"my_connect_offsets",                       "my_connect_configs",                       "my_connect_statuses",   NULL},
        {"docker-connect-offset",                    "docker-connect-config",                    "docker-connect-status", NULL},
        {"__amazon_msk_connect_offsets_shop_1a2b-3", "__amazon_msk_connect_configs_shop_1a2b-3",
         "__amazon_msk_connect_status_shop_1a2b-3",                                                                       NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t k = 0; k < 3; k++) {
            if (!internal(rows[i], 1, rows[i][k]))
                fail_msg("%s is Connect's", rows[i][k]);
        }
    }
}

static void test_a_name_alone_proves_nothing(void **state)
{
    (void)state;
    static const char *const alone[] = {"shop.public.connect_status", "shop.public.orders", NULL};
    assert_false(internal(alone, 1, "shop.public.connect_status"));
    static const char *const others[] = {"a-offsets", "b-configs", "a-status", NULL};
    assert_false(internal(others, 1, "a-offsets"));
    /* Connect refuses a config topic of more than one partition. */
    static const char *const tables[] = {"app.offsets", "app.configs", "app.status", NULL};
    assert_false(internal(tables, 2, "app.offsets"));
    static const char *const inside[] = {"myoffsets", "myconfigs", "mystatus", NULL};
    assert_false(internal(inside, 1, "myoffsets"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_siblings_are_connects),
        cmocka_unit_test(test_a_name_alone_proves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
