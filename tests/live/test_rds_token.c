/* Logging in with a token of RDS that is verified and taken: before a real PostgreSQL stands an
 * endpoint that has RDS's certificate and verifies tokens (tests/stack/aws/contract/database.py).
 * What a server that is no RDS makes of tokens: test_postgres_rds.c. */
#include "action/pg_slot.h"
#include "aws/aws.h"
#include "aws/login.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/pgconn.h"
#include "net/sigv4.h"
#include "tests/aws/rig.h"
#include "tests/check.h"
#include "tests/live/contract.h"
#include "tests/live/postgres_help.h"
#include "tests/pty/rig.h"
#include "tests/unit/keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VERSION = 17, PLENTY_MS = 60000, TOKEN_S = 900, RECORDINGS = 20 };

#define HOST      "shop.abcdefghijkl.eu-west-3.rds.amazonaws.com"
#define ELSEWHERE "shop.abcdefghijkl.us-east-1.rds.amazonaws.com"

static struct test_server server;
static int port; /* of the endpoint */

/* ---- the servers ----------------------------------------------------------------------------- */

static bool run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static bool run(const char *fmt, ...)
{
    char line[1500];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    return system(line) == 0;
}

#define KEY "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"

/* Two authorities, a bundle of both as RDS's is one of many; certificates of the endpoint. */
static bool certificates(void)
{
    char *dir = contract_file("tls");
    bool ok =
        run("mkdir '%s' && cd '%s' && exec 2>openssl.log && "
            "for ca in ours other; do openssl req -x509 " KEY " -days 2 -subj \"/CN=$ca\" "
            "-keyout $ca.key -out $ca.crt || exit 1; done && cat other.crt ours.crt >bundle.pem && "
            "openssl req " KEY " -subj /CN=" HOST " -addext subjectAltName=DNS:" HOST
            ",DNS:" ELSEWHERE " -keyout server.key -out server.csr && "
            "openssl x509 -req -in server.csr -CA ours.crt -CAkey ours.key -CAcreateserial -days 2 "
            "-copy_extensions copy -out server.crt",
            dir, dir);
    free(dir);
    return ok;
}

static int setup(void **state)
{
    (void)state;
    static const char *const steps[] = {
        "CREATE ROLE rds_iam",
        "CREATE ROLE cdctop LOGIN REPLICATION IN ROLE rds_iam, pg_monitor",
        "CREATE ROLE other LOGIN IN ROLE rds_iam",
        "CREATE ROLE plain LOGIN PASSWORD 'plain'",
        "SELECT pg_create_logical_replication_slot('left_behind', 'pgoutput')",
    };
    if (!contract_up() || !certificates() || !server_up(&server, VERSION))
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        run_sql(server.port, "postgres", steps[i]);
    if (!run("cd '%s/data' && { echo 'host all +rds_iam 127.0.0.1/32 trust'; cat pg_hba.conf; } "
             ">new && cat new >pg_hba.conf && rm new",
             server.dir))
        return -1;
    run_sql(server.port, "postgres", "SELECT pg_reload_conf()");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_down(&server);
    contract_down();
    return 0;
}

static void open_endpoint(const char *host)
{
    char *certificate = contract_file("tls/server.crt"), *key = contract_file("tls/server.key");
    port = contract_database(host, server.port, certificate, key);
    free(certificate);
    free(key);
}

static int fresh(void **state)
{
    (void)state;
    contract_reset();
    open_endpoint(HOST);
    return 0;
}

/* ---- cdctop ---------------------------------------------------------------------------------- */

struct dsn {
    const char *host, *user, *sslmode, *bundle; /* NULL: HOST, cdctop, verify-full, bundle.pem */
};

static char *postgres_section(const struct dsn *dsn)
{
    char *bundle = mem_printf("tls/%s", dsn->bundle != NULL ? dsn->bundle : "bundle.pem");
    char *path = contract_file(bundle);
    char *text = mem_printf(
        "[pipeline.postgres]\nconninfo = \"host=%s hostaddr=127.0.0.1 port=%d "
        "user=%s dbname=postgres sslmode=%s sslrootcert=%s\"\n"
        "login = \"rds-iam\"\nconnect_timeout = \"30s\"\nstatement_timeout = \"30s\"\n",
        dsn->host != NULL ? dsn->host : HOST, port, dsn->user != NULL ? dsn->user : "cdctop",
        dsn->sslmode != NULL ? dsn->sslmode : "verify-full", path);
    free(path);
    free(bundle);
    return text;
}

static char *toml_of(const char *user, const struct dsn *dsn)
{
    char *section = postgres_section(dsn), *toml = contract_toml(user, section);
    free(section);
    return toml;
}

static struct snapshot *poll_source(const struct contract_client *c, void *source, struct err *err)
{
    struct poll_ctx ctx = {
        .deadline_ms = clock_mono_ms() + PLENTY_MS, .stop_fd = -1, .aws = c->aws, .full = true};
    err_clear(err);
    return source_postgres.poll(source, &ctx, err);
}

/* Logins at the endpoint since the reset: `index` from the first on; the object is whole's. */
static const cJSON *login_at(const cJSON *whole, int index)
{
    const cJSON *login = cJSON_GetArrayItem(whole, index);
    if (login == NULL)
        fail_msg("there was no login %d", index);
    return login;
}

static void expect_login(int index, const char *user, const char *code)
{
    cJSON *whole = contract_logins();
    const cJSON *login = login_at(whole, index);
    if (strcmp(json_str(login, "user", ""), user) != 0 ||
        strcmp(json_str(login, "code", ""), code) != 0)
        fail_msg("login %d: user '%s', %s: %s", index, json_str(login, "user", ""),
                 json_str(login, "code", ""), json_str(login, "why", ""));
    cJSON_Delete(whole);
}

static void expect_logins(int n)
{
    cJSON *whole = contract_logins();
    assert_int_equal(cJSON_GetArraySize(whole), n);
    cJSON_Delete(whole);
}

static char *token_at(int index)
{
    cJSON *whole = contract_logins();
    char *token = mem_strdup(json_str(login_at(whole, index), "token", ""));
    cJSON_Delete(whole);
    return token;
}

/* ---- it lets in ------------------------------------------------------------------------------ */

static void test_a_token_lets_in(void **state)
{
    (void)state;
    int status;
    char *toml = toml_of("session", &(struct dsn){0});
    cJSON *root = contract_status(toml, &status);
    if (strcmp(contract_source(root, "postgres", "state"), "fresh") != 0)
        fail_msg("%s", contract_source(root, "postgres", "error"));
    (void)contract_find(root, "slots", "name", "left_behind");
    expect_login(0, "session", "");
    expect_logins(1);
    cJSON_Delete(root);
    free(toml);
}

/* Keys that end, of a program that gives them: those of a user of the contract server. */
static void give_keys(const char *user, int64_t until_ms)
{
    char until[40];
    struct contract_user u = contract_user(user);
    char *path = contract_file("given.json");
    char *json = mem_printf("{\"Version\": 1, \"AccessKeyId\": \"%s\", \"SecretAccessKey\": "
                            "\"%s\", \"SessionToken\": \"%s\", \"Expiration\": \"%s\"}",
                            u.id, u.secret, u.token, clock_iso(until_ms, until, sizeof(until)));
    contract_write(path, json);
    mem_wipe_free(json);
    free(path);
    contract_user_free(&u);
}

static void use_given_keys(void)
{
    char *keys = contract_file("given.json"), *path = contract_file("aws-config");
    char *text = mem_printf("[default]\nregion = eu-west-3\ncredential_process = cat %s\n", keys);
    contract_write(path, text);
    (void)setenv("AWS_CONFIG_FILE", path, 1);
    free(text);
    free(path);
    free(keys);
}

static char *toml_without_keys(void)
{
    char *section = postgres_section(&(struct dsn){0});
    char *toml = mem_printf("[[pipeline]]\nname = \"shop\"\n[pipeline.aws]\nendpoint = \"%s\"\n%s",
                            getenv("AWS_CONTRACT_URL"), section);
    free(section);
    return toml;
}

static void expect_poll(const struct contract_client *c, void *source)
{
    struct err err = ERR_INIT;
    struct snapshot *snap = poll_source(c, source, &err);
    if (snap == NULL) /* the first one after a session was ended may have found that out */
        snap = poll_source(c, source, &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    assert_non_null(find_slot(snap, "left_behind"));
    snapshot_free(snap);
}

static void end_sessions(void)
{
    run_sql(server.port, "postgres",
            "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE usename = "
            "'cdctop'");
}

/* Time goes by for AWS, and for us, who have its time. */
static void hours_later(struct aws *aws, int hours)
{
    contract_clock(hours * 3600);
    aws_saw_date(aws, clock_wall_ms() + hours * INT64_C(3600000));
}

static void test_each_connection_brings_its_own(void **state)
{
    (void)state;
    struct contract_client c;
    int64_t hour_ms = 3600 * 1000, now_ms = clock_wall_ms();
    give_keys("session", now_ms + hour_ms);
    use_given_keys();
    char *toml = toml_without_keys();
    contract_open(&c, toml);
    void *source = source_postgres.open(&c.config->pipelines[0], NULL);
    expect_poll(&c, source);
    expect_poll(&c, source);
    expect_logins(1);
    /* The session outlives its token. The next one cannot have it, nor keys that ended. */
    give_keys("renewed", now_ms + 3 * hour_ms);
    hours_later(c.aws, 2);
    expect_poll(&c, source);
    expect_logins(1);
    end_sessions();
    expect_poll(&c, source);
    expect_login(0, "session", "");
    expect_login(1, "renewed", "");
    expect_logins(2);
    char *first = token_at(0), *second = token_at(1);
    assert_string_not_equal(first, second);
    free(first);
    free(second);
    source_postgres.close(source);
    contract_close(&c);
    free(toml);
    (void)setenv("AWS_CONFIG_FILE", "/nonexistent", 1);
}

/* AWS took them back before their time; whoever gives them has others already. */
static void test_keys_that_were_replaced(void **state)
{
    (void)state;
    struct contract_client c;
    struct err err = ERR_INIT;
    int64_t until_ms = clock_wall_ms() + 24 * INT64_C(3600000);
    give_keys("expired", until_ms);
    use_given_keys();
    char *toml = toml_without_keys();
    contract_open(&c, toml);
    void *source = source_postgres.open(&c.config->pipelines[0], NULL);
    assert_null(poll_source(&c, source, &err));
    if (strstr(err.text, "the session has ended") == NULL)
        fail_msg("%s", err.text);
    expect_login(0, "", "ExpiredCredentials");
    give_keys("renewed", until_ms);
    hours_later(c.aws, 1);
    struct snapshot *snap = poll_source(&c, source, &err);
    if (snap == NULL)
        fail_msg("%s", err.text);
    snapshot_free(snap);
    expect_login(1, "", "ExpiredCredentials");
    expect_login(2, "renewed", "");
    expect_logins(3);
    source_postgres.close(source);
    contract_close(&c);
    free(toml);
    (void)setenv("AWS_CONFIG_FILE", "/nonexistent", 1);
}

static void test_an_action_goes_that_way_too(void **state)
{
    (void)state;
    int status;
    run_sql(server.port, "postgres",
            "SELECT pg_create_logical_replication_slot('old', 'pgoutput')");
    char *toml = toml_of("session", &(struct dsn){0});
    char *text =
        contract_cdctop(toml, CONTRACT_ARGS("do", "drop-slot", "old", "--yes", "old"), &status);
    if (status != 0)
        fail_msg("exit %d: %s", status, text);
    assert_string_equal(
        ask_sql(server.port, "postgres",
                "SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'old'"),
        "0");
    cJSON *logins = contract_logins();
    assert_true(cJSON_GetArraySize(logins) >= 2);
    const cJSON *login;
    cJSON_ArrayForEach(login, logins)
    {
        assert_string_equal(json_str(login, "user", ""), "session");
    }
    cJSON_Delete(logins);
    free(text);
    free(toml);
}

/* ---- it does not ----------------------------------------------------------------------------- */

static void open_with(const char *toml, enum err_kind kind, const char *const *says, size_t n)
{
    struct contract_client c;
    struct err err = ERR_INIT;
    contract_open(&c, toml);
    struct pgconn_params params = {0};
    struct pgconn *conn = login_postgres(c.aws, &c.config->pipelines[0].postgres, &params,
                                         clock_mono_ms() + PLENTY_MS, -1, &err);
    if (kind == ERR_NONE && conn == NULL)
        fail_msg("%s", err.text);
    assert_true(kind == ERR_NONE || conn == NULL);
    if (err.kind != kind)
        fail_msg("%s: %s", err_kind_name(err.kind), err.text);
    for (size_t i = 0; i < n && says[i] != NULL; i++) {
        if (strstr(err.text, says[i]) == NULL)
            fail_msg("no \"%s\" in: %s", says[i], err.text);
    }
    assert_null(strstr(err.text, "X-Amz-"));
    pgconn_close(conn);
    contract_close(&c);
}

static void test_refusals_say_what_is_known_of_the_reason(void **state)
{
    (void)state;
    static const struct {
        const char *user;
        struct dsn dsn;
        const char *code; /* as the endpoint has it; NULL: no token came there */
        const char *says[4];
    } cases[] = {
        {"nobody",
         {.user = NULL},
         "AccessDenied",         {"PAM authentication failed for user \"cdctop\"",
          "AWS takes the keys: allow rds-db:connect",
          "arn:aws:rds-db:eu-west-3:*:dbuser:*/cdctop"}                         },
        {"expired",
         {.user = NULL},
         "ExpiredCredentials",   {"PAM authentication failed", "AWS does not take the credentials", "ExpiredToken",
          "the session has ended"}                                        },
        {"unknown",
         {.user = NULL},
         "InvalidClientTokenId", {"AWS does not take the credentials", "this access key does not exist"}},
        {"admin",
         {.host = "localhost", .sslmode = "verify-ca"},
         "WrongPlace",           {"PAM authentication failed", "AWS takes the keys", "no CNAME"}        },
        {"admin",
         {.user = "plain"},
         NULL,                   {"password authentication failed", "took the IAM token for a password",
          "GRANT rds_iam TO plain"}                                                       },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        fresh(NULL);
        char *toml = toml_of(cases[i].user, &cases[i].dsn);
        open_with(toml, ERR_AUTH, cases[i].says, ARRAY_LEN(cases[i].says));
        if (cases[i].code != NULL)
            expect_login(0, "", cases[i].code);
        expect_logins(cases[i].code != NULL); /* what cannot help is not tried once more */
        free(toml);
    }
}

static void test_a_secret_key_of_another(void **state)
{
    (void)state;
    static const char *const says[] = {"AWS does not take the credentials",
                                       "the secret key does not belong to this access key"};
    struct contract_user admin = contract_user("admin"), nobody = contract_user("nobody");
    char *section = postgres_section(&(struct dsn){0});
    char *toml = mem_printf("[[pipeline]]\nname = \"shop\"\n[pipeline.aws]\nregion = "
                            "\"eu-west-3\"\nendpoint = \"%s\"\naccess_key_id = \"%s\"\n"
                            "secret_access_key = \"%s\"\n%s",
                            getenv("AWS_CONTRACT_URL"), admin.id, nobody.secret, section);
    open_with(toml, ERR_AUTH, says, ARRAY_LEN(says));
    expect_login(0, "", "SignatureDoesNotMatch");
    mem_wipe_free(toml);
    free(section);
    contract_user_free(&admin);
    contract_user_free(&nobody);
}

/* The endpoint is in eu-west-3, whatever its name says. */
static void test_a_token_of_another_region(void **state)
{
    (void)state;
    static const char *const says[] = {"allow rds-db:connect",
                                       "arn:aws:rds-db:us-east-1:*:dbuser:*/cdctop"};
    open_endpoint(ELSEWHERE);
    char *toml = toml_of("admin", &(struct dsn){.host = ELSEWHERE});
    open_with(toml, ERR_AUTH, says, ARRAY_LEN(says));
    expect_login(0, "", "WrongScope");
    free(toml);
}

/* STS, asked because of the refusal, tells the time; and with that it goes. */
static void test_a_wrong_clock_is_found_out(void **state)
{
    (void)state;
    static const struct {
        int ahead_s;
        const char *code;
    } cases[] = {
        {TOKEN_S + 600, "ExpiredToken" },
        {-1500,         "NotYetCurrent"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        fresh(NULL);
        contract_clock(cases[i].ahead_s);
        char *toml = toml_of("session", &(struct dsn){0});
        open_with(toml, ERR_NONE, NULL, 0);
        expect_login(0, "", cases[i].code);
        expect_login(1, "session", "");
        expect_logins(2);
        free(toml);
    }
    /* Where nobody tells the time, the error says that it may be that. */
    static const char *const says[] = {"PAM authentication failed", "rds-db:connect",
                                       "look at the clock of this machine"};
    fresh(NULL);
    contract_clock(TOKEN_S + 600);
    contract_fault("reset", "sts", NULL, 0);
    char *toml = toml_of("session", &(struct dsn){0});
    open_with(toml, ERR_AUTH, says, ARRAY_LEN(says));
    expect_logins(1);
    free(toml);
}

static void test_the_program_says_why(void **state)
{
    (void)state;
    int status;
    char *toml = toml_of("nobody", &(struct dsn){0});
    cJSON *root = contract_status(toml, &status);
    assert_string_equal(contract_source(root, "postgres", "state"), "failing");
    const char *error = contract_source(root, "postgres", "error");
    if (strstr(error, "PAM authentication failed") == NULL ||
        strstr(error, "allow rds-db:connect on arn:aws:rds-db:eu-west-3") == NULL)
        fail_msg("%s", error);
    cJSON_Delete(root);
    root = contract_check(toml, &status);
    assert_int_not_equal(status, 0);
    const cJSON *line = contract_find(root, "checks", "id", "postgres.login");
    assert_string_equal(json_str(line, "result", ""), "failed");
    assert_string_equal(json_str(line, "fix_kind", ""), "iam");
    const char *fix = json_str(line, "fix", "");
    if (strstr(fix, "arn:aws:rds-db:eu-west-3:") == NULL || strstr(fix, ":dbuser:*/cdctop") == NULL)
        fail_msg("%s", fix);
    cJSON_Delete(root);
    free(toml);
}

/* Nobody gets a token before he has shown who he is. */
static void test_another_server_gets_no_token(void **state)
{
    (void)state;
    static const struct {
        struct dsn dsn;
        const char *says[3];
    } cases[] = {
        {{.bundle = "other.crt"},
         {"TLS", "certificate verify failed", "sslrootcert=PATH of RDS's global-bundle.pem"}                                  },
        {{.bundle = "none.pem"},                                     {"none.pem", "does not exist", "global-bundle.pem"}      },
        {{.host = "shop2.abcdefghijkl.eu-west-3.rds.amazonaws.com"},
         {"certificate for \"" HOST "\"", "does not match host name", "shop2"}                                                },
        {{.host = "localhost"},                                      {"does not match host name", "\"localhost\"", "no CNAME"}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *toml = toml_of("session", &cases[i].dsn);
        open_with(toml, ERR_TLS, cases[i].says, ARRAY_LEN(cases[i].says));
        free(toml);
    }
    expect_logins(0);
}

/* ---- the endpoint is as strict as it must be ------------------------------------------------- */

static bool gets_in(const struct aws_credentials *keys, const char *user, int age_s)
{
    char *path = contract_file("tls/bundle.pem"), conninfo[500];
    char *token = sigv4_rds_token(keys, "eu-west-3", HOST, port, user,
                                  clock_wall_ms() - age_s * INT64_C(1000));
    struct pgconn_params params = {.conninfo = conninfo, .password = token};
    struct err err = ERR_INIT;
    (void)snprintf(conninfo, sizeof(conninfo),
                   "host=" HOST " hostaddr=127.0.0.1 port=%d user=cdctop dbname=postgres "
                   "sslmode=verify-full sslrootcert=%s",
                   port, path);
    struct pgconn *conn = pgconn_open(&params, clock_mono_ms() + PLENTY_MS, -1, &err);
    bool in = conn != NULL;
    if (!in && strstr(err.text, "PAM authentication failed for user \"cdctop\" (28000)") == NULL)
        fail_msg("%s", err.text);
    pgconn_close(conn);
    mem_wipe_free(token);
    free(path);
    return in;
}

static void test_only_the_right_token_lets_in(void **state)
{
    (void)state;
    struct contract_user user = contract_user("session");
    struct aws_credentials keys = {
        .access_key_id = user.id, .secret_access_key = user.secret, .session_token = user.token};
    assert_true(gets_in(&keys, "cdctop", TOKEN_S / 2));
    assert_false(gets_in(&keys, "cdctop", TOKEN_S + 1));
    expect_login(1, "", "ExpiredToken");
    assert_false(gets_in(&keys, "other", 0));
    expect_login(2, "", "WrongUser");
    keys.session_token = NULL;
    assert_false(gets_in(&keys, "cdctop", 0));
    expect_login(3, "", "InvalidClientTokenId");
    contract_user_free(&user);
}

/* ---- what is left behind --------------------------------------------------------------------- */

/* Is the text in any file that cdctop wrote? */
static bool is_written(const char *text)
{
    char *dir = contract_file(""), *wanted = contract_file("wanted");
    contract_write(wanted, text);
    bool found = run("cd '%s' && grep -rqFf wanted --exclude-dir=tls --exclude=wanted "
                     "--exclude=given.json .",
                     dir);
    free(dir);
    free(wanted);
    return found;
}

/* For those who look through the whole run. */
static void keep_recordings(void)
{
    for (int i = 0; i < RECORDINGS; i++) {
        char *name = mem_printf("recording-%d", i), *path = contract_file(name);
        keep_file(path);
        free(path);
        free(name);
    }
}

/* A recording with an answer of the database in it: where that comes late, one more. */
static void record(const char *toml)
{
    bool whole = false;
    for (int i = 0; i < RECORDINGS && !whole; i++) {
        int status;
        char *name = mem_printf("recording-%d", i), *path = contract_file(name);
        char *text = contract_cdctop(toml, CONTRACT_ARGS("record", path, "--for", "1s"), &status);
        if (status != 0)
            fail_msg("exit %d: %s", status, text);
        whole = run("grep -q left_behind '%s'", path);
        free(text);
        free(path);
        free(name);
    }
    assert_true(whole);
}

static void test_no_token_is_written_anywhere(void **state)
{
    (void)state;
    static const char mark[] = "X-Amz-Signature=";
    char *toml = toml_of("session", &(struct dsn){0});
    record(toml);
    int status; /* what it says to its caller */
    char *text = contract_cdctop(toml, CONTRACT_ARGS("status", "--json"), &status);
    assert_non_null(strstr(text, "left_behind"));
    assert_null(strstr(text, mark));
    free(text);
    assert_true(is_written("left_behind")); /* so it would be found */
    char *token = token_at(0);
    const char *signature = strstr(token, mark);
    assert_non_null(signature);
    assert_false(is_written(signature + strlen(mark)));
    assert_false(is_written(mark));
    struct contract_user user = contract_user("session");
    assert_false(is_written(user.token));
    contract_user_free(&user);
    free(token);
    free(toml);
    keep_recordings();
}

#define TEST(f) cmocka_unit_test_setup(f, fresh)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_a_token_lets_in),
        TEST(test_each_connection_brings_its_own),
        TEST(test_keys_that_were_replaced),
        TEST(test_an_action_goes_that_way_too),
        TEST(test_refusals_say_what_is_known_of_the_reason),
        TEST(test_a_secret_key_of_another),
        TEST(test_a_token_of_another_region),
        TEST(test_a_wrong_clock_is_found_out),
        TEST(test_the_program_says_why),
        TEST(test_another_server_gets_no_token),
        TEST(test_only_the_right_token_lets_in),
        TEST(test_no_token_is_written_anywhere),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
