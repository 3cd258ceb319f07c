/* Clocks: ages are only as good as the clocks that they are told by. */
#include "diagnosis/rules.h"

#include "base/human.h"

/* HTTP's Date tells whole seconds, and no answer is immediate. */
enum { SKEW_GRAIN_MS = 1000, SKEW_HOLD_MS = 4000 };

static const char *signed_text(const struct rule_run *run, int64_t ms)
{
    char a[HUMAN_SIZE];
    return arena_printf(run->arena, "%s %s", human_duration_ms(a, ms < 0 ? -ms : ms),
                        ms < 0 ? "behind" : "ahead");
}

/* The two clocks that differ most, this machine's among them. */
static void skewed(struct rule_run *run)
{
    int64_t low = 0;
    int64_t high = 0;
    int64_t doubt = 0;
    int from = -1;
    int to = -1;
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        int64_t skew = world_skew(run->world, run->index, (enum source_kind)k);
        if (skew == UNKNOWN ||
            world_state(run->world, run->index, (enum source_kind)k) != STATE_FRESH)
            continue;
        int64_t took = run->world->pipelines[run->index].sources[k].took_us / 1000;
        doubt = took > doubt ? took : doubt;
        if (skew < low) {
            low = skew;
            from = k;
        }
        if (skew > high) {
            high = skew;
            to = k;
        }
    }
    if (high - low <= run->limits->clock_skew_ms + doubt + SKEW_GRAIN_MS)
        return;
    const char *a = from >= 0 ? source_kind_title((enum source_kind)from) : "this machine";
    const char *b = to >= 0 ? source_kind_title((enum source_kind)to) : "this machine";
    char text[HUMAN_SIZE];
    struct finding *f = rule_emit(run, run->p->name, "the clocks of %s and %s differ by %s", a, b,
                                  human_duration_ms(text, high - low));
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        int64_t skew = world_skew(run->world, run->index, (enum source_kind)k);
        if (skew != UNKNOWN)
            rule_evidence(run, f, "%s: %s of this machine", source_kind_title((enum source_kind)k),
                          signed_text(run, skew));
    }
    rule_evidence(run, f, "threshold: %s", human_duration_ms(text, run->limits->clock_skew_ms));
    rule_advise(run, f,
                "mend NTP there; ages are told by each server's own clock, but record times and "
                "hour paths come out wrong");
}

const struct diag_rule rules_clock[] = {
    {.id = "E02",
     .severity = VERDICT_WARN,
     .hop = HOP_SOURCE,
     .eval = skewed,
     .explains = {RULE_LAST_RESORT},
     .check = "chronyc tracking, or timedatectl, on the machines named here",
     .hold_ms = SKEW_HOLD_MS},
    {.id = NULL},
};
