/* status and do: the engine without a screen. Both poll faster than a screen would, because
 * somebody (or a script) waits for one answer. */
#include "tui/headless.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/utf8.h"
#include "engine.h"
#include "model/connector_facts.h"
#include "report/report.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
    FAST_MS = 500,
    DEFAULT_WAIT_MS = 10 * 1000,
    EXIT_MISUSE = 2,
    EXIT_NOT_DONE = 1,
    MAX_STEP_MS = 250,
    STOP_WAIT_MS = 500,
};

struct session {
    struct engine *engine;
    int signals; /* signalfd: INT, TERM, HUP end the wait */
    size_t index;
    int64_t interval_ms; /* as it was configured */
    int out;             /* its reader's leaving ends the session; -1: it does not */
};

static bool session_open(struct session *s, struct config *config, const struct cli_options *opts)
{
    struct err err = ERR_INIT;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    s->index = 0;
    s->out = opts->watch ? STDOUT_FILENO : -1;
    for (size_t i = 0; opts->flags.pipeline != NULL && i < config->npipelines; i++) {
        if (strcmp(config->pipelines[i].name, opts->flags.pipeline) == 0)
            s->index = i;
    }
    s->interval_ms = config->interval_ms;
    if (config->interval_ms > FAST_MS)
        config->interval_ms = FAST_MS;
    s->engine = engine_start(config, &err);
    if (s->engine == NULL)
        (void)fprintf(stderr, "cdctop: %s\n", err.text);
    return s->engine != NULL;
}

/* Waits for news. False: a signal asked us to end, or nobody reads what we print. */
static bool session_wait(struct session *s)
{
    struct pollfd fds[3] = {
        {.fd = engine_fd(s->engine), .events = POLLIN},
        {.fd = s->signals,           .events = POLLIN},
        {.fd = s->out,               .events = 0     }
    };
    (void)poll(fds, 3, MAX_STEP_MS);
    if ((fds[1].revents & POLLIN) != 0 || (fds[2].revents & (POLLERR | POLLHUP)) != 0)
        return false;
    (void)engine_step(s->engine);
    return true;
}

static int session_close(struct session *s, int code)
{
    (void)fflush(stdout);
    if (!engine_stop(s->engine, STOP_WAIT_MS))
        _exit(code); /* a thread hangs in a library: no destructors under its feet */
    return code;
}

/* Every configured source has failed, or has answered several times (what one says decides what the
 * next is asked), and S3 has found its newest objects. */
static bool settled(const struct world *w, size_t index, const struct pipeline *p)
{
    bool any = false;
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        const struct source_slot *s = &w->pipelines[index].sources[k];
        if (!s->configured)
            continue;
        any = true;
        if (s->snap == NULL && s->failures > 0)
            continue;
        if (s->polls < 2 || (s->polls < 4 && s->failures == 0))
            return false;
    }
    for (size_t i = 0; i < p->nprefixes; i++) {
        if (!p->prefixes[i].prefix->complete && p->prefixes[i].prefix->error == NULL)
            return false;
    }
    return any;
}

static bool session_settle(struct session *s, int64_t wait_ms)
{
    int64_t deadline = clock_mono_ms() + wait_ms;
    while (clock_left_ms(deadline) > 0 &&
           !settled(engine_world(s->engine), s->index, engine_pipeline(s->engine, s->index))) {
        if (!session_wait(s))
            return false;
    }
    return true;
}

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

/* The pipelines that were asked for, from *first to before *end. */
static void chosen(const struct session *s, const struct config *config,
                   const struct cli_options *opts, size_t *first, size_t *end)
{
    *first = opts->flags.pipeline != NULL ? s->index : 0;
    *end = opts->flags.pipeline != NULL ? s->index + 1 : config->npipelines;
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

int headless_status(struct config *config, const struct cli_options *opts)
{
    struct session s;
    if (!session_open(&s, config, opts))
        return report_exit_code(VERDICT_UNKNOWN);
    int64_t wait = opts->wait_ms > 0 ? opts->wait_ms : DEFAULT_WAIT_MS;
    enum verdict worst = VERDICT_NONE;
    size_t first, end;
    bool on = true;
    chosen(&s, config, opts, &first, &end);
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
    if (opts->filter != NULL)
        args->filter = strdup(opts->filter);
    for (size_t i = 0; i < opts->ntables; i++)
        action_args_add_table(args, opts->tables[i]);
    args->signal_id = action_signal_id(clock_wall_ms());
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
        (void)poll(fds, 3, MAX_STEP_MS);
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

/* Follows the action; each new text is a line. */
static int follow(struct session *s, unsigned id)
{
    char last[sizeof((struct action_status){0}.text)] = "";
    struct action_status st = {0};
    while (engine_action(s->engine, id, &st)) {
        if (strcmp(last, st.text) != 0) {
            (void)snprintf(last, sizeof(last), "%s", st.text);
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

int headless_do(struct config *config, const struct cli_options *opts)
{
    struct session s;
    if (!session_open(&s, config, opts))
        return EXIT_NOT_DONE;
    int code = EXIT_NOT_DONE;
    if (session_settle(&s, DEFAULT_WAIT_MS)) {
        struct action_args *args = args_of(&s, opts);
        code = args != NULL ? do_it(&s, opts, args) : EXIT_MISUSE;
        action_args_free(args);
    }
    return session_close(&s, code);
}
