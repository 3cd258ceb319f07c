/* The rules of rules_grants.c: each in a world where it fires, and where it must not. */
#include "base/mem.h"
#include "tests/unit/capture_world.h"

/* ---- P27 ---- */

/* Recorded: connect/pgsource-password-changed.txt. */
static const char bad_password[] =
    "PSQLException: FATAL: password authentication failed for user \"dbz\"";

static void make_p27(struct fixture *f)
{
    capture_with(f, capture_healthy);
    f->src_task = "FAILED";
    f->src_cause = bad_password;
    f->active = TRI_NO;
}

/* A failed task of a database that is away is no matter of logins. */
static void near_p27(struct fixture *f)
{
    capture_with(f, capture_healthy);
    f->src_task = "FAILED";
    f->src_cause = "PSQLException: Connection to db:5432 refused. Check that the hostname and port "
                   "are correct and that the postmaster is accepting TCP/IP connections.";
    f->active = TRI_NO;
}

static void edit_no_replication(struct fixture *f, struct snapshot *snap)
{
    capture_healthy(f, snap);
    snap->pg.logins[0].replication = TRI_NO;
}

static void make_p27_latent(struct fixture *f)
{
    capture_with(f, edit_no_replication);
}

static void make_p27_shut_out(struct fixture *f)
{
    capture_with(f, edit_no_replication);
    f->active = TRI_NO;
    rule_ticks(f, 60, 2000);
}

static void edit_expired(struct fixture *f, struct snapshot *snap)
{
    capture_healthy(f, snap);
    snap->pg.logins[0].valid_until_ms = f->wall_ms - 1000;
}

static void make_p27_expired(struct fixture *f)
{
    capture_with(f, edit_expired);
}

static void edit_not_yet(struct fixture *f, struct snapshot *snap)
{
    capture_healthy(f, snap);
    snap->pg.logins[0].valid_until_ms = f->wall_ms + 3600 * 1000;
}

static void near_p27_expired(struct fixture *f)
{
    capture_with(f, edit_not_yet);
}

/* ---- P33, P32 ---- */

static void edit_signal_no_insert(struct fixture *f, struct snapshot *snap)
{
    capture_healthy(f, snap);
    snap->pg.grants[0].insert = TRI_NO;
}

static void make_p33(struct fixture *f)
{
    capture_with(f, edit_signal_no_insert);
}

static void edit_read_only(struct fixture *f, struct snapshot *snap)
{
    capture_connect(f, snap);
    fixture_config(snap, "src", "read.only", "true");
}

/* Such a connector writes no marks. */
static void near_p33(struct fixture *f)
{
    capture_with(f, edit_signal_no_insert);
    f->edit[SOURCE_CONNECT] = edit_read_only;
}

static void edit_signal_unpublished(struct fixture *f, struct snapshot *snap)
{
    capture_healthy(f, snap);
    snap->pg.grants[0].published = TRI_NO;
}

static void make_p33_unpublished(struct fixture *f)
{
    capture_with(f, edit_signal_unpublished);
}

static void edit_heartbeat_missing(struct fixture *f, struct snapshot *snap)
{
    capture_healthy(f, snap);
    snap->pg.grants[1] = (struct pg_grant){.role = "dbz",
                                           .publication = "pub",
                                           .schema = "public",
                                           .table = "hb",
                                           .exists = TRI_NO,
                                           .usage = TRI_UNKNOWN,
                                           .insert = TRI_UNKNOWN,
                                           .update = TRI_UNKNOWN,
                                           .published = TRI_NO};
}

static void make_p32(struct fixture *f)
{
    capture_with(f, edit_heartbeat_missing);
}

/* The right is not known: nothing is said. */
static void edit_heartbeat_unknown(struct fixture *f, struct snapshot *snap)
{
    edit_heartbeat_missing(f, snap);
    snap->pg.grants[1].exists = snap->pg.grants[1].published = TRI_UNKNOWN;
}

static void near_p32(struct fixture *f)
{
    capture_with(f, edit_heartbeat_unknown);
}

static const struct rule_case grant_cases[] = {
    {"P27", "src", make_p27,             VERDICT_CRIT, near_p27,         "P04"},
    {"P27", "src", make_p27_latent,      VERDICT_WARN, NULL,             NULL },
    {"P27", "src", make_p27_shut_out,    VERDICT_CRIT, NULL,             NULL },
    {"P27", "src", make_p27_expired,     VERDICT_WARN, near_p27_expired, NULL },
    {"P33", "src", make_p33,             VERDICT_WARN, near_p33,         NULL },
    {"P33", "src", make_p33_unpublished, VERDICT_WARN, NULL,             NULL },
    {"P32", "src", make_p32,             VERDICT_WARN, near_p32,         NULL },
};

static void test_every_rule_fires_and_is_silent(void **state)
{
    (void)state;
    rule_cases_run(rules_grants, grant_cases, ARRAY_LEN(grant_cases));
}

static void test_the_statement_that_helps_is_whole(void **state)
{
    (void)state;
    static const struct {
        capture_edit_fn *edit;
        const char *id, *piece;
    } cases[] = {
        {edit_no_replication,     "P27", "ALTER ROLE dbz REPLICATION"                            },
        {edit_signal_no_insert,   "P33", "GRANT INSERT ON public.debezium_signal TO dbz"         },
        {edit_signal_unpublished, "P33", "ALTER PUBLICATION pub ADD TABLE public.debezium_signal"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fixture f;
        const struct finding *one = capture_finding(&f, cases[i].edit, cases[i].id);
        if (one == NULL || strstr(one->advice, cases[i].piece) == NULL)
            fail_msg("%s: '%s' does not say '%s'", cases[i].id,
                     one != NULL ? one->advice : "silent", cases[i].piece);
        fixture_close(&f);
    }
}

/* While the catalog still says why it must fail, a restart would only fail again. */
static void test_a_restart_is_advised_only_when_it_can_help(void **state)
{
    (void)state;
    static const struct {
        capture_edit_fn *edit;
        const char *cause;
        bool remedy;
    } cases[] = {
        {capture_healthy,     bad_password,                                                true },
        {edit_no_replication,
         "PSQLException: FATAL: must be superuser or replication role to start walsender", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fixture f;
        fixture_open(&f);
        capture_with(&f, cases[i].edit);
        f.src_task = "FAILED";
        f.src_cause = cases[i].cause;
        f.active = TRI_NO;
        rule_ticks(&f, 4, 2000);
        struct findings all = fixture_findings(&f);
        assert_string_equal(all.items[0].id, "P27");
        assert_int_equal(all.items[0].has_remedy, cases[i].remedy);
        assert_null(fixture_finding(all, "P04")); /* explained by it */
        fixture_close(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_fires_and_is_silent),
        cmocka_unit_test(test_the_statement_that_helps_is_whole),
        cmocka_unit_test(test_a_restart_is_advised_only_when_it_can_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
