/* shape_pg.c: the fields of what is seen of PostgreSQL. */
#include "record/shape_int.h"

/* clang-format off */
#define WALSENDER(F, T)                                                                      \
    F(T, INT, pid, KEEP)                                                                     \
    F(T, STR, user, NAME) F(T, STR, application_name, NAME) F(T, STR, client_addr, NAME)    \
    F(T, STR, state, KEEP)                                                                   \
    F(T, LSN, sent_lsn, KEEP) F(T, LSN, write_lsn, KEEP)                                     \
    F(T, LSN, flush_lsn, KEEP) F(T, LSN, replay_lsn, KEEP)                                   \
    F(T, I64, backend_start_ms, KEEP) F(T, I64, reply_ms, KEEP)
SHAPE(static, walsender, struct pg_walsender, WALSENDER)

#define SLOT(F, T)                                                                           \
    F(T, NAME, name, NAME) F(T, STR, plugin, KEEP) F(T, STR, type, KEEP)                     \
    F(T, STR, database, NAME) F(T, STR, wal_status, KEEP) F(T, STR, invalidation_reason, KEEP) \
    F(T, TRI, temporary, KEEP) F(T, TRI, active, KEEP) F(T, TRI, two_phase, KEEP)            \
    F(T, TRI, conflicting, KEEP) F(T, TRI, failover, KEEP) F(T, TRI, synced, KEEP)           \
    F(T, INT, active_pid, KEEP)                                                              \
    F(T, LSN, restart_lsn, KEEP) F(T, LSN, confirmed_flush_lsn, KEEP)                        \
    F(T, I64, safe_wal_size, KEEP) F(T, I64, xmin_age, KEEP) F(T, I64, catalog_xmin_age, KEEP) \
    F(T, I64, inactive_since_ms, KEEP) F(T, I64, retained, KEEP) F(T, I64, unconfirmed, KEEP) \
    F(T, I64, spill_txns, KEEP) F(T, I64, spill_bytes, KEEP)                                 \
    F(T, I64, total_txns, KEEP) F(T, I64, total_bytes, KEEP)                                 \
    F(T, ROW, walsender, KEEP, &walsender)                                                   \
    F(T, KVS, columns, NAME, ncolumns)
SHAPE(static, slot, struct pg_slot, SLOT)

#define SESSION(F, T)                                                                        \
    F(T, INT, pid, KEEP)                                                                     \
    F(T, I64, backend_start_ms, KEEP) F(T, I64, xact_start_ms, KEEP)                         \
    F(T, STR, user, NAME) F(T, STR, application_name, NAME) F(T, STR, client_addr, NAME)     \
    F(T, STR, state, KEEP) F(T, STR, query, TEXT) F(T, STR, type, KEEP)                      \
    F(T, TRI, superuser, KEEP) F(T, TRI, may_signal, KEEP)
SHAPE(static, session, struct pg_session, SESSION)

#define HOLDER(F, T)                                                                         \
    F(T, INT, pid, KEEP) F(T, STR, gid, NAME)                                                \
    F(T, STR, user, NAME) F(T, STR, application_name, NAME) F(T, STR, client_addr, NAME)    \
    F(T, STR, state, KEEP) F(T, STR, query, TEXT) F(T, STR, wait, KEEP)                      \
    F(T, I64, xact_start_ms, KEEP) F(T, I64, xid_age, KEEP) F(T, I64, xmin_age, KEEP) \
    F(T, I64, backend_start_ms, KEEP) F(T, STR, type, KEEP)                                  \
    F(T, TRI, superuser, KEEP) F(T, TRI, may_signal, KEEP)
SHAPE(static, holder, struct pg_holder, HOLDER)

#define PUBLICATION(F, T)                                                                    \
    F(T, NAME, name, NAME) F(T, BOOL, all_tables, KEEP)                                      \
    F(T, BOOL, insert, KEEP) F(T, BOOL, update, KEEP) F(T, BOOL, delete_, KEEP)              \
    F(T, BOOL, truncate, KEEP) F(T, I64, row_xid, KEEP)
SHAPE(static, publication, struct pg_publication, PUBLICATION)

#define TABLE(F, T)                                                                          \
    F(T, NAME, publication, NAME) F(T, NAME, schema, NAME) F(T, NAME, name, NAME)            \
    F(T, CHAR, replica_identity, KEEP) F(T, TRI, has_pk, KEEP)                               \
    F(T, I64, live_rows, KEEP) F(T, I64, changes, KEEP)
SHAPE(static, table, struct pg_table, TABLE)

#define RELATION(F, T)                                                                       \
    F(T, NAME, schema, NAME) F(T, NAME, name, NAME)                                          \
    F(T, CHAR, kind, KEEP) F(T, CHAR, replica_identity, KEEP)                                \
    F(T, TRI, has_pk, KEEP) F(T, TRI, toastable, KEEP) F(T, BOOL, partition, KEEP)           \
    F(T, I64, live_rows, KEEP) F(T, I64, changes, KEEP)                                      \
    F(T, I64, rewrites, KEEP) F(T, I64, toasted, KEEP)
SHAPE(static, relation, struct pg_relation, RELATION)

#define LOGIN(F, T)                                                                          \
    F(T, NAME, role, NAME) F(T, TRI, exists, KEEP) F(T, TRI, can_login, KEEP)                \
    F(T, TRI, replication, KEEP) F(T, I64, valid_until_ms, KEEP)
SHAPE(static, login, struct pg_login, LOGIN)

#define GRANT(F, T)                                                                          \
    F(T, NAME, role, NAME) F(T, NAME, schema, NAME) F(T, NAME, table, NAME)                  \
    F(T, STR, publication, NAME) F(T, TRI, exists, KEEP) F(T, TRI, usage, KEEP)              \
    F(T, TRI, insert, KEEP) F(T, TRI, update, KEEP) F(T, TRI, published, KEEP)
SHAPE(static, grant, struct pg_grant, GRANT)

#define BLOCKED(F, T)                                                                        \
    F(T, INT, pid, KEEP) F(T, INT, blocker, KEEP)                                            \
    F(T, STR, application_name, NAME) F(T, STR, query, TEXT)                                 \
    F(T, STR, blocker_user, NAME) F(T, STR, blocker_query, TEXT) F(T, I64, waits_ms, KEEP) \
    F(T, PART, by, KEEP, &session)
SHAPE(static, blocked, struct pg_blocked, BLOCKED)

#define PG(F, T)                                                                             \
    F(T, INT, version_num, KEEP) F(T, STR, version, KEEP)                                    \
    F(T, STR, host, NAME) F(T, STR, database, NAME) F(T, STR, user, NAME)                   \
    F(T, INT, port, KEEP) F(T, TRI, in_recovery, KEEP) F(T, TRI, is_monitor, KEEP)           \
    F(T, I64, started_ms, KEEP) F(T, LSN, lsn_now, KEEP)                                     \
    F(T, I64, max_slot_wal_keep_size, KEEP) F(T, I64, max_replication_slots, KEEP)           \
    F(T, I64, max_wal_senders, KEEP) F(T, I64, wal_sender_timeout_ms, KEEP)                  \
    F(T, I64, idle_replication_slot_timeout_ms, KEEP) F(T, STR, wal_level, KEEP)             \
    F(T, ROWS, slots, KEEP, nslots, &slot) F(T, BOOL, slots_denied, KEEP)                    \
    F(T, ROWS, walsenders, KEEP, nwalsenders, &walsender)                                    \
    F(T, ROWS, holders, KEEP, nholders, &holder)                                             \
    F(T, ROWS, publications, KEEP, npublications, &publication)                              \
    F(T, ROWS, tables, KEEP, ntables, &table) F(T, SIZE, tables_total, KEEP)                 \
    F(T, ZERO, tables_mono_ms, KEEP)                                                         \
    F(T, ROWS, relations, KEEP, nrelations, &relation) F(T, SIZE, relations_total, KEEP)     \
    F(T, ROWS, logins, KEEP, nlogins, &login)                                                \
    F(T, ROWS, grants, KEEP, ngrants, &grant)                                                \
    F(T, ROWS, blocked, KEEP, nblocked, &blocked)                                            \
    F(T, I64, timeline, KEEP) F(T, STR, system_identifier, WHOLE)                            \
    F(T, KVS, settings, KEEP, nsettings)
SHAPE(, shape_pg, struct pg_snap, PG)
/* clang-format on */
