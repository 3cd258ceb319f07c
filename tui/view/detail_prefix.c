/* detail_prefix.c: where one topic's objects arrive: newest first, with the offsets they cover. */
#include "base/clock.h"
#include "base/human.h"
#include "model/offsets_cover.h"
#include "tui/draw/glyph.h"
#include "tui/view/view.h"

#include <math.h>
#include <string.h>

static const char *count(const struct scene *s, int64_t n)
{
    char buf[HUMAN_SIZE];
    return scene_text(s, "%s", human_count(buf, n));
}

/* What the objects hold, by the sink that writes them. */
static struct covers coverage(const struct scene *s, const struct prefix_row *r)
{
    const struct connector_row *sink =
        r->connector != NULL ? pipeline_connector(s->p, r->connector) : NULL;
    const struct topic_row *topic = pipeline_topic(s->p, r->base.name);
    struct cover_rules rules =
        offsets_cover_rules(sink != NULL ? sink->facts : NULL, topic != NULL ? topic->topic : NULL);
    return offsets_cover(r->prefix, &rules, s->arena);
}

static bool is_counted(const struct s3_prefix *p)
{
    for (size_t i = 0; i < p->nobjects; i++) {
        if (p->objects[i].records != UNKNOWN)
            return true;
    }
    return false;
}

/* Between an object and the older one below it: what neither holds, or what both do. */
static void marks(const struct scene *s, struct doc *d, const struct covers *covers,
                  const struct s3_object *o)
{
    const struct cover_item *item = offsets_cover_item(covers, o);
    if (item == NULL)
        return;
    if (item->overlap > 0)
        doc_wrap(d, 7, ROLE_INFO,
                 scene_text(s, "overlap: %s of its records are in objects before it as well",
                            count(s, item->overlap)));
    if (item->gap <= 0)
        return;
    const char *why = NULL;
    for (size_t i = 0; i < covers->count; i++) {
        if (covers->items[i].partition == o->partition)
            why = covers->items[i].cannot_tell;
    }
    doc_wrap(d, 7, why != NULL ? ROLE_INFO : ROLE_CRIT,
             scene_text(s, "%s: no object holds offsets %s to %s%s%s", why != NULL ? "gap" : "hole",
                        count(s, o->start_offset - item->gap), count(s, o->start_offset - 1),
                        why != NULL ? "; " : "", why != NULL ? why : ""));
}

static void row_of(const struct scene *s, struct doc *d, const struct s3_prefix *p,
                   const struct s3_object *o, bool counted)
{
    char age[HUMAN_SIZE], size[HUMAN_SIZE];
    int64_t now = world_server_now(s->m->world, s->app->pipeline, SOURCE_S3);
    size_t skip = strlen(p->path);
    const char *key = strncmp(o->key, p->path, skip) == 0 ? o->key + skip : o->key;
    const char *slash = strrchr(key, '/');
    bool known = o->records != UNKNOWN && o->records > 0;
    const char *part = o->partition >= 0 ? scene_text(s, "%d", (int)o->partition) : "–";
    const char *to = known ? count(s, o->start_offset + o->records - 1) : "–";
    if (d->width < 92 && slash != NULL)
        key = scene_text(s, "…%s", slash);
    human_duration_ms(age, now - o->modified_ms);
    human_bytes(size, o->size);
    struct doc_cell cells[] = {
        {7,                true,    ROLE_TEXT,  scene_text(s,                        "%s", age)},
        {8,            true,                   ROLE_TEXT,                             scene_text(s,                                                 "%s", size)},
        {4,    true,       ROLE_TEXT,part},
        {12,         true, ROLE_TEXT,                        count(s,                                                                                         o->start_offset)},
        {counted ? 12 : 0,    true,  ROLE_TEXT,to},
        {0, false, ROLE_DIM, key                                                    },
    };
    if (!counted)
        cells[4] = cells[5];
    doc_row(d, 3, cells, counted ? 6 : 5);
}

static void objects(const struct scene *s, struct doc *d, const struct prefix_row *r)
{
    const struct s3_prefix *p = r->prefix;
    bool counted = is_counted(p);
    struct doc_cell head[] = {
        {7,                true,  ROLE_DIM, "AGE"        },
        {8,                true,  ROLE_DIM, "SIZE"       },
        {4,                true,  ROLE_DIM, "PART"       },
        {12,               true,  ROLE_DIM, "FROM OFFSET"},
        {counted ? 12 : 0, true,  ROLE_DIM, "TO OFFSET"  },
        {0,                false, ROLE_DIM, "KEY"        }
    };
    if (!counted)
        head[4] = head[5];
    doc_head(d, "Objects", p->nobjects >= S3_OBJECTS_KEPT ? "the newest 200" : "newest first");
    if (p->nobjects == 0)
        doc_wrap(d, 4, ROLE_DIM, p->complete ? "none" : "listing…");
    else
        doc_row(d, 3, head, counted ? 6 : 5);
    struct covers covers = coverage(s, r);
    for (size_t i = 0; i < p->nobjects; i++) {
        row_of(s, d, p, &p->objects[i], counted);
        marks(s, d, &covers, &p->objects[i]);
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
    if (p->uploads != UNKNOWN && p->uploads > 0)
        doc_kv(d, "unfinished uploads", ROLE_TEXT,
               p->oldest_upload_ms != UNKNOWN
                   ? scene_text(s, "%s, the oldest since %s", count(s, p->uploads),
                                clock_iso(p->oldest_upload_ms, iso, sizeof(iso)))
                   : count(s, p->uploads));
    doc_line(d);
    doc_span(d, 4, DOC_LABEL, false, ROLE_DIM, "objects");
    doc_spark(d, 4 + DOC_LABEL, SPARK_MAX, ROLE_SPARK, r->spark, r->nspark);
    objects(s, d, r);
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
    .id = VIEW_PREFIX, .title = "Objects of", .build = build, .of = &pane_objects, .note = note};
