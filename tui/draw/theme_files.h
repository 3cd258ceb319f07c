/* theme_files.h: the themes of themes/, embedded at build; ends with a row of NULLs. */
#ifndef CDCTOP_TUI_DRAW_THEME_FILES_H
#define CDCTOP_TUI_DRAW_THEME_FILES_H

struct theme_file {
    const char *name, *text;
};

extern const struct theme_file theme_files[];

#endif
