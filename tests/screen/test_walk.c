/* Somebody presses anything at all, in every screen of every scenario of the demo, resizes,
 * clicks, types and confirms; after each step the frame is drawn and everything that must hold is
 * looked at. `test_walk SEED STEPS [SCENARIO]` walks the same way again.
 *
 * Each scenario is walked in a process of its own that keeps its journal in memory that is shared:
 * whatever ends it, the last keys are known. */
#include "tests/check.h"
#include "tests/screen/invariants.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/view/pane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
enum { STEPS = 10000 }; /* over all scenarios */
#else
enum { STEPS = 3000 };
#endif

enum { SEED = 20261127, LAST = 30, BROKEN = 3 };

struct journal {
    int step;
    unsigned n; /* entries ever */
    char last[LAST][64];
    char broken[600];
};

struct walk {
    struct demo_stage st;
    uint64_t random;
    struct journal *journal;
};

/* ---- chance ---------------------------------------------------------------------------------- */

static uint64_t chance(struct walk *w)
{
    uint64_t z = w->random += UINT64_C(0x9E3779B97F4A7C15); /* splitmix64 */
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static int below(struct walk *w, int n)
{
    return n > 0 ? (int)(chance(w) % (uint64_t)n) : 0;
}

static bool one_in(struct walk *w, int n)
{
    return below(w, n) == 0;
}

/* ---- what is done is written down, then done ------------------------------------------------- */

static void note(struct walk *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void note(struct walk *w, const char *fmt, ...)
{
    va_list ap;
    char *entry = w->journal->last[w->journal->n++ % LAST];
    va_start(ap, fmt);
    (void)vsnprintf(entry, sizeof(w->journal->last[0]), fmt, ap);
    va_end(ap);
}

static const char *key_name(int key, char *buf, size_t size)
{
    for (size_t i = 0; keymap_name(i) != NULL; i++)
        if (keymap_code(keymap_name(i), strlen(keymap_name(i))) == key)
            return keymap_name(i);
    if (key < ' ')
        (void)snprintf(buf, size, "Ctrl-%c", key + 'A' - 1);
    else if (key < 0x7F)
        (void)snprintf(buf, size, "%c", key);
    else
        (void)snprintf(buf, size, "U+%04X", (unsigned)key);
    return buf;
}

/* Nothing may be wrong after a frame. Leaving is taken back. */
static void look(struct walk *w)
{
    const char *why = invariants_broken(&w->st);
    if (why != NULL) {
        (void)snprintf(w->journal->broken, sizeof(w->journal->broken), "%s", why);
        exit(BROKEN);
    }
    if ((w->st.asked & 1U << EFFECT_QUIT) != 0) {
        w->st.asked = 0;
        note(w, "(left, opened again)");
        demo_stage_again(&w->st);
    }
}

static void press(struct walk *w, int key)
{
    char buf[16];
    note(w, "%s", key_name(key, buf, sizeof(buf)));
    demo_stage_key(&w->st, key);
    look(w);
}

static void type(struct walk *w, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        int32_t cp;
        size_t n = utf8_decode(text, left, &cp);
        press(w, cp);
        text += n;
        left -= n;
    }
}

/* ---- the steps ------------------------------------------------------------------------------- */

static const struct command *any_command(struct walk *w)
{
    size_t n = 0;
    while (command_at(n) != NULL)
        n++;
    return command_at((size_t)below(w, (int)n));
}

static void bound_key(struct walk *w)
{
    struct scene s = demo_stage_scene(&w->st);
    const char *keys = command_keys(&s, any_command(w));
    for (int skip = below(w, 3); skip > 0 && strchr(keys, ' ') != NULL; skip--)
        keys = strchr(keys, ' ') + 1;
    size_t n = strcspn(keys, " ");
    if (n > 0)
        press(w, keymap_code(keys, n));
}

static void letter(struct walk *w)
{
    press(w, one_in(w, 8) ? 0xA0 + below(w, 0x20000) : ' ' + below(w, 95));
}

static void plain_key(struct walk *w)
{
    static const int keys[] = {K_ENTER, K_ENTER, K_ENTER,     K_ESC,       K_ESC,    K_UP,
                               K_DOWN,  K_DOWN,  K_PAGE_DOWN, K_PAGE_UP,   K_HOME,   K_END,
                               K_LEFT,  K_RIGHT, K_BACKSPACE, K_DELETE,    K_CTRL_U, K_CTRL_W,
                               K_TAB,   K_TAB,   K_SHIFT_TAB, 1 + K_CTRL_W};
    press(w, keys[below(w, ARRAY_LEN(keys))]);
}

/* Names that are there, and what people and mischief type. */
static const char *word(struct walk *w)
{
    static const char *const words[] = {
        "all",
        "2h",
        "2h maintenance",
        "P03",
        "dark",
        "nosuch",
        "0",
        "-1",
        "0.5",
        "1e309",
        "007",
        "~[",
        "~(a|",
        "!",
        "!~.*",
        "~^.{99}",
        "ä",
        "日本語",
        "e\u0301x",
        "👩‍👩‍👧",
        "%s%n",
        "\"quoted'",
        "a,b,,c",
        "   ",
        "../..",
        "off",
        "on",
        "--blocking",
    };
    struct scene s = demo_stage_scene(&w->st);
    if (one_in(w, 2))
        return words[below(w, ARRAY_LEN(words))];
    enum pane_id id = (enum pane_id)below(w, LIST_COUNT);
    const struct pane_ops *ops = pane_ops(id);
    if (one_in(w, 3) && ops->ncolumns > 0)
        return ops->columns[below(w, ops->ncolumns)].id;
    const struct row_base **rows;
    size_t n = ops->rows(&s, &rows);
    return n > 0 ? scene_text(&s, "%s", rows[below(w, (int)n)]->name) : "none";
}

static void type_words(struct walk *w)
{
    char text[700] = "";
    int n = one_in(w, 12) ? 60 : 1 + below(w, 2);
    for (int i = 0; i < n; i++) {
        size_t len = strlen(text);
        (void)snprintf(text + len, sizeof(text) - len, "%s%s", i > 0 ? " " : "", word(w));
    }
    type(w, text);
}

static void end_line(struct walk *w)
{
    static const int ends[] = {K_ENTER, K_ENTER, K_ENTER, K_TAB, K_ESC, K_UP, K_BACKSPACE};
    press(w, ends[below(w, ARRAY_LEN(ends))]);
}

static void typed(struct walk *w)
{
    if (w->st.app->input == INPUT_NONE && w->st.app->dialog.kind == DIALOG_NONE)
        press(w, '/');
    type_words(w);
    end_line(w);
}

static void command_typed(struct walk *w)
{
    char name[64];
    const struct command *c = any_command(w);
    int cut = one_in(w, 6) ? below(w, 4) : 60;
    (void)snprintf(name, sizeof(name), "%.*s", cut, command_name(c));
    if (w->st.app->input != INPUT_COMMAND)
        press(w, ':');
    type(w, name);
    if (one_in(w, 3))
        press(w, K_TAB);
    if (!one_in(w, 3)) {
        press(w, ' ');
        type_words(w);
    }
    end_line(w);
}

/* A question is answered as it wants to be. */
static void answer(struct walk *w)
{
    const struct dialog *d = &w->st.app->dialog;
    if (d->kind == DIALOG_CONFIRM && d->args->target != NULL) {
        char name[300];
        (void)snprintf(name, sizeof(name), "%s", d->args->target);
        press(w, 'y');
        if (w->st.app->dialog.kind != DIALOG_CONFIRM || w->st.app->dialog.id != 0)
            return;
        press(w, K_CTRL_U);
        type(w, name);
        press(w, K_ENTER);
    } else if (d->kind == DIALOG_BULK) {
        char words[300];
        (void)snprintf(words, sizeof(words), "%s %zu", action_info(w->st.app->bulk.kind)->name,
                       w->st.app->bulk.n);
        press(w, 'y');
        press(w, K_CTRL_U);
        type(w, words);
        press(w, K_ENTER);
    } else if (d->kind != DIALOG_NONE) {
        press(w, ' ');
        press(w, K_ENTER);
    } else {
        press(w, "RPCSDKTa"[below(w, 8)]);
    }
}

static void mouse(struct walk *w)
{
    struct canvas *cv = &w->st.canvas;
    struct mouse e = {(enum mouse_what)below(w, 3), below(w, cv->w + 2), below(w, cv->h + 2)};
    if (!w->st.app->mouse && w->st.app->input == INPUT_NONE &&
        w->st.app->dialog.kind == DIALOG_NONE)
        press(w, 'T' - '@');
    note(w, "mouse %d at %d,%d", e.what, e.x, e.y);
    demo_stage_mouse(&w->st, &e);
    look(w);
}

static void resize(struct walk *w)
{
    static const int sizes[][2] = {
        {60,  15 },
        {80,  24 },
        {120, 36 },
        {200, 50 },
        {300, 100}
    };
    const int *size = sizes[below(w, ARRAY_LEN(sizes))];
    int width = size[0];
    int height = size[1];
    if (one_in(w, 3)) {
        width = 60 + below(w, 241);
        height = 15 + below(w, 86);
    } else if (one_in(w, 6)) { /* and out of it again soon */
        width = 1 + below(w, 80);
        height = 1 + below(w, 24);
    }
    note(w, "resize %dx%d", width, height);
    demo_stage_resize(&w->st, width, height);
    look(w);
}

static void let_pass(struct walk *w)
{
    int64_t ms = one_in(w, 8) ? 60 * 1000 : 500 + below(w, 4000);
    note(w, "wait %lld ms", (long long)ms);
    demo_stage_wait(&w->st, ms);
    look(w);
}

static const struct {
    int weight;
    void (*step)(struct walk *w);
} steps[] = {
    {32, bound_key    },
    {16, plain_key    },
    {12, let_pass     },
    {10, mouse        },
    {8,  answer       },
    {8,  command_typed},
    {5,  letter       },
    {5,  resize       },
    {4,  typed        },
};

static void step(struct walk *w)
{
    enum { ALL = 100 };
    int at = below(w, ALL);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        if (at < steps[i].weight) {
            steps[i].step(w);
            return;
        }
        at -= steps[i].weight;
    }
}

/* ---- a walk ---------------------------------------------------------------------------------- */

static void walk(const char *scenario, uint64_t seed, int n, struct journal *journal)
{
    struct walk w = {.random = seed, .journal = journal};
    demo_stage_open(&w.st, scenario, 120, 36, one_in(&w, 3));
    look(&w);
    for (journal->step = 1; journal->step <= n; journal->step++)
        step(&w);
    demo_stage_close(&w.st);
}

static void tell(const char *scenario, uint64_t seed, const struct journal *j)
{
    char keys[LAST * 68] = "";
    unsigned first = j->n > LAST ? j->n - LAST : 0;
    for (unsigned i = first; i < j->n; i++) {
        size_t len = strlen(keys);
        (void)snprintf(keys + len, sizeof(keys) - len, " <%s>", j->last[i % LAST]);
    }
    print_message("# again: test_walk %llu %d %s\n# its last keys:%s\n", (unsigned long long)seed,
                  j->step, scenario, keys);
}

/* True: it came to its end. */
static bool walk_apart(const char *scenario, uint64_t seed, int n)
{
    int status = 0;
    struct journal *j =
        mmap(NULL, sizeof(*j), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(j != MAP_FAILED);
    (void)fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        walk(scenario, seed, n, j);
        exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    bool ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!ok)
        print_message("# %s: step %d: %s (status 0x%x)\n", scenario, j->step,
                      j->broken[0] != '\0' ? j->broken : "it died", (unsigned)status);
    if (!ok)
        tell(scenario, seed, j);
    (void)munmap(j, sizeof(*j));
    return ok;
}

/* Where a step takes long, fewer of them are gone. */
static int share_of(const char *name)
{
    enum { MANY = 1000, SHARE = 10 };
    struct err err = ERR_INIT;
    struct scenario *s = scenario_open(name, &err);
    int64_t partitions = 0;
    assert_non_null(s);
    for (size_t i = 0; i < s->npipelines; i++) {
        const struct scenario_pipeline *p = &s->pipelines[i];
        for (size_t k = 0; k < p->nsources; k++)
            for (size_t t = 0; t < p->sources[k].ntables; t++)
                partitions += p->sources[k].copies * p->sources[k].tables[t].partitions;
    }
    scenario_free(s);
    return partitions > MANY ? 1 : SHARE;
}

static void test_anything_pressed_anywhere(void **state)
{
    (void)state;
    int all = 0;
    int bad = 0;
    for (const struct scenario_file *f = scenario_files; f->name != NULL; f++)
        all += share_of(f->name);
    assert_true(all > 0);
    for (size_t i = 0; scenario_files[i].name != NULL; i++) {
        const char *name = scenario_files[i].name;
        bad += !walk_apart(name, SEED + i, STEPS * share_of(name) / all + 1);
    }
    assert_int_equal(bad, 0);
}

static int again(int argc, char **argv)
{
    uint64_t seed = strtoull(argv[1], NULL, 10);
    int n = argc > 2 ? (int)strtol(argv[2], NULL, 10) : STEPS;
    int bad = 0;
    for (const struct scenario_file *f = scenario_files; f->name != NULL; f++)
        if (argc < 4 || strcmp(argv[3], f->name) == 0)
            bad += !walk_apart(f->name, seed, n);
    return bad > 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return again(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_anything_pressed_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
