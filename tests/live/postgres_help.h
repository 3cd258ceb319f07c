/* postgres_help.h: servers, sessions and polls for the live tests of everything PostgreSQL. */
#ifndef CDCTOP_TESTS_LIVE_POSTGRES_HELP_H
#define CDCTOP_TESTS_LIVE_POSTGRES_HELP_H

#include "action/pg_call.h"
#include "config/config.h"
#include "source/source.h"

#include <stdbool.h>

/* A server of its own (tests/stack/pg-versions.sh), for faults and for other versions. */
struct test_server {
    char dir[64];
    int port;
};

bool server_up(struct test_server *server, int version);
bool server_again(struct test_server *server, int version);    /* starts a stopped one */
void server_down(struct test_server *server);                  /* also a frozen one; removes it */
void server_stop(struct test_server *server);                  /* keeps the data */
void server_signal(const struct test_server *server, int sig); /* postmaster and its children */
bool port_refuses(int port);                                   /* nobody listens there */

int lab_port(void);
/* A role of the lab has this as password, its name after it. */
#define LAB_PASSWORD "lab-password-of-"

/* A pipeline of PostgreSQL alone. Strings are kept inside until the next call. */
const struct pipeline_config *pg_pipeline(int port, const char *user, const char *password,
                                          const char *database);

/* One poll with ms to go; stop_fd -1. */
struct snapshot *poll_once(void *source, bool full, int ms, struct err *err);
/* Opens, polls in full, closes. */
struct snapshot *poll_alone(const struct pipeline_config *cfg, struct err *err);

/* Runs SQL as superuser over a session of its own, fails the test if it fails. */
void run_sql(int port, const char *database, const char *sql);
/* These statements one by one, in the database postgres. */
void server_prepare(const struct test_server *server, const char *const *steps, size_t n);
/* For an action: as that user, whose password is his name, with ten seconds. */
struct pg_call server_call(const struct test_server *server, const char *user);
/* The first cell of the answer, "" if none; kept until the next call. */
const char *ask_sql(int port, const char *database, const char *sql);

/* What the server itself says its slot view has, in order. */
#define SLOT_COLUMNS_SQL                                                \
    "SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute" \
    " WHERE attrelid = 'pg_replication_slots'::regclass AND attnum > 0"

const struct pg_slot *find_slot(const struct snapshot *snap, const char *name);
const struct note *find_note(const struct snapshot *snap, const char *piece);

#endif
