/* preflight.h: what `cdctop check` prints: text for people, JSON for programs, JUnit for CI.
 *
 * JSON, schema 1: one document per pipeline on one line; fields are added, never renamed or
 * removed, within one schema. JUnit: one document in all, a suite per pipeline, a case per line; a
 * failed check is a failure, an unknown one is skipped, a warning passes and is told in its output.
 */
#ifndef CDCTOP_REPORT_PREFLIGHT_H
#define CDCTOP_REPORT_PREFLIGHT_H

#include "base/strbuf.h"
#include "check/check.h"

struct preflight {
    const struct world *world;
    const struct pipeline *pipeline;
    struct check_list list;
};

char *preflight_text(const struct preflight *in); /* safe for a terminal; malloc'd */
char *preflight_json(const struct preflight *in); /* one line, no newline; malloc'd */
/* With its newline at the end; malloc'd. */
char *preflight_junit(const struct preflight *in, size_t n);

/* One line of foreign text, cleaned, whatever its length. */
void preflight_clean(struct strbuf *sb, const char *line, size_t len);

#endif
