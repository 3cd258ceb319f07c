/* shape_int.h: how the rows of shape.h are written.
 *
 * A struct's list is a macro LIST(F, T) of rows F(T, TYPE, member, REDACT) in the order of its
 * members, arrays as F(T, ROWS, member, REDACT, count member, shape). SHAPE() makes of it the
 * table, and an initializer whose number of values the compiler compares with the struct: a member
 * without a row is a "missing initializer".
 */
#ifndef CDCTOP_RECORD_SHAPE_INT_H
#define CDCTOP_RECORD_SHAPE_INT_H

#include "base/mem.h"
#include "record/shape.h"

#include <assert.h>

#define ROW(T, type, ...) ROW_##type(T, __VA_ARGS__)
#define ROW_PLAIN(T, type_, member, redact_) \
    {.name = #member, .type = (type_), .redact = REDACT_##redact_, .offset = offsetof(T, member)},
#define ROW_BOOL(T, ...) ROW_PLAIN(T, FIELD_BOOL, __VA_ARGS__)
#define ROW_INT(T, ...)  ROW_PLAIN(T, FIELD_INT, __VA_ARGS__)
#define ROW_I32(T, ...)  ROW_PLAIN(T, FIELD_I32, __VA_ARGS__)
#define ROW_SIZE(T, ...) ROW_PLAIN(T, FIELD_SIZE, __VA_ARGS__)
#define ROW_I64(T, ...)  ROW_PLAIN(T, FIELD_I64, __VA_ARGS__)
#define ROW_ZERO(T, ...) ROW_PLAIN(T, FIELD_ZERO, __VA_ARGS__)
#define ROW_F64(T, ...)  ROW_PLAIN(T, FIELD_F64, __VA_ARGS__)
#define ROW_LSN(T, ...)  ROW_PLAIN(T, FIELD_LSN, __VA_ARGS__)
#define ROW_TRI(T, ...)  ROW_PLAIN(T, FIELD_TRI, __VA_ARGS__)
#define ROW_CHAR(T, ...) ROW_PLAIN(T, FIELD_CHAR, __VA_ARGS__)
#define ROW_STR(T, ...)  ROW_PLAIN(T, FIELD_STR, __VA_ARGS__)
#define ROW_NAME(T, ...) ROW_PLAIN(T, FIELD_NAME, __VA_ARGS__)
#define ROW_SKIP(T, member)
#define ROW_TEXT(T, member, redact_) \
    {.name = #member,                \
     .type = FIELD_TEXT,             \
     .redact = REDACT_##redact_,     \
     .offset = offsetof(T, member),  \
     .size = sizeof(((T){0}).member)},
#define ROW_MANY(T, type_, member, redact_, count_, of_) \
    {.name = #member,                                    \
     .type = (type_),                                    \
     .redact = REDACT_##redact_,                         \
     .offset = offsetof(T, member),                      \
     .count = offsetof(T, count_),                       \
     .of = (of_)},
#define ROW_STRS(T, m, r, count)     ROW_MANY(T, FIELD_STRS, m, r, count, NULL)
#define ROW_KVS(T, m, r, count)      ROW_MANY(T, FIELD_KVS, m, r, count, NULL)
#define ROW_ROWS(T, m, r, count, of) ROW_MANY(T, FIELD_ROWS, m, r, count, of)
#define ROW_ONE(T, type_, member, redact_, of_) \
    {.name = #member,                           \
     .type = (type_),                           \
     .redact = REDACT_##redact_,                \
     .offset = offsetof(T, member),             \
     .of = (of_)},
#define ROW_ROW(T, m, r, of)  ROW_ONE(T, FIELD_ROW, m, r, of)
#define ROW_PART(T, m, r, of) ROW_ONE(T, FIELD_PART, m, r, of)

#define PROBE(T, type, ...) PROBE_##type
#define PROBE_BOOL          0,
#define PROBE_INT           0,
#define PROBE_I32           0,
#define PROBE_SIZE          0,
#define PROBE_I64           0,
#define PROBE_ZERO          0,
#define PROBE_F64           0,
#define PROBE_LSN           0,
#define PROBE_TRI           0,
#define PROBE_CHAR          0,
#define PROBE_STR           NULL,
#define PROBE_NAME          NULL,
#define PROBE_SKIP          0,
#define PROBE_TEXT          "",
#define PROBE_ROW           NULL,
#define PROBE_PART          {.pid = 0},
#define PROBE_STRS          NULL, 0,
#define PROBE_KVS           NULL, 0,
#define PROBE_ROWS          NULL, 0,

/* T name: the struct, with all of its members in LIST. */
#define SHAPE(linkage, name_, T, LIST)                                                       \
    static_assert(sizeof((const T){LIST(PROBE, T)}) == sizeof(T), "a row for every member"); \
    SHAPE_PART(linkage, name_, T, LIST)
/* … with some of them only. */
#define SHAPE_PART(linkage, name_, T, LIST)                       \
    static const struct field name_##_fields[] = {LIST(ROW, T)};  \
    linkage const struct shape name_ = {.name = #T,               \
                                        .size = sizeof(T),        \
                                        .fields = name_##_fields, \
                                        .nfields = ARRAY_LEN(name_##_fields)};

#endif
