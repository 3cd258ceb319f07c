/* conninfo.h: finding the secrets inside addresses, to take them out before anybody prints one.
 *
 * A libpq connection is either a URL (postgresql:// or postgres://) or a string of keyword = value.
 * Every keyword that begins a secret ("password", "sslpassword", …) counts.
 */
#ifndef CDCTOP_CONFIG_CONNINFO_H
#define CDCTOP_CONFIG_CONNINFO_H

#include <stdbool.h>
#include <stddef.h>

bool conninfo_is_url(const char *conninfo);

/* NULL when the text has the shape of a conninfo, else what is wrong (a static string). */
const char *conninfo_bad(const char *conninfo);

/* Returns the password (decoded; malloc'd, wipe it) and takes it out of *conninfo, which is
 * replaced and wiped; NULL if there is none. The text must have passed conninfo_bad. */
char *conninfo_split_password(char **conninfo);

/* The value of a keyword ("dbname", "host"), decoded, malloc'd; NULL if it is not there. */
char *conninfo_get(const char *conninfo, const char *keyword);

/* True when a password, an sslpassword or the like stands in it. */
bool conninfo_has_secret(const char *conninfo);

/* Same for https://USER:PASSWORD@HOST: takes both out of *url. False when there is no user. */
bool conninfo_split_userinfo(char **url, char **username, char **password);

/* Overwrites with '*', in place and keeping the length, every secret of a conninfo or of a list of
 * URLs; when the shape is not understood, the whole text. */
void conninfo_mask(char *text);

#endif
