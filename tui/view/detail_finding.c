/* detail_finding.c: a finding: why, on what evidence, what it explains, what to do. */
#include "base/clock.h"
#include "base/human.h"
#include "base/utf8.h"
#include "tui/command.h"
#include "tui/draw/glyph.h"
#include "tui/view/events.h"
#include "tui/view/view.h"

#include <string.h>

static void put_explained(struct doc *d, const struct finding *f)
{
    if (f->nexplains == 0)
        return;
    doc_head(d, "Explains", "what follows from it, and is not listed by itself");
    for (int i = 0; i < f->nexplains; i++) {
        const struct folded *one = &f->explains[i];
        doc_line(d);
        doc_span(d, 4, 1, false, glyph_style(one->severity), glyph_verdict(one->severity));
        doc_span(d, 6, 3, false, ROLE_DIM, one->id);
        doc_wrap_on(d, 10, ROLE_TEXT, one->title);
    }
}

/* It stands, it is muted, or NULL: it is gone. */
static const struct finding *finding_open(const struct scene *s, bool *muted)
{
    const char *name = scene_view(s)->object;
    *muted = false;
    for (size_t i = 0; s->f != NULL && i < s->f->count + s->f->nmuted; i++) {
        *muted = i >= s->f->count;
        const struct finding *f = *muted ? &s->f->muted[i - s->f->count] : &s->f->items[i];
        if (strcmp(scene_text(s, "%s %s", f->id, f->object), name) == 0)
            return f;
    }
    return NULL;
}

/* How often it came and went in this session. */
static void put_history(const struct scene *s, struct doc *d)
{
    size_t n;
    const struct finding_event *events = history_events(s, &n);
    bool any = false;
    if (events == NULL)
        return;
    doc_head(d, "History", "in this session, newest first");
    for (size_t i = 0; i < n; i++) {
        if (strcmp(scene_text(s, "%s %s", events[i].id, events[i].object), scene_view(s)->object) !=
            0)
            continue;
        any = true;
        event_line(s, d, &events[i]);
    }
    if (!any)
        doc_wrap(d, 4, ROLE_DIM, "nothing is remembered of it");
}

static void put_gone(const struct scene *s, struct doc *d)
{
    size_t n;
    const struct finding_event *events = history_events(s, &n);
    const char *title = NULL;
    for (size_t i = 0; i < n && title == NULL; i++)
        if (strcmp(scene_text(s, "%s %s", events[i].id, events[i].object), scene_view(s)->object) ==
            0)
            title = events[i].title;
    doc_wrap(d, 4, ROLE_STRONG, title != NULL ? title : scene_view(s)->object);
    doc_blank(d);
    doc_kv(d, "state", ROLE_OK, "gone: this finding does not hold any more");
    put_history(s, d);
}

static void build(const struct scene *s, struct doc *d)
{
    bool muted;
    const struct finding *f = finding_open(s, &muted);
    char a[HUMAN_SIZE];
    char iso[40];
    if (f == NULL) {
        put_gone(s, d);
        return;
    }
    doc_line(d);
    doc_span(d, 2, 1, false, glyph_style(f->severity), glyph_verdict(f->severity));
    doc_wrap_on(d, 4, ROLE_STRONG, f->title);
    doc_blank(d);
    doc_kv(d, "severity", glyph_style(f->severity), verdict_name(f->severity));
    doc_kv(d, "about", ROLE_TEXT, f->object);
    doc_kv(d, "first seen", ROLE_TEXT,
           scene_text(s, "%s, %s ago", clock_iso(f->since_wall_ms, iso, sizeof(iso)),
                      human_duration_ms(a, s->m->wall_ms - f->since_wall_ms)));
    doc_kv(d, "confidence", ROLE_TEXT,
           f->confidence == CONFIDENCE_HIGH ? "high: these signs are enough"
                                            : "medium: most likely, check first");
    if (f->clearing)
        doc_kv(d, "state", ROLE_DIM, "clearing: its signs are gone in the latest answers");
    if (muted)
        doc_kv(d, "muted", ROLE_WARN,
               scene_text(s, "%s%s: %s", f->muted_until_ms == INT64_MAX ? "for good" : "until ",
                          f->muted_until_ms == INT64_MAX
                              ? ""
                              : clock_iso(f->muted_until_ms, iso, sizeof(iso)),
                          f->mute_reason != NULL ? f->mute_reason : "no reason given"));
    doc_kv(d, "rule", ROLE_DIM, f->id);
    doc_head(d, "What to do", NULL);
    doc_wrap(d, 4, ROLE_TEXT, f->advice);
    if (f->has_remedy) {
        const struct action_info *info = action_info(f->remedy);
        doc_line(d);
        const char *key = act_key(s, f->remedy);
        bool now = s->m->when.no_actions == NULL;
        int x = 4 + utf8_width(key) + (key[0] != '\0');
        doc_span(d, 4, x - 4, false, now ? ROLE_KEY : ROLE_FAINT, key);
        doc_span(d, x, 0, false, now ? ROLE_TEXT : ROLE_FAINT,
                 scene_text(s, "%s %s", info->label, f->remedy_target));
    }
    if (f->check[0] != '\0') {
        doc_head(d, "What to check", NULL);
        doc_wrap(d, 4, ROLE_TEXT, f->check);
    }
    doc_head(d, "Evidence", NULL);
    for (int i = 0; i < f->nevidence; i++)
        doc_wrap(d, 4, ROLE_TEXT, f->evidence[i]);
    if (f->nevidence == 0)
        doc_wrap(d, 4, ROLE_DIM, "the title says it all");
    put_explained(d, f);
    put_history(s, d);
}

/* From a finding to the thing that it is about. */
static void open_object(const struct scene *s)
{
    static const enum view_id views[HOP_COUNT] = {
        [HOP_SOURCE] = VIEW_SLOT,  [HOP_SLOT] = VIEW_SLOT,      [HOP_CAPTURE] = VIEW_CONNECTOR,
        [HOP_TOPICS] = VIEW_TOPIC, [HOP_SINK] = VIEW_CONNECTOR, [HOP_OBJECTS] = VIEW_PREFIX,
    };
    bool muted;
    const struct finding *f = finding_open(s, &muted);
    if (f == NULL) {
        app_toast(s->app, s->m, VERDICT_INFO, "this finding does not hold any more");
        return;
    }
    enum view_id id = views[f->hop];
    if (s->p != NULL && pipeline_connector(s->p, f->object) != NULL)
        id = VIEW_CONNECTOR;
    else if (s->p != NULL && pipeline_slot(s->p, f->object) != NULL)
        id = VIEW_SLOT;
    else if (s->p != NULL && pipeline_topic(s->p, f->object) != NULL && f->hop != HOP_OBJECTS)
        id = VIEW_TOPIC;
    view_open(s, id, f->object);
}

static const char *note(const struct scene *s, unsigned *style)
{
    bool muted;
    const struct finding *f = finding_open(s, &muted);
    *style = ROLE_DIM;
    return f == NULL ? "gone" : muted ? scene_text(s, "muted · %s", f->id) : f->id;
}

const struct view_ops view_finding = {.id = VIEW_FINDING,
                                      .title = "Finding",
                                      .key = true,
                                      .build = build,
                                      .of = &list_history,
                                      .note = note,
                                      .open = open_object,
                                      .open_label = "its object"};
