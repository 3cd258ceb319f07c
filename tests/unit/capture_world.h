/* capture_world.h: a database that is captured through publication "pub", added to the world of
 * world_fixture.h: tables, a publication, a role and its rights, all in order. */
#ifndef CDCTOP_TESTS_CAPTURE_WORLD_H
#define CDCTOP_TESTS_CAPTURE_WORLD_H

#include "tests/unit/rule_cases.h"

typedef void capture_edit_fn(struct fixture *f, struct snapshot *snap);

/* The connector's config as it then is, and PostgreSQL by that edit. */
void capture_with(struct fixture *f, capture_edit_fn *pg);
void capture_connect(struct fixture *f, struct snapshot *snap);

/* Everything in order: edits begin with it and change one thing. Tables customers, debezium_signal,
 * hb, orders; grants[0] is the signal table's, grants[1] the heartbeat table's. */
void capture_healthy(struct fixture *f, struct snapshot *snap);

/* These fail the test where there is none. */
struct pg_relation *capture_relation(struct snapshot *snap, const char *name);
struct pg_table *capture_table(struct snapshot *snap, const char *name);
void capture_unpublish(struct snapshot *snap, const char *name);
void capture_identity(struct snapshot *snap, const char *name, char identity, enum tri pk);

/* Without the rest: the signal table alone, which its role may write to, and which is published
 * nowhere. */
void capture_signal_unpublished(struct fixture *f, struct snapshot *snap);

/* The finding of that id after a few polls of a new world, NULL; fixture_close it. */
const struct finding *capture_finding(struct fixture *f, capture_edit_fn *pg, const char *id);

#endif
