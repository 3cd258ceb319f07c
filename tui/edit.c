/* edit.c: one line of input, with a cursor that moves by characters. */
#include "tui/edit.h"
#include "base/utf8.h"

#include "tui/key.h"

#include <stdio.h>
#include <string.h>

static size_t prev_at(const struct edit *e)
{
    size_t at = e->at;
    while (at > 0 && ((unsigned char)e->text[--at] & 0xC0U) == 0x80U)
        ;
    return at;
}

static size_t next_at(const struct edit *e)
{
    int32_t cp;
    return e->at + utf8_decode(e->text + e->at, e->len - e->at, &cp);
}

static void cut(struct edit *e, size_t from, size_t to)
{
    memmove(e->text + from, e->text + to, e->len - to + 1);
    e->len -= to - from;
    e->at = from;
}

static void insert(struct edit *e, int key)
{
    char ch[4];
    size_t n = 0;
    if (key < 0x80) {
        ch[n++] = (char)key;
    } else if (key < 0x800) {
        ch[n++] = (char)(0xC0 | key >> 6);
        ch[n++] = (char)(0x80 | (key & 0x3F));
    } else if (key < 0x10000) {
        ch[n++] = (char)(0xE0 | key >> 12);
        ch[n++] = (char)(0x80 | (key >> 6 & 0x3F));
        ch[n++] = (char)(0x80 | (key & 0x3F));
    } else {
        ch[n++] = (char)(0xF0 | key >> 18);
        ch[n++] = (char)(0x80 | (key >> 12 & 0x3F));
        ch[n++] = (char)(0x80 | (key >> 6 & 0x3F));
        ch[n++] = (char)(0x80 | (key & 0x3F));
    }
    if (e->len + n + 1 > sizeof(e->text))
        return;
    memmove(e->text + e->at + n, e->text + e->at, e->len - e->at + 1);
    memcpy(e->text + e->at, ch, n);
    e->len += n;
    e->at += n;
}

static size_t word_at(const struct edit *e)
{
    size_t at = e->at;
    while (at > 0 && e->text[at - 1] == ' ')
        at--;
    while (at > 0 && e->text[at - 1] != ' ')
        at--;
    return at;
}

bool edit_key(struct edit *e, int key)
{
    switch (key) {
    case K_BACKSPACE: cut(e, prev_at(e), e->at); return true;
    case K_DELETE:
        if (e->at < e->len) {
            size_t at = e->at;
            size_t next = next_at(e);
            cut(e, at, next);
        }
        return true;
    case K_LEFT: e->at = prev_at(e); return true;
    case K_RIGHT: e->at = e->at < e->len ? next_at(e) : e->len; return true;
    case K_HOME: e->at = 0; return true;
    case K_END: e->at = e->len; return true;
    case K_CTRL_U: cut(e, 0, e->at); return true;
    case K_CTRL_W: cut(e, word_at(e), e->at); return true;
    default: break;
    }
    if (key < 0x20 || key == 0x7F || key >= K_SPECIAL)
        return false;
    insert(e, key);
    return true;
}

void edit_set(struct edit *e, const char *text)
{
    (void)snprintf(e->text, sizeof(e->text), "%s", text);
    e->len = e->at = strlen(e->text);
}

void edit_draw(const struct edit *e, struct canvas *cv, int x, int y, int w, unsigned style)
{
    /* The cursor stays in sight: what is left of it scrolls out. */
    const char *from = e->text;
    char left[sizeof(e->text)];
    memcpy(left, e->text, e->at);
    left[e->at] = '\0';
    int before = utf8_width(left);
    while (before >= w && *from != '\0') {
        int32_t cp;
        from += utf8_decode(from, strlen(from), &cp);
        before -= utf8_cp_width(cp);
    }
    struct rect old = canvas_clip(cv, (struct rect){x, y, w, 1});
    (void)canvas_text(cv, x, y, style, from);
    canvas_unclip(cv, old);
    canvas_ground(cv, (struct rect){x + before, y, 1, 1}, GROUND_CURSOR);
    cv->cursor_x = x + before;
    cv->cursor_y = y;
}
