/* javaregex.h: does a Java regular expression match a whole name, as Matcher.matches() says?
 * (PCRE2)
 *
 * Connectors choose topics and tables by Java patterns (topics.regex, table.include.list). PCRE2
 * understands them the same way but for class intersection and nested classes ([a-z&&[^b]]), which
 * are refused, and Unicode class names of Java's own, which do not compile. Bytes are matched, not
 * characters: the names of topics are ASCII.
 *
 * The patterns come from a server: length, nesting and the steps of one match are limited. A
 * pattern that needs more steps matches nothing from then on.
 */
#ifndef CDCTOP_MODEL_JAVAREGEX_H
#define CDCTOP_MODEL_JAVAREGEX_H

#include "base/arena.h"

#include <stdbool.h>

enum { JAVAREGEX_LENGTH = 16 * 1024, JAVAREGEX_NESTING = 100, JAVAREGEX_STEPS = 10 * 1000 };

struct javaregex;

/* In the arena; NULL if it is not understood or too large. */
struct javaregex *javaregex_new(struct arena *arena, const char *pattern, bool ignore_case);

/* The whole text matches. */
bool javaregex_matches(struct javaregex *re, const char *text);

#endif
