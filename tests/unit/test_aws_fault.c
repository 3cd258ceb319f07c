/* Errors of AWS: each protocol's way to say one, and what each means. */
#include "aws/fault.h"
#include "base/mem.h"
#include "tests/check.h"

#include <stdio.h>
#include <string.h>

#define SOAP(code, message)                                                                \
    "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>"     \
    "Sender</Type><Code>" code "</Code><Message>" message "</Message></Error><RequestId>x" \
    "</RequestId></ErrorResponse>"

/* clang-format off */
static const struct {
    enum aws_protocol protocol;
    long status;
    const char *errortype, *body;
    const char *code, *message;
    enum err_kind kind;
    enum aws_handling handling;
} cases[] = {
    /* Where the name stands. */
    {AWS_REST_JSON, 404, "NotFoundException",
     "{\"invalidParameter\":\"clusterArn\",\"message\":\"no\"}",
     "NotFoundException", "no", ERR_NOTFOUND, AWS_FINAL},
    {AWS_REST_JSON, 403, "AccessDeniedException:http://internal.amazon.com/coral/",
     "{\"Message\":\"no\"}",
     "AccessDeniedException", "no", ERR_DENIED, AWS_FINAL},
    {AWS_REST_JSON, 429, "TooManyRequestsException,x",
     "{\"message\":\"slow\"}",
     "TooManyRequestsException", "slow", ERR_CONFLICT, AWS_AGAIN},
    {AWS_JSON_1_1, 400, "",
     "{\"__type\":\"ResourceNotFoundFault\",\"message\":\"gone\"}",
     "ResourceNotFoundFault", "gone", ERR_NOTFOUND, AWS_FINAL},
    {AWS_JSON_1_1, 400, "",
     "{\"__type\":\"com.amazonaws.dms#InvalidResourceStateFault\",\"Message\":\"not running\"}",
     "InvalidResourceStateFault", "not running", ERR_CONFLICT, AWS_FINAL},
    {AWS_JSON_1_0, 400, "",
     "{\"__type\":\"a.b#ThrottlingException:http://x/#y\"}",
     "ThrottlingException", "", ERR_CONFLICT, AWS_AGAIN},
    {AWS_QUERY, 404, "",
     SOAP("DBInstanceNotFound", "DBInstance x &amp; y not found."),
     "DBInstanceNotFound", "DBInstance x & y not found.", ERR_NOTFOUND, AWS_FINAL},
    {AWS_QUERY, 400, "",
     "<Response><Errors><Error><Code>Throttling</Code></Error></Errors></Response>",
     "Throttling", "", ERR_CONFLICT, AWS_AGAIN},
    {AWS_REST_XML, 503, "",
     "<Error><Code>SlowDown</Code><Message>Please</Message></Error>",
     "SlowDown", "Please", ERR_CONFLICT, AWS_AGAIN},
    /* What it means. */
    {AWS_QUERY, 403, "",
     SOAP("ExpiredToken", "The security token included in the request is expired"),
     "ExpiredToken", "The security token included in the request is expired", ERR_AUTH, AWS_RENEW},
    {AWS_QUERY, 403, "",
     SOAP("InvalidClientTokenId", "bad"),
     "InvalidClientTokenId", "bad", ERR_AUTH, AWS_RENEW},
    {AWS_QUERY, 400, "",
     SOAP("IncompleteSignature", "bad"),
     "IncompleteSignature", "bad", ERR_AUTH, AWS_RENEW},
    {AWS_QUERY, 403, "",
     SOAP("SignatureDoesNotMatch", "first line\nsecond"),
     "SignatureDoesNotMatch", "first line", ERR_AUTH, AWS_RENEW},
    {AWS_QUERY, 403, "",
     SOAP("SignatureDoesNotMatch", "Signature expired: 20261127T000000Z is now earlier than x"),
     "SignatureDoesNotMatch", "Signature expired: 20261127T000000Z is now earlier than x", ERR_AUTH, AWS_SKEW},
    {AWS_JSON_1_1, 400, "",
     "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature not yet current: a\"}",
     "InvalidSignatureException", "Signature not yet current: a", ERR_AUTH, AWS_SKEW},
    {AWS_JSON_1_1, 400, "",
     "{\"__type\":\"UnrecognizedClientException\"}",
     "UnrecognizedClientException", "", ERR_AUTH, AWS_RENEW},
    {AWS_REST_XML, 403, "",
     "<Error><Code>RequestTimeTooSkewed</Code></Error>",
     "RequestTimeTooSkewed", "", ERR_AUTH, AWS_SKEW},
    {AWS_QUERY, 400, "",
     SOAP("UnauthorizedOperation", "no"),
     "UnauthorizedOperation", "no", ERR_DENIED, AWS_FINAL},
    {AWS_JSON_1_1, 400, "",
     "{\"__type\":\"ValidationException\",\"message\":\"User: u is not " "authorized to perform: a:B on resource: *\"}",
     "ValidationException", "User: u is not authorized to perform: a:B on resource: *", ERR_DENIED, AWS_FINAL},
    {AWS_QUERY, 400, "",
     SOAP("RequestLimitExceeded", ""),
     "RequestLimitExceeded", "", ERR_CONFLICT, AWS_AGAIN},
    {AWS_JSON_1_1, 400, "",
     "{\"__type\":\"UnknownOperationException\"}",
     "UnknownOperationException", "", ERR_UNSUPPORTED, AWS_FINAL},
    {AWS_QUERY, 400, "",
     SOAP("InvalidAction", "not valid"),
     "InvalidAction", "not valid", ERR_UNSUPPORTED, AWS_FINAL},
    {AWS_REST_JSON, 403, "MissingAuthenticationTokenException",
     "{}",
     "MissingAuthenticationTokenException", "", ERR_UNSUPPORTED, AWS_FINAL},
    {AWS_REST_JSON, 500, "InternalServerErrorException",
     "{}",
     "InternalServerErrorException", "", ERR_SERVER, AWS_AGAIN},
    {AWS_JSON_1_1, 400, "",
     "{\"__type\":\"InvalidParameterValueException\",\"message\":\"m\"}",
     "InvalidParameterValueException", "m", ERR_CONFIG, AWS_FINAL},
    {AWS_JSON_1_1, 400, "",
     "{\"__type\":\"InvalidRequestException\",\"Message\":\"it was marked for deletion\"}",
     "InvalidRequestException", "it was marked for deletion", ERR_CONFIG, AWS_FINAL},
    {AWS_REST_JSON, 400, "BadRequestException",
     "{\"message\":\"The ARN is invalid\"}",
     "BadRequestException", "The ARN is invalid", ERR_CONFIG, AWS_FINAL},
    {AWS_QUERY, 400, "",
     SOAP("ValidationError", "Rate exceeded"),
     "ValidationError", "Rate exceeded", ERR_CONFLICT, AWS_AGAIN},
    /* No error of AWS. */
    {AWS_REST_JSON, 404, "",
     "",
     "", "HTTP 404, without a body", ERR_UNSUPPORTED, AWS_FINAL},
    {AWS_JSON_1_1, 404, "",
     "nope",
     "", "HTTP 404: nope", ERR_NOTFOUND, AWS_FINAL},
    {AWS_REST_JSON, 502, "",
     "<html>Bad\nGateway</html>",
     "", "HTTP 502: <html>Bad Gateway</html>", ERR_SERVER, AWS_AGAIN},
    {AWS_QUERY, 503, "",
     "<ErrorResponse><Error><Code>Thr",
     "", "HTTP 503: <ErrorResponse><Error><Code>Thr", ERR_SERVER, AWS_AGAIN},
    {AWS_JSON_1_1, 429, "",
     "",
     "", "HTTP 429, without a body", ERR_CONFLICT, AWS_AGAIN},
    {AWS_JSON_1_1, 403, "",
     "[1]",
     "", "HTTP 403: [1]", ERR_DENIED, AWS_FINAL},
    {AWS_JSON_1_1, 302, "",
     "",
     "", "HTTP 302, without a body", ERR_PROTOCOL, AWS_FINAL},
};
/* clang-format on */

static void test_each_error_of_each_protocol(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct aws_fault f;
        aws_fault_read(cases[i].protocol, cases[i].status, cases[i].errortype, cases[i].body,
                       strlen(cases[i].body), &f);
        if (strcmp(f.code, cases[i].code) != 0 || strcmp(f.message, cases[i].message) != 0 ||
            f.kind != cases[i].kind || f.handling != cases[i].handling)
            fail_msg("case %zu (%s): %s, \"%s\", %s, %d", i, cases[i].body, f.code, f.message,
                     err_kind_name(f.kind), (int)f.handling);
        assert_int_equal(f.throttled, f.kind == ERR_CONFLICT && f.handling == AWS_AGAIN);
    }
}

static struct aws_fault refusal(const char *message)
{
    char body[1024];
    struct aws_fault f;
    int n = snprintf(body, sizeof(body),
                     "{\"__type\":\"AccessDeniedException\",\"message\":\"%s\"}", message);
    aws_fault_read(AWS_JSON_1_1, 400, "", body, (size_t)n, &f);
    return f;
}

static void test_a_refusal_names_action_and_resource(void **state)
{
    (void)state;
    struct aws_fault f = refusal(
        "User: arn:aws:sts::123456789012:assumed-role/r/i is not authorized to perform: "
        "dms:DescribeTableStatistics on resource: arn:aws:dms:eu-west-3:123456789012:task:A-B_c/d "
        "because no identity-based policy allows the dms:DescribeTableStatistics action");
    assert_string_equal(f.action, "dms:DescribeTableStatistics");
    assert_string_equal(f.resource, "arn:aws:dms:eu-west-3:123456789012:task:A-B_c/d");
    f = refusal("User: u is not authorized to perform: kafka:ListClustersV2 on resource: *");
    assert_string_equal(f.resource, "*");
    f = refusal(
        "User: u is not authorized to perform: s3:X on resource: \\\"arn:aws:s3:::b/*\\\".");
    assert_string_equal(f.action, "s3:X");
    assert_string_equal(f.resource, "arn:aws:s3:::b/*");
    f = refusal("is not authorized to perform: kms:Decrypt on the resource associated with this "
                "ciphertext because the resource does not exist");
    assert_string_equal(f.action, "kms:Decrypt");
    assert_string_equal(f.resource, "");
    f = refusal("not authorized to perform: everything on resource: yours");
    assert_string_equal(f.action, "");
    assert_string_equal(f.resource, "");
}

static void test_foreign_words_are_cleaned_and_cut(void **state)
{
    (void)state;
    char body[4000];
    struct aws_fault f;
    int n = snprintf(body, sizeof(body),
                     "{\"__type\":\"%0500d\",\"message\":\"\\u001b[31m%0900d\"}", 7, 7);
    aws_fault_read(AWS_JSON_1_1, 400, "", body, (size_t)n, &f);
    assert_int_equal(strlen(f.code), sizeof(f.code) - 1);
    assert_int_equal(strlen(f.message), sizeof(f.message) - 1);
    assert_null(strchr(f.message, '\x1b'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_error_of_each_protocol),
        cmocka_unit_test(test_a_refusal_names_action_and_resource),
        cmocka_unit_test(test_foreign_words_are_cleaned_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
