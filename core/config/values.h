/* values.h: numbers with units, and the shapes of addresses, as people write them in a file.
 *
 * The readers return false on anything that is not wholly such a value. The writers give the
 * shortest text that reads back as exactly the same number.
 */
#ifndef CDCTOP_CONFIG_VALUES_H
#define CDCTOP_CONFIG_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VALUE_SIZE = 64 };

bool value_integer(const char *text, int64_t *out); /* "10000", "10_000", "10,000" */
bool value_duration(const char *text, int64_t *ms); /* "2s", "500ms", "1h30m", "2 d", "1.5s" */
bool value_bytes(const char *text, int64_t *bytes); /* "10 GB", "512 MiB", "1024" */
bool value_percent(const char *text, int64_t *pct); /* "150%", "150 %", "150" */
bool value_bool(const char *text, bool *out);       /* "true", "false" */

const char *value_print_duration(char *buf, int64_t ms);
const char *value_print_bytes(char *buf, int64_t bytes);
const char *value_print_percent(char *buf, int64_t pct);
const char *value_print_integer(char *buf, int64_t n); /* "10_000" */

/* NULL when the text is well formed, else what is wrong with it (a static string). */
const char *value_bad_host_port(const char *text);
const char *value_bad_http_url(const char *text); /* user:password@ is allowed */
const char *value_bad_join(const char *text);     /* CONNECTOR=VALUE */
const char *value_bad_s3_url(const char *text);

/* Edits (insert, delete, replace, swap of neighbours) from a to b; at most `limit` + 1. */
int value_distance(const char *a, const char *b, int limit);

/* The best of `names` for a mistyped word, or NULL when none is near. */
const char *value_nearest(const char *word, const char *const *names, size_t count);

#endif
