/* secretref.h: ${secret:NAME#key} inside a login of the configuration: what AWS Secrets Manager
 * has, put in only when somebody logs in (aws/login.h). Until then it stands where it was written;
 * in a URL the whole of it percent-encoded, as the value of any other reference would be.
 */
#ifndef CDCTOP_CONFIG_SECRETREF_H
#define CDCTOP_CONFIG_SECRETREF_H

#include "config/expand.h"

#include <stdbool.h>
#include <stddef.h>

enum { SECRETREF_NAME = 640, SECRETREF_KEY = 160 };

struct secretref {
    const char *at; /* where it begins in the text, and how long it is there */
    size_t len;
    char name[SECRETREF_NAME + 1]; /* name or ARN of the secret */
    char key[SECRETREF_KEY + 1];   /* member of its JSON text; "": all of it */
};

/* Of "NAME#key" or "NAME": what is wrong with it (a static string); NULL: nothing. */
const char *secretref_bad(const char *inner);

/* The first one in the text; false: there is none. */
bool secretref_next(const char *text, struct secretref *ref);

/* Is the text one reference and nothing else? */
bool secretref_whole(const char *text);

#endif
