#include "tui/dialog/dialog.h"

#include "tui/draw/box.h"

#include <stdlib.h>

void dialog_close(struct app *app)
{
    action_args_free(app->dialog.args);
    free(app->dialog.picked);
    app->dialog = (struct dialog){.kind = DIALOG_NONE};
}

struct rect dialog_frame(const struct scene *s, int w, int h, unsigned style, const char *title)
{
    struct canvas *cv = s->cv;
    if (w > cv->w - 2)
        w = cv->w - 2;
    if (h > cv->h - 2)
        h = cv->h - 2;
    struct rect r = {(cv->w - w) / 2, (cv->h - h) / 2, w, h};
    canvas_dim(cv, (struct rect){0, 0, cv->w, cv->h}, ROLE_FAINT);
    box_frame(cv, r, style, title);
    hot_add(s, (struct hot){
                   {0, 0, cv->w, cv->h},
                   HOT_KEY, K_ESC, 0, 0
    }); /* a click beside it */
    hot_add(s, (struct hot){r, HOT_TEXT, 0, 0, 0});
    return (struct rect){r.x + 3, r.y + 1, w - 6, h - 2};
}

void dialog_esc(const struct scene *s, int x, int y, unsigned style, const char *words)
{
    int at = x + canvas_text(s->cv, x, y, ROLE_KEY, "Esc") + 1;
    at += canvas_text(s->cv, at, y, style, words);
    hot_add(s, (struct hot){
                   {x, y, at - x, 1},
                   HOT_KEY, K_ESC, 0, 0
    });
}

void dialog_key(const struct scene *s, int key)
{
    switch (s->app->dialog.kind) {
    case DIALOG_CONFIRM: confirm_key(s, key); break;
    case DIALOG_MENU: menu_key(s, key); break;
    case DIALOG_PICKER: picker_key(s, key); break;
    case DIALOG_BULK: bulk_key(s, key); break;
    case DIALOG_COLUMNS: columns_key(s, key); break;
    case DIALOG_NONE: break;
    }
}

void dialog_draw(const struct scene *s)
{
    switch (s->app->dialog.kind) {
    case DIALOG_CONFIRM: confirm_draw(s); break;
    case DIALOG_MENU: menu_draw(s); break;
    case DIALOG_PICKER: picker_draw(s); break;
    case DIALOG_BULK: bulk_draw(s); break;
    case DIALOG_COLUMNS: columns_draw(s); break;
    case DIALOG_NONE: break;
    }
}
