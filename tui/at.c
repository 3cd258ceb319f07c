#include "tui/at.h"

#include "base/clock.h"
#include "config/values.h"

#include <stdio.h>
#include <string.h>

enum { DAY_MS = 24 * 3600 * 1000 };

/* A time of day is meant on the first day; before its beginning: on the next. Whoever types whole
 * seconds means the one in which it began, too. */
static int64_t parse_time(const char *text, int64_t begin_wall_ms)
{
    enum { ISO_DAY = 10 };
    char full[64];
    int64_t wall = clock_parse_iso(text);
    if (wall < 0 && strlen(text) >= 5 && text[2] == ':') {
        (void)clock_iso(begin_wall_ms, full, sizeof(full));
        (void)snprintf(full + ISO_DAY, sizeof(full) - ISO_DAY, "T%.*s%sZ", 8, text,
                       strlen(text) == 5 ? ":00" : "");
        wall = clock_parse_iso(full);
        if (wall >= 0 && wall + 1000 <= begin_wall_ms)
            wall += DAY_MS;
    }
    bool in_first_second = wall >= 0 && wall < begin_wall_ms && wall + 1000 > begin_wall_ms;
    return in_first_second ? begin_wall_ms : wall;
}

bool at_parse(const char *text, const struct play *play, int64_t wall_ms, int64_t *at_ms,
              struct err *err)
{
    bool back = text[0] == '-';
    if (value_duration(text + back, at_ms)) {
        if (back)
            *at_ms = play->at_ms - *at_ms;
    } else {
        int64_t begin = wall_ms - play->at_ms;
        int64_t when = parse_time(text, begin);
        if (when < 0)
            return err_set(err, ERR_CONFIG, 0,
                           "\"%.40s\" is no time: want one since the beginning (90s), before now "
                           "(-90s) or of the clock (14:03:22, 2026-11-20T14:03:22Z)",
                           text);
        *at_ms = when - begin;
    }
    if (*at_ms < 0 || (play->length_ms != UNKNOWN && *at_ms > play->length_ms))
        return err_set(err, ERR_CONFIG, 0, "\"%.40s\" is not within what was recorded", text);
    return true;
}
