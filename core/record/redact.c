#include "record/redact.h"

#include "base/hash.h"
#include "base/lsn.h"
#include "base/mem.h"
#include "base/strbuf.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS_MAX =
        1 << 18, /* different words of one recording; what comes after is one and the same */
    RESULTS = 3,
    WORD_SIZE = 64,
    TEXT_MAX = 1024 * 1024
};

struct word {
    char *from; /* in lower case */
    unsigned number;
};

struct redact {
    struct word *table; /* open addressing, cap a power of two */
    size_t cap, count;
    struct strbuf results[RESULTS];
    int next;
};

/* Made-up words. None is in the list of common ones below. */
static const char *const made_up[] = {
    "alder",  "amber",   "aspen",   "basil",   "birch",  "briar",  "cedar",  "clover",
    "coral",  "cypress", "dahlia",  "ebony",   "elder",  "fennel", "fern",   "flint",
    "garnet", "ginger",  "hazel",   "heather", "holly",  "indigo", "iris",   "ivory",
    "jade",   "jasmine", "juniper", "larch",   "laurel", "lilac",  "linden", "lotus",
    "maple",  "marble",  "mint",    "moss",    "myrtle", "nettle", "oak",    "olive",
    "onyx",   "opal",    "orchid",  "pearl",   "pepper", "pine",   "poplar", "quartz",
    "reed",   "rowan",   "saffron", "sage",    "sorrel", "spruce", "thyme",  "topaz",
    "tulip",  "umber",   "violet",  "walnut",  "willow", "yarrow", "yew",    "zinnia",
};

/* Words that tell nothing of anybody and by which the pipeline is put together; sorted. */
static const char *const common[] = {
    "after",    "all",         "always",     "apache",      "append",    "auto",     "avro",
    "aws",      "before",      "bin",        "blocking",    "bucket",    "by",       "bytes",
    "c",        "cdc",         "cdctop",     "collections", "columns",   "compact",  "conflict",
    "connect",  "connector",   "consumer",   "csv",         "ctid",      "d",        "data",
    "date",     "day",         "dbo",        "dd",          "dead",      "debezium", "decimal",
    "default",  "delete",      "deletion",   "disabled",    "dlq",       "do",       "drop",
    "earliest", "en",          "errors",     "event",       "execute",   "extended", "f",
    "fail",     "false",       "filtered",   "from",        "group",     "gz",       "gzip",
    "header",   "heartbeat",   "heartbeats", "hh",          "hour",      "http",     "https",
    "in",       "incremental", "initial",    "insert",      "into",      "io",       "ip",
    "json",     "kafka",       "key",        "kind",        "lake",      "last",     "latest",
    "letter",   "logical",     "lost",       "lower",       "max",       "minute",   "mm",
    "month",    "name",        "never",      "no",          "none",      "not",      "nothing",
    "now",      "null",        "offset",     "offsets",     "on",        "or",       "org",
    "parquet",  "partition",   "pgoutput",   "physical",    "plaintext", "public",   "record",
    "removed",  "replace",     "reserved",   "returning",   "rewrite",   "s3",       "s3a",
    "sasl",     "scram",       "select",     "server",      "set",       "sha",      "signal",
    "sink",     "slot",        "snappy",     "snapshot",    "source",    "ssl",      "start",
    "status",   "stop",        "string",     "t",           "table",     "tables",   "timestamp",
    "topic",    "topics",      "true",       "unreserved",  "update",    "us",       "utc",
    "value",    "values",      "wal",        "where",       "with",      "year",     "yes",
    "yyyy",     "z",
};

static const char *const vendors[] = {"io.debezium.",
                                      "io.confluent.",
                                      "io.aiven.",
                                      "org.apache.",
                                      "com.amazonaws.",
                                      "java.",
                                      "com.github.jcustenborder.",
                                      NULL};

/* Values of a connector's configuration that name classes, ways to write a date or its own parts.
 */
static const char *const keys_kept[] = {"path.format", "locale",      "timezone", "transforms",
                                        "predicates",  "plugin.name", NULL};

static const char left_out[] = "(left out)";

struct redact *redact_new(void)
{
    struct redact *r = mem_alloc(sizeof(*r));
    r->cap = 256;
    r->table = mem_calloc(r->cap, sizeof(*r->table));
    for (int i = 0; i < RESULTS; i++)
        strbuf_init(&r->results[i], TEXT_MAX);
    return r;
}

void redact_free(struct redact *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->cap; i++)
        free(r->table[i].from);
    for (int i = 0; i < RESULTS; i++)
        strbuf_free(&r->results[i]);
    free(r->table);
    free(r);
}

static int by_word(const void *a, const void *b)
{
    return strcmp(a, *(const char *const *)b);
}

static struct word *place(struct word *table, size_t cap, const char *from)
{
    size_t i = (size_t)hash_text(HASH_START, from) & (cap - 1);
    while (table[i].from != NULL && strcmp(table[i].from, from) != 0)
        i = (i + 1) & (cap - 1);
    return &table[i];
}

static void grow(struct redact *r)
{
    size_t cap = r->cap * 2;
    struct word *table = mem_calloc(cap, sizeof(*table));
    for (size_t i = 0; i < r->cap; i++)
        if (r->table[i].from != NULL)
            *place(table, cap, r->table[i].from) = r->table[i];
    free(r->table);
    r->table = table;
    r->cap = cap;
}

static void put_made_up(struct redact *r, const char *lower, struct strbuf *out)
{
    struct word *w = place(r->table, r->cap, lower);
    if (w->from == NULL) {
        if (r->count == WORDS_MAX) {
            (void)strbuf_puts(out, "word");
            return;
        }
        *w = (struct word){mem_strdup(lower), (unsigned)r->count++};
        if (r->count * 2 > r->cap) {
            grow(r);
            w = place(r->table, r->cap, lower);
        }
    }
    (void)strbuf_puts(out, made_up[w->number % ARRAY_LEN(made_up)]);
    if (w->number >= ARRAY_LEN(made_up))
        (void)strbuf_printf(out, "%u", w->number / (unsigned)ARRAY_LEN(made_up) + 1);
}

/* One word, n bytes: as it is when it is a number or common. Longer ones than anybody's name are
 * told apart by their beginning. */
static void put_word(struct redact *r, const char *s, size_t n, bool number, struct strbuf *out)
{
    char lower[WORD_SIZE];
    size_t m = n < sizeof(lower) - 1 ? n : sizeof(lower) - 1;
    for (size_t i = 0; i < m; i++)
        lower[i] = (char)tolower((unsigned char)s[i]);
    lower[m] = '\0';
    if (number || bsearch(lower, common, ARRAY_LEN(common), sizeof(common[0]), by_word) != NULL)
        (void)strbuf_add(out, s, n);
    else
        put_made_up(r, lower, out);
}

static bool letter(unsigned char c)
{
    return isalnum(c) != 0 || c >= 0x80;
}

/* The length of the address at s: 10.0.3.17 is one word. */
static size_t address(const char *s)
{
    size_t n = 0;
    for (int part = 0; part < 4; part++) {
        size_t digits = strspn(s + n, "0123456789");
        if (digits == 0 || digits > 3 || (part < 3 && s[n + digits] != '.'))
            return 0;
        n += digits + (part < 3);
    }
    return letter((unsigned char)s[n]) || s[n] == '.' ? 0 : n;
}

static bool is_ipv6(const char *text)
{
    const char *first = strchr(text, ':');
    return first != NULL && strchr(first + 1, ':') != NULL &&
           text[strspn(text, "0123456789abcdefABCDEF:.")] == '\0' && strlen(text) < WORD_SIZE;
}

static void put_name(struct redact *r, const char *text, struct strbuf *out)
{
    uint64_t lsn;
    if (lsn_parse(text, &lsn)) {
        (void)strbuf_puts(out, text);
        return;
    }
    if (is_ipv6(text)) {
        put_word(r, text, strlen(text), false, out);
        return;
    }
    for (const char *p = text; *p != '\0';) {
        size_t n = address(p);
        if (n > 0) {
            put_word(r, p, n, false, out);
        } else if (letter((unsigned char)*p)) {
            bool number = true;
            for (; letter((unsigned char)p[n]); n++)
                number = number && isdigit((unsigned char)p[n]) != 0;
            put_word(r, p, n, number, out);
        } else { /* what stands behind a backslash belongs to it: \d in a pattern */
            n = *p == '\\' && p[1] != '\0' ? 2 : 1;
            (void)strbuf_add(out, p, n);
        }
        p += n;
    }
}

/* "io.debezium.DebeziumException: text" → the class; of each "Caused by:" as well. */
static void put_trace(const char *text, struct strbuf *out)
{
    static const char caused[] = "Caused by: ";
    bool first = true;
    for (const char *line = text; line != NULL && *line != '\0';) {
        bool cause = strncmp(line, caused, sizeof(caused) - 1) == 0;
        const char *class = line + (cause ? sizeof(caused) - 1 : 0);
        size_t n =
            strspn(class, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_$.");
        bool named = n > 0 && memchr(class, '.', n) != NULL &&
                     (class[n] == ':' || class[n] == '\n' || class[n] == '\0');
        if (cause || first) {
            (void)strbuf_printf(out, "%s%s%.*s", first ? "" : "\n", cause ? caused : "",
                                named ? (int)n : (int)sizeof(left_out) - 1,
                                named ? class : left_out);
            first = false;
        }
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
}

const char *redact_text(struct redact *r, enum redact_kind how, const char *text)
{
    if (r == NULL || text == NULL || how == REDACT_KEEP)
        return text;
    if (how == REDACT_TEXT)
        return text[0] != '\0' ? left_out : text;
    struct strbuf *out = &r->results[r->next];
    r->next = (r->next + 1) % RESULTS;
    strbuf_reset(out);
    if (how == REDACT_TRACE)
        put_trace(text, out);
    else if (how == REDACT_WHOLE)
        put_word(r, text, strlen(text), false, out);
    else
        put_name(r, text, out);
    return out->text;
}

static bool kept(const char *key, const char *value)
{
    for (size_t i = 0; keys_kept[i] != NULL; i++)
        if (strcmp(key, keys_kept[i]) == 0)
            return true;
    for (size_t i = 0; vendors[i] != NULL; i++)
        if (strncmp(value, vendors[i], strlen(vendors[i])) == 0)
            return true;
    return false;
}

const char *redact_value(struct redact *r, enum redact_kind how, const char *key, const char *value)
{
    if (r == NULL || value == NULL || (how == REDACT_CONFIG && key != NULL && kept(key, value)))
        return value;
    return redact_text(r, how, value);
}
