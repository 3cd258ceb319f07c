/* What callers of http.h ask beside exchanges: what a status means, and how a text goes into a URL.
 */
#include "net/http.h"

#include <string.h>

enum err_kind http_status_kind(long status)
{
    switch (status) {
    case 401:
    case 407: return ERR_AUTH;
    case 403: return ERR_DENIED;
    case 404:
    case 410: return ERR_NOTFOUND;
    case 405:
    case 501: return ERR_UNSUPPORTED;
    case 408:
    case 504: return ERR_TIMEOUT;
    case 409: return ERR_CONFLICT;
    default:
        /* A redirect is no answer of any API that we talk to: something stands in between. */
        return status >= 400 ? ERR_SERVER : ERR_PROTOCOL;
    }
}

void http_escape(struct strbuf *sb, const char *text, bool keep_slash)
{
    static const char hex[] = "0123456789ABCDEF";
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        bool plain = (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') ||
                     (*p >= '0' && *p <= '9') || strchr("-_.~", *p) != NULL ||
                     (keep_slash && *p == '/');
        if (plain) {
            strbuf_putc(sb, (char)*p);
        } else {
            char esc[3] = {'%', hex[*p >> 4], hex[*p & 15]};
            strbuf_add(sb, esc, sizeof(esc));
        }
    }
}
