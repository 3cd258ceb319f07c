/* The preflight of RDS: each check once as it should be, once complaining, once without evidence.
 */
#include "base/mem.h"
#include "check/checks.h"
#include "config/options.h"
#include "tests/check.h"
#include "tests/unit/world_fixture.h"

#include <string.h>

/* What RDS tells of a good instance, and what a case makes of it. */
static void (*spoil)(struct rds_snap *rds);

static void tell(struct fixture *f, struct snapshot *snap)
{
    struct arena *a = snap->arena;
    struct rds_instance *n = arena_array(a, 1, sizeof(*n));
    struct kv *group = arena_array(a, 1, sizeof(*group));
    (void)f;
    *group = (struct kv){"shop-pg17", "in-sync"};
    *n = (struct rds_instance){
        .id = "shop",
        .status = "available",
        .writer = TRI_UNKNOWN,
        .host = "shop.abc.eu-west-3.rds.amazonaws.com",
        .allocated_gib = 100,
        .max_allocated_gib = 500,
        .backup_days = 7,
        .maintenance_window = "sun:04:00-sun:04:30",
        .parameter_groups = group,
        .nparameter_groups = 1,
    };
    snap->rds = (struct rds_snap){
        .host = n->host,
        .role = "instance",
        .engine = "postgres",
        .version = "17.4",
        .iam_login = TRI_YES,
        .backup_days = UNKNOWN,
        .instances = n,
        .ninstances = 1,
        .maintenance_read = true,
    };
    if (spoil != NULL)
        spoil(&snap->rds);
}

static struct kv reboot = {"shop-pg17", "pending-reboot"};
static struct kv bigger = {"DBInstanceClass", "db.m7g.xlarge"};
static struct rds_maintenance upgrade = {"shop", "os-upgrade", NULL, 1800000000000, false};

static void waits(struct rds_snap *rds)
{
    rds->instances[0].parameter_groups = &reboot;
}

static void untold_groups(struct rds_snap *rds)
{
    rds->instances[0].nparameter_groups = 0;
}

static void reader(struct rds_snap *rds)
{
    rds->role = "reader endpoint";
    rds->writer_host = "shop.cluster-abc.eu-west-3.rds.amazonaws.com";
}

static void tunnel(struct rds_snap *rds)
{
    rds->role = NULL;
}

static void iam_off(struct rds_snap *rds)
{
    rds->iam_login = TRI_NO;
}

static void iam_untold(struct rds_snap *rds)
{
    rds->iam_login = TRI_UNKNOWN;
}

static void fixed_size(struct rds_snap *rds)
{
    rds->instances[0].max_allocated_gib = UNKNOWN;
}

static void untold_size(struct rds_snap *rds)
{
    rds->instances[0].allocated_gib = UNKNOWN;
}

static void aurora(struct rds_snap *rds)
{
    rds->engine = "aurora-postgresql";
    rds->cluster = "shop";
}

static void no_backups(struct rds_snap *rds)
{
    rds->instances[0].backup_days = 0;
}

static void untold_backups(struct rds_snap *rds)
{
    rds->instances[0].backup_days = UNKNOWN;
}

static void upgraded(struct rds_snap *rds)
{
    rds->maintenance = &upgrade;
    rds->nmaintenance = 1;
}

static void untold_maintenance(struct rds_snap *rds)
{
    rds->maintenance_read = false;
}

static void changed(struct rds_snap *rds)
{
    rds->instances[0].pending = &bigger;
    rds->instances[0].npending = 1;
}

static const struct check_line *find(const struct check_list *list, const char *id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->lines[i].id, id) == 0)
            return &list->lines[i];
    }
    return NULL;
}

static void login_by_iam(struct fixture *f, const char *conninfo)
{
    const char *why;
    struct pipeline_config *p = &f->config->pipelines[0];
    assert_true(options_set(options_find(SECTION_POSTGRES, "login"), p, "rds-iam", &why));
    assert_true(options_set(options_find(SECTION_POSTGRES, "conninfo"), p, conninfo, &why));
}

static const struct rds_case {
    const char *id;
    void (*spoil)(struct rds_snap *rds);
    enum check_result result;
    const char *fix;
} cases[] = {
    {"rds.parameters",  NULL,               RESULT_OK,      NULL                                              },
    {"rds.parameters",  waits,              RESULT_WARNING, "reboot-db-instance --db-instance-identifier shop"},
    {"rds.parameters",  untold_groups,      RESULT_UNKNOWN, NULL                                              },
    {"rds.writer",      NULL,               RESULT_OK,      NULL                                              },
    {"rds.writer",      reader,             RESULT_FAILED,  "shop.cluster-abc"                                },
    {"rds.writer",      tunnel,             RESULT_UNKNOWN, NULL                                              },
    {"rds.iam_login",   NULL,               RESULT_OK,      NULL                                              },
    {"rds.iam_login",   iam_off,            RESULT_FAILED,  "--enable-iam-database-authentication"            },
    {"rds.iam_login",   iam_untold,         RESULT_UNKNOWN, "--enable-iam-database-authentication"            },
    {"rds.storage",     NULL,               RESULT_OK,      NULL                                              },
    {"rds.storage",     fixed_size,         RESULT_WARNING, "--max-allocated-storage 200"                     },
    {"rds.storage",     untold_size,        RESULT_UNKNOWN, NULL                                              },
    {"rds.storage",     aurora,             RESULT_OK,      NULL                                              },
    {"rds.backups",     NULL,               RESULT_OK,      NULL                                              },
    {"rds.backups",     no_backups,         RESULT_WARNING, "--backup-retention-period 7"                     },
    {"rds.backups",     untold_backups,     RESULT_UNKNOWN, NULL                                              },
    {"rds.maintenance", NULL,               RESULT_OK,      NULL                                              },
    {"rds.maintenance", upgraded,           RESULT_WARNING, "restart them then"                               },
    {"rds.maintenance", untold_maintenance, RESULT_UNKNOWN, NULL                                              },
    {"rds.pending",     NULL,               RESULT_OK,      NULL                                              },
    {"rds.pending",     changed,            RESULT_WARNING, "restart the database"                            },
};

static void test_every_check_speaks_when_it_must(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fixture f;
        fixture_open(&f);
        spoil = cases[i].spoil;
        f.edit[SOURCE_RDS] = tell;
        login_by_iam(&f, "host=shop.abc.eu-west-3.rds.amazonaws.com sslmode=verify-full");
        fixture_tick(&f, 2000);
        struct check_list list = check_all(f.world, 0, fixture_pipeline(&f), f.arena);
        const struct check_line *line = find(&list, cases[i].id);
        if (line == NULL || line->result != cases[i].result)
            fail_msg("case %zu, %s: %s", i, cases[i].id, line != NULL ? line->evidence : "nothing");
        if (cases[i].fix == NULL)
            assert_string_equal(line->fix, "");
        else if (strstr(line->fix, cases[i].fix) == NULL)
            fail_msg("%s: %s", cases[i].id, line->fix);
        fixture_close(&f);
    }
    for (const struct check_row *row = checks_rds; row->id != NULL; row++) {
        bool loud = false;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++)
            loud = loud || (strcmp(cases[i].id, row->id) == 0 && cases[i].result >= RESULT_WARNING);
        if (!loud)
            fail_msg("%s is never tested to complain", row->id);
    }
}

static void test_a_token_goes_to_a_server_that_is_verified(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    spoil = NULL;
    f.edit[SOURCE_RDS] = tell;
    login_by_iam(&f, "host=shop.abc.eu-west-3.rds.amazonaws.com");
    fixture_tick(&f, 2000);
    struct check_list list = check_all(f.world, 0, fixture_pipeline(&f), f.arena);
    const struct check_line *line = find(&list, "rds.iam_login");
    assert_non_null(line);
    assert_int_equal(line->result, RESULT_WARNING);
    assert_non_null(strstr(line->fix, "global-bundle.pem"));
    fixture_close(&f);
}

static void name_itself(struct rds_snap *rds)
{
    rds->instances[0].resource_id = "db-ABC";
}

/* The account is that of the keys, the resource that of the instance, as far as they are told. */
static void test_a_refused_token_has_its_remedy(void **state)
{
    (void)state;
    static const struct {
        void (*spoil)(struct rds_snap *rds);
        const char *text;
        enum check_fix_kind kind;
        const char *fix;
    } refusals[] = {
        {NULL,
         "PAM authentication failed for user \"cdctop\" (28000); AWS takes the keys: allow "
         "rds-db:connect on arn:aws:rds-db:eu-west-3:*:dbuser:*/cdctop (behind dbuser: the "
         "resource id) to these credentials",                                                       FIX_IAM,
         "{\"Effect\": \"Allow\", \"Action\": \"rds-db:connect\", \"Resource\": "
         "\"arn:aws:rds-db:eu-west-3:*:dbuser:*/cdctop\"}"                                                                                                          },
        {name_itself, "allow rds-db:connect on arn:aws:rds-db:eu-west-3:*:dbuser:*/cdctop (behind",
         FIX_IAM,                                                                                              "\"arn:aws:rds-db:eu-west-3:*:dbuser:db-ABC/cdctop\""},
        {NULL,
         "password authentication failed; the server took the IAM token for a password: IAM login "
         "is off there, or GRANT rds_iam TO cdctop is missing",                                     FIX_SQL,   "GRANT rds_iam TO cdctop;"                           },
        {NULL,        "AWS does not take the credentials: ExpiredToken: the token is expired",      FIX_OTHER,
         "log in anew"                                                                                                                                              },
    };
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        struct fixture f;
        fixture_open(&f);
        spoil = refusals[i].spoil;
        f.edit[SOURCE_RDS] = tell;
        login_by_iam(&f, "host=shop.abc.eu-west-3.rds.amazonaws.com sslmode=verify-full");
        f.fails[SOURCE_POSTGRES] = true;
        f.fails_as = ERR_AUTH;
        f.fails_text = refusals[i].text;
        fixture_tick(&f, 2000);
        struct check_list list = check_all(f.world, 0, fixture_pipeline(&f), f.arena);
        const struct check_line *line = find(&list, "postgres.login");
        assert_non_null(line);
        assert_int_equal(line->result, RESULT_FAILED);
        assert_int_equal(line->fix_kind, refusals[i].kind);
        if (strstr(line->fix, refusals[i].fix) == NULL)
            fail_msg("%s", line->fix);
        assert_string_equal(line->evidence, refusals[i].text);
        /* The others only say that nothing is known. */
        line = find(&list, "postgres.wal_level");
        assert_int_equal(line->result, RESULT_UNKNOWN);
        assert_null(strstr(line->evidence, "; "));
        fixture_close(&f);
    }
}

static void test_rds_that_is_not_asked_is_not_checked(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    fixture_tick(&f, 2000);
    struct check_list list = check_all(f.world, 0, fixture_pipeline(&f), f.arena);
    for (size_t i = 0; i < list.count; i++)
        assert_true(strcmp(list.lines[i].subject, "rds") != 0);
    f.edit[SOURCE_RDS] = tell;
    f.fails[SOURCE_RDS] = true;
    fixture_tick(&f, 2000);
    list = check_all(f.world, 0, fixture_pipeline(&f), f.arena);
    const struct check_line *line = find(&list, "rds.writer");
    assert_non_null(line);
    assert_int_equal(line->result, RESULT_UNKNOWN);
    fixture_close(&f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_check_speaks_when_it_must),
        cmocka_unit_test(test_a_token_goes_to_a_server_that_is_verified),
        cmocka_unit_test(test_a_refused_token_has_its_remedy),
        cmocka_unit_test(test_rds_that_is_not_asked_is_not_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
