#include "engine_int.h"

#include "base/log.h"
#include "base/mailbox.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Rules are known here only: an unknown one in the configuration is a mistake like any other. */
bool engine_start_mutes(struct engine *e, struct err *err)
{
    for (size_t i = 0; i < e->config->npipelines; i++) {
        const struct strlist *list = &e->config->pipelines[i].findings.mute;
        for (size_t k = 0; k < list->count; k++) {
            struct mute mute;
            if (mute_parse(list->items[k], &mute) == NULL &&
                diagnosis_mute(e->joined[i].diagnosis, e->world, &mute))
                continue;
            err_set(err, ERR_CONFIG, 0,
                    "pipeline.findings.mute: \"%.100s\": there is no rule %s (or too many mutes)",
                    list->items[k], mute.rule);
            return false;
        }
    }
    return true;
}

struct engine *engine_start(const struct config *config, struct backend from, struct err *err)
{
    struct engine *e = mem_alloc(sizeof(*e));
    e->config = config;
    e->from = from;
    /* Of an engine in an engine, that of the past, the log knows nothing. */
    e->clocks_log = log_clock(from.ops->wall_ms, from.self);
    e->interval_ms = config->interval_ms;
    e->world = world_new(config);
    e->joined = mem_calloc(config->npipelines, sizeof(*e->joined));
    for (size_t i = 0; i < config->npipelines; i++) {
        e->joined[i].arena = arena_new();
        e->joined[i].diagnosis = diagnosis_new();
    }
    e->bell = bell_open();
    if (e->bell < 0) {
        err_set(err, ERR_IO, 0, "no descriptors left");
        (void)engine_stop(e, STOP_MS);
        return NULL;
    }
    world_now(e->world, engine_mono(e), engine_wall(e));
    e->started = engine_start_mutes(e, err) &&
                 e->from.ops->start(e->from.self, config, e->interval_ms, e->bell, err);
    if (!e->started) {
        (void)engine_stop(e, STOP_MS);
        return NULL;
    }
    (void)engine_step(e);
    struct play play;
    if (engine_play(e, &play) && play.begin_ms > 0)
        (void)engine_go(e, play.begin_ms);
    return e;
}

bool engine_stop(struct engine *engine, int64_t wait_ms)
{
    engine_leave_actions(engine);
    if (engine->clocks_log)
        log_clock_back();
    if (!engine->from.ops->stop(engine->from.self, wait_ms))
        return false; /* memory stays: a thread may still look at it */
    for (size_t i = 0; i < engine->config->npipelines; i++) {
        struct joined *j = &engine->joined[i];
        arena_free(j->arena);
        diagnosis_free(j->diagnosis);
        for (size_t n = 0; n < j->nlook; n++)
            free(j->look[n]);
    }
    for (size_t i = 0; i < ACTIONS_KEPT; i++)
        action_args_free(engine->actions[i].args);
    world_free(engine->world);
    peek_answer_free(engine->peeked);
    free(engine->joined);
    if (engine->bell >= 0)
        (void)close(engine->bell);
    free(engine);
    return true;
}

int engine_fd(const struct engine *engine)
{
    return engine->bell;
}

/* Takes what the sources posted; *told gets a bit per source that did. True: something is new. */
static bool take_reports(struct engine *e, size_t pipeline, unsigned *told)
{
    bool any = false;
    *told = 0;
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        struct source_slot *slot = &e->world->pipelines[pipeline].sources[k];
        bool configured = e->from.ops->configured(e->from.self, pipeline, (enum source_kind)k);
        if (configured && !slot->configured)
            slot->opened_mono_ms = engine_mono(e);
        any = any || configured != slot->configured;
        slot->configured = configured;
        struct report *report = e->from.ops->take(e->from.self, pipeline, (enum source_kind)k);
        if (report != NULL) {
            engine_tell_report(e, pipeline, (enum source_kind)k, report);
            world_accept(e->world, pipeline, (enum source_kind)k, report);
            *told |= 1U << k;
            any = true;
        }
    }
    return any;
}

/* Only what these say changes where the others should look. CloudWatch counts failed tasks: then
 * their log is wanted. */
enum {
    GUIDES = 1U << SOURCE_CONNECT | 1U << SOURCE_KAFKA | 1U << SOURCE_MSK |
             1U << SOURCE_MSK_CONNECT | 1U << SOURCE_DMS | 1U << SOURCE_RDS |
             1U << SOURCE_CLOUDWATCH
};

static void send_hints(struct engine *e, size_t pipeline)
{
    struct joined *j = &e->joined[pipeline];
    for (int k = 0; e->from.ops->hints != NULL && k < SOURCE_KIND_COUNT; k++) {
        struct hints *h =
            pipeline_hints(e->world, pipeline, j->pipeline, (const char *const *)j->look, j->nlook);
        e->from.ops->hints(e->from.self, pipeline, (enum source_kind)k, h);
    }
}

static void rejoin(struct engine *e, size_t pipeline)
{
    struct joined *j = &e->joined[pipeline];
    arena_reset(j->arena);
    j->pipeline = pipeline_join(e->world, pipeline, j->arena);
    j->findings = diagnosis_run(j->diagnosis, e->world, pipeline, j->pipeline, j->arena);
    diagnosis_voice(j->pipeline, &j->findings);
}

/* The answer to the newest request alone: whoever asked before that has gone elsewhere. */
static bool take_peeked(struct engine *e)
{
    struct peek_answer *answer =
        e->from.ops->peeked != NULL ? e->from.ops->peeked(e->from.self) : NULL;
    if (answer == NULL || answer->id != e->npeeks) {
        peek_answer_free(answer);
        return false;
    }
    answer->at_ms = engine_wall(e);
    peek_answer_read(answer);
    peek_answer_free(e->peeked);
    e->peeked = answer;
    return true;
}

bool engine_step(struct engine *engine)
{
    struct engine *e = engine;
    bell_clear(e->bell);
    world_now(e->world, engine_mono(e), engine_wall(e));
    e->world->interval_ms = e->interval_ms;
    bool changed = engine_acted(e);
    for (size_t i = 0; i < e->config->npipelines; i++) {
        unsigned told;
        bool news = take_reports(e, i, &told);
        /* Also without news: ages, staleness and projections move with the clock. */
        rejoin(e, i);
        if ((told & GUIDES) != 0)
            send_hints(e, i);
        changed = changed || news;
    }
    changed = engine_collect(e) || changed;
    changed = engine_judge(e) || changed;
    changed = take_peeked(e) || changed;
    engine_tell_step(e);
    return changed;
}

const struct world *engine_world(const struct engine *engine)
{
    return engine->world;
}

const struct pipeline *engine_pipeline(const struct engine *engine, size_t index)
{
    return engine->joined[index].pipeline;
}

const struct findings *engine_findings(const struct engine *engine, size_t index)
{
    return &engine->joined[index].findings;
}

void engine_poll_now(struct engine *engine)
{
    engine->from.ops->poll_now(engine->from.self);
}

void engine_interval(struct engine *engine, int64_t interval_ms)
{
    engine->interval_ms = interval_ms;
    engine->world->interval_ms = interval_ms;
    engine->from.ops->interval(engine->from.self, interval_ms);
}

int64_t engine_interval_ms(const struct engine *engine)
{
    return engine->interval_ms;
}

void engine_look_at(struct engine *engine, size_t pipeline, const char *const *topics, size_t n)
{
    struct joined *j = &engine->joined[pipeline];
    n = n < LOOK_MAX ? n : LOOK_MAX;
    bool same = n == j->nlook;
    for (size_t i = 0; same && i < n; i++)
        same = strcmp(topics[i], j->look[i]) == 0;
    if (same)
        return;
    for (size_t i = 0; i < j->nlook; i++)
        free(j->look[i]);
    for (size_t i = 0; i < n; i++)
        j->look[i] = mem_strdup(topics[i]);
    j->nlook = n;
    send_hints(engine, pipeline);
}

bool engine_mute(struct engine *engine, size_t pipeline, const struct mute *mute)
{
    bool ok = diagnosis_mute(engine->joined[pipeline].diagnosis, engine->world, mute);
    rejoin(engine, pipeline);
    return ok;
}

bool engine_unmute(struct engine *engine, size_t pipeline, const char *rule, const char *object)
{
    bool ok = diagnosis_unmute(engine->joined[pipeline].diagnosis, engine->world, rule, object);
    rejoin(engine, pipeline);
    return ok;
}

size_t engine_history(const struct engine *engine, size_t pipeline, struct finding_event *out,
                      size_t max)
{
    return diagnosis_history(engine->joined[pipeline].diagnosis, out, max);
}

void engine_now(const struct engine *engine, int64_t *mono_ms, int64_t *wall_ms)
{
    *mono_ms = engine_mono(engine);
    *wall_ms = engine_wall(engine);
}

int64_t engine_next_ms(const struct engine *engine)
{
    const struct backend *from = &engine->from;
    return from->ops->next_ms != NULL ? from->ops->next_ms(from->self) : INT64_MAX;
}

unsigned engine_peek(struct engine *engine, const struct peek_request *request, struct err *err)
{
    const struct backend *from = &engine->from;
    if (from->ops->peek == NULL) {
        err_set(err, ERR_UNSUPPORTED, 0, "the %s backend has nothing to look into",
                from->ops->name);
        return 0;
    }
    engine->npeeks++;
    return from->ops->peek(from->self, engine->npeeks, request, err) ? engine->npeeks : 0;
}

void engine_peek_forget(struct engine *engine)
{
    engine->npeeks++; /* an answer that is still under way is nobody's */
    peek_answer_free(engine->peeked);
    engine->peeked = NULL;
}

const struct peek_answer *engine_peeked(const struct engine *engine)
{
    return engine->peeked;
}
