#include "tests/live/contract.h"

#include "base/mem.h"
#include "tests/aws/rig.h"
#include "tests/check.h"
#include "tests/pty/rig.h"
#include "tests/unit/keep.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PYTHON_S = 300, START_MS = 60 * 1000, LOOK_MS = 50 };

static pid_t server;

static void no_other_aws(void)
{
    static const char *const theirs[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                         "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION"};
    for (size_t i = 0; i < sizeof(theirs) / sizeof(theirs[0]); i++)
        (void)unsetenv(theirs[i]);
    (void)setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    (void)setenv("AWS_CONFIG_FILE", "/nonexistent", 1);
    (void)setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", 1);
}

/* The python that has botocore; malloc'd. It is installed where it is not there yet. */
static char *python(void)
{
    const char *argv[] = {"tests/stack/aws/venv.sh", NULL};
    int status;
    char *path = rig_run_other(argv, NULL, PYTHON_S, &status);
    path[strcspn(path, "\n")] = '\0';
    if (status != 0)
        (void)fprintf(stderr, "venv.sh: exit %d: %s\n", status, path);
    return path;
}

static void become(const char *path, const char *port_file)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)setenv("PYTHONPATH", "tests/stack/aws", 1);
    (void)setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
    (void)execl(path, path, "-m", "contract", port_file, (char *)NULL);
    _exit(127);
}

/* Until it listens or has ended; false: it has. */
static bool await(const char *port_file)
{
    for (int ms = 0; ms < START_MS; ms += LOOK_MS) {
        int status, port = 0;
        FILE *file = fopen(port_file, "re");
        if (file != NULL) {
            char line[32] = "";
            port = fgets(line, sizeof(line), file) != NULL ? (int)strtol(line, NULL, 10) : 0;
            (void)fclose(file);
        }
        if (port > 0) {
            char *url = mem_printf("http://127.0.0.1:%d", port);
            (void)setenv("AWS_CONTRACT_URL", url, 1);
            free(url);
            return true;
        }
        if (waitpid(server, &status, WNOHANG) == server)
            return false;
        (void)poll(NULL, 0, LOOK_MS);
    }
    return false;
}

bool contract_up(void)
{
    char dir[] = "/tmp/cdctop-contract.XXXXXX";
    if (mkdtemp(dir) == NULL)
        return false;
    no_other_aws();
    (void)setenv("AWS_RUN_DIR", dir, 1);
    char *path = python(), *port_file = contract_file("port");
    server = fork();
    if (server == 0)
        become(path, port_file);
    bool up = server > 0 && await(port_file);
    if (!up)
        (void)fprintf(stderr, "the contract server does not start\n");
    free(path);
    free(port_file);
    return up;
}

void contract_down(void)
{
    int status;
    char *dir = contract_file(""), *line = mem_printf("rm -rf '%s'", dir);
    char *log = contract_file("log"), *audit = contract_file("state/cdctop/audit.jsonl");
    keep_file(log);
    keep_file(audit);
    if (server > 0) {
        (void)kill(server, SIGTERM);
        (void)waitpid(server, &status, 0);
    }
    if (system(line) != 0)
        (void)fprintf(stderr, "%s failed\n", line);
    free(dir);
    free(line);
    free(log);
    free(audit);
}
