/* The checks of the MSK cluster: one that nothing can be said against, and each complaint. */
#include "base/mem.h"
#include "check/checks.h"
#include "config/options.h"
#include "tests/check.h"
#include "tests/unit/world_fixture.h"

#include <stdlib.h>
#include <string.h>

static struct msk_snap now;

static void cluster(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->msk = now;
}

static struct kv on[] = {
    {"iam", "b-1.x:9098"},
    {"tls", "b-1.x:9094"},
};

static void make_good(void)
{
    now = (struct msk_snap){.name = "events",
                            .arn = "arn:aws:kafka:eu-west-3:123456789012:cluster/events/1",
                            .type = "PROVISIONED",
                            .state = "ACTIVE",
                            .kafka_version = "3.7.x",
                            .monitoring = "PER_TOPIC_PER_BROKER",
                            .client_broker = "TLS",
                            .customer_action = "NONE",
                            .public_access = "DISABLED",
                            .unauthenticated = TRI_NO,
                            .bootstraps = on,
                            .nbootstraps = ARRAY_LEN(on),
                            .bootstraps_read = true,
                            .wanted = "iam"};
}

static void failed(void)
{
    now.state = "FAILED";
}

static void healing(void)
{
    now.state = "HEALING";
}

static void demanded(void)
{
    now.customer_action = "CRITICAL_ACTION_REQUIRED";
}

static void none_fits(void)
{
    now.wanted = NULL;
}

static void untold(void)
{
    now.bootstraps_read = false;
}

static void open_to_all(void)
{
    now.unauthenticated = TRI_YES;
}

static void outside(void)
{
    now.public_access = "SERVICE_PROVIDED_EIPS";
}

static void plain(void)
{
    now.client_broker = "TLS_PLAINTEXT";
}

static void basic(void)
{
    now.monitoring = "DEFAULT";
}

static const struct {
    const char *id;
    void (*make)(void);
    enum check_result result;
    const char *says;
} cases[] = {
    {"msk.state",      failed,      RESULT_FAILED,  "FAILED"                            },
    {"msk.state",      healing,     RESULT_WARNING, "HEALING"                           },
    {"msk.state",      demanded,    RESULT_FAILED,  "CRITICAL_ACTION_REQUIRED"          },
    {"msk.login",      none_fits,   RESULT_FAILED,  "no listener fits; on are: iam, tls"},
    {"msk.login",      untold,      RESULT_UNKNOWN, "not told"                          },
    {"msk.login",      open_to_all, RESULT_WARNING, "whoever reaches it"                },
    {"msk.reach",      outside,     RESULT_WARNING, "SERVICE_PROVIDED_EIPS"             },
    {"msk.reach",      plain,       RESULT_WARNING, "TLS_PLAINTEXT"                     },
    {"msk.monitoring", basic,       RESULT_OK,      "none of topics"                    },
};

static struct check_list judge(struct fixture *f, bool named)
{
    fixture_open(f);
    if (!named)
        options_clear(options_find(SECTION_KAFKA, "bootstrap_servers"), &f->config->pipelines[0]);
    f->edit[SOURCE_MSK] = cluster;
    fixture_tick(f, 2000);
    fixture_tick(f, 2000);
    const struct pipeline *p = fixture_pipeline(f);
    return check_all(f->world, 0, p, f->arena);
}

static const struct check_line *worst_of(const struct check_list *list, const char *id)
{
    const struct check_line *worst = NULL;
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->lines[i].id, id) == 0 &&
            (worst == NULL || list->lines[i].result > worst->result))
            worst = &list->lines[i];
    }
    return worst;
}

/* The same, of a check that must say something. */
static const struct check_line *said(const struct check_list *list, const char *id)
{
    static const struct check_line nothing;
    const struct check_line *line = worst_of(list, id);
    if (line == NULL)
        fail_msg("%s says nothing", id);
    return line != NULL ? line : &nothing;
}

static void test_good_cluster_passes(void **state)
{
    (void)state;
    struct fixture f;
    make_good();
    struct check_list list = judge(&f, false);
    for (const struct check_row *row = checks_msk; row->id != NULL; row++) {
        const struct check_line *line = worst_of(&list, row->id);
        if (line == NULL || line->result != RESULT_OK)
            fail_msg("%s: %s", row->id, line != NULL ? line->evidence : "nothing");
        assert_string_equal(line->fix, "");
    }
    assert_non_null(strstr(worst_of(&list, "msk.login")->evidence, "iam is used"));
    fixture_close(&f);
}

static void test_each_complaint(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fixture f;
        make_good();
        cases[i].make();
        struct check_list list = judge(&f, false);
        const struct check_line *line = worst_of(&list, cases[i].id);
        assert_non_null(line);
        if (line->result != cases[i].result || strstr(line->evidence, cases[i].says) == NULL)
            fail_msg("%s %s: %s", cases[i].id, check_result_name(line->result), line->evidence);
        fixture_close(&f);
    }
}

static void nothing_visible(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->kafka.topics_visible = 0;
}

/* Kafka's own ACLs do not hold for who logs in by IAM: what is missing is a statement of a policy.
 */
static void test_rights_of_iam_are_a_policy(void **state)
{
    (void)state;
    struct fixture f;
    make_good();
    (void)judge(&f, false);
    f.edit[SOURCE_KAFKA] = nothing_visible;
    fixture_tick(&f, 2000);
    struct check_list list = check_all(f.world, 0, fixture_pipeline(&f), f.arena);
    const struct check_line *line = said(&list, "kafka.visible");
    assert_int_equal(line->fix_kind, FIX_IAM);
    assert_non_null(strstr(line->fix, "kafka-cluster:DescribeTopic"));
    now.wanted = "tls";
    fixture_tick(&f, 2000);
    list = check_all(f.world, 0, fixture_pipeline(&f), f.arena);
    assert_int_equal(said(&list, "kafka.visible")->fix_kind, FIX_SHELL);
    fixture_close(&f);
}

/* A login that MSK refuses is a failure with its statement, not something that is not known. */
static void test_a_refused_login_has_its_statement(void **state)
{
    (void)state;
    struct fixture f;
    make_good();
    (void)judge(&f, false);
    f.fails[SOURCE_KAFKA] = true;
    f.fails_as = ERR_AUTH;
    f.fails_text = "SASL authentication error: Access denied";
    fixture_tick(&f, 2000);
    struct check_list list = check_all(f.world, 0, fixture_pipeline(&f), f.arena);
    const struct check_line *line = said(&list, "kafka.login");
    assert_int_equal(line->result, RESULT_FAILED);
    assert_int_equal(line->fix_kind, FIX_IAM);
    assert_non_null(strstr(line->fix, "\"kafka-cluster:Connect\""));
    assert_non_null(strstr(line->fix, "\"arn:aws:kafka:eu-west-3:123456789012:cluster/events/1\""));
    assert_non_null(strstr(line->fix, "123456789012:topic/events/1/*"));
    now.wanted = "tls"; /* there no policy lets anybody in */
    fixture_tick(&f, 2000);
    list = check_all(f.world, 0, fixture_pipeline(&f), f.arena);
    assert_int_equal(said(&list, "kafka.login")->fix_kind, FIX_OTHER);
    fixture_close(&f);
}

/* Without a cluster in the configuration there is nothing to check, and nothing unknown either. */
static void test_no_cluster_no_word(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_tick(&f, 2000);
    struct check_list list = check_all(f.world, 0, fixture_pipeline(&f), f.arena);
    assert_null(worst_of(&list, "msk.state"));
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_cluster_passes),
        cmocka_unit_test(test_each_complaint),
        cmocka_unit_test(test_no_cluster_no_word),
        cmocka_unit_test(test_rights_of_iam_are_a_policy),
        cmocka_unit_test(test_a_refused_login_has_its_statement),
    };
    return cmocka_run_group_tests_name("check_msk", tests, NULL, NULL);
}
