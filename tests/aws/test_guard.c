/* With keys and passwords in its memory the program leaves no core behind, and lets nobody else of
 * this user read its memory. */
#include "base/mem.h"
#include "tests/aws/rig.h"
#include "tests/check.h"
#include "tests/pty/rig.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that may dump as much as it likes. */
static pid_t start(const char *const *argv)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    struct rlimit all;
    (void)getrlimit(RLIMIT_CORE, &all);
    all.rlim_cur = all.rlim_max;
    (void)setrlimit(RLIMIT_CORE, &all);
    int null = open("/dev/null", O_RDWR);
    dup2(null, 0);
    dup2(null, 1);
    dup2(null, 2);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

/* "0" of the line "Max core file size    0    0    bytes". */
static void core_limit(pid_t pid, char soft[32], char hard[32])
{
    char path[64], line[256];
    (void)snprintf(path, sizeof(path), "/proc/%d/limits", (int)pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    soft[0] = hard[0] = '\0';
    while (fgets(line, sizeof(line), file) != NULL)
        (void)sscanf(line, "Max core file size %31s %31s", soft, hard);
    (void)fclose(file);
}

static void test_no_core_of_a_program_with_secrets(void **state)
{
    (void)state;
    char soft[32], hard[32];
    char *toml = contract_toml("admin", "[pipeline.dms]\ntasks = [\"*\"]\n");
    char *path = contract_file("guard.toml");
    contract_write(path, toml);
    contract_fault("hang", NULL, NULL, 0);
    pid_t pid = start((const char *const[]){rig_program(), "status", "--config", path, NULL});
    for (int i = 0; i < 600 && contract_count("DescribeReplicationTasks") == 0; i++)
        (void)poll(NULL, 0, 100);
    /* It has signed a request, so the keys are in its memory. */
    assert_true(contract_count("DescribeReplicationTasks") > 0);
    core_limit(pid, soft, hard);
    int status = 0;
    assert_int_equal(kill(pid, SIGABRT), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    (void)unlink(path);
    free(path);
    free(toml);
    assert_string_equal(soft, "0");
    assert_string_equal(hard, "0");
    assert_true(WIFSIGNALED(status));
    assert_false(WCOREDUMP(status));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_core_of_a_program_with_secrets, contract_fresh,
                                        contract_fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
