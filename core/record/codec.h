/* codec.h: rows of shape.h as JSON, and back.
 *
 * Written is what differs from a base, the row that stood there before; without one, all that was
 * said. An array of rows has for each element an object with what differs from the element at the
 * same place in the base's array, or for several that did not change [FROM, COUNT]: so many of the
 * base's, beginning there. null is "not said any more".
 */
#ifndef CDCTOP_RECORD_CODEC_H
#define CDCTOP_RECORD_CODEC_H

#include "base/json.h"
#include "base/strbuf.h"
#include "record/shape.h"

struct redact;

/* Members of an object without its braces; false: there was nothing to write. base and redact may
 * be NULL. comma: others stand before them. */
bool encode_members(struct strbuf *out, const struct shape *shape, const void *row,
                    const void *base, struct redact *redact, bool comma);
void encode_string(struct strbuf *out, const char *text); /* in quotes; NULL: null */
void encode_int(struct strbuf *out, int64_t value);
/* Equal in every field. */
bool shape_same(const struct shape *shape, const void *a, const void *b);

enum { DECODE_MAX_BYTES = 64 * 1024 * 1024 }; /* of one snapshot, whatever a file claims */

/* Into row, zeroed memory; everything it points to comes from the arena. base may be NULL. False
 * and *err: a member is not what it has to be, or there is too much of it. What is not known is
 * passed over. */
bool decode_row(struct arena *arena, const struct shape *shape, const cJSON *object, void *row,
                const void *base, struct err *err);

#endif
