/* Offsets that no object holds, and whether Kafka still has them. */
#include "diagnosis/rules_s3.h"

#include "base/clock.h"
#include "base/human.h"
#include "model/offsets_cover.h"

#include <inttypes.h>
#include <string.h>

struct lost { /* of one prefix */
    const struct prefix_row *row;
    const struct kafka_topic *topic; /* NULL: not known */
    struct cover_hole holes[FINDING_EVIDENCE];
    int32_t partitions[FINDING_EVIDENCE];
    size_t told, count;
    int64_t records;
    bool at_least, gone; /* Kafka has dropped some of them */
};

static const char *name_of(const struct s3_object *o)
{
    const char *slash = strrchr(o->key, '/');
    return slash != NULL ? slash + 1 : o->key;
}

static int64_t log_start(const struct kafka_topic *t, int32_t partition)
{
    for (size_t i = 0; t != NULL && i < t->npartitions; i++) {
        if (t->partitions[i].id == partition)
            return t->partitions[i].begin;
    }
    return UNKNOWN;
}

/* An object that comes late is not lost: what stands behind the hole must have been there for a
 * while. */
static bool settled(const struct rule_run *run, const struct cover_hole *hole)
{
    int64_t now = world_server_now(run->world, run->index, SOURCE_S3);
    return hole->after->modified_ms != UNKNOWN &&
           now - hole->after->modified_ms >= run->limits->hole_settle_ms;
}

static void gather(const struct rule_run *run, const struct covers *all, struct lost *lost)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct cover *c = &all->items[i];
        for (size_t k = c->nholes; k-- > 0;) { /* the newest first */
            if (!settled(run, &c->holes[k]))
                continue;
            lost->count++;
            lost->records +=
                c->holes[k].records < INT64_MAX - lost->records ? c->holes[k].records : 0;
            lost->at_least |= c->holes[k].at_least;
            if (lost->told == FINDING_EVIDENCE)
                continue;
            lost->partitions[lost->told] = c->partition;
            lost->holes[lost->told++] = c->holes[k];
        }
    }
}

static const char *in_kafka(struct rule_run *run, struct lost *lost, size_t i)
{
    const struct cover_hole *h = &lost->holes[i];
    int64_t begin = log_start(lost->topic, lost->partitions[i]);
    if (begin == UNKNOWN || begin < 0)
        return "whether Kafka still has them is not known";
    lost->gone |= begin > h->from;
    return arena_printf(run->arena, "Kafka %s (its log starts at %" PRId64 ")",
                        begin <= h->from ? "still has them"
                        : begin < h->to  ? "has only the later ones"
                                         : "has dropped them",
                        begin);
}

static void evidence(struct rule_run *run, struct finding *f, struct lost *lost, size_t i)
{
    const struct cover_hole *h = &lost->holes[i];
    char from[40], to[40], n[HUMAN_SIZE];
    rule_evidence(run, f, "partition %d: %s%s records, offsets %" PRId64 " to %" PRId64 "; %s",
                  (int)lost->partitions[i], h->at_least ? "at least " : "",
                  human_count(n, h->records), h->from, h->to - 1, in_kafka(run, lost, i));
    rule_evidence(run, f, "between %s (%s) and %s (%s)", name_of(h->before),
                  clock_iso(h->before->modified_ms, from, sizeof(from)), name_of(h->after),
                  clock_iso(h->after->modified_ms, to, sizeof(to)));
}

static void say(struct rule_run *run, struct lost *lost)
{
    const char *topic = lost->row->base.name;
    const struct cover_hole *h = &lost->holes[0];
    char n[HUMAN_SIZE];
    struct finding *f = rule_emit(
        run, topic, "%s: %s%s records are missing from the archive%s", topic,
        lost->at_least ? "at least " : "", human_count(n, lost->records),
        lost->count > 1
            ? arena_printf(run->arena, ", in %zu holes", lost->count)
            : arena_printf(run->arena, ", offsets %" PRId64 " to %" PRId64 " of partition %d",
                           h->from, h->to - 1, (int)lost->partitions[0]));
    for (size_t i = 0; i < lost->told && f->nevidence + 2 <= FINDING_EVIDENCE; i++)
        evidence(run, f, lost, i);
    if (lost->gone)
        rule_advise(run, f, "reload the rows with a snapshot of the table: Kafka has dropped them");
    else
        rule_advise(run, f,
                    "copy those offsets from Kafka before its retention drops them: a second "
                    "sink whose group begins at %" PRId64,
                    h->from);
}

static void judge(struct rule_run *run, const struct prefix_row *row)
{
    if (row->prefix->nobjects < 2 || row->prefix->nfloors == 0)
        return;
    const struct topic_row *topic = pipeline_topic(run->p, row->base.name);
    struct lost lost = {.row = row, .topic = topic != NULL ? topic->topic : NULL};
    struct cover_rules rules = offsets_cover_rules(rules_s3_sink(run, row), lost.topic);
    if (rules.skips != NULL)
        return;
    struct covers all = offsets_cover(row->prefix, &rules, run->arena);
    gather(run, &all, &lost);
    if (lost.count > 0)
        say(run, &lost);
}

void rules_s3_holes(struct rule_run *run)
{
    for (size_t i = 0; i < run->p->nprefixes; i++)
        judge(run, &run->p->prefixes[i]);
}
