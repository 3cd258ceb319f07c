/* golden.h: a screen compared with the file that shows how it should look. */
#ifndef CDCTOP_TESTS_GOLDEN_H
#define CDCTOP_TESTS_GOLDEN_H

#include "base/strbuf.h"
#include "tests/screen/fixture.h"
#include "tui/app.h"

/* An app on a fixture, with a canvas. */
struct stage {
    struct fixture *fixture;
    struct app *app;
    struct canvas canvas;
    struct peek_answer *peeked; /* fixture_peek.h */
};
void stage_open(struct stage *st, enum fixture_kind kind, int w, int h, bool ascii);
void stage_close(struct stage *st);
/* Keys as characters; \r Enter, \t Tab, \033 Esc; and one of key.h. */
void stage_keys(struct stage *st, const char *keys);
void stage_key(struct stage *st, int key);
void stage_draw(struct stage *st);
/* True if the text stands on the screen within one row. */
bool stage_has(struct stage *st, const char *text);
bool stage_lacks(struct stage *st, const char *text);

/* Compares with tests/screen/golden/NAME.txt; UPDATE_GOLDEN=1 writes it instead. */
void golden_same(const char *name, const struct strbuf *text);
/* Draws first, roles included. With its size behind the name: NAME-120x36, NAME-80x24-ascii. */
void golden_check(struct stage *st, const char *name);
/* The same of an app of its own, after these keys. */
void golden_at(enum fixture_kind kind, const char *keys, const char *name, int w, int h,
               bool ascii);
/* … at the sizes that dialogs are drawn for: 120×36, 80×24, 60×15. */
void golden_sizes(enum fixture_kind kind, const char *keys, const char *name);

#endif
