/* ${secret:NAME#key}: read, put in, kept, read anew after a refusal; tokens of RDS. */
#include "aws/aws.h"
#include "aws/login.h"
#include "aws/rdshost.h"
#include "aws/refusal.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "net/connectapi.h"
#include "tests/check.h"
#include "tests/unit/fakeaws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLENTY_MS = 120000 };
#define LEN(a) (sizeof(a) / sizeof((a)[0]))

#define SECRET(text) "{\"ARN\":\"arn:x\",\"Name\":\"prod/db\",\"SecretString\":\"" text "\"}"
#define LOGIN                           \
    SECRET("{\\\"username\\\":\\\"cdc " \
           "top\\\",\\\"password\\\":\\\"p@ss'w\\\\\\\\o\\\",\\\"port\\\":5432}")

struct rig {
    struct fakeaws fake;
    struct pipeline_config cfg;
    struct aws *aws;
    struct aws_client *client;
};

static void rig_start(struct rig *r, int status, const char *body)
{
    fakeaws_start(&r->fake, &r->cfg);
    fakeaws_answers(&r->fake, &(struct fakeaws_answer){NULL, status, body}, 1);
    r->aws = aws_open(&r->cfg, -1);
    r->client = aws_client_open(r->aws);
}

static void rig_stop(struct rig *r)
{
    aws_client_close(r->client);
    assert_true(aws_close(r->aws, clock_mono_ms() + PLENTY_MS));
    fakeaws_stop(&r->fake, &r->cfg);
}

static char *settled(struct rig *r, const char *text, struct err *err)
{
    return aws_settle(r->client, text, clock_mono_ms() + PLENTY_MS, -1, err);
}

static void it_is_put_in_where_it_stands(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
        bool conninfo;
    } cases[] = {
        {"${secret:prod/db#password}",                                          "p@ss'w\\o",                                 false},
        {"a ${secret:prod/db#username} ${secret:prod/db#port}",                 "a cdc top 5432",                            false},
        {"plain ${env:X} $",                                                    "plain ${env:X} $",                          false},
        {"user=${secret:prod/db#username} password=${secret:prod/db#password}",
         "user=cdc\\ top password=p@ss\\'w\\\\o",                                                                            true },
        {"postgresql://%24%7Bsecret%3Aprod%2Fdb%23username%7D:"
         "%24%7Bsecret%3Aprod%2Fdb%23password%7D@h/d",                 "postgresql://cdc%20top:p%40ss%27w%5Co@h/d", true },
    };
    struct rig r;
    rig_start(&r, 200, LOGIN);
    for (size_t i = 0; i < LEN(cases); i++) {
        struct err err = ERR_INIT;
        char *got = cases[i].conninfo ? aws_settle_conninfo(r.client, cases[i].text,
                                                            clock_mono_ms() + PLENTY_MS, -1, &err)
                                      : settled(&r, cases[i].text, &err);
        if (got == NULL)
            fail_msg("%s: %s", cases[i].text, err.text);
        assert_string_equal(got, cases[i].want);
        mem_wipe_free(got);
    }
    assert_int_equal(fakeaws_requests(&r.fake), 1); /* and kept */
    assert_string_equal(r.fake.last, "{\"SecretId\":\"prod/db\"}");
    rig_stop(&r);
}

static void all_of_it_without_a_key(void **state)
{
    (void)state;
    struct rig r;
    struct err err = ERR_INIT;
    rig_start(&r, 200, SECRET("host=h user=u"));
    char *got = settled(
        &r, "${secret:arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-AbCdEf}", &err);
    assert_string_equal(got, "host=h user=u");
    free(got);
    got = aws_settle_conninfo(r.client, "${secret:whole}", clock_mono_ms() + PLENTY_MS, -1, &err);
    assert_string_equal(got, "host=h user=u"); /* an address, not a part of one */
    free(got);
    rig_stop(&r);
}

static void what_is_wrong_is_said_without_what_it_holds(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body, *text, *says;
    } cases[] = {
        {200, SECRET("hunter2"),                                                                  "${secret:prod/db#password}", "no JSON object"           },
        {200, SECRET("{\\\"user\\\":\\\"hunter2\\\"}"),                                           "${secret:prod/db#password}",
         "no member password"                                                                                                                              },
        {200, SECRET("{\\\"password\\\":{\\\"a\\\":\\\"hunter2\\\"}}"),
         "${secret:prod/db#password}",                                                                                          "neither text nor a number"},
        {200, "{\"Name\":\"x\",\"SecretBinary\":\"aHVudGVyMg==\"}",                               "${secret:x}",                "SecretBinary"             },
        {200, "{\"Name\":\"x\"}",                                                                 "${secret:x}",                "no SecretString"          },
        {200, "<html>hunter2</html>",                                                             "${secret:x}",                "not JSON"                 },
        {200, "{\"SecretString\":5}",                                                             "${secret:x}",                "no SecretString"          },
        {400, "{\"__type\":\"AccessDeniedException\",\"Message\":\"User: u is not authorized\"}",
         "${secret:x}",                                                                                                         "AccessDenied"             },
        {400, "{\"__type\":\"ResourceNotFoundException\",\"Message\":\"can't find\"}",
         "${secret:x}",                                                                                                         "ResourceNotFound"         },
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        struct rig r;
        struct err err = ERR_INIT;
        rig_start(&r, cases[i].status, cases[i].body);
        assert_null(settled(&r, cases[i].text, &err));
        if (strstr(err.text, cases[i].says) == NULL || strstr(err.text, "secret ") == NULL ||
            strstr(err.text, "hunter2") != NULL || strstr(err.text, "aHVu") != NULL)
            fail_msg("case %zu: %s", i, err.text);
        /* Nor is Secrets Manager asked at every refresh. */
        int before = fakeaws_requests(&r.fake);
        assert_null(settled(&r, cases[i].text, NULL));
        assert_int_equal(fakeaws_requests(&r.fake), before);
        rig_stop(&r);
    }
}

static void a_refused_one_is_read_anew_once(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, 200, SECRET("old"));
    free(settled(&r, "${secret:a}", NULL));
    fakeaws_answers(&r.fake, &(struct fakeaws_answer){NULL, 200, SECRET("new")}, 1);
    assert_true(aws_secrets_forget(r.aws, "${secret:a}"));
    assert_false(aws_secrets_forget(r.aws, "${secret:a}"));
    assert_false(aws_secrets_forget(r.aws, "plain"));
    char *got = settled(&r, "${secret:a}", NULL);
    assert_string_equal(got, "new");
    free(got);
    assert_int_equal(fakeaws_requests(&r.fake), 2);
    rig_stop(&r);
}

/* ---- logging in ------------------------------------------------------------------------------ */

/* A worker that takes one password. */
struct gate {
    const char *takes; /* "Basic …" */
    int asked;
};

static void guard(struct fakehttp *server, int fd, const struct fakehttp_request *req, void *arg)
{
    struct gate *gate = arg;
    char header[200];
    (void)server;
    gate->asked++;
    if (strcmp(fakehttp_header(req, "Authorization", header, sizeof(header)), gate->takes) == 0)
        fakehttp_answer(fd, 200, "Content-Type: application/json\r\n", "{\"version\":\"3.9.1\"}");
    else
        fakehttp_answer(fd, 401, "", "");
}

static bool ask_root(struct connectapi *api, struct err *err)
{
    struct connect_request root = {.call = CONNECT_ROOT};
    struct connect_answer answer;
    err_clear(err);
    if (!connectapi_call(api, &root, clock_mono_ms() + PLENTY_MS, -1, &answer, err))
        return false;
    connectapi_answer_free(&answer);
    return true;
}

static void connect_follows_a_rotation(void **state)
{
    (void)state;
    struct rig r;
    struct err err = ERR_INIT;
    struct gate gate = {.takes = "Basic dTpvbGQ="}; /* u:old */
    struct fakehttp *worker = fakehttp_start(guard, &gate);
    char url[64];
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", fakehttp_port(worker));
    rig_start(&r, 200, SECRET("{\\\"username\\\":\\\"u\\\",\\\"password\\\":\\\"old\\\"}"));
    fakeaws_set(&r.cfg, "pipeline.connect", "urls", url);
    fakeaws_set(&r.cfg, "pipeline.connect", "username", "${secret:c#username}");
    fakeaws_set(&r.cfg, "pipeline.connect", "password", "${secret:c#password}");
    struct connectapi *api = connectapi_open(&r.cfg.connect, &err);
    login_connect(r.aws, &r.cfg.connect, api);
    login_connect(r.aws, &r.cfg.connect, api); /* as at every refresh */
    assert_true(ask_root(api, &err));
    assert_true(ask_root(api, &err));
    assert_int_equal(fakeaws_requests(&r.fake), 1);

    fakehttp_sync(worker);
    gate.takes = "Basic dTpuZXc="; /* u:new */
    fakeaws_answers(
        &r.fake,
        &(struct fakeaws_answer){
            NULL, 200, SECRET("{\\\"username\\\":\\\"u\\\",\\\"password\\\":\\\"new\\\"}")},
        1);
    assert_true(ask_root(api, &err));
    assert_int_equal(fakeaws_requests(&r.fake), 2);

    fakehttp_sync(worker);
    gate.takes = "Basic eA==";
    gate.asked = 0;
    assert_false(ask_root(api, &err));
    fakehttp_sync(worker);
    assert_int_equal(gate.asked, 1); /* the same password is not tried twice */
    assert_int_equal(err.kind, ERR_AUTH);
    if (strstr(err.text, "is the same") == NULL || strstr(err.text, "new:") != NULL)
        fail_msg("%s", err.text);
    connectapi_close(api);
    rig_stop(&r);
    fakehttp_stop(worker);
}

/* ---- tokens of RDS --------------------------------------------------------------------------- */

static void regions_of_endpoints(void **state)
{
    (void)state;
    static const struct {
        const char *host, *region;
    } cases[] = {
        {"mydb.123456789012.us-east-1.rds.amazonaws.com",   "us-east-1"     },
        {"aur.cluster-ro-abc.eu-west-3.rds.amazonaws.com.", "eu-west-3"     },
        {"p.proxy-abc.us-gov-west-1.rds.amazonaws.com",     "us-gov-west-1" },
        {"d.abc.rds.cn-north-1.amazonaws.com.cn",           "cn-north-1"    },
        {"d.abc.cn-northwest-1.rds.amazonaws.com.cn",       "cn-northwest-1"},
        {"db.internal",                                     ""              },
        {"x.rds.amazonaws.com",                             ""              },
        {"a.us-east-1.rds.amazonaws.com.evil.example",      ""              },
        {"",                                                ""              },
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        char region[RDSHOST_REGION];
        assert_int_equal(rdshost_region(cases[i].host, region), cases[i].region[0] != '\0');
        assert_string_equal(region, cases[i].region);
    }
}

static cJSON *vectors(void)
{
    static char text[16384];
    FILE *f = fopen("tests/vectors/rds_iam.json", "r");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof(text), f);
    (void)fclose(f);
    return json_parse(text, n, NULL);
}

/* The second of a vector may pass while we look at it: then it is set anew. */
static void libpq_gets_the_token(void **state)
{
    (void)state;
    cJSON *root = vectors();
    const cJSON *v;
    cJSON_ArrayForEach(v, json_get(root, "vectors"))
    {
        struct rig r;
        struct err err = ERR_INIT;
        struct login_postgres l;
        struct pgconn_params params = {.connect_timeout_ms = 5000};
        char conninfo[300];
        (void)snprintf(conninfo, sizeof(conninfo), "host=%s port=%d user='%s' dbname=shop",
                       json_str(v, "host", ""), (int)json_int(v, "port", 0),
                       json_str(v, "db_user", ""));
        rig_start(&r, 500, "");
        fakeaws_set(&r.cfg, "pipeline.postgres", "conninfo", conninfo);
        fakeaws_set(&r.cfg, "pipeline.postgres", "login", "rds-iam");
        const char *want = json_str(v, "expected_token", "");
        bool same = false;
        for (int i = 0; i < 1000 && !same; i++) {
            aws_saw_date(r.aws, clock_parse_iso(json_str(v, "signing_time", "")));
            if (!login_postgres_prepare(r.aws, &r.cfg.postgres, &params,
                                        clock_mono_ms() + PLENTY_MS, -1, &l, &err))
                fail_msg("%s", err.text);
            same = strcmp(l.params.password, want) == 0;
            assert_int_equal(strncmp(l.params.password, want, 60), 0);
            assert_string_equal(l.params.sslmode, "require");
            assert_string_equal(l.region, json_str(v, "region", ""));
            login_postgres_free(&l);
        }
        assert_true(same);
        rig_stop(&r);
    }
    cJSON_Delete(root);
}

static void tokens_want_tls_and_a_name(void **state)
{
    (void)state;
    static const struct {
        const char *conninfo, *says; /* NULL: fine */
        const char *sslmode;
    } cases[] = {
        {"host=d.a.eu-west-1.rds.amazonaws.com user=u sslmode=disable",             "needs TLS",   NULL     },
        {"host=d.a.eu-west-1.rds.amazonaws.com user=u sslmode=prefer",              NULL,          "require"},
        {"postgresql://u@d.a.eu-west-1.rds.amazonaws.com/shop?sslmode=verify-full", NULL,          NULL     },
        {"host=a.a.eu-west-1.rds.amazonaws.com,b user=u",                           "one host",    NULL     },
        {"host=/run/postgresql user=u",                                             "host's name", NULL     },
        {"dbname=shop user=u",                                                      "host's name", NULL     },
        {"host=db.internal user=u",                                                 NULL,          "require"}, /* by the region of [pipeline.aws] */
    };
    (void)unsetenv("PGHOST");
    for (size_t i = 0; i < LEN(cases); i++) {
        struct rig r;
        struct err err = ERR_INIT;
        struct login_postgres l;
        struct pgconn_params params = {0};
        rig_start(&r, 500, "");
        fakeaws_set(&r.cfg, "pipeline.postgres", "conninfo", cases[i].conninfo);
        fakeaws_set(&r.cfg, "pipeline.postgres", "login", "rds-iam");
        bool ok = login_postgres_prepare(r.aws, &r.cfg.postgres, &params,
                                         clock_mono_ms() + PLENTY_MS, -1, &l, &err);
        if (ok != (cases[i].says == NULL) || (!ok && strstr(err.text, cases[i].says) == NULL))
            fail_msg("%s: %s", cases[i].conninfo, err.text);
        if (ok && cases[i].sslmode == NULL)
            assert_null(l.params.sslmode);
        else if (ok)
            assert_string_equal(l.params.sslmode, cases[i].sslmode);
        if (ok)
            login_postgres_free(&l);
        rig_stop(&r);
    }
}

#define PAM "login refused: PAM authentication failed for user \"cdctop\""

static void a_refused_token_is_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *refused, *sts; /* sts NULL: it takes the keys */
        const char *region;
        bool by_name;
        const char *says[3], *not ;
    } cases[] = {
        {PAM,
         NULL,                                                                  "cn-north-1",
         true,  {"PAM authentication failed", "AWS takes the keys: allow rds-db:connect",
          "arn:aws-cn:rds-db:cn-north-1:*:dbuser:*/cdctop"},
         "CNAME"   },
        {PAM,
         NULL,                                                                  "eu-west-3",
         false, {"rds-db:connect", "look at the clock", "no CNAME"},
         "GRANT"   },
        {PAM,
         "ExpiredToken: The security token included in the request is expired", "eu-west-3",
         false, {"AWS does not take the credentials", "ExpiredToken", "the session has ended"},
         "rds-db"  },
        {"The IAM authentication failed for the role cdctop. Check the IAM token",
         NULL,                                                                  "eu-west-3",
         true,  {"rds-db:connect", "look at the clock"},
         "password"},
        {"login refused: password authentication failed for user \"cdctop\"",
         NULL,                                                                  "eu-west-3",
         true,  {"took the IAM token for a password", "GRANT rds_iam TO cdctop"},
         "rds-db"  },
        {"login refused: role \"cdctop\" is not permitted to log in",
         NULL,                                                                  "eu-west-3",
         true,  {"not permitted"},
         ";"       },
    };
    struct rig r;
    rig_start(&r, 500, "");
    for (size_t i = 0; i < LEN(cases); i++) {
        struct login_postgres l = {.token = true, .user = "cdctop", .by_name = cases[i].by_name};
        struct refusal refusal = {.known = cases[i].sts == NULL};
        struct err err = ERR_INIT;
        (void)snprintf(l.region, sizeof(l.region), "%s", cases[i].region);
        if (cases[i].sts != NULL)
            err_set(&refusal.sts, ERR_AUTH, 403, "%s", cases[i].sts);
        err_set(&err, ERR_AUTH, 0, "%s", cases[i].refused);
        login_postgres_explain(r.aws, &l, &refusal, &err);
        assert_int_equal(err.kind, ERR_AUTH);
        for (size_t k = 0; k < LEN(cases[i].says) && cases[i].says[k] != NULL; k++) {
            if (strstr(err.text, cases[i].says[k]) == NULL)
                fail_msg("no %s in %s", cases[i].says[k], err.text);
        }
        if (strstr(err.text, cases[i].not ) != NULL)
            fail_msg("%s in %s", cases[i].not, err.text);
    }
    rig_stop(&r);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_put_in_where_it_stands),
        cmocka_unit_test(all_of_it_without_a_key),
        cmocka_unit_test(what_is_wrong_is_said_without_what_it_holds),
        cmocka_unit_test(a_refused_one_is_read_anew_once),
        cmocka_unit_test(connect_follows_a_rotation),
        cmocka_unit_test(regions_of_endpoints),
        cmocka_unit_test(libpq_gets_the_token),
        cmocka_unit_test(tokens_want_tls_and_a_name),
        cmocka_unit_test(a_refused_token_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
