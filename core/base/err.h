/* err.h: what went wrong, said once where it happens and wrapped once per layer.
 *
 * An error is a value: the caller owns it (usually on its stack or inside a report) and hands it
 * down by pointer. Functions that can fail return false or NULL after having set it; functions that
 * succeed leave it untouched. Every kind carries the operator's next step (err_next_step).
 * A NULL `struct err *` is allowed everywhere and means "the caller does not want to know".
 */
#ifndef CDCTOP_BASE_ERR_H
#define CDCTOP_BASE_ERR_H

#include <stdbool.h>

enum err_kind {
    ERR_NONE,
    ERR_TIMEOUT,     /* the deadline passed before an answer came */
    ERR_REFUSED,     /* nothing listens, or the connection was reset */
    ERR_DNS,         /* the name does not resolve */
    ERR_TLS,         /* hand-shake or certificate */
    ERR_AUTH,        /* login refused: wrong user, password, key, signature */
    ERR_DENIED,      /* logged in, but this is not permitted */
    ERR_NOTFOUND,    /* the thing asked about does not exist */
    ERR_CONFLICT,    /* the server is busy with something else (Connect's 409) */
    ERR_SERVER,      /* the server answered with an error of its own (5xx, SQL error) */
    ERR_PROTOCOL,    /* the answer is not what this protocol says (HTML, truncated, bad JSON) */
    ERR_TOOBIG,      /* the answer is larger than we are willing to hold */
    ERR_UNSUPPORTED, /* this server version has no such call */
    ERR_CONFIG,      /* our configuration does not allow or describe it */
    ERR_IO,          /* a local file or descriptor */
    ERR_STOPPED,     /* we were told to stop */
    ERR_KIND_COUNT
};

struct err {
    enum err_kind kind;
    int code;       /* the library's or server's own number (errno, HTTP status), 0 if none */
    char text[512]; /* one line, no trailing full stop or newline */
};

#define ERR_INIT         \
    {                    \
        .kind = ERR_NONE \
    }

/* Sets kind, code and text. Returns false, so that `return err_set(…)` reads well. */
bool err_set(struct err *err, enum err_kind kind, int code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts "context: " before the text that is there. Returns false. */
bool err_wrap(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void err_clear(struct err *err);

/* The kind in one word ("timeout"), as it stands in JSON. Never NULL. */
const char *err_kind_name(enum err_kind kind);

/* What an operator does next about an error of this kind; a sentence without full stop. Never NULL.
 */
const char *err_next_step(enum err_kind kind);

#endif
