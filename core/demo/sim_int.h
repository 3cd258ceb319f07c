/* sim_int.h: what the parts of the simulation share; sim.h is the door for everybody else. */
#ifndef CDCTOP_DEMO_SIM_INT_H
#define CDCTOP_DEMO_SIM_INT_H

#include "demo/sim.h"

/* Lists of the bucket in a minute; what one, and one figure of CloudWatch, costs in millionths of a
 * dollar. */
enum { SIM_LISTS = 150, SIM_LIST_USD = 5, SIM_FIGURE_USD = 10 };

static inline int64_t sim_wall(const struct sim *sim, int64_t at_ms)
{
    return sim->base_ms + at_ms;
}

static inline int32_t sim_hour(const struct sim *sim, int64_t at_ms)
{
    return (int32_t)(sim_wall(sim, at_ms) / (INT64_C(3600) * 1000));
}

struct sim_source *sim_find_source(const struct sim *sim, const char *name);
struct sim_sink *sim_find_sink(const struct sim *sim, const char *name);
struct sim_slot *sim_find_slot(const struct sim *sim, const char *name);
struct sim_topic *sim_find_topic(const struct sim *sim, const char *name);

/* A number from 0 to 1 that depends on nothing but these. */
double sim_noise(const struct sim *sim, uint64_t a, uint64_t b);
/* Around 1: the hour of the day, and restlessness. */
double sim_rhythm(const struct sim *sim, uint64_t id);

/* sim_config.c: a value NULL takes the key away. */
void sim_set_config(struct sim *sim, struct kv **config, size_t *n, const char *key,
                    const char *value);
void sim_source_config(struct sim *sim, struct sim_source *s);
void sim_sink_config(struct sim *sim, struct sim_sink *s);
void sim_source_beat(struct sim *sim, struct sim_source *s, int64_t every_ms); /* 0: off */
void sim_sink_rotate(struct sim *sim, struct sim_sink *s, int64_t every_ms);

/* sim_topic.c: records come and are found again by their time. */
void sim_topic_put(struct sim *sim, struct sim_topic *t, double records);
void sim_topic_mark(struct sim *sim, struct sim_topic *t);
int64_t sim_topic_time(const struct sim *sim, const struct sim_topic *t, int partition,
                       int64_t offset); /* since the beginning */
int64_t sim_topic_offset(const struct sim *sim, const struct sim_topic *t, int partition,
                         int64_t at_ms);

/* sim_source.c */
void sim_source_tick(struct sim *sim, struct sim_source *s, double dt);
void sim_write(struct sim *sim, struct sim_source *s, int table, double rows);
void sim_slot_drop(struct sim *sim, struct sim_slot *slot);
int sim_slot_make(struct sim *sim, const char *name, int source);
void sim_source_state(struct sim *sim, struct sim_source *s, enum sim_state state);

/* sim_sink.c */
void sim_sink_tick(struct sim *sim, struct sim_sink *s, double dt);
void sim_sink_state(struct sim *sim, struct sim_sink *s, enum sim_state state);
int sim_sink_running(const struct sim_sink *s);

/* sim_minute.c: what CloudWatch counts. */
void sim_minute_first(struct sim *sim);
void sim_minute_tick(struct sim *sim);
double sim_free_storage(const struct sim *sim);
/* The newest minute that ended at least so long ago; never NULL. */
const struct sim_minute *sim_minute_of(const struct sim *sim, int64_t ago_ms);

/* sim_operation.c: what a managed connector was asked for, and how that goes on. */
void sim_operate(struct sim *sim, const char *connector, const char *type);

/* see_connect.c: for those who tell of connectors as well. */
void sim_put_source(const struct sim *sim, struct arena *a, struct connect_connector *c,
                    const struct sim_source *s);
void sim_put_sink(const struct sim *sim, struct arena *a, struct connect_connector *c,
                  const struct sim_sink *s);
void sim_sort_connectors(struct connect_snap *c);

/* sim_shot.c: snapshots and what Debezium tells of them. */
void sim_shot_start(struct sim *sim, struct sim_source *s, const char *id, const int *tables, int n,
                    bool blocking, bool initial);
void sim_shot_steer(struct sim *sim, struct sim_source *s, const char *type); /* PAUSED … */
void sim_shot_tick(struct sim *sim, struct sim_source *s, double dt);
void sim_note(struct sim *sim, struct sim_source *s, const struct sim_note *note);

/* sim_event.c */
void sim_events(struct sim *sim);
bool sim_event_known(const char *what);
void sim_event_list(char *buf, size_t size); /* their names, for a message */

/* The i-th newest object of a topic. */
const struct sim_object *sim_topic_object(const struct sim_topic *t, int i);

#endif
