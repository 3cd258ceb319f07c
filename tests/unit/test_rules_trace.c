/* What traces mean: every recorded trace goes to its rule, and the rules of rules_trace.c fire on
 * them, as the headline, with all that follows from them folded. */
#include "base/arena.h"
#include "base/mem.h"
#include "source/connect_text.h"
#include "tests/unit/connect_samples.h"
#include "tests/unit/rule_cases.h"

#include <stdlib.h>

/* Version 14 of the formatter crashes on tables with macros in them. */
/* clang-format off */
enum { PG, MYSQL, SINK };
static const struct {
    int side;
    const char *id;   /* NULL: no rule, only an advice */
    const char *file; /* recorded … */
    const char *text; /* … or what the connector's source code says */
} traces[] = {
    {SINK, "S03", "status-confluent-wrong-secret.json", NULL},
    {SINK, "S03", "status-confluent-wrong-keyid.json", NULL},
    {SINK, "S03", "status-confluent-missing-bucket.json", NULL},
    {SINK, "S03", "status-confluent-no-credentials.json", NULL},
    {SINK, "S03", "connect-status-failed-task.json", NULL},
    {SINK, "S03", "s3-error-deny-put.txt", NULL},
    {SINK, "S03", "s3-error-kms.txt", NULL},
    {SINK, "S04", "s3-error-expired.txt", NULL},
    /* Texts of S3, KMS and STS as AWS documents their errors, in the frame of its SDKs for Java. */
    {SINK, "S04", NULL, "com.amazonaws.services.s3.model.AmazonS3Exception: The difference between the request time and the current "
                        "time is too large. (Service: Amazon S3; Status Code: 403; Error Code: RequestTimeTooSkewed; Request ID: 1)"},
    {SINK, "S04", NULL, "software.amazon.awssdk.services.s3.model.S3Exception: The provided token has expired. (Service: S3, Status Code: 400)"},
    {SINK, "S03", NULL, "software.amazon.awssdk.core.exception.SdkClientException: Unable to load credentials from any of the providers in the chain"},
    {SINK, "S03", NULL, "com.amazonaws.services.securitytoken.model.AWSSecurityTokenServiceException: User: arn:aws:iam::123456789012:user/x is "
                        "not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/cdc (Service: AWSSecurityTokenService; Status Code: 403)"},
    {SINK, "S03", NULL, "com.amazonaws.services.s3.model.AmazonS3Exception: arn:aws:kms:eu-west-3:123456789012:key/k is disabled. (Service: Amazon S3; "
                        "Status Code: 400; Error Code: KMS.DisabledException; Request ID: 1)"},
    {SINK, "S03", NULL, "com.amazonaws.services.s3.model.AmazonS3Exception: The bucket you are attempting to access must be addressed using the "
                        "specified endpoint. (Service: Amazon S3; Status Code: 301; Error Code: PermanentRedirect; Request ID: 1)"},
    {SINK, "S08", "status-confluent-tombstone.json", NULL},
    {SINK, "S08", "status-confluent-tombstone-tolerance-all.json", NULL},
    {SINK, "C07", "status-confluent-not-json.json", NULL},
    {SINK, "C07", "status-aiven-not-json.json", NULL},
    {SINK, "C07", "status-confluent-schemas-enable.json", NULL},
    {SINK, "J01", NULL, "org.apache.kafka.connect.errors.ConnectException: Table \"orders\" is missing fields "
                        "([SinkRecordField{schema=Schema{INT32}, name='qty', isPrimaryKey=false}]) and auto-evolution is disabled"},
    {SINK, "J01", NULL, "io.confluent.connect.jdbc.sink.TableAlterOrCreateException: Table orders is missing and auto-creation is disabled"},
    {SINK, "J02", NULL, "org.apache.kafka.connect.errors.ConnectException: Sink connector 'sink' is configured with "
                        "'delete.enabled=false' and 'pk.mode=none' and therefore requires records with a non-null Struct value "
                        "and non-null Struct schema, but found record at (topic='t',partition=0,offset=3,timestamp=1) with a null "
                        "value and null value schema."},
    {SINK, "J03", NULL, "org.apache.kafka.connect.errors.ConnectException: x\nCaused by: org.postgresql.util.PSQLException: "
                        "ERROR: deadlock detected"},
    {SINK, "C13", NULL, "org.apache.kafka.connect.errors.ConnectException: x\nCaused by: "
                        "org.apache.kafka.common.errors.SaslAuthenticationException: [0d1c]: Access denied"},
    {SINK, "C14", NULL, "org.apache.kafka.common.errors.SaslAuthenticationException: [0d1c]: Too many connects"},
    {SINK, NULL,  "status-confluent-endpoint-unresolvable.json", NULL},
    {SINK, "",    "status-confluent-store-headers-none.json", NULL},
    {PG, "C08",   "pgsource-toolarge.json", NULL},
    {PG, "P12",   "connect-status-failed-source-slot-active.json", NULL},
    {PG, "P19",   "pgsource-pubmissing.json", NULL},
    {PG, "P19", NULL, "org.postgresql.util.PSQLException: ERROR: publication \"dbz_publication\" does not exist"},
    {PG, "P24", NULL, "org.postgresql.util.PSQLException: ERROR: all replication slots are in use"},
    {PG, "P25",   "pgsource-wal-level.txt", NULL},
    {PG, "P27",   "pgsource-norepl.json", NULL},
    {PG, "P27",   "pgsource-password-changed.txt", NULL},
    {PG, "P27",   "pgsource-no-login.json", NULL},
    {PG, "P19",   "pgsource-publication-dropped.json", NULL},
    {PG, "P27", NULL, "io.debezium.DebeziumException: x\nCaused by: org.postgresql.util.PSQLException: FATAL: role \"dbz\" does not exist"},
    {PG, NULL,  NULL, "io.debezium.DebeziumException: x\nCaused by: org.postgresql.util.PSQLException: ERROR: permission denied for table orders"},
    {PG, "P16",   "pgsource-database-stopped.txt", NULL},
    {PG, "P16",   "pgsource-restart-while-database-down.txt", NULL},
    {MYSQL, "M03", "mysource-binlog-format.txt", NULL},
    {MYSQL, "M04", "mysource-history-lost.json", NULL},
    /* Version 2.7 keeps RUNNING with these and only logs them; others fail with the same words. */
    {MYSQL, "M01", NULL, "io.debezium.DebeziumException: Could not find GTID state requested by slave in any binlog files. Probably "
                         "the slave state is too old and required binlog files have been purged. Error code: 1236; SQLSTATE: HY000."},
    {MYSQL, "M01", NULL, "io.debezium.DebeziumException: Could not find first log file name in binary log index file Error code: 1236; "
                         "SQLSTATE: HY000."},
    {MYSQL, "M05", NULL, "io.debezium.DebeziumException: A slave with the same server_uuid/server_id is already connected; the first "
                         "event '.' at 0, the last event read from 'bin.000001' at 51624. Error code: 4052; SQLSTATE: HY000."},
};
/* clang-format on */

static const char *current; /* the trace that the next snapshots carry */
static int current_side;

static void edit_connect(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    struct connect_connector *c = &snap->connect.connectors[current_side == SINK ? 0 : 1];
    if (current_side == MYSQL) {
        c->class_name = "io.debezium.connector.mariadb.MariaDbConnector";
        fixture_config(snap, "src", "connector.class", c->class_name);
    }
    c->tasks[0].state = "FAILED";
    c->tasks[0].trace = arena_strdup(snap->arena, current);
    c->tasks[0].cause = connect_cause(snap->arena, current);
}

static void take(const char *trace, void *arg)
{
    char **out = arg;
    if (*out == NULL)
        *out = mem_strdup(trace);
}

static char *trace_text(size_t i)
{
    if (traces[i].file == NULL)
        return mem_strdup(traces[i].text);
    char *body = connect_sample(traces[i].file);
    char *trace = NULL;
    (void)connect_sample_traces(body, take, &trace);
    free(body);
    if (trace == NULL)
        fail_msg("%s has no trace", traces[i].file);
    return trace;
}

static bool of_this_file(const char *id)
{
    for (const struct diag_rule *r = rules_trace; r->id != NULL; r++) {
        if (strcmp(r->id, id) == 0)
            return true;
    }
    return false;
}

static void check_meaning(struct fixture *f, size_t i)
{
    const struct connector_row *c =
        pipeline_connector(fixture_pipeline(f), traces[i].side == SINK ? "sink" : "src");
    const struct trace_meaning *m = rule_trace_of(c);
    const char *where = traces[i].file != NULL ? traces[i].file : traces[i].text;
    if (traces[i].id != NULL && traces[i].id[0] == '\0') {
        assert_null(m);
        return;
    }
    if (m == NULL)
        fail_msg("nothing is known of %s", where);
    assert_true(m->advice[0] != '\0');
    if (traces[i].id == NULL) {
        assert_null(m->id);
        return;
    }
    if (m->id == NULL || strcmp(m->id, traces[i].id) != 0)
        fail_msg("%s is taken for %s, not %s", where, m->id != NULL ? m->id : "nothing",
                 traces[i].id);
    assert_true(rule_trace_says(c, traces[i].id));
    assert_false(rule_trace_says(c, "Z99"));
}

static void check_headline(struct fixture *f, size_t i)
{
    struct findings all = fixture_findings(f);
    const char *id = traces[i].id;
    if (id == NULL || id[0] == '\0')
        id = "C01";
    if (!of_this_file(id) && strcmp(id, "C01") != 0)
        return; /* its own file's test says how it speaks */
    if (all.count == 0 || strcmp(all.items[0].id, id) != 0)
        fail_msg("the headline is %s, not %s", all.count > 0 ? all.items[0].id : "nothing", id);
    assert_int_equal(all.items[0].hop, traces[i].side == SINK ? HOP_SINK : HOP_CAPTURE);
    assert_true(all.items[0].advice[0] != '\0');
    assert_true(all.items[0].nevidence > 0);
    if (strcmp(id, "C01") != 0)
        assert_null(fixture_finding(all, "C01"));
    assert_null(fixture_finding(all, "P04"));
}

/* A failed source lets go of its slot and a failed sink leaves its group, as in reality. */
static void test_every_trace_goes_to_its_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(traces); i++) {
        char *trace = trace_text(i);
        struct fixture f;
        fixture_open(&f);
        rule_ticks(&f, 3, 2000);
        current = trace;
        current_side = traces[i].side;
        f.edit[SOURCE_CONNECT] = edit_connect;
        f.group_state = current_side == SINK ? "Empty" : "Stable";
        f.end += current_side == SINK ? 50 : 0;
        rule_ticks(&f, 1, 2000);
        check_meaning(&f, i);
        check_headline(&f, i);
        fixture_close(&f);
        free(trace);
    }
}

static void test_every_rule_of_the_table_has_a_trace(void **state)
{
    (void)state;
    for (const struct diag_rule *r = rules_trace; r->id != NULL; r++) {
        bool covered = false;
        for (size_t i = 0; i < ARRAY_LEN(traces); i++)
            covered = covered || (traces[i].id != NULL && strcmp(traces[i].id, r->id) == 0);
        if (!covered)
            fail_msg("no trace for %s", r->id);
    }
}

/* What the database says of a source must not be taken for what it says of a sink. */
static void test_a_side_is_kept_apart(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    current = "org.apache.kafka.connect.errors.ConnectException: HTTP 403 of a schema registry";
    current_side = PG;
    f.edit[SOURCE_CONNECT] = edit_connect;
    rule_ticks(&f, 3, 2000);
    assert_null(fixture_finding(fixture_findings(&f), "S03"));
    assert_non_null(fixture_finding(fixture_findings(&f), "C01"));
    fixture_close(&f);
}

/* AWS names who lacks what: so does the finding, with the statement that mends it. */
static void test_a_refusal_names_role_action_and_statement(void **state)
{
    (void)state;
    static const struct {
        const char *text, *evidence, *advice;
    } cases[] = {
        {"com.amazonaws.services.s3.model.AmazonS3Exception: User: arn:aws:sts::123456789012:"
         "assumed-role/cdc-sink/i-1 is not authorized to perform: s3:PutObject on resource: "
         "\"arn:aws:s3:::cdc-archive/x\" because no identity-based policy allows the s3:PutObject "
         "action (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: 1)", "assumed-role/cdc-sink/i-1 lacks s3:PutObject on arn:aws:s3:::cdc-archive/x",
         "add to the policies of cdc-sink: {\"Effect\": \"Allow\", \"Action\": \"s3:PutObject\", "
         "\"Resource\": \"arn:aws:s3:::cdc-archive/*\"}; a restart alone fails again"                                                                                                                                                     },
        {"com.amazonaws.services.s3.model.AmazonS3Exception: User: arn:aws:sts::123456789012:"
         "assumed-role/cdc-sink/i-1 is not authorized to perform: s3:PutObject on resource: "
         "\"arn:aws:s3:::cdc-archive/x\" with an explicit deny in a resource-based policy "
         "(Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: 1)",        "lacks s3:PutObject",                                                         "take out the Deny of s3:PutObject for cdc-sink"},
        {"com.amazonaws.services.s3.model.AmazonS3Exception: Access Denied (Service: Amazon S3; "
         "Status Code: 403; Error Code: AccessDenied; Request ID: 1)",                             "Access Denied",                                                              "give its role s3:PutObject"                    },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fixture f;
        fixture_open(&f);
        current = cases[i].text;
        current_side = SINK;
        f.edit[SOURCE_CONNECT] = edit_connect;
        rule_ticks(&f, 3, 2000);
        const struct finding *found = fixture_finding(fixture_findings(&f), "S03");
        assert_non_null(found);
        if (strstr(found->advice, cases[i].advice) == NULL)
            fail_msg("%s", found->advice);
        bool told = false;
        for (int k = 0; k < found->nevidence; k++)
            told = told || strstr(found->evidence[k], cases[i].evidence) != NULL;
        assert_true(told);
        fixture_close(&f);
    }
}

static void test_texts_alone(void **state)
{
    (void)state;
    assert_true(rule_trace_means("ERROR: replication slot \"a\" is active for PID 7", "P12"));
    assert_false(rule_trace_means("ERROR: replication slot \"a\" is active for PID 7", "P13"));
    assert_true(rule_trace_means("ERROR: publication \"p\" does not exist", "P19"));
    assert_false(rule_trace_means(NULL, "P19"));
    assert_false(rule_trace_means("", "P19"));
    assert_null(trace_meaning("all is well"));
    assert_true(rule_cause_advice("all is well")[0] != '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_trace_goes_to_its_rule),
        cmocka_unit_test(test_every_rule_of_the_table_has_a_trace),
        cmocka_unit_test(test_a_side_is_kept_apart),
        cmocka_unit_test(test_a_refusal_names_role_action_and_statement),
        cmocka_unit_test(test_texts_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
