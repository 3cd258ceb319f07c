/* bulk.c: one action on several targets, after its confirmation: a few at a time are on the way, so
 * that the executor's queue always has room for others; each has its own record and verdict. */
#include "tui/bulk.h"

#include "base/mem.h"
#include "tui/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* UNENDED: an action older than MODEL_ACTIONS newer ones is not in the model any more. */
enum { ON_THE_WAY = 4, UNENDED = MODEL_ACTIONS * 3 / 4 };

void bulk_clear(struct bulk *b)
{
    for (size_t i = 0; i < b->n; i++) {
        action_args_free(b->items[i].args);
        free(b->items[i].name);
        free(b->items[i].refused);
    }
    free(b->items);
    *b = (struct bulk){0};
}

static bool ended(const struct bulk_item *it)
{
    return it->refused != NULL || (it->id != 0 && action_done(it->state));
}

static void look_up(struct bulk_item *it, const struct app_model *m)
{
    for (size_t i = 0; i < m->nactions; i++) {
        const struct action_status *a = &m->actions[i];
        if (a->id != it->id)
            continue;
        it->state = a->state;
        (void)snprintf(it->text, sizeof(it->text), "%s", a->text);
    }
}

/* Said where the dialog does not show it. */
static void tell_end(struct app *app, const struct app_model *m)
{
    const struct bulk *b = &app->bulk;
    size_t worked = 0;
    size_t sent = 0;
    for (size_t i = 0; i < b->n; i++) {
        sent += b->items[i].id != 0;
        worked += b->items[i].id != 0 && b->items[i].state == ACTION_WORKED;
    }
    if (app->dialog.kind != DIALOG_BULK)
        app_toast(app, m, worked == sent && sent > 0 ? VERDICT_OK : VERDICT_WARN,
                  "%s: %zu of %zu worked; l shows each", action_info(b->kind)->label, worked, sent);
}

void bulk_tick(struct app *app, const struct app_model *m)
{
    struct bulk *b = &app->bulk;
    size_t left = 0;
    size_t busy = 0;
    size_t open = 0;
    if (!b->running)
        return;
    for (size_t i = 0; i < b->n; i++) {
        struct bulk_item *it = &b->items[i];
        if (it->id != 0 && !action_done(it->state))
            look_up(it, m);
        left += !ended(it);
        /* What is only watched does not hold the executor up. */
        busy += it->asked || (it->id != 0 && it->state < ACTION_WATCHING);
        open += it->asked || (it->id != 0 && !action_done(it->state));
    }
    for (size_t i = 0; i < b->n && busy < ON_THE_WAY && open < UNENDED; i++) {
        struct bulk_item *it = &b->items[i];
        if (it->id != 0 || it->asked || it->refused != NULL || app->neffects == EFFECTS_MAX)
            continue;
        it->asked = true;
        busy++;
        open++;
        app_effect(app, EFFECT_SUBMIT, 0, NULL, action_args_copy(it->args));
    }
    if (left > 0)
        return;
    b->running = false;
    b->done = true;
    tell_end(app, m);
}

bool bulk_submitted(struct app *app, unsigned id, const char *why_not)
{
    for (size_t i = 0; i < app->bulk.n; i++) {
        struct bulk_item *it = &app->bulk.items[i];
        if (!it->asked)
            continue;
        it->asked = false;
        it->id = id;
        it->state = ACTION_QUEUED;
        if (id == 0)
            it->refused = mem_strdup(why_not);
        return true;
    }
    return false;
}

bool bulk_has(const struct bulk *b, unsigned id)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->items[i].id == id && id != 0)
            return true;
    return false;
}
