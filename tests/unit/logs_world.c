#include "tests/unit/logs_world.h"

enum { MOST = 8 };

struct log_tail *logs_world_tail(const struct fixture *f, struct snapshot *snap,
                                 enum connect_service service, const char *connector)
{
    struct logs_snap *logs = &snap->logs;
    if (logs->tails == NULL)
        logs->tails = arena_array(snap->arena, MOST, sizeof(*logs->tails));
    struct log_tail *t = &logs->tails[logs->ntails++];
    *t = (struct log_tail){.service = (int)service,
                           .connector = connector,
                           .group = "/log/shop",
                           .from_ms = f->wall_ms - 3 * 3600 * 1000,
                           .to_ms = f->wall_ms,
                           .events = arena_array(snap->arena, MOST, sizeof(*t->events))};
    return t;
}

void logs_world_event(const struct fixture *f, struct snapshot *snap, struct log_tail *tail,
                      enum logged kind, int task, int64_t age_ms, const char *text,
                      const char *cause)
{
    tail->events[tail->nevents++] = (struct log_event){
        .kind = (int)kind,
        .task = task,
        .at_ms = f->wall_ms - age_ms,
        .text = arena_strdup(snap->arena, text),
        .cause = arena_strdup(snap->arena, cause),
    };
}
