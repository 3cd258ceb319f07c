/* secrets.h: texts with their secrets masked.
 *
 * Pure. Kafka Connect returns passwords and secret keys in clear text (GET config and expand=info,
 * seen with 3.9.1), and quotes them in traces and in refusals: nothing of these may be kept or
 * shown but through here.
 */
#ifndef CDCTOP_BASE_SECRETS_H
#define CDCTOP_BASE_SECRETS_H

#include "base/arena.h"

#include <stdbool.h>

#define SECRETS_MASK "********"

/* True if the value of this config key is never to be shown. */
bool secrets_key(const char *key);

/* The value as it may be shown: masked whole for a secret key, a JAAS line or a private key; inside
 * a URL or a list of properties only the password is masked. A reference to a config provider
 * (${file:…}) is no secret and stays. The result is the value itself or lives in the arena. */
const char *secrets_mask(struct arena *arena, const char *key, const char *value);

/* Does this value hold a secret in the clear? Not where it is a reference to a config provider, and
 * not where it was masked before it came to us. `masked` is what secrets_mask made of it. */
bool secrets_literal(const char *key, const char *value, const char *masked);

/* The same for free text (traces, refusals): passwords in URLs, "password=…", "password":"…" and
 * "Invalid value … for configuration database.password" are masked. */
const char *secrets_mask_text(struct arena *arena, const char *text);

/* A masked copy of at most `max` bytes. It is cut after it was masked: half a URL, without the @
 * behind the password, is not known for one. */
char *secrets_masked(struct arena *arena, const char *text, size_t max);

#endif
