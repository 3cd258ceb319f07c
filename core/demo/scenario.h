/* scenario.h: what a demo shows: pipelines as they stand when it begins, and what happens to them.
 *
 * A scenario is a TOML file (scenarios/, embedded at build; or one's own). Its keys are the tables
 * in scenario_read.c, which are also what a mistake in it is told by. Everything lives in the
 * scenario's arena and is read-only after scenario_open.
 */
#ifndef CDCTOP_DEMO_SCENARIO_H
#define CDCTOP_DEMO_SCENARIO_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scenario_table {
    const char *name;   /* "orders": schema public */
    double rate;        /* rows written a second */
    int64_t row;        /* bytes of a row */
    int64_t rows;       /* that it has at the beginning */
    int64_t partitions; /* of its topic */
    bool key;           /* it has a primary key */
    bool read;          /* the sinks read its topic */
};

struct scenario_source {
    const char *name, *prefix; /* of connector and topics */
    const char *slot, *publication;
    int64_t copies;       /* so many connectors like it, numbered; 1: this one */
    int64_t heartbeat_ms; /* 0: none */
    int64_t capacity;     /* bytes of WAL that it can read a second */
    int64_t chunk;        /* rows read a second by a snapshot */
    bool dms;             /* a replication task of DMS instead of a connector */
    struct scenario_table *tables;
    size_t ntables;
};

struct scenario_sink {
    const char *name, *source; /* whose topics it reads; of copies each has its own */
    int64_t copies;            /* the topics of the source are dealt out to so many sinks */
    int64_t tasks, flush_size;
    int64_t rotate_ms; /* rotate.schedule.interval.ms; 0: not set */
    int64_t capacity;  /* records that a task can write a second */
};

struct scenario_slot { /* of somebody else */
    const char *name, *plugin, *user;
    bool active;
    int64_t idle_ms, retains;
};

struct scenario_pipeline {
    const char *name, *database, *bucket;
    int64_t wal_other; /* bytes a second that nobody captures */
    int64_t keep;      /* max_slot_wal_keep_size; 0: unlimited */
    int64_t checkpoint_ms;
    int64_t brokers, max_slots;
    int64_t objects;               /* newest objects of a topic that are listed */
    bool aws;                      /* RDS, MSK and MSK Connect instead of servers of one's own */
    bool aurora;                   /* Aurora instead of RDS */
    int64_t storage, free_storage; /* of the RDS instance, bytes */
    struct scenario_source *sources;
    size_t nsources;
    struct scenario_sink *sinks;
    size_t nsinks;
    struct scenario_slot *slots;
    size_t nslots;
};

/* At a time since the beginning, or as soon as a connector is in a state. */
struct scenario_event {
    int64_t at_ms;
    const char *when;     /* "shop-source STOPPED"; NULL: at that time */
    const char *what;     /* a row of the table in sim_event.c */
    const char *pipeline; /* NULL: the first */
    const char *object, *text;
    int64_t value; /* rows, bytes or milliseconds a second, as that row takes it */
    const char *say;
};

/* What must come of it: the tests hold every scenario to this. */
struct scenario_expect {
    const char *pipeline; /* NULL: the first */
    const char *rule, *object;
    int64_t within_ms; /* after `begin` */
};
struct scenario_cure {
    const char *pipeline; /* NULL: the first */
    const char *action;   /* name of an action; NULL: time alone */
    const char *target;
    bool all;         /* restart all tasks, not the failed ones */
    bool quietly;     /* no finding recommends it: the last step of a recipe */
    int64_t after_ms; /* since the beginning: not before */
    int64_t within_ms;
};

/* A stop of a guided tour: goes to a moment, closes all views and presses keys. */
struct scenario_stop {
    int64_t at_ms;
    const char *says, *press; /* what goes on, and what to try here; press may be "" */
    const char *keys;         /* as in keymap.h, blanks between */
    const char *shows;        /* what must be on the screen then: for the tests */
};

/* A setting of the demo's own configuration, such as a threshold. */
struct scenario_setting {
    const char *key, *value;
    int line;
};

struct scenario {
    struct arena *arena;
    const char *name, *title, *story;
    int64_t begin_ms; /* the person comes in then: what lies before has been watched */
    struct scenario_pipeline *pipelines;
    size_t npipelines;
    struct scenario_event *events;
    size_t nevents;
    struct scenario_expect *expects;
    size_t nexpects;
    struct scenario_cure *cures;
    size_t ncures;
    struct scenario_stop *stops; /* of a tour, by time */
    size_t nstops;
    struct scenario_setting *settings;
    size_t nsettings;
};

/* A name from the list, or the path of a file (with a slash, or ending in .toml). NULL and *err:
 * what is wrong, with line and what is allowed. */
struct scenario *scenario_open(const char *what, struct err *err);
/* name is for messages. */
struct scenario *scenario_text(const char *name, const char *text, size_t n, struct err *err);
/* The same, before it is known whether all that it names is there. */
struct scenario *scenario_read(const char *name, const char *text, size_t n, struct err *err);
void scenario_free(struct scenario *scenario); /* NULL is fine */

/* The embedded ones, in the order of the list; NULL-terminated by name. */
struct scenario_file {
    const char *name, *text;
};
extern const struct scenario_file scenario_files[];

#endif
