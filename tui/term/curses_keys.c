#include "tui/term/curses_keys.h"

#include "base/mem.h"

#include <curses.h>
#include <term.h>

static int translate(wint_t ch)
{
    static const struct {
        int curses, key;
    } keys[] = {
        {KEY_UP,        K_UP       },
        {KEY_DOWN,      K_DOWN     },
        {KEY_LEFT,      K_LEFT     },
        {KEY_RIGHT,     K_RIGHT    },
        {KEY_PPAGE,     K_PAGE_UP  },
        {KEY_NPAGE,     K_PAGE_DOWN},
        {KEY_HOME,      K_HOME     },
        {KEY_END,       K_END      },
        {KEY_A1,        K_HOME     },
        {KEY_C1,        K_END      },
        {KEY_DC,        K_DELETE   },
        {KEY_BACKSPACE, K_BACKSPACE},
        {KEY_BTAB,      K_SHIFT_TAB},
        {KEY_ENTER,     K_ENTER    },
    };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if ((wint_t)keys[i].curses == ch)
            return keys[i].key;
    if (ch >= (wint_t)KEY_F(1) && ch <= (wint_t)KEY_F(12))
        return K_F1 + (int)ch - KEY_F(1);
    return K_NONE;
}

/* After ESC: a sequence that this terminal's description does not know (a mouse report, a paste
 * mark, a modified arrow) is swallowed whole; its letters must not act as keys. */
static int after_escape(void)
{
    enum { SEQUENCE_MAX = 64, OLD_REPORT = 3, PATIENCE_MS = 100 };
    wint_t ch = 0;
    int rc = wget_wch(stdscr, &ch);
    if (rc == ERR)
        return K_ESC;
    if (rc == KEY_CODE_YES || (ch != '[' && ch != 'O')) {
        if (rc == OK)
            (void)unget_wch((wchar_t)ch);
        else
            (void)ungetch((int)ch);
        return K_ESC;
    }
    bool final = false;
    bool answer = ch == '[';
    wtimeout(stdscr, PATIENCE_MS); /* the rest may come in another packet */
    for (int i = 0; i < SEQUENCE_MAX && !final && wget_wch(stdscr, &ch) == OK; i++) {
        final = ch >= 0x40 && ch <= 0x7E;
        answer = answer && ch == (wint_t)(i == 0 ? '0' : 'n') && i < 2;
        if (i == 0 && ch == 'M') /* a mouse report of the old kind: button, column and row follow */
            for (int k = 0; k < OLD_REPORT; k++)
                (void)wget_wch(stdscr, &ch);
    }
    (void)nodelay(stdscr, TRUE);
    return answer && final ? CURSES_ANSWER : K_NONE;
}

static int mouse_event(struct mouse *mouse)
{
    MEVENT e;
    if (getmouse(&e) != OK)
        return K_NONE;
    bool wheel = (e.bstate & (BUTTON4_PRESSED | BUTTON5_PRESSED)) != 0;
    if (!wheel && (e.bstate & BUTTON1_PRESSED) == 0)
        return K_NONE;
    mouse->what = !wheel                              ? MOUSE_PRESS
                  : (e.bstate & BUTTON4_PRESSED) != 0 ? MOUSE_WHEEL_UP
                                                      : MOUSE_WHEEL_DOWN;
    mouse->x = e.x;
    mouse->y = e.y;
    return K_MOUSE;
}

int curses_key(struct mouse *mouse)
{
    wint_t ch = 0;
    int rc = wget_wch(stdscr, &ch);
    if (rc == OK && ch == K_ESC)
        return after_escape();
    if (rc == ERR)
        return -1;
    if (rc == KEY_CODE_YES)
        return ch == KEY_MOUSE ? mouse_event(mouse) : translate(ch);
    if (ch == 127 || ch == 8)
        return K_BACKSPACE;
    if (ch == '\n')
        return K_ENTER;
    return (int)ch;
}

/* While it is off curses must not know the sequence: it would take the beginning of a report that
 * comes all the same (somebody else's program left them on), and let the rest through as keys. */
void curses_mouse(bool on)
{
    char cap[] = "kmous";
    const char *sequence = tigetstr(cap);
    mmask_t mask = BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED;
    if (sequence == NULL || sequence == (const char *)-1)
        return;             /* this terminal has no mouse */
    (void)mouseinterval(0); /* a click is told at once, not when it cannot become a double one */
    (void)mousemask(on ? mask : 0, NULL);
    (void)define_key(on ? sequence : NULL, KEY_MOUSE);
}
