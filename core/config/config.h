/* config.h: the settled configuration: files, flags and environment already merged.
 *
 * Read-only after config_load; lives until the end of the program; every thread may read it.
 * Strings are never NULL ("" means not given) unless said otherwise. The fields are described, with
 * ranges, units and defaults, in ONE place: the option table in options.c.
 */
#ifndef CDCTOP_CONFIG_CONFIG_H
#define CDCTOP_CONFIG_CONFIG_H

#include "base/err.h"
#include "config/problem.h"
#include "config/servers.h"
#include "config/view.h"
#include "config/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct threshold_config { /* warn and critical levels; names and defaults as in the option table */
    int64_t retained_warn, retained_crit; /* bytes */
    int64_t lag_warn, lag_crit;           /* messages */
    int64_t lag_time_warn_ms, lag_time_crit_ms;
    int64_t end_to_end_warn_ms, end_to_end_crit_ms;
    int64_t slot_idle_warn_ms, slot_idle_crit_ms; /* inactive for */
    int64_t lost_in_warn_ms, lost_in_crit_ms;     /* projected time until the slot is lost */
    int64_t disk_full_warn_ms, disk_full_crit_ms; /* … until the database's disk is full */
    int64_t disk_window_ms;                       /* by what was seen over this */
    int64_t disk_used_warn_pct, disk_used_crit_pct, disk_used_full_pct;
    int64_t broker_disk_warn_pct, broker_disk_crit_pct; /* MSK */
    int64_t worker_busy_pct;                            /* MSK Connect: CPU or memory */
    /* Replication slots: how long, and how much, before it is no chance any more. */
    int64_t slot_stall_ms, slot_stall_wal; /* nothing confirmed for, while so many bytes came */
    int64_t slot_pinned_ms;                /* restart_lsn has not moved for */
    int64_t slot_slow_ms;                  /* it confirms less than is written for */
    int64_t cap_used_warn_pct, cap_used_crit_pct;       /* of max_slot_wal_keep_size */
    int64_t catalog_xmin_warn, catalog_xmin_crit;       /* transactions */
    int64_t walsender_flaps, walsender_flap_ms;         /* new connections within */
    int64_t idle_timeout_used_pct;                      /* of idle_replication_slot_timeout */
    int64_t restart_recent_ms;                          /* the server started so long ago */
    int64_t gap_shown_ms;                               /* a gap is spoken of for */
    int64_t late_factor_warn_pct, late_factor_crit_pct; /* S3: % of the expected rotation */
    int64_t late_grace_ms;
    int64_t quiet_after_ms;
    int64_t path_off_ms;                   /* S05: between the hour in a path and the clock */
    int64_t small_files_rate;              /* S06: objects a minute */
    int64_t small_files_size;              /* S06: bytes of the median object */
    int64_t hole_settle_ms;                /* S07: age of the object behind a hole */
    int64_t upload_age_ms;                 /* S09 */
    int64_t slot_late_ms, capture_late_ms; /* freshness of the hops */
    int64_t clock_skew_ms;
    int64_t commit_still_ms; /* a sink that commits nothing so long while records wait */
    int64_t rebalance_polls; /* of the last ten in which the group was rebalancing */
    int64_t rebalance_count; /* rebalances within rebalance_window */
    int64_t rebalance_window_ms;
    int64_t retention_used_pct;   /* age of the oldest record that waits, of retention.ms */
    int64_t one_partition_pct;    /* share of the lag in one partition */
    int64_t dlq_window_ms;        /* in which dead letters are counted … */
    int64_t dlq_per_million_crit; /* … of the sink's records */
    int64_t rate_window_ms;       /* the message rate over this is compared with what was before */
    int64_t rate_over_info_pct, rate_over_warn_pct; /* of the usual rate; warn 0: never */
    int64_t idle_after_ms;                          /* no message in any captured topic */
    int64_t event_ms;                         /* how long what happened at one moment is said */
    int64_t unassigned_warn_ms, busy_warn_ms; /* Connect */
    int64_t restart_window_ms;                /* in which restarts in vain are counted */
    int64_t capture_still_ms, confirm_still_ms;
    int64_t snapshot_stuck_ms, signal_unseen_ms;
};

struct findings_config {
    struct strlist mute; /* as mute_parse reads them */
};

/* What stands before the connectors' own words: each entry "connector=value". */
struct join_config {
    struct strlist slots, publications, topics, groups, prefixes;
};

struct pipeline_config {
    char *name;
    char *environment; /* shown in the header: "prod", "lab" */
    struct postgres_config postgres;
    struct kafka_config kafka;
    struct connect_config connect;
    struct s3_config s3;
    struct aws_config aws;
    struct msk_config msk;
    struct mskconnect_config mskconnect;
    struct dms_config dms;
    struct rds_config rds;
    struct cloudwatch_config cloudwatch;
    struct logs_config logs;
    struct threshold_config thresholds;
    struct join_config join;
    struct findings_config findings;
};

struct config {
    char *path; /* the file it came from; "" when flags and environment alone */
    int64_t interval_ms;
    char *theme;                        /* built-in name or path */
    char *glyphs;                       /* auto unicode ascii */
    char *clipboard;                    /* auto osc52 file */
    int64_t history_ms, history_memory; /* what is kept to be gone back through */
    bool mouse;
    struct view_config view;
    struct key_bindings keys;
    const struct config_words *words; /* borrowed; NULL: no front end */
    uint64_t text_hash;               /* of the file as it was read; 0: there is none */
    bool read_only;
    char *audit_log; /* "": $XDG_STATE_HOME/cdctop/audit.jsonl */
    bool syslog;
    int64_t confirm_timeout_ms; /* how long an action's post-condition is waited for */
    char *log_file, *log_level;
    struct pipeline_config *pipelines;
    size_t npipelines;
};

/* What came from the command line; later flags win. Flags that describe a pipeline make or override
 * the first one. */
struct config_flags {
    const char *config_path;               /* --config; NULL: search order */
    const char *pg, *kafka, *connect, *s3; /* NULL: not given */
    const char *pipeline;                  /* show this one first */
    const char *theme, *interval, *log_file;
    bool aws;                                  /* ask MSK Connect and DMS for whatever they have */
    const char *region, *profile, *connectors; /* of AWS; globs of connectors and tasks */
    bool read_only, ascii, mouse;
    const struct config_words *words; /* NULL: keys and columns are not checked */
    bool no_file; /* without --config none is read: for one that is about to be written */
};

/* Searches, reads, merges, checks.
 *
 * Precedence: flags, then the file, then the environment, then the defaults. The first file that
 * exists is the only one read: flags->config_path, $CDCTOP_CONFIG, $XDG_CONFIG_HOME/cdctop/
 * config.toml (~/.config), /etc/cdctop/config.toml; never the current directory, because a
 * configuration may run commands. AWS_* fill what a pipeline leaves open; PGHOST and friends make a
 * database known only when no file describes a pipeline, since they usually mean another one (libpq
 * itself still fills what a conninfo leaves open). --pg, --kafka and --connect also drop the
 * credentials that the file gave for the address they replace (of SASL_SSL the TLS stays).
 * `flags->pipeline` moves that one to the front.
 *
 * Returns NULL if there was any error (warnings alone are fine): all mistakes at once are in
 * *problems (config_problems_free). No file at all is no error when flags or environment give a
 * pipeline, or even when nothing does (npipelines 0: the caller says so). */
struct config *config_load(const struct config_flags *flags, struct config_problems *problems);
/* A document in memory in place of a file, then the flags; nothing is searched for, and nothing of
 * the environment counts. */
struct config *config_of_text(const char *text, size_t n, const struct config_flags *flags,
                              struct config_problems *problems);
void config_free(struct config *config); /* wipes secrets */
void config_problems_free(struct config_problems *problems);

/* What the settled configuration describes: a source that is not given here may still be found
 * through the other ones. */
bool config_has_postgres(const struct pipeline_config *pipeline);
bool config_has_kafka(const struct pipeline_config *pipeline);
bool config_has_connect(const struct pipeline_config *pipeline);
bool config_has_s3(const struct pipeline_config *pipeline);
/* Is any service of AWS to be asked, or a login there to be used? */
bool config_has_aws(const struct pipeline_config *pipeline);

/* Overwrites in place what is a password inside the arguments of --pg and --connect, so that a
 * process list does not show it. Call after config_load: flags usually point into argv. */
void config_scrub_argv(int argc, char **argv);

#endif
