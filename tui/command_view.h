/* command_view.h: the functions behind the command table that only change what is shown. */
#ifndef CDCTOP_TUI_COMMAND_VIEW_H
#define CDCTOP_TUI_COMMAND_VIEW_H

#include "tui/command.h"
#include "tui/view/view.h"

#define CMD(name)  void name(const struct scene *s, const struct command *c, const char *text)
#define CANT(name) const char *name(const struct scene *s, const struct command *c)

/* Says that the command leads where one is. */
void already_here(const struct scene *s, const struct command *c);

CMD(cmd_move);
CMD(cmd_page);
CMD(cmd_end);
CMD(cmd_open);
CMD(cmd_back);
CMD(cmd_pane_step);
CMD(cmd_pane);
CMD(cmd_fleet);
CMD(cmd_screen);
CMD(cmd_explain);
CMD(cmd_zoom);
CMD(cmd_filter);
CMD(cmd_faults);
CMD(cmd_sort);
CMD(cmd_sort_step);
CMD(cmd_reverse);
CMD(cmd_match);
CMD(cmd_messages);
CMD(cmd_leaf);
CMD(cmd_log);
CMD(cmd_copy);
CMD(cmd_write);
CMD(cmd_save_config);
CMD(cmd_actions);
CMD(cmd_command);
CMD(cmd_help);
CMD(cmd_freeze);
CMD(cmd_interval_step);
CMD(cmd_interval);
CMD(cmd_poll);
CMD(cmd_repaint);
CMD(cmd_theme);
CMD(cmd_set);
CMD(cmd_save);
CMD(cmd_columns);
CMD(cmd_mouse);
CMD(cmd_mark);
CMD(cmd_unmark);
CMD(cmd_mute);
CMD(cmd_unmute);
CMD(cmd_suspend);
CMD(cmd_quit);
CMD(cmd_time_step);
CMD(cmd_change);
CMD(cmd_time);
CMD(cmd_record);
CMD(cmd_incident);
CMD(cmd_quit_now);

CANT(cant_open);
CANT(cant_back);
CANT(cant_pane);
CANT(cant_zoom);
CANT(cant_goto);
CANT(cant_fleet);
CANT(cant_explain);
CANT(cant_list);
CANT(cant_sort);
CANT(cant_match);
CANT(cant_records);
CANT(cant_leaf);
CANT(cant_copy);
CANT(cant_save_config);
CANT(cant_mark);
CANT(cant_unmark);
CANT(cant_mute);
CANT(cant_time);
CANT(cant_keep);

/* In a recording these keys are about its own clock; false: it is none. */
bool time_pace(const struct scene *s, int direction);

/* The name that the present row or view is about; NULL. */
const char *subject_now(const struct scene *s);

#undef CMD
#undef CANT

/* command_peek.c: asks once more for the records that are shown; for the beginning of an object. */
void peek_again(const struct scene *s);

#endif
