/* gunzip.h: the beginning of a gzip stream, unpacked. The only file that sees zlib is gunzip.c. */
#ifndef CDCTOP_BASE_GUNZIP_H
#define CDCTOP_BASE_GUNZIP_H

#include <stdbool.h>
#include <stddef.h>

bool gunzip_is(const char *data, size_t n); /* by the first two bytes */

/* Unpacks at most max bytes into out (room for max); members one after the other are one stream.
 * Returns how many came; *whole: all of a stream that was whole. A stream that is cut, damaged or
 * larger gives what came before. */
size_t gunzip_head(const char *data, size_t n, char *out, size_t max, bool *whole);

#endif
