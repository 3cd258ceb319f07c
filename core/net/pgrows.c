#include "base/lsn.h"
#include "net/pgconn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int pgrows_column(const struct pgrows *rows, const char *name)
{
    for (size_t i = 0; i < rows->ncols; i++) {
        if (strcmp(rows->names[i], name) == 0)
            return (int)i;
    }
    return -1;
}

const char *pgrows_text(const struct pgrows *rows, size_t row, int column)
{
    if (row >= rows->nrows || column < 0 || (size_t)column >= rows->ncols)
        return NULL;
    return rows->cells[row * rows->ncols + (size_t)column];
}

int64_t pgrows_int(const struct pgrows *rows, size_t row, int column, int64_t if_null)
{
    const char *text = pgrows_text(rows, row, column);
    if (text == NULL || text[0] == '\0')
        return if_null;
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    return *end == '\0' && errno == 0 ? (int64_t)v : if_null;
}

uint64_t pgrows_lsn(const struct pgrows *rows, size_t row, int column)
{
    uint64_t lsn;
    return lsn_parse(pgrows_text(rows, row, column), &lsn) ? lsn : LSN_NONE;
}

int pgrows_bool(const struct pgrows *rows, size_t row, int column)
{
    const char *text = pgrows_text(rows, row, column);
    if (text == NULL)
        return -1;
    return text[0] == 't' ? 1 : text[0] == 'f' ? 0 : -1;
}
