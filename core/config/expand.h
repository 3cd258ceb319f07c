/* expand.h: ${env:NAME}, ${file:PATH} and ${cmd:PROGRAM ARGUMENTS} inside a value; $${ is a plain
 * "${". What comes in is not looked at again: an expanded value is never expanded once more.
 * ${secret:NAME#key} is only looked at for mistakes and stays: see secretref.h.
 */
#ifndef CDCTOP_CONFIG_EXPAND_H
#define CDCTOP_CONFIG_EXPAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXPAND_MAX_BYTES = 64 * 1024, EXPAND_CMD_MS = 10000, EXPAND_MAX_WORDS = 64 };

/* How an expanded part is written into the text around it, so that no character of a password can
 * end the place it stands in. */
enum expand_quoting { EXPAND_PLAIN, EXPAND_URL, EXPAND_CONNINFO };

struct expand {
    const char *dir; /* relative ${file:…} paths start here; NULL: the working directory */
    bool inert;      /* refuse files and commands (untrusted text) */
    bool login;      /* ${secret:…} may stand here */
    enum expand_quoting quoting;
    int64_t cmd_timeout_ms;
    bool expanded; /* out: something came from elsewhere */
    char why[256]; /* out: what failed; never holds an expanded value */
};

/* The expanded text (malloc'd; wipe it), or NULL with ctx->why. */
char *expand_text(struct expand *ctx, const char *text);

/* Appends a value as it must stand in that place. */
struct strbuf;
void expand_put(struct strbuf *sb, const char *value, enum expand_quoting quoting);

/* "dir/path" unless path is absolute; "~/" is the home directory. malloc'd. */
char *expand_path(const char *dir, const char *path);

/* Splits a command in place: blanks separate; '…' and "…" keep together; no other rule, so that
 * nobody expects a shell. Returns the words, of which argv has room for EXPAND_MAX_WORDS and a
 * NULL; -1: a quote is open, or there are too many. */
int expand_words(char *text, char **argv);

/* Runs a program without a shell and returns what it printed (malloc'd; wipe it), or NULL with
 * why. argv ends with NULL. Its standard input and error are /dev/null; it and its children are
 * killed when the time is over or stop_fd (-1: none) is readable. */
char *expand_run(char *const *argv, int64_t timeout_ms, int stop_fd, char *why, size_t why_size);

#endif
