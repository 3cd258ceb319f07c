/* s3_walk.h: how the newest objects of a topic are found without listing the old ones.
 *
 * A listing is sorted by key and can start after any string. So a refresh walks over the lanes (see
 * s3_layout.h) instead of over the keys: it asks for a few keys at the walk's position; a key of a
 * lane that is known jumps the position to just before the lane's last known offset, and what comes
 * then is that last key, the lane's new keys, and the first key of the next lane: known (jump
 * again) or new (open it). One request per lane and pass finds every new key, every new partition
 * and every new directory, because all of them sort after some position that is asked for.
 *
 * - Directories by time: the walk starts at the oldest directory that is still written to; once in
 *   five minutes it starts further back, for late records. Levels are assumed to sort by time
 *   ("month=09", not "month=9").
 * - The first start is computed from the sink's path format (UTC), else found by descending into
 *   the newest common prefix level by level; a level of more than a page is searched, not listed.
 * - Where the path's clock is not UTC or was changed a moment ago, the directories of half a day
 * are looked at: new objects may be behind the newest directory.
 * - A lane of more than a page is opened by a search over its offsets: doubling, then bisection.
 * - Offsets without padding (Aiven's default) do not sort as numbers: 999 is after 1000. Such a
 * lane is asked twice: after its last key (more numbers of that length) and after 1 with as many
 * zeros as one digit more needs (longer numbers). Both regions also hold shorter, older numbers; a
 * page of each is looked at.
 *
 * A step makes at most one request, so a budget can interrupt a walk anywhere; it goes on there.
 */
#ifndef CDCTOP_SOURCE_S3_WALK_H
#define CDCTOP_SOURCE_S3_WALK_H

#include "model/snapshot.h"
#include "source/s3_io.h"
#include "source/s3_layout.h"
#include "source/s3_search.h"

enum {
    S3_LANES_MAX = 512,
    S3_PEEK = 4,                     /* keys asked for where nothing new is expected */
    S3_LATE_MS = 5 * 60 * 1000,      /* how often older directories are looked at */
    S3_HOT_MS = 10 * 60 * 1000,      /* a directory written to this recently is walked always */
    S3_DIRS_KEPT = 8,                /* directories by time that are remembered */
    S3_HISTORY_MS = 2 * 3600 * 1000, /* how far back the first look goes */
    /* Where the clock of the paths may be any: every one that there is, and for a while after it
     * was changed. */
    S3_DIRS_KEPT_ZONE = 28,
    S3_ZONE_MS = 14 * 3600 * 1000,
    S3_WIDE_MS = 30 * 60 * 1000,
    S3_WIDE_EVERY_MS = 20 * 1000,
    S3_NOTICE_MS = 60 * 1000, /* within that we hear of a change */
};

enum lane_state { LANE_NEW, LANE_PAGES, LANE_SEARCH, LANE_FINAL, LANE_OPEN, LANE_LONGER };

struct s3_lane {
    char *prefix; /* all before the offset */
    size_t dir_len;
    int32_t partition;
    enum lane_state state;
    int width;         /* digits that the offset is padded to; 0: not padded */
    int64_t last;      /* the largest offset seen; -1 none */
    int64_t newest_ms; /* newest LastModified seen; -1 none */
    int pages;
    struct s3_search search;
    int64_t gap; /* offsets between neighbours, estimated during the search */
    char *pos;   /* where LANE_PAGES and LANE_FINAL go on */
};

struct s3_kept {
    char *key;
    int64_t size, modified_ms, start_offset;
    int32_t partition;
    int64_t records; /* lines counted in it; UNKNOWN */
    bool read;       /* it was tried: each object is read once */
};

enum topic_phase { TOPIC_BEGIN, TOPIC_RECENT, TOPIC_DESCEND, TOPIC_JUMP, TOPIC_WALK, TOPIC_REST };

struct s3_topic {
    char *name;
    struct s3_plan plan;
    enum topic_phase phase;
    char start[S3_PATH_SIZE];  /* where a walk starts */
    char late[S3_PATH_SIZE];   /* where a walk for late objects starts */
    char level[S3_PATH_SIZE];  /* of the descent */
    char parent[S3_PATH_SIZE]; /* start to use when level has no directories */
    char pos[S3_PATH_SIZE];    /* of the walk */
    struct s3_search jump;     /* over the names of a level of more than a page */
    bool big;                  /* the next request of the walk expects much */
    bool time_dirs;            /* start moves on with time */
    int64_t last_late_ms;
    bool again;            /* the sink was heard of only now: begin once more where it writes */
    bool widen;            /* the sink's clock was changed: look around from now on */
    int64_t wide_since_ms; /* since when; INT64_MIN never */
    int64_t count_from_ms; /* what was written before is no new object; INT64_MIN all are */
    struct s3_lane *lanes; /* by prefix */
    size_t nlanes, cap_lanes;
    int opening; /* index of the lane that is being opened or asked; -1 none */
    struct s3_kept objects[S3_OBJECTS_KEPT]; /* newest first */
    size_t nobjects;
    struct s3_floor *floors; /* see snap_s3.h */
    size_t nfloors, cap_floors;
    int64_t uploads, oldest_upload_ms; /* UNKNOWN */
    int64_t recheck_ms;                /* when it is looked again for what was deleted */
    char recheck[S3_PATH_SIZE];        /* the key after which that goes on; "" it begins */
    int64_t seen, seen_bytes, since_ms;
    bool complete;
    const char *layout;
    char error[480];
    bool capped; /* more lanes than we watch: walked rarely, and never complete */
    bool failed; /* error is of the last request, not of what was found */
};

struct s3_topic *s3_walk_new(const char *name, const struct s3_plan *plan);
void s3_walk_free(struct s3_topic *topic);

enum step { STEP_MORE, STEP_DONE, STEP_FAILED };

/* One request at most. After STEP_DONE the next step begins a new walk. now_ms: wall clock. */
enum step s3_walk_step(struct s3_topic *topic, struct s3_io *io, int64_t now_ms, struct err *err);

/* ---- between s3_walk.c and s3_lane.c ---- */

enum step s3_lane_step(struct s3_topic *topic, struct s3_lane *lane, struct s3_io *io,
                       struct err *err);
struct s3_lane *s3_lane_find(struct s3_topic *topic, const char *prefix, size_t len);
struct s3_lane *s3_lane_insert(struct s3_topic *topic, const char *key, const struct s3_key *k);
void s3_lane_drop_first(struct s3_topic *topic, size_t n);
/* Keeps an object; counts it when its offset is beyond floor (the lane's last before the page). */
void s3_lane_take(struct s3_topic *topic, struct s3_lane *lane, const struct s3list_entry *e,
                  const struct s3_key *k, int64_t floor);
/* From which offset on everything is kept; INT64_MAX: nothing is known of that partition. */
int64_t s3_lane_floor(struct s3_topic *topic, int32_t partition);
void s3_lane_forget(struct s3_topic *topic, size_t i); /* an object that is no longer there */

#endif
