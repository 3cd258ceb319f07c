/* logs_parse.h: CloudWatch Logs on the wire, and what single lines of the logs mean.
 *
 * Shapes: the model of logs 2014-03-28 in botocore 1.44. Pure. MSK Connect writes every line as an
 * event of its own behind "[Worker-ID] " (MSK's developer guide, "Logging for MSK Connect"), so a
 * trace is many events; one event of many lines is understood too. Texts of Kafka Connect 2.7 to
 * 3.9: WorkerTask, Worker, DistributedHerder, ConnectDistributed; of DMS: its user guide's
 * "SORTER message in task log".
 */
#ifndef CDCTOP_SOURCE_LOGS_PARSE_H
#define CDCTOP_SOURCE_LOGS_PARSE_H

#include "base/err.h"
#include "base/json.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>

/* What is looked for. NULL pattern: every line. */
struct logs_question {
    const char *group, *stream; /* stream NULL: all of them */
    const char *pattern;
    int64_t from_ms, to_ms;
    int limit;
    const char *token; /* of the next page; NULL */
};
char *logs_body(const struct logs_question *q); /* malloc'd */

/* The filter pattern that finds what logs_understand understands. */
const char *logs_pattern(enum connect_service service);

struct logs_line {
    const char *stream, *id, *text; /* borrowed from the parsed answer */
    int64_t at_ms;
};

/* Calls `take` for every event of the answer. *next: in the arena; NULL at the end. */
bool logs_parse(struct arena *arena, const char *body, size_t len,
                void (*take)(void *arg, const struct logs_line *line), void *arg, const char **next,
                struct err *err);

struct logs_meaning {
    enum logged kind;
    int task;         /* -1 */
    const char *name; /* of the connector, inside the text; NULL: the line does not name it */
    size_t name_len;
};

/* False: a line that says nothing to us. */
bool logs_understand(enum connect_service service, const char *text, struct logs_meaning *m);

/* The text behind "[Worker-ID] ". */
const char *logs_behind_worker(const char *text);
/* Does a new entry of the log begin with it ("[2026-11-27 05:10:00,123] ERROR …")? The lines of a
 * trace do not. */
bool logs_begins_entry(const char *text);

/* The root cause of a death in one line, or the text of a line of DMS without its date and place;
 * masked, in the arena; NULL: none. */
const char *logs_cause(struct arena *arena, enum logged kind, const char *text);

#endif
