/* detail_prefix.c: where one topic's objects arrive: newest first, with the offsets they cover. */
#include "base/clock.h"
#include "base/human.h"
#include "tui/draw/glyph.h"
#include "tui/view/view.h"

#include <math.h>
#include <string.h>

static const char *count(const struct scene *s, int64_t n)
{
    char buf[HUMAN_SIZE];
    return scene_text(s, "%s", human_count(buf, n));
}

static void objects(const struct scene *s, struct doc *d, const struct s3_prefix *p)
{
    char a[HUMAN_SIZE];
    int64_t now = world_server_now(s->m->world, s->app->pipeline, SOURCE_S3);
    bool wide = d->width >= 92;
    struct doc_cell head[] = {
        {7,  true,  ROLE_DIM, "AGE"        },
        {8,  true,  ROLE_DIM, "SIZE"       },
        {4,  true,  ROLE_DIM, "PART"       },
        {12, true,  ROLE_DIM, "FROM OFFSET"},
        {0,  false, ROLE_DIM, "KEY"        }
    };
    doc_head(d, "Objects", p->nobjects >= S3_OBJECTS_KEPT ? "the newest 200" : "newest first");
    if (p->nobjects == 0)
        doc_wrap(d, 4, ROLE_DIM, p->complete ? "none" : "listing…");
    else
        doc_row(d, 3, head, 5);
    size_t skip = strlen(p->path);
    for (size_t i = 0; i < p->nobjects; i++) {
        const struct s3_object *o = &p->objects[i];
        const char *key = strncmp(o->key, p->path, skip) == 0 ? o->key + skip : o->key;
        const char *slash = strrchr(key, '/');
        struct doc_cell cells[] = {
            {7,                           true, ROLE_TEXT, scene_text(s,                   "%s",                                               human_duration_ms(a, now - o->modified_ms))},
            {8,                           true,                               ROLE_TEXT,          scene_text(s, "%s",                              human_bytes(a,                                             o->size))},
            {4,                  true,                      ROLE_TEXT,                               o->partition >= 0 ? scene_text(s,                                        "%d",                                                            (int)o->partition) : "–"},
            {12, true,     ROLE_TEXT,             count(s,                                       o->start_offset)                },
            {0,                           false,                               ROLE_DIM,         wide || slash == NULL ? key : scene_text(s, "…%s",slash)                                            },
        };
        doc_row(d, 3, cells, 5);
    }
}

static void build(const struct scene *s, struct doc *d)
{
    const struct row_base *row = view_row(s, PANE_OBJECTS);
    char a[HUMAN_SIZE];
    char iso[40];
    if (row == NULL) {
        view_gone(s, d, SOURCE_S3);
        return;
    }
    const struct prefix_row *r = (const struct prefix_row *)row;
    const struct s3_prefix *p = r->prefix;
    if (p->error != NULL)
        doc_kv(d, "error", ROLE_CRIT, p->error);
    if (row->why != NULL && row->why[0] != '\0')
        doc_kv(d, "verdict", glyph_style(row->verdict), row->why);
    doc_kv(d, "path", ROLE_TEXT, p->path);
    doc_kv(d, "newest in", ROLE_TEXT, p->newest_path);
    doc_kv(d, "written by", ROLE_TEXT,
           r->connector != NULL ? scene_text(s, "connector %s", r->connector)
                                : "no connector that is seen here");
    doc_kv(d, "key layout", ROLE_TEXT, p->layout);
    doc_kvf(d, "newest", r->late_ms > 0 ? ROLE_CRIT : ROLE_TEXT, "%s ago",
            human_duration_ms(a, r->newest_age_ms));
    doc_kv(d, "due", ROLE_TEXT,
           r->due_ms == DUE_NEVER ? "never by time: this sink closes a file only when it is full"
           : r->due_ms == UNKNOWN ? "unknown"
                                  : scene_text(s, "every %s", human_age_ms(a, r->due_ms)));
    if (r->late_ms > 0)
        doc_kvf(d, "late by", ROLE_CRIT, "%s", human_duration_ms(a, r->late_ms));
    doc_kv(d, "waiting", ROLE_TEXT,
           r->waiting == UNKNOWN
               ? "unknown"
               : scene_text(s, "%s records that no object holds yet", count(s, r->waiting)));
    if (p->since_ms != UNKNOWN)
        doc_kv(d, "seen", ROLE_TEXT,
               scene_text(s, "%s objects, %s, since %s", count(s, p->seen),
                          human_bytes(a, p->seen_bytes), clock_iso(p->since_ms, iso, sizeof(iso))));
    doc_line(d);
    doc_span(d, 4, DOC_LABEL, false, ROLE_DIM, "objects");
    doc_spark(d, 4 + DOC_LABEL, SPARK_MAX, ROLE_SPARK, r->spark, r->nspark);
    objects(s, d, p);
}

static const char *note(const struct scene *s, unsigned *style)
{
    const struct row_base *row = view_row(s, PANE_OBJECTS);
    if (row == NULL)
        return NULL;
    *style = glyph_style(row->verdict);
    return scene_text(s, "%s%s", row->stale ? "stale · " : "", verdict_name(row->verdict));
}

const struct view_ops view_prefix = {
    .id = VIEW_PREFIX, .title = "Objects of", .build = build, .note = note};
