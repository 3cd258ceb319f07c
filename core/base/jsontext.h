/* jsontext.h: JSON read as it stands: values are slices of the text, so that a number keeps all of
 * its digits and members keep their order. For values of rows that people look at; what servers say
 * of themselves is read with json.h.
 *
 * Only jsontext_parse looks at foreign bytes; what it has accepted the others may trust.
 */
#ifndef CDCTOP_BASE_JSONTEXT_H
#define CDCTOP_BASE_JSONTEXT_H

#include "base/arena.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

enum { JSONTEXT_DEPTH = 64 };

struct jsontext { /* one value, without blanks around it; p NULL: none */
    const char *p;
    size_t n;
};

/* The text is one JSON value and nothing else, nested at most JSONTEXT_DEPTH deep. */
bool jsontext_parse(const char *text, size_t n, struct jsontext *value);

bool jsontext_is(struct jsontext value, char first); /* '{' '[' '"' */
bool jsontext_null(struct jsontext value);           /* the word null */
bool jsontext_same(struct jsontext a, struct jsontext b);

/* The next member of an object, or element of an array (key->p NULL); *at begins with 0. */
bool jsontext_next(struct jsontext in, size_t *at, struct jsontext *key, struct jsontext *value);
/* A member by name; p NULL when there is none, or `object` is none. */
struct jsontext jsontext_get(struct jsontext object, const char *name);

/* A string without quotes and escapes (\u0000 becomes U+FFFD); anything else as it stands. */
char *jsontext_plain(struct arena *arena, struct jsontext value);
/* A whole number; false: it is none, or too large. Also one in a string. */
bool jsontext_int(struct jsontext value, long long *out);

/* Laid out over lines, members indented by two columns. */
void jsontext_pretty(struct strbuf *out, struct jsontext value);

#endif
