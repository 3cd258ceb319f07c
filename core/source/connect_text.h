/* connect_text.h: what is made of the texts in Connect's answers: the root cause of a trace. */
#ifndef CDCTOP_SOURCE_CONNECT_TEXT_H
#define CDCTOP_SOURCE_CONNECT_TEXT_H

#include "base/arena.h"

/* The last "Caused by:" of a Java trace (else its first line) in one line, exception classes
 * without their packages: "PSQLException: ERROR: …", its secrets masked. In the arena; NULL for
 * NULL or an empty trace. */
char *connect_cause(struct arena *arena, const char *trace);

#endif
