#include "tui/view/events.h"

#include "base/clock.h"
#include "base/human.h"
#include "tui/draw/glyph.h"

void event_line(const struct scene *s, struct doc *d, const struct finding_event *event)
{
    char hms[HUMAN_SIZE];
    size_t at = d->count;
    const char *text = event->title;
    if (event->lasted_ms != UNKNOWN)
        text =
            scene_text(s, "%s (after %s)", event->title, human_duration_ms(hms, event->lasted_ms));
    doc_wrap(d, 30, ROLE_TEXT, text);
    size_t last = d->count;
    if (at >= last)
        return;
    d->count = at + 1; /* the marks stand on the first of the wrapped lines */
    bool loud = event->kind == EVENT_RAISED || event->kind == EVENT_WORSE;
    doc_span(d, 4, 10, false, ROLE_DIM,
             scene_text(s, "%s", clock_hms(event->wall_ms, hms, sizeof(hms))));
    doc_span(d, 14, 1, false, loud ? glyph_style(event->severity) : ROLE_DIM,
             loud ? glyph_verdict(event->severity) : " ");
    doc_span(d, 16, 8, false, ROLE_DIM, event_kind_name(event->kind));
    doc_span(d, 25, 4, false, ROLE_DIM, event->id);
    d->count = last;
}
