/* tomledit.h: puts values into the text of a TOML document and touches nothing else: every comment,
 * blank line and order stays, byte for byte.
 *
 * The value of a key that is there is replaced on its line; a missing key goes to the end of its
 * section, a missing section to the end of the text. What comes out is parsed and compared with
 * what went in: a result that says anything else than was asked for is never handed out.
 */
#ifndef CDCTOP_CONFIG_TOMLEDIT_H
#define CDCTOP_CONFIG_TOMLEDIT_H

#include "base/err.h"

#include <stddef.h>

struct toml_change {
    const char *section; /* "ui", "ui.sort": bare words with dots; never in [[brackets]] */
    const char *key;     /* a bare word */
    const char *value;   /* as TOML has it: "\"2s\"", "[\"a\"]" */
};

/* The new text, malloc'd; NULL with *err set: ERR_CONFIG where the text is no TOML, or has the
 * section as an inline table. */
char *tomledit_set(const char *text, size_t n, const struct toml_change *change, struct err *err);

#endif
