#include "model/feed.h"

void feed_s3(struct world_pipeline *wp, const struct snapshot *snap)
{
    const struct s3_snap *s3 = &snap->s3;
    char key[FEED_KEY];
    for (size_t i = 0; i < s3->nprefixes; i++) {
        const struct s3_prefix *p = &s3->prefixes[i];
        if (p->topic != NULL && p->complete)
            series_push_counter(wp->series, feed_key(key, "objects", p->topic), snap->mono_ms,
                                (double)p->seen);
    }
}
