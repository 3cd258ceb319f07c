/* capture.h: what is captured from this database and what the publications publish, for rules.
 *
 * A publication belongs to one database: of a connector that reads another one nothing is said.
 */
#ifndef CDCTOP_DIAGNOSIS_CAPTURE_H
#define CDCTOP_DIAGNOSIS_CAPTURE_H

#include "diagnosis/rules.h"

/* The connector reads changes from the very database that the PostgreSQL source looks at. */
bool capture_here(const struct rule_run *run, const struct connector_row *c);
/* … through a publication: the pgoutput plugin. */
bool capture_by_publication(const struct rule_run *run, const struct connector_row *c);

/* NULL: there is none, or it is not known (capture_publications_told). */
const struct pg_publication *capture_publication(const struct rule_run *run, const char *name);
bool capture_publications_told(const struct rule_run *run);

/* What is published, ready for many look-ups. In the run's arena. */
struct capture_index {
    const struct pg_table **tables; /* by publication, schema and name */
    size_t n;
    bool whole; /* the source's list was not capped */
};
struct capture_index capture_index(const struct rule_run *run);
enum tri capture_published(const struct rule_run *run, const struct capture_index *index,
                           const char *publication, const char *schema, const char *name);

/* Debezium's own tables, which it reads but whose old values nobody wants. */
bool capture_is_helper(const struct connector_facts *facts, const char *schema, const char *name);

/* "schema.name" as it is written in SQL. */
const char *capture_sql_name(const struct rule_run *run, const char *schema, const char *name);
const char *capture_sql_word(const struct rule_run *run, const char *name);

/* Names joined by ", ", at most a few, then "and 12 more". */
struct capture_names {
    struct arena *arena;
    const char **items;
    size_t count, cap;
};
void capture_names_add(struct capture_names *names, const char *name);
const char *capture_names_text(const struct capture_names *names, size_t most);

#endif
