/* What libpq and the server say when it fails, in an operator's words, and never with a secret. */
#include "base/mem.h"
#include "net/pgconn.h"
#include "net/pgerror.h"
#include "tests/check.h"

#include <string.h>

static void test_kinds_of_sqlstates(void **state)
{
    (void)state;
    static const struct {
        const char *sqlstate;
        enum err_kind kind;
    } cases[] = {
        {"28P01", ERR_AUTH    },
        {"28000", ERR_AUTH    },
        {"42501", ERR_DENIED  },
        {"57014", ERR_TIMEOUT },
        {"57P01", ERR_REFUSED },
        {"57P03", ERR_REFUSED },
        {"53300", ERR_SERVER  },
        {"3D000", ERR_NOTFOUND},
        {"42704", ERR_NOTFOUND},
        {"55006", ERR_CONFLICT},
        {"25006", ERR_DENIED  },
        {"08P01", ERR_PROTOCOL},
        {"08006", ERR_REFUSED },
        {"XX000", ERR_SERVER  },
        {"",      ERR_SERVER  },
        {NULL,    ERR_SERVER  },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(pgerror_kind(cases[i].sqlstate), cases[i].kind);
}

static void test_server_message_is_kept(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_false(pgerror_set(&err, "55006", "replication slot \"dbz_shop\" is active for PID 7"));
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_string_equal(err.text, "replication slot \"dbz_shop\" is active for PID 7 (55006)");
    pgerror_set(&err, "57014", "canceling statement due to statement timeout");
    assert_string_equal(err.text, "the server gave up on the statement: canceling statement due to "
                                  "statement timeout (57014)");
    pgerror_set(&err, NULL, NULL);
    assert_int_equal(err.kind, ERR_SERVER);
}

/* As libpq 15 says it with PQERRORS_VERBOSE. */
static void test_failed_connections(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err_kind kind;
        const char *said;
    } cases[] = {
        {"connection to server at \"127.0.0.1\", port 15432 failed: FATAL:  28P01: password "
         "authentication failed for user \"cdctop\"\nLOCATION:  auth_failed, auth.c:326\n", ERR_AUTH,     "login refused: password authentication failed for user \"cdctop\" (28P01)"  },
        {"connection to server at \"h\" (10.0.0.1), port 5432 failed: FATAL:  28P01: password "
         "authentication failed for user \"u\"\nLOCATION:  x\nconnection to server at \"h\" "
         "(10.0.0.1), port 5432 failed: FATAL:  28000: no pg_hba.conf entry for host\n",    ERR_AUTH,     "login refused: password authentication failed for user \"u\" (28P01)"       },
        {"connection to server at \"h\", port 5432 failed: FATAL:  57P03: the database system is "
         "starting up\n",                                                                   ERR_REFUSED,
         "the server does not take connections now: the database system is starting up (57P03)"                                                                                                 },
        {"connection to server at \"h\", port 5432 failed: FATAL:  53300: sorry, too many clients "
         "already\n",                                                                       ERR_SERVER,   "the server has no free connection: sorry, too many clients already (53300)" },
        {"connection to server at \"h\", port 5432 failed: FATAL:  3D000: database \"x\" does not "
         "exist\n",                                                                         ERR_NOTFOUND, "this database does not exist: database \"x\" does not exist (3D000)"        },
        {"could not translate host name \"db1\" to address: Name or service not known\n",            ERR_DNS,
         "the host name does not resolve: could not translate host name \"db1\" to address: Name "
         "or service not known"                                                                                                                                                                 },
        {"connection to server at \"127.0.0.1\", port 1 failed: Connection refused\n\tIs the "
         "server running on that host and accepting TCP/IP connections?\n",                 ERR_REFUSED,  "nothing listens there: Connection refused"                                  },
        {"connection to server on socket \"/tmp/.s.PGSQL.5432\" failed: No such file or "
         "directory\n\tIs the server running locally?\n",                                   ERR_REFUSED,  "no such socket: the server does not run: No such file or directory"         },
        {"connection to server at \"h\", port 5432 failed: server does not support SSL, but SSL "
         "was required\n",                                                                  ERR_TLS,
         "the server does not speak TLS: server does not support SSL, but SSL was required"                                                                                                     },
        {"connection to server at \"h\", port 5432 failed: SSL error: certificate verify failed\n",
         ERR_TLS,                                                                                                  "TLS: SSL error: certificate verify failed"                                  },
        {"connection to server at \"h\", port 80 failed: received invalid response to SSL "
         "negotiation: H\n",                                                                ERR_PROTOCOL,
         "what listens there is not PostgreSQL: received invalid response to SSL negotiation: H"                                                                                                },
        {"connection to server at \"h\", port 5432 failed: fe_sendauth: no password supplied\n",
         ERR_AUTH,                                                                                                 "the server wants a password (PGPASSWORD): fe_sendauth: no password supplied"},
        {"",                                                                                         ERR_REFUSED,  "no reason given"                                                            },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        assert_false(pgerror_connect(&err, cases[i].text));
        assert_string_equal(err.text, cases[i].said);
        assert_int_equal(err.kind, cases[i].kind);
    }
}

/* libpq quotes the piece it stumbles over, which may be a piece of the password. */
static void test_unreadable_connection_string_is_not_repeated(void **state)
{
    (void)state;
    static const char *const strings[] = {
        "host=db1 password=my s3cret",         "host=db1 password=my s3cret=1",
        "postgresql://u:s3cret%zz@h/d",        "postgresql://u:pw@h/d?s3cret=1",
        "host=db1 port=5432 password='s3cret", "postgresql://u:s3cret@h:[d",
    };
    for (size_t i = 0; i < ARRAY_LEN(strings); i++) {
        struct err err = ERR_INIT;
        struct pgconn_params params = {.conninfo = strings[i]};
        assert_null(pgconn_open(&params, 0, -1, &err));
        if (strstr(err.text, "s3cret") != NULL)
            fail_msg("'%s' shows the password", err.text);
        assert_int_equal(err.kind, ERR_CONFIG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_of_sqlstates),
        cmocka_unit_test(test_server_message_is_kept),
        cmocka_unit_test(test_failed_connections),
        cmocka_unit_test(test_unreadable_connection_string_is_not_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
