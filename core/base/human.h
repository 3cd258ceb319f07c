/* human.h: figures as a person says them aloud: "41.2 GB", "6h 10m", "61,204", "842/s".
 *
 * Every function writes into buf (HUMAN_SIZE is always enough), returns buf, and writes "–" ("-" in
 * ASCII mode) for an unknown value: NAN, or HUMAN_UNKNOWN for integers. Bytes are decimal (1 MB =
 * 10^6 B), as AWS and PostgreSQL's own graphs in the field show them.
 */
#ifndef CDCTOP_BASE_HUMAN_H
#define CDCTOP_BASE_HUMAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HUMAN_SIZE = 40 };
#define HUMAN_UNKNOWN INT64_MIN

/* "0 B", "640 KB", "18.4 MB", "41.2 GB", "-3.1 MB" */
char *human_bytes(char *buf, int64_t bytes);
/* "1.2 MB/s" */
char *human_byte_rate(char *buf, double bytes_per_s);
/* "0.0", "0.6", "188.4", "1,204", "123.4k" (from 100,000 on): messages per second and the like */
char *human_rate(char *buf, double per_s);
/* "61,204"; from 10 million on "12.3M" */
char *human_count(char *buf, int64_t n);
/* The two digits that count, for narrow columns: "3.4 MB/s", "327KB", "61k", "0.6/s" */
char *human_short(char *buf, double v, const char *gap, const char *unit);
/* A duration in two units at most: "0.3s", "41s", "3m12s", "6h 10m", "2d 4h", "41d" */
char *human_duration_ms(char *buf, int64_t ms);
/* The same in one unit, for narrow columns: "0.3s", "41s", "3m", "6h", "2d" */
char *human_age_ms(char *buf, int64_t ms);
/* "83 %" */
char *human_percent(char *buf, double fraction);

/* Do two texts differ in their figures alone: "stopping for 2s", "stopping for 1m3s"? */
bool human_same_words(const char *a, const char *b);

/* Switches all of the above between "–" and "-"; set once at start from the terminal's locale. */
void human_ascii(int on);

#endif
