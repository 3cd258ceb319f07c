#include "model/snapshot_offsets.h"

#include "base/hex.h"
#include "base/json.h"

#include <math.h>
#include <string.h>

enum { HEX_MAX = 8192, TABLES_MAX = 2000, NAME_MAX_BYTES = 256 };

/* Type codes of the Java Object Serialization Specification, chapter 6. */
enum {
    TC_NULL = 0x70,
    TC_CLASSDESC = 0x72,
    TC_OBJECT = 0x73,
    TC_ARRAY = 0x75,
    TC_ENDBLOCKDATA = 0x78,
};

struct bytes {
    const char *hex;
    size_t at, len; /* in bytes */
    bool bad;       /* ran over the end, or met what it does not know */
};

static unsigned next(struct bytes *b)
{
    if (b->bad || b->at >= b->len) {
        b->bad = true;
        return 0;
    }
    int hi = hex_digit(b->hex[2 * b->at]);
    int lo = hex_digit(b->hex[2 * b->at + 1]);
    b->at++;
    b->bad = hi < 0 || lo < 0;
    return b->bad ? 0 : (unsigned)(hi << 4 | lo);
}

static uint64_t number(struct bytes *b, int n)
{
    uint64_t v = 0;
    while (n-- > 0)
        v = v << 8 | next(b);
    return v;
}

static void want(struct bytes *b, unsigned byte)
{
    if (next(b) != byte)
        b->bad = true;
}

static void skip(struct bytes *b, uint64_t n)
{
    if (n > b->len - b->at)
        b->bad = true;
    else
        b->at += (size_t)n;
}

/* A class description with its name; the type of its last primitive field, 0 if it has none. Only
 * primitive fields are understood: the boxes have no others. */
static char class_desc(struct bytes *b)
{
    char type = 0;
    want(b, TC_CLASSDESC);
    skip(b, number(b, 2)); /* name */
    skip(b, 8 + 1);        /* serialVersionUID, flags */
    for (uint64_t fields = number(b, 2); fields > 0 && !b->bad; fields--) {
        type = (char)next(b);
        b->bad = b->bad || strchr("BSIJ", type) == NULL;
        skip(b, number(b, 2)); /* field name */
    }
    want(b, TC_ENDBLOCKDATA);
    return type;
}

bool snapshot_offsets_key(const char *hex, int64_t *out)
{
    size_t n = hex != NULL ? strnlen(hex, HEX_MAX + 1) : 0;
    if (n == 0 || n > HEX_MAX || n % 2 != 0)
        return false;
    struct bytes b = {.hex = hex, .len = n / 2};
    b.bad = number(&b, 4) != 0xACED0005;
    want(&b, TC_ARRAY);
    (void)class_desc(&b); /* [Ljava.lang.Object; */
    want(&b, TC_NULL);    /* no superclass */
    b.bad = b.bad || number(&b, 4) == 0;
    want(&b, TC_OBJECT);
    char type = class_desc(&b); /* java.lang.Integer and its like */
    (void)class_desc(&b);       /* java.lang.Number */
    want(&b, TC_NULL);
    switch (type) {
    case 'B': *out = (int64_t)(int8_t)number(&b, 1); break;
    case 'S': *out = (int16_t)number(&b, 2); break;
    case 'I': *out = (int32_t)number(&b, 4); break;
    case 'J': *out = (int64_t)number(&b, 8); break;
    default: return false;
    }
    return !b.bad;
}

static void read_tables(struct snapshot_progress *p, struct arena *arena, const char *text)
{
    struct err err = ERR_INIT;
    cJSON *list = json_parse(text, strlen(text), &err);
    int n = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
    n = n < TABLES_MAX ? n : TABLES_MAX;
    p->tables = arena_array(arena, (size_t)n, sizeof(*p->tables));
    const cJSON *item = n > 0 ? list->child : NULL;
    for (; item != NULL && p->ntables < (size_t)n; item = item->next) {
        struct snapshot_table *t = &p->tables[p->ntables++];
        *t = (struct snapshot_table){
            .state = TABLE_WAITING, .rows = UNKNOWN, .total = UNKNOWN, .fraction = NAN};
        t->name = json_copy(arena, item, "incremental_snapshot_collections_id", NAME_MAX_BYTES);
        if (t->name == NULL)
            t->name = "";
    }
    cJSON_Delete(list);
}

struct snapshot_progress snapshot_offsets_progress(struct arena *arena,
                                                   const struct connect_connector *connector,
                                                   const char *id)
{
    struct snapshot_progress p = {.state = SNAPSHOT_NOT_SEEN,
                                  .current = -1,
                                  .started_ms = UNKNOWN,
                                  .updated_ms = UNKNOWN,
                                  .ended_ms = UNKNOWN,
                                  .fraction = NAN};
    for (size_t i = 0; i < connector->noffsets; i++) {
        const struct connect_offset *o = &connector->offsets[i];
        const char *seen = kv_find(o->values, o->nvalues, "incremental_snapshot_correlation_id");
        const char *tables = kv_find(o->values, o->nvalues, "incremental_snapshot_collections");
        if (tables == NULL || (id != NULL && (seen == NULL || strcmp(seen, id) != 0)))
            continue;
        p.state = SNAPSHOT_IN_PROGRESS;
        p.id = seen;
        p.aggregate_type = "Incremental Snapshot";
        p.updated_ms = connector->offsets_ms;
        read_tables(&p, arena, tables);
        if (p.ntables == 0)
            continue;
        int64_t last;
        int64_t max;
        p.current = 0;
        p.tables[0].state = TABLE_READING;
        if (snapshot_offsets_key(kv_find(o->values, o->nvalues, "incremental_snapshot_primary_key"),
                                 &last) &&
            snapshot_offsets_key(kv_find(o->values, o->nvalues, "incremental_snapshot_maximum_key"),
                                 &max) &&
            max > 0 && last >= 0 && last <= max)
            p.tables[0].fraction = (double)last / (double)max;
    }
    return p;
}
