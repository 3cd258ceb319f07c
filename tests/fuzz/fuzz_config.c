/* The configuration reader fed with anything: TOML, the option table, the checks and the printer.
 * Inert: no file is read and no command is run for what the text asks. What is accepted must print
 * as a configuration that is accepted again. */
#include "config/conninfo.h"
#include "config/load.h"
#include "config/print.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_print(const struct config *config)
{
    struct config_problems problems;
    char *text = config_print(config);
    struct config *again = config_load_text(text, strlen(text), true, &problems);
    if (again == NULL)
        abort();
    config_free(again);
    config_problems_free(&problems);
    free(text);
}

static void check_conninfo(const uint8_t *data, size_t size)
{
    char *text = calloc(1, size + 1);
    if (text == NULL)
        return;
    memcpy(text, data, size);
    char *masked = strdup(text);
    if (masked != NULL)
        conninfo_mask(masked);
    free(masked);
    if (conninfo_bad(text) == NULL) {
        free(conninfo_split_password(&text));
        free(conninfo_get(text, "dbname"));
        free(conninfo_get(text, "host"));
        if (conninfo_bad(text) != NULL)
            abort();
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config_problems problems;
    struct config *config = config_load_text((const char *)data, size, true, &problems);
    for (size_t i = 0; i < problems.count; i++) {
        if (strchr(problems.items[i].text, '\n') != NULL)
            abort();
    }
    config_problems_free(&problems);
    if (config != NULL)
        check_print(config);
    config_free(config);
    check_conninfo(data, size);
    return 0;
}
