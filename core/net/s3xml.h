/* s3xml.h: the XML of S3's lists, read as it comes (xmltree.h is for small answers). The body is
 * foreign: a DOCTYPE is an error (no entities, no expansion), depth, counts and lengths are capped.
 */
#ifndef CDCTOP_NET_S3XML_H
#define CDCTOP_NET_S3XML_H

#include "net/s3list.h"

#include <stdbool.h>
#include <stddef.h>

struct s3xml_error { /* cleaned for display, cut to fit; "" what is missing */
    char code[80];
    char message[420]; /* "User: … is not authorized to …" has two ARNs in it */
    char region[64];
};

/* Reads the body of a 200; pure. What is no list is ERR_PROTOCOL, or the error it describes. */
bool s3xml_read_page(const char *body, size_t len, struct arena *arena, struct s3list_page *page,
                     struct err *err);

/* The same of a ListMultipartUploadsResult. */
bool s3xml_read_uploads(const char *body, size_t len, struct arena *arena,
                        struct s3list_uploads *page, struct err *err);

/* False when the body is no <Error> document with a code. */
bool s3xml_read_error(const char *body, size_t len, struct s3xml_error *e);

/* Takes %XX and '+' apart, in place (S3's encoding-type=url). What is no escape stays. An encoded
 * NUL stays encoded. */
void s3xml_unescape(char *text);

#endif
