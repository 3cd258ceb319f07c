#include "aws/mskconnect.h"

#include "base/mem.h"
#include "base/strbuf.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { ENCODED_BYTES = 32 * 1024 };

char *mskconnect_encode(const char *text)
{
    struct strbuf sb;
    strbuf_init(&sb, ENCODED_BYTES);
    for (const char *p = text; *p != '\0'; p++) {
        if (isalnum((unsigned char)*p) || strchr("-._~", *p) != NULL)
            strbuf_putc(&sb, *p);
        else
            strbuf_printf(&sb, "%%%02X", (unsigned)(unsigned char)*p);
    }
    return strbuf_take(&sb);
}

static char *path_of(const char *before, const char *arn, const char *rest)
{
    char *encoded = mskconnect_encode(arn);
    char *path = mem_printf("%s%s%s", before, encoded, rest);
    free(encoded);
    return path;
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
