/* action.h: what can be done to a server: allowed or why not, the exact request, the run, the
 * verdict.
 *
 * One executor for keys, commands and the headless form. Reading order: action_plan (pure: what
 * would happen and may it?), then engine_submit (the worker re-checks on fresh data, writes the
 * audit record, sends), then action_verdict (pure: did what later snapshots show mean that it
 * worked?).
 */
#ifndef CDCTOP_ACTION_ACTION_H
#define CDCTOP_ACTION_ACTION_H

#include "base/arena.h"
#include "base/err.h"
#include "model/pipeline.h"

enum action_kind {
    ACTION_RESTART,
    ACTION_PAUSE,
    ACTION_CONTINUE,
    ACTION_STOP,
    ACTION_DROP_SLOT,
    ACTION_SNAPSHOT,
    ACTION_SNAPSHOT_STOP,
    ACTION_SNAPSHOT_PAUSE,
    ACTION_SNAPSHOT_RESUME,
    ACTION_TERMINATE,
    ACTION_RELOAD,
    ACTION_KIND_COUNT
};

enum action_target { TARGET_CONNECTOR, TARGET_SLOT, TARGET_SESSION };

enum restart_scope { RESTART_FAILED, RESTART_ALL, RESTART_TASK }; /* RELOAD: ALL, or tables */

/* What a person asked for. Owns its strings (action_args_free). */
struct action_args {
    enum action_kind kind;
    size_t pipeline;
    char *target; /* connector, slot, or the pid of a session */
    enum restart_scope scope;
    int task;      /* RESTART_TASK */
    char **tables; /* SNAPSHOT, RELOAD: "schema.table" */
    size_t ntables;
    bool blocking;
    bool validate;   /* RELOAD: compare the tables again, send nothing */
    char *filter;    /* additional condition, SQL; NULL */
    char *signal_id; /* made by action_plan's caller with action_signal_id; shown in the preview */
    /* TERMINATE: backend_start of the session that is meant (action_args_session): a pid that has
     * come to be another session's is not hit. */
    int64_t session_ms;
};
struct action_args *action_args_new(enum action_kind kind, size_t pipeline, const char *target);
struct action_args *action_args_copy(const struct action_args *args);
void action_args_add_table(struct action_args *args, const char *table);
void action_args_free(struct action_args *args);
/* Notes which session the pid means now; for TERMINATE, when it is asked for. */
void action_args_session(struct action_args *args, const struct world *world);

enum check_level { CHECK_OK, CHECK_WARN, CHECK_FAIL };

struct plan_line {
    const char *label; /* "seen", "owner", "frees", "loses" */
    const char *text;
    enum check_level tone; /* how it is coloured */
};
struct plan_check {
    enum check_level level;
    const char *text;
};

/* What would happen: everything the dialog or --dry-run shows. Lives in the arena it was made in.
 */
struct action_plan {
    bool allowed;
    const char *why_not; /* when not allowed: one line */
    const char *title;   /* "Drop replication slot old_export on orders-db" */
    const char *summary; /* what it does, in words */
    struct plan_line *lines;
    size_t nlines;
    const char *const *request; /* the exact SQL, HTTP request or record; secrets masked */
    size_t nrequest;
    struct plan_check *checks;
    size_t nchecks;
    bool danger;           /* red frame */
    const char *type_name; /* this must be typed to confirm; NULL: y is enough */
};

/* Pure. Never NULL. read_only and every guard of the action are part of `allowed`. */
struct action_plan *action_plan(const struct action_args *args, const struct world *world,
                                const struct pipeline *pipeline, struct arena *arena);

/* A row per kind: what menus, help, the command line and the key table share. */
struct action_info {
    const char *name;  /* "restart", "drop-slot": `:` command and `do` verb */
    const char *key;   /* "R" */
    const char *label; /* "restart" in key lines */
    const char *help;
    enum action_target target;
    bool danger;
};
const struct action_info *action_info(enum action_kind kind);

/* How a submitted action stands. Copied out by value: safe to keep. */
enum action_state {
    ACTION_QUEUED,
    ACTION_CHECKING, /* reading again, just before */
    ACTION_SENDING,  /* on the wire, or retried because the server is busy */
    ACTION_WATCHING, /* accepted; waiting for the post-condition */
    ACTION_WORKED,
    ACTION_FAILED, /* refused or an error: nothing or something was changed, see text */
    ACTION_UNSEEN, /* accepted, but the post-condition was not seen in time */
};
struct action_status {
    unsigned id;
    enum action_kind kind;
    enum action_state state;
    char target[128];
    char text[600]; /* "RUNNING 3/3, lag falling: worked after 14 s" */
    int64_t started_wall_ms, started_mono_ms, ended_mono_ms;
    int percent; /* snapshot progress, -1 unknown */
};
bool action_done(enum action_state state);

/* What was true just before: the verdict compares with it. */
struct action_before {
    int64_t mono_ms, wall_ms;
    uint64_t lsn;           /* source connector's offset */
    uint64_t confirmed_lsn; /* of its slot … */
    int reader_pid;         /* … and who read it; 0 */
    int64_t heartbeat_ms;   /* its newest heartbeat; UNKNOWN */
    bool snapshot_ran;
    double snapshot_mark;
    int64_t lag, committed; /* sink group */
    int64_t retained;       /* slot */
    uint64_t restart_lsn;
    int64_t dms_moved;  /* rows and changes that a task of DMS has seen; UNKNOWN */
    uint64_t operation; /* the newest one of a connector of MSK Connect; 0: none was told */
};
uint64_t action_operation(const struct msk_operation *op); /* which one it is */
void action_before(const struct action_args *args, const struct world *world,
                   const struct pipeline *pipeline, struct action_before *before);

/* Pure: WATCHING (not yet), WORKED, FAILED or UNSEEN with a text for the person. */
enum action_state action_verdict(const struct action_args *args, const struct action_before *before,
                                 const struct world *world, const struct pipeline *pipeline,
                                 int64_t timeout_ms, char *text, size_t size, int *percent);

/* The blocking part, on the worker thread: re-check, send. progress may be called any number of
 * times. True: the server accepted it. */
struct aws;
struct action_run {
    const struct action_args *args;
    const struct config *config;
    const struct pipeline_config *pipeline;
    struct aws *aws;                  /* of the pipeline; NULL: none */
    const struct action_route *route; /* where to send, as the plan found it; see below */
    int64_t deadline_ms;
    int stop_fd;
    void (*progress)(void *ctx, enum action_state state, const char *text);
    void *progress_ctx;
};

/* What the run needs to know from the join, copied out on the UI thread (owned by the job). */
struct action_route {
    enum connect_service service;    /* who runs the connector */
    char *arn;                       /* of a managed one */
    char *state;                     /* of a task of DMS: what the plan was made for */
    char *slot_owner;                /* connector that owns the slot, or NULL */
    char *signal_table;              /* "schema.table" */
    char *signal_topic, *signal_key; /* Kafka channel: topic and key (= topic.prefix) */
    char *publication;
    bool use_topic;      /* the Kafka channel is used, not the table */
    struct hints *hints; /* where the database is, if only a connector's config tells; owned */
    /* Connect before 3.0 restarts a connector without its tasks: each task gets a call of its own.
     */
    bool each_task, connector_too;
    int *tasks;
    size_t ntasks;
};
struct action_route *action_route_new(const struct action_args *args, const struct world *world,
                                      const struct pipeline *pipeline);
void action_route_free(struct action_route *route);
bool action_send(const struct action_run *run, struct err *err);

/* "cdctop-20261120T140322Z-1a2b": unique, and recognisable in notifications. malloc'd. */
char *action_signal_id(int64_t wall_ms);

#endif
