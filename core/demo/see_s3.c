/* see_s3.c: what the simulated bucket lists: keys and hour paths as Confluent's sink makes them. */
#include "demo/sim_int.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LISTED_MS = 2 * 3600 * 1000, COUNTED_MAX = 4000000 };

/* The path of an hour is asked for many times in a row. */
struct hours {
    int64_t hour; /* since 1970; 0: none yet */
    char path[64];
};

static const char *hour_path(struct hours *h, int64_t hour)
{
    if (h->hour != hour) {
        time_t at = (time_t)(hour * 3600);
        struct tm tm;
        h->hour = hour;
        (void)gmtime_r(&at, &tm);
        (void)strftime(h->path, sizeof(h->path), "year=%Y/month=%m/day=%d/hour=%H", &tm);
    }
    return h->path;
}

const struct sim_object *sim_topic_object(const struct sim_topic *t, int i)
{
    return &t->objects[(t->next - 1 - i + 2 * SIM_OBJECTS) % SIM_OBJECTS];
}

static char *put(char *at, const char *text)
{
    while (*text != '\0')
        *at++ = *text++;
    return at;
}

static char *put_number(char *at, int64_t n, int width)
{
    char digits[20];
    int count = 0;
    do {
        digits[count++] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0 || count < width);
    while (count > 0)
        *at++ = digits[--count];
    return at;
}

/* "topics/T/year=2026/…/hour=14/T+0+0000012345.json". By hand: a large bucket has tens of thousands
 * of them in each answer. */
static const char *key_of(struct arena *a, const struct s3_prefix *p, const char *hour,
                          const struct sim_object *o)
{
    enum { NUMBERS = 48 };
    char *key = arena_alloc(a, strlen(p->path) + strlen(hour) + strlen(p->topic) + NUMBERS);
    char *at = put(put(put(put(key, p->path), hour), "/"), p->topic);
    at = put_number(put(at, "+"), o->partition, 1);
    at = put_number(put(at, "+"), o->start, 10);
    (void)put(at, ".json");
    return key;
}

static void put_objects(const struct sim *sim, struct arena *a, struct s3_prefix *p,
                        const struct sim_topic *t, int n)
{
    struct hours hours = {0};
    p->objects = arena_array(a, (size_t)n, sizeof(*p->objects));
    for (int i = 0; i < n; i++) {
        const struct sim_object *o = sim_topic_object(t, i);
        int64_t wall = sim_wall(sim, o->time_ms);
        const char *hour = hour_path(&hours, o->hour);
        if (i == 0)
            p->newest_path = arena_printf(a, "%s%s/", p->path, hour);
        p->objects[p->nobjects++] =
            (struct s3_object){.key = key_of(a, p, hour, o),
                               .size = o->size,
                               .modified_ms = wall,
                               .partition = o->partition,
                               .start_offset = o->start,
                               .records = o->size <= COUNTED_MAX ? o->records : UNKNOWN};
    }
}

/* What lies before the oldest of a partition that is listed may have been forgotten. */
static void put_floors(struct arena *a, struct s3_prefix *p, const struct sim_topic *t)
{
    p->floors = arena_array(a, (size_t)t->nparts, sizeof(*p->floors));
    for (size_t i = p->nobjects; i-- > 0;) {
        size_t k = 0;
        while (k < p->nfloors && p->floors[k].partition != p->objects[i].partition)
            k++;
        if (k == p->nfloors)
            p->floors[p->nfloors++] =
                (struct s3_floor){p->objects[i].partition, p->objects[i].start_offset};
    }
}

struct snapshot *sim_see_s3(const struct sim *sim)
{
    struct snapshot *snap = snapshot_new(SOURCE_S3);
    struct s3_snap *s3 = &snap->s3;
    struct arena *a = snap->arena;
    snapshot_tls(snap, true, NULL, sim_wall(sim, sim->now_ms) + INT64_C(200) * 86400000);
    s3->bucket = arena_strdup(a, sim->made->bucket);
    s3->endpoint = "https://s3.eu-central-1.amazonaws.com";
    s3->region = "eu-central-1";
    s3->requests = s3->lists = sim->now_ms / 2000 * 5;
    s3->usd_micro_per_hour = SIM_LISTS * 60 * SIM_LIST_USD;
    s3->keys = sim->now_ms / 2000 * 120;
    s3->prefixes = arena_array(a, (size_t)sim->ntopics, sizeof(*s3->prefixes));
    for (int i = 0; i < sim->ntopics; i++) {
        const struct sim_topic *t = &sim->topics[i];
        if (t->sink < 0)
            continue;
        struct s3_prefix *p = &s3->prefixes[s3->nprefixes++];
        *p = (struct s3_prefix){.topic = arena_strdup(a, t->name),
                                .path = arena_printf(a, "topics/%s/", t->name),
                                .layout = "confluent",
                                .seen = t->seen,
                                .seen_bytes = t->seen_bytes,
                                .since_ms = sim->base_ms - LISTED_MS,
                                .complete = true,
                                .uploads = 0,
                                .oldest_upload_ms = UNKNOWN};
        int n = t->nobjects < sim->made->objects ? t->nobjects : (int)sim->made->objects;
        put_objects(sim, a, p, t, n);
        put_floors(a, p, t);
    }
    return snap;
}
