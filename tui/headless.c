/* status and do: the engine without a screen. */
#include "tui/headless.h"

#include "base/clock.h"
#include "base/human.h"
#include "base/json.h"
#include "base/utf8.h"
#include "model/connector_facts.h"
#include "report/report.h"
#include "tui/headless_session.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_MISUSE = 2, EXIT_NOT_DONE = 1 };

static struct report_input report_of(const struct session *s, size_t index)
{
    return (struct report_input){.world = engine_world(s->engine),
                                 .index = index,
                                 .pipeline = engine_pipeline(s->engine, index),
                                 .findings = engine_findings(s->engine, index)};
}

/* The document and its line break. */
static void json_line(struct strbuf *line, const struct report_input *in)
{
    char *text = report_json(in);
    strbuf_init(line, SIZE_MAX / 4); /* our own text: no longer than six times what it was */
    json_put_clean(line, text);
    strbuf_puts(line, "\n");
    free(text);
}

static void print_one(const struct report_input *in, bool json)
{
    if (json) {
        struct strbuf line;
        json_line(&line, in);
        (void)fputs(line.text, stdout);
        strbuf_free(&line);
    } else {
        char *text = report_text(in);
        (void)fputs(text, stdout);
        free(text);
    }
}

/* By hand, for a reader who takes nothing must not keep us from hearing a signal: after POLLOUT a
 * pipe takes PIPE_BUF bytes at once. False: the session ends. */
static bool write_line(const struct session *s, const char *text, size_t n)
{
    struct pollfd fds[2] = {
        {.fd = STDOUT_FILENO, .events = POLLOUT},
        {.fd = s->signals,    .events = POLLIN }
    };
    while (n > 0) {
        (void)poll(fds, 2, -1);
        if ((fds[1].revents & POLLIN) != 0)
            return false;
        if ((fds[0].revents & POLLOUT) == 0)
            return fds[0].revents == 0;
        ssize_t done = write(STDOUT_FILENO, text, n < PIPE_BUF ? n : PIPE_BUF);
        if (done < 0)
            return false;
        text += done;
        n -= (size_t)done;
    }
    return true;
}

/* One round of documents; the worst verdict of them goes to *worst. */
static bool watch_round(const struct session *s, size_t first, size_t end, enum verdict *worst)
{
    bool on = true;
    *worst = VERDICT_NONE;
    for (size_t i = first; on && i < end; i++) {
        struct report_input in = report_of(s, i);
        struct strbuf line;
        enum verdict v = report_verdict(&in);
        *worst = v > *worst ? v : *worst;
        json_line(&line, &in);
        on = write_line(s, line.text, line.len);
        strbuf_free(&line);
    }
    return on;
}

static enum verdict watch(struct session *s, size_t first, size_t end)
{
    enum verdict worst;
    engine_interval(s->engine, s->interval_ms);
    while (watch_round(s, first, end, &worst)) {
        int64_t next = clock_mono_ms() + s->interval_ms;
        while (clock_left_ms(next) > 0) {
            if (!session_wait(s))
                return worst;
        }
    }
    return worst;
}

int headless_status(struct config *config, const struct cli_options *opts, struct backend from)
{
    struct session s;
    if (!session_open(&s, config, opts, from))
        return report_exit_code(VERDICT_UNKNOWN);
    int64_t wait = opts->wait_ms > 0 ? opts->wait_ms : SESSION_WAIT_MS;
    enum verdict worst = VERDICT_NONE;
    size_t first, end;
    bool on = true;
    session_chosen(&s, config, opts, &first, &end);
    for (size_t i = first; on && i < end; i++) {
        s.index = i;
        on = session_settle(&s, wait);
    }
    if (opts->watch)
        return session_close(&s, report_exit_code(on ? watch(&s, first, end) : VERDICT_UNKNOWN));
    for (size_t i = first; i < end; i++) {
        struct report_input in = report_of(&s, i);
        enum verdict v = report_verdict(&in);
        worst = v > worst ? v : worst;
        print_one(&in, opts->json);
    }
    return session_close(&s, report_exit_code(worst));
}

/* ---- do ---------------------------------------------------------------------------------------
 */

static const enum action_kind kind_of_verb[CLI_VERB_COUNT] = {
    [CLI_RESTART] = ACTION_RESTART,     [CLI_PAUSE] = ACTION_PAUSE,
    [CLI_RESUME] = ACTION_CONTINUE,     [CLI_STOP] = ACTION_STOP,
    [CLI_DROP_SLOT] = ACTION_DROP_SLOT, [CLI_SNAPSHOT] = ACTION_SNAPSHOT,
    [CLI_TERMINATE] = ACTION_TERMINATE, [CLI_START] = ACTION_CONTINUE,
    [CLI_RELOAD] = ACTION_RELOAD,
};

static const enum action_kind kind_of_snapshot[] = {
    [CLI_SNAPSHOT_START] = ACTION_SNAPSHOT,
    [CLI_SNAPSHOT_STOP] = ACTION_SNAPSHOT_STOP,
    [CLI_SNAPSHOT_PAUSE] = ACTION_SNAPSHOT_PAUSE,
    [CLI_SNAPSHOT_RESUME] = ACTION_SNAPSHOT_RESUME,
};

/* The one PostgreSQL source there is; with several, the person must say which. */
static const char *only_source(const struct pipeline *p)
{
    const char *name = NULL;
    for (size_t i = 0; i < p->nconnectors; i++) {
        if (p->connectors[i].facts->role != CONNECTOR_SOURCE_POSTGRES)
            continue;
        if (name != NULL)
            return NULL;
        name = p->connectors[i].base.name;
    }
    return name;
}

static struct action_args *args_of(const struct session *s, const struct cli_options *opts)
{
    enum action_kind kind = kind_of_verb[opts->verb];
    const char *target = opts->name;
    if (opts->verb == CLI_SNAPSHOT) {
        kind = kind_of_snapshot[opts->snapshot];
        target = opts->connector != NULL ? opts->connector
                                         : only_source(engine_pipeline(s->engine, s->index));
        if (target == NULL) {
            (void)fprintf(stderr,
                          "cdctop: name the source connector with --connector: there is not "
                          "exactly one\n");
            return NULL;
        }
    }
    struct action_args *args = action_args_new(kind, s->index, target);
    args->scope = opts->all_tasks ? RESTART_ALL : opts->task >= 0 ? RESTART_TASK : RESTART_FAILED;
    args->task = opts->task;
    args->blocking = opts->blocking;
    args->validate = opts->validate;
    if (opts->filter != NULL)
        args->filter = strdup(opts->filter);
    for (size_t i = 0; i < opts->ntables; i++)
        action_args_add_table(args, opts->tables[i]);
    args->signal_id = action_signal_id(clock_wall_ms());
    action_args_session(args, engine_world(s->engine));
    return args;
}

enum { LINE_SIZE = 2200, CLEAN_SIZE = 3 * LINE_SIZE }; /* a bad byte becomes three */

static void say(const char *text)
{
    char clean[CLEAN_SIZE];
    (void)puts(utf8_clean(clean, sizeof(clean), text, false));
}

static void refuse(const char *why)
{
    char clean[CLEAN_SIZE];
    (void)fprintf(stderr, "cdctop: refused: %s\n", utf8_clean(clean, sizeof(clean), why, false));
}

static void print_plan(const struct action_plan *plan)
{
    static const char *const marks[] = {
        [CHECK_OK] = "ok", [CHECK_WARN] = "warning", [CHECK_FAIL] = "refused"};
    char line[LINE_SIZE];
    say(plan->title);
    say(plan->summary);
    for (size_t i = 0; i < plan->nlines; i++) {
        (void)snprintf(line, sizeof(line), "  %-8s %s", plan->lines[i].label, plan->lines[i].text);
        say(line);
    }
    for (size_t i = 0; i < plan->nrequest; i++) {
        (void)snprintf(line, sizeof(line), "  request  %s", plan->request[i]);
        say(line);
    }
    for (size_t i = 0; i < plan->nchecks; i++) {
        (void)snprintf(line, sizeof(line), "  %-8s %s", marks[plan->checks[i].level],
                       plan->checks[i].text);
        say(line);
    }
}

/* Waits for a line at the terminal. The engine goes on meanwhile: what is confirmed is judged by
 * what the servers say then. False: a signal (Ctrl-C is blocked and comes as one) or the end. */
static bool read_line(struct session *s, char *line, size_t size)
{
    struct pollfd fds[3] = {
        {.fd = STDIN_FILENO,         .events = POLLIN},
        {.fd = s->signals,           .events = POLLIN},
        {.fd = engine_fd(s->engine), .events = POLLIN}
    };
    for (;;) {
        (void)poll(fds, 3, SESSION_STEP_MS);
        if ((fds[1].revents & POLLIN) != 0)
            return false;
        if (fds[0].revents != 0)
            break;
        (void)engine_step(s->engine);
    }
    if (fgets(line, (int)size, stdin) == NULL)
        return false;
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

/* --yes NAME, or typed at the terminal. Nothing else is a yes. */
static bool confirmed(struct session *s, const struct cli_options *opts, const char *target)
{
    char typed[300] = "";
    if (opts->yes != NULL) {
        if (strcmp(opts->yes, target) == 0)
            return true;
        (void)fprintf(stderr, "cdctop: --yes %s does not name %s: nothing was done\n", opts->yes,
                      target);
        return false;
    }
    if (!isatty(STDIN_FILENO)) {
        (void)fprintf(stderr, "cdctop: no terminal to ask at: give --yes %s\n", target);
        return false;
    }
    (void)printf("Type the name to do it: ");
    (void)fflush(stdout);
    if (!read_line(s, typed, sizeof(typed))) {
        (void)fprintf(stderr, "\ncdctop: no answer: nothing was done\n");
        return false;
    }
    if (strcmp(typed, target) == 0)
        return true;
    (void)fprintf(stderr, "cdctop: not the name: nothing was done\n");
    return false;
}

enum { SAY_AGAIN_MS = 10 * 1000 };

/* Follows the action; each new text is a line, one in which only the time went on now and then. */
static int follow(struct session *s, unsigned id)
{
    char last[sizeof((struct action_status){0}.text)] = "";
    struct action_status st = {0};
    int64_t said_ms = 0;
    while (engine_action(s->engine, id, &st)) {
        int64_t now = clock_mono_ms();
        bool due = action_done(st.state) || now - said_ms >= SAY_AGAIN_MS;
        if (due ? strcmp(last, st.text) != 0 : !human_same_words(last, st.text)) {
            (void)snprintf(last, sizeof(last), "%s", st.text);
            said_ms = now;
            say(st.text);
            (void)fflush(stdout);
        }
        if (action_done(st.state))
            break;
        if (!session_wait(s)) {
            (void)fprintf(stderr, "cdctop: stopped watching; what was sent stays sent\n");
            return EXIT_NOT_DONE;
        }
    }
    return st.state == ACTION_WORKED ? 0 : EXIT_NOT_DONE;
}

static int do_it(struct session *s, const struct cli_options *opts, struct action_args *args)
{
    struct arena *arena = arena_new();
    const struct pipeline *p = engine_pipeline(s->engine, s->index);
    struct action_plan *plan = action_plan(args, engine_world(s->engine), p, arena);
    print_plan(plan);
    int code = EXIT_NOT_DONE;
    struct err err = ERR_INIT;
    unsigned id = 0;
    if (!plan->allowed)
        refuse(plan->why_not);
    else if (opts->dry_run)
        code = 0;
    else if (confirmed(s, opts, args->target)) {
        id = engine_submit(s->engine, args, &err);
        if (id == 0)
            refuse(err.text);
        else
            code = follow(s, id);
    }
    arena_free(arena);
    return code;
}

int headless_do(struct config *config, const struct cli_options *opts, struct backend from)
{
    struct session s;
    if (!session_open(&s, config, opts, from))
        return EXIT_NOT_DONE;
    int code = EXIT_NOT_DONE;
    if (session_settle(&s, SESSION_WAIT_MS)) {
        struct action_args *args = args_of(&s, opts);
        code = args != NULL ? do_it(&s, opts, args) : EXIT_MISUSE;
        action_args_free(args);
    }
    return session_close(&s, code);
}
