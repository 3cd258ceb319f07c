/* toml.h: a TOML document as a plain tree with positions: the C door to the parser library.
 *
 * Lines and columns are 1-based; columns count characters. Strings never hold a NUL. Text larger
 * than TOML_MAX_BYTES, nested deeper than TOML_MAX_DEPTH or with more than TOML_MAX_DOTS dots is
 * refused.
 */
#ifndef CDCTOP_CONFIG_TOML_H
#define CDCTOP_CONFIG_TOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { TOML_MAX_BYTES = 1000 * 1000, TOML_MAX_DEPTH = 16, TOML_MAX_DOTS = 8000 };

enum toml_kind {
    TOML_TABLE,
    TOML_ARRAY,
    TOML_STRING,
    TOML_INTEGER,
    TOML_FLOAT,
    TOML_BOOLEAN,
    TOML_TIME,
    TOML_KIND_COUNT
};

struct toml_node {
    enum toml_kind kind;
    char *key;                /* NULL in an array and at the root */
    int line, column;         /* of the value */
    int key_line, key_column; /* of the key; of the value where there is none */
    char *string;             /* TOML_STRING */
    int64_t integer;          /* TOML_INTEGER */
    double real;              /* TOML_FLOAT */
    bool boolean;             /* TOML_BOOLEAN */
    struct toml_node *items;  /* of a table (in the order of the file) or an array */
    size_t count;
};

struct toml_error {
    int line, column;
    char text[200]; /* one line; quotes nothing of the document */
};

/* The root table, or NULL with *error set. The caller owns it (toml_free). */
struct toml_node *toml_parse_text(const char *text, size_t n, struct toml_error *error);
void toml_free(struct toml_node *root); /* wipes every string; NULL is fine */

const struct toml_node *toml_get(const struct toml_node *table, const char *key);

#ifdef __cplusplus
}
#endif

#endif
