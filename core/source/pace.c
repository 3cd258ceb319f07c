#include "source/pace.h"

/* CONFLICT is throttling, at AWS. */
static bool is_refusal(enum err_kind kind)
{
    return kind == ERR_DENIED || kind == ERR_AUTH || kind == ERR_UNSUPPORTED ||
           kind == ERR_CONFLICT;
}

void pace_answered(struct pace *pace, int64_t every_ms)
{
    pace->every_ms = every_ms;
    pace->refused = false;
}

void pace_failed(struct pace *pace, enum err_kind kind)
{
    bool again = pace->refused && is_refusal(kind);
    int64_t most = pace->least_ms > PACE_REFUSED_MS ? pace->least_ms : PACE_REFUSED_MS;
    int64_t every = again ? pace->every_ms * 2 : pace->least_ms;
    pace->every_ms = every < most ? every : most;
    pace->refused = is_refusal(kind);
}

void pace_anew(struct pace *pace)
{
    pace->refused = false;
}

int64_t pace_ms(const struct pace *pace, int64_t interval_ms)
{
    return pace->every_ms > interval_ms ? pace->every_ms : interval_ms;
}
