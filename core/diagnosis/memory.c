#include "diagnosis/memory.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEEN_MAX = 512,
    FORGET_MS = 60 * 1000,  /* one that stays away so long starts anew when it comes back */
    CLEAR_MIN_MS = 4 * 1000 /* shown as clearing for two refreshes, and at least so long */
};

struct seen {
    uint64_t hash; /* of id and object; 0: a free place */
    char id[FINDING_ID];
    char object[FINDING_OBJECT];
    int64_t first_wall_ms; /* since when it is said to hold */
    int64_t from_mono_ms;  /* since when it holds without a break: for the hold */
    int64_t last_mono_ms;  /* when its signature was last there */
    bool raised;           /* it has been said */
    bool now;              /* seen in the present evaluation */
    bool said;             /* it is in the history as raised */
    enum verdict noted;    /* as loud as the history knows it */
    struct finding copy;   /* its fixed part; texts in `text` */
    char *text;            /* object, title, advice, check and evidence, one after the other */
    size_t cap;
};

struct memory {
    struct seen seen[SEEN_MAX];
    struct finding_event events[FINDING_EVENTS];
    size_t nevents; /* ever; a ring */
    struct mute mutes[MUTES_MAX];
    size_t nmutes;
};

struct memory *memory_new(void)
{
    return mem_alloc(sizeof(struct memory));
}

void memory_free(struct memory *memory)
{
    if (memory == NULL)
        return;
    for (size_t i = 0; i < SEEN_MAX; i++)
        free(memory->seen[i].text);
    free(memory);
}

static uint64_t hash_of(const char *id, const char *object)
{
    return hash_not_0(hash_text(hash_text(HASH_START, id), object));
}

/* Its place, a free one, or that of the finding which has been away the longest. */
static struct seen *place_of(struct memory *m, uint64_t hash)
{
    struct seen *oldest = &m->seen[0];
    for (size_t i = 0; i < SEEN_MAX; i++) {
        struct seen *s = &m->seen[i];
        if (s->hash == hash || s->hash == 0)
            return s;
        oldest = s->last_mono_ms < oldest->last_mono_ms ? s : oldest;
    }
    oldest->hash = 0;
    return oldest;
}

static const char *put(char **at, const char *text)
{
    size_t n = strlen(text) + 1;
    char *out = *at;
    memcpy(out, text, n);
    *at += n;
    return out;
}

/* What must outlive the snapshots and the arena in which the finding was made. */
static void keep_copy(struct seen *s, const struct finding *f)
{
    size_t need = strlen(f->object) + strlen(f->title) + strlen(f->advice) + strlen(f->check) + 4;
    for (int i = 0; i < f->nevidence; i++)
        need += strlen(f->evidence[i]) + 1;
    need += f->has_remedy ? strlen(f->remedy_target) + 1 : 0;
    if (need > s->cap) {
        s->text = mem_realloc(s->text, need);
        s->cap = need;
    }
    char *at = s->text;
    s->copy = *f;
    s->copy.object = put(&at, f->object);
    s->copy.title = put(&at, f->title);
    s->copy.advice = put(&at, f->advice);
    s->copy.check = put(&at, f->check);
    for (int i = 0; i < f->nevidence; i++)
        s->copy.evidence[i] = put(&at, f->evidence[i]);
    if (f->has_remedy)
        s->copy.remedy_target = put(&at, f->remedy_target);
}

static int64_t clear_ms(const struct world *world)
{
    return world->interval_ms * 2 > CLEAR_MIN_MS ? world->interval_ms * 2 : CLEAR_MIN_MS;
}

static struct seen *meet(struct memory *m, const struct world *world, const struct finding *f)
{
    uint64_t hash = hash_of(f->id, f->object);
    struct seen *s = place_of(m, hash);
    int64_t away = world->mono_ms - s->last_mono_ms;
    if (s->hash != hash) {
        char *text = s->text;
        size_t cap = s->cap;
        *s = (struct seen){.hash = hash, .text = text, .cap = cap};
        (void)snprintf(s->id, sizeof(s->id), "%s", f->id);
        (void)snprintf(s->object, sizeof(s->object), "%s", f->object);
        s->first_wall_ms = world->wall_ms;
        s->from_mono_ms = world->mono_ms;
    } else {
        if (away > clear_ms(world))
            s->from_mono_ms = world->mono_ms;
        if (away > FORGET_MS)
            s->first_wall_ms = world->wall_ms;
    }
    s->last_mono_ms = world->mono_ms;
    s->now = true;
    return s;
}

static void add_clearing(struct seen *s, struct arena *arena, struct finding_list *list)
{
    struct finding *f =
        arena_push(arena, &list->items, &list->count, &list->cap, sizeof(struct finding));
    *f = s->copy;
    f->object = arena_strdup(arena, f->object);
    f->title = arena_strdup(arena, f->title);
    f->advice = arena_strdup(arena, f->advice);
    f->check = arena_strdup(arena, f->check);
    for (int i = 0; i < f->nevidence; i++)
        f->evidence[i] = arena_strdup(arena, f->evidence[i]);
    if (f->has_remedy)
        f->remedy_target = arena_strdup(arena, f->remedy_target);
    f->explains = NULL;
    f->nexplains = 0;
    f->clearing = true;
    f->since_wall_ms = s->first_wall_ms;
}

void memory_settle(struct memory *memory, const struct world *world, struct arena *arena,
                   struct finding_list *list, memory_answered_fn *answered, void *ctx)
{
    size_t kept = 0;
    for (size_t i = 0; i < SEEN_MAX && memory->seen[i].hash != 0; i++)
        memory->seen[i].now = false;
    for (size_t i = 0; i < list->count; i++) {
        struct finding *f = &list->items[i];
        struct seen *s = meet(memory, world, f);
        f->since_wall_ms = s->first_wall_ms;
        s->raised = s->raised || world->mono_ms - s->from_mono_ms >= f->hold_ms;
        if (!s->raised)
            continue;
        keep_copy(s, f);
        list->items[kept++] = *f;
    }
    list->count = kept;
    for (size_t i = 0; i < SEEN_MAX && memory->seen[i].hash != 0; i++) {
        struct seen *s = &memory->seen[i];
        if (s->now || !s->raised)
            continue;
        if (!answered(ctx, s->id)) {
            s->last_mono_ms = world->mono_ms; /* time without evidence does not count */
            continue;
        }
        if (world->mono_ms - s->last_mono_ms < clear_ms(world))
            add_clearing(s, arena, list);
        else
            s->raised = false;
    }
}

/* ---- the history ----------------------------------------------------------------------------- */

static const char *const kind_names[] = {
    [EVENT_RAISED] = "raised", [EVENT_WORSE] = "worse",     [EVENT_CLEARED] = "cleared",
    [EVENT_MUTED] = "muted",   [EVENT_UNMUTED] = "unmuted",
};

const char *event_kind_name(enum event_kind kind)
{
    return kind_names[kind];
}

static struct finding_event *event_add(struct memory *m, const struct world *world,
                                       enum event_kind kind, const char *id, const char *object)
{
    struct finding_event *e = &m->events[m->nevents++ % FINDING_EVENTS];
    *e = (struct finding_event){.wall_ms = world->wall_ms, .lasted_ms = UNKNOWN, .kind = kind};
    (void)snprintf(e->id, sizeof(e->id), "%s", id);
    (void)snprintf(e->object, sizeof(e->object), "%s", object);
    return e;
}

static void event_of(struct memory *m, const struct world *world, enum event_kind kind,
                     const struct seen *s)
{
    struct finding_event *e = event_add(m, world, kind, s->id, s->object);
    e->severity = s->noted;
    if (kind == EVENT_CLEARED)
        e->lasted_ms = s->last_mono_ms - s->from_mono_ms;
    (void)snprintf(e->title, sizeof(e->title), "%s", s->copy.title);
    log_put(LOG_INFO, "finding %s %s: %s", s->id, event_kind_name(kind), s->copy.title);
}

void memory_note(struct memory *memory, const struct world *world, const struct finding_list *said)
{
    for (size_t i = 0; i < said->count; i++) {
        const struct finding *f = &said->items[i];
        struct seen *s = place_of(memory, hash_of(f->id, f->object));
        if (f->clearing || s->hash == 0)
            continue;
        bool worse = s->said && f->severity > s->noted;
        bool raised = !s->said;
        s->said = true;
        if (raised || worse) {
            s->noted = f->severity;
            event_of(memory, world, raised ? EVENT_RAISED : EVENT_WORSE, s);
        }
    }
    for (size_t i = 0; i < SEEN_MAX && memory->seen[i].hash != 0; i++) {
        struct seen *s = &memory->seen[i];
        if (!s->said || s->raised)
            continue;
        s->said = false;
        event_of(memory, world, EVENT_CLEARED, s);
    }
}

size_t memory_history(const struct memory *memory, struct finding_event *out, size_t max)
{
    size_t have = memory->nevents < FINDING_EVENTS ? memory->nevents : FINDING_EVENTS;
    size_t n = have < max ? have : max;
    for (size_t i = 0; i < n; i++)
        out[i] = memory->events[(memory->nevents - 1 - i) % FINDING_EVENTS];
    return n;
}

/* ---- mutes ----------------------------------------------------------------------------------- */

bool memory_muted(const struct memory *memory, const struct world *world, struct finding *f)
{
    for (size_t i = 0; i < memory->nmutes; i++) {
        const struct mute *m = &memory->mutes[i];
        if (strcmp(m->rule, f->id) != 0 || world->wall_ms >= m->until_wall_ms ||
            (m->object[0] != '\0' && strcmp(m->object, f->object) != 0))
            continue;
        f->mute_reason = m->reason;
        f->muted_until_ms = m->until_wall_ms;
        return true;
    }
    return false;
}

static struct mute *mute_find(struct memory *m, const char *rule, const char *object)
{
    for (size_t i = 0; i < m->nmutes; i++) {
        if (strcmp(m->mutes[i].rule, rule) == 0 && strcmp(m->mutes[i].object, object) == 0)
            return &m->mutes[i];
    }
    return NULL;
}

static void mute_event(struct memory *m, const struct world *world, enum event_kind kind,
                       const struct mute *mute)
{
    struct finding_event *e = event_add(m, world, kind, mute->rule, mute->object);
    e->severity = VERDICT_INFO;
    (void)snprintf(e->title, sizeof(e->title), "%s", mute->reason);
    log_put(LOG_INFO, "rule %s%s%s %s: %s", mute->rule, mute->object[0] != '\0' ? " of " : "",
            mute->object, event_kind_name(kind), mute->reason);
}

bool memory_mute(struct memory *memory, const struct world *world, const struct mute *mute)
{
    struct mute *m = mute_find(memory, mute->rule, mute->object);
    if (m == NULL && memory->nmutes == MUTES_MAX)
        return false;
    if (m == NULL)
        m = &memory->mutes[memory->nmutes++];
    *m = *mute;
    mute_event(memory, world, EVENT_MUTED, m);
    return true;
}

bool memory_unmute(struct memory *memory, const struct world *world, const char *rule,
                   const char *object)
{
    struct mute *m = mute_find(memory, rule, object);
    if (m == NULL)
        return false;
    mute_event(memory, world, EVENT_UNMUTED, m);
    *m = memory->mutes[--memory->nmutes];
    return true;
}
