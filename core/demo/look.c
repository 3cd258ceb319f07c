#include "demo/look.h"

#include "base/clock.h"
#include "base/strbuf.h"
#include "demo/sim_int.h"

#include <stdio.h>
#include <string.h>

enum { DELETES = 40, UPDATES = 3, CUSTOMERS = 9000 };

/* The table behind a topic; NULL: none. */
static const struct sim_table *table_of(const struct sim *sim, const struct sim_topic *t,
                                        const struct sim_source **source)
{
    for (int i = 0; i < sim->nsources; i++) {
        for (int k = 0; k < sim->sources[i].ntables; k++) {
            *source = &sim->sources[i];
            if (&sim->topics[sim->sources[i].tables[k].topic] == t)
                return &sim->sources[i].tables[k];
        }
    }
    return NULL;
}

enum { STATES = 5 };

struct change { /* what one record tells, from where it lies */
    int64_t id, customer, cents, at_ms;
    char op;
    int was, is; /* states of the row, before and after */
};

static struct change change_of(const struct sim *sim, const struct sim_topic *t, int p,
                               int64_t offset)
{
    uint64_t seed = (uint64_t)(t - sim->topics) * 64 + (uint64_t)p;
    double a = sim_noise(sim, seed, (uint64_t)offset * 3);
    double b = sim_noise(sim, seed, (uint64_t)offset * 3 + 1);
    int state = (int)(a * (STATES - 1));
    struct change c = {.id = offset * t->nparts + p + 1,
                       .customer = 1 + (int64_t)(b * CUSTOMERS),
                       .cents = 199 + (int64_t)(a * 48000),
                       .at_ms = sim_wall(sim, sim_topic_time(sim, t, p, offset)),
                       .op = offset % DELETES == DELETES - 1   ? 'd'
                             : offset % UPDATES == UPDATES - 1 ? 'u'
                                                               : 'c',
                       .was = state,
                       .is = state + 1};
    if (c.op != 'c') /* of a row that is older */
        c.id -= (int64_t)(b * 400) * t->nparts;
    c.id = c.id > 0 ? c.id : 1;
    return c;
}

static const char *order_row(struct arena *a, const struct change *c, int state)
{
    static const char *const states[STATES] = {"new", "paid", "packed", "sent", "delivered"};
    return arena_printf(a,
                        "\"customer_id\":%lld,\"amount\":\"%lld.%02lld\",\"currency\":\"EUR\","
                        "\"status\":\"%s\"",
                        (long long)c->customer, (long long)(c->cents / 100),
                        (long long)(c->cents % 100), states[state]);
}

static const char *item_row(struct arena *a, const struct change *c, int state)
{
    return arena_printf(a,
                        "\"order_id\":%lld,\"product_id\":%lld,\"quantity\":%d,\"price\":"
                        "\"%lld.%02lld\"",
                        (long long)c->id / 2 + 1, (long long)c->customer, state + 1,
                        (long long)c->cents / 100, (long long)c->cents % 100);
}

static const char *customer_row(struct arena *a, const struct change *c, int state)
{
    static const char *const names[] = {"Ada", "Edgar", "Grace", "Jim", "Barbara", "Donald"};
    static const char *const cities[] = {"Berlin", "Lyon", "Porto", "Gdańsk", "Ghent"};
    static const char *const tiers[STATES] = {"new", "regular", "silver", "gold", "platinum"};
    const char *name = names[c->customer % 6];
    return arena_printf(a,
                        "\"name\":\"%s\",\"email\":\"%c%lld@example.com\",\"city\":\"%s\","
                        "\"tier\":\"%s\"",
                        name, name[0] + 32, (long long)c->customer, cities[c->cents % 5],
                        tiers[state]);
}

/* By a word in the table's name; orders are what all others look like. */
static const struct {
    const char *word;
    const char *(*row)(struct arena *a, const struct change *c, int state);
} shapes[] = {
    {"item",     item_row    },
    {"position", item_row    },
    {"customer", customer_row},
    {"member",   customer_row},
    {"",         order_row   },
};

static const char *row_of(struct arena *a, const char *table, const struct change *c, bool after)
{
    char when[40];
    size_t i = 0;
    while (strstr(table, shapes[i].word) == NULL)
        i++;
    /* The last touch before lies some hours back. */
    int64_t at = after || c->op == 'd' ? c->at_ms - 40 : c->at_ms - 40 - c->cents * 700;
    return arena_printf(a, "{\"id\":%lld,%s,\"updated_at\":\"%s\"}", (long long)c->id,
                        shapes[i].row(a, c, after ? c->is : c->was),
                        clock_iso_ms(at, when, sizeof(when)));
}

static const char *envelope_of(struct arena *a, const struct sim_source *s, const char *table,
                               const struct change *c)
{
    int64_t lsn = (int64_t)s->stored - (c->id % 4096) * 152;
    const char *now = c->op == 'd' ? "null" : row_of(a, table, c, true);
    const char *was = c->op == 'c' ? "null" : row_of(a, table, c, false);
    long long at = (long long)c->at_ms - 40;
    return arena_printf(
        a,
        "{\"before\":%s,\"after\":%s,\"source\":{\"version\":\"2.7.4.Final\",\"connector\":"
        "\"postgresql\",\"name\":\"%s\",\"ts_ms\":%lld,\"snapshot\":\"false\",\"db\":\"%s\","
        "\"sequence\":\"[\\\"%lld\\\",\\\"%lld\\\"]\",\"ts_us\":%lld000,\"ts_ns\":%lld000000,"
        "\"schema\":\"public\",\"table\":\"%s\",\"txId\":%lld,\"lsn\":%lld,\"xmin\":null},"
        "\"transaction\":null,\"op\":\"%c\",\"ts_ms\":%lld,\"ts_us\":%lld000,\"ts_ns\":"
        "%lld000000}",
        was, now, s->prefix, at, s->prefix, (long long)lsn, (long long)lsn, at, at, table,
        (long long)(482117331 + c->id % 100000), (long long)lsn, c->op, at + 12, at + 12, at + 12);
}

static struct peek_bytes bytes_of(const char *text)
{
    size_t n = strlen(text);
    return (struct peek_bytes){text, n, (int64_t)n};
}

/* ---- topics ---------------------------------------------------------------------------------- */

static const char *note_text(struct arena *a, const struct sim_note *n, const struct sim *sim)
{
    return arena_printf(a,
                        "{\"id\":\"%s\",\"type\":\"%s\",\"aggregate_type\":\"%s\","
                        "\"additional_data\":{\"connector_name\":\"%s\"%s%s%s},\"timestamp\":%lld}",
                        n->id, n->type,
                        n->incremental ? "Incremental Snapshot" : "Initial Snapshot", n->connector,
                        n->table[0] != '\0' ? ",\"current_collection\":\"" : "", n->table,
                        n->table[0] != '\0' ? "\"" : "", (long long)sim_wall(sim, n->time_ms));
}

static void fill_record(const struct sim *sim, struct arena *a, const struct sim_topic *t,
                        struct peek_record *r)
{
    const struct sim_source *s = NULL;
    const struct sim_table *table = table_of(sim, t, &s);
    r->time_ms = sim_wall(sim, sim_topic_time(sim, t, r->partition, r->offset));
    if (table != NULL) {
        struct change c = change_of(sim, t, r->partition, r->offset);
        c.at_ms = r->time_ms;
        r->key = bytes_of(arena_printf(a, "{\"id\":%lld}", (long long)c.id));
        r->value = bytes_of(envelope_of(a, s, table->made->name, &c));
        return;
    }
    for (int i = 0; i < sim->nnotes; i++) {
        if (sim->notes[i].offset != r->offset || strcmp(sim->notes[i].topic, t->name) != 0)
            continue;
        r->key = bytes_of(arena_printf(a, "{\"id\":\"%s\"}", sim->notes[i].id));
        r->value = bytes_of(note_text(a, &sim->notes[i], sim));
        return;
    }
    r->key = bytes_of(arena_printf(a, "{\"serverName\":\"%s\"}", sim->made->database));
    r->value = bytes_of(arena_printf(a, "{\"ts_ms\":%lld}", (long long)r->time_ms));
}

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

/* Where the reading begins in one partition. */
static int64_t position(const struct sim *sim, const struct sim_topic *t, int p,
                        const struct peek_request *q)
{
    const struct sim_part *part = &t->parts[p];
    int64_t at = part->end;
    if (q->from == PEEK_OFFSET)
        at = q->offset < 0 ? part->end + clamp(q->offset, part->begin - part->end, 0) : q->offset;
    else if (q->from == PEEK_TIME)
        at = sim_topic_offset(sim, t, p, q->time_ms - sim_wall(sim, 0));
    for (size_t i = 0; i < q->nedges; i++) {
        if (q->edges[i].partition == p)
            at = q->edges[i].offset;
    }
    return clamp(at, part->begin, part->end);
}

static void fill_lane(const struct sim *sim, struct arena *a, const struct sim_topic *t, int p,
                      const struct peek_request *q, int64_t count, struct peek_lane *lane)
{
    const struct sim_part *part = &t->parts[p];
    bool backward = peek_backward(q);
    int64_t at = position(sim, t, p, q);
    int64_t from = backward ? clamp(at - count, part->begin, at) : at;
    int64_t upto = backward ? at : clamp(at + count, at, part->end);
    *lane->part = (struct peek_part){.partition = p, .begin = part->begin, .end = part->end};
    lane->from = from;
    lane->upto = upto;
    lane->more = backward ? from > part->begin : upto < part->end;
    lane->records = arena_array(a, (size_t)(upto - from), sizeof(*lane->records));
    for (int64_t o = from; o < upto; o++) {
        struct peek_record *r = &lane->records[lane->n++];
        *r = (struct peek_record){.partition = p, .offset = o};
        fill_record(sim, a, t, r);
    }
}

static void look_topic(const struct sim *sim, struct peek_answer *answer)
{
    const struct peek_request *q = answer->request;
    const struct sim_topic *t = sim_find_topic(sim, q->name);
    if (t == NULL || q->partition >= t->nparts) {
        err_set(&answer->err, ERR_NOTFOUND, 0, "there is no topic %s, or no such partition",
                q->name);
        return;
    }
    int64_t count = q->count < PEEK_RECORDS_MAX ? q->count : PEEK_RECORDS_MAX;
    struct peek_lane *lanes = arena_array(answer->arena, (size_t)t->nparts, sizeof(*lanes));
    answer->parts = arena_array(answer->arena, (size_t)t->nparts, sizeof(*answer->parts));
    for (int p = 0; p < t->nparts; p++) {
        if (q->partition >= 0 && p != q->partition)
            continue;
        lanes[answer->nparts].part = &answer->parts[answer->nparts];
        fill_lane(sim, answer->arena, t, p, q, count, &lanes[answer->nparts++]);
    }
    (void)peek_merge(answer, lanes, answer->nparts, peek_backward(q), (size_t)count);
}

/* ---- objects --------------------------------------------------------------------------------- */

static const struct sim_object *find_object(const struct sim *sim, const char *key,
                                            const struct sim_topic **topic)
{
    for (int i = 0; i < sim->ntopics; i++) {
        const struct sim_topic *t = &sim->topics[i];
        size_t n = strlen(t->name);
        const char *name = strstr(key, t->name);
        if (t->sink < 0 || name == NULL || name[n] != '/')
            continue;
        const char *part = strrchr(key, '/') + 1 + n;
        for (int k = 0; k < t->nobjects; k++) {
            const struct sim_object *o = sim_topic_object(t, k);
            char tail[60];
            (void)snprintf(tail, sizeof(tail), "+%d+%010lld.json", (int)o->partition,
                           (long long)o->start);
            *topic = t;
            if (strcmp(part, tail) == 0)
                return o;
        }
    }
    return NULL;
}

static void look_object(const struct sim *sim, struct peek_answer *answer)
{
    const struct sim_topic *t = NULL;
    const struct sim_object *o = find_object(sim, answer->request->name, &t);
    const struct sim_source *s = NULL;
    const struct sim_table *table = o != NULL ? table_of(sim, t, &s) : NULL;
    if (table == NULL) {
        err_set(&answer->err, ERR_NOTFOUND, 404, "NoSuchKey: The specified key does not exist");
        return;
    }
    struct strbuf text;
    struct arena *scratch = arena_new();
    strbuf_init(&text, PEEK_OBJECT_MAX);
    for (int64_t i = 0; i < o->records && !text.overflow; i++) {
        struct change c = change_of(sim, t, o->partition, o->start + i);
        strbuf_printf(&text, "%s\n", envelope_of(scratch, s, table->made->name, &c));
        arena_reset(scratch);
    }
    arena_free(scratch);
    answer->body =
        (struct peek_bytes){arena_strndup(answer->arena, text.text, text.len), text.len, o->size};
    answer->cut = text.overflow;
    strbuf_free(&text);
}

void look_into(const struct sim *sim, struct peek_answer *answer)
{
    if (answer->request->kind == PEEK_OBJECT)
        look_object(sim, answer);
    else
        look_topic(sim, answer);
}
