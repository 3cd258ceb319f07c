/* A screen printed after keys at a moment: on a made-up world whose time goes as it is told. */
#include "tests/check.h"
#include "tests/screen/fixture.h"

#include "base/mem.h"
#include "tui/dump.h"

#include <stdlib.h>
#include <string.h>

enum { LENGTH_MS = 3600 * 1000 };

struct made_up {
    struct fixture *fixture;
    int64_t at_ms;
    bool live;
    unsigned submitted;
};

static bool start(void *ctx, struct err *err)
{
    (void)ctx;
    (void)err;
    return true;
}

static void now(void *ctx, int64_t *mono_ms, int64_t *wall_ms)
{
    const struct made_up *w = ctx;
    *mono_ms = FIXTURE_MONO + w->at_ms;
    *wall_ms = FIXTURE_WALL + w->at_ms;
}

static bool step(void *ctx)
{
    (void)ctx;
    return true;
}

static void fill(void *ctx, struct app_model *m)
{
    struct made_up *w = ctx;
    int64_t mono;
    int64_t wall;
    now(ctx, &mono, &wall);
    fixture_now(w->fixture, mono, wall);
    *m = *fixture_model(w->fixture);
}

static void nothing(void *ctx)
{
    (void)ctx;
}

static void look_at(void *ctx, size_t pipeline, const char *const *topics, size_t n)
{
    (void)ctx;
    (void)pipeline;
    (void)topics;
    (void)n;
}

static unsigned submit(void *ctx, const struct action_args *args, struct err *err)
{
    struct made_up *w = ctx;
    (void)args;
    (void)err;
    return ++w->submitted;
}

static bool play(void *ctx, struct play *out)
{
    const struct made_up *w = ctx;
    *out = (struct play){.at_ms = w->at_ms, .length_ms = LENGTH_MS, .speed = 1};
    return !w->live;
}

static bool go(void *ctx, int64_t at_ms)
{
    ((struct made_up *)ctx)->at_ms = at_ms;
    return true;
}

struct asked {
    const char *form, *size, *keys, *at, *theme;
    bool ascii, live;
};

/* What is printed; NULL and *err otherwise. */
static char *dumped(const struct asked *asked, struct err *err)
{
    struct made_up world = {.fixture = fixture_new(FIXTURE_INCIDENT), .live = asked->live};
    struct config config = *fixture_model(world.fixture)->config;
    char *theme = mem_strdup(asked->theme != NULL ? asked->theme : "dark");
    config.theme = theme;
    struct dump_options options = {.config = &config,
                                   .ascii = asked->ascii,
                                   .form = asked->form != NULL ? asked->form : "",
                                   .size = asked->size,
                                   .keys = asked->keys,
                                   .at = asked->at};
    struct dump_source source = {
        .run = {.ctx = &world,
                .start = start,
                .now = now,
                .step = step,
                .fill = fill,
                .poll_now = nothing,
                .look_at = look_at,
                .submit = submit},
        .play = play,
        .go = go
    };
    struct strbuf out;
    strbuf_init(&out, 16 << 20);
    bool ok = dump_screen(&options, &source, &out, err);
    fixture_free(world.fixture);
    free(theme);
    if (ok)
        return strbuf_take(&out);
    strbuf_free(&out);
    return NULL;
}

static void says(const struct asked *asked, const char *want)
{
    struct err err = ERR_INIT;
    char *text = dumped(asked, &err);
    if (text == NULL)
        fail_msg("%s", err.text);
    if (strstr(text, want) == NULL)
        fail_msg("\"%s\" is not in:\n%s", want, text);
    free(text);
}

static void test_the_moment(void **state)
{
    (void)state;
    says(&(struct asked){.at = "0s"}, "14:03:22Z");
    says(&(struct asked){.at = "90s"}, "14:04:52Z");
    says(&(struct asked){.at = "2026-11-20T14:10:00Z"}, "14:10:00Z");
    says(&(struct asked){.at = "14:20:01"}, "14:20:01Z");
    says(&(struct asked){.at = "14:21"}, "14:21:00Z");
    says(&(struct asked){0}, "15:03:22Z"); /* the end of what has one */
}

static void test_keys(void **state)
{
    (void)state;
    says(&(struct asked){.at = "0s", .keys = "3<Enter>"}, "root cause          AccessDenied");
    says(&(struct asked){.at = "0s", .keys = "<Tab><Tab><Enter><Esc>1<Enter>"}, "old_export");
    says(&(struct asked){.at = "0s", .keys = "2/pay<Enter>"}, "1 of 12");
    says(&(struct asked){.at = "0s", .keys = ":nosuch<Enter>"}, "no command nosuch");
    says(&(struct asked){.at = "0s", .keys = "<wait 5s><wait 1m>"}, "14:04:27Z");
    says(&(struct asked){.at = "0s", .keys = "2/a<lt>b"}, "a<b");
}

static void test_size_and_form(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    char *text = dumped(&(struct asked){.size = "80x24", .form = "text"}, &err);
    assert_non_null(text);
    int lines = 0;
    for (const char *p = text; *p != '\0'; p++)
        lines += *p == '\n';
    assert_int_equal(lines, 24);
    free(text);
    text = dumped(&(struct asked){.ascii = true}, &err);
    assert_non_null(text);
    for (const char *p = text; *p != '\0'; p++)
        assert_true((unsigned char)*p < 0x80);
    free(text);
    says(&(struct asked){.form = "svg", .theme = "gruvbox"}, "fill=\"#282828\"");
    says(&(struct asked){.form = "svg", .keys = ":theme light<Enter>"}, "fill=\"#ffffff\"");
}

/* A picture that is made anew must not differ. */
static void test_the_same_call_gives_the_same_bytes(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    const struct asked asked = {.form = "svg", .keys = "3R<wait 3s>", .at = "5m"};
    char *first = dumped(&asked, &err);
    char *second = dumped(&asked, &err);
    assert_non_null(first);
    assert_string_equal(first, second);
    free(first);
    free(second);
}

static void test_what_cannot_be_is_refused_with_the_reason(void **state)
{
    (void)state;
    static const struct {
        struct asked asked;
        const char *says;
    } cases[] = {
        {{.live = true},                 "live"        },
        {{.form = "png"},                "text or svg" },
        {{.size = "120"},                "COLUMNSxROWS"},
        {{.size = "0x10"},               "COLUMNSxROWS"},
        {{.size = "9999x9999"},          "500x300"     },
        {{.size = "80x24x"},             "COLUMNSxROWS"},
        {{.at = "soon"},                 "--at"        },
        {{.at = "2h"},                   "recorded"    },
        {{.at = "2020-01-01T00:00:00Z"}, "recorded"    },
        {{.keys = "<Entr>"},             "<Entr>"      },
        {{.keys = "a<"},                 "<lt>"        },
        {{.keys = "<wait soon>"},        "<wait 5s>"   },
        {{.keys = "Q"},                  "leave"       },
        {{.theme = "drak"},              "drak"        },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err err = ERR_INIT;
        char *text = dumped(&cases[i].asked, &err);
        assert_null(text);
        if (strstr(err.text, cases[i].says) == NULL)
            fail_msg("\"%s\" is not in: %s", cases[i].says, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_moment),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_size_and_form),
        cmocka_unit_test(test_the_same_call_gives_the_same_bytes),
        cmocka_unit_test(test_what_cannot_be_is_refused_with_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
