#include "source/kafka_groups.h"

#include "base/clock.h"
#include "base/mem.h"
#include "config/globs.h"

#include <stdlib.h>
#include <string.h>

enum {
    /* As many as have a kept handle: one more, and each poll would open all of them anew. */
    WATCHED_MAX = KAFKACLIENT_KEPT,
    TURNS_PER_POLL = 4, /* of the pipeline's groups beyond those */
    TURNS_BUDGET_MS = 1500,
    GROUPS_MAX = 5000,
    OFFSETS_MAX = 5000, /* partitions asked about per group */
    WALK_PER_POLL = 2,  /* other groups looked at per poll */
    WALK_BUDGET_MS = 500,
    LIST_COST_FACTOR = 20, /* listing takes at most a twentieth of the time */
    LIST_MAX_AGE_MS = 15000,
    LIST_RETRY_MS = 6000 /* a list that did not come took 2 s: not at every poll */
};

/* What was found when a group outside the pipeline was looked at last. One allocation. */
struct walked {
    char *name;
    struct kafka_offset *offsets; /* only those with a commit; topic names lie behind the array */
    size_t noffsets;
    bool read;
    bool seen; /* in the listing of this time */
};

struct kafka_groups {
    struct arena *arena; /* of the listing */
    struct kafkaclient_group *list;
    size_t nlist;
    bool partial;
    struct err trouble;              /* of the latest listing; ERR_NONE if it came */
    int64_t listed_ms, next_list_ms; /* monotonic */
    struct walked *walked;
    size_t nwalked, cap;
    size_t next; /* whose turn it is in the list */
    size_t turn; /* and among the pipeline's groups without a kept handle */
};

struct kafka_groups *kafka_groups_new(void)
{
    struct kafka_groups *groups = mem_alloc(sizeof(*groups));
    groups->arena = arena_new();
    return groups;
}

static void walked_free(struct walked *w)
{
    free(w->name);
    free(w->offsets);
}

void kafka_groups_free(struct kafka_groups *groups)
{
    if (groups == NULL)
        return;
    for (size_t i = 0; i < groups->nwalked; i++)
        walked_free(&groups->walked[i]);
    free(groups->walked);
    arena_free(groups->arena);
    free(groups);
}

static struct walked *find_walked(const struct kafka_groups *groups, const char *name)
{
    for (size_t i = 0; i < groups->nwalked; i++) {
        if (strcmp(groups->walked[i].name, name) == 0)
            return &groups->walked[i];
    }
    return NULL;
}

static const struct kafkaclient_group *find_listed(const struct kafka_groups *groups,
                                                   const char *name)
{
    for (size_t i = 0; i < groups->nlist; i++) {
        if (strcmp(groups->list[i].name, name) == 0)
            return &groups->list[i];
    }
    return NULL;
}

/* Groups that are gone take along what was remembered of them. */
static void forget_gone(struct kafka_groups *groups)
{
    size_t kept = 0;
    for (size_t i = 0; i < groups->nwalked; i++) {
        if (find_listed(groups, groups->walked[i].name) != NULL)
            groups->walked[kept++] = groups->walked[i];
        else
            walked_free(&groups->walked[i]);
    }
    groups->nwalked = kept;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct kafkaclient_group *)a)->name,
                  ((const struct kafkaclient_group *)b)->name);
}

static void list_groups(struct kafka_groups *groups, struct kafkaclient *client,
                        const struct kafkaclient_until *until)
{
    struct arena *arena = arena_new();
    struct kafkaclient_group *list;
    size_t n;
    bool partial;
    int64_t start = clock_mono_ms();
    err_clear(&groups->trouble);
    if (!kafkaclient_groups(client, until, arena, &list, &n, &partial, &groups->trouble)) {
        arena_free(arena);
        groups->next_list_ms = clock_mono_ms() + LIST_RETRY_MS;
        return;
    }
    int64_t now = clock_mono_ms();
    arena_free(groups->arena);
    groups->arena = arena;
    groups->list = list;
    groups->nlist = n < GROUPS_MAX ? n : GROUPS_MAX;
    groups->partial = partial;
    groups->listed_ms = now;
    groups->next_list_ms = now + (now - start) * LIST_COST_FACTOR;
    if (groups->next_list_ms > now + LIST_MAX_AGE_MS)
        groups->next_list_ms = now + LIST_MAX_AGE_MS;
    qsort(groups->list, groups->nlist, sizeof(*groups->list), by_name);
    if (!partial)
        forget_gone(groups);
}

/* Its index among the pipeline's groups; their number if it is none of them. */
static size_t hint_of(const struct hints *hints, const char *name)
{
    size_t i = 0;
    while (hints != NULL && i < hints->ngroups && strcmp(hints->groups[i], name) != 0)
        i++;
    return i;
}

/* The partitions whose offsets are asked for: of the pipeline's topics if it is known. */
static size_t ask_list(const struct kafka_topics *topics, const struct hints *hints,
                       struct kafkaclient_offset **out)
{
    size_t n = 0, max = topics->partitions < OFFSETS_MAX ? topics->partitions : OFFSETS_MAX;
    bool by_hints = hints != NULL && hints->ntopics > 0;
    size_t count = by_hints ? hints->ntopics : topics->count;
    *out = mem_calloc(max + 1, sizeof(**out));
    for (size_t i = 0; i < count; i++) {
        const struct kafka_topic_state *t =
            by_hints ? kafka_topics_find(topics, hints->topics[i]) : &topics->items[i];
        for (size_t k = 0; t != NULL && k < t->nparts && n < max; k++)
            (*out)[n++] =
                (struct kafkaclient_offset){.topic = t->name, .partition = t->parts[k].id};
    }
    return n;
}

/* A topic is given in full (none committed: UNKNOWN) if the group committed anything in it: the
 * others it does not read. ask is ordered by topic. */
static void publish_offsets(struct kafka_group *out, struct arena *arena,
                            const struct kafkaclient_offset *ask, size_t n)
{
    out->offsets = arena_array(arena, n, sizeof(*out->offsets));
    for (size_t i = 0; i < n;) {
        size_t end = i;
        bool any = false;
        for (; end < n && ask[end].topic == ask[i].topic; end++)
            any = any || ask[end].offset != KAFKACLIENT_NONE;
        const char *topic = any ? arena_strdup(arena, ask[i].topic) : NULL;
        for (; i < end; i++) {
            if (any)
                out->offsets[out->noffsets++] = (struct kafka_offset){
                    .topic = topic,
                    .partition = ask[i].partition,
                    .committed = ask[i].offset == KAFKACLIENT_NONE ? UNKNOWN : ask[i].offset};
        }
    }
    out->offsets_read = true;
}

static struct kafka_group *add_group(struct kafka_groups *groups, struct snapshot *snap,
                                     size_t *cap, const char *name)
{
    struct kafka_group *g = arena_push(snap->arena, &snap->kafka.groups, &snap->kafka.ngroups, cap,
                                       sizeof(*snap->kafka.groups));
    const struct kafkaclient_group *listed =
        clock_mono_ms() - groups->listed_ms <= 2 * LIST_MAX_AGE_MS ? find_listed(groups, name)
                                                                   : NULL;
    *g = (struct kafka_group){.name = arena_strdup(snap->arena, name), .members = -1};
    if (listed != NULL) {
        g->state = arena_strdup(snap->arena, listed->state);
        g->protocol_type = arena_strdup(snap->arena, listed->protocol_type);
        g->members = listed->members;
    }
    return g;
}

static void remember(struct kafka_groups *groups, const char *name,
                     const struct kafkaclient_offset *ask, size_t n)
{
    struct walked *w = find_walked(groups, name);
    size_t count = 0, bytes = 0;
    for (size_t i = 0; i < n; i++) {
        if (ask[i].offset == KAFKACLIENT_NONE)
            continue;
        count++;
        bytes += strlen(ask[i].topic) + 1;
    }
    if (w == NULL) {
        if (groups->nwalked == groups->cap) {
            groups->cap = groups->cap == 0 ? 16 : groups->cap * 2;
            groups->walked = mem_realloc(groups->walked, groups->cap * sizeof(*groups->walked));
        }
        w = &groups->walked[groups->nwalked++];
        *w = (struct walked){.name = mem_strdup(name)};
    }
    free(w->offsets);
    w->offsets = mem_alloc(count * sizeof(*w->offsets) + bytes + 1);
    w->noffsets = 0;
    w->read = true;
    char *names = (char *)(w->offsets + count);
    for (size_t i = 0; i < n; i++) {
        if (ask[i].offset == KAFKACLIENT_NONE)
            continue;
        size_t len = strlen(ask[i].topic) + 1;
        memcpy(names, ask[i].topic, len);
        w->offsets[w->noffsets++] = (struct kafka_offset){
            .topic = names, .partition = ask[i].partition, .committed = ask[i].offset};
        names += len;
    }
}

struct group_run {
    struct kafka_groups *groups;
    struct kafkaclient *client;
    const struct kafkaclient_until *until;
    const struct hints *hints;
    struct snapshot *snap;
    struct kafkaclient_offset *ask;
    size_t nask, cap;
    struct err trouble; /* the first one, for the note */
    size_t failed;
};

static void poll_watched(struct group_run *run, const char *name)
{
    struct kafka_group *g = add_group(run->groups, run->snap, &run->cap, name);
    struct err err = ERR_INIT;
    if (kafkaclient_committed(run->client, run->until, name, true, run->ask, run->nask, &err))
        publish_offsets(g, run->snap->arena, run->ask, run->nask);
    else if (run->failed++ == 0)
        run->trouble = err;
}

static bool is_walkable(const struct kafkaclient_group *g)
{
    return g->protocol_type == NULL || g->protocol_type[0] == '\0' ||
           strcmp(g->protocol_type, "consumer") == 0;
}

static struct kafkaclient_until at_most(const struct kafkaclient_until *until, int budget_ms)
{
    struct kafkaclient_until less = *until;
    int64_t end = clock_mono_ms() + budget_ms;
    less.deadline_ms = end < until->deadline_ms ? end : until->deadline_ms;
    return less;
}

/* The pipeline's groups that have no kept handle, a few at each poll. */
static void take_turns(struct group_run *run)
{
    struct kafka_groups *groups = run->groups;
    size_t n = run->hints != NULL ? run->hints->ngroups : 0;
    struct kafkaclient_until until = at_most(run->until, TURNS_BUDGET_MS);
    for (size_t k = 0; n > WATCHED_MAX && k < n - WATCHED_MAX && k < TURNS_PER_POLL; k++) {
        const char *name = run->hints->groups[WATCHED_MAX + groups->turn++ % (n - WATCHED_MAX)];
        struct err err = ERR_INIT;
        if (kafkaclient_committed(run->client, &until, name, false, run->ask, run->nask, &err))
            remember(groups, name, run->ask, run->nask);
        else if (run->failed++ == 0)
            run->trouble = err;
    }
}

/* A few of the other groups, in turn. */
static void walk(struct group_run *run, const bool *watched)
{
    struct kafka_groups *groups = run->groups;
    struct kafkaclient_until until = at_most(run->until, WALK_BUDGET_MS);
    size_t done = 0;
    for (size_t i = 0; i < groups->nlist && done < WALK_PER_POLL; i++) {
        size_t at = groups->next++ % groups->nlist;
        const char *name = groups->list[at].name;
        bool has_turn = run->hints != NULL && hint_of(run->hints, name) < run->hints->ngroups;
        if (watched[at] || has_turn || !is_walkable(&groups->list[at]))
            continue;
        done++;
        struct err err = ERR_INIT;
        if (kafkaclient_committed(run->client, &until, name, false, run->ask, run->nask, &err))
            remember(groups, name, run->ask, run->nask);
    }
}

/* With what was found when it was looked at last. */
static void publish_remembered(struct group_run *run, const char *name)
{
    struct arena *arena = run->snap->arena;
    struct kafka_group *g = add_group(run->groups, run->snap, &run->cap, name);
    const struct walked *w = find_walked(run->groups, name);
    if (w == NULL || !w->read)
        return;
    g->offsets_read = true;
    g->noffsets = w->noffsets;
    g->offsets = arena_array(arena, w->noffsets, sizeof(*g->offsets));
    for (size_t k = 0; k < w->noffsets; k++) {
        g->offsets[k] = w->offsets[k];
        g->offsets[k].topic = arena_strdup(arena, w->offsets[k].topic);
    }
}

static void publish_others(struct group_run *run, const bool *watched)
{
    const struct kafka_groups *groups = run->groups;
    for (size_t i = 0; i < groups->nlist; i++) {
        if (!watched[i])
            publish_remembered(run, groups->list[i].name);
    }
    /* The pipeline's own are shown, listed or not. */
    for (size_t i = WATCHED_MAX; run->hints != NULL && i < run->hints->ngroups; i++) {
        if (find_listed(groups, run->hints->groups[i]) == NULL)
            publish_remembered(run, run->hints->groups[i]);
    }
}

static void note_trouble(struct group_run *run)
{
    const struct err *list_err = &run->groups->trouble;
    if (list_err->kind != ERR_NONE)
        snapshot_note(run->snap, err_next_step(list_err->kind), "consumer groups: %s",
                      list_err->text);
    else if (run->groups->partial)
        snapshot_note(run->snap, "check the brokers of this cluster",
                      "consumer groups: a broker did not answer, its groups are missing");
    if (run->failed > 0)
        snapshot_note(run->snap, err_next_step(run->trouble.kind),
                      "committed offsets of %zu group%s: %s", run->failed,
                      run->failed == 1 ? "" : "s", run->trouble.text);
}

bool kafka_groups_poll(struct kafka_groups *groups, struct kafkaclient *client,
                       const struct kafkaclient_until *until, const struct kafka_config *cfg,
                       const struct hints *hints, const struct kafka_topics *topics, bool full,
                       struct snapshot *snap, struct err *err)
{
    struct group_run run = {
        .groups = groups, .client = client, .until = until, .hints = hints, .snap = snap};
    if (full || clock_mono_ms() >= groups->next_list_ms)
        list_groups(groups, client, until);
    bool *watched = mem_calloc(groups->nlist + 1, sizeof(*watched));
    run.nask = ask_list(topics, hints, &run.ask);
    size_t count = 0;
    size_t nhints = hints != NULL ? hints->ngroups : 0;
    for (; count < nhints && count < WATCHED_MAX; count++)
        poll_watched(&run, hints->groups[count]);
    take_turns(&run);
    for (size_t i = 0; i < groups->nlist; i++) {
        const char *name = groups->list[i].name;
        size_t hint = hint_of(hints, name);
        watched[i] = hint < nhints && hint < WATCHED_MAX;
        if (!watched[i] && count < WATCHED_MAX && globs_match(&cfg->groups, name, false)) {
            watched[i] = true;
            count++;
            poll_watched(&run, name);
        }
    }
    if (run.failed == 0 && groups->trouble.kind == ERR_NONE)
        walk(&run, watched);
    publish_others(&run, watched);
    note_trouble(&run);
    free(watched);
    free(run.ask);
    struct err over = ERR_INIT;
    if (kafkaclient_stopped(until, &over))
        return err_set(err, over.kind, 0, "%s", over.text);
    return true;
}
