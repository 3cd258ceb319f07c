/* connector_history_int.h: how the past of a connector is kept, for the two files that know. */
#ifndef CDCTOP_MODEL_CONNECTOR_HISTORY_INT_H
#define CDCTOP_MODEL_CONNECTOR_HISTORY_INT_H

#include "model/config_keys.h"
#include "model/connector_history.h"

enum { STATE_BYTES = 16 };

/* A task, or the connector itself (id -1). */
struct unit {
    int id;
    char state[STATE_BYTES];
    char *worker;   /* NULL: not told */
    uint64_t cause; /* of its last failure, to the letter */
    int64_t since_ms;
    bool since_first; /* it was so when it was first seen */
    bool gone;        /* not in the latest answer, as while its connector is STOPPED */
    bool restarted;   /* since its last failure */
    int64_t asked_ms; /* a restart was accepted while it was FAILED; 0 */
};

struct connector_past {
    char *name;
    enum connect_service service;
    int64_t seen_ms;
    struct unit self;
    struct unit *tasks; /* by id; also such as are no more */
    size_t ntasks;
    int64_t taskless_ms; /* 0: it has tasks, or need not have any */
    bool taskless_first;
    struct config_keys keys;
    struct past_event *events; /* ring */
    int count, next;
};

#endif
