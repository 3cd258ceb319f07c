/* dbz_note.h: the value of a record in Debezium's notification topic (sink.notification), pure.
 *
 * Debezium 2.3 has no timestamp and may have a null additional_data; from 2.4 on it has both; 3.x
 * adds keys to additional_data. Values come bare or inside the JSON converter's schema/payload
 * envelope.
 */
#ifndef CDCTOP_MODEL_DBZ_NOTE_H
#define CDCTOP_MODEL_DBZ_NOTE_H

#include "base/err.h"
#include "model/snapshot.h"

enum { DBZ_NOTE_DATA_MAX = 32, DBZ_NOTE_VALUE_MAX = 4096, DBZ_NOTE_BYTES_MAX = 256 * 1024 };

/* Strings go into the arena. Fills all fields but topic and offset; time_ms is the notification's
 * own timestamp, UNKNOWN where it has none: the reader of the record knows better. False with
 * ERR_PROTOCOL (ERR_TOOBIG) when it is no notification; *out is then not to be used. */
bool dbz_note_parse(struct arena *arena, const char *json, size_t len, struct dbz_notification *out,
                    struct err *err);

/* A deep copy into another arena. */
struct dbz_notification dbz_note_copy(struct arena *arena, const struct dbz_notification *note);

/* The type without the "Status " that Debezium 2.3 puts before it; "" for none. */
const char *dbz_note_type(const struct dbz_notification *note);

/* Value in additional_data, NULL if absent. */
const char *dbz_note_get(const struct dbz_notification *note, const char *key);

#endif
