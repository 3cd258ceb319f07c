/* main.c: from the command line to a running program.
 *
 * A map, in the way of the data:
 *   core/source   one thread per server asks it and makes a snapshot of what it saw
 *   core/model    world (the newest snapshots), pipeline (who belongs to whom), series (rates)
 *   core/diagnosis  rules that turn a pipeline into findings
 *   core/action   what can be done to a server: plan, send, verdict, audit
 *   core/engine   starts and stops all of that: the only door for a front end
 *   core/report   status as text and JSON
 * and in the front end:
 *   run           the loop between engine, app and screen; run_engine: the engine behind it
 *   app, state    the UI as a pure machine, and what it remembers
 *   command*      everything that can be done, as a table; keymap: its keys
 *   view/         what fills the screen; dialog/: what lies over it
 *   draw/         canvas, styles and themes, tables, pages of text, boxes, sparklines
 *   term/         the terminal (the only place that knows curses), the sleep, the crash handler
 *   headless      status, check, config, do and record, without a screen; dump: one screen, printed
 */
#include "base/log.h"
#include "base/mem.h"
#include "config/cli.h"
#include "config/print.h"
#include "demo/demo.h"
#include "record/reel.h"
#include "record/replay.h"
#include "tui/command.h"
#include "tui/draw/theme.h"
#include "tui/dump.h"
#include "tui/headless.h"
#include "tui/run.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum { EXIT_CONFIG = 2 };

/* What init asks when nobody names a worker: Connect's own default. */
static const char default_connect[] = "http://localhost:8083";

/* A heap of its own for each of some fifteen threads that mostly sleep would cost megabytes. */
static void keep_small(void)
{
    (void)mallopt(M_ARENA_MAX, 2);
}

/* Passwords are in memory: neither a core file nor another process of this user may read it. */
static void guard_memory(void)
{
    struct rlimit none = {0, 0};
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
}

static int print_owned(char *text)
{
    bool ok = fputs(text, stdout) >= 0;
    free(text);
    return ok && fflush(stdout) == 0 ? 0 : 1;
}

static struct config *load(const struct cli_options *opts, const struct demo *demo)
{
    struct config_problems problems = {0};
    struct config_flags flags = opts->flags;
    flags.words = command_words();
    struct config *config =
        demo != NULL ? demo_config(demo, &flags, &problems) : config_load(&flags, &problems);
    for (size_t i = 0; i < problems.count; i++) {
        const struct config_problem *p = &problems.items[i];
        (void)fprintf(stderr, "cdctop: %s%s\n", p->warning ? "warning: " : "", p->text);
        if (p->warning) /* the screen soon covers standard error */
            log_put(LOG_WARN, "%s", p->text);
    }
    config_problems_free(&problems);
    return config;
}

static bool open_log(const struct config *config)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    enum log_level level = LOG_INFO;
    struct err err = ERR_INIT;
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (strcmp(config->log_level, levels[i]) == 0)
            level = (enum log_level)i;
    if (log_open(config->log_file[0] != '\0' ? config->log_file : NULL, level, &err))
        return true;
    (void)fprintf(stderr, "cdctop: %s\n", err.text);
    return false;
}

static int say_what_to_give(void)
{
    (void)fputs(
        "cdctop: no pipeline is configured. Give what there is of it:\n\n"
        "  cdctop --pg 'host=… dbname=… user=…' --kafka HOST:PORT --connect http://HOST:8083 "
        "--s3 s3://BUCKET\n\n"
        "or have a configuration written from what is found there:\n\n"
        "  cdctop init --connect http://HOST:8083\n"
        "  cdctop init --aws\n\n"
        "or write it down once:\n\n"
        "  mkdir -p ~/.config/cdctop && cdctop --print-config > "
        "~/.config/cdctop/config.toml\n\n"
        "cdctop --help has the rest.\n",
        stderr);
    return EXIT_CONFIG;
}

/* Where the answers come from: servers, if there is neither. */
struct origin {
    struct demo *demo;
    struct reel *reel;
    struct tour *tour; /* of the demo; NULL: it is none */
};

static struct backend backend_of(const struct origin *origin)
{
    return origin->demo != NULL   ? demo_backend(origin->demo)
           : origin->reel != NULL ? replay_backend(origin->reel)
                                  : live_backend();
}

static const char *demo_name(const struct origin *origin)
{
    return origin->demo != NULL ? demo_scenario(origin->demo)->title : NULL;
}

static int run_tui(const struct config *config, const struct cli_options *opts,
                   const struct origin *origin)
{
    struct theme theme;
    struct err err = ERR_INIT;
    if (!theme_load(&theme, config->theme, &err)) {
        (void)fprintf(stderr, "cdctop: %s\n", err.text);
        return EXIT_CONFIG;
    }
    const char *no_color = getenv("NO_COLOR");
    const struct run_options options = {.config = config,
                                        .pipeline = opts->flags.pipeline,
                                        .at = opts->at,
                                        .ascii = run_ascii(config),
                                        .no_color = no_color != NULL && no_color[0] != '\0'};
    struct run_engine *engine = run_engine_new(config, backend_of(origin));
    run_engine_reel(engine, origin->reel);
    run_engine_demo(engine, demo_name(origin), origin->tour);
    struct run_source source = run_engine_source(engine);
    return run_loop(&options, &source);
}

static int run_dump(const struct config *config, const struct cli_options *opts,
                    const struct origin *origin)
{
    /* A picture is not bound to what this terminal can show. */
    bool ascii =
        strcmp(opts->dump, "svg") == 0 ? strcmp(config->glyphs, "ascii") == 0 : run_ascii(config);
    const struct dump_options options = {.config = config,
                                         .pipeline = opts->flags.pipeline,
                                         .ascii = ascii,
                                         .form = opts->dump,
                                         .size = opts->size,
                                         .keys = opts->keys,
                                         .at = opts->at,
                                         .demo = demo_name(origin),
                                         .reel = origin->reel,
                                         .tour = origin->tour};
    return dump_run(&options, backend_of(origin));
}

static int run_command(struct config *config, const struct cli_options *opts,
                       const struct origin *origin)
{
    bool needs_servers = opts->command != CLI_PRINT_CONFIG && opts->command != CLI_INIT;
    if (needs_servers && config->npipelines == 0)
        return say_what_to_give();
    switch (opts->command) {
    case CLI_TUI:
        return opts->dump != NULL ? run_dump(config, opts, origin) : run_tui(config, opts, origin);
    case CLI_STATUS: return headless_status(config, opts, backend_of(origin));
    case CLI_CHECK: return headless_check(config, opts, backend_of(origin));
    case CLI_INIT: return headless_init(config, opts);
    case CLI_CONFIG: return headless_config(config, opts, backend_of(origin));
    case CLI_DO: return headless_do(config, opts, backend_of(origin));
    case CLI_RECORD: return headless_record(config, opts, backend_of(origin));
    case CLI_PRINT_CONFIG: return print_owned(config_print(config));
    case CLI_VERSION:
    case CLI_HELP:
    case CLI_COMMAND_COUNT: break;
    }
    return EXIT_CONFIG;
}

/* Whoever waits for one answer need not wait for the time that it takes. */
static struct demo *open_demo(const struct cli_options *opts, struct err *err)
{
    const struct config_flags *f = &opts->flags;
    bool servers = f->config_path != NULL || f->pg != NULL || f->kafka != NULL ||
                   f->connect != NULL || f->s3 != NULL;
    if (servers || opts->command == CLI_INIT) {
        err_set(err, ERR_CONFIG, 0, "--demo asks no server: it stands without %s",
                opts->command == CLI_INIT ? "init" : "--config, --pg, --kafka, --connect and --s3");
        return NULL;
    }
    bool waits = opts->command != CLI_TUI && !opts->watch;
    const struct demo_options options = {.what = opts->demo[0] != '\0' ? opts->demo : NULL,
                                         .seed = (uint64_t)opts->demo_seed,
                                         .speed = opts->demo_speed,
                                         .stepped = waits || opts->dump != NULL};
    return demo_open(&options, err);
}

int main(int argc, char **argv)
{
    struct cli_options opts;
    struct err err = ERR_INIT;
    guard_memory();
    keep_small();
    if (!cli_parse(argc, argv, &opts, &err)) {
        (void)fprintf(stderr, "cdctop: %s\n", err.text);
        return CLI_EXIT_MISUSE;
    }
    if (opts.command == CLI_VERSION) {
        (void)puts("cdctop " CDCTOP_VERSION);
        return 0;
    }
    if (opts.command == CLI_HELP)
        return print_owned(cli_help(opts.help_about));
    /* Its file is about to be written: an older one of another pipeline says nothing about it. */
    opts.flags.no_file = opts.command == CLI_INIT;
    if (opts.flags.no_file && opts.flags.connect == NULL && opts.flags.config_path == NULL &&
        !opts.flags.aws)
        opts.flags.connect = default_connect;
    if (opts.demo != NULL && strcmp(opts.demo, "list") == 0)
        return print_owned(demo_list());
    struct demo *demo = NULL;
    if (opts.demo != NULL && (demo = open_demo(&opts, &err)) == NULL) {
        (void)fprintf(stderr, "cdctop: %s\n", err.text);
        return CLI_EXIT_MISUSE;
    }
    struct config *config = load(&opts, demo);
    config_scrub_argv(argc, argv);
    if (config == NULL)
        return EXIT_CONFIG;
    struct origin origin = {.demo = demo,
                            .tour = demo != NULL ? tour_new(demo_scenario(demo)) : NULL};
    bool ok = open_log(config);
    if (ok && opts.replay != NULL) {
        origin.reel = reel_open(opts.replay, config, &err);
        ok = origin.reel != NULL;
        if (!ok)
            (void)fprintf(stderr, "cdctop: %s\n", err.text);
    }
    int rc = ok ? run_command(config, &opts, &origin) : EXIT_CONFIG;
    log_close();
    reel_close(origin.reel);
    config_free(config);
    tour_free(origin.tour);
    demo_free(demo);
    return rc;
}
