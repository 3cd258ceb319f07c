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
/* Draws first, roles included. */
void golden_check(struct stage *st, const char *name);

#endif
