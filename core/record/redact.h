/* redact.h: a recording without the names of whom it is about.
 *
 * Names are replaced word by word: what stands between separators becomes a made-up word, the same
 * one throughout the recording, unless it is a common word of this trade (connect, public, topics,
 * year) or a number. So names keep their build, and what belonged together still does: the relation
 * shop.public.orders of slot shop_slot may become amber.public.birch of amber_slot. Free texts are
 * left out.
 */
#ifndef CDCTOP_RECORD_REDACT_H
#define CDCTOP_RECORD_REDACT_H

#include "record/shape.h"

struct redact;

struct redact *redact_new(void);
void redact_free(struct redact *redact); /* NULL is fine */

/* What to write in its place, good until the third call after this one; the text itself where
 * redact is NULL. NULL stays NULL, or becomes it where a text is left out. */
const char *redact_text(struct redact *redact, enum redact_kind how, const char *text);
/* … of a value that has a key. */
const char *redact_value(struct redact *redact, enum redact_kind how, const char *key,
                         const char *value);

#endif
