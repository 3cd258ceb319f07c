/* clock.h: the two clocks. Durations and deadlines use the monotonic one, anything shown to people
 * or compared with a server uses the wall clock. Both in milliseconds. Pure code takes `now` as a
 * parameter instead of asking here, so that tests, replay and the demo can move time. */
#ifndef CDCTOP_BASE_CLOCK_H
#define CDCTOP_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);
int64_t clock_wall_ms(void); /* since 1970, UTC */

/* Milliseconds left until a monotonic deadline, never negative, at most INT_MAX. */
int clock_left_ms(int64_t deadline_ms);

/* "2026-11-20T14:03:22Z" (or with milliseconds) into buf; returns buf. */
const char *clock_iso(int64_t wall_ms, char *buf, size_t size);
const char *clock_iso_ms(int64_t wall_ms, char *buf, size_t size);
const char *clock_hms(int64_t wall_ms, char *buf, size_t size); /* "14:03:22Z" */

/* ISO-8601 as S3, Connect and PostgreSQL (with 'T' or ' ') write it, to wall ms; -1 if it is not
 * one. */
int64_t clock_parse_iso(const char *text);

/* An HTTP Date header (RFC 9110 IMF-fixdate) to wall ms; -1 if it is not one. */
int64_t clock_parse_http_date(const char *text);

#endif
