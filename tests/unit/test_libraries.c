/* What our libraries bring along and we do not need costs neither memory nor time. */
#include "net/http.h"
#include "net/kafkaclient.h"
#include "tests/check.h"
#include "tests/unit/threads.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

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

static int threads; /* before the client */

static struct kafkaclient *kafka(void)
{
    static const struct kafka_config cfg = {.timeout_ms = 5000};
    struct err err = ERR_INIT;
    threads = threads_count();
    struct kafkaclient *client = kafkaclient_new(&cfg, "127.0.0.1:1", NULL, &err);
    if (client == NULL)
        fail_msg("%s", err.text);
    return client;
}

static void test_a_kafka_client_loads_no_plugins(void **state)
{
    (void)state;
    struct kafkaclient *client = kafka();
    assert_true(mapped("librdkafka"));
    assert_false(mapped("/sasl2/"));
    kafkaclient_close(client);
    threads_wait(threads);
}

/* What a thread's file in /proc holds; false if we may not look or it is gone. */
static bool of_thread(const char *tid, const char *file, char *text, int size)
{
    char path[300];
    (void)snprintf(path, sizeof(path), "/proc/%s/%s", tid, file);
    FILE *f = fopen(path, "re");
    bool ok = f != NULL && fgets(text, size, f) != NULL;
    if (f != NULL)
        (void)fclose(f);
    return ok;
}

static void untold(void)
{
    print_message("# forbidden here: this kernel does not tell a thread's timer slack\n");
    skip();
}

static void test_only_kafkas_threads_may_sleep_longer(void **state)
{
    (void)state;
    int ours = prctl(PR_GET_TIMERSLACK, 0UL, 0UL, 0UL, 0UL), seen = 0;
    if (ours <= 0)
        untold();
    struct kafkaclient *client = kafka();
    char name[32], slack[32];
    assert_int_equal(prctl(PR_GET_TIMERSLACK, 0UL, 0UL, 0UL, 0UL), ours);
    DIR *dir = opendir("/proc/self/task");
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (!of_thread(entry->d_name, "comm", name, sizeof(name)) ||
            strncmp(name, "rdk:main", 8) != 0 ||
            !of_thread(entry->d_name, "timerslack_ns", slack, sizeof(slack)))
            continue;
        assert_true(strtol(slack, NULL, 10) >= 1000 * 1000);
        seen++;
    }
    (void)closedir(dir);
    kafkaclient_close(client);
    threads_wait(threads);
    if (seen == 0)
        untold();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gnutls_is_told_not_to_start),
        cmocka_unit_test(test_a_kafka_client_loads_no_plugins),
        cmocka_unit_test(test_only_kafkas_threads_may_sleep_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
