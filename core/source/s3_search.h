/* s3_search.h: finds the end of a growing row of numbers by asking "is there anything from v on?":
 * doubling steps until the answer is no, then bisection. Pure. */
#ifndef CDCTOP_SOURCE_S3_SEARCH_H
#define CDCTOP_SOURCE_S3_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

struct s3_search {
    int64_t lo, hi; /* something is at lo; nothing from hi on (0: not known yet) */
    int64_t step;
};
int64_t s3_search_next(const struct s3_search *s);
void s3_search_feed(struct s3_search *s, int64_t asked, int64_t found); /* found -1: nothing */
bool s3_search_done(const struct s3_search *s, int64_t gap);

#endif
