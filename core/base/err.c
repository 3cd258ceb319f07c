#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    const char *next;
} kinds[] = {
    [ERR_NONE] = {"none",        "nothing to do"                                                    },
    [ERR_TIMEOUT] = {"timeout",
                  "check that the server is up and not overloaded, and the network path to it"      },
    [ERR_REFUSED] = {"refused",     "check that the server runs, and its host and port"                },
    [ERR_DNS] = {"dns",         "check the host name and the resolver of this machine"             },
    [ERR_TLS] = {"tls",         "check the certificate, its CA and whether this port speaks TLS"   },
    [ERR_AUTH] = {"auth",        "check the user and its password, key or token"                    },
    [ERR_DENIED] = {"denied",      "grant the missing right to this user"                             },
    [ERR_NOTFOUND] = {"notfound",    "check the name; it may have been deleted"                         },
    [ERR_CONFLICT] = {"conflict",    "wait for the running operation to end, then try again"            },
    [ERR_SERVER] = {"server",      "read the server's own message and its log"                        },
    [ERR_PROTOCOL] =
        {"protocol",
                  "check that this address is the service it should be, not a proxy or another port"},
    [ERR_TOOBIG] = {"toobig",      "narrow what is asked for, or raise the limit in the configuration"},
    [ERR_UNSUPPORTED] = {"unsupported", "this server version does not offer it"                            },
    [ERR_CONFIG] = {"config",      "complete the configuration"                                       },
    [ERR_IO] = {"io",          "check the file and its permissions"                               },
    [ERR_STOPPED] = {"stopped",     "nothing to do: cdctop was asked to stop"                          },
};
static_assert(sizeof(kinds) / sizeof(kinds[0]) == ERR_KIND_COUNT, "a row per kind");

bool err_set(struct err *err, enum err_kind kind, int code, const char *fmt, ...)
{
    if (err == NULL)
        return false;
    err->kind = kind;
    err->code = code;
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(err->text, sizeof(err->text), fmt, ap);
    va_end(ap);
    /* Server texts often end in a newline or carry several lines; an error is one line. */
    for (char *p = err->text; *p != '\0'; p++) {
        if (*p == '\n' || *p == '\r' || *p == '\t')
            *p = ' ';
    }
    size_t n = strlen(err->text);
    while (n > 0 && err->text[n - 1] == ' ')
        err->text[--n] = '\0';
    return false;
}

bool err_wrap(struct err *err, const char *fmt, ...)
{
    if (err == NULL)
        return false;
    char old[sizeof(err->text)];
    memcpy(old, err->text, sizeof(old));
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(err->text, sizeof(err->text), fmt, ap);
    va_end(ap);
    size_t used = n < 0 ? 0 : (size_t)n;
    if (used < sizeof(err->text) - 3)
        (void)snprintf(err->text + used, sizeof(err->text) - used, ": %.*s",
                       (int)(sizeof(err->text) - used - 3), old);
    return false;
}

void err_clear(struct err *err)
{
    if (err != NULL)
        *err = (struct err)ERR_INIT;
}

const char *err_kind_name(enum err_kind kind)
{
    return (unsigned)kind < ERR_KIND_COUNT ? kinds[kind].name : "unknown";
}

const char *err_next_step(enum err_kind kind)
{
    return (unsigned)kind < ERR_KIND_COUNT ? kinds[kind].next : "";
}
