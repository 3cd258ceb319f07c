/* envelope_int.h: what envelope*.c share. Not for others. */
#ifndef CDCTOP_MODEL_ENVELOPE_INT_H
#define CDCTOP_MODEL_ENVELOPE_INT_H

#include "base/jsontext.h"
#include "base/strbuf.h"
#include "model/envelope.h"

enum { ENVELOPE_SHORT = 400 }; /* bytes of a text in short */

/* The texts of both rows by column, and why the one before may lack some. key: the record's key,
 * as an object; p NULL. */
void envelope_diff(struct arena *arena, struct envelope *e, struct jsontext change,
                   struct jsontext key, char identity);
/* Puts "name=value" of an object's members. */
void envelope_members(struct strbuf *out, struct arena *arena, struct jsontext object);
/* What changed, in short. */
const char *envelope_summary(struct arena *arena, const struct envelope *e);
/* The text of a buffer with an ellipsis if it overflowed; frees the buffer. */
const char *envelope_short(struct arena *arena, struct strbuf *sb);

#endif
