#include "net/pgerror.h"

#include "base/mem.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { STATE_LEN = 5 };

/* The longest prefix that fits wins: exact codes stand before their class. */
static const struct {
    const char *prefix;
    enum err_kind kind;
    const char *words; /* "": the server's own message says it all */
} states[] = {
    {"3D000", ERR_NOTFOUND,    "this database does not exist"            },
    {"08P01", ERR_PROTOCOL,    "protocol violation"                      },
    {"08",    ERR_REFUSED,     "connection lost"                         },
    {"28",    ERR_AUTH,        "login refused"                           },
    {"42501", ERR_DENIED,      "not permitted"                           },
    {"25006", ERR_DENIED,      "this session or server is read-only"     },
    {"42P01", ERR_NOTFOUND,    ""                                        },
    {"42704", ERR_NOTFOUND,    ""                                        },
    {"42883", ERR_UNSUPPORTED, ""                                        },
    {"42703", ERR_UNSUPPORTED, ""                                        },
    {"0A",    ERR_UNSUPPORTED, ""                                        },
    {"57014", ERR_TIMEOUT,     "the server gave up on the statement"     },
    {"57P01", ERR_REFUSED,     "the server ended the session"            },
    {"57P02", ERR_REFUSED,     "the server ended the session in a crash" },
    {"57P03", ERR_REFUSED,     "the server does not take connections now"},
    {"57P05", ERR_REFUSED,     "the server ended the idle session"       },
    {"55006", ERR_CONFLICT,    ""                                        },
    {"55P03", ERR_CONFLICT,    "somebody holds a lock on it"             },
    {"53300", ERR_SERVER,      "the server has no free connection"       },
    {"53100", ERR_SERVER,      "the server's disk is full"               },
    {"53200", ERR_SERVER,      "the server is out of memory"             },
    {"XX001", ERR_SERVER,      "the server reports corrupt data"         },
    {"XX002", ERR_SERVER,      "the server reports a corrupt index"      },
};

/* Texts of libpq and of the C library in a failed connection, most telling first. The program never
 * sets LC_MESSAGES, so they are English. */
static const struct {
    const char *needle;
    enum err_kind kind;
    const char *words;
} texts[] = {
    {"could not translate host name",       ERR_DNS,      "the host name does not resolve"           },
    {"could not parse network address",     ERR_CONFIG,   "the host address is not one"              },
    {"no password supplied",                ERR_AUTH,     "the server wants a password (PGPASSWORD)" },
    {"authentication method",               ERR_AUTH,     "login method"                             },
    {"SCRAM",                               ERR_AUTH,     "login"                                    },
    {"invalid response to SSL negotiation", ERR_PROTOCOL, "what listens there is not PostgreSQL"     },
    {"server does not support SSL",         ERR_TLS,      "the server does not speak TLS"            },
    {"certificate",                         ERR_TLS,      "TLS"                                      },
    {"SSL",                                 ERR_TLS,      "TLS"                                      },
    {"expected authentication request",     ERR_PROTOCOL, "what listens there is not PostgreSQL"     },
    {"invalid message length",              ERR_PROTOCOL, "what listens there is not PostgreSQL"     },
    {"received invalid",                    ERR_PROTOCOL, "what listens there is not PostgreSQL"     },
    {"unsupported frontend protocol",       ERR_PROTOCOL, "protocol"                                 },
    {"Connection refused",                  ERR_REFUSED,  "nothing listens there"                    },
    {"No such file or directory",           ERR_REFUSED,  "no such socket: the server does not run"  },
    {"Permission denied",                   ERR_REFUSED,  "the socket may not be opened"             },
    {"No route to host",                    ERR_REFUSED,  "the network does not lead there"          },
    {"Network is unreachable",              ERR_REFUSED,  "the network does not lead there"          },
    {"timed out",                           ERR_TIMEOUT,  "no answer in time"                        },
    {"timeout expired",                     ERR_TIMEOUT,  "no answer in time"                        },
    {"server closed the connection",        ERR_REFUSED,  "connection lost"                          },
    {"Connection reset",                    ERR_REFUSED,  "connection lost"                          },
    {"Broken pipe",                         ERR_REFUSED,  "connection lost"                          },
    {"session is read-only",                ERR_CONFIG,   "not the kind of server that was asked for"},
    {"session is not read-only",            ERR_CONFIG,   "not the kind of server that was asked for"},
    {"server is in hot standby",            ERR_CONFIG,   "not the kind of server that was asked for"},
    {"server is not in hot standby",        ERR_CONFIG,   "not the kind of server that was asked for"},
    {"definition of service",               ERR_CONFIG,   "no such service"                          },
    {"invalid",                             ERR_CONFIG,   "the connection settings do not fit"       },
};

static size_t find_state(const char *sqlstate)
{
    size_t i = 0;
    while (i < ARRAY_LEN(states) &&
           (sqlstate == NULL || strncmp(sqlstate, states[i].prefix, strlen(states[i].prefix)) != 0))
        i++;
    return i;
}

enum err_kind pgerror_kind(const char *sqlstate)
{
    size_t i = find_state(sqlstate);
    return i < ARRAY_LEN(states) ? states[i].kind : ERR_SERVER;
}

bool pgerror_set(struct err *err, const char *sqlstate, const char *message)
{
    size_t i = find_state(sqlstate);
    const char *words = i < ARRAY_LEN(states) ? states[i].words : "";
    const char *said = message != NULL ? message : "no message";
    return err_set(err, pgerror_kind(sqlstate), 0, "%s%s%.300s%s%s%s", words,
                   words[0] != '\0' ? ": " : "", said, sqlstate != NULL ? " (" : "",
                   sqlstate != NULL ? sqlstate : "", sqlstate != NULL ? ")" : "");
}

static bool is_state(const char *p)
{
    for (int i = 0; i < STATE_LEN; i++) {
        if (!isdigit((unsigned char)p[i]) && !isupper((unsigned char)p[i]))
            return false;
    }
    return p[STATE_LEN] == ':' && p[STATE_LEN + 1] == ' ';
}

/* Verbose messages read "FATAL:  28P01: password …\nLOCATION: …": finds "28P01: …". */
static const char *find_verbose(const char *text)
{
    for (const char *p = strstr(text, ":  "); p != NULL; p = strstr(p + 3, ":  ")) {
        if (is_state(p + 3))
            return p + 3;
    }
    return NULL;
}

/* libpq puts 'connection to server at "h" (1.2.3.4), port 5432 failed: ' before each attempt; where
 * it went is said by the caller, once. */
static const char *skip_where(const char *text)
{
    if (strncmp(text, "connection to server ", 21) != 0)
        return text;
    const char *end = strchr(text, '\n');
    const char *failed = strstr(text, " failed: ");
    return failed != NULL && (end == NULL || failed < end) ? failed + 9 : text;
}

bool pgerror_connect(struct err *err, const char *text)
{
    const char *state = find_verbose(text);
    if (state != NULL) {
        char code[STATE_LEN + 1];
        memcpy(code, state, STATE_LEN);
        code[STATE_LEN] = '\0';
        char said[320];
        const char *from = state + STATE_LEN + 2;
        (void)snprintf(said, sizeof(said), "%.*s", (int)strcspn(from, "\n"), from);
        return pgerror_set(err, code, said);
    }
    const char *said = skip_where(text);
    int len = (int)strcspn(said, "\n");
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        if (strstr(text, texts[i].needle) != NULL)
            return err_set(err, texts[i].kind, 0, "%s: %.*s", texts[i].words, len, said);
    }
    if (len == 0)
        return err_set(err, ERR_REFUSED, 0, "no reason given");
    return err_set(err, ERR_REFUSED, 0, "%.*s", len, said);
}

bool pgerror_conninfo(struct err *err, const char *text)
{
    if (text != NULL && strstr(text, "definition of service") != NULL)
        return err_set(err, ERR_CONFIG, 0, "the connection's service is not in the service file");
    char said[200];
    (void)snprintf(said, sizeof(said), "%s", text != NULL ? text : "");
    char *open = strchr(said, '"');
    /* "=" in 'missing "=" after "…"' is libpq's own. */
    while (open != NULL && open[1] != '\0' && open[2] == '"')
        open = strchr(open + 3, '"');
    const char *tail = "";
    if (open != NULL) {
        *open = '\0';
        tail = "…";
    }
    return err_set(err, ERR_CONFIG, 0, "the connection string cannot be read: %s%s", said, tail);
}
