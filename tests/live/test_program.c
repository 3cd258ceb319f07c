/* The whole program in a terminal, on the real pipeline: what it shows, each server's bad days, and
 * the actions by key. */
#include "tests/check.h"
#include "tests/live/lab.h"
#include "tests/live/postgres_help.h"
#include "tests/unit/keep.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SOON = 30000, AT_ONCE = RIG_AT_ONCE, RECOVERY = 180000 };

static struct pty *program(const char *const *args)
{
    char state[128];
    (void)snprintf(state, sizeof(state), "%s", lab_audit_path());
    *strstr(state, "/cdctop/") = '\0';
    char home[160];
    (void)snprintf(home, sizeof(home), "XDG_STATE_HOME=%s", state);
    const char *env[] = {home, NULL};
    struct pty *pty =
        rig_start(&(struct rig_options){.ports = lab_ports(), .args = args, .env = env});
    assert_non_null(pty);
    assert_true(pty_expect(pty, rig_frame, SOON));
    return pty;
}

static void leave(struct pty *pty)
{
    const char *why;
    pty_send(pty, "Q");
    assert_true(pty_exits_with(pty, AT_ONCE, 0));
    if (!pty_terminal_clean(pty, &why))
        fail_msg("the terminal is not as it was: %s", why);
    pty_free(pty);
}

static void test_the_overview_shows_the_pipeline(void **state)
{
    (void)state;
    static const char *const names[] = {
        "dbz_shop", "shop.public.*", "orders", "shop-source", "shop-s3", "RUNNING", "cdc-archive",
    };
    struct pty *pty = program(NULL);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_true(pty_expect(pty, names[i], SOON));
    assert_true(pty_expect_gone(pty, "UNKNOWN", SOON));
    assert_true(pty_expect_gone(pty, "asking", SOON));
    pty_resize(pty, 24, 80);
    assert_true(pty_expect(pty, "dbz_shop", SOON));
    leave(pty);
}

static void test_details_of_every_kind(void **state)
{
    (void)state;
    static const struct {
        const char *pane, *row, *shows;
    } details[] = {
        {"1", "dbz_shop", "pg_replication_slots"},
        {"2", "orders",   "Partitions"          },
        {"3", "shop-s3",  "secrets are masked"  },
        {"4", "orders",   "Objects of"          },
    };
    struct pty *pty = program(NULL);
    for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++) {
        assert_true(pty_expect(pty, details[i].row, SOON));
        pty_send(pty, details[i].pane);
        pty_send(pty, "/");
        pty_send(pty, details[i].row);
        pty_send(pty, "\r");
        pty_settle(pty, 100, 1000);
        pty_send(pty, "\r");
        assert_true(pty_expect(pty, "q back", AT_ONCE));
        assert_true(pty_expect(pty, details[i].shows, AT_ONCE));
        assert_false(pty_has(pty, "labsecret12345678"));
        pty_send(pty, "q");
        assert_true(pty_expect(pty, rig_frame, AT_ONCE));
        pty_send(pty, "\033"); /* clears the filter */
        pty_settle(pty, 100, 1000);
    }
    leave(pty);
}

/* Into its home, which is kept to be looked through for secrets. */
static void test_what_is_known_is_written_into_files(void **state)
{
    (void)state;
    struct pty *pty = program(NULL);
    assert_true(pty_expect(pty, "shop-s3", SOON));
    pty_send(pty, "3/shop-s3\r");
    pty_settle(pty, 100, 1000);
    pty_send(pty, ":write sink.connector.json\r");
    assert_true(pty_expect(pty, "secrets are masked in it", AT_ONCE));
    pty_send(pty, "\033:write all\r");
    assert_true(pty_expect(pty, "written to all.txt and .json", AT_ONCE));
    pty_send(pty, ":save-incident past.zst\r");
    assert_true(pty_expect(pty, "--replay past.zst", AT_ONCE));
    leave(pty);
}

/* ---- bad days */

struct server {
    const char *part;
    bool alone; /* the others do not need it */
};

static const struct server servers[RIG_SERVERS] = {
    [RIG_PG] = {"postgres", true },
    [RIG_KAFKA] = {"kafka",    false}, /* Connect keeps its offsets in Kafka */
    [RIG_CONNECT] = {"connect",  true },
    [RIG_S3] = {"s3",       true },
};

static void keys_answer(struct pty *pty)
{
    pty_send(pty, "?");
    assert_true(pty_expect(pty, "elp", AT_ONCE));
    pty_send(pty, "\033");
    assert_true(pty_expect(pty, rig_frame, AT_ONCE));
}

static void others_go_on(struct pty *pty, int bad)
{
    for (int i = 0; i < RIG_SERVERS; i++) {
        if (i == bad || (i == RIG_CONNECT && !servers[bad].alone))
            continue;
        if (!rig_expect_trouble(pty, (enum rig_server)i, false, RECOVERY)) /* late is no trouble */
            fail_msg("%s is in trouble, and the pane of %s says so too", servers[bad].part,
                     servers[i].part);
    }
}

static void all_well(struct pty *pty, int ms)
{
    for (int i = 0; i < RIG_SERVERS; i++)
        assert_true(rig_expect_trouble(pty, (enum rig_server)i, false, ms));
}

static struct pty *healthy(void)
{
    struct pty *pty = program(NULL);
    assert_true(pty_expect(pty, "dbz_shop", SOON));
    assert_true(pty_expect(pty, "shop-s3", SOON));
    all_well(pty, SOON);
    return pty;
}

static void test_each_server_frozen_and_thawed(void **state)
{
    (void)state;
    lab_may_break();
    struct pty *pty = healthy();
    for (int i = 0; i < RIG_SERVERS; i++) {
        lab_fault("freeze", servers[i].part);
        assert_true(rig_expect_trouble(pty, (enum rig_server)i, true, SOON));
        keys_answer(pty);
        others_go_on(pty, i);
        lab_fault("thaw", servers[i].part);
        all_well(pty, RECOVERY);
    }
    leave(pty);
}

static void test_each_server_stopped_and_started_again(void **state)
{
    (void)state;
    lab_may_break();
    struct pty *pty = healthy();
    for (int i = 0; i < RIG_SERVERS; i++) {
        lab_fault("kill", servers[i].part);
        assert_true(rig_expect_trouble(pty, (enum rig_server)i, true, SOON));
        if (strcmp(servers[i].part, "kafka") != 0)
            assert_true(pty_expect(pty, "refused", SOON));
        keys_answer(pty);
        others_go_on(pty, i);
        lab_fault("start", servers[i].part);
        all_well(pty, RECOVERY);
    }
    leave(pty);
}

static void test_all_frozen_and_quit(void **state)
{
    (void)state;
    lab_may_break();
    struct pty *pty = healthy();
    for (int i = 0; i < RIG_SERVERS; i++)
        lab_fault("freeze", servers[i].part);
    for (int i = 0; i < RIG_SERVERS; i++)
        assert_true(rig_expect_trouble(pty, (enum rig_server)i, true, SOON));
    keys_answer(pty);
    leave(pty);
    lab_heal();
}

/* ---- logins */

static struct pty *program_with(const char *config)
{
    char path[] = "/tmp/cdctop-login.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, config, strlen(config)), (ssize_t)strlen(config));
    close(fd);
    char log[80];
    const char *argv[] = {rig_program(), "--config", path, NULL, NULL, NULL};
    if (keep_path(log, sizeof(log), "log")) {
        argv[3] = "--log";
        argv[4] = log;
    }
    struct pty *pty = pty_start(&(struct pty_options){.argv = argv});
    assert_non_null(pty);
    assert_true(pty_expect(pty, rig_frame, SOON));
    unlink(path);
    return pty;
}

static void test_refused_logins_are_told_in_words(void **state)
{
    (void)state;
    struct rig_ports p = lab_ports();
    const char *sasl = getenv("LAB_PORT_KAFKA_SASL");
    char config[2000];
    assert_non_null(sasl);
    (void)snprintf(
        config, sizeof(config),
        "[[pipeline]]\nname = \"shop\"\n"
        "[pipeline.postgres]\nconninfo = \"host=127.0.0.1 port=%d dbname=shop user=cdctop\"\n"
        "password = \"not-this-one\"\n"
        "[pipeline.kafka]\nbootstrap_servers = [\"127.0.0.1:%s\"]\n"
        "security_protocol = \"SASL_PLAINTEXT\"\nsasl_mechanism = \"SCRAM-SHA-512\"\n"
        "sasl_username = \"alice\"\nsasl_password = \"nor-this-one\"\n"
        "[pipeline.connect]\nurls = [\"http://127.0.0.1:%d\"]\n"
        "[pipeline.s3]\nurl = \"s3://cdc-archive\"\nregion = \"us-east-1\"\n"
        "endpoint = \"http://127.0.0.1:%d\"\naccess_key_id = \"labaccess\"\n"
        "secret_access_key = \"also-wrong\"\n",
        p.port[RIG_PG], sasl, p.port[RIG_CONNECT], p.port[RIG_S3]);
    struct pty *pty = program_with(config);
    assert_true(pty_expect(pty, "password authentication failed", SOON));
    assert_true(
        pty_expect_any(pty,
                       (const char *const[]){"uthentication failed during", "SCRAM", "SASL", NULL},
                       SOON) >= 0);
    assert_true(pty_expect(pty, "SignatureDoesNotMatch", SOON));
    assert_true(pty_expect(pty, "shop-s3", SOON)); /* Connect goes on */
    keys_answer(pty);
    size_t n;
    const unsigned char *out = pty_output(pty, &n);
    static const char *const secrets[] = {"not-this-one", "nor-this-one", "also-wrong"};
    for (size_t i = 0; i < 3; i++)
        assert_null(memmem(out, n, secrets[i], strlen(secrets[i])));
    leave(pty);
}

static void test_a_login_without_rights_names_the_grant(void **state)
{
    (void)state;
    struct rig_ports p = lab_ports();
    char config[1000];
    (void)snprintf(
        config, sizeof(config),
        "[[pipeline]]\nname = \"shop\"\n[pipeline.postgres]\nconninfo = \"host=127.0.0.1 "
        "port=%d dbname=shop user=nobody_rights\"\npassword = \"lab-password-of-nobody_rights\"\n",
        p.port[RIG_PG]);
    struct pty *pty = program_with(config);
    assert_true(pty_expect(pty, "GRANT", SOON));
    leave(pty);
}

/* ---- actions by key */

static void select_row(struct pty *pty, const char *pane, const char *row)
{
    assert_true(pty_expect(pty, row, SOON));
    pty_send(pty, pane);
    pty_send(pty, "/");
    pty_send(pty, row);
    pty_send(pty, "\r");
    pty_settle(pty, 100, 1000);
}

static void test_no_is_the_default(void **state)
{
    (void)state;
    lab_audit_clear();
    struct pty *pty = program(NULL);
    select_row(pty, "3", "shop-s3");
    pty_send(pty, "P");
    assert_true(pty_expect(pty, "PUT", SOON)); /* the request, exactly */
    assert_true(pty_expect(pty, "y/N", AT_ONCE));
    pty_send(pty, "\r");
    assert_true(pty_expect_gone(pty, "y/N", SOON));
    leave(pty);
    char *audit = lab_audit_text();
    assert_string_equal(audit, "");
    free(audit);
}

static void move_bucket(const char *from, const char *to)
{
    char a[512], b[512];
    (void)snprintf(a, sizeof(a), "%s/%s", getenv("LAB_DIR"), from);
    (void)snprintf(b, sizeof(b), "%s/%s", getenv("LAB_DIR"), to);
    assert_int_equal(rename(a, b), 0);
}

static void test_a_dead_task_is_restarted_by_key(void **state)
{
    (void)state;
    lab_may_break();
    lab_audit_clear();
    /* the sink gives up when its bucket is gone, and stays FAILED when it is back */
    move_bucket("data/s3/cdc-archive", "data/away");
    lab_script("connector.sh", "wait", "shop-s3", "RUNNING FAILED", "90", NULL);
    move_bucket("data/away", "data/s3/cdc-archive");
    struct pty *pty = program(NULL);
    assert_true(pty_expect(pty, "S03", SOON)); /* the finding, with its remedy */
    select_row(pty, "3", "shop-s3");
    pty_send(pty, "R");
    assert_true(pty_expect(pty, "POST", SOON));
    pty_send(pty, "y");
    assert_true(pty_expect(pty, "worked", 120000));
    pty_send(pty, "\033");
    assert_true(pty_expect_gone(pty, "S03", SOON));
    leave(pty);
    lab_script("connector.sh", "wait", "shop-s3", "RUNNING RUNNING", "10", NULL);
    char *audit = lab_audit_text();
    assert_non_null(strstr(audit, "shop-s3"));
    assert_non_null(strstr(audit, "\"worked\""));
    free(audit);
}

static void test_drop_a_slot_by_key_wants_its_name(void **state)
{
    (void)state;
    lab_may_break();
    int port = lab_port();
    static const char count[] =
        "select count(*) from pg_replication_slots where slot_name = 'left_over'";
    run_sql(port, "shop", "select pg_create_logical_replication_slot('left_over', 'pgoutput')");
    struct pty *pty = program(NULL);
    select_row(pty, "1", "left_over");
    pty_send(pty, "D");
    assert_true(pty_expect(pty, "pg_drop_replication_slot", SOON));
    pty_send(pty, "yes\r");
    pty_settle(pty, 300, 1500);
    assert_string_equal(ask_sql(port, "shop", count), "1");
    pty_send(pty, "\033");
    pty_settle(pty, 300, 1500);
    pty_send(pty, "\033");
    select_row(pty, "1", "left_over");
    pty_send(pty, "D");
    assert_true(pty_expect(pty, "pg_drop_replication_slot", SOON));
    pty_send(pty, "left_over\r");
    assert_true(pty_expect(pty, "worked", 60000));
    assert_string_equal(ask_sql(port, "shop", count), "0");
    pty_send(pty, "\033");
    assert_true(pty_expect_gone(pty, "worked", AT_ONCE));
    leave(pty);
}

static void test_read_only_blocks_and_says_so(void **state)
{
    (void)state;
    struct pty *pty = program((const char *const[]){"--read-only", NULL});
    assert_true(pty_has(pty, "[RO]"));
    select_row(pty, "3", "shop-s3");
    pty_send(pty, "R");
    assert_true(pty_expect(pty, "read-only", AT_ONCE));
    leave(pty);
}

static int thaw(void **state)
{
    (void)state;
    const char *faults = getenv("LAB_FAULTS");
    if (faults != NULL && strcmp(faults, "1") == 0)
        lab_heal();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_overview_shows_the_pipeline),
        cmocka_unit_test(test_details_of_every_kind),
        cmocka_unit_test(test_what_is_known_is_written_into_files),
        cmocka_unit_test(test_refused_logins_are_told_in_words),
        cmocka_unit_test(test_a_login_without_rights_names_the_grant),
        cmocka_unit_test(test_no_is_the_default),
        cmocka_unit_test(test_a_dead_task_is_restarted_by_key),
        cmocka_unit_test(test_drop_a_slot_by_key_wants_its_name),
        cmocka_unit_test(test_read_only_blocks_and_says_so),
        cmocka_unit_test_setup_teardown(test_each_server_frozen_and_thawed, NULL, thaw),
        cmocka_unit_test_setup_teardown(test_each_server_stopped_and_started_again, NULL, thaw),
        cmocka_unit_test_setup_teardown(test_all_frozen_and_quit, NULL, thaw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
