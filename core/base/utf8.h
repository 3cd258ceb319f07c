/* utf8.h: reading, measuring and cleaning UTF-8 that others wrote (widths and categories:
 * utf8proc).
 *
 * Names come from servers. They may hold control characters, bad UTF-8, bidi overrides, 10,000
 * characters. utf8_clean is the one sanitiser: everything foreign passes it before it can reach a
 * terminal, a log or a dialog.
 */
#ifndef CDCTOP_BASE_UTF8_H
#define CDCTOP_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes one code point at s (n bytes left). Returns the bytes used (≥ 1 when n > 0); on bad UTF-8
 * *cp is U+FFFD and 1 byte is used. */
size_t utf8_decode(const char *s, size_t n, int32_t *cp);

/* Columns on a terminal: 0 (combining), 1 or 2; control and format characters count as 1, because
 * that is what utf8_clean puts there. */
int utf8_cp_width(int32_t cp);
int utf8_width(const char *s); /* of a whole string */

/* Writes at most size-1 bytes of a cleaned copy: C0/C1 controls, DEL, bidi and other format
 * controls, surrogates, unassigned specials and bad UTF-8 become one visible mark ('?' if ascii,
 * else U+FFFD); newline and tab become a space. At most 4 combining marks are kept on one base
 * character. Never splits a character. Returns dst. */
char *utf8_clean(char *dst, size_t size, const char *src, bool ascii);

/* True if utf8_clean would leave every byte as it is. */
bool utf8_is_clean(const char *s);

/* Appends `cols` columns of s at most; when something is cut, the last column is an ellipsis
 * ('…', or '~' if ascii). Returns the columns written. dst is NUL-terminated within size. */
int utf8_fit(char *dst, size_t size, const char *s, int cols, bool ascii);

/* Like utf8_fit, but keeps head and tail: "connect-offs…orders". For names whose end tells them
 * apart. */
int utf8_fit_middle(char *dst, size_t size, const char *s, int cols, bool ascii);

#endif
