#define PCRE2_CODE_UNIT_WIDTH 8
#include "model/javaregex.h"

#include <pcre2.h>
#include <string.h>

struct javaregex {
    pcre2_code *code;
    pcre2_match_context *limits;
    pcre2_match_data *match;
    bool too_hard; /* it once needed more steps than we give */
};

/* PCRE2 allocates from the arena: what it made goes when the arena goes. */
static void *take(PCRE2_SIZE size, void *arena)
{
    return arena_alloc(arena, size);
}

static void give_back(void *p, void *arena)
{
    (void)p;
    (void)arena;
}

/* Inside a class, '[' and "&&" mean something in Java that PCRE2 takes literally. */
static bool class_of_classes(const char *p)
{
    bool in_class = false;
    for (; *p != '\0'; p++) {
        if (p[0] == '\\' && p[1] == 'Q') {
            const char *end = strstr(p, "\\E");
            if (end == NULL)
                return false;
            p = end + 1;
        } else if (p[0] == '\\' && p[1] != '\0') {
            p++;
        } else if (in_class && (p[0] == '[' || (p[0] == '&' && p[1] == '&'))) {
            return true;
        } else if (!in_class && p[0] == '[') {
            in_class = true;
            p += p[1] == '^';
            p += p[1] == ']';
        } else if (p[0] == ']') {
            in_class = false;
        }
    }
    return false;
}

struct javaregex *javaregex_new(struct arena *arena, const char *pattern, bool ignore_case)
{
    if (class_of_classes(pattern))
        return NULL;
    pcre2_general_context *memory = pcre2_general_context_create(take, give_back, arena);
    pcre2_compile_context *how = pcre2_compile_context_create(memory);
    (void)pcre2_set_max_pattern_length(how, JAVAREGEX_LENGTH);
    (void)pcre2_set_parens_nest_limit(how, JAVAREGEX_NESTING);
    uint32_t flags = PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP |
                     PCRE2_NEVER_BACKSLASH_C | (ignore_case ? PCRE2_CASELESS : 0);
    int error;
    PCRE2_SIZE at;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, flags, &error, &at, how);
    if (code == NULL)
        return NULL;
    struct javaregex *re = arena_alloc(arena, sizeof(*re));
    re->code = code;
    re->limits = pcre2_match_context_create(memory);
    (void)pcre2_set_match_limit(re->limits, JAVAREGEX_STEPS);
    (void)pcre2_set_depth_limit(re->limits, JAVAREGEX_STEPS);
    (void)pcre2_set_heap_limit(re->limits, 1024); /* KiB */
    re->match = pcre2_match_data_create(1, memory);
    return re;
}

bool javaregex_matches(struct javaregex *re, const char *text)
{
    if (re->too_hard)
        return false;
    int rc = pcre2_match(re->code, (PCRE2_SPTR)text, strlen(text), 0, 0, re->match, re->limits);
    re->too_hard = rc < 0 && rc != PCRE2_ERROR_NOMATCH;
    return rc >= 0;
}
