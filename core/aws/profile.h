/* profile.h: the shared files of the AWS CLI, ~/.aws/config and ~/.aws/credentials: sections, keys,
 * one level of keys below a key. What the keys mean is told in creds_profile.c.
 *
 * Untrusted text: bounded, and nothing of it is ever in an error. The rules are those of botocore
 * (Python's configparser) and of the SDKs' common reference: keys in any case, values up to " #" or
 * " ;", a key of the credentials file before the same one of the config file, the later of two,
 * [profile default] before [default]. Only the config file has [profile NAME] and [services NAME].
 */
#ifndef CDCTOP_AWS_PROFILE_H
#define CDCTOP_AWS_PROFILE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { PROFILE_FILE_MAX = 256 * 1024, PROFILE_ENTRIES_MAX = 8192 };

struct profiles;

struct profiles *profiles_new(void);
void profiles_free(struct profiles *p); /* wipes; NULL is fine */

/* The files where the environment says (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE) or where they
 * usually are. One that is not there is empty; NULL and *err when one is there and cannot be read:
 * whoever is named in it must not silently become somebody else. */
struct profiles *profiles_read(struct err *err);

/* Adds one file's text. False when a line of it is neither section, key nor comment; path is for
 * the error only. */
bool profiles_add(struct profiles *p, const char *path, const char *text, size_t n,
                  bool credentials, struct err *err);

bool profiles_has(const struct profiles *p, const char *name);
/* NULL: not given, or empty. Borrowed. */
const char *profiles_get(const struct profiles *p, const char *name, const char *key);
/* Of [services NAME]: the key below that of the service ("s3", "cloudwatch_logs"). */
const char *profiles_service(const struct profiles *p, const char *services, const char *service,
                             const char *key);

#endif
