/* log.c: what was done to servers from here, the state of every source, and the diary. */
#include "base/clock.h"
#include "base/human.h"
#include "tui/draw/glyph.h"
#include "tui/view/events.h"
#include "tui/view/view.h"

static const char *state_word(enum action_state state, unsigned *style)
{
    *style = ROLE_INFO;
    switch (state) {
    case ACTION_QUEUED: return "queued";
    case ACTION_CHECKING: return "checking";
    case ACTION_SENDING: return "sending";
    case ACTION_WATCHING: return "watching";
    case ACTION_WORKED: *style = ROLE_OK; return "worked";
    case ACTION_FAILED: *style = ROLE_CRIT; return "failed";
    case ACTION_UNSEEN: *style = ROLE_WARN; return "not seen";
    }
    return "";
}

static void actions(const struct scene *s, struct doc *d)
{
    char hms[32];
    doc_head(d, "Actions", "newest first; the audit log has them all");
    if (s->m->nactions == 0)
        doc_wrap(d, 4, ROLE_DIM, "none in this session");
    for (size_t i = 0; i < s->m->nactions; i++) {
        const struct action_status *a = &s->m->actions[i];
        unsigned style;
        const char *word = state_word(a->state, &style);
        doc_line(d);
        doc_span(d, 4, 10, false, ROLE_DIM,
                 scene_text(s, "%s", clock_hms(a->started_wall_ms, hms, sizeof(hms))));
        doc_span(d, 14, 9, false, style, word);
        doc_span(d, 24, 0, false, ROLE_STRONG,
                 scene_text(s, "%s %s", action_info(a->kind)->name, a->target));
        doc_wrap(d, 24, ROLE_TEXT, a->text);
    }
}

static void findings(const struct scene *s, struct doc *d)
{
    if (s->m->history == NULL)
        return;
    struct finding_event *events = arena_array(s->arena, FINDING_EVENTS, sizeof(*events));
    size_t n = s->m->history(s->m->ctx, s->app->pipeline, events, FINDING_EVENTS);
    doc_head(d, "Findings", "what came and went in this session, newest first");
    if (n == 0)
        doc_wrap(d, 4, ROLE_DIM, "none in this session");
    for (size_t i = 0; i < n; i++)
        event_line(s, d, &events[i]);
}

static void sources(const struct scene *s, struct doc *d)
{
    static const char *const words[] = {[STATE_OFF] = "off",
                                        [STATE_WAITING] = "waiting",
                                        [STATE_FRESH] = "fresh",
                                        [STATE_STALE] = "stale",
                                        [STATE_FAILING] = "failing"};
    static const unsigned char styles[] = {[STATE_OFF] = ROLE_DIM,
                                           [STATE_WAITING] = ROLE_DIM,
                                           [STATE_FRESH] = ROLE_OK,
                                           [STATE_STALE] = ROLE_WARN,
                                           [STATE_FAILING] = ROLE_UNKNOWN};
    char a[HUMAN_SIZE];
    doc_head(d, "Sources", NULL);
    for (int i = 0; i < SOURCE_KIND_COUNT; i++) {
        enum source_kind kind = (enum source_kind)i;
        enum source_state state = scene_state(s, kind);
        const struct source_slot *src = scene_source(s, kind);
        doc_line(d);
        doc_span(d, 4, 14, false, ROLE_TEXT, source_kind_title(kind));
        doc_span(d, 19, 8, false, styles[state], words[state]);
        if (src == NULL || state == STATE_OFF)
            continue;
        int64_t age = world_age(s->m->world, s->app->pipeline, kind);
        doc_span(d, 28, 0, false, ROLE_DIM,
                 scene_text(s, "%s old · took %lld ms · %lld polls, %lld failed · %s",
                            human_duration_ms(a, age), (long long)(src->took_us / 1000),
                            (long long)src->polls, (long long)src->failures, scene_where(s, kind)));
        if (src->err.kind != ERR_NONE) {
            doc_wrap(d, 19, ROLE_UNKNOWN, src->err.text);
            doc_wrap(d, 19, ROLE_DIM, err_next_step(src->err.kind));
        }
        for (size_t n = 0; src->snap != NULL && n < src->snap->notes.count; n++) {
            doc_wrap(d, 19, ROLE_WARN, src->snap->notes.items[n].what);
            if (src->snap->notes.items[n].fix != NULL)
                doc_wrap(d, 21, ROLE_REQUEST, src->snap->notes.items[n].fix);
        }
    }
}

static void lines(const struct scene *s, struct doc *d)
{
    static const unsigned char styles[] = {[LOG_DEBUG] = ROLE_FAINT,
                                           [LOG_INFO] = ROLE_TEXT,
                                           [LOG_WARN] = ROLE_WARN,
                                           [LOG_ERROR] = ROLE_CRIT};
    static const char *const words[] = {
        [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warning", [LOG_ERROR] = "error"};
    char hms[32];
    doc_head(d, "Log", "newest first");
    if (s->m->nlog == 0)
        doc_wrap(d, 4, ROLE_DIM, "nothing logged");
    for (int i = s->m->nlog - 1; i >= 0; i--) {
        const struct log_line *l = &s->m->log[i];
        size_t at = d->count;
        doc_wrap(d, 24, styles[l->level], l->text);
        size_t last = d->count;
        if (at >= last)
            continue;
        d->count = at + 1;
        doc_span(d, 4, 10, false, ROLE_DIM,
                 scene_text(s, "%s", clock_hms(l->wall_ms, hms, sizeof(hms))));
        doc_span(d, 14, 9, false, styles[l->level], words[l->level]);
        d->count = last;
    }
}

static void build(const struct scene *s, struct doc *d)
{
    actions(s, d);
    findings(s, d);
    sources(s, d);
    lines(s, d);
}

const struct view_ops view_log = {.id = VIEW_LOG, .title = "Actions and log", .build = build};
