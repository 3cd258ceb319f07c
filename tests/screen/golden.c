#include "tests/screen/golden.h"

#include "tests/check.h"

#include "base/human.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "tui/term/screen.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN_DIR "tests/screen/golden"

enum { GOLDEN_MAX = 1024 * 1024 };

void stage_open(struct stage *st, enum fixture_kind kind, int w, int h, bool ascii)
{
    human_ascii(ascii);
    st->fixture = fixture_new(kind);
    st->peeked = NULL;
    st->app = app_new(fixture_model(st->fixture)->config, NULL, ascii);
    canvas_init(&st->canvas, w, h, ascii);
    stage_draw(st);
}

void stage_close(struct stage *st)
{
    app_free(st->app);
    canvas_free(&st->canvas);
    fixture_free(st->fixture);
    peek_answer_free(st->peeked);
    human_ascii(false);
}

void stage_key(struct stage *st, int key)
{
    app_key(st->app, fixture_model(st->fixture), key);
    stage_draw(st); /* as in the program: paging depends on what was drawn */
}

void stage_keys(struct stage *st, const char *keys)
{
    for (; *keys != '\0'; keys++)
        stage_key(st, (unsigned char)*keys);
}

void stage_draw(struct stage *st)
{
    app_tick(st->app, fixture_model(st->fixture));
    app_render(st->app, fixture_model(st->fixture), &st->canvas);
}

static bool shows(struct stage *st, const char *text, bool wanted)
{
    struct strbuf sb;
    strbuf_init(&sb, GOLDEN_MAX);
    screen_dump(&st->canvas, false, &sb);
    bool found = strstr(sb.text, text) != NULL;
    if (found != wanted)
        print_message("\"%s\" is %son:\n%s", text, found ? "" : "not ", sb.text);
    strbuf_free(&sb);
    return found == wanted;
}

bool stage_has(struct stage *st, const char *text)
{
    return shows(st, text, true);
}

bool stage_lacks(struct stage *st, const char *text)
{
    return shows(st, text, false);
}

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return NULL;
    char *text = mem_alloc(GOLDEN_MAX + 1);
    size_t n = fread(text, 1, GOLDEN_MAX, f);
    (void)fclose(f);
    text[n] = '\0';
    return text;
}

static void say_first_difference(const char *want, const char *got)
{
    int line = 1;
    while (*want != '\0' && *got != '\0') {
        size_t a = strcspn(want, "\n");
        size_t b = strcspn(got, "\n");
        if (a != b || memcmp(want, got, a) != 0)
            break;
        want += a + (want[a] == '\n');
        got += b + (got[b] == '\n');
        line++;
    }
    print_message("first difference in line %d\n want |%.*s|\n got  |%.*s|\n", line,
                  (int)strcspn(want, "\n"), want, (int)strcspn(got, "\n"), got);
}

void golden_same(const char *name, const struct strbuf *text)
{
    char path[256];
    (void)snprintf(path, sizeof(path), GOLDEN_DIR "/%s.txt", name);
    if (getenv("UPDATE_GOLDEN") != NULL) {
        FILE *f = fopen(path, "we");
        assert_non_null(f);
        (void)fwrite(text->text, 1, text->len, f);
        (void)fclose(f);
        return;
    }
    char *want = read_file(path);
    bool same = want != NULL && strcmp(want, text->text) == 0;
    if (want != NULL && !same)
        say_first_difference(want, text->text);
    free(want);
    if (!same)
        fail_msg("%s differs: look at it, then `make golden` keeps it", path);
}

void golden_check(struct stage *st, const char *name)
{
    char full[128];
    struct strbuf sb;
    stage_draw(st);
    (void)snprintf(full, sizeof(full), "%s-%dx%d%s", name, st->canvas.w, st->canvas.h,
                   st->canvas.ascii ? "-ascii" : "");
    strbuf_init(&sb, GOLDEN_MAX);
    screen_dump(&st->canvas, true, &sb);
    golden_same(full, &sb);
    strbuf_free(&sb);
}

void golden_at(enum fixture_kind kind, const char *keys, const char *name, int w, int h, bool ascii)
{
    struct stage st;
    stage_open(&st, kind, w, h, ascii);
    stage_keys(&st, keys);
    golden_check(&st, name);
    stage_close(&st);
}

void golden_sizes(enum fixture_kind kind, const char *keys, const char *name)
{
    golden_at(kind, keys, name, 120, 36, false);
    golden_at(kind, keys, name, 80, 24, false);
    golden_at(kind, keys, name, 60, 15, false);
}
