/* check.h: cmocka with what it needs before it, in the one order that works. */
#ifndef CDCTOP_TESTS_CHECK_H
#define CDCTOP_TESTS_CHECK_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#endif
