#include "source/s3_search.h"

int64_t s3_search_next(const struct s3_search *s)
{
    if (s->hi != 0)
        return s->lo + (s->hi - s->lo) / 2;
    return s->lo > INT64_MAX / 4 || s->step > INT64_MAX / 4 ? INT64_MAX / 2 : s->lo + s->step;
}

void s3_search_feed(struct s3_search *s, int64_t asked, int64_t found)
{
    if (found < 0) {
        s->hi = asked > s->lo ? asked : s->lo + 1;
        return;
    }
    s->lo = found > asked ? found : asked;
    if (s->hi != 0 && s->hi <= s->lo)
        s->hi = s->lo + 1;
    if (s->hi == 0)
        s->step = s->step > INT64_MAX / 4 ? s->step : s->step * 2;
}

bool s3_search_done(const struct s3_search *s, int64_t gap)
{
    return s->hi != 0 && s->hi - s->lo <= (gap > 1 ? gap : 1);
}
