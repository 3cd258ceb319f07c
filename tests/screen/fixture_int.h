/* fixture_int.h: the parts of a made-up world; for fixture*.c alone. */
#ifndef CDCTOP_TESTS_FIXTURE_INT_H
#define CDCTOP_TESTS_FIXTURE_INT_H

#include "tests/screen/fixture.h"

struct fixture {
    enum fixture_kind kind;
    struct arena *arena;
    struct config config;
    struct pipeline_config *pipelines;
    struct world *world;
    struct app_pipeline *shown;
    struct findings *findings;
    struct log_line log[4];
    struct self_usage self;
    struct app_model model;
    struct mute muted;
};

/* fixture_rows.c */
/* How many rows, and their names: the plain ones, or what the kind of world asks for. */
size_t fixture_names(struct fixture *f, const char *const *plain, size_t n, const char ***out);
bool fixture_incident(const struct fixture *f);
void fixture_slots(struct fixture *f, struct pipeline *p);
void fixture_topics(struct fixture *f, struct pipeline *p);
void fixture_connectors(struct fixture *f, struct pipeline *p);
void fixture_groups(struct fixture *f, struct pipeline *p);
void fixture_prefixes(struct fixture *f, struct pipeline *p);

/* fixture_groups.c: after the topics; what Kafka answered of them is in the world, too. */
void fixture_kafka(struct fixture *f, size_t pipeline, const struct pipeline *p);

/* fixture_snapshots.c: after fixture_kafka */
void fixture_snapshots(struct fixture *f, size_t pipeline, struct pipeline *p);

/* fixture_past.c */
void fixture_past(struct fixture *f);

/* fixture_plan.c */
struct action_plan *fixture_plan(const struct action_args *args, const struct world *world,
                                 const struct pipeline *pipeline, struct arena *arena);

#endif
