/* What our libraries bring along and we do not need stays out of memory. */
#include "net/http.h"
#include "net/kafkaclient.h"
#include "tests/check.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* As GnuTLS finds it, which the linker has to have a hand in. */
static void test_gnutls_is_told_not_to_start(void **state)
{
    (void)state;
    http_close(http_open()); /* so that it is part of this program */
    int (*answer)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "_gnutls_global_init_skip");
    assert_int_equal(answer != NULL ? answer() : -1, 1);
}

static bool mapped(const char *part)
{
    char line[4096];
    bool found = false;
    FILE *f = fopen("/proc/self/maps", "re");
    assert_non_null(f);
    while (!found && fgets(line, sizeof(line), f) != NULL)
        found = strstr(line, part) != NULL;
    (void)fclose(f);
    return found;
}

static void test_a_kafka_client_loads_no_plugins(void **state)
{
    (void)state;
    const struct kafka_config cfg = {.timeout_ms = 5000};
    struct err err = ERR_INIT;
    struct kafkaclient *client = kafkaclient_new(&cfg, "127.0.0.1:1", NULL, &err);
    if (client == NULL)
        fail_msg("%s", err.text);
    assert_true(mapped("librdkafka"));
    assert_false(mapped("/sasl2/"));
    kafkaclient_close(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gnutls_is_told_not_to_start),
        cmocka_unit_test(test_a_kafka_client_loads_no_plugins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
