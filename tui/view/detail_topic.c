/* detail_topic.c: a topic: partitions with the lag of each group. */
#include "base/human.h"
#include "tui/draw/glyph.h"
#include "tui/view/msk_facts.h"
#include "tui/view/view.h"

#include <math.h>
#include <string.h>

static int64_t committed(const struct kafka_group *g, const char *topic, int32_t partition)
{
    for (size_t i = 0; g != NULL && i < g->noffsets; i++)
        if (g->offsets[i].partition == partition && strcmp(g->offsets[i].topic, topic) == 0)
            return g->offsets[i].committed;
    return UNKNOWN;
}

static const struct kafka_group *group_of(const struct scene *s, const char *name)
{
    for (size_t i = 0; name != NULL && i < s->p->ngroups; i++)
        if (strcmp(s->p->groups[i].group->name, name) == 0)
            return s->p->groups[i].group;
    return NULL;
}

static const char *count(const struct scene *s, int64_t n)
{
    char buf[HUMAN_SIZE];
    return scene_text(s, "%s", human_count(buf, n));
}

enum { PART_BEGIN = 3, PART_LAG = 6, PART_AGE = 7, PART_COLS = 8 };

/* On a narrow page the age leaves, then where a partition begins, and figures stand closer. */
static void partition_line(struct doc *d, const struct doc_cell cells[PART_COLS])
{
    enum { NARROW = 76, ROOMY = 92 };
    struct doc_cell out[PART_COLS];
    int n = 0;
    for (int i = 0; i < PART_COLS; i++) {
        if ((i == PART_AGE && d->width < ROOMY) || (i == PART_BEGIN && d->width < NARROW))
            continue;
        out[n] = cells[i];
        if (d->width < NARROW && i > PART_BEGIN)
            out[n].w -= 2;
        n++;
    }
    doc_row(d, 3, out, n);
}

static void partitions(const struct scene *s, struct doc *d, const struct topic_row *t)
{
    const struct kafka_group *g = group_of(s, t->group);
    int64_t now = world_server_now(s->m->world, s->app->pipeline, SOURCE_KAFKA);
    char buf[HUMAN_SIZE];
    const struct doc_cell head[PART_COLS] = {
        {5,  true, ROLE_DIM, "PART"     },
        {7,  true, ROLE_DIM, "LEADER"   },
        {5,  true, ROLE_DIM, "ISR"      },
        {12, true, ROLE_DIM, "BEGIN"    },
        {12, true, ROLE_DIM, "END"      },
        {12, true, ROLE_DIM, "COMMITTED"},
        {10, true, ROLE_DIM, "LAG"      },
        {6,  true, ROLE_DIM, "AGE"      },
    };
    doc_head(d, "Partitions",
             t->group != NULL ? scene_text(s, "committed and lag of group %s", t->group) : NULL);
    partition_line(d, head);
    for (size_t i = 0; i < t->topic->npartitions; i++) {
        const struct kafka_partition *p = &t->topic->partitions[i];
        int64_t done = committed(g, t->topic->name, p->id);
        int64_t lag = done != UNKNOWN && p->end != UNKNOWN ? p->end - done : UNKNOWN;
        int64_t age = p->newest_ms != UNKNOWN ? now - p->newest_ms : UNKNOWN;
        bool lost = p->leader < 0;
        unsigned loud = lag > 0 ? glyph_style(t->base.verdict) : (unsigned)ROLE_TEXT;
        const char *id = scene_text(s, "%d", (int)p->id);
        const char *leader = lost ? "none" : scene_text(s, "%d", (int)p->leader);
        const char *isr = scene_text(s, "%d/%d", p->isr, p->replicas);
        const char *old = scene_text(s, "%s", human_age_ms(buf, age));
        struct doc_cell cells[PART_COLS] = {
            {5,        true,  ROLE_TEXT,                                    id     },
            {7,        true,  lost ? ROLE_CRIT : ROLE_TEXT,                 leader },
            {5,        true,  p->isr < p->replicas ? ROLE_WARN : ROLE_TEXT, isr    },
            {12,       true,  ROLE_TEXT,                                    count(s, p->begin)},
            {12,        true,            ROLE_TEXT,                                             count(s,                                p->end)},
            {12, true,      done == UNKNOWN ? ROLE_DIM : ROLE_TEXT,                                                 count(s,                     done)},
            {10, true, loud,count(s,lag)},
            {6,    true,  ROLE_TEXT,                                              old                                                                      },
        };
        if (lag > 0 && t->base.verdict < VERDICT_WARN)
            cells[PART_LAG].style = ROLE_TEXT;
        partition_line(d, cells);
    }
}

static void groups(const struct scene *s, struct doc *d, const struct topic_row *t)
{
    bool any = false;
    for (size_t i = 0; i < s->p->ngroups; i++) {
        const struct group_row *g = &s->p->groups[i];
        bool reads = false;
        for (size_t o = 0; o < g->group->noffsets && !reads; o++)
            reads = strcmp(g->group->offsets[o].topic, t->topic->name) == 0;
        if (!reads)
            continue;
        if (!any)
            doc_head(d, "Consumer groups", "lag over all their topics");
        any = true;
        doc_kvf(d, g->group->name, ROLE_TEXT, "%s, %s members, lag %s%s%s%s",
                g->group->state != NULL ? g->group->state : "state unknown",
                g->group->members >= 0 ? count(s, g->group->members) : "?", count(s, g->lag),
                g->connector != NULL ? ", sink " : "", g->connector != NULL ? g->connector : "",
                g->trend != NULL && g->trend[0] != '\0' ? scene_text(s, ", trend %s", g->trend)
                                                        : "");
    }
}

static void build(const struct scene *s, struct doc *d)
{
    const struct row_base *row = view_row(s, PANE_TOPICS);
    char a[HUMAN_SIZE];
    if (row == NULL) {
        view_gone(s, d, SOURCE_KAFKA);
        return;
    }
    const struct topic_row *t = (const struct topic_row *)row;
    if (row->why != NULL && row->why[0] != '\0')
        doc_kv(d, "verdict", glyph_style(row->verdict), row->why);
    if (t->topic->error != NULL)
        doc_kv(d, "broker says", ROLE_CRIT, t->topic->error);
    doc_kvf(d, "written", ROLE_TEXT, "%s", isnan(t->per_s) ? "…" : human_rate(a, t->per_s));
    if (!isnan(t->per_s))
        doc_span(d, 4 + d->label + (int)strlen(a) + 1, 0, false, ROLE_DIM, "messages/s");
    doc_kvf(d, "bytes", isnan(t->bytes_per_s) ? ROLE_DIM : ROLE_TEXT, "%s%s",
            human_byte_rate(a, t->bytes_per_s),
            isnan(t->bytes_per_s) ? "" : ", est. from sampled records");
    doc_kv(d, "kept", ROLE_TEXT, scene_text(s, "%s messages", count(s, t->messages)));
    doc_kv(d, "lag", t->lag > 0 && row->verdict >= VERDICT_WARN ? ROLE_WARN : ROLE_TEXT,
           t->lag == UNKNOWN ? "unknown"
           : t->never_committed
               ? scene_text(s, "%s messages: the group never committed an offset here",
                            count(s, t->lag))
               : scene_text(s, "%s messages, %s%s", count(s, t->lag),
                            t->lag_ms_more ? "more than " : "", human_duration_ms(a, t->lag_ms)));
    doc_line(d);
    doc_span(d, 4, d->label, false, ROLE_DIM, "messages/s");
    doc_spark(d, 4 + d->label, SPARK_MAX, ROLE_SPARK, t->spark, t->nspark);
    partitions(s, d, t);
    groups(s, d, t);
    msk_facts(s, d);
}

static const char *note(const struct scene *s, unsigned *style)
{
    const struct row_base *row = view_row(s, PANE_TOPICS);
    if (row == NULL)
        return NULL;
    *style = glyph_style(row->verdict);
    return scene_text(s, "%s%s", row->stale ? "stale · " : "", verdict_name(row->verdict));
}

const struct view_ops view_topic = {
    .id = VIEW_TOPIC, .title = "Topic", .build = build, .of = &pane_topics, .note = note};
