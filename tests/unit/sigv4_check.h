/* sigv4_check.h: runs a file of signing vectors, of any of the kinds in tests/vectors. */
#ifndef CDCTOP_TESTS_SIGV4_CHECK_H
#define CDCTOP_TESTS_SIGV4_CHECK_H

#include <stdbool.h>
#include <stdio.h>

struct sigv4_tally {
    int passed, failed;
};

/* Counts every vector; writes a line per difference to out. False when the file cannot be read as
 * vectors (said on out). */
bool sigv4_check_file(const char *path, struct sigv4_tally *tally, FILE *out);

#endif
