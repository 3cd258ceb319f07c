/* Ending a session: who may be meant by a pid, who never, and when it counts as ended. */
#include "action/action.h"
#include "base/mem.h"
#include "model/pg_session.h"
#include "tests/check.h"
#include "tests/unit/world_fixture.h"

#include <string.h>

enum { PID = 4711, MINUTE = 60 * 1000 };

static struct pg_holder holder; /* what the next snapshots show */

static struct pg_holder of_a_client(void)
{
    return (struct pg_holder){.pid = PID,
                              .user = "batch",
                              .application_name = "nightly",
                              .client_addr = "10.0.3.17",
                              .state = "idle in transaction",
                              .query = "UPDATE big SET x = 1",
                              .type = "client backend",
                              .backend_start_ms = 1000,
                              .superuser = TRI_NO,
                              .may_signal = TRI_YES,
                              .xid_age = 5,
                              .xmin_age = 5};
}

static void edit(struct fixture *f, struct snapshot *snap)
{
    struct pg_holder *h = arena_alloc(snap->arena, sizeof(*h));
    *h = holder;
    h->xact_start_ms = f->wall_ms - 20 * MINUTE;
    snap->pg.user = "monitor";
    snap->pg.holders = h;
    snap->pg.nholders = h->pid != 0 || h->gid != NULL;
}

struct asked {
    struct fixture f;
    struct arena *arena;
    struct action_args *args;
};

static void ask(struct asked *a, const char *target)
{
    fixture_open(&a->f);
    a->arena = arena_new();
    a->f.edit[SOURCE_POSTGRES] = edit;
    fixture_tick(&a->f, 2000);
    a->args = action_args_new(ACTION_TERMINATE, 0, target);
    action_args_session(a->args, a->f.world);
}

static const struct action_plan *plan(struct asked *a)
{
    return action_plan(a->args, a->f.world, fixture_pipeline(&a->f), a->arena);
}

static void leave(struct asked *a)
{
    action_args_free(a->args);
    arena_free(a->arena);
    fixture_close(&a->f);
}

static bool shows(const struct action_plan *p, const char *fragment)
{
    for (size_t i = 0; i < p->nlines; i++)
        if (strstr(p->lines[i].text, fragment) != NULL)
            return true;
    for (size_t i = 0; i < p->nchecks; i++)
        if (strstr(p->checks[i].text, fragment) != NULL)
            return true;
    return false;
}

static void test_the_plan_says_who_it_is_and_wants_the_pid(void **state)
{
    (void)state;
    struct asked a;
    holder = of_a_client();
    ask(&a, "4711");
    const struct action_plan *p = plan(&a);
    assert_true(p->allowed);
    assert_true(p->danger);
    assert_string_equal(p->type_name, "4711");
    assert_true(shows(p, "UPDATE big SET x = 1"));
    assert_true(shows(p, "batch, nightly, from 10.0.3.17"));
    assert_true(shows(p, "for 20m"));
    assert_int_equal(p->nrequest, 1);
    assert_non_null(strstr(p->request[0], "SELECT pg_terminate_backend(a.pid)"));
    assert_non_null(strstr(p->request[0], "a.pid = 4711"));
    assert_non_null(strstr(p->request[0], "= 1000"));
    leave(&a);
}

static void test_who_is_never_ended(void **state)
{
    (void)state;
    static const struct {
        const char *user, *app, *type;
        int64_t start;
        enum tri superuser, may_signal;
        const char *why;
    } cases[] = {
        {"postgres", "psql",               "client backend",    1000,    TRI_YES,     TRI_YES, "a superuser"               },
        {"x",        "psql",               "client backend",    1000,    TRI_UNKNOWN, TRI_YES, "may be a superuser"        },
        {"rdsadmin", "",                   "client backend",    1000,    TRI_NO,      TRI_YES, "rdsadmin"                  },
        {"monitor",  "cdctop",             "client backend",    1000,    TRI_NO,      TRI_YES, "cdctop's own"              },
        {"dbz",      "Debezium Streaming", "walsender",         1000,    TRI_NO,      TRI_YES, "session: walsender"        },
        {NULL,       NULL,                 "autovacuum worker", 1000,    TRI_UNKNOWN, TRI_YES, "session: autovacuum worker"},
        {"batch",    "nightly",            "client backend",    1000,    TRI_NO,      TRI_NO,
         "GRANT pg_signal_backend TO monitor"                                                                              },
        {"batch",    "nightly",            "client backend",    UNKNOWN, TRI_NO,      TRI_YES,
         "GRANT pg_monitor TO monitor"                                                                                     },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct asked a;
        holder = of_a_client();
        holder.user = cases[i].user;
        holder.application_name = cases[i].app;
        holder.type = cases[i].type;
        holder.backend_start_ms = cases[i].start;
        holder.superuser = cases[i].superuser;
        holder.may_signal = cases[i].may_signal;
        ask(&a, "4711");
        const struct action_plan *p = plan(&a);
        assert_false(p->allowed);
        if (strstr(p->why_not, cases[i].why) == NULL)
            fail_msg("case %zu: refused for another reason: %s", i, p->why_not);
        leave(&a);
    }
}

static void test_another_session_of_that_pid_is_not_meant(void **state)
{
    (void)state;
    struct asked a;
    holder = of_a_client();
    ask(&a, "4711");
    assert_true(plan(&a)->allowed);
    holder.backend_start_ms = 2000;
    fixture_tick(&a.f, 2000);
    assert_false(plan(&a)->allowed);
    assert_non_null(strstr(plan(&a)->why_not, "another session now"));
    leave(&a);
}

static void test_what_is_no_session_is_refused_with_what_helps(void **state)
{
    (void)state;
    struct asked a;
    holder = (struct pg_holder){.gid = "tx'7", .xid_age = 5, .xmin_age = UNKNOWN};
    ask(&a, "tx'7");
    assert_false(plan(&a)->allowed);
    assert_non_null(strstr(plan(&a)->why_not, "ROLLBACK PREPARED 'tx''7'"));
    leave(&a);
    static const char *const nobody[] = {"4712", "0", "-4711", "4711x", "99999999999999999999", ""};
    for (size_t i = 0; i < ARRAY_LEN(nobody); i++) {
        holder = of_a_client();
        ask(&a, nobody[i]);
        assert_false(plan(&a)->allowed);
        assert_non_null(strstr(plan(&a)->why_not, "holds anything back"));
        leave(&a);
    }
    ask(&a, "4711");
    a.f.fails[SOURCE_POSTGRES] = true;
    for (int n = 0; n < 10; n++)
        fixture_tick(&a.f, 2000);
    assert_false(plan(&a)->allowed);
    assert_non_null(strstr(plan(&a)->why_not, "does not answer"));
    leave(&a);
}

static void test_a_writer_pins_a_slot_before_an_older_reader(void **state)
{
    (void)state;
    struct pg_holder h[4] = {of_a_client(), of_a_client(), of_a_client(), of_a_client()};
    h[0].pid = 1;
    h[0].type = "walsender";
    h[1].pid = 2;
    h[1].xid_age = UNKNOWN;
    h[2].pid = 3;
    struct pg_snap pg = {.holders = h, .nholders = 4};
    assert_int_equal(pg_session_pin(&pg)->pid, 3);
    pg.nholders = 2;
    assert_int_equal(pg_session_pin(&pg)->pid, 2);
    pg.nholders = 1;
    assert_null(pg_session_pin(&pg));
}

static void test_it_worked_when_that_session_is_gone(void **state)
{
    (void)state;
    struct asked a;
    struct action_before before;
    char text[400];
    int percent = -1;
    holder = of_a_client();
    ask(&a, "4711");
    action_before(a.args, a.f.world, fixture_pipeline(&a.f), &before);
    fixture_tick(&a.f, 2000);
    assert_int_equal(action_verdict(a.args, &before, a.f.world, fixture_pipeline(&a.f), 90000, text,
                                    sizeof(text), &percent),
                     ACTION_WATCHING);
    holder.backend_start_ms = 2000; /* the pid is used again at once */
    fixture_tick(&a.f, 2000);
    assert_int_equal(action_verdict(a.args, &before, a.f.world, fixture_pipeline(&a.f), 90000, text,
                                    sizeof(text), &percent),
                     ACTION_WORKED);
    assert_non_null(strstr(text, "4711 is gone"));
    leave(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_plan_says_who_it_is_and_wants_the_pid),
        cmocka_unit_test(test_who_is_never_ended),
        cmocka_unit_test(test_another_session_of_that_pid_is_not_meant),
        cmocka_unit_test(test_what_is_no_session_is_refused_with_what_helps),
        cmocka_unit_test(test_a_writer_pins_a_slot_before_an_older_reader),
        cmocka_unit_test(test_it_worked_when_that_session_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
