#include "tests/live/lab.h"

#include "tests/check.h"
#include "tests/live/postgres_help.h"
#include "tests/unit/json_item.h"
#include "tests/unit/keep.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct rig_ports lab_ports(void)
{
    struct rig_ports ports;
    if (!rig_lab(&ports))
        fail_msg("no lab: run the live tests with 'make live'");
    return ports;
}

const char *lab_env(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL)
        fail_msg("%s is not set: start with tests/live/run.sh", name);
    return value;
}

void lab_may_break(void)
{
    const char *faults = getenv("LAB_FAULTS");
    if (faults == NULL || strcmp(faults, "1") != 0)
        skip();
}

static char *script_run(int *status, const char *script, va_list ap)
{
    enum { MAX = 16 };
    char path[128];
    const char *argv[MAX + 1] = {path};
    (void)snprintf(path, sizeof(path), "tests/stack/%s", script);
    for (int i = 1; i < MAX; i++) {
        argv[i] = va_arg(ap, const char *);
        if (argv[i] == NULL)
            break;
    }
    char *text = rig_run_other(argv, NULL, 180, status);
    size_t n = strlen(text);
    if (n > 0 && text[n - 1] == '\n')
        text[n - 1] = '\0';
    return text;
}

char *lab_ask(int *status, const char *script, ...)
{
    va_list ap;
    va_start(ap, script);
    char *text = script_run(status, script, ap);
    va_end(ap);
    return text;
}

void lab_script(const char *script, ...)
{
    int status;
    va_list ap;
    va_start(ap, script);
    char *text = script_run(&status, script, ap);
    va_end(ap);
    if (status != 0)
        fail_msg("%s: exit %d: %s", script, status, text);
    free(text);
}

/* Debezium says RUNNING long before it has its slot again. */
static void wait_for_slot(void)
{
    static const char sql[] =
        "select count(*) from pg_replication_slots where slot_name = 'dbz_shop' and active";
    int64_t end = pty_now_us() + 180 * INT64_C(1000000);
    while (strcmp(ask_sql(lab_port(), "shop", sql), "1") != 0) {
        if (pty_now_us() > end)
            fail_msg("the source connector did not come back to its slot in 180 s");
        (void)poll(NULL, 0, 500);
    }
}

/* Also after a test that failed in the middle. */
void lab_heal(void)
{
    static const char *const parts[] = {"postgres", "kafka", "connect", "s3"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        int status;
        char *text = lab_ask(&status, "fault.sh", "thaw", parts[i], NULL);
        free(text);
        if (status != 0)
            lab_fault("start", parts[i]);
    }
    /* A sink that lost its S3 server stays FAILED. */
    static const char *const connectors[] = {"shop-source", "shop-s3"};
    for (size_t i = 0; i < sizeof(connectors) / sizeof(connectors[0]); i++) {
        int status;
        char *states = lab_ask(&status, "connector.sh", "status", connectors[i], NULL);
        if (strstr(states, "FAILED") != NULL)
            lab_script("connector.sh", "restart", connectors[i], NULL);
        free(states);
        lab_script("connector.sh", "wait", connectors[i], "RUNNING RUNNING", "120", NULL);
    }
    wait_for_slot();
}

int lab_heal_after(void **state)
{
    (void)keep_diary(state);
    const char *faults = getenv("LAB_FAULTS");
    if (faults != NULL && strcmp(faults, "1") == 0)
        lab_heal();
    return 0;
}

/* ---- the program */

static char state_home[64];

const char *lab_audit_path(void)
{
    static char path[128];
    if (state_home[0] == '\0') {
        keep_dir(state_home, sizeof(state_home), "live");
    }
    (void)snprintf(path, sizeof(path), "%s/cdctop/audit.jsonl", state_home);
    return path;
}

void lab_audit_clear(void)
{
    keep_file(lab_audit_path());
}

char *lab_audit_text(void)
{
    FILE *f = fopen(lab_audit_path(), "re");
    char *text = calloc(1, 1 << 16);
    assert_non_null(text);
    if (f != NULL) {
        size_t n = fread(text, 1, (1 << 16) - 1, f);
        text[n] = '\0';
        (void)fclose(f);
    }
    return text;
}

char *lab_cdctop(int *status, const char *const *args)
{
    char state[96];
    struct rig_line line;
    (void)lab_audit_path();
    (void)snprintf(state, sizeof(state), "XDG_STATE_HOME=%s", state_home);
    const char *env[] = {state, "XDG_CONFIG_HOME=/nonexistent", NULL};
    rig_command(&line, &(struct rig_options){.ports = lab_ports(), .args = args, .env = env});
    return rig_run(line.argv, line.env, 180, status);
}

cJSON *lab_status(int *status, const char *const *args)
{
    const char *argv[16] = {"status", "--json", NULL};
    for (size_t i = 0; args != NULL && args[i] != NULL && i < 13; i++) {
        argv[i + 2] = args[i];
        argv[i + 3] = NULL;
    }
    struct err err = ERR_INIT;
    char *text = lab_cdctop(status, argv);
    cJSON *json = json_parse(text, strlen(text), &err);
    if (json == NULL)
        fail_msg("status --json, exit %d, is no JSON: %s\n%s", *status, err.text, text);
    free(text);
    return json;
}

void lab_wait_state(const char *array, const char *name, const char *field, const char *value,
                    int seconds)
{
    int64_t end = pty_now_us() + (int64_t)seconds * 1000000;
    char seen[200] = "nothing";
    while (pty_now_us() < end) {
        int status;
        cJSON *root = lab_status(&status, NULL);
        const cJSON *item =
            json_item(root, array, strcmp(array, "sources") == 0 ? "kind" : "name", name);
        const cJSON *found = cJSON_GetObjectItemCaseSensitive(item, field);
        if (cJSON_IsString(found))
            (void)snprintf(seen, sizeof(seen), "%s", found->valuestring);
        cJSON_Delete(root);
        if (strcmp(seen, value) == 0)
            return;
    }
    fail_msg("%s of %s %s is \"%s\", not \"%s\", after %d s", field, array, name, seen, value,
             seconds);
}
