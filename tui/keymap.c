#include "tui/keymap.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "tui/key.h"

#include <string.h>

static const struct {
    const char *word;
    int code;
} words[] = {
    {"Enter",     K_ENTER    },
    {"Tab",       K_TAB      },
    {"Shift-Tab", K_SHIFT_TAB},
    {"Esc",       K_ESC      },
    {"Backspace", K_BACKSPACE},
    {"Space",     ' '        },
    {"Up",        K_UP       },
    {"Down",      K_DOWN     },
    {"Left",      K_LEFT     },
    {"Right",     K_RIGHT    },
    {"PgUp",      K_PAGE_UP  },
    {"PgDn",      K_PAGE_DOWN},
    {"Home",      K_HOME     },
    {"End",       K_END      },
    {"Del",       K_DELETE   },
    {"F1",        K_F1       },
    {"F2",        K_F2       },
    {"F3",        K_F3       },
    {"F4",        K_F4       },
    {"F5",        K_F5       },
    {"F6",        K_F6       },
    {"F7",        K_F7       },
    {"F8",        K_F8       },
    {"F9",        K_F9       },
    {"F10",       K_F10      },
    {"F11",       K_F11      },
    {"F12",       K_F12      },
};

const char *keymap_name(size_t i)
{
    return i < ARRAY_LEN(words) ? words[i].word : NULL;
}

int keymap_code(const char *word, size_t n)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strlen(words[i].word) == n && memcmp(words[i].word, word, n) == 0)
            return words[i].code;
    if (n == 6 && memcmp(word, "Ctrl-", 5) == 0 && word[5] >= 'A' && word[5] <= 'Z')
        return word[5] - 'A' + 1;
    int32_t cp;
    if (n > 0 && utf8_decode(word, n, &cp) == n)
        return cp;
    return K_NONE;
}

bool keymap_has(const char *list, int key)
{
    while (*list != '\0') {
        size_t n = strcspn(list, " ");
        if (n > 0 && keymap_code(list, n) == key)
            return true;
        list += n;
        list += strspn(list, " ");
    }
    return false;
}
