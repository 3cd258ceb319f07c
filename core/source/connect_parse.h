/* connect_parse.h: Connect's JSON bodies into the snapshot's structures.
 *
 * Pure; the results live in the arena, everything is capped, secrets are masked on the way in.
 * Where a body is not what it should be: false and ERR_PROTOCOL, and nothing has been changed.
 */
#ifndef CDCTOP_SOURCE_CONNECT_PARSE_H
#define CDCTOP_SOURCE_CONNECT_PARSE_H

#include "base/err.h"
#include "base/strbuf.h"
#include "config/config.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    CONNECT_MAX_CONNECTORS = 5000,
    CONNECT_MAX_TASKS = 5000,
    CONNECT_MAX_CONFIG = 500,
    CONNECT_MAX_TRACE = 64 * 1024,
    CONNECT_MAX_VALUE = 64 * 1024,
    CONNECT_MAX_NAME = 16 * 1024,
    CONNECT_MAX_TOPICS = 20000,
    CONNECT_MAX_OFFSETS = 20000,
};

/* GET /connectors?expand=status&expand=info: fills snap->connect.connectors, sorted by name; with
 * globs only those that match one. What was left out because of a cap becomes a note. */
bool connect_parse_list(struct snapshot *snap, const char *body, size_t len,
                        const struct strlist *globs, struct err *err);

/* A connector's configuration, secrets masked: fills c->config, c->literals and c->class_name. */
struct cJSON;
void connect_parse_config(struct arena *arena, const struct cJSON *config,
                          struct connect_connector *c);

/* GET /: fields that are missing stay NULL. */
bool connect_parse_root(struct arena *arena, const char *body, size_t len, const char **version,
                        const char **cluster_id, struct err *err);

/* GET /connectors/N/topics into c->topics, sorted. */
bool connect_parse_topics(struct arena *arena, const char *body, size_t len,
                          struct connect_connector *c, struct err *err);

/* GET /connectors/N/offsets into c->offsets, c->lsn, c->source_ms; sets c->offsets_read. Positions
 * are exact (no double on the way) and LSNs are written as PostgreSQL does: 0/1A93608. */
bool connect_parse_offsets(struct arena *arena, const char *body, size_t len,
                           struct connect_connector *c, struct err *err);

/* Copies JSON text, integers of 16 and more digits turned into strings: cJSON would round them. */
void connect_quote_longs(struct strbuf *out, const char *body, size_t len);

#endif
