#include "tui/run_time.h"

#include "base/clock.h"
#include "base/human.h"
#include "base/log.h"
#include "base/mem.h"
#include "record/history.h"
#include "record/recording.h"
#include "record/replay.h"
#include "tui/at.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char no_past_actions[] = "this is the past: ] or Esc go back to now";
static const char no_recorded_actions[] = "this is a recording";

struct run_time {
    const struct config *config;
    const struct reel *played; /* a recording; NULL */
    struct engine *engine;     /* NULL before the start */
    struct history *history;   /* NULL: nothing is kept */
    struct engine *past;       /* NULL: the present is shown */
    struct recording *recording;
    char path[300];  /* of the recording that is or was made */
    char error[300]; /* why it has stopped */
};

int64_t when_step_ms(int64_t length_ms, int64_t interval_ms)
{
    enum { STEPS = 60, MOST_MS = 10 * 1000 };
    int64_t step = length_ms / STEPS < MOST_MS ? length_ms / STEPS : MOST_MS;
    return step > interval_ms ? step / interval_ms * interval_ms : interval_ms;
}

struct run_time *run_time_new(const struct config *config, const struct reel *reel)
{
    struct run_time *t = mem_alloc(sizeof(*t));
    t->config = config;
    t->played = reel;
    if (reel == NULL && config->history_ms > 0)
        t->history = history_new(config, config->history_ms, config->history_memory);
    return t;
}

void run_time_begin(struct run_time *t, struct engine *engine)
{
    t->engine = engine;
    if (t->history != NULL)
        (void)engine_watch(engine, history_watch(t->history));
}

static void leave_past(struct run_time *t)
{
    if (t->past != NULL)
        (void)engine_stop(t->past, 0); /* it has no threads */
    t->past = NULL;
}

/* True: all of it is in the file. */
static bool end_recording(struct run_time *t)
{
    struct err err = ERR_INIT;
    engine_unwatch(t->engine, recording_watch(t->recording));
    bool ok = recording_close(t->recording, &err);
    t->recording = NULL;
    if (!ok) {
        (void)snprintf(t->error, sizeof(t->error), "%.299s", err.text);
        log_put(LOG_ERROR, "recording: %s", err.text);
    }
    return ok;
}

void run_time_free(struct run_time *t)
{
    leave_past(t);
    if (t->recording != NULL)
        (void)end_recording(t);
    if (t->history != NULL && t->engine != NULL)
        engine_unwatch(t->engine, history_watch(t->history));
    history_free(t->history);
    free(t);
}

struct engine *run_time_engine(const struct run_time *t)
{
    return t->past != NULL ? t->past : t->engine;
}

bool run_time_is_now(const struct run_time *t)
{
    return t->past == NULL;
}

void run_time_fill(struct run_time *t, struct when *when)
{
    struct play play = {.speed = 1};
    int64_t now, then, wall;
    if (t->recording != NULL && !recording_goes_on(t->recording, NULL))
        (void)end_recording(t);
    *when = (struct when){.kind = t->played != NULL ? WHEN_RECORDING
                                  : t->past != NULL ? WHEN_PAST
                                                    : WHEN_NOW,
                          .reel = t->played != NULL    ? t->played
                                  : t->history != NULL ? history_peek(t->history)
                                                       : NULL,
                          .no_actions = t->played != NULL ? no_recorded_actions
                                        : t->past != NULL ? no_past_actions
                                                          : NULL,
                          .writing = t->path[0] != '\0' ? t->path : NULL,
                          .write_error = t->error[0] != '\0' ? t->error : NULL};
    if (t->engine == NULL || when->kind == WHEN_NOW)
        return;
    (void)engine_play(run_time_engine(t), &play);
    engine_now(t->engine, &now, &wall);
    engine_now(run_time_engine(t), &then, &wall);
    when->ago_ms = now - then;
    when->at_ms = play.at_ms;
    when->length_ms = t->past != NULL ? play.at_ms + when->ago_ms : play.length_ms;
    when->speed = play.speed;
    when->paused = play.paused;
}

struct action_plan *run_time_no_plan(const struct action_args *args, const struct world *world,
                                     const struct pipeline *pipeline, struct arena *arena)
{
    struct action_plan *plan = action_plan(args, world, pipeline, arena);
    plan->allowed = false;
    plan->why_not = "what is shown is not the present: nothing can be done to it";
    return plan;
}

/* ---- going through it ------------------------------------------------------------------------ */

static bool say(char *text, size_t size, const char *what)
{
    (void)snprintf(text, size, "%s", what);
    return false;
}

/* All that was kept until now, as something to be gone through; false: nothing was. */
static bool kept(struct run_time *t, struct play *play, int64_t *wall)
{
    int64_t mono;
    const struct reel *reel = t->history != NULL ? history_reel(t->history) : NULL;
    engine_now(run_time_engine(t), &mono, wall);
    *play = (struct play){.at_ms = 0, .speed = 1};
    if (reel == NULL)
        return false;
    play->length_ms = reel->last - reel->first;
    play->at_ms = mono - reel->mono_ms - reel->first;
    return true;
}

static bool go_past(struct run_time *t, int64_t at_ms, char *text, size_t size)
{
    struct err err = ERR_INIT;
    if (t->past == NULL) {
        t->past = engine_start(t->config, replay_backend(history_reel(t->history)), &err);
        if (t->past == NULL)
            return say(text, size, err.text);
        engine_pace(t->past, 1, true);
    }
    return engine_go(t->past, at_ms);
}

/* The moment that is wished for; false: text says why there is none. */
static bool wished(const struct effect *e, const struct reel *reel, const struct play *play,
                   int64_t interval_ms, int64_t wall, size_t pipeline, int64_t *at_ms, char *text,
                   size_t size)
{
    struct err err = ERR_INIT;
    int64_t step = when_step_ms(play->length_ms, interval_ms);
    if (e->kind == EFFECT_STEP) {
        *at_ms = play->at_ms + e->number * step;
        return true;
    }
    if (e->kind == EFFECT_TIME)
        return at_parse(e->text, play, wall, at_ms, &err) || say(text, size, err.text);
    int64_t t = reel_change(reel, pipeline, play->at_ms + reel->first, (int)e->number);
    if (t == UNKNOWN)
        return say(text, size,
                   e->number < 0 ? "the verdict did not change before this"
                                 : "the verdict did not change after this");
    *at_ms = t - reel->first;
    return true;
}

static bool go_in_history(struct run_time *t, const struct effect *e, size_t pipeline, char *text,
                          size_t size)
{
    struct play play;
    int64_t at, wall;
    if (e->kind == EFFECT_TIME && e->text == NULL) {
        leave_past(t);
        return true;
    }
    if (!kept(t, &play, &wall))
        return say(text, size, "nothing has been kept so far");
    if (!wished(e, history_reel(t->history), &play, t->config->interval_ms, wall, pipeline, &at,
                text, size))
        return false;
    if (at >= play.length_ms) {
        leave_past(t);
        return true;
    }
    if (at < 0 && t->past != NULL && play.at_ms == 0)
        return say(text, size, "further back nothing is kept");
    return go_past(t, at > 0 ? at : 0, text, size);
}

static bool go_in_recording(struct run_time *t, const struct effect *e, size_t pipeline, char *text,
                            size_t size)
{
    struct play play;
    int64_t at, mono, wall;
    if (!engine_play(t->engine, &play))
        return false;
    engine_now(t->engine, &mono, &wall);
    at = play.length_ms;
    bool to_end = e->kind == EFFECT_TIME && e->text == NULL;
    if (!to_end &&
        !wished(e, t->played, &play, t->config->interval_ms, wall, pipeline, &at, text, size))
        return false;
    engine_pace(t->engine, play.speed, true);
    at = at < 0 ? 0 : at > play.length_ms ? play.length_ms : at;
    return engine_go(t->engine, at);
}

static bool pace(struct run_time *t, int64_t direction)
{
    static const double speeds[] = {0.25, 0.5, 1, 2, 4, 8, 16, 32, 64};
    struct play play;
    if (!engine_play(t->engine, &play))
        return false;
    if (direction == 0 && play.paused && play.at_ms >= play.length_ms)
        (void)engine_go(t->engine, 0); /* from the end it begins again */
    double speed = play.speed;
    for (size_t i = 0; i < ARRAY_LEN(speeds); i++) {
        if (direction > 0 && speeds[i] > play.speed && speed == play.speed)
            speed = speeds[i];
        if (direction < 0 && speeds[i] < play.speed)
            speed = speeds[i];
    }
    engine_pace(t->engine, speed, direction == 0 ? !play.paused : play.paused);
    return true;
}

/* ---- recording it ---------------------------------------------------------------------------- */

static bool record(struct run_time *t, const struct effect *e, char *text, size_t size)
{
    struct err err = ERR_INIT;
    char length[HUMAN_SIZE];
    if (e->text == NULL && t->recording == NULL)
        return say(text, size, "nothing is being recorded");
    if (e->text == NULL) {
        (void)human_duration_ms(length, recording_ms(t->recording));
        bool ok = end_recording(t);
        (void)snprintf(text, size, "%.250s: %s recorded", ok ? t->path : t->error, length);
        t->path[0] = t->error[0] = '\0';
        return ok;
    }
    if (t->recording != NULL)
        return say(text, size, "one is being made already: :record stop ends it");
    t->recording = recording_open(e->text, engine_world(t->engine), e->number != 0, &err);
    if (t->recording == NULL)
        return say(text, size, err.text);
    if (!engine_watch(t->engine, recording_watch(t->recording))) {
        (void)recording_close(t->recording, &err);
        t->recording = NULL;
        return say(text, size, "too many look on already");
    }
    (void)snprintf(t->path, sizeof(t->path), "%.299s", e->text);
    t->error[0] = '\0';
    (void)snprintf(text, size, "recording into %.250s: :record stop ends it", t->path);
    return true;
}

static bool save(struct run_time *t, const struct effect *e, char *text, size_t size)
{
    struct err err = ERR_INIT;
    char iso[40], name[200];
    int64_t mono, wall;
    engine_now(t->engine, &mono, &wall);
    (void)clock_iso(wall, iso, sizeof(iso));
    for (char *p = iso; *p != '\0'; p++)
        if (*p == ':')
            *p = '-';
    (void)snprintf(name, sizeof(name), "cdctop-incident-%s.jsonl.zst", iso);
    const char *path = e->text != NULL ? e->text : name;
    if (t->history == NULL || !history_save(t->history, path, &err))
        return say(text, size, t->history != NULL ? err.text : "nothing is kept");
    (void)snprintf(text, size, "written: cdctop --replay %.300s", path);
    return true;
}

bool run_time_do(struct run_time *t, const struct effect *e, size_t pipeline, char *text,
                 size_t size)
{
    if (t->engine == NULL)
        return say(text, size, "it has not started yet");
    if (e->kind == EFFECT_RECORD)
        return record(t, e, text, size);
    if (e->kind == EFFECT_INCIDENT)
        return save(t, e, text, size);
    if (t->played == NULL)
        return e->kind != EFFECT_PACE && go_in_history(t, e, pipeline, text, size);
    return e->kind == EFFECT_PACE ? pace(t, e->number)
                                  : go_in_recording(t, e, pipeline, text, size);
}
