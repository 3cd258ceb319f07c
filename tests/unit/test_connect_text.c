/* Root causes of every trace that was recorded, and secrets that may not be shown. */
#include "base/arena.h"
#include "base/mem.h"
#include "base/secrets.h"
#include "source/connect_text.h"
#include "tests/check.h"
#include "tests/unit/connect_samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOT_ALLOWED " because no identity-based policy allows the "
#define AWS_TAIL(status, code, id, ext)                                                    \
    " (Service: Amazon S3; Status Code: " status "; Error Code: " code "; Request ID: " id \
    "; S3 Extended Request ID: " ext "; Proxy: null), S3 Extended Request ID: " ext

/* Version 14 of the formatter crashes on tables with macros in them. */
/* clang-format off */
static const struct {
    const char *file;
    const char *cause;
} causes[] = {
    {"connect-status-failed-task.json",
     "ConnectException: S3 PUT cdc-archive/topics/shop.public.orders/year=2026/month=11/day=20/"
     "hour=16/shop.public.orders+0+0000015600.json: HTTP 403 <?xml version='1.0' "
     "encoding='UTF-8'?><Error><Code>SignatureDoesNotMatch</Code><Message>Forbidden</Message>"
     "<RequestId>4442587FB7D0A2F9</RequestId></Error>"},
    {"connect-restart-failed.txt",
     "ConnectException: S3 PUT cdc-archive/topics/shop.public.orders/year=2026/month=11/day=20/"
     "hour=16/shop.public.orders+0+0000015600.json: HTTP 403 <?xml version='1.0' "
     "encoding='UTF-8'?><Error><Code>SignatureDoesNotMatch</Code><Message>Forbidden</Message>"
     "<RequestId>4442587FB7D0A2F9</RequestId></Error>"},
    {"connect-status-failed-source-slot-active.json",
     "PSQLException: ERROR: replication slot \"dbz_shop\" is active for PID 26479"},
    {"aiven-create-bucket-missing.txt",
     "ConfigException: Neither aws.s3.bucket.name nor aws_s3_bucket properties have been set"},
    {"aiven-create-template.txt",
     "IllegalArgumentException: unsupported set of template variables, supported sets are: "
     "topic,partition,start_offset,timestamp; topic,partition,key,start_offset,timestamp; key; "
     "key,topic,partition"},
    {"aiven-create-template-partial.txt",
     "IllegalArgumentException: unsupported set of template variables, supported sets are: "
     "topic,partition,start_offset,timestamp; topic,partition,key,start_offset,timestamp; key; "
     "key,topic,partition"},
    {"confluent-create-locale-missing.txt",
     "ConfigException: Invalid value  for configuration locale: Locale cannot be empty."},
    {"confluent-create-partition-duration.txt", "ArithmeticException: / by zero"},
    {"confluent-create-path-format.txt", "IllegalArgumentException: Illegal pattern component: r"},
    {"mysource-binlog-format.txt",
     "DebeziumException: The database server is not configured to use a ROW binlog_format, which "
     "is required for this connector to work properly. Change the database configuration to use a "
     "binlog_format=ROW and restart the connector."},
    {"mysource-history-lost.json",
     "DebeziumException: The db history topic is missing. You may attempt to recover it by "
     "reconfiguring the connector to recovery."},
    {"pgsource-database-stopped.txt", "ConnectException: Connection refused"},
    {"pgsource-restart-while-database-down.txt", "ConnectException: Connection refused"},
    {"pgsource-norepl.json",
     "PSQLException: FATAL: must be superuser or replication role to start walsender"},
    {"pgsource-password-changed.txt",
     "PSQLException: FATAL: password authentication failed for user \"dbz4\""},
    {"pgsource-pubmissing.json",
     "ConnectException: Publication autocreation is disabled, please create one and restart the "
     "connector."},
    {"pgsource-toolarge.json",
     "RecordTooLargeException: The message is 20535 bytes when serialized which is larger than "
     "2000, which is the value of the max.request.size configuration."},
    {"pgsource-wal-level.txt",
     "PSQLException: ERROR: logical decoding requires wal_level >= logical"},
    {"s3-error-deny-put.txt",
     "AmazonS3Exception: User: arn:aws:iam::123456789012:user/cdc is not authorized to perform: "
     "s3:PutObject on resource: \"arn:aws:s3:::cdc-archive/x\"" NOT_ALLOWED
     "s3:PutObject action" AWS_TAIL("403", "AccessDenied", "4442587FB7D0A2F9", "hostidexample=")},
    {"s3-error-expired.txt",
     "AmazonS3Exception: The provided token has expired." AWS_TAIL(
         "400", "ExpiredToken", "4442587FB7D0A2F9", "hostidexample=")},
    {"s3-error-kms.txt",
     "AmazonS3Exception: User: arn:aws:iam::123456789012:user/cdc is not authorized to perform: "
     "kms:GenerateDataKey on resource: arn:aws:kms:us-east-1:123456789012:key/1" NOT_ALLOWED
     "kms:GenerateDataKey action" AWS_TAIL("403", "AccessDenied", "4442587FB7D0A2F9",
                                           "hostidexample=")},
    {"status-aiven-not-json.json",
     "JsonParseException: Unrecognized token 'not': was expecting (JSON String, Number, Array, "
     "Object or token 'null', 'true' or 'false')"},
    {"status-confluent-not-json.json",
     "JsonParseException: Unrecognized token 'not': was expecting (JSON String, Number, Array, "
     "Object or token 'null', 'true' or 'false')"},
    {"status-confluent-endpoint-unresolvable.json", "UnknownHostException: no-such-host.invalid"},
    {"status-confluent-missing-bucket.json",
     "ConnectException: Non-existent S3 bucket: no-such-bucket"},
    {"status-confluent-schemas-enable.json",
     "DataException: JsonConverter with schemas.enable requires \"schema\" and \"payload\" fields "
     "and may not contain additional fields. If you are trying to deserialize plain JSON data, set "
     "schemas.enable=false in your converter configuration."},
    {"status-confluent-store-headers-none.json",
     "DataException: Headers cannot be null for SinkRecord: SinkRecord{kafkaOffset=0, "
     "topic='q-fmt', kafkaPartition=0}"},
    {"status-confluent-tombstone.json",
     "ConnectException: Null valued records are not writeable with current "
     "behavior.on.null.values 'settings."},
    {"status-confluent-tombstone-tolerance-all.json",
     "ConnectException: Null valued records are not writeable with current "
     "behavior.on.null.values 'settings."},
    {"status-confluent-wrong-keyid.json",
     "AmazonS3Exception: Forbidden" AWS_TAIL("403", "InvalidAccessKeyId", "B0F7A2CFC287CADB",
                                             "null")},
    {"status-confluent-wrong-secret.json",
     "AmazonS3Exception: The request signature we calculated does not match the signature you "
     "provided. Check your key and signing method." AWS_TAIL("403", "SignatureDoesNotMatch",
                                                             "152E9769747B969C", "null")},
};
/* clang-format on */

static void check_cause(const char *trace, void *arg)
{
    struct arena *arena = arena_new();
    assert_string_equal(connect_cause(arena, trace), (const char *)arg);
    arena_free(arena);
}

static void test_cause_of_every_recorded_trace(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
        char *text = connect_sample(causes[i].file);
        char *expected = mem_strdup(causes[i].cause);
        if (connect_sample_traces(text, check_cause, expected) == 0)
            fail_msg("%s has no trace", causes[i].file);
        free(expected);
        free(text);
    }
}

static void check_credentials(const char *trace, void *arg)
{
    (void)arg;
    struct arena *arena = arena_new();
    const char *cause = connect_cause(arena, trace);
    const char *start = "SdkClientException: Unable to load AWS credentials from any provider in "
                        "the chain: [Environment";
    assert_memory_equal(cause, start, strlen(start));
    assert_true(strlen(cause) <= 1024);
    arena_free(arena);
}

static void test_a_very_long_cause_is_cut(void **state)
{
    (void)state;
    char *text = connect_sample("status-confluent-no-credentials.json");
    assert_int_equal(connect_sample_traces(text, check_credentials, NULL), 1);
    free(text);
}

static void test_odd_traces(void **state)
{
    (void)state;
    static const struct {
        const char *trace;
        const char *cause;
    } cases[] = {
        {"plain words",                                                                "plain words"               },
        {"java.lang.NullPointerException",                                             "NullPointerException"      },
        {"java.lang.NullPointerException\n\tat a.B.c(B.java:1)\n",                     "NullPointerException"      },
        {"a.b.ConnectException: c.d.SdkException: no route",
         "ConnectException: SdkException: no route"                                                                },
        {"a.E: x\nCaused by: b.F: y\n\t... 9 more\nCaused by: c.G: z\n\t... 3 more\n", "G: z"                      },
        {"a.E: x\n\tSuppressed: b.F: hidden\n\tCaused by: c.G: hidden\n",              "E: x"                      },
        {"a.E: \nThe message begins here\n\tat b.C.d(C.java:1)\n",                     "E: The message begins here"},
        {"a.E: \n\tat b.C.d(C.java:1)\n",                                              "E:"                        },
        {"a.E: x\nCaused by:",                                                         NULL                        },
        {"http://host: down",                                                          "http://host: down"         },
        {"",                                                                           NULL                        },
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *cause = connect_cause(arena, cases[i].trace);
        if (cases[i].cause == NULL)
            assert_null(cause);
        else
            assert_string_equal(cause, cases[i].cause);
    }
    assert_null(connect_cause(arena, NULL));
    arena_free(arena);
}

static void test_secrets_are_masked(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value, *shown;
    } cases[] = {
        {"database.password",                    "dbz",                                                          "********"                              },
        {"Database.PassWord",                    "dbz",                                                          "********"                              },
        {"aws.secret.access.key",                "labsecret12345678",                                            "********"                              },
        {"sasl.jaas.config",                     "x",                                                            "********"                              },
        {"consumer.override.sasl.jaas.config",   "x",                                                            "********"                              },
        {"value.converter.basic.auth.user.info", "u:p",                                                          "********"                              },
        {"ssl.key.passphrase",                   "x",                                                            "********"                              },
        {"ssl.keystore.key",                     "x",                                                            "********"                              },
        {"azure.account.key",                    "x",                                                            "********"                              },
        {"oauth.token",                          "x",                                                            "********"                              },
        {"aws.session.token",                    "x",                                                            "********"                              },
        {"header.Authorization",                 "Basic abc",                                                    "********"                              },
        {"anything",                             "a.b.ScramLoginModule required username=\"u\" password=\"p\";", "********"                              },
        {"anything",                             "-----BEGIN PRIVATE KEY-----\nMII",                             "********"                              },
        {"database.password",                    "${file:/etc/db.properties:password}",
         "${file:/etc/db.properties:password}"                                                                                                           },
        {"database.password",                    "${secretsManager:prod/db:password}",
         "${secretsManager:prod/db:password}"                                                                                                            },
        {"database.password",                    "${nocolon}",                                                   "********"                              },
        {"database.password",                    "${file:a:b}clear",                                             "********"                              },
        {"database.password",                    "",                                                             ""                                      },
        {"aws.access.key.id",                    "labaccess",                                                    "labaccess"                             },
        {"key.converter",                        "org.apache.kafka.connect.storage.StringConverter",
         "org.apache.kafka.connect.storage.StringConverter"                                                                                              },
        {"aws.credentials.provider.class",       "a.b.Provider",                                                 "a.b.Provider"                          },
        {"connection.url",                       "jdbc:postgresql://u:secret@h:5432/db",
         "jdbc:postgresql://u:********@h:5432/db"                                                                                                        },
        {"connection.url",                       "jdbc:postgresql://u:se/c@ret@h/db",
         "jdbc:postgresql://u:********@h/db"                                                                                                             },
        {"connection.url",                       "jdbc:postgresql://u:${file:a:b}@h/db",
         "jdbc:postgresql://u:${file:a:b}@h/db"                                                                                                          },
        {"connection.url",                       "jdbc:mysql://h/db?user=u&password=secret&x=1",
         "jdbc:mysql://h/db?user=u&password=********&x=1"                                                                                                },
        {"urls",                                 "http://a:8081,http://u:p@b:8081",                              "http://a:8081,http://u:********@b:8081"},
        {"props",                                "user=u password='a b' x=1",                                    "user=u password='********' x=1"        },
        {"props",                                "[user=u, password=a,b)c, x=1]",                                "[user=u, password=********, x=1]"      },
        {"props",                                "call(user=u,password=a)",                                      "call(user=u,password=********)"        },
        {"connection.url",                       "jdbc:sqlserver://h;user=u;password={a;b c};x=1",
         "jdbc:sqlserver://h;user=u;password={********};x=1"                                                                                             },
        {"connection.url",                       "mongodb://u:p,w'x@h1,h2/db",                                   "mongodb://u:********@h1,h2/db"         },
        {"connection.url",                       "jdbc:oracle:thin:scott/ti/ger@//h:1521/x",
         "jdbc:oracle:thin:scott/********@//h:1521/x"                                                                                                    },
        {"connection.url",                       "jdbc:oracle:thin:@//h:1521/x",                                 "jdbc:oracle:thin:@//h:1521/x"          },
        {"settings",                             "{\"user\":\"u\",\"password\": \"a\\\"b\",\"x\":1}",
         "{\"user\":\"u\",\"password\": \"********\",\"x\":1}"                                                                                           },
        {"settings",                             "{\"password\":7}",                                             "{\"password\":7}"                      },
        {"http.headers",                         "X-A:1|Authorization:Bearer abc",                               "********"                              },
        {"http.header",                          "Basic dTpw",                                                   "********"                              },
        {"connect.redis.pass",                   "x",                                                            "********"                              },
        {"confluent.license",                    "eyJ",                                                          "********"                              },
        {"store.url",                            "http://127.0.0.1:19000",                                       "http://127.0.0.1:19000"                },
        {"store.url",                            "http://user@127.0.0.1:19000",                                  "http://user@127.0.0.1:19000"           },
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(secrets_mask(arena, cases[i].key, cases[i].value), cases[i].shown);
    static const struct {
        const char *key, *value;
        bool literal;
    } literals[] = {
        {"database.password",             "geheim",                                                true },
        {"database.password",             "${file:/etc/s.properties:pw}",                          false},
        {"database.password",             "********",                                              false},
        {"connection.url",                "jdbc:postgresql://h/d?user=u&password=p",               true },
        {"connection.url",                "jdbc:postgresql://h/d?user=u",                          false},
        {"x.sasl.jaas.config",            "a.b.ScramLoginModule required password=\"p\";",         true },
        {"x.sasl.jaas.config",            "a.ScramLoginModule required password=\"${f:p}\";",      false},
        {"x.sasl.jaas.config",            "software.amazon.msk.auth.iam.IAMLoginModule required;", false},
        {"basic.auth.credentials.source", "USER_INFO",                                             false},
    };
    for (size_t i = 0; i < sizeof(literals) / sizeof(literals[0]); i++) {
        const char *masked = secrets_mask(arena, literals[i].key, literals[i].value);
        if (secrets_literal(literals[i].key, literals[i].value, masked) != literals[i].literal)
            fail_msg("%s = %s", literals[i].key, literals[i].value);
    }
    assert_string_equal(secrets_mask_text(arena, "cannot log in to http://u:p@h: no"),
                        "cannot log in to http://u:********@h: no");
    arena_free(arena);
}

/* What is cut off must not take along what told that the rest is a password. */
static void test_a_cut_leaves_no_half_password(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char text[1200];
    memset(text, 'x', sizeof(text));
    (void)snprintf(text + 1000, sizeof(text) - 1000, "%s",
                   " http://u:0123456789012345678@host: no");
    assert_null(strstr(secrets_masked(arena, text, 1020), "0123"));
    assert_null(strstr(connect_cause(arena, text), "0123"));
    assert_string_equal(secrets_masked(arena, "äö", 3), "ä");
    assert_string_equal(secrets_masked(arena, "password=a", 100), "password=" SECRETS_MASK);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cause_of_every_recorded_trace),
        cmocka_unit_test(test_a_very_long_cause_is_cut),
        cmocka_unit_test(test_odd_traces),
        cmocka_unit_test(test_secrets_are_masked),
        cmocka_unit_test(test_a_cut_leaves_no_half_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
