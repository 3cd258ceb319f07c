/* Runs the program of a pattern: all alternatives at once, one step per byte of the text. */
#include "base/mem.h"
#include "model/javaregex_code.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1024 };

struct run {
    const struct javaregex *re;
    const char *text;
    int len;
    int *now, *next; /* instructions to run at this position and at the next */
    int nnow, nnext;
    int *seen; /* per instruction: position + 1 at which it was reached last */
};

static bool run_from(const struct javaregex *re, const char *text, int len, int pc, int at,
                     bool whole);

static bool word_edge(const struct run *run, int at)
{
    bool before = at > 0 && javaregex_word_char((unsigned char)run->text[at - 1]);
    bool after = at < run->len && javaregex_word_char((unsigned char)run->text[at]);
    return before != after;
}

/* Adds pc, and all that is reached from it without a character, to the next instructions. */
static void reach(struct run *run, int pc, int at)
{
    if (run->seen[pc] == at + 1)
        return;
    run->seen[pc] = at + 1;
    const struct javaregex_instr *in = &run->re->code[pc];
    switch ((enum javaregex_op)in->op) {
    case OP_SET:
    case OP_MATCH: run->next[run->nnext++] = pc; break;
    case OP_SPLIT:
        reach(run, pc + in->x, at);
        reach(run, pc + in->y, at);
        break;
    case OP_JUMP: reach(run, pc + in->x, at); break;
    case OP_BEGIN:
        if (at == 0)
            reach(run, pc + 1, at);
        break;
    case OP_END:
        if (at == run->len)
            reach(run, pc + 1, at);
        break;
    case OP_WORD_EDGE:
        if (word_edge(run, at) != in->negate)
            reach(run, pc + 1, at);
        break;
    case OP_LOOK:
        if (run_from(run->re, run->text, run->len, pc + 1, at, false) != in->negate)
            reach(run, pc + in->x, at);
        break;
    }
}

/* Runs the piece of program at pc from position `at`; with whole up to the end of the text. */
static bool run_from(const struct javaregex *re, const char *text, int len, int pc, int at,
                     bool whole)
{
    size_t n = (size_t)re->ncode;
    int *memory = mem_calloc(3 * n, sizeof(*memory));
    struct run state = {.re = re, .text = text, .len = len};
    struct run *run = &state;
    run->now = memory;
    run->next = memory + n;
    run->seen = memory + 2 * n;
    bool matched = false;
    reach(run, pc, at);
    while (!matched && run->nnext > 0) {
        memcpy(run->now, run->next, (size_t)run->nnext * sizeof(run->now[0]));
        run->nnow = run->nnext;
        run->nnext = 0;
        for (int i = 0; i < run->nnow && !matched; i++) {
            const struct javaregex_instr *in = &re->code[run->now[i]];
            if (in->op == OP_MATCH)
                matched = !whole || at == len;
            else if (at < len && javaregex_set_has(&re->sets[in->set], (unsigned char)text[at]))
                reach(run, run->now[i] + 1, at + 1);
        }
        at++;
    }
    free(memory);
    return matched;
}

bool javaregex_matches(const struct javaregex *re, const char *text)
{
    size_t len = strnlen(text, TEXT_MAX + 1);
    return len <= TEXT_MAX && run_from(re, text, (int)len, 0, 0, true);
}
