/* Where the AWS keys come from: every link of the chain, their order, and that one that is
 * configured and fails is the end: nobody becomes somebody else. */
#include "base/clock.h"
#include "base/mem.h"
#include "tests/check.h"
#include "tests/unit/creds_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET  FAKEKEYS_SECRET
#define ROLE    "arn:aws:iam::123456789012:role/cdc"
#define ROLE_IN "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fcdc"

/* Asks anew, and has these keys. */
static void has(struct creds_rig *r, const char *id, const char *from)
{
    creds_rig_open(r);
    struct aws_credentials creds = creds_rig_get(r, from);
    if (strncmp(creds.access_key_id, id, strlen(id)) != 0)
        fail_msg("%s came from %s", creds.access_key_id, from);
    aws_credentials_free(&creds);
}

static void fails(struct creds_rig *r, enum err_kind kind, const char *words)
{
    creds_rig_open(r);
    creds_rig_fail(r, kind, words);
}

static void container_on(const struct creds_rig *r)
{
    char url[100];
    (void)snprintf(url, sizeof(url), "%s/container", r->fake.url);
    creds_rig_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
}

static void instance_on(const struct creds_rig *r)
{
    creds_rig_env("AWS_EC2_METADATA_DISABLED", "false");
    creds_rig_env("AWS_EC2_METADATA_SERVICE_ENDPOINT", r->fake.url);
}

static void config(const struct creds_rig *r, const char *text)
{
    creds_rig_write(r, ".aws/config", text);
}

/* ---- the order ------------------------------------------------------------------------------- */

static void test_the_order_of_the_links(void **state)
{
    struct creds_rig *r = *state;
    char id[] = "AKIACONFIG", secret[] = SECRET "c", token[] = SECRET "t", mine[] = "mine";
    char path[100];
    instance_on(r);
    container_on(r);
    creds_rig_write(r, ".aws/credentials",
                    "[mine]\naws_access_key_id = AKIAMINE\naws_secret_access_key = " SECRET "\n"
                    "[theirs]\naws_access_key_id = AKIATHEIRS\naws_secret_access_key = " SECRET "\n"
                    "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = " SECRET
                    "\n");
    (void)snprintf(path, sizeof(path), "%s/token", r->home);
    creds_rig_write(r, "token", SECRET ".jwt\n");
    creds_rig_env("AWS_WEB_IDENTITY_TOKEN_FILE", path);
    creds_rig_env("AWS_ROLE_ARN", ROLE);
    creds_rig_env("AWS_PROFILE", "theirs");
    creds_rig_env("AWS_ACCESS_KEY_ID", "AKIAENV");
    creds_rig_env("AWS_SECRET_ACCESS_KEY", SECRET "e");
    creds_rig_env("AWS_SESSION_TOKEN", SECRET "et");
    r->cfg.aws.profile = mine;
    r->cfg.aws.access_key_id = id;
    r->cfg.aws.secret_access_key = secret;
    r->cfg.aws.session_token = token;
    has(r, "AKIACONFIG", "[pipeline.aws]");
    r->cfg.aws.access_key_id = r->cfg.aws.secret_access_key = r->cfg.aws.session_token = r->empty;
    has(r, "AKIAMINE", "profile mine");
    r->cfg.aws.profile = r->empty;
    has(r, "AKIAENV", "the environment");
    creds_rig_env("AWS_ACCESS_KEY_ID", NULL);
    creds_rig_env("AWS_SECRET_ACCESS_KEY", NULL);
    has(r, "AKIATHEIRS", "profile theirs");
    creds_rig_env("AWS_PROFILE", NULL);
    has(r, "ASIASTS", "web identity, role " ROLE);
    creds_rig_env("AWS_WEB_IDENTITY_TOKEN_FILE", NULL);
    has(r, "AKIADEFAULT", "profile default");
    creds_rig_write(r, ".aws/credentials", "[default]\n");
    has(r, "ASIATASK", "the container's role");
    creds_rig_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", NULL);
    has(r, "ASIAIMDS", "the instance's role bastion+role");
    creds_rig_env("AWS_EC2_METADATA_DISABLED", "TRUE");
    fails(r, ERR_CONFIG, "no AWS keys: neither in [pipeline.aws] nor the environment");
    assert_int_equal(atomic_load(&r->fake.imds_keys), 1);
    assert_int_equal(atomic_load(&r->fake.container), 1);
}

static void test_keys_that_are_written_out(void **state)
{
    struct creds_rig *r = *state;
    instance_on(r); /* would give some, and must not be asked */
    creds_rig_env("AWS_ACCESS_KEY_ID", "AKIAENV");
    fails(r, ERR_CONFIG, "the environment are incomplete: the secret key is missing");
    creds_rig_env("AWS_SECRET_ACCESS_KEY", SECRET "\n");
    fails(r, ERR_CONFIG, "the secret key holds blanks");
    creds_rig_env("AWS_SECRET_ACCESS_KEY", SECRET);
    creds_rig_env("AWS_SESSION_TOKEN", SECRET "\r\nHost: x");
    fails(r, ERR_CONFIG, "the session token holds blanks");
    creds_rig_env("AWS_SESSION_TOKEN", SECRET "/token");
    creds_rig_open(r);
    struct aws_credentials creds = creds_rig_get(r, "the environment");
    assert_string_equal(creds.session_token, SECRET "/token");
    assert_true(creds.expires_ms == INT64_MAX);
    aws_credentials_free(&creds);
    creds_rig_env("AWS_CREDENTIAL_EXPIRATION", "2026-11-20T16:03:22+01:00");
    creds = creds_rig_get(r, "the environment");
    assert_true(creds.expires_ms == atomic_load(&r->fake.now_ms) + 3600000);
    aws_credentials_free(&creds);
    char *from, *error;
    int64_t expires_ms;
    aws_creds_tell(r->aws->creds, &from, &expires_ms, &error);
    assert_true(expires_ms == atomic_load(&r->fake.now_ms) + 3600000);
    assert_null(error);
    free(from);
    creds_rig_env("AWS_CREDENTIAL_EXPIRATION", "soon"); /* then nobody knows */
    creds = creds_rig_get(r, "the environment");
    assert_true(creds.expires_ms == INT64_MAX);
    aws_credentials_free(&creds);
    assert_int_equal(atomic_load(&r->fake.imds_tokens), 0);
}

static void test_s3_has_keys_of_its_own(void **state)
{
    struct creds_rig *r = *state;
    struct aws_credentials creds;
    struct err err = ERR_INIT;
    char id[] = "AKIAS3", secret[] = SECRET;
    struct s3_config s3 = {.access_key_id = id, .secret_access_key = r->empty};
    int64_t deadline_ms = clock_mono_ms() + 120000;
    creds_rig_env("AWS_ACCESS_KEY_ID", "AKIAENV");
    creds_rig_env("AWS_SECRET_ACCESS_KEY", SECRET);
    creds_rig_env("AWS_SESSION_TOKEN", "ENVTOKEN");
    assert_false(aws_credentials_for_s3(r->aws, &s3, deadline_ms, -1, &creds, &err));
    assert_non_null(strstr(err.text, "[pipeline.s3] are incomplete"));
    s3.secret_access_key = secret;
    assert_true(aws_credentials_for_s3(r->aws, &s3, deadline_ms, -1, &creds, &err));
    assert_string_equal(creds.access_key_id, "AKIAS3");
    assert_null(creds.session_token); /* that of the environment belongs to other keys */
    aws_credentials_free(&creds);
    s3.access_key_id = s3.secret_access_key = r->empty;
    assert_true(aws_credentials_for_s3(r->aws, &s3, deadline_ms, -1, &creds, &err));
    assert_string_equal(creds.access_key_id, "AKIAENV");
    aws_credentials_free(&creds);
    assert_false(aws_credentials_for_s3(NULL, &s3, deadline_ms, -1, &creds, &err));
}

/* ---- profiles -------------------------------------------------------------------------------- */

static void test_a_profile_that_is_named_must_be_there(void **state)
{
    struct creds_rig *r = *state;
    char elsewhere[200];
    instance_on(r);
    creds_rig_env("AWS_PROFILE", "prod");
    fails(r, ERR_CONFIG, "there is no profile prod");
    config(r, "[profile prod]\nregion = eu-west-1\n");
    has(r, "ASIAIMDS", "the instance's role bastion+role"); /* it names nobody */
    config(r, "[profile prod]\naws_access_key_id = AKIA\n");
    fails(r, ERR_CONFIG, "profile prod are incomplete");
    config(r, "[profile prod]\naws_secret_access_key " SECRET "\n");
    fails(r, ERR_CONFIG, "line 2 is neither");
    (void)snprintf(elsewhere, sizeof(elsewhere), "%s/.aws", r->home);
    creds_rig_env("AWS_CONFIG_FILE", elsewhere);
    fails(r, ERR_IO, elsewhere);
    assert_int_equal(atomic_load(&r->fake.imds_keys), 1);
}

static void test_a_role_is_taken_on_with_the_keys_of_another_profile(void **state)
{
    struct creds_rig *r = *state;
    fakekeys_know(&r->fake, "AKIABASE", SECRET "base", "");
    creds_rig_write(r, ".aws/credentials",
                    "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = " SECRET
                    "base\n");
    config(r, "[profile prod]\nrole_arn = " ROLE "\nsource_profile = base\nexternal_id = a b&c\n"
              "role_session_name = me@here\nduration_seconds = 1800\n"
              "[profile second]\nrole_arn = " ROLE "2\nsource_profile = prod\n"
              "[profile self]\nrole_arn = " ROLE "\nsource_profile = self\n"
              "aws_access_key_id = AKIABASE\naws_secret_access_key = " SECRET "base\n");
    creds_rig_env("AWS_PROFILE", "prod");
    has(r, "ASIASTS", "profile prod, role " ROLE);
    assert_string_equal(r->fake.scope, "AKIABASE/20261120/eu-west-3/sts/aws4_request");
    assert_string_equal(r->fake.form,
                        "Action=AssumeRole&Version=2011-06-15&RoleArn=" ROLE_IN
                        "&RoleSessionName=me%40here&ExternalId=a%20b%26c&DurationSeconds=1800");
    creds_rig_env("AWS_PROFILE", "second"); /* one role opens the next */
    has(r, "ASIASTS", "profile second, role " ROLE "2");
    assert_memory_equal(r->fake.scope, "ASIASTS", 7);
    assert_non_null(strstr(r->fake.form, ROLE_IN "2&RoleSessionName=cdctop"));
    creds_rig_env("AWS_PROFILE", "self");
    has(r, "ASIASTS", "profile self, role " ROLE);
    assert_int_equal(atomic_load(&r->fake.sts), 4);
}

static void test_a_role_of_the_configuration_comes_on_top(void **state)
{
    struct creds_rig *r = *state;
    char role[] = ROLE, external[] = "x1";
    fakekeys_know(&r->fake, "AKIAENV", SECRET "env", "");
    creds_rig_env("AWS_ACCESS_KEY_ID", "AKIAENV");
    creds_rig_env("AWS_SECRET_ACCESS_KEY", SECRET "env");
    r->cfg.aws.role_arn = role;
    r->cfg.aws.external_id = external;
    has(r, "ASIASTS", "the environment, role " ROLE);
    assert_non_null(strstr(r->fake.form, "&ExternalId=x1"));
    fakekeys_break(&r->fake, "/", 403,
                   "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User x is not "
                   "authorized to perform: sts:AssumeRole on resource: " ROLE
                   "</Message></Error></ErrorResponse>");
    fails(r, ERR_DENIED, "role " ROLE ": AccessDenied: User x is not authorized");
    fakekeys_break(&r->fake, "/", 200, "<AssumeRoleResponse/>");
    fails(r, ERR_PROTOCOL, "role " ROLE ": STS answered, but not with keys");
    fakekeys_break(&r->fake, NULL, 0, NULL);
    creds_rig_env("AWS_SECRET_ACCESS_KEY", SECRET "another");
    fails(r, ERR_AUTH, "role " ROLE ": SignatureDoesNotMatch");
}

static void test_the_source_of_a_role(void **state)
{
    struct creds_rig *r = *state;
    static const struct {
        const char *text, *words;
    } wrong[] = {
        {"source_profile = a\n[profile a]\nrole_arn = x\nsource_profile = prod\n",
         "profile prod: profile a: source_profile leads back to profile prod"                                                      },
        {"source_profile = prod\n",                                                "leads back to profile prod"                    },
        {"source_profile = nobody\n",                                              "there is no profile nobody"                    },
        {"source_profile = a\n[profile a]\nregion = x\n",                          "source_profile a has no keys"                  },
        {"",                                                                       "and it has neither"                            },
        {"source_profile = a\ncredential_source = Environment\n",                  "and it has both"                               },
        {"credential_source = Moon\n",                                             "credential_source is none of Environment"      },
        {"credential_source = Environment\n",                                      "credential_source Environment: it has no keys" },
        {"credential_source = EcsContainer\n",                                     "credential_source EcsContainer: it has no keys"},
        {"credential_source = Ec2InstanceMetadata\n",                              "AWS_EC2_METADATA_DISABLED"                     },
    };
    creds_rig_env("AWS_PROFILE", "prod");
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        char *text = mem_printf("[profile prod]\nrole_arn = " ROLE "\n%s", wrong[i].text);
        config(r, text);
        free(text);
        fails(r, ERR_CONFIG, wrong[i].words);
    }
    instance_on(r);
    config(r, "[profile prod]\nrole_arn = " ROLE "\ncredential_source = Ec2InstanceMetadata\n");
    has(r, "ASIASTS", "profile prod, role " ROLE);
    assert_memory_equal(r->fake.scope, "ASIAIMDS", 8);
    container_on(r);
    config(r, "[profile prod]\nrole_arn = " ROLE "\ncredential_source = EcsContainer\n");
    has(r, "ASIASTS", "profile prod, role " ROLE);
    assert_memory_equal(r->fake.scope, "ASIATASK", 8);
    config(r, "[profile prod]\nrole_arn = " ROLE "\ncredential_source = EcsContainer\n"
              "duration_seconds = 60\n");
    fails(r, ERR_CONFIG, "duration_seconds is not within 900 and 43200");
}

static void test_what_would_ask_a_person_names_the_way_out(void **state)
{
    struct creds_rig *r = *state;
    static const char way[] = "credential_process = aws configure export-credentials --profile "
                              "corp --format process";
    creds_rig_env("AWS_PROFILE", "corp");
    config(r, "[profile corp]\nsso_session = s\nsso_account_id = 1\nsso_role_name = x\n");
    fails(r, ERR_CONFIG, way);
    config(r, "[profile corp]\nlogin_session = arn:aws:iam::1:user/x\n");
    fails(r, ERR_CONFIG, way);
    config(r, "[profile corp]\nrole_arn = " ROLE "\nsource_profile = a\nmfa_serial = "
              "arn:aws:iam::1:mfa/me\n");
    fails(r, ERR_CONFIG, way);
    config(r,
           "[profile corp]\nsso_session = s\ncredential_process = printf "
           "'{\"Version\":1,\"AccessKeyId\":\"ASIACORP\",\"SecretAccessKey\":\"" SECRET "\"}'\n");
    has(r, "ASIACORP", "profile corp");
}

static void test_a_program_gives_keys(void **state)
{
    struct creds_rig *r = *state;
    static const struct {
        const char *command, *words;
        enum err_kind kind;
    } wrong[] = {
        {"printf '{\"Version\":2,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"" SECRET "\"}'",
         "Version is not 1",                                                                                           ERR_PROTOCOL},
        {"printf '{\"Version\":1,\"AccessKeyId\":\"A\"}'",                                    "incomplete",            ERR_PROTOCOL},
        {"printf '{\"Version\":1}'",                                                          "no AccessKeyId",        ERR_PROTOCOL},
        {"printf '{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"" SECRET
         "\",\"Expiration\":\"soon\"}'",                                             "Expiration is no time", ERR_PROTOCOL},
        {"printf '\"" SECRET "{'",                                                            "no JSON",               ERR_PROTOCOL},
        {"true",                                                                              "no JSON",               ERR_PROTOCOL},
        {"false",                                                                             "exit status 1",         ERR_CONFIG  },
        {"false configure export-credentials",                                                "aws sso login",         ERR_CONFIG  },
        {"cdctop-no-such-program",                                                            "No such file",          ERR_CONFIG  },
        {"printf '" SECRET,                                                                   "a quote is not closed", ERR_CONFIG  },
        {"yes " SECRET,                                                                       "more than 64 KB",       ERR_CONFIG  },
    };
    creds_rig_env("AWS_PROFILE", "p");
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        char *text = mem_printf("[profile p]\ncredential_process = %s\n", wrong[i].command);
        config(r, text);
        free(text);
        fails(r, wrong[i].kind, wrong[i].words);
    }
    config(r, "[profile p]\ncredential_process = printf '{\"Version\":1,\"AccessKeyId\":\"ASIAP\","
              "\"SecretAccessKey\":\"" SECRET "\",\"SessionToken\":\"" SECRET "t\","
              "\"Expiration\":\"2026-11-20T16:03:22+01:00\"}'\n");
    creds_rig_open(r);
    struct aws_credentials creds = creds_rig_get(r, "profile p");
    assert_string_equal(creds.session_token, SECRET "t");
    assert_true(creds.expires_ms == atomic_load(&r->fake.now_ms) + 3600000);
    aws_credentials_free(&creds);
}

/* ---- servers that do not give what they should ----------------------------------------------- */

static char huge[300 * 1024];

struct bad {
    int status;
    const char *body, *words;
    enum err_kind kind;
};

static void all_fail(struct creds_rig *r, const char *target, const struct bad *bad, size_t n)
{
    memset(huge, 'x', sizeof(huge) - 1);
    for (size_t i = 0; i < n; i++) {
        fakekeys_break(&r->fake, target, bad[i].status, bad[i].body);
        fails(r, bad[i].kind, bad[i].words);
    }
    fakekeys_break(&r->fake, NULL, 0, NULL);
}

static void test_an_instance_that_gives_nothing(void **state)
{
    struct creds_rig *r = *state;
    static const struct bad token[] = {
        {0,   NULL,                      "hop-limit must be at least 2",    ERR_CONFIG  },
        {403, "",                        "turned off for this instance",    ERR_DENIED  },
        {404, "",                        "no session token: HTTP 404",      ERR_NOTFOUND},
        {500, "",                        "no session token: HTTP 500",      ERR_SERVER  },
        {200, "",                        "no session token: the answer is", ERR_PROTOCOL},
        {200, "<html>" SECRET "</html>", "the answer is",                   ERR_PROTOCOL},
        {200, huge,                      "larger than",                     ERR_TOOBIG  },
    };
    static const struct bad role[] = {
        {404, "",                 "this instance has no role", ERR_CONFIG  },
        {403, "",                 "the role's name: HTTP 403", ERR_DENIED  },
        {200, "",                 "the answer is no name",     ERR_PROTOCOL},
        {200, "<html>x y</html>", "the answer is no name",     ERR_PROTOCOL},
        {0,   NULL,               "gave no answer",            ERR_TIMEOUT },
    };
    static const struct bad keys[] = {
        {401, "",                                                                                "role bastion+role: HTTP 401",        ERR_AUTH    },
        {200, "",                                                                                "no JSON",                            ERR_PROTOCOL},
        {200, "{\"SecretAccessKey\":\"" SECRET,                                                  "no JSON",                            ERR_PROTOCOL},
        {200, "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"trust it\"}",
         "AssumeRoleUnauthorizedAccess: trust it",                                                                                     ERR_AUTH    },
        {200, "{\"Code\":\"Success\",\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"" SECRET "\"}",
         "no Expiration",                                                                                                              ERR_PROTOCOL},
        {200,
         "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"" SECRET
         "\",\"Expiration\":\"2020-01-01T00:00:00Z\"}",                                          "gave keys that ended at 2020-01-01", ERR_AUTH    },
    };
    instance_on(r);
    all_fail(r, "/latest/api/token", token, ARRAY_LEN(token));
    all_fail(r, "/latest/meta-data/iam/", role, ARRAY_LEN(role));
    all_fail(r, "/latest/meta-data/iam/security-credentials/bastion", keys, ARRAY_LEN(keys));
    creds_rig_env("http_proxy", "http://127.0.0.1:1"); /* never for what is on our own link */
    has(r, "ASIAIMDS", "the instance's role bastion+role");
    container_on(r);
    has(r, "ASIATASK", "the container's role");
    creds_rig_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", NULL);
    creds_rig_env("http_proxy", NULL);
    creds_rig_env("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1"); /* nobody */
    fails(r, ERR_CONFIG, "no AWS keys: neither in [pipeline.aws]");
}

static void test_a_container_that_gives_nothing(void **state)
{
    struct creds_rig *r = *state;
    static const struct bad bad[] = {
        {403, "{\"code\":\"AccessDenied\",\"message\":\"not you\"}", "AccessDenied: not you",
         ERR_DENIED                                                                                             },
        {404, "",                                                    "HTTP 404",                    ERR_NOTFOUND},
        {500, "<html>" SECRET,                                       "HTTP 500",                    ERR_SERVER  },
        {200, "",                                                    "no JSON",                     ERR_PROTOCOL},
        {200, huge,                                                  "larger than",                 ERR_TOOBIG  },
        {200,
         "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"" SECRET
         " x\",\"Expiration\":\"2026-11-21T00:00:00Z\"}",            "the secret key holds blanks", ERR_PROTOCOL},
        {0,   NULL,                                                  "gave no answer",              ERR_TIMEOUT },
    };
    static const struct {
        const char *url, *words;
    } urls[] = {
        {"http://10.0.0.1/x",              "neither https nor on this host"},
        {"http://127.0.0.1.example.com/x", "neither https nor on this host"},
        {"http://[::2]/x",                 "neither https nor on this host"},
        {"http://127.0.0.1@10.0.0.1/x",    "no http or https URL"          },
        {"ftp://127.0.0.1/x",              "no http or https URL"          },
        {"https://",                       "no http or https URL"          },
    };
    instance_on(r); /* is not asked: the container was to give them */
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        creds_rig_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", urls[i].url);
        fails(r, ERR_CONFIG, urls[i].words);
    }
    container_on(r);
    all_fail(r, "/container", bad, ARRAY_LEN(bad));
    creds_rig_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "container");
    fails(r, ERR_CONFIG, "does not begin with /");
    creds_rig_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", NULL);
    creds_rig_env("AWS_CONTAINER_AUTHORIZATION_TOKEN", SECRET "\nX: y");
    fails(r, ERR_CONFIG, "has a line break");
    assert_int_equal(atomic_load(&r->fake.imds_tokens), 0);
}

static void test_the_containers_token_is_read_each_time(void **state)
{
    struct creds_rig *r = *state;
    char path[100];
    container_on(r);
    creds_rig_env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic " SECRET);
    has(r, "ASIATASK", "the container's role");
    assert_string_equal(r->fake.authorization, "Basic " SECRET);
    (void)snprintf(path, sizeof(path), "%s/token", r->home);
    creds_rig_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path); /* before the other one */
    fails(r, ERR_IO, "token: No such file");
    creds_rig_write(r, "token", "\n");
    fails(r, ERR_IO, "token is empty");
    creds_rig_write(r, "token", SECRET "1\n" SECRET "2\n");
    fails(r, ERR_IO, "holds no token");
    creds_rig_write(r, "token", SECRET "3\n");
    has(r, "ASIATASK", "the container's role");
    assert_string_equal(r->fake.authorization, SECRET "3");
    creds_rig_write(r, "token", SECRET "4\n");
    creds_rig_move(r, INT64_C(6) * 3600 * 1000);
    struct aws_credentials creds = creds_rig_get(r, "the container's role");
    assert_string_equal(r->fake.authorization, SECRET "4");
    aws_credentials_free(&creds);
}

static void test_an_sts_that_gives_nothing(void **state)
{
    struct creds_rig *r = *state;
    static const struct bad bad[] = {
        {403,
         "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User x is not authorized to "
         "perform: sts:AssumeRoleWithWebIdentity</Message></Error></ErrorResponse>", "AccessDenied: User x is not authorized", ERR_DENIED  },
        {400,
         "<ErrorResponse><Error><Code>ExpiredTokenException</Code><Message>Token expired</Message>"
         "</Error></ErrorResponse>",                                                 "ExpiredTokenException: Token expired",   ERR_AUTH    },
        {502, "<html>" SECRET,                                                       "STS: HTTP 502",                          ERR_SERVER  },
        {200, "",                                                                    "not with keys and their end",            ERR_PROTOCOL},
        {200, SECRET,                                                                "not with keys and their end",            ERR_PROTOCOL},
        {200, huge,                                                                  "larger than",                            ERR_TOOBIG  },
        {200,
         "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
         "<AccessKeyId>A</AccessKeyId><SecretAccessKey>" SECRET "</SecretAccessKey></Credentials>"
         "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",   "not with keys and their end",            ERR_PROTOCOL},
    };
    char path[100];
    (void)snprintf(path, sizeof(path), "%s/token", r->home);
    creds_rig_env("AWS_WEB_IDENTITY_TOKEN_FILE", path);
    fails(r, ERR_CONFIG, "AWS_ROLE_ARN is not");
    creds_rig_env("AWS_ROLE_ARN", ROLE);
    fails(r, ERR_IO, "No such file");
    creds_rig_write(r, "token", SECRET ".jwt");
    all_fail(r, "/", bad, ARRAY_LEN(bad));
    int64_t patience = r->cfg.aws.timeout_ms;
    r->cfg.aws.timeout_ms = 500; /* for one that never answers */
    fakekeys_break(&r->fake, "/", 0, NULL);
    fails(r, ERR_TIMEOUT, "gave no answer");
    fakekeys_break(&r->fake, NULL, 0, NULL);
    r->cfg.aws.timeout_ms = patience;
    has(r, "ASIASTS", "web identity, role " ROLE);
    assert_string_equal(
        r->fake.form, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&WebIdentityToken=" SECRET
                      ".jwt&RoleArn=" ROLE_IN "&RoleSessionName=cdctop");
}

/* ---- what else the profile and the instance tell --------------------------------------------- */

static void test_region_and_endpoints(void **state)
{
    struct creds_rig *r = *state;
    config(r, "[profile p]\nregion = sa-east-1\nendpoint_url = http://all:1/\nservices = s\n"
              "ca_bundle = /x.pem\n"
              "[services s]\ncloudwatch_logs =\n  endpoint_url = http://logs:2\n"
              "[profile q]\nendpoint_url = http://all:1\nignore_configured_endpoint_urls = true\n");
    instance_on(r);
    assert_string_equal(aws_region(r->aws), "eu-west-3");
    creds_rig_env("AWS_REGION", NULL);
    creds_rig_env("AWS_PROFILE", "p");
    creds_rig_open(r);
    assert_string_equal(aws_region(r->aws), "sa-east-1");
    char *logs = aws_profile_endpoint(r->aws, AWS_LOGS), *s3 = aws_profile_endpoint(r->aws, AWS_S3);
    char *ca = aws_profile_value(r->aws, "ca_bundle");
    assert_string_equal(logs, "http://logs:2");
    assert_string_equal(s3, "http://all:1");
    assert_string_equal(ca, "/x.pem");
    free(logs);
    free(s3);
    free(ca);
    creds_rig_env("AWS_PROFILE", "q");
    creds_rig_open(r);
    assert_null(aws_profile_endpoint(r->aws, AWS_S3));
    const char *region = aws_region(r->aws);
    assert_string_equal(region, "ap-south-1"); /* where the instance is */
    assert_true(aws_region(r->aws) == region);
    assert_int_equal(atomic_load(&r->fake.imds_tokens), 1);
    creds_rig_env("AWS_EC2_METADATA_DISABLED", "true");
    creds_rig_open(r);
    assert_string_equal(aws_region(r->aws), "");
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, creds_rig_setup, creds_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(test_the_order_of_the_links),
        WITH_RIG(test_keys_that_are_written_out),
        WITH_RIG(test_s3_has_keys_of_its_own),
        WITH_RIG(test_a_profile_that_is_named_must_be_there),
        WITH_RIG(test_a_role_is_taken_on_with_the_keys_of_another_profile),
        WITH_RIG(test_a_role_of_the_configuration_comes_on_top),
        WITH_RIG(test_the_source_of_a_role),
        WITH_RIG(test_what_would_ask_a_person_names_the_way_out),
        WITH_RIG(test_a_program_gives_keys),
        WITH_RIG(test_an_instance_that_gives_nothing),
        WITH_RIG(test_a_container_that_gives_nothing),
        WITH_RIG(test_the_containers_token_is_read_each_time),
        WITH_RIG(test_an_sts_that_gives_nothing),
        WITH_RIG(test_region_and_endpoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
