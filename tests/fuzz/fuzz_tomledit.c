/* The editor of configuration texts fed with anything: what it hands out is TOML, says what was
 * asked for and nothing else (the editor compares itself), and does not change when asked again. */
#include "config/toml.h"
#include "config/tomledit.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct toml_change changes[] = {
    {"ui",         "theme",    "\"light\""           },
    {"ui",         "interval", "\"5s\""              },
    {"ui.sort",    "topics",   "\"lag reversed\""    },
    {"ui.columns", "topics",   "[\"topic\", \"lag\"]"},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = calloc(1, size + 1);
    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        char *out = tomledit_set(text, strlen(text), &changes[i], NULL);
        if (out == NULL)
            continue;
        struct toml_error error;
        struct toml_node *root = toml_parse_text(out, strlen(out), &error);
        if (root == NULL)
            abort();
        toml_free(root);
        char *again = tomledit_set(out, strlen(out), &changes[i], NULL);
        if (again == NULL || strcmp(again, out) != 0)
            abort();
        free(again);
        free(text);
        text = out;
    }
    free(text);
    return 0;
}
