#include "aws/mskconnect.h"

#include "base/mem.h"
#include "base/strbuf.h"

#include <ctype.h>
#include <string.h>

enum { PATH_BYTES = 8 * 1024 };

static char *path_of(const char *before, const char *arn, const char *rest)
{
    struct strbuf sb;
    strbuf_init(&sb, PATH_BYTES);
    strbuf_puts(&sb, before);
    for (const char *p = arn; *p != '\0'; p++) {
        if (isalnum((unsigned char)*p) || strchr("-._~", *p) != NULL)
            strbuf_putc(&sb, *p);
        else
            strbuf_printf(&sb, "%%%02X", (unsigned)(unsigned char)*p);
    }
    strbuf_puts(&sb, rest);
    return strbuf_take(&sb);
}

char *mskconnect_path(const char *arn, const char *rest)
{
    return path_of("/v1/connectors/", arn, rest);
}

char *mskconnect_operation_path(const char *arn)
{
    return path_of("/v1/connectorOperations/", arn, "");
}

static bool ends(const char *text, const char *end)
{
    size_t n = text != NULL ? strlen(text) : 0;
    size_t m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

bool mskconnect_ended(const char *state)
{
    return ends(state, "_COMPLETE") || ends(state, "_FAILED");
}

bool mskconnect_succeeded(const char *state)
{
    return ends(state, "_COMPLETE") && strncmp(state, "ROLLBACK", 8) != 0;
}
