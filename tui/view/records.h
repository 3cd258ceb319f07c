/* records.h: records that were asked for: the answer that belongs to what is open, and its rows. */
#ifndef CDCTOP_TUI_VIEW_RECORDS_H
#define CDCTOP_TUI_VIEW_RECORDS_H

#include "model/envelope.h"
#include "tui/view/view.h"

struct record_row {
    struct row_base base; /* name: records_name */
    const struct peek_record *record;
    const char *topic; /* or key of the object */
};

/* What is known of the topic or object that is looked into; NULL: nothing yet. */
const struct peek_answer *records_answer(const struct scene *s);
/* That answer is to an older request, another is under way. */
bool records_waiting(const struct scene *s);
/* "PARTITION/OFFSET"; of an object its number, from 1. */
const char *records_name(const struct scene *s, const struct peek_record *r);
const struct peek_record *records_find(const struct scene *s, const char *name);
/* The list that shows them: LIST_MESSAGES or LIST_CONTENT. */
enum pane_id records_list(const struct scene *s);
int64_t records_now(const struct scene *s); /* by the clock of Kafka's host */

/* command_peek.c: asks for the beginning of an object, and opens it. topic: whose records it has.
 */
void peek_object(const struct scene *s, const char *key, const char *topic);

/* "2026-11-20 14:03:21.480Z" */
const char *record_time(const struct scene *s, int64_t ms);
/* Lines of offset, bytes in hex and what is printable of them; at most max bytes. */
void record_hex(struct doc *d, const char *data, size_t n, size_t max);

#endif
