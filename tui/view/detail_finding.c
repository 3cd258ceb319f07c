/* detail_finding.c: a finding: why, on what evidence, what it explains, what to do. */
#include "base/clock.h"
#include "base/human.h"
#include "tui/draw/glyph.h"
#include "tui/view/view.h"

static void build(const struct scene *s, struct doc *d)
{
    const struct row_base *row = view_row(s, PANE_FINDINGS);
    char a[HUMAN_SIZE];
    char iso[40];
    if (row == NULL) {
        doc_wrap(d, 2, ROLE_OK, "this finding does not hold any more");
        return;
    }
    const struct finding *f = ((const struct finding_row *)row)->finding;
    doc_wrap(d, 4, ROLE_STRONG, f->title);
    size_t last = d->count;
    d->count = last > 0 ? 1 : 0; /* the mark stands on the first of the wrapped lines */
    doc_span(d, 2, 1, false, glyph_style(f->severity), glyph_verdict(f->severity));
    d->count = last > 0 ? last : 1;
    doc_blank(d);
    doc_kv(d, "severity", glyph_style(f->severity), verdict_name(f->severity));
    doc_kv(d, "about", ROLE_TEXT, f->object);
    doc_kv(d, "first seen", ROLE_TEXT,
           scene_text(s, "%s, %s ago", clock_iso(f->since_wall_ms, iso, sizeof(iso)),
                      human_duration_ms(a, s->m->wall_ms - f->since_wall_ms)));
    if (f->nexplains > 0)
        doc_kvf(d, "explains", ROLE_TEXT, "%d more, which follow from it", f->nexplains);
    doc_kv(d, "rule", ROLE_DIM, f->id);
    doc_head(d, "What to do", NULL);
    doc_wrap(d, 4, ROLE_TEXT, f->advice);
    if (f->has_remedy) {
        const struct action_info *info = action_info(f->remedy);
        doc_line(d);
        doc_span(d, 4, 2, false, ROLE_KEY, info->key);
        doc_span(d, 6, 0, false, ROLE_TEXT, scene_text(s, "%s %s", info->label, f->object));
    }
    doc_head(d, "Evidence", NULL);
    for (int i = 0; i < f->nevidence; i++)
        doc_wrap(d, 4, ROLE_TEXT, f->evidence[i]);
    if (f->nevidence == 0)
        doc_wrap(d, 4, ROLE_DIM, "the title says it all");
}

static const char *note(const struct scene *s, unsigned *style)
{
    *style = ROLE_DIM;
    const struct row_base *row = view_row(s, PANE_FINDINGS);
    return row != NULL ? ((const struct finding_row *)row)->finding->id : NULL;
}

const struct view_ops view_finding = {
    .id = VIEW_FINDING, .title = "Finding", .build = build, .note = note};
