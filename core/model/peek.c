#include "model/peek.h"

#include "base/mem.h"
#include "model/envelope.h"

#include <stdlib.h>
#include <string.h>

struct peek_request *peek_request_copy(const struct peek_request *request)
{
    struct peek_request *copy = mem_alloc(sizeof(*copy));
    *copy = *request;
    copy->name = mem_strdup(request->name);
    copy->nedges = request->nedges < PEEK_EDGES_MAX ? request->nedges : PEEK_EDGES_MAX;
    struct peek_edge *edges = mem_calloc(copy->nedges + 1, sizeof(*edges));
    for (size_t i = 0; i < copy->nedges; i++)
        edges[i] = request->edges[i];
    copy->edges = edges;
    return copy;
}

void peek_request_free(struct peek_request *request)
{
    if (request == NULL)
        return;
    free((void *)(uintptr_t)request->name);
    free((void *)(uintptr_t)request->edges);
    free(request);
}

bool peek_backward(const struct peek_request *request)
{
    return request->from == PEEK_NEWEST || request->from == PEEK_BEFORE;
}

struct peek_answer *peek_answer_new(unsigned id, const struct peek_request *request)
{
    struct peek_answer *answer = mem_alloc(sizeof(*answer));
    answer->arena = arena_new();
    answer->id = id;
    answer->request = peek_request_copy(request);
    return answer;
}

void peek_answer_free(struct peek_answer *answer)
{
    if (answer == NULL)
        return;
    peek_request_free(answer->request);
    arena_free(answer->arena);
    free(answer);
}

struct peek_bytes peek_bytes_copy(struct arena *arena, const char *data, size_t n)
{
    if (data == NULL)
        return (struct peek_bytes){0};
    size_t kept = n < PEEK_BYTES_MAX ? n : PEEK_BYTES_MAX;
    char *copy = arena_alloc(arena, kept + 1);
    memcpy(copy, data, kept);
    return (struct peek_bytes){copy, kept, (int64_t)n};
}

/* ---- what a body holds ----------------------------------------------------------------------- */

struct splitting {
    struct peek_answer *answer;
    size_t cap;
};

/* True while there is room for more. */
static bool add(struct splitting *s, const char *data, size_t n, bool whole)
{
    struct peek_answer *a = s->answer;
    while (n > 0 && (data[n - 1] == '\r' || data[n - 1] == ' '))
        n--;
    if (n == 0)
        return true;
    struct peek_record *r =
        arena_push(a->arena, &a->records, &a->nrecords, &s->cap, sizeof(*a->records));
    *r = (struct peek_record){
        .partition = -1, .offset = (int64_t)a->nrecords - 1, .time_ms = UNKNOWN};
    r->value.data = data;
    r->value.n = n < PEEK_BYTES_MAX ? n : PEEK_BYTES_MAX;
    r->value.size = whole ? (int64_t)n : UNKNOWN;
    return a->nrecords < PEEK_RECORDS_MAX;
}

static void split_lines(struct splitting *s)
{
    const char *p = s->answer->body.data, *end = p + s->answer->body.n;
    bool room = true;
    while (p < end && room) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        const char *stop = newline != NULL ? newline : end;
        room = add(s, p, (size_t)(stop - p), newline != NULL || !s->answer->cut);
        p = newline != NULL ? newline + 1 : end;
    }
}

/* The elements of the array that begins at p: what stands between the commas of its own level. */
static void split_array(struct splitting *s, const char *p)
{
    const char *end = s->answer->body.data + s->answer->body.n;
    const char *from = p + 1;
    int depth = 1;
    bool in_string = false, room = true;
    for (p++; p < end && depth > 0 && room; p++) {
        if (in_string) {
            if (*p == '\\')
                p++;
            else
                in_string = *p != '"';
            continue;
        }
        in_string = *p == '"';
        depth += (*p == '{' || *p == '[') - (*p == '}' || *p == ']');
        if ((depth == 1 && *p == ',') || depth == 0) {
            from += strspn(from, " \t\r\n");
            size_t n = from < p ? (size_t)(p - from) : 0;
            while (n > 0 && strchr(" \t\r\n", from[n - 1]) != NULL)
                n--;
            room = add(s, from, n, true);
            from = p + 1;
        }
    }
    if (depth > 0 && room && from < end) {
        from += strspn(from, " \t\r\n");
        (void)add(s, from, from < end ? (size_t)(end - from) : 0, !s->answer->cut);
    }
}

static void split(struct peek_answer *answer)
{
    struct splitting s = {.answer = answer};
    if (answer->body.data == NULL || envelope_is_binary(answer->body.data, answer->body.n))
        return;
    const char *p = answer->body.data + strspn(answer->body.data, " \t\r\n");
    if (*p == '[')
        split_array(&s, p);
    else
        split_lines(&s);
}

void peek_answer_read(struct peek_answer *answer)
{
    if (answer->read)
        return;
    answer->read = true;
    if (answer->request->kind == PEEK_OBJECT && answer->nrecords == 0)
        split(answer);
    for (size_t i = 0; i < answer->nrecords; i++) {
        struct peek_record *r = &answer->records[i];
        r->envelope = envelope_read(answer->arena, &r->key, &r->value, answer->request->identity);
    }
}

/* ---- choosing -------------------------------------------------------------------------------- */

/* The lane whose next record goes first: backward the youngest, else the oldest; n: none has one.
 * *starved: a lane has none but would have with more reading, so that nobody can tell. */
static size_t next_lane(const struct peek_lane *lanes, size_t n, const size_t *used, bool backward,
                        bool *starved)
{
    size_t best = n;
    int64_t best_ms = 0;
    for (size_t i = 0; i < n; i++) {
        const struct peek_lane *l = &lanes[i];
        if (used[i] == l->n) {
            *starved = *starved || l->more;
            continue;
        }
        int64_t ms = l->records[backward ? l->n - 1 - used[i] : used[i]].time_ms;
        if (best == n || (backward ? ms > best_ms : ms < best_ms)) {
            best = i;
            best_ms = ms;
        }
    }
    return best;
}

static void cover(const struct peek_lane *l, size_t used, bool backward)
{
    l->part->from = l->from;
    l->part->upto = l->upto;
    if (used == l->n)
        return;
    if (backward)
        l->part->from = l->records[l->n - used - 1].offset + 1;
    else
        l->part->upto = l->records[used].offset;
}

bool peek_lane_used(const struct peek_lane *lane, bool backward)
{
    const struct peek_part *p = lane->part;
    return lane->more && (backward ? p->from == lane->from : p->upto == lane->upto);
}

bool peek_merge(struct peek_answer *answer, const struct peek_lane *lanes, size_t nlanes,
                bool backward, size_t count)
{
    size_t *used = mem_calloc(nlanes + 1, sizeof(*used));
    struct peek_record *out = arena_array(answer->arena, count, sizeof(*out));
    bool starved = false;
    size_t n = 0;
    while (n < count) {
        size_t i = next_lane(lanes, nlanes, used, backward, &starved);
        if (i == nlanes || starved)
            break;
        const struct peek_lane *l = &lanes[i];
        out[backward ? count - 1 - n : n] = l->records[backward ? l->n - 1 - used[i] : used[i]];
        used[i]++;
        n++;
    }
    answer->records = backward ? out + (count - n) : out;
    answer->nrecords = n;
    for (size_t i = 0; i < nlanes; i++)
        cover(&lanes[i], used[i], backward);
    free(used);
    return !starved;
}
