#include "model/lag.h"

#include "base/mem.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

static const char *const trend_names[] = {
    [LAG_UNKNOWN] = "",    [LAG_OK] = "OK",     [LAG_WARN] = "WARN",
    [LAG_STALL] = "STALL", [LAG_STOP] = "STOP", [LAG_REWIND] = "REWIND",
};
static_assert(ARRAY_LEN(trend_names) == LAG_TREND_COUNT, "a name per trend");

void lag_window_push(struct lag_window *window, int64_t ms, int64_t committed, int64_t end,
                     int64_t spacing_ms)
{
    if (committed < 0 || end < 0)
        return;
    struct lag_sample *s = window->samples;
    if (window->count == 0) {
        window->moved_ms = ms;
    } else if (s[window->count - 1].committed != committed) {
        window->moved_ms = ms;
    }
    /* A rewind is kept whatever the spacing: nothing later would show it. */
    if (window->count > 0 && ms - s[window->count - 1].ms < spacing_ms &&
        committed >= s[window->count - 1].committed)
        return;
    if (window->count == LAG_WINDOW) {
        window->count--;
        memmove(s, s + 1, (size_t)window->count * sizeof(*s));
    }
    int64_t lag = end > committed ? end - committed : 0;
    s[window->count++] = (struct lag_sample){.ms = ms, .committed = committed, .lag = lag};
}

enum lag_trend lag_window_trend(const struct lag_window *window)
{
    const struct lag_sample *s = window->samples;
    int n = window->count;
    bool caught_up = n > 0 && s[0].lag == 0, moved = false, shrinks = false;
    for (int i = 1; i < n; i++) {
        if (s[i].committed < s[i - 1].committed)
            return LAG_REWIND;
        caught_up = caught_up || s[i].lag == 0;
        moved = moved || s[i].committed != s[i - 1].committed;
        shrinks = shrinks || s[i].lag < s[i - 1].lag;
    }
    if (caught_up)
        return LAG_OK;
    if (n < LAG_WINDOW)
        return LAG_UNKNOWN;
    int64_t span = s[n - 1].ms - s[0].ms;
    if (!moved) /* a lag that shrinks without commits is retention eating the records: no comfort */
        return s[n - 1].ms - window->moved_ms >= 2 * span ? LAG_STOP : LAG_STALL;
    /* Constant lag with moving commits is a sink with open files: it keeps up. */
    return !shrinks && s[n - 1].lag > s[0].lag ? LAG_WARN : LAG_OK;
}

const char *lag_trend_name(enum lag_trend trend)
{
    return (unsigned)trend < LAG_TREND_COUNT ? trend_names[trend] : "";
}
