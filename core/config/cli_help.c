/* cli_help.c: help texts from the tables of the command line. */
#include "base/strbuf.h"
#include "base/utf8.h"
#include "config/cli_int.h"

#include <stdio.h>

static void help_flags(struct strbuf *sb, const char *title, unsigned scope)
{
    strbuf_printf(sb, "\n%s:\n", title);
    for (size_t k = 0; k < cli_nflags; k++) {
        const struct cli_flag *flag = &cli_flags[k];
        char left[80];
        if ((flag->scope & scope) == 0)
            continue;
        (void)snprintf(left, sizeof(left), "%s%s%s%s%s", flag->letter != NULL ? flag->letter : "",
                       flag->letter != NULL ? ", " : "", flag->name,
                       flag->argument != NULL && flag->argument[0] != '[' ? " " : "",
                       flag->argument != NULL ? flag->argument : "");
        int width = utf8_width(left);
        strbuf_printf(sb, "  %s%*s%s\n", left, width < 26 ? 26 - width : 1, "", flag->help);
    }
}

static void help_program(struct strbuf *sb)
{
    strbuf_puts(sb, "cdctop watches change-data-capture pipelines: PostgreSQL, Debezium on Kafka "
                    "Connect,\nKafka, a sink, S3.\n\nUsage:\n");
    for (size_t i = 0; i < CLI_COMMAND_COUNT; i++) {
        if (cli_commands[i].help != NULL)
            strbuf_printf(sb, "  %s\n      %s\n", cli_commands[i].usage, cli_commands[i].help);
    }
    help_flags(sb, "Flags", IN_ALL);
    help_flags(sb, "Flags of the screen", IN_TUI);
    strbuf_puts(sb, "\nWithout --config the first of these is read: $CDCTOP_CONFIG, "
                    "$XDG_CONFIG_HOME/cdctop/config.toml,\n/etc/cdctop/config.toml. "
                    "PGHOST and friends, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,\n"
                    "AWS_SESSION_TOKEN and AWS_ENDPOINT_URL_S3 are honoured. `cdctop do --help` "
                    "lists the verbs.\n");
}

char *cli_help(enum cli_command command)
{
    struct strbuf sb;
    strbuf_init(&sb, 64 * 1024);
    unsigned own = cli_commands[command].scopes & ~(unsigned)(IN_ALL | IN_TUI);
    if (own == 0) {
        help_program(&sb);
        return strbuf_take(&sb);
    }
    strbuf_printf(&sb, "Usage: %s\n  %s\n", cli_commands[command].usage,
                  cli_commands[command].help);
    if (command != CLI_DO) {
        char title[40];
        (void)snprintf(title, sizeof(title), "Flags of %s", cli_commands[command].name);
        help_flags(&sb, title, own);
    } else {
        strbuf_puts(&sb, "\nVerbs:\n");
        for (size_t i = 0; i < CLI_VERB_COUNT; i++)
            strbuf_printf(&sb, "  %s\n      %s\n", cli_verbs[i].usage, cli_verbs[i].help);
        help_flags(&sb, "Flags of every verb", IN_DO);
        help_flags(&sb, "Flags of restart", IN_RESTART);
        help_flags(&sb, "Flags of snapshot", IN_SNAPSHOT);
        help_flags(&sb, "Flags of reload", IN_RELOAD);
    }
    help_flags(&sb, "Flags of every command", IN_ALL);
    return strbuf_take(&sb);
}
