#include "base/gunzip.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

enum { GZIP_ONLY = 15 + 16 }; /* the largest window, and a gzip header */

bool gunzip_is(const char *data, size_t n)
{
    return n >= 2 && (unsigned char)data[0] == 0x1F && (unsigned char)data[1] == 0x8B;
}

size_t gunzip_head(const char *data, size_t n, char *out, size_t max, bool *whole)
{
    z_stream z = {0};
    *whole = false;
    if (n > UINT32_MAX || max > UINT32_MAX || inflateInit2(&z, GZIP_ONLY) != Z_OK)
        return 0;
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)n;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)max;
    int rc = Z_OK;
    while (rc == Z_OK && z.avail_out > 0) {
        rc = inflate(&z, Z_NO_FLUSH);
        bool more = rc == Z_STREAM_END && gunzip_is((const char *)z.next_in, z.avail_in);
        if (rc == Z_STREAM_END && !more)
            *whole = true;
        if (more)
            rc = inflateReset(&z);
    }
    size_t got = max - z.avail_out;
    (void)inflateEnd(&z);
    return got;
}
