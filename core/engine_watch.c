/* engine_watch.c: who watches an engine, and what they are told. */
#include "engine_int.h"

bool engine_watch(struct engine *engine, const struct engine_watch *watch)
{
    for (int i = 0; i < ENGINE_WATCHES; i++) {
        if (engine->watches[i] == NULL) {
            engine->watches[i] = watch;
            return true;
        }
    }
    return false;
}

void engine_unwatch(struct engine *engine, const struct engine_watch *watch)
{
    for (int i = 0; i < ENGINE_WATCHES; i++)
        if (engine->watches[i] == watch)
            engine->watches[i] = NULL;
}

void engine_tell_report(const struct engine *e, size_t pipeline, enum source_kind kind,
                        const struct report *report)
{
    const struct snapshot *before = e->world->pipelines[pipeline].sources[kind].snap;
    for (int i = 0; i < ENGINE_WATCHES; i++)
        if (e->watches[i] != NULL)
            e->watches[i]->report(e->watches[i]->ctx, e->world, pipeline, kind, report, before);
}

void engine_tell_action(const struct engine *e, size_t pipeline, const struct ledger_entry *entry)
{
    for (int i = 0; i < ENGINE_WATCHES; i++)
        if (e->watches[i] != NULL)
            e->watches[i]->action(e->watches[i]->ctx, e->world, pipeline, entry);
}

static void tell_verdict(const struct engine *e, const struct engine_watch *w, size_t pipeline)
{
    const struct findings *f = &e->joined[pipeline].findings;
    enum verdict loudest = VERDICT_NONE;
    for (size_t i = 0; i < f->count; i++)
        loudest = f->items[i].severity > loudest ? f->items[i].severity : loudest;
    w->verdict(w->ctx, e->world, pipeline, loudest, f->count > 0 ? f->items[0].id : "");
}

void engine_tell_step(const struct engine *e)
{
    for (int i = 0; i < ENGINE_WATCHES; i++) {
        const struct engine_watch *w = e->watches[i];
        if (w == NULL)
            continue;
        for (size_t p = 0; p < e->config->npipelines; p++)
            tell_verdict(e, w, p);
        w->stepped(w->ctx, e->world);
    }
}

void engine_tell_anew(const struct engine *e)
{
    for (int i = 0; i < ENGINE_WATCHES; i++)
        if (e->watches[i] != NULL)
            e->watches[i]->anew(e->watches[i]->ctx, e->world);
}
