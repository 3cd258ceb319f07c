/* screen_curses.c: the canvas on a real terminal. With curses_keys.c the one that sees <curses.h>.
 *
 * curses is told only about cells that changed, and itself sends only what differs: a second in
 * which nothing but the clock moves costs a few bytes. */
#include "tui/term/screen.h"

#include "base/clock.h"
#include "base/mem.h"
#include "tui/draw/palette.h"
#include "tui/term/curses_keys.h"
#include "tui/term/flow.h"

#include <curses.h>
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

enum { PAIRS = ROLE_COUNT * GROUND_COUNT };

struct screen {
    SCREEN *curses;
    bool no_color;
    int colors; /* 0, 8, 16, 256, or 1<<24 */
    struct theme theme;
    struct canvas shown; /* what curses was last told */
    struct flow flow;
    bool mouse_on;
    struct mouse mouse; /* the last event */
};

/* ---- colours --------------------------------------------------------------------------------- */

static int pair_of(int role, int ground)
{
    return 1 + role + ROLE_COUNT * ground;
}

/* Below 256 colours a ground is shown by reversing: the nearest of 8 colours would hide the text.
 */
static bool plain_grounds(const struct screen *sc)
{
    return sc->colors < 256;
}

/* The character under the cursor has the colour of the ground; the terminal's own has no name. */
static int cursor_text(const struct screen *sc)
{
    int ground = theme_colour(&sc->theme.grounds[GROUND_NONE], sc->colors);
    if (ground >= 0)
        return ground;
    return sc->colors > 256 ? sc->theme.assumed_ground : palette_nearest(sc->theme.assumed_ground);
}

static void make_pairs(struct screen *sc)
{
    if (sc->colors == 0)
        return;
    for (int g = 0; g < GROUND_COUNT; g++)
        for (int r = 0; r < ROLE_COUNT; r++) {
            int fg = theme_colour(&sc->theme.roles[r], sc->colors);
            int bg = theme_colour(&sc->theme.grounds[g], sc->colors);
            if (plain_grounds(sc) && g != GROUND_NONE)
                fg = -1;
            if (g == GROUND_CURSOR && bg >= 0)
                fg = cursor_text(sc);
            (void)init_extended_pair(pair_of(r, g), fg, bg);
        }
}

static attr_t attrs_of(const struct screen *sc, const struct cell *cell)
{
    const struct theme_entry *role = &sc->theme.roles[cell->role];
    const struct theme_entry *ground = &sc->theme.grounds[cell->ground];
    bool quiet = cell->role == ROLE_FAINT || cell->role == ROLE_BORDER;
    unsigned a = sc->colors > 0 ? (unsigned)(role->attrs | ground->attrs)
                                : (unsigned)role->no_color | (unsigned)ground->no_color;
    attr_t out = A_NORMAL;
    a |= (unsigned)cell->attrs << STYLE_ATTR_SHIFT;
    if ((a & STYLE_BOLD) != 0)
        out |= A_BOLD;
    if ((a & STYLE_UNDERLINE) != 0)
        out |= A_UNDERLINE;
    /* A dark grey has no counterpart among 8 colours: the dim attribute is the nearest. */
    if ((a & STYLE_DIM) != 0 || (quiet && sc->colors == 8))
        out |= A_DIM;
    if ((a & STYLE_REVERSE) != 0 || (cell->ground != GROUND_NONE && plain_grounds(sc)))
        out |= A_REVERSE;
    return out;
}

static void put_cell(const struct screen *sc, int x, int y, const struct cell *cell)
{
    wchar_t text[CCHARW_MAX + 1] = {0};
    mbstate_t mbs = {0};
    const char *src = cell->text;
    cchar_t cc;
    size_t n = mbsrtowcs(text, &src, CCHARW_MAX, &mbs);
    /* The terminal library has its own idea of widths: where it differs from ours the whole line
     * would shift, so such a character is not shown. */
    if (n == (size_t)-1 || n == 0 || wcwidth(text[0]) != cell->width) {
        text[0] = cell->text[0] == '\0' ? L' ' : L'?';
        text[1] = 0;
    }
    int pair = sc->colors > 0 ? pair_of(cell->role, cell->ground) : 0;
    if (setcchar(&cc, text, attrs_of(sc, cell), (short)pair, &pair) == OK)
        (void)mvadd_wch(y, x, &cc);
}

static void ask(void)
{
    static const char question[] = "\033[5n";
    ssize_t n = write(STDOUT_FILENO, question, sizeof(question) - 1);
    (void)n; /* what cannot be written is not answered, and then not waited for */
}

bool screen_ready(struct screen *sc)
{
    return flow_ready(&sc->flow, clock_mono_ms());
}

void screen_show(struct screen *sc, const struct canvas *cv)
{
    int cells = 0;
    bool all = sc->shown.w != cv->w || sc->shown.h != cv->h;
    if (all) {
        canvas_resize(&sc->shown, cv->w, cv->h);
        (void)erase();
    }
    for (int y = 0; y < cv->h; y++)
        for (int x = 0; x < cv->w; x++) {
            const struct cell *cell = canvas_at(cv, x, y);
            struct cell *old = canvas_at(&sc->shown, x, y);
            if (cell->width == 0 || (!all && memcmp(cell, old, sizeof(*cell)) == 0)) {
                *old = *cell;
                continue;
            }
            put_cell(sc, x, y, cell);
            cells++;
            *old = *cell;
        }
    (void)curs_set(0);
    (void)wnoutrefresh(stdscr);
    (void)doupdate();
    if (flow_sent(&sc->flow, cells, clock_mono_ms()))
        ask();
}

void screen_repaint(struct screen *sc)
{
    canvas_resize(&sc->shown, 0, 0);
    (void)clearok(stdscr, TRUE);
}

void screen_theme(struct screen *sc, const struct theme *theme)
{
    sc->theme = *theme;
    make_pairs(sc);
    screen_repaint(sc);
}

/* ---- opening and closing --------------------------------------------------------------------- */

/* Delays in terminfo strings ($<5>) mean nothing here. */
static void add_cap(struct strbuf *sb, const char *name)
{
    char cap[8];
    (void)snprintf(cap, sizeof(cap), "%s", name);
    const char *s = tigetstr(cap);
    if (s == NULL || s == (const char *)-1)
        return;
    while (*s != '\0') {
        if (s[0] == '$' && s[1] == '<' && strchr(s, '>') != NULL)
            s = strchr(s, '>') + 1;
        else
            (void)strbuf_putc(sb, *s++);
    }
}

static void prepare_restore(const struct screen *sc)
{
    static const char *const caps[] = {"sgr0", "op", "rmkx", "rmcup", "cnorm"};
    struct strbuf sb;
    strbuf_init(&sb, 400);
    for (size_t i = 0; i < ARRAY_LEN(caps); i++)
        add_cap(&sb, caps[i]);
    if (sc->mouse_on)
        (void)strbuf_puts(&sb, "\033[?1000l\033[?1006l");
    (void)strbuf_puts(&sb, "\r\n");
    restore_prepare(sb.text);
    strbuf_free(&sb);
}

/* Whatever TERM says, then what nearly every terminal understands; what calls itself dumb gets no
 * colours, and as little else as a screen can do with. */
static SCREEN *open_curses(struct err *err)
{
    static const char *const known[] = {"", "xterm-256color", "xterm", "vt100", NULL};
    static const char *const unknown[] = {"xterm-256color", "xterm", "vt100", NULL};
    static const char *const dumb[] = {"vt100", "xterm", NULL};
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        (void)err_set(err, ERR_IO, 0,
                      "standard input and output must be a terminal (try: cdctop "
                      "status)");
        return NULL;
    }
    const char *term = getenv("TERM");
    const char *const *names = term == NULL || term[0] == '\0' ? unknown
                               : strcmp(term, "dumb") == 0     ? dumb
                                                               : known;
    for (size_t i = 0; names[i] != NULL; i++) {
        char buf[32];
        char *name = names[i][0] != '\0' ? buf : NULL;
        (void)snprintf(buf, sizeof(buf), "%s", names[i]);
        int rc = 0;
        /* newterm complains on standard error by itself; setupterm with &rc does not. */
        if (setupterm(name, STDOUT_FILENO, &rc) != OK || rc != 1)
            continue;
        (void)del_curterm(cur_term); /* it was only a question */
        SCREEN *s = newterm(name, stdout, stdin);
        if (s != NULL)
            return s;
    }
    (void)err_set(err, ERR_IO, 0,
                  "no terminal description for TERM=%s, xterm or vt100 is "
                  "installed (package ncurses-base)",
                  term != NULL ? term : "");
    return NULL;
}

static int count_colors(bool no_color)
{
    if (no_color || has_colors() == FALSE || start_color() != OK)
        return 0;
    if (use_default_colors() != OK)
        return 0;
    if (COLOR_PAIRS <= PAIRS && COLORS < 256)
        return COLOR_PAIRS > PAIRS ? 8 : 0;
    return COLORS >= 1 << 24 ? 1 << 24 : COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : 8;
}

/* What calls itself dumb might print the question. */
static bool asks(void)
{
    const char *term = getenv("TERM");
    return term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

struct screen *screen_open(const struct theme *theme, bool no_color, struct err *err)
{
    struct screen *sc = mem_alloc(sizeof(*sc));
    sc->curses = open_curses(err);
    if (sc->curses == NULL) {
        free(sc);
        return NULL;
    }
    sc->no_color = no_color;
    sc->theme = *theme;
    (void)set_escdelay(25);
    (void)raw();
    (void)noecho();
    (void)nonl();
    (void)keypad(stdscr, TRUE);
    (void)nodelay(stdscr, TRUE);
    (void)intrflush(stdscr, FALSE);
    sc->colors = count_colors(no_color);
    make_pairs(sc);
    canvas_init(&sc->shown, 0, 0, false);
    curses_mouse(false);
    prepare_restore(sc);
    if (asks()) {
        flow_asked(&sc->flow, clock_mono_ms());
        ask();
    }
    return sc;
}

/* Once more, behind the way out of the alternate screen: terminals built on libvterm (and others)
 * bring back with it whether the cursor was shown when it was last saved, and curses saves it for
 * its own scrolling. */
static void show_cursor(void)
{
    struct strbuf sb;
    strbuf_init(&sb, 64);
    add_cap(&sb, "cnorm");
    ssize_t n = write(STDOUT_FILENO, sb.text, sb.len);
    (void)n; /* the terminal is gone: then so is its cursor */
    strbuf_free(&sb);
}

/* An answer that comes when we are gone would stand in the shell's line. */
static void await_answers(struct screen *sc)
{
    enum { PATIENCE_MS = 100 };
    int64_t end = clock_mono_ms() + PATIENCE_MS;
    bool soon = sc->flow.answers || clock_mono_ms() - sc->flow.asked_ms < PATIENCE_MS;
    while (soon && sc->flow.open > 0 && clock_left_ms(end) > 0) {
        struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
        if (poll(&in, 1, clock_left_ms(end)) <= 0 || in.revents != POLLIN)
            return; /* none came, or the terminal is gone */
        while (screen_key(sc) >= 0)
            ;
    }
}

void screen_close(struct screen *sc)
{
    if (sc == NULL)
        return;
    await_answers(sc);
    (void)curs_set(1);
    (void)endwin();
    show_cursor();
    restore_forget();
    delscreen(sc->curses);
    canvas_free(&sc->shown);
    free(sc);
}

void screen_size(struct screen *sc, int *w, int *h)
{
    (void)sc;
    getmaxyx(stdscr, *h, *w);
}

void screen_resized(struct screen *sc)
{
    struct winsize ws = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) != 0 || ws.ws_row == 0 || ws.ws_col == 0)
        return;
    (void)resizeterm(ws.ws_row, ws.ws_col);
    screen_repaint(sc);
}

void screen_suspend(struct screen *sc)
{
    await_answers(sc);
    (void)endwin();
    (void)kill(getpid(), SIGSTOP);
    screen_resized(sc);
    screen_repaint(sc);
}

/* Whoever stopped us from outside has set the terminal to his own liking. */
void screen_resumed(struct screen *sc)
{
    (void)reset_prog_mode();
    screen_resized(sc);
    screen_repaint(sc);
}

int screen_key(struct screen *sc)
{
    int key = curses_key(&sc->mouse);
    if (key != CURSES_ANSWER)
        return key;
    flow_answered(&sc->flow);
    return K_NONE;
}

void screen_mouse(struct screen *sc, bool on)
{
    sc->mouse_on = on;
    curses_mouse(on);
    prepare_restore(sc);
}

bool screen_mouse_event(struct screen *sc, struct mouse *out)
{
    *out = sc->mouse;
    return sc->mouse_on;
}

/* ---- clipboard ------------------------------------------------------------------------------- */

static void base64(struct strbuf *sb, const char *text, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        unsigned v = (unsigned)(unsigned char)text[i] << 16;
        v |= i + 1 < n ? (unsigned)(unsigned char)text[i + 1] << 8 : 0;
        v |= i + 2 < n ? (unsigned)(unsigned char)text[i + 2] : 0;
        (void)strbuf_putc(sb, digits[v >> 18 & 63]);
        (void)strbuf_putc(sb, digits[v >> 12 & 63]);
        (void)strbuf_putc(sb, i + 1 < n ? digits[v >> 6 & 63] : '=');
        (void)strbuf_putc(sb, i + 2 < n ? digits[v & 63] : '=');
    }
}

/* What is known not to understand OSC 52 at all. */
static bool takes_no_copies(void)
{
    static const char *const terms[] = {"dumb", "linux", "vt100", "vt102", "vt220", "ansi"};
    const char *term = getenv("TERM");
    for (size_t i = 0; i < ARRAY_LEN(terms); i++)
        if (term == NULL || strcmp(term, terms[i]) == 0)
            return true;
    return false;
}

const char *screen_copy(struct screen *sc, const char *text, bool force)
{
    /* Terminals drop what is longer than they like, without a word; screen passes on 768 bytes. */
    enum { COPY_MAX = 32 * 1024, SCREEN_COPY_MAX = 512 };
    const char *tmux_env = getenv("TMUX");
    const char *screen_env = getenv("STY");
    bool tmux = tmux_env != NULL && tmux_env[0] != '\0';
    bool gnu_screen = !tmux && screen_env != NULL && screen_env[0] != '\0';
    size_t n = strlen(text);
    (void)sc;
    if (!force && takes_no_copies())
        return "this terminal has no clipboard";
    if (n > (gnu_screen ? SCREEN_COPY_MAX : COPY_MAX))
        return "too long for a terminal's clipboard";
    struct strbuf sb;
    strbuf_init(&sb, 2 * COPY_MAX);
    /* tmux and screen swallow what they do not know unless it is wrapped. */
    (void)strbuf_puts(&sb, tmux         ? "\033Ptmux;\033\033]52;c;"
                           : gnu_screen ? "\033P\033]52;c;"
                                        : "\033]52;c;");
    base64(&sb, text, n);
    (void)strbuf_puts(&sb, tmux || gnu_screen ? "\a\033\\" : "\a");
    (void)fwrite(sb.text, 1, sb.len, stdout);
    (void)fflush(stdout);
    strbuf_free(&sb);
    return NULL;
}
