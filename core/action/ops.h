/* ops.h: what each kind of action is made of; action.h is the door for everybody else. */
#ifndef CDCTOP_ACTION_OPS_H
#define CDCTOP_ACTION_OPS_H

#include "action/action.h"
#include "model/connector_facts.h"

/* A plan while it is being written. */
struct planner {
    const struct action_args *args;
    const struct world *world;
    const struct world_pipeline *wp;
    const struct pipeline *p;
    struct arena *arena;
    struct action_plan *plan;
    size_t lines_cap, checks_cap, request_cap;
};

void planner_line(struct planner *pl, const char *label, enum check_level tone, const char *fmt,
                  ...) __attribute__((format(printf, 4, 5)));
/* A failed check also makes the plan not allowed, with that text as the reason. */
void planner_check(struct planner *pl, enum check_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void planner_request(struct planner *pl, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Judging an accepted action by what the world shows. */
struct judge {
    const struct action_args *args;
    const struct action_before *before;
    const struct world *world;
    const struct pipeline *p;
    int64_t elapsed_ms;
    bool *under_way; /* set: the server says that it is still at it; time does not run out yet */
    char *text;
    size_t size;
    int *percent;
};
void judge_say(const struct judge *j, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

struct action_ops {
    struct action_info info;
    void (*plan)(struct planner *pl);
    bool (*send)(const struct action_run *run, struct err *err);
    enum action_state (*judge)(const struct judge *j);
};

/* By kind; in actions.c. */
extern const struct action_ops action_table[ACTION_KIND_COUNT];

/* connector.c: restart, pause, continue, stop: what is the same for every service that runs
 * connectors, and the table of what each of them does its own way. */
void connector_plan(struct planner *pl);
void connector_route(const struct action_args *args, const struct connector_row *c,
                     const struct world *world, struct action_route *route);
bool connector_send(const struct action_run *run, struct err *err);
enum action_state connector_judge(const struct judge *j);
/* Does it show that the owner of a slot (action_route) runs no more? Nobody lets go of anything.
 * False and *err: it runs, or that cannot be read. */
bool connector_lets_go(const struct action_run *run, struct err *err);

struct connector_ops {
    const char *name; /* in sentences: "Connect", "MSK Connect" */
    /* Checks, summary and what is known beside its state. */
    void (*plan)(struct planner *pl, const struct connector_row *c);
    void (*request)(struct planner *pl, const struct connector_row *c, struct action_route *route);
    /* What the worker needs to know; service and arn are set already. NULL: nothing more. */
    void (*route)(const struct action_args *args, const struct connector_row *c,
                  const struct world *world, struct action_route *route);
    bool (*send)(const struct action_run *run, struct err *err);
    /* Of an answer that is newer than the request. */
    enum action_state (*judge)(const struct judge *j, const struct connector_row *c);
    /* As connector_lets_go; NULL: a plan never comes so far. */
    bool (*lets_go)(const struct action_run *run, struct err *err);
};
extern const struct connector_ops *const connector_services[SERVICE_COUNT];
extern const struct connector_ops connector_kafka; /* connector_kafka.c: Kafka Connect itself */
extern const struct connector_ops connector_msk;   /* connector_msk.c: MSK Connect */
extern const struct connector_ops connector_dms;   /* connector_dms.c: DMS */

/* For the files of services. */
bool connector_state_is(const struct connector_row *c, const char *state);
/* Was it restarted from here a moment ago? */
void connector_check_calm(struct planner *pl, const struct connector_row *c);
/* What the last restarts of it came to. */
void connector_check_in_vain(struct planner *pl, const struct connector_row *c);
/* Its slot keeps WAL while it stands. */
void connector_tell_slot(struct planner *pl, const struct connector_row *c);
/* A restart or a continuation worked when data moves, not when a state says RUNNING. */
enum action_state connector_judge_work(const struct judge *j, const struct connector_row *c);
/* Of a DMS task. */
enum action_state connector_judge_dms(const struct judge *j, const struct connector_row *c);
/* An answer that came after the request? */
bool judge_seen_since(const struct judge *j, enum source_kind kind);
/* drop_slot.c */
void drop_slot_plan(struct planner *pl);
bool drop_slot_send(const struct action_run *run, struct err *err);
enum action_state drop_slot_judge(const struct judge *j);
/* terminate.c */
void terminate_plan(struct planner *pl);
bool terminate_send(const struct action_run *run, struct err *err);
enum action_state terminate_judge(const struct judge *j);
/* snapshot_signal.c */
void snapshot_signal_plan(struct planner *pl);
bool snapshot_signal_send(const struct action_run *run, struct err *err);
void snapshot_signal_route(const struct connector_facts *facts, struct action_route *route);
/* snapshot_judge.c */
enum action_state snapshot_judge(const struct judge *j);

#endif
