#include "model/connector_history_int.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TOGETHER_MS = 5000,       /* tasks that fail so close to each other fail together */
    SETTLE_MS = 3000,         /* a restart that failed at once has shown it by then */
    GONE_MS = 60 * 60 * 1000, /* a connector that is deleted is remembered for so long */
    GONE_TASKS = 256          /* and so many tasks that are no more */
};

struct connector_history {
    struct connector_past **items; /* by name, then by service */
    size_t count, cap;
};

/* ---- hashes ---------------------------------------------------------------------------------- */

uint64_t connector_history_cause(const char *cause)
{
    if (cause == NULL || cause[0] == '\0')
        return 0;
    uint64_t hash = HASH_START;
    while (*cause != '\0') {
        size_t n = 0;
        bool figure = false;
        for (; isalnum((unsigned char)cause[n]) || cause[n] == '_'; n++)
            figure = figure || isdigit((unsigned char)cause[n]);
        if (n == 0)
            hash = hash_more(hash, cause, n = 1);
        else
            hash = figure ? hash_more(hash, "#", 1) : hash_more(hash, cause, n);
        cause += n;
    }
    return hash != 0 ? hash : 1;
}

static uint64_t letter_hash(const char *text)
{
    return text != NULL ? hash_more(HASH_START, text, strlen(text)) : 0;
}

/* ---- events ---------------------------------------------------------------------------------- */

static struct past_event *newest(const struct connector_past *p)
{
    return p->count > 0 ? &p->events[(p->next + HISTORY_EVENTS - 1) % HISTORY_EVENTS] : NULL;
}

static char *event_text(const char *text)
{
    char out[HISTORY_TEXT + 8];
    utf8_fit(out, sizeof(out), text != NULL ? text : "", HISTORY_TEXT / 2, false);
    return mem_strdup(out);
}

static bool same_moment(const struct past_event *e, const struct past_event *add)
{
    return e != NULL && e->kind == add->kind && e->cause == add->cause && add->task >= 0 &&
           e->task >= 0 && e->task < add->task && add->mono_ms - e->mono_ms <= TOGETHER_MS;
}

/* Takes no text: it is copied. What happens to several tasks in one moment is one event. */
static void put(struct connector_past *p, struct past_event add, const char *text)
{
    struct past_event *last = newest(p);
    char *copy = event_text(text);
    if (same_moment(last, &add) && (add.kind == PAST_FAILURE || strcmp(last->text, copy) == 0)) {
        last->tasks++;
        last->again = last->again || add.again;
        free(copy);
        return;
    }
    if (p->events == NULL)
        p->events = mem_calloc(HISTORY_EVENTS, sizeof(*p->events));
    struct past_event *at = &p->events[p->next];
    free((char *)(uintptr_t)at->text);
    *at = add;
    at->tasks = 1;
    at->text = copy;
    p->next = (p->next + 1) % HISTORY_EVENTS;
    p->count += p->count < HISTORY_EVENTS;
}

/* ---- one connector or task ------------------------------------------------------------------- */

static bool is(const char *state, const char *what)
{
    return strcmp(state, what) == 0;
}

static void note_failure(struct connector_past *p, struct unit *u, const struct past_event *base,
                         const char *cause)
{
    struct past_event e = *base;
    e.kind = PAST_FAILURE;
    e.cause = connector_history_cause(cause);
    u->cause = letter_hash(cause);
    e.again = u->restarted;
    put(p, e, cause);
    u->restarted = false;
    u->asked_ms = 0;
}

static void note_change(struct connector_past *p, struct unit *u, const struct past_event *base,
                        const char *state, const char *cause)
{
    struct past_event e = *base;
    char text[2 * STATE_BYTES + 16];
    if (is(state, "FAILED")) {
        note_failure(p, u, base, cause);
    } else if (is(u->state, "FAILED")) {
        e.kind = PAST_RESTART;
        put(p, e, state);
        u->restarted = true;
    } else {
        e.kind = PAST_STATE;
        (void)snprintf(text, sizeof(text), "%s → %s", u->state[0] != '\0' ? u->state : "–",
                       state[0] != '\0' ? state : "gone");
        put(p, e, text);
    }
}

/* Still FAILED: the same failure as before, or was it started anew and failed between two polls?
 * Then we asked for it, or its trace has other figures in it: a request id, an offset. */
static void note_still_failed(struct connector_past *p, struct unit *u,
                              const struct past_event *base, const char *cause)
{
    bool anew = (u->asked_ms != 0 && base->mono_ms - u->asked_ms >= SETTLE_MS) ||
                u->cause != letter_hash(cause);
    u->restarted = u->restarted || anew;
    if (anew)
        note_failure(p, u, base, cause);
}

static void note_worker(struct connector_past *p, struct unit *u, const struct past_event *base,
                        const char *worker)
{
    if (worker == NULL || (u->worker != NULL && strcmp(u->worker, worker) == 0))
        return;
    if (u->worker != NULL) {
        struct past_event e = *base;
        char text[HISTORY_TEXT];
        e.kind = PAST_MOVED;
        (void)snprintf(text, sizeof(text), "%.80s → %.80s", u->worker, worker);
        put(p, e, text);
    }
    free(u->worker);
    u->worker = mem_strdup(worker);
}

static void feed_unit(struct connector_past *p, struct unit *u, const struct past_event *base,
                      const char *state, const char *worker, const char *cause, bool fresh)
{
    char now[STATE_BYTES];
    bool back = u->gone;
    (void)snprintf(now, sizeof(now), "%s", state != NULL ? state : "");
    u->gone = false;
    u->restarted = u->restarted || (back && is(u->state, "FAILED"));
    note_worker(p, u, base, worker);
    if (!fresh && !is(now, u->state)) {
        note_change(p, u, base, now, cause);
    } else if (is(now, "FAILED") && (fresh || back)) {
        note_failure(p, u, base, cause);
    } else if (!fresh && !back) {
        if (is(now, "FAILED"))
            note_still_failed(p, u, base, cause);
        return;
    }
    if (!is(now, "FAILED"))
        u->asked_ms = 0;
    u->since_ms = base->mono_ms;
    u->since_first = false;
    memcpy(u->state, now, sizeof(now));
}

/* The unit of that task; a new one is put in its place. Both lists are sorted by id: what is passed
 * over on the way is not there any more. */
static struct unit *task_unit(struct connector_past *p, size_t *at, int id, bool *fresh)
{
    for (; *at < p->ntasks && p->tasks[*at].id < id; (*at)++)
        p->tasks[*at].gone = true;
    *fresh = *at == p->ntasks || p->tasks[*at].id != id;
    if (*fresh) {
        p->tasks = mem_realloc(p->tasks, (p->ntasks + 1) * sizeof(*p->tasks));
        memmove(&p->tasks[*at + 1], &p->tasks[*at], (p->ntasks - *at) * sizeof(*p->tasks));
        p->tasks[*at] = (struct unit){.id = id};
        p->ntasks++;
    }
    return &p->tasks[(*at)++];
}

static void forget_tasks(struct connector_past *p)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->ntasks; i++) {
        if (p->tasks[i].gone)
            free(p->tasks[i].worker);
        else
            p->tasks[kept++] = p->tasks[i];
    }
    p->ntasks = kept;
}

/* Tasks come and go with STOPPED and with tasks.max: that alone is no event. */
static void feed_tasks(struct connector_past *p, const struct connect_connector *c,
                       const struct past_event *base, bool first)
{
    size_t at = 0;
    for (size_t i = 0; i < c->ntasks; i++) {
        const struct connect_task *t = &c->tasks[i];
        struct past_event e = *base;
        bool fresh;
        struct unit *u = task_unit(p, &at, t->id, &fresh);
        e.task = t->id;
        feed_unit(p, u, &e, t->state, t->worker, t->cause, fresh);
        u->since_first = u->since_first || (fresh && first);
    }
    for (; at < p->ntasks; at++)
        p->tasks[at].gone = true;
    if (p->ntasks > c->ntasks + GONE_TASKS)
        forget_tasks(p);
}

static void feed_taskless(struct connector_past *p, const struct connect_connector *c,
                          int64_t mono_ms, bool first)
{
    /* Of tasks only Kafka Connect itself tells. */
    bool none = c->service == SERVICE_CONNECT && c->ntasks == 0 && c->state != NULL &&
                is(c->state, "RUNNING");
    if (none && p->taskless_ms == 0) {
        p->taskless_ms = mono_ms;
        p->taskless_first = first;
    } else if (!none) {
        p->taskless_ms = 0;
    }
}

static void feed_config(struct connector_past *p, const struct connect_connector *c,
                        const struct past_event *base)
{
    /* Without a configuration: not told in this answer. */
    if (c->nconfig == 0 || (p->keys.names != NULL && config_keys_hash(c) == p->keys.all))
        return;
    if (p->keys.names != NULL) {
        struct strbuf sb;
        struct past_event e = *base;
        strbuf_init(&sb, 4096);
        config_keys_tell(&p->keys, c, &sb);
        e.kind = PAST_CONFIG;
        put(p, e, sb.text);
        strbuf_free(&sb);
    }
    config_keys_set(&p->keys, c);
}

/* ---- the store ------------------------------------------------------------------------------- */

struct connector_history *connector_history_new(void)
{
    return mem_alloc(sizeof(struct connector_history));
}

static void past_free(struct connector_past *p)
{
    for (size_t i = 0; i < p->ntasks; i++)
        free(p->tasks[i].worker);
    for (int i = 0; i < p->count; i++)
        free((char *)(uintptr_t)p->events[i].text);
    config_keys_free(&p->keys);
    free(p->self.worker);
    free(p->tasks);
    free(p->events);
    free(p->name);
    free(p);
}

void connector_history_free(struct connector_history *h)
{
    if (h == NULL)
        return;
    for (size_t i = 0; i < h->count; i++)
        past_free(h->items[i]);
    free(h->items);
    free(h);
}

/* Where it is, or where it belongs. */
static size_t place(const struct connector_history *h, const struct connect_connector *c,
                    bool *found)
{
    size_t low = 0;
    size_t high = h->count;
    *found = false;
    while (low < high && !*found) {
        size_t mid = low + (high - low) / 2;
        int cmp = strcmp(h->items[mid]->name, c->name);
        cmp = cmp != 0 ? cmp : (int)h->items[mid]->service - (int)c->service;
        *found = cmp == 0;
        if (cmp >= 0)
            high = mid;
        else
            low = mid + 1;
    }
    return high;
}

static struct connector_past *past_of(struct connector_history *h,
                                      const struct connect_connector *c, bool *first)
{
    bool found;
    size_t at = place(h, c, &found);
    *first = !found;
    if (found)
        return h->items[at];
    if (h->count == HISTORY_CONNECTORS)
        return NULL;
    if (h->count == h->cap) {
        h->cap = h->cap == 0 ? 16 : h->cap * 2;
        h->items = mem_realloc(h->items, h->cap * sizeof(struct connector_past *));
    }
    struct connector_past *p = mem_alloc(sizeof(*p));
    p->name = mem_strdup(c->name);
    p->service = c->service;
    p->self.id = -1;
    memmove(&h->items[at + 1], &h->items[at], (h->count - at) * sizeof(struct connector_past *));
    h->items[at] = p;
    h->count++;
    return p;
}

static void forget_gone(struct connector_history *h, int64_t now_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < h->count; i++) {
        if (now_ms - h->items[i]->seen_ms > GONE_MS)
            past_free(h->items[i]);
        else
            h->items[kept++] = h->items[i];
    }
    h->count = kept;
}

void connector_history_feed(struct connector_history *h, const struct snapshot *snap)
{
    for (size_t i = 0; i < snap->connect.nconnectors; i++) {
        const struct connect_connector *c = &snap->connect.connectors[i];
        bool first;
        struct connector_past *p = past_of(h, c, &first);
        if (p == NULL)
            continue;
        struct past_event base = {.mono_ms = snap->mono_ms, .wall_ms = snap->wall_ms, .task = -1};
        p->seen_ms = snap->mono_ms;
        feed_config(p, c, &base);
        feed_unit(p, &p->self, &base, c->state, c->worker, c->cause, first);
        p->self.since_first = p->self.since_first || first;
        feed_tasks(p, c, &base, first);
        feed_taskless(p, c, snap->mono_ms, first);
    }
    forget_gone(h, snap->mono_ms);
}

/* ---- what was asked of it from here ---------------------------------------------------------- */

void connector_history_asked(struct connector_history *h, const struct connect_connector *connector,
                             const char *what, bool restart, int64_t mono_ms, int64_t wall_ms)
{
    bool found;
    size_t at = place(h, connector, &found);
    if (!found)
        return;
    struct connector_past *p = h->items[at];
    put(p,
        (struct past_event){.kind = PAST_ASKED, .mono_ms = mono_ms, .wall_ms = wall_ms, .task = -1},
        what);
    for (size_t i = 0; restart && i < p->ntasks; i++)
        p->tasks[i].asked_ms = is(p->tasks[i].state, "FAILED") ? mono_ms : 0;
    if (restart)
        p->self.asked_ms = is(p->self.state, "FAILED") ? mono_ms : 0;
}

void connector_history_outcome(struct connector_history *h,
                               const struct connect_connector *connector, bool met,
                               const char *text, int64_t mono_ms, int64_t wall_ms)
{
    bool found;
    size_t at = place(h, connector, &found);
    if (found)
        put(h->items[at],
            (struct past_event){.kind = PAST_OUTCOME,
                                .mono_ms = mono_ms,
                                .wall_ms = wall_ms,
                                .task = -1,
                                .met = met},
            text);
}

const struct connector_past *connector_history_of(const struct connector_history *h,
                                                  const struct connect_connector *connector)
{
    if (h == NULL || connector == NULL)
        return NULL;
    bool found;
    size_t at = place(h, connector, &found);
    return found ? h->items[at] : NULL;
}
