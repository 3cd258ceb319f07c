/* Theme files: somebody's own, from anywhere. */
#include "base/mem.h"
#include "base/strbuf.h"
#include "tui/draw/contrast.h"
#include "tui/draw/theme.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = mem_strndup((const char *)data, size);
    struct theme theme;
    struct err err = ERR_INIT;
    if (theme_parse(&theme, "fuzz", text, &err)) {
        struct strbuf faults;
        strbuf_init(&faults, 1 << 16);
        (void)contrast_faults(&theme, &faults);
        strbuf_free(&faults);
        for (int r = 0; r < ROLE_COUNT; r++) {
            const struct theme_entry *e = &theme.roles[r];
            bool in_range = e->c256 >= THEME_DEFAULT && e->c256 <= 255 && e->c16 >= THEME_DEFAULT &&
                            e->c16 <= 15 && e->c8 >= THEME_DEFAULT && e->c8 <= 7;
            if (!in_range)
                abort();
        }
    }
    free(text);
    return 0;
}
