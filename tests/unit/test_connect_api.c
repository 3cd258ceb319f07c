/* The REST calls: what is sent, what an answer means, and which worker is asked. */
#include "base/clock.h"
#include "base/mem.h"
#include "net/connectapi.h"
#include "tests/check.h"
#include "tests/unit/fakeconnect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { PLENTY_MS = 120000 };

static const struct fake_rule fine = {"/", 200, NULL, "{\"version\":\"3.9.1\"}"};
static const struct fake_rule silent = {"/", 0, NULL, NULL};
static const struct fake_rule broken = {"/", 500, NULL,
                                        "{\"error_code\":500,\"message\":\"no herder\"}"};
static const struct fake_rule starting = {
    "/", 404, "text/html;charset=iso-8859-1",
    "<html><head><title>Error 404 Not Found</title></head><body>no</body></html>"};
static const struct connect_request root = {.call = CONNECT_ROOT};

/* Calls and forgets the answer, except the worker's URL. */
static bool call(struct connectapi *api, const struct connect_request *req, int64_t ms,
                 const char **url, struct err *err)
{
    struct connect_answer answer;
    if (!connectapi_call(api, req, clock_mono_ms() + ms, -1, &answer, err))
        return false;
    if (url != NULL)
        *url = answer.url;
    connectapi_answer_free(&answer);
    return true;
}

/* The same, with more time where it ran out: on a busy machine one who answers may need more than
 * his share of a short one. */
static bool call_growing(struct connectapi *api, const struct connect_request *req, int64_t ms,
                         const char **url, struct err *err)
{
    for (;; ms *= 4) {
        *err = (struct err)ERR_INIT;
        bool ok = call(api, req, ms, url, err);
        if (ok || err->kind != ERR_TIMEOUT || ms > PLENTY_MS)
            return ok;
    }
}

struct pair {
    struct fakeconnect a, b;
    struct pipeline_config cfg;
    struct connectapi *api;
};

static void pair_start(struct pair *p, struct fake_rule a, struct fake_rule b)
{
    fakeconnect_start(&p->a, &a, 1);
    fakeconnect_start(&p->b, &b, 1);
    p->cfg = fakeconnect_config((const char *const[]){p->a.url, p->b.url}, 2);
    p->api = connectapi_open(&p->cfg.connect, NULL);
    assert_non_null(p->api);
}

static void pair_stop(struct pair *p)
{
    connectapi_close(p->api);
    fakeconnect_config_free(&p->cfg);
    fakeconnect_stop(&p->a);
    fakeconnect_stop(&p->b);
}

static void test_requests_are_those_that_were_shown(void **state)
{
    (void)state;
    static const struct {
        struct connect_request req;
        const char *line;
    } cases[] = {
        {{.call = CONNECT_ROOT},                                             "GET /"                                    },
        {{.call = CONNECT_LIST},                                             "GET /connectors?expand=status&expand=info"},
        {{.call = CONNECT_STATUS, .connector = "shop-s3"},                   "GET /connectors/shop-s3/status"           },
        {{.call = CONNECT_CONFIG, .connector = "shop-s3"},                   "GET /connectors/shop-s3/config"           },
        {{.call = CONNECT_TOPICS, .connector = "shop-s3"},                   "GET /connectors/shop-s3/topics"           },
        {{.call = CONNECT_OFFSETS, .connector = "shop-s3"},                  "GET /connectors/shop-s3/offsets"          },
        {{.call = CONNECT_RESTART, .connector = "c"},                        "POST /connectors/c/restart"               },
        {{.call = CONNECT_RESTART,
          .connector = "shop-s3",
          .include_tasks = true,
          .only_failed = true},
         "POST /connectors/shop-s3/restart?includeTasks=true&onlyFailed=true"                                           },
        {{.call = CONNECT_RESTART, .connector = "c", .include_tasks = true},
         "POST /connectors/c/restart?includeTasks=true&onlyFailed=false"                                                },
        {{.call = CONNECT_RESTART_TASK, .connector = "c", .task = 12},
         "POST /connectors/c/tasks/12/restart"                                                                          },
        {{.call = CONNECT_PAUSE, .connector = "c"},                          "PUT /connectors/c/pause"                  },
        {{.call = CONNECT_RESUME, .connector = "c"},                         "PUT /connectors/c/resume"                 },
        {{.call = CONNECT_STOP, .connector = "c"},                           "PUT /connectors/c/stop"                   },
        {{.call = CONNECT_STATUS, .connector = "a/b c%?\xc3\xa9\n"},
         "GET /connectors/a%2Fb%20c%25%3F%C3%A9%0A/status"                                                              },
        {{.call = CONNECT_STATUS, .connector = ".."},                        "GET /connectors/../status"                },
    };
    struct fakeconnect fake;
    fakeconnect_start(&fake, &fine, 1);
    struct pipeline_config cfg = fakeconnect_config((const char *const[]){fake.url}, 1);
    struct connectapi *api = connectapi_open(&cfg.connect, NULL);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        if (!call(api, &cases[i].req, PLENTY_MS, NULL, &err))
            fail_msg("%s: %s", cases[i].line, err.text);
        struct fake_seen seen = fakeconnect_seen(&fake);
        char *sent = mem_printf("%s %s", seen.method, seen.target);
        assert_string_equal(sent, cases[i].line);
        struct strbuf shown;
        strbuf_init(&shown, 4096);
        connectapi_preview(&shown, connectapi_url(api, 0), &cases[i].req);
        char *full = mem_printf("%s %s%s", seen.method, fake.url, seen.target);
        assert_string_equal(shown.text, full);
        strbuf_free(&shown);
        free(full);
        free(sent);
    }
    connectapi_close(api);
    fakeconnect_config_free(&cfg);
    fakeconnect_stop(&fake);
}

static void test_logins_are_sent_and_never_shown(void **state)
{
    (void)state;
    struct fakeconnect fake;
    fakeconnect_start(&fake, &fine, 1);
    char *with_login = mem_printf("http://al%%40ice:s%%3Ae%%2Fcret@%s/connect/", fake.url + 7);
    struct pipeline_config cfg = fakeconnect_config((const char *const[]){with_login}, 1);
    struct connectapi *api = connectapi_open(&cfg.connect, NULL);
    struct err err = ERR_INIT;
    assert_true(call(api, &root, PLENTY_MS, NULL, &err));
    assert_string_equal(fakeconnect_seen(&fake).authorization,
                        "Basic YWxAaWNlOnM6ZS9jcmV0"); /* al@ice:s:e/cret */
    assert_string_equal(fakeconnect_seen(&fake).target, "/connect/");
    assert_null(strstr(connectapi_url(api, 0), "ice"));
    fakeconnect_rules(&fake, &broken, 1);
    assert_false(call(api, &root, PLENTY_MS, NULL, &err));
    assert_null(strstr(err.text, "cret"));
    connectapi_close(api);
    fakeconnect_config_free(&cfg);

    cfg = fakeconnect_config((const char *const[]){fake.url}, 1);
    free(cfg.connect.username);
    free(cfg.connect.password);
    cfg.connect.username = mem_strdup("bob");
    cfg.connect.password = mem_strdup("pw");
    api = connectapi_open(&cfg.connect, NULL);
    (void)call(api, &root, PLENTY_MS, NULL, NULL);
    assert_string_equal(fakeconnect_seen(&fake).authorization, "Basic Ym9iOnB3");
    connectapi_close(api);
    fakeconnect_config_free(&cfg);
    fakeconnect_stop(&fake);
    free(with_login);
}

static void test_urls_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *url, *base, *user, *password;
    } cases[] = {
        {"http://h:8083",            "http://h:8083",     NULL, NULL},
        {"h:8083/",                  "http://h:8083",     NULL, NULL},
        {"HTTPS://h/connect//",      "https://h/connect", NULL, NULL},
        {"https://u:p@h:8083/x?y#z", "https://h:8083/x",  "u",  "p" },
        {"http://u@h",               "http://h",          "u",  ""  },
        {"http://h/a@b",             "http://h/a@b",      NULL, NULL},
        {"ftp://h",                  NULL,                NULL, NULL},
        {"http://",                  NULL,                NULL, NULL},
        {"http://u:p@",              NULL,                NULL, NULL},
        {"",                         NULL,                NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *user, *password;
        char *base = connectapi_split_url(cases[i].url, &user, &password);
        assert_true((base == NULL) == (cases[i].base == NULL));
        assert_true((user == NULL) == (cases[i].user == NULL));
        if (base != NULL)
            assert_string_equal(base, cases[i].base);
        if (user != NULL) {
            assert_string_equal(user, cases[i].user);
            assert_string_equal(password, cases[i].password);
        }
        free(base);
        free(user);
        free(password);
    }
    struct err err = ERR_INIT;
    struct pipeline_config cfg = fakeconnect_config((const char *const[]){"ftp://u:secret@h"}, 1);
    assert_null(connectapi_open(&cfg.connect, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_null(strstr(err.text, "secret"));
    fakeconnect_config_free(&cfg);
    cfg = fakeconnect_config(NULL, 0);
    assert_null(connectapi_open(&cfg.connect, &err));
    fakeconnect_config_free(&cfg);
}

static void test_answers_have_a_meaning(void **state)
{
    (void)state;
    static const struct {
        struct fake_rule rule;
        enum connect_call call;
        enum err_kind kind;
        const char *text;
    } cases[] = {
        {{"/", 409, NULL,
          "{\"error_code\":409,\"message\":\"Cannot complete request momentarily due to stale "
          "configuration\"}"},
         CONNECT_RESTART,                                                                                         ERR_CONFLICT,
         "stale configuration"                                                                                                                                  },
        {{"/", 404, NULL, "{\"error_code\":404,\"message\":\"Unknown connector nope\"}"},
         CONNECT_PAUSE,                                                                                           ERR_NOTFOUND,
         "Unknown connector nope"                                                                                                                               },
        {{"/", 404, NULL, "{\"error_code\":404,\"message\":\"Not Found\"}"},
         CONNECT_LIST,                                                                                            ERR_PROTOCOL,
         "still starting"                                                                                                                                       },
        {{"/", 404, NULL, "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}"},
         CONNECT_OFFSETS,                                                                                         ERR_UNSUPPORTED,
         "3.5"                                                                                                                                                  },
        {{"/", 405, NULL, "{\"error_code\":405,\"message\":\"HTTP 405 Method Not Allowed\"}"},
         CONNECT_STOP,                                                                                            ERR_UNSUPPORTED,
         "/stop"                                                                                                                                                },
        {{"/", 404, "text/html", "<html>Error 404</html>"},
         CONNECT_LIST,                                                                                            ERR_PROTOCOL,
         "still starting"                                                                                                                                       },
        {{"/", 404, NULL, "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}"},
         CONNECT_LIST,                                                                                            ERR_PROTOCOL,
         "under this path"                                                                                                                                      },
        {{"/", 200, "text/html", "<html>welcome</html>"},
         CONNECT_LIST,                                                                                            ERR_PROTOCOL,
         "not Kafka Connect"                                                                                                                                    },
        {{"/", 200, "text/plain", "welcome\x1b[2J"},                                                CONNECT_LIST, ERR_PROTOCOL,    "welcome"                    },
        {{"/", 200, NULL, ""},                                                                      CONNECT_LIST, ERR_PROTOCOL,    "not what Kafka Connect says"},
        {{"/", 500, NULL, "{\"error_code\":500,\"message\":\"Request timed out. The worker is\"}"},
         CONNECT_OFFSETS,                                                                                         ERR_TIMEOUT,
         "Request timed out"                                                                                                                                    },
        {{"/", 500, NULL, "{\"error_code\":500,\"message\":\"Failed to start\\u001b connector\"}"},
         CONNECT_RESTART,                                                                                         ERR_SERVER,
         "Failed to start"                                                                                                                                      },
        {{"/", 503, "text/html", "<html>busy</html>"},                                              CONNECT_LIST, ERR_SERVER,      "503"                        },
        {{"/", 401, "text/html", "<html>Unauthorized</html>"},                                      CONNECT_LIST, ERR_AUTH,        "401"                        },
        {{"/", 403, NULL, "{\"error_code\":403,\"message\":\"Topic tracking is disabled.\"}"},
         CONNECT_TOPICS,                                                                                          ERR_DENIED,
         "Topic tracking is disabled"                                                                                                                           },
        {{"/", 302, "text/plain", ""},                                                              CONNECT_LIST, ERR_PROTOCOL,    "redirect"                   },
    };
    struct fakeconnect fake;
    fakeconnect_start(&fake, &fine, 1);
    struct pipeline_config cfg = fakeconnect_config((const char *const[]){fake.url}, 1);
    struct connectapi *api = connectapi_open(&cfg.connect, NULL);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        struct connect_request req = {.call = cases[i].call, .connector = "c"};
        fakeconnect_rules(&fake, &cases[i].rule, 1);
        assert_false(call(api, &req, PLENTY_MS, NULL, &err));
        assert_int_equal(err.kind, cases[i].kind);
        assert_int_equal(err.code, cases[i].rule.status);
        if (strstr(err.text, cases[i].text) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].text);
        assert_null(strchr(err.text, '\x1b'));
    }
    connectapi_close(api);
    fakeconnect_config_free(&cfg);
    fakeconnect_stop(&fake);
}

static void test_an_answer_is_handed_over(void **state)
{
    (void)state;
    struct fakeconnect fake;
    static const struct fake_rule accepted = {"/connectors/c/restart", 202, NULL,
                                              "{\"name\":\"c\"}"};
    fakeconnect_start(&fake, &accepted, 1);
    struct pipeline_config cfg = fakeconnect_config((const char *const[]){fake.url}, 1);
    struct connectapi *api = connectapi_open(&cfg.connect, NULL);
    struct connect_request req = {.call = CONNECT_RESTART, .connector = "c", .include_tasks = true};
    struct connect_answer answer;
    assert_true(connectapi_call(api, &req, clock_mono_ms() + PLENTY_MS, -1, &answer, NULL));
    assert_int_equal(answer.status, 202);
    assert_string_equal(answer.body, "{\"name\":\"c\"}");
    assert_string_equal(answer.url, fake.url);
    assert_true(answer.date_ms == INT64_C(1795183402000)); /* the Date header of the fake */
    connectapi_answer_free(&answer);
    static const struct fake_rule empty = {"/connectors/c/stop", 204, NULL, ""};
    fakeconnect_rules(&fake, &empty, 1);
    req = (struct connect_request){.call = CONNECT_STOP, .connector = "c"};
    assert_true(call(api, &req, PLENTY_MS, NULL, NULL));
    connectapi_close(api);
    fakeconnect_config_free(&cfg);
    fakeconnect_stop(&fake);
}

static void test_the_next_worker_is_asked(void **state)
{
    (void)state;
    const struct fake_rule bad[] = {
        broken, starting, {"/", 200, "text/plain", "garbage"}
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct pair p;
        const char *url = NULL;
        pair_start(&p, bad[i], fine);
        assert_true(call(p.api, &root, PLENTY_MS, &url, NULL));
        assert_string_equal(url, p.b.url);
        assert_non_null(connectapi_url_error(p.api, 0));
        assert_null(connectapi_url_error(p.api, 1));
        /* the good one is remembered */
        assert_true(call(p.api, &root, PLENTY_MS, &url, NULL));
        assert_string_equal(url, p.b.url);
        assert_int_equal(fakeconnect_requests(&p.a), 1);
        /* and left when it fails */
        fakeconnect_rules(&p.a, &fine, 1);
        fakeconnect_rules(&p.b, &broken, 1);
        assert_true(call(p.api, &root, PLENTY_MS, &url, NULL));
        assert_string_equal(url, p.a.url);
        assert_null(connectapi_url_error(p.api, 0));
        assert_non_null(connectapi_url_error(p.api, 1));
        pair_stop(&p);
    }
}

static void test_a_dead_worker_is_passed_over(void **state)
{
    (void)state;
    struct fakeconnect fake;
    char dead[64];
    fakeconnect_dead_url(dead, sizeof(dead));
    fakeconnect_start(&fake, &fine, 1);
    struct pipeline_config cfg = fakeconnect_config((const char *const[]){dead, fake.url}, 2);
    struct connectapi *api = connectapi_open(&cfg.connect, NULL);
    const char *url = NULL;
    assert_true(call(api, &root, PLENTY_MS, &url, NULL));
    assert_string_equal(url, fake.url);
    assert_non_null(strstr(connectapi_url_error(api, 0), "refused"));
    fakeconnect_stop(&fake);
    struct err err = ERR_INIT;
    assert_false(call(api, &root, PLENTY_MS, &url, &err));
    assert_int_equal(err.kind, ERR_REFUSED);
    assert_non_null(strstr(err.text, dead + 7)); /* both are named */
    assert_non_null(strstr(err.text, fake.url + 7));
    connectapi_close(api);
    fakeconnect_config_free(&cfg);
}

static void test_a_silent_worker_leaves_time_for_the_next(void **state)
{
    (void)state;
    struct pair p;
    const char *url = NULL;
    struct err err = ERR_INIT;
    pair_start(&p, silent, fine);
    if (!call_growing(p.api, &root, 600, &url, &err))
        fail_msg("%s", err.text);
    assert_string_equal(url, p.b.url);
    assert_non_null(connectapi_url_error(p.api, 0));
    /* with the good one gone the silent one comes last, though it stands first */
    fakeconnect_rules(&p.b, &broken, 1);
    int asked = fakeconnect_requests(&p.a);
    assert_false(call_growing(p.api, &root, 600, &url, &err));
    assert_int_equal(err.kind, ERR_SERVER);
    assert_true(fakeconnect_requests(&p.a) > asked);
    pair_stop(&p);
}

static void test_silence_of_the_only_worker_is_a_timeout(void **state)
{
    (void)state;
    struct fakeconnect fake;
    fakeconnect_start(&fake, &silent, 1);
    struct pipeline_config cfg = fakeconnect_config((const char *const[]){fake.url}, 1);
    struct connectapi *api = connectapi_open(&cfg.connect, NULL);
    struct err err = ERR_INIT;
    assert_false(call(api, &root, 200, NULL, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    int stop = eventfd(1, EFD_CLOEXEC);
    struct connect_answer answer;
    assert_false(connectapi_call(api, &root, clock_mono_ms() + PLENTY_MS, stop, &answer, &err));
    assert_int_equal(err.kind, ERR_STOPPED);
    close(stop);
    connectapi_close(api);
    fakeconnect_config_free(&cfg);
    fakeconnect_stop(&fake);
}

static void test_a_change_is_not_asked_for_twice(void **state)
{
    (void)state;
    const struct connect_request restart = {.call = CONNECT_RESTART, .connector = "c"};
    struct pair p;
    struct err err = ERR_INIT;
    pair_start(&p, broken, fine); /* it may have been done before the 500 */
    assert_false(call(p.api, &restart, PLENTY_MS, NULL, &err));
    assert_int_equal(err.kind, ERR_SERVER);
    assert_int_equal(fakeconnect_requests(&p.b), 0);
    pair_stop(&p);
    pair_start(&p, silent, fine);
    assert_false(call(p.api, &restart, 400, NULL, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    assert_int_equal(fakeconnect_requests(&p.b), 0);
    pair_stop(&p);
    pair_start(&p, starting, fine); /* cannot have been done */
    assert_true(call(p.api, &restart, PLENTY_MS, NULL, &err));
    assert_int_equal(fakeconnect_requests(&p.b), 1);
    pair_stop(&p);
}

static void test_a_refusal_in_words_does_not_move_on(void **state)
{
    (void)state;
    static const struct fake_rule busy = {"/", 409, NULL,
                                          "{\"error_code\":409,\"message\":\"busy\"}"};
    struct pair p;
    struct err err = ERR_INIT;
    pair_start(&p, busy, fine);
    assert_false(call(p.api, &root, PLENTY_MS, NULL, &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_int_equal(fakeconnect_requests(&p.b), 0);
    assert_null(connectapi_url_error(p.api, 0)); /* it is well */
    pair_stop(&p);
}

/* What a worker says in a refusal may quote the configuration. */
static void test_a_refusal_tells_no_secret(void **state)
{
    (void)state;
    static const struct fake_rule leaky = {
        "/", 400, NULL,
        "{\"error_code\":400,\"message\":\"Failed at "
        "jdbc:postgresql://db/x?user=u&password=hunter2 : "
        "Invalid value hunter2 for configuration database.password: must not\"}"};
    struct pair p;
    struct err err = ERR_INIT;
    const struct connect_request pause = {.call = CONNECT_PAUSE, .connector = "c"};
    pair_start(&p, leaky, leaky);
    assert_false(call(p.api, &pause, PLENTY_MS, NULL, &err));
    assert_non_null(strstr(err.text, "Invalid value ********"));
    assert_non_null(strstr(err.text, "database.password"));
    assert_null(strstr(err.text, "hunter2"));
    pair_stop(&p);
}

static void test_what_is_nice_to_have_asks_one_worker_only(void **state)
{
    (void)state;
    const struct connect_request offsets = {
        .call = CONNECT_OFFSETS, .connector = "c", .only_last = true};
    struct pair p;
    struct err err = ERR_INIT;
    pair_start(&p, starting, fine);
    assert_true(call(p.api, &root, PLENTY_MS, NULL, &err));
    fakeconnect_rules(&p.b, &broken, 1);
    int before = fakeconnect_requests(&p.a);
    assert_false(call(p.api, &offsets, PLENTY_MS, NULL, &err));
    assert_int_equal(fakeconnect_requests(&p.a), before);
    assert_null(connectapi_url_error(p.api, 1));
    pair_stop(&p);
}

static void test_the_others_are_looked_at(void **state)
{
    (void)state;
    struct pair p;
    const char *url = NULL;
    pair_start(&p, fine, broken);
    assert_true(call(p.api, &root, PLENTY_MS, &url, NULL));
    assert_null(connectapi_url_error(p.api, 1)); /* not asked yet */
    connectapi_probe_others(p.api, clock_mono_ms() + PLENTY_MS, PLENTY_MS, -1);
    assert_non_null(strstr(connectapi_url_error(p.api, 1), "no herder"));
    fakeconnect_rules(&p.b, &fine, 1);
    connectapi_probe_others(p.api, clock_mono_ms() + PLENTY_MS, PLENTY_MS, -1);
    assert_null(connectapi_url_error(p.api, 1));
    assert_true(call(p.api, &root, PLENTY_MS, &url, NULL));
    assert_string_equal(url, p.a.url); /* still the one that is asked */
    pair_stop(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_are_those_that_were_shown),
        cmocka_unit_test(test_logins_are_sent_and_never_shown),
        cmocka_unit_test(test_urls_are_read),
        cmocka_unit_test(test_answers_have_a_meaning),
        cmocka_unit_test(test_an_answer_is_handed_over),
        cmocka_unit_test(test_the_next_worker_is_asked),
        cmocka_unit_test(test_a_dead_worker_is_passed_over),
        cmocka_unit_test(test_a_silent_worker_leaves_time_for_the_next),
        cmocka_unit_test(test_silence_of_the_only_worker_is_a_timeout),
        cmocka_unit_test(test_a_change_is_not_asked_for_twice),
        cmocka_unit_test(test_a_refusal_in_words_does_not_move_on),
        cmocka_unit_test(test_a_refusal_tells_no_secret),
        cmocka_unit_test(test_what_is_nice_to_have_asks_one_worker_only),
        cmocka_unit_test(test_the_others_are_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
