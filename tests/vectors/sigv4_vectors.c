/* sigv4-vectors FILE…: checks the signer against files of signing vectors. Prints each difference,
 * and last "N passed, N failed"; exits 1 when anything failed or nothing could be read. */
#include "tests/unit/sigv4_check.h"

int main(int argc, char **argv)
{
    struct sigv4_tally tally = {0};
    int readable = argc > 1;
    for (int i = 1; i < argc; i++) {
        struct sigv4_tally one = {0};
        readable &= sigv4_check_file(argv[i], &one, stdout);
        printf("%s: %d passed, %d failed\n", argv[i], one.passed, one.failed);
        tally.passed += one.passed;
        tally.failed += one.failed;
    }
    if (argc < 2)
        fputs("usage: sigv4-vectors FILE...\n", stderr);
    printf("%d passed, %d failed\n", tally.passed, tally.failed);
    return tally.failed == 0 && readable ? 0 : 1;
}
