#include "net/pgtls.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <time.h>

int64_t pgtls_certificate_ends_ms(void *ssl)
{
    struct tm tm;
    X509 *certificate = ssl != NULL ? SSL_get1_peer_certificate(ssl) : NULL;
    if (certificate == NULL)
        return -1;
    bool read = ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm) == 1;
    X509_free(certificate);
    time_t when = read ? timegm(&tm) : -1;
    return when > 0 ? (int64_t)when * 1000 : -1;
}
