/* Every screen, every dialog and every way in which something is missing, from the demo, at the
 * sizes that matter, in both kinds of glyphs. A golden holds all six of one screen, as text: roles
 * are the matter of test_views.c. `make golden` writes them anew and shows what differs. */
#include "tests/check.h"
#include "tests/screen/demo_stage.h"
#include "tests/screen/golden.h"

#include "base/human.h"
#include "base/mem.h"
#include "tui/key.h"
#include "tui/term/screen.h"

#include <stdio.h>
#include <string.h>

enum { ALL_MAX = 1024 * 1024, A_WHILE_MS = 20 * 1000 };

static const struct size {
    int w, h;
    bool ascii;
} sizes[] = {
    {120, 36, false},
    {80,  24, false},
    {60,  15, false},
    {120, 36, true },
    {80,  24, true },
    {60,  15, true },
};

#define RELOAD_ALL "3:reload audit-cdc --all\r"

/* The preview of a snapshot has an id that is another one each time: test_app.c has it.
 * Keys as characters; \r Enter, \t Tab, \033 Esc; \f lets 20 s pass. */
static const struct screen_case {
    const char *name, *scenario, *keys;
    bool changes; /* the world, too: the next screen begins anew */
} screens[] = {
    {"slot",               "stale-slot",       "1\r",                     false},
    {"slot-pinned",        "long-transaction", "1\r",                     false},
    {"topic",              "incident",         "2\r",                     false},
    {"messages",           "incident",         "2m",                      false},
    {"record",             "incident",         "2m\r",                    false},
    {"connector",          "incident",         "3\r",                     false},
    {"prefix",             "incident",         "4\r",                     false},
    {"object",             "incident",         "4\r\r",                   false},
    {"finding",            "incident",         "5\r",                     false},
    {"groups",             "rebalance-storm",  "6",                       false},
    {"group",              "rebalance-storm",  "6\r",                     false},
    {"group-large",        "large",            "6\r",                     false},
    {"snapshots",          "snapshot",         "7",                       false},
    {"snapshot",           "snapshot",         "7\r",                     false},
    {"history",            "incident",         "8",                       false},
    {"log",                "incident",         "3Py\f\033:log\r",         true },
    {"event",              "incident",         "3Py\f\033:log\r\r",       true },
    {"help",               "incident",         "?",                       false},
    {"about",              "incident",         ":about\r",                false},
    {"pipeline-of-fleet",  "fleet",            "\r",                      false},
    {"msk-connect",        "msk-connect",      "3",                       false},
    {"msk-connector",      "msk-connect",      "3\r",                     false},
    {"msk-finding",        "msk-connect",      "5\r",                     false},
    {"msk-restart",        "msk-connect",      "3R",                      false},
    {"dms",                "dms",              "3",                       false},
    {"dms-task",           "dms",              "3\r",                     false},
    {"dms-finding",        "dms",              "5\r",                     false},
    {"dms-resume",         "dms",              "3C",                      false},
    {"dms-reload-all",     "dms",              RELOAD_ALL,                false},
    {"dms-actions",        "dms",              "3a",                      false},
    {"dms-reload-refused", "dms",              "3T",                      false},
    {"msk-cluster",        "msk-connect",      "2\rG",                    false},
    {"about-on-aws",       "dms",              ":about\rG",               false},
    {"dms-bulk",           "dms",              "3:mark all\rR",           false},
    {"rds-finding",        "rds-disk",         "5\r",                     false},
    {"rds-slot",           "rds-disk",         "1\rG",                    false},
    {"slots-zoomed",       "large",            "1z",                      false},
    {"topics-zoomed",      "incident",         "2z",                      false},
    {"connectors-zoomed",  "sink-failed",      "3z",                      false},
    {"objects-zoomed",     "late-files",       "4z",                      false},
    {"findings-zoomed",    "incident",         "5z",                      false},
    {"filter-typed",       "incident",         "2/ord",                   false},
    {"filter-kept",        "incident",         "2/!ord\r",                false},
    {"filter-none",        "incident",         "2/nosuch\r",              false},
    {"faults-only",        "healthy",          "1f",                      false},
    {"marked",             "incident",         "3:mark all\r",            false},
    {"command-typed",      "incident",         ":re",                     false},
    {"command-unknown",    "incident",         ":nosuch\r",               false},
    {"key-refused",        "healthy",          "1D",                      false},
    {"held",               "incident",         "p\f",                     true },
    {"muted",              "incident",         "5:mute 2h tonight\r8",    true },
    {"dialog-actions",     "incident",         "3a",                      false},
    {"dialog-sort",        "incident",         "2s",                      false},
    {"dialog-columns",     "incident",         "2c",                      false},
    {"dialog-restart",     "incident",         "3R",                      false},
    {"dialog-pause",       "healthy",          "3P",                      false},
    {"dialog-stop",        "healthy",          "3S",                      false},
    {"dialog-drop",        "stale-slot",       "5D",                      false},
    {"dialog-refused",     "healthy",          "3:drop-slot dbz_shop\r",  false},
    {"dialog-terminate",   "long-transaction", "5K",                      false},
    {"dialog-tables",      "healthy",          ":snapshot shop-source\r", false},
    {"dialog-bulk",        "healthy",          "3:mark all\rP",           false},
    {"dialog-bulk-danger", "healthy",          "3:mark all\rS",           false},
    {"dialog-following",   "healthy",          "3Py",                     true },
    {"dialog-failed",      "sink-failed",      "3Ry\f",                   true },
    {"dialog-worked",      "healthy",          "3Py\f",                   true },
};

static void press(struct demo_stage *st, const char *keys)
{
    for (; *keys != '\0'; keys++) {
        if (*keys == '\f')
            demo_stage_wait(st, A_WHILE_MS);
        else
            demo_stage_key(st, (unsigned char)*keys);
        demo_stage_wait(st, 1); /* what was asked for comes */
    }
}

/* A demo that goes on from screen to screen as long as nothing is done to it. */
static void begin(struct demo_stage *st, const char *scenario)
{
    demo_stage_open(st, scenario, 120, 36, false);
    demo_stage_wait(st, A_WHILE_MS);
}

static void draw_one(struct demo_stage *st, const struct size *size, const char *keys,
                     struct strbuf *out)
{
    human_ascii(size->ascii);
    st->canvas.ascii = size->ascii;
    canvas_resize(&st->canvas, size->w, size->h);
    demo_stage_again(st);
    press(st, keys);
    (void)strbuf_printf(out, "==== %dx%d%s\n", size->w, size->h, size->ascii ? " ascii" : "");
    screen_dump(&st->canvas, false, out);
}

static void check(struct demo_stage *st, const struct screen_case *c)
{
    struct strbuf sb;
    char path[128];
    strbuf_init(&sb, ALL_MAX);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        draw_one(st, &sizes[i], c->keys, &sb);
        if (c->changes) {
            demo_stage_close(st);
            begin(st, c->scenario);
        }
    }
    (void)snprintf(path, sizeof(path), "demo/%s", c->name);
    golden_same(path, &sb);
    strbuf_free(&sb);
}

static void test_every_screen_and_dialog(void **state)
{
    (void)state;
    for (const struct scenario_file *f = scenario_files; f->name != NULL; f++) {
        char opened[80];
        struct demo_stage st;
        (void)snprintf(opened, sizeof(opened), "opened-%s", f->name);
        begin(&st, f->name);
        check(&st, &(struct screen_case){opened, f->name, "", false});
        for (size_t i = 0; i < ARRAY_LEN(screens); i++)
            if (strcmp(screens[i].scenario, f->name) == 0)
                check(&st, &screens[i]);
        demo_stage_close(&st);
    }
}

/* The same pipeline as it was recorded: nothing is asked, nothing can be done. */
static void test_a_replay(void **state)
{
    (void)state;
    static const struct screen_case cases[] = {
        {"replay-overview",  "incident", "",       false},
        {"replay-connector", "incident", "3\r",    false},
        {"replay-slot",      "incident", "1\r",    false},
        {"replay-log",       "incident", ":log\r", false},
        {"replay-refused",   "incident", "3Py",    false},
    };
    struct demo_stage st;
    demo_stage_open(&st, "incident", 120, 36, false);
    demo_stage_film(&st);
    demo_stage_wait(&st, 3 * A_WHILE_MS);
    demo_stage_replay(&st);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check(&st, &cases[i]);
    demo_stage_close(&st);
}

/* Its sources are asked more rarely: they are no less fresh for that. */
static void test_a_replay_on_aws(void **state)
{
    (void)state;
    static const struct screen_case cases[] = {
        {"replay-msk-connector", "msk-connect", "3\r",       false},
        {"replay-about-on-aws",  "msk-connect", ":about\rG", false},
    };
    struct demo_stage st;
    demo_stage_open(&st, "msk-connect", 120, 36, false);
    demo_stage_film(&st);
    demo_stage_wait(&st, 3 * A_WHILE_MS);
    demo_stage_replay(&st);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check(&st, &cases[i]);
    demo_stage_close(&st);
}

/* Every service of AWS refuses: what was seen before is no state of now. */
static void test_aws_away(void **state)
{
    (void)state;
    static const struct screen_case cases[] = {
        {"away-overview",      "", "",          false},
        {"away-dms-task",      "", "3\r",       false},
        {"away-msk-connector", "", "3jj\r",     false},
        {"away-msk-cluster",   "", "2\rG",      false},
        {"away-rds",           "", "1\rG",      false},
        {"away-about",         "", ":about\rG", false},
    };
    struct demo_stage st;
    begin(&st, "tests/screen/aws-away.toml");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check(&st, &cases[i]);
    demo_stage_close(&st);
}

static void test_an_aws_fleet(void **state)
{
    (void)state;
    struct demo_stage st;
    begin(&st, "tests/screen/aws-fleet.toml");
    check(&st, &(struct screen_case){"fleet-on-aws", "", "", false});
    demo_stage_close(&st);
}

static void test_every_row_names_a_scenario(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(screens); i++) {
        const struct scenario_file *f = scenario_files;
        while (f->name != NULL && strcmp(f->name, screens[i].scenario) != 0)
            f++;
        if (f->name == NULL)
            fail_msg("%s: there is no scenario %s", screens[i].name, screens[i].scenario);
    }
}

/* Worlds in which something is missing are made by hand. */
static void draw_made_up(enum fixture_kind kind, const struct size *size, const char *keys,
                         struct strbuf *out)
{
    struct stage st;
    stage_open(&st, kind, size->w, size->h, size->ascii);
    stage_keys(&st, keys);
    (void)strbuf_printf(out, "==== %.*s %dx%d%s\n", (int)strcspn(keys, "\r"), keys, size->w,
                        size->h, size->ascii ? " ascii" : "");
    screen_dump(&st.canvas, false, out);
    stage_close(&st);
}

static void test_what_is_missing(void **state)
{
    (void)state;
    static const enum fixture_kind kinds[] = {FIXTURE_STALE, FIXTURE_UNKNOWN, FIXTURE_WAITING,
                                              FIXTURE_EMPTY, FIXTURE_NOTHING, FIXTURE_BEFORE};
    static const char *const ways[] = {"",  "1z", "2z", "3z",       "4z",  "5z", "6",
                                       "7", "8",  "9",  ":about\r", "2\r", "3a", "?"};
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        struct strbuf sb;
        char path[128];
        strbuf_init(&sb, ALL_MAX);
        for (size_t i = 0; i < ARRAY_LEN(sizes) * ARRAY_LEN(ways); i++) {
            const struct size *size = &sizes[i % ARRAY_LEN(sizes)];
            const char *keys = ways[i / ARRAY_LEN(sizes)];
            bool few = (size->w == 80 && !size->ascii) || (size->w == 60 && size->ascii);
            if (keys[0] == '\0' || few)
                draw_made_up(kinds[k], size, keys, &sb);
        }
        (void)snprintf(path, sizeof(path), "demo/missing-%s", fixture_name(kinds[k]));
        golden_same(path, &sb);
        strbuf_free(&sb);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_names_a_scenario),
        cmocka_unit_test(test_every_screen_and_dialog),
        cmocka_unit_test(test_a_replay),
        cmocka_unit_test(test_a_replay_on_aws),
        cmocka_unit_test(test_aws_away),
        cmocka_unit_test(test_an_aws_fleet),
        cmocka_unit_test(test_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
