/* command.c: the table of commands and how lines and keys find their row. */
#include "tui/command.h"

#include "base/mem.h"
#include "tui/command_view.h"
#include "tui/keymap.h"

#include <stdio.h>
#include <string.h>

#define ACTION(kind)                                                                      \
    {                                                                                     \
        .keys = NULL, .section = SECTION_ACT, .complete = COMPLETE_TARGET, .arg = (kind), \
        .blocked = act_blocked, .run = act_run                                            \
    }

/* Two lines a row, so that a new one moves no other. */
/* clang-format off */
static const struct command commands[] = {
    {"down", "j Down", NULL, "next row or line",
     SECTION_MOVE, 0, 1, NULL, cmd_move},
    {"up", "k Up", NULL, "previous row or line",
     SECTION_MOVE, 0, -1, NULL, cmd_move},
    {"page-down", "PgDn", NULL, "one page on",
     SECTION_MOVE, 0, 1, NULL, cmd_page},
    {"page-up", "PgUp", NULL, "one page back",
     SECTION_MOVE, 0, -1, NULL, cmd_page},
    {"top", "g Home", NULL, "first row or line",
     SECTION_MOVE, 0, -1, NULL, cmd_end},
    {"bottom", "G End", NULL, "last row or line",
     SECTION_MOVE, 0, 1, NULL, cmd_end},
    {"open", "Enter", "details", "details of the selected row",
     SECTION_MOVE, 0, 0, cant_open, cmd_open},
    {"back", "Esc Backspace", NULL, "one step back: view, zoom, filter",
     SECTION_MOVE, 0, 0, cant_back, cmd_back},
    {"next-pane", "Tab", "pane", "next pane",
     SECTION_MOVE, 0, 1, cant_pane, cmd_pane_step},
    {"previous-pane", "Shift-Tab", NULL, "previous pane",
     SECTION_MOVE, 0, -1, cant_pane, cmd_pane_step},
    {"slots", "1", NULL, "pane 1: replication slots",
     SECTION_MOVE, 0, PANE_SLOTS, cant_goto, cmd_pane},
    {"topics", "2", NULL, "pane 2: topics",
     SECTION_MOVE, 0, PANE_TOPICS, cant_goto, cmd_pane},
    {"connectors", "3", NULL, "pane 3: connectors",
     SECTION_MOVE, 0, PANE_CONNECTORS, cant_goto, cmd_pane},
    {"objects", "4", NULL, "pane 4: S3 objects",
     SECTION_MOVE, 0, PANE_OBJECTS, cant_goto, cmd_pane},
    {"findings", "5", NULL, "pane 5: findings",
     SECTION_MOVE, 0, PANE_FINDINGS, cant_goto, cmd_pane},
    {"pipelines", "0", NULL, "list of all pipelines",
     SECTION_MOVE, 0, 0, cant_fleet, cmd_fleet},
    {"groups", "6", NULL, "consumer groups: lag by topic and partition",
     SECTION_MOVE, 0, VIEW_GROUPS, cant_goto, cmd_screen},
    {"snapshots", "7", NULL, "snapshots of all sources: how far, how fast, how long",
     SECTION_MOVE, 0, VIEW_SNAPSHOTS, cant_goto, cmd_screen},
    {"history", "8", NULL, "findings: what holds, is muted, came and went",
     SECTION_MOVE, 0, VIEW_HISTORY, cant_goto, cmd_screen},
    {"log", "9 l", NULL,
     "what was done and what changed, newest first; of a failed connector its trace",
     SECTION_MOVE, 0, 0, cant_goto, cmd_log},
    {"about", "", NULL, "this program: what it costs, and how each source answers",
     SECTION_PROGRAM, 0, VIEW_ABOUT, NULL, cmd_screen},
    {"explain", "d", NULL, "the finding about this row",
     SECTION_LOOK, 0, 0, cant_explain, cmd_explain},
    {"zoom", "z", "zoom", "this pane on the whole screen, and back",
     SECTION_LOOK, 0, 0, cant_zoom, cmd_zoom},
    {"filter", "/", "filter", "show rows that contain TEXT; !TEXT that do not; ~TEXT as a regex",
     SECTION_LOOK, 0, 0, NULL, cmd_filter},
    {"faults", "f", NULL, "only rows that are not well",
     SECTION_LOOK, 0, 0, cant_list, cmd_faults},
    {"sort", "s", NULL, "sort by COLUMN, or pick one",
     SECTION_LOOK, COMPLETE_COLUMN, 0, cant_sort, cmd_sort},
    {"sort-left", "<", NULL, "sort by the column to the left",
     SECTION_LOOK, 0, -1, cant_sort, cmd_sort_step},
    {"sort-right", ">", NULL, "sort by the column to the right",
     SECTION_LOOK, 0, 1, cant_sort, cmd_sort_step},
    {"reverse", "I", NULL, "turn the order round",
     SECTION_LOOK, 0, 0, cant_sort, cmd_reverse},
    {"next", "n", NULL, "next match of the search",
     SECTION_LOOK, 0, 1, cant_match, cmd_match},
    {"previous", "N", NULL, "previous match of the search",
     SECTION_LOOK, 0, -1, cant_match, cmd_match},
    {"columns", "c", NULL, "choose the columns of this list, or those named; :columns all",
     SECTION_LOOK, COMPLETE_COLUMNS, 0, cant_sort, cmd_columns},
    {"mark", "Space", NULL,
     "mark the row, or take the mark back: actions apply to the marked; :mark all",
     SECTION_LOOK, 0, 0, cant_mark, cmd_mark},
    {"unmark", "U", NULL, "take all marks of this pane back",
     SECTION_LOOK, 0, 0, cant_unmark, cmd_unmark},
    {"messages", "m", "records", "records: TOPIC, newest N, from OFFSET, at TIME",
     SECTION_LOOK, COMPLETE_TOPIC, 0, cant_records, cmd_messages},
    {"older", "o", "older", "the page, or the record, before this one",
     SECTION_LOOK, 0, -1, cant_leaf, cmd_leaf},
    {"newer", "O", "newer", "the page, or the record, after this one",
     SECTION_LOOK, 0, 1, cant_leaf, cmd_leaf},
    {"copy", "y", NULL, "name, row, command or request to the clipboard; yy the name",
     SECTION_LOOK, 0, 0, cant_copy, cmd_copy},
    {"earlier", "[", NULL, "back in time: a step",
     SECTION_LOOK, 0, -1, cant_time, cmd_time_step},
    {"later", "]", NULL, "forward in time: a step; at the end: now",
     SECTION_LOOK, 0, 1, cant_time, cmd_time_step},
    {"change-before", "{", NULL, "to the change of the verdict before",
     SECTION_LOOK, 0, -1, cant_time, cmd_change},
    {"change-after", "}", NULL, "to the change of the verdict after",
     SECTION_LOOK, 0, 1, cant_time, cmd_change},
    {"time", "", NULL, "to a moment: 14:03, -10m (so long ago), now",
     SECTION_LOOK, 0, 0, cant_time, cmd_time},
    {"record", "", NULL, "what the servers say into FILE (--redact), or stop",
     SECTION_LOOK, 0, 0, NULL, cmd_record},
    {"save-incident", "", NULL, "what was kept of the past into FILE, for --replay",
     SECTION_LOOK, 0, 0, cant_keep, cmd_incident},
    {"write", "w", NULL, "screen and data into files, or FILE.txt, FILE.json, FILE.csv",
     SECTION_LOOK, 0, 0, NULL, cmd_write},
    {"save-config", "", NULL, "the selected connector's config into FILE; secrets masked",
     SECTION_LOOK, 0, 0, cant_save_config, cmd_save_config},
    {"mute", "", NULL, "no alarm of the selected finding for DURATION, with a REASON",
     SECTION_LOOK, 0, 0, cant_mute, cmd_mute},
    {"unmute", "", NULL, "takes mutes back: all, or those of RULE",
     SECTION_LOOK, 0, 0, cant_mute, cmd_unmute},
    {"actions", "a", "actions", "what can be done about the selected row",
     SECTION_ACT, 0, 0, NULL, cmd_actions},
    ACTION(ACTION_RESTART),
    ACTION(ACTION_PAUSE),
    ACTION(ACTION_CONTINUE),
    ACTION(ACTION_STOP),
    ACTION(ACTION_DROP_SLOT),
    ACTION(ACTION_TERMINATE),
    ACTION(ACTION_SNAPSHOT),
    ACTION(ACTION_SNAPSHOT_STOP),
    ACTION(ACTION_SNAPSHOT_PAUSE),
    ACTION(ACTION_SNAPSHOT_RESUME),
    ACTION(ACTION_RELOAD),
    {"command", ":", "command", "type a command; Tab completes, arrows recall",
     SECTION_PROGRAM, 0, 0, NULL, cmd_command},
    {"help", "? F1", "help", "this page",
     SECTION_PROGRAM, 0, 0, NULL, cmd_help},
    {"freeze", "p", NULL, "hold the display, or pause a recording; and go on",
     SECTION_PROGRAM, 0, 0, NULL, cmd_freeze},
    {"slower", "-", NULL, "ask the servers less often; a recording: slower",
     SECTION_PROGRAM, 0, -1, NULL, cmd_interval_step},
    {"faster", "+", NULL, "ask the servers more often; a recording: faster",
     SECTION_PROGRAM, 0, 1, NULL, cmd_interval_step},
    {"interval", "", NULL, "ask the servers every SECONDS",
     SECTION_PROGRAM, 0, 0, NULL, cmd_interval},
    {"poll", "Ctrl-R", NULL, "ask the servers now",
     SECTION_PROGRAM, 0, 0, NULL, cmd_poll},
    {"repaint", "Ctrl-L", NULL, "draw the whole screen again",
     SECTION_PROGRAM, 0, 0, NULL, cmd_repaint},
    {"theme", "", NULL, "colours: a theme by name, or a file",
     SECTION_PROGRAM, COMPLETE_THEME, 0, NULL, cmd_theme},
    {"mouse", "Ctrl-T", NULL, "clicks and the wheel for cdctop, or for the terminal",
     SECTION_PROGRAM, 0, 0, NULL, cmd_mouse},
    {"set", "", NULL, "an option while it runs: NAME shows it, NAME VALUE changes it",
     SECTION_PROGRAM, COMPLETE_OPTION, 0, NULL, cmd_set},
    {"save", "", NULL, "theme, interval, mouse, orders and columns into the configuration file",
     SECTION_PROGRAM, 0, 0, NULL, cmd_save},
    {"suspend", "Ctrl-Z", NULL, "back to the shell; fg comes back",
     SECTION_PROGRAM, 0, 0, NULL, cmd_suspend},
    {"quit", "q", "quit", "close this view; at the top: leave",
     SECTION_PROGRAM, 0, 0, NULL, cmd_quit},
    {"quit-now", "Q Ctrl-C", NULL, "leave at once",
     SECTION_PROGRAM, 0, 0, NULL, cmd_quit_now},
};
/* clang-format on */

const struct command *command_at(size_t i)
{
    return i < ARRAY_LEN(commands) ? &commands[i] : NULL;
}

const char *command_name(const struct command *c)
{
    return c->name != NULL ? c->name : action_info((enum action_kind)c->arg)->name;
}

const char *command_default_keys(const struct command *c)
{
    if (c->keys != NULL)
        return c->keys;
    const char *key = action_info((enum action_kind)c->arg)->key;
    return key != NULL ? key : "";
}

const char *command_keys(const struct scene *s, const struct command *c)
{
    const struct config *config = s->m->config;
    const char *bound = config != NULL ? key_bindings_find(&config->keys, command_name(c)) : NULL;
    return bound != NULL ? bound : command_default_keys(c);
}

const char *command_key(const struct scene *s, const struct command *c)
{
    const char *keys = command_keys(s, c);
    return arena_strndup(s->arena, keys, strcspn(keys, " "));
}

const char *act_key(const struct scene *s, enum action_kind kind)
{
    /* T reloads tables where the row is a task of DMS. */
    if (kind == ACTION_RELOAD && *command_key(s, command_find("reload")) == '\0')
        kind = ACTION_SNAPSHOT;
    return command_key(s, command_find(action_info(kind)->name));
}

const char *command_help(const struct command *c)
{
    return c->help != NULL ? c->help : action_info((enum action_kind)c->arg)->help;
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(command_name(&commands[i]), name) == 0)
            return &commands[i];
    return NULL;
}

const struct command *command_for_key(const struct scene *s, int key)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (keymap_has(command_keys(s, &commands[i]), key))
            return &commands[i];
    return NULL;
}

const char *command_blocked(const struct scene *s, const struct command *c)
{
    return c->blocked != NULL ? c->blocked(s, c) : NULL;
}

/* What the key means where it was pressed: of a task of DMS, the one for a snapshot reloads. */
static const char *name_here(const struct scene *s, const struct command *c)
{
    const char *why = NULL;
    bool snapshot = c->run == act_run && c->arg == ACTION_SNAPSHOT;
    bool reloads = snapshot && act_reloads(s, act_target(s, ACTION_SNAPSHOT, &why));
    return reloads ? action_info(ACTION_RELOAD)->name : command_name(c);
}

void command_run(const struct scene *s, const struct command *c, const char *text)
{
    /* One that names what it is about has its own say about what is possible. */
    bool named = c->complete != COMPLETE_NONE && text != NULL && text[0] != '\0';
    const char *why = named ? NULL : command_blocked(s, c);
    if (why != NULL) {
        app_toast(s->app, s->m, VERDICT_INFO, "%s: %s", name_here(s, c), why);
        return;
    }
    c->run(s, c, text);
}

size_t command_prefixed(const char *text, size_t n, const struct command **only)
{
    size_t found = 0;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        const char *name = command_name(&commands[i]);
        if (strncmp(name, text, n) != 0)
            continue;
        *only = &commands[i];
        if (name[n] == '\0')
            return 1;
        found++;
    }
    return found;
}

void command_line(const struct scene *s, const char *line)
{
    const struct command *c = NULL;
    line += strspn(line, " ");
    size_t n = strcspn(line, " ");
    if (n == 0)
        return;
    if (n == 2 && strncmp(line, "q!", 2) == 0)
        n = 0, c = command_find("quit-now");
    size_t found = c != NULL ? 1 : command_prefixed(line, n, &c);
    if (found == 0) {
        app_toast(s->app, s->m, VERDICT_WARN, "no command %.*s: ? lists them all", (int)n, line);
        return;
    }
    if (found > 1) {
        app_toast(s->app, s->m, VERDICT_WARN, "%.*s could be several commands: Tab completes",
                  (int)n, line);
        return;
    }
    const char *text = line + strcspn(line, " ");
    text += strspn(text, " ");
    command_run(s, c, text);
}
