#include "action/pg_terminate.h"

#include "base/clock.h"
#include "base/mem.h"
#include "model/pg_session.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>

enum { GONE_MS = 5 * 1000, STEP_MS = 100, NUMBER = 24 };

#define START_MS "(extract(epoch from a.backend_start) * 1000)::bigint"

static const char look_sql[] =
    "SELECT a.usename, a.application_name, a.backend_type, " START_MS " AS start_ms,"
    " r.rolsuper AS superuser, " PG_SESSION_MAY_SIGNAL(
        "a.usesysid") " AS may_signal"
                      " FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = a.usesysid WHERE "
                      "a.pid = $1";

#define TERMINATE(pid, start)                                            \
    "SELECT pg_terminate_backend(a.pid) AS sent FROM pg_stat_activity a" \
    " WHERE a.pid = " pid " AND " START_MS " = " start

void pg_terminate_sql(struct strbuf *sb, int pid, int64_t started_ms)
{
    strbuf_printf(sb, TERMINATE("%d", "%" PRId64), pid, started_ms);
}

struct target { /* as parameters */
    int pid;
    int64_t started_ms;
    char pid_text[NUMBER], started_text[NUMBER];
};

static bool gone_already(struct err *err, int pid)
{
    return err_set(err, ERR_NOTFOUND, 0, "pid %d has ended by itself: nothing was done", pid);
}

/* Who it is now, and whether that one may be ended. */
static bool look(struct pgconn *conn, struct arena *arena, const struct target *t, struct err *err)
{
    const char *params[] = {t->pid_text};
    struct pgrows *rows = pgconn_query(conn, arena, look_sql, params, 1, err);
    if (rows == NULL)
        return false;
    if (rows->nrows == 0)
        return gone_already(err, t->pid);
    struct pg_session s = {
        .pid = t->pid,
        .backend_start_ms = pgrows_int(rows, 0, pgrows_column(rows, "start_ms"), UNKNOWN),
        .user = pgrows_text(rows, 0, pgrows_column(rows, "usename")),
        .application_name = pgrows_text(rows, 0, pgrows_column(rows, "application_name")),
        .type = pgrows_text(rows, 0, pgrows_column(rows, "backend_type")),
        .superuser = (enum tri)pgrows_bool(rows, 0, pgrows_column(rows, "superuser")),
        .may_signal = (enum tri)pgrows_bool(rows, 0, pgrows_column(rows, "may_signal")),
    };
    char why[PG_SESSION_WHY];
    if (s.backend_start_ms != UNKNOWN && s.backend_start_ms != t->started_ms)
        return err_set(err, ERR_CONFLICT, 0,
                       "pid %d is another session now: the one that was shown has ended", t->pid);
    if (pg_session_refusal(&s, pgconn_user(conn), why, sizeof(why)) != NULL)
        return err_set(err, ERR_DENIED, 0, "%s", why);
    return true;
}

static bool end(struct pgconn *conn, struct arena *arena, const struct target *t, struct err *err)
{
    const char *params[] = {t->pid_text, t->started_text};
    struct pgrows *rows =
        pgconn_query(conn, arena, TERMINATE("$1", "$2"), params, ARRAY_LEN(params), err);
    if (rows == NULL)
        return false;
    if (rows->nrows == 0)
        return gone_already(err, t->pid);
    if (pgrows_bool(rows, 0, pgrows_column(rows, "sent")) != 1)
        return err_set(err, ERR_SERVER, 0, "the server could not signal pid %d", t->pid);
    return true;
}

/* A session that was told to end first rolls back. */
static bool is_gone(struct pgconn *conn, struct arena *arena, const struct target *t,
                    const struct pg_call *call)
{
    const char *params[] = {t->pid_text, t->started_text};
    int64_t until = clock_mono_ms() + GONE_MS;
    while (pgconn_usable(conn)) {
        struct pgrows *rows = pgconn_query(
            conn, arena, "SELECT 1 FROM pg_stat_activity a WHERE a.pid = $1 AND " START_MS " = $2",
            params, ARRAY_LEN(params), NULL);
        if (rows != NULL && rows->nrows == 0)
            return true;
        struct pollfd stop = {.fd = call->stop_fd, .events = POLLIN};
        if (rows == NULL || clock_mono_ms() >= until || poll(&stop, 1, STEP_MS) > 0)
            return false;
    }
    return false;
}

bool pg_terminate(const struct pg_call *call, int pid, int64_t started_ms, bool *gone,
                  struct err *err)
{
    struct target t = {.pid = pid, .started_ms = started_ms};
    (void)snprintf(t.pid_text, sizeof(t.pid_text), "%d", pid);
    (void)snprintf(t.started_text, sizeof(t.started_text), "%" PRId64, started_ms);
    /* It only signals: the session need not, and shall not, be able to write. */
    struct pgconn *conn = pg_call_open(call, false, err);
    struct arena *arena = arena_new();
    bool ok = conn != NULL && look(conn, arena, &t, err) && end(conn, arena, &t, err);
    *gone = ok && is_gone(conn, arena, &t, call);
    arena_free(arena);
    pgconn_close(conn);
    return ok;
}
