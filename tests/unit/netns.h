/* netns.h: a network of the test's own, in which an address of this machine is whatever it says. */
#ifndef CDCTOP_TESTS_NETNS_H
#define CDCTOP_TESTS_NETNS_H

#include <stdbool.h>
#include <stddef.h>

/* The process moves into it, for good: before its first thread. Nothing is there but lo, which has
 * 127.0.0.1 and these addresses (NULL-terminated). False: this machine forbids it, and why. */
bool netns_enter(const char *const *addresses, char *why, size_t size);

/* At the beginning of a test that needs it: leaves the test out, and says why, if `inside` is
 * false. tests/run-bins.sh knows the line. */
void netns_needed(bool inside, const char *why);

#endif
