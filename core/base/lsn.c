#include "base/lsn.h"
#include "base/hex.h"

#include <stdio.h>

/* Up to 8 hex digits; returns the first character behind them, or NULL when there are none or more.
 */
static const char *half(const char *p, uint64_t *out)
{
    uint64_t v = 0;
    int n = 0;
    for (int h; (h = hex_digit(*p)) >= 0; p++, n++)
        v = v << 4 | (uint64_t)h;
    *out = v;
    return n >= 1 && n <= 8 ? p : NULL;
}

bool lsn_parse(const char *text, uint64_t *lsn)
{
    uint64_t hi;
    uint64_t lo;
    const char *p = text != NULL ? half(text, &hi) : NULL;
    if (p == NULL || *p != '/' || (p = half(p + 1, &lo)) == NULL || *p != '\0')
        return false;
    *lsn = hi << 32 | lo;
    return true;
}

const char *lsn_text(uint64_t lsn, char *buf, size_t size)
{
    (void)snprintf(buf, size, "%X/%X", (unsigned)(lsn >> 32), (unsigned)(lsn & 0xFFFFFFFFU));
    return buf;
}
