/* connect_text.h: what is made of the texts in Connect's answers: the root cause of a trace, and
 * values with their secrets masked.
 *
 * Pure. GET config and expand=info return passwords and secret keys in clear text (seen with
 * Connect 3.9.1): nothing of a config may enter a snapshot but through connect_mask.
 */
#ifndef CDCTOP_SOURCE_CONNECT_TEXT_H
#define CDCTOP_SOURCE_CONNECT_TEXT_H

#include "base/arena.h"

#include <stdbool.h>

#define CONNECT_MASK "********"

/* The last "Caused by:" of a Java trace (else its first line) in one line, exception classes
 * without their packages: "PSQLException: ERROR: …", its secrets masked. In the arena; NULL for
 * NULL or an empty trace. */
char *connect_cause(struct arena *arena, const char *trace);

/* True if the value of this config key is never to be shown. */
bool connect_secret_key(const char *key);

/* The value as it may be shown: masked whole for a secret key, a JAAS line or a private key; inside
 * a URL or a list of properties only the password is masked. A reference to a config provider
 * (${file:…}) is no secret and stays. The result is the value itself or lives in the arena. */
const char *connect_mask(struct arena *arena, const char *key, const char *value);

/* Does this value hold a secret in the clear? Not where it is a reference to a config provider, and
 * not where it was masked before it came to us. `masked` is what connect_mask made of it. */
bool connect_literal_secret(const char *key, const char *value, const char *masked);

/* The same for free text (traces): passwords in URLs, "password=…" and "password":"…" are masked.
 */
const char *connect_mask_text(struct arena *arena, const char *text);

/* A masked copy of at most `max` bytes. It is cut after it was masked: half a URL, without the @
 * behind the password, is not known for one. */
char *connect_masked(struct arena *arena, const char *text, size_t max);

#endif
