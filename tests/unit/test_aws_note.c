/* What a failed call to AWS costs is said with what helps against it. */
#include "base/mem.h"
#include "source/aws_note.h"
#include "tests/check.h"

#include <string.h>

static void test_each_failure_has_its_remedy(void **state)
{
    (void)state;
    static const struct {
        enum err_kind kind;
        const char *resource, *fix;
    } cases[] = {
        {ERR_DENIED,   NULL,
         "{\"Effect\": \"Allow\", \"Action\": \"rds:DescribeEvents\", "
         "\"Resource\": \"*\"}"                                                                            },
        {ERR_DENIED,   "arn:aws:rds:::db:x",
         "{\"Effect\": \"Allow\", \"Action\": \"rds:DescribeEvents\", \"Resource\": "
         "\"arn:aws:rds:::db:x\"}"                                                                         },
        {ERR_CONFLICT, NULL,                 "nothing, if it passes; else raise interval in [pipeline.aws]"},
        {ERR_TIMEOUT,  NULL,                 NULL                                                          },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct snapshot *snap = snapshot_new(SOURCE_RDS);
        struct err err = ERR_INIT;
        err_set(&err, cases[i].kind, 0, "ThrottlingException: slower");
        aws_note(snap, RDS_EVENTS, cases[i].resource, "events are not told", &err);
        assert_int_equal(snap->notes.count, 1);
        assert_string_equal(snap->notes.items[0].what,
                            "events are not told: ThrottlingException: slower");
        assert_string_equal(snap->notes.items[0].fix,
                            cases[i].fix != NULL ? cases[i].fix : err_next_step(cases[i].kind));
        snapshot_free(snap);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_failure_has_its_remedy)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
