/* rig.h: tests against AWS as its services' own models have it.
 *
 * `make aws` (tests/aws/run.sh) starts two servers on loopback and runs every tests/aws/test_*.c:
 *   AWS_CONTRACT_URL  the contract server (tests/stack/aws/contract): MSK, MSK Connect, DMS, RDS,
 *                     CloudWatch, Logs, Secrets Manager, STS. It refuses what the models do not
 *                     have, verifies every signature, and does what a test tells it: below. What it
 *                     has at first: scenario.py; how it breaks: the head of server.py.
 *   AWS_MOTO_URL      moto with authentication: S3, STS, Secrets Manager, RDS, CloudWatch, Logs
 * One binary alone: `tests/aws/run.sh build/tests/aws/test_NAME`.
 * A request that breaks the model fails the run, although no test looked.
 *
 * A usual test:
 *     contract_reset();
 *     contract_fault("throttle", "kafkaconnect", "ListConnectors", 2);
 *     char *toml = contract_toml("admin", "[pipeline.mskconnect]\nconnectors = [\"shop-*\"]\n");
 *     cJSON *root = contract_status(toml, &status);
 */
#ifndef CDCTOP_TESTS_AWS_RIG_H
#define CDCTOP_TESTS_AWS_RIG_H

#include "aws/aws.h"
#include "base/json.h"

#include <stdbool.h>

/* ---- the contract server */

/* The usual world, no faults, the clock right, nothing asked. Also a cmocka setup function. */
void contract_reset(void);
int contract_fresh(void **state);
/* {"dms": {"tasks": […]}}: these members of these services become that; the rest is the usual
 * world's. */
void contract_world(const char *json);
/* One thing of the world: the JSON value, then the way to it, NULL-terminated: contract_set(
 * "\"FAILED\"", "kafkaconnect", "connectors", "shop-source", "connectorState", NULL). */
void contract_set(const char *value, const char *key, ...);
/* The faults of server.py, all of them anew: "[{\"kind\": \"latency\", \"ms\": 300}]"; "[]": none.
 */
void contract_faults(const char *json);
/* One alone. service, operation NULL: all; times 0: for ever. */
void contract_fault(const char *kind, const char *service, const char *operation, int times);
/* The services' clock, ahead of ours. */
void contract_clock(int ahead_s);
/* What was asked since the reset: [{service, operation, user, params, status, code}]. cJSON_Delete
 * it. */
cJSON *contract_requests(void);
int contract_count(const char *operation);

/* An endpoint with IAM login before a real PostgreSQL on that port of loopback (database.py); its
 * own port. */
int contract_database(const char *host, int server, const char *certificate, const char *key);
/* Logins there since the reset: [{token, user}], of refused ones [{token, code, why}]. cJSON_Delete
 * it. */
cJSON *contract_logins(void);

/* Users of users.json: "admin"; "reader" (reads only); "nobody" (nothing); "session" (with a
 * token); "renewed" (with a token, too); "expired" (its token has); "unknown"; "no-dms",
 * "no-connect" (all but DMS, MSK Connect).
 */
struct contract_user {
    char *id, *secret, *token; /* token "": none */
};
struct contract_user contract_user(const char *name); /* contract_user_free */
void contract_user_free(struct contract_user *user);

/* ---- cdctop against it */

/* A configuration with [pipeline.aws] of that user, and these lines behind it: more of
 * [pipeline.aws] first ("timeout = …"), then other sections. malloc'd. */
char *contract_toml(const char *user, const char *sections);
/* Runs cdctop with that configuration and these arguments (NULL-terminated); its output, malloc'd.
 * Everything that it writes stays in the run's directory, where it is searched for secrets. */
char *contract_cdctop(const char *toml, const char *const *args, int *status);
#define CONTRACT_ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})
cJSON *contract_status(const char *toml, int *status); /* status --json */
cJSON *contract_check(const char *toml, int *status);  /* check --json */
/* status --json with contract_toml(user, sections), whatever it exits with. */
cJSON *contract_status_of(const char *user, const char *sections);

/* As json_item (tests/unit/json_item.h), of status --json or contract_requests; fails the test
 * where there is none. */
const cJSON *contract_find(const cJSON *root, const char *array, const char *key, const char *is);
/* A finding of status --json; object NULL: of anything. NULL: there is none. */
const cJSON *contract_finding(const cJSON *root, const char *id, const char *object);
/* A text of the source of that kind ("state", "error"); "" where it has none. */
const char *contract_source(const cJSON *root, const char *kind, const char *key);
/* Has the source of that kind a note with these words? */
bool contract_note(const cJSON *root, const char *kind, const char *what, const char *fix);

/* ---- calls in this process */

struct contract_client {
    struct config *config;
    struct aws *aws;
    struct aws_client *client;
};
void contract_open(struct contract_client *c, const char *toml); /* fails the test if it cannot */
void contract_close(struct contract_client *c);
/* One call with a minute's time; its body parsed. NULL and *err when it failed. */
cJSON *contract_call(struct contract_client *c, enum aws_call call, const char *path,
                     const char *query, const char *body, struct err *err);

/* The directory of the run: "…/name" malloc'd; and a file there, which only we may read. */
char *contract_file(const char *name);
void contract_write(const char *path, const char *text);

#endif
