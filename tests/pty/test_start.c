/* The command line: what is said to who starts the program for the first time, or wrongly. */
#include "tests/check.h"
#include "tests/pty/fake.h"
#include "tests/pty/rig.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SOON = 10000, AT_ONCE = RIG_AT_ONCE };

/* Nothing of the machine that the tests run on: no config, no servers in the environment. */
static const char *const bare[] = {
    "HOME=/nonexistent", "XDG_CONFIG_HOME=/nonexistent", "CDCTOP_CONFIG=", "PGHOST=", NULL,
};

static char *run(int *status, const char *a, const char *b)
{
    const char *argv[] = {rig_program(), a, b, NULL};
    return rig_run(argv, bare, 10, status);
}

static char *run_with_server(int *status, const char *a, const char *b)
{
    const char *argv[] = {rig_program(), "--pg", "host=127.0.0.1 port=1", a, b, NULL};
    return rig_run(argv, bare, 10, status);
}

static void has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void test_without_any_server_it_says_what_to_do(void **state)
{
    (void)state;
    const char *argv[] = {rig_program(), NULL};
    struct pty *pty = pty_start(&(struct pty_options){.argv = argv});
    assert_non_null(pty);
    assert_true(pty_exits_with(pty, SOON, 2));
    /* what can be given, and where a whole example comes from */
    assert_true(pty_has(pty, "--pg"));
    assert_true(pty_has(pty, "--print-config"));
    assert_true(pty_has(pty, "config.toml"));
    const char *why;
    assert_true(pty_terminal_clean(pty, &why));
    pty_free(pty);
}

static void test_the_commands_without_any_server_too(void **state)
{
    (void)state;
    static const char *const commands[][5] = {
        {"status", NULL,      NULL,   NULL,    NULL  },
        {"status", "--json",  NULL,   NULL,    NULL  },
        {"do",     "restart", "sink", "--yes", "sink"},
    };
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        const char *const *w = commands[i];
        const char *argv[] = {rig_program(), w[0], w[1], w[2], w[3], w[4], NULL};
        int status;
        char *text = rig_run(argv, bare, 10, &status);
        assert_int_equal(status, 2);
        has(text, "no pipeline is configured");
        free(text);
    }
}

static void test_help_names_every_flag_and_command(void **state)
{
    (void)state;
    static const struct {
        const char *command; /* NULL: --help alone */
        const char *words[20];
    } helps[] = {
        {NULL,
         {"--config", "--pg", "--kafka", "--connect", "--s3", "--pipeline", "--theme", "--interval",
          "--ascii", "--read-only", "--print-config", "--version", "--help", "status", "config",
          " do "}                                                    },
        {"status", {"--json", "--wait", "unknown"}                   },
        {"do",
         {"restart", "pause", "resume", "stop", "drop-slot", "snapshot", "--dry-run", "--yes",
          "--task", "--all", "--blocking", "--filter", "--connector"}},
    };
    for (size_t h = 0; h < sizeof(helps) / sizeof(helps[0]); h++) {
        int status;
        char *text = helps[h].command == NULL ? run(&status, "--help", NULL)
                                              : run(&status, helps[h].command, "--help");
        assert_int_equal(status, 0);
        for (size_t i = 0; helps[h].words[i] != NULL; i++)
            has(text, helps[h].words[i]);
        free(text);
    }
}

/* One screen of the demo, without a terminal. */
static void test_dump(void **state)
{
    (void)state;
    const char *argv[] = {rig_program(), "--demo=incident", "--dump", "--at",  "5m",
                          "--keys",      "3<Enter>",        "--size", "80x24", NULL};
    int status;
    char *text = rig_run(argv, bare, 30, &status);
    assert_int_equal(status, 0);
    has(text, "Connector shop-s3");
    free(text);
    argv[2] = "--dump=svg";
    text = rig_run(argv, bare, 30, &status);
    assert_int_equal(status, 0);
    assert_memory_equal(text, "<svg ", 5);
    free(text);
    const char *full[] = {"sh", "-c", "\"$0\" --demo --dump >/dev/full; echo \"left $?\"",
                          rig_program(), NULL};
    text = rig_run(full, bare, 30, &status);
    has(text, "standard output");
    has(text, "left 1");
    free(text);
    text = run_with_server(&status, "--dump", NULL); /* a live screen has no moment to go to */
    assert_int_equal(status, 2);
    has(text, "live");
    free(text);
}

static void test_version(void **state)
{
    (void)state;
    int status;
    char *text = run(&status, "--version", NULL);
    assert_int_equal(status, 0);
    assert_string_equal(text, "cdctop " CDCTOP_VERSION "\n");
    free(text);
}

static void test_print_config_can_be_read_again(void **state)
{
    (void)state;
    char dir[] = "/tmp/cdctop-start.XXXXXX", path[64];
    int status;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof(path), "%s/config.toml", dir);
    char *first = run(&status, "--print-config", NULL);
    assert_int_equal(status, 0);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, first, strlen(first)), (ssize_t)strlen(first));
    close(fd);
    const char *argv[] = {rig_program(), "--config", path, "--print-config", NULL};
    char *second = rig_run(argv, bare, 10, &status);
    assert_int_equal(status, 0);
    assert_true(strlen(second) > 100);
    unlink(path);
    rmdir(dir);
    free(first);
    free(second);
}

static void test_a_wrong_flag_is_named(void **state)
{
    (void)state;
    int status;
    char *text = run(&status, "--intervall", "2s");
    assert_int_equal(status, 2);
    has(text, "--intervall");
    free(text);
    text = run(&status, "--interval", "soon");
    assert_int_equal(status, 2);
    has(text, "soon");
    free(text);
    text = run_with_server(&status, "--theme", "no-such-theme");
    assert_int_equal(status, 2);
    has(text, "no-such-theme");
    free(text);
    text = run(&status, "frobnicate", NULL);
    assert_int_equal(status, 2);
    has(text, "frobnicate");
    free(text);
    text = run(&status, "--config", "/nonexistent/config.toml");
    assert_int_equal(status, 2);
    has(text, "/nonexistent/config.toml");
    free(text);
}

static void test_all_mistakes_of_a_config_are_told_at_once(void **state)
{
    (void)state;
    static const char config[] = "[ui]\n"
                                 "intervall = \"2s\"\n"
                                 "theme = 7\n"
                                 "[[pipeline]]\n"
                                 "[pipeline.kafka]\n"
                                 "security_protocol = \"SSH\"\n";
    char dir[] = "/tmp/cdctop-start.XXXXXX", path[64];
    int status;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof(path), "%s/config.toml", dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, config, sizeof(config) - 1), (ssize_t)sizeof(config) - 1);
    close(fd);
    char *text = run(&status, "--config", path);
    assert_int_equal(status, 2);
    has(text, "config.toml:2");
    has(text, "interval");
    has(text, "config.toml:3");
    has(text, "config.toml:6");
    has(text, "SASL_SSL");
    free(text);
    unlink(path);
    rmdir(dir);
}

static void test_the_current_directory_is_not_searched(void **state)
{
    (void)state;
    /* a config may run commands: one that lies about must not be read */
    const char *argv[] = {"sh", "-c",
                          "printf '[ui]\\ntheme = \"${cmd:touch taken}\"\\n' > config.toml; "
                          "cp config.toml cdctop.toml; \"$0\"; echo end $?; ls",
                          NULL, NULL};
    char *program = realpath(rig_program(), NULL);
    argv[3] = program;
    struct pty *pty = pty_start(&(struct pty_options){.argv = argv});
    assert_true(pty_expect(pty, "end 2", SOON));
    assert_true(pty_exits_with(pty, SOON, 0));
    assert_false(pty_has(pty, "taken"));
    free(program);
    pty_free(pty);
}

static void test_without_a_terminal(void **state)
{
    (void)state;
    int status;
    char *text = run(&status, "--pg", "host=127.0.0.1 port=1");
    assert_int_equal(status, 2);
    has(text, "terminal");
    assert_null(strchr(text, '\033'));
    free(text);
}

static void test_flags_show_in_the_frame(void **state)
{
    (void)state;
    struct fake *fakes[RIG_SERVERS];
    const char *args[] = {"--read-only", NULL};
    struct pty *pty = rig_start_fakes(rig_all_frozen, fakes, &(struct rig_options){.args = args});
    assert_true(pty_expect(pty, rig_frame, SOON));
    assert_true(pty_has(pty, "[RO]"));
    pty_send(pty, "q");
    assert_true(pty_exits_with(pty, AT_ONCE, 0));
    pty_free(pty);
    rig_stop_fakes(fakes);
}

/* A worker with one sink whose task has failed; every path gets the same answer. */
#define SINK                                                                                \
    "{\"s\":{\"status\":{\"name\":\"s\",\"type\":\"sink\",\"connector\":{\"state\":\"%s\"," \
    "\"worker_id\":\"w\"},\"tasks\":[{\"id\":0,\"state\":\"FAILED\",\"worker_id\":\"w\","   \
    "\"trace\":\"x\"}]},\"info\":{\"name\":\"s\",\"type\":\"sink\",\"config\":{}}}}"

static struct fake *start_worker(char *answer, size_t size, const char *state)
{
    static struct fake_manner manner;
    char body[600];
    (void)snprintf(body, sizeof(body), SINK, state);
    (void)snprintf(answer, size,
                   "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                   "Content-Length: %zu\r\n\r\n%s",
                   strlen(body), body);
    manner = (struct fake_manner){.text = answer};
    return fake_start(&manner);
}

static void test_the_question_of_do_can_be_left(void **state)
{
    (void)state;
    char answer[1000], url[64];
    struct fake *worker = start_worker(answer, sizeof(answer), "RUNNING");
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", fake_port(worker));
    const char *argv[] = {rig_program(), "--connect", url, "do", "restart", "s", NULL};
    struct pty *pty = pty_start(&(struct pty_options){.argv = argv});
    assert_true(pty_expect(pty, "Type the name", SOON));
    pty_send(pty, "\003");
    assert_true(pty_exits_with(pty, AT_ONCE, 1));
    assert_true(pty_has(pty, "nothing was done"));
    pty_free(pty);
    fake_stop(worker);
}

/* ESC, and CSI as one character: both would be obeyed by a terminal. */
static void test_a_refusal_brings_no_foreign_bytes(void **state)
{
    (void)state;
    char answer[1000], url[64];

    struct fake *worker = start_worker(answer, sizeof(answer), "PAUSED");
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", fake_port(worker));
    const char *argv[] = {rig_program(), "--connect", url, "do", "pause", "\033[2J\302\233x", NULL};
    int status;
    char *text = rig_run(argv, bare, 30, &status);
    assert_int_equal(status, 1);
    has(text, "refused");
    assert_null(strchr(text, '\033'));
    assert_null(strstr(text, "\302\233"));
    free(text);
    fake_stop(worker);
}

/* Names come from servers; a person who looks at the document has a terminal. */
static void test_the_document_brings_no_foreign_bytes(void **state)
{
    (void)state;
    char answer[1000], url[64];
    struct fake *worker = start_worker(answer, sizeof(answer), "\302\2332J\377");
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", fake_port(worker));
    const char *argv[] = {rig_program(), "--connect", url, "status", "--json", NULL};
    int status;
    char *text = rig_run(argv, bare, 30, &status);
    has(text, "\\u009b2J");
    assert_null(strstr(text, "\302\233"));
    assert_null(strchr(text, '\377'));
    free(text);
    fake_stop(worker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_any_server_it_says_what_to_do),
        cmocka_unit_test(test_the_commands_without_any_server_too),
        cmocka_unit_test(test_help_names_every_flag_and_command),
        cmocka_unit_test(test_version),
        cmocka_unit_test(test_dump),
        cmocka_unit_test(test_print_config_can_be_read_again),
        cmocka_unit_test(test_a_wrong_flag_is_named),
        cmocka_unit_test(test_all_mistakes_of_a_config_are_told_at_once),
        cmocka_unit_test(test_the_current_directory_is_not_searched),
        cmocka_unit_test(test_without_a_terminal),
        cmocka_unit_test(test_flags_show_in_the_frame),
        cmocka_unit_test(test_the_question_of_do_can_be_left),
        cmocka_unit_test(test_the_document_brings_no_foreign_bytes),
        cmocka_unit_test(test_a_refusal_brings_no_foreign_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
