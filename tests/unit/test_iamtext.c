/* What AWS's refusals say: the forms of the IAM user guide, and texts that only look alike. */
#include "base/iamtext.h"
#include "base/json.h"
#include "base/mem.h"
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#define ROLE "arn:aws:sts::777788889999:assumed-role/cdc-sink/i-0123456789"

static const struct {
    const char *text, *who, *action, *resource, *policy;
    bool explicitly;
    const char *advice; /* a part of it */
} forms[] = {
    {"User: " ROLE " is not authorized to perform: s3:PutObject on resource: "
     "\"arn:aws:s3:::lake/topics/a.json\" because no identity-based policy allows the s3:PutObject "
     "action (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied)",          "cdc-sink", "s3:PutObject",                "arn:aws:s3:::lake/topics/a.json",            "identity-based policy",  false,
     "add to the policies of cdc-sink: {\"Effect\": \"Allow\", \"Action\": \"s3:PutObject\", "
     "\"Resource\": \"arn:aws:s3:::lake/*\"}"                                                                                                                                                                                                                      },
    {"User: arn:aws:iam::777788889999:user/team/JohnDoe is not authorized to perform: "
     "kafkaconnect:ListConnectors because no service control policy allows the "
     "kafkaconnect:ListConnectors action",                                               "JohnDoe",  "kafkaconnect:ListConnectors", "",                                           "service control policy", false,
     "in the service control policy that lacks it"                                                                                                                                                                                                                 },
    {"User: " ROLE
     " is not authorized to perform: s3:ListBucket on resource: arn:aws:s3:::lake with "
     "an explicit deny in a resource-based policy",                                      "cdc-sink", "s3:ListBucket",               "arn:aws:s3:::lake",                          "resource-based policy",  true,
     "take out the Deny of s3:ListBucket for cdc-sink (in a resource-based policy)"                                                                                                                                                                                },
    {"User: " ROLE " is not authorized to perform: s3:GetObject on resource: "
     "arn:aws:s3:::lake/k with an explicit deny in a VPC endpoint policy",               "cdc-sink", "s3:GetObject",                "arn:aws:s3:::lake/k",                        "VPC endpoint policy",    true,
     "VPC endpoint policy"                                                                                                                                                                                                                                         },
    {"AccessDenied: User: " ROLE " is not authorized to perform: kms:GenerateDataKey on resource: "
     "arn:aws:kms:eu-west-3:777788889999:key/k-1 because no permissions boundary allows the "
     "kms:GenerateDataKey action",                                                       "cdc-sink", "kms:GenerateDataKey",         "arn:aws:kms:eu-west-3:777788889999:key/k-1",
     "permissions boundary",                                                                                                                                                                                     false, "in the permissions boundary that lacks it"},
 /* Nobody named, no reason given, the sentence's own full stop. */
    {"is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-3:1:key/k.", "",
     "kms:Decrypt",                                                                                                                      "arn:aws:kms:eu-west-3:1:key/k",              "",                       false,
     "[\"kms:GenerateDataKey\", \"kms:Decrypt\"]"                                                                                                                                                                                                                  },
};

static void test_every_form_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        struct iam_denial d;
        char advice[800];
        assert_true(iam_denial_read(forms[i].text, &d));
        assert_string_equal(d.who, forms[i].who);
        assert_string_equal(d.action, forms[i].action);
        assert_string_equal(d.resource, forms[i].resource);
        assert_string_equal(d.policy, forms[i].policy);
        assert_int_equal(d.explicitly, forms[i].explicitly);
        iam_advice(advice, sizeof(advice), &d);
        if (strstr(advice, forms[i].advice) == NULL)
            fail_msg("%zu: %s", i, advice);
    }
}

static void test_other_texts_are_none(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "Access Denied", "not authorized to perform: ", "not authorized to perform: everything",
        "User: arn:aws:iam::1:user/x is authorized to perform: s3:PutObject"};
    struct iam_denial d;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_false(iam_denial_read(texts[i], &d));
    assert_false(iam_denial_read(NULL, &d));
}

/* The text is foreign: whatever it holds, the statement is one of JSON. */
static void test_a_statement_is_json_whatever_the_text(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::a\\\", \"x\": \"b\"",
        "not authorized to perform: s3:Put\"Object on resource: arn:aws:s3:::a",
        "not authorized to perform: s3:PutObject on resource: arn:aws:s3:::a\x1b[2J",
        "not authorized to perform: s3:PutObject on resource: \xff\xfe",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct iam_denial d;
        char statement[IAM_STATEMENT];
        struct err err = ERR_INIT;
        assert_true(iam_denial_read(texts[i], &d));
        iam_statement(statement, sizeof(statement), &d);
        cJSON *root = json_parse(statement, strlen(statement), &err);
        if (root == NULL)
            fail_msg("%s: %s", statement, err.text);
        assert_int_equal(cJSON_GetArraySize(root), 3);
        assert_null(strchr(statement, 0x1b));
        cJSON_Delete(root);
    }
    /* Longer than any buffer. */
    char *text = mem_printf("not authorized to perform: s3:x on resource: %0*d", 4000, 0);
    struct iam_denial d;
    char statement[IAM_STATEMENT];
    assert_true(iam_denial_read(text, &d));
    assert_string_equal(d.resource, "");
    iam_statement(statement, sizeof(statement), &d);
    assert_non_null(strstr(statement, "\"Resource\": \"*\""));
    free(text);
}

/* What came of an action: what to do, not the service's sentence; any other text as it is. */
static void test_a_refused_action_says_what_to_do(void **state)
{
    (void)state;
    char buf[800];
    static const char other[] = "connection refused";
    assert_string_equal(iam_refusal(buf, sizeof(buf),
                                    "AccessDeniedException: User: arn:aws:iam::1:user/me is not "
                                    "authorized to perform: dms:StopReplicationTask on resource: "
                                    "arn:aws:dms:eu-west-3:1:task:A because no identity-based "
                                    "policy allows the dms:StopReplicationTask action"),
                        "IAM does not permit it: add to the policies of me: {\"Effect\": "
                        "\"Allow\", \"Action\": \"dms:StopReplicationTask\", \"Resource\": "
                        "\"arn:aws:dms:eu-west-3:1:task:A\"}");
    assert_ptr_equal(iam_refusal(buf, sizeof(buf), other), other);
}

/* Each service has names of its own for the same trouble. */
static void test_what_a_refused_login_asks_for(void **state)
{
    (void)state;
    static const struct {
        const char *text, *advice;
    } cases[] = {
        {"ExpiredTokenException: The security token included in the request is expired",
         "log in anew"                                                                                                       },
        {"ExpiredToken: The provided token has expired.",                                   "log in anew"                    },
        {"InvalidClientTokenId: The security token included in the request is invalid.",
         "another one's"                                                                                                     },
        {"UnrecognizedClientException: x",                                                  "access key"                     },
        {"InvalidSignatureException: The request signature we calculated does not",         "secret key"                     },
        {"SignatureDoesNotMatch: The request signature we calculated does not",             "secret key"                     },
        {"SignatureDoesNotMatch: Credential should be scoped to a valid Region",            "mend region"                    },
        {"no AWS keys: neither in [pipeline.aws] nor the environment",                      "a role for "                    },
        {"instance metadata: this instance has no role (instance profile)",                 "attach an "                     },
        {"InvalidSignatureException: Signature expired: 20261127T000000Z is now earlier",
         "set this machine's clock"                                                                                          },
        {"SignatureDoesNotMatch: Signature not yet current: 20261127T000000Z",
         "set this machine's clock"                                                                                          },
        {"Access denied; AWS takes the keys: allow kafka-cluster:Connect on the cluster",
         "allow kafka-cluster:Connect: cdctop check"                                                                         },
        {"PAM authentication failed; AWS takes the keys: allow rds-db:connect on arn:aws:",
         "allow rds-db:connect: cdctop check"                                                                                },
        {"password authentication failed; the server took the IAM token for a password",
         "GRANT rds_iam"                                                                                                     },
        {"password authentication failed",                                                  "check the user and its password"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        err_set(&err, ERR_AUTH, 0, "%s", cases[i].text);
        const char *advice = iam_next_step(&err);
        if (strstr(advice, cases[i].advice) == NULL)
            fail_msg("%s: %s", cases[i].text, advice);
    }
    struct err err = ERR_INIT; /* no login was refused by that name */
    err_set(&err, ERR_TIMEOUT, 0, "ExpiredToken is late");
    assert_string_equal(iam_next_step(&err), err_next_step(ERR_TIMEOUT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_form_is_read),
        cmocka_unit_test(test_other_texts_are_none),
        cmocka_unit_test(test_a_statement_is_json_whatever_the_text),
        cmocka_unit_test(test_a_refused_action_says_what_to_do),
        cmocka_unit_test(test_what_a_refused_login_asks_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
