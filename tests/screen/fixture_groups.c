/* fixture_groups.c: consumer groups in all their ways, and what Kafka answered of their topics. */
#include "tests/screen/fixture_int.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct plan {
    const char *name, *state, *protocol, *connector, *trend;
    int members;
    int64_t lag, lag_ms;
    const char *topics[2];
} plans[] = {
    {"connect-s3-sink",
     "Stable",                       "consumer",
     "s3-sink",                                        "STALL",
     2,                                                             61204,
     192000,                                                                          {"cdc.public.orders", "cdc.public.order_items"}},
    {"connect-jdbc-audit",
     "Stable",                       "consumer",
     "jdbc-audit",                                     "OK",
     1,                                                             0,
     0,                                                                               {"cdc.public.customers", NULL}                 },
    {"analytics-loader",
     "PreparingRebalance",           "consumer",
     NULL,                                             "WARN",
     4,                                                             1204331,
     5400000,                                                                         {"cdc.public.orders", "cdc.public.payments"}   },
    {"nightly-export",
     "Empty",                        "consumer",
     NULL,                                             "REWIND",
     0,                                                             12,
     UNKNOWN,                                                                         {"cdc.public.stock", NULL}                     },
    {"connect-cluster",    "Stable", "connect",  NULL, "",       3, UNKNOWN, UNKNOWN, {NULL, NULL}                                   },
};

static struct kafka_group *make_group(struct fixture *f, const char *name, const struct plan *plan,
                                      bool first)
{
    struct kafka_group *g = arena_alloc(f->arena, sizeof(*g));
    size_t parts = f->kind == FIXTURE_HUGE && first ? 5000 : 3;
    *g = (struct kafka_group){.name = name,
                              .state = plan->state,
                              .protocol_type = plan->protocol,
                              .members = plan->members,
                              .offsets_read = true};
    g->offsets = arena_array(f->arena, parts * 2, sizeof(*g->offsets));
    for (int t = 0; t < 2; t++)
        for (size_t q = 0; plan->topics[t] != NULL && q < parts; q++) {
            /* The first topic waits in its first partition, and was never read in its third. */
            bool late = plan->lag > 0 && t == 0 && q == 0 && fixture_incident(f);
            bool never = q == 2 && t == 0 && plan->lag > 0;
            g->offsets[g->noffsets++] = (struct kafka_offset){
                plan->topics[t], (int32_t)q,
                never ? UNKNOWN : 8812345 + (int64_t)q - (late ? plan->lag : 0)};
        }
    return g;
}

void fixture_groups(struct fixture *f, struct pipeline *p)
{
    const char *plain[ARRAY_LEN(plans)];
    const char **names;
    for (size_t i = 0; i < ARRAY_LEN(plans); i++)
        plain[i] = plans[i].name;
    size_t n = fixture_names(f, plain, ARRAY_LEN(plans), &names);
    p->ngroups = n;
    p->groups = arena_array(f->arena, n, sizeof(*p->groups));
    for (size_t i = 0; i < n; i++) {
        const struct plan *plan = &plans[i % ARRAY_LEN(plans)];
        bool ours = plan->connector != NULL && !fixture_incident(f);
        p->groups[i] = (struct group_row){
            .base = {names[i], VERDICT_OK, "", f->kind == FIXTURE_UNKNOWN},
            .group = make_group(f, names[i], plan, i == 0),
            .connector = plan->connector,
            .lag = ours ? 0 : plan->lag,
            .lag_ms = ours ? 0 : plan->lag_ms,
            .lag_ms_more = plan->lag_ms > 3600000,
            .trend = ours ? "OK" : plan->trend
        };
    }
    if (fixture_incident(f)) {
        p->groups[0].base.verdict = VERDICT_WARN;
        p->groups[0].base.why = "the sink commits nothing while 61,204 messages wait";
    }
}

/* Two minutes of figures, one each 2 s. */
static void series(struct series_store *store, const struct group_row *g, double read_per_s)
{
    char key[300];
    for (int i = 0; i <= 60; i++) {
        int64_t t = FIXTURE_MONO - (60 - i) * 2000;
        double back = (60 - i) * 2.0;
        (void)snprintf(key, sizeof(key), "committed %s", g->base.name);
        series_push_counter(store, key, t, 8e6 - back * read_per_s);
        (void)snprintf(key, sizeof(key), "lag %s", g->base.name);
        series_push_gauge(store, key, t, (double)g->lag * (1 - back / 200));
        for (size_t o = 0; o < g->group->noffsets && o < 8; o++) {
            const struct kafka_offset *off = &g->group->offsets[o];
            (void)snprintf(key, sizeof(key), "at %s %s/%d", g->base.name, off->topic,
                           (int)off->partition);
            if (off->committed == UNKNOWN)
                continue;
            series_push_counter(store, key, t, (double)off->committed - back * read_per_s / 6);
            (void)snprintf(key, sizeof(key), "hw %s/%d", off->topic, (int)off->partition);
            const struct series *hw = series_find(store, key);
            struct point newest;
            if (!series_at(hw, 0, &newest) || newest.t < t)
                series_push_counter(store, key, t, 8812345 + (double)off->partition - back * 600);
        }
    }
}

static void watched(struct world_pipeline *wp)
{
    wp->trends = mem_calloc(1, sizeof(*wp->trends));
    wp->ntrends = 1;
    wp->trends[0] = (struct group_trend){
        .group = mem_strdup("analytics-loader"),
        .seen_ms = FIXTURE_MONO - 400,
        .busy = 0x7,
        .busy_polls = 20,
        .begun_ms = {FIXTURE_MONO - 90000, FIXTURE_MONO - 5000},
        .nbegun = 2
    };
}

void fixture_kafka(struct fixture *f, size_t pipeline, const struct pipeline *p)
{
    static const double rates[] = {0, 12.4, 188.0, 0, 0};
    struct world_pipeline *wp = &f->world->pipelines[pipeline];
    struct kafka_snap *kafka = &wp->sources[SOURCE_KAFKA].snap->kafka;
    kafka->ntopics = p->ntopics;
    kafka->topics = arena_array(f->arena, p->ntopics + 1, sizeof(*kafka->topics));
    for (size_t i = 0; i < p->ntopics; i++)
        kafka->topics[i] = *p->topics[i].topic;
    for (size_t i = 0; i < p->ngroups && i < ARRAY_LEN(rates) - 1; i++)
        series(wp->series, &p->groups[i], rates[i]);
    if (f->kind == FIXTURE_INCIDENT && pipeline == 0)
        watched(wp);
}
