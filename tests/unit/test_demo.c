/* Every scenario is played to its cure through the engine: the headline that it declares appears,
 * its action is the one that is recommended and allowed, works by its own verdict, and afterwards
 * nothing is left above a remark. */
#include "base/mem.h"
#include "demo/demo.h"
#include "engine.h"
#include "tests/check.h"
#include "tests/unit/stepped_demo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rig {
    struct demo *demo;
    struct config *config;
    struct engine *engine;
    const struct scenario *scenario;
};

static void rig_open(struct rig *r, const char *what)
{
    struct err err = ERR_INIT;
    stepped_demo(what, 0, &r->demo, &r->config);
    r->scenario = demo_scenario(r->demo);
    r->engine = engine_start(r->config, demo_backend(r->demo), &err);
    assert_non_null(r->engine);
}

static void rig_close(struct rig *r)
{
    assert_true(engine_stop(r->engine, 0));
    config_free(r->config);
    demo_free(r->demo);
}

static int64_t now(const struct rig *r)
{
    struct play play;
    assert_true(engine_play(r->engine, &play));
    return play.at_ms;
}

static void step(const struct rig *r)
{
    assert_true(engine_go(r->engine, now(r) + r->config->interval_ms));
}

static size_t index_of(const struct rig *r, const char *pipeline)
{
    for (size_t i = 0; pipeline != NULL && i < r->config->npipelines; i++) {
        if (strcmp(r->config->pipelines[i].name, pipeline) == 0)
            return i;
    }
    return 0;
}

static const struct finding *headline(const struct rig *r, size_t pipeline)
{
    const struct findings *f = engine_findings(r->engine, pipeline);
    return f->count > 0 ? &f->items[0] : NULL;
}

static bool is_headline(const struct rig *r, const struct scenario_expect *e)
{
    const struct finding *f = headline(r, index_of(r, e->pipeline));
    return f != NULL && strcmp(f->id, e->rule) == 0 && strcmp(f->object, e->object) == 0;
}

static void print_findings(const struct rig *r)
{
    for (size_t i = 0; i < r->config->npipelines; i++) {
        const struct findings *f = engine_findings(r->engine, i);
        for (size_t k = 0; k < f->count; k++)
            print_message("# at %lld s %s: %s %s %s: %s%s\n", (long long)now(r) / 1000,
                          r->config->pipelines[i].name, verdict_name(f->items[k].severity),
                          f->items[k].id, f->items[k].object, f->items[k].title,
                          f->items[k].clearing ? " (clearing)" : "");
    }
}

static void see_headlines(const struct rig *r)
{
    for (size_t i = 0; i < r->scenario->nexpects; i++) {
        const struct scenario_expect *e = &r->scenario->expects[i];
        int64_t end = r->scenario->begin_ms + e->within_ms;
        while (!is_headline(r, e) && now(r) < end)
            step(r);
        if (!is_headline(r, e)) {
            print_findings(r);
            fail_msg("%s: no headline %s %s", r->scenario->name, e->rule, e->object);
        }
    }
}

/* ---- cures ----------------------------------------------------------------------------------- */

static struct action_args *args_of(const struct rig *r, const struct scenario_cure *c, size_t at)
{
    int kind = 0;
    while (kind < ACTION_KIND_COUNT &&
           strcmp(action_info((enum action_kind)kind)->name, c->action) != 0)
        kind++;
    assert_in_range(kind, 0, ACTION_KIND_COUNT - 1);
    const struct world *w = engine_world(r->engine);
    struct action_args *args = action_args_new((enum action_kind)kind, at, c->target);
    args->scope = c->all ? RESTART_ALL : RESTART_FAILED;
    args->signal_id = mem_strdup("cdctop-test");
    const struct pg_snap *pg = &world_snap(w, at, SOURCE_POSTGRES)->pg;
    for (size_t i = 0; kind == ACTION_SNAPSHOT && i < pg->ntables; i++) {
        char name[200];
        (void)snprintf(name, sizeof(name), "%s.%s", pg->tables[i].schema, pg->tables[i].name);
        if (strcmp(pg->tables[i].name, "debezium_signal") != 0)
            action_args_add_table(args, name);
    }
    if (kind == ACTION_TERMINATE) {
        char pid[20];
        assert_true(pg->nholders > 0);
        (void)snprintf(pid, sizeof(pid), "%d", pg->holders[0].pid);
        free(args->target);
        args->target = mem_strdup(pid);
        action_args_session(args, w);
    }
    return args;
}

static bool recommended(const struct rig *r, const struct action_args *args)
{
    const struct findings *f = engine_findings(r->engine, args->pipeline);
    for (size_t i = 0; i < f->count; i++) {
        if (f->items[i].has_remedy && f->items[i].remedy == args->kind &&
            strcmp(f->items[i].remedy_target, args->target) == 0)
            return true;
    }
    return false;
}

static void act(const struct rig *r, const struct scenario_cure *c)
{
    size_t at = index_of(r, c->pipeline);
    struct err err = ERR_INIT;
    struct action_args *args = args_of(r, c, at);
    struct action_status st = {0};
    if (!c->quietly && !recommended(r, args)) {
        print_findings(r);
        fail_msg("%s: %s %s is not recommended", r->scenario->name, c->action, args->target);
    }
    unsigned id = engine_submit(r->engine, args, &err);
    if (id == 0)
        fail_msg("%s: %s %s: %s", r->scenario->name, c->action, args->target, err.text);
    action_args_free(args);
    while (engine_action(r->engine, id, &st) && !action_done(st.state))
        step(r);
    if (st.state != ACTION_WORKED) {
        print_findings(r);
        fail_msg("%s: %s %s: %s", r->scenario->name, c->action, c->target, st.text);
    }
}

static bool calm(const struct rig *r)
{
    bool all = true;
    for (size_t i = 0; i < r->config->npipelines; i++) {
        const struct finding *f = headline(r, i);
        all = all && (f == NULL || f->severity <= VERDICT_INFO);
    }
    return all;
}

/* For so long that nothing is only clearing, or comes back with the next rotation. */
static void stays_calm(const struct rig *r, int64_t within_ms)
{
    enum { CALM_MS = 100 * 1000 };
    int64_t end = now(r) + within_ms;
    while (!calm(r) && now(r) < end)
        step(r);
    int64_t since = now(r);
    while (calm(r) && now(r) < since + CALM_MS)
        step(r);
    if (!calm(r)) {
        print_findings(r);
        fail_msg("%s: not cured", r->scenario->name);
    }
}

static void play_to_the_cure(const char *name)
{
    struct rig r;
    int64_t within = 0;
    rig_open(&r, name);
    see_headlines(&r);
    for (size_t i = 0; i < r.scenario->ncures; i++) {
        const struct scenario_cure *c = &r.scenario->cures[i];
        within = c->within_ms > within ? c->within_ms : within;
        while (now(&r) < c->after_ms)
            step(&r);
        if (c->action != NULL)
            act(&r, c);
    }
    stays_calm(&r, within);
    rig_close(&r);
}

static void test_every_scenario_is_played_to_its_cure(void **state)
{
    (void)state;
    const char *only = getenv("SCENARIO");
    for (const struct scenario_file *f = scenario_files; f->name != NULL; f++) {
        if (only == NULL || strcmp(only, f->name) == 0)
            play_to_the_cure(f->name);
    }
}

/* status waits for that: what nobody tells would be waited for in vain. */
static void test_logs_are_told_of_all_that_have_one(void **state)
{
    (void)state;
    static const char *const names[] = {"msk-connect", "dms"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct rig r;
        rig_open(&r, names[i]);
        while (now(&r) < INT64_C(5) * 60 * 1000)
            step(&r);
        assert_true(hints_logs_told(engine_world(r.engine), 0, engine_pipeline(r.engine, 0)));
        rig_close(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logs_are_told_of_all_that_have_one),
        cmocka_unit_test(test_every_scenario_is_played_to_its_cure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
