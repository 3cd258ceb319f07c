/* Polls faster than a screen would, because somebody (or a script) waits for one answer. */
#include "tui/headless_session.h"

#include "base/clock.h"
#include "tui/at.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { FAST_MS = 500, STOP_WAIT_MS = 500 };

/* To its end, or the moment that was asked for: in pieces, so that nothing on the way is left out.
 * One that is to be recorded again is told from its beginning. */
static bool go_to(struct session *s, const struct cli_options *opts, struct err *err)
{
    enum { PIECE_MS = 5 * 60 * 1000 };
    struct play play;
    int64_t mono, wall;
    engine_pace(s->engine, 1, true);
    engine_interval(s->engine, s->interval_ms);
    engine_now(s->engine, &mono, &wall);
    s->recorded = true;
    if (!engine_play(s->engine, &play) || opts->command == CLI_RECORD)
        return true;
    int64_t at = play.length_ms;
    if (opts->at != NULL && !at_parse(opts->at, &play, wall, &at, err))
        return err_wrap(err, "--at");
    for (int64_t t = play.at_ms + PIECE_MS; t < at; t += PIECE_MS)
        (void)engine_go(s->engine, t);
    return engine_go(s->engine, at);
}

bool session_open(struct session *s, struct config *config, const struct cli_options *opts,
                  struct backend from)
{
    struct err err = ERR_INIT;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    s->index = 0;
    s->recorded = false;
    s->out = opts->watch ? STDOUT_FILENO : -1;
    for (size_t i = 0; opts->flags.pipeline != NULL && i < config->npipelines; i++) {
        if (strcmp(config->pipelines[i].name, opts->flags.pipeline) == 0)
            s->index = i;
    }
    s->interval_ms = config->interval_ms;
    if (config->interval_ms > FAST_MS)
        config->interval_ms = FAST_MS;
    s->engine = engine_start(config, from, &err);
    bool ok = s->engine != NULL && (opts->replay == NULL || go_to(s, opts, &err));
    if (!ok)
        (void)fprintf(stderr, "cdctop: %s\n", err.text);
    if (!ok && s->engine != NULL)
        (void)engine_stop(s->engine, 0);
    return ok;
}

static int step_ms(const struct session *s)
{
    int64_t next = engine_next_ms(s->engine);
    int left = next != INT64_MAX ? clock_left_ms(next) : SESSION_STEP_MS;
    return left < SESSION_STEP_MS ? left : SESSION_STEP_MS;
}

/* Waits for news. False: a signal asked us to end, or nobody reads what we print. */
bool session_wait(struct session *s)
{
    struct pollfd fds[3] = {
        {.fd = engine_fd(s->engine), .events = POLLIN},
        {.fd = s->signals,           .events = POLLIN},
        {.fd = s->out,               .events = 0     }
    };
    struct play play;
    bool stands = engine_play(s->engine, &play) && play.paused;
    (void)poll(fds, 3, stands ? 0 : step_ms(s));
    if ((fds[1].revents & POLLIN) != 0 || (fds[2].revents & (POLLERR | POLLHUP)) != 0)
        return false;
    if (stands) /* time that is not real need not be waited for */
        (void)engine_go(s->engine, play.at_ms + engine_interval_ms(s->engine));
    else
        (void)engine_step(s->engine);
    return true;
}

int session_close(struct session *s, int code)
{
    (void)fflush(stdout);
    if (!engine_stop(s->engine, STOP_WAIT_MS))
        _exit(code); /* a thread hangs in a library: no destructors under its feet */
    return code;
}

/* What AWS refused and what it costs is told by a source of its own: by a look that began after the
 * others had asked. */
static bool aws_told(const struct world_pipeline *p)
{
    const struct source_slot *aws = &p->sources[SOURCE_AWS];
    int64_t began_ms = aws->report_mono_ms - aws->took_us / 1000;
    for (int k = SOURCE_AWS + 1; aws->snap != NULL && k < SOURCE_KIND_COUNT; k++) {
        if (p->sources[k].configured && p->sources[k].report_mono_ms > began_ms)
            return false;
    }
    return true;
}

/* Those of AWS are asked a few times a minute: one answer is all that can be waited for. CloudWatch
 * is asked in vain before the others have told of whom. */
static bool aws_settled(const struct world *w, size_t index, const struct pipeline *p,
                        enum source_kind kind)
{
    const struct world_pipeline *wp = &w->pipelines[index];
    const struct snapshot *snap = wp->sources[kind].snap;
    if (snap == NULL)
        return false;
    if (kind == SOURCE_MSK && snap->msk.wanted != NULL)
        return wp->sources[SOURCE_KAFKA].configured; /* which goes where MSK says */
    if (kind == SOURCE_LOGS)
        return wp->sources[kind].err.kind != ERR_NONE || hints_logs_told(w, index, p);
    return kind != SOURCE_CLOUDWATCH || wp->sources[kind].err.kind != ERR_NONE ||
           hints_metrics_told(w, index);
}

/* Every configured source has failed, or has answered several times (what one says decides what the
 * next is asked), and S3 has found its newest objects. */
static bool settled(const struct world *w, size_t index, const struct pipeline *p)
{
    bool any = false;
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        const struct source_slot *s = &w->pipelines[index].sources[k];
        if (!s->configured)
            continue;
        any = true;
        if (s->snap == NULL && s->failures > 0)
            continue;
        if (k >= SOURCE_OWN_COUNT) {
            if (!aws_settled(w, index, p, (enum source_kind)k))
                return false;
            continue;
        }
        if (s->polls < 2 || (s->polls < 4 && s->failures == 0))
            return false;
    }
    for (size_t i = 0; i < p->nprefixes; i++) {
        if (!p->prefixes[i].prefix->complete && p->prefixes[i].prefix->error == NULL)
            return false;
    }
    return any && aws_told(&w->pipelines[index]);
}

bool session_settle(struct session *s, int64_t wait_ms)
{
    int64_t deadline = clock_mono_ms() + (s->recorded ? 0 : wait_ms); /* no more will come */
    while (clock_left_ms(deadline) > 0 &&
           !settled(engine_world(s->engine), s->index, engine_pipeline(s->engine, s->index))) {
        if (!session_wait(s))
            return false;
    }
    return true;
}

void session_chosen(const struct session *s, const struct config *config,
                    const struct cli_options *opts, size_t *first, size_t *end)
{
    *first = opts->flags.pipeline != NULL ? s->index : 0;
    *end = opts->flags.pipeline != NULL ? s->index + 1 : config->npipelines;
}
