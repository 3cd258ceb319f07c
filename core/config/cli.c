#include "config/cli.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "config/cli_int.h"
#include "config/values.h"
#include "theme_names.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define O(field) offsetof(struct cli_options, field)

/* clang-format off */
const struct cli_flag cli_flags[] = {
    {"--config", NULL, "FILE", IN_ALL, FLAG_TEXT, O(flags.config_path),
     "read this configuration and no other"},
    {"--pipeline", NULL, "NAME", IN_ALL, FLAG_TEXT, O(flags.pipeline),
     "begin with this pipeline of the configuration"},
    {"--pg", NULL, "CONNINFO|URL", IN_ALL, FLAG_TEXT, O(flags.pg),
     "the database, as for psql: postgresql://USER@HOST/DATABASE or \"host=… dbname=…\""},
    {"--kafka", NULL, "HOST:PORT,…", IN_ALL, FLAG_TEXT, O(flags.kafka), "brokers to begin with"},
    {"--connect", NULL, "URL,…", IN_ALL, FLAG_TEXT, O(flags.connect), "workers of Kafka Connect"},
    {"--s3", NULL, "s3://BUCKET[/PREFIX]", IN_ALL, FLAG_TEXT, O(flags.s3), "where the sink writes"},
    {"--region", NULL, "REGION", IN_ALL, FLAG_TEXT, O(flags.region),
     "of AWS; without: as the AWS CLI finds it (init asks AWS then, as with --aws)"},
    {"--profile", NULL, "NAME", IN_ALL, FLAG_TEXT, O(flags.profile),
     "of ~/.aws/config: who we are at AWS; without: keys or role as the CLI finds them (init: --aws too)"},
    {"--read-only", NULL, NULL, IN_ALL, FLAG_ON, O(flags.read_only),
     "refuse every action that would change something"},
    {"--interval", NULL, "DURATION", IN_ALL, FLAG_TEXT, O(flags.interval),
     "how often the servers are asked: 2s, 500ms, 1m"},
    {"--theme", NULL, "NAME|PATH", IN_ALL, FLAG_TEXT, O(flags.theme),
     "colours: " THEME_NAMES ", or a theme file"},
    {"--ascii", NULL, NULL, IN_ALL, FLAG_ON, O(flags.ascii), "draw with ASCII only"},
    {"--mouse", NULL, NULL, IN_TUI, FLAG_ON, O(flags.mouse),
     "take clicks and the wheel (Ctrl-T turns that on and off)"},
    {"--dump", NULL, "[=svg]", IN_TUI, FLAG_TEXT, O(dump),
     "print the screen of a demo or a recording, as text or as a picture, and end"},
    {"--size", NULL, "COLUMNSxROWS", IN_TUI, FLAG_TEXT, O(size), "how large it is (default 120x36)"},
    {"--keys", NULL, "KEYS", IN_TUI, FLAG_TEXT, O(keys),
     "keys to press before: as typed, <Enter>, <Esc>, <Ctrl-R> …, <wait 5s> lets time go on"},
    {"--at", NULL, "TIME|DURATION", IN_TUI | IN_REPORT, FLAG_TEXT, O(at),
     "the moment: since its beginning (90s) or of its clock (2026-11-20T14:03:22Z)"},
    {"--replay", NULL, "FILE", IN_TUI | IN_REPORT | IN_RECORD, FLAG_TEXT, O(replay),
     "show a recording instead of real servers"},
    {"--log", NULL, "FILE", IN_ALL, FLAG_TEXT, O(flags.log_file), "write a log to this file"},
    {"--demo", NULL, "[=SCENARIO|FILE]", IN_ALL, FLAG_TEXT, O(demo),
     "show a simulated pipeline instead of real servers (--demo=list: which)"},
    {"--demo-seed", NULL, "NUMBER", IN_ALL, FLAG_SEED, O(demo_seed),
     "another one makes another world of the same scenario"},
    {"--demo-speed", NULL, "FACTOR", IN_ALL, FLAG_SPEED, O(demo_speed),
     "how fast its time goes, from 0.1 to 1000 (default 1)"},
    {"--print-config", NULL, NULL, IN_ALL, FLAG_COMMAND, CLI_PRINT_CONFIG,
     "print the configuration that is in force, secrets masked"},
    {"--version", "-V", NULL, IN_ALL, FLAG_COMMAND, CLI_VERSION, "print the version"},
    {"--help", "-h", NULL, IN_ALL, FLAG_COMMAND, CLI_HELP, "print this help"},

    {"--json", NULL, NULL, IN_REPORT, FLAG_ON, O(json), "everything, as one JSON document"},
    {"--watch", NULL, NULL, IN_STATUS, FLAG_ON, O(watch),
     "such a document a line for every refresh, until a signal or a closed pipe ends it"},
    {"--junit", NULL, "FILE|-", IN_CHECK, FLAG_TEXT, O(junit),
     "write JUnit XML to this file, or to standard output instead of the text"},
    {"--aws", NULL, NULL, IN_INIT, FLAG_ON, O(flags.aws),
     "ask AWS, beside --connect if that is given: MSK Connect, DMS, MSK, RDS"},
    {"--connectors", NULL, "GLOB,…", IN_INIT, FLAG_TEXT, O(flags.connectors),
     "only these connectors, and tasks of DMS: 'shop-*,!shop-test'"},
    {"--output", NULL, "FILE", IN_INIT, FLAG_TEXT, O(output),
     "where to write it; - prints it; without: ~/.config/cdctop/config.toml"},
    {"--force", NULL, NULL, IN_INIT, FLAG_ON, O(force), "overwrite the file if it is there"},
    {"--wait", NULL, "SECONDS", IN_READING, FLAG_WAIT, O(wait_ms),
     "how long to wait until every server has answered or failed once (default 10)"},

    {"--for", NULL, "DURATION", IN_RECORD, FLAG_FOR, O(for_ms),
     "end after this time; without: at a signal (Ctrl-C)"},
    {"--redact", NULL, NULL, IN_RECORD, FLAG_ON, O(redact),
     "made-up words in place of names, and no free texts"},

    {"--dry-run", NULL, NULL, IN_DO, FLAG_ON, O(dry_run),
     "print the exact request and send nothing"},
    {"--yes", NULL, "NAME", IN_DO, FLAG_TEXT, O(yes),
     "confirm by name, in place of typing it when asked"},
    {"--task", NULL, "N", IN_RESTART, FLAG_TASK, O(task), "this task only"},
    {"--all", NULL, NULL, IN_RESTART | IN_RELOAD, FLAG_ON, O(all_tasks),
     "all tasks, not only the failed ones; all tables"},
    {"--validate-only", NULL, NULL, IN_RELOAD, FLAG_ON, O(validate),
     "compare the rows of the tables again, send nothing"},
    {"--connector", NULL, "NAME", IN_SNAPSHOT, FLAG_TEXT, O(connector),
     "the source connector; needed when there are several"},
    {"--blocking", NULL, NULL, IN_SNAPSHOT, FLAG_ON, O(blocking),
     "stop streaming meanwhile, instead of an incremental snapshot"},
    {"--filter", NULL, "CONDITION", IN_SNAPSHOT, FLAG_TEXT, O(filter),
     "only the rows that meet this SQL condition"},
    {"--stop", NULL, NULL, IN_SNAPSHOT, FLAG_SNAPSHOT, CLI_SNAPSHOT_STOP,
     "end the running snapshot, or take the TABLEs out of it"},
    {"--pause", NULL, NULL, IN_SNAPSHOT, FLAG_SNAPSHOT, CLI_SNAPSHOT_PAUSE,
     "halt the running snapshot"},
    {"--resume", NULL, NULL, IN_SNAPSHOT, FLAG_SNAPSHOT, CLI_SNAPSHOT_RESUME,
     "continue the halted snapshot"},
};

const struct cli_verb_row cli_verbs[CLI_VERB_COUNT] = {
    [CLI_RESTART] = {"restart", "restart CONNECTOR [--task N | --all]",
                     "restart the failed tasks of a connector", IN_RESTART},
    [CLI_PAUSE] = {"pause", "pause CONNECTOR", "pause a connector; its tasks stay assigned", IN_DO},
    [CLI_RESUME] = {"resume", "resume CONNECTOR", "continue a paused or stopped connector, or DMS task", IN_DO},
    [CLI_STOP] = {"stop", "stop CONNECTOR", "stop a connector and shut down its tasks, or a DMS task", IN_DO},
    [CLI_DROP_SLOT] = {"drop-slot", "drop-slot SLOT",
                       "drop a stale replication slot for good", IN_DO},
    [CLI_SNAPSHOT] = {"snapshot", "snapshot [--connector NAME] TABLE…",
                      "read tables again, while changes go on; or steer that", IN_SNAPSHOT},
    [CLI_TERMINATE] = {"terminate", "terminate PID",
                       "end the database session that holds a slot or a snapshot back", IN_DO},
    [CLI_START] = {"start", "start TASK", "start a DMS task for the first time, or continue it", IN_DO},
    [CLI_RELOAD] = {"reload", "reload TASK TABLE… | reload TASK --all",
                    "load tables of a DMS task again; --all: every table, from a stop", IN_RELOAD},
};

const struct cli_command_row cli_commands[CLI_COMMAND_COUNT] = {
    [CLI_TUI] = {NULL, "cdctop [FLAGS]", "watch a pipeline, and act on it", IN_ALL | IN_TUI},
    [CLI_STATUS] = {"status", "cdctop status [--json | --watch] [--wait SECONDS] [FLAGS]",
                    "print the state of the pipeline; exit 0 ok, 1 warning, 2 critical, 3 unknown",
                    IN_ALL | IN_STATUS | IN_REPORT | IN_READING},
    [CLI_CHECK] = {"check", "cdctop check [--json] [--junit FILE] [--wait SECONDS] [FLAGS]",
                   "see whether the pipeline is set up to hold; exit 0 ok, 1 warning, 2 failed, 3 "
                   "unknown",
                   IN_ALL | IN_CHECK | IN_REPORT | IN_READING},
    [CLI_INIT] = {"init", "cdctop init [--connect URL] [--aws | --region REGION] [--output FILE] [--force] [FLAGS]",
                  "write a configuration from what Kafka Connect or AWS tells (without both: http://localhost:8083)",
                  IN_ALL | IN_INIT | IN_READING},
    [CLI_CONFIG] = {"config", "cdctop config CONNECTOR [--wait SECONDS] [FLAGS]",
                    "print a connector's config as JSON, to create it anew from; secrets masked",
                    IN_ALL | IN_READING},
    [CLI_DO] = {"do", "cdctop do VERB NAME… [--dry-run] [--yes NAME] [FLAGS]",
                "act; exit 0 only when the effect was seen",
                IN_ALL | IN_DO | IN_RESTART | IN_SNAPSHOT | IN_RELOAD},
    [CLI_RECORD] = {"record", "cdctop record FILE [--for DURATION] [--redact] [FLAGS]",
                    "write what the servers say to a new file, for --replay; NAME.zst is compressed",
                    IN_ALL | IN_RECORD},
    [CLI_PRINT_CONFIG] = {NULL, "cdctop --print-config [FLAGS]", NULL, IN_ALL},
    [CLI_VERSION] = {NULL, "cdctop --version", NULL, IN_ALL},
    [CLI_HELP] = {"help", "cdctop [COMMAND] --help", "print this help", IN_ALL},
};
const size_t cli_nflags = ARRAY_LEN(cli_flags);
/* clang-format on */
static_assert(CLI_COMMAND_COUNT == 10 && CLI_VERB_COUNT == 9, "a new one needs a row above");

struct parse {
    struct cli_options *out;
    struct err *err;
    const char *words[CLI_MAX_TABLES + 2]; /* what is not a flag */
    size_t nwords;
    bool seen[ARRAY_LEN(cli_flags)];
};

static bool misuse(const struct parse *parse, const char *what, const char *word,
                   const char *nearest)
{
    char clean[120];
    /* psql takes an address as a plain word; here it is a slip, and a password may stand in it. */
    bool address = strstr(word, "://") != NULL || (word[0] != '-' && strchr(word, '=') != NULL);
    (void)utf8_clean(clean, sizeof(clean), address ? "an address without its flag" : word, false);
    if (nearest != NULL)
        return err_set(parse->err, ERR_CONFIG, 0, "%s: %s; did you mean %s?", clean, what, nearest);
    return err_set(parse->err, ERR_CONFIG, 0, "%s: %s", clean, what);
}

static bool unknown_flag(const struct parse *parse, const char *word)
{
    const char *names[ARRAY_LEN(cli_flags)];
    char name[64];
    (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
    for (size_t i = 0; i < ARRAY_LEN(cli_flags); i++)
        names[i] = cli_flags[i].name;
    return misuse(parse, "there is no such flag", name,
                  value_nearest(name, names, ARRAY_LEN(cli_flags)));
}

static bool set_speed(const struct parse *parse, const struct cli_flag *flag, const char *value,
                      double *field)
{
    char *end = NULL;
    *field = value != NULL ? strtod(value, &end) : 0;
    if (end == NULL || end == value || *end != '\0' || !(*field >= 0.1 && *field <= 1000))
        return misuse(parse, "a factor from 0.1 to 1000 is wanted", flag->name, NULL);
    return true;
}

static bool set_flag(const struct parse *parse, const struct cli_flag *flag, const char *value)
{
    void *field = (char *)parse->out + flag->offset;
    int64_t n;
    switch (flag->kind) {
    case FLAG_TEXT: *(const char **)field = value; return true;
    case FLAG_SEED:
        if (!value_integer(value, &n) || n < 1)
            return misuse(parse, "a number from 1 on is wanted", flag->name, NULL);
        *(int64_t *)field = n;
        return true;
    case FLAG_SPEED: return set_speed(parse, flag, value, field);
    case FLAG_ON: *(bool *)field = true; return true;
    case FLAG_TASK:
        if (!value_integer(value, &n) || n < 0 || n > 10000)
            return misuse(parse, "the number of a task is wanted, from 0 on", flag->name, NULL);
        *(int *)field = (int)n;
        return true;
    case FLAG_WAIT:
        if (value_integer(value, &n) && n >= 0 && n <= 3600)
            n *= 1000;
        else if (!value_duration(value, &n) || n > 3600000)
            return misuse(parse, "seconds are wanted, from 0 to 3600", flag->name, NULL);
        *(int64_t *)field = n;
        return true;
    case FLAG_FOR:
        if (!value_duration(value, &n) || n < 1000)
            return misuse(parse, "a duration from 1s on is wanted", flag->name, NULL);
        *(int64_t *)field = n;
        return true;
    case FLAG_SNAPSHOT:
        if (parse->out->snapshot != CLI_SNAPSHOT_START)
            return misuse(parse, "only one of --stop, --pause, --resume", flag->name, NULL);
        parse->out->snapshot = (enum cli_snapshot)flag->offset;
        return true;
    case FLAG_COMMAND:
        /* Help wins over everything: whoever asks for it gets it. */
        if (parse->out->command != CLI_HELP)
            parse->out->command = (enum cli_command)flag->offset;
        return true;
    }
    return true;
}

/* argv[*i] begins with a dash. */
static bool take_flag(struct parse *parse, int argc, char *const *argv, int *i)
{
    const char *word = argv[*i];
    size_t n = strcspn(word, "=");
    for (size_t k = 0; k < ARRAY_LEN(cli_flags); k++) {
        const struct cli_flag *flag = &cli_flags[k];
        bool is_letter = flag->letter != NULL && strcmp(word, flag->letter) == 0;
        if (!is_letter && (strlen(flag->name) != n || strncmp(word, flag->name, n) != 0))
            continue;
        const char *value = word[n] == '=' ? word + n + 1 : NULL;
        if (value == NULL && flag->argument != NULL && flag->argument[0] == '[')
            value = ""; /* it may be left out, and then nothing that follows is it */
        if (flag->argument == NULL && value != NULL)
            return misuse(parse, "it takes no value", flag->name, NULL);
        if (flag->argument != NULL && value == NULL) {
            if (*i + 1 >= argc || strncmp(argv[*i + 1], "--", 2) == 0) {
                char what[80];
                (void)snprintf(what, sizeof(what), "%s is missing behind it", flag->argument);
                return misuse(parse, what, flag->name, NULL);
            }
            value = argv[++*i];
        }
        parse->seen[k] = true;
        return set_flag(parse, flag, value);
    }
    return unknown_flag(parse, word);
}

static bool take_words(struct parse *parse, int argc, char *const *argv)
{
    bool flags = true;
    for (int i = 1; i < argc; i++) {
        if (flags && strcmp(argv[i], "--") == 0) {
            flags = false;
        } else if (flags && argv[i][0] == '-' && argv[i][1] != '\0') {
            if (!take_flag(parse, argc, argv, &i))
                return false;
        } else if (parse->nwords == ARRAY_LEN(parse->words)) {
            return misuse(parse, "too many words", argv[i], NULL);
        } else {
            parse->words[parse->nwords++] = argv[i];
        }
    }
    return true;
}

static bool find_command(const struct parse *parse, enum cli_command *command)
{
    const char *names[CLI_COMMAND_COUNT];
    size_t count = 0;
    *command = CLI_TUI;
    if (parse->nwords == 0)
        return true;
    for (size_t i = 0; i < CLI_COMMAND_COUNT; i++) {
        if (cli_commands[i].name == NULL)
            continue;
        names[count++] = cli_commands[i].name;
        if (strcmp(cli_commands[i].name, parse->words[0]) == 0) {
            *command = (enum cli_command)i;
            return true;
        }
    }
    return misuse(parse, "there is no such command", parse->words[0],
                  value_nearest(parse->words[0], names, count));
}

static bool check_scope(const struct parse *parse, unsigned scopes, const char *where)
{
    for (size_t k = 0; k < ARRAY_LEN(cli_flags); k++) {
        if (parse->seen[k] && (cli_flags[k].scope & scopes) == 0) {
            char what[80];
            (void)snprintf(what, sizeof(what), "it does not belong to %s", where);
            return misuse(parse, what, cli_flags[k].name, NULL);
        }
    }
    return true;
}

static bool check_snapshot(const struct parse *parse)
{
    const struct cli_options *out = parse->out;
    bool start = out->snapshot == CLI_SNAPSHOT_START;
    if (start && out->ntables == 0)
        return misuse(parse, "at least one TABLE is wanted, as SCHEMA.TABLE", "snapshot", NULL);
    if (!start && (out->blocking || out->filter != NULL))
        return misuse(parse, "--blocking and --filter are for a new snapshot", "snapshot", NULL);
    if (out->ntables > 0 &&
        (out->snapshot == CLI_SNAPSHOT_PAUSE || out->snapshot == CLI_SNAPSHOT_RESUME))
        return misuse(parse, "the whole snapshot is halted or continued, not one TABLE",
                      out->tables[0], NULL);
    return true;
}

static bool take_reload(const struct parse *parse)
{
    struct cli_options *out = parse->out;
    out->ntables = parse->nwords - 3;
    memcpy(out->tables, parse->words + 3, out->ntables * sizeof(*out->tables));
    if (out->ntables == 0 && !out->all_tasks)
        return misuse(parse, "at least one TABLE is wanted, as SCHEMA.TABLE, or --all", "reload",
                      NULL);
    if (out->all_tasks && (out->ntables > 0 || out->validate))
        return misuse(parse, "--all stands alone", out->ntables > 0 ? out->tables[0] : "reload",
                      NULL);
    return true;
}

static bool parse_do(struct parse *parse)
{
    struct cli_options *out = parse->out;
    const char *names[CLI_VERB_COUNT];
    size_t verb = 0;
    for (size_t i = 0; i < CLI_VERB_COUNT; i++)
        names[i] = cli_verbs[i].name;
    if (parse->nwords < 2)
        return misuse(
            parse,
            "a verb is missing (restart, pause, resume, stop, drop-slot, snapshot, terminate, "
            "start, reload)",
            "do", NULL);
    while (verb < CLI_VERB_COUNT && strcmp(names[verb], parse->words[1]) != 0)
        verb++;
    if (verb == CLI_VERB_COUNT)
        return misuse(parse, "there is no such verb", parse->words[1],
                      value_nearest(parse->words[1], names, CLI_VERB_COUNT));
    out->verb = (enum cli_verb)verb;
    if (!check_scope(parse, IN_ALL | IN_DO | cli_verbs[verb].scope, names[verb]))
        return false;
    if (verb == CLI_SNAPSHOT) {
        out->ntables = parse->nwords - 2;
        memcpy(out->tables, parse->words + 2, out->ntables * sizeof(*out->tables));
        return check_snapshot(parse);
    }
    if (parse->nwords < 3 || *parse->words[2] == '\0')
        return misuse(parse,
                      verb == CLI_DROP_SLOT   ? "the name of a slot is missing"
                      : verb == CLI_TERMINATE ? "the pid of a session is missing"
                                              : "the name of a connector is missing",
                      names[verb], NULL);
    out->name = parse->words[2];
    if (verb == CLI_RELOAD)
        return take_reload(parse);
    if (parse->nwords > 3)
        return misuse(parse, "one name at a time", parse->words[3], NULL);
    if (out->all_tasks && out->task >= 0)
        return misuse(parse, "--task and --all exclude each other", "restart", NULL);
    return true;
}

/* What only makes sense beside something else, or without it. */
static bool check_together(const struct parse *parse)
{
    const struct cli_options *out = parse->out;
    if (out->dump == NULL && (out->size != NULL || out->keys != NULL))
        return misuse(parse, "it belongs to --dump", out->size != NULL ? "--size" : "--keys", NULL);
    if (out->at != NULL && out->dump == NULL && out->replay == NULL)
        return misuse(parse, "it belongs to --dump and --replay", "--at", NULL);
    if (out->replay != NULL && out->demo != NULL)
        return misuse(parse, "it stands without --demo", "--replay", NULL);
    if (out->replay != NULL && out->watch)
        return misuse(parse, "a recording does not change: --json", "--watch", NULL);
    if (out->command == CLI_RECORD && out->demo != NULL && out->for_ms == 0)
        return misuse(parse, "a demo goes on for ever: --for is needed with it", "--demo", NULL);
    return true;
}

/* What a command is about, where it wants a word for that. */
static const char *const missing[CLI_COMMAND_COUNT] = {
    [CLI_RECORD] = "the FILE to write is missing",
    [CLI_CONFIG] = "the name of a CONNECTOR is missing",
};

/* Whoever says to init where or as whom wants AWS to be asked. */
static void imply_aws(struct cli_options *out)
{
    struct config_flags *flags = &out->flags;
    if (out->command == CLI_INIT && (flags->region != NULL || flags->profile != NULL))
        flags->aws = true;
}

bool cli_parse(int argc, char *const *argv, struct cli_options *out, struct err *err)
{
    struct parse parse = {.out = out, .err = err};
    enum cli_command command;
    *out = (struct cli_options){.task = -1, .wait_ms = 10000};
    if (!take_words(&parse, argc, argv) || !find_command(&parse, &command))
        return false;
    if (command == CLI_HELP || out->command == CLI_HELP) {
        out->help_about = command == CLI_HELP ? CLI_TUI : command;
        for (size_t i = 0; i < CLI_COMMAND_COUNT && command == CLI_HELP && parse.nwords > 1; i++) {
            if (cli_commands[i].name != NULL && strcmp(cli_commands[i].name, parse.words[1]) == 0)
                out->help_about = (enum cli_command)i;
        }
        out->command = CLI_HELP;
        return true;
    }
    if (out->command != CLI_TUI) {
        if (command != CLI_TUI)
            return misuse(&parse, "it stands alone, not with a command",
                          out->command == CLI_VERSION ? "--version" : "--print-config", NULL);
        return check_scope(&parse, IN_ALL, "it");
    }
    out->command = command;
    if (command == CLI_DO)
        return parse_do(&parse);
    size_t words = missing[command] != NULL ? 2 : 1;
    const char *name = cli_commands[command].name;
    if (parse.nwords < words && command != CLI_TUI)
        return misuse(&parse, missing[command], name, NULL);
    out->file = command == CLI_RECORD ? parse.words[1] : NULL;
    out->name = command == CLI_CONFIG ? parse.words[1] : NULL;
    if (parse.nwords > words)
        return misuse(&parse, "this word is one too many", parse.words[words], NULL);
    if (!check_together(&parse))
        return false;
    imply_aws(out);
    return check_scope(&parse, cli_commands[command].scopes,
                       name != NULL ? name : "cdctop without a command");
}
