/* lsn.h: PostgreSQL log sequence numbers: 64-bit positions in the WAL, written X/Y in hex. */
#ifndef CDCTOP_BASE_LSN_H
#define CDCTOP_BASE_LSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LSN_TEXT = 20 };
#define LSN_NONE UINT64_C(0) /* 0/0 is never a valid position */

bool lsn_parse(const char *text, uint64_t *lsn);            /* "16/B374D848" */
const char *lsn_text(uint64_t lsn, char *buf, size_t size); /* "–" is the caller's business: 0/0 */

#endif
