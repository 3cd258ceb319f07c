/* check: the preflight, as text, JSON and JUnit XML. */
#include "base/clock.h"
#include "base/json.h"
#include "report/preflight.h"
#include "tui/headless.h"
#include "tui/headless_session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_AGAIN_MS = 2000 };

static void print_one(const struct preflight *in, bool json)
{
    char *text = json ? preflight_json(in) : preflight_text(in);
    if (json) {
        struct strbuf line;
        strbuf_init(&line, SIZE_MAX / 4); /* our own text: no longer than six times what it was */
        json_put_clean(&line, text);
        (void)puts(line.text);
        strbuf_free(&line);
    } else {
        (void)fputs(text, stdout);
    }
    free(text);
}

/* False after a complaint. */
static bool write_junit(const char *path, const struct preflight *all, size_t n)
{
    char *text = preflight_junit(all, n);
    bool ok;
    if (strcmp(path, "-") == 0) {
        ok = fputs(text, stdout) >= 0;
    } else {
        FILE *file = fopen(path, "we");
        ok = file != NULL && fputs(text, file) >= 0;
        ok = (file == NULL || fclose(file) == 0) && ok;
        if (!ok)
            (void)fprintf(stderr, "cdctop: %s: %s\n", path, strerror(errno));
    }
    free(text);
    return ok;
}

static int judge(const struct session *s, const struct cli_options *opts, size_t first, size_t end)
{
    struct arena *arena = arena_new();
    struct preflight *all = arena_array(arena, end - first, sizeof(*all));
    enum check_result worst = RESULT_OK;
    bool to_stdout = opts->junit != NULL && strcmp(opts->junit, "-") == 0;
    for (size_t i = first; i < end; i++) {
        struct preflight *one = &all[i - first];
        one->world = engine_world(s->engine);
        one->pipeline = engine_pipeline(s->engine, i);
        one->list = check_all(one->world, i, one->pipeline, arena);
        enum check_result r = check_worst(&one->list);
        worst = r > worst ? r : worst;
        if (!to_stdout)
            print_one(one, opts->json);
    }
    int code = check_exit_code(worst);
    if (opts->junit != NULL && !write_junit(opts->junit, all, end - first))
        code = check_exit_code(RESULT_UNKNOWN); /* nobody may take it for passed */
    arena_free(arena);
    return code;
}

static size_t unknowns(const struct session *s, size_t first, size_t end, struct arena *arena)
{
    size_t n = 0;
    arena_reset(arena);
    for (size_t i = first; i < end; i++) {
        const struct pipeline *p = engine_pipeline(s->engine, i);
        n += check_all(engine_world(s->engine), i, p, arena).counts[RESULT_UNKNOWN];
    }
    return n;
}

/* What is asked only once the connectors' topics and tables are known (their configuration, rights,
 * uploads) comes a poll or two later. */
static void look_again(struct session *s, size_t first, size_t end)
{
    struct arena *arena = arena_new();
    struct play play;
    bool stands = engine_play(s->engine, &play) && play.paused; /* what it has told is all */
    int64_t deadline = clock_mono_ms() + (stands ? 0 : LOOK_AGAIN_MS);
    while (clock_left_ms(deadline) > 0 && unknowns(s, first, end, arena) > 0) {
        if (!session_wait(s))
            break;
    }
    arena_free(arena);
}

int headless_check(struct config *config, const struct cli_options *opts, struct backend from)
{
    struct session s;
    for (size_t i = 0; i < config->npipelines; i++)
        config->pipelines[i].aws.identify = true;
    if (!session_open(&s, config, opts, from))
        return check_exit_code(RESULT_UNKNOWN);
    size_t first, end;
    bool on = true;
    session_chosen(&s, config, opts, &first, &end);
    for (size_t i = first; on && i < end; i++) {
        s.index = i;
        on = session_settle(&s, opts->wait_ms > 0 ? opts->wait_ms : SESSION_WAIT_MS);
    }
    if (on)
        look_again(&s, first, end);
    return session_close(&s, judge(&s, opts, first, end));
}
