/* Record values and the bodies of objects: a key, a NUL, then a value; the same bytes as a body,
 * also unpacked. */
#include "base/gunzip.h"
#include "base/jsontext.h"
#include "model/envelope.h"

#include <stdlib.h>
#include <string.h>

enum { OUT_MAX = 4096, PRETTY_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever a value claims, there is something to show of it. */
static void check(const struct envelope *e)
{
    if (e->word == NULL || e->summary == NULL || strlen(e->summary) > 500)
        abort();
    for (size_t i = 0; i < e->ncolumns; i++) {
        const struct envelope_column *c = &e->columns[i];
        if (c->name == NULL || c->before.text == NULL || c->after.text == NULL ||
            (i > 0 && c->key && !e->columns[i - 1].key))
            abort();
    }
}

static void read_record(struct arena *arena, const char *text, size_t size)
{
    const char *nul = memchr(text, '\0', size);
    size_t n = nul != NULL ? (size_t)(nul - text) : 0;
    const char *rest = nul != NULL ? nul + 1 : text;
    size_t left = size - (size_t)(rest - text);
    struct peek_bytes key = peek_bytes_copy(arena, nul != NULL ? text : NULL, n);
    struct peek_bytes value = peek_bytes_copy(arena, rest, left);
    check(envelope_read(arena, &key, &value, 0));
    check(envelope_read(arena, &key, &value, 'f'));
    struct jsontext json;
    if (!jsontext_parse(value.data, value.n, &json))
        return;
    struct strbuf sb;
    strbuf_init(&sb, PRETTY_MAX);
    jsontext_pretty(&sb, json);
    /* What has been laid out is the same value. */
    struct jsontext again;
    if (!sb.overflow && !jsontext_parse(sb.text, sb.len, &again))
        abort();
    strbuf_free(&sb);
}

static void read_body(const char *text, size_t size, bool cut)
{
    const struct peek_request request = {.kind = PEEK_OBJECT, .name = "k", .partition = -1};
    struct peek_answer *a = peek_answer_new(1, &request);
    a->body = peek_bytes_copy(a->arena, text, size);
    a->cut = cut;
    peek_answer_read(a);
    for (size_t i = 0; i < a->nrecords; i++)
        check(a->records[i].envelope);
    if (a->nrecords > PEEK_RECORDS_MAX)
        abort();
    peek_answer_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    char out[OUT_MAX];
    bool whole;
    read_record(arena, (const char *)data, size);
    read_body((const char *)data, size, size % 2 == 1);
    size_t n = gunzip_head((const char *)data, size, out, sizeof(out), &whole);
    if (n > sizeof(out))
        abort();
    read_body(out, n, !whole);
    arena_free(arena);
    return 0;
}
