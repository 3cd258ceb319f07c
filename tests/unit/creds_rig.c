#include "tests/unit/creds_rig.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/mem.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t START = INT64_C(1795183402000); /* 2026-11-20T14:03:22Z */

static struct creds_rig *current;

static int64_t wall_ms(void)
{
    return atomic_load(&current->fake.now_ms);
}

static void forget_environment(void)
{
    static const char *const names[] = {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_ROLE_ARN",
        "AWS_ROLE_SESSION_NAME",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_STS",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        (void)unsetenv(names[i]);
}

void creds_rig_env(const char *name, const char *value)
{
    assert_int_equal(value != NULL ? setenv(name, value, 1) : unsetenv(name), 0);
}

void creds_rig_write(const struct creds_rig *r, const char *name, const char *text)
{
    char path[200];
    (void)snprintf(path, sizeof(path), "%s/%s", r->home, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void close_aws(struct creds_rig *r)
{
    assert_true(aws_close(r->aws, clock_mono_ms() + 120000));
    r->aws = NULL;
}

void creds_rig_open(struct creds_rig *r)
{
    close_aws(r);
    r->aws = aws_open(&r->cfg, r->stop_fd);
    r->aws->wall_ms = wall_ms;
}

int creds_rig_setup(void **state)
{
    char path[100];
    struct creds_rig *r = current = mem_alloc(sizeof(*r));
    forget_environment();
    fakekeys_start(&r->fake, START);
    (void)snprintf(r->home, sizeof(r->home), "/tmp/cdctop-creds-XXXXXX");
    assert_non_null(mkdtemp(r->home));
    (void)snprintf(path, sizeof(path), "%s/.aws", r->home);
    assert_int_equal(mkdir(path, 0700), 0);
    creds_rig_env("HOME", r->home);
    creds_rig_env("AWS_EC2_METADATA_DISABLED", "true");
    creds_rig_env("AWS_ENDPOINT_URL_STS", r->fake.url);
    creds_rig_env("AWS_REGION", "eu-west-3");
    r->cfg.name = r->empty;
    r->cfg.aws = (struct aws_config){.region = r->empty,
                                     .profile = r->empty,
                                     .access_key_id = r->empty,
                                     .secret_access_key = r->empty,
                                     .session_token = r->empty,
                                     .role_arn = r->empty,
                                     .external_id = r->empty,
                                     .endpoint = r->empty,
                                     .ssl_ca = r->empty,
                                     .timeout_ms = 120000};
    r->stop_fd = bell_open();
    creds_rig_open(r);
    *state = r;
    return 0;
}

static void assert_no_secret(const char *text)
{
    if (strstr(text, FAKEKEYS_SECRET) != NULL)
        fail_msg("a secret is in: %s", text);
}

int creds_rig_teardown(void **state)
{
    static struct log_line lines[LOG_RING];
    static const char *const files[] = {".aws/config", ".aws/credentials", "token", ".aws", ""};
    struct creds_rig *r = *state;
    char path[100];
    close_aws(r);
    (void)close(r->stop_fd);
    fakekeys_stop(&r->fake);
    int n = log_copy(lines, LOG_RING);
    for (int i = 0; i < n; i++)
        assert_no_secret(lines[i].text);
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", r->home, files[i]);
        (void)remove(path);
    }
    log_close();
    forget_environment();
    free(r);
    return 0;
}

void creds_rig_move(struct creds_rig *r, int64_t ms)
{
    atomic_fetch_add(&r->fake.now_ms, ms);
}

struct aws_credentials creds_rig_get(struct creds_rig *r, const char *from)
{
    struct aws_credentials creds;
    struct err err = ERR_INIT;
    char *told, *error;
    int64_t expires_ms;
    fakehttp_sync(r->fake.server); /* what the test has read of it so far was before this */
    if (!aws_credentials(r->aws, clock_mono_ms() + 120000, -1, &creds, &err))
        fail_msg("%s: %s", err_kind_name(err.kind), err.text);
    aws_creds_tell(r->aws->creds, &told, &expires_ms, &error);
    assert_string_equal(told, from);
    free(told);
    free(error);
    fakehttp_sync(r->fake.server);
    return creds;
}

void creds_rig_fail(struct creds_rig *r, enum err_kind kind, const char *words)
{
    struct aws_credentials creds;
    struct err err = ERR_INIT;
    char *told, *error;
    int64_t expires_ms;
    fakehttp_sync(r->fake.server);
    if (aws_credentials(r->aws, clock_mono_ms() + 120000, -1, &creds, &err))
        fail_msg("keys came (%s) where \"%s\" was to be said", creds.access_key_id, words);
    if (strstr(err.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
    assert_string_equal(err_kind_name(err.kind), err_kind_name(kind));
    assert_no_secret(err.text);
    assert_null(creds.secret_access_key);
    aws_creds_tell(r->aws->creds, &told, &expires_ms, &error);
    assert_non_null(error);
    assert_no_secret(error);
    free(told);
    free(error);
    fakehttp_sync(r->fake.server);
}
