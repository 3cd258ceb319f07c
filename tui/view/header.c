/* header.c: the bar on top: where am I, how late is the data, what is wrong, what time is it. */
#include "base/clock.h"
#include "base/human.h"
#include "base/utf8.h"
#include "tui/draw/glyph.h"
#include "tui/view/view.h"

#define BAR(role) STYLE_ON(role, GROUND_BAR)

struct part { /* of the right side, drawn from the right; the least important leaves first */
    const char *text;
    unsigned style;
    int priority;
};

static const char *end_to_end(const struct scene *s, unsigned *style)
{
    char buf[HUMAN_SIZE];
    if (s->p == NULL || s->p->end_to_end_ms == UNKNOWN) {
        *style = BAR(ROLE_DIM);
        return "unknown";
    }
    unsigned loud = s->p->end_to_end == VERDICT_WARN ? BAR(ROLE_WARN) : BAR(ROLE_CRIT);
    *style = s->p->end_to_end_late ? loud | STYLE_BOLD : BAR(ROLE_OK);
    return scene_text(s, "%s%s%s", s->p->end_to_end_more ? ">" : "",
                      human_duration_ms(buf, s->p->end_to_end_ms),
                      s->p->end_to_end_late ? " late" : "");
}

static const char *count_findings(const struct scene *s, unsigned *style)
{
    size_t n = s->f != NULL ? s->f->count : 0;
    if (s->f == NULL || scene_view(s)->id == VIEW_FLEET)
        return "";
    size_t loud = 0; /* remarks are none: whoever is woken by them will not look next time */
    enum verdict worst = VERDICT_NONE;
    for (size_t i = 0; i < n; i++) {
        loud += s->f->items[i].severity > VERDICT_INFO;
        if (s->f->items[i].severity > worst)
            worst = s->f->items[i].severity;
    }
    if (loud == 0) {
        *style = BAR(ROLE_OK);
        return n == 0 ? "no findings" : n == 1 ? "1 remark" : scene_text(s, "%zu remarks", n);
    }
    n = loud;
    *style = BAR(worst == VERDICT_CRIT ? ROLE_WARN : glyph_style(worst));
    return scene_text(s, n == 1 ? "%zu finding" : "%zu findings", n);
}

/* What is shown is not the present, or is held: said in the bar, where nobody overlooks it. */
static const char *which_time(const struct scene *s)
{
    char buf[HUMAN_SIZE];
    const struct when *w = &s->m->when;
    if (w->kind == WHEN_PAST)
        return scene_text(s, " %s AGO ", human_duration_ms(buf, w->ago_ms));
    if (w->kind == WHEN_RECORDING)
        return " RECORDING ";
    return s->app->frozen ? "FROZEN" : "";
}

static const char *writing(const struct scene *s)
{
    const struct when *w = &s->m->when;
    return w->writing == NULL ? "" : w->write_error != NULL ? "REC STOPPED" : "● REC";
}

/* Draws what fits, right-aligned, and returns the column where it begins. */
static int right_side(const struct scene *s, int left)
{
    char hms[32];
    unsigned e2e_style = 0;
    unsigned find_style = BAR(ROLE_DIM);
    const char *e2e = end_to_end(s, &e2e_style);
    const char *found = count_findings(s, &find_style);
    const char *every = scene_text(s, "every %gs", (double)s->m->interval_ms / 1000);
    bool fleet = scene_view(s)->id == VIEW_FLEET;
    const char *now = clock_hms(s->m->wall_ms, hms, sizeof(hms));
    bool wide = s->app->w >= 100 && s->m->when.kind == WHEN_NOW;
    unsigned loud = STYLE_BOLD | (s->m->when.kind != WHEN_NOW ? STYLE_REVERSE : 0);
    struct part parts[] = {
        {fleet ? "" : "end to end", BAR(ROLE_DIM),               2},
        {fleet ? "" : e2e,          e2e_style,                   4},
        {wide ? "  " : " ",         BAR(ROLE_DIM),               3},
        {found,                     find_style,                  3},
        {writing(s),                BAR(ROLE_CRIT) | STYLE_BOLD, 6},
        {which_time(s),             BAR(ROLE_WARN) | loud,       6},
        {now,                       BAR(ROLE_TEXT),              5},
        {wide ? every : "",         BAR(ROLE_DIM),               1},
    };
    enum { N = sizeof(parts) / sizeof(parts[0]) };
    int room = s->app->w - left - 3;
    for (int drop = 1; drop <= 6; drop++) {
        int sum = 0;
        for (int i = 0; i < N; i++)
            sum += parts[i].text[0] != '\0' ? utf8_width(parts[i].text) + 1 : 0;
        if (sum <= room)
            break;
        for (int i = 0; i < N; i++)
            if (parts[i].priority == drop)
                parts[i].text = "";
    }
    int x = s->app->w - 1;
    for (int i = N - 1; i >= 0; i--) {
        if (parts[i].text[0] == '\0')
            continue;
        x -= utf8_width(parts[i].text);
        (void)canvas_text(s->cv, x, 0, parts[i].style, parts[i].text);
        x--;
    }
    return x;
}

/* How many pipelines are in which state, the worst first. */
static int fleet_counts(const struct scene *s, int x)
{
    size_t counts[VERDICT_COUNT];
    pane_counts(s, LIST_FLEET, counts);
    for (int v = VERDICT_COUNT - 1; v > VERDICT_NONE; v--) {
        if (counts[v] == 0)
            continue;
        const char *name = verdict_name((enum verdict)v);
        const char *text = scene_text(s, "%s %zu%s%s", glyph_verdict((enum verdict)v), counts[v],
                                      s->app->w >= 100 ? " " : "", s->app->w >= 100 ? name : "");
        x += 2 + canvas_text(s->cv, x + 2, 0, BAR(glyph_style((enum verdict)v)), text);
    }
    return x;
}

void header_draw(const struct scene *s)
{
    struct canvas *cv = s->cv;
    canvas_fill(cv, (struct rect){0, 0, cv->w, 1}, BAR(ROLE_TEXT), " ");
    int x = 1;
    x += canvas_text(cv, x, 0, BAR(ROLE_KEY), "cdctop") + 2;
    bool fleet = scene_view(s)->id == VIEW_FLEET;
    const struct pipeline_config *config = NULL;
    if (s->m->config != NULL && s->app->pipeline < s->m->config->npipelines)
        config = &s->m->config->pipelines[s->app->pipeline];
    const char *name = s->p != NULL ? s->p->name : config != NULL ? config->name : "";
    const char *env = s->p != NULL ? s->p->environment : config != NULL ? config->environment : "";
    if (fleet)
        name = env = "";
    int most = cv->w / 4;
    x += canvas_middle(cv, x, 0, most, BAR(ROLE_STRONG),
                       fleet ? scene_text(s, "%zu pipelines", s->m->npipelines) : name);
    int env_w = utf8_width(env);
    env_w = env_w > 16 ? 16 : env_w;
    bool ro = s->m->config != NULL && s->m->config->read_only;
    int tail = (env_w > 0 ? env_w + 2 : 0) + (ro ? 6 : 0);
    int route_w = s->p != NULL && s->p->route != NULL && !fleet ? utf8_width(s->p->route) : 0;
    if (route_w > 0 && x + 2 + route_w + tail + 56 <= cv->w)
        x += 2 + canvas_text(cv, x + 2, 0, BAR(ROLE_DIM), s->p->route);
    if (env_w > 0)
        x += 2 + canvas_fit(cv, x + 2, 0, env_w, BAR(ROLE_WARN) | STYLE_BOLD, env);
    if (ro)
        x += 2 + canvas_text(cv, x + 2, 0, BAR(ROLE_INFO) | STYLE_BOLD, "[RO]");
    if (fleet)
        x = fleet_counts(s, x);
    (void)right_side(s, x);
}
