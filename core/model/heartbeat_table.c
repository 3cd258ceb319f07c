#include "model/heartbeat_table.h"

#include "base/sqlname.h"

#include <string.h>
#include <strings.h>

static const char blanks[] = " \t\r\n";

/* What follows the word, and the blanks behind it; NULL if text does not start with it. */
static const char *after_word(const char *text, const char *word)
{
    size_t n = strlen(word);
    if (strncasecmp(text, word, n) != 0)
        return NULL;
    size_t gap = strspn(text + n, blanks);
    return gap > 0 ? text + n + gap : NULL;
}

static const char *after_verb(const char *sql)
{
    const char *p = after_word(sql, "insert");
    if (p != NULL)
        return after_word(p, "into");
    p = after_word(sql, "update");
    const char *only = p != NULL ? after_word(p, "only") : NULL;
    return only != NULL ? only : p;
}

/* The length of a dotted name, with what is quoted in it. */
static size_t name_length(const char *text)
{
    size_t n = 0;
    for (bool quoted = false; text[n] != '\0'; n++) {
        if (text[n] == '"')
            quoted = !quoted;
        else if (!quoted && strchr(" \t\r\n(;", text[n]) != NULL)
            break;
    }
    return n;
}

/* The server folds what is not quoted. */
static void fold_case(char *text)
{
    bool quoted = false;
    for (char *p = text; *p != '\0'; p++) {
        if (*p == '"')
            quoted = !quoted;
        else if (!quoted && *p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    }
}

const char *heartbeat_table(const char *sql, struct arena *arena)
{
    const char *end = strchr(sql, ';');
    if (end != NULL && end[1 + strspn(end + 1, blanks)] != '\0')
        return NULL;
    const char *from = after_verb(sql + strspn(sql, blanks));
    if (from == NULL)
        return NULL;
    size_t n = name_length(from);
    if (n >= 2 * (size_t)SQLNAME_PART)
        return NULL;
    char *text = arena_strndup(arena, from, n);
    fold_case(text);
    struct sqlname name;
    if (!sqlname_parse(text, &name, NULL) || strpbrk(name.schema, ". ") != NULL ||
        strchr(name.table, '.') != NULL)
        return NULL;
    return arena_printf(arena, "%s.%s", name.schema, name.table);
}
