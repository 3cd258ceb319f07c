/* The configuration: the example, the option table, all mistakes at once, no secret shown. */
#include "../check.h"

#include "config/config.h"
#include "config/load.h"
#include "config/options.h"
#include "config/print.h"
#include "tui/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* After a change of the option table: UPDATE_EXAMPLE=1 build/tests/unit/test_config */
static void the_example_file_is_what_the_table_says(void **state)
{
    (void)state;
    char *text = config_example(command_words());
    if (getenv("UPDATE_EXAMPLE") != NULL) {
        FILE *out = fopen("config.example.toml", "w");
        assert_non_null(out);
        assert_true(fputs(text, out) >= 0);
        assert_int_equal(fclose(out), 0);
    }
    char *file = calloc(1, 131072);
    FILE *in = fopen("config.example.toml", "r");
    assert_non_null(in);
    size_t n = fread(file, 1, 131071, in), same = 0;
    (void)fclose(in);
    while (same < n && file[same] == text[same])
        same++;
    if (same < n || text[same] != '\0')
        fail_msg("they differ from here on: %.60s", text + same);
    free(file);
    free(text);
}

static void the_example_names_every_option(void **state)
{
    (void)state;
    char *text = config_example(command_words());
    for (size_t i = 0; i < options_count; i++) {
        char live[80], quiet[80];
        (void)snprintf(live, sizeof(live), "\n%s = ", options[i].key);
        (void)snprintf(quiet, sizeof(quiet), "\n#%s = ", options[i].key);
        if (strstr(text, live) == NULL && strstr(text, quiet) == NULL)
            fail_msg("%s is missing", options[i].key);
    }
    free(text);
}

static void the_example_loads_without_problems(void **state)
{
    (void)state;
    struct config_problems problems;
    char *text = config_example(command_words());
    struct config *config = config_load_text_with(command_words(), text, strlen(text), &problems);
    free(text);
    assert_non_null(config);
    assert_int_equal(problems.count, 0);
    assert_int_equal(config->npipelines, 1);
    assert_int_equal(config->interval_ms, 2000);
    const struct pipeline_config *shop = &config->pipelines[0];
    assert_string_equal(shop->name, "shop");
    assert_string_equal(shop->postgres.conninfo, "postgresql://cdctop@127.0.0.1:15432/shop");
    assert_string_equal(shop->postgres.password, "lab-password-of-cdctop");
    assert_string_equal(shop->kafka.bootstrap_servers.items[0], "127.0.0.1:19092");
    assert_string_equal(shop->connect.urls.items[0], "http://127.0.0.1:18083");
    assert_string_equal(shop->s3.url, "s3://cdc-archive");
    assert_string_equal(shop->s3.endpoint, "http://127.0.0.1:19000");
    assert_int_equal(shop->thresholds.retained_crit, 10000000000);
    config_free(config);
    config_problems_free(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_file_is_what_the_table_says),
        cmocka_unit_test(the_example_names_every_option),
        cmocka_unit_test(the_example_loads_without_problems),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
