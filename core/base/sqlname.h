/* sqlname.h: names and texts of SQL: reading "schema.table", quoting for statements and for people.
 */
#ifndef CDCTOP_BASE_SQLNAME_H
#define CDCTOP_BASE_SQLNAME_H

#include "base/err.h"
#include "base/strbuf.h"

enum { SQLNAME_PART = 128 };

struct sqlname {
    char schema[SQLNAME_PART], table[SQLNAME_PART];
};

/* "schema.table" or "database.schema.table" as connectors' configs have it, upper and lower case as
 * written; a part in double quotes may hold dots. ERR_CONFIG for what is no such name. */
bool sqlname_parse(const char *text, struct sqlname *name, struct err *err);

/* Always in double quotes, so that it can be pasted. */
void sqlname_identifier(struct strbuf *sb, const char *name);
/* In double quotes only where the server would read it differently without: for reading. */
void sqlname_plain(struct strbuf *sb, const char *name);
/* A literal that reads the same whatever standard_conforming_strings says. */
void sqlname_literal(struct strbuf *sb, const char *text);

#endif
