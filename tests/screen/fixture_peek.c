#include "tests/screen/fixture_peek.h"

#include "base/mem.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOURCE(lsn)                                                                           \
    "\"source\":{\"version\":\"2.7.4.Final\",\"connector\":\"postgresql\",\"name\":\"cdc\","  \
    "\"ts_ms\":1795183398100,\"snapshot\":\"false\",\"db\":\"orders\",\"schema\":\"public\"," \
    "\"table\":\"orders\",\"txId\":8812,\"lsn\":" lsn ",\"xmin\":null},\"ts_ms\":1795183398140"

struct made {
    int32_t partition;
    int64_t offset, ago_ms;
    const char *key, *value;
    size_t n; /* of value; 0: its length */
};

static const struct made mix[] = {
    {0, 61187, 61000, "{\"id\":700}",
     "{\"before\":null,\"after\":{\"id\":700,\"customer\":31,\"amount\":\"12.90\","
     "\"note\":null,\"state\":\"new\"}," SOURCE("37832144") ",\"op\":\"r\"}",
     0                                                                                                        },
    {1, 58210, 59000, "greeting",     "plain words, as some tool wrote them",                               0 },
    {0, 61188, 41000, "{\"id\":701}",
     "{\"before\":null,\"after\":{\"id\":701,\"customer\":55,\"amount\":\"99.00\","
     "\"note\":\"gift\",\"state\":\"new\"}," SOURCE("37832400") ",\"op\":\"c\"}",
     0                                                                                                        },
    {2, 59001, 30000, "\"k\"",        "\x00\x00\x00\x00\x2a\x02\x0aorder\x06\x10",                          15},
    {0, 61189, 12000, "{\"id\":701}",
     "{\"before\":{\"id\":701,\"customer\":55,\"amount\":\"99.00\",\"note\":\"gift\","
     "\"state\":\"new\"},\"after\":{\"id\":701,\"customer\":55,\"amount\":\"89.10\",\"note\":"
     "\"gift\","
     "\"state\":\"paid\"}," SOURCE("37832688") ",\"op\":\"u\"}",
     0                                                                                                        },
    {0, 61190, 11000, "{\"id\":700}",
     "{\"before\":null,\"after\":{\"id\":700,\"customer\":31,\"amount\":\"12.90\","
     "\"note\":\"__debezium_unavailable_value\",\"state\":\"sent\"}," SOURCE(
         "37832904") ",\"op\":\"u\"}",
     0                                                                                                        },
    {1, 58211, 9000,  NULL,           "{\"event\":\"ping\",\"from\":[\"a\",\"b\"],\"n\":9007199254740993}", 0 },
    {0, 61191, 3500,  "{\"id\":690}",
     "{\"before\":{\"id\":690,\"customer\":null,\"amount\":null,\"note\":null,"
     "\"state\":null},\"after\":null," SOURCE("37833120") ",\"op\":\"d\"}",
     0                                                                                                        },
    {0, 61192, 3500,  "{\"id\":690}", NULL,                                                                 0 },
    {2, 59002, 900,   "\xff\x00\x01", "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR",                              16},
};

static const struct made hostile[] = {
    {0, 1, 5000,           "\x1b]0;owned\x07{\"id\":1}",
     "\x1b[2J\x1b[31mred\nand \xe2\x80\xae"
     "backwards",                                              0},
    {0, 2, 4000,           "{\"\\u001b[2J\":\"\\u202e\"}",
     "{\"before\":{\"a\\u0000b\":\"\\u001b[31m\",\"\\n\":1},\"after\":{\"a\\u0000b\":"
     "\"\\u0007\",\"\\n\":1},\"source\":{\"table\":\"\\u001b[5m\",\"lsn\":-1,\"ts_ms\":-5},\"op\":"
     "\"u\",\"ts_ms\":9223372036854775807}",                   0},
    {0, 3, INT64_C(-5000), "",                             "", 0},
};

static struct peek_bytes bytes(struct arena *arena, const char *data, size_t n)
{
    return peek_bytes_copy(arena, data, data != NULL && n == 0 ? strlen(data) : n);
}

static void add(struct peek_answer *a, const struct made *made, size_t n)
{
    a->records = arena_array(a->arena, n, sizeof(*a->records));
    a->nrecords = n;
    for (size_t i = 0; i < n; i++) {
        struct peek_record *r = &a->records[i];
        *r = (struct peek_record){.partition = made[i].partition,
                                  .offset = made[i].offset,
                                  .time_ms = FIXTURE_WALL - made[i].ago_ms};
        r->key = bytes(a->arena, made[i].key, 0);
        r->value = bytes(a->arena, made[i].value, made[i].n);
        r->headers = arena_array(a->arena, 2, sizeof(*r->headers));
        r->headers[0] = (struct kv){"__debezium.context.connectorName", "debezium-pg"};
        r->headers[1] = (struct kv){"trace", NULL};
        r->nheaders = i % 2 == 0 ? 2 : 0;
    }
}

static void add_wide(struct peek_answer *a)
{
    enum { WIDE = 10000 };
    char *text = mem_alloc(WIDE + 200);
    char *value = mem_alloc(2 * WIDE + 400);
    memset(text, 'w', WIDE);
    (void)snprintf(value, 2 * WIDE + 400,
                   "{\"before\":{\"id\":1,\"t\":\"old\"},\"after\":{\"id\":1,\"t\":\"%s\"},"
                   "\"source\":{\"connector\":\"postgresql\",\"lsn\":16},\"op\":\"u\"}",
                   text);
    const struct made made[] = {
        {0, 5, 2000, "{\"id\":1}", value, 0},
        {0, 6, 1000, text,         text,  0},
    };
    add(a, made, ARRAY_LEN(made));
    a->records[1].value.size = 1234567; /* as if it had been longer still */
    free(value);
    free(text);
}

static void cover(struct peek_answer *a, bool empty)
{
    a->nparts = empty ? 1 : 3;
    a->parts = arena_array(a->arena, 3, sizeof(*a->parts));
    a->parts[0] = (struct peek_part){0, 0, 61193, 61187, 61193};
    a->parts[1] = (struct peek_part){1, 0, 58212, 58205, 58212};
    a->parts[2] = (struct peek_part){2, 0, 59003, 59001, 59003};
    if (empty)
        a->parts[0] = (struct peek_part){0, 0, 0, 0, 0};
}

static void set_body(struct peek_answer *a, const char *body, size_t n, int64_t size)
{
    a->body = peek_bytes_copy(a->arena, body, n);
    a->body.size = size;
    a->cut = size > (int64_t)n;
}

struct peek_answer *fixture_peek(unsigned id, const struct peek_request *request,
                                 enum peek_scene what)
{
    static const char lines[] =
        "{\"id\":1,\"name\":\"one\"}\n{\"id\":2,\"name\":\"two\"}\n"
        "{\"before\":null,\"after\":{\"id\":3}," SOURCE("16") ",\"op\":\"c\"}\n"
                                                              "null\n{\"id\":4,\"na";
    static const char avro[] = "Obj\x01\x04\x14"
                               "avro.codec\x08null\x16"
                               "avro.schema\xfc\x01{\"type\":\"record\"";
    struct peek_answer *a = peek_answer_new(id, request);
    a->took_ms = 41;
    a->at_ms = FIXTURE_WALL - 2000;
    switch (what) {
    case PEEK_SCENE_MIX: add(a, mix, ARRAY_LEN(mix)); break;
    case PEEK_SCENE_HOSTILE: add(a, hostile, ARRAY_LEN(hostile)); break;
    case PEEK_SCENE_WIDE: add_wide(a); break;
    case PEEK_SCENE_ERROR:
        (void)err_set(&a->err, ERR_TIMEOUT, 0,
                      "metadata: kafka-1.internal:9092: no answer in time");
        break;
    case PEEK_SCENE_JSONL: set_body(a, lines, sizeof(lines) - 1, 88000); break;
    case PEEK_SCENE_AVRO: set_body(a, avro, sizeof(avro) - 1, 5300000); break;
    case PEEK_SCENE_EMPTY:
    case PEEK_SCENE_LATER: break;
    }
    if (request->kind == PEEK_TOPIC && a->err.kind == ERR_NONE)
        cover(a, what == PEEK_SCENE_EMPTY);
    peek_answer_read(a);
    return a;
}

int stage_peek(struct stage *st, enum peek_scene what)
{
    static unsigned id;
    struct app_model *m = fixture_model(st->fixture);
    struct effect e;
    int asked = 0;
    while (app_take(st->app, &e)) {
        if (e.kind == EFFECT_PEEK && e.request == NULL) {
            peek_answer_free(st->peeked);
            m->peeked = st->peeked = NULL;
            asked = -1;
        } else if (e.kind == EFFECT_PEEK) {
            asked = asked < 0 ? 1 : asked + 1;
            app_asked(st->app, ++id, "");
            if (what != PEEK_SCENE_LATER) {
                peek_answer_free(st->peeked);
                m->peeked = st->peeked = fixture_peek(id, e.request, what);
            }
        }
        effect_free(&e);
    }
    stage_draw(st);
    return asked;
}
