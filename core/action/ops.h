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

/* connector.c: restart, pause, continue, stop */
void connector_plan(struct planner *pl);
void connector_route(const struct action_args *args, const struct connector_row *c,
                     const char *version, struct action_route *route);
bool connector_send(const struct action_run *run, struct err *err);
enum action_state connector_judge_restart(const struct judge *j);
enum action_state connector_judge_state(const struct judge *j);
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
