#include "net/pgconn.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "net/pgerror.h"
#include "net/pgtls.h"

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    STATEMENT_TIMEOUT_MS = 3000,
    LOCK_TIMEOUT_MS = 500,
    IDLE_TIMEOUT_MS = 10000,
    SQL_MAX = 64 * 1024,
};

#define DEAD_HOST_MS "1000"

struct pgconn {
    PGconn *pq;
    int64_t deadline_ms;
    int stop_fd;
    int64_t statement_timeout_ms;
    bool read_write, pooled, broken;
    char where[200]; /* "db1:5432/shop": for error texts */
};

/* ---- waiting ----------------------------------------------------------------------------------
 */

/* True when the socket is ready for `events`; false with ERR_STOPPED or ERR_TIMEOUT. */
static bool wait_socket(struct pgconn *c, short events, const char *silence, struct err *err)
{
    struct pollfd fds[2] = {
        {.fd = PQsocket(c->pq), .events = events},
        {.fd = c->stop_fd,      .events = POLLIN},
    };
    for (;;) {
        int n = poll(fds, c->stop_fd >= 0 ? 2 : 1, clock_left_ms(c->deadline_ms));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(err, ERR_IO, errno, "poll: %s", strerror(errno));
        if (c->stop_fd >= 0 && fds[1].revents != 0)
            return err_set(err, ERR_STOPPED, 0, "asked to stop");
        if (n == 0)
            return err_set(err, ERR_TIMEOUT, 0, "%s", silence);
        return true;
    }
}

/* ---- connecting -------------------------------------------------------------------------------
 */

static void on_notice(void *arg, const PGresult *res)
{
    const struct pgconn *c = arg;
    const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    const char *level = PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (text != NULL)
        log_put(LOG_INFO, "postgres %s: %s: %s", c->where, level != NULL ? level : "notice", text);
}

static bool given(const char *s)
{
    return s != NULL && s[0] != '\0';
}

struct keywords {
    const char *key[20];
    const char *value[20];
    int n;
};

static void add(struct keywords *k, const char *key, const char *value)
{
    if (!given(value))
        return;
    k->key[k->n] = key;
    k->value[k->n++] = value;
}

static void add_if_unset(struct keywords *k, const char *key, const char *value, const char *env)
{
    if (getenv(env) == NULL)
        add(k, key, value);
}

/* Later keywords win over earlier ones, and a connection string in dbname counts where it stands:
 * before it our defaults, behind it what we insist on. */
static PGconn *start(const struct pgconn_params *p)
{
    struct keywords k = {.n = 0};
    char port[16] = "";
    if (p->port > 0)
        (void)snprintf(port, sizeof(port), "%d", p->port);
    add(&k, "keepalives_idle", "10");
    add(&k, "keepalives_interval", "5");
    add(&k, "keepalives_count", "3");
    /* Of several hosts one that is gone must not use up the whole time: the kernel gives it up. */
    if (given(p->conninfo) && strchr(p->conninfo, ',') != NULL)
        add(&k, "tcp_user_timeout", DEAD_HOST_MS);
    if (given(p->conninfo)) {
        add(&k, "dbname", p->conninfo);
    } else if (getenv("PGSERVICE") == NULL) {
        if (getenv("PGHOSTADDR") == NULL)
            add_if_unset(&k, "host", p->host, "PGHOST");
        add_if_unset(&k, "port", port, "PGPORT");
        add_if_unset(&k, "dbname", p->database, "PGDATABASE");
        add_if_unset(&k, "user", p->user, "PGUSER");
    }
    add(&k, "password", p->password);
    add(&k, "sslmode", p->sslmode);
    add(&k, "application_name", "cdctop");
    add(&k, "client_encoding", "UTF8");
    k.key[k.n] = NULL;
    k.value[k.n] = NULL;
    return PQconnectStartParams(k.key, k.value, 1);
}

static const char *silence_while(ConnStatusType status)
{
    switch (status) {
    case CONNECTION_STARTED: return "no answer to the connection attempt";
    case CONNECTION_SSL_STARTUP: return "the server took the connection but does not answer";
    default: return "the server took the connection but does not answer the login";
    }
}

static bool finish_connecting(struct pgconn *c, struct err *err)
{
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (next != PGRES_POLLING_OK) {
        if (next == PGRES_POLLING_FAILED || PQstatus(c->pq) == CONNECTION_BAD)
            return pgerror_connect(err, PQerrorMessage(c->pq));
        short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (!wait_socket(c, events, silence_while(PQstatus(c->pq)), err))
            return false;
        next = PQconnectPoll(c->pq);
    }
    return true;
}

static void settings_sql(const struct pgconn *c, struct strbuf *sb)
{
    strbuf_printf(sb,
                  "SELECT set_config('default_transaction_read_only', '%s', false),"
                  " set_config('statement_timeout', '%lld', false),"
                  " set_config('lock_timeout', '%d', false),"
                  " set_config('idle_in_transaction_session_timeout', '%d', false)",
                  c->read_write ? "off" : "on", (long long)c->statement_timeout_ms, LOCK_TIMEOUT_MS,
                  IDLE_TIMEOUT_MS);
}

static bool prepare_session(struct pgconn *c, struct err *err)
{
    struct arena *arena = arena_new();
    struct strbuf sql;
    strbuf_init(&sql, SQL_MAX);
    /* A pooler hands out a process number of its own at login. */
    struct pgrows *rows = pgconn_query(c, arena, "SELECT pg_backend_pid() AS pid", NULL, 0, err);
    bool ok = rows != NULL && rows->nrows == 1;
    if (ok) {
        c->pooled = pgrows_int(rows, 0, pgrows_column(rows, "pid"), 0) != PQbackendPID(c->pq);
        if (!c->pooled) {
            settings_sql(c, &sql);
            ok = pgconn_query(c, arena, sql.text, NULL, 0, err) != NULL;
        }
    } else if (rows != NULL) {
        ok = err_set(err, ERR_PROTOCOL, 0, "the server does not answer like PostgreSQL");
    }
    strbuf_free(&sql);
    arena_free(arena);
    return ok;
}

static void note_where(struct pgconn *c, const struct pgconn_params *p)
{
    const char *host = PQhost(c->pq);
    const char *db = PQdb(c->pq);
    if (!given(host))
        host = given(p->host) ? p->host : "server";
    (void)snprintf(c->where, sizeof(c->where), "%s:%d%s%s", host, pgconn_port(c),
                   given(db) ? "/" : "", given(db) ? db : "");
}

struct pgconn *pgconn_open(const struct pgconn_params *params, int64_t deadline_ms, int stop_fd,
                           struct err *err)
{
    struct pgconn *c = mem_alloc(sizeof(*c));
    int64_t latest = clock_mono_ms() + params->connect_timeout_ms;
    c->deadline_ms = params->connect_timeout_ms > 0 && latest < deadline_ms ? latest : deadline_ms;
    c->stop_fd = stop_fd;
    c->read_write = params->read_write;
    c->statement_timeout_ms =
        params->statement_timeout_ms > 0 ? params->statement_timeout_ms : STATEMENT_TIMEOUT_MS;
    c->pq = start(params);
    if (c->pq == NULL)
        mem_fatal("out of memory");
    (void)PQsetNoticeReceiver(c->pq, on_notice, c);
    (void)PQsetErrorVerbosity(c->pq, PQERRORS_VERBOSE);
    note_where(c, params);
    if (PQsocket(c->pq) < 0 && PQstatus(c->pq) == CONNECTION_BAD && !given(PQhost(c->pq))) {
        (void)pgerror_conninfo(err, PQerrorMessage(c->pq));
        goto fail;
    }
    if (!finish_connecting(c, err)) {
        c->broken = true;
        err_wrap(err, "connect to %s", c->where);
        goto fail;
    }
    note_where(c, params);
    if (PQsetnonblocking(c->pq, 1) != 0 || !prepare_session(c, err)) {
        err_wrap(err, "connect to %s", c->where);
        goto fail;
    }
    c->deadline_ms = deadline_ms;
    return c;
fail:
    pgconn_close(c);
    return NULL;
}

void pgconn_close(struct pgconn *conn)
{
    if (conn == NULL)
        return;
    /* PQfinish says goodbye first; on a stuck connection it must not wait for room to do so. */
    if (conn->broken && PQsocket(conn->pq) >= 0)
        (void)shutdown(PQsocket(conn->pq), SHUT_RDWR);
    PQfinish(conn->pq);
    free(conn);
}

void pgconn_until(struct pgconn *conn, int64_t deadline_ms, int stop_fd)
{
    conn->deadline_ms = deadline_ms;
    conn->stop_fd = stop_fd;
}

/* ---- queries ----------------------------------------------------------------------------------
 */

struct reading {
    struct arena *arena;
    struct pgrows *rows;
    size_t row_cap, bytes;
    bool failed;
    struct err *err;
};

static void read_names(struct reading *r, const PGresult *res)
{
    if (PQnfields(res) > PGCONN_COLUMNS) {
        r->failed = true;
        (void)err_set(r->err, ERR_TOOBIG, 0, "the answer has %d columns", PQnfields(res));
        return;
    }
    r->rows->ncols = (size_t)PQnfields(res);
    r->rows->names = arena_array(r->arena, r->rows->ncols, sizeof(*r->rows->names));
    for (size_t i = 0; i < r->rows->ncols; i++)
        r->rows->names[i] = arena_strndup(r->arena, PQfname(res, (int)i), PGCONN_CELL);
}

static void read_row(struct reading *r, const PGresult *res)
{
    struct pgrows *rows = r->rows;
    if (rows->nrows >= PGCONN_ROWS || r->bytes >= PGCONN_BYTES) {
        rows->cut = true;
        return;
    }
    if (rows->nrows == r->row_cap) {
        size_t cap = r->row_cap == 0 ? 16 : r->row_cap * 2;
        const char **grown = arena_array(r->arena, cap * rows->ncols, sizeof(*grown));
        if (rows->nrows > 0)
            memcpy(grown, rows->cells, rows->nrows * rows->ncols * sizeof(*grown));
        rows->cells = grown;
        r->row_cap = cap;
    }
    r->bytes += rows->ncols * sizeof(*rows->cells);
    for (size_t i = 0; i < rows->ncols; i++) {
        const char *cell = NULL;
        if (!PQgetisnull(res, 0, (int)i)) {
            cell = arena_strndup(r->arena, PQgetvalue(res, 0, (int)i), PGCONN_CELL);
            r->bytes += strlen(cell) + 1;
        }
        rows->cells[rows->nrows * rows->ncols + i] = cell;
    }
    rows->nrows++;
}

static void read_result(struct pgconn *c, struct reading *r, const PGresult *res)
{
    ExecStatusType status = PQresultStatus(res);
    if (status == PGRES_COMMAND_OK || r->failed)
        return;
    if (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK) {
        if (r->rows->names == NULL)
            read_names(r, res);
        if (status == PGRES_SINGLE_TUPLE && !r->failed)
            read_row(r, res);
        return;
    }
    r->failed = true;
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    if (state != NULL)
        (void)pgerror_set(r->err, state, text);
    else
        (void)pgerror_connect(r->err, PQresultErrorMessage(res));
    if (PQstatus(c->pq) == CONNECTION_BAD)
        c->broken = true;
}

static bool flush_out(struct pgconn *c, struct err *err)
{
    for (;;) {
        int left = PQflush(c->pq);
        if (left == 0)
            return true;
        if (left < 0)
            return pgerror_connect(err, PQerrorMessage(c->pq));
        if (!wait_socket(c, POLLIN | POLLOUT, "the server does not read what it is asked", err))
            return false;
        if (PQconsumeInput(c->pq) == 0)
            return pgerror_connect(err, PQerrorMessage(c->pq));
    }
}

/* Reads all answers of what was sent. False when the session is lost. */
static bool collect(struct pgconn *c, struct reading *r)
{
    if (!flush_out(c, r->err))
        return false;
    for (;;) {
        while (PQisBusy(c->pq)) {
            if (!wait_socket(c, POLLIN, "no answer from the server in time", r->err))
                return false;
            if (PQconsumeInput(c->pq) == 0)
                return pgerror_connect(r->err, PQerrorMessage(c->pq));
        }
        PGresult *res = PQgetResult(c->pq);
        if (res == NULL)
            return true;
        ExecStatusType status = PQresultStatus(res);
        read_result(c, r, res);
        PQclear(res);
        /* Nothing here copies: libpq would hand out this answer again and again. */
        if (status == PGRES_COPY_OUT || status == PGRES_COPY_IN || status == PGRES_COPY_BOTH)
            return err_set(r->err, ERR_PROTOCOL, 0, "the server does not answer like PostgreSQL");
        /* A server that streams without end never lets PQisBusy wait. */
        if (clock_left_ms(c->deadline_ms) == 0)
            return err_set(r->err, ERR_TIMEOUT, 0, "the answer did not end in time");
    }
}

/* A pooled statement that failed leaves its transaction open. */
static bool roll_back(struct pgconn *c)
{
    if (PQtransactionStatus(c->pq) == PQTRANS_IDLE)
        return true;
    struct arena *arena = arena_new();
    struct pgrows rows = {0};
    struct reading r = {.arena = arena, .rows = &rows};
    bool ok = PQsendQuery(c->pq, "ROLLBACK") != 0 && collect(c, &r) && !r.failed;
    arena_free(arena);
    return ok;
}

static bool send_pooled(struct pgconn *c, const char *sql)
{
    struct strbuf all;
    strbuf_init(&all, SQL_MAX);
    strbuf_printf(&all,
                  "BEGIN TRANSACTION %s; SET LOCAL statement_timeout = %lld;"
                  " SET LOCAL lock_timeout = %d; %s; COMMIT",
                  c->read_write ? "READ WRITE" : "READ ONLY", (long long)c->statement_timeout_ms,
                  LOCK_TIMEOUT_MS, sql);
    bool ok = !all.overflow && PQsendQuery(c->pq, all.text) != 0;
    strbuf_free(&all);
    return ok;
}

struct pgrows *pgconn_query(struct pgconn *conn, struct arena *arena, const char *sql,
                            const char *const *params, int nparams, struct err *err)
{
    struct reading r = {.arena = arena, .err = err};
    r.rows = arena_alloc(arena, sizeof(*r.rows));
    bool wrap = conn->pooled && nparams == 0;
    bool sent = wrap ? send_pooled(conn, sql)
                     : PQsendQueryParams(conn->pq, sql, nparams, NULL, params, NULL, NULL, 0) != 0;
    if (!sent) {
        conn->broken = true;
        (void)pgerror_connect(err, PQerrorMessage(conn->pq));
        return NULL;
    }
    (void)PQsetSingleRowMode(conn->pq);
    if (!collect(conn, &r)) {
        conn->broken = true;
        return NULL;
    }
    if (wrap && !roll_back(conn))
        conn->broken = true;
    return r.failed ? NULL : r.rows;
}

bool pgconn_usable(const struct pgconn *conn)
{
    return !conn->broken && PQstatus(conn->pq) == CONNECTION_OK;
}

bool pgconn_pooled(const struct pgconn *conn)
{
    return conn->pooled;
}

/* ---- what the session is ----------------------------------------------------------------------
 */

static const char *or_empty(const char *s)
{
    return s != NULL ? s : "";
}

const char *pgconn_host(const struct pgconn *conn)
{
    return or_empty(PQhost(conn->pq));
}

const char *pgconn_database(const struct pgconn *conn)
{
    return or_empty(PQdb(conn->pq));
}

const char *pgconn_user(const struct pgconn *conn)
{
    return or_empty(PQuser(conn->pq));
}

int pgconn_port(const struct pgconn *conn)
{
    return (int)strtol(or_empty(PQport(conn->pq)), NULL, 10);
}

const char *pgconn_tls(const struct pgconn *conn)
{
    if (PQsslInUse(conn->pq) == 0)
        return NULL;
    const char *version = PQsslAttribute(conn->pq, "protocol");
    return version != NULL ? version : "TLS";
}

int64_t pgconn_certificate_ends_ms(const struct pgconn *conn)
{
    return pgtls_certificate_ends_ms(PQsslStruct(conn->pq, "OpenSSL"));
}

bool pgconn_environment(void)
{
    return given(getenv("PGHOST")) || given(getenv("PGHOSTADDR")) || given(getenv("PGSERVICE"));
}
