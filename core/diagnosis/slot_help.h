/* slot_help.h: what the rules about slots share. */
#ifndef CDCTOP_DIAGNOSIS_SLOT_HELP_H
#define CDCTOP_DIAGNOSIS_SLOT_HELP_H

#include "diagnosis/rules.h"

bool slot_is_lost(const struct slot_row *s);
bool slot_is_logical(const struct slot_row *s);
bool slot_owner_is(const struct slot_row *s, const char *state); /* false without an owner */
/* Are all tasks of its owner RUNNING? */
bool slot_owner_runs(const struct rule_run *run, const struct slot_row *s);

/* How long the newest value of "what SLOT" stands, by what we saw. */
int64_t slot_still_ms(const struct rule_run *run, const char *what, const struct slot_row *s);

/* Does it fall further behind all along slot_slow? The consumer's confirmations come in beats:
 * means of thirds are compared. */
bool slot_falls_back(const struct rule_run *run, const struct slot_row *s);

/* WARN, or CRIT where the retained WAL or the time until it is lost says so. */
enum verdict slot_loudness(const struct rule_run *run, const struct slot_row *s);

/* "lost in 2h to 5h": text of the arena; NULL when it is not known. */
const char *slot_range(const struct rule_run *run, const struct projection *p);

/* What it keeps, with the thresholds, and how long that goes on. */
void slot_put_retained(struct rule_run *run, struct finding *f, const struct slot_row *s);
/* "pid 4711, pg_recvlogical of rep from 10.0.0.3": the reader of an active slot. */
const char *slot_reader(const struct rule_run *run, const struct slot_row *s);

/* P13 of a task of DMS; D07. */
void slot_missing_of_dms(struct rule_run *run, const struct connector_row *c);
void slot_no_heartbeat_of_dms(struct rule_run *run);

/* Does that SQL name this table, as a whole word? */
bool slot_sql_names(const char *sql, const char *table);

/* Up to three of the tables that a connector captures, "orders, customers and 4 more"; its signal
 * and heartbeat tables are none of them. *n: how many. "" where they are not known. */
const char *slot_tables(const struct rule_run *run, const struct connector_row *c, int *n);
/* The i-th table of PostgreSQL's answer if the connector captures it as data; NULL. */
const struct pg_table *slot_captured(const struct rule_run *run, const struct connector_row *c,
                                     size_t i);

#endif
