/* pgtls.h: what OpenSSL knows of the TLS session below a PostgreSQL connection. */
#ifndef CDCTOP_NET_PGTLS_H
#define CDCTOP_NET_PGTLS_H

#include <stdint.h>

/* ssl: libpq's own "OpenSSL" structure, borrowed; NULL: no TLS, or another library. When the
 * server's certificate ends; -1 unknown. */
int64_t pgtls_certificate_ends_ms(void *ssl);

#endif
