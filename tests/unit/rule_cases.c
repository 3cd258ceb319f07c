#include "tests/unit/rule_cases.h"

void rule_ticks(struct fixture *f, int n, int64_t ms)
{
    for (int i = 0; i < n; i++)
        fixture_tick(f, ms);
}

static void open_healthy(struct fixture *f)
{
    fixture_open(f);
    rule_ticks(f, 3, 2000);
}

static void check_fires(const struct rule_case *c)
{
    struct fixture f;
    open_healthy(&f);
    if (fixture_finding(fixture_findings(&f), c->id) != NULL)
        fail_msg("%s fires in a healthy pipeline", c->id);
    c->make(&f);
    rule_ticks(&f, 1, 2000);
    struct findings all = fixture_findings(&f);
    const struct finding *found = fixture_finding(all, c->id);
    if (found == NULL || found != &all.items[0])
        fail_msg("%s is not the headline but %s: %s", c->id,
                 all.count > 0 ? all.items[0].id : "nothing",
                 all.count > 0 ? all.items[0].title : "");
    assert_string_equal(found->object, c->object);
    if (found->severity < c->severity)
        fail_msg("%s is only %s", c->id, verdict_name(found->severity));
    assert_true(found->title[0] != '\0');
    fixture_close(&f);
}

static void check_silent(const struct rule_case *c)
{
    struct fixture f;
    open_healthy(&f);
    c->near(&f);
    rule_ticks(&f, 1, 2000);
    struct findings all = fixture_findings(&f);
    if (fixture_finding(all, c->id) != NULL)
        fail_msg("%s fires where it only looks like it", c->id);
    const char *headline = all.count > 0 ? all.items[0].id : "nothing";
    if (c->instead != NULL && strcmp(headline, c->instead) != 0)
        fail_msg("%s: the look-alike should be %s, not %s", c->id, c->instead, headline);
    if (c->instead == NULL && all.count > 0 && all.items[0].severity > VERDICT_INFO)
        fail_msg("%s: the look-alike is cried about: %s %s", c->id, headline, all.items[0].title);
    fixture_close(&f);
}

void rule_cases_run(const struct diag_rule *table, const struct rule_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        check_fires(&cases[i]);
        if (cases[i].near != NULL)
            check_silent(&cases[i]);
    }
    for (const struct diag_rule *r = table; r->id != NULL; r++) {
        bool covered = false;
        for (size_t i = 0; i < n; i++)
            covered = covered || strcmp(cases[i].id, r->id) == 0;
        if (!covered)
            fail_msg("rule %s has no scenario", r->id);
    }
}
