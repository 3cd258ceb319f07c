/* world.h: everything that is known now, owned by one thread (the UI's, or the headless main's).
 *
 * Per pipeline and source: the last good snapshot with its age, the present error, and the series.
 * Nothing here talks to a server. Objects are found by name, never by address: a snapshot that is
 * replaced takes its strings along.
 */
#ifndef CDCTOP_MODEL_WORLD_H
#define CDCTOP_MODEL_WORLD_H

#include "base/err.h"
#include "config/config.h"
#include "model/connector_history.h"
#include "model/kafka_past.h"
#include "model/lag.h"
#include "model/ledger.h"
#include "model/series.h"
#include "model/snapshot.h"

/* What a poller posts after each poll. Malloc'd; ownership moves with the pointer. */
struct report {
    struct snapshot *snap; /* the newest good one not yet delivered; NULL */
    struct err err;        /* of the latest poll; ERR_NONE: it succeeded */
    int64_t mono_ms;       /* when the latest poll ended */
    int64_t took_us;
    int64_t polls, failures; /* since the start */
    int fails;               /* consecutive failures now */
};
void report_free(struct report *report);

enum source_state {
    STATE_OFF,     /* not configured, nothing discovered */
    STATE_WAITING, /* asked, no answer so far */
    STATE_FRESH,
    STATE_STALE,   /* an answer is overdue: shown with its age, dimmed */
    STATE_FAILING, /* the latest poll failed: UNKNOWN with the error verbatim */
};

enum { SOURCE_POLLS = 64 };

struct source_slot {
    bool configured;
    struct snapshot *snap; /* last good; NULL */
    struct err err;        /* kind ERR_NONE when the latest poll was good */
    int64_t opened_mono_ms;
    int64_t report_mono_ms; /* of the latest report; 0 */
    int64_t took_us, polls, failures;
    int64_t recent_us[SOURCE_POLLS]; /* how long each of the latest reports took; a ring */
    size_t nrecent;                  /* of all that came */
    int fails;
    int64_t failing_since_ms; /* monotonic; 0 */
};

/* Over the latest reports, good and bad; false: none so far. */
struct latency {
    int64_t median_us, worst_us;
    size_t n;
};
bool source_latency(const struct source_slot *slot, struct latency *out);

enum { GROUP_POLLS = 32, GROUP_REBALANCES = 8 };

/* One consumer group over time: Burrow's window over all its partitions, and its states. */
struct group_trend {
    char *group;
    struct lag_window window;
    int64_t seen_ms; /* monotonic: of the last sample */
    uint32_t busy;   /* a bit per poll, the newest is bit 0: was it rebalancing? */
    uint32_t empty;  /* … and had it no member? */
    int busy_polls;  /* how many of them tell something, at most GROUP_POLLS */
    int64_t begun_ms[GROUP_REBALANCES]; /* when its latest rebalances were first seen; ring */
    int nbegun;                         /* of all that were seen */
};

struct world_pipeline {
    const struct pipeline_config *config;
    struct source_slot sources[SOURCE_KIND_COUNT];
    struct series_store *series;
    struct connector_history *history; /* what was seen of each connector */
    struct group_trend *trends;
    size_t ntrends;
    struct ledger ledger; /* what we did to this pipeline */
    struct kafka_past kafka_past;
};

struct world {
    const struct config *config;
    int64_t interval_ms;      /* between polls, as it is set now */
    int64_t mono_ms, wall_ms; /* the moment that the world is looked at: set by world_now */
    struct world_pipeline *pipelines;
    size_t npipelines;
};

struct world *world_new(const struct config *config);
void world_free(struct world *world);
void world_now(struct world *world, int64_t mono_ms, int64_t wall_ms);

/* Takes the report. Feeds the series from a new snapshot. */
void world_accept(struct world *world, size_t pipeline, enum source_kind kind,
                  struct report *report);

enum source_state world_state(const struct world *world, size_t pipeline, enum source_kind kind);

/* As one: how the services stand that tell of connectors (Kafka Connect, MSK Connect, DMS), as far
 * as they are configured. The worst of them; STATE_OFF without any. */
enum source_state world_connectors(const struct world *world, size_t pipeline);
/* The one of them that stands so: what is known of connectors as a whole is as good as what this
 * one says. SOURCE_CONNECT without any. */
enum source_kind world_connectors_kind(const struct world *world, size_t pipeline);

/* When the next answer becomes overdue (monotonic): the moment at which a screen must say so.
 * INT64_MAX: nothing is fresh. */
int64_t world_next_stale(const struct world *world);

/* Age of the last good snapshot by our monotonic clock, ms; UNKNOWN without one. */
int64_t world_age(const struct world *world, size_t pipeline, enum source_kind kind);

/* "now" by the clock of that server, as well as it can be told: server_ms plus the time since, or
 * our wall clock where the server told no time. */
int64_t world_server_now(const struct world *world, size_t pipeline, enum source_kind kind);

/* How far that server's clock is ahead of ours, ms; UNKNOWN where it tells no time. What it can be
 * wrong by is the time that the poll took, and a second for servers that tell whole seconds. */
int64_t world_skew(const struct world *world, size_t pipeline, enum source_kind kind);

/* LAG_UNKNOWN for a group that was not watched for long enough. */
enum lag_trend world_trend(const struct world *world, size_t pipeline, const char *group);

/* What is remembered of a group; NULL. */
const struct group_trend *world_group(const struct world *world, size_t pipeline,
                                      const char *group);

/* The newest good snapshot of that kind, however old; NULL. */
const struct snapshot *world_snap(const struct world *world, size_t pipeline,
                                  enum source_kind kind);

#endif
