#include "model/envelope_int.h"

#include "base/lsn.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

/* ---- what bytes are -------------------------------------------------------------------------- */

bool envelope_is_binary(const char *data, size_t n)
{
    enum { SHARE = 8 }; /* one control in so many is still text */
    size_t controls = 0;
    for (size_t i = 0; i < n;) {
        int32_t cp;
        unsigned char c = (unsigned char)data[i];
        size_t used = c < 0x80 ? 1 : utf8_decode(data + i, n - i, &cp);
        size_t wants = c >= 0xF5 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC2 ? 2 : 1;
        if (c == '\0' || (c >= 0x80 && used == 1 && (wants == 1 || n - i >= wants)))
            return true;
        controls += c < 0x20 && strchr("\t\r\n", (int)c) == NULL;
        i += used;
    }
    return controls > n / SHARE;
}

const char *envelope_magic(const char *data, size_t n)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *name;
    } known[] = {
        {"Obj\x01",          4, "Avro container"},
        {"PAR1",             4, "Parquet"       },
        {"ORC",              3, "ORC"           },
        {"\x1F\x8B",         2, "gzip"          },
        {"\x28\xB5\x2F\xFD", 4, "zstd"          },
        {"BZh",              3, "bzip2"         },
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (n >= known[i].n && memcmp(data, known[i].bytes, known[i].n) == 0)
            return known[i].name;
    }
    return NULL;
}

static const char *hex_of(struct arena *arena, const char *data, size_t n)
{
    enum { SHOWN = 48 };
    struct strbuf sb;
    strbuf_init(&sb, ENVELOPE_SHORT);
    for (size_t i = 0; i < n && i < SHOWN; i++)
        (void)strbuf_printf(&sb, "%s%02x", i > 0 ? " " : "", (unsigned)(unsigned char)data[i]);
    if (n > SHOWN)
        (void)strbuf_puts(&sb, "…");
    return envelope_short(arena, &sb);
}

static const char *text_of(struct arena *arena, const char *data, size_t n)
{
    struct strbuf sb;
    strbuf_init(&sb, ENVELOPE_SHORT);
    (void)strbuf_add(&sb, data, n < ENVELOPE_SHORT ? n : ENVELOPE_SHORT);
    sb.overflow = n > ENVELOPE_SHORT;
    return envelope_short(arena, &sb);
}

/* The id in the frame of a schema registry's serializer: a NUL, then four bytes. UNKNOWN: none. */
static int64_t framed(const char *data, size_t n)
{
    enum { HEAD = 5 };
    const unsigned char *p = (const unsigned char *)data;
    if (n <= HEAD || p[0] != 0)
        return UNKNOWN;
    int64_t id = (int64_t)p[1] << 24 | (int64_t)p[2] << 16 | (int64_t)p[3] << 8 | p[4];
    return id > 0 && id <= INT32_MAX ? id : UNKNOWN;
}

/* Connect's converters write {"schema":…,"payload":…} unless schemas.enable is off. */
static struct jsontext payload_of(struct jsontext root)
{
    struct jsontext payload = jsontext_get(root, "payload");
    return payload.p != NULL && jsontext_get(root, "schema").p != NULL ? payload : root;
}

static bool bytes_cut(const struct peek_bytes *b)
{
    return b->size == UNKNOWN || b->size > (int64_t)b->n;
}

/* ---- where a change came from ---------------------------------------------------------------- */

static const struct place {
    const char *member, *label;
} places[] = {
    {"db",             "database"   },
    {"lsn",            "LSN"        }, /* PostgreSQL: a number */
    {"file",           "binlog file"},
    {"pos",            "position"   },
    {"row",            "row in it"  },
    {"gtid",           "GTID"       },
    {"server_id",      "server id"  },
    {"commit_lsn",     "commit LSN" }, /* SQL Server: texts */
    {"change_lsn",     "change LSN" },
    {"commit_scn",     "commit SCN" },
    {"scn",            "SCN"        },
    {"txId",           "transaction"},
    {"transaction_id", "transaction"},
    {"thread",         "thread"     },
    {"collection",     "collection" },
    {"snapshot",       "snapshot"   },
};

static void add_fact(struct arena *arena, struct envelope *e, size_t *cap, const char *key,
                     const char *value)
{
    struct kv *kv = arena_push(arena, &e->facts, &e->nfacts, cap, sizeof(*e->facts));
    *kv = (struct kv){key, value};
}

static const char *place_text(struct arena *arena, const struct place *place, struct jsontext v)
{
    long long number;
    char buf[LSN_TEXT];
    if (strcmp(place->member, "lsn") == 0 && jsontext_int(v, &number))
        return arena_strdup(arena, lsn_text((uint64_t)number, buf, sizeof(buf)));
    const char *text = jsontext_plain(arena, v);
    bool nothing =
        text[0] == '\0' || (strcmp(place->member, "snapshot") == 0 && strcmp(text, "false") == 0);
    return nothing ? NULL : text;
}

static int64_t time_of(struct jsontext object)
{
    long long ms;
    return jsontext_int(jsontext_get(object, "ts_ms"), &ms) && ms > 0 ? (int64_t)ms : UNKNOWN;
}

static void read_source(struct arena *arena, struct envelope *e, struct jsontext source)
{
    size_t cap = 0;
    struct jsontext schema = jsontext_get(source, "schema"), table = jsontext_get(source, "table");
    struct jsontext db = jsontext_get(source, "db"), kind = jsontext_get(source, "connector");
    struct jsontext above = jsontext_is(schema, '"') ? schema : db;
    if (jsontext_is(table, '"'))
        e->table = jsontext_is(above, '"')
                       ? arena_printf(arena, "%s.%s", jsontext_plain(arena, above),
                                      jsontext_plain(arena, table))
                       : jsontext_plain(arena, table);
    if (jsontext_is(kind, '"'))
        add_fact(arena, e, &cap, "connector",
                 arena_printf(arena, "%s %s", jsontext_plain(arena, kind),
                              jsontext_plain(arena, jsontext_get(source, "version"))));
    if (e->table != NULL)
        add_fact(arena, e, &cap, "table", e->table);
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        struct jsontext v = jsontext_get(source, places[i].member);
        const char *text = v.p != NULL && !jsontext_null(v) && !jsontext_is(v, '{')
                               ? place_text(arena, &places[i], v)
                               : NULL;
        if (text != NULL)
            add_fact(arena, e, &cap, places[i].label, text);
    }
    const char *file = kv_find(e->facts, e->nfacts, "binlog file");
    const char *pos = kv_find(e->facts, e->nfacts, "position");
    const char *lsn = kv_find(e->facts, e->nfacts, "LSN");
    e->position = lsn != NULL                   ? lsn
                  : file != NULL && pos != NULL ? arena_printf(arena, "%s:%s", file, pos)
                                                : kv_find(e->facts, e->nfacts, "SCN");
    e->source_ms = time_of(source);
}

static const char *op_word(char op)
{
    static const char ops[] = "cudrtm";
    static const char *const words[] = {"create", "update",   "delete",
                                        "read",   "truncate", "message"};
    const char *at = op != '\0' ? strchr(ops, op) : NULL;
    return at != NULL ? words[at - ops] : NULL;
}

/* False: it is JSON, but no change of Debezium's. */
static bool read_change(struct arena *arena, struct envelope *e, struct jsontext change,
                        struct jsontext key, char identity)
{
    struct jsontext op = jsontext_get(change, "op"), source = jsontext_get(change, "source");
    struct jsontext message = jsontext_get(change, "message");
    const char *word = op.n == 3 && jsontext_is(op, '"') ? op_word(op.p[1]) : NULL;
    if (word == NULL || !jsontext_is(source, '{'))
        return false;
    e->kind = ENVELOPE_CHANGE;
    e->op = op.p[1];
    e->word = word;
    e->read_ms = time_of(change);
    read_source(arena, e, source);
    envelope_diff(arena, e, change, key, identity);
    if (e->op == 'm') {
        struct strbuf sb;
        strbuf_init(&sb, ENVELOPE_SHORT);
        envelope_members(&sb, arena, message);
        e->summary = envelope_short(arena, &sb);
    } else {
        e->summary = envelope_summary(arena, e);
    }
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* Also what the key holds as an object, for the columns: p NULL. */
static const char *key_text(struct arena *arena, const struct peek_bytes *key,
                            struct jsontext *object)
{
    struct jsontext root;
    *object = (struct jsontext){0};
    if (key->data == NULL)
        return NULL;
    size_t skip = framed(key->data, key->n) != UNKNOWN ? 5 : 0;
    if (jsontext_parse(key->data + skip, key->n - skip, &root)) {
        root = payload_of(root);
        if (!jsontext_is(root, '{'))
            return text_of(arena, jsontext_plain(arena, root), strlen(jsontext_plain(arena, root)));
        *object = root;
        struct strbuf sb;
        strbuf_init(&sb, ENVELOPE_SHORT);
        envelope_members(&sb, arena, root);
        return envelope_short(arena, &sb);
    }
    return envelope_is_binary(key->data, key->n) ? hex_of(arena, key->data, key->n)
                                                 : text_of(arena, key->data, key->n);
}

static void read_bytes(struct arena *arena, struct envelope *e, const char *data, size_t n)
{
    const char *magic = envelope_magic(data, n);
    if (e->schema_id != UNKNOWN) {
        e->kind = ENVELOPE_REGISTRY;
        e->word = "registry";
        e->summary = arena_printf(arena, "schema %lld, not decoded: %s", (long long)e->schema_id,
                                  hex_of(arena, data, n));
    } else if (envelope_is_binary(data, n)) {
        e->kind = ENVELOPE_BINARY;
        e->word = "binary";
        e->summary = magic != NULL ? arena_printf(arena, "%s: %s", magic, hex_of(arena, data, n))
                                   : hex_of(arena, data, n);
    } else {
        e->kind = ENVELOPE_TEXT;
        e->word = "text";
        e->summary = text_of(arena, data, n);
    }
}

const struct envelope *envelope_read(struct arena *arena, const struct peek_bytes *key,
                                     const struct peek_bytes *value, char identity)
{
    struct envelope *e = arena_alloc(arena, sizeof(*e));
    struct jsontext object, root;
    e->schema_id = e->source_ms = e->read_ms = UNKNOWN;
    e->key = key_text(arena, key, &object);
    e->cut = value->data != NULL && bytes_cut(value);
    if (value->data == NULL || value->n == 0) {
        e->kind = value->data == NULL ? ENVELOPE_TOMBSTONE : ENVELOPE_EMPTY;
        e->word = value->data == NULL ? "tombstone" : "empty";
        e->summary = value->data == NULL ? "no value: compaction may remove this key" : "no bytes";
        return e;
    }
    e->schema_id = framed(value->data, value->n);
    size_t skip = e->schema_id != UNKNOWN ? 5 : 0;
    if (!jsontext_parse(value->data + skip, value->n - skip, &root)) {
        read_bytes(arena, e, value->data, value->n);
        return e;
    }
    if (!read_change(arena, e, payload_of(root), object, identity)) {
        e->kind = ENVELOPE_JSON;
        e->word = "json";
        e->summary = text_of(arena, root.p, root.n);
    }
    return e;
}
