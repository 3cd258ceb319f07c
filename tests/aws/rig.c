#include "tests/aws/rig.h"

#include "base/clock.h"
#include "base/mem.h"
#include "config/config.h"
#include "net/http.h"
#include "tests/check.h"
#include "tests/pty/rig.h"
#include "tests/unit/json_item.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CALL_MS = 60 * 1000, RUN_S = 120 };
#define WAIT \
    "60" /* at most so many seconds for every server's word; it ends as soon as all have it */

static const char *must(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL)
        fail_msg("%s is not set: run these tests with 'make aws'", name);
    return value;
}

char *contract_file(const char *name)
{
    return mem_printf("%s/%s", must("AWS_RUN_DIR"), name);
}

/* ---- the control door */

static cJSON *door(const char *method, const char *name, const char *body)
{
    struct http_client *http = http_open();
    char *url = mem_printf("%s/_contract/%s", must("AWS_CONTRACT_URL"), name);
    struct http_request request = {
        .method = method,
        .url = url,
        .body = body,
        .body_len = body != NULL ? strlen(body) : 0,
        .max_body = JSON_MAX_BYTES,
        .deadline_ms = clock_mono_ms() + CALL_MS,
        .stop_fd = -1,
    };
    struct http_response answer;
    struct err err = ERR_INIT;
    if (!http_exchange(http, &request, &answer, &err))
        fail_msg("contract server: %s", err.text);
    if (answer.status != 200)
        fail_msg("contract server: %s %s: %s", name, body != NULL ? body : "", answer.body.text);
    cJSON *json = json_parse(answer.body.text, answer.body.len, &err);
    http_response_free(&answer);
    http_close(http);
    free(url);
    return json;
}

static void put(const char *name, const char *body)
{
    cJSON_Delete(door("PUT", name, body));
}

void contract_reset(void)
{
    put("reset", "{}");
}

int contract_fresh(void **state)
{
    (void)state;
    contract_reset();
    return 0;
}

void contract_world(const char *json)
{
    put("world", json);
}

void contract_set(const char *value, const char *key, ...)
{
    cJSON *order = cJSON_CreateObject();
    cJSON *path = cJSON_AddArrayToObject(order, "path");
    va_list ap;
    va_start(ap, key);
    for (const char *k = key; k != NULL; k = va_arg(ap, const char *))
        cJSON_AddItemToArray(path, cJSON_CreateString(k));
    va_end(ap);
    cJSON_AddItemToObject(order, "value", cJSON_Parse(value));
    char *text = cJSON_PrintUnformatted(order);
    put("set", text);
    cJSON_free(text);
    cJSON_Delete(order);
}

void contract_faults(const char *json)
{
    put("faults", json);
}

void contract_fault(const char *kind, const char *service, const char *operation, int times)
{
    cJSON *faults = cJSON_CreateArray();
    cJSON *fault = cJSON_CreateObject();
    cJSON_AddItemToArray(faults, fault);
    cJSON_AddStringToObject(fault, "kind", kind);
    if (service != NULL)
        cJSON_AddStringToObject(fault, "service", service);
    if (operation != NULL)
        cJSON_AddStringToObject(fault, "operation", operation);
    if (times > 0)
        cJSON_AddNumberToObject(fault, "times", times);
    char *text = cJSON_PrintUnformatted(faults);
    put("faults", text);
    cJSON_free(text);
    cJSON_Delete(faults);
}

void contract_clock(int ahead_s)
{
    char text[64];
    (void)snprintf(text, sizeof(text), "{\"ahead_s\": %d}", ahead_s);
    put("clock", text);
}

cJSON *contract_requests(void)
{
    return door("GET", "requests", NULL);
}

int contract_count(const char *operation)
{
    int n = 0;
    cJSON *asked = contract_requests();
    const cJSON *item;
    cJSON_ArrayForEach(item, asked)
    {
        n += strcmp(json_str(item, "operation", ""), operation) == 0;
    }
    cJSON_Delete(asked);
    return n;
}

int contract_database(const char *host, int server, const char *certificate, const char *key)
{
    cJSON *order = cJSON_CreateObject();
    cJSON_AddStringToObject(order, "host", host);
    cJSON_AddNumberToObject(order, "server", server);
    cJSON_AddStringToObject(order, "certificate", certificate);
    cJSON_AddStringToObject(order, "key", key);
    char *text = cJSON_PrintUnformatted(order);
    cJSON *answer = door("PUT", "database", text);
    int port = (int)json_int(answer, "port", 0);
    assert_true(port > 0);
    cJSON_Delete(answer);
    cJSON_free(text);
    cJSON_Delete(order);
    return port;
}

cJSON *contract_logins(void)
{
    return door("GET", "logins", NULL);
}

/* ---- users */

static char *slurp(const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        fail_msg("%s cannot be opened", path);
    char *text = mem_alloc(1 << 16);
    size_t n = fread(text, 1, (1 << 16) - 1, file);
    text[n] = '\0';
    (void)fclose(file);
    return text;
}

struct contract_user contract_user(const char *name)
{
    struct contract_user found = {0};
    struct err err = ERR_INIT;
    char *text = slurp("tests/stack/aws/users.json");
    cJSON *users = json_parse(text, strlen(text), &err);
    const cJSON *user;
    cJSON_ArrayForEach(user, users)
    {
        if (strcmp(json_str(user, "name", ""), name) == 0)
            found = (struct contract_user){
                .id = mem_strdup(json_str(user, "id", "")),
                .secret = mem_strdup(json_str(user, "secret", "")),
                .token = mem_strdup(json_str(user, "token", "")),
            };
    }
    cJSON_Delete(users);
    free(text);
    if (found.id == NULL)
        fail_msg("users.json has no user %s", name);
    return found;
}

void contract_user_free(struct contract_user *user)
{
    free(user->id);
    free(user->secret);
    free(user->token);
}

/* ---- cdctop */

char *contract_toml(const char *user, const char *sections)
{
    struct contract_user u = contract_user(user);
    char *toml = mem_printf(
        "[log]\nlevel = \"debug\"\n\n[[pipeline]]\nname = \"shop\"\n\n[pipeline.aws]\nregion = "
        "\"eu-west-3\"\nendpoint = \"%s\"\naccess_key_id = \"%s\"\n"
        "secret_access_key = \"%s\"\nsession_token = \"%s\"\n%s",
        must("AWS_CONTRACT_URL"), u.id, u.secret, u.token, sections);
    contract_user_free(&u);
    return toml;
}

void contract_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    if (file == NULL || fchmod(fileno(file), 0600) != 0 || fputs(text, file) < 0 ||
        fclose(file) != 0)
        fail_msg("%s cannot be written", path);
}

/* What it says is kept by rig_run: the configuration is not, it has keys in it. */
char *contract_cdctop(const char *toml, const char *const *args, int *status)
{
    enum { MAX = 32 };
    char *config = contract_file("config.toml");
    char *state = contract_file("state"), *log = contract_file("log");
    char *home = mem_printf("XDG_STATE_HOME=%s", state);
    contract_write(config, toml);
    const char *argv[MAX + 1] = {rig_program()};
    size_t n = 1;
    for (; args[n - 1] != NULL && n < MAX - 4; n++)
        argv[n] = args[n - 1];
    argv[n++] = "--config";
    argv[n++] = config;
    argv[n++] = "--log";
    argv[n++] = log;
    const char *env[] = {home, "XDG_CONFIG_HOME=/nonexistent", NULL};
    char *text = rig_run(argv, env, RUN_S, status);
    (void)unlink(config);
    free(config);
    free(state);
    free(log);
    free(home);
    return text;
}

static cJSON *parsed(const char *toml, const char *const *args, int *status)
{
    struct err err = ERR_INIT;
    char *text = contract_cdctop(toml, args, status);
    cJSON *json = json_parse(text, strlen(text), &err);
    if (json == NULL)
        fail_msg("%s, exit %d, is no JSON: %s\n%s", args[0], *status, err.text, text);
    free(text);
    return json;
}

cJSON *contract_status(const char *toml, int *status)
{
    return parsed(toml, CONTRACT_ARGS("status", "--json", "--wait", WAIT), status);
}

cJSON *contract_status_of(const char *user, const char *sections)
{
    int status;
    char *toml = contract_toml(user, sections);
    cJSON *root = contract_status(toml, &status);
    free(toml);
    return root;
}

cJSON *contract_check(const char *toml, int *status)
{
    return parsed(toml, CONTRACT_ARGS("check", "--json", "--wait", WAIT), status);
}

/* ---- in this process */

void contract_open(struct contract_client *c, const char *toml)
{
    struct config_problems problems = {0};
    struct config_flags flags = {0};
    c->config = config_of_text(toml, strlen(toml), &flags, &problems);
    config_problems_free(&problems);
    if (c->config == NULL || c->config->npipelines == 0)
        fail_msg("no good configuration:\n%s", toml);
    c->aws = aws_open(&c->config->pipelines[0], -1);
    c->client = aws_client_open(c->aws);
}

void contract_close(struct contract_client *c)
{
    aws_client_close(c->client);
    assert_true(aws_close(c->aws, clock_mono_ms() + CALL_MS));
    config_free(c->config);
}

cJSON *contract_call(struct contract_client *c, enum aws_call call, const char *path,
                     const char *query, const char *body, struct err *err)
{
    struct aws_request request = {
        .call = call,
        .path = path,
        .query = query,
        .body = body,
        .deadline_ms = clock_mono_ms() + CALL_MS,
        .stop_fd = -1,
    };
    struct aws_answer answer;
    if (!aws_send(c->client, &request, &answer, err))
        return NULL;
    cJSON *json = json_parse(answer.body.text, answer.body.len, err);
    aws_answer_free(&answer);
    return json;
}

/* ---- what it said ---------------------------------------------------------------------------- */

const cJSON *contract_find(const cJSON *root, const char *array, const char *key, const char *is)
{
    const cJSON *item = json_item(root, array, key, is);
    if (item == NULL)
        fail_msg("no %s %s in %s", key, is, array != NULL ? array : "the list");
    return item;
}

const cJSON *contract_finding(const cJSON *root, const char *id, const char *object)
{
    const cJSON *f;
    cJSON_ArrayForEach(f, json_get(root, "findings"))
    {
        if (strcmp(json_str(f, "id", ""), id) == 0 &&
            (object == NULL || strcmp(json_str(f, "object", ""), object) == 0))
            return f;
    }
    return NULL;
}

const char *contract_source(const cJSON *root, const char *kind, const char *key)
{
    return json_str(contract_find(root, "sources", "kind", kind), key, "");
}

bool contract_note(const cJSON *root, const char *kind, const char *what, const char *fix)
{
    const cJSON *n;
    cJSON_ArrayForEach(n, json_get(contract_find(root, "sources", "kind", kind), "notes"))
    {
        if (strstr(json_str(n, "what", ""), what) != NULL &&
            strstr(json_str(n, "fix", ""), fix) != NULL)
            return true;
    }
    return false;
}
