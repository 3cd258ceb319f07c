/* headless_record.c: what the engine hears, into a file. */
#include "base/human.h"
#include "record/recording.h"
#include "tui/headless.h"
#include "tui/headless_session.h"

#include <stdio.h>

enum { EXIT_NOT_DONE = 1, OFTEN_MS = 250 };

/* Until it has been so long, a signal comes or there is no more; by the clock of what is recorded.
 */
static void record(struct session *s, const struct cli_options *opts, const struct recording *r)
{
    struct play play;
    bool more = true;
    while (more && recording_goes_on(r, NULL) &&
           (opts->for_ms == 0 || recording_ms(r) < opts->for_ms)) {
        more = session_wait(s);
        if (s->recorded && engine_play(s->engine, &play) && play.at_ms >= play.length_ms)
            more = false;
    }
}

int headless_record(struct config *config, const struct cli_options *opts, struct backend from)
{
    struct session s;
    struct err err = ERR_INIT;
    char length[HUMAN_SIZE];
    if (!session_open(&s, config, opts, from))
        return EXIT_NOT_DONE;
    engine_interval(s.engine, s.interval_ms);
    (void)engine_step(s.engine);
    struct recording *r = recording_open(opts->file, engine_world(s.engine), opts->redact, &err);
    if (r == NULL || !engine_watch(s.engine, recording_watch(r))) {
        (void)fprintf(stderr, "cdctop: %s\n", err.text);
        return session_close(&s, EXIT_NOT_DONE);
    }
    if (s.recorded) /* so often that no answer is lost under another */
        engine_interval(s.engine, OFTEN_MS);
    record(&s, opts, r);
    engine_unwatch(s.engine, recording_watch(r));
    (void)human_duration_ms(length, recording_ms(r));
    bool ok = recording_close(r, &err);
    if (ok)
        (void)printf("%s: %s recorded\n", opts->file, length);
    else
        (void)fprintf(stderr, "cdctop: %s\n", err.text);
    return session_close(&s, ok ? 0 : EXIT_NOT_DONE);
}
