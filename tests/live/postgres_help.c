#include "tests/live/postgres_help.h"

#include "base/clock.h"
#include "base/mem.h"
#include "net/pgconn.h"
#include "tests/check.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static bool run(const char *fmt, ...)
{
    char line[400];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    int rc = system(line);
    return WIFEXITED(rc) && WEXITSTATUS(rc) == 0;
}

/* Below those that the kernel hands out to whoever wants any: so nobody takes it before the server
 * has it, nor while that is down for a moment. */
static int free_port(void)
{
    enum { FIRST = 24300, COUNT = 1500 };
    static int next;
    for (int i = 0; i < COUNT; i++) {
        int port = FIRST + (getpid() * 7 + next++) % COUNT;
        struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
        addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        assert_true(fd >= 0);
        bool is_free = bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0;
        (void)close(fd);
        if (is_free)
            return port;
    }
    fail_msg("no port from %d on is free", FIRST);
    return 0;
}

bool server_again(struct test_server *server, int version)
{
    return run("tests/stack/pg-versions.sh up %d %d %s >&2", version, server->port, server->dir);
}

bool server_up(struct test_server *server, int version)
{
    (void)snprintf(server->dir, sizeof(server->dir), "/tmp/cdctop-pg.XXXXXX");
    /* The server runs as another user than root and must be able to look inside. */
    if (mkdtemp(server->dir) == NULL || chmod(server->dir, 0755) != 0)
        return false;
    server->port = free_port();
    return server_again(server, version);
}

void server_stop(struct test_server *server)
{
    assert_true(run("tests/stack/pg-versions.sh down %s >&2", server->dir));
}

void server_down(struct test_server *server)
{
    if (server->dir[0] == '\0')
        return;
    (void)run("tests/stack/pg-versions.sh down %s >&2", server->dir);
    (void)run("rm -rf %s", server->dir);
    server->dir[0] = '\0';
}

static long postmaster(const struct test_server *server)
{
    char path[100];
    (void)snprintf(path, sizeof(path), "%s/data/postmaster.pid", server->dir);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    char line[32] = "";
    assert_non_null(fgets(line, sizeof(line), f));
    (void)fclose(f);
    return strtol(line, NULL, 10);
}

/* The parent of a process, from /proc/PID/stat; -1 if it is gone. */
static long parent_of(const char *pid)
{
    char path[300];
    char stat[400] = "";
    (void)snprintf(path, sizeof(path), "/proc/%s/stat", pid);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return -1;
    const char *got = fgets(stat, sizeof(stat), f);
    (void)fclose(f);
    const char *end = got != NULL ? strrchr(stat, ')') : NULL;
    return end != NULL ? strtol(end + 4, NULL, 10) : -1;
}

bool port_refuses(int port)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    bool refused =
        connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 && errno == ECONNREFUSED;
    (void)close(fd);
    return refused;
}

void server_signal(const struct test_server *server, int sig)
{
    long top = postmaster(server);
    assert_true(top > 1);
    /* The postmaster first: it must not replace children that stop. */
    assert_int_equal(kill((pid_t)top, sig), 0);
    DIR *proc = opendir("/proc");
    assert_non_null(proc);
    for (struct dirent *e; (e = readdir(proc)) != NULL;) {
        if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && parent_of(e->d_name) == top)
            (void)kill((pid_t)strtol(e->d_name, NULL, 10), sig);
    }
    (void)closedir(proc);
}

int lab_port(void)
{
    const char *port = getenv("LAB_PORT_PG");
    return port != NULL ? (int)strtol(port, NULL, 10) : 15432;
}

const struct pipeline_config *pg_pipeline(int port, const char *user, const char *password,
                                          const char *database)
{
    static char conninfo[300];
    static char secret[100];
    static struct pipeline_config cfg;
    (void)snprintf(conninfo, sizeof(conninfo), "postgresql://%s@127.0.0.1:%d/%s", user, port,
                   database);
    (void)snprintf(secret, sizeof(secret), "%s", password);
    cfg.postgres.conninfo = conninfo;
    cfg.postgres.password = secret;
    cfg.postgres.connect_timeout_ms = 3000;
    cfg.postgres.statement_timeout_ms = 3000;
    return &cfg;
}

struct snapshot *poll_once(void *source, bool full, int ms, struct err *err)
{
    struct poll_ctx ctx = {.deadline_ms = clock_mono_ms() + ms, .stop_fd = -1, .full = full};
    err_clear(err);
    return source_postgres.poll(source, &ctx, err);
}

struct snapshot *poll_alone(const struct pipeline_config *cfg, struct err *err)
{
    void *source = source_postgres.open(cfg, err);
    assert_non_null(source);
    struct snapshot *snap = poll_once(source, true, 10000, err);
    source_postgres.close(source);
    return snap;
}

static const char *sql_answer(int port, const char *database, const char *sql)
{
    static char answer[2000];
    struct err err = ERR_INIT;
    const struct pipeline_config *cfg = pg_pipeline(port, "postgres", "postgres", database);
    struct pgconn_params params = {.conninfo = cfg->postgres.conninfo,
                                   .password = "postgres",
                                   .read_write = true,
                                   .statement_timeout_ms = 20000};
    struct pgconn *conn = pgconn_open(&params, clock_mono_ms() + 20000, -1, &err);
    if (conn == NULL)
        fail_msg("%s", err.text);
    struct arena *arena = arena_new();
    struct pgrows *rows = pgconn_query(conn, arena, sql, NULL, 0, &err);
    if (rows == NULL)
        fail_msg("%s: %s", sql, err.text);
    const char *cell = pgrows_text(rows, 0, 0);
    (void)snprintf(answer, sizeof(answer), "%s", cell != NULL ? cell : "");
    arena_free(arena);
    pgconn_close(conn);
    return answer;
}

void run_sql(int port, const char *database, const char *sql)
{
    (void)sql_answer(port, database, sql);
}

void server_prepare(const struct test_server *server, const char *const *steps, size_t n)
{
    for (size_t i = 0; i < n; i++)
        run_sql(server->port, "postgres", steps[i]);
}

struct pg_call server_call(const struct test_server *server, const char *user)
{
    return (struct pg_call){.cfg = &pg_pipeline(server->port, user, user, "postgres")->postgres,
                            .deadline_ms = clock_mono_ms() + 10000,
                            .stop_fd = -1};
}

const char *ask_sql(int port, const char *database, const char *sql)
{
    return sql_answer(port, database, sql);
}

const struct pg_slot *find_slot(const struct snapshot *snap, const char *name)
{
    for (size_t i = 0; i < snap->pg.nslots; i++) {
        if (strcmp(snap->pg.slots[i].name, name) == 0)
            return &snap->pg.slots[i];
    }
    return NULL;
}

const struct note *find_note(const struct snapshot *snap, const char *piece)
{
    for (size_t i = 0; i < snap->notes.count; i++) {
        if (strstr(snap->notes.items[i].what, piece) != NULL)
            return &snap->notes.items[i];
    }
    return NULL;
}
