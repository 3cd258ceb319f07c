/* Turns a pattern into its program (javaregex_code.h): a recursive descent over its grammar. */
#include "base/mem.h"
#include "model/javaregex_code.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEPTH_MAX = 24,
    LOOKS_MAX = 2,
    REPEAT_MAX = 1000,
    REPEAT_NONE = -1,
    SETS_MAX = JAVAREGEX_MAX
};

struct parser {
    const char *p;
    struct javaregex_instr code[JAVAREGEX_MAX];
    struct javaregex_set sets[SETS_MAX];
    int ncode, nsets, depth, looks;
    bool ignore_case, failed;
};

static void set_add(struct javaregex_set *set, unsigned char c)
{
    set->bits[c / 64] |= UINT64_C(1) << (c % 64);
}

static struct javaregex_instr *emit(struct parser *ps, enum javaregex_op op)
{
    if (ps->ncode == JAVAREGEX_MAX) {
        ps->failed = true;
        ps->ncode = 0; /* what is written from here on is thrown away */
    }
    struct javaregex_instr *in = &ps->code[ps->ncode++];
    *in = (struct javaregex_instr){.op = (uint8_t)op};
    return in;
}

/* Makes room for one instruction at `at`; what follows is one closed piece, its jumps stay right.
 */
static struct javaregex_instr *insert(struct parser *ps, int at, enum javaregex_op op)
{
    (void)emit(ps, op);
    if (ps->failed)
        return &ps->code[0];
    memmove(&ps->code[at + 1], &ps->code[at],
            (size_t)(ps->ncode - 1 - at) * sizeof(struct javaregex_instr));
    ps->code[at] = (struct javaregex_instr){.op = (uint8_t)op};
    return &ps->code[at];
}

static void emit_set(struct parser *ps, struct javaregex_set set, bool negate)
{
    if (ps->ignore_case) {
        for (int c = 'a'; c <= 'z'; c++) {
            if (javaregex_set_has(&set, (unsigned char)c) ||
                javaregex_set_has(&set, (unsigned char)(c - 32))) {
                set_add(&set, (unsigned char)c);
                set_add(&set, (unsigned char)(c - 32));
            }
        }
    }
    for (int i = 0; negate && i < 4; i++)
        set.bits[i] = ~set.bits[i];
    if (ps->nsets == SETS_MAX) {
        ps->failed = true;
        return;
    }
    ps->sets[ps->nsets] = set;
    emit(ps, OP_SET)->set = (uint16_t)ps->nsets++;
}

static void emit_char(struct parser *ps, unsigned char c)
{
    struct javaregex_set set = {0};
    set_add(&set, c);
    emit_set(ps, set, false);
}

/* The class that \d \w \s \D \W \S name; false if c names none. */
static bool class_escape(char c, struct javaregex_set *set)
{
    *set = (struct javaregex_set){0};
    int lower = tolower((unsigned char)c);
    if (lower != 'd' && lower != 'w' && lower != 's')
        return false;
    for (int i = 0; i < 256; i++) {
        bool in = lower == 'd'   ? i >= '0' && i <= '9'
                  : lower == 'w' ? javaregex_word_char((unsigned char)i)
                                 : i == ' ' || (i >= '\t' && i <= '\r');
        if (in != (c >= 'A' && c <= 'Z'))
            set_add(set, (unsigned char)i);
    }
    return true;
}

/* The character that an escape stands for; -1 if it is something that we do not understand. */
static int char_escape(char c)
{
    switch (c) {
    case 't': return '\t';
    case 'n': return '\n';
    case 'r': return '\r';
    case 'f': return '\f';
    default: return c != '\0' && !isalnum((unsigned char)c) ? (unsigned char)c : -1;
    }
}

/* One character of a class, after which a range may go on; -1: a whole class was added instead. */
static int class_item(struct parser *ps, struct javaregex_set *set)
{
    char c = *ps->p++;
    if (c != '\\')
        return (unsigned char)c;
    struct javaregex_set named;
    char e = *ps->p;
    if (e != '\0')
        ps->p++;
    if (class_escape(e, &named)) {
        for (int i = 0; i < 4; i++)
            set->bits[i] |= named.bits[i];
        return -1;
    }
    int literal = char_escape(e);
    ps->failed = ps->failed || literal < 0;
    return literal;
}

static void parse_class(struct parser *ps)
{
    struct javaregex_set set = {0};
    bool negate = *ps->p == '^';
    ps->p += negate;
    bool first = true;
    while (!ps->failed && (*ps->p != ']' || first)) {
        if (*ps->p == '\0' || *ps->p == '[' || (ps->p[0] == '&' && ps->p[1] == '&')) {
            ps->failed = true; /* unions and intersections are Java's own */
            return;
        }
        first = false;
        int from = class_item(ps, &set);
        if (from < 0)
            continue;
        int to = from;
        if (ps->p[0] == '-' && ps->p[1] != ']' && ps->p[1] != '\0') {
            ps->p++;
            to = class_item(ps, &set);
            ps->failed = ps->failed || to < from;
        }
        for (int c = from; c <= to; c++)
            set_add(&set, (unsigned char)c);
    }
    if (!ps->failed) {
        ps->p++;
        emit_set(ps, set, negate);
    }
}

static void parse_alternatives(struct parser *ps);

static void parse_quoted(struct parser *ps)
{
    while (*ps->p != '\0' && strncmp(ps->p, "\\E", 2) != 0)
        emit_char(ps, (unsigned char)*ps->p++);
    if (*ps->p != '\0')
        ps->p += 2;
    if (*ps->p != '\0' && strchr("*+?{", *ps->p) != NULL)
        ps->failed = true; /* would repeat the last character only */
}

static void parse_escape(struct parser *ps)
{
    char c = *ps->p;
    struct javaregex_set set;
    if (c != '\0')
        ps->p++;
    if (c == 'Q') {
        parse_quoted(ps);
    } else if (c == 'b' || c == 'B') {
        emit(ps, OP_WORD_EDGE)->negate = c == 'B';
    } else if (c == 'A') {
        emit(ps, OP_BEGIN);
    } else if (c == 'z' || c == 'Z') {
        emit(ps, OP_END);
    } else if (class_escape(c, &set)) {
        emit_set(ps, set, false);
    } else {
        int literal = char_escape(c);
        if (literal < 0)
            ps->failed = true;
        else
            emit_char(ps, (unsigned char)literal);
    }
}

static void parse_group(struct parser *ps)
{
    int look = -1;
    bool negate = false;
    if (ps->p[0] == '?') {
        char kind = ps->p[1];
        if (kind == ':') {
            ps->p += 2;
        } else if (kind == '=' || kind == '!') {
            look = ps->ncode;
            negate = kind == '!';
            emit(ps, OP_LOOK)->negate = negate;
            ps->p += 2;
        } else if (kind == '<' && isalpha((unsigned char)ps->p[2]) && strchr(ps->p, '>') != NULL) {
            ps->p = strchr(ps->p, '>') + 1;
        } else {
            ps->failed = true;
        }
    }
    ps->looks += look >= 0;
    if (++ps->depth > DEPTH_MAX || ps->looks > LOOKS_MAX)
        ps->failed = true;
    if (!ps->failed)
        parse_alternatives(ps);
    ps->depth--;
    ps->looks -= look >= 0;
    if (*ps->p != ')') {
        ps->failed = true;
        return;
    }
    ps->p++;
    if (look >= 0) {
        emit(ps, OP_MATCH);
        ps->code[look].x = (int16_t)(ps->ncode - look);
    }
}

static void parse_atom(struct parser *ps)
{
    char c = *ps->p++;
    struct javaregex_set none = {0};
    switch (c) {
    case '.':
        set_add(&none, '\n');
        emit_set(ps, none, true);
        break;
    case '[': parse_class(ps); break;
    case '(': parse_group(ps); break;
    case '\\': parse_escape(ps); break;
    case '^': emit(ps, OP_BEGIN); break;
    case '$': emit(ps, OP_END); break;
    case '*':
    case '+':
    case '?': ps->failed = true; break;
    default: emit_char(ps, (unsigned char)c); break;
    }
}

/* ---- repeating ---- */

static void append(struct parser *ps, const struct javaregex_instr *piece, int n)
{
    for (int i = 0; i < n && !ps->failed; i++)
        *emit(ps, OP_MATCH) = piece[i];
}

static void make_optional(struct parser *ps, int at)
{
    int n = ps->ncode - at;
    struct javaregex_instr *split = insert(ps, at, OP_SPLIT);
    split->x = 1;
    split->y = (int16_t)(n + 1);
}

/* Repeats the piece from `at` to the end; max REPEAT_NONE: without end. */
static void repeat(struct parser *ps, int at, int min, int max)
{
    int n = ps->ncode - at;
    struct javaregex_instr *piece = mem_calloc((size_t)n + 1, sizeof(*piece));
    memcpy(piece, &ps->code[at], (size_t)n * sizeof(*piece));
    ps->ncode = at;
    for (int i = 0; i < min && !ps->failed; i++)
        append(ps, piece, n);
    if (max == REPEAT_NONE && min > 0) {
        struct javaregex_instr *again = emit(ps, OP_SPLIT);
        again->x = (int16_t)-n;
        again->y = 1;
    } else if (max == REPEAT_NONE) {
        struct javaregex_instr *skip = emit(ps, OP_SPLIT);
        skip->x = 1;
        skip->y = (int16_t)(n + 2);
        append(ps, piece, n);
        emit(ps, OP_JUMP)->x = (int16_t)(-(n + 1));
    }
    for (int i = min; i < max && !ps->failed; i++) {
        int start = ps->ncode;
        append(ps, piece, n);
        make_optional(ps, start);
    }
    free(piece);
}

static bool parse_counts(struct parser *ps, int *min, int *max)
{
    char *end;
    if (!isdigit((unsigned char)ps->p[1]))
        return false;
    long low = strtol(ps->p + 1, &end, 10);
    long high = low;
    if (*end == ',' && end[1] == '}') {
        high = REPEAT_NONE;
        end++;
    } else if (*end == ',' && isdigit((unsigned char)end[1])) {
        high = strtol(end + 1, &end, 10);
    }
    if (*end != '}' || low > REPEAT_MAX || high > REPEAT_MAX || (high != REPEAT_NONE && high < low))
        return false;
    *min = (int)low;
    *max = (int)high;
    ps->p = end + 1;
    return true;
}

static void parse_repeat(struct parser *ps, int at)
{
    int min = 1;
    int max = 1;
    switch (*ps->p) {
    case '*':
        min = 0;
        max = REPEAT_NONE;
        ps->p++;
        break;
    case '+':
        max = REPEAT_NONE;
        ps->p++;
        break;
    case '?':
        min = 0;
        ps->p++;
        break;
    case '{': ps->failed = ps->failed || !parse_counts(ps, &min, &max); break;
    default: return;
    }
    if (*ps->p == '?' || *ps->p == '+') /* lazy, possessive */
        ps->p++;
    if (*ps->p == '*' || *ps->p == '{')
        ps->failed = true;
    if (!ps->failed)
        repeat(ps, at, min, max);
}

static void parse_alternatives(struct parser *ps)
{
    int start = ps->ncode;
    int jumps = 0; /* index + 1 of the last jump to the end; each knows the one before it */
    while (!ps->failed && *ps->p != '\0' && *ps->p != ')') {
        if (*ps->p != '|') {
            int at = ps->ncode;
            parse_atom(ps);
            if (!ps->failed)
                parse_repeat(ps, at);
            continue;
        }
        ps->p++;
        int n = ps->ncode - start;
        struct javaregex_instr *split = insert(ps, start, OP_SPLIT);
        split->x = 1;
        split->y = (int16_t)(n + 2);
        struct javaregex_instr *jump = emit(ps, OP_JUMP);
        jump->y = (int16_t)jumps;
        jumps = start = ps->ncode;
    }
    while (!ps->failed && jumps > 0) {
        struct javaregex_instr *jump = &ps->code[jumps - 1];
        jump->x = (int16_t)(ps->ncode - (jumps - 1));
        jumps = jump->y;
    }
}

const struct javaregex *javaregex_new(struct arena *arena, const char *pattern, bool ignore_case)
{
    struct parser *ps = mem_alloc(sizeof(*ps));
    ps->p = pattern;
    ps->ignore_case = ignore_case;
    if (strncmp(ps->p, "(?i)", 4) == 0) {
        ps->ignore_case = true;
        ps->p += 4;
    }
    parse_alternatives(ps);
    ps->failed = ps->failed || *ps->p != '\0';
    emit(ps, OP_MATCH);
    struct javaregex *re = NULL;
    if (!ps->failed) {
        re = arena_alloc(arena, sizeof(*re));
        re->ncode = ps->ncode;
        re->code = arena_array(arena, (size_t)ps->ncode, sizeof(*re->code));
        memcpy(re->code, ps->code, (size_t)ps->ncode * sizeof(*re->code));
        re->sets = arena_array(arena, (size_t)ps->nsets + 1, sizeof(*re->sets));
        memcpy(re->sets, ps->sets, (size_t)ps->nsets * sizeof(*re->sets));
    }
    free(ps);
    return re;
}
