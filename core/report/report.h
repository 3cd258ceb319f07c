/* report.h: what the headless commands print: the same world that the screen shows, as text and
 * JSON.
 *
 * JSON, schema 1: one document per pipeline on one line. Bytes, seconds and counts are plain
 * numbers, null means unknown; names are as the servers give them (JSON-escaped, not sanitised);
 * times are ISO-8601 UTC. Fields are added, never renamed or removed, within one schema. The whole
 * form is in the README.
 */
#ifndef CDCTOP_REPORT_REPORT_H
#define CDCTOP_REPORT_REPORT_H

#include "diagnosis/diagnosis.h"
#include "model/pipeline.h"
#include "model/world.h"

enum { REPORT_SCHEMA = 1 };

struct report_input {
    const struct world *world;
    size_t index;
    const struct pipeline *pipeline;
    const struct findings *findings;
};

char *report_json(const struct report_input *in); /* one line, no newline; malloc'd */
char *report_text(const struct report_input *in); /* a few lines; safe for a terminal; malloc'd */

/* The worst of hops, findings and sources. CRIT before UNKNOWN before WARN: what is known to be
 * broken is louder than what is not known. */
enum verdict report_verdict(const struct report_input *in);

/* 0 ok, 1 warning, 2 critical, 3 unknown */
int report_exit_code(enum verdict verdict);

#endif
