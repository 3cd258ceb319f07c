#include "tui/view/events.h"

#include "base/clock.h"
#include "base/human.h"
#include "tui/draw/glyph.h"

void event_line(const struct scene *s, struct doc *d, const struct finding_event *event)
{
    char hms[HUMAN_SIZE];
    const char *text = event->title;
    if (event->lasted_ms != UNKNOWN)
        text =
            scene_text(s, "%s (after %s)", event->title, human_duration_ms(hms, event->lasted_ms));
    doc_line(d);
    bool loud = event->kind == EVENT_RAISED || event->kind == EVENT_WORSE;
    doc_span(d, 4, 10, false, ROLE_DIM, event_time(s, event->wall_ms));
    doc_span(d, 14, 1, false, loud ? glyph_style(event->severity) : ROLE_DIM,
             loud ? glyph_verdict(event->severity) : " ");
    doc_span(d, 16, 8, false, ROLE_DIM, event_kind_name(event->kind));
    doc_span(d, 25, 4, false, ROLE_DIM, event->id);
    doc_wrap_on(d, 30, ROLE_TEXT, text);
}

const struct finding_event *history_events(const struct scene *s, size_t *n)
{
    *n = 0;
    if (s->m->history == NULL)
        return NULL;
    struct finding_event *events = arena_array(s->arena, FINDING_EVENTS, sizeof(*events));
    *n = s->m->history(s->m->ctx, s->app->pipeline, events, FINDING_EVENTS);
    return events;
}

const char *event_time(const struct scene *s, int64_t wall_ms)
{
    enum { SAME_DAY_MS = 12 * 3600 * 1000 };
    char buf[HUMAN_SIZE];
    if (wall_ms == UNKNOWN)
        return "–";
    int64_t ago = s->m->wall_ms - wall_ms;
    if (ago > SAME_DAY_MS) /* a time of day alone would mislead */
        return scene_text(s, "%s ago", human_duration_ms(buf, ago));
    return scene_text(s, "%s", clock_hms(wall_ms, buf, sizeof(buf)));
}
