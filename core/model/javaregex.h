/* javaregex.h: does a Java regular expression match a whole name, as Matcher.matches() says?
 *
 * Connectors choose topics and tables by Java patterns (topics.regex, table.include.list). They
 * come from a server, so they are run in time and memory that do not depend on how clever they are:
 * a small program (JAVAREGEX_MAX instructions), all alternatives at once, no backtracking.
 *
 * Understood: literals, \ escapes, \Q…\E, . [] with ranges, negation and \d \w \s, ( ) (?: ) (?<n>
 * ), | * + ? {m,n} (also lazy and possessive: for a whole match they are the same, but for the rare
 * possessive one that Java lets fail), ^ $ \b, look-ahead (?= ) (?! ), (?i) at the beginning.
 * Not understood (javaregex_new gives NULL): back references, look-behind, atomic groups, Unicode
 * classes, class intersection. Bytes are matched, not characters: the names are ASCII.
 */
#ifndef CDCTOP_MODEL_JAVAREGEX_H
#define CDCTOP_MODEL_JAVAREGEX_H

#include "base/arena.h"

#include <stdbool.h>

enum { JAVAREGEX_MAX = 8000 };

struct javaregex;

/* In the arena; NULL if it is not understood or too large. */
const struct javaregex *javaregex_new(struct arena *arena, const char *pattern, bool ignore_case);

/* The whole text matches. Thread-safe. */
bool javaregex_matches(const struct javaregex *re, const char *text);

#endif
